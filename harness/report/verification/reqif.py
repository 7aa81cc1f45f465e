"""``trace.reqif``: the same trace in the Requirements Interchange Format 1.2 of OMG, for requirements tools.

Requirements, risk controls, checks, cells and evidence files are objects, each in one specification, as tools drop what
is in none; relations lead from requirement to check, from check to cell and from cell to evidence. Identifiers are
hashes of names, so that a tool that takes the file in again finds its own.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from harness.core.conclusion import SettledCell, settle
from harness.core.results import Evidence
from harness.core.verification.report import Report
from harness.core.verification.trace import OnTarget
from harness.report.verification.rendering import Rendering
from harness.report.wording import printable

_NAMESPACE = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd"
_TEXT = "_datatype-text"

#: The kinds of objects with their attributes, all of them text. The first is what the object is known by.
TYPES: Mapping[str, tuple[str, ...]] = {
    "requirement": (
        *("ReqIF.ForeignID", "ReqIF.Text", "level", "source", "kind", "origin", "fingerprint", "not tested"),
        *("verdicts", "reasons"),
    ),
    "risk control": ("ReqIF.ForeignID", "ReqIF.Text", "shows", "verdicts", "reasons"),
    "check": ("ReqIF.ForeignID", "ReqIF.Text", "expected", "level", "source"),
    "cell": ("ReqIF.ForeignID", "ReqIF.Text", "target", "format", "variant", "evidence class", "outcome"),
    "evidence": ("ReqIF.ForeignID", "ReqIF.Text", "sha256"),
}

#: What one object is to the next.
VERIFIED, CAME_TO, RESTS_ON = RELATIONS = ("is verified by", "came to", "rests on")

#: The values of one object, in the order of :data:`TYPES`.
_Values = tuple[str, ...]


def render(rendering: Rendering) -> bytes:
    """The whole file; nothing in it tells when it was made, only when the run ended."""
    return "".join(_Exchange(rendering.report).parts()).encode()


class _Exchange:
    """One file on the way: its objects by kind, and how often each part of it changed, which is once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._cells = settle(report.run)
        self._checks = report.run.known_checks
        self._when = _moment(report.run.finished or report.run.started)
        self._changed = f'LAST-CHANGE="{self._when}"'
        # By name, since one file may be the evidence of many cells.
        self._objects: dict[str, dict[str, _Values]] = {
            "requirement": {values[0]: values for values in self._requirements()},
            "risk control": {values[0]: values for values in self._risks()},
            "check": {id: (id, one.title, one.expected, one.level, one.section) for id, one in self._checks.items()},
            "cell": {one.cell.id: _cell(one) for one in self._cells},
            "evidence": {
                one.path: (one.path, one.title, one.sha256) for cell in self._cells for one in _evidence(cell)
            },
        }

    def parts(self) -> Iterator[str]:
        """The file, piece by piece."""
        report = self._report
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield f'<REQ-IF xmlns="{_NAMESPACE}" xml:lang="en">\n<THE-HEADER><REQ-IF-HEADER IDENTIFIER="_{report.uuid}">'
        yield f"<CREATION-TIME>{self._when}</CREATION-TIME><REQ-IF-TOOL-ID>pytest-pacs</REQ-IF-TOOL-ID>"
        yield "<REQ-IF-VERSION>1.0</REQ-IF-VERSION>"
        yield f"<SOURCE-TOOL-ID>{_element('pytest-pacs ' + report.harness)}</SOURCE-TOOL-ID>"
        yield f"<TITLE>{_element(f'{report.title}, run {report.run.run_id}')}</TITLE>"
        yield "</REQ-IF-HEADER></THE-HEADER>\n<CORE-CONTENT><REQ-IF-CONTENT>\n"
        yield from self._types()
        yield "<SPEC-OBJECTS>\n"
        for kind, objects in self._objects.items():
            for name, values in objects.items():
                yield self._object(kind, name, values)
        yield "</SPEC-OBJECTS>\n<SPEC-RELATIONS>\n"
        yield from self._relations()
        yield "</SPEC-RELATIONS>\n<SPECIFICATIONS>\n"
        for kind, objects in self._objects.items():
            if objects:
                yield from self._specification(kind, objects)
        yield "</SPECIFICATIONS>\n</REQ-IF-CONTENT></CORE-CONTENT>\n</REQ-IF>\n"

    def _requirements(self) -> Iterator[_Values]:
        for traced in self._report.trace.requirements:
            one = traced.requirement
            about = (one.level, one.source, one.kind, one.origin, traced.fingerprint, one.not_tested)
            yield (one.id, one.text, *about, *_verdicts(traced.on))

    def _risks(self) -> Iterator[_Values]:
        for traced in self._report.trace.risks:
            one = traced.control
            yield (one.id, one.text, one.shows, *_verdicts(traced.on))

    def _relations(self) -> Iterator[str]:
        trace = self._report.trace
        for requirement in trace.requirements:
            yield from self._verified("requirement", requirement.requirement.id, requirement.checks)
        for risk in trace.risks:
            yield from self._verified("risk control", risk.control.id, risk.checks)
        for one in self._cells:
            if one.cell.check in self._checks:
                yield self._relation(CAME_TO, ("check", one.cell.check), ("cell", one.cell.id))
            for path in dict.fromkeys(evidence.path for evidence in _evidence(one)):
                yield self._relation(RESTS_ON, ("cell", one.cell.id), ("evidence", path))

    def _verified(self, kind: str, name: str, checks: Iterable[str]) -> Iterator[str]:
        for check in checks:
            if check in self._checks:
                yield self._relation(VERIFIED, (kind, name), ("check", check))

    def _types(self) -> Iterator[str]:
        yield f'<DATATYPES><DATATYPE-DEFINITION-STRING IDENTIFIER="{_TEXT}" {self._changed} LONG-NAME="text" '
        yield 'MAX-LENGTH="100000"/></DATATYPES>\n<SPEC-TYPES>\n'
        for kind, names in TYPES.items():
            yield f'<SPEC-OBJECT-TYPE IDENTIFIER="{_type(kind)}" {self._changed} LONG-NAME="{kind}"><SPEC-ATTRIBUTES>'
            for name in names:
                yield f'<ATTRIBUTE-DEFINITION-STRING IDENTIFIER="{_attribute(kind, name)}" {self._changed} '
                yield f'LONG-NAME="{name}"><TYPE><DATATYPE-DEFINITION-STRING-REF>{_TEXT}'
                yield "</DATATYPE-DEFINITION-STRING-REF></TYPE></ATTRIBUTE-DEFINITION-STRING>"
            yield "</SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE>\n"
        for name in RELATIONS:
            yield f'<SPEC-RELATION-TYPE IDENTIFIER="{_type(name)}" {self._changed} LONG-NAME="{name}"/>\n'
        yield f'<SPECIFICATION-TYPE IDENTIFIER="{_type("specification")}" {self._changed} '
        yield 'LONG-NAME="specification"/>\n</SPEC-TYPES>\n'

    def _object(self, kind: str, name: str, values: _Values) -> str:
        filled = "".join(
            f"<ATTRIBUTE-VALUE-STRING THE-VALUE={_value(value)}><DEFINITION><ATTRIBUTE-DEFINITION-STRING-REF>"
            f"{_attribute(kind, attribute)}</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>"
            for attribute, value in zip(TYPES[kind], values, strict=True)
            if value
        )
        return (
            f'<SPEC-OBJECT IDENTIFIER="{_identifier(kind, name)}" {self._changed}><VALUES>{filled}</VALUES>'
            f"<TYPE><SPEC-OBJECT-TYPE-REF>{_type(kind)}</SPEC-OBJECT-TYPE-REF></TYPE></SPEC-OBJECT>\n"
        )

    def _relation(self, name: str, source: tuple[str, str], target: tuple[str, str]) -> str:
        return (
            f'<SPEC-RELATION IDENTIFIER="{_identifier(name, *source, *target)}" {self._changed}>'
            f"<TARGET><SPEC-OBJECT-REF>{_identifier(*target)}</SPEC-OBJECT-REF></TARGET>"
            f"<SOURCE><SPEC-OBJECT-REF>{_identifier(*source)}</SPEC-OBJECT-REF></SOURCE>"
            f"<TYPE><SPEC-RELATION-TYPE-REF>{_type(name)}</SPEC-RELATION-TYPE-REF></TYPE></SPEC-RELATION>\n"
        )

    def _specification(self, kind: str, names: Iterable[str]) -> Iterator[str]:
        yield f'<SPECIFICATION IDENTIFIER="{_identifier("specification", kind)}" {self._changed} LONG-NAME="{kind}">'
        yield f"<TYPE><SPECIFICATION-TYPE-REF>{_type('specification')}</SPECIFICATION-TYPE-REF></TYPE><CHILDREN>\n"
        for name in names:
            yield f'<SPEC-HIERARCHY IDENTIFIER="{_identifier("place", kind, name)}" {self._changed}><OBJECT>'
            yield f"<SPEC-OBJECT-REF>{_identifier(kind, name)}</SPEC-OBJECT-REF></OBJECT></SPEC-HIERARCHY>\n"
        yield "</CHILDREN></SPECIFICATION>\n"


def _cell(one: SettledCell) -> _Values:
    cell, deciding = one.cell, one.deciding
    kind = deciding.evidence_class if deciding else ""
    return (cell.id, one.reason, cell.target, cell.format or "", cell.variant or "", kind, one.outcome)


def _evidence(one: SettledCell) -> Iterator[Evidence]:
    """The evidence of every attempt."""
    return (evidence for attempt in one.attempts for evidence in attempt.evidence)


def _verdicts(on: Iterable[OnTarget]) -> tuple[str, str]:
    """What came of it on each target, and why; a line for each."""
    targets = tuple(on)
    return (
        "\n".join(f"{one.target} ({one.evidence_class or 'class not recorded'}): {one.verdict}" for one in targets),
        "\n".join(f"{one.target}: {'; '.join(one.reasons)}" for one in targets),
    )


def _moment(text: str) -> str:
    """A time of a record as XML Schema writes it; a record may hold anything."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.fromtimestamp(0, UTC)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat(timespec="milliseconds")


def _identifier(*names: str) -> str:
    return "_" + hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]


@cache
def _type(name: str) -> str:
    return f"_type-{name.replace(' ', '-')}"


@cache
def _attribute(kind: str, name: str) -> str:
    return f"_{kind}-{name}".replace(" ", "-")


def _value(text: str) -> str:
    return quoteattr(printable(text))


def _element(text: str) -> str:
    return escape(printable(text))
