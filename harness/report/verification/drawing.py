"""Small drawings as SVG: no script, no font of their own, the same numbers as the table behind them.

Colours are attributes, for pages whose rules do not reach into a drawing, and classes, for those that know the dark.
Shapes tell series apart, so that colour is never alone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from harness.report.wording import printable

SHAPES = ("disc", "square", "triangle", "ring", "cross", "diamond")
_COLOURS = ("#0b57a4", "#a3431b", "#1a6b3c", "#6b3fa0", "#7a4d00", "#4f5862")
_WIDTH = 720.0
_LONGEST_NAME = 38


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from ``low`` to ``high`` with marked values; ``logarithmic`` where equal steps are equal ratios."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def at(self, value: float, start: float, end: float) -> float:
        """Where ``value`` lies between ``start`` and ``end``; outside values lie at the end of the axis."""
        low, high, here = self.low, self.high, min(max(value, self.low), self.high)
        if self.logarithmic:
            low, high, here = math.log(low), math.log(high), math.log(here)
        return start + (end - start) * (here - low) / (high - low)


@dataclass(frozen=True, slots=True)
class Mark:
    """One value of one series."""

    series: int
    x: float
    y: float = 0.0


def linear(values: Sequence[float], step: float, *, unit: str = "") -> Axis:
    """An axis over ``values`` that is marked every ``step``, or every second, fifth or tenth where those are many."""
    low, high = min(values), max(values)
    wide = step
    for factor in (1, 2, 5, 10, 20, 50, 100, 1000):
        wide = step * factor
        if (high - low) / wide <= 7:
            break
    first, last = math.floor(low / wide), max(math.ceil(high / wide), math.floor(low / wide) + 1)
    ticks = tuple((number * wide, f"{number * wide:.6g}{unit}") for number in range(first, last + 1))
    return Axis(first * wide, last * wide, ticks)


def logarithmic(values: Sequence[float], ticks: Iterable[tuple[float, str]]) -> Axis:
    """An axis over ``values`` from the tick below to the tick above them; both ends are ticks where there are any."""
    known = sorted(ticks)
    low = max((tick for tick, _ in known if tick <= min(values)), default=min(values))
    high = min((tick for tick, _ in known if tick >= max(values) and tick > low), default=max(values))
    if high <= low:
        high = low * 2
    return Axis(low, high, tuple(one for one in known if low <= one[0] <= high), logarithmic=True)


def scatter(title: str, text: str, axes: tuple[Axis, Axis], marks: Iterable[Mark], names: tuple[str, str]) -> Markup:
    """Marks on two axes that are named by ``names``."""
    across, up = axes
    left, right, top, bottom = 64.0, _WIDTH - 16, 12.0, 300.0
    parts = []
    for value, label in across.ticks:
        x = across.at(value, left, right)
        parts += [_line(x, top, x, bottom), _text(x, bottom + 18, label, "middle")]
    for value, label in up.ticks:
        y = up.at(value, bottom, top)
        parts += [_line(left, y, right, y), _text(left - 8, y + 4, label, "end")]
    parts += [_text(right, bottom + 38, names[0], "end"), _text(left + 6, top + 14, names[1], "start")]
    placed = ((one.series, across.at(one.x, left, right), up.at(one.y, bottom, top)) for one in marks)
    # Where one stands on another, only one is seen.
    parts += [_shape(*one) for one in dict.fromkeys((series, round(x), round(y)) for series, x, y in placed)]
    return _drawing(title, text, bottom + 48, parts)


def strips(
    title: str, text: str, axis: Axis, rows: Sequence[tuple[str, Sequence[Mark]]], series: int, name: str
) -> Markup:
    """One strip for each row, with a mark for each value; series stand below each other, so that none hides another."""
    left, right, top = 268.0, _WIDTH - 24, 8.0
    height = 10.0 + 11.0 * max(series, 1)
    bottom = top + height * len(rows)
    parts = []
    for value, label in axis.ticks:
        x = axis.at(value, left, right)
        parts += [_line(x, top, x, bottom), _text(x, bottom + 18, label, "middle")]
    for number, (label, marks) in enumerate(rows):
        y = top + height * number
        parts += [_line(12, y + height, right, y + height), _text(left - 12, y + height / 2 + 4, label, "end")]
        parts += [_shape(one.series, axis.at(one.x, left, right), y + 10.5 + 11.0 * one.series) for one in marks]
    parts.append(_text(right, bottom + 38, name, "end"))
    return _drawing(title, text, bottom + 48, parts)


def key(series: int) -> Markup:
    """The shape of a series, for a legend in words beside it."""
    shape = _shape(series, 8, 8)
    return Markup('<svg class="key" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">{}</svg>').format(
        shape
    )


def _drawing(title: str, text: str, height: float, parts: Iterable[Markup]) -> Markup:
    head = Markup('<svg class="plot" role="img" viewBox="0 0 {} {}" font-family="sans-serif" font-size="12">').format(
        _n(_WIDTH), _n(height)
    )
    inside = Markup("\n").join(parts)
    return Markup("{}<title>{}</title><desc>{}</desc>\n{}\n</svg>").format(
        head, printable(title), printable(text), inside
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="grid" stroke="#d9dde1" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        _n(x1), _n(y1), _n(x2), _n(y2)
    )


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    shown = printable(text)
    shown = shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"
    return Markup('<text class="ink" fill="#3f474f" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        _n(x), _n(y), anchor, escape(shown)
    )


def _shape(series: int, x: float, y: float) -> Markup:
    shape = SHAPES[series % len(SHAPES)]
    colour = _COLOURS[series % len(_COLOURS)]
    fill = f'class="mark s{series % len(_COLOURS)}" fill="{colour}"'
    open_ = f'class="open s{series % len(_COLOURS)}" fill="none" stroke="{colour}" stroke-width="1.8"'
    drawn = {
        "disc": f'<circle {fill} cx="{_n(x)}" cy="{_n(y)}" r="4"/>',
        "ring": f'<circle {open_} cx="{_n(x)}" cy="{_n(y)}" r="3.8"/>',
        "square": f'<rect {fill} x="{_n(x - 3.6)}" y="{_n(y - 3.6)}" width="7.2" height="7.2"/>',
        "triangle": f'<path {fill} d="M{_n(x)} {_n(y - 4.6)}l4.8 8.4h-9.6z"/>',
        "cross": f'<path {open_} d="M{_n(x - 3.6)} {_n(y - 3.6)}l7.2 7.2m0 -7.2l-7.2 7.2"/>',
        "diamond": f'<path {open_} d="M{_n(x)} {_n(y - 4.6)}l4.6 4.6l-4.6 4.6l-4.6 -4.6z"/>',
    }
    return Markup(drawn[shape])  # noqa: S704 - made of numbers alone


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
