"""The index of evidence: every file once, with its hash and the cells that it speaks for."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.core.results import Evidence
from harness.report.exhibits import Exhibit, Exhibits
from harness.report.summary import Summary
from harness.report.verification.places import Places


@dataclass(frozen=True, slots=True)
class Cited:
    """Where evidence is cited: a cell or a target, with its name inside the report."""

    id: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Exhibited:
    """One file. ``id`` is how the report calls it, such as ``E12``; ``by`` are those that cite it."""

    id: str
    anchor: str
    exhibit: Exhibit
    by: tuple[Cited, ...]


class EvidenceIndex:
    """The evidence of a run in the order in which it is first cited."""

    def __init__(self, exhibits: Exhibits, summary: Summary, places: Places) -> None:
        cited: dict[tuple[str, str], tuple[Evidence, dict[str, Cited]]] = {}
        for column in summary.columns:
            if column.record:
                _cite(cited, column.record.evidence, Cited(column.id, places.targets[column.id]))
        for one in summary.cells:
            for attempt in one.attempts:
                _cite(cited, attempt.evidence, Cited(one.cell.id, places.cells[one.cell.id]))
        self._by_file = {
            key: Exhibited(f"E{number}", f"evidence-{number}", exhibits.file(evidence), tuple(by.values()))
            for number, (key, (evidence, by)) in enumerate(cited.items(), start=1)
        }

    @property
    def all(self) -> tuple[Exhibited, ...]:
        """Every file, in order."""
        return tuple(self._by_file.values())

    def of(self, evidence: Iterable[Evidence]) -> tuple[Exhibited, ...]:
        """These files of the index, each once."""
        return tuple(self._by_file[key] for key in dict.fromkeys((one.path, one.sha256) for one in evidence))


def _cite(
    cited: dict[tuple[str, str], tuple[Evidence, dict[str, Cited]]], evidence: Iterable[Evidence], by: Cited
) -> None:
    for one in evidence:
        cited.setdefault((one.path, one.sha256), (one, {}))[1][by.anchor] = by
