"""A recipe gives the same bytes each time; what cannot be encoded is refused in words."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from harness.core.formats import Container
from harness.errors import DataFileError, EncoderMissing
from harness.media.encode import encode
from harness.media.examine import examine

from .conftest import RECIPES, SmallClip, small_recipe


@pytest.mark.parametrize("id_", sorted(RECIPES))
def test_same_recipe_gives_same_bytes(id_: str, small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    clip = small_clip(id_)
    again = tmp_path / "again"
    assert encode(clip.recipe, again) == clip.frame_sizes
    assert again.read_bytes() == clip.path.read_bytes()


def test_frame_sizes_tell_the_pictures_of_motion_jpeg(small_clip: Callable[[str], SmallClip]) -> None:
    clip = small_clip("mjpeg")
    data = clip.path.read_bytes()
    assert len(clip.frame_sizes) == clip.recipe.frames
    assert sum(clip.frame_sizes) == len(data)
    place = 0
    for size in clip.frame_sizes:
        assert data[place : place + 2] == b"\xff\xd8"
        assert data[place + size - 2 : place + size] == b"\xff\xd9"
        place += size


@pytest.mark.parametrize("id_", [id_ for id_, recipe in RECIPES.items() if recipe.container is Container.MP4])
def test_mp4_has_its_index_first(id_: str, small_clip: Callable[[str], SmallClip]) -> None:
    data = small_clip(id_).path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_hevc_in_mp4_keeps_parameter_sets_in_the_sample_entry(small_clip: Callable[[str], SmallClip]) -> None:
    data = small_clip("hevc_main51").path.read_bytes()
    assert b"hvc1" in data
    assert b"hev1" not in data


@pytest.mark.parametrize("part", ["video", "sound"])
def test_missing_encoder_is_named(part: str, tmp_path: Path) -> None:
    recipe = small_recipe("h264_hp41")
    assert recipe.sound is not None
    if part == "video":
        recipe = replace(recipe, encoder="no_such_encoder")
    else:
        recipe = replace(recipe, sound=replace(recipe.sound, encoder="no_such_encoder"))
    with pytest.raises(EncoderMissing, match="no_such_encoder"):
        encode(recipe, tmp_path / "clip")


FAULTS = [
    ("h264_hp41", {}, {"prest": "slow"}, "options.prest: libx264 knows no such option"),
    ("h264_hp41", {}, {"preset": "nope"}, "options.preset: libx264 refuses the recipe: Error setting preset"),
    ("h264_hp41", {}, {"level": "nix"}, "options.level: libx264 refuses the recipe: Error parsing option"),
    ("mpeg2_ml", {}, {"flags": "+nix"}, "options.flags: mpeg2video refuses the recipe: "),
    ("mjpeg", {"pixel_format": "yuv422p"}, {}, "encoder: mjpeg refuses the recipe: Non full-range YUV"),
    (
        "mpeg2_ml",
        {"rate": Fraction(7)},
        {},
        "encoder: mpeg2video refuses the recipe: MPEG-1/2 does not support 7/1",
    ),
    ("h264_hp41", {"pixel_format": "nix"}, {}, "pixel_format: is 'nix'; libx264 takes yuv420p, "),
    ("h264_hp41", {"pixel_format": "nv12"}, {}, "pixel_format: is 'nv12'; libx264 takes yuv420p, "),
    (
        "mpeg2_ml",
        {"pixel_format": "yuv420p10le"},
        {},
        "pixel_format: is 'yuv420p10le'; mpeg2video takes yuv420p",
    ),
    ("h264_hp41", {"rows": 7}, {}, "rows: is 7; the number drawn into each picture needs 20"),
    ("h264_hp41", {"rows": 241}, {}, "rows: is 241; yuv420p needs a multiple of 2"),
    ("h264_hp41", {"columns": 78}, {}, "columns: is 78; the number drawn into each picture needs 80"),
    ("h264_hp42_3d", {"columns": 158}, {}, "columns: is 158; the number drawn into each picture needs 160"),
    ("h264_hp42_3d", {"columns": 322}, {}, "columns: is 322; yuv420p needs a multiple of 4"),
    ("h264_hp41", {"container": Container.MATROSKA}, {}, "container: no clip is made as matroska"),
]


@pytest.mark.parametrize(("id_", "changes", "options", "problem"), FAULTS, ids=[fault[3][:30] for fault in FAULTS])
def test_value_that_cannot_be_encoded_is_told_with_file_and_key(
    id_: str, changes: dict[str, Any], options: dict[str, str], problem: str, tmp_path: Path
) -> None:
    recipe = small_recipe(id_)
    options = {**dict(recipe.options), **options}
    with pytest.raises(DataFileError) as caught:
        encode(replace(recipe, options=tuple(options.items()), **changes), tmp_path / "clip")
    assert str(caught.value).startswith(f"fixtures/{id_}.toml: {problem}")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sample_rate": 1}, "sound.sample_rate: is 1; aac takes 7350, 8000"),
        ({"channels": 4}, "sound.channels: is 4; give one of 1, 2, 6"),
        ({"bit_rate": 1}, "sound: aac refuses the recipe: "),
        ({"encoder": "wmav2"}, "container: is mp4, which cannot hold wmav2"),
    ],
)
def test_sound_that_cannot_be_encoded_is_told_with_file_and_key(
    changes: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    recipe = small_recipe("h264_hp41")
    assert recipe.sound is not None
    with pytest.raises(DataFileError) as caught:
        encode(replace(recipe, sound=replace(recipe.sound, **changes)), tmp_path / "clip")
    assert str(caught.value).startswith(f"fixtures/h264_hp41.toml: {problem}")


def test_smallest_picture_that_passes_is_encoded(tmp_path: Path) -> None:
    encode(replace(small_recipe("h264_hp41"), rows=20, columns=40, frames=2), tmp_path / "clip")
    assert examine(tmp_path / "clip").stamps == (1, 2)


def test_folder_that_is_missing_is_an_error_of_the_system(tmp_path: Path) -> None:
    for id_ in ("h264_hp41", "mpeg2_ml", "mjpeg"):
        with pytest.raises(FileNotFoundError):
            encode(small_recipe(id_), tmp_path / "nowhere" / "clip")


def test_encoder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match="no video encoder 'aac'"):
        encode(replace(small_recipe("h264_hp41"), encoder="aac"), tmp_path / "clip")
