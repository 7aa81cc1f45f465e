"""Mutants that change the attributes of what they keep."""

from harness.targets.embedded import damage
from harness.targets.embedded.mutants.mutant import Mutant, damaging

MUTANTS = (
    Mutant(
        "rewrites-number-of-frames",
        "counts one frame less in the object",
        damaging(damage.count_one_frame_less),
    ),
    Mutant(
        "rewrites-patient",
        "replaces the patient's name and birth date",
        damaging(damage.change_header(PatientName="ANOTHER^PATIENT", PatientBirthDate="19010101")),
    ),
    Mutant("rewrites-frame-time", "replaces the frame time", damaging(damage.change_header(FrameTime="66.67"))),
    Mutant("rewrites-rows", "says eight rows more than there are", damaging(damage.add_rows)),
    Mutant(
        "transcodes-metadata",
        "drops private and some optional attributes",
        damaging(damage.drop_attributes),
    ),
    Mutant("changes-syntax-label", "labels the object with another transfer syntax", damaging(damage.relabel)),
)
