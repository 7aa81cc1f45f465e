"""A PACS that is installed on this machine, started with the same configuration as in its container.

It runs under the warden, so that it cannot outlive the harness; its storage is in the scratch folder and goes
with it. HTTP and our receiver are on loopback. Where a product cannot bind its DICOM port to one address, as
Orthanc cannot, that port is open on every address of the machine while the target runs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from harness.core.endpoint import Endpoint, Runtime, TargetState
from harness.errors import EngineUnavailable
from harness.targets import warden
from harness.targets.definition import (
    RECEIVER_AET,
    TARGET_FILE,
    TargetDefinition,
    fill_templates,
    filled,
    read_configuration,
)
from harness.targets.processes import file_sha256, free_port, last_lines, peak_memory_of
from harness.targets.product import ProductTarget
from harness.targets.readiness import read_version, wait_until_ready
from harness.targets.runtime import find_binary, installed_version, no_binary
from harness.targets.target import Place

_LOOPBACK = "127.0.0.1"


class NativeTarget(ProductTarget):
    """One PACS of ``compose/``, run by its installed program; ``reason`` says in its identity why natively."""

    runtime = Runtime.NATIVE

    def __init__(self, definition: TargetDefinition, *, reason: str) -> None:
        super().__init__(definition, definition.id)
        self._reason = reason
        self._warden: subprocess.Popen[bytes] | None = None
        self._kept: subprocess.Popen[bytes] | None = None

    def state(self) -> TargetState:
        """State of the program; want of memory is not told apart from other ends by signal."""
        if self._warden is None:
            return TargetState(alive=False)
        code = self._warden.poll()
        if code is not None:
            return TargetState(alive=False, exit_code=code)
        return TargetState(alive=True, memory_peak=_peak_below(self._warden.pid), restarts=0)

    def stop(self) -> None:
        """End the program, by force if it does not end in the warden's grace."""
        process, self._warden = self._warden, None
        if process is None:
            return
        try:
            process.communicate(timeout=2 * warden.GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def keep(self) -> tuple[int, ...]:
        """See :class:`~harness.targets.target.Keepable`: the warden's input stays open."""
        self._kept, self._warden = self._warden, None
        return (self._kept.stdin.fileno(),) if self._kept and self._kept.stdin else ()

    def _start(self, place: Place) -> Endpoint:
        definition = self._definition
        binary = find_binary(definition)
        if binary is None:
            raise EngineUnavailable(no_binary(definition))
        dicom_port, http_port, receiver_port = _free_ports(3)
        storage = place.scratch.resolve() / "storage"
        storage.mkdir(exist_ok=True)
        values = {
            "dicom_port": str(dicom_port),
            "http_port": str(http_port),
            "storage": str(storage),
            "receiver_aet": RECEIVER_AET,
            "receiver_host": _LOOPBACK,
            "receiver_port": str(receiver_port),
        }
        arguments = self._configure(place.evidence.resolve(), values)
        log = place.evidence / f"{self._id}.log"
        with log.open("wb") as file:
            self._warden = subprocess.Popen(
                [sys.executable, "-m", "harness.targets.warden", "--", str(binary), *arguments],
                env={
                    **os.environ,
                    "PACS_RECEIVER_AET": RECEIVER_AET,
                    "PACS_RECEIVER_HOST": _LOOPBACK,
                    "PACS_RECEIVER_PORT": str(receiver_port),
                },
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        endpoint = Endpoint(
            host=_LOOPBACK,
            port=dicom_port,
            aet=definition.aet,
            receiver_aet=RECEIVER_AET,
            receiver_host=_LOOPBACK,
            receiver_port=receiver_port,
        )
        http, url = definition.http, f"http://{_LOOPBACK}:{http_port}"
        version = wait_until_ready(
            definition,
            endpoint,
            (lambda: read_version(http, url)) if http else (lambda: installed_version(definition, binary)),
            gone=self._ended,
            log_tail=lambda: last_lines(log),
        )
        details = (
            ("program", str(binary)),
            ("program SHA-256", file_sha256(binary)),
            ("memory limit", "none"),
            ("runs natively because", self._reason),
        )
        self._serves(url)
        self._identify(version, details)
        return endpoint

    def _configure(self, folder: Path, values: dict[str, str]) -> list[str]:
        """Write the configuration into the folder, and return the arguments of the program."""
        definition = self._definition
        fill_templates(definition, folder, values)
        arguments = definition.native.arguments if definition.native else ()
        if definition.configuration is not None:
            file = folder / f"{self._id}-{definition.configuration.name}"
            file.write_text(json.dumps(configured(definition, values), indent=2) + "\n", encoding="utf-8")
            arguments = arguments or (str(file),)
        known = {**values, "folder": str(folder)}
        return [filled(text, known, definition.folder / TARGET_FILE, "native.arguments") for text in arguments]


def configured(definition: TargetDefinition, values: dict[str, str]) -> dict[str, Any]:
    """The configuration of the container with the native settings over it.

    Raises:
        DataFileError: it is no JSON object, or a setting names a value that does not exist.
    """
    configuration = read_configuration(definition.configuration) if definition.configuration else {}
    for key, text in definition.native.settings if definition.native else ():
        where = f"native.settings.{key}"
        configuration[key] = _json_or_text(filled(text, values, definition.folder / TARGET_FILE, where))
    return configuration


def _json_or_text(text: str) -> object:
    try:
        value: object = json.loads(text)
        return value
    except ValueError:
        return text


def _free_ports(count: int) -> tuple[int, ...]:
    """Ports that differ from each other."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port(_LOOPBACK))
    return tuple(ports)


def _peak_below(warden_pid: int) -> int | None:
    try:
        programs = psutil.Process(warden_pid).children()
    except psutil.Error:
        return None
    return peak_memory_of(programs[0].pid) if programs else None
