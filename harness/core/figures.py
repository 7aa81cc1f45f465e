"""Claims on a format whatever the product: shares of products, compression ratios, storage per hour.

A measured figure stands beside such a claim with the basis it was measured on. It is never called a confirmation: a
ratio or a rate follows from a bit rate that somebody chose.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from harness.core.claims import Basis


class Measure(StrEnum):
    """What a figure counts."""

    SHARE = "share of products"  #: per cent
    RATIO = "compression ratio"  #: uncompressed size to coded size
    GIGABYTES_PER_HOUR = "gigabytes per hour"  #: 10**9 bytes
    SAVING = "saving"  #: per cent fewer bytes at the same quality, against ``against``


@dataclass(frozen=True, slots=True)
class FigureClaim:
    """A range that is claimed of formats; None is an open end. ``condition`` is empty where the source states none."""

    id: str
    measure: Measure
    formats: tuple[str, ...]
    least: Fraction | None
    most: Fraction | None
    basis: Basis
    condition: str = ""
    against: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """What follows a number of this measure."""
        return {Measure.RATIO: ":1", Measure.GIGABYTES_PER_HOUR: " GB/h"}.get(self.measure, " %")

    @property
    def text(self) -> str:
        """The claimed range as a person reads it."""
        unit = self.unit
        if self.least == self.most and self.least is not None:
            return f"{_number(self.least)}{unit}"
        if self.least is None or self.most is None:
            end = self.least if self.most is None else self.most
            return f"{'at least' if self.most is None else 'at most'} {_number(end or Fraction(0))}{unit}"
        return f"{_number(self.least)} to {_number(self.most)}{unit}"


@dataclass(frozen=True, slots=True)
class FigureBeside:
    """A claimed range with the measured figure next to it, and what that was measured on."""

    claim: FigureClaim
    measured: Fraction
    inside: bool
    basis: str

    @property
    def measured_text(self) -> str:
        """The measured figure with its unit."""
        return f"{_number(self.measured)}{self.claim.unit}"

    @property
    def text(self) -> str:
        """One line for a person."""
        where = "inside" if self.inside else "outside"
        sourced = self.claim.basis.source is not None and not self.claim.basis.source.unsourced
        claimed = f"claimed {self.claim.text}{'' if sourced else ', unsourced'}"
        return f"{claimed}; measured {_number(self.measured)} ({self.basis}), {where} the claimed range"


def beside(claim: FigureClaim, measured: Fraction, basis: str) -> FigureBeside:
    """Put a measured figure beside a claim.

    Raises:
        ValueError: ``basis`` is empty; a figure without it says nothing.
    """
    if not basis.strip():
        raise ValueError("a measured figure needs the basis it was measured on")
    inside = (claim.least is None or measured >= claim.least) and (claim.most is None or measured <= claim.most)
    return FigureBeside(claim, measured, inside, basis)


def gigabytes_per_hour(payload_bytes: int, frames: int, rate: Fraction) -> Fraction:
    """What an hour of a clip takes, in units of 10**9 bytes; ``rate`` is frames a second."""
    return Fraction(payload_bytes) / (frames / rate) * 3600 / 10**9


def compression_ratio(payload_bytes: int, frames: int, rows: int, columns: int, bits_per_pixel: int) -> Fraction:
    """Uncompressed to coded size. RGB of 8 bits has 24 bits a pixel, 4:2:0 has 12: the basis must say which."""
    return Fraction(frames * rows * columns * bits_per_pixel, 8 * payload_bytes)


def _number(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
