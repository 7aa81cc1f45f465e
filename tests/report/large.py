"""An invented run as large as one wants, with observations as long as real ones and files of evidence that exist."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from harness.core.endpoint import EvidenceClass
from harness.core.requirements import Kind, Level, Requirement
from harness.core.results import Cell, CheckInfo, Evidence, Outcome, Plain, Protocol, Result, Run, TargetRecord
from tests.report.conftest import png

UIDS = "1.2.840.10008.1.2.4."
FORMATS = {
    f"format_{number}": {
        "name": f"Invented Profile / Level {number}",
        "uid": f"{UIDS}{200 + number}",
        "twin_of": None,
        "section": "PS3.5 8.2.5",
    }
    for number in range(16)
}
FAMILIES = ("association", "store", "retrieve", "playback", "size", "paths")
CHECKS = tuple(
    CheckInfo(
        f"CHK-{number:02}",
        FAMILIES[number % len(FAMILIES)],
        f"Invented question number {number} is answered as it should be",
        "what was sent, unchanged",
        ("SHALL", "SHALL", "SHOULD")[number % 3],
        "PS3.4 B.2.3",
        (f"R-{number % 40:02}",),
    )
    for number in range(60)
)
OUTCOMES = (
    [Outcome.PASS] * 14 + [Outcome.UNSUPPORTED] * 3 + [Outcome.NOT_RUN] * 2 + [Outcome.FAIL, Outcome.INCONCLUSIVE]
)


def make_large(folder: Path, cells: int, targets: int = 8) -> Run:
    """A finished run of ``cells`` cells on ``targets`` targets; its evidence is written below ``folder``."""
    pictures = [_file(folder, f"evidence/frame-{shade}.png", png(shade, 64, 36)) for shade in range(0, 240, 5)]
    names = [f"target-{number}" for number in range(targets)]
    results = tuple(_results(folder, names, cells, pictures))
    requirements = tuple(
        Requirement(
            f"R-{number:02}",
            f"What is sent comes back as it was, in the way of number {number}.",
            Level.SHALL,
            "PS3.4 B.2.3",
            Kind.CONTENT,
            tuple(check.id for check in CHECKS if f"R-{number:02}" in check.verifies),
        )
        for number in range(40)
    )
    return Run(
        run_id="20261122T100000Z-1a2b",
        started="2026-11-22T10:00:00+00:00",
        finished="2026-11-22T12:00:00+00:00",
        conclusion="NOT_MET",
        command=("pytest", "--pacs=all"),
        planned=tuple(one.cell.id for one in results),
        environment={"system": "Linux", "memory": 25276502016},
        tools={"harness": {"version": "0.1.0"}},
        formats=FORMATS,
        checks=CHECKS,
        results=results,
        targets=tuple(
            TargetRecord(name, "Invented PACS", "1.0", "container", EvidenceClass.MEASURED, "127.0.0.1:104")
            for name in names
        ),
        clips={name: {"sha256": "cd" * 32, "size": 700123, "recipe": {"rows": 576}} for name in FORMATS},
        protocol=Protocol("invented", "1.0", "ab" * 32, (), CHECKS),
        requirements=requirements,
    )


def _results(folder: Path, targets: list[str], cells: int, pictures: list[tuple[str, str]]) -> Iterator[Result]:
    made = 0
    for variant in range(cells):
        for target in targets:
            for format_id in FORMATS:
                for number, check in enumerate(CHECKS):
                    if made == cells:
                        return
                    cell = Cell(target, check.id, format_id, f"v{variant}" if variant else None)
                    outcome = OUTCOMES[made * 7 % len(OUTCOMES)]
                    yield _result(folder, made, cell, outcome, _seen(made, check.family, outcome), pictures, number)
                    made += 1


def _result(
    folder: Path, made: int, cell: Cell, outcome: Outcome, seen: Plain, pictures: list[tuple[str, str]], number: int
) -> Result:
    evidence = []
    if outcome is not Outcome.NOT_RUN:
        path, sha256 = _file(folder, f"evidence/conversation-{made}.txt", f"conversation {made}\n".encode())
        evidence.append(Evidence(path, sha256, "conversation", "what was said"))
    if seen["kind"] == "PicturesSeen":
        for place, moment in enumerate(("first", "middle", "last")):
            for side in ("sent", "returned"):
                differs = outcome is Outcome.FAIL and side == "returned"
                path, sha256 = pictures[(number + place + differs) % len(pictures)]
                evidence.append(Evidence(path, sha256, f"picture:{side}:{moment}", "frame"))
    reason = f"{cell.check} on {cell.format}: 1,048,576 bytes came back unchanged by C-GET, as was expected ({made})"
    return Result(
        cell,
        outcome,
        reason,
        seen,
        EvidenceClass.MEASURED,
        f"2026-11-22T10:{made // 60 % 60:02}:{made % 60:02}+00:00",
        1.25,
        (),
        tuple(evidence),
    )


def _seen(made: int, family: str, outcome: Outcome) -> Plain:
    if outcome is Outcome.NOT_RUN:
        return {"kind": "NotMade", "reason": "no clip can be made"}
    if outcome is Outcome.UNSUPPORTED:
        return {"kind": "StoreSeen", "exchange": _exchange("C-STORE", made)}
    if family == "playback":
        distance = {"kind": "PictureDistance", "frames": 48, "psnr": 45.2, "psnr_worst": 40.0 + made % 7}
        distance |= {"ssim": 0.9858, "ssim_worst": 0.98 + made % 9 / 1000}
        paths = [
            {"kind": "PicturePath", "service": name, "frames": 48, "wrong": [], "distance": distance}
            for name in ("C-GET", "C-MOVE", "WADO-RS")
        ]
        return {"kind": "PicturesSeen", "sent": distance, "paths": paths}
    payload = _payload_seen(made)
    if family != "size":
        return payload
    cost = {"kind": "Cost", "store_seconds": 0.05 + made % 50 / 100, "fetch_seconds": 0.04 + made % 30 / 100}
    return {"kind": "SizeSeen", "seen": payload, "cost": cost, "limit": None}


def _payload_seen(made: int) -> Plain:
    payload = {
        "kind": "Payload",
        "instance_uid": f"2.25.{10**37 + made}",
        "transfer_syntax_uid": f"{UIDS}102",
        "length": 2 ** (20 + made % 8),
        "sha256": hashlib.sha256(str(made).encode()).hexdigest(),
        "unpadded_sha256": hashlib.sha256(str(made).encode()).hexdigest(),
        "fragments": 1,
    }
    return {
        "kind": "PayloadSeen",
        "service": "C-GET",
        "stored": _exchange("C-STORE", made),
        "exchange": _exchange("C-GET", made),
        "received": 1,
        "sent": payload,
        "returned": payload,
        "unreadable": "",
        "others": [],
        "tries": 1,
        "size": None,
    }


def _exchange(service: str, made: int) -> Plain:
    context = {
        "kind": "ContextAnswer",
        "context_id": 1,
        "abstract_syntax": "1.2.840.10008.5.1.4.1.1.77.1.1.1",
        "transfer_syntax": f"{UIDS}102",
        "result": "accepted",
        "as_scp": False,
        "answered_syntax": f"{UIDS}102",
        "other_syntaxes": [],
    }
    return {
        "kind": "Exchange",
        "service": service,
        "ending": "answered",
        "status": 0,
        "detail": "",
        "seconds": 0.0555 + made / 10**6,
        "contexts": [context, context],
        "payload_bytes": 985066,
        "sub_operations": None,
        "peer": "OFFIS_DCMTK_369 1.2.276.0.7230010.3.0.3.6.9",
        "earlier": [],
        "reached_receiver": None,
        "roles": [],
        "pdus": {"kind": "PduLengths", "ours": 16384, "theirs": 16384, "sent": 16384, "received": 150},
    }


def _file(folder: Path, path: str, data: bytes) -> tuple[str, str]:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()
