"""From what was looked at and answered to the sealed record of an installation or operational check."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from harness.core.qualification import installation, operation
from harness.core.qualification.identity import Host, Identity
from harness.core.qualification.installation import Installation, Item
from harness.core.qualification.operation import Operation, Row
from harness.plugin.environment import now
from harness.report.qualification.record import sealed


def new_id(kind: str) -> str:
    """An id that sorts by time and does not repeat, such as ``oq-20260101T120000Z-1f2a3b``."""
    return f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def of_installation(items: Sequence[Item], identity: Identity, host: Host, started: str) -> Installation:
    """The record of an installation check that ends now."""
    verdict, reasons = installation.conclude(items)
    return sealed(
        Installation(
            schema=installation.SCHEMA,
            id=new_id("iq"),
            identity=identity,
            host=host,
            started=started,
            finished=now(),
            items=tuple(items),
            counts=installation.count(items),
            verdict=verdict,
            reasons=reasons,
        )
    )


def of_operation(
    rows: Sequence[Row], identity: Identity, host: Host, started: str, *, plan_sha256: str, partial: str
) -> Operation:
    """The record of an operational check that ends now; ``partial`` says why less was done than is planned."""
    verdict, reasons = operation.conclude(rows, partial)
    return sealed(
        Operation(
            schema=operation.SCHEMA,
            id=new_id("oq"),
            identity=identity,
            host=host,
            started=started,
            finished=now(),
            plan_sha256=plan_sha256,
            partial=partial,
            rows=tuple(rows),
            detection=operation.detection(rows),
            not_challenged=operation.not_challenged(rows),
            counts=operation.count(rows),
            verdict=verdict,
            reasons=reasons,
        )
    )
