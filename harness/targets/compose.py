"""A PACS in a container, started by its own compose file.

The compose command starts and removes; the ``docker`` package looks. Nothing has a fixed name, port or
subnet: the project is named after the run, ports are published on loopback and chosen by the engine, and
everything carries the labels by which :mod:`harness.targets.leftovers` finds it. The PACS reaches our C-MOVE
receiver at the gateway of the engine's default network, and nobody else does.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from harness.core.endpoint import Endpoint, Runtime, TargetState
from harness.errors import DataFileError, TargetUnhealthy
from harness.targets.definition import RECEIVER_AET, TargetDefinition, fill_templates
from harness.targets.engine import (
    check_compose_file,
    compose_command,
    connect,
    engine_errors,
    fetch_image,
    gateway_address,
    run_compose,
)
from harness.targets.owner import RUN_LABEL
from harness.targets.processes import free_port, peak_memory
from harness.targets.product import ProductTarget
from harness.targets.readiness import read_version, version_in, wait_until_ready
from harness.targets.setups import find_setup
from harness.targets.steps import Started
from harness.targets.target import Place

_STOP_SECONDS = 10

#: By this name a container reaches our receiver; compose files give it with ``extra_hosts``.
RECEIVER_HOST = "host.docker.internal"


def image_of(definition: TargetDefinition) -> str:
    """The image to use: that of the release asked for, else the environment's choice, else the definition's."""
    if definition.release:
        return definition.container.image
    return os.environ.get(definition.container.image_variable) or definition.container.image


def image_hint(definition: TargetDefinition) -> str:
    """What to do where the image cannot be had."""
    variable = definition.container.image_variable
    if definition.release:
        making = "run 'make images', " if definition.build else ""
        return f"{making}pull it, or leave out @{definition.release} and set {variable} to an image that is here"
    if definition.build is None:
        return f"set {variable} to an image that is here"
    return f"run 'make images' or 'python -m harness.targets.images', and set {variable} to an image that it made"


def companion_images(definition: TargetDefinition) -> dict[str, str]:
    """Image of each companion by the variable that may name another, as :func:`image_of`."""
    return {
        companion.image_variable: os.environ.get(companion.image_variable) or companion.image
        for companion in definition.container.companions
    }


def companion_hint(variable: str) -> str:
    """What to do where the image of a companion cannot be had."""
    return f"set {variable} to an image that is here"


class ComposeTarget(ProductTarget):
    """One PACS of ``compose/``, as a container of ``image``, for which :func:`image_of` is used unless given.

    ``name`` becomes the id of the target, which is that of the definition unless given.
    """

    runtime = Runtime.CONTAINER

    def __init__(self, definition: TargetDefinition, *, name: str | None = None, image: str | None = None) -> None:
        super().__init__(definition, name or definition.id)
        self._image = image or image_of(definition)
        self._setup = find_setup(definition.setup)
        self._container: Container | None = None
        self._companions: dict[str, Container] = {}
        self._undo = ExitStack()
        self._connection = ExitStack()
        self._kept = ExitStack()

    def state(self) -> TargetState:
        """State of the main container as the engine tells it; memory is that of its first process."""
        container = self._container
        if container is None:
            return TargetState(alive=False)
        try:
            container.reload()
            state = container.attrs["State"]
            alive = state["Status"] == "running"
            return TargetState(
                alive=alive,
                exit_code=None if alive else state["ExitCode"],
                out_of_memory=state["OOMKilled"],
                memory_peak=_peak_in(container) if alive else None,
                restarts=container.attrs["RestartCount"],
            )
        except (DockerException, RequestException):
            return TargetState(alive=False)

    def stop(self) -> None:
        """Stop and remove the containers, their network and volumes; the log is complete afterwards.

        Raises:
            TargetUnhealthy: the compose command failed; the sweep of the next run will try again.
        """
        self._container = None
        self._companions = {}
        self._undo.close()

    def keep(self) -> tuple[int, ...]:
        """See :class:`~harness.targets.target.Keepable`: containers run until they are removed by their run label."""
        self._container = None
        # Clean-up is the keeper's now; the log goes on by itself, and only our connection to the engine ends here.
        self._kept = self._undo.pop_all()
        self._connection.close()
        return ()

    def _start(self, place: Place) -> Endpoint:
        definition, undo = self._definition, self._undo
        undo.callback(self._connection.close)
        client = self._connection.enter_context(connect())
        compose = compose_command()
        variable = definition.container.image_variable
        fetch_image(client, self._image, hint=image_hint(definition))
        companions = companion_images(definition)
        for name, image in companions.items():
            fetch_image(client, image, hint=companion_hint(name))
        receiver_host = gateway_address(client)
        receiver_port = free_port(receiver_host)
        environment = {
            variable: self._image,
            **companions,
            "PACS_RECEIVER_AET": RECEIVER_AET,
            "PACS_RECEIVER_PORT": str(receiver_port),
            "PACS_CONFIGURATION": str(place.evidence.resolve()),
            "PACS_RUN_ID": place.run_id,
            "PACS_OWNER": str(place.owner),
        }
        project = re.sub(r"[^a-z0-9_-]", "-", f"pytest-pacs-{place.run_id}-{self._id}".lower())
        command = (*compose, "-f", str(definition.compose_file), "-p", project)
        check_compose_file(command, definition.compose_file, environment=environment)
        for file in filter(None, (definition.compose_file, definition.configuration)):
            shutil.copyfile(file, place.evidence / f"{self._id}-{file.name}")
        values = {
            "dicom_port": str(definition.dicom_port),
            "storage": definition.container.storage,
            "receiver_aet": RECEIVER_AET,
            "receiver_host": RECEIVER_HOST,
            "receiver_port": str(receiver_port),
        }
        fill_templates(definition, place.evidence.resolve(), values)

        undo.callback(run_compose, command, "down", "--volumes", "--timeout", "0", environment=environment)
        run_compose(command, "up", "--detach", environment=environment)
        log = place.evidence / f"{self._id}.log"
        undo.callback(_end_log, self._follow_log(command, environment, log))
        undo.callback(run_compose, command, "stop", "--timeout", str(_STOP_SECONDS), environment=environment)

        find = partial(self._find_container, client, project, place.run_id)
        self._companions = {one.service: find(one.service) for one in definition.container.companions}
        container = self._container = find(definition.container.service)
        endpoint = Endpoint(
            host="127.0.0.1",
            port=self._published(container, definition.dicom_port),
            aet=definition.aet,
            receiver_aet=RECEIVER_AET,
            receiver_host=receiver_host,
            receiver_port=receiver_port,
        )
        if self._setup is None or definition.http is None:
            found: tuple[tuple[str, str], ...] = ()
            version = wait_until_ready(
                definition,
                endpoint,
                self._version_of(container),
                gone=self._ended,
                log_tail=self._log_tail,
            )
        else:
            started = Started(
                definition=definition,
                id=self._id,
                endpoint=endpoint,
                http_url=f"http://127.0.0.1:{self._published(container, definition.http.port)}",
                receiver_host=RECEIVER_HOST,
                evidence=place.evidence,
                gone=self._ended,
                log_tail=self._log_tail,
                say=place.say,
            )
            found = self._setup(started)
            version = version_of_image(container, definition.container.version_variable, self._image)
        if definition.http is not None:
            self._serves(f"http://127.0.0.1:{self._published(container, definition.http.port)}")
        self._identify(version, (*self._details(client, container, compose), *found))
        return endpoint

    def _ended(self) -> str | None:
        """As in the base class; a companion that ended counts too, for the PACS would wait for it in vain."""
        return super()._ended() or next(
            (f"its companion {service} ended" for service in self._ended_companions()), None
        )

    def _ended_companions(self) -> list[str]:
        with engine_errors("looking after the companions"):
            for companion in self._companions.values():
                companion.reload()
        return [service for service, one in self._companions.items() if one.status != "running"]

    def _log_tail(self) -> str:
        """The last lines of what ended, or of the PACS."""
        ended = [self._companions[service] for service in self._ended_companions()]
        if not ended and self._container is not None:
            ended = [self._container]
        return "\n".join(map(_tail_of, ended))

    def _version_of(self, container: Container) -> Callable[[], str | None]:
        """What asks the running PACS for its version."""
        http, command = self._definition.http, self._definition.version_command
        if http is None:
            return lambda: _version_inside(container, command)
        url = f"http://127.0.0.1:{self._published(container, http.port)}"
        return lambda: read_version(http, url)

    @staticmethod
    def _follow_log(command: tuple[str, ...], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
        """Stream the log of all services, from their first line on, into a file."""
        with log.open("wb") as file:
            return subprocess.Popen(
                [*command, "logs", "--follow", "--no-color", "--timestamps"],
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _find_container(self, client: DockerClient, project: str, run_id: str, service: str) -> Container:
        definition = self._definition
        labels = [
            f"com.docker.compose.project={project}",
            f"com.docker.compose.service={service}",
        ]
        with engine_errors("looking for the started container"):
            found = client.containers.list(all=True, filters={"label": labels})
        if not found:
            raise DataFileError(definition.compose_file, "services", f"has no {service!r}")
        if found[0].labels.get(RUN_LABEL) != run_id:
            raise DataFileError(
                definition.compose_file,
                "labels",
                f"must set {RUN_LABEL}: ${{PACS_RUN_ID}}; see compose/README.md",
            )
        return found[0]

    def _published(self, container: Container, port: int) -> int:
        with engine_errors("asking for published ports"):
            container.reload()
        # An ended container publishes nothing; that is no fault of the file.
        ended = self._ended()
        if ended is not None:
            raise TargetUnhealthy(f"{self._definition.product} ended while starting: {ended}", self._log_tail())
        bindings = container.ports.get(f"{port}/tcp")
        if not bindings:
            raise DataFileError(self._definition.compose_file, "ports", f"must publish {port} on 127.0.0.1")
        return int(bindings[0]["HostPort"])

    def _details(
        self, client: DockerClient, container: Container, compose: tuple[str, ...]
    ) -> tuple[tuple[str, str], ...]:
        with engine_errors("inspecting the image"):
            image = container.image
            engine = client.version()
            limit = container.attrs["HostConfig"]["Memory"]
            companions = [
                (f"{service}: image", f"{one.attrs['Config']['Image']}, id {one.attrs['Image']}")
                for service, one in self._companions.items()
            ]
        digests = image.attrs.get("RepoDigests") if image is not None else None
        return (
            ("image", self._image),
            ("image id", str(image.id) if image is not None else "unknown"),
            ("image digests", ", ".join(digests) if digests else "none: the image was made locally"),
            ("container engine", f"{engine['Version']} (API {engine['ApiVersion']})"),
            ("compose command", " ".join(compose)),
            ("memory limit", f"{limit} bytes" if limit else "none"),
            *companions,
        )


def version_of_image(container: Container, variable: str, reference: str) -> str:
    """The version in the environment of a container, else the tag of its image, else ``unknown``."""
    environment = dict(entry.split("=", 1) for entry in container.attrs["Config"]["Env"] or () if "=" in entry)
    tag = reference.rpartition("/")[2].partition("@")[0].partition(":")[2]
    return environment.get(variable) or tag or "unknown"


def _peak_in(container: Container) -> int | None:
    try:
        code, output = container.exec_run(["cat", "/proc/1/status"])
    except (DockerException, RequestException):
        return None
    return peak_memory(_text(output)) if code == 0 else None


def _version_inside(container: Container, command: tuple[str, ...]) -> str | None:
    try:
        code, output = container.exec_run(list(command))
    except (DockerException, RequestException):
        return None
    return version_in(_text(output)) if code == 0 else None


def _tail_of(container: Container) -> str:
    with engine_errors("reading the log of the container"):
        return _text(container.logs(tail=20))


def _text(output: bytes | Iterator[bytes]) -> str:
    """Output that was not asked for as a stream."""
    return output.decode("utf-8", errors="replace") if isinstance(output, bytes) else ""


def _end_log(follower: subprocess.Popen[bytes]) -> None:
    """The containers have stopped, so the follower ends by itself once everything is written."""
    try:
        follower.wait(timeout=10)
    except subprocess.TimeoutExpired:
        follower.terminate()
        follower.wait()
