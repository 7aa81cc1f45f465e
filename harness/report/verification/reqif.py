"""``trace.reqif``: the same trace in the Requirements Interchange Format 1.2 of OMG, for requirements tools.

Requirements, checks, cells and evidence files are objects; relations lead from requirement to check, from check to cell
and from cell to evidence. Identifiers are hashes of names, so that a tool that takes the file in again finds its own.
"""

import hashlib
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from harness.core.conclusion import settle
from harness.core.results import Result
from harness.core.verification.report import Report
from harness.report import wording
from harness.report.verification.rendering import Rendering

_NAMESPACE = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd"
_TEXT = "_datatype-text"

#: The kinds of objects with their attributes, all of them text.
TYPES: dict[str, tuple[str, ...]] = {
    "requirement": ("ReqIF.ForeignID", "ReqIF.Text", "level", "source", "kind", "origin", "fingerprint", "verdicts"),
    "check": ("ReqIF.ForeignID", "ReqIF.Text", "expected", "level", "source"),
    "cell": ("ReqIF.ForeignID", "ReqIF.Text", "target", "format", "variant", "evidence class", "outcome"),
    "evidence": ("ReqIF.ForeignID", "ReqIF.Text", "sha256"),
}
RELATIONS = ("is verified by", "came to", "rests on")

#: One object: its kind, the name it is known by, and its values in the order of :data:`TYPES`.
_Object = tuple[str, str, tuple[str, ...]]


def render(rendering: Rendering) -> bytes:
    """The whole file; nothing in it tells when it was made, only when the run ended."""
    report = rendering.report
    when = report.run.finished or report.run.started
    objects = list(_objects(report))
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<REQ-IF xmlns="{_NAMESPACE}" xml:lang="en">\n<THE-HEADER><REQ-IF-HEADER IDENTIFIER="_{report.uuid}">',
        f"<CREATION-TIME>{_escaped(when)}</CREATION-TIME><REQ-IF-TOOL-ID>pytest-pacs</REQ-IF-TOOL-ID>",
        "<REQ-IF-VERSION>1.0</REQ-IF-VERSION>",
        f"<SOURCE-TOOL-ID>pytest-pacs {_escaped(report.harness)}</SOURCE-TOOL-ID>",
        f"<TITLE>{_escaped(report.title)}, run {_escaped(report.run.run_id)}</TITLE>",
        "</REQ-IF-HEADER></THE-HEADER>\n<CORE-CONTENT><REQ-IF-CONTENT>\n",
        *_types(when),
        "<SPEC-OBJECTS>\n",
        *(_object(one, when) for one in objects),
        "</SPEC-OBJECTS>\n<SPEC-RELATIONS>\n",
        *_relations(report, when),
        "</SPEC-RELATIONS>\n<SPECIFICATIONS>\n",
        *_specification([name for kind, name, _ in objects if kind == "requirement"], when),
        "</SPECIFICATIONS>\n</REQ-IF-CONTENT></CORE-CONTENT>\n</REQ-IF>\n",
    ]
    return "".join(parts).encode()


def _objects(report: Report) -> Iterator[_Object]:
    for traced in report.trace.requirements:
        known = traced.requirement
        verdicts = "; ".join(f"{on.target}: {on.verdict}" for on in traced.on)
        about = (known.level, known.source, known.kind, known.origin, traced.fingerprint, verdicts)
        yield "requirement", known.id, (known.id, known.text, *about)
    for check in report.run.checks:
        yield "check", check.id, (check.id, check.title, check.expected, check.level, check.section)
    seen = set()
    for cell, result in _decided(report):
        where = (result.cell.target, result.cell.format or "", result.cell.variant or "", result.evidence_class)
        yield "cell", cell, (cell, result.reason, *where, result.outcome)
        for evidence in result.evidence:
            if evidence.path not in seen:
                seen.add(evidence.path)
                yield "evidence", evidence.path, (evidence.path, evidence.title, evidence.sha256)


def _decided(report: Report) -> Iterator[tuple[str, Result]]:
    """Every cell that ran, with the result that decides it."""
    for one in settle(report.run):
        if one.deciding is not None:
            yield one.cell.id, one.deciding


def _relations(report: Report, when: str) -> Iterator[str]:
    asked = {check.id for check in report.run.checks}
    for traced in report.trace.requirements:
        for check in traced.checks:
            if check in asked:
                yield _relation(0, ("requirement", traced.requirement.id), ("check", check), when)
    for cell, result in _decided(report):
        if result.cell.check in asked:
            yield _relation(1, ("check", result.cell.check), ("cell", cell), when)
        for path in dict.fromkeys(evidence.path for evidence in result.evidence):
            yield _relation(2, ("cell", cell), ("evidence", path), when)


def _types(when: str) -> Iterator[str]:
    yield f'<DATATYPES><DATATYPE-DEFINITION-STRING IDENTIFIER="{_TEXT}" LAST-CHANGE={quoteattr(when)} '
    yield 'LONG-NAME="text" MAX-LENGTH="100000"/></DATATYPES>\n<SPEC-TYPES>\n'
    for kind, names in TYPES.items():
        yield f'<SPEC-OBJECT-TYPE IDENTIFIER="_type-{kind}" LAST-CHANGE={quoteattr(when)} LONG-NAME="{kind}">'
        yield "<SPEC-ATTRIBUTES>"
        for name in names:
            yield f'<ATTRIBUTE-DEFINITION-STRING IDENTIFIER="{_attribute(kind, name)}" LAST-CHANGE={quoteattr(when)} '
            yield f'LONG-NAME="{name}"><TYPE><DATATYPE-DEFINITION-STRING-REF>{_TEXT}</DATATYPE-DEFINITION-STRING-REF>'
            yield "</TYPE></ATTRIBUTE-DEFINITION-STRING>"
        yield "</SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE>\n"
    for number, name in enumerate(RELATIONS):
        yield f'<SPEC-RELATION-TYPE IDENTIFIER="_relation-{number}" LAST-CHANGE={quoteattr(when)} '
        yield f'LONG-NAME="{name}"/>\n'
    yield f'<SPECIFICATION-TYPE IDENTIFIER="_type-specification" LAST-CHANGE={quoteattr(when)} '
    yield 'LONG-NAME="specification"/>\n</SPEC-TYPES>\n'


def _object(one: _Object, when: str) -> str:
    kind, name, values = one
    filled = "".join(
        f"<ATTRIBUTE-VALUE-STRING THE-VALUE={_attribute_value(value)}><DEFINITION><ATTRIBUTE-DEFINITION-STRING-REF>"
        f"{_attribute(kind, attribute)}</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>"
        for attribute, value in zip(TYPES[kind], values, strict=True)
    )
    return (
        f'<SPEC-OBJECT IDENTIFIER="{_identifier(kind, name)}" LAST-CHANGE={quoteattr(when)}><VALUES>{filled}</VALUES>'
        f"<TYPE><SPEC-OBJECT-TYPE-REF>_type-{kind}</SPEC-OBJECT-TYPE-REF></TYPE></SPEC-OBJECT>\n"
    )


def _relation(number: int, source: tuple[str, str], target: tuple[str, str], when: str) -> str:
    name = _identifier("relation", "\n".join((*source, *target)))
    return (
        f'<SPEC-RELATION IDENTIFIER="{name}" LAST-CHANGE={quoteattr(when)}>'
        f"<TARGET><SPEC-OBJECT-REF>{_identifier(*target)}</SPEC-OBJECT-REF></TARGET>"
        f"<SOURCE><SPEC-OBJECT-REF>{_identifier(*source)}</SPEC-OBJECT-REF></SOURCE>"
        f"<TYPE><SPEC-RELATION-TYPE-REF>_relation-{number}</SPEC-RELATION-TYPE-REF></TYPE></SPEC-RELATION>\n"
    )


def _specification(requirements: Iterable[str], when: str) -> Iterator[str]:
    yield f'<SPECIFICATION IDENTIFIER="_specification" LAST-CHANGE={quoteattr(when)} LONG-NAME="Requirements">'
    yield "<TYPE><SPECIFICATION-TYPE-REF>_type-specification</SPECIFICATION-TYPE-REF></TYPE><CHILDREN>\n"
    for name in requirements:
        place, known = _identifier("hierarchy", name), _identifier("requirement", name)
        yield f'<SPEC-HIERARCHY IDENTIFIER="{place}" LAST-CHANGE={quoteattr(when)}>'
        yield f"<OBJECT><SPEC-OBJECT-REF>{known}</SPEC-OBJECT-REF></OBJECT></SPEC-HIERARCHY>\n"
    yield "</CHILDREN></SPECIFICATION>\n"


def _identifier(kind: str, name: str) -> str:
    return "_" + hashlib.sha256(f"{kind}\n{name}".encode()).hexdigest()[:32]


def _attribute(kind: str, name: str) -> str:
    return f"_{kind}-{name.replace(' ', '-')}"


def _attribute_value(text: str) -> str:
    return quoteattr(wording.printable(text))


def _escaped(text: str) -> str:
    return quoteattr(wording.printable(text))[1:-1]
