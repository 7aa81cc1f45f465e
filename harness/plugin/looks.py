"""What this machine has for the harness, one look after the other."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.catalogue.read import load_recipes
from harness.core.sizes import show_size
from harness.errors import HarnessError
from harness.media import probe
from harness.media.dciodvfy import INSTALL, find_dciodvfy
from harness.media.tools import tool_versions
from harness.plugin.bench import BASE_SPACE
from harness.targets.compose import image_of
from harness.targets.definition import EMBEDDED, known_targets, load_definition
from harness.targets.engine import compose_command, connect, has_image

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ANSWER = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``needed`` tells that ``pytest --pacs=embedded`` cannot do without it."""

    thing: str
    there: bool
    words: str
    needed: bool = False

    @property
    def mark(self) -> str:
        """One word for the table."""
        return "yes" if self.there else "MISSING" if self.needed else "no"


def examine() -> Iterator[Finding]:
    """Look at everything, one thing after the other."""
    yield from _encoders()
    yield from _gpu()
    yield from _library()
    yield _asked("container engine", _engine)
    yield from _images()
    yield _asked("compose command", lambda: " ".join(compose_command()))
    yield _disk()
    memory = psutil.virtual_memory()
    yield Finding("memory", True, f"{show_size(memory.available)} of {show_size(memory.total)} available")
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    yield Finding("browser", browser is not None, browser or f"none of {', '.join(_BROWSERS)} is on the PATH")
    dcmtk = dcmtk_tool("storescu")
    dciodvfy = find_dciodvfy()
    yield Finding("dciodvfy", dciodvfy is not None, str(dciodvfy) if dciodvfy else f"{INSTALL}; one check asks it")
    yield Finding("DCMTK", dcmtk is not None, dcmtk or "no storescu of DCMTK is on the PATH; install the package dcmtk")


def dcmtk_tool(name: str) -> str | None:
    """The path of a tool of DCMTK; pynetdicom installs tools of the same names, so the version must say whose it is."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = shutil.which(name, path=folder)
        if path is None:
            continue
        try:
            done = subprocess.run([path, "--version"], capture_output=True, timeout=_ANSWER, check=False)
        except (OSError, subprocess.SubprocessError):
            continue
        if b"$dcmtk" in done.stdout:
            return path
    return None


def _encoders() -> Iterator[Finding]:
    """Every encoder that a recipe asks for."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for id, recipe in load_recipes().items():
        wanted.setdefault((recipe.encoder, "video"), []).append(id)
        if recipe.sound is not None:
            wanted.setdefault((recipe.sound.encoder, "audio"), []).append(id)
    for (name, kind), recipes in sorted(wanted.items()):
        yield Finding(
            f"{kind} encoder {name}", probe.has_encoder(name, kind), f"makes {', '.join(sorted(recipes))}", needed=True
        )


def _gpu() -> Iterator[Finding]:
    for family, names in probe.GPU_ENCODERS.items():
        for name in names:
            obstacle = probe.trial(name)
            words = "a trial picture was encoded" if obstacle is None else f"{obstacle}; nothing needs it"
            yield Finding(f"{family} {name}", obstacle is None, f"{words}: clips are made by the software encoders")


def _library() -> Iterator[Finding]:
    versions = tool_versions()
    yield Finding(
        "FFmpeg", True, f"{versions['FFmpeg']} inside PyAV {versions['PyAV']}; it says: {versions['licence']}"
    )
    parts = probe.gpl_parts()
    words = f"{', '.join(parts)}: passing the library on falls under the GPL" if parts else "none in its configuration"
    yield Finding("GPL parts of FFmpeg", bool(parts), words)


def _asked(thing: str, ask: Callable[[], str]) -> Finding:
    try:
        return Finding(thing, True, ask())
    except HarnessError as error:
        return Finding(thing, False, str(error))


def _engine() -> str:
    with connect() as client:
        about = client.version()
    return f"version {about.get('Version', 'unknown')}"


def _images() -> Iterator[Finding]:
    """Every image that a target names, where there is an engine."""
    definitions = [load_definition(name) for name in known_targets() if name != EMBEDDED]
    names = {image_of(one): one.id for one in definitions}
    names |= {image: f"{one.id}@{release}" for one in definitions for release, image in one.container.releases}
    try:
        with connect() as client:
            here = {name: has_image(client, name) for name in names}
    except HarnessError:
        return
    for name, target in names.items():
        yield Finding(f"image for {target}", here[name], name)


def _disk() -> Finding:
    folder = Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    return Finding(
        "disk", free >= BASE_SPACE, f"{show_size(free)} free in {folder}; {show_size(BASE_SPACE)} needed", needed=True
    )
