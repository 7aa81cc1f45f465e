"""What a check may ask for: the PACS under test and the video of its cell, as protocols.

Each question is put to the PACS once and the answer shared by all checks. A question that cannot be put ends the check
with :class:`~harness.core.observations.Undecided`, which holds the reason.
"""

from typing import Protocol, Self

from harness.core.exchange import Exchange
from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.families.association import AssociationQuestions
from harness.core.families.dicomweb import DicomwebQuestions
from harness.core.families.interruption import InterruptionQuestions
from harness.core.families.playback import PlaybackQuestions
from harness.core.families.size import SizeQuestions
from harness.core.families.transfer import TransferQuestions
from harness.core.families.validation import ValidationQuestions
from harness.core.formats import Format, SopClass
from harness.core.observations import Fetched, QuerySeen


class Video(Protocol):
    """The video object of a cell, made when it is first needed."""

    @property
    def format(self) -> Format:
        """Its format."""
        ...

    @property
    def sop_class(self) -> SopClass:
        """The SOP class that carries it."""
        ...

    @property
    def size(self) -> int | None:
        """Wanted size in bytes where the size is the question, else None."""
        ...

    @property
    def facts(self) -> ObjectFacts:
        """What was sent. Raises Undecided where the video cannot be made here."""
        ...

    @property
    def stream(self) -> StreamFacts:
        """The bit stream that was sent. Raises Undecided where the video cannot be made here."""
        ...

    def fresh(self, purpose: str) -> Self:
        """Another object of the same clip, with UIDs of its own."""
        ...


class Pacs(Protocol):
    """The PACS under test: the questions of several families, and each family's own."""

    @property
    def association(self) -> AssociationQuestions:
        """How associations are negotiated, limited, refused and ended."""
        ...

    @property
    def transfer(self) -> TransferQuestions:
        """What happens to objects on their way in and out, beyond the plain store and retrieve."""
        ...

    @property
    def dicomweb(self) -> DicomwebQuestions:
        """DICOMweb, and every path by which a product gives an object back."""
        ...

    @property
    def interruption(self) -> InterruptionQuestions:
        """What is left when a transfer is cut, stalled, slowed or damaged on the way."""
        ...

    @property
    def playback(self) -> PlaybackQuestions:
        """Whether what came back plays as what was sent."""
        ...

    @property
    def validation(self) -> ValidationQuestions:
        """Whether what came back keeps the rules of the standard."""
        ...

    @property
    def size(self) -> SizeQuestions:
        """How large a video may be."""
        ...

    def echo(self) -> Exchange:
        """C-ECHO."""
        ...

    def control(self) -> Exchange:
        """Propose a transfer syntax that nobody can know."""
        ...

    def propose(self, video: Video) -> Exchange:
        """Propose the video's syntax for its SOP class, and nothing else."""
        ...

    def store(self, video: Video) -> Exchange:
        """C-STORE the video, or STOW-RS where the target has no DIMSE."""
        ...

    def find(self, video: Video, level: str) -> QuerySeen:
        """C-FIND (QIDO-RS without DIMSE) the stored video by its UIDs at STUDY or IMAGE level.

        Raises Undecided unless it was stored.
        """
        ...

    def get(self, video: Video) -> Fetched:
        """C-GET the stored video. Raises Undecided unless it was stored and the service is offered."""
        ...

    def move(self, video: Video) -> Fetched:
        """C-MOVE the stored video to us. Raises Undecided unless it was stored and the service is offered."""
        ...

    def wado(self, video: Video) -> Fetched:
        """The stored video by WADO-RS. Raises Undecided unless it was stored and the target has DICOMweb."""
        ...

    def fetch(self, video: Video) -> Fetched:
        """The stored video by the first retrieve path that the target offers, whatever came of it."""
        ...

    def returned(self, video: Video) -> tuple[Fetched, ...]:
        """What came back as a readable object, over every path offered. Raises Undecided where nothing did."""
        ...

    def decode(self, video: Video, fetched: Fetched) -> StreamFacts | Undecodable:
        """Decode what one path returned."""
        ...
