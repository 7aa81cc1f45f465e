"""Transfers beyond the plain store and retrieve: what is asked. What is seen and what it means stands beside it."""

from typing import TYPE_CHECKING, Protocol

from harness.core.families.transfer_commitment import CommitmentSeen
from harness.core.families.transfer_kept import FallbackSeen, MetadataSeen, TwiceSeen
from harness.core.families.transfer_labels import LabelSeen
from harness.core.families.transfer_openly import OpenlySeen

if TYPE_CHECKING:
    from harness.core.ports import Video


class TransferQuestions(Protocol):
    """What checks ask of what happens to objects on their way in and out, beyond the plain store and retrieve.

    Every question raises Undecided where it cannot be put.
    """

    def twice(self, video: "Video") -> TwiceSeen:
        """Store an object like ``video``, the same again, and another one under the same SOP Instance UID."""
        ...

    def openly(self, video: "Video") -> OpenlySeen:
        """Ask for the stored video in uncompressed syntaxes only."""
        ...

    def committed(self, video: "Video") -> CommitmentSeen:
        """Ask for storage commitment of the stored video, and of an instance that never was."""
        ...

    def metadata(self, video: "Video") -> MetadataSeen:
        """Store an object like ``video`` with rich metadata, and compare what comes back."""
        ...

    def fallback(self) -> FallbackSeen:
        """Offer H.264 and MPEG-2 in one association and send the first that is accepted."""
        ...

    def mislabelled(self, label: str) -> LabelSeen:
        """Send the object that is wrong in the way of ``label``, and see what became of it."""
        ...
