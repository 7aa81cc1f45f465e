"""Every way in which a video stream is not what its format demands, in words: a view over the table of rules."""

from harness.core.facts import StreamFacts
from harness.core.formats import Format
from harness.core.validation.rules import Severity
from harness.core.validation.table import findings


def stream_differences(format: Format, facts: StreamFacts) -> tuple[str, ...]:
    """What breaks a rule or a recommendation about streams; empty where the stream conforms and plays everywhere."""
    return tuple(
        finding.words
        for finding in findings(format, stream=facts)
        if finding.severity in (Severity.ERROR, Severity.WARNING)
    )
