"""Mutants that change the coded video, its frames or its encapsulation before they keep it."""

from pathlib import Path

from harness.targets.embedded import damage, reencode
from harness.targets.embedded.hooks import Hooks, keep
from harness.targets.embedded.mutants.mutant import Mutant, damaging
from harness.targets.embedded.store import ObjectStore


def _swap_payloads(store: ObjectStore, received: Path) -> int:
    other = store.latest()
    if other is not None:
        damage.exchange_payloads(received, other.path)
    return keep(store, received)


MUTANTS = (
    # Payload
    Mutant("flips-one-byte", "inverts one byte in the middle of the payload", damaging(damage.flip_one_byte)),
    Mutant("truncates-payload", "loses the last tenth of the payload", damaging(damage.truncate)),
    Mutant(
        "drops-last-fragment",
        "loses the last fragment where there are several",
        damaging(damage.drop_last_fragment),
    ),
    Mutant("swaps-payloads", "exchanges the payloads of two objects stored in a row", Hooks(store=_swap_payloads)),
    Mutant(
        "truncates-over-size",
        f"loses the last tenth of a payload over {damage.LARGE} bytes",
        damaging(damage.truncate_large),
    ),
    Mutant(
        "loses-tail-after-size",
        f"loses what is behind the first {damage.LARGE} bytes of a payload",
        damaging(damage.keep_first_bytes),
    ),
    # Frames
    Mutant("reencodes-silently", "encodes the same frames again", damaging(reencode.reencode)),
    Mutant("drops-frames", "loses the frame in the middle", damaging(reencode.drop_frame)),
    Mutant("reorders-frames", "exchanges the two frames in the middle", damaging(reencode.swap_frames)),
    # Encapsulation
    Mutant("adds-offset-table", "adds a Basic Offset Table of four bytes", damaging(damage.add_offset_table)),
    Mutant("splits-fragments", "cuts each fragment into two", damaging(damage.split_fragments)),
)
