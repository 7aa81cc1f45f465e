"""What readers must know of irreversible compression: method and ratio of every clip, and what targets did to it.

Nothing here is about diagnostic quality: that is not assessed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from harness.core.conclusion import SettledCell, settle
from harness.core.results import Outcome, Run
from harness.core.verification.dossier import Dossier, Policy
from harness.core.verification.fates import Fate, fate
from harness.core.verification.ratios import NO_PRIOR, Compression, compressions, is_ratio

#: The check that looks at the attributes which tell of lossy compression.
OF_ATTRIBUTES = ("RET-LOSSY",)
#: Checks that see whether the coded video is still the one that was sent, by what they look at.
OF_STREAM: Mapping[str, str] = {
    "RET-GET": "bytes",
    "RET-MOVE": "bytes",
    "RET-WADO": "bytes",
    "RET-BULK": "bytes",
    "RET-URI": "bytes",
    "RET-FILE": "bytes",
    "RET-RAW": "bytes",
    "STO-STOW": "bytes",
    "RET-SYNTAX": "transfer syntax and encapsulation",
    "PLY-STREAM": "kind of stream",
    "PLY-PICTURE": "decoded pictures",
}
_SHOWS = frozenset({Outcome.PASS, Outcome.FAIL})

MAMMOGRAPHY = (
    "Not for mammography: FDA reads 21 CFR 900.12(c)(4) (MQSA) as barring lossy compression of images for primary "
    "interpretation and for retention."
)
NOT_ASSESSED = "Diagnostic adequacy was not assessed."
KEEP = "Keep the original acquisition where your policy asks for it."
OWN_CLIPS = "The ratios are those of the clips of the harness and say nothing of other videos."


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What one target did to the lossy attributes and to the coded stream, in words with the cells that show it.

    ``changed`` are the cells among them that saw attributes or stream changed.
    """

    target: str
    attributes: str
    stream: str
    cells: tuple[str, ...]
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """What an advisory policy says of this run; it decides nothing."""

    policy: str
    title: str
    source: str
    broken: bool
    text: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Everything on lossy compression; ``statement`` is the text to be carried over."""

    statement: str
    clips: tuple[Compression, ...]
    targets: tuple[Disclosed, ...]
    policies: tuple[PolicyFinding, ...]


def disclosure(run: Run, dossier: Dossier) -> Disclosure:
    """Work the disclosure out."""
    clips = compressions(run)
    return Disclosure(
        statement=_statement(clips),
        clips=clips,
        targets=_disclosed(run),
        policies=tuple(_finding(policy, run, clips) for policy in dossier.policies),
    )


def _statement(clips: Sequence[Compression]) -> str:
    if not clips:
        return f"No video was made in this run, so there is nothing to disclose. {NOT_ASSESSED}"
    methods = ", ".join(dict.fromkeys(one.method for one in clips if one.method)) or "not known"
    coded, described, declared = (
        _span(getattr(one, name) for one in clips) for name in ("coded", "described", "declared")
    )
    prior = "Prior lossy step: none, the pictures were drawn uncompressed."
    if any(one.prior != NO_PRIOR for one in clips):
        prior = "Prior lossy step: unknown for at least one clip."
    return " ".join(
        (
            "All video of this run is irreversibly compressed.",
            f"Method (0028,2114): {methods}.",
            f"Ratio: {coded} against the raster that was coded, {described} against the raster that the attributes "
            f"describe; declared in the objects (0028,2112): {declared}.",
            prior,
            OWN_CLIPS,
            NOT_ASSESSED,
            MAMMOGRAPHY,
            KEEP,
        )
    )


def _span(values: Iterable[str]) -> str:
    known = sorted({Decimal(value) for value in values if is_ratio(value) and "/" not in value})
    if not known:
        return "not known"
    return f"{known[0]}:1" if len(known) == 1 else f"{known[0]}:1 to {known[-1]}:1"


def _disclosed(run: Run) -> tuple[Disclosed, ...]:
    wanted = {*OF_ATTRIBUTES, *OF_STREAM}
    found: dict[str, list[SettledCell]] = {}
    for one in settle(run):
        if one.cell.check in wanted:
            found.setdefault(one.cell.target, []).append(one)
    return tuple(_of_target(target, cells) for target, cells in found.items())


def _of_target(target: str, cells: Sequence[SettledCell]) -> Disclosed:
    shown = [
        (one, found)
        for one in cells
        if one.deciding and one.outcome in _SHOWS and (found := fate(one.deciding)) is not None
    ]
    return Disclosed(
        target=target,
        attributes=_attributes([pair for pair in shown if pair[0].cell.check in OF_ATTRIBUTES]),
        stream=_stream([pair for pair in shown if pair[0].cell.check in OF_STREAM]),
        cells=tuple(one.cell.id for one, _ in shown),
        changed=tuple(one.cell.id for one, found in shown if found is Fate.CHANGED),
    )


_Shown = Sequence[tuple[SettledCell, Fate]]


def _having(shown: _Shown, wanted: Fate) -> list[SettledCell]:
    return [one for one, found in shown if found is wanted]


def _attributes(shown: _Shown) -> str:
    if not shown:
        return "not shown: no object came back whose attributes could be read"
    cells = [one for one, _ in shown]
    wrong = [one for one, found in shown if found is not Fate.KEPT]
    if not wrong:
        return f"kept in {_formats(cells)}"
    return f"not kept in {_formats(wrong)} of {_formats(cells)}: {_reasons(wrong)}"


def _stream(shown: _Shown) -> str:
    changed, missing = _having(shown, Fate.CHANGED), _having(shown, Fate.MISSING)
    cells = [one for one, found in shown if found is not Fate.MISSING]
    if not shown:
        return "not shown: no coded video came back"
    told = []
    if changed:
        kinds = ", ".join(dict.fromkeys(OF_STREAM[one.cell.check] for one in changed))
        told.append(
            f"changed in {len(changed)} of {len(cells)} cells that brought coded video back, seen by {kinds}, in "
            f"{_formats(changed)}: {_reasons(changed)}"
        )
        # A change of bytes alone may be another container. What made the pictures others cannot be seen from here.
        if any(one.cell.check == "PLY-PICTURE" for one in changed):
            told.append("the decoded pictures are others too: it was coded again or damaged, and nothing said so")
    elif cells:
        told.append(f"nothing changed in {len(cells)} cells of {_formats(cells)} that brought coded video back")
    if missing:
        told.append(f"no coded video to compare in {len(missing)} cells of {_formats(missing)}: {_reasons(missing)}")
    return "; ".join(told)


def _formats(cells: Sequence[SettledCell]) -> str:
    count = len({one.cell.format for one in cells})
    return "1 format" if count == 1 else f"{count} formats"


def _reasons(cells: Iterable[SettledCell]) -> str:
    return "; ".join(dict.fromkeys(one.reason for one in cells))


def _finding(policy: Policy, run: Run, clips: Sequence[Compression]) -> PolicyFinding:
    against = [*_unwanted(policy, run), *_beyond(policy, clips)]
    text = "; ".join(against) or f"nothing against it: {'; '.join(_looked_at(policy, run, clips))}"
    return PolicyFinding(policy.id, policy.title, policy.source, bool(against), f"{text}. Advisory: decides nothing.")


def _unwanted(policy: Policy, run: Run) -> Iterator[str]:
    for modality in policy.no_lossy:
        formats = [id for id in run.formats if modality in _modalities(run, id)]
        if formats:
            yield f"this run has lossy video of modality {modality}: {', '.join(formats)}"


def _beyond(policy: Policy, clips: Iterable[Compression]) -> Iterator[str]:
    if not policy.largest_ratio:
        return
    most = Decimal(policy.largest_ratio)
    over = [f"{one.format or one.clip} {one.coded}:1" for one in clips if one.coded and Decimal(one.coded) > most]
    if over:
        yield f"beyond {most}:1 against the coded raster: {', '.join(over)}"


def _looked_at(policy: Policy, run: Run, clips: Sequence[Compression]) -> Iterator[str]:
    if policy.no_lossy:
        sent = dict.fromkeys(modality for id in run.formats for modality in _modalities(run, id))
        yield f"the objects of this run are of modality {', '.join(sent) or 'none'}, not {' or '.join(policy.no_lossy)}"
    if policy.largest_ratio:
        known = sum(bool(one.coded) for one in clips)
        beside = f", and that of {len(clips) - known} is not known" if known < len(clips) else ""
        yield f"{known} of {len(clips)} clips are at most {policy.largest_ratio}:1{beside}"


def _modalities(run: Run, format_id: str) -> tuple[str, ...]:
    format = run.formats.get(format_id)
    classes = format.get("sop_classes", ()) if isinstance(format, Mapping) else ()
    return tuple(
        dict.fromkeys(str(one["modality"]) for one in classes if isinstance(one, Mapping) and "modality" in one)
    )
