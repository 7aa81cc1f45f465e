"""Figures over products are k of n named, dated releases, and nothing else."""

from harness.catalogue.claims import load_products
from harness.catalogue.read import load_formats
from harness.core.claims import Confidence, Topic
from harness.core.tally import NO_DATE, NOTHING_TOLD, tally
from tests.core.claim_values import ACCEPTED, REFUSED, claim, product, release

CLASSES = ("video_endoscopic", "us_multiframe")


def count(*products, **how):
    return tally(products, "h264_hp41", CLASSES, **how)


def test_a_statement_names_every_release_and_its_date():
    found = count(
        product("A", release("1.0", claim(ACCEPTED), date="2024-05")),
        product("B", release("2.0", claim(REFUSED, date="2023-01-02"))),
        product("C", release("3.0", claim(ACCEPTED))),
        product("D", release("4.0", claim(ACCEPTED, kind="source-analysis", confidence="none"), date="2020")),
    )
    assert (found.k, found.n) == (1, 2)
    assert found.text == (
        "h264_hp41, storage: accepted by 1 of 2 named, dated releases; accepted: A 1.0 (2024-05); "
        f"refused: B 2.0 (as told 2023-01-02); left out, {NO_DATE}: C 3.0; left out, {NOTHING_TOLD}: D"
    )


def test_a_statement_is_never_a_percentage():
    products = load_products().values()
    for format in load_formats().values():
        classes = [one.id for one in format.sop_classes]
        for least in Confidence:
            assert "%" not in tally(products, format.id, classes, least=least).text


def test_the_newest_dated_release_of_a_product_counts_once():
    old, new = release("1.0", claim(REFUSED), date="2020"), release("2.0", claim(ACCEPTED), date="2024")
    for releases in ((old, new), (new, old)):
        found = count(product("A", *releases))
        assert [one.name for one in found.counted] == ["A 2.0 (2024)"]


def test_a_claim_on_no_stated_release_is_not_counted():
    assert count(product("A", release("", claim(ACCEPTED), date="2024"))).left_out == (("A", NOTHING_TOLD),)


def test_a_product_that_was_configured_for_it_is_not_counted():
    configured = release("1.0", claim(ACCEPTED), date="2024", configuration="with an option")
    assert count(product("A", configured)).left_out == (("A", NOTHING_TOLD),)


def test_one_sop_class_in_which_it_is_taken_is_enough():
    claims = claim(REFUSED, classes=("video_endoscopic",)), claim(ACCEPTED, classes=("us_multiframe",))
    assert count(product("A", release("1.0", *claims, date="2024"))).k == 1


def test_a_product_without_a_word_on_the_topic_is_not_mentioned():
    viewer = product("V", release("1.0", claim(ACCEPTED, topic=Topic.PLAYBACK), date="2024"))
    assert count(viewer).text == "h264_hp41, storage: no dated release tells"


def test_what_the_matrices_say_of_mpeg2_at_main_level():
    found = tally(load_products().values(), "mpeg2_ml", ("video_endoscopic", "video_microscopic", "video_photographic"))
    refused = {one.product for one in found.counted if one.status is REFUSED}
    assert {"ClearCanvas", "Conquest DICOM server", "Synapse PACS"} <= refused
    assert found.k < found.n
