"""Mutants of storage commitment: they promise what they have not, or name nothing, or deny what they have."""

from harness.targets.embedded.hooks import NO_SUCH_INSTANCE, Commitment, Hooks, Reference
from harness.targets.embedded.mutants.mutant import Mutant
from harness.targets.embedded.store import ObjectStore


def _all(store: ObjectStore, references: tuple[Reference, ...]) -> Commitment | None:
    return Commitment(references, ())


def _none(store: ObjectStore, references: tuple[Reference, ...]) -> Commitment | None:
    return Commitment((), tuple((reference, NO_SUCH_INSTANCE) for reference in references))


def _name_none(store: ObjectStore, references: tuple[Reference, ...]) -> Commitment | None:
    return Commitment((), ())


MUTANTS = (
    Mutant("commits-what-it-lacks", "commits to instances that it never had", Hooks(commit=_all)),
    Mutant("reports-commitment-of-nothing", "reports success and names no instance", Hooks(commit=_name_none)),
    Mutant("reports-commitment-failed", "reports that it lacks what it keeps", Hooks(commit=_none)),
)
