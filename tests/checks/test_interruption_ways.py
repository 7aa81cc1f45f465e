"""The checks of interruption where they go other ways than DIMSE in the clear: DICOMweb, TLS, and a site's limits."""

import os
from collections.abc import Iterator

import pytest

from harness.catalogue.read import load_formats, load_recipes
from harness.core.endpoint import Auth, AuthKind, Permission, Service, WebEndpoint
from harness.core.observations import Undecided
from harness.core.results import Outcome
from harness.core.verdicts import judge
from harness.errors import HarnessError
from harness.plugin.bench import Bench, clip_cache
from harness.plugin.questions import interruption as module
from harness.targets.embedded.authority import Authority
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.remote import RemoteTarget
from harness.targets.site import Site
from tests.checks.test_kills_web import bench_of
from tests.clients.web_service import Rules, WebService

FORMATS = load_formats()


def verdict_of(bench: Bench, question: str, *arguments: str, target: str = "web"):
    pacs = bench.pacs(target)
    try:
        return judge(getattr(pacs.interruption, question)(pacs.sample(), *arguments))
    except Undecided as undecided:
        return judge(undecided.observation)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on how long a silence or a slow transfer is."""
    monkeypatch.setattr(module, "SILENCE", 0.5)
    monkeypatch.setattr(module, "SLOW", 0.3)


@pytest.fixture
def service(tmp_path) -> Iterator[WebService]:
    with WebService(tmp_path / "service") as service:
        yield service


QUESTIONS = [("cut", "first"), ("cut", "middle"), ("cut", "last"), ("stall",), ("throttle",), ("corrupt",)]


def test_well_behaved_web_service_passes_and_has_no_way_back_to_cut(service, tmp_path):
    with bench_of(tmp_path, WebEndpoint(service.base)) as bench:
        verdicts = [verdict_of(bench, *question) for question in QUESTIONS]
        back = verdict_of(bench, "cut_return")
    assert {verdict.outcome for verdict in verdicts} == {Outcome.PASS}, verdicts
    assert all("of the data set" not in note for verdict in verdicts for note in verdict.notes)
    assert back.outcome is Outcome.NOT_APPLICABLE


def test_web_service_that_keeps_half_a_request_fails(service, tmp_path):
    service.rules = Rules(keeps_half=True)
    with bench_of(tmp_path, WebEndpoint(service.base)) as bench:
        verdict = verdict_of(bench, "cut", "middle")
    assert verdict.outcome is Outcome.FAIL
    assert "passes for the whole" in verdict.reason


def test_what_one_question_lost_is_not_blamed_on_the_next(service, tmp_path):
    with bench_of(tmp_path, WebEndpoint(service.base)) as bench:
        assert verdict_of(bench, "cut", "first").outcome is Outcome.PASS
        for path in service.folder.glob("*.dcm"):
            path.unlink()
        verdict = verdict_of(bench, "cut", "middle")
    assert verdict.outcome is Outcome.INCONCLUSIVE, verdict
    assert "the same query did not find an object that was stored" in verdict.reason


@pytest.mark.parametrize(
    "web",
    [
        WebEndpoint("https://127.0.0.1:1/dicom-web"),
        WebEndpoint(
            "http://127.0.0.1:1/dicom-web",
            auth=Auth(AuthKind.SIGV4, (("region", "x"), ("service", "y")), (("access_key", "A"), ("secret_key", "B"))),
        ),
    ],
)
def test_way_that_cannot_be_harmed_is_not_run(web, tmp_path, monkeypatch):
    monkeypatch.setenv("A", "1")
    monkeypatch.setenv("B", "2")
    with bench_of(tmp_path, web) as bench:
        talk = bench.pacs("web")._talk
        with pytest.raises(Undecided) as undecided:
            module.Harmed(talk, module.ONCE)
    verdict = judge(undecided.value.observation)
    assert verdict.outcome is Outcome.NOT_RUN
    assert "only HTTP without TLS can be harmed" in verdict.reason


def test_every_object_of_a_site_is_told_as_left(service, tmp_path):
    left: list[str] = []
    with bench_of(tmp_path, WebEndpoint(service.base)) as bench:
        bench.pacs("web", on_left=lambda id, uid: left.append(uid))
        verdict_of(bench, "cut", "last")
    kept = {path.stem for path in service.folder.glob("*.dcm")}
    assert len(kept) == 2  # the one that was cut and sent again, and the one that was there before
    assert kept <= set(left)


@pytest.fixture
def site(tmp_path) -> Iterator[Bench]:
    """The embedded PACS over TLS, as a site that allows to store, find and get, and no echo."""
    authority = Authority(tmp_path / "tls")
    authority.issue()
    started = EmbeddedTarget(tls=tmp_path / "tls")

    class AsSite(RemoteTarget):
        def start(self, place):
            return started.start(place)

        def state(self):
            return started.state()

        def stop(self):
            started.stop()

    permission = Permission(frozenset({Service.STORE, Service.FIND, Service.GET}))
    description = Site(
        "site", tmp_path / "s.toml", "Embedded", "Us", "1", endpoint=None, web=None, permission=permission
    )
    (tmp_path / "run").mkdir()
    with Bench(
        {"site": AsSite(description)},
        run_id=f"tls-{os.getpid()}-{tmp_path.name}",
        run_folder=tmp_path / "run",
        formats=FORMATS,
        recipes=load_recipes(),
        cache=clip_cache(),
        index_lag=(0.01,),
    ) as bench:
        yield bench
        bench.stop("site")


def test_tls_is_cut_by_its_bytes_and_a_changed_byte_is_its_own_business(site):
    verdicts = [verdict_of(site, *question, target="site") for question in (*QUESTIONS[:-1], ("cut_return",))]
    assert {verdict.outcome for verdict in verdicts} == {Outcome.PASS}, verdicts
    cut = [note for note in verdicts[1].notes if "cut after" in note]
    assert cut
    assert "of the data set" not in cut[0]
    corrupted = verdict_of(site, "corrupt", target="site")
    assert corrupted.outcome is Outcome.NOT_RUN
    assert "TLS itself" in corrupted.reason


def test_file_that_is_left_of_a_broken_retrieve_is_a_defect_of_ours(site, monkeypatch):
    def close_only(self):
        if self._file is not None:
            self._file.close()

    monkeypatch.setattr("harness.clients.dimse.storage.StorageInbox.discard", close_only)
    with pytest.raises(HarnessError, match=r"0001\.dcm\.part, 0002\.dcm\.part is left.*defect of the harness"):
        verdict_of(site, "cut_return", target="site")
