"""Mutants that do harm to objects that are not as their label says."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event

from pydicom import Dataset
from pydicom.uid import JPEGTransferSyntaxes

from harness.media.part10 import layout, read_header
from harness.targets.embedded import damage
from harness.targets.embedded.hooks import SUCCESS, Hooks, keep
from harness.targets.embedded.mutants.mutant import Mutant
from harness.targets.embedded.store import ObjectStore

_ONE_FRAGMENT = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 107))


def _has_table(path: Path) -> bool:
    return bool(layout(path).offset_table_length)


def _has_fragments(path: Path) -> bool:
    syntax = str(read_header(path).file_meta.TransferSyntaxUID)
    return syntax in _ONE_FRAGMENT and len(layout(path).fragments) > 1


def _has_one_frame(path: Path) -> bool:
    header = read_header(path)
    return header.file_meta.TransferSyntaxUID not in JPEGTransferSyntaxes and int(header.NumberOfFrames) == 1


def _where(odd: Callable[[Path], bool], misbehave: Callable[[ObjectStore, Path], int]) -> Hooks:
    """Misbehave with the objects that are odd in one way."""

    def take(store: ObjectStore, received: Path) -> int:
        return misbehave(store, received) if odd(received) else keep(store, received)

    return Hooks(store=take)


def _lose(store: ObjectStore, received: Path) -> int:
    received.unlink()
    return SUCCESS


def _damage(store: ObjectStore, received: Path) -> int:
    damage.truncate(received)
    return keep(store, received)


def _hang(store: ObjectStore, received: Path) -> int:
    Event().wait()
    return SUCCESS


def _die(store: ObjectStore, received: Path) -> int:
    os._exit(70)


def _count_fragments(header: Dataset, fragments: int) -> None:
    header.NumberOfFrames = fragments


def _miscount(store: ObjectStore, received: Path) -> int:
    fragments = len(layout(received).fragments)
    damage.changing_header(lambda header: _count_fragments(header, fragments))(received)
    return keep(store, received)


MUTANTS = (
    Mutant(
        "loses-mislabelled",
        "answers success and keeps nothing of a video that says it has one frame",
        _where(_has_one_frame, _lose),
    ),
    Mutant(
        "stops-answering-after-mislabel",
        "ends when a video comes in two fragments whose syntax allows one",
        _where(_has_fragments, _die),
    ),
    Mutant(
        "hangs-on-mislabelled",
        "never answers the store of a video that says it has one frame",
        _where(_has_one_frame, _hang),
    ),
    Mutant(
        "damages-offset-table-objects",
        "loses the last tenth of a video with a filled offset table",
        _where(_has_table, _damage),
    ),
    Mutant(
        "counts-fragments-as-frames",
        "takes the number of fragments for the number of frames",
        _where(_has_fragments, _miscount),
    ),
)
