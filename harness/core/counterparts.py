"""What stands beside the claims on formats: figures of our own clips, and counts over named, dated releases.

A figure of a clip follows from the bit rate that its recipe asks for, so it is shown with that basis and confirms
nothing. A count names every release with its date; there is no percentage here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from harness.core.claims import ClaimStatus, ProductClaims, Topic
from harness.core.compatibility import Compatibility, FormatColumn, SeenCell
from harness.core.endpoint import EvidenceClass
from harness.core.figures import (
    FigureBeside,
    FigureClaim,
    Measure,
    beside,
    compression_ratio,
    gigabytes_per_hour,
)
from harness.core.results import Outcome, Plain, Run
from harness.core.tally import Counted, Tally, tally

#: Samples for each pixel of a chroma format, in units of one luma sample.
_SAMPLES = {"4:2:0": Fraction(3, 2), "4:2:2": Fraction(2), "4:4:4": Fraction(3)}

#: Rows from which a picture is high definition.
HD_ROWS = 720


@dataclass(frozen=True, slots=True)
class Beside:
    """One claim with the figures next to it, or the reason why there is none."""

    claim: FigureClaim
    figures: tuple[FigureBeside, ...]
    counts: tuple[str, ...]
    why_none: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What is claimed and what was seen of storing one format, each over named, dated releases."""

    format: FormatColumn
    claimed: Tally
    seen: str


def counts(matrix: Compatibility, claims: Mapping[str, ProductClaims]) -> tuple[Counts, ...]:
    """Both counts for every format."""
    products = [claims[one.id] for one in matrix.products if one.id in claims]
    return tuple(
        Counts(column, tally(products, column.id, column.classes), _seen_text(matrix, column))
        for column in matrix.formats
    )


def besides(figures: Iterable[FigureClaim], runs: Sequence[Run], counted: Iterable[Counts]) -> tuple[Beside, ...]:
    """Every claim on formats with its counterpart: clips of the runs once each, and counts for shares."""
    of_format = {one.format.id: one for one in counted}
    clips: dict[tuple[str, object], Plain] = {}
    for run in runs:
        for id_, clip in run.clips.items():
            if isinstance(clip, Mapping):
                clips.setdefault((id_, clip.get("sha256")), clip)
    return tuple(_beside(claim, clips, of_format) for claim in figures)


def _beside(claim: FigureClaim, clips: Mapping[tuple[str, object], Plain], counted: Mapping[str, Counts]) -> Beside:
    if claim.measure is Measure.SHARE:
        found = tuple(
            line for id_ in claim.formats if (one := counted.get(id_)) for line in (one.claimed.text, one.seen)
        )
        return Beside(claim, (), found, "")
    if claim.measure is Measure.SAVING:
        return Beside(claim, (), (), "not measured: our clips are not coded to the same quality")
    found_figures: list[FigureBeside] = []
    left_out = []
    for (id_, _), clip in clips.items():
        if id_ not in claim.formats or (made := _Clip.of(id_, clip)) is None:
            continue
        if "HD" in claim.condition.split() and made.rows < HD_ROWS:
            left_out.append(f"the clip {id_} is {made.columns}x{made.rows}, and the claim is on {claim.condition}")
            continue
        if claim.measure is Measure.GIGABYTES_PER_HOUR:
            figure = gigabytes_per_hour(made.size, made.frames, made.rate)
            found_figures.append(beside(claim, figure, made.basis))
            continue
        for bits, words in made.pixel_bits():
            ratio = compression_ratio(made.size, made.frames, made.rows, made.columns, bits)
            found_figures.append(beside(claim, ratio, f"{made.basis}; against {words}, {bits} bits a pixel"))
    why = "" if found_figures else "; ".join(left_out) or "no clip of these formats is among the runs"
    return Beside(claim, tuple(found_figures), (), why)


@dataclass(frozen=True, slots=True)
class _Clip:
    """What a run records of a clip; ``size`` is all that becomes Pixel Data, with container and sound."""

    id: str
    size: int
    frames: int
    rows: int
    columns: int
    rate: Fraction
    chroma: str
    depth: int
    asked: int
    encoder: str
    holding: str

    @classmethod
    def of(cls, id_: str, clip: Plain) -> "_Clip | None":
        """None where the record does not hold all that is needed."""
        facts, recipe = clip.get("facts"), clip.get("recipe")
        if not isinstance(facts, Mapping) or not isinstance(recipe, Mapping):
            return None
        try:
            made = cls(
                id_,
                int(clip["size"]),
                int(facts["frames"]),
                int(facts["rows"]),
                int(facts["columns"]),
                Fraction(facts["rate"]),
                str(facts["chroma"]),
                int(facts["bit_depth"]),
                int(recipe.get("bit_rate") or 0),
                str(recipe.get("encoder") or "encoder not told"),
                _beside_pictures(facts),
            )
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            return None
        return made if min(made.size, made.frames, made.rows, made.columns, made.depth) > 0 and made.rate > 0 else None

    @property
    def basis(self) -> str:
        """What a figure of this clip was measured on."""
        asked = f"{self.asked / 1e6:g} Mbit/s asked for" if self.asked else "fixed quality"
        return (
            f"our clip {self.id}: {self.columns}x{self.rows}, {float(self.rate):g} frames/s, {self.frames} synthetic "
            f"frames, {self.encoder}, {asked}; {self.holding}"
        )

    def pixel_bits(self) -> tuple[tuple[int, str], ...]:
        """Bits of an uncompressed pixel: as RGB, which viewers show, and as the coded chroma format."""
        bases = [(3 * self.depth, "uncompressed RGB")]
        if samples := _SAMPLES.get(self.chroma):
            bases.append((int(samples * self.depth), f"uncompressed {self.chroma}"))
        return tuple(dict.fromkeys(bases))


def _beside_pictures(facts: Plain) -> str:
    container = "pictures alone" if facts.get("container") == "jpeg-frames" else "with its container"
    return f"{container}, {'with' if facts.get('sound') else 'without'} sound"


def _seen_text(matrix: Compatibility, column: FormatColumn) -> str:
    """What MEASURED runs show, each release once; where runs of a release differ, it counts as failed or refused."""
    found: dict[tuple[str, str], list[tuple[str, SeenCell]]] = {}
    for product in matrix.products:
        for row in product.seen:
            cell: SeenCell | None = row.cells.get(column.id)
            if row.source.evidence_class is not EvidenceClass.MEASURED or cell is None or cell.stored is None:
                continue
            configured = f"{product.product} {row.configuration}".strip()
            found.setdefault((configured, row.source.version), []).append((row.source.date, cell))
    counted = [
        Counted(product, version or "of unknown release", _when(seen), False, _status(seen))
        for (product, version), seen in found.items()
    ]
    if not counted:
        return f"{column.id}, {Topic.STORAGE}: no MEASURED run decides"
    taken = [one.name for one in counted if one.status is ClaimStatus.ACCEPTED]
    parts = [f"{column.id}, {Topic.STORAGE}: seen to be stored by {len(taken)} of {len(counted)} named, dated releases"]
    words = {ClaimStatus.ACCEPTED: "stored", ClaimStatus.REFUSED: "refused", ClaimStatus.PARTIAL: "failed"}
    for status, word in words.items():
        if names := [one.name for one in counted if one.status is status]:
            parts.append(f"{word}: {', '.join(names)}")
    return "; ".join(parts)


def _when(seen: Sequence[tuple[str, SeenCell]]) -> str:
    """The last date, and by which services only."""
    only = dict.fromkeys(service for _, cell in seen for service in cell.only_by)
    return f"tested {max(date for date, _ in seen)}" + (f", by {' and '.join(only)} only" if only else "")


def _status(seen: Iterable[tuple[str, SeenCell]]) -> ClaimStatus:
    outcomes = {cell.stored for _, cell in seen}
    if Outcome.FAIL in outcomes:
        return ClaimStatus.PARTIAL
    return ClaimStatus.REFUSED if Outcome.UNSUPPORTED in outcomes else ClaimStatus.ACCEPTED
