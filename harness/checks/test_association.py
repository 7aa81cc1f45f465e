"""Does the target answer, can it refuse, which formats does it take, and what do its associations carry?"""

from harness.core.observations import ControlSeen, EchoSeen, NegotiationSeen, Observation
from harness.core.ports import Pacs, Video
from harness.core.results import Outcome
from harness.core.verdicts import judge
from harness.marks import Depth, Over, check

#: The longest PDU that we offer to take, in bytes, by variant; 0 is no limit (PS3.8 D.1).
PDU_LENGTHS = {"16K": 2**14, "64K": 2**16, "128K": 2**17, "unlimited": 0}


@check(
    "ASC-CONTROL",
    family="association",
    title="An invented transfer syntax is refused",
    expected="a presentation context with a transfer syntax made up for this run is not accepted",
    level="SHALL",
    section="PS3.8 9.3.3.2",
    verifies=("R-ASC-UNKNOWN",),
    over=Over.TARGET,
    depth=Depth.QUICK,
)
def test_control_is_refused(pacs: Pacs) -> Observation:
    """A target that accepts anything shows nothing by accepting."""
    return ControlSeen(pacs.control())


@check(
    "ASC-ECHO",
    family="association",
    title="C-ECHO is answered with success",
    expected="status 0x0000",
    level="SHALL",
    section="PS3.4 A.4",
    verifies=("R-ASC-ECHO",),
    over=Over.TARGET,
    depth=Depth.QUICK,
)
def test_echo_is_answered(pacs: Pacs) -> Observation:
    """The simplest conversation."""
    return EchoSeen(pacs.echo())


@check(
    "ASC-SYNTAX",
    family="association",
    title="The transfer syntax is accepted for the SOP class",
    expected="the presentation context with just this syntax is accepted, and with this syntax",
    level="MAY",
    section="PS3.8 9.3.3.2",
    verifies=("R-ASC-VIDEO",),
    over=Over.OBJECT,
    depth=Depth.QUICK,
)
def test_syntax_is_accepted(pacs: Pacs, video: Video) -> Observation:
    """One syntax in one context, so that nothing else can be chosen."""
    control = judge(ControlSeen(pacs.control())).outcome
    refused = {Outcome.PASS: True, Outcome.FAIL: False}.get(control)
    return NegotiationSeen(pacs.propose(video), control_refused=refused)


@check(
    "ASC-PDU",
    family="association",
    title="The longest PDU that each side takes is kept to",
    expected="no PDU is longer than what we offer; PDUs of exactly what the target offers are taken; the payload comes "
    "back unchanged",
    level="SHALL",
    section="PS3.8 D.1",
    verifies=("R-ASC-PDU-SENT", "R-ASC-PDU-TAKEN"),
    over=Over.SAMPLE,
    variants=tuple(PDU_LENGTHS),
)
def test_pdu_lengths_are_kept_to(pacs: Pacs, video: Video, variant: str) -> Observation:
    """A fresh object is stored and fetched under each limit."""
    return pacs.association.pdu_length(video, PDU_LENGTHS[variant])


@check(
    "ASC-PARALLEL",
    family="association",
    title="Several objects stored at once come back, each as itself",
    expected="four associations at once store an object each, or are openly rejected; each object comes back unchanged",
    level="SHALL",
    section="PS3.8 7.1, PS3.4 B.2.3",
    verifies=("R-STO-PARALLEL",),
    over=Over.SAMPLE,
)
def test_objects_stored_at_once_stay_apart(pacs: Pacs, video: Video) -> Observation:
    """Each has another content, so that nothing can be taken for another."""
    return pacs.association.parallel(video)


@check(
    "ASC-ABORT",
    family="interruption",
    title="After an abort in the middle of a C-STORE the same object can be stored",
    expected="a new association opens at once, no half object is found, the object stored again comes back whole",
    level="SHALL",
    section="PS3.8 7.3, 9.3.8",
    verifies=("R-INT-NO-PART", "R-INT-AGAIN", "R-INT-SERVED"),
    over=Over.SAMPLE,
)
def test_abort_leaves_nothing_behind(pacs: Pacs, video: Video) -> Observation:
    """It stands among the last ones: a PACS that this breaks would answer nothing after it."""
    return pacs.association.broken_off(video)
