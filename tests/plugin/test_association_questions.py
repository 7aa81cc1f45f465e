"""What the questions about associations propose and ask, seen by a client that notes it."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.catalogue.read import load_formats
from harness.clients.dimse import Proposal
from harness.core.exchange import ContextAnswer, ContextResult, Ending, Exchange
from harness.core.families.negotiation import NOT_ASKED, table
from harness.core.results import Outcome
from harness.core.verdicts import judge
from harness.plugin.answers import TRANSCRIPT
from harness.plugin.bench import Bench
from harness.plugin.questions.xray import SURE, Plan, ask
from harness.targets.embedded.target import EmbeddedTarget

FORMATS = tuple(load_formats().values())
IMPLICIT = "1.2.840.10008.1.2"


class NotingClient:
    """Answers every context by ``answer``, in associations of which the one numbered ``rejecting`` never opens."""

    def __init__(self, *, refused: str = "", rejecting: int | None = None) -> None:
        self.asked: list[Sequence[Proposal]] = []
        self._refused = refused
        self._rejecting = rejecting

    def propose(self, proposals: Sequence[Proposal]) -> Exchange:
        self.asked.append(proposals)
        if len(self.asked) - 1 == self._rejecting:
            return Exchange("A-ASSOCIATE", Ending.REJECTED)
        return Exchange("A-ASSOCIATE", Ending.ANSWERED, contexts=tuple(map(self._answer, proposals)))

    def _answer(self, one: Proposal) -> ContextAnswer:
        context = ContextAnswer(
            1, one.abstract_syntax, one.transfer_syntax, ContextResult.NO_REASON, other_syntaxes=one.other_syntaxes
        )
        if one.abstract_syntax.startswith("2.25."):
            return replace(context, result=ContextResult.ABSTRACT_SYNTAX)
        takes = [
            syntax
            for syntax in (one.transfer_syntax, *one.other_syntaxes)
            if syntax != self._refused and not syntax.startswith("2.25.")
        ]
        if not takes:
            return replace(context, result=ContextResult.TRANSFER_SYNTAXES)
        return replace(context, result=ContextResult.ACCEPTED, answered_syntax=takes[0])


def test_every_class_is_proposed_with_every_syntax_alone_and_on_both_sides_of_implicit() -> None:
    plan = Plan.of(FORMATS)
    classes = {one.uid for format in FORMATS for one in format.sop_classes}
    syntaxes = {format.uid for format in FORMATS}
    proposed = {(one.abstract_syntax, one.transfer_syntax, one.other_syntaxes) for one in plan.proposals}
    assert len(proposed) == len(plan.proposals)  # so that an answer belongs to one question
    for sop_class in classes:
        for syntax in syntaxes:
            assert {
                (sop_class, syntax, ()),
                (sop_class, syntax, (IMPLICIT,)),
                (sop_class, IMPLICIT, (syntax,)),
            } <= proposed


def test_no_association_carries_too_many_contexts_and_each_begins_with_the_control() -> None:
    client, plan = NotingClient(), Plan.of(FORMATS)
    ask(client, plan)  # type: ignore[arg-type]
    assert all(proposals[0] == SURE and len(proposals) <= 128 for proposals in client.asked)
    assert sum(len(proposals) - 1 for proposals in client.asked) == len(plan.proposals)


def test_answers_come_back_to_their_places() -> None:
    plan = Plan.of(FORMATS)
    refused = plan.syntaxes[3][0]
    seen = plan.seen(ask(NotingClient(refused=refused), plan))  # type: ignore[arg-type]
    expected = tuple("4ii" if uid == refused else "vvi" for uid, _ in plan.syntaxes)
    assert {row.cells for row in seen.rows} == {expected}
    assert {(row.implicit, row.explicit, row.invented) for row in seen.rows} == {("v", "v", "4")}
    assert (seen.unknown, set(seen.sure)) == ("33", {"v"})
    assert not any(exchange.contexts for exchange in seen.exchanges)  # the table is all of it
    assert judge(seen).outcome is Outcome.PASS


def test_what_an_association_that_never_opened_would_have_answered_is_not_asked() -> None:
    plan = Plan.of(FORMATS)
    seen = plan.seen(ask(NotingClient(rejecting=0), plan))  # type: ignore[arg-type]
    assert seen.sure.startswith(NOT_ASKED)
    assert seen.unknown == 2 * NOT_ASKED
    assert judge(seen).outcome is Outcome.INCONCLUSIVE


def test_the_whole_table_is_kept_as_evidence(tmp_path: Path) -> None:
    with Bench(
        {"embedded": EmbeddedTarget()},
        run_id=f"xray-{os.getpid()}-{tmp_path.name}",
        run_folder=tmp_path,
        formats=load_formats(),
        recipes={},
        cache=tmp_path,
    ) as bench:
        pacs = bench.pacs("embedded")
        seen = pacs.association.xray()
        (evidence,) = [one for one in pacs.answers.touched if one.role != TRANSCRIPT]
        bench.stop("embedded")
    assert evidence.role == "negotiation"
    assert (tmp_path / evidence.path).read_text() == table(seen)
