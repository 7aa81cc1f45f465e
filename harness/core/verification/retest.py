"""What changed since the run that a retest repeats, in words (IEC 62304 5.7.3, 9.8)."""

from collections.abc import Iterator

from harness.core.difference import CellChange, Change, Difference, difference
from harness.core.joining import protocol_differences
from harness.core.results import Outcome, Run
from harness.core.verification.dossier import Previous


def previous_run(before: Run, record_sha256: str, after: Run) -> Previous:
    """The earlier run with everything that differs; cells that changed alike are said once."""
    return Previous(before.run_id, record_sha256, tuple(_changes(before, after)))


def _changes(before: Run, after: Run) -> Iterator[str]:
    for problem in protocol_differences(before, after):
        yield f"not like with like: {problem}"
    versions = {one.id: (one.product, one.version) for one in before.targets}
    for target in after.targets:
        product, version = versions.get(target.id, (target.product, target.version))
        if (product, version) != (target.product, target.version):
            yield f"{target.id} was {product} {version} and is {target.product} {target.version}"
    found = difference(before, after)
    yield from _verdicts(found)
    for figure in found.figures:
        yield f"{figure.what}: {figure.before:g} {figure.unit}, now {figure.after:g} {figure.unit}"
    if found.same_verdicts:
        yield "every cell came to the same"


def _verdicts(found: Difference) -> Iterator[str]:
    alike: dict[tuple[Change, Outcome | None, Outcome | None], list[CellChange]] = {}
    for one in found.cells:
        alike.setdefault((one.change, one.before, one.after), []).append(one)
    for change in Change:
        for (kind, before, after), cells in alike.items():
            if kind is change:
                names = ", ".join(one.cell for one in cells)
                count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
                yield f"{change}: {count}, {before or 'not there'} before, {after or 'not there'} now: {names}"
