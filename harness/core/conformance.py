"""Every way in which a video stream is not what its format demands, in words: views over the table of rules.

Each playback check has the rules of its own question, so that no finding is told twice.
"""

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.formats import Format
from harness.core.validation.rules import Finding, Severity
from harness.core.validation.table import findings

#: Container, codec, profile, level, samples, picture, scan.
_KIND = frozenset(
    {"K1", "K2", "J1", *(f"V{number}" for number in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 17, 18))}
)
#: What attributes say of the pictures.
_PICTURES = frozenset({"D1", "D4", "V11", "V13"})
#: What attributes say of the times, and whether the stream has times that they can describe.
_TIMES = frozenset({"V15", "D2", "D3", "D9"})
_SOUND = frozenset({"A1"})
#: Not all of what a warning tells is wrong: these say that stream and syntax, or attributes and stream, disagree.
_MISLEADING = frozenset({"V14", "V15", "D1", "D3", "D9", "A1"})


def stream_differences(format: Format, facts: StreamFacts) -> tuple[str, ...]:
    """What breaks a rule or a recommendation about streams; empty where the stream conforms and plays everywhere."""
    return tuple(
        finding.words
        for finding in findings(format, stream=facts)
        if finding.severity in (Severity.ERROR, Severity.WARNING)
    )


def kind_differences(format: Format, stream: StreamFacts) -> tuple[str, ...]:
    """Ways in which container, coding and picture are not what the format demands."""
    return _words(_KIND, findings(format, stream=stream))


def picture_description(format: Format, facts: ObjectFacts, stream: StreamFacts) -> tuple[str, ...]:
    """Ways in which the attributes do not describe the pictures of the stream."""
    of_stream = kind_differences(format, stream)
    found = _words(_PICTURES, findings(format, object=facts, stream=stream))
    return tuple(words for words in found if words not in of_stream)


def time_description(format: Format, facts: ObjectFacts, stream: StreamFacts) -> tuple[str, ...]:
    """Ways in which the attributes do not tell the times of the stream, or cannot."""
    return _words(_TIMES, findings(format, object=facts, stream=stream))


def sound_description(format: Format, facts: ObjectFacts, stream: StreamFacts) -> tuple[str, ...]:
    """Ways in which sound is not coded as the format allows, or not described."""
    return _words(_SOUND, findings(format, object=facts, stream=stream))


def _words(rules: frozenset[str], found: tuple[Finding, ...]) -> tuple[str, ...]:
    return tuple(
        one.words
        for one in found
        if one.rule in rules
        and (one.severity is Severity.ERROR or (one.severity is Severity.WARNING and one.rule in _MISLEADING))
    )
