"""A recipe gives the same bytes each time; what cannot be encoded is refused in words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.formats import Container
from harness.core.recipes import SoundRecipe
from harness.errors import EncoderMissing, MediaError
from harness.media.encode import encode

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


def test_unknown_option_is_refused(tmp_path: Path) -> None:
    recipe = small_recipe("h264_hp41")
    with pytest.raises(MediaError, match="no option prest"):
        encode(replace(recipe, options=(*recipe.options, ("prest", "slow"))), tmp_path / "clip")


def test_wrong_option_value_is_refused(tmp_path: Path) -> None:
    recipe = small_recipe("h264_hp41")
    with pytest.raises(MediaError, match="recipe h264_hp41: encoding failed"):
        encode(replace(recipe, options=(("preset", "no such preset"),)), tmp_path / "clip")


def test_encoder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match="no video encoder 'aac'"):
        encode(replace(small_recipe("h264_hp41"), encoder="aac"), tmp_path / "clip")


def test_container_without_muxer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no clip is made as matroska"):
        encode(replace(small_recipe("h264_hp41"), container=Container.MATROSKA), tmp_path / "clip")


def test_number_of_channels_without_layout_is_refused(tmp_path: Path) -> None:
    recipe = small_recipe("h264_hp41")
    sound = SoundRecipe(recipe.sound.codec, "aac", 48000, 4, 128000) if recipe.sound else None
    with pytest.raises(MediaError, match="4 channels"):
        encode(replace(recipe, sound=sound), tmp_path / "clip")
