"""The page that plays one video from beginning to end and reports once what became of it."""

import json

#: Letters of a message of the browser that are kept.
SHOWN_LETTERS = 200

# The counters are those of the browser: how many frames it decoded, and how many its compositor took. A frame more is
# waited for at the end, because the last one is counted after the event.
_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>pytest-pacs</title>
<body style="margin:0;background:#234">
<video id="video" muted playsinline style="width:100%"></video>
<script>
const video = document.getElementById("video");
let shown = 0, reported = false;
function report(ended, problem, late = false) {
  if (reported) return;
  reported = true;
  const quality = video.getVideoPlaybackQuality();
  fetch(REPORT, {method: "POST", body: JSON.stringify({
    ended, problem, late, shown, frames: quality.totalVideoFrames, columns: video.videoWidth, rows: video.videoHeight,
    seconds: Number.isFinite(video.duration) ? video.duration : null
  })});
}
function count(now, frame) {
  shown = frame.presentedFrames;
  video.requestVideoFrameCallback(count);
}
video.requestVideoFrameCallback(count);
video.onended = () => requestAnimationFrame(() => requestAnimationFrame(() => report(true, "")));
video.onerror = () => report(false, video.error.message || "media error " + video.error.code);
setTimeout(() => report(false, "it did not reach the end within LIMIT s", true), LIMIT * 1000);
video.src = VIDEO;
video.play().catch(() => {});
</script>
"""


def page(video: str, report: str, limit: float) -> bytes:
    """The page; ``video`` and ``report`` are paths on its own server, ``limit`` is in seconds."""
    filled = _PAGE.replace("LIMIT", f"{limit:g}")
    for name, value in (("VIDEO", video), ("REPORT", report)):
        filled = filled.replace(name, json.dumps(value))
    return filled.encode()
