"""Does what came back play as what was sent?

Each check has one question: FRAMES which pictures come in which order, PICTURE what is in them, TIMING when they are
shown, STREAM what kind of stream they are coded as, DESCRIPTION whether the attributes fit the pictures, SOUND what
is heard, SEEK whether a reader can jump, BROWSER whether an ordinary browser plays it.
"""

from harness.core.compare import frame_differences, stream_seen
from harness.core.conformance import picture_description
from harness.core.facts import StreamFacts, Undecodable
from harness.core.families.playback import BrowserPath, BrowserSeen, DoesNotApply, PicturePath, PicturesSeen
from harness.core.formats import Codec
from harness.core.observations import Fetched, Observation, PathDifferences, ReturnedSeen
from harness.core.pictures import kind_changes, kind_seen, picture_differences, seek_differences
from harness.core.ports import Pacs, Video
from harness.core.soundtrack import sound_changes, sound_seen
from harness.core.timing import timing_differences, timing_seen
from harness.marks import Depth, check

Stream = StreamFacts | Undecodable


@check(
    "PLY-FRAMES",
    family="playback",
    title="Every frame comes back once and in order",
    expected="the returned stream decodes without error and shows the sent frame numbers in the sent order",
    level="SHALL",
    section="PS3.3 C.7.6.6",
    verifies=("R-PLY-FRAMES",),
    depth=Depth.QUICK,
)
def test_every_frame_is_there_once_and_in_order(pacs: Pacs, video: Video) -> Observation:
    """The number inside each decoded picture is read, so nothing is assumed from counts."""
    return ReturnedSeen(
        "every frame there once and in order",
        tuple(
            PathDifferences(fetched.service, stream_seen(stream), frame_differences(video.stream, stream))
            for fetched, stream in _decoded(pacs, video)
        ),
    )


@check(
    "PLY-PICTURE",
    family="playback",
    title="The decoded pictures are those that were sent",
    expected="every decoded picture has the samples of the one that was sent in its place (by hash); "
    "PSNR and SSIM to the uncompressed source are told for information",
    level="SHALL",
    section="PS3.4 B.4.1.3",
    verifies=("R-PLY-PICTURE",),
)
def test_pictures_are_kept(pacs: Pacs, video: Video) -> Observation:
    """Coding again may be invisible to the eye, and is another image all the same."""
    return PicturesSeen(
        pacs.playback.distance(video),
        tuple(
            PicturePath(
                fetched.service,
                0 if isinstance(stream, Undecodable) else stream.frames,
                picture_differences(video.stream, stream),
                pacs.playback.distance(video, fetched),
            )
            for fetched, stream in _decoded(pacs, video)
        ),
    )


@check(
    "PLY-TIMING",
    family="playback",
    title="The frames are shown at the times that were sent, and as the attributes say",
    expected="Number of Frames exact; Frame Time within 0.2 %; Cine Rate and Recommended Display Frame Rate rounded to "
    "whole numbers; Effective Duration within one frame; presentation times within one unit of the coarser clock",
    level="SHALL",
    section="PS3.3 C.7.6.5, C.7.6.6",
    verifies=("R-PLY-COUNT", "R-PLY-RATE", "R-PLY-TIMES"),
)
def test_times_are_kept(pacs: Pacs, video: Video) -> Observation:
    """Measurements of speed rest on it, and sound goes out of step without."""
    return ReturnedSeen(
        "times kept and described",
        tuple(
            PathDifferences(
                fetched.service,
                timing_seen(fetched.facts, stream),
                *timing_differences(video.format, video.facts, video.stream, fetched.facts, stream),
            )
            for fetched, stream in _decoded(pacs, video)
            if fetched.facts is not None
        ),
    )


@check(
    "PLY-STREAM",
    family="playback",
    title="The returned stream is coded as its transfer syntax demands and as it was sent",
    expected="container, codec, profile, level, size, aspect, bit depth, range and scan are allowed by the transfer "
    "syntax and are those that were sent",
    level="SHALL",
    section="PS3.5 8.2.1 to 8.2.12",
    verifies=("R-PLY-STREAM",),
)
def test_kind_of_stream_is_kept(pacs: Pacs, video: Video) -> Observation:
    """Read from the bit stream itself, whatever the attributes say."""
    return ReturnedSeen(
        "the kind of stream kept",
        tuple(
            PathDifferences(fetched.service, kind_seen(stream), kind_changes(video.format, video.stream, stream))
            for fetched, stream in _decoded(pacs, video)
        ),
    )


@check(
    "PLY-DESCRIPTION",
    family="playback",
    title="The attributes describe the pictures of the returned stream",
    expected="rows, columns, pixel aspect ratio and pixel attributes agree with the decoded stream",
    level="SHALL",
    section="PS3.5 8.2.5 to 8.2.11",
    verifies=("R-PLY-DESCRIPTION",),
    depth=Depth.QUICK,
)
def test_attributes_describe_the_stream(pacs: Pacs, video: Video) -> Observation:
    """Players trust either the attributes or the stream: both must say the same."""
    return ReturnedSeen(
        "attributes and stream agree",
        tuple(
            PathDifferences(
                fetched.service,
                stream_seen(stream),
                (f"does not decode: {stream.reason}",)
                if isinstance(stream, Undecodable)
                else picture_description(video.format, fetched.facts, stream),
            )
            for fetched, stream in _decoded(pacs, video)
            if fetched.facts is not None
        ),
    )


@check(
    "PLY-SOUND",
    family="playback",
    title="The sound comes back and is described",
    expected="the same coding, rate, channels and coded bytes; in step with the pictures within 45 ms; "
    "Multiplexed Audio Channels Description Code Sequence describes it",
    level="SHALL",
    section="PS3.5 8.2.12, PS3.3 C.7.6.5",
    verifies=("R-PLY-SOUND", "R-PLY-SOUND-DESCRIBED", "R-PLY-SYNC"),
)
def test_sound_is_kept(pacs: Pacs, video: Video) -> Observation:
    """Tools that repack a video easily leave the sound behind."""
    if video.stream.sound is None:
        return DoesNotApply(f"the clip of {video.format.name} has no sound")
    return ReturnedSeen(
        "sound kept and described",
        tuple(
            PathDifferences(
                fetched.service,
                sound_seen(stream),
                *sound_changes(video.format, video.stream, fetched.facts, stream),
            )
            for fetched, stream in _decoded(pacs, video)
            if fetched.facts is not None
        ),
    )


@check(
    "PLY-SEEK",
    family="playback",
    title="A jump into the returned video shows the frame asked for",
    expected="jumps by presentation time to eight frames reach them as they do in the video that was sent",
    level="SHOULD",
    section="PS3.5 8.2.5 to 8.2.9",
    verifies=("R-PLY-SEEK",),
)
def test_jumps_reach_their_frames(pacs: Pacs, video: Video) -> Observation:
    """By the key frames and the index inside the stream; the number in the picture shows what was reached."""
    sent = pacs.playback.jumps(video)
    if isinstance(sent, Undecodable):
        return DoesNotApply(f"nothing can be reached in the video that was sent: {sent.reason}")
    if all(jump.found is None for jump in sent):
        return DoesNotApply("no jump into the video that was sent reaches a picture whose number can be read")
    return ReturnedSeen(
        f"{sum(jump.found is not None for jump in sent)} of {len(sent)} jumps reach their frames as in what was sent",
        tuple(
            PathDifferences(
                fetched.service,
                f"{len(sent)} jumps",
                seek_differences(sent, pacs.playback.jumps(video, fetched)),
            )
            for fetched in pacs.returned(video)
        ),
    )


@check(
    "PLY-BROWSER",
    family="playback",
    title="A browser plays the returned video as the one that was sent",
    expected="Chromium plays it to the end, with the size, duration and number of frames of the video that was sent",
    level="MAY",
    section="PS3.18 8.7.3.5",
    verifies=("R-PLY-BROWSER",),
)
def test_browser_plays_it(pacs: Pacs, video: Video) -> Observation:
    """What a browser does not play as it was sent says nothing of the target."""
    returned = _decoded(pacs, video)
    if video.format.codec is Codec.MJPEG:
        return DoesNotApply("Motion JPEG in DICOM is one picture for each frame, and no file that a browser could play")
    stream = video.stream
    return BrowserSeen(
        video=f"{stream.codec} in {stream.container}",
        sent=pacs.playback.screen(video),
        decoded=stream.frames,
        paths=tuple(
            BrowserPath(
                fetched.service,
                pacs.playback.is_sent(video, fetched),
                pacs.playback.screen(video, fetched),
                0 if isinstance(back, Undecodable) else back.frames,
            )
            for fetched, back in returned
        ),
    )


def _decoded(pacs: Pacs, video: Video) -> list[tuple[Fetched, Stream]]:
    """What every path returned, with its stream."""
    return [(fetched, pacs.decode(video, fetched)) for fetched in pacs.returned(video)]
