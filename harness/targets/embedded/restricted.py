"""A PACS that takes less: limits as values, to and from JSON, and the hooks that keep to them.

Everything else stays as it was. What the limits do not name is refused: other storage classes and transfer syntaxes,
rendered video, and the interface besides the standard's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pynetdicom.association import Association
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at run time
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from harness.core.claims import Service
from harness.errors import DataFileError
from harness.targets.embedded.hooks import COMMITMENT, STORAGE, SUCCESS, WELL_BEHAVED, Hooks
from harness.targets.embedded.keeping import OUT_OF_RESOURCES
from harness.targets.embedded.variations.variation import Vary, after, negotiating, web, without_class
from harness.targets.embedded.web.asked import Resource
from harness.targets.embedded.web.hooks import CLASS_NOT_SUPPORTED, SYNTAX_NOT_SUPPORTED

#: The SOP class by which each DIMSE service is negotiated; C-STORE has those of the objects.
_CLASS_OF = {
    Service.ECHO: str(Verification),
    Service.FIND: str(StudyRootQueryRetrieveInformationModelFind),
    Service.MOVE: str(StudyRootQueryRetrieveInformationModelMove),
    Service.GET: str(StudyRootQueryRetrieveInformationModelGet),
    Service.COMMITMENT: COMMITMENT,
}

#: The service that each resource of DICOMweb belongs to. What is rendered is playback, which is no matter of storing.
_SERVICE_OF = {
    Resource.STORE: Service.STOW,
    Resource.SEARCH: Service.QIDO,
    Resource.INSTANCES: Service.WADO,
    Resource.METADATA: Service.WADO,
    Resource.BULKDATA: Service.WADO,
    Resource.FRAMES: Service.WADO,
    Resource.URI: Service.WADO_URI,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """One transfer syntax in one SOP class, by UIDs, that a service may bring."""

    service: Service
    sop_class: str
    syntax: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a PACS offers and takes.

    ``largest`` has bytes of an object as a file; a service that is not in it has no limit. ``max_pdu`` in bytes, None
    for that of the embedded PACS. The refusals are results of presentation contexts (PS3.8 Table 9-18): of a syntax in
    a class of which something is taken, and of everything else. ``about`` says in its log and in the file of limits
    what is played.
    """

    services: frozenset[Service]
    taken: frozenset[Taken]
    largest: tuple[tuple[Service, int], ...] = ()
    max_pdu: int | None = None
    syntax_refusal: int = 4
    class_refusal: int = 3
    about: str = ""

    def admits(self, service: Service, sop_class: str, syntax: str) -> bool:
        """Whether the service may bring such an object."""
        return service in self.services and Taken(service, sop_class, syntax) in self.taken

    def classes(self, service: Service) -> frozenset[str]:
        """The SOP classes of which the service may bring something."""
        return frozenset(one.sop_class for one in self.taken if one.service is service and service in self.services)


def within(limits: Limits) -> Vary:
    """Keep a PACS within limits."""
    denied = (uid for service, uid in _CLASS_OF.items() if service not in limits.services)
    return after(
        without_class(*denied),
        negotiating(partial(_negotiate, limits)),
        lambda hooks: replace(hooks, room=partial(_room, dict(limits.largest))),
        web(offered=partial(_offered, limits), admit=partial(_admit, limits)),
    )


def restricted(limits: Limits) -> Hooks:
    """The well-behaved PACS within limits."""
    return within(limits)(WELL_BEHAVED)


def write_limits(limits: Limits, path: Path) -> None:
    """Write the file that ``--restrict`` takes."""
    value = {
        "about": limits.about,
        "services": sorted(limits.services),
        "taken": sorted([one.service, one.sop_class, one.syntax] for one in limits.taken),
        "largest": dict(limits.largest),
        "max_pdu": limits.max_pdu,
        "syntax_refusal": limits.syntax_refusal,
        "class_refusal": limits.class_refusal,
    }
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def read_limits(path: Path) -> Limits:
    """Read what :func:`write_limits` wrote.

    Raises:
        DataFileError: the file cannot be read, or is something else.
    """
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Limits(
            services=frozenset(map(Service, value.pop("services"))),
            taken=frozenset(Taken(Service(by), str(sop), str(syntax)) for by, sop, syntax in value.pop("taken")),
            largest=tuple((Service(by), int(size)) for by, size in value.pop("largest").items()),
            **value,
        )
    except OSError as error:
        raise DataFileError(path, "file", f"cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFileError(path, "file", f"does not hold limits of a PACS: {error}") from error


def _negotiate(limits: Limits, association: Association) -> None:
    for context in association.acceptor.supported_contexts:
        sop_class = str(context.abstract_syntax)
        if sop_class in STORAGE:
            context.transfer_syntax = [
                syntax for syntax in context.transfer_syntax if limits.admits(Service.STORE, sop_class, str(syntax))
            ]
    if limits.max_pdu is not None:
        association.acceptor.maximum_length = limits.max_pdu
    known = limits.classes(Service.STORE) | {uid for by, uid in _CLASS_OF.items() if by in limits.services}
    accept = association.acse.send_accept

    def send_accept() -> None:
        for context in association._rejected_cx:
            context.result = limits.syntax_refusal if context.abstract_syntax in known else limits.class_refusal
        accept()

    association.acse.send_accept = send_accept  # type: ignore[method-assign]


def _room(largest: Mapping[Service, int], service: str, size: int) -> int:
    limit = largest.get(Service(service))
    return SUCCESS if limit is None or size <= limit else OUT_OF_RESOURCES


def _offered(limits: Limits, resource: Resource) -> bool:
    return _SERVICE_OF.get(resource) in limits.services


def _admit(limits: Limits, sop_class: str, transfer_syntax: str) -> int:
    if limits.admits(Service.STOW, sop_class, transfer_syntax):
        return SUCCESS
    return SYNTAX_NOT_SUPPORTED if sop_class in limits.classes(Service.STOW) else CLASS_NOT_SUPPORTED
