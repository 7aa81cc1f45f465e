"""The hash of the files that the harness consists of, the same for a checkout and for what is installed from it."""

import hashlib
from functools import cache
from pathlib import Path

import harness
from harness.report.manifest import file_sha256

#: Made while it runs, or packed from elsewhere in the checkout.
_NOT_OURS = frozenset({"__pycache__", "_data"})


@cache
def package_sha256() -> str:
    """SHA-256 over the list of all files of the package: a line ``<SHA-256>  <path below the package>`` for each.

    The lines are sorted by path, as bytes.
    """
    root = Path(harness.__file__).resolve().parent
    lines = sorted(
        (path.relative_to(root).as_posix(), file_sha256(path))
        for path in root.rglob("*")
        if path.is_file() and _NOT_OURS.isdisjoint(path.relative_to(root).parts)
    )
    return hashlib.sha256("".join(f"{sha256}  {name}\n" for name, sha256 in lines).encode()).hexdigest()
