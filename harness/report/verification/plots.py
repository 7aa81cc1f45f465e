"""Plots where people would rather look than read, each with its numbers as a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.core.results import Run
from harness.core.sizes import MIB, show_size
from harness.report.summary import Summary, format_name, uid_suffix
from harness.report.verification import drawing
from harness.report.verification.drawing import Axis, Mark
from harness.report.verification.measured import Distance, Timed, measured

_SIZES = tuple((float(2**power), show_size(2**power)) for power in range(10, 52, 2))
_SECONDS = tuple((10.0**power, f"{10.0**power:g} s") for power in range(-6, 8))


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot. ``key`` pairs the shape of each series with its name; ``rows`` are the numbers, under ``head``."""

    title: str
    text: str
    svg: Markup
    key: tuple[tuple[Markup, str], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def plots(summary: Summary) -> tuple[Plot, ...]:
    """Every plot for which the run has numbers."""
    found = measured(summary.cells)
    targets = [column.id for column in summary.columns]
    made: list[Plot] = []
    for target in targets:
        timed = [one for one in found.timed if one.target == target]
        if timed:
            made.append(_times(summary.run, target, timed))
    if found.survived:
        values = {(one.format, one.target): float(one.size) for one in found.survived}
        made.append(_largest(summary.run, targets, values))
    if any(one.returned for one in found.distances):
        made += [
            _distances(summary.run, targets, found.distances, 0, "PSNR in dB", 1.0, lambda value: f"{value:.2f} dB"),
            _distances(summary.run, targets, found.distances, 1, "SSIM", 0.001, lambda value: f"{value:.4f}"),
        ]
    return tuple(made)


def _times(run: Run, target: str, timed: Sequence[Timed]) -> Plot:
    title = f"Size against time: {target}"
    text = "Seconds to store and to return a video by its size, both axes logarithmic. Lower is faster."
    marks = [Mark(0, one.size, one.stored) for one in timed if one.stored]
    marks += [Mark(3, one.size, one.returned) for one in timed if one.returned]
    axes = (
        drawing.logarithmic([one.x for one in marks], _SIZES),
        drawing.logarithmic([one.y for one in marks], _SECONDS),
    )
    rows = tuple(
        (
            _named(run, one.format),
            one.service,
            f"{one.size:,}",
            _seconds(one.stored),
            _rate(one.size, one.stored),
            _seconds(one.returned),
            _rate(one.size, one.returned),
        )
        for one in timed
    )
    return Plot(
        title,
        text,
        drawing.scatter(title, text, axes, marks, ("size of the video", "seconds")),
        ((drawing.key(0), "stored"), (drawing.key(3), "returned")),
        ("Format", "Returned by", "Bytes", "Stored in", "MiB/s", "Returned in", "MiB/s"),
        rows,
    )


def _largest(run: Run, targets: Sequence[str], values: dict[tuple[str, str], float]) -> Plot:
    title = "Largest video that came back unchanged"
    text = "For each format and target, of the sizes that were tried. Not a limit unless one was looked for."
    present = [target for target in targets if any(target == of for _, of in values)]
    axis = drawing.logarithmic(list(values.values()), _SIZES)
    rows = _strips(run, present, values)
    return Plot(
        title,
        text,
        drawing.strips(title, text, axis, rows, len(present), "size of the video"),
        _key(present),
        ("Format", *present),
        _table(run, present, values, lambda value: show_size(int(value))),
    )


def _distances(
    run: Run,
    targets: Sequence[str],
    distances: Iterable[Distance],
    part: int,
    name: str,
    step: float,
    shown: Callable[[float], str],
) -> Plot:
    title = f"{name} of what came back"
    text = (
        "The worst picture of the worst path against the drawn pictures, beside the video as it was sent. An "
        "engineering figure that depends on the pictures; it says nothing about diagnosis."
    )
    values: dict[tuple[str, str], float] = {}
    for one in distances:
        # What was sent is the same for every target.
        if one.sent:
            values.setdefault((one.format, "as sent"), one.sent[part])
        if one.returned:
            values[one.format, one.target] = one.returned[part]
    present = [target for target in ("as sent", *targets) if any(target == of for _, of in values)]
    axis: Axis = drawing.linear(list(values.values()), step)
    return Plot(
        title,
        text,
        drawing.strips(title, text, axis, _strips(run, present, values), len(present), f"{name}, worst picture"),
        _key(present),
        ("Format", *present),
        _table(run, present, values, shown),
    )


def _strips(run: Run, series: Sequence[str], values: dict[tuple[str, str], float]) -> list[tuple[str, list[Mark]]]:
    return [
        (
            _named(run, name),
            [Mark(number, values[name, of]) for number, of in enumerate(series) if (name, of) in values],
        )
        for name in dict.fromkeys(name for name, _ in values)
    ]


def _table(
    run: Run, series: Sequence[str], values: dict[tuple[str, str], float], shown: Callable[[float], str]
) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (_named(run, name), *(shown(values[name, of]) if (name, of) in values else "" for of in series))
        for name in dict.fromkeys(name for name, _ in values)
    )


def _key(series: Sequence[str]) -> tuple[tuple[Markup, str], ...]:
    return tuple((drawing.key(number), name) for number, name in enumerate(series))


def _named(run: Run, format_id: str) -> str:
    if not format_id:
        return "the target itself"
    suffix = uid_suffix(run, format_id)
    return f"{format_id} {suffix}" if suffix else format_name(run, format_id)


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value else ""


def _rate(size: int, seconds: float) -> str:
    return f"{size / MIB / seconds:.1f}" if seconds else ""
