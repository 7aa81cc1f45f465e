"""The presentation contexts that each target accepted, as its results tell them."""

from collections.abc import Iterable, Iterator, Mapping

from harness.core.exchange import ContextResult
from harness.core.families.negotiation import TAKEN
from harness.core.results import Plain, Result, Run

#: Transfer syntaxes of every DICOM application (PS3.5 10.1), by what the table of a negotiation calls them.
_COMMON = {"implicit": "Implicit VR LE", "explicit": "Explicit VR LE"}
_COMMON_UIDS = {"1.2.840.10008.1.2": "Implicit VR LE", "1.2.840.10008.1.2.1": "Explicit VR LE"}

#: Checks whose observation is an answer to proposed contexts, or the table of all of them.
_PROPOSING = ("ASC-SYNTAX", "ASC-XRAY")


def accepted_contexts(run: Run) -> dict[str, tuple[tuple[str, str], ...]]:
    """Of each target the SOP classes with the transfer syntaxes that were accepted for each, in words, by class."""
    syntaxes = _COMMON_UIDS | {str(one.get("uid")): id for id, one in run.formats.items() if isinstance(one, Mapping)}
    names: dict[str, str] = {}
    found: dict[str, dict[str, dict[str, None]]] = {}
    for result in run.results:
        if result.cell.check in _PROPOSING:
            of_target = found.setdefault(result.cell.target, {})
            for uid, name, syntax in _accepted(result, syntaxes):
                if name:
                    names[uid] = name
                of_target.setdefault(uid, {})[syntax] = None
    return {
        target: tuple(
            (f"{names[uid]} ({uid})" if uid in names else uid, ", ".join(sorted(taken)))
            for uid, taken in sorted(classes.items())
        )
        for target, classes in found.items()
    }


def _accepted(result: Result, syntaxes: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """UID and name of each class, the name empty where it is not told, with a syntax that was accepted for it."""
    seen = result.observation
    for row in _objects(seen.get("rows")):
        uid, name = str(row.get("uid")), str(row.get("name"))
        yield from ((uid, name, word) for key, word in _COMMON.items() if row.get(key) == TAKEN)
        for (_, syntax), cell in zip(_pairs(seen.get("syntaxes")), row.get("cells") or (), strict=False):
            if str(cell).startswith(TAKEN):
                yield uid, name, syntax
    exchange = seen.get("exchange")
    if isinstance(exchange, Mapping):
        for context in _objects(exchange.get("contexts")):
            if context.get("result") == ContextResult.ACCEPTED:
                syntax = str(context.get("answered_syntax"))
                yield str(context.get("abstract_syntax")), "", syntaxes.get(syntax, syntax)


def _objects(values: object) -> Iterable[Plain]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list | tuple) else ()


def _pairs(values: object) -> Iterable[tuple[str, str]]:
    return [(str(one[0]), str(one[1])) for one in values] if isinstance(values, list | tuple) else ()
