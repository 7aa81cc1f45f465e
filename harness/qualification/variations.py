"""The legal variations of the embedded PACS that are had at once, and what a check may come to on them.

Variations that do not hide each other are had together, since each PACS is asked everything.
"""

from harness.core.results import Outcome

#: What is had at once, by what it has in common.
GROUPS: dict[str, tuple[str, ...]] = {
    "writes": (
        *("refragments", "another-meta-group", "adds-attributes", "undefined-lengths", "pads-text", "private-as-un"),
        *("another-implementation", "small-pdu", "other-letters", "relative-bulk-uri", "bulk-keeps-padding"),
    ),
    "refuses": (
        *("refuses-fragmentable", "without-get", "without-commitment", "serves-two-associations", "without-rendered"),
        *("without-bulk-types", "without-uri", "takes-objects-only", "ignores-ranges", "refuses-offset-tables"),
    ),
    "identifies": ("coerces-identifiers", "refuses-with-code-3", "without-move", "unlimited-pdu", "sends-chunks"),
    "waits": ("slow", "indexes-later", "many-pendings"),
    "warns": ("warns-of-class", "refuses-with-code-1", "refuses-duplicates", "wordy-multipart"),
    "chooses": (
        "discards-private",
        "keeps-the-first",
        "prefers-last-syntax",
        "prefers-single-part",
        "accepts-unknown-class",
    ),
    "helps": ("corrects-labels", "decodes-for-others"),
}

#: What only a check can see of a variation: which one, and words of its reason.
TOLD = {
    "corrects-labels": ("STO-LABEL two-fragments", "C-GET corrected: fragments 2 is now 1"),
    "refuses-offset-tables": ("STO-LABEL offset-table", "a right object like it is taken"),
    "decodes-for-others": ("RET-OPENLY", "transcoded to 1.2.840.10008.1.2.1: whole, and its frames are those"),
}

#: One format whose fragments are fixed, and one whose are not.
FIXED, FRAGMENTABLE = "h264_hp41", "h264_hp41_frag"

#: What a check may come to: a refusal is one, and this machine may lack what a check needs.
ALLOWED = (Outcome.PASS, Outcome.UNSUPPORTED, Outcome.NOT_APPLICABLE, Outcome.NOT_RUN)
#: A service that is not there may also be at another address.
NOT_FOUND = {"without-uri": Outcome.INCONCLUSIVE}


def formats_for(names: tuple[str, ...]) -> tuple[str, ...]:
    """Both formats where one of them is refused; elsewhere the one with more freedom."""
    refused = any(name.startswith("refuses-") for name in names)
    return (FIXED, FRAGMENTABLE) if refused else (FRAGMENTABLE,)


def allowed_for(names: tuple[str, ...]) -> tuple[Outcome, ...]:
    """What a check may come to on a PACS with these variations."""
    return (*ALLOWED, *(outcome for name, outcome in NOT_FOUND.items() if name in names))
