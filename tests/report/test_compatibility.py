"""The compatibility matrix as files: complete, safe, honest about its classes, and stable."""

import csv
import io
import re
from fractions import Fraction

import pytest

from harness.core.claims import Basis, ClaimKind, Confidence, FormatClaim, Service, Source, Topic
from harness.core.counterparts import Counts, besides, counts
from harness.core.endpoint import EvidenceClass
from harness.core.figures import FigureClaim, Measure
from harness.core.side_by_side import compatibility
from harness.report.compatibility import markdown, page, rows, sheet
from tests.core.claim_values import ACCEPTED, REFUSED, claim, product, release
from tests.core.run_values import REFUSED_THERE, STORED, run, seen
from tests.report.test_html import VOID, Page

HOSTILE = "<script>alert('pacs')</script> \x1b[31m | [x](javascript:alert(1)) `a` @all"
FORMULA = '=HYPERLINK("http://example.com","x")'
MADE = page.Made("pytest-pacs", "2026-11-25T00:00:00Z")

VOID |= {"br", "input"}


def hostile(text, address="javascript:alert(1)"):
    source = Source("s", text, ClaimKind.VENDOR_DOCUMENT, address=address, version=text, note=text)
    basis = Basis(source, Confidence.HIGH, quote=text, note=text)
    return FormatClaim(Topic.STORAGE, ACCEPTED, ("h264_hp41",), (text,), (Service.STORE,), basis)


def made(*runs, claims=(), link="runs/report.html"):
    products = {one.id: one for one in claims}
    matrix = compatibility([(one, link) for one in runs], products, ())
    counted = counts(matrix, products)
    share = FigureClaim("f", Measure.SHARE, ("h264_hp41",), None, Fraction(95), hostile(HOSTILE).basis, HOSTILE)
    figures = besides([share], runs, counted)
    return matrix, counted, figures


def html(*runs, claims=(), link="runs/report.html"):
    links = {key: place for one in runs for key, place in page.places(one, link).items()}
    return page.render(*made(*runs, claims=claims, link=link), MADE, links)


def text(*runs, claims=()):
    return markdown.render(*made(*runs, claims=claims), MADE)


def lines(*runs, claims=()):
    matrix, _, _ = made(*runs, claims=claims)
    return list(csv.DictReader(io.StringIO(sheet.render(matrix), newline="")))


ORTHANC = product("Orthanc", release("1.12.7", claim(ACCEPTED), claim(REFUSED, kind="second-hand", confidence="low")))
REAL = run(*STORED, seen("WEB-TYPE", "FAIL", reason="wrong media type"))
PLAYED = run(*REFUSED_THERE, kind=EvidenceClass.EMULATED, run_id="run-2", target="emulated:orthanc")


def test_every_field_leads_to_its_details_and_every_name_is_there_once():
    found = Page(html(REAL, PLAYED, claims=[ORTHANC]))
    names = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {one["href"].removeprefix("#") for one in found.all("a") if one.get("href", "").startswith("#")}
    assert targets <= set(names)
    assert len([one for one in targets if one.startswith(("seen:", "claimed:"))]) == 3


def test_each_class_is_a_row_of_its_own_and_can_be_filtered():
    source = html(REAL, PLAYED, claims=[ORTHANC])
    found = Page(source)
    kinds = [one["class"].split()[0] for one in found.all("tr") if "is-" in one.get("class", "")]
    assert kinds == ["MEASURED", "EMULATED", "CLAIMED"]
    filters = {one["id"] for one in found.all("input")}
    assert {"show-MEASURED", "show-EMULATED", "show-CLAIMED"} <= filters
    for kind in kinds:
        assert f"body:has(#show-{kind}:not(:checked)) .is-{kind} {{ display: none; }}" in source
    assert "1 row MEASURED, 1 row EMULATED, 1 row CLAIMED" in found.text


def test_details_tell_provenance_checks_claims_and_contradiction():
    found = Page(html(REAL, claims=[ORTHANC])).text
    for part in (
        "MEASURED: run run-1, target orthanc, version 1.12.7, 2026-11-22, container",
        "WEB-TYPE: wrong media type",
        "3 of 4",
        "claim confirmed",
        "Confirmed: claimed and seen to work; 1 other claim says otherwise",
        "contradicted by 1",
        "vendor-document, confidence high",
    ):
        assert part in " ".join(found.split())


def test_emulation_is_not_held_against_claims():
    found = Page(html(PLAYED, claims=[ORTHANC])).text
    assert "Not held against claims: EMULATED says nothing of a product." in found


def test_details_lead_to_the_cells_in_the_report_of_the_run():
    links = [one["href"] for one in Page(html(REAL)).all("a") if "report.html" in one.get("href", "")]
    assert links == ["runs/report.html#cells-0-0"]


def test_run_without_a_report_has_no_link():
    found = Page(html(REAL, link=""))
    assert [one for one in found.all("a") if not one["href"].startswith("#")] == []
    assert "not beside its record" in found.text


def test_page_needs_nothing_from_outside_and_runs_nothing():
    source = html(REAL, claims=[ORTHANC])
    found = Page(source)
    policy = next(one["content"] for one in found.all("meta") if "http-equiv" in one)
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert not {name for name, _ in found.elements} & {"script", "link", "img", "iframe", "object", "form"}
    assert "url(" not in source
    assert not [name for _, attributes in found.elements for name in attributes if name.startswith("on")]


def test_every_table_has_a_caption_and_headed_rows_and_scrolls_inside():
    source = html(REAL, claims=[ORTHANC])
    found = Page(source)
    assert len(found.all("caption")) == len(found.all("table"))
    assert all(one.get("scope") for one in found.all("th"))
    (grid,) = [one for one in found.all("div") if one.get("class") == "grid"]
    assert (grid["tabindex"], grid["role"]) == ("0", "region")
    assert grid["aria-label"]
    assert "prefers-color-scheme: dark" in source


def test_hostile_text_of_claims_and_runs_stays_text():
    bad = run(*STORED, seen("WEB-TYPE", "FAIL", reason=HOSTILE), target=HOSTILE, version=HOSTILE, run_id=HOSTILE)
    claims = [product("Orthanc", release(HOSTILE, hostile(HOSTILE), configuration=HOSTILE))]
    source = html(bad, claims=claims)
    found = Page(source)
    assert found.all("script") == []
    assert "\x1b" not in source
    assert "alert('pacs')" in found.text
    assert [one for one in found.all("a") if one["href"].casefold().startswith("javascript")] == []


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://example.com/a", "https://example.com/a"),
        ("http://example.com", "http://example.com"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.com", ""),
        ("https:", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_only_an_http_address_becomes_a_link(address, link):
    assert page.web_address(address) == link


def test_markdown_takes_no_markup_from_claims_and_runs():
    bad = run(*STORED, target=HOSTILE, version=HOSTILE, run_id=HOSTILE)
    found = text(bad, claims=[product(HOSTILE, release("1", hostile(HOSTILE)))])
    assert "<script" not in found
    assert re.search(r"(?<!\\)\[x(?<!\\)\]", found) is None
    assert "@all" not in found
    table = [line for line in found.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


def test_markdown_tells_class_provenance_and_legend():
    found = text(REAL, PLAYED, claims=[ORTHANC])
    for part in ("| MEASURED |", "| EMULATED |", "| CLAIMED |", "run run-1", "claim confirmed", "## Legend"):
        assert part in found
    assert "seen to be stored by 1 of 1 named, dated releases" in found


def test_csv_has_a_line_for_each_sight_and_each_claim():
    found = lines(REAL, claims=[ORTHANC])
    assert [(one["class"], one["topic"], one["result"]) for one in found] == [
        ("MEASURED", "all checks", "FAIL"),
        ("MEASURED", "storage", "PASS"),
        ("MEASURED", "storage", "PASS"),
        ("CLAIMED", "storage", "accepted"),
        ("CLAIMED", "storage", "refused"),
    ]
    assert (found[0]["passed"], found[0]["applicable"], found[0]["run"]) == ("3", "4", "run-1")
    assert found[1]["standing"] == "confirmed"
    assert len({one["id"] for one in found}) == len(found)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\r="])
def test_no_spreadsheet_runs_what_a_claim_or_run_says(start):
    bad = run(*STORED, target=start + "x", version=start + "x", run_id=start + "x")
    claims = [product("Orthanc", release(start + "x", hostile(start + FORMULA), configuration=start + "x"))]
    for line in lines(bad, claims=claims):
        for value in line.values():
            assert not value.lstrip().startswith(("=", "+", "-", "@")), value


def test_names_are_the_same_for_the_same_field_and_never_shared():
    first, second = html(REAL, claims=[ORTHANC]), html(PLAYED, REAL, claims=[ORTHANC])
    assert set(re.findall(r'id="(seen:[^"]*|claimed:[^"]*)"', first)) < set(
        re.findall(r'id="(seen:[^"]*|claimed:[^"]*)"', second)
    )
    parts = [("a", "b"), ("a:b",), ("a-b",), ("a_b",), ("a b",), ("ab",), ("a_2d_b",), ("a", "b", "")]
    assert len({rows.name(*one) for one in parts}) == len(parts)


def test_count_without_a_dated_release_says_so():
    matrix, counted, figures = made(run(seen("WEB-TYPE", "PASS")))
    assert isinstance(counted[0], Counts)
    assert "no dated release tells" in Page(page.render(matrix, counted, figures, MADE, {})).text
