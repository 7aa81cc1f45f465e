"""Asks what a PACS does with objects that are wrong on purpose."""

from collections.abc import Collection, Mapping

from harness.core.compare import attribute_differences, same_value
from harness.core.conformance import stream_differences
from harness.core.endpoint import Service
from harness.core.exchange import Ending, Exchange
from harness.core.families.transfer_labels import LABELS, LabelPath, LabelSeen
from harness.core.formats import Format
from harness.core.observations import Fetched, Payload, Undecided
from harness.core.results import Outcome
from harness.core.verdicts import is_coercion, is_served, judge_store
from harness.plugin.conversation import Conversation
from harness.plugin.questions.evidence import with_evidence
from harness.plugin.specials import Specials
from harness.plugin.videos import LazyVideo
from harness.plugin.waysback import WaysBack


class Labels:
    """Sends one of them, sees whether the target still answers, and looks at what it gives back."""

    def __init__(self, talk: Conversation, specials: Specials, formats: Mapping[str, Format]) -> None:
        self._talk, self._specials, self._formats = talk, specials, formats
        self._paths = WaysBack(talk)

    def ask(self, label: str) -> LabelSeen:
        """See :meth:`harness.core.families.transfer.TransferQuestions.mislabelled`."""
        talk, video = self._talk, self._specials.mislabelled(label)
        before = self._echo()
        stored = talk.store(video)
        after = self._echo()
        paths: tuple[LabelPath, ...] = ()
        control: Exchange | None = None
        died = before is not None and is_served(before) and after is not None and not is_served(after)
        if not died and judge_store(stored).outcome is Outcome.PASS:
            try:
                paths = tuple(self._label_path(label, video, fetched) for fetched in self._paths.fetch(video))
            except Undecided:
                paths = ()
        elif not died and stored.ending in (Ending.ANSWERED, Ending.ABORTED, Ending.LOST):
            try:
                control = talk.store(self._specials.control(label))
            except Undecided:
                control = None
        seen = LabelSeen(LABELS[label], Payload.of(video.facts), stored, after, paths, before, control)
        return with_evidence(talk, seen, video)

    def _echo(self) -> Exchange | None:
        """C-ECHO; None where it is not allowed or there is no DIMSE."""
        if self._talk.dimse is None or self._talk.permission.obstacle(Service.ECHO) is not None:
            return None
        return self._talk.told(self._talk.dimse.echo())

    def _label_path(self, label: str, video: LazyVideo, fetched: Fetched) -> LabelPath:
        facts = fetched.facts
        if facts is None:
            return LabelPath(fetched.service, fetched.exchange, fetched.received, None, fetched.unreadable)
        sent, right = video.facts, self._specials.right(label).facts
        announced = is_coercion(self._talk.store(video))
        wrong, allowed = attribute_differences(sent, facts, announced=announced)
        corrected = []
        for path, value in right.by_path.items():
            before, now = sent.by_path.get(path, ""), facts.by_path.get(path, "")
            if not same_value(path, before, value) and same_value(path, now, value):
                corrected.append(f"{path} {before} is now {now}")
                wrong = tuple(text for text in wrong if not text.startswith(f"{path} was "))
        shape: tuple[tuple[str, object, object, Collection[object]], ...] = (
            ("transfer syntax", sent.transfer_syntax_uid, facts.transfer_syntax_uid, self._fitting(video)),
            ("offset table", sent.offset_table_length, facts.offset_table_length, (right.offset_table_length,)),
            (
                "fragments",
                len(sent.fragment_lengths),
                len(facts.fragment_lengths),
                (len(right.fragment_lengths),),
            ),
        )
        for name, was, is_, ought in shape:
            if is_ != was:
                text = f"{name} {was} is now {is_}"
                if is_ in ought and was not in ought:
                    corrected.append(text)
                else:
                    wrong += (text,)
        return LabelPath(
            fetched.service,
            fetched.exchange,
            fetched.received,
            Payload.of(facts),
            fetched.unreadable,
            tuple(corrected),
            wrong,
            allowed,
        )

    def _fitting(self, video: LazyVideo) -> frozenset[object]:
        """The transfer syntaxes that the stream inside really fits."""
        return frozenset(
            format.uid for format in self._formats.values() if not stream_differences(format, video.stream)
        )
