"""A foreign implementation can work with the embedded PACS: the command line tools of DCMTK."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.media.part10 import read_object
from harness.targets.embedded.target import EmbeddedTarget
from tests.targets.conftest import Caller, Embedded, Made, MakeObject, dcmtk

Run = Callable[..., str]


@pytest.fixture(scope="module")
def started(embedded: Embedded) -> Iterator[tuple[EmbeddedTarget, Caller]]:
    with embedded() as pair:
        yield pair


@pytest.fixture
def run(started: tuple[EmbeddedTarget, Caller]) -> Run:
    """Run a network tool against the PACS; gives what it said."""
    endpoint = started[1].endpoint

    def peer(tool: str, *arguments: str | Path, last: Path | None = None) -> str:
        command = [dcmtk(tool), "-v", "-aet", endpoint.receiver_aet or "", "-aec", endpoint.aet, *map(str, arguments)]
        command += [endpoint.host, str(endpoint.port), *([str(last)] if last else [])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return peer


@pytest.fixture
def stored(started: tuple[EmbeddedTarget, Caller], make_object: MakeObject) -> Made:
    made = make_object(StudyDescription="DCMTK PEER")
    assert started[1].store(made).status == 0x0000
    return made


def keys(made: Made, level: str) -> list[str]:
    _, data = made
    unique = {"StudyInstanceUID": data.StudyInstanceUID}
    if level == "IMAGE":
        unique |= {"SeriesInstanceUID": data.SeriesInstanceUID, "SOPInstanceUID": data.SOPInstanceUID}
    pairs = {"QueryRetrieveLevel": level, **unique}.items()
    return [part for keyword, value in pairs for part in ("-k", f"{keyword}={value}")]


def test_echoscu(run: Run) -> None:
    assert "Received Echo Response (Success)" in run("echoscu")


@pytest.mark.parametrize(
    ("option", "syntax"),
    [
        ("-xm", "1.2.840.10008.1.2.4.100"),
        ("-xh", "1.2.840.10008.1.2.4.101"),
        ("-xn", "1.2.840.10008.1.2.4.102"),
        ("-xl", "1.2.840.10008.1.2.4.103"),
        ("-x2", "1.2.840.10008.1.2.4.104"),
        ("-x4", "1.2.840.10008.1.2.4.107"),
        ("-xy", "1.2.840.10008.1.2.4.50"),
    ],
)
def test_storescu(
    run: Run, started: tuple[EmbeddedTarget, Caller], make_object: MakeObject, option: str, syntax: str
) -> None:
    made = make_object(syntax=syntax)
    assert "Received Store Response (Success)" in run("storescu", "-R", option, last=made[0])
    _, received = started[1].get(made)
    assert [read_object(path) for path in received] == [read_object(made[0])]


def test_findscu(run: Run, stored: Made) -> None:
    answer = run("findscu", "-S", *keys(stored, "IMAGE"), "-k", "NumberOfFrames", "-k", "StudyDescription")
    assert "(0028,0008) IS [50]" in answer
    assert "[DCMTK PEER]" in answer


@pytest.mark.parametrize("level", ["STUDY", "IMAGE"])
def test_getscu(run: Run, stored: Made, tmp_path: Path, level: str) -> None:
    run("getscu", "-S", "+xn", *keys(stored, level), "-od", tmp_path)
    assert [read_object(path) for path in tmp_path.iterdir()] == [read_object(stored[0])]


@pytest.mark.parametrize("level", ["STUDY", "IMAGE"])
def test_movescu(run: Run, started: tuple[EmbeddedTarget, Caller], stored: Made, tmp_path: Path, level: str) -> None:
    endpoint = started[1].endpoint
    listen = ("-aem", endpoint.receiver_aet or "", "+P", str(endpoint.receiver_port))
    run("movescu", "-S", "+xn", *listen, *keys(stored, level), "-od", tmp_path)
    assert [read_object(path) for path in tmp_path.iterdir()] == [read_object(stored[0])]


def test_dcmdump_reads_a_stored_file(make_object: MakeObject, embedded: Embedded) -> None:
    made = make_object()
    with embedded() as (_, caller):
        assert caller.store(made).status == 0x0000
        (path,) = caller.folder.glob("scratch/*/objects/*.dcm")
        dump = subprocess.run([dcmtk("dcmdump"), str(path)], capture_output=True, text=True, check=False)
    assert (dump.returncode, dump.stderr) == (0, "")
    assert f"[{made[1].SOPInstanceUID}]" in dump.stdout
