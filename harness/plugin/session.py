"""The hooks of a run against PACS: collect cells, run them, record each result, close the run."""

import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness.catalogue.read import load_formats, load_recipes
from harness.core.conclusion import Conclusion
from harness.core.observations import Blocked, Observation, Undecided, to_plain
from harness.core.results import Cell, Outcome, Result
from harness.core.verdicts import Verdict, judge
from harness.errors import (
    ClipRejected,
    DiskTooSmall,
    EnvironmentProblem,
    HarnessError,
    UnknownName,
    UsageError,
)
from harness.media.tools import tool_versions
from harness.plugin import environment
from harness.plugin.bench import Bench, clip_cache, make_target, require_space
from harness.plugin.cells import (
    MARKER,
    Axes,
    Subject,
    assign_cells,
    cell_key,
    check_key,
    in_order,
    marked,
    multiply,
)
from harness.plugin.live import LivePacs
from harness.plugin.options import read_settings
from harness.plugin.progress import TerminalProgress
from harness.plugin.recorder import Recorder, new_run_id
from harness.plugin.videos import LazyVideo
from harness.report.record import read_run
from harness.report.terminal import matrix
from harness.targets.definition import known_targets
from harness.targets.runtime import RUNTIMES
from harness.targets.target import Target

recorded_key = pytest.StashKey[bool]()

#: Exit code when the harness made a clip that is not what its format demands: its own defect.
INTERNAL_ERROR = 3


class PacsPlugin:
    """Registered where ``--pacs`` was given; holds the one run of this pytest session."""

    def __init__(
        self, config: pytest.Config, axes: Axes, targets: dict[str, Target], required: tuple[str, ...]
    ) -> None:
        self._config = config
        self._axes = axes
        self._targets = targets
        self._required = required
        self._run_id = new_run_id()
        self._folder = read_settings(config).reports / self._run_id
        self._stack = ExitStack()
        self._bench: Bench | None = None
        self._recorder: Recorder | None = None
        self._conclusion: Conclusion | None = None
        self._failed_starts: set[str] = set()

    @classmethod
    def of(cls, config: pytest.Config) -> "PacsPlugin":
        """Check everything that was asked for before anything starts.

        Raises:
            pytest.UsageError: unknown names, broken data files, or options that do not go together.
        """
        settings = read_settings(config)
        if config.getoption("numprocesses", None):
            raise pytest.UsageError(
                "--pacs does not go with -n: every worker would start every target; run one job per target instead"
            )
        try:
            formats = load_formats()
            for name in (*settings.formats, *settings.required):
                if name not in formats:
                    raise UnknownName("format", name, formats)
            if settings.runtime not in RUNTIMES:
                raise UnknownName("runtime", settings.runtime, RUNTIMES)
            for name in settings.targets:
                if name not in known_targets():
                    raise UnknownName("target", name, known_targets())
            targets = (
                {name: make_target(name, settings.runtime) for name in settings.targets}
                if not config.option.collectonly
                else {}
            )
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        except EnvironmentProblem as error:
            pytest.exit(str(error), returncode=10)
        chosen = tuple(formats[id] for id in (settings.formats or formats))
        plugin = cls(config, Axes(settings.targets, chosen, settings.sizes), targets, settings.required)
        if config.option.xmlpath is None and not config.option.collectonly:
            config.option.xmlpath = str(plugin._folder / "junit.xml")
        return plugin

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
        assign_cells(items)
        items[:] = in_order(items, self._axes)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Open the run: nothing was started before, and everything planned is known now."""
        items = marked(session.items)
        # pytest calls this also after the collection was refused: then the cells have no names.
        named = all(cell_key in item.stash for item in items)
        if self._config.option.collectonly or not items or not named:
            return
        sizes = sorted({video.size for item in items if (video := _subject(item).video) and video.size})
        formats = tuple(dict.fromkeys(cell.format for item in items if (cell := item.stash[cell_key]).format))
        try:
            require_space(Path(tempfile.gettempdir()), sizes, len(formats))
            all_formats = load_formats()
            self._bench = self._stack.enter_context(
                Bench(
                    self._targets,
                    run_id=self._run_id,
                    run_folder=self._folder,
                    formats=all_formats,
                    recipes=load_recipes(),
                    cache=clip_cache(),
                    on_progress=TerminalProgress(self._say),
                )
            )
            self._recorder = Recorder(
                self._folder,
                run_id=self._run_id,
                command=["pytest", *self._config.invocation_params.args],
                planned=[item.stash[cell_key].id for item in items],
                environment=environment.environment(),
                tools=environment.tools(tool_versions()),
                formats=[all_formats[id] for id in formats],
                checks=list({item.stash[check_key].id: item.stash[check_key] for item in items}.values()),
                required=self._required,
            )
            self._bench.videos.prepare(formats)
        except DiskTooSmall as error:
            pytest.exit(str(error), returncode=10)
        except ClipRejected as error:
            pytest.exit(str(error), returncode=INTERNAL_ERROR)
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from error

    @pytest.fixture
    def pacs(self, request: pytest.FixtureRequest) -> LivePacs:
        """The PACS under test, started when its first cell needs it."""
        target_id: str = request.param
        bench, recorder = self._running()
        if target_id in self._failed_starts:
            # Told in full by the first cell of this target; here it only counts.
            reason = f"{target_id} could not be started"
            self._record(request.node, Verdict(Outcome.ERROR, reason), Blocked("start", reason), environment.now(), 0.0)
            pytest.skip(reason)
        try:
            return bench.pacs(target_id, recorder.target_started)
        except HarnessError:
            self._failed_starts.add(target_id)
            raise

    @pytest.fixture
    def video(self, request: pytest.FixtureRequest) -> LazyVideo:
        """The video object of the cell, made when it is first looked at."""
        subject: Subject = request.param
        bench, _ = self._running()
        assert subject.video is not None
        return bench.videos.video(subject.video)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a check: what it returns is judged and recorded, and then shown the way pytest shows things."""
        if pyfuncitem.get_closest_marker(MARKER) is None:
            return None
        arguments: dict[str, Any] = {
            name: value for name, value in pyfuncitem.funcargs.items() if name in ("pacs", "video")
        }
        live: LivePacs = arguments["pacs"]
        video: LazyVideo | None = arguments.get("video")
        live.answers.begin_cell()
        started, clock = environment.now(), time.monotonic()
        try:
            try:
                observation: Observation = pyfuncitem.obj(**arguments)
            except Undecided as undecided:
                observation = undecided.observation
            verdict = judge(observation)
            if verdict.outcome is Outcome.FAIL and video is not None:
                live.keep_returned(video)
            self._record(pyfuncitem, verdict, observation, started, time.monotonic() - clock, live)
        finally:
            if video is not None and video.size is not None:
                live.discard(video)
                video.discard()
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
        if not item.stash.get(recorded_key, False):
            error = call.excinfo.value
            reason = f"{error}" if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
            self._record(item, Verdict(Outcome.ERROR, reason), Blocked(report.when, reason), environment.now(), 0.0)
            if isinstance(error, HarnessError):
                report.longrepr = reason
            report.user_properties = list(item.user_properties)
            # pytest and JUnit call a failed set-up an error, and a failed call a failure of what is tested.
            report.when = "setup"
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Stop a target after its last cell."""
        if cell_key not in item.stash:
            return
        target = item.stash[cell_key].target
        following = nextitem.stash.get(cell_key, None) if nextitem is not None else None
        if following is None or following.target != target:
            self._stop(target)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close the run; its verdict is the exit code unless pytest has a worse one."""
        if self._recorder is None:
            return
        try:
            for target in self._bench.started if self._bench else ():
                self._stop(target)
        finally:
            self._stack.close()
            self._conclusion = self._recorder.finish()
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = self._conclusion.verdict.value

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the matrix, what is behind it, and where the report lies."""
        if self._conclusion is None:
            return
        terminalreporter.section("PACS compatibility")
        run = read_run(self._folder)
        width = terminalreporter._tw.fullwidth
        terminalreporter.write_line(matrix(run, width, report=str(self._folder / "report.html")))

    def _running(self) -> tuple[Bench, Recorder]:
        if self._bench is None or self._recorder is None:
            raise HarnessError("the run is not open: checks ran outside of a collected session; run them with pytest")
        return self._bench, self._recorder

    def _stop(self, target: str) -> None:
        bench, recorder = self._running()
        if target in bench.started:
            state, evidence = bench.stop(target)
            recorder.target_ended(target, state, evidence)

    def _record(
        self,
        item: pytest.Item,
        verdict: Verdict,
        observation: Observation,
        started: str,
        seconds: float,
        live: LivePacs | None = None,
    ) -> None:
        bench, recorder = self._running()
        cell: Cell = item.stash[cell_key]
        result = Result(
            cell=cell,
            outcome=verdict.outcome,
            reason=verdict.reason,
            observation=to_plain(observation),
            evidence_class=self._targets[cell.target].evidence_class,
            started=started,
            seconds=round(seconds, 3),
            notes=verdict.notes,
            evidence=tuple(live.answers.touched) if live else (),
        )
        recorder.result(result, bench.videos.clips)
        item.stash[recorded_key] = True
        item.user_properties += [
            ("cell", cell.id),
            ("outcome", verdict.outcome.value),
            ("reason", verdict.reason),
            ("evidence_class", result.evidence_class.value),
        ]

    def _say(self, line: str) -> None:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"\n  {line}")
            sys.stdout.flush()


def _subject(item: pytest.Item) -> Subject:
    subject: Subject = getattr(item, "callspec").params.get("video", Subject())  # noqa: B009 - not declared by Item
    return subject
