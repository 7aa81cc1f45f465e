"""What a request accepts and which range it wants: decisions without a server."""

import pytest

from harness.targets.embedded.web.accept import MediaType, Offer, choose, parse_accept, parse_media_type
from harness.targets.embedded.web.ranges import Span, Unsatisfiable, wanted_span

STORED = "1.2.840.10008.1.2.4.102"
SEVERAL = Offer("application/dicom", multipart=True, transfer_syntax=STORED)
SINGLE = Offer("application/dicom", multipart=False, transfer_syntax=STORED)
H265 = Offer("video/H265", multipart=False, transfer_syntax="1.2.840.10008.1.2.4.107")
OFFERS = (SEVERAL, SINGLE, H265)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("*/*", SEVERAL),
        ('multipart/related; type="application/dicom"', SEVERAL),
        ("Multipart/Related;type=application/dicom;transfer-syntax=*", SEVERAL),
        (f'multipart/related; type="application/dicom"; transfer-syntax={STORED}', SEVERAL),
        (f'multipart/related; transfer-syntax="{STORED}"; type="APPLICATION/dicom"', SEVERAL),
        ('multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.1', None),
        ("multipart/related", SEVERAL),
        ("application/dicom", SINGLE),
        ("application/*", SINGLE),
        ("video/h265", H265),
        ('multipart/related; type="video/H265"', None),
        ("application/dicom;q=0.5, video/H265;q=0.9", H265),
        ("*/*;q=0.1, application/dicom;q=0.2", SINGLE),
        # The most specific range decides, so that this excludes one representation of three.
        ('*/*, multipart/related; type="application/dicom"; q=0', SINGLE),
        ("image/png, text/html", None),
        ("*/*;q=0", None),
        ("", None),
    ],
)
def test_the_acceptable_representation_of_greatest_weight_is_chosen(accept: str, chosen: Offer | None) -> None:
    assert choose(parse_accept(accept), OFFERS) == chosen


def test_the_order_of_the_server_decides_among_equals() -> None:
    ranges = parse_accept('application/dicom, multipart/related; type="application/dicom"')
    assert choose(ranges, (SINGLE, SEVERAL)) == SINGLE
    assert choose(ranges, (SEVERAL, SINGLE)) == SEVERAL


@pytest.mark.parametrize("accept", ["video", "a/b c/d", "a/b;q=2", "a/b;q=x", 'a/b;c="d', "/b", "a/b;=c"])
def test_what_breaks_the_syntax_is_told(accept: str) -> None:
    with pytest.raises(ValueError, match=r"media type|weight"):
        parse_accept(accept)


def test_parameters_keep_their_values_as_written() -> None:
    told = parse_media_type('Multipart/Related; BOUNDARY="a;b\\"C" ;; type=application/dicom;')
    assert told == MediaType("multipart/related", {"boundary": 'a;b"C', "type": "application/dicom"})


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=90-", Span(90, 100)),
        ("bytes=90-1000", Span(90, 100)),
        ("bytes=-10", Span(90, 100)),
        ("bytes=-1000", Span(0, 100)),
        ("Bytes = 99-99", Span(99, 100)),
        # May be ignored (RFC 9110 14.2): another unit, several at once, no range at all.
        ("frames=0-9", None),
        ("bytes=0-9,20-29", None),
        ("bytes=9-0", None),
        ("bytes=-", None),
        ("bytes", None),
    ],
)
def test_a_range_is_read(header: str | None, span: Span | None) -> None:
    assert wanted_span(header, 100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_without_an_octet_is_unsatisfiable(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        wanted_span(header, 100)


def test_content_range_names_the_last_octet_and_the_length() -> None:
    assert Span(0, 10).content_range(100) == "bytes 0-9/100"
