"""The files that came back from a PACS: read, decoded, shown, kept as evidence, removed."""

from pathlib import Path

from harness.core.exchange import Exchange
from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.frames import frame_lengths
from harness.core.observations import Fetched
from harness.errors import MediaError, ObjectUnreadable
from harness.media.examine import examine
from harness.media.part10 import extract_payload, read_object
from harness.media.stills import pictures
from harness.plugin.answers import Answers
from harness.plugin.cells import VideoKey
from harness.plugin.videos import LazyVideo

#: Larger objects are not copied into the evidence of a failure; their hashes are in the observation.
LARGEST_KEPT = 64 * 2**20


class ReturnedFiles:
    """What one target returned, by video and service, as files in ``folder``."""

    def __init__(self, folder: Path, answers: Answers) -> None:
        self._folder = folder
        self._answers = answers
        self._files: dict[tuple[VideoKey, str], Path] = {}

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

    def decode(self, video: LazyVideo, fetched: Fetched) -> StreamFacts | Undecodable:
        """Decode what one path returned; payloads that are the same, frame for frame, share one decoding."""
        facts = fetched.facts
        if facts is None:
            return Undecodable(fetched.unreadable)
        if not facts.encapsulated:
            return Undecodable("Pixel Data came back without encapsulation")
        frames = () if video.format.is_video_stream else frame_lengths(facts)
        key = ("decode", video.key, facts.payload_sha256, frames)
        return self._answers.once(key, lambda: self._decode(video, fetched.service, facts, frames))

    def keep(self, video: LazyVideo) -> tuple[str, ...]:
        """Copy what came back into the evidence: damage must be shown, not told. Notes what could not be kept."""
        notes = []
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

    def _decode(
        self, video: LazyVideo, service: str, facts: ObjectFacts, frames: tuple[int, ...]
    ) -> StreamFacts | Undecodable:
        clip = video.object.clip
        self._show("sent", video, clip.path, clip.frame_sizes)
        self._folder.mkdir(parents=True, exist_ok=True)
        payload = self._folder / f"payload-{video.key.name}{clip.path.suffix}"
        # The pad byte of an odd stream is not part of it (PS3.5 8.2); in Motion JPEG each frame has its own.
        padded = video.format.is_video_stream and facts.payload_length == clip.size + 1
        try:
            extract_payload(self._files[video.key, service], payload, length=clip.size if padded else None)
            # Pictures of Motion JPEG do not tell their rate: it is the one that was sent.
            stream = examine(payload, frame_sizes=frames, rate=clip.recipe.rate)
            self._show(f"returned by {service}", video, payload, frames)
        except MediaError as error:
            return Undecodable(str(error))
        finally:
            payload.unlink(missing_ok=True)
        return stream

    def _show(self, which: str, video: LazyVideo, path: Path, frame_sizes: tuple[int, ...]) -> None:
        """Keep the first, middle and last picture as evidence for human eyes."""
        last = video.stream.frames - 1
        places = {"first": 0, "middle": last // 2, "last": last}
        shown = pictures(path, tuple(places.values()), frame_sizes=frame_sizes)
        for place, index in places.items():
            if index in shown:
                self._answers.write(
                    f"{video.key.name}/{which.replace(' ', '-')}-{place}.png",
                    shown[index],
                    role=f"picture:{which.split()[0]}:{place}",
                    title=f"{place} frame as {which}",
                )


def _read(path: Path) -> tuple[ObjectFacts | None, str]:
    try:
        return read_object(path), ""
    except ObjectUnreadable as error:
        return None, str(error)
