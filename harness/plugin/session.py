"""The hooks of a run against PACS: collect cells, run them, and show what came of them the way pytest shows things."""

import sys
import tempfile
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.catalogue.read import load_formats, load_recipes
from harness.core.conclusion import Conclusion, RunVerdict
from harness.core.formats import Format
from harness.core.observations import Broke, LeftOut, Observation, Undecided
from harness.core.recipes import Recipe
from harness.core.recorded import as_recorded
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, judge
from harness.errors import ClipRejected, DiskTooSmall, EnvironmentProblem, HarnessError, UnknownName, UsageError
from harness.marks import Depth, depth_of
from harness.plugin import environment
from harness.plugin.announce import sending_summary
from harness.plugin.cells import (
    MARKER,
    Axes,
    Sample,
    Subject,
    VideoKey,
    assign_cells,
    cell_key,
    check_key,
    in_order,
    marked,
    multiply,
    subject_of,
)
from harness.plugin.live import LivePacs
from harness.plugin.openrun import OpenRun
from harness.plugin.options import Settings, chosen, read_settings
from harness.plugin.progress import TerminalProgress
from harness.plugin.recorder import new_run_id
from harness.plugin.videos import LazyVideo
from harness.report.record import read_run
from harness.report.terminal import matrix
from harness.targets.emulated import Emulation
from harness.targets.factory import chosen_targets, make_target
from harness.targets.remote import RemoteTarget
from harness.targets.runtime import RUNTIMES
from harness.targets.target import Target

recorded_key = pytest.StashKey[bool]()

#: Exit code when the harness made a clip that is not what its format demands: its own defect.
INTERNAL_ERROR = 3


class PacsPlugin:
    """Registered where ``--pacs`` was given; holds the one run of this pytest session."""

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        *,
        targets: dict[str, Target],
        formats: dict[str, Format],
        recipes: dict[str, Recipe],
    ) -> None:
        chosen = tuple(formats[id] for id in (settings.formats or formats))
        self._config = config
        self._settings = settings
        self._axes = Axes(settings.targets, chosen, settings.sizes)
        self._targets = targets
        self._formats = formats
        self._recipes = recipes
        self._run_id = new_run_id()
        self._folder = settings.reports / self._run_id
        self._run: OpenRun | None = None
        self._conclusion: Conclusion | None = None
        self._problem = ""
        self._deselected = 0

    @classmethod
    def of(cls, config: pytest.Config) -> "PacsPlugin":
        """Check everything that was asked for before anything starts.

        Raises:
            pytest.UsageError: unknown names, broken data files, or options that do not go together.
        """
        settings = read_settings(config)
        listing = config.option.collectonly
        if config.getoption("numprocesses", None):
            raise pytest.UsageError(
                "--pacs does not go with -n: every worker would start every target; run one job per target instead"
            )
        try:
            formats, recipes = load_formats(), load_recipes()
            for name in (*settings.formats, *settings.required):
                if name not in formats:
                    raise UnknownName("format", name, formats)
            if settings.runtime not in RUNTIMES:
                raise UnknownName("runtime", settings.runtime, RUNTIMES)
            chosen = chosen_targets(
                settings.targets, start=config.invocation_params.dir, site_folder=settings.site_folder
            )
            settings = replace(settings, targets=tuple(chosen))
            if not listing:
                _require_writable(settings.reports)
            emulation = Emulation(settings.emulate_unknown, settings.emulate_unsourced)
            targets = (
                {} if listing else {id: make_target(name, settings.runtime, emulation) for id, name in chosen.items()}
            )
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        except EnvironmentProblem as error:
            pytest.exit(str(error), returncode=RunVerdict.NOT_SHOWN.value)
        plugin = cls(config, settings, targets=targets, formats=formats, recipes=recipes)
        if config.option.xmlpath is None and not listing:
            config.option.xmlpath = str(plugin._folder / "junit.xml")
        return plugin

    @property
    def closed(self) -> Path | None:
        """The folder of the run once it was closed; None before, and where that failed."""
        return self._folder if self._conclusion is not None else None

    def pytest_report_header(self) -> str:
        """Say which systems are tested, and what each result is evidence of."""
        shown = [f"{id} ({target.runtime}, {target.evidence_class})" for id, target in self._targets.items()]
        return f"pacs: run {self._run_id}; {', '.join(shown) or 'nothing is started'}"

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Multiply the checks."""
        multiply(metafunc, self._axes)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Name the cells and put them in order."""
        if items and not marked(items):
            raise pytest.UsageError("--pacs was given and no check was collected; add --pyargs harness.checks")
        assign_cells(items)
        items[:] = in_order(items, self._axes)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Count what -k, -m and the like took out: the record tells it."""
        self._deselected += len(marked(items))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Open the run: nothing was started before, and everything planned is known now."""
        items = marked(session.items)
        # pytest calls this also after the collection was refused: then the cells have no names.
        named = all(cell_key in item.stash for item in items)
        if self._config.option.collectonly or not items or not named:
            return
        try:
            self._run = OpenRun(
                self._folder,
                run_id=self._run_id,
                targets=self._targets,
                formats=self._formats,
                recipes=self._recipes,
                cells=[item.stash[cell_key] for item in items],
                checks=list({item.stash[check_key].id: item.stash[check_key] for item in items}.values()),
                sizes=sorted({size for item in items if (size := subject_of(item).size)}),
                sampled=self._axes.formats,
                ceiling=self._settings.ceiling,
                required=self._settings.required,
                command=["pytest", *self._config.invocation_params.args],
                on_progress=TerminalProgress(self._say),
                say=self._say,
                keep=self._settings.keep,
                choices=chosen(self._config, self._settings, formats=self._formats, deselected=self._deselected),
            )
            self._announce(items)
        except DiskTooSmall as error:
            pytest.exit(str(error), returncode=RunVerdict.NOT_SHOWN.value)
        except ClipRejected as error:
            pytest.exit(str(error), returncode=INTERNAL_ERROR)
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from error

    @pytest.fixture
    def pacs(self, request: pytest.FixtureRequest) -> LivePacs:
        """The PACS under test, started when its first cell needs it."""
        run, target_id = self._run, getattr(request, "param", None)
        if run is None or target_id is None:
            pytest.fail("the fixture pacs serves checks; mark the function with harness.marks.check", pytrace=False)
        if run.failed_to_start(target_id):
            # Told in full by the first cell of this target; here it only counts.
            reason = f"{target_id} could not be started"
            self._record(request.node, Broke("start", reason))
            pytest.skip(reason)
        live = run.pacs(target_id)
        # Before anything is asked for the cell, which making its video may do.
        live.answers.begin_cell(request.node.stash[cell_key].id)
        return live

    @pytest.fixture
    def video(self, request: pytest.FixtureRequest) -> LazyVideo:
        """The video object of the cell, made when it is first looked at."""
        subject: Subject | None = getattr(request, "param", None)
        if self._run is None or subject is None or subject.video is None:
            pytest.fail("the fixture video serves checks of formats; see harness.marks.Over", pytrace=False)
        if isinstance(subject.video, Sample):
            pacs: LivePacs = request.getfixturevalue("pacs")
            return pacs.sample(subject.video.size)
        return self._run.video(subject.video)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a check: what it returns is judged and recorded, and then shown the way pytest shows things."""
        if pyfuncitem.get_closest_marker(MARKER) is None:
            return None
        arguments: dict[str, Any] = {
            name: value for name, value in pyfuncitem.funcargs.items() if name in ("pacs", "video", "variant")
        }
        live: LivePacs = arguments["pacs"]
        video: LazyVideo | None = arguments.get("video")
        started, clock = environment.now(), time.monotonic()
        try:
            self._require_in_profile(pyfuncitem)
            observation: Observation = pyfuncitem.obj(**arguments)
        except Undecided as undecided:
            observation = undecided.observation
        seconds = time.monotonic() - clock
        verdict = self._record(pyfuncitem, observation, started=started, seconds=seconds, live=live, video=video)
        if verdict.outcome is Outcome.FAIL:
            pytest.fail(verdict.reason, pytrace=False)
        if verdict.outcome is not Outcome.PASS:
            pytest.skip(f"{verdict.outcome}: {verdict.reason}")
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Whatever broke in a check is the harness's: record it as ERROR and show it as an error, not as a failure."""
        report = yield
        if cell_key not in item.stash or call.excinfo is None or report.outcome != "failed":
            return report
        error = call.excinfo.value
        if isinstance(error, HarnessError):
            report.longrepr = str(error)
        if not item.stash.get(recorded_key, False):
            reason = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
            try:
                self._record(item, Broke(report.when, reason))
            except HarnessError as problem:
                report.longrepr = f"{report.longrepr}\n{problem}"
            report.user_properties = list(item.user_properties)
            # pytest and JUnit call a failed set-up an error, and a failed call a failure of what is tested.
            report.when = "setup"
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Free the disk after the last cell of a large video, and stop a target after its last cell."""
        if self._run is None or cell_key not in item.stash:
            return
        target = item.stash[cell_key].target
        following = nextitem.stash.get(cell_key, None) if nextitem is not None else None
        goes_on = nextitem is not None and following is not None and following.target == target
        arguments: dict[str, Any] = getattr(item, "funcargs", {})
        live, video = arguments.get("pacs"), arguments.get("video")
        needed = goes_on and nextitem is not None and subject_of(nextitem).video == subject_of(item).video
        if subject_of(item).size is not None and live is not None and video is not None and not needed:
            live.discard(video)
            video.discard()
        if not goes_on:
            self._run.stop(target)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close the run; its verdict is the exit code unless something besides the cells failed."""
        if self._run is None:
            return
        verdict = RunVerdict.NOT_SHOWN
        try:
            self._conclusion = self._run.close()
            verdict = self._conclusion.verdict
        except (HarnessError, OSError) as error:
            self._problem = f"the run could not be closed: {error}"
        if session.exitstatus == pytest.ExitCode.OK or (
            session.exitstatus == pytest.ExitCode.TESTS_FAILED and verdict is not RunVerdict.MET
        ):
            session.exitstatus = verdict.value

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the matrix, what is behind it, and where the report lies."""
        if self._run is None:
            return
        terminalreporter.section("PACS compatibility")
        if self._problem:
            terminalreporter.write_line(self._problem, red=True)
        if self._conclusion is not None:
            width = terminalreporter._tw.fullwidth
            text = matrix(read_run(self._folder), width, report=str(self._folder.resolve() / "report.html"))
            terminalreporter.write_line(text)
        for line in self._run.kept:
            terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        """Leave no folder of a run that never opened: pytest has written its JUnit file there."""
        if self._run is None and self._folder.is_dir():
            (self._folder / "junit.xml").unlink(missing_ok=True)
            self._folder.rmdir()

    def _record(
        self,
        item: pytest.Item,
        observation: Observation,
        *,
        started: str = "",
        seconds: float = 0.0,
        live: LivePacs | None = None,
        video: LazyVideo | None = None,
    ) -> Verdict:
        """Judge what was seen, in the form in which it is recorded, so that a record judged again says the same."""
        observation = as_recorded(observation)
        verdict = judge(observation)
        if verdict.outcome is Outcome.FAIL and live is not None and video is not None:
            verdict = replace(verdict, notes=(*verdict.notes, *live.keep_returned(video)))
        if self._run is None:
            return verdict
        cell = item.stash[cell_key]
        self._run.record(
            cell,
            verdict,
            observation,
            started=started or environment.now(),
            seconds=seconds,
            evidence=live.answers.touched if live else (),
        )
        item.stash[recorded_key] = True
        item.user_properties += [
            ("cell", cell.id),
            ("outcome", verdict.outcome.value),
            ("reason", verdict.reason),
            ("evidence_class", self._run.evidence_class(cell.target).value),
        ]
        return verdict

    def _require_in_profile(self, item: pytest.Item) -> None:
        marker = item.get_closest_marker(MARKER)
        depth: Depth = marker.kwargs["depth"] if marker is not None else Depth.QUICK
        subject = subject_of(item)
        if self._settings.max_size is None and isinstance(subject.video, VideoKey) and subject.size is not None:
            depth = max(depth, depth_of(subject.size))
        if depth > self._settings.depth:
            raise Undecided(LeftOut(self._settings.depth.label, depth.label))

    def _announce(self, items: list[pytest.Item]) -> None:
        """Say what systems that were there before will be sent, while the run can still be stopped."""
        for id, target in self._targets.items():
            if self._run is not None and isinstance(target, RemoteTarget):
                keys = {
                    video
                    for item in items
                    if item.stash[cell_key].target == id and isinstance(video := subject_of(item).video, VideoKey)
                }
                own = [item for item in items if item.stash[cell_key].target == id]
                marks = [mark for item in own if (mark := item.get_closest_marker(MARKER))]
                # A sample is one of the shared videos, and may be the only one.
                more = sum(mark.kwargs["objects"] for mark in marks)
                more += any(isinstance(subject_of(item).video, Sample) for item in own)
                for line in sending_summary(target, keys, self._formats, self._run.bench.videos.clips, more=more):
                    self._say(line)

    def _say(self, line: str) -> None:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"\n  {line}")
            sys.stdout.flush()


def _require_writable(reports: Path) -> None:
    try:
        reports.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=reports):
            pass
    except OSError as error:
        raise UsageError(
            f"{reports}: run folders cannot be made there: {error.strerror}; choose another folder by --pacs-reports"
        ) from error
