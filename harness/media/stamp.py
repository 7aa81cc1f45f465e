"""The frame number inside the picture: drawn before coding, read after decoding.

A grid of 10 x 5 cells lies in the top left corner of the luma plane. The outer columns are calibration, alternately
white and black. The inner forty cells hold a number of 24 bits and its CRC of 16 bits, most significant bit first,
row by row; white is 1. A cell is judged against the calibration seen in the same picture, so levels and range do not
matter. A cell that is neither clearly white nor clearly black, or a CRC that does not fit, makes the stamp
unreadable: a damaged or blended stamp reads as None, never as another number.

The size of a cell follows from the number of rows and is a multiple of four samples, so that cell edges fall on
transform blocks, on chroma samples and evenly into both fields of an interlaced frame.
"""

import binascii
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import MediaError

#: One plane of samples, 8 bits in uint8 or more in uint16.
Plane = NDArray[Any]

#: The greatest number that fits.
MAX_NUMBER = 2**24 - 1

_ROWS, _COLUMNS = 5, 10
_NUMBER_BYTES = 3
# Calibration: white where row + column is even, in the first and the last column.
_CALIBRATION = np.array([[(row + column) % 2 == 0 for column in (0, 1)] for row in range(_ROWS)])
# Nominal white and black of 8-bit luma (PS3.3 C.7.6.3.1.2); they are inside the full range too.
_WHITE, _BLACK = 235, 16
# White and black closer than this, of 256, are no stamp but noise.
_MIN_CONTRAST = 48
# Share of the way from black to white below which a cell is black, and above which it is white.
_DARK, _LIGHT = 0.4, 0.6


def cell_size(rows: int) -> int:
    """Edge of one cell in samples, for a picture of ``rows`` rows."""
    return max(4, rows // 30 // 4 * 4)


def region(rows: int) -> tuple[int, int]:
    """Height and width in samples of the corner that the stamp covers."""
    size = cell_size(rows)
    return _ROWS * size, _COLUMNS * size


def draw(luma: Plane, number: int, *, bit_depth: int = 8) -> None:
    """Write ``number`` into the top left corner of a luma plane, in place.

    Raises:
        MediaError: the number needs more than 24 bits, or the picture is too small.
    """
    if not 0 <= number <= MAX_NUMBER:
        raise MediaError(f"frame number {number} does not fit a stamp; use 0 to {MAX_NUMBER}")
    height, width = region(luma.shape[0])
    if height > luma.shape[0] or width > luma.shape[1]:
        raise MediaError(
            f"a picture of {luma.shape[1]}x{luma.shape[0]} has no room for a stamp of {width}x{height}; make it larger"
        )
    cells = np.empty((_ROWS, _COLUMNS), dtype=bool)
    cells[:, [0, -1]] = _CALIBRATION
    cells[:, 1:-1] = np.unpackbits(np.frombuffer(_code(number), np.uint8)).reshape(_ROWS, _COLUMNS - 2)
    values = np.where(cells, _WHITE, _BLACK).astype(luma.dtype) << (bit_depth - 8)
    size = cell_size(luma.shape[0])
    luma[:height, :width] = values.repeat(size, axis=0).repeat(size, axis=1)


def read(luma: Plane, *, bit_depth: int = 8) -> int | None:
    """The number in the top left corner of a luma plane, or None where none can be trusted.

    Only the corner is looked at; ``luma`` may be that corner alone if its height is that of the whole picture.
    """
    height, width = region(luma.shape[0])
    if height > luma.shape[0] or width > luma.shape[1]:
        return None
    size = cell_size(luma.shape[0])
    # The middle of a cell only: coding blurs its edges.
    margin = size // 4
    cells = luma[:height, :width].reshape(_ROWS, size, _COLUMNS, size)[:, margin:-margin, :, margin:-margin]
    means = cells.mean(axis=(1, 3)) / (1 << (bit_depth - 8))
    calibration = means[:, [0, -1]]
    white, black = calibration[_CALIBRATION], calibration[~_CALIBRATION]
    contrast = float(white.min() - black.max())
    if contrast < _MIN_CONTRAST:
        return None
    share = (means[:, 1:-1] - black.mean()) / (white.mean() - black.mean())
    if ((share > _DARK) & (share < _LIGHT)).any():
        return None
    code = np.packbits(share >= _LIGHT).tobytes()
    number = int.from_bytes(code[:_NUMBER_BYTES], "big")
    return number if _code(number) == code else None


def _code(number: int) -> bytes:
    value = number.to_bytes(_NUMBER_BYTES, "big")
    # A start value that is not zero keeps an all-black grid from being a valid zero.
    return value + binascii.crc_hqx(value, 0xFFFF).to_bytes(2, "big")
