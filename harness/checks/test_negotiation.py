"""What is negotiated when everything is proposed, in which roles, and with whom?"""

from harness.core.families.association import Title
from harness.core.observations import Observation
from harness.core.ports import Pacs, Video
from harness.marks import Depth, Over, check


@check(
    "ASC-XRAY",
    family="association",
    title="Every SOP class with every transfer syntax is answered, and alone as in company",
    expected="every context is answered, with a syntax that was proposed; no invented syntax is accepted; a syntax "
    "beside Implicit VR LE is answered as each of them alone",
    level="SHALL",
    section="PS3.8 9.3.3.2, 7.1.1.13",
    verifies=("R-ASC-ANSWER", "R-ASC-UNKNOWN", "R-ASC-COMPANY"),
    over=Over.TARGET,
    depth=Depth.QUICK,
)
def test_everything_is_negotiated_alike(pacs: Pacs) -> Observation:
    """Which syntax is chosen of two, and which codes refusals have, is told and not judged."""
    return pacs.association.xray()


@check(
    "ASC-CALLED",
    family="association",
    title="An association with a strange called AE title is accepted or rejected",
    expected="A-ASSOCIATE-AC, or A-ASSOCIATE-RJ with its reason; the right title is answered afterwards",
    level="SHALL",
    section="PS3.8 7.1.1.4, 9.3.4",
    verifies=("R-ASC-CALLED",),
    over=Over.TARGET,
)
def test_strange_called_title_is_answered(pacs: Pacs) -> Observation:
    """Both are legal, and a hospital wants to know which."""
    return pacs.association.strange_title(Title.CALLED)


@check(
    "ASC-CALLING",
    family="association",
    title="An association with a strange calling AE title is accepted or rejected",
    expected="A-ASSOCIATE-AC, or A-ASSOCIATE-RJ with its reason; the right title is answered afterwards",
    level="SHALL",
    section="PS3.8 7.1.1.3, 9.3.4",
    verifies=("R-ASC-CALLING",),
    over=Over.TARGET,
)
def test_strange_calling_title_is_answered(pacs: Pacs) -> Observation:
    """A new device in a hospital is such a caller."""
    return pacs.association.strange_title(Title.CALLING)


@check(
    "ASC-ROLE",
    family="association",
    title="The SCP role for C-GET is answered, and kept to",
    expected="a role selection item for this class only; where it grants the role C-GET sends the object, else none",
    level="SHALL",
    section="PS3.7 D.3.3.4, PS3.4 C.5.3",
    verifies=("R-ASC-ROLE",),
    over=Over.SAMPLE,
)
def test_scp_role_is_kept_to(pacs: Pacs, video: Video) -> Observation:
    """Without this role no object can come over the association that asks for it."""
    return pacs.association.role(video)


@check(
    "ASC-TLS",
    family="association",
    title="Where TLS is declared, only callers that keep to it are answered",
    expected="no answer without TLS, with TLS 1.0 or 1.1, or without a certificate where we were given one to show",
    level="SHALL",
    section="PS3.15 B.9, RFC 8996",
    verifies=("R-SEC-TLS", "R-SEC-VERSIONS", "R-SEC-CALLERS"),
    over=Over.TARGET,
)
def test_only_secure_callers_are_answered(pacs: Pacs) -> Observation:
    """What is offered beside TLS is what an attacker takes."""
    return pacs.association.tls()
