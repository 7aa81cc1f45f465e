"""One Part 10 file of any size held against the table of rules, whatever its bytes are."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.frames import frame_lengths
from harness.core.validation.encapsulation import hidden_stream
from harness.core.validation.iods import IODS, ONE_FRAME_ONLY
from harness.core.validation.rules import Finding, Seen, Severity
from harness.core.validation.table import BY_ID, findings, not_judged
from harness.core.validation.texts import number
from harness.errors import DiskTooSmall, MediaError, ObjectUnreadable, PixelDataMissing
from harness.media.container import sniff_container
from harness.media.examine import examine
from harness.media.part10 import extract_payload, read_object, read_values

#: Bytes at the start of Pixel Data that tell what it is.
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Validated:
    """What is known of one file. ``not_judged`` says, in words, what no rule could tell."""

    path: Path
    sop_class_uid: str
    transfer_syntax_uid: str
    format: Format | None
    object: ObjectFacts | None
    stream: StreamFacts | Undecodable | None
    findings: tuple[Finding, ...]
    not_judged: tuple[str, ...]

    @property
    def has_errors(self) -> bool:
        """Whether anything breaks a "shall"."""
        return any(one.severity is Severity.ERROR for one in self.findings)


def validate_file(path: Path, formats: Mapping[str, Format], scratch: Path) -> Validated:
    """Read, decode and judge one file. ``formats`` are known by UID; ``scratch`` holds the payload while it is decoded.

    Raises:
        ObjectUnreadable: it is no DICOM file, or cannot be read.
        DiskTooSmall: the payload does not fit into ``scratch``.
    """
    meta, values = read_values(path)
    syntax, sop_class = meta.get("TransferSyntaxUID", ""), values.get("SOPClassUID", "")
    format = formats.get(syntax)
    try:
        object = read_object(path)
    except PixelDataMissing as missing:
        return _without_pixels(path, sop_class, syntax, format, missing)
    except ObjectUnreadable as error:
        broken = _broken(str(error).removeprefix(f"{path}: ")) if format or sop_class in IODS else ()
        told = "Pixel Data: it cannot be read" if broken else f"Pixel Data: {str(error).removeprefix(f'{path}: ')}"
        return Validated(path, sop_class, syntax, format, None, None, broken, (told,))
    if format is None:
        return _of_no_video_syntax(path, object, scratch)
    stream = _stream(path, format, object, scratch)
    found = findings(format, object=object, stream=stream)
    limits = not_judged(format, object)
    return Validated(path, sop_class, syntax, format, object, stream, found, limits)


def _without_pixels(
    path: Path, sop_class: str, syntax: str, format: Format | None, missing: PixelDataMissing
) -> Validated:
    found = _broken("Pixel Data is missing") if format is not None or sop_class in IODS else ()
    limits = () if found else ("everything: it has no Pixel Data, so it is no video",)
    return Validated(path, sop_class, syntax, format, None, None, found, limits)


def _of_no_video_syntax(path: Path, object: ObjectFacts, scratch: Path) -> Validated:
    """An object under a syntax of the catalogue's outside: the one thing to tell is whether it hides a video."""
    head = scratch / "head"
    _extract(path, head, min(object.payload_length, _HEAD))
    try:
        found = hidden_stream(object, sniff_container(head))
    finally:
        head.unlink(missing_ok=True)
    syntax, sop_class = object.transfer_syntax_uid, object.sop_class_uid
    known = sop_class in IODS or sop_class in ONE_FRAME_ONLY
    limits = [f"everything else: {syntax or 'no transfer syntax'} is no video syntax of the catalogue"]
    if not known:
        limits.append(f"SOP class {sop_class or 'missing'}: its definition is not in the table")
    return Validated(path, sop_class, syntax, None, object, None, found, tuple(limits))


def _stream(path: Path, format: Format, object: ObjectFacts, scratch: Path) -> StreamFacts | Undecodable:
    if not object.encapsulated:
        return Undecodable("Pixel Data is not encapsulated")
    payload = scratch / "payload"
    told = number(object.by_path.get("EncapsulatedPixelDataValueTotalLength", ""))
    padded = format.is_video_stream and told == object.payload_length - 1
    _extract(path, payload, object.payload_length - 1 if padded else None)
    frame_time = number(object.by_path.get("FrameTime", ""))
    try:
        return examine(
            payload,
            frame_sizes=() if format.is_video_stream else frame_lengths(object),
            # Pictures of Motion JPEG do not tell their rate.
            rate=1000 / frame_time if frame_time and frame_time > 0 else Fraction(0),
        )
    except MediaError as error:
        return Undecodable(str(error).replace(str(payload), "Pixel Data"))
    finally:
        payload.unlink(missing_ok=True)


def _extract(path: Path, into: Path, length: int | None) -> None:
    try:
        extract_payload(path, into, length=length)
    except OSError as error:
        into.unlink(missing_ok=True)
        raise DiskTooSmall(
            f"{path}: its video cannot be copied to {into.parent} to be decoded: {error.strerror}; "
            "set TMPDIR to a larger disk"
        ) from error


def _broken(text: str) -> tuple[Finding, ...]:
    return (BY_ID["E5"].finding(None, Seen(text)),)
