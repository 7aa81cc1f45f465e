"""Files with something of everything that people can give."""

from pathlib import Path

FILES = {
    "run_info": """
document_number = "DOC-7"
revision = "B"
scope = "storage of endoscopic video"
intended_use = "verification of the archive before it is used"
exclusions = "playback at workstations"
network = "loopback"
clock = "NTP"
sample_size = "one of each, since the answer does not vary"
emulation = "none"
actions = "none"
[executed_by]
name = "T. Ester"
role = "test engineer"
organisation = "Example Clinic"
independence = "not part of the development"
[sender]
vendor = "Example"
product = "Scope Recorder"
version = "2.1"
build = "77"
[[systems]]
target = "embedded"
vendor = "pytest-pacs"
role = "archive"
serial = "SN-1"
modules = "none"
database = "files"
conformance_statement = "CS-1 of 2026"
[[revisions]]
revision = "A"
date = "2026-11-01"
text = "first issue"
[[deviations]]
what = "the archive was restarted"
reason = "it was full"
person = "T. Ester"
[retest]
of = "run-0"
changed = "the archive was updated"
rationale = "all checks were repeated"
""",
    "requirements": """
[[requirements]]
id = "OWN-1"
text = "Video is kept"
level = "SHALL"
source = "SRS 1"
kind = "content"
checks = ["RET-GET"]
""",
    "risk_map": """
[[controls]]
id = "RC-1"
text = "A lost video is seen"
checks = ["RET-GET", "STO-ACK"]
""",
    "approval": f"""
protocol = "PVT"
version = "1"
sha256 = "{"ab" * 32}"
approved = "2026-11-01T10:00:00+01:00"
[approved_by]
name = "A. Pprover"
role = "quality"
organisation = "Example Clinic"
independence = "not part of the development"
""",
    "known": """
[[anomalies]]
id = "A-0123abcd"
title = "bytes change"
classification = "product"
criticality = "low"
disposition = "accepted"
rationale = "rare"
residual = true
expires = "2027-01-01"
""",
}


def options(folder: Path, earlier: Path) -> dict[str, object]:
    """Write the files into ``folder``; the options that name them, and ``earlier`` as the run that is repeated."""
    for name, text in FILES.items():
        (folder / f"{name}.toml").write_text(text)
    named: dict[str, object] = {name: f"{name}.toml" for name in FILES}
    return named | {"known": ["known.toml"], "policy": ["us-mqsa"], "retest_of": str(earlier)}
