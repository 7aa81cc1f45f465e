"""A moving picture that looks like the inside of a bowel, made of whole numbers only.

Everything costly is made once per scene: a texture of folds and vessels and a map of the light around the dark lumen,
both larger than the picture. A frame is one window into each, multiplied, so it costs a few passes over the samples.
The windows travel along paths with no common period, so the picture moves in every frame and never jumps. Whole
numbers make it the same on every machine; there is no random generator whose sequence could change.

Samples have 10 bits, in nominal range for video streams and in full range for JPEG (PS3.3 C.7.6.3.1.2); 8-bit formats
drop the lowest two.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Samples of one colour component.
Samples = NDArray[np.int32]

# Black and peak of 10-bit luma, and how far colour reaches in 1/1024 of the full range.
_NOMINAL = (64, 940, 896)
_FULL = (0, 1023, 1024)
_NEUTRAL = 512
# Colour of lit tissue in full range, as distances from neutral: red with little blue.
_TISSUE_CB, _TISSUE_CR = -100, 218
# One full light, as a power of two, in the maps.
_ONE_BITS = 10
_ONE = 1 << _ONE_BITS


class Scene:
    """A scene of a given size; :meth:`planes` gives its frames.

    ``chroma_rows`` is the number of rows of the colour planes: half of the rows for 4:2:0, all for 4:2:2. Colour
    planes have half of the columns.
    """

    def __init__(self, rows: int, columns: int, *, chroma_rows: int, full_range: bool = False) -> None:
        self._black, self._peak, reach = _FULL if full_range else _NOMINAL
        self._blue, self._red = _TISSUE_CB * reach // _ONE, _TISSUE_CR * reach // _ONE
        self._rows, self._columns, self._chroma_rows = rows, columns, chroma_rows
        self._margin = max(8, min(rows, columns) // 4)
        height, width = rows + self._margin, columns + self._margin
        self._texture = _texture(height, width)
        self._light = _light(height, width)
        self._window = _round_window(rows, columns)

    def planes(self, number: int, *, eye: int = 0) -> tuple[Samples, Samples, Samples]:
        """Luma, blue and red difference of frame ``number``; ``eye`` 1 sees the folds a little further left."""
        shift = eye * self._margin // 8
        texture = self._cut(self._texture, _swing(number, 97), _swing(number, 61), shift)
        light = self._cut(self._light, _swing(number, 53), _swing(number, 131), 0)
        lit = (texture * light) >> _ONE_BITS
        lit *= self._window
        luma = self._black + ((lit * (self._peak - self._black)) >> _ONE_BITS)
        step = self._rows // self._chroma_rows
        colour = lit[::step, ::2]
        # Vessels are darker than tissue and keep their red: colour follows the light more than the texture.
        redness = (colour + (light * self._window)[::step, ::2]) >> 1
        blue = _NEUTRAL + ((redness * self._blue) >> _ONE_BITS)
        red = _NEUTRAL + ((redness * self._red) >> _ONE_BITS)
        return luma, blue, red

    def _cut(self, whole: Samples, down: int, right: int, shift: int) -> Samples:
        top = self._margin * down >> _ONE_BITS
        left = min(self._margin, (self._margin * right >> _ONE_BITS) + shift)
        window: Samples = whole[top : top + self._rows, left : left + self._columns]
        return window


def _swing(number: int, period: int) -> int:
    """A value between 0 and 1024 that goes evenly to and fro, once in ``period`` frames."""
    phase = number % period * 2 * _ONE // period
    return min(phase, 2 * _ONE - phase)


def _texture(height: int, width: int) -> Samples:
    """Tissue between 0 and 1024: broad folds, fine grain, and thin dark vessels."""
    unit = max(4, height // 12)
    total = np.zeros((height, width), np.int32)
    for octave, weight in enumerate((8, 5, 3, 2)):
        total += _noise(height, width, max(2, unit >> octave), seed=octave) * weight
    tissue = 560 + (total >> 6)
    # A vessel runs where a slow noise crosses its middle.
    ridge = np.abs(_noise(height, width, unit, seed=9) - _ONE // 2)
    vessel = np.clip(ridge * 12, 0, 400) + (_ONE - 400)
    texture: Samples = np.clip((tissue * vessel) >> _ONE_BITS, 0, _ONE).astype(np.int32)
    return texture


def _noise(height: int, width: int, cell: int, *, seed: int) -> Samples:
    """Smooth noise between 0 and 1023: numbers on a grid, blended in between."""
    grid = _hashed(height // cell + 2, width // cell + 2, seed)
    y, x = np.arange(height, dtype=np.int32), np.arange(width, dtype=np.int32)
    wy = ((y % cell) * _ONE // cell)[:, np.newaxis]
    wx = (x % cell) * _ONE // cell
    rows, columns = y // cell, x // cell
    across = grid[:, columns] * (_ONE - wx) + grid[:, columns + 1] * wx >> _ONE_BITS
    blended: Samples = across[rows] * (_ONE - wy) + across[rows + 1] * wy >> _ONE_BITS
    return blended


def _hashed(height: int, width: int, seed: int) -> Samples:
    """Numbers between 0 and 1023 that look random: each is a mix of its own place."""
    y, x = np.indices((height, width), dtype=np.uint32)
    value: Any = y * np.uint32(0x9E3779B1) ^ x * np.uint32(0x85EBCA77) ^ np.uint32(seed * 0x27D4EB2F & 0xFFFFFFFF)
    for _ in range(2):
        value = (value ^ (value >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    numbers: Samples = ((value >> np.uint32(12)) & np.uint32(1023)).astype(np.int32)
    return numbers


def _light(height: int, width: int) -> Samples:
    """Light between 0 and 1024: dark in the middle, where the lumen is, bright around it, dim at the edge."""
    y = (np.arange(height, dtype=np.int64) - height // 2)[:, np.newaxis]
    x = np.arange(width, dtype=np.int64) - width // 2
    distance = (y * y + x * x) * _ONE // (height // 2) ** 2
    inner = np.minimum(distance * 4, _ONE)
    outer = np.clip(_ONE + _ONE // 3 - distance * 2 // 5, _ONE // 4, _ONE)
    light: Samples = ((inner * outer) >> _ONE_BITS).astype(np.int32)
    return light


def _round_window(rows: int, columns: int) -> Samples:
    """1 inside the round field of an endoscope with its sides cut off, 0 outside."""
    y = (2 * np.arange(rows, dtype=np.int64) - rows)[:, np.newaxis]
    x = 2 * np.arange(columns, dtype=np.int64) - columns
    inside = y * y * columns * columns + x * x * rows * rows < (rows * columns) ** 2 * 5 // 4
    window: Samples = inside.astype(np.int32)
    return window
