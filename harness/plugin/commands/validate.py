"""``pacs-harness validate``: hold Part 10 files against the rules of the standard, without a run."""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from harness.catalogue.read import load_formats, load_sop_classes
from harness.core.facts import StreamFacts
from harness.core.validation.opinion import Remark, counted
from harness.core.validation.rules import Severity
from harness.core.validation.table import RULES
from harness.core.validation.texts import printable
from harness.errors import EnvironmentProblem, HarnessError, MediaError
from harness.media.dciodvfy import INSTALL, find_dciodvfy, read_as, second_opinion
from harness.media.validated import Validated, validate_file

SCHEMA = "pytest-pacs/validation/1"

#: Exit codes: nothing breaks a "shall", something does, a file cannot be judged at all.
NO_ERROR, ERRORS, REFUSED = 0, 1, 4


@dataclass(frozen=True, slots=True)
class Sifted:
    """What dciodvfy says of a file: remarks that count, those that do not with the reason, or why it says nothing."""

    kept: tuple[Remark, ...] = ()
    waived: tuple[tuple[Remark, str], ...] = ()
    silent: str = ""


def show_rules() -> int:
    """Print the table of rules."""
    rows = [
        (rule.id, rule.severity, rule.scope.words, rule.section or "that of the syntax", rule.title) for rule in RULES
    ]
    head = ("rule", "severity", "applies to", "paragraph", "what must hold")
    sys.stdout.write(tabulate(rows, head, tablefmt="simple", disable_numparse=True) + "\n")
    return NO_ERROR


def validate(files: Sequence[Path], *, as_json: bool = False, second: bool = False) -> int:
    """Print what is wrong with each file; a file that cannot be judged is named and does not stop the others.

    Raises:
        EnvironmentProblem: the second opinion is asked for and dciodvfy is not here.
    """
    tool = find_dciodvfy() if second else None
    if second and tool is None:
        raise EnvironmentProblem(f"dciodvfy is not here; {INSTALL}")
    formats = {format.uid: format for format in load_formats().values()}
    code, told = NO_ERROR, []
    with tempfile.TemporaryDirectory(prefix="pacs-validate-") as folder:
        for path in files:
            try:
                seen = validate_file(path, formats, Path(folder))
            except HarnessError as error:
                sys.stderr.write(f"pacs-harness: {error}\n")
                told.append({"file": str(path), "unreadable": str(error)})
                code = REFUSED
                continue
            opinion = None if tool is None else _ask(tool, seen, Path(folder))
            if seen.has_errors or (opinion and any(one.severity is Severity.ERROR for one in opinion.kept)):
                code = max(code, ERRORS)
            told.append(_plain(seen, opinion))
            if not as_json:
                sys.stdout.write("\n".join(_lines(seen, opinion)) + "\n")
    if as_json:
        sys.stdout.write(json.dumps({"schema": SCHEMA, "files": told}, indent=2) + "\n")
    return code


def _ask(tool: Path, seen: Validated, scratch: Path) -> Sifted:
    if seen.format is None:
        return Sifted(silent="it is asked about video only")
    try:
        return Sifted(*counted(seen.format, second_opinion(tool, seen.path, seen.format, scratch)))
    except MediaError as error:
        return Sifted(silent=str(error))


def _lines(seen: Validated, opinion: Sifted | None) -> Iterator[str]:
    yield f"{printable(str(seen.path))}: {_what(seen)}"
    for one in seen.findings:
        yield f"  {one.severity:11}  {one.rule:3}  {one.words}"
    for limit in seen.not_judged:
        yield printable(f"  not judged        {limit}")
    if opinion is not None:
        yield from _opinion_lines(seen, opinion)
    counts = Counter(one.severity for one in seen.findings)
    yield "  " + ", ".join(f"{counts[severity]} {severity}" for severity in Severity)


def _opinion_lines(seen: Validated, opinion: Sifted) -> Iterator[str]:
    if opinion.silent:
        yield printable(f"  dciodvfy          says nothing: {opinion.silent}")
        return
    if seen.format is not None and read_as(seen.format) != seen.format.uid:
        yield f"  dciodvfy          is shown the attributes under {read_as(seen.format)}, which it knows"
    for one in opinion.kept:
        yield printable(f"  dciodvfy          {one.severity}: {one.text}")
    for one, reason in opinion.waived:
        yield printable(f"  dciodvfy          does not count: {one.text} ({reason})")
    if not opinion.kept:
        yield "  dciodvfy          finds nothing that counts"


def _what(seen: Validated) -> str:
    classes = {one.uid: one.name for one in load_sop_classes().values()}
    syntax = seen.format.name if seen.format else f"transfer syntax {printable(seen.transfer_syntax_uid) or 'missing'}"
    kind = classes.get(seen.sop_class_uid) or f"SOP class {printable(seen.sop_class_uid) or 'missing'}"
    stream = seen.stream
    if not isinstance(stream, StreamFacts):
        return f"{syntax}; {kind}"
    picture = f"{stream.columns}x{stream.rows} at {float(stream.rate):g} Hz, {stream.frames} frames"
    return f"{syntax}; {kind}; {printable(str(stream.codec))} in {stream.container}, {picture}"


def _plain(seen: Validated, opinion: Sifted | None) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "file": str(seen.path),
        "sop_class_uid": seen.sop_class_uid,
        "transfer_syntax_uid": seen.transfer_syntax_uid,
        "format": seen.format.id if seen.format else None,
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity.value,
                "section": one.section,
                "title": one.title,
                "seen": one.seen,
            }
            for one in seen.findings
        ],
        "not_judged": list(seen.not_judged),
    }
    if opinion is not None:
        plain["second_opinion"] = {
            "by": "dciodvfy",
            "read_as": read_as(seen.format) if seen.format else None,
            "remarks": [{"severity": one.severity.value, "text": one.text} for one in opinion.kept],
            "waived": [{"text": one.text, "reason": reason} for one, reason in opinion.waived],
            "silent": opinion.silent,
        }
    return plain
