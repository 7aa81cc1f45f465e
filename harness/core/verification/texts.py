"""What every verification report says of itself, whatever the run: scope, limits, and the meaning of its words.

No word here certifies, validates or guarantees anything about a product.
"""

from harness.core.conclusion import DECISION_RULE, EVIDENCE_MEANING
from harness.core.results import Outcome

#: Block 2: what this document is, and is not.
SCOPE = (
    "This report is evidence for the design verification of those who use it (ISO 13485:2016 7.3.6): it records which "
    "videos were sent to the systems listed, what came back, and whether that is what the requirements say.",
    "It is no validation of a device, no certification and no statement of conformity for any product. DICOM "
    "defines no test procedure for conformance (PS3.2).",
    "Only synthetic videos were sent; no patient data is in this report or its evidence.",
)

#: Block 23: what follows from no report.
LIMITS = (
    "The results relate only to the items tested, in the versions and configurations listed.",
    "That no failure was observed does not show that there is none: testing cannot show the absence of faults.",
    "k/n counts cells of this run. It is no rate for a product, a maker or later versions, and is carried over to "
    "none.",
    "EMULATED and SELF_TEST results say nothing about a product, also where one is named, and show no requirement to "
    "be MET.",
    "Diagnostic adequacy of any picture was not assessed.",
    "What people stated is marked as stated by them and was not checked.",
    "Whoever relies on this report is responsible for reviewing it, for the intended use, and for the decision.",
)

#: Block 17: how the verdict is reached, in the order in which the rule is applied.
RULE = DECISION_RULE

#: Block 17: what each verdict says, for those who read no further.
VERDICTS = (
    ("MET", "Everything that was required was seen on every target of this run."),
    ("NOT MET", "Something that was required was seen not to hold."),
    ("NOT SHOWN", "Nothing was seen to fail, and something that was required was not decided."),
    (
        "NOT APPLICABLE",
        "Of one requirement: the target offers nothing, or the videos have nothing, that its checks ask for.",
    ),
)

#: Block 19: who signs, and what the signature means; everything else is left to them.
SIGNATURES = (
    ("Executed by", "I ran this test as recorded"),
    ("Reviewed by", "I reviewed results and evidence"),
    ("Approved by", "I accept the conclusion for the stated use"),
)

#: Block 15: what each class of evidence is worth.
CLASSES = tuple(EVIDENCE_MEANING.items())

#: Block 9: what each outcome says and does not say.
OUTCOMES = (
    (Outcome.FAIL, "Accepted, then changed, lost or misdescribed; or a claim of the maker was broken."),
    (Outcome.ERROR, "The harness or its environment broke. Says nothing about the target."),
    (Outcome.INCONCLUSIVE, "Executed, and the evidence does not decide."),
    (Outcome.PASS, "Executed, and everything that was asked for was seen."),
    (Outcome.UNSUPPORTED, "Openly refused, with the refusal as evidence. Never inferred from a failure."),
    (Outcome.NOT_RUN, "Planned and not executed, with the reason. Says nothing about the target."),
    (
        Outcome.NOT_APPLICABLE,
        "The target does not offer this service, and says so. Left out of k/n, as is what the chosen profile does not "
        "ask.",
    ),
)
