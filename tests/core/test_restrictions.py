"""What a PACS of ours may play follows from claims, and what they leave open is listed."""

import pytest

from harness.catalogue.claims import load_products
from harness.catalogue.read import load_formats, load_sop_classes
from harness.core.claims import (
    UNCOMPRESSED,
    Confidence,
    LimitClaim,
    Service,
    ServiceClaim,
    Setting,
    SettingClaim,
)
from harness.core.restrictions import Offer, UnknownPolicy, restrictions_of, settle
from harness.errors import UnknownName
from tests.core.claim_values import ACCEPTED, PARTIAL, REFUSED, basis, claim, product, release

PRODUCTS = load_products()
FORMATS, CLASSES = tuple(load_formats()), tuple(load_sop_classes())
FRAGMENTABLE = {id_ for id_ in FORMATS if id_.endswith("_frag")}
ENDO = "video_endoscopic"


def of(name, version, **how):
    return restrictions_of(PRODUCTS[name], version, formats=FORMATS, classes=CLASSES, **how)


def of_claims(*claims, **how):
    pacs = product("P", release("1.0", *claims))
    return restrictions_of(pacs, "1.0", formats=("h264_hp41", "mpeg2_ml"), classes=(ENDO, "us_multiframe"), **how)


def test_orthanc_leaves_nothing_open_that_an_emulated_one_must_answer():
    orthanc = of("orthanc", "1.12.7")
    assert orthanc.complete
    assert orthanc.unknown == (
        "largest object by C-STORE (no source tells)",
        "largest object by STOW-RS (no source tells)",
    )
    by_store = {offer for offer in orthanc.taken if offer.service is Service.STORE}
    assert {offer.syntax for offer in by_store} == {*FORMATS, *UNCOMPRESSED} - FRAGMENTABLE
    assert {offer.syntax for offer in orthanc.refused} == FRAGMENTABLE
    assert (orthanc.setting(Setting.AE_TITLE), orthanc.setting(Setting.MAX_PDU)) == ("ORTHANC", 16384)
    assert (orthanc.setting(Setting.SYNTAX_REFUSAL), orthanc.setting(Setting.CLASS_REFUSAL)) == (3, 3)


def test_dcm4chee_tells_classes_and_services_apart():
    arc = of("dcm4chee", "5.35.0")
    assert arc.complete
    assert Offer(Service.STORE, "h264_hp41", "video_photographic") in arc.taken
    assert Offer(Service.STORE, "h264_hp41", "mf_true_color_sc") in arc.refused
    assert Offer(Service.STOW, "h264_hp41", "mf_true_color_sc") in arc.taken
    assert Offer(Service.STORE, "explicit_le", "video_photographic") in arc.refused
    assert dict(arc.largest) == {Service.STORE: None, Service.STOW: 10**10}


def test_a_cloud_service_without_dimse_takes_nothing_by_it():
    azure = of("azure-dicom", "v2")
    assert azure.services == {Service.STOW, Service.QIDO, Service.WADO}
    assert {offer.service for offer in azure.taken | azure.refused} == {Service.STOW}
    assert dict(azure.largest) == {Service.STOW: 4 * 10**9}
    assert azure.unknown == ("whether WADO-URI is offered (no source tells)",)


def test_a_class_of_which_no_syntax_is_taken_is_a_refused_class():
    synapse = of("fujifilm-synapse", "7.4.2+")
    assert synapse.refused_classes == {(Service.STORE, "video_microscopic"), (Service.STORE, "video_photographic")}


@pytest.mark.parametrize("name", ["ge-centricity", "philips-intellispace"])
def test_unsourced_statements_play_only_where_they_are_let_in(name):
    version = PRODUCTS[name].releases[-1].name
    assert not of(name, version).taken
    loose = of(name, version, least=Confidence.NONE)
    assert Offer(Service.STORE, "mpeg2_ml", ENDO) in loose.taken
    assert {source.unsourced for source in loose.sources if source.key != "stentor"} == {True}


def test_a_statement_on_the_very_release_counts_before_one_on_the_product():
    centricity = of("ge-centricity", "7.0", least=Confidence.NONE)
    assert Offer(Service.STORE, "h264_hp41", ENDO) in centricity.refused


def test_every_offer_is_taken_refused_or_open():
    for pacs in PRODUCTS.values():
        for one in pacs.releases:
            found = restrictions_of(
                pacs, one.name, formats=FORMATS, classes=CLASSES, configuration=one.configuration, least=Confidence.NONE
            )
            opened = [offer for offer, _ in found.open]
            together = [*found.taken, *found.refused, *opened]
            asked = [service for service in (Service.STORE, Service.STOW) if service in found.services | found.silent]
            assert len(together) == len(set(together)) == len(asked) * len(CLASSES) * (len(FORMATS) + 2)


def test_a_partial_claim_is_left_open_with_its_note():
    found = of_claims(claim(PARTIAL, note="with a plug-in"))
    why = dict(found.open)
    assert why[Offer(Service.STORE, "h264_hp41", ENDO)] == "claimed in part: with a plug-in"
    assert why[Offer(Service.STORE, "mpeg2_ml", ENDO)] == "no source speaks of it"
    assert "C-STORE of h264_hp41 in video_endoscopic, us_multiframe (claimed in part: with a plug-in)" in found.unknown


def test_claims_that_contradict_each_other_are_left_open():
    found = of_claims(claim(ACCEPTED), claim(REFUSED))
    assert (
        dict(found.open)[Offer(Service.STORE, "h264_hp41", ENDO)] == "claims of the same weight contradict each other"
    )


def test_a_claim_on_storage_says_that_there_is_storage():
    assert of_claims(claim(ACCEPTED, by=None)).services == {Service.STORE}
    assert of_claims(claim(ACCEPTED, by=(Service.STOW,))).services == {Service.STOW}
    denied = ServiceClaim(REFUSED, (Service.STORE,), basis())
    assert of_claims(claim(ACCEPTED, by=None), denied).services == frozenset()


def test_of_two_limits_of_the_same_weight_the_smaller_is_played():
    limits = [LimitClaim(largest, (Service.STORE,), basis()) for largest in (None, 4, 10)]
    assert dict(of_claims(claim(ACCEPTED), *limits).largest) == {Service.STORE: 4}
    better = LimitClaim(10, (Service.STORE,), basis(kind="measured"))
    assert dict(of_claims(claim(ACCEPTED), *limits, better).largest) == {Service.STORE: 10}


def test_settings_that_contradict_each_other_are_unknown():
    pdus = [SettingClaim(Setting.MAX_PDU, value, basis()) for value in (16384, 32768)]
    found = of_claims(claim(ACCEPTED), *pdus)
    assert found.setting(Setting.MAX_PDU) is None
    assert "max_pdu (no source tells)" in found.unknown


@pytest.mark.parametrize("policy", UnknownPolicy)
def test_a_policy_fills_what_is_open_and_says_so(policy):
    found = of_claims(claim(ACCEPTED, classes=(ENDO,)))
    filled = settle(found, policy)
    accept = policy is UnknownPolicy.ACCEPT
    assert not found.complete
    assert filled.complete
    assert (Offer(Service.STORE, "mpeg2_ml", ENDO) in filled.taken) is accept
    assert (Offer(Service.STORE, "mpeg2_ml", ENDO) in filled.refused) is not accept
    assert Offer(Service.STORE, "h264_hp41", ENDO) in filled.taken
    assert (Service.FIND in filled.services) is accept
    assert len(filled.assumed) == len(found.unknown)
    word = "accepted" if accept else "refused"
    assert f"whether C-FIND is offered (no source tells): {word}" in filled.assumed
    assert "largest object by C-STORE (no source tells): no limit is played" in filled.assumed
    assert "syntax_refusal (no source tells): 4" in filled.assumed
    assert (filled.setting(Setting.SYNTAX_REFUSAL), filled.setting(Setting.CLASS_REFUSAL)) == (4, 3)


def test_a_policy_changes_nothing_that_is_claimed():
    refusal = SettingClaim(Setting.SYNTAX_REFUSAL, 3, basis())
    found = of_claims(claim(REFUSED), refusal)
    filled = settle(found, UnknownPolicy.ACCEPT)
    assert found.refused <= filled.refused
    assert filled.setting(Setting.SYNTAX_REFUSAL) == 3


def test_a_release_of_which_nothing_is_claimed_is_named_with_what_is_known():
    with pytest.raises(UnknownName, match=r"unknown release of Orthanc '0.9'; known: 1.10.1, 1.12.7, 1.13.0, unstated"):
        of("orthanc", "0.9")
