"""The X-ray of a negotiation: every SOP class with every transfer syntax, alone and in company, with controls.

Strategy: an A-ASSOCIATE-AC answers each context with one code, and products use the codes differently: 3 and 4 are said
alike of a class and of a syntax that is not taken. So a refusal is explained by what the same class was answered in
other contexts, never by its code, and an acceptance counts only beside an invented syntax that was refused; where an
invented class is accepted, which is allowed, that of a class shows nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.core.exchange import CONTEXT_RESULTS, ContextAnswer, ContextResult, Ending, Exchange
from harness.core.observations import Observation
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, flaky_notes, judge, judge_ending

IMPLICIT = "1.2.840.10008.1.2"

#: One character for each answer. A digit is the code of a refusal (PS3.8 Table 9-18).
TAKEN, AS_IMPLICIT, STRANGE, UNANSWERED, NOT_ASKED = "v", "i", "x", "-", "?"
REFUSALS = {result: str(code) for code, result in CONTEXT_RESULTS.items() if code}
LEGEND = (
    "Each cell holds three answers: to the syntax alone, before Implicit VR LE in one context, and behind it.",
    f"{TAKEN} accepted with this syntax; {AS_IMPLICIT} accepted with Implicit VR LE; {STRANGE} accepted with a syntax "
    "that was not proposed;",
    f"1 to 4 refused with that code (PS3.8 Table 9-18: 3 abstract syntax, 4 transfer syntaxes not supported); "
    f"{UNANSWERED} not answered; {NOT_ASKED} not asked.",
)


@dataclass(frozen=True, slots=True)
class XrayRow:
    """One SOP class. ``cells`` are the answers to the syntaxes in order, three characters each (see LEGEND).

    ``implicit``, ``explicit`` and ``invented`` are the answers to Implicit and Explicit VR LE and to an invented syntax
    alone, one character each, v for accepted.
    """

    uid: str
    name: str
    implicit: str
    explicit: str
    invented: str
    cells: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether the class is taken with anything at all that exists."""
        return TAKEN in self.implicit + self.explicit + "".join(cell[0] for cell in self.cells)


@dataclass(frozen=True, slots=True)
class XraySeen(Observation):
    """The answers of one target. ``syntaxes`` are UIDs and names in the order of the cells.

    ``sure`` are the answers to Verification with Implicit VR LE, one for each association; ``unknown`` those to an
    invented class. ``exchanges`` tell how each association went, without its contexts, which are the table.
    """

    syntaxes: tuple[tuple[str, str], ...]
    rows: tuple[XrayRow, ...]
    sure: str
    unknown: str
    exchanges: tuple[Exchange, ...]


def letter(answer: ContextAnswer | None) -> str:
    """One answer as a character; None where it was never asked."""
    if answer is None:
        return NOT_ASKED
    if answer.result is ContextResult.UNANSWERED:
        return UNANSWERED
    if not answer.accepted:
        return REFUSALS[answer.result]
    if not answer.as_proposed:
        return STRANGE
    both = bool(answer.other_syntaxes)
    return AS_IMPLICIT if both and answer.answered_syntax == IMPLICIT else TAKEN


def table(seen: XraySeen) -> str:
    """The whole table as text, for human eyes."""
    width = max(len(row.name) for row in seen.rows)
    numbers = " ".join(f"{number:>3}" for number in range(1, len(seen.syntaxes) + 1))
    lines = [*LEGEND, ""]
    lines += [f"{number:>4}  {uid:<26} {name}" for number, (uid, name) in enumerate(seen.syntaxes, 1)]
    lines += ["", f"{'':<{width}} impl expl inv  {numbers}"]
    lines += [
        " ".join([row.name.ljust(width), f"{row.implicit:>4} {row.explicit:>4} {row.invented:>3} ", *row.cells])
        for row in seen.rows
    ]
    lines += ["", f"Verification with Implicit VR LE, in each association: {seen.sure}"]
    lines += [f"an invented class: {seen.unknown}", ""]
    lines += [f"{exchange.summary} ({exchange.peer})" for exchange in seen.exchanges]
    return "\n".join(lines) + "\n"


@judge.register
def _(seen: XraySeen) -> Verdict:
    broken = [one for one in seen.exchanges if one.ending not in (Ending.ANSWERED, Ending.REFUSED)]
    wrong = _wrong(seen)
    flaky = tuple(note for one in seen.exchanges for note in flaky_notes(one))
    if wrong:
        return Verdict(Outcome.FAIL, "; ".join(wrong), flaky)
    if broken:
        return judge_ending(broken[0])
    if set(seen.sure) != {TAKEN}:
        return Verdict(
            Outcome.INCONCLUSIVE,
            f"the control that every PACS takes, Verification with Implicit VR LE, was answered {seen.sure!r}: what "
            "was refused beside it shows nothing",
            flaky,
        )
    pairs = [cell for row in seen.rows for cell in row.cells]
    taken = sum(cell[0] == TAKEN for cell in pairs)
    # No rule forbids to take classes that nobody knows, and products can be configured to.
    promiscuous = TAKEN in seen.unknown
    takes_any = ("accepts any SOP class: an accepted class shows nothing",) if promiscuous else ()
    notes = (*flaky, *takes_any, *_explained(seen), *_codes(seen), *_preferences(seen))
    if not taken:
        return Verdict(Outcome.UNSUPPORTED, f"all {len(pairs)} pairs of class and syntax are openly refused", notes)
    refused = "no invented syntax" if promiscuous else "nothing invented"
    return Verdict(
        Outcome.PASS,
        f"{taken} of {len(pairs)} pairs of class and syntax are accepted, alone as in company, and {refused} is",
        notes,
    )


def _wrong(seen: XraySeen) -> list[str]:
    """What breaks the rules of a negotiation, in words."""
    everything = [seen.sure, seen.unknown]
    everything += [row.implicit + row.explicit + row.invented + "".join(row.cells) for row in seen.rows]
    counts = Counter("".join(everything))
    wrong = []
    if counts[UNANSWERED]:
        wrong.append(f"{counts[UNANSWERED]} proposed contexts have no answer (PS3.8 9.3.3.2)")
    if counts[STRANGE]:
        wrong.append(f"{counts[STRANGE]} contexts are accepted with a syntax that was not proposed (PS3.8 9.3.3.2)")
    invented = [row.name for row in seen.rows if row.invented == TAKEN]
    if invented:
        wrong.append(f"a transfer syntax is accepted that was made up for this run, for {', '.join(invented)}")
    differing = [text for row in seen.rows for text in _differing(row, seen.syntaxes)]
    if differing:
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        wrong.append(f"answers alone and in company disagree: {'; '.join(differing[:3])}{more}")
    return wrong


def _differing(row: XrayRow, syntaxes: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Where the answer to two syntaxes in one context is not one of those to each of them alone."""
    for (_, name), cell in zip(syntaxes, row.cells, strict=True):
        asked = {cell[0], row.implicit}
        if asked & {UNANSWERED, NOT_ASKED, STRANGE}:
            continue
        possible = {letter for letter, alone in ((TAKEN, cell[0]), (AS_IMPLICIT, row.implicit)) if alone == TAKEN}
        for order, mixed in (("before", cell[1]), ("behind", cell[2])):
            if mixed in (UNANSWERED, NOT_ASKED, STRANGE):
                continue
            where = f"{name} {order} Implicit VR LE for {row.name}"
            if mixed not in (TAKEN, AS_IMPLICIT):
                if possible:
                    yield f"{where} is refused, and alone {'both are' if len(possible) == 2 else 'one is'} accepted"
            elif mixed not in possible:
                yield f"{where} is accepted as {name if mixed == TAKEN else 'Implicit VR LE'}, which alone is refused"


def _explained(seen: XraySeen) -> list[str]:
    """What is refused, as a class or as a syntax, by the controls and not by the codes."""
    refused = [row for row in seen.rows if not row.known]
    notes = [f"{row.name} is refused as a class: no syntax of it is accepted" for row in refused]
    by_syntaxes: dict[tuple[str, ...], list[str]] = {}
    for row in seen.rows:
        if row.known:
            names = tuple(name for (_, name), cell in zip(seen.syntaxes, row.cells, strict=True) if cell[0].isdigit())
            by_syntaxes.setdefault(names, []).append(row.name)
    for names, classes in by_syntaxes.items():
        if names:
            whose = "every other class" if refused else "every class"
            which = whose if len(classes) == len(seen.rows) - len(refused) else ", ".join(classes)
            notes.append(f"refused as transfer syntaxes for {which}: {', '.join(names)}")
    return notes


def _codes(seen: XraySeen) -> list[str]:
    """Codes that say another cause than the controls show."""
    notes = []
    syntaxes = Counter(cell[0] for row in seen.rows if row.known for cell in row.cells if cell[0].isdigit())
    classes = Counter(cell[0] for row in seen.rows if not row.known for cell in row.cells if cell[0].isdigit())
    classes.update(seen.unknown)
    for code, count in sorted(syntaxes.items()):
        if code != REFUSALS[ContextResult.TRANSFER_SYNTAXES]:
            notes.append(
                f"{count} refused syntaxes of accepted classes are answered with code {code}, "
                f"«{CONTEXT_RESULTS[int(code)]}»"
            )
    for code, count in sorted(classes.items()):
        if code.isdigit() and code != REFUSALS[ContextResult.ABSTRACT_SYNTAX]:
            notes.append(f"{count} refused classes are answered with code {code}, «{CONTEXT_RESULTS[int(code)]}»")
    return notes


#: What the two answers in company say of who chooses, by the answers to the syntax before Implicit VR LE and behind it.
PREFERENCES = {
    TAKEN + TAKEN: "the video syntax, wherever it stands",
    AS_IMPLICIT + AS_IMPLICIT: "Implicit VR LE, wherever it stands",
    TAKEN + AS_IMPLICIT: "what stands first",
    AS_IMPLICIT + TAKEN: "what stands last",
}


def _preferences(seen: XraySeen) -> list[str]:
    """Which syntax is chosen where both are accepted alone: a video may only be sent in the one that is chosen."""
    chosen = Counter(
        PREFERENCES[cell[1:]]
        for row in seen.rows
        if row.implicit == TAKEN
        for cell in row.cells
        if cell[0] == TAKEN and cell[1:] in PREFERENCES
    )
    return [f"of a video syntax and Implicit VR LE in one context, {n} times is chosen {w}" for w, n in chosen.items()]
