"""The picture moves, has colour and texture, stays in nominal range and is the same every time."""

import hashlib
import itertools

import numpy as np
import pytest

from harness.media.picture import Scene


@pytest.mark.parametrize(("rows", "columns", "chroma_rows"), [(48, 64, 24), (240, 320, 240), (576, 720, 288)])
def test_planes_have_the_sizes_asked_for_and_nominal_levels(rows: int, columns: int, chroma_rows: int) -> None:
    luma, blue, red = Scene(rows, columns, chroma_rows=chroma_rows).planes(1)
    assert luma.shape == (rows, columns)
    assert blue.shape == red.shape == (chroma_rows, columns // 2)
    assert luma.min() >= 64
    assert luma.max() <= 940
    assert min(blue.min(), red.min()) >= 64
    assert max(blue.max(), red.max()) <= 960


def test_every_frame_differs_from_the_one_before() -> None:
    scene = Scene(240, 320, chroma_rows=120)
    frames = [scene.planes(number)[0] for number in range(1, 50)]
    for before, after in itertools.pairwise(frames):
        assert np.abs(before - after).mean() > 1


def test_picture_has_texture_and_colour() -> None:
    luma, blue, red = Scene(480, 640, chroma_rows=240).planes(1)
    assert luma.std() > 100
    assert red.mean() > 512 + 50
    assert blue.mean() < 512 - 20


def test_eyes_see_different_views() -> None:
    scene = Scene(240, 320, chroma_rows=120)
    assert not np.array_equal(scene.planes(1)[0], scene.planes(1, eye=1)[0])


def test_picture_is_the_same_on_every_machine() -> None:
    planes = Scene(240, 320, chroma_rows=120).planes(7)
    digest = hashlib.sha256(b"".join(plane.astype("<i4").tobytes() for plane in planes)).hexdigest()
    assert digest[:16] == "e8bc9ccb9ec294e9"
