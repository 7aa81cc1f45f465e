"""Whether every requirement is verified, every check verifies one, and somebody looked since either changed.

A requirement and its checks are held together by a record of what was reviewed. When the text of one or the links
between them change, the link is suspect until a person looked at it again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.core.requirements import Level, Requirement
from harness.core.results import CheckInfo, Protocol


@dataclass(frozen=True, slots=True)
class Link:
    """A requirement as it was reviewed: the fingerprint of its text, and the ids of the checks that verified it."""

    fingerprint: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What somebody looked at: the protocol of a version by its hash, and every requirement by id."""

    version: str
    sha256: str
    links: Mapping[str, Link]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the requirement, check or protocol called ``subject``."""

    subject: str
    problem: str


def linked(
    requirements: Iterable[Requirement], checks: Iterable[CheckInfo], catalogue: Iterable[Requirement] = ()
) -> tuple[Requirement, ...]:
    """The requirements with the ids of all checks that verify them, whichever side says so, in the order of the checks.

    ``catalogue`` are requirements, linked already, whose ids may stand for their checks.
    """
    naming: dict[str, list[str]] = {}
    for check in checks:
        for id in check.verifies:
            naming.setdefault(id, []).append(check.id)
    standing = {one.id: one.checks for one in catalogue}
    return tuple(
        replace(one, checks=tuple(dict.fromkeys((*naming.get(one.id, ()), *expanded(one.checks, standing)))))
        for one in requirements
    )


def expanded(names: Iterable[str], standing: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Ids of checks, where an id of ``standing`` stands for the checks that it has there."""
    return tuple(dict.fromkeys(check for name in names for check in standing.get(name, (name,))))


def uncovered(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """The requirements, linked, that no check verifies, whether or not they say why."""
    return tuple(one for one in requirements if not one.checks)


def orphans(checks: Iterable[CheckInfo], requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """The ids of checks that verify none of the requirements, which are linked."""
    verifying = {check for one in requirements for check in one.checks}
    return tuple(check.id for check in checks if check.id not in verifying)


def coverage(
    requirements: Sequence[Requirement], checks: Sequence[CheckInfo], own: Sequence[Requirement] = ()
) -> tuple[Finding, ...]:
    """What is wrong with the links between requirements and checks; both kinds of requirements are linked.

    ``own`` are those of a user, for which a check of the catalogue need not name them.
    """
    whole = (*requirements, *own)
    return (*_requirements(whole, checks), *_clashes(requirements, own), *_checks(whole, checks))


def _requirements(requirements: Iterable[Requirement], checks: Sequence[CheckInfo]) -> Iterator[Finding]:
    known = {check.id for check in checks}
    for one in requirements:
        if not one.checks and not one.not_tested:
            yield Finding(one.id, "no check verifies it, and not_tested does not say why")
        if one.checks and one.not_tested:
            yield Finding(one.id, f"not_tested says why no check verifies it, and {', '.join(one.checks)} does")
        if wrong := [check for check in one.checks if check not in known]:
            yield Finding(one.id, f"no check or requirement is called {', '.join(wrong)}")


def _clashes(requirements: Iterable[Requirement], own: Iterable[Requirement]) -> Iterator[Finding]:
    taken = {one.id for one in requirements}
    for one in own:
        if one.id in taken:
            yield Finding(one.id, f"{one.origin} uses an id of the catalogue; give it another")


def _checks(requirements: Sequence[Requirement], checks: Sequence[CheckInfo]) -> Iterator[Finding]:
    levels = {one.id: one.level for one in requirements}
    for id in orphans(checks, requirements):
        yield Finding(id, "the check verifies no requirement")
    for check in checks:
        if wrong := [id for id in check.verifies if id not in levels]:
            yield Finding(check.id, f"the check names {', '.join(wrong)}, which is no requirement")
        of = [levels[id] for id in check.verifies if id in levels]
        if check.level not in list(Level):
            yield Finding(check.id, f"its level is {check.level!r}, and none of {', '.join(Level)}")
        elif of and _strength(check.level) > max(map(_strength, of)):
            strongest = max(of, key=_strength)
            yield Finding(check.id, f"its level is {check.level}, and what it verifies is {strongest} at most")


def _strength(level: str) -> int:
    return len(Level) - list(Level).index(Level(level))


def suspect(requirements: Iterable[Requirement], protocol: Protocol, reviewed: Reviewed) -> tuple[Finding, ...]:
    """What changed since it was reviewed; the requirements are those of the catalogue, linked."""
    return (*_suspect_links(requirements, reviewed.links), *_suspect_version(protocol, reviewed))


def _suspect_links(requirements: Iterable[Requirement], links: Mapping[str, Link]) -> Iterator[Finding]:
    left = dict(links)
    for one in requirements:
        link = left.pop(one.id, None)
        if link is None:
            yield Finding(one.id, "it was not reviewed")
            continue
        if link.fingerprint != one.fingerprint:
            yield Finding(one.id, f"its text, level or source changed; review {', '.join(one.checks) or 'the reason'}")
        if set(link.checks) != set(one.checks):
            before, now = (", ".join(checks) or "none" for checks in (link.checks, one.checks))
            yield Finding(one.id, f"its checks were {before} when it was reviewed, and are {now}")
    for id in left:
        yield Finding(id, "it was reviewed, and is no requirement any more")


def _suspect_version(protocol: Protocol, reviewed: Reviewed) -> Iterator[Finding]:
    if protocol.sha256 == reviewed.sha256:
        return
    if protocol.version == reviewed.version:
        yield Finding(protocol.id, f"it is not what version {reviewed.version} was; raise the version")
    else:
        yield Finding(protocol.id, f"version {protocol.version} was not reviewed")


def reviewed_now(requirements: Iterable[Requirement], protocol: Protocol) -> Reviewed:
    """All of it as it is, for who has looked at it."""
    links = {one.id: Link(one.fingerprint, one.checks) for one in requirements}
    return Reviewed(protocol.version, protocol.sha256, links)
