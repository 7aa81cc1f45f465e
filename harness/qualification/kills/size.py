"""How large a video may be."""

from harness.qualification.kills.kill import Kill

KILLS: tuple[Kill, ...] = (
    ("SIZ-PATH", "truncates-over-size", None, "C-GET"),
    ("SIZ-PATH", "loses-tail-after-size", None, "C-MOVE"),
    ("SIZ-PATH", "damages-on-move", None, "C-MOVE"),
    ("SIZ-CEILING", "truncates-over-size", None),
    ("SIZ-CEILING", "closes-in-mid-transfer", None),
)
