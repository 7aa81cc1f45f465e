"""DCMTK's archive, installed and in a container: what our configuration of it is there for."""

import os
from collections.abc import Iterator

import pytest

from harness.core.endpoint import Runtime
from harness.core.exchange import ContextResult
from harness.errors import EnvironmentProblem
from harness.media.part10 import read_object
from harness.targets.factory import make_target
from harness.targets.target import Place, Target
from tests.targets.conftest import Caller, MakeObject

VIDEO = [f"1.2.840.10008.1.2.4.{number}" for number in (50, *range(100, 109))]


@pytest.fixture(scope="module", params=["native", "container"])
def started(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Target, Caller]]:
    folder = tmp_path_factory.mktemp("dcmtk")
    place = Place(f"test-dcmtk-{request.param}-{os.getpid()}", folder / "scratch", folder / "evidence")
    place.scratch.mkdir()
    place.evidence.mkdir()
    try:
        target = make_target("dcmtk", request.param)
    except EnvironmentProblem as obstacle:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(str(obstacle))
    try:
        endpoint = target.start(place)
        assert endpoint is not None
        yield target, Caller(endpoint, folder)
    finally:
        target.stop()


def test_it_says_which_version_it_is(started: tuple[Target, Caller]) -> None:
    target, caller = started
    identity = target.identity()
    assert identity.version.startswith("3.6.")
    assert identity.runtime in (Runtime.NATIVE, Runtime.CONTAINER)
    evidence = {path.name for path in (caller.folder / "evidence").iterdir()}
    assert {"dcmqrscp.cfg", "negotiation.cfg", "dcmtk.log"} <= evidence


@pytest.mark.parametrize("syntax", VIDEO)
def test_every_video_syntax_it_knows_comes_back_by_both_ways(
    started: tuple[Target, Caller], make_object: MakeObject, syntax: str
) -> None:
    caller = started[1]
    made = make_object(syntax=syntax)
    assert caller.store(made).status == 0x0000
    # It wants the unique keys of every level above (PS3.4 C.4.1.3.1).
    levels = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    keys = {keyword: str(made[1][keyword].value) for keyword in levels}
    assert [answer["SOPInstanceUID"] for answer in caller.client.find(keys, level="IMAGE")[1]] == [keys[levels[-1]]]
    for exchange, received in (caller.get(made), caller.move(made)):
        assert exchange.status == 0x0000, exchange.summary
        assert [read_object(path) for path in received] == [read_object(made[0])]


def test_syntax_that_it_does_not_know_is_refused(started: tuple[Target, Caller]) -> None:
    sop_class = "1.2.840.10008.5.1.4.1.1.77.1.1.1"
    answer = started[1].client.negotiate([(sop_class, "2.25.1")])
    assert [context.result for context in answer.contexts] == [ContextResult.TRANSFER_SYNTAXES]
