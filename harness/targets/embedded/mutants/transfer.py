"""Mutants that lose something on the way in or out: on a second store of one UID, and of one syntax among several."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pydicom import Dataset, dcmwrite
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.association import Association

from harness.media.part10 import read_header
from harness.targets.embedded import damage
from harness.targets.embedded.hooks import (
    GET,
    SUCCESS,
    Hooks,
    keep,
    proposed_contexts,
    send_all,
    support_known,
)
from harness.targets.embedded.index import Level, StoredInstance
from harness.targets.embedded.mutants.mutant import Mutant, damaging
from harness.targets.embedded.sending import fits
from harness.targets.embedded.store import ObjectStore

_CANNOT_UNDERSTAND = 0xC000
_H264 = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (102, 103, 104, 105, 106))

#: Copies of what was stored before the last of two, by SOP Instance UID; lives as long as the process.
_BEFORE: dict[str, StoredInstance] = {}


def _earlier(store: ObjectStore, received: Path) -> StoredInstance | None:
    """What is kept under the UID of an object that has just come."""
    uid = str(read_header(received).SOPInstanceUID)
    return next(iter(store.index.instances(Level.IMAGE, {"SOPInstanceUID": uid})), None)


def _on_duplicate(misbehave: Callable[[ObjectStore, Path, StoredInstance], int]) -> Callable[[ObjectStore, Path], int]:
    def take(store: ObjectStore, received: Path) -> int:
        earlier = _earlier(store, received)
        return keep(store, received) if earlier is None else misbehave(store, received, earlier)

    return take


def _corrupt(store: ObjectStore, received: Path, earlier: StoredInstance) -> int:
    damage.flip_one_byte(received)
    return keep(store, received)


def _lose(store: ObjectStore, received: Path, earlier: StoredInstance) -> int:
    received.unlink()
    earlier.path.unlink(missing_ok=True)
    return SUCCESS


def _mix(store: ObjectStore, received: Path, earlier: StoredInstance) -> int:
    damage.rewrite(received, damage.pieces_of(earlier.path), header=read_header(received))
    return keep(store, received)


def _keep_both(store: ObjectStore, received: Path, earlier: StoredInstance) -> int:
    copy = Path(shutil.copyfile(earlier.path, earlier.path.with_suffix(".before")))
    _BEFORE[earlier.sop_instance_uid] = replace(earlier, path=copy)
    return keep(store, received)


def _send_both(service: str, instances: list[StoredInstance]) -> list[StoredInstance] | int:
    before = [_BEFORE[one.sop_instance_uid] for one in instances if one.sop_instance_uid in _BEFORE]
    return [*before, *send_all(service, instances)]


def _find_both(answers: list[Dataset]) -> list[Dataset]:
    return [answer for one in answers for answer in [one] * (1 + (one.get("SOPInstanceUID", "") in _BEFORE))]


def _unfitting(misbehave: Callable[[StoredInstance], StoredInstance | None]) -> Hooks:
    """Misbehave by C-GET with what cannot go in its own syntax."""

    def send(association: Association, service: str, instance: StoredInstance) -> StoredInstance | None:
        return instance if service != GET or fits(association, instance) else misbehave(instance)

    return Hooks(send=send)


def _nothing(instance: StoredInstance) -> StoredInstance | None:
    return None


def _as_explicit_le(instance: StoredInstance) -> StoredInstance | None:
    copy = instance.path.with_suffix(".relabelled")
    shutil.copyfile(instance.path, copy)
    header = read_header(copy)
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    damage.rewrite(copy, damage.pieces_of(instance.path), header=header)
    return replace(instance, path=copy)


def _half(instance: StoredInstance) -> StoredInstance | None:
    """Half of what Pixel Data of the object would be without compression; black."""
    copy = instance.path.with_suffix(".half")
    header = read_header(instance.path)
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.PhotometricInterpretation = "RGB"
    header.PixelData = bytes(int(header.Rows) * int(header.Columns) * 3 * int(header.NumberOfFrames) // 2)
    header["PixelData"].VR = "OB"
    dcmwrite(copy, header, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return replace(instance, path=copy)


def _refuse_h264(association: Association) -> None:
    support_known(association)
    proposed = {str(syntax) for context in proposed_contexts(association) for syntax in context.transfer_syntax}
    if proposed & set(_H264):
        for context in association.acceptor.supported_contexts:
            left = [str(syntax) for syntax in context.transfer_syntax or () if syntax not in _H264]
            context.transfer_syntax = [*left] or [str(ExplicitVRLittleEndian)]


def _fail(store: ObjectStore, received: Path) -> int:
    received.unlink()
    return _CANNOT_UNDERSTAND


MUTANTS = (
    Mutant(
        "corrupts-on-duplicate",
        "inverts one byte of an object whose UID it has already",
        Hooks(store=_on_duplicate(_corrupt)),
    ),
    Mutant(
        "loses-on-duplicate",
        "answers a second store of one UID with success and keeps neither object",
        Hooks(store=_on_duplicate(_lose)),
    ),
    Mutant(
        "mixes-on-duplicate",
        "keeps the first payload under the second header where one UID comes twice",
        Hooks(store=_on_duplicate(_mix)),
    ),
    Mutant(
        "keeps-both-on-duplicate",
        "keeps and sends both objects of one UID",
        Hooks(store=_on_duplicate(_keep_both), retrieve=_send_both),
    ),
    Mutant(
        "finds-both-on-duplicate",
        "answers a query for one UID twice where it was stored twice",
        Hooks(store=_on_duplicate(_keep_both), answers=_find_both),
    ),
    Mutant(
        "sends-video-as-explicit-le",
        "sends a video stream labelled Explicit VR Little Endian where its own syntax is not offered",
        _unfitting(_as_explicit_le),
    ),
    Mutant(
        "claims-success-without-syntax",
        "answers C-GET with success and no object where the syntax is not offered",
        _unfitting(_nothing),
    ),
    Mutant(
        "sends-half-without-syntax",
        "sends half of the Pixel Data where the syntax is not offered",
        _unfitting(_half),
    ),
    Mutant(
        "refuses-h264-then-fails-mpeg2",
        "refuses H.264 in negotiation, accepts MPEG-2 and does not store it",
        Hooks(negotiate=_refuse_h264, store=_fail),
    ),
    Mutant(
        "refuses-h264-then-cuts-mpeg2",
        "refuses H.264 in negotiation and loses the last tenth of what comes instead",
        replace(damaging(damage.truncate), negotiate=_refuse_h264),
    ),
)
