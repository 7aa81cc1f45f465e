"""``pacs-harness requirements`` and ``pacs-harness protocol``: what is required, what asks for it, and what is wrong
with the links between the two.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tabulate import tabulate

from harness.catalogue.agreed import load_user_requirements
from harness.catalogue.places import protocol_file, reviewed_file
from harness.catalogue.required import load_reviewed, save_reviewed
from harness.catalogue.table import PLACEHOLDER
from harness.core.coverage import Finding, Reviewed, coverage, linked, reviewed_now, suspect
from harness.core.plain import plain
from harness.core.requirements import Requirement
from harness.core.results import Protocol
from harness.errors import UsageError
from harness.plugin.protocol import current_protocol
from harness.report.wording import printable

#: Exit codes: nothing is wrong, or something is.
SOUND, FINDINGS = 0, 1

_APPROVAL = """\
# Approval of the protocol: whoever approves it completes each {placeholder}, before the run starts. Give the file as
# --approval. "approved" is a time with its offset from UTC, such as 2026-01-31T14:00:00+01:00.
protocol = {id}
version = {version}
sha256 = {sha256}
approved = "{placeholder}"

[approved_by]
name = "{placeholder}"
role = "{placeholder}"
organisation = "{placeholder}"
"""


def show_requirements(own: Path | None, *, accept: bool, as_json: bool) -> int:
    """Print every requirement with its checks, and what is wrong; ``accept`` says that somebody reviewed it as it is.

    Raises:
        UsageError: a file breaks its rules, or a changed protocol still has its old version.
    """
    protocol, requirements = current_protocol()
    given = () if own is None else load_user_requirements(own)
    users = linked(given, protocol.checks, requirements)
    if accept:
        _accept(requirements, protocol)
    found = (*coverage(requirements, protocol.checks, users), *suspect(requirements, protocol, load_reviewed()))
    shown = (*requirements, *users)
    sys.stdout.write(_json(shown, found, protocol) if as_json else _text(shown, found))
    return FINDINGS if found else SOUND


def show_protocol() -> int:
    """Print the protocol's id, version and hash as a file for its approval."""
    protocol, requirements = current_protocol()
    sys.stdout.write(
        f"# {len(protocol.checks)} checks, {len(requirements)} requirements\n"
        + _APPROVAL.format(
            placeholder=PLACEHOLDER,
            id=json.dumps(protocol.id),
            version=json.dumps(protocol.version),
            sha256=json.dumps(protocol.sha256),
        )
    )
    return SOUND


def _accept(requirements: Sequence[Requirement], protocol: Protocol) -> None:
    now, before = reviewed_now(requirements, protocol), _before()
    if before is not None and before.version == now.version and before.sha256 != now.sha256:
        raise UsageError(
            f"{protocol_file()}: version: is still {now.version}, and the protocol is another; raise it, then accept"
        )
    sys.stderr.write(f"reviewed: {save_reviewed(now)}\n")


def _before() -> Reviewed | None:
    return load_reviewed() if reviewed_file().exists() else None


def _json(requirements: Iterable[Requirement], found: Sequence[Finding], protocol: Protocol) -> str:
    value = {
        "protocol": {"id": protocol.id, "version": protocol.version, "sha256": protocol.sha256},
        "requirements": [plain(one) | {"fingerprint": one.fingerprint} for one in requirements],
        "findings": plain(found),
    }
    return json.dumps(value, indent=2) + "\n"


def _text(requirements: Sequence[Requirement], found: Sequence[Finding]) -> str:
    rows = [
        (one.id, one.level, one.source, ", ".join(one.checks) or f"none: {one.not_tested or 'no reason given'}")
        for one in requirements
    ]
    cells = [[printable(cell) for cell in row] for row in rows]
    table = tabulate(
        cells, ("requirement", "level", "source", "checks"), tablefmt="plain", maxcolwidths=[None, None, 40, 60]
    )
    lines = [printable(f"{one.subject}: {one.problem}") for one in found] or ["nothing is wrong"]
    return "\n".join((table, "", *lines)) + "\n"
