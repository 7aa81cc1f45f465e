"""A run that is going on: its targets and videos, the record that each result goes to, and the way it ends."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from harness.clients.browser import Chromium
from harness.core.choices import Choices
from harness.core.conclusion import Conclusion
from harness.core.endpoint import EvidenceClass
from harness.core.formats import Format
from harness.core.observations import Observation
from harness.core.plain import to_plain
from harness.core.recipes import Recipe
from harness.core.results import Cell, CheckInfo, Evidence, Result
from harness.core.verdicts import Verdict
from harness.errors import HarnessError
from harness.media.tools import tool_versions
from harness.plugin import environment
from harness.plugin.bench import Bench, clip_cache, require_space
from harness.plugin.cells import VideoKey
from harness.plugin.live import LivePacs
from harness.plugin.protocol import current_protocol
from harness.plugin.qualification.shelf import looked_up
from harness.plugin.recorder import Recorder
from harness.plugin.sbom import reference, sbom, write_sbom
from harness.plugin.videos import LazyVideo, Progress
from harness.targets.emulated import EmulatedTarget
from harness.targets.target import Target

#: The checks that need a browser.
BROWSER_CHECKS = ("PLY-BROWSER",)


class OpenRun:
    """Everything that exists between the first cell and the last; made when the cells are known.

    Raises:
        DiskTooSmall: what was asked for does not fit; nothing was started.
        ClipRejected: a clip is not what its format demands; nothing was started.
        HarnessError: the run cannot be opened for another reason.
    """

    def __init__(
        self,
        folder: Path,
        *,
        run_id: str,
        targets: dict[str, Target],
        formats: dict[str, Format],
        recipes: dict[str, Recipe],
        cells: Sequence[Cell],
        checks: Sequence[CheckInfo],
        sizes: Sequence[int],
        sampled: Sequence[Format],
        ceiling: int | None,
        required: Sequence[str],
        command: Sequence[str],
        on_progress: Progress,
        say: Callable[[str], None],
        choices: Choices,
        keep: bool = False,
    ) -> None:
        self._targets = targets
        #: How to reach and to end what was left running; known once the run is closed.
        self.kept: tuple[str, ...] = ()
        self._stack = ExitStack()
        selected = tuple(dict.fromkeys(cell.format for cell in cells if cell.format is not None))
        require_space(folder.parent, clip_cache(), sizes, max(len(selected), 1))
        try:
            self.bench = self._stack.enter_context(
                Bench(
                    targets,
                    run_id=run_id,
                    run_folder=folder,
                    formats=formats,
                    recipes=recipes,
                    cache=clip_cache(),
                    sampled=sampled,
                    ceiling=ceiling,
                    on_progress=on_progress,
                    say=say,
                    keep=keep,
                )
            )
            protocol, requirements = current_protocol()
            self.bench.videos.prepare(selected)
            started, tools = environment.now(), environment.tools(tool_versions())
            browser = Chromium.find() if any(cell.check in BROWSER_CHECKS for cell in cells) else None
            bill = sbom(run_id=run_id, started=started, browser=browser)
            self._recorder = Recorder(
                folder,
                run_id=run_id,
                started=started,
                command=command,
                planned=[cell.id for cell in cells],
                environment=environment.environment(),
                tools={**tools, "qualification": looked_up(tools), "sbom": reference(bill)},
                formats=[formats[id] for id in selected],
                checks=checks,
                required=required,
                choices=choices,
                protocol=protocol,
                requirements=requirements,
            )
            write_sbom(folder, bill)
        except BaseException:
            self._stack.close()
            raise

    def pacs(self, target_id: str) -> LivePacs:
        """The target, started when its first cell needs it.

        Raises:
            HarnessError: it could not start, now or earlier.
        """
        return self.bench.pacs(target_id, self._recorder.target_started, self._recorder.left_behind)

    def failed_to_start(self, target_id: str) -> bool:
        """Whether the target was tried and could not start."""
        return self.bench.pool.failed(target_id)

    def video(self, key: VideoKey) -> LazyVideo:
        """The video of a cell."""
        return self.bench.videos.video(key)

    def evidence_class(self, target_id: str) -> EvidenceClass:
        """What the results of a target are evidence of."""
        return self._targets[target_id].evidence_class

    def record(
        self,
        cell: Cell,
        verdict: Verdict,
        observation: Observation,
        *,
        started: str,
        seconds: float = 0.0,
        evidence: Sequence[Evidence] = (),
    ) -> None:
        """Write one finished cell down; once this returns, a kill does not lose it."""
        target = self._targets[cell.target]
        assumed = target.assumed(cell.format) if isinstance(target, EmulatedTarget) else ()
        result = Result(
            cell=cell,
            outcome=verdict.outcome,
            reason=verdict.reason,
            observation=to_plain(observation),
            evidence_class=self.evidence_class(cell.target),
            started=started,
            seconds=round(seconds, 3),
            notes=(*verdict.notes, *assumed),
            evidence=tuple(evidence),
        )
        self._recorder.result(result, self.bench.videos.clips)

    def stop(self, target_id: str) -> None:
        """Stop a target that runs, and record how it was left.

        Raises:
            HarnessError: it could not be stopped; its end is recorded all the same.
        """
        if target_id in self.bench.started:
            stopped = self.bench.stop(target_id)
            self._recorder.target_ended(target_id, stopped.state, stopped.evidence)
            if stopped.problem is not None:
                raise stopped.problem

    def close(self) -> Conclusion:
        """Stop everything, close the record and make the reports.

        Raises:
            HarnessError: a report or the record could not be written, or a target not be stopped.
        """
        problems: list[HarnessError] = []
        try:
            for target_id in self.bench.started:
                try:
                    self.stop(target_id)
                except HarnessError as problem:
                    problems.append(problem)
            self.kept = self.bench.hand_over()
        finally:
            self._stack.close()
        conclusion = self._recorder.finish()
        if problems:
            raise problems[0]
        return conclusion
