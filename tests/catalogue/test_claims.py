"""The matrices say nothing without a source, and nothing of the source analysis without saying so."""

import tomllib

import pytest

from harness.catalogue.claim_rows import SOURCE_ANALYSIS
from harness.catalogue.claims import load_products
from harness.catalogue.figures import FIGURES_FILE, load_figures
from harness.catalogue.places import DATA_FOLDERS, data_folder
from harness.core.claims import ClaimCell, ClaimKind, ClaimStatus, Confidence, FormatClaim, LimitClaim, Topic
from harness.core.figures import Measure
from harness.core.told import told

PRODUCTS = load_products()
CLAIMS = [
    pytest.param(claim, id=f"{product.id}-{release.name}-{number}")
    for product in PRODUCTS.values()
    for release in product.releases
    for number, claim in enumerate(release.claims)
]

ACCEPTED, REFUSED, PARTIAL = ClaimStatus.ACCEPTED, ClaimStatus.REFUSED, ClaimStatus.PARTIAL

#: The table of the source analysis, written down a second time: product, release, MPEG-2, H.264, Motion JPEG, GB.
ANALYSIS_TABLE = [
    ("philips-intellispace", "4.4", ACCEPTED, ACCEPTED, ACCEPTED, 2),
    ("ge-centricity", "7.0", ACCEPTED, REFUSED, ACCEPTED, 1),
    ("siemens-syngo-plaza", "", ACCEPTED, PARTIAL, ACCEPTED, 2),
    ("fujifilm-synapse", "", ACCEPTED, REFUSED, ACCEPTED, 1),
    ("agfa-impax", "6.5+", ACCEPTED, PARTIAL, ACCEPTED, 2),
]

#: Its lists of open-source and cloud systems: the formats that a statement was read as, and how.
ANALYSIS_LISTS = [
    ("orthanc", "Full video support with plugins", {"mpeg2_ml", "h264_hp41", "hevc_main51", "mjpeg"}, ACCEPTED),
    ("dcm4chee", "MPEG-2 and Motion JPEG support", {"mpeg2_ml", "mpeg2_hl", "mjpeg"}, ACCEPTED),
    ("conquest", "Basic video storage capabilities", {"mpeg2_ml", "h264_hp41"}, PARTIAL),
    ("clearcanvas", "Limited video functionality", {"mpeg2_ml", "h264_hp41"}, PARTIAL),
    ("google-healthcare", "Full DICOM video support", {"mpeg2_ml", "h264_hp41", "hevc_main51"}, ACCEPTED),
    ("aws-healthimaging", "MPEG-2 and H.264 support", {"mpeg2_ml", "mpeg2_hl", "h264_hp41"}, ACCEPTED),
    ("azure-dicom", "Standard DICOM compliance", {"mpeg2_ml", "h264_hp41"}, ClaimStatus.UNKNOWN),
]

#: Products of which no document, code or run tells what they store of video.
WITHOUT_EVIDENCE = {
    "philips-intellispace",
    "ge-centricity",
    "siemens-syngo-plaza",
    "agfa-impax",
    "raccoon",
    "xnat",
    # Viewers: nothing is said of storage.
    "ohif",
    "weasis",
}


def of_analysis(product: str, release: str) -> list[FormatClaim]:
    claims = PRODUCTS[product].release(release).formats
    return [one for one in claims if one.basis.source and one.basis.source.kind is ClaimKind.SOURCE_ANALYSIS]


def test_every_pacs_that_can_be_tested_by_name_has_a_matrix():
    systems = {path.name for path in data_folder("compose").iterdir() if path.is_dir()}
    assert len(systems - {"dcmtk"}) == 12
    assert systems <= set(PRODUCTS)


@pytest.mark.parametrize("claim", CLAIMS)
def test_whatever_is_claimed_has_a_source(claim):
    known = getattr(claim, "status", None) is not ClaimStatus.UNKNOWN
    if known:
        source = claim.basis.source
        assert source is not None
        assert source.title
        assert source.address or source.note or source.unsourced or source.kind is ClaimKind.MEASURED
    assert (claim.basis.confidence is Confidence.NONE) == (not known or claim.basis.source.unsourced)


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_comes_from_the_source_analysis_says_so_and_is_quoted(claim):
    source = claim.basis.source
    if source is None or source.title != SOURCE_ANALYSIS:
        assert source is None or source.kind is not ClaimKind.SOURCE_ANALYSIS
        return
    assert source.kind is ClaimKind.SOURCE_ANALYSIS
    assert source.unsourced
    assert claim.basis.confidence is Confidence.NONE
    assert claim.basis.quote


@pytest.mark.parametrize(("product", "release", "mpeg2", "h264", "mjpeg", "gigabytes"), ANALYSIS_TABLE)
def test_the_table_of_the_source_analysis_is_kept_as_it_stands(product, release, mpeg2, h264, mjpeg, gigabytes):
    said = {format: one.status for one in of_analysis(product, release) for format in one.formats}
    assert said == {
        "mpeg2_ml": mpeg2,
        "mpeg2_hl": mpeg2,
        "h264_hp41": h264,
        "h264_bd41": h264,
        "h264_hp42": h264,
        "mjpeg": mjpeg,
    }
    limits = [one for one in PRODUCTS[product].release(release).claims if isinstance(one, LimitClaim)]
    assert [one.largest for one in limits] == [gigabytes * 10**9]
    assert limits[0].basis.source.kind is ClaimKind.SOURCE_ANALYSIS


@pytest.mark.parametrize(("product", "quote", "formats", "status"), ANALYSIS_LISTS)
def test_the_lists_of_the_source_analysis_are_kept_as_they_stand(product, quote, formats, status):
    claims = [one for one in of_analysis(product, "") if one.topic is Topic.STORAGE]
    assert {(one.status, one.basis.quote) for one in claims} == {(status, quote)}
    assert formats <= {format for one in claims for format in one.formats}


def test_no_product_without_evidence_has_a_cell_that_looks_like_evidence():
    with_evidence = {
        product.id
        for product in PRODUCTS.values()
        for release in product.releases
        for claim in release.claims
        if isinstance(claim, FormatClaim | LimitClaim)
        and getattr(claim, "topic", Topic.STORAGE) is Topic.STORAGE
        and getattr(claim, "status", None) is not ClaimStatus.UNKNOWN
        and claim.basis.trusted(Confidence.LOW)
    }
    assert set(PRODUCTS) - with_evidence == WITHOUT_EVIDENCE


@pytest.mark.parametrize("product", sorted(WITHOUT_EVIDENCE))
def test_unknown_stays_unknown(product):
    for release in PRODUCTS[product].releases:
        view = told(release.claims, ClaimCell("h264_hp41", "video_endoscopic"))
        assert view.status is ClaimStatus.UNKNOWN


def test_claims_that_disagree_are_all_kept():
    statuses = {
        (one.basis.source.key, one.status)
        for release in PRODUCTS["ge-centricity"].releases
        for one in release.formats
        if "h264_hp41" in one.formats and one.status is not ClaimStatus.UNKNOWN
    }
    assert statuses == {("analysis", REFUSED), ("second-analysis", PARTIAL)}


def test_rules_that_the_standard_makes_possible_are_told_per_class():
    release = PRODUCTS["dcm4chee"].release("5.35.0")
    assert told(release.claims, ClaimCell("h264_hp41", "video_photographic")).status is ACCEPTED
    assert told(release.claims, ClaimCell("explicit_le", "video_photographic")).status is REFUSED
    assert told(release.claims, ClaimCell("mpeg2_ml_frag", "video_endoscopic")).status is ACCEPTED


def test_figures_of_the_source_analysis_are_unsourced_claims():
    figures = load_figures()
    assert {one.basis.source.kind for one in figures.values()} == {ClaimKind.SOURCE_ANALYSIS}
    assert {one.basis.confidence for one in figures.values()} == {Confidence.NONE}
    shares = {id_: one.text for id_, one in figures.items() if one.measure is Measure.SHARE}
    assert shares == {
        "share-mpeg2": "at least 95 %",
        "share-h264": "85 to 90 %",
        "share-mjpeg": "at least 98 %",
        "share-hevc": "25 to 30 %",
    }
    assert figures["hour-mpeg2"].text == "2.5 to 5 GB/h"
    assert figures["ratio-hevc"].text == "40 to 80:1"


def test_every_file_names_its_schema_for_editors():
    for path in data_folder("matrices").glob("*.toml"):
        schema = "format-claims.schema.json" if path.name == FIGURES_FILE else "schema.json"
        assert path.read_text("utf-8").splitlines()[0] == f"#:schema ./{schema}"
        assert (path.parent / schema).is_file()


def test_the_wheel_carries_every_data_folder():
    project = tomllib.loads((data_folder("matrices").parent / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["sources"] == {name: f"harness/_data/{name}" for name in wheel["sources"]}
    assert set(DATA_FOLDERS) == set(wheel["sources"])
    assert {pattern.split("/")[1] for pattern in wheel["include"]} == {"harness", *DATA_FOLDERS}
