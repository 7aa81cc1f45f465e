"""How often each check was executed, why that is enough, and what may be said of chance (ISO 13485 7.3.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from harness.core.conclusion import settle
from harness.core.results import Outcome, Run

#: Checks whose outcome may depend on timing or load; all others follow from logic.
STOCHASTIC = frozenset(
    {
        "ASC-PARALLEL",
        "ASC-ABORT",
        "INT-CUT",
        "INT-STALL",
        "INT-THROTTLE",
        "INT-CORRUPT",
        "INT-GET",
        "SIZ-LADDER",
        "SIZ-PATH",
        "SIZ-CEILING",
    }
)

LOGIC = "logic-determined, no sampling variation expected; each format and variant is another condition, not a repeat"
CHANCE = "depends on timing or load; repeats on one host in one configuration are not independent of that configuration"

#: How the statements are worked out.
METHOD = (
    "n counts executions that ended in PASS or FAIL, k those that passed; open refusals are told beside them. An "
    "interval is given only where one cell was executed several times: with no failure the one-sided 95 % lower bound "
    "0.05^(1/n), else the two-sided 95 % score interval of Wilson. Different formats, variants, targets and products "
    "are never pooled, and no percentage is given over products."
)

_DECIDED = frozenset({Outcome.PASS, Outcome.FAIL})
_CONTEXT = Context(prec=28)
_Z = Decimal("1.959963984540054")


class Nature(StrEnum):
    """What the outcome of a check depends on."""

    FUNCTIONAL = "functional"
    STOCHASTIC = "stochastic"


@dataclass(frozen=True, slots=True)
class Sample:
    """One check on one target: ``cells`` that were executed, ``n`` executions of them that ended in PASS or FAIL,
    ``k`` in PASS; ``refused`` counts open refusals."""

    target: str
    check: str
    nature: Nature
    cells: int
    n: int
    k: int
    refused: int
    rationale: str
    statement: str


@dataclass(frozen=True, slots=True)
class _Tally:
    """The executions of one cell."""

    cell: str
    n: int
    k: int
    refused: int


def samples(run: Run) -> tuple[Sample, ...]:
    """Every check of every target that was executed, in the order of the cells."""
    found: dict[tuple[str, str], list[_Tally]] = {}
    for one in settle(run):
        outcomes = [attempt.outcome for attempt in one.attempts]
        n = sum(outcome in _DECIDED for outcome in outcomes)
        tally = _Tally(one.cell.id, n, outcomes.count(Outcome.PASS), outcomes.count(Outcome.UNSUPPORTED))
        if n or tally.refused:
            found.setdefault((one.cell.target, one.cell.check), []).append(tally)
    return tuple(_sample(target, check, cells) for (target, check), cells in found.items())


def _sample(target: str, check: str, cells: Sequence[_Tally]) -> Sample:
    stochastic = check in STOCHASTIC
    n, k, refused = (sum(getattr(one, name) for one in cells) for name in ("n", "k", "refused"))
    told = f"n = {n}, k = {k}" + (f", openly refused {refused}" if refused else "")
    return Sample(
        target=target,
        check=check,
        nature=Nature.STOCHASTIC if stochastic else Nature.FUNCTIONAL,
        cells=len(cells),
        n=n,
        k=k,
        refused=refused,
        rationale=CHANCE if stochastic else LOGIC,
        statement=f"{told}; {_chance(cells)}" if stochastic else told,
    )


def _chance(cells: Sequence[_Tally]) -> str:
    repeated = [one for one in cells if one.n > 1]
    if not repeated:
        return "no cell was repeated, so nothing is said of how often it would pass"
    return "; ".join(f"{one.cell}: {interval(one.n, one.k)}" for one in repeated)


def interval(n: int, k: int) -> str:
    """What ``k`` passes of ``n`` executions of one cell say of how often it passes."""
    if k == n:
        return f"no failure was observed in {n} executions; one-sided 95 % lower bound {_percent(zero_failure(n))} %"
    low, high = wilson(n, k)
    return f"{k} of {n} executions passed; two-sided 95 % interval (Wilson) {_percent(low)} % to {_percent(high)} %"


def zero_failure(n: int) -> Decimal:
    """The share that is passed at least, with 95 % confidence, where ``n`` executions had no failure: 0.05^(1/n)."""
    return _CONTEXT.exp(_CONTEXT.divide(_CONTEXT.ln(Decimal("0.05")), Decimal(n)))


def wilson(n: int, k: int) -> tuple[Decimal, Decimal]:
    """The two-sided 95 % score interval of Wilson for ``k`` of ``n``."""
    count, share, square = Decimal(n), Decimal(k) / Decimal(n), _Z * _Z
    middle = share + square / (2 * count)
    spread = _Z * _CONTEXT.sqrt(share * (1 - share) / count + square / (4 * count * count))
    whole = 1 + square / count
    return max(Decimal(0), (middle - spread) / whole), min(Decimal(1), (middle + spread) / whole)


def _percent(share: Decimal) -> str:
    return str((share * 100).quantize(Decimal("0.1"), ROUND_HALF_UP))
