"""How a DICOMweb service answers to Accept and to requests for rendered video and metadata, and what that means.

A refusal is honest where it is 406, and understood where it is 400 or 415; 500 never is an answer to what a client may
ask (PS3.18 8.5, 8.7.5).
"""

from dataclasses import dataclass

from harness.core.exchange import Ending, Exchange
from harness.core.families.transfer_openly import Native, judge_native
from harness.core.formats import Codec, Container
from harness.core.mediatypes import (
    OCTET_STREAM,
    bulk_type,
    container_remark,
    rendered_fault,
    same_type,
    stream_difference,
)
from harness.core.observations import Observation, Payload
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, judge, judge_retrieve
from harness.core.webanswer import WebAnswer
from harness.core.webstatus import NOT_IN_THIS_FORM

_EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_DICOM = "application/dicom"
_JSON = "application/dicom+json"
_NOT_ACCEPTABLE = 406


@dataclass(frozen=True, slots=True)
class RepresentationSeen(Observation):
    """An instance was asked for by WADO-RS, in ``asked_syntax`` or without a word on the transfer syntax.

    ``returned`` is the payload of the object that came, None where none did. ``encapsulated`` and ``codec`` tell of
    what it holds; ``codec`` is empty where that was not looked at. Where it came converted, ``native`` tells of pixels
    without compression, and ``wrong`` how the picture, or the frames of a coded video, are not those that were sent:
    None where they could not be compared.
    """

    stored: Exchange
    asked_syntax: str | None
    answer: WebAnswer
    sent: Payload
    returned: Payload | None = None
    unreadable: str = ""
    encapsulated: bool = True
    codec: Codec | str = ""
    native: Native | None = None
    wrong: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class TypeSeen(Observation):
    """Bulk data of Pixel Data was asked for in its own media type and, where that was refused, as octet stream.

    ``native_length`` is the least that all pixels without compression would take, in bytes.
    """

    stored: Exchange
    one_stream: bool
    sent: Payload
    stream_length: int
    native_length: int
    answers: tuple[WebAnswer, ...]


@dataclass(frozen=True, slots=True)
class RenderedSeen(Observation):
    """Rendered video was asked for; ``codec`` and ``container`` are None where what came is no video.

    ``wrong`` are the frames that are lost, repeated or unreadable in it. ``compared`` is False where as many frames as
    were sent decode, and no number can be read in any.
    """

    stored: Exchange
    answers: tuple[WebAnswer, ...]
    codec: Codec | str | None = None
    container: Container | None = None
    frames: int = 0
    wrong: tuple[str, ...] = ()
    compared: bool = True


@dataclass(frozen=True, slots=True)
class WebMetadataSeen(Observation):
    """The metadata of an instance were asked for as DICOM JSON.

    ``unreadable`` says why they are none; ``inline`` that the video itself is in them. ``bulk`` tells where Pixel Data
    is said to be: empty where nowhere.
    """

    stored: Exchange
    answer: WebAnswer
    unreadable: str = ""
    inline: bool = False
    bulk: str = ""
    wrong: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


@judge.register
def _(seen: RepresentationSeen) -> Verdict:
    exchange = seen.answer.exchange
    asked = seen.asked_syntax
    if exchange.ending is Ending.ANSWERED and exchange.status in NOT_IN_THIS_FORM:
        other = () if exchange.status == _NOT_ACCEPTABLE else (f"406 is the code for it, {exchange.status} came",)
        what = "what is not asked to be as stored" if asked is None else asked
        return Verdict(Outcome.PASS, f"openly refused to give {what}: {exchange.summary}", other)
    verdict = judge_retrieve(exchange)
    if verdict.outcome is Outcome.FAIL and exchange.ending is Ending.ANSWERED:
        wanted = "what is stored, or 406" if asked is None else "406"
        return Verdict(Outcome.FAIL, f"{wanted} would be an answer; {exchange.summary}", verdict.notes)
    if verdict.outcome is not Outcome.PASS:
        return verdict
    returned = seen.returned
    if returned is None:
        why = seen.unreadable or f"{seen.answer.came:,} bytes of {seen.answer.media_type or 'no media type'}"
        return Verdict(Outcome.FAIL, f"answered success, and what came is no object: {why}")
    if returned.instance_uid != seen.sent.instance_uid:
        came = returned.instance_uid or "an object without UID"
        return Verdict(Outcome.FAIL, f"asked for instance {seen.sent.instance_uid}, got {came}")
    label = seen.answer.content_syntax
    if label not in ("", "*", returned.transfer_syntax_uid):
        return Verdict(Outcome.FAIL, f"its media type says {label}, the object {returned.transfer_syntax_uid}")
    if seen.answer.content_type not in ("", _DICOM):
        return Verdict(Outcome.FAIL, f"an object came as {seen.answer.content_type}, not {_DICOM}")
    same = not stream_difference_of(seen.sent, returned)
    syntax = returned.transfer_syntax_uid
    if syntax == seen.sent.transfer_syntax_uid:
        if not same:
            return Verdict(Outcome.FAIL, "it came in the stored syntax, and with other bytes")
        if asked is None:
            return Verdict(Outcome.PASS, f"it came as it is stored, in {syntax}", verdict.notes)
        return Verdict(
            Outcome.FAIL, f"{asked} was asked for, and {syntax} came as success; 406 is honest (PS3.18 8.7.5)"
        )
    if same:
        return Verdict(Outcome.FAIL, f"the stored stream came relabelled as {syntax}")
    if syntax != (asked or _EXPLICIT_LITTLE_ENDIAN):
        return Verdict(Outcome.FAIL, f"it came in {syntax}, which was not asked for")
    return _converted(seen, returned, verdict.notes)


def _converted(seen: RepresentationSeen, returned: Payload, notes: tuple[str, ...]) -> Verdict:
    """Whether what came in another syntax than the stored one really is in it, and the same video."""
    syntax = returned.transfer_syntax_uid
    if syntax == _EXPLICIT_LITTLE_ENDIAN:
        if seen.encapsulated:
            return Verdict(Outcome.FAIL, f"it came as {syntax}, and does not hold all pixels uncompressed")
        if seen.wrong:
            return Verdict(Outcome.FAIL, f"it came uncompressed: {'; '.join(seen.wrong)}", notes)
        verdict = judge_native(seen.sent, returned, seen.native)
        return Verdict(verdict.outcome, verdict.reason, (*notes, *verdict.notes, "the server decodes video"))
    kinds = {"video/mpeg": Codec.MPEG2, "video/mp4": Codec.H264, "video/H265": Codec.HEVC, "image/jpeg": Codec.MJPEG}
    if seen.codec != kinds.get(bulk_type(syntax) or ""):
        return Verdict(Outcome.FAIL, f"it came as {syntax}, and holds {seen.codec or 'no video'}")
    if seen.wrong is None:
        return Verdict(Outcome.INCONCLUSIVE, f"converted to {syntax}; content not compared", notes)
    if seen.wrong:
        return Verdict(Outcome.FAIL, f"it came converted to {syntax}: {'; '.join(seen.wrong)}", notes)
    return Verdict(Outcome.PASS, f"it came converted to {syntax}", (*notes, "the server encodes video anew"))


def stream_difference_of(sent: Payload, returned: Payload) -> str:
    """How the payload of an object differs, apart from one padding byte."""
    if returned.sha256 == sent.sha256:
        return ""
    return "" if returned.length == sent.length + 1 and returned.unpadded_sha256 == sent.sha256 else "other bytes"


@judge.register
def _(seen: TypeSeen) -> Verdict:
    right = bulk_type(seen.sent.transfer_syntax_uid) or OCTET_STREAM
    came = seen.answers[-1]
    verdict = judge_retrieve(came.exchange)
    refused = tuple(f"asked for as {one.accept}: {one.exchange.summary}" for one in seen.answers[:-1])
    if verdict.outcome is not Outcome.PASS:
        return Verdict(verdict.outcome, verdict.reason, (*verdict.notes, *refused))
    if came.carried is None:
        return Verdict(Outcome.FAIL, f"answered success and brought nothing: {came.exchange.summary}", refused)
    kind, syntax = came.content_type, came.content_syntax
    if same_type(kind, right):
        if syntax not in ("", "*", seen.sent.transfer_syntax_uid):
            return Verdict(Outcome.FAIL, f"its media type says {syntax}, stored is {seen.sent.transfer_syntax_uid}")
        if seen.one_stream and came.part_count != 1:
            return Verdict(
                Outcome.FAIL, f"one stream came in {came.part_count} parts and shall be one (PS3.18 8.7.3.3.2)", refused
            )
        return Verdict(Outcome.PASS, f"it came as {kind}", (*verdict.notes, *refused))
    if not same_type(kind, OCTET_STREAM):
        return Verdict(Outcome.FAIL, f"it came as {kind or 'no media type'}, right is {right}", refused)
    if not stream_difference(seen.sent, seen.stream_length, came.carried)[0]:
        return Verdict(
            Outcome.FAIL,
            f"the compressed stream came as {OCTET_STREAM}, which means Explicit VR Little Endian; right is {right} "
            "(PS3.18 Tables 8.7.3-4, 8.7.3-5)",
            refused,
        )
    if came.carried.length >= seen.native_length:
        # Nothing beside these bytes tells how the pixels lie in them.
        return Verdict(
            Outcome.INCONCLUSIVE,
            f"as long as all pixels uncompressed, as {OCTET_STREAM}; content not compared",
            refused,
        )
    return Verdict(Outcome.FAIL, f"what came as {OCTET_STREAM} is neither the stream nor all pixels", refused)


@judge.register
def _(seen: RenderedSeen) -> Verdict:
    came = seen.answers[-1]
    verdict = judge_retrieve(came.exchange)
    refused = tuple(f"asked for as {one.accept}: {one.exchange.summary}" for one in seen.answers[:-1])
    if verdict.outcome is Outcome.UNSUPPORTED:
        return Verdict(Outcome.UNSUPPORTED, verdict.reason, (*refused, "no server needs to render video"))
    if verdict.outcome is not Outcome.PASS:
        return verdict
    kind = came.content_type
    if came.carried is None:
        return Verdict(Outcome.FAIL, f"answered success and brought nothing: {came.exchange.summary}", refused)
    asked = [one.strip() for one in (came.accept or "").split(",")]
    if not any(same_type(kind, one) for one in asked):
        return Verdict(Outcome.FAIL, f"it came as {kind or 'no media type'}; asked for was {came.accept}", refused)
    if seen.codec is None or seen.container is None:
        return Verdict(Outcome.FAIL, f"what came as {kind} is no video: {'; '.join(seen.wrong)}", refused)
    faults = [fault for fault in (rendered_fault(kind, seen.codec), *seen.wrong) if fault]
    if faults:
        return Verdict(Outcome.FAIL, "; ".join(faults), refused)
    if not seen.compared:
        return Verdict(
            Outcome.INCONCLUSIVE,
            f"as many frames came as were sent, as {kind}, and no frame number can be read in them",
            refused,
        )
    notes = [*verdict.notes, *refused]
    if remark := container_remark(kind, seen.container):
        notes.append(remark)
    if came.content_syntax:
        notes.append("its media type tells a transfer syntax, which rendered media have none of (PS3.18 8.7.4)")
    return Verdict(Outcome.PASS, f"{seen.frames} frames of {seen.codec} came as {kind}", tuple(notes))


@judge.register
def _(seen: WebMetadataSeen) -> Verdict:
    verdict = judge_retrieve(seen.answer.exchange)
    if verdict.outcome is not Outcome.PASS:
        return verdict
    kind = seen.answer.content_type
    faults = [*([] if same_type(kind, _JSON) else [f"it came as {kind or 'no media type'}, not {_JSON}"])]
    if seen.inline:
        faults.append("the video itself is in the metadata, as InlineBinary")
    if seen.unreadable:
        faults.append(f"what came is no DICOM JSON: {seen.unreadable}")
    faults.extend(seen.wrong)
    notes = (*verdict.notes, *seen.allowed)
    if faults:
        return Verdict(Outcome.FAIL, "; ".join(faults), notes)
    if not seen.bulk:
        notes = (*notes, "it does not tell where Pixel Data is")
    return Verdict(Outcome.PASS, "every attribute of the object is in its metadata", notes)
