"""``manifest.sha256``: the hash of every file of a run folder, in the form that ``sha256sum -c`` checks.

A report can be made again at any time, the evidence cannot. So the manifest is taken whole once, at the end
of the run, and afterwards only the lines of newly made outputs are replaced: evidence that was changed
stays visible.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from harness.errors import RecordError

MANIFEST = "manifest.sha256"

#: A signature over the manifest, which so cannot be in it.
MANIFEST_SEAL = f"{MANIFEST}.p7s"


def write_manifest(folder: Path) -> Path:
    """Hash every file below ``folder`` but the manifest itself and its seal; sorted by path; links are left out."""
    return _write(folder, {name: file_sha256(folder / name) for name in _files(folder)})


def update_manifest(folder: Path, outputs: Iterable[Path]) -> Path:
    """Replace the lines of ``outputs`` and leave all others; a folder without a manifest gets a whole one.

    Raises:
        RecordError: the manifest there is not one.
    """
    if not (folder / MANIFEST).is_file():
        return write_manifest(folder)
    names = [path.relative_to(folder).as_posix() for path in outputs]
    return _write(folder, _read(folder) | {name: file_sha256(folder / name) for name in names})


def manifest_problems(folder: Path) -> tuple[str, ...]:
    """Every file that is missing, changed, not listed or a link, in words; empty where the folder is as it was left.

    Raises:
        RecordError: there is no readable manifest, or a file cannot be read.
    """
    listed = _read(folder)
    present = _files(folder)
    problems = [f"{name}: missing" for name in sorted(listed.keys() - present)]
    common = sorted(listed.keys() & present)
    problems += [f"{name}: changed" for name in common if _hash(folder / name) != listed[name]]
    problems += [f"{name}: not listed" for name in sorted(present - listed.keys())]
    links = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink())
    problems += [f"{name}: a link, not followed" for name in links if name not in listed]
    if not problems and (folder / MANIFEST).read_bytes() != _text(listed).encode():
        problems = [f"{MANIFEST}: changed: it is not in the form in which it was written"]
    return tuple(problems)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in lower-case hex, read as a stream."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}; make it readable and repeat") from error


def _files(folder: Path) -> set[str]:
    names = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
    }
    return names - {MANIFEST, MANIFEST_SEAL}


def _write(folder: Path, hashes: dict[str, str]) -> Path:
    path = folder / MANIFEST
    path.write_text(_text(hashes), encoding="utf-8")
    return path


def _text(hashes: dict[str, str]) -> str:
    return "".join(_line(name, hashes[name]) for name in sorted(hashes))


def _line(name: str, sha256: str) -> str:
    # sha256sum marks a line by a backslash where it had to escape the name.
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == name else chr(92)}{sha256}  {escaped}\n"


def _read(folder: Path) -> dict[str, str]:
    path = folder / MANIFEST
    try:
        *lines, rest = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise RecordError(f"{path}: cannot be read: {error}; give the folder of a finished run") from error
    if rest or not lines:
        raise RecordError(f"{path}: the last line is not whole; restore the file from a copy")
    hashes = {}
    for number, line in enumerate(lines, start=1):
        sha256, gap, name = line.removeprefix("\\").partition("  ")
        if len(sha256) != 64 or not gap or not name:
            raise RecordError(f"{path}: line {number} is no hash and name; restore the file from a copy")
        hashes[_unescaped(name) if line.startswith("\\") else name] = sha256
    return hashes


def _unescaped(name: str) -> str:
    parts = name.split("\\\\")
    return "\\".join(part.replace("\\n", "\n").replace("\\r", "\r") for part in parts)
