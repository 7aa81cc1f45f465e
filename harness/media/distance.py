"""How far decoded pictures are from those that were drawn before coding, by the filters of the video library.

Each decoded picture is put beside the drawn one of its number, so that lost or swapped frames do not spoil the
measure of the others. Pictures of another size or sample format have no counterpart and are passed over.
"""

import math
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction

import av
from av.filter import Graph
from av.video.frame import VideoFrame

from harness.core.facts import PictureDistance
from harness.core.recipes import Recipe
from harness.media.encode import frames

_ERROR, _SIMILARITY = "lavfi.psnr.mse_avg", "lavfi.ssim.All"
#: What the filters measure in; only the order matters.
_TICK = Fraction(1, 1000)


class DistanceMeter:
    """Told decoded frames in order; holds a picture or two and a few numbers of each.

    Drawing goes forward only: a picture whose number is not above that of the one before is passed over.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._drawn: Iterator[VideoFrame] = frames(recipe)
        self._last = 0
        self._pushed = 0
        self._graph = _graph(recipe)
        self._errors: list[float] = []
        self._similarities: list[float] = []

    def look(self, frame: VideoFrame, number: int | None) -> None:
        """Compare a decoded frame with the drawn one of its number."""
        recipe = self._recipe
        fits = (frame.width, frame.height, frame.format.name) == (recipe.columns, recipe.rows, recipe.pixel_format)
        if number is None or not fits or not self._last < number <= recipe.frames:
            return
        # Numbers count from 1.
        for _ in range(self._last + 1, number):
            next(self._drawn)
        drawn = next(self._drawn)
        self._last = number
        drawn.color_range, drawn.colorspace = frame.color_range, frame.colorspace
        pts, time_base = frame.pts, frame.time_base
        for place, one in enumerate((frame, drawn)):
            one.pts, one.time_base = self._pushed, _TICK
            self._graph.vpush(one, at=place)
        frame.pts = pts
        if time_base:  # a picture of Motion JPEG has none
            frame.time_base = time_base
        self._pushed += 1
        self._collect()

    def distance(self) -> PictureDistance | None:
        """What was measured; None where no picture had a counterpart. Ends the measuring."""
        self._graph.vpush(None)
        self._collect()
        if not self._errors:
            return None
        peak = (1 << av.VideoFormat(self._recipe.pixel_format).components[0].bits) - 1
        return PictureDistance(
            frames=len(self._errors),
            psnr=_ratio(sum(self._errors) / len(self._errors), peak),
            psnr_worst=_ratio(max(self._errors), peak),
            ssim=round(sum(self._similarities) / len(self._similarities), 6),
            ssim_worst=min(self._similarities),
        )

    def _collect(self) -> None:
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                found = self._graph.vpull().metadata
                self._errors.append(float(found[_ERROR]))
                self._similarities.append(float(found[_SIMILARITY]))


def _graph(recipe: Recipe) -> Graph:
    """Two inputs, the decoded and the drawn picture; what comes out tells both measures in its metadata."""
    graph = Graph()
    decoded, drawn = (
        graph.add_buffer(
            width=recipe.columns,
            height=recipe.rows,
            format=av.VideoFormat(recipe.pixel_format),
            time_base=_TICK,
            name=name,
        )
        for name in ("decoded", "drawn")
    )
    twice, error, similarity, sink = (graph.add(name) for name in ("split", "psnr", "ssim", "buffersink"))
    decoded.link_to(error)
    drawn.link_to(twice)
    twice.link_to(error, 0, 1)
    error.link_to(similarity)
    twice.link_to(similarity, 1, 1)
    similarity.link_to(sink)
    graph.configure()
    return graph


def _ratio(error: float, peak: int) -> float | None:
    """Peak signal-to-noise ratio in dB of a mean squared error; None where there is none."""
    return None if error == 0 else round(10 * math.log10(peak * peak / error), 2)
