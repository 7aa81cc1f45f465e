"""The mutants that break one rule of the standard break that one, and leave the video alone."""

import hashlib
from pathlib import Path

import pytest

from harness.catalogue.read import load_recipes
from harness.core.facts import ObjectFacts
from harness.core.validation.rules import Severity
from harness.core.validation.table import findings
from harness.media.part10 import read_object
from harness.media.values import Clip, VideoObject
from harness.media.wrap import wrap
from harness.targets.embedded.mutants import mutant
from harness.targets.embedded.mutants.validation import MUTANTS
from harness.targets.embedded.store import ObjectStore
from tests.core.validation_cases import FORMATS, stream_of

#: The rule that each mutant breaks.
BROKEN = {
    "calls-colours-rgb": "D1",
    "says-planar": "D1",
    "says-fewer-bits": "D1",
    "adds-pixel-aspect": "D4",
    "adds-extended-table": "E4",
    "misstates-total-length": "E6",
    "writes-pixel-data-as-words": "E5",
    "drops-delimiter": "E5",
    "adds-odd-fragment": "E5",
    "names-another-method": "D5",
    "denies-lossy": "D5",
    "changes-modality": "D6",
    "drops-frame-time": "D3",
    "adds-window": "D6",
    "adds-overlay": "D6",
    "drops-empty-attributes": "D6",
}


def made(folder: Path, id_: str) -> VideoObject:
    """An object of meaningless bytes that is described as it should be."""
    format, payload = FORMATS[id_], hashlib.shake_128(b"video").digest(4001)
    path = folder / "clip"
    path.write_bytes(payload)
    recipe = load_recipes()[format.recipe or ""]
    clip = Clip(path, recipe, len(payload), hashlib.sha256(payload).hexdigest(), stream_of(format))
    uids = {"study_uid": "2.25.1", "series_uid": "2.25.2", "instance_uid": "2.25.3"}
    return wrap(clip, format, format.sop_classes[0], folder / "object.dcm", fragments=2, **uids)


def broken(facts: ObjectFacts, id_: str) -> set[str]:
    return {one.rule for one in findings(FORMATS[id_], object=facts) if one.severity is Severity.ERROR}


@pytest.mark.parametrize("name", [one.name for one in MUTANTS])
def test_mutant_breaks_its_rule_and_no_other(name: str, tmp_path: Path) -> None:
    id_ = "h264_hp41_frag"
    video, store = made(tmp_path, id_), ObjectStore(tmp_path / "store")
    assert broken(video.facts, id_) == set()
    received = video.path.rename(store.incoming / "received.dcm")
    assert mutant(name).hooks.store(store, received) == 0
    latest = store.latest()
    assert latest is not None
    after = read_object(latest.path)
    # A byte more is a wrong total length too.
    assert broken(after, id_) - ({"E6"} if name == "adds-odd-fragment" else set()) == {BROKEN[name]}
    same = (after.payload_length, after.payload_sha256) == (video.facts.payload_length, video.facts.payload_sha256)
    assert same is (name != "adds-odd-fragment")


def test_every_mutant_names_its_rule() -> None:
    assert set(BROKEN) == {one.name for one in MUTANTS}
