"""What ``compose/<name>/target.toml`` says of a PACS, read strictly into values.

A new PACS is one new folder; nothing here or elsewhere names one. An unknown key is an error, so that a
misspelt setting never passes silently.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.catalogue.places import data_folder
from harness.catalogue.table import Table
from harness.core.endpoint import REST_KINDS
from harness.errors import DataFileError, UnknownName

#: The target that needs no folder: our own PACS.
EMBEDDED = "embedded"

#: The AE title of our C-MOVE receiver, told to every PACS that we configure.
RECEIVER_AET = "PACS_RECEIVER"

TARGET_FILE = "target.toml"
COMPOSE_FILE = "compose.yaml"


@dataclass(frozen=True, slots=True)
class Companion:
    """A service that the PACS needs beside it, with its image as in :class:`ContainerPart`."""

    service: str
    image_variable: str
    image: str


@dataclass(frozen=True, slots=True)
class ContainerPart:
    """How the PACS runs in a container: its compose service, its image, and the variable for another.

    ``releases`` pairs releases that can be asked for with their images; ``storage`` is the folder inside the
    container that templates name. ``version_variable`` is the variable of the container's environment that states
    the version, where nothing else does.
    """

    service: str
    image_variable: str
    image: str
    releases: tuple[tuple[str, str], ...] = ()
    storage: str = ""
    version_variable: str = ""
    companions: tuple[Companion, ...] = ()


@dataclass(frozen=True, slots=True)
class NativePart:
    """How the PACS runs without a container: names of its binary, and settings laid over its configuration.

    The values of ``settings`` may hold ``{dicom_port}``, ``{http_port}`` and ``{storage}``, and are JSON
    where they read as JSON, else text. ``arguments`` of the program may hold ``{folder}``, where the filled
    templates are; without any, its argument is the configuration.
    """

    binaries: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HttpPart:
    """Where the running PACS states its version: value of ``version_key`` in the JSON that ``version_path`` answers.

    Both are empty where it does not. ``dicomweb`` and ``wado_uri`` are the paths of its DICOMweb services, and ``rest``
    names the interface of its own that it serves at the root; empty where it has none.
    """

    port: int
    version_path: str = ""
    version_key: str = ""
    dicomweb: str = ""
    wado_uri: str = ""
    rest: str = ""


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

    Ports are those inside the container. Without ``http`` the version is what ``version_command`` answers.
    ``templates`` are configuration files whose ``{names}`` the harness fills in. ``ready_seconds`` limits the
    whole start. ``release`` is what was asked for after ``@``, and empty where nothing was. ``setup`` names what
    makes the started PACS ready (:mod:`harness.targets.setups`), and is empty where a C-ECHO is enough.
    """

    id: str
    product: str
    folder: Path
    configuration: Path | None
    templates: tuple[Path, ...]
    ready_seconds: float
    aet: str
    dicom_port: int
    http: HttpPart | None
    container: ContainerPart
    native: NativePart | None
    build: BuildPart | None
    release: str = ""
    setup: str = ""

    @property
    def version_command(self) -> tuple[str, ...]:
        """The command that states the version; empty where none is known."""
        return self.build.version_command if self.build else ()

    @property
    def compose_file(self) -> Path:
        """The compose file of this PACS."""
        return self.folder / COMPOSE_FILE


def known_targets() -> tuple[str, ...]:
    """Names that ``--pacs`` takes: our own PACS, and every folder of ``compose/`` with a target file."""
    return (EMBEDDED, *sorted(file.parent.name for file in data_folder("compose").glob(f"*/{TARGET_FILE}")))


def load_definition(name: str) -> TargetDefinition:
    """The definition of a PACS by its name, or of one release by ``NAME@RELEASE``, which then is the target's id.

    A release has its own image: the environment variable for another does not count.

    Raises:
        UnknownName: no such folder, or no such release.
        DataFileError: the file breaks its rules; the message names file and key.
    """
    folder, at, release = name.partition("@")
    if folder == EMBEDDED or folder not in known_targets():
        raise UnknownName("target", name, known_targets())
    definition = read_definition(data_folder("compose") / folder)
    if not at:
        return definition
    images = dict(definition.container.releases)
    if release not in images:
        raise UnknownName(f"release of {folder}", release, images)
    container = replace(definition.container, image=images[release])
    return replace(definition, id=name, container=container, release=release)


def read_definition(folder: Path) -> TargetDefinition:
    """Read the target file of one folder.

    Raises:
        DataFileError: it is missing or breaks its rules.
    """
    top = Table.load(folder / TARGET_FILE)
    if not (folder / COMPOSE_FILE).is_file():
        raise DataFileError(folder, COMPOSE_FILE, "does not exist; every target needs one")
    dicom, container = top.table("dicom"), top.table("container")
    definition = TargetDefinition(
        id=folder.name,
        product=top.text("product"),
        folder=folder,
        configuration=_inside(top, "configuration", folder) if "configuration" in top else None,
        templates=_templates(top, folder) if "templates" in top else (),
        ready_seconds=top.integer("ready_seconds"),
        aet=_aet(dicom),
        dicom_port=_port(dicom),
        http=_http(top.table("http")) if "http" in top else None,
        container=ContainerPart(
            service=container.text("service"),
            image_variable=container.text("image_variable"),
            image=container.text("image"),
            releases=container.pairs("releases") if "releases" in container else (),
            storage=container.text("storage") if "storage" in container else "",
            version_variable=container.text("version_variable") if "version_variable" in container else "",
            companions=tuple(_companion(table) for table in container.tables("companions")),
        ),
        native=_native(top.table("native")) if "native" in top else None,
        build=_build(top.table("build"), folder) if "build" in top else None,
        setup=top.text("setup") if "setup" in top else "",
    )
    for table in (dicom, container, top):
        table.done()
    if definition.setup and definition.http is None:
        raise top.problem("http", "is missing; a setup needs its port")
    if definition.http is None and not definition.version_command:
        raise top.problem("http", "is missing, and so is [build]; give one of them, by which the version is found out")
    if not definition.setup and definition.http and not definition.http.version_path:
        raise top.problem("http.version_path", "is missing; give it, by which the version is found out")
    if definition.native and not definition.native.arguments and definition.configuration is None:
        raise top.problem("configuration", "is missing; give it, or native.arguments")
    if definition.configuration and (definition.native or definition.configuration.suffix == ".json"):
        read_configuration(definition.configuration)
    return definition


def fill_templates(definition: TargetDefinition, folder: Path, values: dict[str, str]) -> None:
    """Write the templates into ``folder`` with ``values`` for their ``{names}``.

    Raises:
        DataFileError: a template names a value that does not exist.
    """
    for template in definition.templates:
        text = filled(template.read_text(encoding="utf-8"), values, template, "file")
        (folder / template.name).write_text(text, encoding="utf-8")


def filled(text: str, values: dict[str, str], path: Path, key: str) -> str:
    """``text`` with ``values`` for its ``{names}``; ``path`` and ``key`` say where it comes from.

    Raises:
        DataFileError: it names a value that does not exist.
    """
    try:
        return text.format_map(values)
    except (KeyError, ValueError, IndexError) as error:
        known = ", ".join(f"{{{name}}}" for name in values)
        shown = f"is {text!r}" if "\n" not in text else f"names {error}"
        raise DataFileError(path, key, f"{shown}; known: {known}") from error


def read_configuration(path: Path) -> dict[str, Any]:
    """The configuration of a PACS that is configured by JSON.

    Strict, whatever comments the PACS itself would take: natively it is read, changed and written again, and
    both ways to run a PACS must start from the same file.

    Raises:
        DataFileError: it is no JSON object.
    """
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
    part = NativePart(
        binaries=_some(table, "binaries"),
        settings=table.pairs("settings") if "settings" in table else (),
        arguments=_some(table, "arguments") if "arguments" in table else (),
    )
    table.done()
    return part


def _http(table: Table) -> HttpPart:
    part = HttpPart(port=_port(table))
    if "version_path" in table or "version_key" in table:
        part = replace(part, version_path=table.text("version_path"), version_key=table.text("version_key"))
    part = replace(
        part,
        dicomweb=table.text("dicomweb") if "dicomweb" in table else "",
        wado_uri=table.text("wado_uri") if "wado_uri" in table else "",
        rest=table.text("rest") if "rest" in table else "",
    )
    if part.rest not in ("", *REST_KINDS):
        raise table.problem("rest", f"is {part.rest!r}; known: {', '.join(REST_KINDS)}")
    table.done()
    return part


def _companion(table: Table) -> Companion:
    part = Companion(
        service=table.text("service"), image_variable=table.text("image_variable"), image=table.text("image")
    )
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


def _templates(table: Table, folder: Path) -> tuple[Path, ...]:
    files = tuple(folder / name for name in _some(table, "templates"))
    for file in files:
        if not file.is_file():
            raise table.problem("templates", f"names {file.name!r}, which does not exist in {folder}")
    return files


def _inside(table: Table, key: str, folder: Path) -> Path:
    path = folder / table.text(key)
    if not path.exists():
        raise table.problem(key, f"names {path.name!r}, which does not exist in {folder}")
    return path
