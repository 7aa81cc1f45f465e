"""What each DICOMweb answer comes to."""

import pytest

from harness.core.exchange import BULK_DATA, RENDERED, REST_FRAME, WADO_URI, WEB_SERVICES, Attempt, Ending, Exchange
from harness.core.observations import NotOffered, Payload, PayloadSeen, QuerySeen, Refused, StoreSeen
from harness.core.results import Outcome
from harness.core.verdicts import is_coercion, judge, judge_retrieve, judge_store
from harness.core.webstatus import FAILURE_REASONS, WEB_ENDINGS, WEB_STATUS

SENT = Payload("1.2.3", "1.2.840.10008.1.2.4.102", 1000, "aa", "aa", 1)


def answered(service: str, status: int, **rest) -> Exchange:
    return Exchange(service, Ending.ANSWERED, status=status, **rest)


def returned(exchange: Exchange, payload: Payload | None, stored: Exchange | None = None) -> PayloadSeen:
    return PayloadSeen(
        "WADO-RS", stored or answered("STOW-RS", 200), exchange, 0 if payload is None else 1, SENT, payload
    )


@pytest.mark.parametrize(
    ("status", "reason", "detail", "outcome"),
    [
        (200, None, "", Outcome.PASS),
        (202, None, "", Outcome.PASS),
        (202, 0xB000, "warning reason 0xB000", Outcome.PASS),
        (204, None, "", Outcome.FAIL),
        (202, None, "something that is no DICOM JSON", Outcome.INCONCLUSIVE),
        (301, None, "", Outcome.INCONCLUSIVE),
        (400, None, "missing Transfer Syntax UID in the file", Outcome.INCONCLUSIVE),
        (307, None, "", Outcome.INCONCLUSIVE),
        (400, None, "", Outcome.INCONCLUSIVE),
        (400, None, "Unsupported Transfer Syntax 1.2.840.10008.1.2.4.102", Outcome.UNSUPPORTED),
        (400, None, "'transfer-syntax' is not in the list", Outcome.UNSUPPORTED),
        (400, 0xC122, "", Outcome.UNSUPPORTED),
        (401, None, "", Outcome.INCONCLUSIVE),
        (403, None, "the transfer syntax is fine", Outcome.INCONCLUSIVE),
        (404, None, "", Outcome.INCONCLUSIVE),
        (405, None, "", Outcome.NOT_APPLICABLE),
        (409, None, "", Outcome.INCONCLUSIVE),
        (409, None, "TransferSyntaxUID not supported", Outcome.UNSUPPORTED),
        (409, None, "The transfer syntax of this object is not supported.", Outcome.UNSUPPORTED),
        (409, None, "Not stored: TransferSyntaxUID: 1.2.840.10008.1.2.4.102 is not supported", Outcome.UNSUPPORTED),
        (409, None, "The VR of (0008,0005) is not supported; TransferSyntaxUID 1.2.3", Outcome.INCONCLUSIVE),
        (409, None, "The VR of (0008,0005) is not supported in TransferSyntaxUID 1.2.3", Outcome.INCONCLUSIVE),
        (409, None, "VR not supported: TransferSyntaxUID 1.2.3", Outcome.INCONCLUSIVE),
        (400, None, '{"code":"not supported","transferSyntax":"1.2.3"}', Outcome.INCONCLUSIVE),
        (400, None, "TransferSyntaxUID 1.2.3: this SOP class is not supported", Outcome.INCONCLUSIVE),
        (409, 0x0110, "", Outcome.FAIL),
        (409, 0x0110, "TransferSyntaxUID", Outcome.FAIL),
        (409, 0x0122, "", Outcome.UNSUPPORTED),
        (409, 0xC122, "", Outcome.UNSUPPORTED),
        (409, 0xA700, "", Outcome.INCONCLUSIVE),
        (409, 0xA7FF, "", Outcome.INCONCLUSIVE),
        (409, 0xA900, "", Outcome.FAIL),
        (409, 0x0124, "", Outcome.INCONCLUSIVE),
        (409, 45070, "", Outcome.FAIL),
        (413, None, "", Outcome.UNSUPPORTED),
        (415, None, "", Outcome.INCONCLUSIVE),
        (415, None, "transfer syntax not allowed", Outcome.UNSUPPORTED),
        (429, None, "", Outcome.INCONCLUSIVE),
        (500, None, "", Outcome.FAIL),
        (500, None, "transfer syntax", Outcome.FAIL),
        (501, None, "", Outcome.NOT_APPLICABLE),
        (502, None, "", Outcome.INCONCLUSIVE),
        (503, None, "", Outcome.INCONCLUSIVE),
        (507, None, "", Outcome.INCONCLUSIVE),
    ],
)
def test_status_of_a_store_has_one_meaning(status, reason, detail, outcome):
    exchange = answered("STOW-RS", status, failure_reason=reason, detail=detail)
    verdict = judge(StoreSeen(exchange))
    assert verdict.outcome is outcome
    assert judge_store(exchange) == verdict
    if outcome is not Outcome.PASS:
        assert f"HTTP status {status}" in verdict.reason


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.PASS),
        (202, Outcome.FAIL),
        (400, Outcome.FAIL),
        (401, Outcome.INCONCLUSIVE),
        (403, Outcome.INCONCLUSIVE),
        (404, Outcome.FAIL),
        (405, Outcome.NOT_APPLICABLE),
        (406, Outcome.FAIL),
        (410, Outcome.FAIL),
        (413, Outcome.FAIL),
        (429, Outcome.INCONCLUSIVE),
        (500, Outcome.FAIL),
        (501, Outcome.NOT_APPLICABLE),
        (503, Outcome.INCONCLUSIVE),
    ],
)
def test_status_of_a_retrieve_has_one_meaning(status, outcome):
    exchange = answered("WADO-RS", status)
    assert judge_retrieve(exchange).outcome is outcome
    if outcome is not Outcome.PASS:
        assert judge(returned(exchange, None)).outcome is outcome


@pytest.mark.parametrize("service", [BULK_DATA, WADO_URI, REST_FRAME])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Outcome.INCONCLUSIVE), (406, Outcome.UNSUPPORTED), (415, Outcome.UNSUPPORTED), (500, Outcome.FAIL)],
)
def test_a_bad_request_is_no_refusal_of_what_was_asked(service, status, outcome):
    assert judge_retrieve(answered(service, status)).outcome is outcome
    assert judge_retrieve(answered(RENDERED, 400)).outcome is Outcome.UNSUPPORTED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.FAIL),  # answered, and the stored object is not among the matches
        (204, Outcome.FAIL),
        (400, Outcome.INCONCLUSIVE),
        (401, Outcome.INCONCLUSIVE),
        (404, Outcome.FAIL),
        (413, Outcome.INCONCLUSIVE),
        (500, Outcome.FAIL),
        (501, Outcome.NOT_APPLICABLE),
        (503, Outcome.INCONCLUSIVE),
    ],
)
def test_query_without_a_match_is_judged_by_its_status(status, outcome):
    seen = QuerySeen(
        "STUDY", "StudyInstanceUID", (), False, answered("QIDO-RS", status), (("StudyInstanceUID", "1.2"),), (), 1
    )
    assert judge(seen).outcome is outcome


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.ANSWERED])
@pytest.mark.parametrize("service", WEB_SERVICES)
def test_every_ending_without_answer_has_a_meaning_and_none_passes(service, ending):
    verdict = judge_retrieve(Exchange(service, ending))
    stored, asked, meaning = WEB_ENDINGS[ending]
    assert verdict.outcome is (stored if service == "STOW-RS" else asked)
    assert verdict.outcome is not Outcome.PASS
    assert verdict.reason.startswith(meaning)


def test_what_was_stored_and_does_not_come_in_time_fails_while_a_store_that_breaks_off_decides_nothing():
    for ending in (Ending.TIMED_OUT, Ending.LOST):
        assert judge(StoreSeen(Exchange("STOW-RS", ending))).outcome is Outcome.INCONCLUSIVE
        assert judge(returned(Exchange("WADO-RS", ending), None)).outcome is Outcome.FAIL


def test_returned_payload_is_compared():
    came = answered("WADO-RS", 200)
    assert judge(returned(came, SENT)).outcome is Outcome.PASS
    assert judge(returned(came, SENT)).notes == ()
    assert judge(returned(came, Payload("1.2.3", "x", 1000, "bb", "bb", 1))).outcome is Outcome.FAIL
    assert "by WADO-RS" in judge(returned(came, SENT)).reason


def test_single_part_after_a_406_is_no_remark_on_the_object_and_a_store_warning_is():
    came = answered("WADO-RS", 200, detail="as a single part")
    assert judge(returned(came, SENT)).notes == ()
    warned = answered("STOW-RS", 202, detail="warning reason 0xB000", failure_reason=0xB000)
    assert is_coercion(warned)
    assert any("stored with a warning" in note for note in judge(returned(came, SENT, warned)).notes)
    assert judge(returned(came, None, warned)).outcome is Outcome.INCONCLUSIVE


def test_retry_that_may_meet_its_own_copy_decides_nothing():
    earlier = (Attempt(Ending.LOST, "", 1.0),)
    exchange = answered("STOW-RS", 409, failure_reason=45070, earlier=earlier)
    assert judge(StoreSeen(exchange)).outcome is Outcome.INCONCLUSIVE


def test_refusals_and_missing_services_show_the_http_status():
    refused = answered("STOW-RS", 413)
    assert judge(Refused(refused)).outcome is Outcome.UNSUPPORTED
    assert "HTTP status 413" in judge(Refused(refused)).reason
    assert judge(NotOffered("WADO-RS", answered("WADO-RS", 501))).outcome is Outcome.NOT_APPLICABLE


def test_tables_are_whole():
    assert set(WEB_STATUS) == set(WEB_SERVICES)
    assert set(WEB_ENDINGS) == set(Ending) - {Ending.ANSWERED}
    assert FAILURE_REASONS[-1][:2] == (0, 0)
    assert not any(
        status >= 300 for table in WEB_STATUS.values() for status, row in table.items() if row[0] is Outcome.PASS
    )
