"""Everything a run works with: targets, videos and the folder for what they leave. Knows no pytest."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from harness.catalogue.places import data_folder
from harness.clients.dimse import DimseClient
from harness.core.endpoint import Endpoint, Runtime, TargetIdentity, TargetState
from harness.core.formats import Format
from harness.core.recipes import Recipe
from harness.core.results import Evidence
from harness.core.sizes import show_size
from harness.errors import DiskTooSmall
from harness.media.clips import ClipStore
from harness.plugin.answers import Answers, evidence_of
from harness.plugin.live import LivePacs
from harness.plugin.videos import Progress, Videos
from harness.targets.compose import ComposeTarget
from harness.targets.definition import EMBEDDED, load_definition
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.leftovers import sweep_leftovers
from harness.targets.native import NativeTarget
from harness.targets.pool import TargetPool
from harness.targets.runtime import choose_runtime
from harness.targets.scratch import RunScratch
from harness.targets.target import Target

#: Disk space that a run needs besides the sizes asked for, in bytes: clips, small objects, reports.
BASE_SPACE = 512 * 2**20


def make_target(name: str, runtime: str = "auto") -> Target:
    """The target of a name, not started.

    Raises:
        UnknownName: no such target.
        DataFileError: its data file is broken.
        EnvironmentProblem: nothing here can run it.
    """
    if name == EMBEDDED:
        return EmbeddedTarget()
    definition = load_definition(name)
    if choose_runtime(definition, runtime) is Runtime.CONTAINER:
        return ComposeTarget(definition)
    return NativeTarget(definition)


def clip_cache() -> Path:
    """Where clips are kept between runs: in the checkout, else in the user's cache folder."""
    fixtures = data_folder("fixtures")
    if fixtures.parent.name == "_data":
        return platformdirs.user_cache_path("pytest-pacs") / "clips"
    return fixtures / "cache"


def require_space(folder: Path, sizes: Sequence[int], formats: int) -> None:
    """Refuse before anything starts when the sizes cannot fit.

    A target keeps every size of every format; the harness has one clip, one object and one returned copy at a time.

    Raises:
        DiskTooSmall: with what is needed and what there is.
    """
    need = BASE_SPACE + (formats * sum(sizes) + 3 * max(sizes) if sizes else 0)
    free = shutil.disk_usage(folder).free
    if free < need:
        raise DiskTooSmall(
            f"{folder} has {show_size(free)} free and this run needs {show_size(need)}; free some space, set TMPDIR to "
            "a larger disk, or lower --pacs-max-size"
        )


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
        on_progress: Progress | None = None,
    ) -> None:
        self._formats = formats
        self._recipes = recipes
        self._cache = cache
        self._targets = targets
        self._run_id = run_id
        self._run_folder = run_folder
        self._on_progress = on_progress
        self._live: dict[str, LivePacs] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        sweep_leftovers()
        self._scratch = self._stack.enter_context(RunScratch(self._run_id))
        self.pool = self._stack.enter_context(
            TargetPool(self._targets, lambda id: self._scratch.place(id, self._evidence_folder(id)))
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

    def pacs(self, target_id: str, on_start: Callable[[TargetIdentity, Endpoint], None] | None = None) -> LivePacs:
        """The started target; ``on_start`` hears of it the first time.

        Raises:
            EnvironmentProblem: it could not start, now or earlier.
        """
        if target_id not in self._live:
            started = self.pool.get(target_id)
            if on_start is not None:
                on_start(started.target.identity(), started.endpoint)
            folder = self._scratch.path / f"{target_id}-received"
            self._live[target_id] = LivePacs(
                started.endpoint,
                DimseClient(started.endpoint, on_progress=self._on_progress),
                formats=tuple(self._formats.values()),
                state=started.target.state,
                scratch=folder,
                answers=Answers(self._evidence_folder(target_id), self._run_folder),
            )
        return self._live[target_id]

    def stop(self, target_id: str) -> tuple[TargetState, tuple[Evidence, ...]]:
        """Stop a started target; how it was at the end, and what it left as evidence."""
        live = self._live.pop(target_id)
        started = self.pool.get(target_id)
        state = started.target.state()
        live.close()
        self.pool.stop(target_id)
        shutil.rmtree(self._scratch.path / f"{target_id}-received", ignore_errors=True)
        folder = self._evidence_folder(target_id)
        files = sorted(path for path in folder.iterdir() if path.is_file())
        return state, tuple(evidence_of(path, self._run_folder, role="target", title=path.name) for path in files)

    def _evidence_folder(self, target_id: str) -> Path:
        folder = self._run_folder / "evidence" / target_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder
