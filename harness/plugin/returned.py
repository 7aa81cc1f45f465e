"""The files that came back from a PACS: read, decoded, shown, kept as evidence, removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core.exchange import Exchange
from harness.core.facts import ObjectFacts, PictureDistance, Seek, StreamFacts, Undecodable
from harness.core.frames import frame_lengths
from harness.core.observations import Fetched, Payload
from harness.core.verdicts import payload_difference
from harness.errors import MediaError, ObjectUnreadable
from harness.media.distance import DistanceMeter
from harness.media.examine import examine
from harness.media.part10 import extract_payload, read_object
from harness.media.seek import seek
from harness.media.stills import pictures
from harness.plugin.answers import Answers
from harness.plugin.cells import VideoKey
from harness.plugin.videos import LazyVideo

#: Larger objects are not copied into the evidence of a failure; their hashes are in the observation.
LARGEST_KEPT = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Decoded:
    """A coded video that was decoded: its facts, how far its pictures are from the drawn ones, and jumps into it."""

    stream: StreamFacts
    distance: PictureDistance | None
    jumps: tuple[Seek, ...]


class ReturnedFiles:
    """What one target returned, by video and service, as files in ``folder``."""

    def __init__(self, folder: Path, answers: Answers) -> None:
        self._folder = folder
        self._answers = answers
        self._files: dict[tuple[VideoKey, str], Path] = {}
        self._too_large: set[tuple[VideoKey, str]] = set()

    def take(self, service: str, video: LazyVideo, exchange: Exchange, paths: tuple[Path, ...], tries: int) -> Fetched:
        """Read what came, and keep the file of the object that was asked for, or of the first."""
        if not paths:
            return Fetched(service, exchange, 0, None, tries=tries)
        found = [(path, *_read(path)) for path in paths]
        asked = video.instance_uid
        chosen = next((one for one in found if one[1] and one[1].sop_instance_uid == asked), found[0])
        others = [one for one in found if one is not chosen]
        for path, _, _ in others:
            path.unlink(missing_ok=True)
        path, facts, unreadable = chosen
        if (before := self._files.pop((video.key, service), path)) != path:
            before.unlink(missing_ok=True)
        if video.size is not None and path.stat().st_size > LARGEST_KEPT:
            # Its hash is known, and nothing else looks at it again: the next path's copy needs the room.
            path.unlink()
            self._too_large.add((video.key, service))
        else:
            self._files[video.key, service] = path
        return Fetched(
            service,
            exchange,
            len(paths),
            facts,
            unreadable,
            others=tuple(facts.sop_instance_uid if facts else "unreadable" for _, facts, _ in others),
            tries=tries,
        )

    def file(self, video: LazyVideo, service: str) -> Path | None:
        """The file that one path returned, as long as it is kept."""
        return self._files.get((video.key, service))

    def decode(self, video: LazyVideo, fetched: Fetched) -> Decoded | Undecodable:
        """Decode what one path returned.

        Payloads that are the same, frame for frame, share one decoding; the one that was sent was decoded when its
        clip was made.
        """
        facts = fetched.facts
        if facts is None:
            return Undecodable(fetched.unreadable)
        if not facts.encapsulated:
            return Undecodable("Pixel Data came back without encapsulation")
        frames = frame_sizes_of(video, facts)
        if is_sent(video, facts):
            self._answers.once(("show", video.key), lambda: self._show_sent(video, also_as=fetched.service))
            clip = video.object.clip
            return Decoded(clip.facts, clip.distance, clip.jumps)
        key = ("decode", video.key, facts.payload_sha256, frames)
        return self._answers.once(key, lambda: self._decode(video, fetched, frames))

    @contextmanager
    def payload(self, video: LazyVideo, fetched: Fetched) -> Iterator[Path]:
        """The coded video that one path returned, as a file that is gone afterwards.

        Raises:
            MediaError: it cannot be read from the object.
        """
        clip, facts = video.object.clip, fetched.facts
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"payload-{video.key.name}{clip.path.suffix}"
        # The pad byte of an odd stream is not part of it (PS3.5 8.2); in Motion JPEG each frame has its own.
        padded = video.format.is_video_stream and facts is not None and facts.payload_length == clip.size + 1
        try:
            extract_payload(self._files[video.key, fetched.service], path, length=clip.size if padded else None)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def keep(self, video: LazyVideo) -> tuple[str, ...]:
        """Copy what came back into the evidence: damage must be shown, not told. Notes what could not be kept."""
        notes = [
            f"the object returned by {service} is too large to be kept as evidence"
            for key, service in sorted(self._too_large, key=str)
            if key == video.key
        ]
        for (key, service), path in self._files.items():
            if key != video.key:
                continue
            try:
                if path.stat().st_size > LARGEST_KEPT:
                    notes.append(f"the object returned by {service} is too large to be kept as evidence")
                    continue
                self._answers.write(
                    f"{key.name}/{service}.dcm",
                    path.read_bytes(),
                    role=f"object:returned:{service}",
                    title=f"object as returned by {service}",
                )
            except OSError as error:
                notes.append(f"the object returned by {service} could not be kept as evidence: {error}")
        return tuple(notes)

    def discard(self, video: LazyVideo) -> None:
        """Free the disk space of what came back."""
        for key in [key for key in self._files if key[0] == video.key]:
            self._files.pop(key).unlink(missing_ok=True)

    def _decode(self, video: LazyVideo, fetched: Fetched, frames: tuple[int, ...]) -> Decoded | Undecodable:
        clip = video.object.clip
        self._answers.once(("show", video.key), lambda: self._show_sent(video))
        # A clip that was made longer repeats its numbers: it has no distance of its own to compare with.
        meter = DistanceMeter(clip.recipe) if clip.distance is not None else None
        try:
            with self.payload(video, fetched) as path:
                # Pictures of Motion JPEG do not tell their rate: it is the one that was sent.
                stream = examine(
                    path, frame_sizes=frames, rate=clip.recipe.rate, on_frame=None if meter is None else meter.look
                )
                wanted = [(jump.frame, jump.seconds) for jump in clip.jumps]
                jumps = seek(path, stream, wanted, frame_sizes=frames)
                shown = _stills(video, path, frames)
        except MediaError as error:
            return Undecodable(str(error))
        self._show(f"returned by {fetched.service}", video, shown)
        return Decoded(stream, None if meter is None else meter.distance(), jumps)

    def _show_sent(self, video: LazyVideo, *, also_as: str = "") -> None:
        clip = video.object.clip
        shown = _stills(video, clip.path, clip.frame_sizes)
        self._show("sent", video, shown)
        if also_as:  # the same bytes came back, and show the same
            self._show(f"returned by {also_as}", video, shown)

    def _show(self, which: str, video: LazyVideo, shown: dict[str, bytes]) -> None:
        """Keep the first, middle and last picture as evidence for human eyes."""
        for place, picture in shown.items():
            self._answers.write(
                f"{video.key.name}/{which.replace(' ', '-')}-{place}.png",
                picture,
                role=f"picture:{which.split()[0]}:{place}",
                title=f"{place} frame as {which}",
            )


def is_sent(video: LazyVideo, facts: ObjectFacts) -> bool:
    """Whether the coded video of a returned object is that which was sent: byte by byte, and frame by frame."""
    sent = video.facts
    if frame_sizes_of(video, facts) != frame_sizes_of(video, sent):
        return False
    return payload_difference(Payload.of(sent), replace(Payload.of(facts), instance_uid=sent.sop_instance_uid)) == ""


def frame_sizes_of(video: LazyVideo, facts: ObjectFacts) -> tuple[int, ...]:
    """Length in bytes of each frame's picture in Motion JPEG, else nothing."""
    return () if video.format.is_video_stream else frame_lengths(facts)


def _stills(video: LazyVideo, path: Path, frame_sizes: tuple[int, ...]) -> dict[str, bytes]:
    last = video.stream.frames - 1
    places = {"first": 0, "middle": last // 2, "last": last}
    shown = pictures(path, tuple(places.values()), frame_sizes=frame_sizes)
    return {place: shown[index] for place, index in places.items() if index in shown}


def _read(path: Path) -> tuple[ObjectFacts | None, str]:
    try:
        return read_object(path), ""
    except ObjectUnreadable as error:
        return None, str(error)
