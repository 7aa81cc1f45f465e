"""The kill table: which check must fail on which fault; a module with ``KILLS`` for each family of checks.

A fault is the name of a mutant of the embedded PACS.
"""

import importlib
import pkgutil

from harness.core.sizes import MIB
from harness.qualification.kills.kill import Kill

#: Every row but those that need TLS.
KILLS: tuple[Kill, ...] = tuple(
    row
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name)
    for row in getattr(importlib.import_module(f"{__name__}.{module.name}"), "KILLS", ())
)

#: The size in bytes of the ladder: above the threshold from which faults of size show.
SIZE = 8 * MIB

#: Mutants that say nothing for ever: for them, waiting is short. The others may be slow on a busy machine.
SILENT = frozenset(
    {
        "hangs",
        "hangs-on-wrong-title",
        "wedges-after-wrong-title",
        "wedges-after-abort",
        "closes-on-unknown-calling",
        "hangs-on-mislabelled",
    }
)

#: Mutants that need another object on the PACS, with its format.
NEIGHBOURS = {"swaps-payloads": "mpeg2_hl"}
