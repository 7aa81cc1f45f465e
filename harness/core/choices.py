"""What was chosen for a run, with the defaults that the harness has: what is recorded, and what deviations are from."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from harness.core.plain import Misfit, from_plain, plain
from harness.core.results import Run
from harness.core.sizes import DEFAULT_LADDER


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of one run. A record holds them under these names; each default is what counts where nobody chose.

    ``catalogue`` are all formats that could be chosen, ``formats`` those that were, empty for all of them. Sizes and
    ``ceiling`` are in bytes. ``keyword``, ``marks``, ``deselect`` and ``arguments`` are pytest's own ways to choose,
    and ``deselected`` counts the cells that they, or any other plugin, took out.
    """

    profile: str = "standard"
    formats: tuple[str, ...] = ()
    catalogue: tuple[str, ...] = ()
    sizes: tuple[int, ...] = DEFAULT_LADDER
    ceiling: int | None = None
    required: tuple[str, ...] = ()
    runtime: str = "auto"
    keep: bool = False
    emulate_unknown: str = ""
    emulate_unsourced: bool = False
    keyword: str = ""
    marks: str = ""
    deselect: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    deselected: int = 0


#: How each option is written on the command line; ``catalogue`` and ``deselected`` are no options.
WRITTEN: Mapping[str, str] = {
    "profile": "--pacs-profile",
    "formats": "--pacs-format",
    "sizes": "--pacs-max-size",
    "ceiling": "--pacs-find-ceiling",
    "required": "--require",
    "runtime": "--pacs-runtime",
    "keep": "--pacs-keep",
    "emulate_unknown": "--emulate-unknown",
    "emulate_unsourced": "--emulate-unsourced",
    "keyword": "-k",
    "marks": "-m",
    "deselect": "--deselect",
    "arguments": "tests named on the command line",
}

_NAMES = frozenset(field.name for field in fields(Choices))


def choices_of(run: Run) -> tuple[tuple[str, Choices], ...]:
    """What was chosen, with the id of the run that it was chosen for; empty where the record does not tell.

    A joined run holds the options of each shard by its id, as it does the environment.

    Raises:
        Misfit: a value is not of its type, or options are recorded and none of them is one that the harness has.
    """
    found = {one.run_id: run.options.get(one.run_id) for one in run.shards} or {run.run_id: run.options}
    return tuple(
        (run_id, _read(options, run_id))
        for run_id, options in found.items()
        if isinstance(options, Mapping) and options
    )


def _read(options: Mapping[str, object], place: str) -> Choices:
    known = {name: value for name, value in options.items() if name in _NAMES}
    if not known:
        raise Misfit(f"options of {place}: none of {', '.join(sorted(options)[:10])} is an option of this harness")
    return from_plain(Choices, plain(Choices()) | known, f"options of {place}")
