"""From a started target to the PACS under test."""

from collections.abc import Callable
from pathlib import Path

from harness.clients.dicomweb import WebClient
from harness.clients.dimse import DimseClient, RetryPolicy
from harness.clients.orthanc import OrthancClient
from harness.core.endpoint import Permission, Runtime, Timeouts
from harness.core.formats import Format
from harness.plugin.answers import Answers
from harness.plugin.conversation import Conversation, Reach
from harness.plugin.live import LivePacs
from harness.plugin.network import network_path
from harness.plugin.videos import Progress, Videos
from harness.targets.pool import StartedTarget
from harness.targets.remote import RemoteTarget


def make_pacs(
    started: StartedTarget,
    videos: Videos,
    *,
    formats: tuple[Format, ...],
    sampled: tuple[Format, ...],
    on_left: Callable[[str], None] | None,
    scratch: Path,
    answers: Answers,
    index_lag: tuple[float, ...],
    on_progress: Progress | None,
    ceiling: int | None = None,
) -> LivePacs:
    """The PACS under test behind a started target.

    Raises:
        UsageError: a setting, secret or certificate file of its DICOMweb service is missing.
        EnvironmentProblem: the optional package of its authentication is not installed.
        TargetUnhealthy: it has neither DIMSE nor DICOMweb.
    """
    target, endpoint = started.target, started.endpoint
    web = None
    if target.web is not None:
        web = WebClient(target.web, timeouts=endpoint.timeouts if endpoint else Timeouts())
    talk = Conversation(
        Reach(endpoint, DimseClient(endpoint, on_progress=on_progress) if endpoint else None, web, target.rest),
        id=target.id,
        formats=formats,
        state=target.state,
        permission=target.permission if isinstance(target, RemoteTarget) else Permission(),
        on_left=on_left,
        scratch=scratch,
        answers=answers,
        index_lag=index_lag,
        ceiling=ceiling,
    )
    return LivePacs(talk, videos, sampled=sampled)


def address_of(started: StartedTarget) -> str:
    """Where the target is reached, for the record."""
    if started.endpoint is not None:
        return f"{started.endpoint.aet}@{started.endpoint.host}:{started.endpoint.port}"
    return started.target.web.base if started.target.web else ""


def reach_of(started: StartedTarget) -> tuple[tuple[str, str], ...]:
    """How the target is reached, for the record: names and values besides its address."""
    found = [("network", network_path(started))]
    if started.endpoint is not None:
        to = started.endpoint
        found += [
            ("AE title", to.aet),
            ("our AE title", to.calling_aet),
            ("TLS", "yes" if to.tls is not None else "no"),
        ]
        if to.receiver_aet is not None:
            found.append(("C-MOVE goes to", f"{to.receiver_aet} at {to.receiver_host}:{to.receiver_port}"))
    if started.target.web is not None:
        found.append(("DICOMweb", started.target.web.base))
    return tuple(found)


def told_by(started: StartedTarget) -> tuple[tuple[str, str], ...]:
    """What the product says of itself by an interface of its own, for the record.

    Only where we started it: what may be asked of others is for their site to say.
    """
    target = started.target
    if target.rest is None or target.runtime is Runtime.REMOTE:
        return ()
    with OrthancClient(target.rest, like=target.web, retry=RetryPolicy(attempts=1)) as client:
        return client.about()
