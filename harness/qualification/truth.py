"""The truth table of the decision rule on a run, written out by hand, and the runs that it is held against."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.endpoint import EvidenceClass
from harness.core.qualification.operation import Part, Planned
from harness.core.results import Cell, CheckInfo, Outcome, Result, Run, TargetRecord

#: What a cell came to; "-" is a planned cell that never got a result.
LETTERS = {
    "P": Outcome.PASS,
    "U": Outcome.UNSUPPORTED,
    "A": Outcome.NOT_APPLICABLE,
    "N": Outcome.NOT_RUN,
    "I": Outcome.INCONCLUSIVE,
    "E": Outcome.ERROR,
    "F": Outcome.FAIL,
    "-": None,
}
VERDICTS = {"M": "MET", "X": "NOT MET", "S": "NOT SHOWN"}


@dataclass(frozen=True, slots=True)
class Grid:
    """Verdicts on runs of two cells of one format: rows are outcomes of the ``first``, columns of the ``second``.

    Each cell is told by the family and the level of its check. ``finished`` tells that the runs came to their end.
    """

    name: str
    first: tuple[str, str]
    second: tuple[str, str]
    required: bool
    verdicts: str
    finished: bool = True


GRIDS = (
    Grid(
        "a format that is not required",
        ("store", "SHALL"),
        ("retrieve", "SHALL"),
        False,
        """
          P U A N I E F -
        P M M M M S S X S
        U M S S S S S X S
        A M S S S S S X S
        N M S S S S S X S
        I S S S S S S X S
        E S S S S S S X S
        F X X X X X X X X
        - S S S S S S X S
        """,
    ),
    Grid(
        "a required format",
        ("store", "SHALL"),
        ("retrieve", "SHALL"),
        True,
        """
          P U A N I E F -
        P M X S S S S X S
        U X X X X X X X X
        A M X S S S S X S
        N S X S S S S X S
        I S X S S S S X S
        E S X S S S S X S
        F X X X X X X X X
        - S X S S S S X S
        """,
    ),
    Grid(
        "a required format and a check that the standard does not demand",
        ("retrieve", "SHALL"),
        ("playback", "SHOULD"),
        True,
        """
          P U A N I E F -
        P M M M M S S X S
        U X X X X X X X X
        A S S S S S S X S
        N S S S S S S X S
        I S S S S S S X S
        E S S S S S S X S
        F X X X X X X X X
        - S S S S S S X S
        """,
    ),
    Grid(
        "a run that was ended before its end",
        ("store", "SHALL"),
        ("retrieve", "SHALL"),
        False,
        """
          P U A N I E F -
        P S S S S S S X S
        U S S S S S S X S
        A S S S S S S X S
        N S S S S S S X S
        I S S S S S S X S
        E S S S S S S X S
        F X X X X X X X X
        - S S S S S S X S
        """,
        finished=False,
    ),
)

#: What two attempts at one cell of a format that is not required come to: the heavier one counts, whatever the order.
ATTEMPTS = Grid(
    "two attempts at one cell",
    ("retrieve", "SHALL"),
    ("retrieve", "SHALL"),
    False,
    """
      P U A N I E F
    P M M M M S S X
    U M S S S S S X
    A M S S S S S X
    N M S S S S S X
    I S S S S S S X
    E S S S S S S X
    F X X X X X X X
    """,
)

FORMAT, TARGET = "h264", "specimen"


def entries(grid: Grid) -> Iterator[tuple[str, str, str]]:
    """The letters of both outcomes with the verdict in words."""
    head, *lines = grid.verdicts.split("\n")[1:-1]
    columns = head.split()
    for line in lines:
        row, *letters = line.split()
        for column, letter in zip(columns, letters, strict=True):
            yield row, column, VERDICTS[letter]


def challenges() -> dict[Planned, Run]:
    """Every entry of every grid, with the run that the harness must judge so."""
    return {
        Planned(Part.LOGIC, grid.name, f"{_word(row)} and {_word(column)}", "", "", (verdict,)): run_of(
            grid, row, column
        )
        for grid in (*GRIDS, ATTEMPTS)
        for row, column, verdict in entries(grid)
    }


def _word(letter: str) -> str:
    return LETTERS[letter] or "no result"


def run_of(grid: Grid, row: str, column: str) -> Run:
    """The run of one entry."""
    cells = [(Cell(TARGET, "FIRST", FORMAT), LETTERS[row])]
    cells.append((Cell(TARGET, "FIRST" if grid is ATTEMPTS else "SECOND", FORMAT), LETTERS[column]))
    results = tuple(
        Result(cell, outcome, "as told", {}, EvidenceClass.SELF_TEST, "2026-01-01T00:00:00.000Z", 0.0)
        for cell, outcome in cells
        if outcome is not None
    )
    return Run(
        run_id="truth",
        started="2026-01-01T00:00:00.000Z",
        command=(),
        planned=tuple(dict.fromkeys(cell.id for cell, _ in cells)),
        environment={},
        tools={},
        formats={FORMAT: {}},
        checks=tuple(
            CheckInfo(id, family, "", "", level, "", ())
            for id, (family, level) in (("FIRST", grid.first), ("SECOND", grid.second))
        ),
        required=(FORMAT,) if grid.required else (),
        results=results,
        targets=(TargetRecord(TARGET, "Specimen", "1", "embedded", EvidenceClass.SELF_TEST, "nowhere"),),
        finished="2026-01-01T00:00:01.000Z" if grid.finished else "",
    )
