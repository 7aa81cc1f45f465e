"""The embedded PACS as itself: it keeps what it accepts, gives it back, refuses the rest."""

from collections.abc import Iterator

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    ExplicitVRLittleEndian,
    VideoEndoscopicImageStorage,
    VideoPhotographicImageStorage,
    generate_uid,
)
from pynetdicom import AE
from pynetdicom.association import Association

from harness.core.exchange import ContextResult, Ending
from harness.media.part10 import read_object
from tests.targets.conftest import Caller, Embedded, MakeObject

VIDEO = [f"1.2.840.10008.1.2.4.{number}{twin}" for number in range(100, 107) for twin in ("", ".1")]
VIDEO += ["1.2.840.10008.1.2.4.107", "1.2.840.10008.1.2.4.108"]
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))


@pytest.fixture(scope="module")
def pacs(embedded: Embedded) -> Iterator[Caller]:
    with embedded() as (_, caller):
        yield caller


def associate(caller: Caller, *contexts: tuple[str, list[str] | None]) -> Association:
    ae = AE("TEST")
    for abstract, syntaxes in contexts:
        ae.add_requested_context(abstract, syntaxes)
    return ae.associate(caller.endpoint.host, caller.endpoint.port)


def test_echo_succeeds(pacs: Caller) -> None:
    assert pacs.client.echo().status == 0x0000


def test_every_video_syntax_is_accepted(pacs: Caller) -> None:
    exchange = pacs.client.negotiate(
        [
            (sop, uid)
            for sop in (VideoEndoscopicImageStorage, VideoPhotographicImageStorage)
            for uid in [*VIDEO, JPEG_BASELINE]
        ]
    )
    assert len(exchange.contexts) == 34
    assert all(context.accepted for context in exchange.contexts)


def test_an_unknown_transfer_syntax_is_refused_for_that_reason(pacs: Caller) -> None:
    exchange = pacs.client.negotiate([(VideoEndoscopicImageStorage, "2.25.4711")])
    assert exchange.ending is Ending.REFUSED
    assert exchange.contexts[0].result is ContextResult.TRANSFER_SYNTAXES


def test_an_unknown_class_is_refused_for_that_reason(pacs: Caller) -> None:
    exchange = pacs.client.negotiate([("2.25.4712", ExplicitVRLittleEndian)])
    assert exchange.contexts[0].result is ContextResult.ABSTRACT_SYNTAX


def test_the_first_known_syntax_of_a_proposal_is_taken(pacs: Caller) -> None:
    association = associate(pacs, (VideoEndoscopicImageStorage, ["2.25.1", VIDEO[4], ExplicitVRLittleEndian]))
    accepted = [context.transfer_syntax[0] for context in association.accepted_contexts]
    association.release()
    assert accepted == [VIDEO[4]]


@pytest.mark.parametrize("syntax", [VIDEO[4], VIDEO[5], JPEG_BASELINE])
def test_an_object_comes_back_as_it_was_stored(pacs: Caller, make_object: MakeObject, syntax: str) -> None:
    made = make_object(syntax=syntax, lengths=(4096, 6144) if syntax != VIDEO[4] else ())
    assert pacs.store(made).status == 0x0000
    for exchange, received in (pacs.get(made), pacs.move(made)):
        assert exchange.status == 0x0000, exchange.summary
        assert exchange.sub_operations.completed == 1
        assert [read_object(path) for path in received] == [read_object(made[0])]


def test_an_instance_stored_twice_is_replaced(pacs: Caller, make_object: MakeObject) -> None:
    uid = generate_uid()
    first = make_object(b"first " * 50, SOPInstanceUID=uid)
    second = make_object(b"second" * 50, SOPInstanceUID=uid)
    for made in (first, second):
        assert pacs.store(made).status == 0x0000
    assert pacs.find(first, "StudyInstanceUID")[0]["StudyInstanceUID"] == second[1].StudyInstanceUID
    _, received = pacs.get(second)
    assert [read_object(path) for path in received] == [read_object(second[0])]


def test_a_data_set_that_cannot_be_parsed_is_not_understood(pacs: Caller, make_object: MakeObject) -> None:
    path, data = make_object()
    whole = path.read_bytes()
    start = whole.index(b"DICM") + 4 + 12 + dcmread(path).file_meta.FileMetaInformationGroupLength
    path.write_bytes(whole[:start] + b"\xff" * 300)
    assert pacs.store((path, data)).status == 0xC000
    assert pacs.find((path, data)) == ()


@pytest.mark.parametrize(
    ("keyword", "wanted", "matches"),
    [
        ("PatientName", "", True),
        ("PatientName", "*", True),
        ("PatientName", "QUERY^*", True),
        ("PatientName", "QUER?^O[NE]", True),
        ("PatientName", "QUER^*", False),
        ("PatientID", "Q-7", True),
        ("PatientID", "Q-8", False),
        ("StudyDate", "20260315", True),
        ("StudyDate", "20260301-20260315", True),
        ("StudyDate", "20260316-", False),
        ("StudyDate", "-20260315", True),
        ("StudyTime", "1000-1030", True),
        ("StudyTime", "-0959", False),
        ("NumberOfFrames", "77", True),
        ("NumberOfFrames", "7", False),
    ],
)
def test_matching(pacs: Caller, make_object: MakeObject, keyword: str, wanted: str, matches: bool) -> None:
    made = make_object(
        PatientName="QUERY^O[NE]",
        PatientID="Q-7",
        StudyDate="20260315",
        StudyTime="103000",
        NumberOfFrames=77,
    )
    pacs.store(made)
    _, found = pacs.client.find({"SOPInstanceUID": str(made[1].SOPInstanceUID), keyword: wanted})
    assert len(found) == matches


def test_a_list_of_uids_matches_each(pacs: Caller, make_object: MakeObject) -> None:
    made = [make_object(), make_object()]
    for one in made:
        pacs.store(one)
    wanted = [str(data.SOPInstanceUID) for _, data in made]
    _, found = pacs.client.find({"SOPInstanceUID": "\\".join(wanted)})
    assert sorted(answer["SOPInstanceUID"] for answer in found) == sorted(wanted)


def test_an_answer_tells_what_was_stored(pacs: Caller, make_object: MakeObject) -> None:
    made = make_object(NumberOfFrames=48, Rows=1080, Columns=1920)
    pacs.store(made)
    keys = ("NumberOfFrames", "Rows", "Columns", "AvailableTransferSyntaxUID", "SOPClassUID", "PatientName")
    (answer,) = pacs.find(made, *keys)
    assert tuple(answer[key] for key in keys) == (
        "48",
        "1080",
        "1920",
        VIDEO[4],
        made[1].SOPClassUID,
        "SYNTHETIC^OBJECT",
    )


def test_a_study_is_answered_once_with_its_counts(pacs: Caller, make_object: MakeObject) -> None:
    study, series = generate_uid(), generate_uid()
    for own in (series, series, generate_uid()):
        pacs.store(make_object(StudyInstanceUID=study, SeriesInstanceUID=own))
    counts = ("NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances", "ModalitiesInStudy")
    _, found = pacs.client.find({"StudyInstanceUID": str(study), **dict.fromkeys(counts, "")}, level="STUDY")
    assert [tuple(answer[key] for key in counts) for answer in found] == [("2", "3", "ES")]
    _, found = pacs.client.find({"StudyInstanceUID": str(study), "SeriesInstanceUID": ""}, level="SERIES")
    assert len(found) == 2


def test_an_unsupported_key_is_told(pacs: Caller, make_object: MakeObject) -> None:
    made = make_object()
    pacs.store(made)
    query = identifier("IMAGE", SOPInstanceUID=made[1].SOPInstanceUID, ReceiveCoilName="")
    association = associate(pacs, (FIND, None))
    statuses = [status.Status for status, _ in association.send_c_find(query, FIND)]
    association.release()
    assert statuses == [0xFF01, 0x0000]


def identifier(level: str, **keys: str) -> Dataset:
    query = Dataset()
    query.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(query, keyword, value)
    return query


@pytest.mark.parametrize("destination", ["NOBODY", "HARNESS_RCV"])
def test_a_move_to_an_unknown_or_silent_destination_is_refused(
    pacs: Caller, make_object: MakeObject, destination: str
) -> None:
    # Nothing listens for HARNESS_RCV here.
    made = make_object()
    pacs.store(made)
    association = associate(pacs, (MOVE, None))
    query = identifier("IMAGE", SOPInstanceUID=made[1].SOPInstanceUID)
    statuses = [status.Status for status, _ in association.send_c_move(query, destination, MOVE)]
    association.release()
    assert statuses == [0xA801]


@pytest.mark.parametrize("query", [identifier("STUDY", PatientID="T-1"), identifier("PATIENT", PatientID="T-1")])
def test_a_retrieve_without_the_unique_key_of_its_level_is_refused(pacs: Caller, query: Dataset) -> None:
    # Without this rule the answer would be every object of the store.
    association = associate(pacs, (GET, None))
    statuses = [status.Status for status, _ in association.send_c_get(query, GET)]
    association.release()
    assert statuses == [0xA900]


def test_a_get_of_what_is_not_there_succeeds_without_objects(pacs: Caller, make_object: MakeObject) -> None:
    exchange, received = pacs.get(make_object())
    assert (exchange.status, exchange.sub_operations.completed, received) == (0x0000, 0, ())


def test_a_get_without_a_fitting_context_fails(pacs: Caller, make_object: MakeObject) -> None:
    made = make_object()
    pacs.store(made)
    made[1].file_meta.TransferSyntaxUID = VIDEO[0]
    exchange, received = pacs.get(made)
    assert (exchange.status, exchange.sub_operations.failed, received) == (0xA702, 1, ())
