"""What became of each instance of a store request, and the response that tells it (PS3.18 10.5.3, Annex I)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pydicom import Dataset

from harness.targets.embedded.web.asked import Reply
from harness.targets.embedded.web.body import Body
from harness.targets.embedded.web.media_types import DICOM_JSON

_OK, _ACCEPTED, _CONFLICT = 200, 202, 409
#: Tags of the UIDs that :class:`Kept` begins with, in its order.
_UIDS = ("00080016", "00080018", "0020000D", "0020000E")


@dataclass(frozen=True, slots=True)
class Kept:
    """One instance, kept or not. UIDs are empty where they could not be read; a reason of 0 tells of nothing."""

    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_uid: str = ""
    series_uid: str = ""
    warning_reason: int = 0
    failure_reason: int = 0

    @classmethod
    def of(cls, header: Dataset) -> "Kept":
        """An instance by its data set.

        Raises:
            AttributeError: a UID is missing.
        """
        return cls(
            str(header.SOPClassUID),
            str(header.SOPInstanceUID),
            str(header.StudyInstanceUID),
            str(header.SeriesInstanceUID),
        )

    @classmethod
    def told(cls, metadata: dict[str, Any]) -> "Kept":
        """An instance as far as DICOM JSON tells of it."""
        uids = [str(((metadata.get(tag) or {}).get("Value") or [""])[0]) for tag in _UIDS]
        return cls(sop_class_uid=uids[0], sop_instance_uid=uids[1], study_uid=uids[2], series_uid=uids[3])

    def failed(self, reason: int) -> "Kept":
        """Not kept, for this reason."""
        return replace(self, failure_reason=reason)

    def with_status(self, status: int) -> "Kept":
        """With what a status of C-STORE means: those of Table I.2-1 and I.2-2 are the same numbers."""
        if status == 0 or status & 0xF000 == 0xB000 or status in (0x0001, 0x0107, 0x0116):
            return replace(self, warning_reason=status)
        return self.failed(status)


def store_reply(kept: Iterable[Kept], base: str) -> Reply:
    """200 where all are kept, 202 where some are, or all with a warning, and 409 where none is (Table 10.5.3-1)."""
    instances = list(kept)
    answer = Dataset()
    stored = [one for one in instances if not one.failure_reason]
    named = [one for one in instances if one.failure_reason and one.sop_instance_uid]
    unnamed = [one for one in instances if one.failure_reason and not one.sop_instance_uid]
    if stored:
        answer.RetrieveURL = f"{base}/studies/{stored[0].study_uid}"
        answer.ReferencedSOPSequence = [_item(one, base) for one in stored]
    if named:
        answer.FailedSOPSequence = [_item(one, base) for one in named]
    if unnamed:
        answer.OtherFailuresSequence = [_reason(one) for one in unnamed]
    remarks = any(one.warning_reason or one.failure_reason for one in instances)
    status = _CONFLICT if not stored else _ACCEPTED if remarks else _OK
    return Reply(status, DICOM_JSON, Body((json.dumps(answer.to_json_dict()).encode(),)))


def _item(one: Kept, base: str) -> Dataset:
    item = _reason(one)
    item.ReferencedSOPClassUID = one.sop_class_uid
    item.ReferencedSOPInstanceUID = one.sop_instance_uid
    if not one.failure_reason:
        place = f"studies/{one.study_uid}/series/{one.series_uid}/instances/{one.sop_instance_uid}"
        item.RetrieveURL = f"{base}/{place}"
    return item


def _reason(one: Kept) -> Dataset:
    item = Dataset()
    if one.failure_reason:
        item.FailureReason = one.failure_reason
    if one.warning_reason:
        item.WarningReason = one.warning_reason
    return item
