"""The kill table: which check must fail on which mutant; a module with ``KILLS`` for each family."""

import importlib
import pkgutil

#: Rows of check id, mutant, format id of the cell (None where it has none), and variant where the check has any.
KILLS: list[tuple[str, ...]] = [
    row
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name)
    for row in importlib.import_module(f"{__name__}.{module.name}").KILLS
]

#: Mutants that say nothing for ever: for them, waiting is short. The others may be slow on a busy machine.
SILENT = {
    "hangs",
    "hangs-on-wrong-title",
    "wedges-after-wrong-title",
    "wedges-after-abort",
    "closes-on-unknown-calling",
    "hangs-on-mislabelled",
}

#: Mutants that need another object on the PACS, with its format.
NEIGHBOURS = {"swaps-payloads": "mpeg2_hl"}
