"""Clips of recipes, encoded once and kept.

A clip is found again by a hash over everything that decides its bytes and its facts: the recipe, the versions of the
video libraries, and our own code that draws, encodes and examines. Its facts lie beside it as JSON, which is written
last: without it there is no clip. Files are made in a folder inside the cache and appear by renaming, so several
processes may share the cache. One of them makes what is missing while the others wait for it; where the file system
knows no locks, the worst that can happen is that two make the same bytes.

Every clip is compared with its recipe and with every format that uses it, each time it is handed out.
"""

import errno
import fcntl
import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from harness.core import facts as facts_module
from harness.core.conformance import stream_differences
from harness.core.formats import Container, Format
from harness.core.recipes import Recipe
from harness.errors import ClipRejected, MediaError
from harness.media.differences import recipe_differences
from harness.media.distance import DistanceMeter
from harness.media.encode import encode
from harness.media.examine import examine
from harness.media.facts_json import examined_from_plain, examined_to_plain
from harness.media.seek import seek, wanted_places
from harness.media.tools import tool_versions
from harness.media.values import Clip

#: Begins the name of a workshop; the number of its process follows.
_WORKSHOP = f".making-{socket.gethostname()}-"

_SUFFIXES = {
    Container.MP4: ".mp4",
    Container.MPEG_TS: ".ts",
    Container.WEBM: ".webm",
    Container.JPEG_FRAMES: ".mjpeg",
}
#: Modules whose code decides what a clip or its facts are.
_MAKERS = (
    "bits",
    "bitstream",
    "coded",
    "container",
    "decode",
    "distance",
    "encode",
    "examine",
    "examine_jpeg",
    "facts_json",
    "frame_times",
    "h264",
    "hear",
    "hevc",
    "jpeg",
    "mp4",
    "mpeg2",
    "picture",
    "recipe_check",
    "seek",
    "sound",
    "track",
    "stamp",
)


class ClipStore:
    """A folder of clips; it is created when needed.

    ``formats`` are those that clips are compared with; each recipe is held against the formats that name it.
    """

    def __init__(self, folder: Path, *, formats: Iterable[Format] = ()) -> None:
        self._folder = folder
        self._formats = tuple(formats)

    def get(self, recipe: Recipe) -> Clip:
        """The clip of a recipe, encoded now if it is not there or damaged.

        Raises:
            DataFileError: the recipe holds a value that cannot be, or that its encoder refuses.
            EncoderMissing: the video library lacks an encoder.
            ClipRejected: the clip is not what the recipe or a format says; the message lists what differs.
            MediaError: it cannot be made or kept.
        """
        clip = self._find(recipe)
        if clip is None:
            with _workshop(self._folder) as workshop, _alone(self._folder):
                if self._find(recipe) is None:
                    _make(recipe, self._path(recipe), workshop)
            clip = self._find(recipe)
        if clip is None:
            raise MediaError(f"{self._path(recipe)}: the clip was changed while it was made; remove it and try again")
        differences = list(recipe_differences(recipe, clip.facts))
        for format in self._formats:
            if format.recipe == recipe.id:
                differences += [f"{format.id}: {text}" for text in stream_differences(format, clip.facts)]
        if differences:
            raise ClipRejected(f"the clip of recipe {recipe.id} is not what it should be: {'; '.join(differences)}")
        return clip

    def prepare(self, recipes: Iterable[Recipe]) -> dict[str, Clip | MediaError]:
        """The clips of several recipes by id, with the error in place of a clip that cannot be had.

        Missing clips are made in as many processes as the machine has processors, also a single one: what an encoder
        needs stays out of this process. Processes start anew rather than by fork, because the threads of a video
        library do not survive one.

        Raises:
            DataFileError: a recipe holds a value that cannot be, or that its encoder refuses.
        """
        _remove_abandoned(self._folder)
        wanted = {recipe.id: recipe for recipe in recipes}
        missing = [recipe for recipe in wanted.values() if self._find(recipe) is None]
        failed: dict[str, MediaError] = {}
        if missing:
            try:
                failed = self._make_all(missing)
            except MediaError as error:
                failed = {recipe.id: error for recipe in missing}
            except (OSError, BrokenProcessPool) as error:
                problem = MediaError(f"no encoding process can be started: {error}; free some memory and try again")
                failed = {recipe.id: problem for recipe in missing}
        return {id_: failed.get(id_) or self._get_or_error(recipe) for id_, recipe in wanted.items()}

    def _make_all(self, recipes: list[Recipe]) -> dict[str, MediaError]:
        """Make clips in processes of their own; returns the errors by recipe id."""
        failed: dict[str, MediaError] = {}
        # The most samples first, so that no long clip is left for the end.
        recipes = sorted(recipes, key=lambda recipe: recipe.rows * recipe.columns * recipe.frames, reverse=True)
        context = multiprocessing.get_context("spawn")
        end, held = context.Pipe(duplex=False)
        with (
            _workshop(self._folder) as workshop,
            _alone(self._folder),
            end,
            held,
            ProcessPoolExecutor(
                min(len(recipes), os.cpu_count() or 1), mp_context=context, initializer=_end_with, initargs=(end,)
            ) as pool,
        ):
            recipes = [recipe for recipe in recipes if self._find(recipe) is None]
            try:
                pending = {pool.submit(_make, recipe, self._path(recipe), workshop): recipe.id for recipe in recipes}
                for future in as_completed(pending):
                    try:
                        future.result()
                    except MediaError as error:
                        failed[pending[future]] = error
                    except BrokenProcessPool:
                        failed[pending[future]] = MediaError(
                            f"recipe {pending[future]}: the encoding process died; free some memory and try again"
                        )
            except BaseException:
                # A long clip takes many seconds; nobody waits for it once the run is given up.
                held.close()
                pool.shutdown(cancel_futures=True)
                raise
        return failed

    def _get_or_error(self, recipe: Recipe) -> Clip | MediaError:
        try:
            return self.get(recipe)
        except MediaError as error:
            return error

    def _path(self, recipe: Recipe) -> Path:
        suffix = _SUFFIXES.get(recipe.container, ".bin")
        return self._folder / f"{recipe.id}-{_key(recipe)}{suffix}"

    def _find(self, recipe: Recipe) -> Clip | None:
        """The clip as it lies there, or None where it is missing, incomplete or damaged."""
        path = self._path(recipe)
        try:
            entry = json.loads(_notes(path).read_text("utf-8"))
            facts, distance, jumps = examined_from_plain(entry)
            sizes = tuple(entry["frame_sizes"])
            clip = Clip(path, recipe, entry["size"], entry["sha256"], facts, sizes, distance, jumps)
            return clip if (path.stat().st_size, _sha256(path)) == (clip.size, clip.sha256) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _end_with(end: Connection) -> None:
    """Let an encoding process end when the harness lets go of the other end, or was killed, and only then."""
    # An interrupt from the keyboard reaches every process; the harness alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_after, args=(end,), daemon=True).start()


def _exit_after(end: Connection) -> None:
    wait([end])
    os._exit(1)


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A folder inside the cache that vanishes with whatever was left unfinished in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = TemporaryDirectory(prefix=f"{_WORKSHOP}{os.getpid()}-", dir=folder, ignore_cleanup_errors=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    with made as name:
        yield Path(name)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from making clips in the same folder; a process that is killed lets them go on."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _remove_abandoned(folder: Path) -> None:
    """Remove the workshops of processes of this host that were killed."""
    for workshop in folder.glob(f"{_WORKSHOP}*-*"):
        pid = workshop.name.removeprefix(_WORKSHOP).split("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(workshop, ignore_errors=True)


def _unwritable(folder: Path, error: OSError) -> MediaError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    step = "free some space there" if full else "make it a folder that you may write to"
    return MediaError(f"{folder}: clips cannot be kept in this folder: {error.strerror or error}; {step}")


def _make(recipe: Recipe, path: Path, workshop: Path) -> None:
    """Encode and examine a clip in the workshop, in one decoding pass and some jumps, then let it appear."""
    part = workshop / path.name
    try:
        frame_sizes = encode(recipe, part)
        meter, digest = DistanceMeter(recipe), _sha256(part)
        facts = examine(part, frame_sizes=frame_sizes, rate=recipe.rate, on_frame=meter.look)
        jumps = seek(part, facts, wanted_places(facts, digest), frame_sizes=frame_sizes)
        entry = {
            "size": part.stat().st_size,
            "sha256": digest,
            "frame_sizes": frame_sizes,
            **examined_to_plain(facts, meter.distance(), jumps),
        }
        _notes(part).write_text(json.dumps(entry), "utf-8")
        part.replace(path)
        _notes(part).replace(_notes(path))
    except OSError as error:
        raise _unwritable(path.parent, error) from error


def _notes(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key(recipe: Recipe) -> str:
    return hashlib.sha256(f"{recipe!r} {_makers_hash()}".encode()).hexdigest()[:16]


@cache
def _makers_hash() -> str:
    hashed = hashlib.sha256(json.dumps(tool_versions(), sort_keys=True).encode())
    folder = Path(__file__).parent
    for path in (*(folder / f"{name}.py" for name in _MAKERS), Path(facts_module.__file__)):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()
