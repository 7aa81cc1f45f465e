"""An invented run with all that a report must cope with: every outcome, pictures, hostile text, gaps."""

import hashlib
import struct
import zlib
from pathlib import Path

import pytest

from harness.core.endpoint import EvidenceClass
from harness.core.results import Cell, CheckInfo, Evidence, Outcome, Plain, Result, Run, TargetRecord
from harness.report.record import RecordWriter

HOSTILE = "<script>alert('pacs')</script> \x1b[31m\x07 & " + "very long " * 200
UIDS = "1.2.840.10008.1.2.4."
FORMATS = {
    "mpeg2_ml": {"name": "MPEG-2 MP@ML", "uid": UIDS + "100", "twin_of": None, "section": "PS3.5 8.2.5"},
    "h264_hp41": {"name": "H.264 HP@4.1", "uid": UIDS + "102", "twin_of": None, "section": "PS3.5 8.2.7"},
    "h264_hp41_frag": {
        "name": "Fragmentable H.264 HP@4.1",
        "uid": UIDS + "102.1",
        "twin_of": "h264_hp41",
        "section": "PS3.5 8.2.7",
    },
    "hevc_main51": {"name": "HEVC Main@5.1", "uid": UIDS + "107", "twin_of": None, "section": "PS3.5 8.2.10"},
    "h264_stereo42": {"name": "H.264 Stereo@4.2", "uid": UIDS + "106", "twin_of": None},
}
CHECKS = (
    CheckInfo("control", "association", "Invented syntax is refused", "a refusal", "R-CONTROL", "PS3.8 9.3.3.2", ()),
    CheckInfo("store", "store", "C-STORE is accepted", "status 0x0000", "R-STORE", "PS3.4 B.2.3", ()),
    CheckInfo("get", "retrieve", "C-GET returns the payload", "the same bytes", "R-GET", "PS3.4 C.4.3", ()),
    CheckInfo("playback", "retrieve", "All frames come back once, in order", "same frames", "R-PLAY", "PS3.5 8.2", ()),
)


def png(shade: int, columns: int = 16, rows: int = 9) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + bytes((shade + 5 * (x + y)) % 256 for x in range(columns)) for y in range(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def evidence(folder: Path, path: str, data: bytes, role: str, title: str) -> Evidence:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
    return Evidence(path, hashlib.sha256(data).hexdigest(), role, title)


def pictures(folder: Path, *, returned: int) -> tuple[Evidence, ...]:
    made = [
        evidence(folder, f"evidence/{side}-{moment}-{shade}.png", png(shade), f"picture:{side}:{moment}", "frame")
        for side, base in (("sent", 10), ("returned", returned))
        for moment, shade in (("first", base), ("middle", base + 40), ("last", base + 80))
    ]
    return tuple(made)


def result(
    target: str,
    format_id: str | None,
    check: str,
    outcome: str,
    reason: str,
    *,
    observation: Plain | None = None,
    kind: EvidenceClass = EvidenceClass.MEASURED,
    found: tuple[Evidence, ...] = (),
    notes: tuple[str, ...] = (),
) -> Result:
    return Result(
        Cell(target, check, format_id),
        Outcome(outcome),
        reason,
        observation or {},
        kind,
        "2026-11-22T10:00:00+00:00",
        1.25,
        notes,
        found,
    )


def results(folder: Path) -> tuple[Result, ...]:
    self_test = EvidenceClass.SELF_TEST
    stored = {"exchange": {"service": "C-STORE", "ending": "answered", "status": 0, "earlier": []}}
    retried = {
        "exchange": {
            "ending": "answered",
            "earlier": [{"ending": "aborted", "detail": "A-ABORT", "seconds": 0.2}],
        }
    }
    refused = "refused in negotiation: transfer syntaxes not supported"
    log = evidence(folder, "evidence/orthanc.log", b"started\n", "log", "server log")
    gone = Evidence("evidence/never-written.bin", "0" * 64, "object", "returned object")
    outside = Evidence("../outside.png", "0" * 64, "picture:sent:first", "escapes the folder")
    return (
        result("orthanc", None, "control", "PASS", "refused the invented syntax"),
        result("orthanc", "mpeg2_ml", "store", "PASS", "stored", observation=stored, found=(log,)),
        result("orthanc", "mpeg2_ml", "get", "PASS", "same bytes", observation=retried, notes=("tried twice",)),
        result(
            "orthanc",
            "mpeg2_ml",
            "playback",
            "PASS",
            "48 frames",
            found=pictures(folder, returned=10),
            observation={"frames": 48, "stamps": list(range(48)), "rate": 25.0, "odd": [1, None, 3]},
        ),
        result("orthanc", "h264_hp41", "store", "PASS", "stored", observation=stored),
        result("orthanc", "h264_hp41", "get", "FAIL", HOSTILE, observation={HOSTILE: {"a": [HOSTILE, {"b": 1}]}}),
        result(
            "orthanc",
            "h264_hp41",
            "playback",
            "FAIL",
            "frame 12 lost",
            found=(*pictures(folder, returned=60), gone),
        ),
        result("orthanc", "h264_hp41_frag", "store", "UNSUPPORTED", refused),
        result("orthanc", "h264_hp41_frag", "get", "NOT_RUN", "nothing was stored"),
        result("orthanc", "hevc_main51", "store", "PASS", "stored"),
        result("orthanc", "hevc_main51", "get", "NOT_RUN", "above the size limit", found=(outside,)),
        result("orthanc", "h264_stereo42", "store", "NOT_RUN", "no encoder makes Stereo High"),
        result("embedded", None, "control", "PASS", "refused the invented syntax", kind=self_test),
        result("embedded", "mpeg2_ml", "store", "PASS", "stored", kind=self_test),
        result("embedded", "mpeg2_ml", "get", "NOT_APPLICABLE", "C-GET is not offered", kind=self_test),
        result("embedded", "h264_hp41", "store", "INCONCLUSIVE", "no answer in time", kind=self_test),
        result("embedded", "hevc_main51", "store", "ERROR", "disk full", kind=self_test),
        result("embedded", "h264_hp41_frag", "store", "UNSUPPORTED", refused, kind=self_test),
    )


def make_run(folder: Path) -> Run:
    """Everything together; the last planned cells have no result, as after a kill."""
    found = results(folder)
    log = evidence(folder, "evidence/start.log", b"ready\n", "log", "start-up log")
    targets = (
        TargetRecord(
            "orthanc",
            "Orthanc",
            "1.12.7",
            "container",
            EvidenceClass.MEASURED,
            "127.0.0.1:4242 ORTHANC",
            {"image": "example/orthanc:1.12.7", "image_id": "sha256:" + "ab" * 32, "peer": HOSTILE},
            {
                "alive": False,
                "exit_code": 137,
                "out_of_memory": True,
                "memory_peak": 3221225472,
                "restarts": 0,
            },
            ("1.2.3.4", "1.2.3.5"),
            (log,),
        ),
        TargetRecord(
            "embedded", "pytest-pacs embedded PACS", "0.1.0", "embedded", EvidenceClass.SELF_TEST, "127.0.0.1"
        ),
    )
    planned = (
        *(one.cell.id for one in found),
        "embedded--hevc_main51--get",
        "embedded--h264_stereo42--store",
    )
    return Run(
        "20261122T100000Z-1f3a",
        "2026-11-22T10:00:00+00:00",
        ("pytest", "--pacs=orthanc,embedded"),
        planned,
        {"os": "Linux", "cpu": {"count": 2, "model": "x86_64"}},
        {"harness": "0.1.0", "libav": {"libavcodec": "61.3.100"}},
        FORMATS,
        CHECKS,
        required=("mpeg2_ml",),
        results=found,
        targets=targets,
        clips={"mpeg2_ml": {"sha256": "cd" * 32, "size": 700123, "recipe": {"rows": 576, "columns": 720}}},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def run(folder: Path) -> Run:
    folder.mkdir()
    return make_run(folder)


@pytest.fixture
def recorded(folder: Path, run: Run) -> Path:
    """The run folder with its record, finished."""
    RecordWriter(folder, run).finish("NOT MET", "2026-11-22T10:05:00+00:00")
    return folder
