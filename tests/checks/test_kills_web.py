"""The checks against a PACS that speaks DICOMweb only: well-behaved, misbehaving, and not asked for what it has not."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from harness.catalogue.read import load_formats, load_recipes
from harness.core.endpoint import Auth, AuthKind, Permission, RestEndpoint, Service, WebEndpoint
from harness.core.results import Outcome
from harness.core.verdicts import Verdict
from harness.errors import UsageError
from harness.plugin.bench import Bench, clip_cache
from harness.plugin.cells import Axes, subjects
from harness.plugin.everycheck import every_check
from harness.plugin.qualification.asking import ask
from harness.qualification.kills import SIZE
from harness.targets.embedded.hooks import WELL_BEHAVED, Hooks
from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.variations.transfer import decoded
from harness.targets.embedded.web.app import BASE, URI, make_app
from harness.targets.embedded.web.asked import Asked, Refusal, Reply, Resource
from harness.targets.embedded.web.hooks import WebHooks
from harness.targets.embedded.web.serving import WebServer
from harness.targets.remote import RemoteTarget
from harness.targets.site import Site
from tests.checks.test_kills import WEB_KILLS
from tests.clients.web_service import Rules, WebService

FORMAT = "h264_hp41"
FORMATS, CHECKS = load_formats(), every_check()

Told = list[dict[str, Any]]

DIMSE_ONLY = {id for id in CHECKS if id.startswith("ASC-")} | {
    *("INT-GET", "RET-GET", "RET-MOVE", "STO-COMMIT", "STO-FALLBACK")
}
#: By whom it was not wished, and what asks nothing of DICOMweb.
NOT_ASKED = {"SIZ-CEILING", "RET-OPENLY"}
#: Checks that need a program which not every machine has.
MAY_LACK = {"VAL-DCIODVFY"}


def variant_of(check_id: str) -> str | None:
    """The last variant of a check, which is the one of DICOMweb where there is a choice."""
    return (CHECKS[check_id].variants or (None,))[-1]


@contextmanager
def bench_of(
    folder: Path, web: WebEndpoint, permission: Permission | None = None, rest: RestEndpoint | None = None
) -> Iterator[Bench]:
    site = Site(
        id="web",
        path=folder / "web.toml",
        product="Service",
        vendor="Nobody",
        version="1",
        endpoint=None,
        web=web,
        permission=permission or Permission(),
        rest=rest,
    )
    (folder / "run").mkdir()
    with Bench(
        {"web": RemoteTarget(site)},
        run_id=f"web-{os.getpid()}-{folder.name}",
        run_folder=folder / "run",
        formats=FORMATS,
        recipes=load_recipes(),
        cache=clip_cache(),
        index_lag=(0.01,),
    ) as bench:
        yield bench
        if "web" in bench.started:
            bench.stop("web")


def verdict_of(bench: Bench, check_id: str, variant: str | None = None) -> Verdict:
    check = CHECKS[check_id]
    subject = subjects(check.over, Axes(("web",), (FORMATS[FORMAT],), (SIZE,)))[0]
    return ask(bench, bench.pacs("web"), check, subject, variant)


@pytest.fixture
def service(tmp_path):
    with WebService(tmp_path / "service") as service:
        yield service


@pytest.mark.parametrize(("check_id", "rules"), WEB_KILLS)
def test_check_fails_on_a_misbehaving_service(service, tmp_path, check_id, rules):
    service.rules = Rules(**rules)
    with bench_of(tmp_path, WebEndpoint(service.base)) as bench:
        verdict = verdict_of(bench, check_id)
    assert verdict.outcome is Outcome.FAIL, verdict


@pytest.fixture
def embedded(tmp_path):
    """The DICOMweb side of the embedded PACS: address of its root."""
    server = WebServer(make_app(ObjectStore(tmp_path / "embedded"), WELL_BEHAVED))
    yield f"http://127.0.0.1:{server.start(0)}"
    server.stop()
    server.join(5)


def test_well_behaved_service_passes_every_check_but_those_of_dimse(embedded, tmp_path):
    web = WebEndpoint(embedded + BASE, wado_uri=embedded + URI)
    with bench_of(tmp_path, web, rest=RestEndpoint("orthanc", embedded)) as bench:
        verdicts = {check_id: verdict_of(bench, check_id, variant_of(check_id)) for check_id in CHECKS}
    expected = {id: Outcome.NOT_APPLICABLE if id in DIMSE_ONLY else Outcome.PASS for id in CHECKS}
    expected |= dict.fromkeys(NOT_ASKED, Outcome.NOT_RUN)
    expected |= {id: Outcome.NOT_RUN for id in MAY_LACK if verdicts[id].outcome is Outcome.NOT_RUN}
    assert {id: verdict.outcome for id, verdict in verdicts.items()} == expected, verdicts
    assert not any(verdict.notes for id, verdict in verdicts.items() if id in ("STO-ACK", "RET-WADO"))


def replying(replies: dict[Resource, int], metadata: Callable[[Told], Told]) -> Hooks:
    def reply(asked: Asked, made: Reply) -> Reply:
        status = replies.get(asked.resource, made.status)
        return made if status == made.status else Refusal(status, "no").reply

    return Hooks(web=WebHooks(reply=reply, metadata=metadata))


def untold(instances: Told) -> Told:
    return [{tag: element for tag, element in one.items() if tag != "7FE00010"} for one in instances]


@pytest.mark.parametrize(
    ("metadata", "bulk", "outcome"),
    [
        (200, 404, Outcome.NOT_APPLICABLE),
        (200, 410, Outcome.NOT_APPLICABLE),
        (200, 500, Outcome.FAIL),
        (200, 503, Outcome.INCONCLUSIVE),
        (200, 401, Outcome.INCONCLUSIVE),
        (500, 404, Outcome.NOT_RUN),
        (401, 401, Outcome.NOT_RUN),
        (500, 200, Outcome.PASS),
    ],
)
def test_bulk_data_whose_place_is_not_told_is_judged_by_what_is_known_of_it(tmp_path, metadata, bulk, outcome):
    hooks = replying({Resource.METADATA: metadata, Resource.BULKDATA: bulk}, untold)
    server = WebServer(make_app(ObjectStore(tmp_path / "embedded"), hooks))
    try:
        with bench_of(tmp_path, WebEndpoint(f"http://127.0.0.1:{server.start(0)}{BASE}")) as bench:
            verdicts = [verdict_of(bench, check_id) for check_id in ("RET-BULK", "WEB-TYPE")]
    finally:
        server.stop()
        server.join(5)
    assert {verdict.outcome for verdict in verdicts} == {outcome}, verdicts
    assert outcome is not Outcome.NOT_RUN or "metadata" in verdicts[0].reason


def whole(path: Path) -> None:
    """Leave an object as it is."""


def halve(path: Path) -> None:
    """Lose half of the frames, and say so."""
    data = dcmread(path)
    frames = int(data.NumberOfFrames) // 2
    data.PixelData = data.PixelData[: int(data.Rows) * int(data.Columns) * 3 * frames]
    data.NumberOfFrames = frames
    data.save_as(path)


def blacken(path: Path) -> None:
    """Lose every picture."""
    data = dcmread(path)
    data.PixelData = bytes(len(data.PixelData))
    data.save_as(path)


@pytest.mark.parametrize(
    ("change", "outcome"), [(whole, Outcome.PASS), (halve, Outcome.FAIL), (blacken, Outcome.INCONCLUSIVE)]
)
def test_a_decoded_object_passes_only_with_the_frames_that_were_sent(tmp_path, change, outcome):
    def retrieve(service: str, instances: list[StoredInstance]) -> list[StoredInstance]:
        copies = [replace(one, path=decoded(one.path), transfer_syntax_uid=ExplicitVRLittleEndian) for one in instances]
        for copy in copies:
            change(copy.path)
        return copies

    server = WebServer(make_app(ObjectStore(tmp_path / "embedded"), Hooks(retrieve=retrieve)))
    try:
        with bench_of(tmp_path, WebEndpoint(f"http://127.0.0.1:{server.start(0)}{BASE}")) as bench:
            verdict = verdict_of(bench, "WEB-DEFAULT", "plain")
    finally:
        server.stop()
        server.join(5)
    assert verdict.outcome is outcome, verdict


def test_object_is_sent_once_for_all_checks(service, tmp_path):
    with bench_of(tmp_path, WebEndpoint(service.base)) as bench:
        for check_id in ("STO-ACK", "RET-WADO", "RET-SYNTAX", "QRY-IMAGE"):
            verdict_of(bench, check_id)
    assert [method for method, _, _ in service.seen].count("POST") == 1


def test_object_over_the_documented_limit_is_not_run_and_says_the_limit(service, tmp_path):
    with bench_of(tmp_path, WebEndpoint(service.base, max_request=1000)) as bench:
        verdicts = [verdict_of(bench, check_id) for check_id in ("STO-ACK", "RET-WADO")]
    assert {verdict.outcome for verdict in verdicts} == {Outcome.NOT_RUN}
    assert all("documents 1,000 at most; nothing was sent" in verdict.reason for verdict in verdicts)
    assert service.seen == []


def test_size_refused_by_the_service_is_unsupported_for_all_that_follows(service, tmp_path):
    service.rules.limit = 1000
    with bench_of(tmp_path, WebEndpoint(service.base)) as bench:
        verdicts = [verdict_of(bench, check_id) for check_id in ("STO-ACK", "RET-WADO", "PLY-FRAMES")]
    assert {verdict.outcome for verdict in verdicts} == {Outcome.UNSUPPORTED}
    assert all("HTTP status 413" in verdict.reason for verdict in verdicts)


def test_what_the_site_does_not_allow_is_not_asked(service, tmp_path):
    permission = Permission(frozenset({Service.QIDO}))
    with bench_of(tmp_path, WebEndpoint(service.base), permission) as bench:
        verdict = verdict_of(bench, "STO-ACK")
    assert verdict.outcome is Outcome.NOT_RUN
    assert "does not allow stow" in verdict.reason
    assert service.seen == []


def test_objects_left_behind_are_told(service, tmp_path):
    left = []
    with bench_of(tmp_path, WebEndpoint(service.base)) as bench:
        bench.pacs("web", lambda identity, address: left.append(address), lambda id, uid: left.append((id, uid)))
        verdict_of(bench, "STO-ACK")
    (stored,) = service.folder.glob("*.dcm")
    assert left == [service.base, ("web", stored.stem)]


def test_missing_secret_is_told_when_the_target_is_needed(service, tmp_path, monkeypatch):
    monkeypatch.delenv("PACS_TOKEN", raising=False)
    auth = Auth(AuthKind.BEARER, secrets=(("token", "PACS_TOKEN"),))
    with (
        bench_of(tmp_path, WebEndpoint(service.base, auth=auth)) as bench,
        pytest.raises(UsageError, match="PACS_TOKEN"),
    ):
        bench.pacs("web")
