"""Which media type says the truth of coded video over HTTP (PS3.18 Tables 8.7.3-4, 8.7.3-5 and 8.7.4-1)."""

from harness.core.formats import Codec, Container
from harness.core.observations import Payload
from harness.core.webanswer import Carried

#: The media type of compressed bulk data by transfer syntax without its fragmentable ending; a media type is the same
#: in any case (RFC 9110 8.3.1), and written as the standard has it.
_BULK_TYPES: dict[str, str] = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.100": "video/mpeg",
    "1.2.840.10008.1.2.4.101": "video/mpeg",
    "1.2.840.10008.1.2.4.102": "video/mp4",
    "1.2.840.10008.1.2.4.103": "video/mp4",
    "1.2.840.10008.1.2.4.104": "video/mp4",
    "1.2.840.10008.1.2.4.105": "video/mp4",
    "1.2.840.10008.1.2.4.106": "video/mp4",
    "1.2.840.10008.1.2.4.107": "video/H265",
    "1.2.840.10008.1.2.4.108": "video/H265",
}

#: What rendered video may be (PS3.18 Table 8.7.4-1), with the codec that its media type says.
RENDERED_TYPES: dict[str, Codec] = {
    "video/mpeg": Codec.MPEG2,
    "video/mp4": Codec.H264,
    "video/h265": Codec.HEVC,
}

#: Containers in which a media type leads a player to expect its video; others are what the media type does not tell.
_EXPECTED_CONTAINERS: dict[str, tuple[Container, ...]] = {
    "video/mpeg": (Container.MPEG_TS, Container.MPEG_PS, Container.ELEMENTARY),
    "video/mp4": (Container.MP4,),
    "video/h265": (Container.ELEMENTARY, Container.MP4, Container.MPEG_TS),
}

OCTET_STREAM = "application/octet-stream"


def bulk_type(transfer_syntax_uid: str) -> str | None:
    """The media type of bulk data in a compressed transfer syntax; None where the syntax is none of video."""
    return _BULK_TYPES.get(transfer_syntax_uid.removesuffix(".1"))


def same_type(one: str, other: str) -> bool:
    """Whether two media types are the same."""
    return one.lower() == other.lower()


def container_remark(media_type: str, container: Container) -> str | None:
    """What a player should know that goes by the media type alone; None where all is as it expects.

    H.264 in an MPEG-TS and MPEG-2 in an MP4 have no media type of their own in the standard.
    """
    expected = _EXPECTED_CONTAINERS.get(media_type.lower(), ())
    if not expected or container in expected:
        return None
    return f"{media_type} holds {container} and not {' or '.join(expected)}; the standard has no other type for it"


def rendered_fault(media_type: str, codec: Codec | str) -> str | None:
    """How the media type of a rendered video contradicts its own stream (PS3.18 Table 8.7.4-1)."""
    expected = RENDERED_TYPES.get(media_type.lower())
    if expected is None:
        return f"{media_type or 'no media type'} is none of {', '.join(RENDERED_TYPES)} (PS3.18 Table 8.7.4-1)"
    return None if codec == expected else f"labelled {media_type}, and the stream is {codec}"


def stream_difference(sent: Payload, stream_length: int, carried: Carried | None) -> tuple[str, str]:
    """What is wrong with a stream that came outside of an object, and what is allowed; empty where nothing is.

    ``stream_length`` is that of what was sent in bytes, without the padding that makes fragments even: that is no part
    of the stream (PS3.5 8.2), and may be there or not.
    """
    if carried is None:
        return "not a byte came", ""
    if carried.sha256 == sent.sha256:
        return "", ""
    # The length is looked at too: a stream may end with a zero of its own, and that must not be lost.
    unpadded = sent.sha256 == carried.padded_sha256 or carried.sha256 == sent.unpadded_sha256
    if carried.length == stream_length and unpadded:
        return "", "the padding of the fragments was left off"
    if carried.length == sent.length + 1 and carried.unpadded_sha256 == sent.sha256:
        return "", "one padding byte was added"
    if carried.length != sent.length:
        return f"{sent.length:,} bytes of video were sent, {carried.length:,} came back", ""
    return (
        f"{sent.length:,} bytes of video came back with other content "
        f"(SHA-256 {carried.sha256[:16]}…, sent {sent.sha256[:16]}…)"
    ), ""
