"""The protocol of a run: every question, every requirement and the decision rule, under one hash."""

import hashlib
import json
from collections.abc import Sequence

from harness.core.conclusion import DECISION_RULE
from harness.core.plain import plain
from harness.core.requirements import Requirement
from harness.core.results import CheckInfo, Protocol


def make_protocol(id: str, version: str, checks: Sequence[CheckInfo], requirements: Sequence[Requirement]) -> Protocol:
    """The protocol that these make, whatever their order."""
    sha256 = _sha256(id, version, DECISION_RULE, checks, requirements)
    return Protocol(id, version, sha256, DECISION_RULE, tuple(checks))


def protocol_sha256(protocol: Protocol, requirements: Sequence[Requirement]) -> str:
    """The hash that a protocol must have, from what it says and the requirements recorded with it."""
    return _sha256(protocol.id, protocol.version, protocol.rule, protocol.checks, requirements)


def _sha256(
    id: str, version: str, rule: Sequence[str], checks: Sequence[CheckInfo], requirements: Sequence[Requirement]
) -> str:
    said = {
        "id": id,
        "version": version,
        "rule": list(rule),
        "checks": {check.id: plain(check) for check in checks},
        "requirements": {requirement.id: plain(requirement) for requirement in requirements},
    }
    # All of it is text and lists of text: with sorted names this is the canonical form (RFC 8785), ASCII apart.
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
