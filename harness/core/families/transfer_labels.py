"""Objects that are wrong on purpose, as a table: what is wrong, and which paragraph says so.

A PACS is free in what it does with them; it is asked in order to know. How each is made: :mod:`harness.media.mislabel`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """One kind. ``wrong`` completes the sentence "The object ..."; ``section`` is what it breaks."""

    id: str
    wrong: str
    section: str


LABELS: dict[str, Label] = {
    label.id: label
    for label in (
        Label(
            "hd-in-main-level",
            "is labelled MPEG2 Main Profile / Main Level and holds 1280x720 at High Level",
            "PS3.5 8.2.5, Table 8-1",
        ),
        Label("webm-in-h264", "is labelled H.264 High Profile / Level 4.1 and holds VP8 in WebM", "PS3.5 8.2.7"),
        Label("baseline-in-high", "is labelled H.264 High Profile and holds Baseline Profile", "PS3.5 8.2.7"),
        Label("high422-in-high", "is labelled H.264 High Profile and holds High 4:2:2 Profile", "PS3.5 8.2.7"),
        Label("number-of-frames", "says Number of Frames 1 and holds more", "PS3.3 C.7.6.6.1.1"),
        Label(
            "pal-as-ntsc",
            "says Frame Time 33.37 ms and Cine Rate 30, and holds 576 lines at 25 frames a second",
            "PS3.3 C.7.6.5.1.1, PS3.5 8.2.5",
        ),
        Label("offset-table", "has a Basic Offset Table of four zero bytes, not an empty one", "PS3.5 A.4"),
        Label("two-fragments", "has its stream in two fragments where its syntax allows one", "PS3.5 8.2.7, A.4.6"),
        Label(
            "index-at-end",
            "holds an MP4 file whose index comes last: allowed, and it cannot play before all of it has come",
            "PS3.5 8.2.7",
        ),
    )
}
