"""``pacs-harness doctor``: what this machine has for the harness, what it lacks, and what that means."""

import sys

from tabulate import tabulate

from harness.plugin.looks import examine


def doctor() -> int:
    """Print the findings; the exit code is 1 where something needed is missing, else 0."""
    findings = list(examine())
    rows = [(finding.thing, finding.mark, finding.words) for finding in findings]
    sys.stdout.write(tabulate(rows, ("", "here", ""), tablefmt="simple", disable_numparse=True) + "\n")
    missing = [finding.thing for finding in findings if finding.needed and not finding.there]
    if missing:
        sys.stdout.write(f"\npytest --pacs=embedded cannot do its whole work here: {', '.join(missing)}\n")
        return 1
    sys.stdout.write("\npytest --pacs=embedded can do its whole work here\n")
    return 0
