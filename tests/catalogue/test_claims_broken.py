"""A matrix that breaks a rule is refused, and the error names file and key."""

import pytest

from harness.catalogue.claim_rows import SOURCE_ANALYSIS
from harness.catalogue.claims import load_products
from harness.catalogue.figures import load_figures
from harness.errors import DataFileError
from tests.catalogue.claim_files import complete_figures, complete_product, write

ANALYSIS = {"title": SOURCE_ANALYSIS, "kind": "source-analysis", "address": "", "version": "", "date": ""}
RELEASE = ("releases", 0)
ROW = (*RELEASE, "storage", 0)
SOURCE = ("sources", "statement")
DROP = object()

BROKEN = [
    # What is changed, to what, the key that the error names, and what it says of it.
    (("vendor",), DROP, "vendor", "is missing"),
    (("kind",), "hospital", "kind", "give one of commercial"),
    (("groups", "group"), ["mpeg2_ml", "mpeg2_xl"], "groups.group", "give known formats"),
    (("groups", "group"), ["mpeg2_ml", "us_multiframe"], "groups.group", "or known SOP classes"),
    (("groups", "group"), ["mpeg2_ml", "mpeg2_ml"], "groups.group", "twice"),
    (("groups", "mjpeg"), ["mpeg2_ml"], "groups.mjpeg", "another name"),
    ((*SOURCE, "address"), DROP, "sources.statement.address", "is missing"),
    (SOURCE, {**ANALYSIS, "title": "Talk", "kind": "second-hand"}, "sources.statement.address", "says why"),
    ((*SOURCE, "date"), "6.9.2024", "sources.statement.date", "2024-09-06"),
    ((*SOURCE, "kind"), "source-analysis", "sources.statement.kind", "alone"),
    ((*SOURCE, "title"), SOURCE_ANALYSIS, "sources.statement.kind", "alone"),
    (SOURCE, {**ANALYSIS, "unsourced": False}, "sources.statement.unsourced", "must be true"),
    (SOURCE, {**ANALYSIS, "unsourced": True}, "releases[0].storage[0].confidence", "give none"),
    (("sources", "other"), {**ANALYSIS, "unsourced": True}, "sources.other", "not used"),
    (("releases",), [], "releases", "at least one"),
    ((*RELEASE, "name"), DROP, "releases[0].name", "is missing"),
    ((*RELEASE, "price"), 5, "releases[0].price", "not a known key"),
    ((*ROW, "source"), DROP, "releases[0].storage[0].source", "is missing"),
    ((*ROW, "source"), "rumour", "releases[0].storage[0].source", "is no source of this file"),
    ((*ROW, "confidence"), "none", "releases[0].storage[0].confidence", "high, medium or low"),
    ((*ROW, "status"), "unknown", "releases[0].storage[0].confidence", "give none"),
    ((*ROW, "status"), "maybe", "releases[0].storage[0].status", "give one of accepted"),
    ((*ROW, "formats"), [], "releases[0].storage[0].formats", "is empty"),
    ((*ROW, "formats"), ["group", "mpeg2_ml"], "releases[0].storage[0].formats", "twice"),
    ((*ROW, "formats"), ["vp9"], "releases[0].storage[0].formats", "names ['vp9']"),
    ((*ROW, "classes"), ["any", "video_endoscopic"], "releases[0].storage[0].classes", "alone"),
    ((*ROW, "classes"), ["ct"], "releases[0].storage[0].classes", "names ['ct']"),
    ((*ROW, "by"), [], "releases[0].storage[0].by", "is empty"),
    ((*RELEASE, "services", 0, "services"), [], "releases[0].services[0].services", "is empty"),
    ((*RELEASE, "largest", 0, "size"), "huge", "releases[0].largest[0].size", "or unlimited"),
    ((*RELEASE, "settings", 1, "value"), "16384", "releases[0].settings[1].value", "whole number"),
    ((*RELEASE, "settings", 0, "value"), 7, "releases[0].settings[0].value", "a text"),
]

BROKEN_FIGURES = [
    ("measure", "beauty", "give one of"),
    ("least", "much", "positive fraction"),
    ("least", "60", "more than most"),
    ("against", DROP, "belongs to a saving"),
    ("confidence", "none", "high, medium or low"),
    ("formats", ["vp9"], "names ['vp9']"),
    ("colour", "red", "not a known key"),
]


def change(plain, place, value):
    *path, last = place
    for step in path:
        plain = plain[step]
    if value is DROP:
        del plain[last]
    else:
        plain[last] = value


def test_a_file_with_every_key_is_read(tmp_path):
    write(tmp_path, complete_product())
    (product,) = load_products(tmp_path).values()
    assert product.id == "example"
    assert product.releases[0].formats[0].formats == ("mpeg2_ml", "mpeg2_hl")
    assert load_figures(write(tmp_path, complete_figures()))["less"].against == ("mpeg2_ml",)


@pytest.mark.parametrize(("place", "value", "key", "says"), BROKEN)
def test_a_broken_matrix_is_refused_with_file_and_key(tmp_path, place, value, key, says):
    plain = complete_product()
    change(plain, place, value)
    path = write(tmp_path, plain)
    with pytest.raises(DataFileError) as caught:
        load_products(tmp_path)
    assert str(caught.value).startswith(f"{path}: {key}: ")
    assert says in str(caught.value)


def test_unsourced_statements_must_be_quoted(tmp_path):
    plain = complete_product()
    plain["sources"]["statement"]["unsourced"] = True
    row = plain["releases"][0]["storage"][0]
    row["confidence"] = "none"
    del row["quote"]
    write(tmp_path, plain)
    with pytest.raises(DataFileError, match=r"storage\[0\].quote: is missing; give the words"):
        load_products(tmp_path)


def test_one_source_cannot_say_two_things_of_one_cell(tmp_path):
    plain = complete_product()
    rows = plain["releases"][0]["storage"]
    rows.append({**rows[0], "status": "refused", "formats": ["mpeg2_hl"], "classes": ["any"]})
    write(tmp_path, plain)
    with pytest.raises(DataFileError, match=r"storage\[1\].status: statement already says accepted of mpeg2_hl"):
        load_products(tmp_path)


def test_one_source_can_say_two_things_of_two_classes(tmp_path):
    plain = complete_product()
    rows = plain["releases"][0]["storage"]
    rows.append({**rows[0], "status": "refused", "classes": ["us_multiframe"]})
    write(tmp_path, plain)
    assert len(load_products(tmp_path)["example"].releases[0].formats) == 4


def test_a_release_without_a_claim_is_refused(tmp_path):
    plain = complete_product()
    plain["releases"].append({"name": "2.0", "date": ""})
    write(tmp_path, plain)
    with pytest.raises(DataFileError, match=r"releases\[1\].name: '2.0' has no claim"):
        load_products(tmp_path)


def test_a_release_cannot_occur_twice_with_one_configuration(tmp_path):
    plain = complete_product()
    plain["releases"].append(dict(plain["releases"][0]))
    write(tmp_path, plain)
    with pytest.raises(DataFileError, match=r"'1\.0' with configuration 'with an option' occurs twice"):
        load_products(tmp_path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataFileError, match="holds no matrix"):
        load_products(tmp_path)


@pytest.mark.parametrize(("key", "value", "says"), BROKEN_FIGURES)
def test_a_broken_figure_is_refused_with_file_and_key(tmp_path, key, value, says):
    plain = complete_figures()
    change(plain, ("claims", "less", key), value)
    path = write(tmp_path, plain, "format-claims.toml")
    with pytest.raises(DataFileError) as caught:
        load_figures(path)
    assert str(caught.value).startswith(f"{path}: claims.less.")
    assert says in str(caught.value)


def test_a_figure_needs_an_end(tmp_path):
    plain = complete_figures()
    del plain["claims"]["less"]["least"], plain["claims"]["less"]["most"]
    with pytest.raises(DataFileError, match="give least, most or both"):
        load_figures(write(tmp_path, plain))
