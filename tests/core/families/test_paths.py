"""Whether the paths of one video agree, and whether a stated MD5 is right."""

from dataclasses import replace

import pytest

from harness.core.exchange import Ending, Exchange
from harness.core.families.paths import EMPTY_MD5, Md5Seen, PathSeen, PathsSeen, StreamSeen
from harness.core.families.stow import DescribedStowSeen, StowSeen
from harness.core.observations import NotMade, NotOffered, Payload, PayloadSeen
from harness.core.results import Outcome
from harness.core.verdicts import judge
from harness.core.webanswer import Carried, Part, WebAnswer

S = "1.2.840.10008.1.2.4."
SENT = Payload("1.2.3", f"{S}102", 1000, "aa", "aa", 1)
STREAM = Carried(1000, "aa", "aa", "aa")
LOST = Carried(900, "bb", "bb", "bb")


def said(service: str, status: int = 200, **rest) -> Exchange:
    return Exchange(service, Ending.ANSWERED, status=status, **rest)


STORED = said("STOW-RS")


def stream(status: int = 200, carried: Carried | None = STREAM, parts: int = 1, requests: int = 1) -> StreamSeen:
    told = tuple(Part("video/mp4", "", 0) for _ in range(parts))
    answer = WebAnswer(said("WADO-RS bulk data", status), "/here", "*/*", parts=told, part_count=parts, carried=carried)
    return StreamSeen("WADO-RS bulk data", STORED, (answer,), requests, SENT, 1000, carried)


def whole(digest: str = "aa", service: str = "WADO-URI", status: int = 200) -> PayloadSeen:
    payload = Payload("1.2.3", f"{S}102", 1000, digest, digest, 1)
    return PayloadSeen(service, STORED, said(service, status), 1, SENT, payload)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (stream(), Outcome.PASS),
        (stream(carried=LOST), Outcome.FAIL),
        (stream(carried=None), Outcome.FAIL),
        (stream(406, None), Outcome.UNSUPPORTED),
        (stream(404, None), Outcome.FAIL),
        (stream(500, None), Outcome.FAIL),
    ],
)
def test_stream(seen, outcome):
    assert judge(seen).outcome is outcome


def test_parts_of_a_stream_are_noted():
    assert judge(stream()).notes == ()
    assert "in 2 parts of which the first is empty" in judge(stream(parts=2)).notes[0]
    assert judge(stream(requests=48)).notes == ("asked for in 48 requests",)


NOT_THERE = NotOffered("WADO-URI", Exchange("WADO-URI", Ending.REFUSED, detail="no address is known"))


def paths(**seen) -> PathsSeen:
    return PathsSeen(tuple(PathSeen(service, one) for service, one in seen.items()))


def test_paths_that_agree_pass_and_those_not_offered_are_told():
    verdict = judge(paths(get=whole(), bulk=stream(), uri=NOT_THERE, file=NotMade("not allowed")))
    assert verdict.outcome is Outcome.PASS
    assert "get, bulk" in verdict.reason
    assert verdict.notes == (
        "get: as sent",
        "bulk: as sent",
        "uri: not offered (no address is known)",
        "file: NOT_RUN: not allowed",
    )


def test_a_path_that_decides_nothing_leaves_it_open_whether_all_agree():
    for undecided in (whole(service="WADO-RS", status=503), stream(400, None)):
        undecided = replace(undecided, **({"received": 0, "returned": None} if hasattr(undecided, "received") else {}))
        verdict = judge(paths(get=whole(), bulk=stream(), other=undecided))
        assert verdict.outcome is Outcome.INCONCLUSIVE
        assert verdict.reason.startswith("other: ")
        assert verdict.reason.endswith("as sent by get, bulk")
    assert judge(paths(get=whole(), other=stream(406, None))).outcome is Outcome.PASS


def test_a_verification_that_is_not_answered_is_noted():
    assert judge(md5()).notes == ()
    assert judge(md5(verified=None)).notes == ("its own verification was not asked for",)
    assert "tells nothing" in judge(md5(verified=403)).notes[0]
    assert "HTTP status 403" in judge(md5(verified=403)).notes[0]


def test_one_path_that_differs_fails_and_names_both_sides():
    verdict = judge(paths(get=whole(), bulk=stream(carried=LOST), uri=whole("cc")))
    assert verdict.outcome is Outcome.FAIL
    assert "bulk: 1,000 bytes of video were sent, 900 came back" in verdict.reason
    assert "uri: 1,000 bytes of video came back with other content" in verdict.reason
    assert verdict.reason.endswith("as sent by get")


def test_success_without_bytes_is_a_difference():
    nothing = PayloadSeen("vendor REST file", STORED, said("vendor REST file"), 0, SENT, None)
    assert judge(paths(get=whole(), file=nothing)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (paths(uri=NOT_THERE), Outcome.NOT_APPLICABLE),
        (paths(uri=NOT_THERE, file=NotMade("not allowed")), Outcome.NOT_RUN),
        (paths(bulk=stream(406, None), uri=NOT_THERE), Outcome.UNSUPPORTED),
        (paths(), Outcome.NOT_APPLICABLE),
    ],
)
def test_no_path_at_all_never_passes(seen, outcome):
    assert judge(seen).outcome is outcome


RIGHT = "0123456789abcdef0123456789abcdef"


def md5(stated=RIGHT, returned=RIGHT, *, status=200, length=10, stated_length=10, verified=200) -> Md5Seen:
    return Md5Seen(
        STORED,
        said("vendor REST statement", status),
        stated,
        stated_length,
        said("vendor REST file"),
        length,
        returned,
        None if verified is None else said("vendor REST statement", verified),
    )


@pytest.mark.parametrize(
    ("seen", "outcome", "words"),
    [
        (md5(), Outcome.PASS, "the MD5 stated is that of the 10 bytes"),
        (md5(RIGHT.upper()), Outcome.PASS, ""),
        (md5(EMPTY_MD5, None), Outcome.FAIL, "its own verification says that all is well"),
        (md5(EMPTY_MD5, None, verified=400), Outcome.FAIL, "that of nothing"),
        (md5(returned="f" * 32), Outcome.FAIL, "its own verification says that all is well"),
        (md5(returned=None), Outcome.INCONCLUSIVE, "no file came"),
        (md5("what"), Outcome.FAIL, "is none"),
        (md5(stated_length=11), Outcome.FAIL, "11 bytes are stated and 10 came"),
        (md5(stated_length=None), Outcome.PASS, ""),
        (md5(verified=400), Outcome.FAIL, "does not keep what it states"),
        (md5(verified=401), Outcome.PASS, ""),
        (md5(verified=403), Outcome.PASS, ""),
        (md5(verified=500), Outcome.PASS, ""),
        (md5(verified=503), Outcome.PASS, ""),
        (md5(status=404), Outcome.UNSUPPORTED, "no MD5 is stated"),
        (md5(status=500), Outcome.FAIL, ""),
    ],
)
def test_stated_md5(seen, outcome, words):
    verdict = judge(seen)
    assert verdict.outcome is outcome
    assert words in verdict.reason


def described(status=200, returned=SENT, **rest) -> DescribedStowSeen:
    back = rest.pop("back", said("WADO-RS"))
    stored = said("STOW-RS", status, failure_reason=rest.pop("reason", None))
    return DescribedStowSeen(stored, "video/mp4", True, SENT, 1000, back, returned, **rest)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (described(), Outcome.PASS),
        (described(returned=Payload("1.2.3", f"{S}104", 1000, "aa", "aa", 1)), Outcome.PASS),
        (described(returned=Payload("1.2.3", f"{S}102", 1000, "bb", "bb", 1)), Outcome.FAIL),
        (described(returned=Payload("9.9.9", f"{S}102", 1000, "aa", "aa", 1)), Outcome.FAIL),
        (described(wrong=("Rows is missing",)), Outcome.FAIL),
        (described(returned=None), Outcome.FAIL),
        (described(returned=None, unreadable="cut off"), Outcome.FAIL),
        (described(returned=None, back=said("WADO-RS", 404)), Outcome.FAIL),
        (described(returned=None, back=None), Outcome.INCONCLUSIVE),
        (described(400, None, back=None), Outcome.INCONCLUSIVE),
        (described(409, None, back=None), Outcome.INCONCLUSIVE),
        (described(409, None, back=None, reason=0xA700), Outcome.INCONCLUSIVE),
        (described(409, None, back=None, reason=0x0124), Outcome.INCONCLUSIVE),
        (described(409, None, back=None, reason=0x0110), Outcome.FAIL),
        (described(409, None, back=None, reason=0x0122), Outcome.UNSUPPORTED),
        (described(400, None, back=None, reason=0xC122), Outcome.UNSUPPORTED),
        (described(405, None, back=None), Outcome.UNSUPPORTED),
        (described(406, None, back=None), Outcome.UNSUPPORTED),
        (described(501, None, back=None), Outcome.UNSUPPORTED),
        (described(415, None, back=None), Outcome.UNSUPPORTED),
        (described(500, None, back=None), Outcome.FAIL),
        (described(401, None, back=None), Outcome.INCONCLUSIVE),
    ],
)
def test_metadata_with_a_video(seen, outcome):
    assert judge(seen).outcome is outcome


def test_object_by_stow_is_whole_only_with_its_attributes():
    assert judge(StowSeen(whole())).outcome is Outcome.PASS
    assert judge(StowSeen(whole("cc"))).outcome is Outcome.FAIL
    verdict = judge(StowSeen(whole(), ("PatientID is gone",), ("Rows was added",)))
    assert (verdict.outcome, verdict.reason, verdict.notes) == (
        Outcome.FAIL,
        "PatientID is gone",
        ("Rows was added",),
    )
