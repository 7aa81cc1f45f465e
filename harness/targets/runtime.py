"""Container or native: how a PACS is run on this machine, and why not otherwise."""

import shutil
from pathlib import Path

from harness.core.endpoint import Runtime
from harness.errors import EngineUnavailable, UnknownName
from harness.targets.compose import image_of
from harness.targets.definition import TargetDefinition
from harness.targets.engine import can_pull, compose_command, connect, has_image

#: A container where that can work, else native.
AUTO = "auto"

RUNTIMES = (AUTO, Runtime.CONTAINER, Runtime.NATIVE)


def choose_runtime(definition: TargetDefinition, wanted: str = AUTO) -> Runtime:
    """How to run a PACS, by one of :data:`RUNTIMES`.

    Raises:
        UnknownName: ``wanted`` is none of them. EngineUnavailable: the wanted way, or with ``auto`` every
        way, is closed; the message says how to open it.
    """
    if wanted not in RUNTIMES:
        raise UnknownName("runtime", wanted, RUNTIMES)
    if wanted == Runtime.CONTAINER:
        return Runtime.CONTAINER
    binary = find_binary(definition)
    if wanted == Runtime.NATIVE:
        if binary is None:
            raise EngineUnavailable(no_binary(definition))
        return Runtime.NATIVE
    obstacle = _container_obstacle(definition)
    if obstacle is None:
        return Runtime.CONTAINER
    if binary is not None:
        return Runtime.NATIVE
    raise EngineUnavailable(f"no container: {obstacle}; no native program: {no_binary(definition)}")


def find_binary(definition: TargetDefinition) -> Path | None:
    """The program of the PACS on the search path; None where it is not installed or cannot run natively."""
    names = definition.native.binaries if definition.native else ()
    found = (shutil.which(name) for name in names)
    return next((Path(path) for path in found if path), None)


def no_binary(definition: TargetDefinition) -> str:
    """What to say where :func:`find_binary` found none."""
    if definition.native is None:
        return f"{definition.product} runs in a container only; use --pacs-runtime=container"
    return f"install {definition.product}, so that {' or '.join(definition.native.binaries)} is on the PATH"


def _container_obstacle(definition: TargetDefinition) -> str | None:
    image = image_of(definition)
    try:
        compose_command()
        with connect() as client:
            here = has_image(client, image)
    except EngineUnavailable as error:
        return str(error)
    if here or can_pull(image):
        return None
    return (
        f"image {image!r} is neither here nor in a registry within reach; run 'make images' and set "
        f"{definition.container.image_variable} to one that it made"
    )
