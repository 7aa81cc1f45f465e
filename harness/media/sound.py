"""A test tone: a different steady note in each channel, so that swapped or lost channels can be heard."""

from collections.abc import Iterator

import av
import numpy as np

from harness.core.recipes import SoundRecipe

#: Names of the channel layouts, by number of channels.
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}

# Notes in Hz; as many as the channels of the widest recipe.
_NOTES = (440, 660, 550, 330, 495, 275)
_AMPLITUDE = 8000
_BLOCK = 1024


def tone(recipe: SoundRecipe, seconds: float) -> Iterator[av.AudioFrame]:
    """Blocks of 16-bit sound that last ``seconds`` in all, with timestamps in samples."""
    total = round(seconds * recipe.sample_rate)
    for start in range(0, total, _BLOCK):
        when = np.arange(start, min(start + _BLOCK, total))
        waves = [
            _AMPLITUDE * np.sin(2 * np.pi * note * when / recipe.sample_rate) for note in _NOTES[: recipe.channels]
        ]
        samples = np.stack(waves, axis=1).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=LAYOUTS[recipe.channels])
        frame.sample_rate = recipe.sample_rate
        frame.pts = start
        yield frame
