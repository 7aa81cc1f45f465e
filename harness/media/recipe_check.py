"""What no encoder can make of a recipe, found before anything is encoded and told with file and key.

An encoder names such faults by its own internals or not at all. Whatever is not found here is found when the encoder
is opened.
"""

import av

from harness.core.recipes import Recipe
from harness.errors import DataFileError
from harness.media import stamp
from harness.media.sound import LAYOUTS

# What our pictures can be drawn in: three planes of 8 to 10 bits.
_DEPTHS = range(8, 11)


def recipe_fault(recipe: Recipe, key: str, problem: str) -> DataFileError:
    """The error for a key of a recipe's file, ready to raise."""
    return DataFileError(f"fixtures/{recipe.id}.toml", key, problem)


def check_recipe(recipe: Recipe) -> None:
    """Check pixel format, picture size and sound of a recipe, whose encoders must exist.

    Raises:
        DataFileError: a value cannot be.
    """
    _check_picture(recipe, _pixel_format(recipe))
    if recipe.sound is None:
        return
    if recipe.sound.channels not in LAYOUTS:
        known = ", ".join(map(str, LAYOUTS))
        raise recipe_fault(recipe, "sound.channels", f"is {recipe.sound.channels}; give one of {known}")
    rates = av.Codec(recipe.sound.encoder, "w").audio_rates
    if rates and recipe.sound.sample_rate not in rates:
        known = ", ".join(map(str, sorted(rates)))
        problem = f"is {recipe.sound.sample_rate}; {recipe.sound.encoder} takes {known}"
        raise recipe_fault(recipe, "sound.sample_rate", problem)


def _pixel_format(recipe: Recipe) -> av.VideoFormat:
    known = [format.name for format in av.Codec(recipe.encoder, "w").video_formats or () if _is_drawable(format)]
    if recipe.pixel_format not in known:
        problem = f"is {recipe.pixel_format!r}; {recipe.encoder} takes {', '.join(known) or 'none that can be drawn'}"
        raise recipe_fault(recipe, "pixel_format", problem)
    return av.VideoFormat(recipe.pixel_format)


def _is_drawable(format: av.VideoFormat) -> bool:
    planes = format.components
    return format.name.startswith("yuv") and len(planes) == 3 and all(plane.bits in _DEPTHS for plane in planes)


def _check_picture(recipe: Recipe, format: av.VideoFormat) -> None:
    views = 2 if recipe.side_by_side else 1
    height, width = stamp.region(recipe.rows)
    # Samples of luma that share one of chroma, down and across.
    down, across = 64 // format.chroma_height(64), 64 // format.chroma_width(64)
    for key, value, least, step in (
        ("rows", recipe.rows, height, down),
        ("columns", recipe.columns, width * views, across * views),
    ):
        if value < least:
            raise recipe_fault(recipe, key, f"is {value}; the number drawn into each picture needs {least}")
        if value % step:
            raise recipe_fault(recipe, key, f"is {value}; {recipe.pixel_format} needs a multiple of {step}")
