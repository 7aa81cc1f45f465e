"""What a benign variation is, and the shapes that many variations have.

A variation is a function from one behaviour to another, so that several can be had at once: each wraps the hooks that
it finds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom import Dataset
from pynetdicom.association import Association

from harness.media.part10 import layout, read_header
from harness.targets.embedded.damage import pieces_of, rewrite
from harness.targets.embedded.hooks import SUCCESS, Hooks
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.accept import Offer
from harness.targets.embedded.web.asked import Asked, Reply, Resource

Vary = Callable[[Hooks], Hooks]


@dataclass(frozen=True, slots=True)
class Variation:
    """A PACS that behaves in another legal way. ``does`` completes "This PACS ..."; ``legal`` says by which rule."""

    name: str
    does: str
    legal: str
    vary: Vary


def receiving(change: Callable[[Path], int]) -> Vary:
    """Change each object before it is kept; what ``change`` returns replaces a status of success."""

    def vary(hooks: Hooks) -> Hooks:
        def store(store: ObjectStore, received: Path) -> int:
            warning = change(received)
            status = hooks.store(store, received)
            return warning if status == SUCCESS else status

        return replace(hooks, store=store)

    return vary


def rewriting(change: Callable[[Dataset], None], *, warning: int = SUCCESS) -> Vary:
    """Change the attributes of each object whose Pixel Data are encapsulated, before it is kept."""

    def rewritten(path: Path) -> int:
        if not layout(path).encapsulated:
            return SUCCESS
        header = read_header(path)
        change(header)
        rewrite(path, pieces_of(path), header=header)
        return warning

    return receiving(rewritten)


def negotiating(change: Callable[[Association], None]) -> Vary:
    """Change what is supported, after it was decided and before it is compared with the proposal."""

    def vary(hooks: Hooks) -> Hooks:
        def negotiate(association: Association) -> None:
            hooks.negotiate(association)
            change(association)

        return replace(hooks, negotiate=negotiate)

    return vary


def without_class(*uids: str) -> Vary:
    """Refuse SOP classes."""

    def drop(association: Association) -> None:
        association.acceptor.supported_contexts = [
            context for context in association.acceptor.supported_contexts if context.abstract_syntax not in uids
        ]

    return negotiating(drop)


def web(**changes: object) -> Vary:
    """Replace hooks of DICOMweb that do not wrap what is there."""
    return lambda hooks: replace(hooks, web=replace(hooks.web, **changes))  # type: ignore[arg-type]


def replying(change: Callable[[Asked, Reply], Reply]) -> Vary:
    """Change each reply before it is sent."""

    def vary(hooks: Hooks) -> Hooks:
        def reply(asked: Asked, made: Reply) -> Reply:
            return change(asked, hooks.web.reply(asked, made))

        return web(reply=reply)(hooks)

    return vary


def offering(change: Callable[[Resource, tuple[Offer, ...]], tuple[Offer, ...]]) -> Vary:
    """Change the list of representations."""

    def vary(hooks: Hooks) -> Hooks:
        def offers(resource: Resource, had: tuple[Offer, ...]) -> tuple[Offer, ...]:
            return change(resource, hooks.web.offers(resource, had))

        return web(offers=offers)(hooks)

    return vary


def after(first: Vary, *then: Vary) -> Vary:
    """One after the other, as one variation."""

    def vary(hooks: Hooks) -> Hooks:
        for one in (first, *then):
            hooks = one(hooks)
        return hooks

    return vary
