"""Fragments are grouped into frames as a reader must do it (PS3.5 A.4)."""

import pytest

from harness.core.facts import ObjectFacts
from harness.core.frames import frame_lengths, offset_table_fault


def facts(
    *lengths: int,
    frames: str | None,
    table: tuple[int, ...] = (),
    starts: str = "",
    table_length: int | None = None,
    encapsulated: bool = True,
) -> ObjectFacts:
    """Facts of an object with these fragments; ``starts`` holds a J for each that begins a JPEG picture."""
    return ObjectFacts(
        sop_class_uid="1.2",
        sop_instance_uid="1.2.3",
        transfer_syntax_uid="1.2.840.10008.1.2.4.50",
        attributes=() if frames is None else (("NumberOfFrames", frames),),
        explicit_vr=True,
        pixel_vr="OB",
        encapsulated=encapsulated,
        fragment_lengths=lengths,
        jpeg_starts=tuple(letter == "J" for letter in starts or "J" * len(lengths)),
        offset_table_length=4 * len(table) if table_length is None else table_length,
        offset_table=table,
        delimited=True,
        payload_length=sum(lengths),
        payload_sha256="aa",
        unpadded_sha256="aa",
    )


@pytest.mark.parametrize(
    ("seen", "lengths"),
    [
        (facts(10, 20, frames="2"), (10, 20)),
        (facts(10, 20, frames="2", table=(0, 18)), (10, 20)),
        (facts(10, 20, 30, frames="2", table=(0, 46)), (30, 30)),
        # The table tells, even where entropy-coded bytes look like a marker or a marker is damaged.
        (facts(10, 20, 30, frames="2", table=(0, 46), starts="JJJ"), (30, 30)),
        (facts(10, 20, 30, frames="2", table=(0, 18), starts="---"), (10, 50)),
        (facts(10, 20, 30, frames="2", starts="J-J"), (30, 30)),
        (facts(10, 20, 30, frames="2", starts="JJ-"), (10, 50)),
        # One fragment each, whatever it begins with: damage inside a picture is for the decoder to find.
        (facts(10, 20, frames="2", starts="J-"), (10, 20)),
        (facts(10, 20, frames="3", starts="J-"), (10, 20)),
        # A broken table tells nothing.
        (facts(10, 20, 30, frames="3", table=(0,)), (10, 20, 30)),
        (facts(10, 20, 30, frames="2", table=(0, 19), starts="J-J"), (30, 30)),
        (facts(10, 20, 30, frames=None, starts="J-J"), (30, 30)),
        (facts(10, 20, 30, frames="many", starts="J-J"), (30, 30)),
        (facts(10, 20, frames="1", starts="--"), (30,)),
        (facts(frames="2"), ()),
    ],
)
def test_fragments_become_frames_by_table_or_marker(seen, lengths):
    assert frame_lengths(seen) == lengths


def test_native_pixel_data_is_one_length():
    seen = facts(encapsulated=False, frames="3")
    assert frame_lengths(seen) == (seen.payload_length,)


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (facts(10, 20, 30, frames="3", table=(0,)), "has 4 bytes, and 3 frames need 12"),
        (facts(10, 20, 30, frames="3", table=(0, 18, 46), table_length=14), "has 14 bytes"),
        (facts(10, 20, 30, frames="3", table=(0, 18, 46, 84)), "has 16 bytes"),
        (facts(10, 20, 30, frames="3", table=(0, 18, 45)), "byte 45, where no item begins"),
        (facts(10, 20, 30, frames="3", table=(0, 18, 84)), "byte 84, where no item begins"),
        (facts(10, 20, 30, frames="2", table=(18, 46)), "begins with 18"),
        (facts(10, 20, 30, frames="3", table=(0, 46, 18)), "from byte 46 back to 18"),
        (facts(10, 20, 30, frames="3", table=(0, 18, 18)), "from byte 18 back to 18"),
        # More frames than fragments: no table can be right.
        (facts(10, frames="3", table=(0, 0), table_length=12), "from byte 0 back to 0"),
    ],
)
def test_table_that_does_not_point_at_each_frame_is_named(seen, text):
    assert text in offset_table_fault(seen, int(seen.by_path["NumberOfFrames"]))


@pytest.mark.parametrize("table", [(), (0, 18, 46)])
def test_table_may_be_empty_or_full(table):
    assert offset_table_fault(facts(10, 20, 30, frames="3", table=table), 3) is None
