"""The key that seals a report, as the options name it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.report.verification.seal import SealKey, check_key


def read_key(values: Mapping[str, Any], start: Path) -> SealKey | None:
    """The key that ``values`` name by the names of the options, tried once; None where none is named.

    Raises:
        UsageError: it cannot be used; says why.
        EnvironmentProblem: nothing can be sealed on this machine.
    """
    named, certificate, variable = (values[f"seal_{what}"] for what in ("key", "certificate", "password_env"))
    if not named:
        if certificate or variable:
            raise UsageError("--seal-certificate and --seal-password-env are of a key; name it by --seal-key")
        return None
    if variable and variable not in os.environ:
        raise UsageError(f"--seal-password-env: there is no environment variable {variable!r}")
    password = os.environ[variable].encode() if variable else b""
    key = SealKey(start / named, start / certificate if certificate else None, password)
    check_key(key)
    return key
