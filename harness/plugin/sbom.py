"""``sbom.cdx.json``: what the harness was made of in a run, as CycloneDX 1.6.

Each distribution carries a file component for its RECORD, whose hash is over the list of the hashes of all its files
(PEP 376), and each native library that came inside the video library carries the hash of the library itself.
"""

import hashlib
import platform
import uuid
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

import harness
from harness.media.tools import tool_versions
from harness.plugin.qualification.identity import DISTRIBUTION, dependencies, required
from harness.report.record import SBOM

#: The distribution that brings FFmpeg and the encoders as files of its own, and where in it they lie.
_VIDEO, _LIBRARIES = "av", "av.libs"


def write_sbom(folder: Path, *, run_id: str, started: str) -> Path:
    """Write the bill of materials of this process into a run folder; ``started`` is ISO 8601."""
    path = folder / SBOM
    path.write_text(JsonV1Dot6(_bom(run_id, started)).output_as_string(indent=1) + "\n", "utf-8")
    return path


def _bom(run_id: str, started: str) -> Bom:
    own = Component(
        name=DISTRIBUTION, version=harness.__version__, type=ComponentType.APPLICATION, bom_ref=DISTRIBUTION
    )
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"pytest-pacs sbom {run_id}"))
    bom.metadata.timestamp = datetime.fromisoformat(started)
    bom.metadata.component = own
    bom.metadata.tools.components.add(this_component())
    made = {name: _component(name, found) for name, found in dependencies().items()}
    python = Component(
        name=platform.python_implementation(),
        version=platform.python_version(),
        type=ComponentType.PLATFORM,
        bom_ref="python",
    )
    for component in (python, *made.values()):
        bom.components.add(component)
    bom.register_dependency(own, [python, *(made[name] for name in required(DISTRIBUTION) if name in made)])
    for name, component in made.items():
        bom.register_dependency(component, [made[one] for one in required(name) if one in made])
    return bom


def _component(name: str, found: metadata.Distribution) -> Component:
    about = found.metadata.json
    licence = str(about.get("license_expression") or about.get("license") or "").partition("\n")[0].strip()
    return Component(
        name=name,
        version=found.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{name}@{found.version}",
        purl=PackageURL("pypi", None, name, found.version),
        description=str(about.get("summary") or "") or None,
        licenses=[DisjunctiveLicense(name=licence)] if licence else None,
        components=[*_record(name, found), *(_libraries(found) if name == _VIDEO else ())],
        properties=_versions() if name == _VIDEO else None,
    )


def _record(name: str, found: metadata.Distribution) -> Iterator[Component]:
    listed = found.read_text("RECORD")
    if listed:
        yield _file(f"{name}@{found.version}/RECORD", "RECORD", hashlib.sha256(listed.encode()).hexdigest())


def _libraries(found: metadata.Distribution) -> Iterator[Component]:
    for path in sorted(found.files or (), key=str):
        place = Path(str(path.locate()))
        if path.parts[0] == _LIBRARIES and place.is_file():
            with place.open("rb") as file:
                yield _file(str(path), path.name, hashlib.file_digest(file, "sha256").hexdigest())


def _file(reference: str, name: str, sha256: str) -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=sha256)]
    return Component(name=name, type=ComponentType.FILE, bom_ref=reference, hashes=hashes)


def _versions() -> list[Property]:
    media = tool_versions()
    known = {"FFmpeg": media["FFmpeg"], "licence": media["licence"], **media["libraries"]}
    return [Property(name=f"pytest-pacs:{name}", value=str(value)) for name, value in sorted(known.items())]
