"""Clips are made once, found again, remade when damaged, and rejected when they are not what they should be."""

import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from harness.catalogue.places import data_folder
from harness.catalogue.read import load_formats
from harness.core.facts import SoundFacts
from harness.core.formats import Scan, SoundCodec
from harness.core.recipes import Recipe
from harness.errors import ClipRejected, DataFileError, EncoderMissing, MediaError
from harness.media import clips as module
from harness.media.clips import ClipStore
from harness.media.differences import recipe_differences
from harness.media.facts_json import examined_from_plain, examined_to_plain, facts_from_plain, facts_to_plain
from harness.media.seek import JUMPS
from harness.media.tools import tool_versions
from harness.media.values import Clip

from .conftest import RECIPES, small_recipe

FORMATS = load_formats().values()


def tiny(id_: str) -> Recipe:
    return replace(small_recipe(id_), frames=4)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The recipes that were encoded, in order."""
    made: list[str] = []
    original = module.encode

    def counting(recipe: Recipe, path: Path) -> tuple[int, ...]:
        made.append(recipe.id)
        return original(recipe, path)

    monkeypatch.setattr(module, "encode", counting)
    return made


def test_clip_is_encoded_once(tmp_path: Path, encoded: list[str]) -> None:
    recipe = tiny("mjpeg")
    first = ClipStore(tmp_path).get(recipe)
    assert ClipStore(tmp_path).get(recipe) == first
    assert encoded == ["mjpeg"]
    assert first.size == first.path.stat().st_size == sum(first.frame_sizes)
    assert first.facts.rate == recipe.rate


@pytest.mark.parametrize(
    "ask", [lambda store, recipe: store.get(recipe), lambda store, recipe: store.prepare([recipe])]
)
def test_clip_that_another_process_makes_is_waited_for(
    ask: Callable[[ClipStore, Recipe], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, folder = tiny("mjpeg"), tmp_path / "cache"
    made = ClipStore(tmp_path / "made").get(recipe)
    notes = made.path.with_name(f"{made.path.name}.json")
    folder.mkdir()
    waits, lock = threading.Event(), fcntl.flock

    def waiting(descriptor: int, operation: int) -> None:
        waits.set()
        lock(descriptor, operation)

    with module._alone(folder):
        monkeypatch.setattr(module.fcntl, "flock", waiting)
        before = time.time_ns()
        thread = threading.Thread(target=ask, args=(ClipStore(folder), recipe))
        thread.start()
        assert waits.wait(20)
        for path in (made.path, notes):  # as the other process does when it is ready
            shutil.move(path, folder / path.name)
    thread.join()
    assert {path.name for path in folder.iterdir()} == {made.path.name, notes.name}
    assert (folder / notes.name).stat().st_mtime_ns < before


def test_changed_recipe_is_another_clip(tmp_path: Path) -> None:
    store = ClipStore(tmp_path)
    assert store.get(tiny("mjpeg")).path != store.get(replace(tiny("mjpeg"), frames=5)).path


def test_changed_code_or_library_is_another_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ClipStore(tmp_path)
    before = store.get(tiny("mjpeg")).path
    monkeypatch.setattr(module, "tool_versions", lambda: {"PyAV": "0"})
    module._makers_hash.cache_clear()
    assert store.get(tiny("mjpeg")).path != before
    module._makers_hash.cache_clear()


@pytest.mark.parametrize("part", ["clip", "clip length", "facts", "facts missing"])
def test_damaged_entry_is_remade(part: str, tmp_path: Path, encoded: list[str]) -> None:
    store, recipe = ClipStore(tmp_path), tiny("mjpeg")
    clip = store.get(recipe)
    notes = clip.path.with_name(f"{clip.path.name}.json")
    if part == "clip":
        data = bytearray(clip.path.read_bytes())
        data[1000] ^= 1
        clip.path.write_bytes(data)
    elif part == "clip length":
        clip.path.write_bytes(clip.path.read_bytes()[:-1])
    elif part == "facts":
        notes.write_text('{"size": 1}')
    else:
        notes.unlink()
    assert store.get(recipe) == clip
    assert encoded == ["mjpeg", "mjpeg"]


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    clip = ClipStore(tmp_path).get(tiny("mjpeg"))
    assert {path.name for path in tmp_path.iterdir()} == {clip.path.name, f"{clip.path.name}.json"}


def test_failed_encoding_leaves_nothing(tmp_path: Path) -> None:
    recipe = tiny("h264_hp41")
    with pytest.raises(DataFileError):
        ClipStore(tmp_path).get(replace(recipe, options=(*recipe.options, ("prest", "slow"))))
    assert list(tmp_path.iterdir()) == []


def test_two_users_of_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    found: list[Clip] = []
    threads = [
        threading.Thread(target=lambda: found.append(ClipStore(tmp_path).get(tiny("mpeg2_ml")))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_several_clips_are_made_in_other_processes(tmp_path: Path, encoded: list[str]) -> None:
    wanted = [tiny("mjpeg"), tiny("mpeg2_ml"), replace(tiny("h264_hp41"), encoder="no_such_encoder")]
    found = ClipStore(tmp_path).prepare(wanted)
    assert list(found) == ["mjpeg", "mpeg2_ml", "h264_hp41"]
    assert isinstance(found["mjpeg"], Clip)
    assert isinstance(found["h264_hp41"], EncoderMissing)
    assert encoded == []
    again = ClipStore(tmp_path).prepare(wanted[:2])
    assert again == {id_: found[id_] for id_ in ("mjpeg", "mpeg2_ml")}


def test_clip_unlike_its_format_is_rejected(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, formats=FORMATS)
    with pytest.raises(ClipRejected) as caught:
        store.get(tiny("mpeg2_hl"))
    assert "mpeg2_hl: the picture is 320x240 at 50 Hz progressive" in str(caught.value)
    assert "mpeg2_hl_frag: " in str(caught.value)
    assert isinstance(store.prepare([tiny("mpeg2_hl")])["mpeg2_hl"], ClipRejected)


def test_clip_unlike_its_recipe_is_rejected(tmp_path: Path) -> None:
    # The encoder's own options win over what the recipe says of itself.
    recipe = replace(tiny("h264_hp41"), scan=Scan.PROGRESSIVE)
    interlaced = replace(recipe, options=(*recipe.options, ("flags", "+ildct+ilme")))
    with pytest.raises(ClipRejected, match="the scan is interlaced, not progressive"):
        ClipStore(tmp_path).get(interlaced)


def test_differences_are_told_in_words(tmp_path: Path) -> None:
    recipe = tiny("h264_hp41")
    facts = ClipStore(tmp_path).get(recipe).facts
    other = replace(
        facts,
        rate=Fraction(30000, 1001),
        frame_packed=True,
        regular_timing=False,
        sound=SoundFacts(SoundCodec.MP3, 44100, 1),
        stamps=(1, 2, None, 4, 4),
        problems=("packet 3 is damaged",),
    )
    assert recipe_differences(recipe, other) == (
        "the rate in Hz is 30000/1001, not 25",
        "frame packing is present, not absent",
        "the numbering of the pictures is 1 to 2, unreadable, 4, 4, not 1 to 4",
        "the timing is irregular, not regular",
        "the sound is mp3 of 1 channel at 44100 Hz, not aac of 2 channels at 48000 Hz",
        "the complaint of decoding is packet 3 is damaged, not none",
    )
    none = replace(facts, sound=None, stamps=(None,) * 4)
    assert recipe_differences(recipe, none) == (
        "the numbering of the pictures is unreadable, not 1 to 4",
        "the sound is absent, not aac of 2 channels at 48000 Hz",
    )
    assert "1, 1, 1, 1, 1, 1, and so on" in "".join(recipe_differences(recipe, replace(facts, stamps=(1,) * 9)))


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("")
    store = ClipStore(folder)
    with pytest.raises(MediaError) as caught:
        store.get(tiny("mjpeg"))
    problem = "clips cannot be kept in this folder: File exists; make it a folder that you may write to"
    assert str(caught.value) == f"{folder}: {problem}"
    found = store.prepare([tiny("mjpeg"), tiny("mpeg2_ml")])
    assert {id_: str(error) for id_, error in found.items()} == dict.fromkeys(found, str(caught.value))


def test_file_system_that_is_read_only_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    store = ClipStore(tmp_path)
    kept = store.get(tiny("mjpeg"))
    monkeypatch.setattr(module, "TemporaryDirectory", refuse)
    found = store.prepare([tiny("mjpeg"), tiny("mpeg2_ml")])
    assert found["mjpeg"] == kept
    assert str(found["mpeg2_ml"]).startswith(f"{tmp_path}: clips cannot be kept in this folder: Read-only file system")


def test_full_disk_is_told_with_folder_and_what_to_do(tmp_path: Path) -> None:
    # A process of its own: the limit on the size of files would also meet the log of this one.
    script = tmp_path / "script.py"
    script.write_text(
        "import resource, sys; from dataclasses import replace; from pathlib import Path\n"
        "from harness.catalogue.read import load_recipes; from harness.media.clips import ClipStore\n"
        "if __name__ == '__main__':\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))\n"
        "    recipes = load_recipes()\n"
        "    wanted = [recipes[id] for id in ('mjpeg', 'mpeg2_ml')]\n"
        "    found = ClipStore(Path(sys.argv[1])).prepare(wanted)\n"
        "    print(*(str(error) for error in found.values()), sep='\\n')\n"
    )
    folder = tmp_path / "clips"
    command = [sys.executable, str(script), str(folder)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
    problem = f"{folder}: clips cannot be kept in this folder: File too large; free some space there"
    assert told.splitlines() == [problem] * 2
    assert list(folder.iterdir()) == []


def test_faulty_recipe_ends_preparing_at_once(tmp_path: Path) -> None:
    faulty = replace(tiny("mpeg2_ml"), options=(("g", "twelve"),))
    started = time.monotonic()
    with pytest.raises(DataFileError, match=r"^fixtures/mpeg2_ml\.toml: options\.g: mpeg2video refuses"):
        ClipStore(tmp_path).prepare([faulty, replace(RECIPES["hevc_main10_51"], frames=2000)])
    assert time.monotonic() - started < 8
    assert list(tmp_path.iterdir()) == []


def test_interrupt_ends_encoding_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from dataclasses import replace; from pathlib import Path\n"
        "from harness.catalogue.read import load_recipes; from harness.media.clips import ClipStore\n"
        "if __name__ == '__main__':\n"
        "    wanted = [replace(recipe, frames=5000) for recipe in load_recipes().values()]\n"
        "    ClipStore(Path(sys.argv[1])).prepare(wanted)\n"
    )
    (tmp_path / "script.py").write_text(script)
    folder = tmp_path / "clips"
    command = [sys.executable, str(tmp_path / "script.py"), str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while not list(folder.glob(".making-*/*")):
            assert process.poll() is None
            time.sleep(0.05)
        # As a terminal does it: every process of the group is told.
        interrupted = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        # The pipe ends when the last process has.
        _, errors = process.communicate(timeout=30)
    assert time.monotonic() - interrupted < 3
    assert process.returncode == -signal.SIGINT
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert list(folder.iterdir()) == []


def test_workshop_of_a_killed_process_is_removed_and_of_a_live_one_kept(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    dead, alive = (tmp_path / f"{module._WORKSHOP}{pid}-x" for pid in (process.pid, os.getpid()))
    for workshop in (dead, alive):
        workshop.mkdir()
        (workshop / "clip.mp4").touch()
    ClipStore(tmp_path).prepare([])
    assert list(tmp_path.iterdir()) == [alive]


def test_facts_survive_json(tmp_path: Path) -> None:
    clip = ClipStore(tmp_path).get(tiny("mpeg2_ml"))
    facts = clip.facts
    assert facts.track is not None
    assert facts_from_plain(facts_to_plain(facts)) == facts
    strange = replace(facts, codec="av1", sound=None, track=None, stamps=(None, 3), times=(), problems=("broken",))
    assert facts_from_plain(facts_to_plain(strange)) == strange
    assert clip.distance is not None
    examined = (facts, clip.distance, clip.jumps)
    assert examined_from_plain(json.loads(json.dumps(examined_to_plain(*examined)))) == examined
    assert examined_from_plain(examined_to_plain(facts, None, ())) == (facts, None, ())


def test_jumps_into_a_clip_reach_their_frames(tmp_path: Path) -> None:
    for id_ in ("mpeg2_ml", "h264_hp41", "mjpeg"):
        clip = ClipStore(tmp_path).get(tiny(id_))
        assert [jump.found for jump in clip.jumps] == [clip.facts.stamps[jump.frame] for jump in clip.jumps]
        assert len({jump.frame for jump in clip.jumps}) == min(JUMPS, clip.facts.frames)


def test_every_module_that_makes_clips_is_part_of_the_key() -> None:
    folder = Path(module.__file__).parent
    others = {"__init__", "clips", "differences", "probe", "stills", "tools", "values"}
    objects = {"part10", "wrap", "longclip", "description", "elements", "pixeldata", "validated", "dciodvfy"}
    objects |= {"mislabel", "native", "rich", "webmetadata"}
    assert {path.stem for path in folder.glob("*.py")} == set(module._MAKERS) | others | objects


def test_tool_versions_tell_library_and_licence() -> None:
    versions = tool_versions()
    assert versions["PyAV"].count(".") >= 1
    assert "libavcodec" in versions["libraries"]
    assert "GPL" in versions["licence"]


def test_every_recipe_of_the_project_gives_a_clip_that_all_its_formats_accept() -> None:
    # The folder that all tests share: what lies there was made by this code and these libraries, or is made now.
    found = ClipStore(data_folder("fixtures") / "cache", formats=FORMATS).prepare(RECIPES.values())
    assert {id_: clip for id_, clip in found.items() if isinstance(clip, MediaError)} == {}
    assert {id_: clip.facts.frames for id_, clip in found.items() if isinstance(clip, Clip)} == {
        id_: recipe.frames for id_, recipe in RECIPES.items()
    }
    assert all(300_000 < clip.size < 2_500_000 for clip in found.values() if isinstance(clip, Clip))
