"""A run against a system that was there before: announced, kept to what is allowed, and what it leaves is listed."""

import json
from pathlib import Path

import pytest

from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.target import Place

SITE = """
product = "Some PACS"
vendor = "Somebody"
[dicom]
host = "127.0.0.1"
port = {port}
aet = "{aet}"
calling_aet = "OURS"
[dicom.receiver]
aet = "{receiver_aet}"
host = "127.0.0.1"
port = {receiver_port}
[allowed]
services = ["echo", "store", "move"]
largest = "2MiB"
"""


@pytest.fixture
def folder(pytester: pytest.Pytester, tmp_path: Path):
    """A folder of site files, one of which describes a running PACS."""
    target = EmbeddedTarget()
    endpoint = target.start(Place("test", tmp_path / "scratch", tmp_path / "evidence"))
    sites = pytester.path / "sites"
    sites.mkdir()
    (sites / "ward3.toml").write_text(
        SITE.format(
            port=endpoint.port,
            aet=endpoint.aet,
            receiver_aet=endpoint.receiver_aet,
            receiver_port=endpoint.receiver_port,
        )
    )
    yield sites
    assert target.state().alive, "the run must not end a system that it did not start"
    target.stop()


def test_run_against_a_site(pytester, folder, tmp_path):
    result = pytester.runpytest_subprocess(
        "--pacs=ward3", f"--target-dir={folder}", "--pacs-format=mpeg2_ml", "--pyargs", "harness.checks"
    )
    record = json.loads(next(pytester.path.glob("reports/*/run.json")).read_text())
    text = result.stdout.str()

    # Announced before anything is sent.
    announced = text.index("objects will be stored on EMBEDDED@127.0.0.1")
    assert announced < text.index("PACS compatibility")
    assert "synthetic patients only; UIDs begin with 2.25." in text

    # Kept to what is allowed.
    reasons = {
        (one["cell"]["check"], one["cell"]["variant"]): (one["outcome"], one["reason"]) for one in record["results"]
    }
    first = next(value for (check, _), value in reasons.items() if check == "RET-GET")
    assert first == ("NOT_RUN", "the site file does not allow get; allowed: echo, store, move")
    assert next(value for (check, _), value in reasons.items() if check == "QRY-IMAGE")[0] == "NOT_RUN"
    assert next(value for (check, _), value in reasons.items() if check == "RET-MOVE")[0] == "PASS"
    assert reasons["SIZ-LADDER", "1MiB"][0] == "PASS"
    outcome, reason = reasons["SIZ-LADDER", "16MiB"]
    assert outcome == "NOT_RUN"
    assert reason.endswith("the site file allows 2097152 at most")

    # What is left is listed: exactly what the PACS has.
    (target,) = record["targets"]
    left = target["left_behind"]
    kept = list((tmp_path / "scratch").glob("*/objects/*.dcm"))
    assert len(set(left)) == len(left) == len(kept) > 0
    assert all(uid.startswith("2.25.") for uid in left)
    assert f"ward3: {len(left)} objects of this run were left there" in " ".join(text.split())
    assert target["runtime"] == "remote"


def test_placeholder_stops_the_run_before_it_begins(pytester):
    (pytester.path / "my.toml").write_text(SITE.format(port='"CHANGE-ME"', aet="A", receiver_aet="R", receiver_port=1))
    result = pytester.runpytest_subprocess("--pacs=my.toml", "--pyargs", "harness.checks")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*my.toml: dicom.port: still holds the placeholder CHANGE-ME*"])
    assert not (pytester.path / "reports").exists()
