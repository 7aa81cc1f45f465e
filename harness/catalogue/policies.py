"""Advisory policies on lossy compression: those that are shipped, and the files of users.

A policy decides nothing: what it finds stands beside the verdict.
"""

from decimal import Decimal, InvalidOperation
from pathlib import Path

from harness.catalogue.places import policies_folder
from harness.catalogue.table import Table
from harness.core.verification.dossier import Policy
from harness.errors import UsageError


def policy_file(name: str) -> Path:
    """The file of a policy: a shipped one by its name, or a path that ends in ``.toml``.

    Raises:
        UsageError: no policy of this name is shipped.
    """
    if name.endswith(".toml"):
        return Path(name)
    known = {path.stem: path for path in policies_folder().glob("*.toml")}
    if name not in known:
        raise UsageError(
            f"unknown policy {name!r}; known: {', '.join(sorted(known))}; or give a file such as site.toml"
        )
    return known[name]


def load_policy(path: Path) -> Policy:
    """Read one policy; its id is the name of its file.

    Raises:
        DataFileError: it breaks its rules; names file and key.
    """
    table = Table.load(path)
    policy = Policy(
        id=path.stem,
        title=table.text("title"),
        source=table.text("source"),
        no_lossy=table.texts("no_lossy") if "no_lossy" in table else (),
        largest_ratio=_ratio(table) if "largest_ratio" in table else "",
    )
    table.done()
    for modality in policy.no_lossy:
        if not (modality.isascii() and modality.isupper() and len(modality) <= 16):
            raise table.problem("no_lossy", f"holds {modality!r}; give values of Modality (0008,0060) such as MG")
    if not policy.no_lossy and not policy.largest_ratio:
        raise table.problem("no_lossy", "and largest_ratio are missing; a policy needs at least one of them")
    return policy


def _ratio(table: Table) -> str:
    text = table.text("largest_ratio")
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise table.problem("largest_ratio", f'is {text!r}; give N of N:1 as a text, such as "20"')
    return text
