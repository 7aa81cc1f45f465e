"""Media types of coded video, and streams outside of objects."""

import hashlib

import pytest

from harness.catalogue.read import load_formats
from harness.core.formats import Codec, Container
from harness.core.mediatypes import bulk_type, container_remark, rendered_fault, same_type, stream_difference
from harness.core.observations import Payload
from harness.core.webanswer import Carried

S = "1.2.840.10008.1.2.4."


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def payload(data: bytes) -> Payload:
    return Payload("1.2", f"{S}102", len(data), digest(data), digest(data.removesuffix(b"\0")), 1)


def carried(*parts: bytes) -> Carried:
    whole = b"".join(parts)
    padded = b"".join(part + b"\0" * (len(part) % 2) for part in parts)
    unpadded = whole[:-1] if whole.endswith(b"\0") else whole
    return Carried(len(whole), digest(whole), digest(unpadded), digest(padded))


@pytest.mark.parametrize(
    ("syntax", "kind"),
    [
        ("100", "video/mpeg"),
        ("100.1", "video/mpeg"),
        ("101", "video/mpeg"),
        ("102", "video/mp4"),
        ("102.1", "video/mp4"),
        ("106.1", "video/mp4"),
        ("107", "video/H265"),
        ("108", "video/H265"),
        ("50", "image/jpeg"),
    ],
)
def test_each_syntax_has_the_type_of_the_table(syntax, kind):
    assert bulk_type(S + syntax) == kind


def test_every_format_of_the_catalogue_has_a_type():
    assert all(bulk_type(format.uid) for format in load_formats().values())


def test_syntax_that_is_no_video_has_none():
    assert bulk_type("1.2.840.10008.1.2.1") is None


def test_case_of_a_media_type_does_not_matter():
    assert same_type("video/h265", "video/H265")
    assert not same_type("video/mp4", "video/mpeg")


@pytest.mark.parametrize(
    ("kind", "codec", "fault"),
    [
        ("video/mp4", Codec.H264, None),
        ("video/H265", Codec.HEVC, None),
        ("video/mpeg", Codec.MPEG2, None),
        ("video/mpeg", Codec.H264, "labelled video/mpeg, and the stream is h264"),
        ("video/webm", Codec.H264, "none of"),
        ("", Codec.H264, "no media type is none of"),
    ],
)
def test_rendered_type_says_the_codec(kind, codec, fault):
    found = rendered_fault(kind, codec)
    assert found == fault if fault is None else fault in found


def test_container_that_the_type_does_not_tell_is_a_remark():
    assert "video/mp4 holds mpeg-ts" in container_remark("video/mp4", Container.MPEG_TS)
    assert "video/mpeg holds mp4" in container_remark("video/mpeg", Container.MP4)
    assert container_remark("video/mp4", Container.MP4) is None


ODD = b"\1\2\3"
PADDED = payload(ODD + b"\0")


@pytest.mark.parametrize(
    ("sent", "length", "parts", "wrong", "allowed"),
    [
        (PADDED, 3, [b"\1\2\3\0"], "", ""),
        (PADDED, 3, [b"\1\2\3"], "", "padding of the fragments was left off"),
        (PADDED, 3, [b"", b"\1\2", b"\3\0"], "", ""),
        (PADDED, 3, [b"\1\2"], "4 bytes of video were sent, 2 came back", ""),
        (PADDED, 3, [b"\1\2\4\0"], "other content", ""),
        (payload(b"\1\2"), 2, [b"\1\2\0"], "", "one padding byte was added"),
        # A zero at the end that belongs to the stream is not padding.
        (payload(b"\1\2\3\0"), 4, [b"\1\2\3"], "4 bytes of video were sent, 3 came back", ""),
        # Pictures of odd length, each with its own padding.
        (payload(b"\1\0\2\0"), 2, [b"\1", b"\2"], "", "padding of the fragments was left off"),
    ],
)
def test_padding_is_no_part_of_a_stream_and_everything_else_is(sent, length, parts, wrong, allowed):
    found = stream_difference(sent, length, carried(*parts))
    assert (wrong in found[0], allowed in found[1]) == (True, True)
    assert (bool(found[0]), bool(found[1])) == (bool(wrong), bool(allowed))


def test_nothing_is_different():
    assert stream_difference(PADDED, 3, None) == ("not a byte came", "")
