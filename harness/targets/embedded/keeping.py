"""Keeping a received file, whichever way it came, with the status of C-STORE that says how that went."""

import logging
from pathlib import Path

from pydicom.errors import InvalidDicomError

from harness.errors import ObjectUnreadable
from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.store import ObjectStore

LOG = logging.getLogger(__name__)

# PS3.4 Table B.2-1.
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000


def keep_received(hooks: Hooks, store: ObjectStore, received: Path) -> int:
    """Hand a file to the store as the hook has it; the status, of failure too."""
    try:
        return hooks.store(store, received)
    except (ObjectUnreadable, InvalidDicomError, AttributeError, ValueError) as problem:
        LOG.warning("cannot understand: %s", problem)
        return CANNOT_UNDERSTAND
    except OSError as problem:
        LOG.warning("out of resources: %s", problem)
        return OUT_OF_RESOURCES
