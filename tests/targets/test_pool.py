from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.core.endpoint import Endpoint, EvidenceClass, Runtime, TargetIdentity, TargetState
from harness.errors import TargetUnhealthy, UnknownName
from harness.targets.pool import TargetPool
from harness.targets.target import Place


@dataclass
class Recorder:
    """A target that writes down what is asked of it."""

    id: str
    start_error: BaseException | None = None
    stop_error: Exception | None = None
    calls: list[str] = field(default_factory=list)

    @property
    def evidence_class(self) -> EvidenceClass:
        return EvidenceClass.SELF_TEST

    def start(self, place: Place) -> Endpoint:
        self.calls.append(f"start {place.run_id}")
        if self.start_error is not None:
            raise self.start_error
        return Endpoint(host="127.0.0.1", port=104, aet=self.id)

    def identity(self) -> TargetIdentity:
        return TargetIdentity(self.id, "Recorder", "1", Runtime.EMBEDDED, self.evidence_class)

    def state(self) -> TargetState:
        return TargetState(alive=True)

    def stop(self) -> None:
        self.calls.append("stop")
        if self.stop_error is not None:
            raise self.stop_error


def pool_of(*targets: Recorder) -> TargetPool:
    return TargetPool({target.id: target for target in targets}, lambda id_: Place(f"run-{id_}", Path("s"), Path("e")))


def test_target_is_started_once() -> None:
    target = Recorder("a")
    pool = pool_of(target, Recorder("b"))
    assert pool.get("a") is pool.get("a")
    assert pool.get("a").endpoint.aet == "a"
    assert target.calls == ["start run-a"]
    assert not pool.failed("a")


def test_failed_start_is_not_tried_again() -> None:
    target = Recorder("a", start_error=TargetUnhealthy("never ready"))
    pool = pool_of(target)
    for _ in range(3):
        with pytest.raises(TargetUnhealthy) as caught:
            pool.get("a")
        assert caught.value is target.start_error
        assert pool.failed("a")
    assert target.calls == ["start run-a"]


def test_interrupt_is_no_failed_start() -> None:
    target = Recorder("a", start_error=KeyboardInterrupt())
    pool = pool_of(target)
    with pytest.raises(KeyboardInterrupt):
        pool.get("a")
    assert not pool.failed("a")
    target.start_error = None
    assert pool.get("a").target.id == "a"


def test_stopped_target_starts_anew() -> None:
    target = Recorder("a")
    pool = pool_of(target)
    pool.get("a")
    pool.stop("a")
    pool.get("a")
    assert target.calls == ["start run-a", "stop", "start run-a"]


def test_everything_stops_in_spite_of_errors() -> None:
    first, second = Recorder("a", stop_error=TargetUnhealthy("a stays")), Recorder("b")
    third = Recorder("c", stop_error=TargetUnhealthy("c stays"))
    pool = pool_of(first, second, third)
    for name in ("a", "b", "c"):
        pool.get(name)
    with pytest.raises(TargetUnhealthy, match="c stays"):
        pool.stop_all()
    assert [target.calls[-1] for target in (first, second, third)] == ["stop", "stop", "stop"]


def test_leaving_the_pool_stops_targets() -> None:
    target = Recorder("a")
    with pool_of(target) as pool:
        pool.get("a")
    assert target.calls == ["start run-a", "stop"]


def test_unknown_target_is_refused() -> None:
    with pytest.raises(UnknownName, match="known: a"):
        pool_of(Recorder("a")).get("b")
