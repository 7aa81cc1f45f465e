"""Which kind of PACS under test a started target is: with DIMSE, and perhaps DICOMweb too, or with DICOMweb only."""

from collections.abc import Callable
from pathlib import Path

from harness.clients.dicomweb import WebClient
from harness.clients.dimse import DimseClient
from harness.core.endpoint import Permission, Timeouts
from harness.core.formats import Format
from harness.errors import TargetUnhealthy
from harness.plugin.answers import Answers
from harness.plugin.live import LivePacs
from harness.plugin.videos import Progress
from harness.plugin.webpacs import WebPacs
from harness.targets.pool import StartedTarget
from harness.targets.remote import RemoteTarget

PacsUnderTest = LivePacs | WebPacs


def make_pacs(
    started: StartedTarget,
    *,
    formats: tuple[Format, ...],
    on_left: Callable[[str], None] | None,
    scratch: Path,
    answers: Answers,
    index_lag: tuple[float, ...],
    on_progress: Progress | None,
) -> PacsUnderTest:
    """The PACS under test behind a started target; DIMSE decides where it has both.

    Raises:
        UsageError: a setting, secret or certificate file of its DICOMweb service is missing.
        EnvironmentProblem: the optional package of its authentication is not installed.
        TargetUnhealthy: it has neither.
    """
    target, endpoint = started.target, started.endpoint
    remote = target if isinstance(target, RemoteTarget) else None
    permission = remote.permission if remote else Permission()
    web = None
    if remote is not None and remote.web is not None:
        web = WebClient(remote.web, timeouts=endpoint.timeouts if endpoint else Timeouts())
    if endpoint is not None:
        return LivePacs(
            endpoint,
            DimseClient(endpoint, on_progress=on_progress),
            formats=formats,
            state=target.state,
            permission=permission,
            on_left=on_left,
            web=web,
            scratch=scratch,
            answers=answers,
            index_lag=index_lag,
        )
    if web is None:
        raise TargetUnhealthy(f"{target.id}: has neither a DICOM nor a DICOMweb address; add one to its file")
    return WebPacs(web, permission=permission, on_left=on_left, scratch=scratch, answers=answers, index_lag=index_lag)


def address_of(started: StartedTarget) -> str:
    """Where the target is reached, for the record."""
    if started.endpoint is not None:
        return f"{started.endpoint.aet}@{started.endpoint.host}:{started.endpoint.port}"
    web = started.target.web if isinstance(started.target, RemoteTarget) else None
    return web.base if web else ""
