"""The installation check (IQ): everything that the harness needs on a machine, looked at and told."""

import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import av
from packaging.specifiers import SpecifierSet

from harness.catalogue.claims import load_products
from harness.catalogue.read import load_formats, load_recipes, load_sop_classes, load_wrong_recipes
from harness.core.formats import Codec
from harness.core.qualification.identity import Identity
from harness.core.qualification.installation import Item, Outcome
from harness.core.sizes import MIB, show_size
from harness.errors import HarnessError
from harness.plugin.bench import BASE_SPACE, CACHE_SPACE, clip_cache
from harness.plugin.clock import synchronisation
from harness.plugin.closure import DISTRIBUTION
from harness.plugin.everycheck import every_check
from harness.plugin.looks import Finding, examine
from harness.plugin.qualification.distributions import files, is_editable, judged, versions
from harness.plugin.qualification.identity import dependencies
from harness.plugin.qualification.shelf import shelf
from harness.targets.definition import EMBEDDED, known_targets, load_definition
from harness.targets.embedded.mutants import MUTANTS

#: Systems on which every release is tested.
SYSTEMS = ("Linux",)
#: The video library's decoder for each coding of the formats.
DECODERS = {
    Codec.MPEG2: "mpeg2video",
    Codec.H264: "h264",
    Codec.HEVC: "hevc",
    Codec.MJPEG: "mjpeg",
}
#: The year before which no harness of this version was made.
_EARLIEST = 2026
#: Space in bytes for records.
_RECORD_SPACE = 8 * MIB


def items(identity: Identity) -> Iterator[Item]:
    """Look at everything, one thing after the other."""
    yield from _platform()
    yield from _distributions(identity)
    yield from _decoders()
    yield from _data()
    yield from _clock()
    yield from _places()
    yield _document()
    yield Item("documents", "fonts", Outcome.INFO, "DejaVu, which pages ask for", _fonts())
    yield from map(_of_finding, examine())


def _platform() -> Iterator[Item]:
    own = _own()
    wanted = str(own.metadata["Requires-Python"]) if own else ""
    version = platform.python_version()
    fits = SpecifierSet(wanted).contains(version, prereleases=True)
    yield judged("platform", "Python", fits, wanted or "any version", f"{platform.python_implementation()} {version}")
    system = platform.system()
    yield judged("platform", "operating system", system in SYSTEMS, " or ".join(SYSTEMS), platform.platform())


def _own() -> metadata.Distribution | None:
    try:
        return metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return None


def _distributions(identity: Identity) -> Iterator[Item]:
    own = _own()
    if own is None:
        yield judged("distributions", DISTRIBUTION, False, "installed", "not installed; use pip install")
    else:
        yield from versions(own)
        if is_editable(own):
            yield _checkout(identity)
        else:
            yield files(own)
    yield from (files(found) for found in dependencies().values())


def _checkout(identity: Identity) -> Item:
    """An editable install runs what lies in the checkout, so that the commit stands for its files."""
    expected = "editable install: a commit, and no file differs from it"
    known = bool(identity.commit) and identity.commit != "unknown"
    state = "files differ from it" if identity.modified else "no file differs"
    seen = f"commit {identity.commit[:12]}, {state}" if known else "editable install without a known commit"
    return judged("installed files", DISTRIBUTION, known and not identity.modified, expected, seen)


def _decoders() -> Iterator[Item]:
    for codec in sorted({format.codec for format in load_formats().values()}):
        name = DECODERS[codec]
        yield judged("video", f"decoder {name}", _has_decoder(name), "there", f"for {codec}")


def _has_decoder(name: str) -> bool:
    try:
        return av.Codec(name, "r").type == "video"
    except ValueError:
        return False


def _data() -> Iterator[Item]:
    for thing, load in _LOADS:
        yield _loaded(thing, load)


def _loaded(thing: str, load: Callable[[], int]) -> Item:
    """Data files lie beside the code, and their bytes are looked at with it."""
    try:
        number = load()
    except HarnessError as error:
        return judged("data files", thing, False, "all can be read", str(error))
    return judged("data files", thing, number > 0, "all can be read", f"{number} read")


_LOADS: tuple[tuple[str, Callable[[], int]], ...] = (
    ("formats", lambda: len(load_formats())),
    ("SOP classes", lambda: len(load_sop_classes())),
    ("clip recipes", lambda: len(load_recipes()) + len(load_wrong_recipes())),
    ("claims", lambda: len(load_products())),
    ("targets", lambda: len([load_definition(name) for name in known_targets() if name != EMBEDDED])),
    ("checks", lambda: len(every_check())),
    ("faults of the embedded PACS", lambda: len(MUTANTS)),
)


def _clock() -> Iterator[Item]:
    first = time.monotonic_ns()
    steady = time.get_clock_info("monotonic").monotonic and all(
        first <= later for later in (time.monotonic_ns() for _ in range(1000))
    )
    yield judged("clock", "monotonic clock", steady, "never goes back", "it did not" if steady else "it went back")
    now = datetime.now(UTC)
    yield Item("clock", "synchronisation", Outcome.INFO, "by the kernel of this machine", synchronisation())
    yield judged("clock", "time of day", now.year >= _EARLIEST, f"{_EARLIEST} or later", f"{now:%Y-%m-%d %H:%M} UTC")


def _places() -> Iterator[Item]:
    for thing, folder, need in (
        ("scratch folder", Path(tempfile.gettempdir()), BASE_SPACE),
        ("clip cache", clip_cache(), CACHE_SPACE),
        ("folder of records", shelf(), _RECORD_SPACE),
    ):
        yield _place(thing, folder, need)


def _place(thing: str, folder: Path, need: int) -> Item:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    writable = os.access(existing, os.W_OK | os.X_OK)
    seen = f"{'writable' if writable else 'not writable'}, {show_size(free)} free in {folder}"
    return judged("places", thing, writable and free >= need, f"writable, {show_size(need)} free", seen)


def _document() -> Item:
    """Pango and fonts, which reports in PDF need; their extra may be left out."""
    expected = "Pango and fonts, where the extra pdf is installed"
    if find_spec("weasyprint") is None:
        return Item("documents", "PDF", Outcome.INFO, expected, "the extra pdf is not installed: no PDF is made")
    try:
        import weasyprint

        size = len(weasyprint.HTML(string="<p>Aä</p>").write_pdf() or b"")
    except Exception as error:  # noqa: BLE001 - whatever it lacks, it cannot make a document here
        return judged("documents", "PDF", False, expected, f"{type(error).__name__}: {error}")
    return judged("documents", "PDF", size > 0, expected, f"WeasyPrint {weasyprint.__version__} makes a page")


def _fonts() -> str:
    """What fontconfig finds of the font that pages ask for."""
    try:
        done = subprocess.run(["fc-list", "DejaVu Sans", "file"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return "unknown: there is no fc-list"
    return f"{len(done.stdout.splitlines())} files"


def _of_finding(finding: Finding) -> Item:
    """What the doctor finds too; only what a run on the embedded PACS cannot do without can fail."""
    if finding.needed:
        return judged("machine", finding.thing, finding.there, "there", finding.words)
    return Item("machine", finding.thing, Outcome.INFO, "", f"{finding.mark}: {finding.words}")
