"""Files that media makes, as values."""

from dataclasses import dataclass
from pathlib import Path

from harness.core.facts import ObjectFacts, PictureDistance, Seek, StreamFacts
from harness.core.formats import Format, SopClass
from harness.core.recipes import Recipe


@dataclass(frozen=True, slots=True)
class Clip:
    """An encoded video file, examined. ``size`` in bytes; ``facts`` were read from the bit stream, not the recipe.

    For Motion JPEG the file is the frames' JPEG pictures one after the other, and ``frame_sizes`` holds their
    lengths in bytes; it is empty for every other codec. ``distance`` is how far its decoded pictures are from the drawn
    ones, and ``jumps`` what was found on jumping into it; both are missing for a clip that was made from another.
    """

    path: Path
    recipe: Recipe
    size: int
    sha256: str
    facts: StreamFacts
    frame_sizes: tuple[int, ...] = ()
    distance: PictureDistance | None = None
    jumps: tuple[Seek, ...] = ()


@dataclass(frozen=True, slots=True)
class VideoObject:
    """A DICOM Part 10 file that carries a clip."""

    path: Path
    format: Format
    sop_class: SopClass
    clip: Clip
    study_uid: str
    series_uid: str
    instance_uid: str
    facts: ObjectFacts
