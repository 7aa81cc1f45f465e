"""Each benign variation of the embedded PACS is really another behaviour, and changes nothing that counts."""

import time
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid
from pynetdicom import AE, evt

from harness.catalogue.read import load_recipes
from harness.core.exchange import ContextResult
from harness.errors import UnknownName
from harness.media.encode import encode
from harness.media.part10 import read_header, read_object
from harness.qualification.variations import TOLD
from harness.targets.embedded.damage import pieces_of, rewrite
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.embedded.variations import VARIATIONS
from tests.targets.conftest import Caller, Embedded, Made, MakeObject

H264, TWIN = "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.102.1"
EXPLICIT = "1.2.840.10008.1.2.1"
COMMITMENT = "1.2.840.10008.1.20.1"
STREAM = bytes(range(256)) * 40 + b"end"

#: What a test of a variation gets: the target, a client, and a fresh object with a private element and a sequence.
Look = Callable[[EmbeddedTarget, Caller, Callable[..., Made]], None]


def back(caller: Caller, made: Made) -> Dataset:
    """What C-GET brings, which has the payload that was sent."""
    (path,) = caller.get(made)[1]
    assert read_object(path).payload_sha256 == read_object(made[0]).payload_sha256
    return dcmread(path)


def web(target: EmbeddedTarget, made: Made, suffix: str = "", accept: str = "*/*", **headers: str) -> httpx.Response:
    data = made[1]
    place = f"/studies/{data.StudyInstanceUID}/series/{data.SeriesInstanceUID}/instances/{data.SOPInstanceUID}"
    return httpx.get(f"{target.web.base}{place}{suffix}", headers={"Accept": accept} | headers)


def refusal_of_twins(result: ContextResult) -> Look:
    def look(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
        sop_class = str(make()[1].SOPClassUID)
        assert caller.client.negotiate([(sop_class, TWIN)]).contexts[0].result is result
        assert caller.client.negotiate([(sop_class, H264)]).contexts[0].accepted
        assert caller.store(make()).status == 0

    return look


def refusal_of_class(uid: str) -> Look:
    def look(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
        (context,) = caller.client.negotiate([(uid, EXPLICIT)]).contexts
        assert context.result is ContextResult.ABSTRACT_SYNTAX

    return look


def accepts_unknown_class(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    sop_class = str(make()[1].SOPClassUID)
    assert caller.client.negotiate([(str(generate_uid()), EXPLICIT)]).contexts[0].accepted
    assert not caller.client.negotiate([(sop_class, str(generate_uid()))]).contexts[0].accepted


def associate(caller: Caller, *syntaxes: str):
    ae = AE("TEST")
    ae.add_requested_context("1.2.840.10008.5.1.4.1.1.77.1.1.1", list(syntaxes) or None)
    return ae.associate(caller.endpoint.host, caller.endpoint.port)


def prefers_last_syntax(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    association = associate(caller, H264, EXPLICIT)
    taken = [context.transfer_syntax for context in association.accepted_contexts]
    association.release()
    assert taken == [[EXPLICIT]]


def pdu_of(length: int) -> Look:
    def look(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
        association = associate(caller)
        assert association.acceptor.maximum_length == length
        association.release()
        made = make()
        assert caller.store(made).status == 0
        back(caller, made)

    return look


def another_implementation(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    assert "ANOTHER_1" in caller.client.echo().peer


def serves_two_associations(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    first, second, third = associate(caller), associate(caller), associate(caller)
    assert (first.is_established, second.is_established, third.is_rejected) == (True, True, True)
    first.release()
    second.release()
    assert caller.client.echo().status == 0


def many_pendings(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    made = make()
    assert caller.store(made).status == 0
    ae = AE("TEST")
    ae.add_requested_context("1.2.840.10008.5.1.4.1.2.2.2")
    with_receiver = AE(caller.endpoint.receiver_aet)
    with_receiver.add_supported_context(made[1].SOPClassUID, H264)
    server = with_receiver.start_server(
        ("127.0.0.1", caller.endpoint.receiver_port), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda _: 0)]
    )
    association = ae.associate(caller.endpoint.host, caller.endpoint.port)
    query = Dataset()
    query.QueryRetrieveLevel, query.SOPInstanceUID = "IMAGE", made[1].SOPInstanceUID
    statuses = [
        one.Status
        for one, _ in association.send_c_move(query, caller.endpoint.receiver_aet, "1.2.840.10008.5.1.4.1.2.2.2")
    ]
    association.release()
    server.shutdown()
    assert statuses.count(0xFF00) > 40
    assert statuses[-1] == 0
    for exchange, received in (caller.get(made), caller.move(made)):
        assert (exchange.status, len(received)) == (0, 1)


def refragments(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    for syntax, count in ((TWIN, 3), (H264, 1)):
        made = make(syntax=syntax)
        assert caller.store(made).status == 0
        back(caller, made)
        (path,) = caller.get(made)[1]
        assert len(read_object(path).fragment_lengths) == count


def another_meta_group(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    made = make()
    caller.store(made)
    assert b"ANOTHER_1" in web(target, made, accept="application/dicom").content[:1000]
    back(caller, made)


def changed(holds: Callable[[Dataset, Dataset], bool], status: int = 0) -> Look:
    """What is stored differs in this, and in nothing of the payload."""

    def look(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
        made = make()
        assert caller.store(made).status == status
        assert holds(dcmread(made[0]), back(caller, made))

    return look


def duplicates(status: int) -> Look:
    def look(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
        uid = str(generate_uid())
        first = make(SOPInstanceUID=uid)
        assert caller.store(first).status == 0
        # Both are one file here.
        assert caller.store(make(SOPInstanceUID=uid, StationName="SECOND")).status == status
        assert "StationName" not in back(caller, first)

    return look


def slow(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    start = time.monotonic()
    assert caller.client.echo().status == 0
    assert time.monotonic() - start > 0.15


def indexes_later(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    made = make()
    assert caller.store(made).status == 0
    assert (caller.find(made), len(caller.get(made)[1])) == ((), 1)
    limit = time.monotonic() + 10
    while not caller.find(made):
        assert time.monotonic() < limit
        time.sleep(0.1)


def real_video(make: Callable[..., Made], **more: object) -> Made:
    """A playable object, where that is what a variation works on."""
    recipe = replace(load_recipes()["h264_hp41"], rows=240, columns=320, frames=26, sample_aspect=Fraction(1))
    with TemporaryDirectory() as folder:
        clip = Path(folder, "clip")
        encode(recipe, clip)
        payload = clip.read_bytes()
    return make(payload + b"\0" * (len(payload) % 2), Rows=240, Columns=320, NumberOfFrames=26, **more)


def corrects_labels(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    made = real_video(make)
    size = read_object(made[0]).payload_length
    made = real_video(make, lengths=(1000, size - 1000))
    assert caller.store(made).status == 0
    kept = back(caller, made)
    assert kept.NumberOfFrames == 26
    assert len(read_object(caller.get(made)[1][0]).fragment_lengths) == 1


def decodes_for_others(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
    made = real_video(make)
    assert caller.store(made).status == 0
    made[1].file_meta.TransferSyntaxUID = EXPLICIT
    (path,) = caller.get(made)[1]
    assert len(dcmread(path).PixelData) == 240 * 320 * 3 * 26


def stored(look: Callable[[EmbeddedTarget, Made], bool]) -> Look:
    def store_and_look(target: EmbeddedTarget, caller: Caller, make: Callable[..., Made]) -> None:
        made = make()
        assert caller.store(made).status == 0
        assert look(target, made)

    return store_and_look


def takes_objects_only(target: EmbeddedTarget, made: Made) -> bool:
    kind = 'multipart/related; type="application/dicom+json"; boundary=b'
    body = b"--b\r\nContent-Type: application/dicom+json\r\n\r\n[]\r\n--b--"
    return httpx.post(f"{target.web.base}/studies", content=body, headers={"Content-Type": kind}).status_code == 415


def other_letters(target: EmbeddedTarget, made: Made) -> bool:
    answer = web(target, made, "/bulkdata")
    kind = answer.headers["Content-Type"]
    whole = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + answer.content)
    (part,) = whole.get_payload()
    assert part.get_payload(decode=True) == STREAM
    return kind.startswith("Multipart/Related") and part["Content-Type"] == f'VIDEO/MP4;Transfer-Syntax="{H264}"'


def wordy_multipart(target: EmbeddedTarget, made: Made) -> bool:
    answer = web(target, made, "/bulkdata")
    whole = message_from_bytes(
        b"Content-Type: " + answer.headers["Content-Type"].encode() + b"\r\n\r\n" + answer.content
    )
    (part,) = whole.get_payload()
    assert part.get_payload(decode=True) == STREAM
    return bool(whole.preamble and whole.epilogue and part["Content-ID"])


def without_uri(target: EmbeddedTarget, made: Made) -> bool:
    return httpx.get(target.web.base.removesuffix("/dicom-web") + "/wado").status_code == 404


def relative_bulk_uri(target: EmbeddedTarget, made: Made) -> bool:
    answer = web(target, made, "/metadata")
    uri = answer.json()[0]["7FE00010"]["BulkDataURI"]
    return uri.startswith("/") and httpx.get(answer.url.join(uri), headers={"Accept": "video/mp4"}).content == STREAM


LOOKS: dict[str, Look] = {
    "refuses-fragmentable": refusal_of_twins(ContextResult.TRANSFER_SYNTAXES),
    "refuses-with-code-3": refusal_of_twins(ContextResult.ABSTRACT_SYNTAX),
    "refuses-with-code-1": refusal_of_twins(ContextResult.USER_REJECTION),
    "accepts-unknown-class": accepts_unknown_class,
    "without-get": refusal_of_class("1.2.840.10008.5.1.4.1.2.2.3"),
    "without-move": refusal_of_class("1.2.840.10008.5.1.4.1.2.2.2"),
    "without-commitment": refusal_of_class(COMMITMENT),
    "prefers-last-syntax": prefers_last_syntax,
    "small-pdu": pdu_of(16 * 1024),
    "unlimited-pdu": pdu_of(0),
    "another-implementation": another_implementation,
    "serves-two-associations": serves_two_associations,
    "many-pendings": many_pendings,
    "refragments": refragments,
    "another-meta-group": another_meta_group,
    "adds-attributes": changed(lambda sent, kept: "StationName" in kept and (0x0099, 0x1001) in kept),
    "undefined-lengths": changed(lambda sent, kept: kept["AnatomicRegionSequence"].is_undefined_length),
    "pads-text": changed(lambda sent, kept: kept.get_item(0x00080050).value == b"A1  "),
    "private-as-un": changed(lambda sent, kept: kept.get_item((0x0011, 0x1001)).VR == "UN"),
    "coerces-identifiers": changed(
        lambda sent, kept: (
            kept.PatientID != sent.PatientID
            and kept.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientID == sent.PatientID
        ),
        0xB000,
    ),
    "discards-private": changed(lambda sent, kept: (0x0011, 0x1001) not in kept, 0xB006),
    "warns-of-class": changed(lambda sent, kept: kept == sent, 0xB007),
    "refuses-duplicates": duplicates(0x0111),
    "keeps-the-first": duplicates(0x0000),
    "slow": slow,
    "indexes-later": indexes_later,
    "corrects-labels": corrects_labels,
    "decodes-for-others": decodes_for_others,
    "ignores-ranges": stored(lambda target, made: web(target, made, "/rendered", Range="bytes=0-1").content == STREAM),
    "without-rendered": stored(lambda target, made: web(target, made, "/rendered").status_code == 406),
    "without-bulk-types": stored(lambda target, made: web(target, made, "/bulkdata").status_code == 406),
    "without-uri": stored(without_uri),
    "takes-objects-only": stored(takes_objects_only),
    "prefers-single-part": stored(
        lambda target, made: web(target, made).headers["Content-Type"].startswith("application/dicom")
    ),
    "sends-chunks": stored(lambda target, made: "Content-Length" not in web(target, made).headers),
    "other-letters": stored(other_letters),
    "wordy-multipart": stored(wordy_multipart),
    "relative-bulk-uri": stored(relative_bulk_uri),
    "bulk-keeps-padding": stored(
        lambda target, made: web(target, made, "/bulkdata", "video/mp4").content == STREAM + b"\0"
    ),
}


def test_every_variation_is_looked_at() -> None:
    assert LOOKS.keys() | TOLD.keys() == {known.name for known in VARIATIONS}


@pytest.mark.parametrize("name", LOOKS)
def test_a_variation_does_what_its_name_says(embedded: Embedded, make_object: MakeObject, name: str) -> None:
    def make(payload: bytes = STREAM, **more: Any) -> Made:
        path, data = make_object(payload, EncapsulatedPixelDataValueTotalLength=len(payload), **more)
        header, region = read_header(path), Dataset()
        region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "14742008", "SCT", "Large intestine"
        header.AnatomicRegionSequence = [region]
        header.private_block(0x0011, "TEST", create=True).add_new(0x01, "LO", "ours")
        rewrite(path, pieces_of(path), header=header)
        return path, data

    with embedded(variations=(name,)) as (target, caller):
        LOOKS[name](target, caller, make)


def test_variations_add_up(embedded: Embedded, make_object: MakeObject) -> None:
    made = make_object()
    with embedded(variations=("coerces-identifiers", "adds-attributes", "small-pdu")) as (target, caller):
        assert dict(target.identity().details)["variations"] == "coerces-identifiers, adds-attributes, small-pdu"
        assert caller.store(made).status == 0xB000
        kept = back(caller, made)
    assert kept.PatientID != made[1].PatientID
    assert "StationName" in kept


def test_an_unknown_variation_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"'no-such'.*refragments"):
        EmbeddedTarget(variations=("no-such",))
