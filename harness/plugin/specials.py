"""Videos that are not the plain ones of their format: rich metadata, the same UID twice, labels that are wrong."""

from dataclasses import replace

from harness.catalogue.read import load_wrong_recipes
from harness.core.observations import NotMade, Undecided
from harness.core.recipes import Recipe
from harness.errors import EncoderMissing, MediaError
from harness.media.longclip import lengthen
from harness.media.mislabel import MISLABELS, mislabel
from harness.media.rich import enrich
from harness.media.values import Clip, VideoObject
from harness.plugin.videos import LazyVideo, Videos


class Specials:
    """Makes them from the clips of a run, and of ``fixtures/wrong``; each once, for all targets of a run."""

    def __init__(self, videos: Videos) -> None:
        self._videos = videos

    def rich(self, video: LazyVideo) -> LazyVideo:
        """Another object of the clip of ``video``, with the header that archives find hard to keep."""
        key = replace(video.key, purpose=f"{video.key.purpose}rich")
        return self._videos.special(key, lambda made: self._videos.wrapped(made, change=enrich))

    def again(self, video: LazyVideo) -> LazyVideo:
        """``video`` under the same UIDs and with the same bytes, to be sent once more."""
        key = replace(video.key, purpose=f"{video.key.purpose}again")
        return self._videos.special(key, self._videos.wrapped, like=video)

    def other(self, video: LazyVideo) -> LazyVideo:
        """Another video under the UIDs of ``video``: its clip played at least twice, without its sound."""
        key = replace(video.key, purpose=f"{video.key.purpose}other")
        return self._videos.special(key, self._longer, like=video)

    def mislabelled(self, label: str) -> LazyVideo:
        """The object that is wrong in the way of ``label`` (:mod:`harness.media.mislabel`)."""
        kind = MISLABELS[label]
        format = self._videos.formats[kind.format]
        key = self._videos.key_of(format, purpose=label)
        return self._videos.special(key, lambda made: self._mislabel(made, label))

    def right(self, label: str) -> VideoObject:
        """The object of that label before it was made wrong: its clip, described as it is.

        Raises:
            Undecided: its clip cannot be made here.
        """
        kind = MISLABELS[label]
        format = self._videos.formats[kind.format]
        key = self._videos.key_of(format, purpose=f"{label}-right")
        like = self.mislabelled(label)
        return self._videos.special(key, lambda made: self._mislabel(made, label, right=True), like=like).object

    def control(self, label: str) -> LazyVideo:
        """A plain object in the format of that label, with nothing wrong, under UIDs of its own."""
        format = self._videos.formats[MISLABELS[label].format]
        return self._videos.video(self._videos.key_of(format, purpose=f"{label}-control"))

    def _longer(self, made: LazyVideo) -> VideoObject:
        clip = self._videos.clip(made.format)
        path = self._videos.path_of(made).with_suffix(f".long{clip.path.suffix}")
        try:
            return self._videos.wrapped(made, lengthen(clip, clip.size + 1, path))
        finally:
            path.unlink(missing_ok=True)

    def _mislabel(self, made: LazyVideo, label: str, *, right: bool = False) -> VideoObject:
        kind = MISLABELS[label]
        if right:
            kind = replace(kind, change=None, fragments=1, offset_table=b"")
        clip = self._clip(kind.recipe)
        return mislabel(
            kind,
            clip,
            made.format,
            made.sop_class,
            self._videos.path_of(made),
            study_uid=made.study_uid,
            series_uid=made.series_uid,
            instance_uid=made.instance_uid,
        )

    def _clip(self, recipe_id: str) -> Clip:
        """The clip of a recipe, be it one of a format or one that fits none."""
        recipes: dict[str, Recipe] = {**self._videos.recipes, **load_wrong_recipes()}
        clip = self._videos.clip_of(recipes[recipe_id])
        if isinstance(clip, EncoderMissing):
            raise Undecided(NotMade(str(clip)))
        if isinstance(clip, MediaError):
            raise clip
        return clip
