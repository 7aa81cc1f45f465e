"""An embedded PACS within limits offers and takes what they have, and refuses the rest as they say."""

import uuid
from dataclasses import replace

import httpx
import pytest
from pydicom.uid import VideoEndoscopicImageStorage, VideoMicroscopicImageStorage
from pynetdicom import AE

from harness.core.claims import Service
from harness.core.exchange import ContextResult
from harness.errors import DataFileError
from harness.targets.embedded.hooks import WELL_BEHAVED
from harness.targets.embedded.restricted import Limits, Taken, read_limits, restricted, write_limits
from harness.targets.embedded.web.asked import Resource
from tests.targets.conftest import Caller, Embedded, Made, MakeObject

H264, MPEG2, EXPLICIT = "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.1"
ENDO, MICRO, CT = str(VideoEndoscopicImageStorage), str(VideoMicroscopicImageStorage), "1.2.840.10008.5.1.4.1.1.2"
CLASSES = {
    Service.ECHO: "1.2.840.10008.1.1",
    Service.FIND: "1.2.840.10008.5.1.4.1.2.2.1",
    Service.MOVE: "1.2.840.10008.5.1.4.1.2.2.2",
    Service.GET: "1.2.840.10008.5.1.4.1.2.2.3",
    Service.COMMITMENT: "1.2.840.10008.1.20.1",
}
WEB = (Service.STOW, Service.QIDO, Service.WADO, Service.WADO_URI)
ALL = frozenset({Service.STORE, *CLASSES, *WEB})

LIMITS = Limits(
    services=ALL,
    taken=frozenset({Taken(Service.STORE, ENDO, MPEG2), Taken(Service.STOW, ENDO, H264)}),
    max_pdu=4096,
    syntax_refusal=1,
    class_refusal=2,
)
BOTH = replace(LIMITS, taken=frozenset(Taken(by, ENDO, H264) for by in (Service.STORE, Service.STOW)))


def stow(base: str, made: Made) -> httpx.Response:
    boundary = uuid.uuid4().hex
    body = b"--%s\r\nContent-Type: application/dicom\r\n\r\n" % boundary.encode() + made[0].read_bytes()
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return httpx.post(
        f"{base}/studies", content=body + b"\r\n--%s--" % boundary.encode(), headers={"Content-Type": kind}
    )


def results(caller: Caller, *contexts: tuple[str, str]) -> list[ContextResult]:
    return [caller.client.negotiate([context]).contexts[0].result for context in contexts]


def test_only_what_the_limits_have_is_accepted_and_refusals_have_their_codes(embedded: Embedded) -> None:
    with embedded(limits=LIMITS) as (_, caller):
        assert results(caller, (ENDO, MPEG2), (ENDO, H264), (MICRO, MPEG2), (CT, EXPLICIT)) == [
            ContextResult.ACCEPTED,
            ContextResult.USER_REJECTION,
            ContextResult.NO_REASON,
            ContextResult.NO_REASON,
        ]


def test_pdus_have_the_length_of_the_limits(embedded: Embedded) -> None:
    with embedded(limits=LIMITS) as (_, caller):
        ae = AE("TEST")
        ae.add_requested_context(CLASSES[Service.ECHO])
        association = ae.associate(caller.endpoint.host, caller.endpoint.port)
        assert association.acceptor.maximum_length == 4096
        association.release()


@pytest.mark.parametrize("missing", CLASSES)
def test_a_service_that_is_not_offered_is_refused_and_the_others_are_not(embedded: Embedded, missing: Service) -> None:
    with embedded(limits=replace(LIMITS, services=ALL - {missing})) as (_, caller):
        found = dict(zip(CLASSES, results(caller, *((uid, EXPLICIT) for uid in CLASSES.values())), strict=True))
    assert found == dict.fromkeys(CLASSES, ContextResult.ACCEPTED) | {missing: ContextResult.NO_REASON}


def test_without_c_store_no_object_is_taken(embedded: Embedded) -> None:
    with embedded(limits=replace(LIMITS, services=ALL - {Service.STORE})) as (_, caller):
        assert results(caller, (ENDO, MPEG2)) == [ContextResult.NO_REASON]


def test_what_is_over_the_limit_is_refused_and_not_kept(embedded: Embedded, make_object: MakeObject) -> None:
    small, large = make_object(b"ab" * 400), make_object(b"ab" * 5000)
    web = make_object(b"ab" * 5000)
    # The group of meta information is written anew on arrival.
    limit = small[0].stat().st_size + 500
    for service in (Service.STORE, Service.STOW):
        with embedded(limits=replace(BOTH, largest=((service, limit),))) as (target, caller):
            by_store = 0xA700 if service is Service.STORE else 0
            assert (caller.store(small).status, caller.store(large).status) == (0, by_store)
            assert len(caller.find(large)) == (1 if by_store == 0 else 0)
            answer = stow(target.web.base, web)
            refused = service is Service.STOW
            assert answer.status_code == (409 if refused else 200)
            if refused:
                assert answer.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xA700]
            assert len(caller.find(web)) == (0 if refused else 1)


def test_stow_takes_what_the_limits_have_of_it(embedded: Embedded, make_object: MakeObject) -> None:
    with embedded(limits=LIMITS) as (target, _):
        assert stow(target.web.base, make_object()).status_code == 200
        assert stow(target.web.base, make_object(syntax=MPEG2)).status_code == 409


def test_reasons_of_stow_tell_classes_and_syntaxes_apart() -> None:
    admit = restricted(LIMITS).web.admit
    assert (admit(ENDO, H264), admit(ENDO, MPEG2), admit(MICRO, H264)) == (0, 0xC122, 0x0122)


@pytest.mark.parametrize(
    ("missing", "gone"),
    [
        (Service.STOW, {Resource.STORE}),
        (Service.QIDO, {Resource.SEARCH}),
        (
            Service.WADO,
            {Resource.INSTANCES, Resource.METADATA, Resource.BULKDATA, Resource.FRAMES},
        ),
        (Service.WADO_URI, {Resource.URI}),
    ],
)
def test_resources_go_with_their_service(missing: Service, gone: set[Resource]) -> None:
    offered = restricted(replace(LIMITS, services=ALL - {missing})).web.offered
    standard = {resource for resource in Resource if not resource.startswith(("vendor", "rendered"))}
    assert {resource for resource in Resource if offered(resource)} == standard - gone


def test_a_resource_that_is_not_offered_is_not_there(embedded: Embedded, make_object: MakeObject) -> None:
    with embedded(limits=replace(LIMITS, services=ALL - {Service.STOW, Service.WADO_URI})) as (target, _):
        assert httpx.get(f"{target.web.base}/studies").status_code == 204
        assert httpx.get(target.web.wado_uri).status_code == 404
        assert stow(target.web.base, make_object()).status_code == 405
    with embedded(limits=replace(LIMITS, services=ALL - set(WEB))) as (target, _):
        assert httpx.get(f"{target.web.base}/studies").status_code == 404


def test_what_the_limits_do_not_speak_of_stays_as_it_was() -> None:
    hooks = restricted(LIMITS)
    web = replace(hooks.web, offered=WELL_BEHAVED.web.offered, admit=WELL_BEHAVED.web.admit)
    assert replace(hooks, negotiate=WELL_BEHAVED.negotiate, room=WELL_BEHAVED.room, web=web) == WELL_BEHAVED


def test_limits_survive_their_file(tmp_path) -> None:
    limits = replace(LIMITS, largest=((Service.STOW, 10),), about="what is played")
    write_limits(limits, tmp_path / "limits.json")
    assert read_limits(tmp_path / "limits.json") == limits


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON", '{"services": ["X"], "taken": [], "largest": {}}'])
def test_another_file_is_told(tmp_path, text) -> None:
    (tmp_path / "limits.json").write_text(text)
    with pytest.raises(DataFileError, match=r"limits\.json.*limits of a PACS"):
        read_limits(tmp_path / "limits.json")
    with pytest.raises(DataFileError, match="cannot be read"):
        read_limits(tmp_path / "missing.json")
