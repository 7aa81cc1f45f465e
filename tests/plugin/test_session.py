"""The plugin, by running pytest inside pytest."""

import json
from pathlib import Path

import psutil
import pytest

CHECK = """
from harness.core.exchange import Ending, Exchange
from harness.core.observations import Blocked, EchoSeen, NotMade
from harness.marks import Over, check


def asks(id, over=Over.TARGET):
    return check(id, family="own", title=id, expected="-", level="MAY", section="-", verifies=(), over=over)
"""

PASSES = """
@asks("OWN-PASS")
def test_pass(pacs):
    return EchoSeen(pacs.echo())
"""

FAILS = """
@asks("OWN-FAIL")
def test_fail(pacs):
    return EchoSeen(Exchange("C-ECHO", Ending.ANSWERED, status=0x0110))
"""

BREAKS = """
@asks("OWN-BREAK")
def test_break(pacs):
    return {}["missing"]
"""

SKIPS = """
@asks("OWN-SKIP")
def test_skip(pacs):
    return NotMade("no encoder here")
"""


@pytest.fixture
def run(pytester: pytest.Pytester):
    """Run pytest on own checks; returns its result and the record, which is None where there is none."""

    def run(source: str, *arguments: str):
        pytester.makepyfile(test_own=CHECK + source)
        result = pytester.runpytest_subprocess("test_own.py", "--pacs=embedded", *arguments)
        return result, record(pytester.path)

    return run


def record(folder: Path):
    files = list(folder.glob("reports/*/run.json"))
    return json.loads(files[0].read_text()) if files else None


def outcomes(record) -> dict[str, str]:
    return {result["cell"]["check"]: result["outcome"] for result in record["results"]}


def test_outcomes_show_as_pytest_shows_things(run):
    result, record = run(PASSES + FAILS + BREAKS + SKIPS)
    result.assert_outcomes(passed=1, failed=1, errors=1, skipped=1)
    assert outcomes(record) == {
        "OWN-PASS": "PASS",
        "OWN-FAIL": "FAIL",
        "OWN-BREAK": "ERROR",
        "OWN-SKIP": "NOT_RUN",
    }
    assert result.ret == 1


@pytest.mark.parametrize(
    ("source", "code"),
    [(PASSES, 0), (PASSES + SKIPS, 0), (PASSES + BREAKS, 10), (SKIPS, 10), (PASSES + FAILS, 1)],
)
def test_exit_code_is_the_verdict(run, source, code):
    result, record = run(source)
    assert result.ret == code
    assert record["conclusion"] == {0: "MET", 1: "NOT MET", 10: "NOT SHOWN"}[code]


def test_error_keeps_its_reason_in_the_record(run):
    _, record = run(PASSES + BREAKS)
    (broken,) = [result for result in record["results"] if result["outcome"] == "ERROR"]
    assert "KeyError" in broken["reason"]


def test_no_traceback_is_shown_for_a_failed_check(run):
    result, _ = run(FAILS)
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.fnmatch_lines(["*C-ECHO answered with status 0x0110*"])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--pacs=orthank"], "*unknown target 'orthank'; known: *embedded*orthanc*"),
        (["--pacs=embedded", "--pacs-format=h265"], "*unknown format 'h265'; known: *hevc_main51*"),
        (["--pacs=embedded", "--require=h265"], "*unknown format 'h265'; known: *"),
        (["--pacs=embedded", "--pacs-max-size=huge"], "*'huge' is not a size; write it like 64MiB*"),
        (["--pacs=embedded", "--pacs-runtime=cloud"], "*unknown runtime 'cloud'; known: auto, container, native*"),
        (["--pacs=embedded", "-n2"], "*--pacs does not go with -n*"),
        ([], "*no PACS chosen: use --pacs=NAME; known: embedded*"),
    ],
)
def test_what_cannot_be_meant_ends_at_once_in_one_line(pytester, arguments, line):
    pytester.makepyfile(test_own=CHECK + PASSES)
    result = pytester.runpytest_subprocess("test_own.py", *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([line])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
    assert record(pytester.path) is None


def test_double_check_id_is_refused(run):
    result, record = run(PASSES + PASSES.replace("test_pass", "test_again"))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*check id OWN-PASS is used by*test_pass*and by*test_again*"])
    assert record is None


def test_listing_starts_nothing(pytester):
    result = pytester.runpytest_subprocess("--pacs=embedded", "--co", "-q", "-k", "h264_hp41 and not frag")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*test_store.py::test_store_is_acknowledged[[]embedded-h264_hp41-video_endoscopic]"])
    assert "mpeg2" not in result.stdout.str()
    assert not (pytester.path / "reports").exists()


def test_strangers_tests_are_left_alone(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def pacs():
            return "mine"

        def test_own_fixture(pacs):
            assert pacs == "mine"
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    pytester.makepyfile(test_own=CHECK + PASSES)
    both = ("test_strangers_tests_are_left_alone.py", "test_own.py")
    pytester.runpytest_subprocess("--pacs=embedded", *both).assert_outcomes(passed=2)


def test_one_format_of_the_embedded_pacs_meets_everything(pytester):
    result = pytester.runpytest_subprocess("--pacs=embedded", "-k", "h264_hp41 and not frag and not MiB")
    assert result.ret == 0, result.stdout.str()
    run = record(pytester.path)
    # Whether a browser and the second opinion are here is the machine's business.
    assert {id for id, outcome in outcomes(run).items() if outcome != "PASS"} <= {"PLY-BROWSER", "VAL-DCIODVFY"}
    assert {"RET-WADO", "RET-PATHS", "WEB-TYPE"} <= set(outcomes(run))
    assert {r["evidence_class"] for r in run["results"]} == {"SELF_TEST"}
    assert [one["id"] for one in run["targets"]] == ["embedded"]
    assert run["targets"][0]["ended"]["alive"] is True
    folder = next(pytester.path.glob("reports/*"))
    assert {"run.json", "report.html", "junit.xml", "manifest.sha256"} <= {path.name for path in folder.iterdir()}
    junit = (folder / "junit.xml").read_text()
    assert 'name="outcome" value="PASS"' in junit
    shown = {e["role"] for r in run["results"] if r["cell"]["check"] == "PLY-FRAMES" for e in r["evidence"]}
    assert {"picture:sent:first", "picture:returned:last"} <= shown


STARTLESS = """
import harness.plugin.session as session
from harness.core.endpoint import EvidenceClass, Runtime
from harness.errors import TargetUnhealthy

class Startless:
    id = "embedded"
    evidence_class = EvidenceClass.SELF_TEST
    runtime = Runtime.EMBEDDED

    def start(self, place):
        raise TargetUnhealthy("embedded was not ready within 1 s; see its log", "the last line it wrote")

    def stop(self):
        pass

session.make_target = lambda name, *how: Startless()
"""


def test_target_that_does_not_start_is_told_once_and_decides_nothing(pytester, run):
    pytester.makeconftest(STARTLESS)
    result, record = run(PASSES + FAILS)
    assert result.ret == 10
    result.assert_outcomes(errors=1, skipped=1)
    result.stdout.fnmatch_lines(["*embedded was not ready within 1 s*", "the last line it wrote"])
    assert set(outcomes(record).values()) == {"ERROR"}


SECOND_STARTLESS = STARTLESS.replace(
    "session.make_target = lambda name, *how: Startless()",
    """
make = session.make_target
session.make_target = lambda name, *how: Startless() if name == "orthanc" else make(name, *how)
""",
).replace('"embedded"', '"orthanc"')


def test_target_that_does_not_start_leaves_the_others_whole(pytester):
    pytester.makeconftest(SECOND_STARTLESS)
    pytester.makepyfile(test_own=CHECK + PASSES)
    result = pytester.runpytest_subprocess("test_own.py", "--pacs=orthanc", "--pacs=embedded")
    assert result.ret == 10
    result.assert_outcomes(passed=1, errors=1)
    run = record(pytester.path)
    shown = {result["cell"]["target"]: result["outcome"] for result in run["results"]}
    assert shown == {"orthanc": "ERROR", "embedded": "PASS"}
    assert [(one["id"], one["ended"]["alive"]) for one in run["targets"]] == [("embedded", True)]
    result.stdout.fnmatch_lines(["the last line it wrote", "*syntax*embedded*orthanc*"])


def test_kept_target_is_told_with_the_way_to_end_it(pytester, run):
    result, record = run(PASSES, "--pacs-keep")
    result.stdout.re_match_lines(
        [r"Kept running until 'kill \d+'.*:", r"  embedded: 127\.0\.0\.1:\d+, AE title EMBEDDED; "]
    )
    (line,) = [line for line in result.outlines if line.startswith("Kept running")]
    watcher = psutil.Process(int(line.split("'")[1].split()[1]))
    assert "harness.targets.watcher" in watcher.cmdline()
    scratch = Path(watcher.cmdline()[-1])
    assert (scratch / "embedded").is_dir()
    watcher.terminate()
    watcher.wait(30)
    assert not scratch.exists()
    assert record["conclusion"] == "MET"


def test_failure_of_a_stranger_in_the_same_session_stays_a_failure(pytester, run):
    pytester.makepyfile(test_stranger="def test_wrong():\n    assert 0")
    result, record = run(PASSES, "test_stranger.py")
    assert record["conclusion"] == "MET"
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_run_without_any_check_is_refused(pytester):
    pytester.makepyfile(test_stranger="def test_right():\n    pass")
    result = pytester.runpytest_subprocess("test_stranger.py", "--pacs=embedded")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no check was collected; add --pyargs harness.checks*"])
    assert not list(pytester.path.glob("reports/*"))


def test_selection_of_nothing_leaves_nothing(pytester):
    result = pytester.runpytest_subprocess("--pacs=embedded", "-k", "nosuch")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not list(pytester.path.glob("reports/*"))


def test_reports_that_cannot_be_written_are_refused_at_once(pytester):
    pytester.makefile("", reports="a file")
    result = pytester.runpytest_subprocess("--pacs=embedded", "-k", "control")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*run folders cannot be made there*--pacs-reports*"])


def test_unmarked_use_of_our_fixtures_is_explained(pytester, run):
    result, _ = run(PASSES + "\ndef test_bare(pacs):\n    pass\n")
    result.stdout.fnmatch_lines(["*mark the function with harness.marks.check*"])


def test_too_little_disk_is_said_before_anything_starts(pytester, run):
    pytester.makeconftest(
        """
        import collections, shutil
        shutil.disk_usage = lambda path: collections.namedtuple("usage", "free")(2**20)
        """
    )
    result, record = run(PASSES)
    assert result.ret == 10
    assert "1MiB free and this run needs 512MiB" in result.stdout.str() + result.stderr.str()
    assert record is None


def test_what_a_profile_leaves_out_is_not_run_and_says_which_profile_asks_it(pytester):
    result = pytester.runpytest_subprocess(
        "--pacs=embedded", "--pacs-profile=quick", "-k", "h264_hp41 and not frag and (test_size.py or picture)"
    )
    assert result.ret == 0, result.stdout.str()
    found = {
        (one["cell"]["check"], one["cell"]["variant"]): (one["outcome"], one["reason"])
        for one in record(pytester.path)["results"]
    }
    assert found["SIZ-LADDER", "1MiB"][0] == "PASS"
    assert found["SIZ-LADDER", "16MiB"] == (
        "NOT_RUN",
        "left out by --pacs-profile=quick; --pacs-profile=standard asks it",
    )
    assert found["SIZ-LADDER", "64MiB"][1] == "left out by --pacs-profile=quick; --pacs-profile=full asks it"
    assert found["PLY-PICTURE", None][0] == "NOT_RUN"


def test_a_size_asked_for_is_tried_whatever_the_profile(pytester):
    result = pytester.runpytest_subprocess(
        "--pacs=embedded", "--pacs-profile=quick", "--pacs-max-size=2MiB", "-k", "h264_hp41 and not frag and 2MiB"
    )
    result.assert_outcomes(passed=1)


def test_an_unknown_profile_names_the_known_ones(pytester):
    result = pytester.runpytest_subprocess("--pacs=embedded", "--pacs-profile=deep")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--pacs-profile: 'deep' is no profile; known: quick, standard, full*"])


def test_what_was_chosen_is_recorded_with_what_could_have_been(run):
    _, found = run(PASSES + FAILS, "-k", "pass", "--pacs-format=mpeg2_ml", "--pacs-max-size=1MiB", "--require=mjpeg")
    assert found["options"]["keyword"] == "pass"
    assert found["options"]["deselected"] == 1
    assert found["options"]["arguments"] == ["test_own.py"]
    assert (found["options"]["formats"], found["options"]["sizes"]) == (["mpeg2_ml"], [2**20])
    assert (found["options"]["required"], found["options"]["profile"]) == (["mjpeg"], "standard")
    assert {"mpeg2_ml", "hevc_main51"} <= set(found["options"]["catalogue"])
