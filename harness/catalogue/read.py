"""Data files in, core values out: the formats of the standard and the recipes of our clips.

One file is one format or one recipe, and its name is the id. A twin file says only what differs from the format it
re-fragments. Every error names file and key.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.catalogue.places import data_folder, formats_folder, sop_classes_file
from harness.catalogue.table import Table
from harness.core.formats import (
    Codec,
    CodecPoint,
    Container,
    Format,
    LegalPicture,
    PixelDescription,
    Scan,
    SopClass,
    SoundCodec,
)
from harness.core.recipes import Recipe, SoundRecipe
from harness.errors import DataFileError


def load_formats(folder: Path | None = None) -> dict[str, Format]:
    """All formats by id, in the order of their UIDs.

    Raises:
        DataFileError: a file breaks its rules, two formats share a UID, or a recipe does not exist.
    """
    folder = folder or formats_folder()
    classes = load_sop_classes()
    known_recipes = {path.stem for path in _files(data_folder("fixtures"))}
    tables = {path.stem: Table.load(path) for path in _files(folder)}
    formats: dict[str, Format] = {}
    for id_, table in sorted(tables.items(), key=lambda entry: "twin_of" in entry[1]):
        formats[id_] = _twin(id_, table, formats) if "twin_of" in table else _format(id_, table, classes)
    owners: dict[str, str] = {}
    for format in formats.values():
        path = folder / f"{format.id}.toml"
        if format.uid in owners:
            raise DataFileError(path, "uid", f"{format.uid} is already the UID of {owners[format.uid]}")
        owners[format.uid] = format.id
        if format.recipe is not None and format.recipe not in known_recipes:
            raise DataFileError(path, "recipe", f"{format.recipe!r} is no file among the clip recipes")
    return {format.id: format for format in sorted(formats.values(), key=_uid_order)}


def load_sop_classes(path: Path | None = None) -> dict[str, SopClass]:
    """The storage SOP classes by id.

    Raises:
        DataFileError: the file breaks its rules.
    """
    table = Table.load(path or sop_classes_file())
    classes: dict[str, SopClass] = {}
    for id_ in table.names():
        entry = table.table(id_)
        sop_class = SopClass(id=id_, uid=_uid(entry), name=entry.text("name"), modality=entry.text("modality"))
        entry.done()
        if any(other.uid == sop_class.uid for other in classes.values()):
            raise entry.problem("uid", f"{sop_class.uid} occurs twice")
        classes[id_] = sop_class
    return classes


def load_recipes(folder: Path | None = None) -> dict[str, Recipe]:
    """All clip recipes by id, in the order of their names.

    Raises:
        DataFileError: a file breaks its rules.
    """
    return {path.stem: _recipe(path.stem, Table.load(path)) for path in _files(folder or data_folder("fixtures"))}


def load_wrong_recipes() -> dict[str, Recipe]:
    """Recipes of clips that fit no format, for objects that are mislabelled on purpose; by id.

    Raises:
        DataFileError: a file breaks its rules.
    """
    return load_recipes(data_folder("fixtures") / "wrong")


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise DataFileError(folder, "folder", "holds no .toml file; the installation is incomplete")
    return files


def _uid(table: Table) -> str:
    uid = table.text("uid")
    parts = uid.split(".")
    if len(uid) > 64 or not all(part.isdecimal() and str(int(part)) == part for part in parts):
        raise table.problem("uid", f"is {uid!r}, not a UID (PS3.5 9.1)")
    return uid


def _uid_order(format: Format) -> tuple[int, ...]:
    return tuple(int(part) for part in format.uid.split("."))


def _format(id_: str, table: Table, classes: Mapping[str, SopClass]) -> Format:
    no_recipe_reason = table.text("no_recipe_reason") if "no_recipe_reason" in table else ""
    format = Format(
        id=id_,
        uid=_uid(table),
        name=table.text("name"),
        section=table.text("section"),
        codec=table.choice("codec", Codec),
        point=_point(table.table("point")),
        fragmentable=table.boolean("fragmentable"),
        twin_of=None,
        pictures=tuple(_picture(entry) for entry in table.tables("pictures")),
        containers=table.choices("containers", Container),
        sounds=table.choices("sounds", SoundCodec),
        frame_packed=table.boolean("frame_packed"),
        pixels=_pixels(table.table("pixels")),
        lossy_method=table.text("lossy_method"),
        sop_classes=_classes(table, classes),
        recipe=None if no_recipe_reason else table.text("recipe"),
        no_recipe_reason=no_recipe_reason,
    )
    table.done()
    return format


def _twin(id_: str, table: Table, formats: Mapping[str, Format]) -> Format:
    of = table.text("twin_of")
    base = formats.get(of)
    if base is None or base.twin_of is not None:
        raise table.problem("twin_of", f"{of!r} is not a format of its own; known: {', '.join(sorted(formats))}")
    twin = replace(
        base,
        id=id_,
        uid=_uid(table),
        name=table.text("name"),
        section=table.text("section"),
        fragmentable=True,
        twin_of=of,
    )
    table.done()
    return twin


def _classes(table: Table, classes: Mapping[str, SopClass]) -> tuple[SopClass, ...]:
    ids = table.texts("sop_classes")
    unknown = [id_ for id_ in ids if id_ not in classes]
    if unknown or not ids:
        raise table.problem("sop_classes", f"names {unknown or 'nothing'}; known: {', '.join(sorted(classes))}")
    return tuple(classes[id_] for id_ in ids)


def _point(table: Table) -> CodecPoint:
    point = CodecPoint(
        profile=table.integer("profile"),
        profile_name=table.text("profile_name"),
        level=table.integer("level"),
        level_name=table.text("level_name"),
        level_exact=table.boolean("level_exact"),
        max_luma=table.integer("max_luma"),
        max_luma_rate=table.integer("max_luma_rate"),
        max_bit_rate=table.integer("max_bit_rate"),
        bit_depth=table.integer("bit_depth"),
    )
    table.done()
    return point


def _picture(table: Table) -> LegalPicture:
    picture = LegalPicture(
        rows=table.integer("rows"),
        columns=table.integer("columns"),
        rates=table.fractions("rates"),
        scans=table.choices("scans", Scan),
        exact=table.boolean("exact"),
    )
    table.done()
    return picture


def _pixels(table: Table) -> PixelDescription:
    pixels = PixelDescription(
        samples_per_pixel=table.integer("samples_per_pixel"),
        photometric_interpretation=table.text("photometric_interpretation"),
        bits_allocated=table.integer("bits_allocated"),
        bits_stored=table.integer("bits_stored"),
        high_bit=table.integer("high_bit"),
        pixel_aspect_ratio_allowed=table.boolean("pixel_aspect_ratio_allowed"),
    )
    table.done()
    return pixels


def _recipe(id_: str, table: Table) -> Recipe:
    recipe = Recipe(
        id=id_,
        codec=table.choice("codec", Codec),
        encoder=table.text("encoder"),
        options=table.pairs("options"),
        container=table.choice("container", Container),
        rows=table.integer("rows"),
        columns=table.integer("columns"),
        rate=table.fraction("rate"),
        scan=table.choice("scan", Scan),
        frames=table.integer("frames"),
        pixel_format=table.text("pixel_format"),
        sample_aspect=table.fraction("sample_aspect"),
        bit_rate=table.integer("bit_rate"),
        sound=_sound(table.table("sound")) if "sound" in table else None,
        side_by_side=table.boolean("side_by_side") if "side_by_side" in table else False,
    )
    table.done()
    for key in ("rows", "columns"):
        if getattr(recipe, key) == 0:
            raise table.problem(key, "is 0; a clip needs at least one")
    group = _group_length(dict(recipe.options))
    if recipe.frames < 2 * group:
        problem = f"is {recipe.frames}; two closed groups of {group} need at least {2 * group}"
        raise table.problem("frames", problem)
    return recipe


def _group_length(options: Mapping[str, str]) -> int:
    """Frames from one key frame to the next as the encoder is told, or 1 where it is not told."""
    told = [options.get("g", "")]
    for name in ("x264-params", "x265-params"):
        told += re.findall(r"(?:^|:)keyint=(\d+)", options.get(name, ""))
    return max(int(text) if text.isdecimal() else 1 for text in told) or 1


def _sound(table: Table) -> SoundRecipe:
    sound = SoundRecipe(
        codec=table.choice("codec", SoundCodec),
        encoder=table.text("encoder"),
        sample_rate=table.integer("sample_rate"),
        channels=table.integer("channels"),
        bit_rate=table.integer("bit_rate"),
    )
    table.done()
    return sound
