"""Values of a record as nested lists of a page, escaped."""

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
