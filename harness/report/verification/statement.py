"""``statement.intoto.json``: what was tested and what it came to, as an in-toto Statement v1.

It can be signed as it is, and read by tools that know nothing of this harness.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import rfc8785

from harness.core.plain import plain
from harness.core.results import Run, TargetRecord
from harness.report.manifest import file_sha256
from harness.report.record import RECORD
from harness.report.verification.record import REPORT
from harness.report.verification.rendering import Rendering

PREDICATE = "urn:pytest-pacs:verification:1"
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})\b")


def render(rendering: Rendering) -> bytes:
    """The statement in canonical form (RFC 8785).

    Raises:
        OSError: the folder holds no record of the run.
    """
    report = rendering.report
    subjects = [
        (REPORT, rendering.record_sha256),
        (RECORD, file_sha256(rendering.folder / RECORD)),
        *(image for target in report.run.targets for image in _images(target)),
    ]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": sha256}} for name, sha256 in dict(subjects).items()],
        "predicateType": PREDICATE,
        "predicate": _predicate(rendering),
    }
    return rfc8785.dumps(plain(statement))


def _images(target: TargetRecord) -> Iterator[tuple[str, str]]:
    """Every hash by which a target names its container image: its id, and those of the places it came from."""
    for name, value in target.details.items():
        if name.startswith("image"):
            for sha256 in _SHA256.findall(str(value)):
                yield f"{target.id} image {sha256[:12]}", sha256


def states_pdf(content: bytes) -> bool | None:
    """Whether a statement says that the report has its PDF files; None where it does not tell."""
    try:
        return bool(json.loads(content)["predicate"]["report"]["pdf"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _predicate(rendering: Rendering) -> dict[str, Any]:
    report, run = rendering.report, rendering.report.run
    return {
        "report": {
            "uuid": report.uuid,
            "title": report.title,
            "completeness": report.completeness,
            "pdf": rendering.pdf,
        },
        "run": {"id": run.run_id, "started": run.started, "finished": run.finished},
        "verdict": report.verdict,
        "counts": [
            {
                "target": one.target,
                "evidenceClass": _evidence_class(run, one.target),
                "planned": one.planned,
                "unplanned": one.unplanned,
                **dict(one.outcomes),
            }
            for one in report.counts
        ],
        "protocol": run.protocol and {name: getattr(run.protocol, name) for name in ("id", "version", "sha256")},
        "harness": {"run": run.tools.get("harness"), "report": report.harness},
    }


def _evidence_class(run: Run, target: str) -> str | None:
    return next((one.evidence_class for one in run.targets if one.id == target), None)
