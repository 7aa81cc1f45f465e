"""``pacs-harness known``: entries for the ledger of known anomalies, for a person to complete."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.catalogue.table import PLACEHOLDER
from harness.core.verification.anomalies import Anomaly, anomalies
from harness.core.verification.dossier import Dossier
from harness.report.record import read_run
from harness.report.wording import printable

_HEAD = f"""\
# Known anomalies: complete each {PLACEHOLDER}, and give the file as --known. A known failure stays a failure.
# "formats" and "versions" are those that it is known for; leave them out for all.
# "expires" is the day, such as 2026-12-31, after which it must be looked at again. "link" may name a place to read on.
"""


def show_entries(folder: Path) -> int:
    """Print one entry for each anomaly of a run.

    Raises:
        RecordError: the run cannot be read.
    """
    lines = [line for one in anomalies(read_run(folder), Dossier()) for line in _entry(one)]
    sys.stdout.write(_HEAD + "".join(f"{line}\n" for line in lines))
    return 0


def _entry(one: Anomaly) -> Iterator[str]:
    """The lines of one entry."""
    yield ""
    for reason in one.reasons:
        # What a PACS said stands behind a comment sign, in one line.
        yield f"# {printable(reason).replace(chr(10), ' ')}"
    yield "[[anomalies]]"
    yield f"id = {_text(one.id)}"
    yield f"title = {_text(f'{one.check} is {one.outcome} on {one.product}: {one.title}')}"
    yield f"classification = {_text(one.classification)}"
    for key in ("criticality", "disposition", "rationale"):
        yield f"{key} = {_text(PLACEHOLDER)}"
    yield "residual = true"
    yield f"expires = {_text(PLACEHOLDER)}"
    if one.formats:
        yield f"formats = {_texts(one.formats)}"
    yield f"versions = {_texts(one.versions)}"


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(_text(one) for one in values)}]"


def _text(value: str) -> str:
    # A string of JSON, all of it ASCII, is one of TOML.
    return json.dumps(printable(value).replace("\n", " "))
