"""Legal ways to correct what is wrong with an object, and to decode one for who cannot take it as it is."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.association import Association

from harness.media.examine import examine
from harness.media.part10 import Piece, extract_payload, layout, read_header
from harness.targets.embedded.damage import rewrite
from harness.targets.embedded.hooks import GET, SUCCESS, Hooks
from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.sending import fits
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.variations.variation import Variation, receiving

#: Syntaxes of one stream in one fragment (PS3.5 8.2.5 to 8.2.9).
_ONE_FRAGMENT = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 107))
_DOES_NOT_MATCH = 0xA900


def _correct(path: Path) -> int:
    """Empty the offset table, join the fragments and count the frames of a stream."""
    header = read_header(path)
    if str(header.file_meta.TransferSyntaxUID) not in _ONE_FRAGMENT:
        return SUCCESS
    found = layout(path)
    if not found.offset_table_length and len(found.fragments) == 1 and int(header.NumberOfFrames) > 1:
        return SUCCESS
    with TemporaryDirectory() as folder:
        payload = Path(folder, "payload")
        extract_payload(path, payload, length=int(header.get("EncapsulatedPixelDataValueTotalLength") or 0) or None)
        header.NumberOfFrames = examine(payload).frames
        rewrite(path, [Piece(payload, 0, payload.stat().st_size)], header=header)
    return SUCCESS


def _refuse_offset_tables(hooks: Hooks) -> Hooks:
    def store(store: ObjectStore, received: Path) -> int:
        if not layout(received).offset_table_length:
            return hooks.store(store, received)
        received.unlink()
        return _DOES_NOT_MATCH

    return replace(hooks, store=store)


def _decode_for_others(hooks: Hooks) -> Hooks:
    """Where the syntax of a video is not offered, decode it for C-GET instead of failing."""

    def send(association: Association, service: str, instance: StoredInstance) -> StoredInstance | None:
        instance_or_none = hooks.send(association, service, instance)
        if instance_or_none is None or service != GET or fits(association, instance):
            return instance_or_none
        return replace(instance, path=decoded(instance.path))

    return replace(hooks, send=send)


def decoded(path: Path) -> Path:
    """A copy of a video object beside it, with all its pictures as RGB without compression."""
    copy, payload = path.with_suffix(".decoded"), path.with_suffix(".payload")
    extract_payload(path, payload)
    header = read_header(path)
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.PhotometricInterpretation = "RGB"
    if "EncapsulatedPixelDataValueTotalLength" in header:
        del header.EncapsulatedPixelDataValueTotalLength
    length = int(header.Rows) * int(header.Columns) * 3 * int(header.NumberOfFrames)
    with copy.open("wb") as file:
        header.save_as(file, implicit_vr=False, little_endian=True, enforce_file_format=True)
        file.write(b"\xe0\x7f\x10\x00OB\0\0" + length.to_bytes(4, "little"))
        file.writelines(_pictures(payload))
    payload.unlink()
    return copy


def _pictures(payload: Path) -> Iterable[bytes]:
    with av.open(str(payload)) as source:
        for frame in source.decode(video=0):
            yield frame.to_ndarray(format="rgb24").tobytes()


VARIATIONS = (
    Variation(
        "corrects-labels",
        "empties offset tables, joins fragments and counts frames where they are wrong",
        "PS3.4 B.4.1.3: other attributes may be corrected; PS3.5 A.4, 8.2.7 say what is right",
        receiving(_correct),
    ),
    Variation(
        "refuses-offset-tables",
        "refuses objects whose offset table is not empty",
        "PS3.4 Table B.2-1: 0xA900, the data set does not match the SOP class",
        _refuse_offset_tables,
    ),
    Variation(
        "decodes-for-others",
        "sends a video decoded where its syntax is not offered",
        "PS3.5 10.1: nobody must transcode video, and nobody is forbidden to",
        _decode_for_others,
    ),
)
