"""The index of the embedded PACS: one SQLite row per instance, and C-FIND matching as SQL.

Columns are named by DICOM keyword and hold the value as text, as it was written. One table says which
keyword belongs to which level of the Study Root model; a key of a higher level may always be matched and
returned (relational queries are answered too), a key of a lower level is not supported there.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock

from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.multival import MultiValue


class Level(StrEnum):
    """Query/Retrieve Level of the Study Root model (PS3.4 C.6.2), from the top."""

    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"


#: The unique key of each level.
UNIQUE = {
    Level.STUDY: "StudyInstanceUID",
    Level.SERIES: "SeriesInstanceUID",
    Level.IMAGE: "SOPInstanceUID",
}

#: Keys that are stored, with the level that they belong to (PS3.4 Tables C.6-1, C.6-3 and C.6-4).
KEYS = {
    "PatientID": Level.STUDY,
    "PatientName": Level.STUDY,
    "PatientBirthDate": Level.STUDY,
    "PatientSex": Level.STUDY,
    "StudyInstanceUID": Level.STUDY,
    "StudyDate": Level.STUDY,
    "StudyTime": Level.STUDY,
    "StudyID": Level.STUDY,
    "StudyDescription": Level.STUDY,
    "AccessionNumber": Level.STUDY,
    "ReferringPhysicianName": Level.STUDY,
    "SeriesInstanceUID": Level.SERIES,
    "SeriesNumber": Level.SERIES,
    "SeriesDescription": Level.SERIES,
    "Modality": Level.SERIES,
    "SOPInstanceUID": Level.IMAGE,
    "SOPClassUID": Level.IMAGE,
    "InstanceNumber": Level.IMAGE,
    "NumberOfFrames": Level.IMAGE,
    "Rows": Level.IMAGE,
    "Columns": Level.IMAGE,
    "ContentDate": Level.IMAGE,
    "ContentTime": Level.IMAGE,
    "AvailableTransferSyntaxUID": Level.IMAGE,
}

#: Keys that are counted, at their own level only and for return only.
COUNTED = {
    "ModalitiesInStudy": (Level.STUDY, "REPLACE(GROUP_CONCAT(DISTINCT Modality), ',', '\\')"),
    "NumberOfStudyRelatedSeries": (Level.STUDY, "COUNT(DISTINCT SeriesInstanceUID)"),
    "NumberOfStudyRelatedInstances": (Level.STUDY, "COUNT(*)"),
    "NumberOfSeriesRelatedInstances": (Level.SERIES, "COUNT(*)"),
}

_ORDER = tuple(Level)
_RANGES = frozenset({"DA", "TM"})
_NO_WILDCARD = frozenset({"UI", "DA", "TM", "IS", "US"})


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """An instance in the store. ``path`` is its Part 10 file."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    path: Path


def supported_keys(level: Level) -> frozenset[str]:
    """Keywords that can be returned at ``level``."""
    stored = {key for key, own in KEYS.items() if _ORDER.index(own) <= _ORDER.index(level)}
    return frozenset(stored | {key for key, (own, _) in COUNTED.items() if own is level})


def _text(header: Dataset, keyword: str) -> str:
    value = header.get(keyword)
    if value is None:
        return ""
    return "\\".join(map(str, value)) if isinstance(value, MultiValue) else str(value)


def _condition(keyword: str, wanted: str) -> tuple[str, list[str]]:
    """One matching key as SQL (PS3.4 C.2.2.2): single value, list of UID, range, wildcard."""
    vr = dictionary_VR(keyword)
    if vr == "UI":
        uids = wanted.split("\\")
        return f"{keyword} IN ({', '.join('?' * len(uids))})", uids
    if vr in _RANGES and "-" in wanted:
        first, _, last = wanted.partition("-")
        # The tilde sorts after every digit, so that 10- to -10 also covers 103000.
        return f"{keyword} != '' AND {keyword} BETWEEN ? AND ?", [first, (last or "") + "~"]
    if vr not in _NO_WILDCARD and ("*" in wanted or "?" in wanted):
        # The star and the question mark mean the same in DICOM and GLOB; a bracket is special in GLOB only.
        return f"{keyword} GLOB ?", [wanted.replace("[", "[[]")]
    return f"{keyword} = ?", [wanted]


class Index:
    """What the PACS knows of its instances. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        columns = ", ".join(f"{keyword} TEXT NOT NULL" for keyword in KEYS)
        # The store lives as long as its process: losing the last row with the machine's power is no loss.
        self._execute("PRAGMA synchronous = OFF")
        self._execute(f"CREATE TABLE instances ({columns}, path TEXT NOT NULL, PRIMARY KEY (SOPInstanceUID))")

    def _execute(self, statement: str, values: Iterable[str] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            return self._database.execute(statement, tuple(values)).fetchall()

    def add(self, header: Dataset, transfer_syntax_uid: str, path: Path) -> None:
        """Add an instance; one with the same SOP Instance UID is replaced, whatever study it was in."""
        values = [_text(header, keyword) for keyword in KEYS if keyword != "AvailableTransferSyntaxUID"]
        marks = ", ".join("?" * (len(KEYS) + 1))
        self._execute(
            f"INSERT OR REPLACE INTO instances VALUES ({marks})",  # noqa: S608 - marks only
            [*values, transfer_syntax_uid, str(path)],
        )

    def remove(self, sop_instance_uid: str) -> None:
        """Forget an instance."""
        self._execute("DELETE FROM instances WHERE SOPInstanceUID = ?", [sop_instance_uid])

    def _where(self, level: Level, query: Mapping[str, str]) -> tuple[str, list[str]]:
        clauses, values = ["1"], []
        for keyword, wanted in query.items():
            own = KEYS.get(keyword)
            # Empty and the lone star are universal matching: no condition at all (PS3.4 C.2.2.2.3).
            if own is None or _ORDER.index(own) > _ORDER.index(level) or wanted in ("", "*"):
                continue
            clause, bound = _condition(keyword, wanted)
            clauses.append(clause)
            values.extend(bound)
        return " AND ".join(clauses), values

    def find(self, level: Level, query: Mapping[str, str]) -> list[dict[str, str]]:
        """What matches at ``level``: all keys known there, by keyword, sorted by the unique key."""
        columns = {key: key for key in supported_keys(level) if key in KEYS}
        columns |= {key: sql for key, (own, sql) in COUNTED.items() if own is level}
        where, values = self._where(level, query)
        unique = UNIQUE[level]
        rows = self._execute(
            f"SELECT {', '.join(columns.values())} FROM instances"  # noqa: S608 - from the tables above
            f" WHERE {where} GROUP BY {unique} ORDER BY {unique}",
            values,
        )
        return [dict(zip(columns, map(str, row), strict=True)) for row in rows]

    def instances(self, level: Level, query: Mapping[str, str]) -> list[StoredInstance]:
        """The instances that match, in the order in which they came."""
        where, values = self._where(level, query)
        rows = self._execute(
            "SELECT SOPClassUID, SOPInstanceUID, AvailableTransferSyntaxUID, path FROM instances"  # noqa: S608
            f" WHERE {where} ORDER BY rowid",
            values,
        )
        return [StoredInstance(sop_class, instance, syntax, Path(path)) for sop_class, instance, syntax, path in rows]
