"""The video objects of a run: each made when first needed, once, and shared by all targets and checks."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pydicom import Dataset

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.formats import Format, SopClass
from harness.core.observations import NotMade, Undecided
from harness.core.recipes import Recipe
from harness.core.sizes import BELOW_EDGES, show_size
from harness.core.validation.table import errors, findings
from harness.errors import ClipRejected, EncoderMissing, MediaError
from harness.media.clips import ClipStore
from harness.media.longclip import lengthen
from harness.media.values import Clip, VideoObject
from harness.media.wrap import wrap
from harness.plugin.cells import VideoKey

#: Fragments of an object whose syntax allows several: more than one, so that joining them is put to the test.
FRAGMENTS = 4

#: Largest even length of one fragment (PS3.5 A.4).
MAX_FRAGMENT = 2**32 - 2

Progress = Callable[[str, int, int], None]


class LazyVideo:
    """A video object that is made when it is first looked at."""

    def __init__(
        self,
        key: VideoKey,
        format: Format,
        sop_class: SopClass,
        make: Callable[["LazyVideo"], VideoObject],
        *,
        uids: tuple[str, str, str],
        fresh: Callable[[VideoKey], "LazyVideo"],
    ) -> None:
        self.key = key
        #: UIDs of its study, its series and itself; known before it is made.
        self.study_uid, self.series_uid, self.instance_uid = uids
        self._format = format
        self._sop_class = sop_class
        self._make = make
        self._fresh = fresh
        self._object: VideoObject | None = None
        self._facts: tuple[ObjectFacts, StreamFacts] | None = None

    @property
    def format(self) -> Format:
        """Its format."""
        return self._format

    @property
    def sop_class(self) -> SopClass:
        """The SOP class that carries it."""
        return self._sop_class

    @property
    def size(self) -> int | None:
        """Wanted size in bytes where the size is the question, else None."""
        return self.key.size

    @property
    def unique_keys(self) -> dict[str, str]:
        """The unique keys by which it is queried at IMAGE level (PS3.4 C.6.2.1)."""
        return {
            "StudyInstanceUID": self.study_uid,
            "SeriesInstanceUID": self.series_uid,
            "SOPInstanceUID": self.instance_uid,
        }

    @property
    def object(self) -> VideoObject:
        """The object, made now unless it is there. Raises Undecided where it cannot be made here."""
        if self._object is None:
            self._object = self._make(self)
            self._facts = (self._object.facts, self._object.clip.facts)
        return self._object

    def fresh(self, purpose: str) -> "LazyVideo":
        """Another object of the same clip, with UIDs of its own; the same one for the same purpose."""
        return self._fresh(replace(self.key, purpose=f"{self.key.purpose}{purpose}"))

    def sized(self, size: int) -> "LazyVideo":
        """The video like this one that has ``size`` bytes."""
        return self._fresh(replace(self.key, size=size))

    @property
    def facts(self) -> ObjectFacts:
        """What is sent."""
        return self._facts[0] if self._facts else self.object.facts

    @property
    def stream(self) -> StreamFacts:
        """The bit stream that is sent."""
        return self._facts[1] if self._facts else self.object.clip.facts

    def discard(self) -> None:
        """Free the disk space of a large object; it is made again when needed again."""
        if self._object is not None:
            self._object.path.unlink(missing_ok=True)
            self._object = None


class Videos:
    """Makes and keeps the videos of one run.

    A video is made from the clip of its format; :meth:`prepare` makes several clips at a time.
    """

    def __init__(
        self,
        formats: Mapping[str, Format],
        recipes: Mapping[str, Recipe],
        *,
        clips: ClipStore,
        scratch: Path,
        run_id: str,
        on_progress: Progress | None = None,
    ) -> None:
        self.formats = formats
        self.recipes = recipes
        self._clip_store = clips
        self._scratch = scratch
        self._run_id = run_id
        self._on_progress = on_progress
        self._clips: dict[str, Clip | MediaError] = {}
        self._videos: dict[VideoKey, LazyVideo] = {}

    @property
    def clips(self) -> dict[str, Clip]:
        """The clips made so far, by recipe id."""
        return {id: clip for id, clip in self._clips.items() if isinstance(clip, Clip)}

    def prepare(self, format_ids: Iterable[str]) -> None:
        """Make the clips of these formats together.

        Raises:
            ClipRejected: a clip is not what its format demands. Other obstacles are met when the video is needed.
        """
        ids = {recipe for id in format_ids if (recipe := self.formats[id].recipe) is not None} - set(self._clips)
        self._clips |= self._clip_store.prepare([self.recipes[id] for id in sorted(ids)])
        for clip in self._clips.values():
            if isinstance(clip, ClipRejected):
                raise clip

    def video(self, key: VideoKey) -> LazyVideo:
        """The one video of ``key``, made when it is first looked at."""
        return self.special(key, self._make)

    def special(
        self, key: VideoKey, make: Callable[[LazyVideo], VideoObject], *, like: LazyVideo | None = None
    ) -> LazyVideo:
        """The one video of ``key``, made by ``make``; with the UIDs of ``like`` where one is given."""
        if key not in self._videos:
            format = self.formats[key.format_id]
            sop_class = next(one for one in format.sop_classes if one.id == key.sop_class_id)
            uids = (like.study_uid, like.series_uid, like.instance_uid) if like else self._uids(key)
            self._videos[key] = LazyVideo(key, format, sop_class, make, uids=uids, fresh=self.video)
        return self._videos[key]

    def key_of(self, format: Format, *, purpose: str = "") -> VideoKey:
        """The key of a video of ``format`` in the SOP class that comes first."""
        return VideoKey(format.id, format.sop_classes[0].id, purpose=purpose)

    def clip_of(self, recipe: Recipe) -> Clip | MediaError:
        """The clip of any recipe, or why it cannot be had."""
        if recipe.id not in self._clips:
            self._clips |= self._clip_store.prepare([recipe])
        return self._clips[recipe.id]

    def path_of(self, video: LazyVideo) -> Path:
        """Where the file of an object lies."""
        folder = self._scratch / "objects"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{video.key.name}.dcm"

    def _make(self, video: LazyVideo) -> VideoObject:
        key, format = video.key, video.format
        if key.size is not None and key.size > MAX_FRAGMENT and format.is_video_stream and not format.fragmentable:
            raise Undecided(
                NotMade(f"{show_size(key.size)} does not fit into the one fragment that {format.name} allows")
            )
        clip = self.clip(format)
        long_clip: Clip | None = None
        if key.size is not None:
            folder = self._scratch / "long"
            folder.mkdir(parents=True, exist_ok=True)
            long_clip = lengthen(
                clip,
                key.size,
                folder / f"{key.name}{clip.path.suffix}",
                at_most=key.size in BELOW_EDGES,
                on_progress=self._progress_of(key),
            )
        try:
            made = self.wrapped(video, long_clip or clip)
        finally:
            if long_clip is not None:
                long_clip.path.unlink(missing_ok=True)
        return made

    def wrapped(
        self, video: LazyVideo, clip: Clip | None = None, *, change: Callable[[Dataset], None] | None = None
    ) -> VideoObject:
        """The object of ``video`` that carries ``clip``, that of its format where none is given; see :func:`wrap`.

        Raises:
            MediaError: it came out in another way than its format demands.
            Undecided: no clip of its format can be made here.
        """
        clip, format = clip or self.clip(video.format), video.format
        fragments = max(FRAGMENTS, -(-clip.size // (MAX_FRAGMENT // 2))) if format.fragmentable else 1
        made = wrap(
            clip,
            format,
            video.sop_class,
            self.path_of(video),
            study_uid=video.study_uid,
            series_uid=video.series_uid,
            instance_uid=video.instance_uid,
            fragments=fragments,
            change=change,
        )
        wrong = [one.words for one in errors(findings(format, object=made.facts, stream=made.clip.facts))]
        if wrong:
            raise MediaError(
                f"the harness made a wrong {video.key.name}: {'; '.join(wrong)}; this is a defect of the harness"
            )
        return made

    def _progress_of(self, key: VideoKey) -> Callable[[int], None] | None:
        tell, size = self._on_progress, key.size or 0
        return None if tell is None else lambda done: tell(f"making {key.name}", done, size)

    def _uids(self, key: VideoKey) -> tuple[str, str, str]:
        return self._uid(key, "study"), self._uid(key, "series"), self._uid(key, "instance")

    def _uid(self, key: VideoKey, level: str) -> str:
        # Derived, so that a run can name every UID that it may have left on a target (PS3.5 B.2).
        return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{self._run_id}/{key.name}/{level}').int}"

    def clip(self, format: Format) -> Clip:
        """The clip of a format.

        Raises:
            Undecided: it cannot be made here.
            MediaError: making it failed.
        """
        if format.recipe is None:
            raise Undecided(NotMade(f"no clip can be made: {format.no_recipe_reason}"))
        if format.recipe not in self._clips:
            self.prepare([format.id])
        clip = self._clips[format.recipe]
        if isinstance(clip, EncoderMissing):
            raise Undecided(NotMade(str(clip)))
        if isinstance(clip, MediaError):
            raise clip
        return clip
