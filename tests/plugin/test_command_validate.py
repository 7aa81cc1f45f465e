"""``pacs-harness validate``: findings, exit codes and what is printed."""

import json
import sys
from pathlib import Path

import pytest
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG4HP41, UID, ExplicitVRLittleEndian

from harness.core.validation.table import RULES
from harness.plugin.command import main
from harness.plugin.commands import validate as command

VIDEO = "1.2.840.10008.5.1.4.1.1.77.1.1.1"


def written(path: Path, **values: object) -> Path:
    """An object of a video class with bytes that are no video."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = UID(MPEG4HP41)
    data.SOPClassUID, data.SOPInstanceUID = UID(VIDEO), UID("2.25.9")
    for keyword, value in values.items():
        setattr(data, keyword, value)
    data.PixelData = encapsulate([bytes(64)], has_bot=False)
    data["PixelData"].VR = "OB"
    dcmwrite(path, data, enforce_file_format=True)
    return path


def plain(path: Path) -> Path:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID, data.SOPInstanceUID = UID("1.2.840.10008.5.1.4.1.1.88.11"), UID("2.25.9")
    dcmwrite(path, data, enforce_file_format=True)
    return path


def test_errors_are_printed_with_id_severity_and_paragraph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "video.dcm", Modality="OT")
    assert main(["validate", str(path)]) == 1
    printed = capsys.readouterr().out
    assert f"{path}: MPEG-4 AVC/H.264 High Profile / Level 4.1; Video Endoscopic Image Storage" in printed
    assert "  ERROR        D6   Modality is OT, Video Endoscopic Image demands ES (PS3.3 A.32.5" in printed
    assert "  ERROR        K4   does not decode: Pixel Data: no known video container begins with 00 00" in printed
    assert "0 CONFLICT" in printed


def test_json_holds_what_was_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--json", str(written(tmp_path / "video.dcm", Modality="OT"))]) == 1
    value = json.loads(capsys.readouterr().out)
    assert value["schema"] == "pytest-pacs/validation/1"
    (file,) = value["files"]
    assert file["format"] == "h264_hp41"
    modality = next(one for one in file["findings"] if "Modality is OT" in one["seen"])
    assert (modality["rule"], modality["severity"]) == ("D6", "ERROR")
    assert modality["section"].startswith("PS3.3")
    assert modality["title"]


def test_rules_are_printed_with_their_paragraphs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(RULES)
    (row,) = [line for line in lines if line.startswith("D8")]
    assert "CONFLICT" in row
    assert ".108" in row


def test_no_file_is_no_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 4
    assert "name at least one FILE" in capsys.readouterr().err


def test_object_that_is_no_video_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(plain(tmp_path / "report.dcm"))]) == 0
    assert "not judged        everything: it has no Pixel Data, so it is no video" in capsys.readouterr().out


def test_file_that_cannot_be_judged_is_named_and_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no DICOM")
    files = [str(text), str(tmp_path / "missing"), str(written(tmp_path / "video.dcm"))]
    assert main(["validate", *files]) == 4
    heard = capsys.readouterr()
    assert "video.dcm: MPEG-4" in heard.out
    assert heard.err.count("pacs-harness: ") == 2
    assert "Traceback" not in heard.err
    assert main(["validate", "--json", *files]) == 4
    unreadable = [one for one in json.loads(capsys.readouterr().out)["files"] if "unreadable" in one]
    assert [one["file"] for one in unreadable] == files[:2]


def test_second_opinion_that_is_not_here_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "find_dciodvfy", lambda: None)
    assert main(["validate", "--second-opinion", str(written(tmp_path / "video.dcm"))]) == 4
    assert "dciodvfy is not here; install it by pip install 'pytest-pacs[dciodvfy]'" in capsys.readouterr().err


def fake_tool(folder: Path, *lines: str, code: int = 1) -> Path:
    path = folder / "dciodvfy"
    said = "".join(f"sys.stderr.write({line + chr(10)!r})\n" for line in lines)
    path.write_text(f"#!{sys.executable}\nimport sys\n{said}sys.exit({code})\n")
    path.chmod(0o755)
    return path


def test_second_opinion_is_printed_and_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = fake_tool(tmp_path, "Error - something \x1b[31mis wrong", "Warning - something is odd")
    monkeypatch.setattr(command, "find_dciodvfy", lambda: tool)
    path = str(written(tmp_path / "video.dcm"))
    assert main(["validate", "--second-opinion", path]) == 1
    printed = capsys.readouterr().out
    assert "  dciodvfy          ERROR: something \\x1b[31mis wrong" in printed
    assert "  dciodvfy          WARNING: something is odd" in printed
    main(["validate", "--second-opinion", "--json", path])
    opinion = json.loads(capsys.readouterr().out)["files"][0]["second_opinion"]
    assert [one["severity"] for one in opinion["remarks"]] == ["ERROR", "WARNING"]
    assert opinion["read_as"] == MPEG4HP41


def test_second_opinion_that_breaks_says_why_and_does_not_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = fake_tool(tmp_path, "Assertion failed", code=9)
    monkeypatch.setattr(command, "find_dciodvfy", lambda: tool)
    main(["validate", "--second-opinion", str(written(tmp_path / "video.dcm"))])
    assert "says nothing: " in (printed := capsys.readouterr().out)
    assert "ended with 9 and said Assertion failed" in printed
    assert main(["validate", "--second-opinion", str(plain(tmp_path / "report.dcm"))]) == 0
    assert "says nothing: it is asked about video only" in capsys.readouterr().out


def test_text_from_a_file_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "video.dcm", Modality="REDDER")
    path.write_bytes(path.read_bytes().replace(b"REDDER", b"\x1b[31mX"))
    main(["validate", str(path)])
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\\x1b[31m" in printed
