"""The documents of the qualification pack name what there is: they are held against code and project file."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from harness.core.qualification.operation import Part
from harness.core.verification.completeness import BLOCKS, MANDATORY
from harness.errors import EngineUnavailable
from harness.media import probe
from harness.plugin import looks
from harness.plugin.qualification import installation
from harness.plugin.qualification.asking import every_check
from tests.qualification.values import IDENTITY

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "docs" / "qualification"
PAGES = sorted(PACK.glob("*.md"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def text(name: str) -> str:
    return (PACK / name).read_text("utf-8")


def rows(name: str) -> list[list[str]]:
    """The cells of every row of every table of a page, heads included."""
    lines = [line for line in text(name).splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def requirements(lines: list[str]) -> dict[str, str]:
    return {wanted.name: str(wanted.specifier) for wanted in map(Requirement, lines)}


def table_after(heading: str) -> dict[str, list[str]]:
    """The rows of the first table behind a heading of the SOUP list, by title."""
    section = text("soup.md").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return {cells[0]: cells for cells in ([one.strip() for one in line.strip("|").split("|")] for line in lines)}


def test_soup_names_every_dependency_with_its_range():
    listed = table_after("Needed always")
    python = listed.pop("CPython")
    assert python[2] == PROJECT["requires-python"]
    assert {title: cells[2] for title, cells in listed.items()} == requirements(PROJECT["dependencies"])


def test_soup_names_what_every_extra_needs_with_its_range():
    extras = PROJECT["optional-dependencies"]
    wanted = [line for extra, lines in extras.items() if extra != "dev" for line in lines]
    listed = table_after("Needed for extras")
    assert {title: cells[2] for title, cells in listed.items()} == requirements(wanted)


def test_soup_tells_maker_licence_purpose_and_anomalies_of_each():
    found = [row for row in rows("soup.md") if row[0] != "title"]
    assert all(len(row) == 6 and all(row) for row in found)
    assert all(row[5].startswith("https://") for row in found)


def test_clause_table_names_every_block_and_every_clause_that_makes_a_draft():
    listed = {row[0]: row for row in rows("clauses.md")[1:]}
    assert list(listed) == [block.number for block in BLOCKS]
    for block in BLOCKS:
        _, title, clauses, filled, mandatory = listed[block.number]
        owed = [one for one in MANDATORY if one.block == block.number]
        assert title == block.title
        assert filled
        assert mandatory == ("yes" if owed else "no")
        for one in owed:
            assert all(part in clauses for part in one.clause.split("; ")), (block, one.clause)


def test_part_11_table_has_every_paragraph_and_says_who_covers_it():
    found = {row[0]: row for row in rows("part11.md")[1:]}
    assert list(found) == [*(f"11.10({letter})" for letter in "abcdefghijk"), "11.50", "11.70", "11.100", "11.200"]
    for asked in found.values():
        assert len(asked) == 5
        assert asked[1]
        assert any(asked[2:])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_claim_nothing_that_they_cannot(page):
    words = re.findall(
        r"\b(certif\w+|validated|compliant|guarantee\w*|proven)\b", page.read_text("utf-8"), re.IGNORECASE
    )
    assert not [word for word in words if not word.lower().startswith("certificate")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_name_only_what_there_is(page):
    content = page.read_text("utf-8")
    families = {id.partition("-")[0] for id in every_check()}
    for id in re.findall(r"\b[A-Z]{3}-[A-Z0-9*-]*[A-Z0-9*]\b", content):
        assert id in every_check() or (id.endswith("*") and id[:3] in families) or id[:3] not in families, id
    for path in re.findall(r"`((?:harness|docs|tests|matrices|\.ci)/[^`\s]*)`", content):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"\]\(([^)#:]+)\)", content):
        assert (page.parent / path).exists(), path


def test_known_anomalies_have_an_effect_and_are_named_rightly():
    found = [row for row in rows("anomalies.md") if row[0] != "id"]
    assert [row[0] for row in found] == [f"A-{number}" for number in range(1, len(found) + 1)]
    assert all(len(row) == 5 and all(row) for row in found)
    cited = {id for page in PAGES for id in re.findall(r"\bA-\d+\b", page.read_text("utf-8"))}
    assert cited <= {row[0] for row in found}


def test_protocol_names_every_part_and_every_group_of_items(monkeypatch):
    def refuse():
        raise EngineUnavailable("no engine here")

    monkeypatch.setattr(looks, "connect", refuse)
    monkeypatch.setattr(probe, "trial", lambda name: "no card")
    named = {row[0] for row in rows("protocol.md")}
    assert {str(part) for part in Part} <= named
    assert {item.group for item in installation.items(IDENTITY)} <= named


def test_every_page_is_in_the_index():
    linked = set(re.findall(r"\]\(([a-z0-9-]+\.md)\)", text("README.md")))
    assert linked == {page.name for page in PAGES} - {"README.md"}
