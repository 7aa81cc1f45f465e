"""Everything a run works with: targets, videos and the folder for what they leave. Knows no pytest."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from harness.catalogue.places import data_folder
from harness.core.endpoint import Endpoint, Runtime, TargetIdentity, TargetState
from harness.core.formats import Format
from harness.core.recipes import Recipe
from harness.core.results import Evidence
from harness.core.sizes import show_size
from harness.errors import DiskTooSmall, HarnessError
from harness.media.clips import ClipStore
from harness.plugin.answers import Answers, evidence_of
from harness.plugin.conversation import INDEX_LAG
from harness.plugin.live import LivePacs
from harness.plugin.pacs import address_of, make_pacs, reach_of, told_by
from harness.plugin.videos import Progress, Videos
from harness.targets.leftovers import sweep_leftovers
from harness.targets.pool import StartedTarget, TargetPool
from harness.targets.processes import file_sha256
from harness.targets.scratch import RunScratch
from harness.targets.target import Keepable, Target

#: Disk space in bytes that a run needs: for small objects and targets, for reports with evidence, for clips.
BASE_SPACE = 512 * 2**20
REPORT_SPACE = 128 * 2**20
CACHE_SPACE = 64 * 2**20


def clip_cache() -> Path:
    """Where clips are kept between runs: in the checkout, else in the user's cache folder."""
    fixtures = data_folder("fixtures")
    if fixtures.parent.name == "_data":
        return platformdirs.user_cache_path("pytest-pacs") / "clips"
    return fixtures / "cache"


def require_space(reports: Path, cache: Path, sizes: Sequence[int], formats: int) -> None:
    """Refuse before anything starts when the sizes cannot fit.

    A target keeps every size of every format; the harness has one clip, one object and one returned copy at a time.

    Raises:
        DiskTooSmall: with what is needed and what there is.
    """
    scratch = BASE_SPACE + (formats * sum(sizes) + 3 * max(sizes) if sizes else 0)
    for folder, need, remedy in (
        (Path(tempfile.gettempdir()), scratch, "set TMPDIR to a larger disk or lower --pacs-max-size"),
        (reports, REPORT_SPACE, "choose another folder by --pacs-reports"),
        (cache, CACHE_SPACE, "free some space there"),
    ):
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        free = shutil.disk_usage(existing).free
        if free < need:
            raise DiskTooSmall(
                f"{folder} has {show_size(free)} free and this run needs {show_size(need)} there; {remedy}"
            )


@dataclass(frozen=True, slots=True)
class Stopped:
    """How a target was left; ``problem`` is why it could not be stopped."""

    state: TargetState
    evidence: tuple[Evidence, ...]
    problem: HarnessError | None


class Bench:
    """Context manager around the targets and videos of one run."""

    def __init__(
        self,
        targets: dict[str, Target],
        *,
        run_id: str,
        run_folder: Path,
        formats: dict[str, Format],
        recipes: dict[str, Recipe],
        cache: Path,
        sampled: Sequence[Format] = (),
        ceiling: int | None = None,
        index_lag: tuple[float, ...] = INDEX_LAG,
        on_progress: Progress | None = None,
        say: Callable[[str], None] = lambda line: None,
        keep: bool = False,
    ) -> None:
        self._keep = keep
        self._kept: dict[str, tuple[Endpoint, tuple[int, ...]]] = {}
        self._say = say
        self._formats = formats
        self._recipes = recipes
        self._cache = cache
        self._sampled = tuple(sampled) or tuple(formats.values())
        self._ceiling = ceiling
        self._index_lag = index_lag
        self._targets = targets
        self._run_id = run_id
        self._run_folder = run_folder
        self._on_progress = on_progress
        self._live: dict[str, LivePacs] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        sweep_leftovers()
        self._scratch = self._stack.enter_context(RunScratch(self._run_id, keep=self._keep))
        self.pool = self._stack.enter_context(
            TargetPool(
                self._targets, lambda id: replace(self._scratch.place(id, self._evidence_folder(id)), say=self._say)
            )
        )
        self.videos = Videos(
            self._formats,
            self._recipes,
            clips=ClipStore(self._cache, formats=self._formats.values()),
            scratch=self._scratch.path,
            run_id=self._run_id,
            on_progress=self._on_progress,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def started(self) -> tuple[str, ...]:
        """Ids of the targets that run now."""
        return tuple(self._live)

    def pacs(
        self,
        target_id: str,
        on_start: Callable[[TargetIdentity, str], None] | None = None,
        on_left: Callable[[str, str], None] | None = None,
    ) -> LivePacs:
        """The started target; ``on_start`` hears of it the first time, and of its address.

        ``on_left`` hears target and SOP Instance UID of every object left on a system that we did not start.

        Raises:
            EnvironmentProblem: it could not start, now or earlier.
            UsageError: what its DICOMweb service needs is missing.
        """
        if target_id not in self._live:
            started = self.pool.get(target_id)
            if on_start is not None:
                on_start(self._met(started), address_of(started))
            self._live[target_id] = make_pacs(
                started,
                self.videos,
                sampled=self._sampled,
                formats=tuple(self._formats.values()),
                on_left=partial(on_left, target_id) if on_left and started.target.runtime is Runtime.REMOTE else None,
                scratch=self._scratch.path / f"{target_id}-received",
                answers=Answers(
                    self._evidence_folder(target_id),
                    self._run_folder,
                    target=target_id,
                    evidence_class=started.target.evidence_class,
                ),
                index_lag=self._index_lag,
                on_progress=self._on_progress,
                ceiling=self._ceiling,
            )
        return self._live[target_id]

    def stop(self, target_id: str) -> Stopped:
        """Stop a started target."""
        live = self._live.pop(target_id)
        state = self.pool.get(target_id).target.state()
        problem: HarnessError | None = None
        try:
            live.close()
            started = self.pool.get(target_id)
            if self._keep and isinstance(started.target, Keepable) and started.endpoint is not None and state.alive:
                self._kept[target_id] = (started.endpoint, started.target.keep())
            self.pool.stop(target_id)
        except HarnessError as error:
            problem = error
        shutil.rmtree(self._scratch.path / f"{target_id}-received", ignore_errors=True)
        files = sorted(path for path in self._evidence_folder(target_id).iterdir() if path.is_file())
        evidence = tuple(evidence_of(path, self._run_folder, role="target", title=path.name) for path in files)
        return Stopped(state, evidence, problem)

    def hand_over(self) -> tuple[str, ...]:
        """Leave the kept targets running when this ends; the lines say how to reach and how to end them."""
        if not self._kept:
            return ()
        pid = self._scratch.hand_over({id: descriptors for id, (_, descriptors) in self._kept.items()})
        shown = [
            f"  {id}: {to.host}:{to.port}, AE title {to.aet}; C-MOVE goes to {to.receiver_aet} "
            f"at {to.receiver_host}:{to.receiver_port}; log and configuration in {self._evidence_folder(id)}"
            for id, (to, _) in self._kept.items()
        ]
        return (f"Kept running until 'kill {pid}', which ends and removes everything of this run:", *shown)

    def _met(self, started: StartedTarget) -> TargetIdentity:
        """Who was started, how it is reached, what it says of itself, and which files it was given."""
        identity = started.target.identity()
        folder = self._evidence_folder(started.target.id)
        # Besides its log, only what it was started with is there yet.
        given = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".log")
        hashes = tuple((f"configuration {path.name}", file_sha256(path)) for path in given)
        return replace(identity, details=(*identity.details, *hashes, *reach_of(started), *told_by(started)))

    def _evidence_folder(self, target_id: str) -> Path:
        # A colon is no part of a file name everywhere where run folders are unpacked.
        folder = self._run_folder / "evidence" / target_id.replace(":", "_")
        folder.mkdir(parents=True, exist_ok=True)
        return folder
