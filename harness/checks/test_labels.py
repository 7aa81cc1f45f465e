"""What does the target do with objects that are wrong on purpose?"""

from harness.core.families.transfer_labels import LABELS
from harness.core.observations import Observation
from harness.core.ports import Pacs
from harness.marks import Over, check


@check(
    "STO-LABEL",
    family="label",
    title="A mislabelled object is refused, kept as it came, or corrected",
    expected="refused by status, or stored and given back with the same payload, as it came or with what was wrong put "
    "right; the target answers C-ECHO afterwards. Which of these is the finding, not a fault",
    level="MAY",
    section="PS3.4 B.4.1.1, B.4.1.3",
    verifies=("R-STO-MISLABELLED",),
    over=Over.TARGET,
    variants=tuple(LABELS),
)
def test_a_mislabelled_object_does_no_harm(pacs: Pacs, variant: str) -> Observation:
    """An SCP may check what it stores, and need not."""
    return pacs.transfer.mislabelled(variant)
