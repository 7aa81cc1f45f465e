"""Every way in which a clip is not what its recipe says, in words."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import av

from harness.core.facts import SoundFacts, StreamFacts
from harness.core.recipes import Recipe

_SHOWN_RUNS = 6


def recipe_differences(recipe: Recipe, facts: StreamFacts) -> tuple[str, ...]:
    """Ways in which an encoded clip is not what its recipe says; empty where it is."""
    sound = recipe.sound and SoundFacts(recipe.sound.codec, recipe.sound.sample_rate, recipe.sound.channels)
    rows: tuple[tuple[str, Any, Any, Callable[[Any], str]], ...] = (
        ("the container", recipe.container, facts.container, str),
        ("the codec", recipe.codec, facts.codec, str),
        ("the number of rows", recipe.rows, facts.rows, str),
        ("the number of columns", recipe.columns, facts.columns, str),
        ("the rate in Hz", recipe.rate, facts.rate, str),
        ("the scan", recipe.scan, facts.scan, str),
        ("the sample aspect ratio", recipe.sample_aspect, facts.sample_aspect, str),
        ("the bit depth", av.VideoFormat(recipe.pixel_format).components[0].bits, facts.bit_depth, str),
        ("frame packing", recipe.side_by_side, facts.frame_packed, lambda packed: "present" if packed else "absent"),
        ("the number of frames", recipe.frames, facts.frames, str),
        ("the numbering of the pictures", tuple(range(1, recipe.frames + 1)), facts.stamps, _in_runs),
        ("the timing", True, facts.regular_timing, lambda regular: "regular" if regular else "irregular"),
        ("the sound", sound, facts.sound, _in_words),
        ("the complaint of decoding", (), facts.problems, lambda problems: "; ".join(problems) or "none"),
    )
    return tuple(f"{name} is {show(is_)}, not {show(ought)}" for name, ought, is_, show in rows if is_ != ought)


def _in_words(sound: SoundFacts | None) -> str:
    if sound is None:
        return "absent"
    channels = "1 channel" if sound.channels == 1 else f"{sound.channels} channels"
    return f"{sound.codec} of {channels} at {sound.sample_rate} Hz"


def _in_runs(stamps: tuple[int | None, ...]) -> str:
    """Such as "1 to 7, unreadable, 9"; shortened after a few runs."""
    runs: list[str] = []
    # Numbers that follow one another keep their distance from their place.
    for distance, run in groupby(enumerate(stamps), lambda entry: None if entry[1] is None else entry[1] - entry[0]):
        numbers = [number for _, number in run]
        if distance is None:
            runs.append("unreadable")
        else:
            runs.append(str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}")
    return ", ".join([*runs[:_SHOWN_RUNS], *(["and so on"] if len(runs) > _SHOWN_RUNS else [])]) or "none"
