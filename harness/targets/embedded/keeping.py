"""Keeping a received file, whichever way it came, with the status of C-STORE that says how that went."""

import logging
from pathlib import Path

from pydicom.errors import InvalidDicomError

from harness.errors import ObjectUnreadable
from harness.targets.embedded.hooks import SUCCESS, Hooks
from harness.targets.embedded.store import ObjectStore

LOG = logging.getLogger(__name__)

# PS3.4 Table B.2-1.
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000


def keep_received(hooks: Hooks, store: ObjectStore, received: Path, *, by: str) -> int:
    """Hand a file that came by a service to the store as the hooks have it; the status, of failure too."""
    try:
        refused = hooks.room(by, received.stat().st_size)
        if refused != SUCCESS:
            LOG.info("%s: no room for %s bytes", by, received.stat().st_size)
            received.unlink()
            return refused
        return hooks.store(store, received)
    except (ObjectUnreadable, InvalidDicomError, AttributeError, ValueError) as problem:
        LOG.warning("cannot understand: %s", problem)
        return CANNOT_UNDERSTAND
    except OSError as problem:
        LOG.warning("out of resources: %s", problem)
        return OUT_OF_RESOURCES
