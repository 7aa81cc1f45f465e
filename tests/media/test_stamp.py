"""A stamp reads as its number or as nothing, never as another number."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.core.formats import Codec
from harness.core.recipes import Recipe
from harness.errors import MediaError
from harness.media import stamp
from harness.media.encode import encode
from harness.media.examine import examine

from .conftest import RECIPES, SmallClip, small_recipe

NUMBERS = (0, 1, 2, 0x555555, 0xAAAAAA, 123_456, stamp.MAX_NUMBER)


def stamped(number: int, rows: int = 480, columns: int = 640, *, bit_depth: int = 8) -> stamp.Plane:
    luma = np.full((rows, columns), 100 << (bit_depth - 8), np.uint8 if bit_depth == 8 else np.uint16)
    stamp.draw(luma, number, bit_depth=bit_depth)
    return luma


@pytest.mark.parametrize("rows", [48, 240, 480, 576, 720, 1080, 2160])
@pytest.mark.parametrize("bit_depth", [8, 10])
def test_number_reads_back_at_every_size_and_depth(rows: int, bit_depth: int) -> None:
    for number in NUMBERS:
        assert stamp.read(stamped(number, rows, rows, bit_depth=bit_depth), bit_depth=bit_depth) == number


def test_stamp_fits_the_left_eye_of_a_packed_frame() -> None:
    for recipe in RECIPES.values():
        _, width = stamp.region(recipe.rows)
        assert width <= recipe.columns // (2 if recipe.side_by_side else 1)


def test_number_that_needs_more_bits_is_refused() -> None:
    with pytest.raises(MediaError, match="does not fit"):
        stamped(stamp.MAX_NUMBER + 1)


def test_picture_without_room_is_refused() -> None:
    with pytest.raises(MediaError, match="no room"):
        stamped(1, 480, 64)
    assert stamp.read(np.zeros((480, 64), np.uint8)) is None


def test_picture_without_stamp_reads_as_none() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 640), np.uint8)
    for luma in (noise, np.zeros_like(noise), np.full_like(noise, 255)):
        assert stamp.read(luma) is None


def test_changed_cell_reads_as_none() -> None:
    size = stamp.cell_size(480)
    for row in range(5):
        for column in range(10):
            luma = stamped(123_456)
            cell = luma[row * size : (row + 1) * size, column * size : (column + 1) * size]
            cell[...] = 251 - cell
            assert stamp.read(luma) is None, (row, column)


def test_any_two_changed_cells_read_as_none() -> None:
    size = stamp.cell_size(480)
    places = [(row, column) for row in range(5) for column in range(1, 9)]
    for first in range(len(places)):
        for second in range(first):
            luma = stamped(98_765)
            for row, column in (places[first], places[second]):
                cell = luma[row * size : (row + 1) * size, column * size : (column + 1) * size]
                cell[...] = 251 - cell
            assert stamp.read(luma) is None


def test_blend_of_two_frames_reads_as_none() -> None:
    for first, second in ((1, 2), (7, 8), (41, 42)):
        blend = (stamped(first).astype(np.uint16) + stamped(second) + 1) // 2
        assert stamp.read(blend.astype(np.uint8)) is None


def test_weave_of_the_fields_of_two_frames_reads_as_none() -> None:
    woven = stamped(1)
    woven[1::2] = stamped(2)[1::2]
    assert stamp.read(woven) is None


def test_other_levels_do_not_matter() -> None:
    luma = stamped(4711)
    assert stamp.read((luma // 2 + 60).astype(np.uint8)) == 4711
    assert stamp.read((luma // 8 + 60).astype(np.uint8)) is None


def poorer(recipe: Recipe) -> Recipe:
    """The recipe with a quarter of the bits for each sample, or with the coarsest quantiser."""
    options = {key: value for key, value in recipe.options if key not in ("maxrate", "bufsize")}
    if recipe.codec in (Codec.MPEG2, Codec.MJPEG):
        options |= {"qmin": "31", "qmax": "31"}
    full = RECIPES[recipe.id]
    share = recipe.rows * recipe.columns * recipe.rate / (full.rows * full.columns * full.rate)
    return replace(recipe, bit_rate=int(full.bit_rate * share / 4), options=tuple(options.items()))


@pytest.mark.parametrize("id_", sorted(RECIPES))
def test_stamp_survives_a_quality_far_below_that_in_use(id_: str, tmp_path: Path) -> None:
    recipe = poorer(small_recipe(id_))
    sizes = encode(recipe, tmp_path / "poor")
    facts = examine(tmp_path / "poor", frame_sizes=sizes)
    assert facts.stamps == tuple(range(1, recipe.frames + 1))


def test_poor_quality_is_really_poorer(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    for id_ in ("h264_hp41", "mjpeg", "mpeg2_ml"):
        clip = small_clip(id_)
        encode(poorer(clip.recipe), tmp_path / "poor")
        assert (tmp_path / "poor").stat().st_size < clip.path.stat().st_size / 2
