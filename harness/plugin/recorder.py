"""The run folder: opened at the first cell, written as the run goes, closed with every report made."""

import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from harness.core.choices import Choices
from harness.core.conclusion import Conclusion, run_verdict
from harness.core.endpoint import TargetIdentity, TargetState
from harness.core.formats import Format
from harness.core.plain import plain, to_plain
from harness.core.requirements import Requirement
from harness.core.results import CheckInfo, Evidence, Protocol, Result, Run, TargetRecord
from harness.media.description import declared_ratio
from harness.media.values import Clip
from harness.plugin.environment import now
from harness.report.outputs import write_reports
from harness.report.record import RecordWriter, read_run

#: Details of a target as it names itself.
UID, VERSION_NAME = "Implementation Class UID", "Implementation Version Name"

#: What a UID consists of (PS3.5 9.1).
_UID = frozenset("0123456789.")


def new_run_id() -> str:
    """A run id that sorts by time and does not repeat."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class Recorder:
    """Writes the record of one run into ``folder``."""

    def __init__(
        self,
        folder: Path,
        *,
        run_id: str,
        started: str,
        command: Sequence[str],
        planned: Sequence[str],
        environment: Mapping[str, object],
        tools: Mapping[str, object],
        formats: Sequence[Format],
        checks: Sequence[CheckInfo],
        required: Sequence[str],
        choices: Choices,
        protocol: Protocol,
        requirements: Sequence[Requirement],
    ) -> None:
        self.folder = folder
        self._writer = RecordWriter(
            folder,
            Run(
                run_id=run_id,
                started=started,
                command=(shlex.join(command),),
                planned=tuple(planned),
                environment=environment,
                tools=tools,
                formats={format.id: to_plain(format) for format in formats},
                checks=tuple(checks),
                required=tuple(required),
                options=plain(choices),
                protocol=protocol,
                requirements=tuple(requirements),
            ),
        )
        self._formats = tuple(formats)
        self._clips: dict[str, Clip] = {}
        self._targets: dict[str, TargetRecord] = {}

    def result(self, result: Result, clips: Mapping[str, Clip]) -> None:
        """Record one finished cell, and the clips if new ones were made."""
        if set(clips) - set(self._clips):
            self._clips = dict(clips)
            self._writer.set_clips({id: _clip(clip, self._formats) for id, clip in self._clips.items()})
        self._note_peer(result)
        self._writer.add_result(result)

    def target_started(self, identity: TargetIdentity, address: str) -> None:
        """Record who answers, and where."""
        self._set(
            TargetRecord(
                id=identity.id,
                product=identity.product,
                version=identity.version,
                runtime=identity.runtime.value,
                evidence_class=identity.evidence_class,
                address=address,
                details=dict(identity.details),
            )
        )

    def left_behind(self, id: str, instance_uid: str) -> None:
        """Record at once, so that a kill does not lose it, that an object is on a system that we did not start."""
        known = self._targets[id]
        if instance_uid not in known.left_behind:
            self._set(replace(known, left_behind=(*known.left_behind, instance_uid)))

    def target_ended(self, id: str, state: TargetState, evidence: Sequence[Evidence]) -> None:
        """Record how the target was left."""
        self._set(
            replace(
                self._targets[id],
                ended=to_plain(state),
                evidence=tuple(evidence),
            )
        )

    def finish(self) -> Conclusion:
        """Close the record and make every report from it."""
        ended = replace(read_run(self.folder), finished=now())
        conclusion = run_verdict(ended)
        self._writer.finish(conclusion.verdict.label, ended.finished)
        write_reports(self.folder)
        return conclusion

    def _note_peer(self, result: Result) -> None:
        """Keep who the target says it is in negotiation (PS3.7 D.3.3.2), where a result is the first to tell."""
        known = self._targets.get(result.cell.target)
        exchange = result.observation.get("exchange")
        peer = exchange.get("peer") if isinstance(exchange, Mapping) else ""
        if known is None or not peer or UID in known.details:
            return
        name, _, uid = str(peer).rpartition(" ")
        if not set(uid) <= _UID:  # the UID is mandatory, and yet a peer may leave it out
            name, uid = str(peer), "not told"
        self._set(replace(known, details={**known.details, UID: uid, VERSION_NAME: name or "not told"}))

    def _set(self, record: TargetRecord) -> None:
        self._targets[record.id] = record
        self._writer.set_target(record)


def _clip(clip: Clip, formats: Sequence[Format]) -> object:
    # One entry for each frame would make the record long, and every check tells what it found in them.
    facts = to_plain(replace(clip.facts, stamps=(), pictures=(), times=()))
    return {
        "recipe": to_plain(clip.recipe),
        "size": clip.size,
        "sha256": clip.sha256,
        "origin": "synthetic pictures and test tone made by the harness; no patient data",
        "facts": facts,
        # What the objects say of themselves, in each format that carries this clip.
        "declared_ratio": {one.id: declared_ratio(clip, one) for one in formats if one.recipe == clip.recipe.id},
        "distance": to_plain(clip.distance),
    }
