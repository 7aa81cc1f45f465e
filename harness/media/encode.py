"""A recipe in, a video file out; the same recipe and library versions always give the same bytes.

Pictures and sound are made while they are encoded, so memory holds one frame. The encoder runs in one thread and
with the library's bit-exact flags, because threads and version texts would change the bytes from one machine to the
next. Motion JPEG has no container in DICOM: its file is the JPEG pictures one after the other.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.codec.context import Flags, ThreadType
from av.container import OutputContainer
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from harness.core.formats import Codec, Container, Scan
from harness.core.recipes import Recipe, SoundRecipe
from harness.errors import EncoderMissing, MediaError
from harness.media import stamp
from harness.media.decode import decoder_messages
from harness.media.picture import Scene
from harness.media.recipe_check import check_recipe, recipe_fault
from harness.media.sound import LAYOUTS, tone

_MUXERS = {Container.MP4: "mp4", Container.MPEG_TS: "mpegts", Container.WEBM: "webm"}
_MUXER_OPTIONS = {
    # The index comes first, so that a player can start before the whole file is there.
    Container.MP4: {"movflags": "+faststart", "fflags": "+bitexact"},
    Container.MPEG_TS: {"fflags": "+bitexact"},
    Container.WEBM: {"fflags": "+bitexact"},
}
# The library would write hev1, which not every player takes; hvc1 keeps the parameter sets in the sample entry.
_CODEC_TAGS = {(Codec.HEVC, Container.MP4): "hvc1"}


def encode(recipe: Recipe, path: Path) -> tuple[int, ...]:
    """Encode the clip of ``recipe`` into ``path``, which is overwritten.

    Returns:
        The length of each frame in bytes for Motion JPEG, else nothing.

    Raises:
        EncoderMissing: the video library lacks an encoder.
        DataFileError: the recipe holds a value that cannot be, or that its encoder refuses.
        MediaError: encoding failed on the way.
        OSError: the file cannot be written. After any error an incomplete file may be left at ``path``.
    """
    require_encoder(recipe.encoder, "video")
    if recipe.sound:
        require_encoder(recipe.sound.encoder, "audio")
    check_recipe(recipe)
    try:
        if recipe.container is Container.JPEG_FRAMES:
            return _encode_pictures(recipe, path)
        _encode_stream(recipe, path)
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise MediaError(f"fixtures/{recipe.id}.toml: encoding failed: {error.strerror}; correct the recipe") from error
    return ()


def require_encoder(name: str, kind: str) -> None:
    """Check that the video library can encode ``kind``, which is video or audio, with ``name``.

    Raises:
        EncoderMissing: it cannot.
    """
    try:
        found = av.Codec(name, "w").type
    except ValueError:
        found = None
    if found != kind:
        raise EncoderMissing(
            f"the video library of PyAV {av.__version__} has no {kind} encoder {name!r}; install a PyAV wheel from "
            "PyPI, which carries those of our recipes, or correct the recipe"
        )


def frames(recipe: Recipe) -> Iterator[VideoFrame]:
    """The pictures of a clip, stamped 1, 2, 3 and so on."""
    format = av.VideoFormat(recipe.pixel_format, recipe.columns, recipe.rows)
    depth = format.components[0].bits
    kind = np.uint8 if depth == 8 else np.uint16
    eyes = 2 if recipe.side_by_side else 1
    scene = Scene(
        recipe.rows,
        recipe.columns // eyes,
        chroma_rows=format.chroma_height(recipe.rows),
        full_range=recipe.pixel_format.startswith("yuvj"),
    )
    for number in range(1, recipe.frames + 1):
        views = [scene.planes(number, eye=eye) for eye in range(eyes)]
        frame = VideoFrame(recipe.columns, recipe.rows, recipe.pixel_format)
        for index, parts in enumerate(zip(*views, strict=True)):
            plane = (np.concatenate(parts, axis=1) >> (10 - depth)).astype(kind)
            if index == 0:
                stamp.draw(plane, number, bit_depth=depth)
            _fill(frame, index, plane)
        frame.pts = number - 1
        frame.time_base = 1 / recipe.rate
        yield frame


def _fill(frame: VideoFrame, index: int, plane: stamp.Plane) -> None:
    target = frame.planes[index]
    # Lines of a frame are longer than the picture, for alignment.
    lines = np.frombuffer(memoryview(target), plane.dtype).reshape(target.height, target.line_size // plane.itemsize)
    lines[:, : target.width] = plane


def _set_up(context: av.VideoCodecContext, recipe: Recipe) -> None:
    context.width, context.height = recipe.columns, recipe.rows
    context.pix_fmt = recipe.pixel_format
    context.sample_aspect_ratio = recipe.sample_aspect
    context.time_base = 1 / recipe.rate
    context.framerate = recipe.rate
    if recipe.bit_rate:
        context.bit_rate = recipe.bit_rate
    context.thread_count = 1
    context.thread_type = ThreadType.NONE
    context.flags |= Flags.bitexact
    if recipe.scan is Scan.INTERLACED:
        context.flags |= Flags.interlaced_dct | Flags.interlaced_me
    context.options = dict(recipe.options)


def _open(context: av.VideoCodecContext | av.AudioCodecContext, recipe: Recipe, *, key: str) -> None:
    """Open an encoder; ``key`` of the recipe is at fault where the encoder does not tell."""
    with decoder_messages() as messages:
        try:
            context.open()
        except av.FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            heard = "; ".join(text.strip() for level, _, text in messages if level <= av.logging.ERROR)
            said = heard or error.strerror or str(error)
            problem = f"{context.name} refuses the recipe: {said}"
            raise recipe_fault(recipe, _blamed(recipe, said) or key, problem) from error


def _blamed(recipe: Recipe, said: str) -> str | None:
    """The option whose name and value an encoder mentions."""
    words = {word.strip(".,:;") for word in re.findall(r"[^\s'\"/()]+", said)}
    return next((f"options.{name}" for name, value in recipe.options if {name, value} <= words), None)


def _open_video(context: av.VideoCodecContext, recipe: Recipe) -> None:
    _set_up(context, recipe)
    _open(context, recipe, key="encoder")
    # An open encoder leaves the options that it did not understand.
    for name in context.options:
        raise recipe_fault(recipe, f"options.{name}", f"{recipe.encoder} knows no such option; remove or correct it")


def _encode_pictures(recipe: Recipe, path: Path) -> tuple[int, ...]:
    context = cast(av.VideoCodecContext, av.CodecContext.create(recipe.encoder, "w"))
    _open_video(context, recipe)
    sizes: list[int] = []
    with path.open("wb") as file:
        for frame in chain(frames(recipe), [None]):
            for packet in context.encode(frame):
                sizes.append(file.write(packet))
    return tuple(sizes)


def _encode_stream(recipe: Recipe, path: Path) -> None:
    muxer = _MUXERS.get(recipe.container)
    if muxer is None:
        known = ", ".join(sorted((*_MUXERS, Container.JPEG_FRAMES)))
        raise recipe_fault(recipe, "container", f"no clip is made as {recipe.container}; give one of {known}")
    with av.open(path, "w", format=muxer, options=_MUXER_OPTIONS[recipe.container]) as output:
        stream = cast(VideoStream, _add_stream(output, recipe, recipe.encoder, recipe.rate))
        tag = _CODEC_TAGS.get((recipe.codec, recipe.container))
        if tag:
            stream.codec_context.codec_tag = tag
        _open_video(stream.codec_context, recipe)
        sound = _Sound(output, recipe, recipe.sound) if recipe.sound else None
        for number, frame in enumerate(frames(recipe), 1):
            output.mux(stream.encode(frame))
            if sound:
                sound.write_until(number / recipe.rate)
        output.mux(stream.encode(None))
        if sound:
            sound.finish()


def _add_stream(output: OutputContainer, recipe: Recipe, encoder: str, rate: Fraction | int) -> Stream:
    try:
        return output.add_stream(encoder, rate=rate)
    except ValueError as error:
        raise recipe_fault(recipe, "container", f"is {recipe.container}, which cannot hold {encoder}") from error


class _Sound:
    """The sound track of an output, written little by little so that it lies beside its pictures."""

    def __init__(self, output: OutputContainer, recipe: Recipe, sound: SoundRecipe) -> None:
        self._output, self._rate = output, sound.sample_rate
        self._stream = cast(AudioStream, _add_stream(output, recipe, sound.encoder, sound.sample_rate))
        context = self._stream.codec_context
        context.layout = LAYOUTS[sound.channels]
        context.bit_rate = sound.bit_rate
        context.flags |= Flags.bitexact
        _open(context, recipe, key="sound")
        self._resampler = av.AudioResampler(context.format, context.layout, sound.sample_rate)
        self._blocks = tone(sound, float(recipe.seconds))
        self._samples = 0

    def write_until(self, seconds: Fraction) -> None:
        for block in self._blocks:
            self._encode(block)
            self._samples += block.samples
            if self._samples >= seconds * self._rate:
                return

    def finish(self) -> None:
        for block in self._blocks:
            self._encode(block)
        self._encode(None)
        self._output.mux(self._stream.encode(None))

    def _encode(self, block: av.AudioFrame | None) -> None:
        for ready in self._resampler.resample(block):
            self._output.mux(self._stream.encode(ready))
