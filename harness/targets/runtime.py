"""Container or native: how a PACS is run on this machine, and why not otherwise.

Asked before anything starts, so that what is missing is told before time is spent on clips.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.core.endpoint import Runtime
from harness.errors import EngineUnavailable, ImageMissing, UnknownName
from harness.targets.compose import companion_hint, companion_images, image_hint, image_of
from harness.targets.definition import TargetDefinition
from harness.targets.engine import compose_command, connect, require_image
from harness.targets.readiness import version_in

#: A container where that can work, else native.
AUTO = "auto"

_ANSWER = 10.0

RUNTIMES = (AUTO, Runtime.CONTAINER, Runtime.NATIVE)


@dataclass(frozen=True, slots=True)
class Choice:
    """How a PACS is run; ``reason`` says why natively, and is empty for a container."""

    runtime: Runtime
    reason: str = ""


def choose_runtime(definition: TargetDefinition, wanted: str = AUTO) -> Choice:
    """How to run a PACS, by one of :data:`RUNTIMES`.

    An image that the user names in the environment is never replaced by the installed program, which may be
    another version.

    Raises:
        UnknownName: ``wanted`` is none of them.
        EngineUnavailable, ImageMissing: the wanted way, or with ``auto`` every way, is closed; the message
            says how to open it.
    """
    if wanted not in RUNTIMES:
        raise UnknownName("runtime", wanted, RUNTIMES)
    binary = find_binary(definition)
    if wanted == Runtime.NATIVE:
        if binary is None:
            raise EngineUnavailable(no_binary(definition))
        _require_release(definition, binary)
        return Choice(Runtime.NATIVE, "--pacs-runtime=native asks for it")
    try:
        _require_container(definition)
    except (EngineUnavailable, ImageMissing) as obstacle:
        named = not definition.release and bool(os.environ.get(definition.container.image_variable))
        replaceable = wanted == AUTO and not named
        if definition.release and binary is not None and installed_version(definition, binary) != definition.release:
            binary = None
        if replaceable and binary is not None:
            return Choice(Runtime.NATIVE, str(obstacle))
        if binary is not None:
            raise type(obstacle)(f"{obstacle}, or test the installed {binary} by --pacs-runtime=native") from obstacle
        if replaceable and definition.native is not None and not definition.release:
            raise type(obstacle)(f"{obstacle}, or {no_binary(definition)}") from obstacle
        raise
    return Choice(Runtime.CONTAINER)


def find_binary(definition: TargetDefinition) -> Path | None:
    """The program of the PACS on the search path; None where it is not installed or cannot run natively."""
    names = definition.native.binaries if definition.native else ()
    found = (shutil.which(name) for name in names)
    return next((Path(path) for path in found if path), None)


def installed_version(definition: TargetDefinition, binary: Path) -> str | None:
    """The version that an installed program states; None where it states none."""
    try:
        done = subprocess.run(
            [str(binary), *definition.version_command[1:]], capture_output=True, text=True, timeout=_ANSWER, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return version_in(done.stdout + done.stderr)


def _require_release(definition: TargetDefinition, binary: Path) -> None:
    version = installed_version(definition, binary) if definition.release else ""
    if version != definition.release:
        raise EngineUnavailable(
            f"{definition.id}: the installed {binary} is version {version or 'unknown'}; "
            f"install {definition.release}, or leave out --pacs-runtime=native"
        )


def no_binary(definition: TargetDefinition) -> str:
    """What to do where :func:`find_binary` found none."""
    if definition.native is None:
        return f"{definition.product} runs in a container only; leave out --pacs-runtime=native"
    return f"install {definition.product}, so that {' or '.join(definition.native.binaries)} is on the PATH"


def _require_container(definition: TargetDefinition) -> None:
    """See that engine, compose command and image are there or can be had; nothing is fetched."""
    compose_command()
    with connect() as client:
        require_image(client, image_of(definition), hint=image_hint(definition))
        for variable, image in companion_images(definition).items():
            require_image(client, image, hint=companion_hint(variable))
