"""Clips of recipes, encoded once and kept.

A clip is found again by a hash over everything that decides its bytes and its facts: the recipe, the versions of the
video libraries, and our own code that draws, encodes and examines. Its facts lie beside it as JSON, which is written
last: without it there is no clip. Files appear by renaming, so several processes may share the folder; the worst that
can happen is that two make the same bytes.

Every clip is compared with its recipe and with every format that uses it, each time it is handed out.
"""

import hashlib
import json
import multiprocessing
import os
import threading
import uuid
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import av

from harness.core import facts as facts_module
from harness.core.conformance import stream_differences
from harness.core.facts import SoundFacts, StreamFacts
from harness.core.formats import Container, Format
from harness.core.recipes import Recipe
from harness.errors import ClipRejected, MediaError
from harness.media.encode import encode
from harness.media.examine import examine
from harness.media.facts_json import facts_from_plain, facts_to_plain
from harness.media.tools import tool_versions
from harness.media.values import Clip

_SUFFIXES = {Container.MP4: ".mp4", Container.MPEG_TS: ".ts", Container.JPEG_FRAMES: ".mjpeg"}
#: Modules whose code decides what a clip or its facts are.
_MAKERS = (
    "bits",
    "bitstream",
    "coded",
    "container",
    "decode",
    "encode",
    "examine",
    "examine_jpeg",
    "facts_json",
    "h264",
    "hevc",
    "jpeg",
    "mpeg2",
    "picture",
    "sound",
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
            EncoderMissing: the video library lacks an encoder.
            ClipRejected: the clip is not what the recipe or a format says; the message lists what differs.
            MediaError: it cannot be made.
        """
        clip = self._find(recipe)
        if clip is None:
            _make(recipe, self._path(recipe))
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
        """
        wanted = {recipe.id: recipe for recipe in recipes}
        missing = [recipe for recipe in wanted.values() if self._find(recipe) is None]
        failed: dict[str, MediaError] = {}
        if missing:
            # The most samples first, so that no long clip is left for the end.
            missing.sort(key=lambda recipe: recipe.rows * recipe.columns * recipe.frames, reverse=True)
            context = multiprocessing.get_context("spawn")
            workers = min(len(missing), os.cpu_count() or 1)
            with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as pool:
                pending = {recipe.id: pool.submit(_make, recipe, self._path(recipe)) for recipe in missing}
                for id_, future in pending.items():
                    try:
                        future.result()
                    except MediaError as error:
                        failed[id_] = error
                    except BrokenProcessPool:
                        failed[id_] = MediaError(
                            f"recipe {id_}: the encoding process died; free some memory and try again"
                        )
        return {id_: failed.get(id_) or self._get_or_error(recipe) for id_, recipe in wanted.items()}

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
            clip = Clip(
                path=path,
                recipe=recipe,
                size=entry["size"],
                sha256=entry["sha256"],
                facts=facts_from_plain(entry["facts"]),
                frame_sizes=tuple(entry["frame_sizes"]),
            )
            return clip if (path.stat().st_size, _sha256(path)) == (clip.size, clip.sha256) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def recipe_differences(recipe: Recipe, facts: StreamFacts) -> tuple[str, ...]:
    """Ways in which an encoded clip is not what its recipe says; empty where it is."""
    sound = recipe.sound
    expected: dict[str, Any] = {
        "container": recipe.container,
        "codec": recipe.codec,
        "rows": recipe.rows,
        "columns": recipe.columns,
        "rate": recipe.rate,
        "scan": recipe.scan,
        "sample_aspect": recipe.sample_aspect,
        "bit_depth": av.VideoFormat(recipe.pixel_format).components[0].bits,
        "frame_packed": recipe.side_by_side,
        "frames": recipe.frames,
        "stamps": tuple(range(1, recipe.frames + 1)),
        "regular_timing": True,
        "sound": None if sound is None else SoundFacts(sound.codec, sound.sample_rate, sound.channels),
        "problems": (),
    }
    return tuple(
        f"{name} should be {value}, is {getattr(facts, name)}"
        for name, value in expected.items()
        if getattr(facts, name) != value
    )


def _end_with_parent() -> None:
    """Let an encoding process end when the harness was killed: nothing else would tell it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _make(recipe: Recipe, path: Path) -> None:
    """Encode and examine a clip under temporary names, then let it appear."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    notes = _notes(part)
    unwritable = f"{path}: the clip cannot be written; give another folder"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"{unwritable}: {error.strerror}") from error
    try:
        frame_sizes = encode(recipe, part)
        entry = {
            "size": part.stat().st_size,
            "sha256": _sha256(part),
            "frame_sizes": frame_sizes,
            "facts": facts_to_plain(examine(part, frame_sizes=frame_sizes, rate=recipe.rate)),
        }
        notes.write_text(json.dumps(entry), "utf-8")
        part.replace(path)
        notes.replace(_notes(path))
    except OSError as error:
        raise MediaError(f"{unwritable}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
        notes.unlink(missing_ok=True)


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
