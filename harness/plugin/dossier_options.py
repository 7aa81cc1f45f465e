"""The options that name what people add to a run: the same for a run, and for one that is over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Option:
    """One option; ``role`` is what the sources of a dossier call it, and how it is written without its dashes."""

    role: str
    metavar: str
    help: str
    several: bool = False

    @property
    def dest(self) -> str:
        """The name of its value among the parsed ones."""
        return self.role.replace("-", "_")


#: How the key of a seal is named; a password is a secret, and so never an option.
SEAL = (
    ("key", "FILE", "seal the report by this key, PKCS #12 or PEM; needs the extra pytest-pacs[sign]"),
    ("certificate", "FILE", "the certificate of the key, where it is not in the same file"),
    ("password-env", "NAME", "the environment variable that holds the password of the key"),
)

TEMPLATES = "a folder of templates of your own, which come before those of the same name that the harness has"

RETEST = Option("retest-of", "RUN", "the folder of the run that this one repeats")

OPTIONS = (
    Option(
        "run-info",
        "FILE",
        "what only people know, such as scope and tester; pacs-harness run-info prints one to fill in",
    ),
    Option("requirements", "FILE", "requirements of your own, each with the checks that verify it"),
    Option("risk-map", "FILE", "your risk controls, each with the checks that touch it"),
    Option("approval", "FILE", "that the protocol was approved, by whom and when"),
    Option(
        "known",
        "FILE",
        "a ledger of known anomalies, as pacs-harness known RUN begins it; may be given several times",
        several=True,
    ),
    Option(
        "policy",
        "NAME",
        "an advisory policy on lossy compression: a shipped one such as us-mqsa, or a FILE.toml; may be given several "
        "times",
        several=True,
    ),
    RETEST,
)


def declare(add: Callable[..., object]) -> None:
    """Declare the options by the function of a parser that adds one."""
    for option in OPTIONS:
        more: dict[str, Any] = {"action": "append", "default": []} if option.several else {}
        add(f"--{option.role}", metavar=option.metavar, help=option.help, **more)
    add("--strict-report", action="store_true", help="a mandatory field that is not provided is an error")
    add("--without-pdf", action="store_true", help="make no PDF, which needs the extra pytest-pacs[pdf] and Pango")
    for what, metavar, text in SEAL:
        add(f"--seal-{what}", metavar=metavar, help=text)
