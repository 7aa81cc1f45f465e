"""Whether the PDF files of a bundle show its report.

They are made again and compared where that can be done. Elsewhere, and where other fonts lay them out otherwise, they
must at least hold the record and name its hash; what their pages say is then not told.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from harness.errors import EnvironmentProblem
from harness.report.verification import document
from harness.report.verification.findings import Findings
from harness.report.verification.rendering import Rendering
from harness.report.verification.seal import added_problems, is_sealed
from harness.report.verification.views import PDFS, STATEMENT

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def verify_pdf(folder: Path, rendering: Rendering, findings: Findings, *, again: bool) -> None:
    """Hold the PDF files against the report; ``again`` tells whether this version can make the same."""
    kept = {name: (folder / name).read_bytes() for name in PDFS if (folder / name).is_file()}
    if not rendering.pdf:
        findings.held("no PDF file", [f"{name}: {STATEMENT} says that none was made" for name in kept])
        return
    made: dict[str, bytes] = {}
    why = "another version or other templates made it"
    if again:
        try:
            documents = document.render(rendering)
            made = dict(zip(PDFS, (documents.archive, documents.submission), strict=True))
            why = "it is laid out otherwise here, as other fonts do"
        except EnvironmentProblem as problem:
            why = str(problem)
    for name in PDFS:
        if name not in kept:
            findings.held(name, [f"{name}: missing"])
        elif kept[name] == made.get(name):
            findings.held(name, [])
        elif name in made and kept[name].startswith(made[name]):
            _verify_added(folder, name, kept[name], findings)
        elif findings.held(f"the record and its hash in {name}", _record_differences(name, kept[name], rendering)):
            untold = f"{name}: its pages were not compared: {why}"
            if name in made:
                findings.held(name, [untold], decided=False)
            else:
                findings.notes.append(untold)


def _verify_added(folder: Path, name: str, data: bytes, findings: Findings) -> None:
    """A seal is added behind what was made, and so is whatever shows other pages than these."""
    if name != document.ARCHIVE or not is_sealed(folder):
        problem = f"{name}: something was added behind what was made, as signatures are; who signs it signs a copy"
        findings.held(name, [problem])
        return
    try:
        findings.held(f"what the seal added to {name}", added_problems(data))
    except EnvironmentProblem as problem:
        findings.held(name, [f"{name}: something was added behind what was made: {problem}"], decided=False)


def _record_differences(name: str, data: bytes, rendering: Rendering) -> Iterator[str]:
    streams = [data, *(_inflated(found) for found in _STREAM.findall(data))]
    if name == document.ARCHIVE and rendering.record not in streams:
        yield f"{name}: does not hold this report.json"
    if not any(rendering.record_sha256.encode() in stream for stream in streams):
        yield f"{name}: does not name the hash of this report.json"


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data)
    except zlib.error:
        return data
