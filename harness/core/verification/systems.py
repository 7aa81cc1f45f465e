"""What was tested, where and with what, as rows that say who tells each: the harness that saw it, people, or nobody.

What is not known has a row that says so, where a reader would look for it. Nothing is guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.core.endpoint import EvidenceClass
from harness.core.results import Plain, Run, TargetRecord
from harness.core.sizes import show_size
from harness.core.verification.contexts import accepted_contexts
from harness.core.verification.dossier import Dossier, RunInfo, SystemFacts
from harness.core.verification.look import UNKNOWN, detail


class Teller(StrEnum):
    """Who tells a fact."""

    HARNESS = "seen by the harness"
    PEOPLE = "stated by people"
    NOBODY = "not known"


@dataclass(frozen=True, slots=True)
class Fact:
    """One row; ``value`` is empty where nobody tells it."""

    name: str
    value: str
    teller: Teller


@dataclass(frozen=True, slots=True)
class FactTable:
    """Rows about one thing: ``subject`` is the id of a target or of a run, empty where there is only one."""

    subject: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Systems:
    """The tables of blocks 5, 5b, 6 and 7. ``environments`` has one for each run that was joined."""

    targets: tuple[FactTable, ...]
    sender: tuple[Fact, ...]
    environments: tuple[FactTable, ...]
    tools: tuple[Fact, ...]


#: Details by which a site file marks what it tells; the harness saw none of them.
_BY_SITE = "product and version"

#: Details of a target that have a row whether they are known or not, in this order.
_TARGET = (
    *("AE title", "our AE title", "TLS", "DICOMweb", "network"),
    *("Implementation Class UID", "Implementation Version Name"),
    *("memory limit", "server clock"),
)
#: The same of one that runs in a container.
_CONTAINER = ("image", "image digests", "image id", "container engine")
#: What the owner of a product states; the rows stand also where nothing is stated.
_STATED = (
    ("role", "role"),
    ("serial", "serial number or licence"),
    ("modules", "modules"),
    ("database", "database, as stated"),
    ("conformance_statement", "conformance statement"),
)
#: What is told of how a target was left.
_ENDED = (("memory_peak", "memory peak"), ("restarts", "restarts"), ("exit_code", "exit code"))

_ENVIRONMENT = (
    *("system", "kernel", "operating system", "machine", "processor", "processors", "memory", "inside a container"),
    *("scratch folder", "file system there", "free there", "time zone", "clock source", "clock", "clock offset"),
    "locale",
)
_TOOLS = ("harness", "python", "DICOM implementation", "pynetdicom implementation", "media", "distributions", "sbom")
_IN_BYTES = frozenset({"memory", "free there", "memory peak"})
#: A block of its own tells it.
_ELSEWHERE = frozenset({"qualification"})


def system_tables(run: Run, dossier: Dossier) -> Systems:
    """Everything that is known of the systems, the machine and the tools."""
    info = dossier.info
    contexts = accepted_contexts(run)
    recorded = {one.id: one for one in run.targets}
    stated = {one.target: one for one in info.systems}
    ids = dict.fromkeys([*recorded, *(one.cell.target for one in run.results)])
    return Systems(
        targets=tuple(
            FactTable(id, tuple(_target(recorded.get(id), stated.get(id), contexts.get(id, ())))) for id in ids
        ),
        sender=tuple(_stated(name, getattr(info.sender, name)) for name in ("vendor", "product", "version", "build")),
        environments=tuple(_environments(run, info)),
        tools=(*_rows(run.tools, _TOOLS), _browsers(run)),
    )


def _target(
    record: TargetRecord | None, stated: SystemFacts | None, contexts: Sequence[tuple[str, str]]
) -> Iterator[Fact]:
    if record is None:
        yield Fact("product", "", Teller.NOBODY)
        return
    by_site = bool(detail(record, _BY_SITE))
    teller = Teller.PEOPLE if by_site else Teller.HARNESS
    owned = record.evidence_class is EvidenceClass.MEASURED
    used = {_BY_SITE, "vendor"}
    yield Fact("evidence class", record.evidence_class, Teller.HARNESS)
    if owned:
        yield _stated("vendor", (stated.vendor if stated else "") or detail(record, "vendor"))
    yield _known("product", record.product, teller)
    yield _known("version", record.version, teller)
    for field, name in _STATED if owned else ():
        yield _stated(name, getattr(stated, field) if stated else "")
    yield _known("runs as", record.runtime)
    yield _known("address", record.address)
    for name in (*_TARGET, *(_CONTAINER if record.runtime == "container" else ())):
        used.add(name.lower())
        yield _known(name, detail(record, name))
    for name, value in record.details.items():
        if name.lower() not in used:
            yield _known(str(name), value)
    for field, name in _ENDED:
        if field == "exit_code" and record.ended.get(field) is None:
            continue  # which is known of what still ran: it had none
        yield _known(name, record.ended.get(field))
    if not contexts:
        yield Fact("accepted presentation contexts", "", Teller.NOBODY)
    for sop_class, syntaxes in contexts:
        yield Fact(f"accepted for {sop_class}", syntaxes, Teller.HARNESS)


def _environments(run: Run, info: RunInfo) -> Iterator[FactTable]:
    by_people = [Fact(name, value, Teller.PEOPLE) for name, value in _by_people(info) if value]
    for run_id, found in _machines(run):
        rows = [*_rows(found, _ENVIRONMENT), *by_people]
        shards = {shard.run_id: shard.targets for shard in run.shards}
        for target in run.targets:
            if not run_id or target.id in shards.get(run_id, ()):
                rows.append(_known(f"network to {target.id}", detail(target, "network")))
        yield FactTable(run_id, tuple(rows))


def _by_people(info: RunInfo) -> tuple[tuple[str, str], ...]:
    return ("network, as stated", info.network), ("clock, as stated", info.clock)


def _machines(run: Run) -> Iterator[tuple[str, Plain]]:
    """The environment of the run, or of each run that was joined, by its id."""
    if not run.shards:
        yield "", run.environment
    for shard in run.shards:
        found = run.environment.get(shard.run_id)
        yield shard.run_id, found if isinstance(found, Mapping) else {}


def _rows(values: Plain, expected: Sequence[str]) -> Iterator[Fact]:
    """Everything in ``values`` flat, what is expected first and with a row in any case."""
    for name in (*expected, *(name for name in values if name not in expected and name not in _ELSEWHERE)):
        value = values.get(name)
        if isinstance(value, Mapping) and value:
            yield from (_known(path, text) for path, text in _flat(name, value))
        else:
            yield _known(name, value)


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name} {key}", inner)
    else:
        yield name, _text(value)


def _browsers(run: Run) -> Fact:
    """The browsers by which videos were played."""
    played = (result.observation.get("sent") for result in run.results if result.cell.check == "PLY-BROWSER")
    names = sorted({str(one["browser"]) for one in played if isinstance(one, Mapping) and one.get("browser")})
    return Fact("browser", ", ".join(names) or "none played a video", Teller.HARNESS)


def _known(name: str, value: object, teller: Teller = Teller.HARNESS) -> Fact:
    """What a record tells, where it tells it."""
    text = f"{show_size(value)} ({value} bytes)" if name in _IN_BYTES and isinstance(value, int) else _text(value)
    return Fact(name, "", Teller.NOBODY) if text.lower() in UNKNOWN else Fact(name, text, teller)


def _stated(name: str, value: str) -> Fact:
    return Fact(name, value, Teller.PEOPLE if value else Teller.NOBODY)


def _text(value: object) -> str:
    if value is None:
        return ""
    if value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    return str(value)
