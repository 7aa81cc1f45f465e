"""Values of a record as nested lists of a page, escaped."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from harness.report import wording


def branches(value: object) -> Markup:
    """Any JSON value as text or as nested description lists, ready for a page."""
    parts: list[str] = []
    _write(wording.tree(value), parts)
    return Markup("".join(parts))  # noqa: S704 - every text in it was escaped


def _write(node: wording.Node, parts: list[str]) -> None:
    if isinstance(node, str):
        parts.append(escape(node))
        return
    parts.append("<dl>")
    for name, value in node:
        parts += ("<dt>", escape(name), '</dt><dd class="text">' if isinstance(value, str) else "</dt><dd>")
        _write(value, parts)
        parts.append("</dd>\n")
    parts.append("</dl>")


def paragraphs(value: object) -> Markup:
    """Any JSON value for paper: one paragraph for each first branch, in which everything deeper runs on as text."""
    node = wording.tree(value)
    if isinstance(node, str):
        return escape(node)
    parts = [
        f'<div class="branch"><b>{escape(name)}</b> {escape(_text(branch))}</div>\n' for name, branch in _told(node)
    ]
    return Markup("".join(parts))  # noqa: S704 - every text in it was escaped


def _text(node: wording.Node) -> str:
    if isinstance(node, str):
        return node
    return "; ".join(
        f"{name} {branch}" if isinstance(branch, str) else f"{name} ({_text(branch)})" for name, branch in _told(node)
    )


def _told(node: Sequence[tuple[str, wording.Node]]) -> list[tuple[str, wording.Node]]:
    """All but what kind of value it is, which tells a program how to read it, and a person nothing."""
    return [(name, branch) for name, branch in node if name != "kind"]
