"""Frame numbers are read from Pixel Data that somebody decoded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian

from harness.core.families.transfer_openly import Native
from harness.media import stamp
from harness.media.native import native_pictures, native_stamps
from harness.media.part10 import read_object

from ..core.test_compare import STREAM
from .test_part10 import header

ROWS, COLUMNS = 240, 320


@pytest.fixture
def native(tmp_path: Path):
    """Write three stamped pictures without compression."""

    def write(photometric: str = "RGB", *, planar: int = 0, samples: int = 3, frames: int = 3) -> Path:
        pictures = []
        for number in range(1, frames + 1):
            luma = np.full((ROWS, COLUMNS), 128, np.uint8)
            stamp.draw(luma, number)
            other = np.full_like(luma, 90)
            planes = [luma] if samples == 1 else [luma, other, other]
            if photometric == "RGB" and samples == 3:
                planes = [other, luma, other]
            pictures.append(np.stack(planes, axis=0 if planar else -1))
        dataset = header(ExplicitVRLittleEndian)
        dataset.Rows, dataset.Columns, dataset.NumberOfFrames = ROWS, COLUMNS, 3
        dataset.SamplesPerPixel, dataset.PlanarConfiguration = samples, planar
        dataset.PhotometricInterpretation = photometric
        dataset.BitsAllocated = 8
        dataset.PixelData = np.stack(pictures).tobytes()
        dataset["PixelData"].VR = "OB"
        path = tmp_path / "native.dcm"
        dcmwrite(path, dataset, implicit_vr=False, little_endian=True, enforce_file_format=True)
        return path

    return write


@pytest.mark.parametrize(
    ("photometric", "planar", "samples"),
    [("RGB", 0, 3), ("RGB", 1, 3), ("YBR_FULL", 0, 3), ("YBR_FULL", 1, 3), ("MONOCHROME2", 0, 1)],
)
def test_numbers_are_read_from_every_layout(native, photometric, planar, samples):
    path = native(photometric, planar=planar, samples=samples)
    assert native_stamps(path, read_object(path), (0, 1, 2)) == (1, 2, 3)


@pytest.mark.parametrize(("frames", "numbers"), [(3, (1, 2, 3)), (2, (1, 2, None))])
def test_the_first_middle_and_last_picture_are_looked_at(native, frames, numbers):
    path = native(frames=frames)
    sent = replace(STREAM, frames=3, stamps=(1, 2, 3))
    size = ROWS * COLUMNS * 3
    assert native_pictures(path, read_object(path), sent) == Native(frames * size, 3 * size, numbers, (1, 2, 3))


def test_pictures_that_are_missing_have_no_number(native):
    path = native(frames=2)
    assert native_stamps(path, read_object(path), (0, 1, 2)) == (1, 2, None)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("Rows", ""), ("Rows", "0"), ("Columns", "99999999"), ("BitsAllocated", "16"), ("SamplesPerPixel", "4")],
)
def test_what_is_not_described_is_not_read(native, keyword, value):
    path = native()
    facts = read_object(path)
    told = replace(facts, attributes=tuple((k, value if k == keyword else v) for k, v in facts.attributes))
    assert native_stamps(path, told, (0, 1)) == (None, None)
