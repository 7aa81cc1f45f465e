"""The data files of the package are right, and broken ones are refused with file and key."""

import shutil
from pathlib import Path

import pytest
from pydicom.uid import UID

from harness.catalogue.places import data_folder, formats_folder, sop_classes_file
from harness.catalogue.read import load_formats, load_recipes, load_sop_classes
from harness.core.formats import Codec, Container, Scan
from harness.errors import DataFileError, UnknownName

FORMATS = load_formats()
RECIPES = load_recipes()

BASES = ("mpeg2_ml", "mpeg2_hl", "h264_hp41", "h264_bd41", "h264_hp42", "h264_hp42_3d", "h264_stereo42")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "formats"
    shutil.copytree(formats_folder(), copy)
    return copy


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_catalogue_holds_every_video_syntax_and_motion_jpeg() -> None:
    twins = {f"{id_}_frag" for id_ in BASES}
    assert set(FORMATS) == {*BASES, *twins, "hevc_main51", "hevc_main10_51", "mjpeg"}


@pytest.mark.parametrize("format", FORMATS.values(), ids=lambda format: format.id)
def test_uid_and_name_are_those_of_the_registry(format) -> None:
    uid = UID(format.uid)
    assert uid.is_transfer_syntax
    assert uid.is_encapsulated
    if format.is_video_stream:
        assert format.name == uid.name
    else:
        assert uid.name.startswith("JPEG Baseline")


def test_sop_classes_are_those_of_the_registry() -> None:
    for sop_class in load_sop_classes().values():
        assert UID(sop_class.uid).name == sop_class.name


def test_formats_come_in_the_order_of_their_uids() -> None:
    ids = list(FORMATS)
    assert ids[0] == "mjpeg"
    assert ids.index("mpeg2_ml") + 1 == ids.index("mpeg2_ml_frag")
    assert ids[-1] == "hevc_main10_51"


@pytest.mark.parametrize("id_", BASES)
def test_twin_differs_only_in_how_it_is_fragmented(id_: str) -> None:
    base, twin = FORMATS[id_], FORMATS[f"{id_}_frag"]
    assert twin.uid == f"{base.uid}.1"
    assert (twin.twin_of, twin.fragmentable, base.twin_of, base.fragmentable) == (id_, True, None, False)
    for name in ("codec", "point", "pictures", "containers", "sounds", "pixels", "sop_classes", "recipe"):
        assert getattr(twin, name) == getattr(base, name)


def test_every_format_has_a_recipe_or_says_why_not() -> None:
    for format in FORMATS.values():
        assert (format.recipe is None) == bool(format.no_recipe_reason)
    assert {format.recipe for format in FORMATS.values() if format.recipe} == set(RECIPES)


def test_recipes_read_as_written() -> None:
    recipe = RECIPES["h264_bd41"]
    assert (recipe.codec, recipe.container, recipe.scan) == (Codec.H264, Container.MPEG_TS, Scan.INTERLACED)
    assert dict(recipe.options)["level"] == "4.1"
    assert RECIPES["h264_hp42_3d"].side_by_side
    assert recipe.sound is not None
    assert recipe.sound.sample_rate == 48000


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ("fragmentable = false", 'fragmentable = "no"', "fragmentable", "true or false"),
        ("fragmentable = false", "", "fragmentable", "missing"),
        ("fragmentable = false", "fragmentable = false\nfragmentble = true", "fragmentble", "not a known key"),
        ("rows = 480", "rows = true", "pictures[0].rows", "whole number"),
        ("rows = 480", "rows = -480", "pictures[0].rows", "not negative"),
        ('"30000/1001"', '"30000/0"', "pictures[0].rates", "fraction"),
        ('"30000/1001"', '"-25"', "pictures[0].rates", "fraction"),
        ('codec = "mpeg2"', 'codec = "av1"', "codec", "mpeg2, h264"),
        ('["mp3"]', "[3]", "sounds", "list of texts"),
        ('"video_photographic"', '"vl_photographic"', "sop_classes", "vl_photographic"),
        ("1.2.4.100", "1.2.4.0100", "uid", "not a UID"),
        ("1.2.4.100", "1.2.4.101", "uid", "already the UID of"),
        ('recipe = "mpeg2_ml"', 'recipe = "mpeg3"', "recipe", "mpeg3"),
        ("bit_depth = 8", "bit_depth = 8\ndepth = 8", "point.depth", "not a known key"),
        ("[point]", "[points]", "point", "missing"),
        ("codec =", "codec ==", "file", "not TOML"),
    ],
)
def test_broken_format_is_refused_with_file_and_key(folder: Path, old: str, new: str, key: str, problem: str) -> None:
    change(folder / "mpeg2_ml.toml", old, new)
    with pytest.raises(DataFileError) as caught:
        load_formats(folder)
    assert f"{key}: " in str(caught.value)
    assert problem in str(caught.value)
    assert "mpeg2_" in str(caught.value)


@pytest.mark.parametrize("of", ["nothing", "mpeg2_hl_frag"])
def test_twin_of_no_base_is_refused(folder: Path, of: str) -> None:
    change(folder / "mpeg2_ml_frag.toml", 'twin_of = "mpeg2_ml"', f'twin_of = "{of}"')
    with pytest.raises(DataFileError, match="twin_of"):
        load_formats(folder)


def test_twin_may_not_change_the_codec(folder: Path) -> None:
    change(folder / "mpeg2_ml_frag.toml", "twin_of", 'codec = "h264"\ntwin_of')
    with pytest.raises(DataFileError, match="codec: is not a known key"):
        load_formats(folder)


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"no \.toml file"):
        load_formats(tmp_path)


def test_sop_class_with_a_uid_twice_is_refused(tmp_path: Path) -> None:
    text = sop_classes_file().read_text()
    path = tmp_path / "classes.toml"
    path.write_text(text.replace("77.1.2.1", "77.1.1.1"))
    with pytest.raises(DataFileError, match=r"video_microscopic\.uid"):
        load_sop_classes(path)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("frames = 48", "frames = 0", "frames"),
        ("frames = 48", "frames = 1", "frames"),
        ("frames = 48", "frames = 23", "frames"),
        ("rows = 720", "rows = 0", "rows"),
        ("bit_rate = 4000000", "bit_rate = 2147483648", "bit_rate"),
        ('sample_aspect = "1"', 'sample_aspect = "2147483648"', "sample_aspect"),
        ('rate = "25"', "rate = 25", "rate"),
        ('g = "12"', "g = 12", "options.g"),
        ("channels = 2", "", "sound.channels"),
        ("rows = 720", "rows = 720\nheight = 720", "height"),
    ],
)
def test_broken_recipe_is_refused_with_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    path = tmp_path / "h264_hp41.toml"
    shutil.copy(data_folder("fixtures") / path.name, path)
    change(path, old, new)
    with pytest.raises(DataFileError) as caught:
        load_recipes(tmp_path)
    assert str(caught.value).startswith(f"{path}: {key}: ")


@pytest.mark.parametrize(("id_", "frames"), [("hevc_main51", 23), ("mjpeg", 1)])
def test_recipe_shorter_than_two_groups_is_refused(tmp_path: Path, id_: str, frames: int) -> None:
    path = tmp_path / f"{id_}.toml"
    shutil.copy(data_folder("fixtures") / path.name, path)
    change(path, "frames = 48", f"frames = {frames + 1}")
    assert load_recipes(tmp_path)[id_].frames == frames + 1
    change(path, f"frames = {frames + 1}", f"frames = {frames}")
    with pytest.raises(DataFileError, match=f"frames: is {frames}; two closed groups"):
        load_recipes(tmp_path)


def test_unknown_data_folder_is_refused() -> None:
    with pytest.raises(UnknownName, match="compose, fixtures"):
        data_folder("secrets")
