"""The setups that ``setup`` in a target file can name."""

from harness.errors import UnknownName
from harness.targets import dcm4chee
from harness.targets.steps import Setup

SETUPS: dict[str, Setup] = {"dcm4chee": dcm4chee.set_up}


def find_setup(name: str) -> Setup | None:
    """The setup of that name; None for the empty name, which is that of a PACS that needs none.

    Raises:
        UnknownName: no such setup.
    """
    if not name:
        return None
    try:
        return SETUPS[name]
    except KeyError:
        raise UnknownName("setup", name, SETUPS) from None
