"""The mutants that misbehave in a service: a server of each, and what a client sees of it."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.uid import MPEG2MPML, ExplicitVRLittleEndian, VideoEndoscopicImageStorage

from harness.core.endpoint import Timeouts
from harness.core.exchange import Ending
from harness.media.part10 import read_object
from harness.targets.embedded.mutants.store import INTERRUPTED_AFTER
from tests.targets.conftest import Caller, Embedded, Made, MakeObject


def payload_of(paths: tuple[Path, ...]) -> list[str]:
    return [read_object(path).payload_sha256 for path in paths]


def accepts_everything(caller: Caller, made: Made) -> None:
    pairs = [(VideoEndoscopicImageStorage, "2.25.4711"), ("2.25.4712", ExplicitVRLittleEndian)]
    assert all(context.accepted for context in caller.client.negotiate(pairs).contexts)
    assert caller.store(made).status == 0x0000


def accepts_without_storing(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    assert caller.find(made) == ()


def fails_store(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0xC000
    assert caller.find(made) == ()


def accepts_another_syntax(caller: Caller, made: Made) -> None:
    (context,) = caller.client.negotiate([(VideoEndoscopicImageStorage, MPEG2MPML)]).contexts
    assert context.answered_syntax not in (None, MPEG2MPML)


def hangs(caller: Caller, made: Made) -> None:
    object.__setattr__(caller.endpoint, "timeouts", Timeouts(answer=0.3))
    assert caller.store(made).ending is Ending.TIMED_OUT


def assert_nothing_is_left(caller: Caller, made: Made) -> None:
    """Neither in the index nor, a moment later, as the part that was received."""
    assert caller.find(made) == ()
    limit = time.monotonic() + 2
    while list(caller.folder.glob("scratch/*/incoming/*")):
        assert time.monotonic() < limit
        time.sleep(0.02)


def aborts_in_mid_transfer(caller: Caller, made: Made) -> None:
    assert caller.store(made).ending is Ending.ABORTED
    assert_nothing_is_left(caller, made)


def closes_in_mid_transfer(caller: Caller, made: Made) -> None:
    assert caller.store(made).ending is Ending.LOST
    assert_nothing_is_left(caller, made)


def fails_echo(caller: Caller, made: Made) -> None:
    assert caller.client.echo().status == 0x0122


def query_finds_nothing(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    assert caller.find(made) == ()
    assert len(caller.get(made)[1]) == 1


def query_wrong_attributes(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    assert [answer["NumberOfFrames"] for answer in caller.find(made, "NumberOfFrames")] == ["1"]


def answers_with_another_instance(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    (answer,) = caller.find(made)
    assert answer["SOPInstanceUID"] != made[1].SOPInstanceUID


def retrieves_nothing_on_get(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    exchange, received = caller.get(made)
    assert (exchange.status, received) == (0x0000, ())
    assert len(caller.move(made)[1]) == 1


def retrieves_nothing_on_move(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    exchange, received = caller.move(made)
    assert (exchange.status, received) == (0x0000, ())
    assert len(caller.get(made)[1]) == 1


def fails_get(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    assert caller.get(made)[0].status == 0xA702
    assert caller.move(made)[0].status == 0x0000


def fails_move(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    assert caller.move(made)[0].status == 0xA702
    assert caller.get(made)[0].status == 0x0000


def damages_on_get(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    assert payload_of(caller.get(made)[1]) != payload_of((made[0],))
    assert payload_of(caller.move(made)[1]) == payload_of((made[0],))


def damages_on_move(caller: Caller, made: Made) -> None:
    assert caller.store(made).status == 0x0000
    assert payload_of(caller.move(made)[1]) != payload_of((made[0],))
    assert payload_of(caller.get(made)[1]) == payload_of((made[0],))


@pytest.mark.parametrize(
    "misbehaves",
    [
        accepts_everything,
        accepts_without_storing,
        fails_store,
        accepts_another_syntax,
        hangs,
        aborts_in_mid_transfer,
        closes_in_mid_transfer,
        fails_echo,
        query_finds_nothing,
        query_wrong_attributes,
        answers_with_another_instance,
        retrieves_nothing_on_get,
        retrieves_nothing_on_move,
        fails_get,
        fails_move,
        damages_on_get,
        damages_on_move,
    ],
)
def test_a_mutant_misbehaves_as_its_name_says(
    embedded: Embedded,
    make_object: MakeObject,
    tmp_path: Path,
    misbehaves: Callable[[Caller, Made], None],
) -> None:
    made = make_object(bytes(16 * INTERRUPTED_AFTER))
    with embedded(misbehaves.__name__.replace("_", "-")) as (target, caller):
        misbehaves(caller, made)
        assert target.state().alive
