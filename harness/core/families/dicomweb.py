"""DICOMweb, and every path by which a product gives an object back: what is asked.

What is seen and what it means stand in :mod:`~harness.core.families.paths`, :mod:`~harness.core.families.web`,
:mod:`~harness.core.families.ranges` and :mod:`~harness.core.families.stow`.
"""

from typing import TYPE_CHECKING, Protocol

from harness.core.families.paths import Md5Seen, PathsSeen, StreamSeen
from harness.core.families.ranges import RangesSeen
from harness.core.families.stow import DescribedStowSeen
from harness.core.families.web import RenderedSeen, RepresentationSeen, TypeSeen, WebMetadataSeen
from harness.core.observations import Fetched, Observation

if TYPE_CHECKING:
    from harness.core.ports import Video


class DicomwebQuestions(Protocol):
    """What checks ask of DICOMweb, and every path by which a product gives an object back.

    Each raises Undecided unless the video was stored and the service is offered. None keeps more than a block of the
    video in memory, whatever its size.
    """

    def bulk(self, video: "Video") -> StreamSeen:
        """Bulk data of Pixel Data, where the metadata say that it is."""
        ...

    def uri(self, video: "Video") -> Fetched:
        """The object by WADO-URI."""
        ...

    def rest_file(self, video: "Video") -> Fetched:
        """The object by the product's own interface."""
        ...

    def rest_frames(self, video: "Video") -> StreamSeen:
        """The coded bytes by the product's own interface."""
        ...

    def md5(self, video: "Video") -> Md5Seen:
        """The MD5 that the product states."""
        ...

    def paths(self, video: "Video") -> PathsSeen:
        """Every way back that the harness knows, those of DIMSE included."""
        ...

    def stow(self, video: "Video") -> Observation:
        """Another object of the same clip, sent by STOW-RS and got back; how it was sent where it was not stored."""
        ...

    def stow_described(self, video: "Video", *, derived: bool) -> DescribedStowSeen:
        """Another object, sent as metadata and a part of video; ``derived`` leaves Image Pixel to the server."""
        ...

    def representation(self, video: "Video", accept: str) -> RepresentationSeen:
        """The instance by WADO-RS: ``accept`` is one of plain, anything, nothing, another and invented.

        ``plain`` asks for an object without a transfer syntax, ``anything`` for ``*/*``, ``nothing`` sends no Accept
        at all; ``another`` asks for another video syntax than the stored one, ``invented`` for one that nobody knows.
        """
        ...

    def bulk_type(self, video: "Video") -> TypeSeen:
        """Bulk data in its own media type, else as octet stream."""
        ...

    def ranges(self, video: "Video") -> RangesSeen:
        """Some bytes of the first resource that comes as one part."""
        ...

    def rendered(self, video: "Video") -> RenderedSeen:
        """The rendered video, decoded."""
        ...

    def metadata(self, video: "Video") -> WebMetadataSeen:
        """The metadata, beside the attributes sent."""
        ...
