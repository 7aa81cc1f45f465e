"""Two sets of facts in, a list of differences out. Nothing here decides what a difference means for a verdict."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.frames import number_of_frames
from harness.core.validation.table import errors, findings
from harness.core.validation.texts import number

#: Attributes that an archive may coerce when it knows better (PS3.4 B.4.1.3).
COERCIBLE = frozenset(
    {"PatientID", "IssuerOfPatientID", "OtherPatientIDsSequence", "StudyInstanceUID", "SeriesInstanceUID"}
)

#: Attributes whose text may be written in several ways for one number (VR DS and IS, PS3.5 6.2).
NUMERIC = frozenset(
    {
        "AcquisitionNumber",
        "ActualFrameDuration",
        "CineRate",
        "EffectiveDuration",
        "FrameTime",
        "InstanceNumber",
        "LossyImageCompressionRatio",
        "NumberOfFrames",
        "PatientSize",
        "PatientWeight",
        "RecommendedDisplayFrameRate",
        "SeriesNumber",
    }
)

#: Attributes of VR PN: trailing delimiters do not count (PS3.5 6.2.1).
PERSON_NAMES = frozenset(
    {"OperatorsName", "OtherPatientNames", "PatientName", "PerformingPhysicianName", "ReferringPhysicianName"}
)

#: Characters of a value that a difference shows.
SHOWN = 60

#: Rows of the table (:mod:`harness.core.validation.table`) about how Pixel Data is wrapped.
_ENCAPSULATION = frozenset({"E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"})


def same_value(keyword: str, sent: str, returned: str) -> bool:
    """Whether two texts are one value: padding never counts, and numbers and names may be written in several ways."""
    sent, returned = sent.strip(" \0"), returned.strip(" \0")
    if keyword in PERSON_NAMES:
        return _name(sent) == _name(returned)
    if sent == returned or keyword not in NUMERIC:
        return sent == returned
    a, b = _numbers(sent), _numbers(returned)
    return None not in a and a == b


def attribute_differences(
    sent: ObjectFacts, returned: ObjectFacts, *, announced: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Attributes lost or changed, as ``(wrong, allowed)``.

    Allowed are attributes that were added, another Specific Character Set, since text is compared by characters, and
    coercions of the listed identifiers where the status of the store ``announced`` them (0xB000, PS3.4 B.2.3 and
    B.4.1.3); all are named.
    Attributes of Pixel Data itself belong to :func:`encapsulation_differences`.
    """
    before, after = sent.by_path, returned.by_path
    wrong: list[str] = []
    allowed: list[str] = []
    for path, value in before.items():
        keyword = path.split("[")[0].rsplit(".", 1)[-1]
        last = path.rsplit(".", 1)[-1]
        if path not in after:
            wrong.append(f"{path} was {_shown(value)}, is gone")
        elif not same_value(last, value, after[path]):
            text = f"{path} was {_shown(value)}, is {_shown(after[path])}{_first_difference(value, after[path])}"
            coerced = announced and keyword in COERCIBLE
            (allowed if coerced or path == "SpecificCharacterSet" else wrong).append(text)
    allowed.extend(f"{path} was added as {_shown(after[path])}" for path in after if path not in before)
    return tuple(wrong), tuple(allowed)


def _shown(value: str) -> str:
    """A value for a difference; long ones shortened, with their length."""
    return repr(value) if len(value) <= SHOWN else f"{value[:SHOWN]!r}… ({len(value)} characters)"


def _first_difference(sent: str, returned: str) -> str:
    """Where two long values part, since what is shown of them may be the same."""
    if max(len(sent), len(returned)) <= SHOWN:
        return ""
    place = next((n for n, (a, b) in enumerate(zip(sent, returned, strict=False)) if a != b), None)
    return f", different from character {(min(len(sent), len(returned)) if place is None else place) + 1} on"


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


def converted_differences(sent: StreamFacts, returned: StreamFacts) -> tuple[str, ...] | None:
    """As :func:`frame_differences`, of a stream that may be encoded anew; None where that cannot be compared.

    Another encoder may leave no number readable: then as many frames must come, and errors of the stream show all the
    same.
    """
    numbered = any(stamp is not None for stamp in returned.stamps)
    if numbered or len(returned.stamps) != len(sent.stamps):
        return frame_differences(sent, returned)
    return frame_differences(sent, replace(returned, stamps=sent.stamps)) or None


def _name(text: str) -> tuple[tuple[str, ...], ...]:
    """The component groups of each name without their trailing delimiters, and without trailing empty groups."""
    names = []
    for name in text.split("\\"):
        groups = [group.rstrip("^ ") for group in name.split("=")]
        while len(groups) > 1 and not groups[-1]:
            groups.pop()
        names.append(tuple(groups))
    return tuple(names)


def _numbers(text: str) -> tuple[Fraction | None, ...]:
    return tuple(number(part) for part in text.split("\\"))


def _at(stamps: tuple[int | None, ...], place: int) -> str:
    if place >= len(stamps):
        return "nothing"
    return "no readable number" if stamps[place] is None else str(stamps[place])


def _some(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return shown if len(numbers) <= 8 else f"{shown} and {len(numbers) - 8} more"
