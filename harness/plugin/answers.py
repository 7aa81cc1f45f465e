"""Answers of one target, each asked for once, with the evidence behind each."""

import json
from collections.abc import Callable, Hashable
from dataclasses import is_dataclass
from pathlib import Path
from typing import TypeVar

from harness.core.formats import Format
from harness.core.observations import Undecided
from harness.core.plain import to_plain
from harness.core.results import TRANSCRIPT, Evidence
from harness.plugin.environment import now
from harness.report.manifest import file_sha256

T = TypeVar("T")

#: Where the transcripts lie in the evidence of a target.
TRANSCRIPTS = "answers"

#: Entries of one list that a transcript holds at most: a large video has one for each frame.
_MOST = 500


class Answers:
    """Remembers answers by key, also the answer that a question cannot be put.

    What a target answered is written down at once, as the harness received it, so that every cell leads to the raw
    answer that it rests on. Evidence written while an answer is being found belongs to it; ``touched`` collects the
    evidence of every answer given since :meth:`begin_cell`, so that a cell shows what it rests on although the question
    was put earlier. The transcript names the cell that was the first to ask.
    """

    def __init__(self, folder: Path, run_folder: Path, *, target: str = "", evidence_class: str = "") -> None:
        self._folder = folder
        self._run_folder = run_folder
        # A file may leave its folder, and must still say what it is evidence of.
        self._about = {"target": target, "evidence_class": evidence_class}
        self._cell = ""
        self._answers: dict[Hashable, object] = {}
        self._proof: dict[Hashable, tuple[Evidence, ...]] = {}
        self.touched: list[Evidence] = []
        self._written = 0

    def begin_cell(self, cell: str = "") -> None:
        """Start collecting evidence for a new cell, by its id."""
        self.touched = []
        self._cell = cell

    def once(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer to ``key``, found by ``ask`` the first time.

        Raises:
            Undecided: as ``ask`` did, the first time and every time.
        """
        if key not in self._answers:
            before, self.touched = self.touched, []
            started = now()
            try:
                self._answers[key] = ask()
                self._write_down(key, self._answers[key], started)
            except Undecided as undecided:
                self._answers[key] = undecided
                self._write_down(key, undecided.observation, started)
            finally:
                self._proof[key] = tuple(self.touched)
                self.touched = before
        self.touched.extend(one for one in self._proof[key] if one not in self.touched)
        answer = self._answers[key]
        if isinstance(answer, Undecided):
            raise Undecided(answer.observation)
        return answer  # type: ignore[return-value]  # one key is only ever asked with one type

    def _write_down(self, key: Hashable, answer: object, started: str) -> None:
        first = next(iter(answer), None) if isinstance(answer, tuple) else answer
        # A format is what the harness chose, and no answer of the target.
        if not is_dataclass(first) or isinstance(first, Format):
            return
        words = [to_plain(part) for part in key] if isinstance(key, tuple) else [str(key)]
        told = {
            **self._about,
            "cell": self._cell,
            "asked": words,
            "started": started,
            "ended": now(),
            "answer": _shortened(to_plain(answer)),
        }
        self._written += 1
        name = f"{TRANSCRIPTS}/{self._written:05d}-{_name(words[0])}.json"
        content = json.dumps(told, indent=1, ensure_ascii=True).encode()
        self.write(name, content, role=TRANSCRIPT, title=f"what was asked and answered: {_name(words[0])}")

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


def _name(word: object) -> str:
    """A word of a key as part of a file name; keys are ours, never a target's."""
    return "".join(char if char.isalnum() else "-" for char in str(word))[:40]


def _shortened(value: object) -> object:
    """JSON values with long lists cut, and said to be."""
    if isinstance(value, dict):
        return {name: _shortened(entry) for name, entry in value.items()}
    if isinstance(value, list):
        kept = [_shortened(entry) for entry in value[:_MOST]]
        return [*kept, f"and {len(value) - _MOST} more"] if len(value) > _MOST else kept
    return value


def evidence_of(path: Path, run_folder: Path, *, role: str, title: str) -> Evidence:
    """Describe a file inside the run folder, with its hash."""
    return Evidence(path.relative_to(run_folder).as_posix(), file_sha256(path), role=role, title=title)
