"""What is left of a transfer that was cut, stalled, slowed or damaged."""

from harness.qualification.kills.kill import Kill

KILLS: tuple[Kill, ...] = (
    ("INT-CUT", "keeps-half-objects", None, "middle"),
    ("INT-CUT", "keeps-half-objects", None, "last"),
    ("INT-CUT", "serves-half-object-after-resend", None, "last"),
    ("INT-CUT", "wedges-after-cut", None, "first"),
    ("INT-CUT", "refuses-after-interruption", None, "middle"),
    ("INT-CUT", "refuses-resend", None, "middle"),
    ("INT-CUT", "forgets-resend", None, "last"),
    ("INT-CUT", "loses-others-on-cut", None, "first"),
    ("INT-STALL", "keeps-half-objects", None),
    ("INT-STALL", "refuses-resend", None),
    ("INT-THROTTLE", "impatient-with-slow-senders", None),
    ("INT-CORRUPT", "forgets-resend", None),
    ("INT-GET", "drops-what-it-could-not-send", None),
    ("INT-GET", "refuses-after-interruption", None),
)
