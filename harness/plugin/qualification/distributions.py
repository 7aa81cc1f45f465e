"""Whether what is installed is what was released: versions in their ranges, and files as their makers packed them."""

import base64
import hashlib
import json
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from harness.core.qualification.installation import Item, Outcome

_VERSIONS, _FILES = "distributions", "installed files"

#: Names of files that are told at most, where several differ.
_MOST = 5


def judged(group: str, thing: str, good: bool, expected: str, seen: str) -> Item:
    """An item that the harness needs."""
    return Item(group, thing, Outcome.PASS if good else Outcome.FAIL, expected, seen)


def versions(own: metadata.Distribution) -> Iterator[Item]:
    """Each requirement of a distribution, extras left out, against what is installed."""
    for line in own.requires or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement as error:
            yield judged(_VERSIONS, line, False, "a requirement", str(error))
            continue
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        expected = str(wanted.specifier) or "any version"
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield judged(_VERSIONS, wanted.name, False, expected, "not installed")
            continue
        yield judged(_VERSIONS, wanted.name, wanted.specifier.contains(version, prereleases=True), expected, version)


def is_editable(found: metadata.Distribution) -> bool:
    """Whether a distribution is a link to a checkout (PEP 660)."""
    text = found.read_text("direct_url.json")
    try:
        return bool(text and json.loads(text).get("dir_info", {}).get("editable"))
    except (ValueError, AttributeError):
        return False


def files(found: metadata.Distribution) -> Item:
    """The files of a distribution against the hashes of its RECORD (PEP 376)."""
    listed = [path for path in found.files or () if path.hash is not None]
    thing = f"{found.metadata['Name']} {found.version}"
    expected = "every file as in its RECORD"
    if not listed:
        return judged(_FILES, thing, False, expected, "it has no RECORD with hashes; install it by pip")
    problems = differences(found)
    if not problems:
        return judged(_FILES, thing, True, expected, f"{len(listed)} files as recorded")
    more = f" and {len(problems) - _MOST} more" if len(problems) > _MOST else ""
    return judged(_FILES, thing, False, expected, f"{'; '.join(problems[:_MOST])}{more}; install it again")


def differences(found: metadata.Distribution) -> list[str]:
    """Every file that is not as RECORD has it, in words."""
    return [
        f"{path}: {problem}"
        for path in found.files or ()
        if path.hash is not None and (problem := _problem(Path(str(path.locate())), path.hash.mode, path.hash.value))
    ]


def _problem(path: Path, algorithm: str, expected: str) -> str:
    """What is wrong with one file, in words; empty where nothing is."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, algorithm).digest()
    except OSError as error:
        return error.strerror or "cannot be read"
    except ValueError:
        return f"{algorithm} is not known here"
    return "" if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == expected else "changed"
