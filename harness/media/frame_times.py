"""What the presentation times of frames say: the rate, whether it is kept, and what is wrong with them."""

from fractions import Fraction
from itertools import pairwise

from harness.media.decode import Problems


def frame_timing(times: list[int | None], base: Fraction, known: list[Fraction]) -> tuple[Fraction, bool]:
    """Frame rate, and whether every frame stands where that rate puts it, within one unit of the time base.

    ``times`` are in units of ``base`` seconds. The first of the ``known`` rates that fits all times is the rate: a
    time base of 1/90000 cannot say 60000/1001 exactly. If none fits, the rate is the mean.
    """
    told = [time for time in times if time is not None]
    if len(told) < 2:
        return (known[0] if known else Fraction(0)), len(told) == len(times)
    start = told[0]
    if len(told) == len(times):
        for rate in known:
            step = 1 / (rate * base)
            up, down = step.numerator, step.denominator
            if all(abs((time - start) * down - index * up) <= down for index, time in enumerate(told)):
                return rate, True
    span = (max(told) - min(told)) * base
    return (Fraction(len(told) - 1) / span if span else Fraction(0)), False


def timing_faults(times: list[int | None]) -> tuple[str, ...]:
    """What is wrong with the times of frames in order of presentation: missing, or not later than the one before."""
    faults = Problems()
    missing = sum(1 for time in times if time is None)
    if missing and len(times) > 1:
        faults.add(f"{missing} of {len(times)} frames have no time")
    for number, (before, after) in enumerate(pairwise(times), 2):
        if before is not None and after is not None and after <= before:
            faults.add(f"frame {number} is not later than the one before it")
    return faults.texts()
