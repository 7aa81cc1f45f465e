"""How the clip of a format is made: the values of one file in ``fixtures/``."""

from dataclasses import dataclass
from fractions import Fraction

from harness.core.formats import Codec, Container, Scan, SoundCodec


@dataclass(frozen=True, slots=True)
class SoundRecipe:
    """A test tone. ``bit_rate`` in bit/s, ``sample_rate`` in Hz."""

    codec: SoundCodec
    encoder: str
    sample_rate: int
    channels: int
    bit_rate: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the bytes of a clip, besides the versions of the libraries.

    ``options`` go to the encoder as they are; ``rate`` is frames per second; ``sample_aspect`` is horizontal over
    vertical, as codecs write it (DICOM writes vertical over horizontal). ``side_by_side`` draws the views of the left
    and the right eye beside each other, each in half of the columns.
    """

    id: str
    codec: Codec
    encoder: str
    options: tuple[tuple[str, str], ...]
    container: Container
    rows: int
    columns: int
    rate: Fraction
    scan: Scan
    frames: int
    pixel_format: str
    sample_aspect: Fraction
    bit_rate: int
    sound: SoundRecipe | None
    side_by_side: bool = False

    @property
    def seconds(self) -> Fraction:
        """Playing time."""
        return self.frames / self.rate
