"""Whether what came back keeps the rules of the standard: what is seen, what it means, and what is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.observations import Fetched, Observation
from harness.core.results import Outcome
from harness.core.validation.opinion import Opinion, Remark, counted
from harness.core.validation.rules import Finding, Severity
from harness.core.validation.table import findings
from harness.core.verdicts import Verdict, judge

if TYPE_CHECKING:
    from harness.core.ports import Video

#: Findings that are spelled out in a verdict; the observation holds all.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PathFindings:
    """What one path returned, held against the table: ``broken`` and ``remarkable`` were not found in what was sent.

    ``conflicts`` are demands of the standard that contradict each other, whoever made the object.
    """

    service: str
    broken: tuple[Finding, ...]
    remarkable: tuple[Finding, ...]
    conflicts: tuple[Finding, ...]

    @classmethod
    def of(
        cls,
        service: str,
        format: Format,
        sent: tuple[ObjectFacts, StreamFacts],
        returned: tuple[ObjectFacts, StreamFacts | Undecodable],
    ) -> "PathFindings":
        """Hold the returned object against the table, and leave out what is true of the sent one too."""
        before = {(one.rule, one.seen) for one in findings(format, object=sent[0], stream=sent[1])}
        found = findings(format, object=returned[0], stream=returned[1])
        new = [one for one in found if (one.rule, one.seen) not in before]
        return cls(
            service=service,
            broken=tuple(one for one in new if one.severity is Severity.ERROR),
            remarkable=tuple(one for one in new if one.severity in (Severity.WARNING, Severity.INFORMATION)),
            conflicts=tuple(one for one in found if one.severity is Severity.CONFLICT),
        )


@dataclass(frozen=True, slots=True)
class ObjectJudged(Observation):
    """Returned objects, on every path that returned one, held against the table of rules."""

    paths: tuple[PathFindings, ...]


@dataclass(frozen=True, slots=True)
class PathOpinion:
    """What another validator says of the object of one path. ``new`` counts and is not said of what was sent.

    ``waived`` are remarks that do not count, each with the reason; ``silent`` is why it says nothing.
    """

    service: str
    new: tuple[Remark, ...]
    waived: tuple[tuple[Remark, str], ...] = ()
    silent: str = ""

    @classmethod
    def of(cls, service: str, format: Format, sent: Opinion, returned: Opinion) -> "PathOpinion":
        """Compare what is said of the returned object with what is said of the sent one."""
        kept, waived = counted(format, returned.remarks)
        new = tuple(one for one in kept if one not in sent.remarks)
        return cls(service, new, waived, sent.silent or returned.silent)


@dataclass(frozen=True, slots=True)
class SecondOpinion(Observation):
    """What another validator, named by ``by``, says of returned objects."""

    by: str
    paths: tuple[PathOpinion, ...]


class ValidationQuestions(Protocol):
    """What checks ask of whether what came back keeps the rules of the standard."""

    def opinion_of_sent(self, video: "Video") -> Opinion:
        """What dciodvfy says of the object that was sent. Raises Undecided where dciodvfy is not here."""
        ...

    def opinion_of_returned(self, video: "Video", fetched: Fetched) -> Opinion:
        """What dciodvfy says of what one path returned. Raises Undecided where dciodvfy is not here."""
        ...


@judge.register
def _(seen: ObjectJudged) -> Verdict:
    notes = tuple(_told(path.service, one) for path in seen.paths for one in path.remarkable)
    conflicts = dict.fromkeys(f"{one.rule}: {one.words}" for path in seen.paths for one in path.conflicts)
    notes += tuple(f"the standard contradicts itself: {words}" for words in conflicts)
    broken = [_told(path.service, one) for path in seen.paths for one in path.broken]
    if broken:
        return Verdict(Outcome.FAIL, _some(broken), notes)
    if not seen.paths:
        return Verdict(Outcome.NOT_APPLICABLE, "the target offers no way to get an object back", notes)
    services = " and ".join(path.service for path in seen.paths)
    return Verdict(Outcome.PASS, f"no rule is broken that the sent object keeps, by {services}", notes)


@judge.register
def _(seen: SecondOpinion) -> Verdict:
    notes = tuple(
        f"{path.service}: {seen.by}: {one.text}"
        for path in seen.paths
        for one in path.new
        if one.severity is not Severity.ERROR
    )
    waived = {one.text: reason for path in seen.paths for one, reason in path.waived}
    notes += tuple(f"{seen.by} says, which does not count: {text} ({reason})" for text, reason in waived.items())
    wrong = [f"{path.service}: {one.text}" for path in seen.paths for one in path.new if one.severity is Severity.ERROR]
    if wrong:
        return Verdict(Outcome.FAIL, f"{seen.by} finds what it did not find in the sent object: {_some(wrong)}", notes)
    if not seen.paths:
        return Verdict(Outcome.NOT_APPLICABLE, "the target offers no way to get an object back", notes)
    silent = [f"{path.service}: {path.silent}" for path in seen.paths if path.silent]
    if silent:
        return Verdict(Outcome.INCONCLUSIVE, f"{seen.by} says nothing: {_some(silent)}", notes)
    services = " and ".join(path.service for path in seen.paths)
    return Verdict(Outcome.PASS, f"{seen.by} finds nothing new, by {services}", notes)


def _told(service: str, finding: Finding) -> str:
    return f"{service}: {finding.rule}: {finding.words}"


def _some(texts: Iterable[str]) -> str:
    listed = list(dict.fromkeys(texts))
    more = f"; and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"{'; '.join(listed[:_SHOWN])}{more}"
