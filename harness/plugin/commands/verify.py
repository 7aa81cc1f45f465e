"""``pacs-harness verify``: whether a run, or the report of one, still says what it said when it was made."""

import sys
from pathlib import Path

from harness.core.conclusion import RunVerdict
from harness.plugin.given import read_again
from harness.report.verification.verify import verify
from harness.report.wording import printable


def verify_folder(folder: Path, trust: Path | None) -> int:
    """Print what was looked at and what differs: 0 where nothing does, 1 where something does.

    10 where something differs that another version may have worked out differently in good faith. ``trust`` are the
    authorities of which one must vouch for the seal.

    Raises:
        HarnessError: this is no folder of a run or a report, or the seal cannot be checked.
    """
    found = verify(folder, read_again, trust)
    lines = [f"holds: {one}" for one in found.checked]
    lines += [f"note: {one}" for one in found.notes]
    lines += [f"cannot be told: {one}" for one in found.undecided]
    lines += [f"differs: {one}" for one in found.differences]
    if not found.undecided and not found.differences:
        lines.append("everything is as it was made")
    # A name in the folder may be made to look like a line of ours.
    sys.stdout.write("".join(printable(line).replace("\n", r"\n") + "\n" for line in lines))
    if found.differences:
        return 1
    return RunVerdict.NOT_SHOWN.value if found.undecided else 0
