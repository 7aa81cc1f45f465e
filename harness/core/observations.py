"""What a check saw, as values: the only thing a check hands over. :mod:`harness.core.verdicts` judges it.

An observation holds what is needed to judge it again from the record alone, and no more: long attribute lists are
reduced to their differences before they get here. What one family of checks alone sees stands in
:mod:`harness.core.families`.
"""

from dataclasses import dataclass

from harness.core.exchange import Exchange
from harness.core.facts import ObjectFacts


@dataclass(frozen=True, slots=True)
class Observation:
    """Base of what a check may return; a rule of :func:`harness.core.verdicts.judge` belongs to each class."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The coded video inside an object, by size and hash; see :class:`~harness.core.facts.ObjectFacts`."""

    instance_uid: str
    transfer_syntax_uid: str
    length: int
    sha256: str
    unpadded_sha256: str
    fragments: int

    @classmethod
    def of(cls, facts: ObjectFacts) -> "Payload":
        """The payload part of what is known of an object."""
        return cls(
            instance_uid=facts.sop_instance_uid,
            transfer_syntax_uid=facts.transfer_syntax_uid,
            length=facts.payload_length,
            sha256=facts.payload_sha256,
            unpadded_sha256=facts.unpadded_sha256,
            fragments=len(facts.fragment_lengths),
        )


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one retrieve path brought back. ``received`` counts objects.

    ``facts`` describes the object that was asked for where it came, else the first one; ``others`` names the rest by
    SOP Instance UID. ``unreadable`` says why the received bytes are not a DICOM object; empty where they are one.
    ``tries`` counts the requests until something came: an index may lag behind.
    """

    service: str
    exchange: Exchange
    received: int
    facts: ObjectFacts | None
    unreadable: str = ""
    others: tuple[str, ...] = ()
    tries: int = 1


@dataclass(frozen=True, slots=True)
class ControlSeen(Observation):
    """A transfer syntax that nobody can know was proposed."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class EchoSeen(Observation):
    """C-ECHO was sent."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class NegotiationSeen(Observation):
    """The syntax was proposed for one SOP class. ``control_refused`` is None where the control did not decide."""

    exchange: Exchange
    control_refused: bool | None


@dataclass(frozen=True, slots=True)
class StoreSeen(Observation):
    """The object was sent by C-STORE."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class QuerySeen(Observation):
    """The stored object was looked for by C-FIND, by its own UIDs.

    ``unique_key`` is the keyword that tells answers apart at the level asked (PS3.4 C.6.2.1). ``expected`` maps
    keywords to the values that the object has, ``required`` names those that an answer must hold; ``answers`` are all
    responses. ``tries`` counts the queries until one was not empty: an index may lag behind. ``announced`` tells that
    the store was answered with a warning of coercion.
    """

    level: str
    unique_key: str
    required: tuple[str, ...]
    announced: bool
    exchange: Exchange
    expected: tuple[tuple[str, str], ...]
    answers: tuple[tuple[tuple[str, str], ...], ...]
    tries: int


@dataclass(frozen=True, slots=True)
class PayloadSeen(Observation):
    """The object was stored and then retrieved; ``size`` in bytes is set where the size is the question."""

    service: str
    stored: Exchange
    exchange: Exchange
    received: int
    sent: Payload
    returned: Payload | None
    unreadable: str = ""
    others: tuple[str, ...] = ()
    tries: int = 1
    size: int | None = None

    @classmethod
    def of(cls, sent: ObjectFacts, stored: Exchange, fetched: Fetched, *, size: int | None = None) -> "PayloadSeen":
        """Put what was sent, and how, beside what one path returned."""
        return cls(
            service=fetched.service,
            stored=stored,
            exchange=fetched.exchange,
            received=fetched.received,
            sent=Payload.of(sent),
            returned=None if fetched.facts is None else Payload.of(fetched.facts),
            unreadable=fetched.unreadable,
            others=fetched.others,
            tries=fetched.tries,
            size=size,
        )


@dataclass(frozen=True, slots=True)
class PathDifferences:
    """What one path returned: ``seen`` in short, ``wrong`` breaks the rule, ``allowed`` is worth a note."""

    service: str
    seen: str
    wrong: tuple[str, ...]
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnedSeen(Observation):
    """Returned objects, on every path that returned one, held against a rule named by ``question``."""

    question: str
    paths: tuple[PathDifferences, ...]


@dataclass(frozen=True, slots=True)
class Refused(Observation):
    """The object could not be sent because its presentation context was refused."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class NotOffered(Observation):
    """The target refuses the whole service, not this video."""

    service: str
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class NotMade(Observation):
    """The harness cannot make the video that the check needs."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut(Observation):
    """Who started the run chose a profile that does not ask this."""

    profile: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class Blocked(Observation):
    """An earlier step did not get far enough for this check; that step's own check holds the finding."""

    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class Broke(Observation):
    """The harness or its environment broke at ``step``: nothing is known of the target."""

    step: str
    reason: str


class Undecided(Exception):
    """Ends a check early with the observation that says why its question cannot be put."""

    def __init__(self, observation: Observation) -> None:
        super().__init__(type(observation).__name__)
        self.observation = observation
