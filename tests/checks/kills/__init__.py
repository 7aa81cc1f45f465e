"""The kill table: which check must fail on which mutant; a module for each family."""

from tests.checks.kills import basic, dicomweb, size

#: Rows of check id, mutant, format id of the cell (None where it has none), and variant where the check has any.
KILLS: list[tuple[str, ...]] = [
    *basic.KILLS,
    *size.KILLS,
    *dicomweb.KILLS,
]

#: Mutants that need another object on the PACS, with its format.
NEIGHBOURS = {"swaps-payloads": "mpeg2_hl"}
