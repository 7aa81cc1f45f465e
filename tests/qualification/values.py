"""Short ways to write records of checks of the harness."""

from dataclasses import replace

from harness.core.qualification import operation
from harness.core.qualification.identity import Host, Identity
from harness.core.qualification.operation import Operation, Part, Planned, Row, answered
from harness.report.qualification.record import sealed

IDENTITY = Identity("0.1.0", "abc", False, "", "CPython 3.11.7", {"pydicom": "3.0.2", "FFmpeg": "8.1"})
HOST = Host("h1", "Linux", "x86_64", 2)


def planned(part: Part, check: str = "RET-GET", subject: str = "", expected: str = "PASS") -> Planned:
    return Planned(part, check, subject, "h264_hp41", "", (expected,))


GOOD = planned(Part.POSITIVE)
FAULT = planned(Part.NEGATIVE, subject="flips-one-byte", expected="FAIL")
LEGAL = planned(Part.BENIGN, subject="writes")
RULE = planned(Part.LOGIC, "a format", "PASS and FAIL", "NOT MET")
WHOLE = planned(Part.INTEGRITY, "manifest", "one byte", "found")

#: Everything seen as expected.
ROWS: tuple[Row, ...] = tuple(answered(one, one.expected[0], "why") for one in (GOOD, FAULT, LEGAL, RULE, WHOLE))
PLAN = operation.plan_hash(row.planned for row in ROWS)


def record(rows: tuple[Row, ...] = ROWS, partial: str = "", **changes: object) -> Operation:
    verdict, reasons = operation.conclude(rows, partial)
    made = Operation(
        operation.SCHEMA,
        "oq-1",
        IDENTITY,
        HOST,
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T00:05:00.000Z",
        PLAN,
        partial,
        rows,
        operation.detection(rows),
        operation.not_challenged(rows),
        operation.count(rows),
        verdict,
        reasons,
    )
    return sealed(replace(made, **changes))
