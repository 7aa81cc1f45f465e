"""Make container images of a PACS from Debian packages: ``python -m harness.targets.images [TARGET...]
[--force]``.

For machines without registry and for releases that no registry has. The suite decides which version comes
out; the program inside is then asked, and the tag says what it answered. The base image is pulled where a
registry can be reached, else made with mmdebstrap.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException
from requests.exceptions import RequestException

from harness.errors import EngineUnavailable, HarnessError, ImageMissing, UsageError
from harness.targets.definition import EMBEDDED, BuildPart, TargetDefinition, known_targets, load_definition
from harness.targets.engine import can_pull, connect, engine_errors, fetch_image, has_image
from harness.targets.readiness import version_in

#: Seconds for one build, base image included.
BUILD = 1800


def build_images(definition: TargetDefinition, *, force: bool = False) -> tuple[str, ...]:
    """Make every image that the definition lists, and return their references with the versions that they
    have.

    Images that are there already are kept unless ``force``.

    Raises:
        UsageError: the definition has no ``[build]``.
        EngineUnavailable: no engine, or no mmdebstrap where it is needed.
        ImageMissing: a build failed; the message holds the end of its output.
    """
    build = definition.build
    if build is None:
        raise UsageError(f"{definition.id}: target.toml has no [build], so there is nothing to make")
    with connect(timeout=BUILD) as client:
        return tuple(_build(client, build, version, suite, force=force) for version, suite in build.suites)


def _build(client: DockerClient, build: BuildPart, expected: str, suite: str, *, force: bool) -> str:
    reference = f"{build.repository}:{expected}"
    if has_image(client, reference) and not force:
        _say(f"{reference}: is there already (--force makes it anew)")
        return reference
    base = _base_image(client, suite)
    draft = f"{build.repository}:draft-{suite}"
    _say(f"{reference}: building on {base}")
    # The host's network: a bridge may have no way to the package mirror where the host has one.
    command = ["docker", "build", "--network", "host", "--force-rm", "--build-arg", f"BASE={base}", "--tag", draft]
    if force:
        command.append("--no-cache")
    _run([*command, str(build.folder)], need="docker", doing=f"building {reference}")
    version = _version_inside(client, draft, build.version_command)
    made = f"{build.repository}:{version}"
    with engine_errors(f"tagging {made}"):
        image = client.images.get(draft)
        image.tag(build.repository, version)
        client.images.remove(draft)
    if version != expected:
        _say(f"{suite} now gives version {version}, not {expected}: correct [build.suites] in target.toml")
    _say(f"{made}: made, image id {image.id}")
    return made


def _base_image(client: DockerClient, suite: str) -> str:
    official, local = f"debian:{suite}-slim", f"local/debian:{suite}"
    if has_image(client, official) or can_pull(official):
        fetch_image(client, official, hint="see that the registry stays within reach, and start again")
        return official
    if has_image(client, local):
        return local
    _say(f"{official} cannot be pulled; making {local} with mmdebstrap")
    with tempfile.TemporaryDirectory(prefix="pytest-pacs-base-") as folder:
        archive = Path(folder) / "base.tar"
        _run(
            ["mmdebstrap", "--variant=apt", "--include=ca-certificates", suite, str(archive)],
            need="mmdebstrap",
            doing=f"making a Debian {suite} base",
        )
        _run(["docker", "import", str(archive), local], need="docker", doing=f"importing {local}")
    return local


def _version_inside(client: DockerClient, reference: str, command: Sequence[str]) -> str:
    program, *arguments = command
    try:
        output = client.containers.run(reference, arguments, entrypoint=[program], remove=True, network_mode="none")
    except (DockerException, RequestException) as error:
        raise ImageMissing(f"{reference}: {' '.join(command)} does not run in it: {error}") from error
    text = output.decode("utf-8", errors="replace")
    version = version_in(text)
    if version is None:
        raise ImageMissing(f"{reference}: {' '.join(command)} states no version: {text[:200]!r}")
    return version


def _run(command: Sequence[str], *, need: str, doing: str) -> None:
    if shutil.which(need) is None:
        raise EngineUnavailable(f"{doing} needs {need}, which is not on the PATH; install the package {need}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=BUILD, check=False)
    except subprocess.TimeoutExpired as error:
        raise ImageMissing(f"{doing} did not end within {BUILD} s; see that the package mirror answers") from error
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise ImageMissing(f"{doing} failed with exit code {done.returncode}; its last lines:\n{tail}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 1 and one line on standard error where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m harness.targets.images", description="Make images of PACS.")
    parser.add_argument(
        "target", nargs="*", help="name of a folder in compose/; all that can be made, if none is given"
    )
    parser.add_argument("--force", action="store_true", help="make images anew that are there already")
    options = parser.parse_args(arguments)
    try:
        definitions = [load_definition(name) for name in options.target or known_targets() if name != EMBEDDED]
        for definition in definitions:
            if definition.build is not None or options.target:
                build_images(definition, force=options.force)
    except HarnessError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
