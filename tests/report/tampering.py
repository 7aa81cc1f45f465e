"""Ways to change a bundle, as somebody would who does not want it to be seen."""

import json
from collections.abc import Iterator
from pathlib import Path

import rfc8785

from harness.report.manifest import write_manifest

Step = str | int
Steps = tuple[Step, ...]

#: Another value of the same enumeration, so that a change is not found by its spelling alone.
COUNTERPARTS = {
    one: other
    for pair in (
        ("PASS", "FAIL"),
        ("MET", "NOT MET"),
        ("NOT SHOWN", "MET"),
        ("ERROR", "NOT_RUN"),
        ("UNSUPPORTED", "INCONCLUSIVE"),
        ("SHALL", "SHOULD"),
        ("SELF_TEST", "MEASURED"),
        ("draft", "complete"),
        ("undetermined", "product"),
        ("new", "known"),
        ("interface", "content"),
        ("implementation", "effectiveness"),
    )
    for one, other in (pair, pair[::-1])
}


def leaves(value: object, steps: Steps = ()) -> Iterator[Steps]:
    """The place of every value that has none below it."""
    members: list[tuple[Step, object]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    if not members:
        yield steps
    for step, member in members:
        yield from leaves(member, (*steps, step))


def kind(steps: Steps) -> Steps:
    """The field of the schema that a place belongs to: all entries of a list are alike."""
    return tuple("*" if isinstance(step, int) else step for step in steps)


def shown(steps: Steps) -> str:
    """A place as it is told, such as ``counts[0].planned``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def other(value: object) -> object:
    """Another value of the same type."""
    if isinstance(value, str):
        return COUNTERPARTS.get(value, value + "x")
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return ["x"] if isinstance(value, list) else "x"


def changed(value: object, steps: Steps) -> object:
    """A copy of JSON values with another value at one place."""
    if not steps:
        return other(value)
    step, *rest = steps
    if isinstance(value, dict):
        return {**value, step: changed(value[step], tuple(rest))}
    return [changed(entry, tuple(rest)) if at == step else entry for at, entry in enumerate(value)]


def rewrite(folder: Path, name: str, steps: Steps) -> None:
    """Change one field of a JSON file, keep its form, and put the new hash into the manifest."""
    value = json.loads((folder / name).read_bytes())
    (folder / name).write_bytes(rfc8785.dumps(changed(value, steps)))
    write_manifest(folder)


def flip(path: Path, at: int) -> None:
    """Change one bit of one byte."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
