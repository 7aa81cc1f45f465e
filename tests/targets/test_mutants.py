"""The mutants that damage objects: each changes what it names, and nothing else.

They are called as the server calls them: the hook takes over a received file, the store shows what became
of it.
"""

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from pydicom import dcmread

from harness.core.facts import ObjectFacts
from harness.media.part10 import extract_payload, layout, read_object
from harness.targets.embedded import damage
from harness.targets.embedded.mutants import MUTANTS, mutant
from harness.targets.embedded.store import ObjectStore
from tests.targets.conftest import Made, MakeObject

FRAMES = 12
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
FRAGMENTABLE = "1.2.840.10008.1.2.4.102.1"

Keep = Callable[[str, Made], Path]


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "store")


@pytest.fixture
def keep(store: ObjectStore) -> Keep:
    """Let a mutant take over a copy of an object; gives the stored file."""

    def kept(name: str, made: Made) -> Path:
        received = Path(shutil.copy(made[0], store.incoming))
        assert mutant(name).hooks.store(store, received) == 0x0000
        latest = store.latest()
        assert latest is not None
        assert not list(store.incoming.iterdir())
        return latest.path

    return kept


def changed_attributes(before: ObjectFacts, after: ObjectFacts) -> set[str]:
    paths = before.by_path.keys() | after.by_path.keys()
    return {path for path in paths if before.by_path.get(path) != after.by_path.get(path)}


def gray(level: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((96, 128, 3), level, np.uint8), format="rgb24")


def levels(frames: list[av.VideoFrame]) -> list[int]:
    """The number of each frame, read back from its gray."""
    return [round(frame.to_ndarray(format="gray").mean() / 20) for frame in frames]


@pytest.fixture(scope="module")
def video(make_object: MakeObject, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Twelve frames, each of its own gray, with sound."""
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    with av.open(str(path), "w") as clip:
        stream = clip.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        sound = clip.add_stream("aac", rate=48000)
        silence = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp")
        silence.sample_rate = 48000
        for number in range(FRAMES):
            silence.pts = number * 1024
            clip.mux(sound.encode(silence))
            clip.mux(stream.encode(gray(number * 20)))
        clip.mux(stream.encode(None))
        clip.mux(sound.encode(None))
    return make_object(path, NumberOfFrames=FRAMES)


@pytest.fixture(scope="module")
def pictures(make_object: MakeObject) -> Made:
    """Twelve JPEG pictures, one fragment each."""
    parts = []
    for number in range(FRAMES):
        encoder = av.VideoCodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt = 128, 96, "yuvj422p"
        encoder.time_base = Fraction(1, 25)
        encoded = encoder.encode(gray(number * 20).reformat(format="yuvj422p")) + encoder.encode(None)
        part = b"".join(bytes(packet) for packet in encoded)
        parts.append(part + bytes(len(part) % 2))
    lengths = tuple(len(part) for part in parts)
    return make_object(b"".join(parts), syntax=JPEG_BASELINE, lengths=lengths, NumberOfFrames=FRAMES)


def numbers_in(path: Path, tmp_path: Path) -> list[int]:
    """Decode a stored object of either kind."""
    if dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID == JPEG_BASELINE:
        content = path.read_bytes()
        decoder = av.VideoCodecContext.create("mjpeg", "r")
        fragments = [content[offset : offset + length] for offset, length in layout(path).fragments]
        return levels([frame for data in fragments for frame in decoder.decode(av.Packet(data))])
    payload = tmp_path / "payload"
    extract_payload(path, payload)
    with av.open(str(payload)) as clip:
        assert len(clip.streams.audio) == 1
        return levels(list(clip.decode(clip.streams.video[0])))


@pytest.mark.parametrize("kind", ["video", "pictures"])
@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("reencodes-silently", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ("drops-frames", [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11]),
        ("reorders-frames", [0, 1, 2, 3, 4, 6, 5, 7, 8, 9, 10, 11]),
    ],
)
def test_mutants_of_frames_leave_a_playable_video(
    keep: Keep, request: pytest.FixtureRequest, tmp_path: Path, kind: str, name: str, numbers: list[int]
) -> None:
    made = request.getfixturevalue(kind)
    kept = keep(name, made)
    before, after = read_object(made[0]), read_object(kept)
    assert numbers_in(kept, tmp_path) == numbers
    assert before.payload_sha256 != after.payload_sha256
    assert changed_attributes(before, after) == set()


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("rewrites-number-of-frames", {"NumberOfFrames"}),
        ("rewrites-patient", {"PatientName", "PatientBirthDate"}),
        ("rewrites-frame-time", {"FrameTime"}),
        ("rewrites-rows", {"Rows"}),
        ("transcodes-metadata", {"LossyImageCompressionMethod"}),
        ("changes-syntax-label", set()),
    ],
)
def test_mutants_of_attributes_leave_the_payload(
    keep: Keep, make_object: MakeObject, name: str, attributes: set[str]
) -> None:
    made = make_object(syntax=FRAGMENTABLE, lengths=(4096, 6144))
    before, after = read_object(made[0]), read_object(keep(name, made))
    assert changed_attributes(before, after) == attributes
    assert (before.payload_sha256, before.fragment_lengths) == (after.payload_sha256, after.fragment_lengths)
    assert (before.transfer_syntax_uid == after.transfer_syntax_uid) == (name != "changes-syntax-label")


def test_a_changed_label_is_what_the_index_tells(keep: Keep, store: ObjectStore, make_object: MakeObject) -> None:
    path = keep("changes-syntax-label", make_object())
    latest = store.latest()
    assert latest is not None
    assert latest.transfer_syntax_uid == read_object(path).transfer_syntax_uid == "1.2.840.10008.1.2.4.104"


def test_one_byte_is_flipped_in_the_middle(keep: Keep, make_object: MakeObject) -> None:
    made = make_object(syntax=FRAGMENTABLE, lengths=(4096, 6144))
    before = made[0].read_bytes()
    after = keep("flips-one-byte", made).read_bytes()
    different = [position for position, pair in enumerate(zip(before, after, strict=True)) if len(set(pair)) == 2]
    (_, _), (second, _) = layout(made[0]).fragments
    assert different == [second + 10240 // 2 - 4096]


@pytest.mark.parametrize(
    ("name", "lengths"),
    [
        ("truncates-payload", (4096, 5120)),
        ("drops-last-fragment", (4096,)),
        ("splits-fragments", (2048, 2048, 3072, 3072)),
        ("truncates-over-size", (4096, 6144)),
        ("loses-tail-after-size", (4096, 6144)),
    ],
)
def test_mutants_of_fragments(keep: Keep, make_object: MakeObject, name: str, lengths: tuple[int, ...]) -> None:
    made = make_object(syntax=FRAGMENTABLE, lengths=(4096, 6144))
    before, after = read_object(made[0]), read_object(keep(name, made))
    assert after.fragment_lengths == lengths
    assert changed_attributes(before, after) == set()
    assert (before.payload_sha256 == after.payload_sha256) == (sum(lengths) == 10240)


@pytest.mark.parametrize(
    ("name", "length"),
    [("truncates-over-size", (damage.LARGE + 10) * 9 // 10), ("loses-tail-after-size", damage.LARGE)],
)
def test_mutants_of_size_damage_large_objects(keep: Keep, make_object: MakeObject, name: str, length: int) -> None:
    kept = read_object(keep(name, make_object(bytes(damage.LARGE + 10))))
    assert kept.payload_length == length - length % 2


def test_an_offset_table_of_four_bytes_is_added(keep: Keep, make_object: MakeObject) -> None:
    made = make_object()
    before, after = read_object(made[0]), read_object(keep("adds-offset-table", made))
    assert (before.offset_table_length, after.offset_table_length) == (0, 4)
    assert before.payload_sha256 == after.payload_sha256


def test_payloads_of_two_objects_are_exchanged(keep: Keep, make_object: MakeObject) -> None:
    one, other = make_object(b"one " * 100), make_object(b"other " * 100)
    first = keep("swaps-payloads", one)
    assert read_object(first) == read_object(one[0])
    second = keep("swaps-payloads", other)
    assert read_object(first).payload_sha256 == read_object(other[0]).payload_sha256
    assert read_object(second).payload_sha256 == read_object(one[0]).payload_sha256
    assert read_object(second).by_path["SOPInstanceUID"] == other[1].SOPInstanceUID


def test_names_are_unique_and_told_in_a_sentence() -> None:
    assert len({candidate.name for candidate in MUTANTS}) == len(MUTANTS)
    assert all(candidate.does for candidate in MUTANTS)
