"""``sbom.cdx.json``: what the harness was made of in a run, as CycloneDX 1.6.

A hash is always that of a file that is here, and stands at the component that is this file: a wheel is gone once it is
installed, so each distribution carries a file component for its RECORD, which is the list of the hashes of all its
files (PEP 376), and one for each library in machine code that its makers packed into it.
"""

import hashlib
import platform
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

import harness
from harness.clients.browser import Chromium
from harness.errors import RecordError
from harness.media.tools import tool_versions
from harness.plugin.closure import DISTRIBUTION, Installed, closure, natives
from harness.plugin.content import package_sha256
from harness.report.manifest import file_sha256
from harness.report.record import SBOM

#: The distribution that brings FFmpeg and the encoders as files of its own.
_VIDEO = "av"

#: What a field of a licence has at most where it is the name and not the licence itself.
_NAME_LETTERS = 100


def sbom(*, run_id: str, started: str, browser: Chromium | None = None) -> bytes:
    """The bill of materials of this process; the same harness and run give the same bytes.

    ``started`` is ISO 8601; ``browser`` is the one that plays videos, None where none does.
    """
    return (JsonV1Dot6(_bom(run_id, started, browser)).output_as_string(indent=1) + "\n").encode()


def reference(content: bytes) -> dict[str, str]:
    """How a record refers to a bill of materials beside it."""
    return {"file": SBOM, "format": "CycloneDX 1.6", "SHA-256": hashlib.sha256(content).hexdigest()}


def write_sbom(folder: Path, content: bytes) -> Path:
    """Put a bill of materials into a run folder.

    Raises:
        RecordError: it cannot be written.
    """
    path = folder / SBOM
    try:
        path.write_bytes(content)
    except OSError as error:
        raise RecordError(f"{path}: cannot be written: {error.strerror}; free the place and repeat") from error
    return path


def _bom(run_id: str, started: str, browser: Chromium | None) -> Bom:
    own = Component(
        name=DISTRIBUTION,
        version=harness.__version__,
        type=ComponentType.APPLICATION,
        bom_ref=DISTRIBUTION,
        properties=[
            Property(name="pytest-pacs:SHA-256 of the list of the hashes of its files", value=package_sha256())
        ],
    )
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"pytest-pacs sbom {run_id}"))
    bom.metadata.timestamp = datetime.fromisoformat(started)
    bom.metadata.component = own
    bom.metadata.tools.components.add(this_component())
    found = {one.name: one for one in closure()}
    made = {name: _component(one) for name, one in found.items() if name != DISTRIBUTION}
    programs = [_python(), *([_browser(browser)] if browser else [])]
    for component in (*programs, *made.values()):
        bom.components.add(component)
    bom.register_dependency(own, [*programs, *(made[name] for name in found[DISTRIBUTION].requires)])
    for name, component in made.items():
        bom.register_dependency(component, [made[one] for one in found[name].requires])
    return bom


def _component(one: Installed) -> Component:
    found, reference = one.distribution, f"{one.name}@{one.distribution.version}"
    return Component(
        name=one.name,
        version=found.version,
        type=ComponentType.LIBRARY,
        scope=ComponentScope.OPTIONAL if one.optional else ComponentScope.REQUIRED,
        bom_ref=reference,
        purl=PackageURL("pypi", None, one.name, found.version),
        description=str(found.metadata.json.get("summary") or "") or None,
        licenses=_licences(found),
        components=[*_record(reference, found), *_libraries(reference, found)],
        properties=_versions() if one.name == _VIDEO else None,
    )


def _record(owner: str, found: metadata.Distribution) -> Iterator[Component]:
    listed = found.read_text("RECORD")
    if listed:
        yield _file(f"{owner}/RECORD", "RECORD", hashlib.sha256(listed.encode()).hexdigest())


def _libraries(owner: str, found: metadata.Distribution) -> Iterator[Component]:
    for native in natives(found):
        yield _file(f"{owner}/{native.path}", native.file.name, file_sha256(native.file), native.version)


def _python() -> Component:
    program = Path(sys.executable).resolve()
    return Component(
        name=platform.python_implementation(),
        version=platform.python_version(),
        type=ComponentType.PLATFORM,
        bom_ref="python",
        components=[_file("python/program", program.name, file_sha256(program))],
    )


def _browser(browser: Chromium) -> Component:
    name, _, version = browser.version.rpartition(" ")
    program = Path(browser.path).resolve()
    return Component(
        name=name or browser.version,
        version=version if name else None,
        type=ComponentType.APPLICATION,
        scope=ComponentScope.OPTIONAL,
        bom_ref="browser",
        components=[_file("browser/program", program.name, file_sha256(program))],
    )


def _file(reference: str, name: str, sha256: str, version: str = "") -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=sha256)]
    return Component(name=name, version=version or None, type=ComponentType.FILE, bom_ref=reference, hashes=hashes)


def _licences(found: metadata.Distribution) -> list[License]:
    """What a distribution declares: an expression (PEP 639), else a name, else its classifiers."""
    about = found.metadata.json
    for field in ("license_expression", "license"):
        text = str(about.get(field) or "").strip()
        if text and "\n" not in text and len(text) <= _NAME_LETTERS:
            return [LicenseFactory().make_from_string(text, license_acknowledgement=LicenseAcknowledgement.DECLARED)]
    classifiers = found.metadata.get_all("Classifier") or ()
    names = sorted({one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License :: ")})
    return [DisjunctiveLicense(name=name, acknowledgement=LicenseAcknowledgement.DECLARED) for name in names]


def _versions() -> list[Property]:
    media = tool_versions()
    known = {name: media[name] for name in ("FFmpeg", "licence", "configuration")} | media["libraries"]
    return [Property(name=f"pytest-pacs:{name}", value=str(value)) for name, value in sorted(known.items())]
