"""Long clips are their base again and again, and play as such."""

import hashlib
import resource
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from harness.catalogue.read import load_recipes
from harness.core.facts import SoundDetail
from harness.core.formats import Container
from harness.errors import MediaError
from harness.media import longclip
from harness.media.encode import encode
from harness.media.examine import examine
from harness.media.longclip import lengthen
from harness.media.values import Clip

RECIPES = load_recipes()
FRAMES = 24


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clip]:
    """One small clip per recipe, as long as two groups of pictures or so."""
    return {id_: make_base(id_, tmp_path_factory.mktemp("bases") / id_) for id_ in RECIPES}


def make_base(id_: str, path: Path, *, rate: Fraction | None = None) -> Clip:
    recipe = replace(RECIPES[id_], rows=240, columns=320, frames=FRAMES, rate=rate or RECIPES[id_].rate)
    frame_sizes = encode(recipe, path)
    facts = examine(path, frame_sizes=frame_sizes, rate=recipe.rate)
    assert facts.problems == ()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Clip(path, recipe, path.stat().st_size, digest, facts, frame_sizes)


@pytest.mark.parametrize("id_", RECIPES)
def test_a_long_clip_plays_its_base_over_and_over(tmp_path: Path, bases: dict[str, Clip], id_: str) -> None:
    base = bases[id_]
    wanted = base.size * 7 // 2
    long = lengthen(base, wanted, tmp_path / "long")
    repetitions = long.facts.frames // FRAMES
    assert wanted <= long.size < wanted + base.size + (512 << 10)
    assert long.size == long.path.stat().st_size
    assert long.sha256 == hashlib.sha256(long.path.read_bytes()).hexdigest()
    assert long.recipe.seconds == repetitions * base.recipe.seconds
    assert long.frame_sizes == base.frame_sizes * repetitions
    found = examine(long.path, frame_sizes=long.frame_sizes, rate=base.recipe.rate)
    assert found.stamps == base.facts.stamps * repetitions
    assert found.regular_timing
    assert found.pictures == base.facts.pictures * repetitions
    shown = replace(found, bit_rate=0, times=(), stamps=(), pictures=(), time_base=long.facts.time_base)
    assert shown == replace(long.facts, bit_rate=0)
    silent = replace(base.facts.packaging, sound_tracks=0)
    kept = replace(base.facts, sound=None, sound_detail=SoundDetail(), track=None, packaging=silent, times=())
    assert long.facts == replace(kept, frames=found.frames, stamps=(), pictures=())


@pytest.mark.parametrize("id_", ["h264_hp41", "mpeg2_ml", "mjpeg"])
def test_a_small_size_gives_one_repetition(tmp_path: Path, bases: dict[str, Clip], id_: str) -> None:
    assert lengthen(bases[id_], 1, tmp_path / "long").facts.frames == FRAMES


@pytest.mark.parametrize("id_", ["h264_hp41", "h264_bd41", "mjpeg"])
def test_equal_arguments_give_equal_bytes(tmp_path: Path, bases: dict[str, Clip], id_: str) -> None:
    first, second = (lengthen(bases[id_], 2_000_000, tmp_path / name) for name in ("first", "second"))
    assert first.sha256 == second.sha256


@pytest.mark.parametrize(("id_", "rate"), [("h264_hp41", "24000/1001"), ("h264_bd41", "30000/1001")])
def test_fractional_rates_do_not_drift(tmp_path: Path, id_: str, rate: str) -> None:
    base = make_base(id_, tmp_path / "base", rate=Fraction(rate))
    long = lengthen(base, base.size * 6, tmp_path / "long")
    found = examine(long.path)
    assert found.rate == Fraction(rate)
    assert found.regular_timing


def test_the_index_of_an_mp4_file_comes_first(tmp_path: Path, bases: dict[str, Clip]) -> None:
    data = lengthen(bases["hevc_main51"], 3_000_000, tmp_path / "long").path.read_bytes()
    assert data[4:8] == b"ftyp"
    assert 0 < data.index(b"moov") < 100 < data.index(b"mdat")
    assert b"hvc1" in data
    assert b"hev1" not in data


def test_progress_is_told(tmp_path: Path, bases: dict[str, Clip]) -> None:
    for id_ in ("mpeg2_ml", "mjpeg"):
        told: list[int] = []
        long = lengthen(bases[id_], bases[id_].size * 5, tmp_path / "long", on_progress=told.append)
        assert told == sorted(told)
        assert len(told) == long.facts.frames // FRAMES
        assert told[-1] == pytest.approx(long.size, rel=0.1)


def test_a_clip_that_is_not_what_it_says_is_refused(tmp_path: Path, bases: dict[str, Clip]) -> None:
    base = bases["h264_hp41"]
    with pytest.raises(MediaError, match="24 packets for 25 frames"):
        lengthen(replace(base, facts=replace(base.facts, frames=25)), 1, tmp_path / "long")
    with pytest.raises(MediaError, match="mpeg-ps cannot be repeated"):
        lengthen(replace(base, facts=replace(base.facts, container=Container.MPEG_PS)), 1, tmp_path / "long")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("id_", ["mjpeg", "mpeg2_ml"])
def test_a_full_disk_is_told_with_the_place(tmp_path: Path, bases: dict[str, Clip], id_: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(MediaError, match=r"long: .*File too large.*; check the clip, and the space on the disk"):
            lengthen(bases[id_], 1_000_000, tmp_path / "long")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_a_clip_that_needs_what_came_before_is_refused(tmp_path: Path, bases: dict[str, Clip]) -> None:
    base, late = bases["mpeg2_ml"], tmp_path / "late.ts"
    with av.open(base.path) as source, av.open(late, "w", format="mpegts") as output:
        stream = output.add_stream_from_template(source.streams.video[0], opaque=True)
        packets = [packet for packet in source.demux(source.streams.video[0]) if packet.size][1:]
        for packet in packets:
            packet.stream = stream
            output.mux(packet)
    facts = replace(base.facts, frames=len(packets))
    with pytest.raises(MediaError, match="does not start with a key frame"):
        lengthen(replace(base, path=late, facts=facts), 1, tmp_path / "long.ts")


def test_repetitions_that_lose_or_change_pictures_are_noticed(
    tmp_path: Path, bases: dict[str, Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, other = bases["h264_hp41"], bases["h264_hp42"]
    original = longclip._repeat_packets

    def miscount(*arguments: object) -> int:
        return original(*arguments) + 1  # type: ignore[arg-type]

    def swap(_clip: Clip, *arguments: object) -> int:
        return original(other, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(longclip, "_repeat_packets", miscount)
    with pytest.raises(MediaError, match="24 packets, not 48"):
        lengthen(base, 1, tmp_path / "long")
    monkeypatch.setattr(longclip, "_repeat_packets", swap)
    with pytest.raises(MediaError, match="unlike its base"):
        lengthen(base, 1, tmp_path / "long")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory of a process is counted in KiB on Linux only")
def test_memory_does_not_grow_with_the_size(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; sys.path[:0] = [sys.argv[1]];"
        "import test_longclip as area; folder = Path(sys.argv[2]);"
        "base = area.make_base('mpeg2_ml', folder / 'base');"
        "area.lengthen(base, 1 << 20, folder / 'long');"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; before = peak();"
        "area.lengthen(base, 96 << 20, folder / 'long'); print(peak() - before)"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent), str(tmp_path)]
    grown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(grown) < 16 << 10, f"{grown} KiB more for a clip of 96 MiB"


@pytest.mark.parametrize("id_", ["h264_hp41", "hevc_main51"])
def test_in_mp4_the_size_is_met_exactly(tmp_path: Path, bases: dict[str, Clip], id_: str) -> None:
    wanted = 3 * bases[id_].size + 200_001
    assert lengthen(bases[id_], wanted, tmp_path / "long").size == wanted


@pytest.mark.parametrize("id_", ["mpeg2_ml", "mjpeg", "h264_hp41"])
def test_at_most_stays_below_the_size(tmp_path: Path, bases: dict[str, Clip], id_: str) -> None:
    base = bases[id_]
    wanted = base.size * 11 // 2 + (600 << 10)
    long = lengthen(base, wanted, tmp_path / "long", at_most=True)
    assert wanted - base.size - (1 << 20) < long.size <= wanted
