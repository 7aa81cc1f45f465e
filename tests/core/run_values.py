"""Short ways to write runs in tests."""

from harness.core.endpoint import EvidenceClass
from harness.core.results import Cell, CheckInfo, Outcome, Protocol, Result, Run, Shard, TargetRecord

CLASSES = ("video_endoscopic", "video_microscopic")
FORMATS = {
    "h264_hp41": {
        "name": "H.264",
        "uid": "1.2.840.10008.1.2.4.102",
        "sop_classes": [{"id": one} for one in CLASSES],
    }
}


def check(id, family="store", level="SHALL", verifies=(), **about):
    told = {"title": "kept", "expected": "the same bytes", "section": "PS3.4 B.2.3"} | about
    return CheckInfo(id=id, family=family, level=level, verifies=tuple(verifies), **told)


def protocol(checks, sha256="ab" * 32):
    """A protocol of these checks, by id."""
    return Protocol("PVT", "1", sha256, ("MET: always.",), tuple(check(id) for id in checks))


def result(
    target, check, outcome, format="h264_hp41", variant=None, kind=EvidenceClass.MEASURED, reason="why", saw=None
):
    cell = Cell(target, check, format, variant)
    return Result(cell, Outcome(outcome), reason, saw or {}, kind, "2026-11-22T10:00:00Z", 1.0)


def run(
    *found,
    target="orthanc",
    product="Orthanc",
    version="1.12.7",
    kind=EvidenceClass.MEASURED,
    runtime="container",
    run_id="run-1",
    started="2026-11-22T10:00:00Z",
    formats=FORMATS,
    clips=None,
    shards=(),
):
    """A run of one target; ``found`` are check, outcome and where it matters variant, format or reason."""
    results = tuple(result(target, kind=kind, **one) for one in found)
    return Run(
        run_id=run_id,
        started=started,
        command=("pytest",),
        planned=tuple(one.cell.id for one in results),
        environment={one: {"system": "Linux"} for one in shards} or {"system": "Linux"},
        tools={"harness": {"version": "0.1.0"}},
        formats=formats,
        checks=(check("STO-ACK"),),
        results=results,
        targets=(TargetRecord(target, product, version, runtime, kind, "here"),),
        clips=clips or {},
        finished="2026-11-22T10:05:00Z",
        shards=tuple(Shard(one, started, "", (), (target,), "00") for one in shards),
    )


def seen(check, outcome, **about):
    return {"check": check, "outcome": outcome, **about}


#: A format that is stored in both SOP classes and comes back.
STORED = (
    *(seen("STO-ACK", "PASS", variant=one) for one in CLASSES),
    seen("RET-GET", "PASS"),
)
REFUSED_THERE = tuple(seen("STO-ACK", "UNSUPPORTED", variant=one, reason="abstract syntax") for one in CLASSES)
