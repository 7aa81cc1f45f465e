"""Storage commitment of the embedded PACS: asked for on one association, reported on another."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, build_context, evt

from harness.targets.embedded.commitment import INSTANCE
from harness.targets.embedded.hooks import COMMITMENT
from tests.targets.conftest import Caller, Embedded, MakeObject

SECONDS = 10.0
OTHER_CLASS = "1.2.840.10008.5.1.4.1.1.77.1.4.1"


@dataclass
class Requester:
    """Us: asks as an SCU, and hears reports as an acceptor that lets the other side be SCP."""

    pacs: Caller
    reports: "queue.SimpleQueue[tuple[int, Dataset, str]]" = field(default_factory=queue.SimpleQueue)

    def ask(self, *references: tuple[str, str], action: int = 1, calling: str = "PYTEST_PACS") -> tuple[int, str]:
        """Status and Transaction UID."""
        asked = Dataset()
        asked.TransactionUID = generate_uid()
        asked.ReferencedSOPSequence = []
        for sop_class, instance in references:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
            asked.ReferencedSOPSequence.append(item)
        ae = AE(calling)
        ae.add_requested_context(COMMITMENT)
        association = ae.associate(self.pacs.endpoint.host, self.pacs.endpoint.port)
        status, _ = association.send_n_action(asked, action, COMMITMENT, INSTANCE)
        association.release()
        return status.Status, asked.TransactionUID

    def report(self) -> tuple[int, Dataset, str]:
        return self.reports.get(timeout=SECONDS)

    def heard(self, event: evt.Event) -> tuple[int, None]:
        self.reports.put((event.event_type, event.event_information, event.assoc.requestor.ae_title))
        return 0x0000, None


@pytest.fixture(scope="module")
def requester(embedded: Embedded) -> Iterator[Requester]:
    with embedded() as (_, caller):
        requester = Requester(caller)
        context = build_context(COMMITMENT)
        context.scu_role, context.scp_role = False, True
        server = AE("PYTEST_PACS").start_server(
            ("127.0.0.1", caller.endpoint.receiver_port),
            block=False,
            contexts=[context],
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, requester.heard)],
        )
        try:
            yield requester
        finally:
            server.shutdown()


def uids(items: list[Dataset]) -> list[str]:
    return [str(item.ReferencedSOPInstanceUID) for item in items]


def test_what_is_kept_is_committed(requester: Requester, make_object: MakeObject) -> None:
    made = [make_object(), make_object()]
    for one in made:
        requester.pacs.store(one)
    references = [(str(data.SOPClassUID), str(data.SOPInstanceUID)) for _, data in made]
    status, transaction = requester.ask(*references)
    kind, report, aet = requester.report()
    assert (status, kind, report.TransactionUID, aet) == (0, 1, transaction, "EMBEDDED")
    assert uids(report.ReferencedSOPSequence) == [instance for _, instance in references]
    assert "FailedSOPSequence" not in report


def test_what_is_missing_or_of_another_class_fails_with_its_reason(
    requester: Requester, make_object: MakeObject
) -> None:
    made, other = make_object(), make_object()
    for one in (made, other):
        requester.pacs.store(one)
    missing = str(generate_uid())
    kept, conflicting = (str(data.SOPInstanceUID) for _, data in (made, other))
    requester.ask((str(made[1].SOPClassUID), kept), (OTHER_CLASS, conflicting), (OTHER_CLASS, missing))
    kind, report, _ = requester.report()
    assert (kind, uids(report.ReferencedSOPSequence)) == (2, [kept])
    assert uids(report.FailedSOPSequence) == [conflicting, missing]
    assert [item.FailureReason for item in report.FailedSOPSequence] == [0x0119, 0x0112]


def test_another_action_and_an_unknown_requester_are_refused(requester: Requester) -> None:
    assert requester.ask((OTHER_CLASS, "1.2.3"), action=2)[0] == 0x0123
    assert requester.ask((OTHER_CLASS, "1.2.3"), calling="NOBODY")[0] == 0x0110
    assert requester.reports.empty()
