"""What ``compose/<name>/target.toml`` says of a PACS, read strictly into values.

A new PACS is one new folder; nothing here or elsewhere names one. An unknown key is an error, so that a
misspelt setting never passes silently.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.catalogue.places import data_folder
from harness.catalogue.table import Table
from harness.errors import DataFileError, UnknownName

#: The target that needs no folder: our own PACS.
EMBEDDED = "embedded"

#: The AE title of our C-MOVE receiver, told to every PACS that we configure.
RECEIVER_AET = "PACS_RECEIVER"

TARGET_FILE = "target.toml"
COMPOSE_FILE = "compose.yaml"


@dataclass(frozen=True, slots=True)
class ContainerPart:
    """How the PACS runs in a container: its compose service, its image, and the variable for another."""

    service: str
    image_variable: str
    image: str


@dataclass(frozen=True, slots=True)
class NativePart:
    """How the PACS runs without a container: names of its binary, and settings laid over its configuration.

    The values of ``settings`` may hold ``{dicom_port}``, ``{http_port}`` and ``{storage}``, and are JSON
    where they read as JSON, else text.
    """

    binaries: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BuildPart:
    """How images are made from Debian packages: ``suites`` pairs expected versions with Debian suites."""

    folder: Path
    repository: str
    version_command: tuple[str, ...]
    suites: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TargetDefinition:
    """Everything that is known of a PACS before it is started.

    Ports are those inside the container. The version is the value of ``version_key`` in the JSON that
    ``version_path`` answers over HTTP. ``ready_seconds`` limits the whole start.
    """

    id: str
    product: str
    folder: Path
    configuration: Path
    ready_seconds: float
    aet: str
    dicom_port: int
    http_port: int
    version_path: str
    version_key: str
    container: ContainerPart
    native: NativePart | None
    build: BuildPart | None

    @property
    def compose_file(self) -> Path:
        """The compose file of this PACS."""
        return self.folder / COMPOSE_FILE


def known_targets() -> tuple[str, ...]:
    """Names that ``--pacs`` takes: our own PACS, and every folder of ``compose/`` with a target file."""
    return (EMBEDDED, *sorted(file.parent.name for file in data_folder("compose").glob(f"*/{TARGET_FILE}")))


def load_definition(name: str) -> TargetDefinition:
    """The definition of a PACS.

    Raises:
        UnknownName: no such folder.
        DataFileError: the file breaks its rules; the message names file and key.
    """
    if name == EMBEDDED or name not in known_targets():
        raise UnknownName("target", name, known_targets())
    return read_definition(data_folder("compose") / name)


def read_definition(folder: Path) -> TargetDefinition:
    """Read the target file of one folder.

    Raises:
        DataFileError: it is missing or breaks its rules.
    """
    top = Table.load(folder / TARGET_FILE)
    if not (folder / COMPOSE_FILE).is_file():
        raise DataFileError(folder, COMPOSE_FILE, "does not exist; every target needs one")
    dicom, http, container = top.table("dicom"), top.table("http"), top.table("container")
    definition = TargetDefinition(
        id=folder.name,
        product=top.text("product"),
        folder=folder,
        configuration=_inside(top, "configuration", folder),
        ready_seconds=top.integer("ready_seconds"),
        aet=_aet(dicom),
        dicom_port=_port(dicom),
        http_port=_port(http),
        version_path=http.text("version_path"),
        version_key=http.text("version_key"),
        container=ContainerPart(
            service=container.text("service"),
            image_variable=container.text("image_variable"),
            image=container.text("image"),
        ),
        native=_native(top.table("native")) if "native" in top else None,
        build=_build(top.table("build"), folder) if "build" in top else None,
    )
    for table in (dicom, http, container, top):
        table.done()
    if definition.native or definition.configuration.suffix == ".json":
        read_configuration(definition)
    return definition


def read_configuration(definition: TargetDefinition) -> dict[str, Any]:
    """The configuration of a PACS that is configured by JSON.

    Strict, whatever comments the PACS itself would take: natively it is read, changed and written again, and
    both ways to run a PACS must start from the same file.

    Raises:
        DataFileError: it is no JSON object.
    """
    path = definition.configuration
    try:
        configuration = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataFileError(path, "file", f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DataFileError(path, "file", f"is not JSON, which has no comments: {error}") from error
    if not isinstance(configuration, dict):
        raise DataFileError(path, "file", "is no JSON object; write {...} around the settings")
    return configuration


def _native(table: Table) -> NativePart:
    part = NativePart(binaries=_some(table, "binaries"), settings=table.pairs("settings"))
    table.done()
    return part


def _build(table: Table, folder: Path) -> BuildPart:
    part = BuildPart(
        folder=_inside(table, "folder", folder),
        repository=table.text("repository"),
        version_command=_some(table, "version_command"),
        suites=table.pairs("suites"),
    )
    table.done()
    return part


def _aet(table: Table) -> str:
    aet = table.text("aet")
    # The AE value representation has at most 16 characters (PS3.5 6.2).
    if len(aet) > 16:
        raise table.problem("aet", f"is {aet!r}; give at most 16 characters")
    return aet


def _port(table: Table) -> int:
    port = table.integer("port")
    if not 0 < port < 65536:
        raise table.problem("port", f"is {port}; give a port from 1 to 65535")
    return port


def _some(table: Table, key: str) -> tuple[str, ...]:
    values = table.texts(key)
    if not values:
        raise table.problem(key, "is empty; give at least one text")
    return values


def _inside(table: Table, key: str, folder: Path) -> Path:
    path = folder / table.text(key)
    if not path.exists():
        raise table.problem(key, f"names {path.name!r}, which does not exist in {folder}")
    return path
