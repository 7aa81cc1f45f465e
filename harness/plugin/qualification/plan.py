"""Everything that an operational check puts to the harness, as units that need nothing of each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.catalogue.read import load_formats
from harness.core.qualification.operation import Part, Planned
from harness.core.results import Outcome
from harness.plugin.everycheck import every_check
from harness.plugin.qualification.asking import questions_for
from harness.plugin.qualification.needs import NEEDS
from harness.qualification import integrity, truth
from harness.qualification.kills import KILLS
from harness.qualification.kills.association import TLS_KILLS
from harness.qualification.kills.kill import Kill
from harness.qualification.variations import GROUPS, allowed_for

#: Why a quick check does not count.
QUICK = "partial: one check of each family was challenged, on request"


@dataclass(frozen=True, slots=True)
class Unit:
    """Challenges that share one started PACS, or none: ``mutant``, ``variations`` and ``tls`` say which."""

    part: Part
    rows: tuple[Planned, ...]
    mutant: str | None = None
    variations: tuple[str, ...] = ()
    tls: bool = False

    @property
    def name(self) -> str:
        """For a person, and good as part of a file name."""
        about = self.mutant or "-".join(self.rows[0].subject.split()[:1]) or self.rows[0].check.partition("-")[0]
        return f"{self.part.value.replace(' ', '-')}-{about}{'-over-tls' if self.tls else ''}"


def whole_plan() -> tuple[Unit, ...]:
    """Everything, the longest units first."""
    plain = (*benign(), *of_itself(), *positive(KILLS), *negative(KILLS))
    return (*plain, *positive(TLS_KILLS, tls=True), *negative(TLS_KILLS, tls=True))


def positive(kills: Iterable[Kill], *, tls: bool = False) -> tuple[Unit, ...]:
    """The same questions as the faults answer wrongly, put to the well-behaved PACS; one unit for each group of ids."""
    asked = sorted({(check, format or "", *variant) for check, _, format, *variant in kills})
    groups: dict[str, list[Planned]] = {}
    for check, format, *variant in asked:
        planned = Planned(Part.POSITIVE, check, "", format, "".join(variant), (Outcome.PASS,))
        groups.setdefault(check.partition("-")[0], []).append(planned)
    return tuple(Unit(Part.POSITIVE, tuple(rows), tls=tls) for rows in groups.values())


def negative(kills: Iterable[Kill], *, tls: bool = False) -> tuple[Unit, ...]:
    """One unit for each fault and check: what a check leaves of a PACS with a fault is no place for the next one."""
    units = []
    for check, fault, format, *variant in kills:
        planned = Planned(Part.NEGATIVE, check, fault, format or "", "".join(variant), (Outcome.FAIL,))
        units.append(Unit(Part.NEGATIVE, (planned,), fault, tls=tls))
    return tuple(units)


def benign() -> tuple[Unit, ...]:
    """One unit for each group of variations, with every check."""
    formats = load_formats()
    return tuple(
        Unit(
            Part.BENIGN,
            tuple(
                Planned(
                    Part.BENIGN,
                    question.check.info.id,
                    group,
                    question.subject.format_id or "",
                    question.variant_words,
                    allowed_for(names),
                )
                for question in questions_for(names, formats)
            ),
            variations=names,
        )
        for group, names in GROUPS.items()
    )


def of_itself() -> tuple[Unit, ...]:
    """What needs no PACS: the decision rule, and what is written."""
    looks = (Unit(Part.INTEGRITY, (one,)) for one in integrity.challenges())
    return (*looks, Unit(Part.LOGIC, tuple(truth.challenges())))


def quick(plan: Sequence[Unit]) -> tuple[Unit, ...]:
    """Of each family of checks the first one, as itself and on its first fault, and what needs no PACS."""
    families = {id: check.info.family for id, check in every_check().items()}
    chosen = {family: id for id, family in reversed(families.items())}
    kept: list[Unit] = []
    had: set[tuple[Part, str]] = set()
    for unit in plan:
        if unit.part in (Part.LOGIC, Part.INTEGRITY):
            kept.append(unit)
            continue
        for row in unit.rows:
            key = (unit.part, row.check)
            if row.check in chosen.values() and unit.part is not Part.BENIGN and key not in had:
                had.add(key)
                kept.append(replace(unit, rows=(row,)))
    return tuple(kept)


def lacking(rows: Iterable[Planned]) -> dict[str, str]:
    """Checks of these rows that cannot be asked on this machine, each with what it lacks."""
    missing = {check: what for check, (what, is_here) in NEEDS.items() if not is_here()}
    return {row.check: missing[row.check] for row in rows if row.check in missing}
