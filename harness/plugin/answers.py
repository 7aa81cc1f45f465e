"""Answers of one target, each asked for once, with the evidence behind each."""

import hashlib
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

from harness.core.observations import Undecided
from harness.core.results import Evidence

T = TypeVar("T")


class Answers:
    """Remembers answers by key, also the answer that a question cannot be put.

    Evidence written while an answer is being found belongs to it; ``touched`` collects the evidence of every answer
    given since :meth:`begin_cell`, so that a cell shows what it rests on although the question was put earlier.
    """

    def __init__(self, folder: Path, run_folder: Path) -> None:
        self._folder = folder
        self._run_folder = run_folder
        self._answers: dict[Hashable, object] = {}
        self._proof: dict[Hashable, tuple[Evidence, ...]] = {}
        self.touched: list[Evidence] = []

    def begin_cell(self) -> None:
        """Start collecting evidence for a new cell."""
        self.touched = []

    def once(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer to ``key``, found by ``ask`` the first time.

        Raises:
            Undecided: as ``ask`` did, the first time and every time.
        """
        if key not in self._answers:
            before, self.touched = self.touched, []
            try:
                self._answers[key] = ask()
            except Undecided as undecided:
                self._answers[key] = undecided
            finally:
                self._proof[key] = tuple(self.touched)
                self.touched = before
        self.touched.extend(one for one in self._proof[key] if one not in self.touched)
        answer = self._answers[key]
        if isinstance(answer, Undecided):
            raise Undecided(answer.observation)
        return answer  # type: ignore[return-value]  # one key is only ever asked with one type

    def write(self, name: str, content: bytes, *, role: str, title: str) -> Evidence:
        """Write an evidence file; equal content under one name is written once."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return self.add(path, role=role, title=title)

    def add(self, path: Path, *, role: str, title: str) -> Evidence:
        """Take a file that lies in the run folder as evidence."""
        evidence = evidence_of(path, self._run_folder, role=role, title=title)
        if evidence not in self.touched:
            self.touched.append(evidence)
        return evidence


def evidence_of(path: Path, run_folder: Path, *, role: str, title: str) -> Evidence:
    """Describe a file inside the run folder, with its hash."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Evidence(path=path.relative_to(run_folder).as_posix(), sha256=digest, role=role, title=title)
