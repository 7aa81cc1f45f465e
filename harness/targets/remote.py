"""A system that was there before and stays: reached as its site file says, never started, stopped or cleaned.

What it is cannot be measured over DICOM, so product and version are those of the site file and marked as told; what its
peer says of its implementation is measured and stands beside them.
"""

import socket

from harness.clients.dimse import DimseClient, RetryPolicy
from harness.core.endpoint import (
    Endpoint,
    EvidenceClass,
    Permission,
    RestEndpoint,
    Runtime,
    Service,
    TargetIdentity,
    TargetState,
    WebEndpoint,
)
from harness.core.exchange import Ending
from harness.errors import TargetUnhealthy
from harness.targets.readiness import answers_echo
from harness.targets.site import Site
from harness.targets.target import Place

_VERIFICATION = ("1.2.840.10008.1.1", "1.2.840.10008.1.2")
_CONNECT = 5.0

#: The system answered, whatever it said: it is there, and the checks tell the rest.
_THERE = (Ending.ANSWERED, Ending.REFUSED)

#: What to do about each way in which the first conversation can fail.
_NEXT_STEPS = {
    Ending.UNREACHABLE: "see that dicom.host and dicom.port are right, the PACS runs, and no firewall is between",
    Ending.UNTRUSTED: "see that dicom.tls.authorities names the authority of its certificate, and server_name its name",
    Ending.REJECTED: "see that dicom.aet is the AE title of the PACS, and have dicom.calling_aet entered there as ours",
    Ending.TIMED_OUT: "something takes connections there and says nothing: see that dicom.port is its DICOM port, and "
    "whether that port wants [dicom.tls]",
    Ending.ABORTED: "see the log of the PACS; some abort callers whose AE title or address they do not know",
    Ending.LOST: "see that dicom.port is its DICOM port, and whether it wants [dicom.tls] or knows our address",
    Ending.BAD_ANSWER: "something that does not speak DICOM answers there: see that dicom.port is its DICOM port",
}
_OTHERWISE = "see [dicom] and [dicom.tls]"


class RemoteTarget:
    """One system of a site file.

    ``web`` is its DICOMweb service where it has one, and ``permission`` is what the site allows.
    """

    evidence_class = EvidenceClass.MEASURED
    runtime = Runtime.REMOTE

    def __init__(self, site: Site) -> None:
        self._site = site
        self._peer = ""

    @property
    def id(self) -> str:
        """The name of the site file without its ending."""
        return self._site.id

    @property
    def web(self) -> WebEndpoint | None:
        """Its DICOMweb service; None where it has none."""
        return self._site.web

    @property
    def rest(self) -> RestEndpoint | None:
        """Its own interface; None where the site file tells none."""
        return self._site.rest

    @property
    def endpoint(self) -> Endpoint | None:
        """Its DICOM service, known before the start; None where it has none."""
        return self._site.endpoint

    @property
    def permission(self) -> Permission:
        """What the site allows us to do."""
        return self._site.permission

    def start(self, place: Place) -> Endpoint | None:
        """See that it answers C-ECHO, or just an association where C-ECHO is not allowed; nothing is started.

        Returns None for a system that has DICOMweb only; its first request shows whether it answers.

        Raises:
            TargetUnhealthy: closed port, silent host, rejected association and the like, each with its next step.
        """
        endpoint = self._site.endpoint
        if endpoint is None:
            return None
        client = DimseClient(endpoint, retry=RetryPolicy(attempts=1))
        seen = client.echo() if self._may_echo else client.negotiate([_VERIFICATION])
        if seen.ending not in _THERE:
            raise TargetUnhealthy(
                f"{self.id} at {endpoint.aet}@{endpoint.host}:{endpoint.port}, called as {endpoint.calling_aet}: "
                f"{seen.summary}; {_NEXT_STEPS.get(seen.ending, _OTHERWISE)} ({self._site.path})"
            )
        self._peer = seen.peer
        return endpoint

    def identity(self) -> TargetIdentity:
        """Product and version as the site file tells them, and what the peer said of itself."""
        site = self._site
        details = {
            "product and version": f"as told by the site file {site.path.name}",
            "vendor": site.vendor,
            "allowed": ", ".join(one for one in Service if one in site.permission.services) or "nothing",
            "largest object allowed": f"{site.permission.largest or 'no limit told'}",
        }
        if site.endpoint is not None:
            tls = site.endpoint.tls
            details |= {
                "implementation": self._peer or "not told",
                "calling AE title": site.endpoint.calling_aet,
                "TLS": "no" if tls is None else "yes, its certificate verified",
            }
        if site.web is not None:
            details |= {"DICOMweb": site.web.base, "authentication": site.web.auth.kind.value}
        return TargetIdentity(
            site.id,
            product=site.product,
            version=site.version,
            runtime=self.runtime,
            evidence_class=self.evidence_class,
            details=tuple(details.items()),
        )

    def state(self) -> TargetState:
        """Whether it answers now; nothing else can be known from here."""
        endpoint = self._site.endpoint
        if endpoint is None:
            return TargetState(alive=True)
        return TargetState(alive=answers_echo(endpoint) if self._may_echo else _connects(endpoint))

    def stop(self) -> None:
        """Nothing: it was there before and stays."""

    @property
    def _may_echo(self) -> bool:
        return Service.ECHO in self._site.permission.services


def _connects(endpoint: Endpoint) -> bool:
    try:
        with socket.create_connection((endpoint.host, endpoint.port), timeout=_CONNECT):
            return True
    except OSError:
        return False
