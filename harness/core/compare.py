"""Two sets of facts in, a list of differences out. Nothing here decides what a difference means for a verdict."""

from collections import Counter
from dataclasses import replace

from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.frames import number_of_frames
from harness.core.validation.rules import Severity
from harness.core.validation.table import errors, findings
from harness.core.validation.texts import number

#: Attributes that an archive may coerce when it knows better (PS3.4 B.4.1.3).
COERCIBLE = frozenset(
    {"PatientID", "IssuerOfPatientID", "OtherPatientIDsSequence", "StudyInstanceUID", "SeriesInstanceUID"}
)

#: Attributes whose text may be written in several ways for one number (VR DS and IS, PS3.5 6.2).
NUMERIC = frozenset(
    {
        "ActualFrameDuration",
        "CineRate",
        "EffectiveDuration",
        "FrameTime",
        "InstanceNumber",
        "LossyImageCompressionRatio",
        "NumberOfFrames",
        "RecommendedDisplayFrameRate",
        "SeriesNumber",
    }
)

#: Attributes of VR PN: trailing delimiters do not count (PS3.5 6.2.1).
PERSON_NAMES = frozenset({"OperatorsName", "PatientName", "PerformingPhysicianName", "ReferringPhysicianName"})

#: Rows of the table (:mod:`harness.core.validation.table`) about how Pixel Data is wrapped, and about the definition.
_ENCAPSULATION = frozenset({"E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"})
_DEFINITION = frozenset({"D5", "D6", "D7"})

#: Rows whose warnings tell that attributes and stream say different things.
_MISLEADING = frozenset({"V14", "V15", "V16", "D1", "D3", "D9"})


def same_value(keyword: str, sent: str, returned: str) -> bool:
    """Whether two texts are one value: padding never counts, and numbers and names may be written in several ways."""
    sent, returned = sent.strip(" \0"), returned.strip(" \0")
    if keyword in PERSON_NAMES:
        return _name(sent) == _name(returned)
    if sent == returned or keyword not in NUMERIC:
        return sent == returned
    a, b = number(sent), number(returned)
    return a is not None and a == b


def attribute_differences(
    sent: ObjectFacts, returned: ObjectFacts, *, announced: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Attributes lost or changed, as ``(wrong, allowed)``.

    Allowed are attributes that were added, and coercions of the listed identifiers where the status of the store
    ``announced`` them (0xB000, PS3.4 B.2.3 and B.4.1.3); both are named.
    Attributes of Pixel Data itself belong to :func:`encapsulation_differences`.
    """
    before, after = sent.by_path, returned.by_path
    wrong: list[str] = []
    allowed: list[str] = []
    for path, value in before.items():
        keyword = path.split("[")[0].rsplit(".", 1)[-1]
        last = path.rsplit(".", 1)[-1]
        if path not in after:
            wrong.append(f"{path} was {value!r}, is gone")
        elif not same_value(last, value, after[path]):
            text = f"{path} was {value!r}, is {after[path]!r}"
            (allowed if announced and keyword in COERCIBLE else wrong).append(text)
    allowed.extend(f"{path} was added as {after[path]!r}" for path in after if path not in before)
    return tuple(wrong), tuple(allowed)


def encapsulation_differences(format: Format, sent: ObjectFacts, returned: ObjectFacts) -> tuple[str, ...]:
    """Ways in which the returned object is not encapsulated as its transfer syntax demands (PS3.5 8.2, A.4).

    A view over the rows E of the table. Frames are counted as sent, whatever the returned object says of their number.
    """
    counted = dict(returned.attributes) | {"NumberOfFrames": str(number_of_frames(sent))}
    held = replace(returned, attributes=tuple(counted.items()))
    return tuple(one.words for one in errors(findings(format, object=held)) if one.rule in _ENCAPSULATION)


def encapsulation_seen(returned: ObjectFacts) -> str:
    """How an object is encapsulated, in short."""
    kind = "encapsulated" if returned.encapsulated else "not encapsulated"
    return f"{returned.transfer_syntax_uid}, {kind}, {len(returned.fragment_lengths)} fragments"


def stream_seen(stream: StreamFacts | Undecodable) -> str:
    """What a stream turned out to be, in short."""
    if isinstance(stream, Undecodable):
        return "no stream"
    numbers = (
        f", numbers {_at(stream.stamps, 0)} to {_at(stream.stamps, len(stream.stamps) - 1)}" if stream.stamps else ""
    )
    size = f"{stream.columns}x{stream.rows} at {float(stream.rate):g} frames per second"
    return f"{stream.codec} in {stream.container}, {size}, {stream.frames} frames{numbers}"


def frame_differences(sent: StreamFacts, returned: StreamFacts | Undecodable) -> tuple[str, ...]:
    """Frames lost, repeated, re-ordered or unreadable, by the number inside each picture."""
    if isinstance(returned, Undecodable):
        return (f"does not decode: {returned.reason}",)
    wrong = [*returned.problems, *(one for one in returned.changes if one not in sent.changes)]
    if returned.stamps != sent.stamps:
        if len(returned.stamps) != len(sent.stamps):
            wrong.append(f"{len(sent.stamps)} frames were sent, {len(returned.stamps)} decode")
        place = next(
            (n for n, (a, b) in enumerate(zip(sent.stamps, returned.stamps, strict=False)) if a != b),
            min(len(sent.stamps), len(returned.stamps)),
        )
        was, now = _at(sent.stamps, place), _at(returned.stamps, place)
        wrong.append(f"first difference at frame {place + 1}: sent {was}, returned {now}")
        missing = sorted({n for n in sent.stamps if n is not None} - set(returned.stamps))
        if missing:
            wrong.append(f"{len(missing)} frames are missing, numbers {_some(missing)}")
        surplus = Counter(returned.stamps) - Counter(sent.stamps)
        repeated = sorted(n for n in surplus if n is not None)
        if repeated:
            wrong.append(f"frames come more often than sent: {_some(repeated)}")
    return tuple(wrong)


def description_differences(format: Format, facts: ObjectFacts, stream: StreamFacts | Undecodable) -> tuple[str, ...]:
    """Ways in which the attributes of an object do not describe its own bit stream (PS3.5 8.2.5 to 8.2.11).

    A view over the rows K, V, J, A and D of the table, besides those that are about the object definition alone. The
    stream is held against the format too, so that a stream under another syntax's label is found.
    """
    return tuple(
        one.words
        for one in findings(format, object=facts, stream=stream)
        if one.rule not in _ENCAPSULATION | _DEFINITION
        and (one.severity is Severity.ERROR or (one.rule in _MISLEADING and one.severity is Severity.WARNING))
    )


def _name(text: str) -> tuple[str, ...]:
    groups = [group.rstrip("^ ") for group in text.split("=")]
    return tuple(groups) if any(groups[1:]) else (groups[0],)


def _at(stamps: tuple[int | None, ...], place: int) -> str:
    if place >= len(stamps):
        return "nothing"
    return "no readable number" if stamps[place] is None else str(stamps[place])


def _some(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return shown if len(numbers) <= 8 else f"{shown} and {len(numbers) - 8} more"
