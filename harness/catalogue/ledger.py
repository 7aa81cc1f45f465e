"""The ledger of known anomalies: the file of ``--known``. A known failure stays a failure; what is known is its reason
and what is done about it.
"""

import re
from pathlib import Path

from harness.catalogue.runinfo import iso_date, maybe
from harness.catalogue.table import Table
from harness.core.verification.dossier import Classification, KnownAnomaly

_ID = re.compile(r"A-[0-9a-f]{8}")


def load_known(path: Path) -> tuple[KnownAnomaly, ...]:
    """Read one file.

    Raises:
        DataFileError: it breaks its rules; names file and key.
    """
    table = Table.load(path)
    found: dict[str, KnownAnomaly] = {}
    for entry in table.tables("anomalies"):
        one = _anomaly(entry)
        if one.id in found:
            raise entry.problem("id", f"{one.id} occurs twice; join the two")
        found[one.id] = one
    table.done()
    if not found:
        raise table.problem("anomalies", "is empty; give at least one [[anomalies]], or leave the option out")
    return tuple(found.values())


def _anomaly(table: Table) -> KnownAnomaly:
    id = table.text("id")
    if not _ID.fullmatch(id):
        raise table.problem("id", f"is {id!r}; give the one that a report prints, such as A-0123abcd")
    found = KnownAnomaly(
        id=id,
        title=table.text("title"),
        classification=table.choice("classification", Classification),
        criticality=table.text("criticality"),
        disposition=table.text("disposition"),
        rationale=table.text("rationale"),
        residual=table.boolean("residual"),
        expires=iso_date(table, "expires"),
        link=maybe(table, "link"),
        formats=table.texts("formats") if "formats" in table else (),
        versions=table.texts("versions") if "versions" in table else (),
    )
    table.done()
    return found
