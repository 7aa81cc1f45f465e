"""The protocol as it is: all checks of the package, and the requirements that they verify."""

from functools import cache

from harness.catalogue.required import load_protocol_name, load_requirements
from harness.core.coverage import linked
from harness.core.protocol import make_protocol
from harness.core.requirements import Requirement
from harness.core.results import Protocol
from harness.plugin.everycheck import every_check


@cache
def current_protocol() -> tuple[Protocol, tuple[Requirement, ...]]:
    """The protocol, with every requirement of the catalogue linked to its checks.

    Raises:
        DataFileError: a file of the catalogue breaks its rules.
    """
    checks = [one.info for one in every_check().values()]
    requirements = linked(load_requirements(), checks)
    return make_protocol(*load_protocol_name(), checks, requirements), requirements
