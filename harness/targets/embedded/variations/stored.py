"""Legal ways to keep an object, and to answer for it."""

from dataclasses import replace
from pathlib import Path

from pydicom import DataElement, Dataset
from pydicom.dataelem import RawDataElement
from pydicom.uid import UID

from harness.media.part10 import Piece, read_header
from harness.targets.embedded.damage import pieces_of, rewrite
from harness.targets.embedded.hooks import SUCCESS, Hooks
from harness.targets.embedded.index import Level
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.variations.variation import Variation, receiving, rewriting

# PS3.4 Table B.2-1, PS3.7 C.5.7.
_COERCION, _DISCARDED, _OTHER_CLASS, _DUPLICATE = 0xB000, 0xB006, 0xB007, 0x0111

_SYNTAX = "1.2.840.10008.1.2.4."
#: Transfer syntaxes of one stream in one fragment or more (PS3.5 8.2).
_FRAGMENTABLE = frozenset({*(f"{_SYNTAX}{number}.1" for number in range(100, 107)), f"{_SYNTAX}107", f"{_SYNTAX}108"})
_PARTS = 3

#: The longest values of texts whose trailing spaces do not count (PS3.5 Table 6.2-1).
_PADDABLE = {"LO": 64, "SH": 16, "PN": 64}
_PAD = "  "


def _refragment(path: Path) -> int:
    if str(read_header(path).file_meta.TransferSyntaxUID) in _FRAGMENTABLE:
        rewrite(path, [part for piece in pieces_of(path) for part in _cut(piece)])
    return SUCCESS


def _cut(piece: Piece) -> list[Piece]:
    """Even lengths, cut anywhere."""
    step = max(piece.length // _PARTS // 2 * 2, 2)
    starts = [step * number for number in range(_PARTS) if step * number < piece.length]
    ends = [*starts[1:], piece.length]
    return [Piece(piece.path, piece.offset + start, end - start) for start, end in zip(starts, ends, strict=True)]


def _another_meta_group(header: Dataset) -> None:
    header.file_meta.ImplementationClassUID = UID("1.2.826.0.1.3680043.2.1143.1")
    header.file_meta.ImplementationVersionName = "ANOTHER_1"
    header.file_meta.SourceApplicationEntityTitle = "ANOTHER"


def _add_attributes(header: Dataset) -> None:
    for keyword, value in (("InstitutionName", "Archive"), ("StationName", "ARCHIVE1")):
        if keyword not in header:
            setattr(header, keyword, value)
    header.private_block(0x0099, "EMBEDDED PACS", create=True).add_new(0x01, "LO", "kept here")


def _leave_sequences_open(header: Dataset) -> None:
    """Delimit sequences and items instead of telling their lengths."""
    for element in header:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                _leave_sequences_open(item)


def _pad_text(header: Dataset) -> None:
    for element in header:
        longest = _PADDABLE.get(element.VR, 0)
        if element.VM == 1 and 0 < len(str(element.value)) <= longest - len(_PAD):
            element.value = f"{element.value}{_PAD}"


def _private_as_unknown(header: Dataset) -> None:
    for tag in list(header.keys()):
        element = header.get_item(tag)
        if tag.is_private and not tag.is_private_creator and isinstance(element, RawDataElement) and element.VR != "SQ":
            header[tag] = DataElement(tag, "UN", element.value)


def _coerce(header: Dataset) -> None:
    """Give the patient the identifier of this archive, and note the one that came (PS3.3 C.12.1)."""
    before, change = Dataset(), Dataset()
    before.PatientID = header.get("PatientID", "")
    change.AttributeModificationDateTime, change.ModifyingSystem = "20260101120000", "EMBEDDED"
    change.SourceOfPreviousValues, change.ReasonForTheAttributeModification = "", "COERCE"
    change.ModifiedAttributesSequence = [before]
    header.OriginalAttributesSequence = [change]
    header.PatientID, header.IssuerOfPatientID = f"ARCHIVE-{before.PatientID}"[:64], "ARCHIVE"


def _discard_private(header: Dataset) -> None:
    header.remove_private_tags()


def _warn_of_class(path: Path) -> int:
    return _OTHER_CLASS


def _refuse_duplicates(hooks: Hooks) -> Hooks:
    return _with_duplicates(hooks, _DUPLICATE)


def _keep_the_first(hooks: Hooks) -> Hooks:
    return _with_duplicates(hooks, SUCCESS)


def _with_duplicates(hooks: Hooks, status: int) -> Hooks:
    def store(store: ObjectStore, received: Path) -> int:
        uid = str(read_header(received).SOPInstanceUID)
        if not store.index.instances(Level.IMAGE, {"SOPInstanceUID": uid}):
            return hooks.store(store, received)
        received.unlink()
        return status

    return replace(hooks, store=store)


VARIATIONS = (
    Variation(
        "refragments",
        f"cuts each fragment into {_PARTS} where the transfer syntax is fragmentable",
        "PS3.5 8.2: a fragmentable stream is in one or more fragments, whose borders mean nothing",
        receiving(_refragment),
    ),
    Variation(
        "another-meta-group",
        "writes file meta information of its own",
        "PS3.10 7.1: whoever writes a file names itself in group 0002",
        rewriting(_another_meta_group),
    ),
    Variation(
        "adds-attributes",
        "adds attributes, a private one among them",
        "PS3.4 B.4.1.3: an SCP may add to what it keeps; PS3.5 7.8.1 for private elements",
        rewriting(_add_attributes),
    ),
    Variation(
        "undefined-lengths",
        "writes sequences and items of undefined length",
        "PS3.5 7.5.1, 7.5.2: either way of ending a sequence is valid",
        rewriting(_leave_sequences_open),
    ),
    Variation(
        "pads-text",
        "adds spaces behind texts",
        "PS3.5 6.2: trailing spaces of these value representations may be ignored",
        rewriting(_pad_text),
    ),
    Variation(
        "private-as-un",
        "writes private elements with VR UN",
        "PS3.5 6.2.2: who does not know the VR of an element keeps its bytes as UN",
        rewriting(_private_as_unknown),
    ),
    Variation(
        "coerces-identifiers",
        "gives the patient another identifier and says so with 0xB000",
        "PS3.4 Table B.2-1, B.4.1.3: coercion of data elements, Patient ID among those listed",
        rewriting(_coerce, warning=_COERCION),
    ),
    Variation(
        "discards-private",
        "drops private elements and says so with 0xB006",
        "PS3.4 Table B.2-1: elements discarded, as storage of Level 1 (B.4.1.1) may",
        rewriting(_discard_private, warning=_DISCARDED),
    ),
    Variation(
        "warns-of-class",
        "answers a store with 0xB007",
        "PS3.4 Table B.2-1: the object is kept, and does not match its class in the eyes of the SCP",
        receiving(_warn_of_class),
    ),
    Variation(
        "refuses-duplicates",
        "answers the second store of an instance with 0x0111",
        "PS3.7 C.5.7: duplicate SOP instance",
        _refuse_duplicates,
    ),
    Variation(
        "keeps-the-first",
        "answers the second store of an instance with success and keeps the first",
        "PS3.4 B.2.2: what a second store of the same instance does is not said",
        _keep_the_first,
    ),
)
