"""What the X-ray of a negotiation proposes, and its answers as a table."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.clients.dimse import DimseClient, Proposal
from harness.clients.dimse.operation import EXPLICIT_LE, IMPLICIT_LE, VERIFICATION
from harness.clients.dimse.probes import propose_all
from harness.core.exchange import ContextAnswer, Exchange
from harness.core.families.negotiation import XrayRow, XraySeen, letter
from harness.core.formats import Format

#: What a target takes if it takes anything: at the head of every association, as control.
SURE = Proposal(VERIFICATION, IMPLICIT_LE)


@dataclass(frozen=True, slots=True)
class Plan:
    """The contexts of an X-ray.

    ``classes`` and ``syntaxes`` are UIDs with names. ``invented`` is a UID of this run that nobody can know, used as a
    transfer syntax and as a class.
    """

    classes: tuple[tuple[str, str], ...]
    syntaxes: tuple[tuple[str, str], ...]
    invented: str

    @classmethod
    def of(cls, formats: Sequence[Format]) -> "Plan":
        """Everything that the catalogue knows."""
        classes = {one.uid: one.name for format in formats for one in format.sop_classes}
        syntaxes = {format.uid: format.id for format in formats}
        return cls(tuple(classes.items()), tuple(syntaxes.items()), f"2.25.{uuid.uuid4().int}")

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """Every context but the sure one, each with other content."""
        found = [Proposal(self.invented, IMPLICIT_LE), Proposal(self.invented, self.syntaxes[0][0])]
        for uid, _ in self.classes:
            found += [Proposal(uid, syntax) for syntax in (IMPLICIT_LE, EXPLICIT_LE, self.invented)]
            for syntax, _ in self.syntaxes:
                found += _three(uid, syntax)
        return tuple(found)

    def seen(self, exchanges: Sequence[Exchange]) -> XraySeen:
        """The answers as a table; a context of an association that never opened counts as not asked."""
        answers = {_key(context): context for exchange in exchanges for context in exchange.contexts}
        sure = "".join(letter(one.contexts[0] if one.contexts else None) for one in exchanges)
        invented = [_key(one) for one in self.proposals[:2]]
        return XraySeen(
            syntaxes=self.syntaxes,
            rows=tuple(self._row(uid, name, answers) for uid, name in self.classes),
            sure=sure,
            unknown="".join(letter(answers.get(key)) for key in invented),
            exchanges=tuple(replace(exchange, contexts=()) for exchange in exchanges),
        )

    def _row(self, uid: str, name: str, answers: Mapping[tuple[str, ...], ContextAnswer]) -> XrayRow:
        implicit, explicit, invented = (
            letter(answers.get((uid, syntax))) for syntax in (IMPLICIT_LE, EXPLICIT_LE, self.invented)
        )
        cells = tuple(
            "".join(letter(answers.get(_key(proposal))) for proposal in _three(uid, syntax))
            for syntax, _ in self.syntaxes
        )
        return XrayRow(uid, name, implicit, explicit, invented, cells)


def ask(client: DimseClient, plan: Plan) -> tuple[Exchange, ...]:
    """Propose all of it, over as many associations as it takes, each with the sure context at its head."""
    return propose_all(client, plan.proposals, lead=[SURE])


def _three(uid: str, syntax: str) -> list[Proposal]:
    """A syntax alone, before Implicit VR LE in one context, and behind it."""
    return [
        Proposal(uid, syntax),
        Proposal(uid, syntax, other_syntaxes=(IMPLICIT_LE,)),
        Proposal(uid, IMPLICIT_LE, other_syntaxes=(syntax,)),
    ]


def _key(one: Proposal | ContextAnswer) -> tuple[str, ...]:
    return (one.abstract_syntax, one.transfer_syntax, *one.other_syntaxes)
