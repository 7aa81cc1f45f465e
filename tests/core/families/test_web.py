"""What the answers of a DICOMweb service mean."""

import pytest

from harness.core.exchange import Ending, Exchange
from harness.core.families.ranges import RangeSeen, RangesSeen
from harness.core.families.transfer_openly import Native
from harness.core.families.web import RenderedSeen, RepresentationSeen, TypeSeen, WebMetadataSeen
from harness.core.formats import Codec, Container
from harness.core.observations import Payload
from harness.core.results import Outcome
from harness.core.verdicts import judge
from harness.core.webanswer import Carried, Part, WebAnswer

S = "1.2.840.10008.1.2.4."
H264, MPEG2, NATIVE = f"{S}102", f"{S}100", "1.2.840.10008.1.2.1"
STORED = Exchange("STOW-RS", Ending.ANSWERED, status=200)
SENT = Payload("1.2.3", H264, 1000, "aa", "aa", 1)
STREAM = Carried(1000, "aa", "aa", "aa")
OTHER = Carried(1000, "bb", "bb", "bb")
NATIVE_LENGTH = 50_000


def answer(
    service: str, status: int | Ending = 200, kind: str = "", carried: Carried | None = None, **rest
) -> WebAnswer:
    ending, code = (status, None) if isinstance(status, Ending) else (Ending.ANSWERED, status)
    told = {"accept": "x", "parts": (Part(kind, "", carried.length if carried else 0),), "part_count": 1}
    told["came"] = carried.length if carried else 0
    return WebAnswer(Exchange(service, ending, status=code), "/here", media_type=kind, carried=carried, **(told | rest))


def representation(status, returned=None, asked=None, **rest) -> RepresentationSeen:
    kind = rest.pop("kind", "application/dicom")
    label = rest.pop("label", "")
    came = answer("WADO-RS", status, kind, STREAM if returned else None, transfer_syntax=label)
    return RepresentationSeen(STORED, asked, came, SENT, returned, **rest)


def returned(syntax: str, digest: str = "aa", length: int = 1000, uid: str = "1.2.3") -> Payload:
    return Payload(uid, syntax, length, digest, digest, 1)


def native(*stamps: int | None, length: int = NATIVE_LENGTH, expected: int = NATIVE_LENGTH, **rest):
    """An object that came uncompressed, with these numbers in its first, middle and last picture."""
    told = {"native": Native(length, expected, stamps or (1, 13, 26), (1, 13, 26)), "encapsulated": False} | rest
    return representation(200, returned(NATIVE, "bb", length), **told)


def converted(**rest) -> RepresentationSeen:
    return representation(200, returned(MPEG2, "bb"), asked=MPEG2, **({"codec": Codec.MPEG2} | rest))


@pytest.mark.parametrize(
    ("seen", "outcome", "said"),
    [
        (representation(200, returned(H264)), Outcome.PASS, "as it is stored"),
        (representation(200, returned(H264, "bb")), Outcome.FAIL, "with other bytes"),
        (representation(200, returned(H264), label="*"), Outcome.PASS, ""),
        (representation(200, returned(H264), label=MPEG2), Outcome.FAIL, "media type says"),
        (representation(200, returned(H264), kind="application/octet-stream"), Outcome.FAIL, "not application/dicom"),
        (representation(200, returned(f"{S}104")), Outcome.FAIL, "relabelled"),
        (representation(200, returned(f"{S}104", "bb")), Outcome.FAIL, "not asked for"),
        (representation(200, returned(NATIVE)), Outcome.FAIL, "relabelled"),
        (representation(200, returned(H264, uid="9.9.9")), Outcome.FAIL, "asked for instance 1.2.3, got 9.9.9"),
        (representation(200, returned(H264, uid="")), Outcome.FAIL, "an object without UID"),
        (native(), Outcome.PASS, "whole, and its frames are those that were sent"),
        (native(length=999), Outcome.FAIL, "its attributes call for"),
        (native(None, None, None), Outcome.INCONCLUSIVE, "no frame number can be read"),
        (native(1, 13, None), Outcome.FAIL, "transcoded to frames (1, 13, None)"),
        (native(wrong=("NumberOfFrames is '13', sent were 26",)), Outcome.FAIL, "NumberOfFrames is '13'"),
        (native(native=None), Outcome.FAIL, "its attributes call for 0"),
        (native(encapsulated=True), Outcome.FAIL, "does not hold all pixels"),
        (representation(200), Outcome.FAIL, "no object"),
        (representation(200, unreadable="cut off"), Outcome.FAIL, "cut off"),
        (representation(406), Outcome.PASS, "openly refused"),
        (representation(400), Outcome.PASS, "openly refused"),
        (representation(500), Outcome.FAIL, "what is stored, or 406"),
        (representation(404), Outcome.FAIL, "404"),
        (representation(503), Outcome.INCONCLUSIVE, ""),
        (representation(401), Outcome.INCONCLUSIVE, ""),
        (representation(Ending.LOST), Outcome.FAIL, "closed the connection"),
        (representation(200, returned(H264), asked=MPEG2), Outcome.FAIL, "406 is honest"),
        (representation(200, returned(MPEG2), asked=MPEG2), Outcome.FAIL, "relabelled"),
        (converted(codec=Codec.H264, wrong=()), Outcome.FAIL, "holds h264"),
        (converted(wrong=()), Outcome.PASS, "converted"),
        (converted(wrong=("13 frames are missing",)), Outcome.FAIL, "13 frames are missing"),
        (converted(), Outcome.INCONCLUSIVE, "content not compared"),
        (representation(200, returned("2.25.1", "bb"), asked="2.25.1"), Outcome.FAIL, "holds no video"),
        (representation(406, asked="2.25.1"), Outcome.PASS, "openly refused to give 2.25.1"),
        (representation(500, asked="2.25.1"), Outcome.FAIL, "406 would be an answer"),
    ],
)
def test_representation(seen, outcome, said):
    verdict = judge(seen)
    assert verdict.outcome is outcome
    assert said in verdict.reason


def test_refusal_by_another_code_than_406_is_noted():
    assert judge(representation(406)).notes == ()
    assert judge(representation(415)).notes == ("406 is the code for it, 415 came",)


def bulk(*answers: WebAnswer, one_stream: bool = True) -> TypeSeen:
    return TypeSeen(STORED, one_stream, SENT, 1000, NATIVE_LENGTH, answers)


def said(kind: str, carried: Carried | None = STREAM, **rest) -> WebAnswer:
    return answer("WADO-RS bulk data", 200, kind, carried, **rest)


REFUSED = answer("WADO-RS bulk data", 406)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (bulk(said("video/mp4")), Outcome.PASS),
        (bulk(said("video/mp4", transfer_syntax=H264)), Outcome.PASS),
        (bulk(said("video/mp4", transfer_syntax=MPEG2)), Outcome.FAIL),
        (bulk(said("video/mp4", None)), Outcome.FAIL),
        (bulk(said("video/mp4", part_count=2)), Outcome.FAIL),
        (bulk(said("video/mp4", part_count=2), one_stream=False), Outcome.PASS),
        (bulk(said("video/mpeg")), Outcome.FAIL),
        (bulk(said("")), Outcome.FAIL),
        (bulk(said("application/octet-stream")), Outcome.FAIL),
        (bulk(REFUSED, said("application/octet-stream")), Outcome.FAIL),
        (bulk(REFUSED, said("application/octet-stream", Carried(NATIVE_LENGTH, "b", "b", "b"))), Outcome.INCONCLUSIVE),
        (bulk(REFUSED, said("application/octet-stream", OTHER)), Outcome.FAIL),
        (bulk(REFUSED, REFUSED), Outcome.UNSUPPORTED),
        (bulk(REFUSED, answer("WADO-RS bulk data", 500)), Outcome.FAIL),
        (bulk(REFUSED, answer("WADO-RS bulk data", 503)), Outcome.INCONCLUSIVE),
        (bulk(REFUSED, answer("WADO-RS bulk data", 400)), Outcome.INCONCLUSIVE),
        (bulk(answer("WADO-RS bulk data", 400), REFUSED), Outcome.UNSUPPORTED),
        (bulk(answer("WADO-RS bulk data", 500)), Outcome.FAIL),
        (bulk(answer("WADO-RS bulk data", 404)), Outcome.FAIL),
    ],
)
def test_type_of_bulk_data(seen, outcome):
    assert judge(seen).outcome is outcome


def test_type_is_that_of_the_first_part_with_bytes():
    parts = (Part("text/plain", "", 0), Part("video/mp4", H264, 1000))
    came = said("multipart/related", parts=parts, part_count=1)
    assert (came.content_type, came.content_syntax) == ("video/mp4", H264)
    assert judge(bulk(came)).outcome is Outcome.PASS


def ranges(*statuses: int) -> RangesSeen:
    """Answers to the beginning, the middle, the end, and what is beyond it."""
    return RangesSeen(
        STORED,
        1000,
        tuple(ranged(status, first=one).ranges[0] for status, one in zip(statuses, (100, 100, 100, None), strict=True)),
    )


def ranged(status, first=100, last=199, *, told="bytes 100-199/1000", whole=False, same=True, came=100) -> RangesSeen:
    one = answer("WADO-RS rendered", status, "video/mp4", byte_range="bytes=…", content_range=told, came=came)
    return RangesSeen(STORED, 1000, (RangeSeen(one, first, last, whole, same),))


BEYOND = {"first": None, "last": None}


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (ranged(206), Outcome.PASS),
        (ranged(206, told="bytes 100-199/*"), Outcome.PASS),
        (ranged(206, same=False), Outcome.FAIL),
        (ranged(206, told="bytes 100-199/1001"), Outcome.FAIL),
        (ranged(206, told="bytes 0-99/1000"), Outcome.FAIL),
        (ranged(206, told=None), Outcome.FAIL),
        (ranged(200, whole=True, told=None, came=1000), Outcome.PASS),
        (ranged(200, whole=True, same=False, told=None), Outcome.FAIL),
        (ranged(416), Outcome.FAIL),
        (ranged(400), Outcome.UNSUPPORTED),
        (ranged(500), Outcome.FAIL),
        (ranged(503), Outcome.INCONCLUSIVE),
        (ranged(Ending.LOST), Outcome.FAIL),
        (ranges(206, 206, 206, 416), Outcome.PASS),
        (ranges(400, 400, 400, 416), Outcome.UNSUPPORTED),
        (ranges(400, 400, 400, 400), Outcome.UNSUPPORTED),
        (ranges(206, 206, 206, 206), Outcome.FAIL),
        (ranges(206, 206, 206, 500), Outcome.FAIL),
        (ranged(206, **BEYOND), Outcome.FAIL),
        (ranged(500, **BEYOND), Outcome.FAIL),
    ],
)
def test_ranges(seen, outcome):
    assert judge(seen).outcome is outcome


def test_ranges_that_are_ignored_are_told_apart_from_those_that_are_given():
    assert "ignored openly" in judge(ranged(200, whole=True)).reason
    assert "as asked for" in judge(ranged(206)).reason


def rendered(status, kind="video/mp4", carried=STREAM, accept="video/mp4", **rest) -> RenderedSeen:
    rest = {"codec": Codec.H264, "container": Container.MP4, "frames": 26} | rest
    syntax = rest.pop("syntax", "")
    return RenderedSeen(
        STORED,
        (answer("WADO-RS rendered", status, kind, carried, accept=accept, transfer_syntax=syntax),),
        **rest,
    )


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (rendered(200), Outcome.PASS),
        (rendered(200, wrong=("a frame is missing",)), Outcome.FAIL),
        (rendered(200, kind="application/octet-stream"), Outcome.FAIL),
        (rendered(200, kind="video/mpeg", codec=Codec.MPEG2), Outcome.FAIL),  # not what was asked for
        (rendered(200, kind="video/mpeg", accept="video/mp4, video/mpeg", codec=Codec.MPEG2), Outcome.PASS),
        (rendered(200, codec=Codec.HEVC), Outcome.FAIL),
        (rendered(200, carried=None), Outcome.FAIL),
        (rendered(200, codec=None, container=None, wrong=("no video",)), Outcome.FAIL),
        (rendered(200, compared=False), Outcome.INCONCLUSIVE),
        (rendered(200, compared=False, codec=Codec.HEVC), Outcome.FAIL),
        (rendered(406), Outcome.UNSUPPORTED),
        (rendered(400), Outcome.UNSUPPORTED),
        (rendered(415), Outcome.UNSUPPORTED),
        (rendered(404), Outcome.NOT_APPLICABLE),
        (rendered(501), Outcome.NOT_APPLICABLE),
        (rendered(500), Outcome.FAIL),
    ],
)
def test_rendered(seen, outcome):
    assert judge(seen).outcome is outcome


def test_what_the_media_type_of_rendered_video_does_not_tell_is_noted():
    assert any("video/mp4 holds mpeg-ts" in note for note in judge(rendered(200, container=Container.MPEG_TS)).notes)
    assert any("8.7.4" in note for note in judge(rendered(200, syntax=H264)).notes)
    assert judge(rendered(200)).notes == ()


def metadata(status=200, kind="application/dicom+json", **rest) -> WebMetadataSeen:
    return WebMetadataSeen(STORED, answer("WADO-RS metadata", status, kind, STREAM), **rest)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (metadata(bulk="http://here"), Outcome.PASS),
        (metadata(), Outcome.PASS),
        (metadata(kind="application/json"), Outcome.FAIL),
        (metadata(inline=True), Outcome.FAIL),
        (metadata(unreadable="no JSON"), Outcome.FAIL),
        (metadata(wrong=("Rows is gone",)), Outcome.FAIL),
        (metadata(406), Outcome.FAIL),
        (metadata(500), Outcome.FAIL),
        (metadata(401), Outcome.INCONCLUSIVE),
    ],
)
def test_metadata(seen, outcome):
    assert judge(seen).outcome is outcome


def test_metadata_that_do_not_tell_where_the_video_is_are_noted():
    assert judge(metadata()).notes == ("it does not tell where Pixel Data is",)
