"""Checks that some machines cannot ask, or cannot challenge: what each needs, and whether it is here."""

from collections.abc import Callable
from importlib.util import find_spec

from harness.clients.browser import Chromium
from harness.media.dciodvfy import find_dciodvfy

#: By check id what it needs, in words, and whether that is here.
NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "PLY-BROWSER": ("a browser: none of chromium, chromium-browser, google-chrome is found", lambda: _browser()),
    "VAL-DCIODVFY": ("dciodvfy: install pytest-pacs[dciodvfy]", lambda: find_dciodvfy() is not None),
    "ASC-TLS": ("certificates to test with: install pytest-pacs[qualify]", lambda: find_spec("trustme") is not None),
}


def _browser() -> bool:
    return Chromium.find() is not None
