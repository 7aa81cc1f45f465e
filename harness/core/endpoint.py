"""How to reach a target, and who it is: values that clients and reports share."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address


class EvidenceClass(StrEnum):
    """What a result is evidence of. The classes never mix."""

    MEASURED = "MEASURED"  #: a real product
    EMULATED = "EMULATED"  #: our own server playing a product's documented limits
    SELF_TEST = "SELF_TEST"  #: our own server as itself: says something of the harness only


class Runtime(StrEnum):
    """What runs a target."""

    EMBEDDED = "embedded"
    CONTAINER = "container"
    NATIVE = "native"
    REMOTE = "remote"  #: a system that was there before and stays


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds, printed with every result that one of them decided.

    ``answer`` counts only after the last byte of a request has left; ``stall`` is how long no byte may move while a
    message is on its way; ``late`` is how long after its last answer a C-MOVE may still begin to bring an object.
    """

    connect: float = 10.0
    association: float = 30.0
    answer: float = 60.0
    stall: float = 30.0
    late: float = 5.0


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection is secured; all files are PEM.

    The peer's certificate is always verified, for ``server_name`` where that is set, else for the host: against
    ``authorities``, or against the authorities of the system where that is None. ``certificate`` and ``key`` are ours,
    for peers that ask for them.
    """

    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None
    server_name: str | None = None


class AuthKind(StrEnum):
    """How a DICOMweb service knows its caller."""

    NONE = "none"
    BASIC = "basic"
    BEARER = "bearer"  #: a token from the environment
    OAUTH = "oauth"  #: OAuth 2.0 client credentials (RFC 6749 4.4)
    GOOGLE = "google"  #: application default credentials
    SIGV4 = "sigv4"  #: AWS Signature Version 4


@dataclass(frozen=True, slots=True)
class Auth:
    """Settings of an authentication. Secrets are never here: ``secrets`` maps their role to an environment variable."""

    kind: AuthKind = AuthKind.NONE
    settings: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WebEndpoint:
    """A DICOMweb service: ``base`` is the URL that ``/studies`` follows; ``max_request`` in bytes where documented.

    ``wado_uri`` is the URL of its WADO-URI service (PS3.18 9); None where it has none.
    """

    base: str
    auth: Auth = Auth()
    tls: Tls = Tls()
    max_request: int | None = None
    wado_uri: str | None = None


#: Products whose own interface the harness can speak.
REST_KINDS = ("orthanc",)


@dataclass(frozen=True, slots=True)
class RestEndpoint:
    """An interface of a product besides the standard's: ``kind`` is one of :data:`REST_KINDS`, ``base`` its URL."""

    kind: str
    base: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Address and names of a running target.

    ``receiver_host`` is the local address where our C-MOVE receiver must listen so that the target reaches it, and
    ``receiver_aet`` and ``receiver_port`` are what the target was told; None where it cannot move to us.
    """

    host: str
    port: int
    aet: str
    calling_aet: str = "PYTEST_PACS"
    receiver_aet: str | None = None
    receiver_host: str = "127.0.0.1"
    receiver_port: int | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    tls: Tls | None = None


class Service(StrEnum):
    """What a site may allow us to ask of its system."""

    ECHO = "echo"
    STORE = "store"
    FIND = "find"
    GET = "get"
    MOVE = "move"
    COMMIT = "commit"
    STOW = "stow"
    QIDO = "qido"
    WADO = "wado"


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be done with a target: its services, and the largest object in bytes, None for no limit.

    Deleting is not among them: nothing of the harness deletes. Proposing a presentation context sends no object and
    needs no permission.
    """

    services: frozenset[Service] = frozenset(Service)
    largest: int | None = None

    def obstacle(self, service: Service, size: int = 0) -> str | None:
        """Why ``service`` with an object of ``size`` bytes is not done; None where it may be."""
        if service not in self.services:
            allowed = ", ".join(one for one in Service if one in self.services) or "nothing"
            return f"the site file does not allow {service}; allowed: {allowed}"
        if self.largest is not None and size > self.largest:
            return f"the object has {size} bytes and the site file allows {self.largest} at most"
        return None


@dataclass(frozen=True, slots=True)
class TargetIdentity:
    """Which system was tested, as found out at run time; ``details`` is free-form name and value."""

    id: str
    product: str
    version: str
    runtime: Runtime
    evidence_class: EvidenceClass
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a started target is doing. ``memory_peak`` in bytes; None means that it cannot be known here."""

    alive: bool
    exit_code: int | None = None
    out_of_memory: bool | None = None
    memory_peak: int | None = None
    restarts: int | None = None


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
