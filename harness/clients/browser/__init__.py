"""An ordinary browser, in which a video is really played."""

from harness.clients.browser.chromium import Chromium

__all__ = ["Chromium"]
