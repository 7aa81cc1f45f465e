"""What every row of a matrix has: formats and SOP classes by id or group, and the source that it stands on."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.catalogue.table import Table
from harness.core.claims import ANY_CLASS, Basis, ClaimKind, ClaimStatus, Confidence, Source

#: The analysis whose statements are to be tested. A source of this title has the kind ``source-analysis``, no other.
SOURCE_ANALYSIS = "FFmpeg Binary Deployment and DICOM Video Compatibility for Medical Imaging Applications"

#: How a date is written: a year, a month or a day.
DATE = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"


@dataclass(frozen=True, slots=True)
class Names:
    """What a row may refer to. ``general`` tells that the rows belong to no stated release."""

    sources: Mapping[str, Source]
    groups: Mapping[str, tuple[str, ...]]
    formats: tuple[str, ...]
    classes: tuple[str, ...]
    general: bool = False


def read_sources(table: Table) -> dict[str, Source]:
    """Take the sources of a file by key."""
    inner = table.table("sources")
    sources = {}
    for key in inner.names():
        entry = inner.table(key)
        source = Source(
            key=key,
            title=entry.text("title"),
            kind=entry.choice("kind", ClaimKind),
            address=entry.text("address", empty=True),
            version=entry.text("version", empty=True),
            date=read_date(entry),
            unsourced=entry.boolean("unsourced") if "unsourced" in entry else False,
            note=optional_text(entry, "note"),
        )
        entry.done()
        is_analysis = source.title == SOURCE_ANALYSIS
        if is_analysis is not (source.kind is ClaimKind.SOURCE_ANALYSIS):
            raise entry.problem("kind", f"is {source.kind.value!r}; this kind belongs to «{SOURCE_ANALYSIS}» alone")
        if is_analysis and not source.unsourced:
            raise entry.problem("unsourced", "must be true; the source analysis gives no source for its statements")
        if not (source.address or source.note or source.unsourced or source.kind is ClaimKind.MEASURED):
            raise entry.problem("address", "is empty; give it, or a note that says why there is none")
        sources[key] = source
    return sources


def read_groups(table: Table, formats: tuple[str, ...], classes: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Named lists of formats or of SOP classes. Each says what it holds, so that no claim grows with the catalogue."""
    if "groups" not in table:
        return {}
    inner = table.table("groups")
    groups = {}
    for name in inner.names():
        if name in (*formats, *classes, ANY_CLASS):
            raise inner.problem(name, "is a format or a SOP class; give the group another name")
        groups[name] = inner.texts(name)
        if not {*groups[name]} <= {*formats} and not {*groups[name]} <= {*classes}:
            known = f"formats: {', '.join(formats)}; SOP classes: {', '.join(classes)}"
            raise inner.problem(name, f"is {list(groups[name])}; give known formats or known SOP classes. {known}")
        if not groups[name] or len(set(groups[name])) != len(groups[name]):
            raise inner.problem(name, "is empty or names something twice")
    return groups


def read_basis(table: Table, names: Names, status: ClaimStatus = ClaimStatus.ACCEPTED) -> Basis:
    """The source of a row; only a row that says «unknown» may do without one, and has no confidence."""
    known = status is not ClaimStatus.UNKNOWN
    source = None
    if known or "source" in table:
        key = table.text("source")
        if key not in names.sources:
            raise table.problem("source", f"{key!r} is no source of this file; known: {', '.join(names.sources)}")
        source = names.sources[key]
    confidence = table.choice("confidence", Confidence)
    basis = Basis(
        source,
        confidence,
        quote=optional_text(table, "quote"),
        note=optional_text(table, "note"),
        general=names.general,
    )
    trusted = known and source is not None and not source.unsourced
    if trusted is (confidence is Confidence.NONE):
        wanted = "high, medium or low" if trusted else "none: nothing supports it"
        raise table.problem("confidence", f"is {confidence.value}; give {wanted}")
    if known and source is not None and source.unsourced and not basis.quote:
        raise table.problem("quote", "is missing; give the words of a source that has no source of its own")
    return basis


def read_formats(table: Table, names: Names, key: str = "formats") -> tuple[str, ...]:
    """Take a list of formats and of groups of them."""
    return _members(table, key, names.groups, names.formats)


def read_classes(table: Table, names: Names) -> tuple[str, ...] | None:
    """Take ``classes``: None where the source does not tell them apart."""
    if "classes" not in table:
        return None
    classes = _members(table, "classes", names.groups, (*names.classes, ANY_CLASS))
    if ANY_CLASS in classes and len(classes) > 1:
        raise table.problem("classes", f"names {ANY_CLASS} and others; {ANY_CLASS} stands alone")
    return classes


def _members(table: Table, key: str, groups: Mapping[str, tuple[str, ...]], known: tuple[str, ...]) -> tuple[str, ...]:
    """A list of ids, in which the name of a group stands for its members."""
    ids = tuple(id_ for name in table.texts(key) for id_ in groups.get(name, (name,)))
    if unknown := [id_ for id_ in ids if id_ not in known]:
        raise table.problem(key, f"names {unknown}; known: {', '.join((*groups, *known))}")
    if not ids or len(set(ids)) != len(ids):
        raise table.problem(key, "is empty or names something twice")
    return ids


def check_all_used(table: Table, sources: Mapping[str, Source], bases: Iterable[Basis]) -> None:
    """Refuse a source that no claim uses."""
    used = {basis.source.key for basis in bases if basis.source is not None}
    for key in sources:
        if key not in used:
            raise table.problem(f"sources.{key}", "is not used by any claim; remove it, or say with it what is unknown")


def read_date(table: Table) -> str:
    """Take ``date``; empty is unknown."""
    date = table.text("date", empty=True)
    if date and not re.fullmatch(DATE, date):
        raise table.problem("date", f"is {date!r}; give a year, 2024-09 or 2024-09-06, or leave it empty")
    return date


def optional_text(table: Table, key: str) -> str:
    """Take a text that may be missing, and is not empty where it is there."""
    return table.text(key) if key in table else ""
