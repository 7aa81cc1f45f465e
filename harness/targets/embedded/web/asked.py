"""A request of DICOMweb and the reply to it, as values that services and hooks share."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.targets.embedded.web.body import EMPTY, Body
from harness.targets.embedded.web.media_types import TEXT


class Resource(StrEnum):
    """What a request is about (PS3.18 Table 10.1-1 and 9, and what is besides)."""

    STORE = "store"
    SEARCH = "search"
    INSTANCES = "instances"  #: of a study, a series, or one
    METADATA = "metadata"
    BULKDATA = "bulkdata"
    RENDERED = "rendered"
    FRAMES = "frames"
    URI = "uri"  #: WADO-URI
    # Of the interface besides the standard's
    VENDOR_LOOKUP = "vendor lookup"
    VENDOR_FILE = "vendor file"
    VENDOR_FRAME = "vendor frame"
    VENDOR_MD5 = "vendor MD5"
    VENDOR_SIZE = "vendor size"
    VENDOR_VERIFY = "vendor verification"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. ``path`` holds the UIDs and the like of its URL; ``base`` is the URL that ``/studies`` follows.

    ``text`` is the body of a short POST.
    """

    resource: Resource
    base: str
    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...] = ()
    accept: str | None = None
    range: str | None = None
    text: str = ""

    def one(self, name: str) -> str:
        """The first value of a query parameter; empty where there is none."""
        return next((value for key, value in self.query if key == name), "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. Without ``length_told`` the body is sent in chunks (RFC 9112 7.1)."""

    status: int
    media_type: str = ""
    body: Body = EMPTY
    headers: tuple[tuple[str, str], ...] = ()
    length_told: bool = True


class Refusal(Exception):
    """A request that is answered with a status of failure and the reason in words."""

    def __init__(self, status: int, reason: str, *headers: tuple[str, str]) -> None:
        super().__init__(reason)
        self.reply = Reply(status, TEXT, Body((reason.encode(),)), headers)
