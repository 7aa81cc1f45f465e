"""The matrix as plain text: what a person sees at the end of a run, and ``matrix.txt`` in its folder."""

import textwrap
from collections.abc import Sequence

from tabulate import tabulate

from harness.core.conclusion import EVIDENCE_MEANING, RunVerdict, Standing, run_verdict
from harness.core.results import Run
from harness.report.findings import Finding, findings
from harness.report.summary import (
    Column,
    Group,
    Row,
    Summary,
    counts_text,
    format_name,
    label,
    summarise,
    uid_suffix,
)
from harness.report.verification.rendering import Rendering
from harness.report.wording import printable

_GREEN, _RED, _YELLOW, _DIM = "32", "31", "33", "2"

#: Colour of a standing or verdict by its name; never the only sign.
_COLOURS = {
    Standing.PASS.value: _GREEN,
    Standing.FAIL.value: _RED,
    Standing.ERROR.value: _RED,
    Standing.INCONCLUSIVE.value: _YELLOW,
    Standing.PARTIAL.value: _YELLOW,
    Standing.UNSUPPORTED.value: _YELLOW,
    Standing.NOT_RUN.value: _DIM,
    Standing.NOT_APPLICABLE.value: _DIM,
    RunVerdict.MET.name: _GREEN,
    RunVerdict.NOT_MET.name: _RED,
    RunVerdict.NOT_SHOWN.name: _YELLOW,
}

_MEANINGS = {kind.value: meaning for kind, meaning in EVIDENCE_MEANING.items()}

_MOST_REASONS = 8
_LONGEST_REASON = 300


def render(rendering: Rendering) -> bytes:
    """``matrix.txt`` in UTF-8."""
    # A name from a PACS may hold half a character; it must not cost the matrix.
    return matrix(rendering.report.run, 120).encode("utf-8", errors="backslashreplace")


def matrix(run: Run, width: int, *, colour: bool = False, report: str = "") -> str:
    """The whole run on one screen: matrix, what is not PASS, verdict, and where the ``report`` lies.

    ``width`` is in characters; targets that do not fit beside each other come below each other.
    """
    summary = summarise(run)
    parts = [*_tables(summary, width, colour=colour), _findings(summary, width)]
    parts.append(_closing(summary, width, colour=colour))
    for target in run.targets:
        if target.left_behind:
            left = f"{printable(target.id)}: {len(target.left_behind)} objects of this run were left there; "
            left += "their SOP Instance UIDs are in run.json and in the report"
            parts[-1] += "\n" + textwrap.fill(left, max(width, 40), subsequent_indent="  ")
    if report:
        parts[-1] += f"\nReport: {report}"
    return "\n\n".join(part for part in parts if part) + "\n"


def _tables(summary: Summary, width: int, *, colour: bool) -> list[str]:
    rows = summary.rows
    waiting = list(enumerate(summary.columns))
    tables = []
    while waiting:
        fitting = 1
        while fitting < len(waiting) and _extent(_table(rows, waiting[: fitting + 1], colour=False)) <= width:
            fitting += 1
        tables.append(_table(rows, waiting[:fitting], colour=colour))
        waiting = waiting[fitting:]
    return tables


def _table(rows: Sequence[Row], chosen: Sequence[tuple[int, Column]], *, colour: bool) -> str:
    head = ["", "syntax", *(f"{printable(column.id)}\n{column.class_label}" for _, column in chosen)]
    body = [
        [
            textwrap.shorten(printable(row.title), 40, placeholder="..."),
            row.suffix,
            *(_cell(row.groups[place], colour=colour) for place, _ in chosen),
        ]
        for row in rows
    ]
    return tabulate(body, head, tablefmt="simple", disable_numparse=True)


def _cell(group: Group | None, *, colour: bool) -> str:
    if group is None:
        return "-"
    text = group.text + (" flaky" if group.flaky else "")
    return _coloured(text, group.standing.value, colour=colour)


def _extent(table: str) -> int:
    return max(map(len, table.splitlines()), default=0)


def _findings(summary: Summary, width: int) -> str:
    run = summary.run
    found = findings(summary)
    return "\n".join(["Not PASS:", *(_finding(run, one, width) for one in found)]) if found else ""


def _finding(run: Run, one: Finding, width: int) -> str:
    names = [f"{printable(format_name(run, name))} ({uid_suffix(run, name)})" for name in one.formats]
    subject = ", ".join([", ".join(names), *one.checks] if names else one.checks)
    reason = textwrap.shorten(printable(one.reason), _LONGEST_REASON, placeholder=" ...")
    line = f"{label(one.outcome)}  {printable(one.target)}  {subject}: {reason}"
    return textwrap.fill(line, max(width, 40), initial_indent="  ", subsequent_indent="      ")


def _closing(summary: Summary, width: int, *, colour: bool) -> str:
    conclusion = run_verdict(summary.run)
    lines = [f"{len(summary.cells)} cells, {len(summary.run.planned)} planned."]
    for name, found in summary.counts_by_class().items():
        text = f"{name}: {counts_text(found)}. {_MEANINGS.get(name, '')}".rstrip()
        lines += textwrap.wrap(text, max(width, 40), subsequent_indent="  ")
    lines.append(f"Verdict: {_coloured(conclusion.verdict.label, conclusion.verdict.name, colour=colour)}")
    for reason in conclusion.reasons[:_MOST_REASONS]:
        lines.append(f"  {textwrap.shorten(printable(reason), max(width - 2, 40), placeholder=' ...')}")
    if len(conclusion.reasons) > _MOST_REASONS:
        lines.append(f"  and {len(conclusion.reasons) - _MOST_REASONS} more")
    return "\n".join(lines)


def _coloured(text: str, name: str, *, colour: bool) -> str:
    return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if colour else text
