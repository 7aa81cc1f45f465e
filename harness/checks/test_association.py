"""Does the target answer, can it refuse, and which formats does it take in negotiation?"""

from harness.core.observations import ControlSeen, EchoSeen, NegotiationSeen, Observation
from harness.core.ports import Pacs, Video
from harness.core.results import Outcome
from harness.core.verdicts import judge
from harness.marks import Over, check


@check(
    "ASC-CONTROL",
    family="association",
    title="An invented transfer syntax is refused",
    expected="a presentation context with a transfer syntax made up for this run is not accepted",
    requirement="SHALL",
    section="PS3.8 9.3.3.2",
    over=Over.TARGET,
)
def test_control_is_refused(pacs: Pacs) -> Observation:
    """A target that accepts anything shows nothing by accepting."""
    return ControlSeen(pacs.control())


@check(
    "ASC-ECHO",
    family="association",
    title="C-ECHO is answered with success",
    expected="status 0x0000",
    requirement="SHALL",
    section="PS3.4 A.4",
    over=Over.TARGET,
)
def test_echo_is_answered(pacs: Pacs) -> Observation:
    """The simplest conversation."""
    return EchoSeen(pacs.echo())


@check(
    "ASC-SYNTAX",
    family="association",
    title="The transfer syntax is accepted for the SOP class",
    expected="the presentation context with just this syntax is accepted, and with this syntax",
    requirement="MAY",
    section="PS3.8 9.3.3.2",
    over=Over.OBJECT,
)
def test_syntax_is_accepted(pacs: Pacs, video: Video) -> Observation:
    """One syntax in one context, so that nothing else can be chosen."""
    control = judge(ControlSeen(pacs.control())).outcome
    refused = {Outcome.PASS: True, Outcome.FAIL: False}.get(control)
    return NegotiationSeen(pacs.propose(video), control_refused=refused)
