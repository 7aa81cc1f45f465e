"""A seal of software over a bundle: that it is as it was when this key sealed it. It approves nothing.

Three places carry it, all by one key: ``report.pdf`` (PAdES), the in-toto statement (a DSSE envelope beside it), and
the manifest (a detached CMS signature), which covers every other file. A seal bears its time, so that sealing twice
does not give the same bytes.

pyHanko, an extra, is loaded where something is sealed or checked.
"""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentProblem
from harness.report.manifest import MANIFEST_SEAL

if TYPE_CHECKING:
    from types import ModuleType

DSSE = "statement.intoto.dsse.json"

#: The kind of what an envelope holds, as its signature covers it.
PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class SealKey:
    """Where a key lies. ``certificate`` is None where it is in the same file; ``password`` is empty for none.

    The file is PKCS #12, or PEM with the key and the certificates from its own up to, best, the authority.
    """

    path: Path
    certificate: Path | None = None
    password: bytes = b""


def check_key(key: SealKey) -> None:
    """See that a key can be used, before anything is made that it is to seal.

    Raises:
        UsageError: the key cannot be used; says why.
        EnvironmentProblem: pyHanko is not on this machine.
    """
    _part("sealing").opened(key)


def seal_views(folder: Path, key: SealKey) -> None:
    """Seal ``report.pdf`` in its place, and the statement in an envelope beside it, where they are there.

    To be done before the manifest is written.

    Raises:
        UsageError: the key cannot be used; says why.
        EnvironmentProblem: pyHanko is not on this machine.
    """
    _part("sealing").seal_views(folder, key)


def seal_manifest(folder: Path, key: SealKey) -> Path:
    """Seal the manifest as it is; nothing in the folder may change afterwards.

    Raises:
        UsageError: the key cannot be used; says why.
        EnvironmentProblem: pyHanko is not on this machine.
    """
    path: Path = _part("sealing").seal_manifest(folder, key)
    return path


def is_sealed(folder: Path) -> bool:
    """Whether there is a seal over the manifest; not whether it is worth anything."""
    return (folder / MANIFEST_SEAL).is_file()


def sealed_by(folder: Path) -> str:
    """Whose key sealed the manifest, by the certificate in the seal, which nobody vouches for here.

    Raises:
        EnvironmentProblem: pyHanko is not on this machine.
    """
    return str(_part("sealed").sealed_by(folder))


def seal_problems(folder: Path, trust: Path | None, moment: datetime | None = None) -> tuple[str, ...]:
    """Everything that is wrong with a seal, in words; empty where it is whole, and made by a key that is trusted.

    ``trust`` holds certificates of authorities as PEM; None holds the seal against its own certificate only, which
    anybody can make. Certificates must be valid at ``moment``, now where it is None.

    Raises:
        UsageError: ``trust`` holds no certificate.
        EnvironmentProblem: pyHanko is not on this machine.
    """
    if not is_sealed(folder):
        return (f"{MANIFEST_SEAL}: missing: this was never sealed, or its seal was removed",)
    return tuple(_part("sealed").problems(folder, trust, moment))


def added_problems(paper: bytes) -> tuple[str, ...]:
    """What was added to ``report.pdf`` besides its seal, in words; empty where nothing was.

    Raises:
        EnvironmentProblem: pyHanko is not on this machine.
    """
    return tuple(_part("sealed").added_problems(paper))


def framed(kind: str, payload: bytes) -> bytes:
    """What an envelope signs: kind and payload with their lengths (DSSE v1, pre-authentication encoding)."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def _part(name: str) -> "ModuleType":
    """The part that needs pyHanko."""
    try:
        return import_module(f"harness.report.verification.{name}")
    except ImportError as error:
        problem = f"no seal can be made or checked here: {error}; pip install 'pytest-pacs[sign]'"
        raise EnvironmentProblem(problem) from error
