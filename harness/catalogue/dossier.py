"""Everything that people add to a run, read from their files into one value."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from harness.catalogue.agreed import load_approval, load_risk_map, load_user_requirements
from harness.catalogue.ledger import load_known
from harness.catalogue.policies import load_policy, policy_file
from harness.catalogue.runinfo import load_run_info
from harness.core.verification.dossier import Dossier, KnownAnomaly, Policy, Previous, RunInfo, Source
from harness.errors import DataFileError


def load_dossier(
    *,
    run_info: Path | None = None,
    requirements: Path | None = None,
    risk_map: Path | None = None,
    approval: Path | None = None,
    known: Sequence[Path] = (),
    policies: Sequence[str] = (),
    previous: Previous | None = None,
) -> Dossier:
    """Read every file that was given; what was not given is empty.

    ``policies`` are names of shipped ones, or files. ``previous`` comes from
    :func:`harness.core.verification.retest.previous_run`. Whether what the files refer to exists is for
    :func:`harness.core.verification.references.unmatched`, which knows the run.

    Raises:
        UsageError: a file breaks its rules, or there is no such policy; names file and key.
    """
    files = dossier_files(
        run_info=run_info,
        requirements=requirements,
        risk_map=risk_map,
        approval=approval,
        known=known,
        policies=policies,
    )
    return Dossier(
        info=RunInfo() if run_info is None else load_run_info(run_info),
        requirements=() if requirements is None else load_user_requirements(requirements),
        risks=() if risk_map is None else load_risk_map(risk_map),
        approval=None if approval is None else load_approval(approval),
        known=_ledger(known),
        policies=_policies([path for role, path in files if role == "policy"]),
        previous=previous,
        sources=tuple(_source(role, path) for role, path in files),
    )


def dossier_files(
    *,
    run_info: Path | None = None,
    requirements: Path | None = None,
    risk_map: Path | None = None,
    approval: Path | None = None,
    known: Sequence[Path] = (),
    policies: Sequence[str] = (),
) -> tuple[tuple[str, Path], ...]:
    """The files that :func:`load_dossier` reads, each with its role, which is the option that names it.

    Raises:
        UsageError: there is no such policy.
    """
    given = [
        ("run-info", run_info),
        ("requirements", requirements),
        ("risk-map", risk_map),
        ("approval", approval),
        *(("known", path) for path in known),
        *(("policy", policy_file(name)) for name in dict.fromkeys(policies)),
    ]
    return tuple((role, path) for role, path in given if path is not None)


def _ledger(paths: Sequence[Path]) -> tuple[KnownAnomaly, ...]:
    found: dict[str, tuple[KnownAnomaly, Path]] = {}
    for path in paths:
        for one in load_known(path):
            if one.id in found:
                raise DataFileError(path, "anomalies", f"{one.id} is in {found[one.id][1]} too; keep one of them")
            found[one.id] = (one, path)
    return tuple(one for one, _ in found.values())


def _policies(paths: Sequence[Path]) -> tuple[Policy, ...]:
    found: dict[str, Policy] = {}
    for path in paths:
        policy = load_policy(path)
        if policy.id in found:
            raise DataFileError(path, "file", f"another policy is called {policy.id!r} too; rename the file")
        found[policy.id] = policy
    return tuple(found.values())


def _source(role: str, path: Path) -> Source:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataFileError(path, "file", f"cannot be read: {error.strerror}") from error
    return Source(role, path.name, hashlib.sha256(content).hexdigest())
