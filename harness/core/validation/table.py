"""All rules, and running them over a stream, an object, or both."""

from collections.abc import Iterator
from itertools import chain

from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.validation import attributes, container, encapsulation, iods, pictures, sound, stream, timing
from harness.core.validation.rules import STEREO_HIGH, Finding, Rule, Seen, Severity, is_stereo

#: Encapsulation, container, coded stream, sound, description: in each group by number.
RULES: tuple[Rule, ...] = tuple(
    sorted(
        chain.from_iterable(
            module.RULES for module in (encapsulation, container, stream, pictures, timing, sound, attributes, iods)
        ),
        key=lambda rule: ("EKVJAD".index(rule.id[0]), int(rule.id[1:])),
    )
)

BY_ID = {rule.id: rule for rule in RULES}


def findings(
    format: Format, *, object: ObjectFacts | None = None, stream: StreamFacts | Undecodable | None = None
) -> tuple[Finding, ...]:
    """What every rule about this format finds in what is given, in the order of the table.

    Without a stream the rules about streams are silent, and without an object those about objects.
    """
    return tuple(
        rule.finding(format, seen)
        for rule in RULES
        if rule.scope.covers(format)
        for seen in _look(rule, format, object, stream)
    )


def _look(
    rule: Rule, format: Format, object: ObjectFacts | None, stream: StreamFacts | Undecodable | None
) -> Iterator[Seen]:
    if isinstance(stream, Undecodable):
        if rule.id == "K4":
            yield Seen(f"does not decode: {stream.reason}")
        stream = None
    if stream is not None and (rule.any_codec or stream.codec == format.codec):
        if rule.of_stream is not None:
            yield from rule.of_stream(format, stream)
        if rule.of_both is not None and object is not None:
            yield from rule.of_both(format, object, stream)
    if rule.of_object is not None and object is not None:
        yield from rule.of_object(format, object)


def errors(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those findings that break a "shall"."""
    return tuple(one for one in found if one.severity is Severity.ERROR)


def not_judged(format: Format, object: ObjectFacts) -> tuple[str, ...]:
    """What no rule of the table can tell of such an object."""
    limits = []
    if object.sop_class_uid not in iods.IODS:
        limits.append(
            f"the attributes of SOP class {object.sop_class_uid or 'missing'}: its definition is not in the table"
        )
    if is_stereo(format):
        limits.append(f"the second view (profile {STEREO_HIGH}): no decoder for it is here")
    if not format.is_video_stream and "ExtendedOffsetTable" in object.by_path:
        limits.append("the offsets of the Extended Offset Table")
    return tuple(limits)
