"""A product as its claims tell it: names, what stops a start, what was assumed, and what it then answers."""

from contextlib import contextmanager

import pytest

from harness.clients.dimse import DimseClient
from harness.core.claims import Service
from harness.core.endpoint import EvidenceClass
from harness.core.exchange import ContextResult
from harness.core.restrictions import UnknownPolicy
from harness.errors import UnknownName, UsageError
from harness.targets.emulated import AS_CLAIMED, EmulatedTarget, Emulation, all_emulated, find_emulated, lacks
from harness.targets.factory import chosen_targets, make_target
from harness.targets.target import Place
from tests.forked import forking

REFUSE, ACCEPT = (Emulation(policy) for policy in UnknownPolicy)
ENDO, MPEG2, H264 = "1.2.840.10008.5.1.4.1.1.77.1.1.1", "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.102"
TWIN = f"{H264}.1"


@contextmanager
def started(tmp_path, name, emulation=AS_CLAIMED):
    target = make_target(name, emulation=emulation)
    try:
        with forking():
            yield target, target.start(Place("test", tmp_path / "scratch", tmp_path / "evidence"))
    finally:
        target.stop()


def answers(endpoint, *syntaxes):
    client = DimseClient(endpoint)
    return [client.negotiate([(ENDO, syntax)]).contexts[0].result for syntax in syntaxes]


def test_a_product_without_a_release_is_the_one_told_last():
    assert find_emulated("emulated:conquest").name == "emulated:conquest@1.5.0e"
    assert find_emulated("emulated:orthanc@1.12.7").release.name == "1.12.7"
    assert find_emulated("emulated:dcmtk@3.6.7:storescp-xa").release.configuration == "storescp +xa"


def test_names_are_their_own_and_fit_into_shells_and_folders():
    names = [one.name for one in all_emulated()]
    assert len(names) == len(set(names)) > 20
    assert not [name for name in names if set(name) & set(" /\\'\"$&#*?")]
    assert [find_emulated(name).name for name in names] == names


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("emulated:weasis", UnknownName, "known: agfa-impax"),
        ("emulated:imaginary", UnknownName, "known: agfa-impax"),
        ("emulated:conquest@9", UnknownName, r"known: emulated:conquest@1\.5\.0e"),
        ("emulated:dcmtk", UsageError, r"name a release and its configuration: emulated:dcmtk@3\.6\.7:storescp"),
    ],
)
def test_a_wrong_name_is_told_before_anything_starts(tmp_path, name, error, message):
    with pytest.raises(error, match=message):
        chosen_targets([name], start=tmp_path)


def test_what_is_not_known_stops_the_start_until_a_policy_is_chosen():
    with pytest.raises(UsageError, match=r"C-ECHO, C-FIND.*12 of 95.*--emulate-unknown=refuse or accept"):
        make_target("emulated:conquest")
    assert make_target("emulated:conquest", emulation=REFUSE).evidence_class is EvidenceClass.EMULATED


@pytest.mark.parametrize("name", ["emulated:orthanc@1.12.7", "emulated:orthanc@1.10.1", "emulated:dcm4chee"])
def test_what_is_known_in_full_needs_no_policy(name):
    assert make_target(name).assumed("h264_hp41") == ()


def test_everything_can_be_emulated_with_either_policy():
    for one in all_emulated():
        for emulation in (REFUSE, ACCEPT, Emulation(UnknownPolicy.REFUSE, unsourced=True)):
            assert EmulatedTarget(one.name, emulation).id == one.name


def test_emulated_orthanc_says_who_it_is_and_by_which_sources(tmp_path):
    with started(tmp_path, "emulated:orthanc@1.12.7") as (target, endpoint):
        identity = target.identity()
        assert endpoint.aet == "ORTHANC"
        assert answers(endpoint, H264, TWIN) == [ContextResult.ACCEPTED, ContextResult.ABSTRACT_SYNTAX]
        assert target.web.wado_uri.endswith("/wado")
        assert target.rest is None
    assert (identity.product, identity.version) == ("Orthanc as claimed (emulated)", "1.12.7")
    assert identity.evidence_class is EvidenceClass.EMULATED
    details = dict(identity.details)
    assert details["unknown cells"] == "none"
    assert details["assumed 1"] == "largest object by C-STORE (no source tells): no limit is played"
    assert details["source stow"].startswith("A small object of every format")
    for file in (tmp_path / "evidence").iterdir():
        assert "EMULATED: Orthanc 1.12.7 as claimed" in file.read_text()


def test_a_product_without_dimse_has_dicomweb_only(tmp_path):
    with started(tmp_path, "emulated:azure-dicom", REFUSE) as (target, endpoint):
        assert endpoint is None
        assert (target.web.base.startswith("http"), target.web.wado_uri) == (True, None)


def test_a_product_of_which_nothing_is_known_answers_and_refuses(tmp_path):
    with started(tmp_path, "emulated:ge-centricity", REFUSE) as (target, endpoint):
        assert answers(endpoint, MPEG2, H264) == [ContextResult.ABSTRACT_SYNTAX] * 2
        assert target.web is None
        assert target.state().alive


def test_unsourced_statements_count_only_where_that_was_asked_for(tmp_path):
    loose = Emulation(UnknownPolicy.REFUSE, unsourced=True)
    with started(tmp_path, "emulated:ge-centricity", loose) as (target, endpoint):
        assert answers(endpoint, MPEG2, H264) == [ContextResult.ACCEPTED, ContextResult.TRANSFER_SYNTAXES]
        assert dict(target.identity().details)["least confidence of claims"] == "none: unsourced statements count too"
        assert "emulated: unsourced statements count as claims" in target.assumed("mpeg2_ml")


@pytest.mark.parametrize(("emulation", "word"), [(REFUSE, "refused"), (ACCEPT, "accepted")])
def test_what_was_assumed_is_told_for_each_format(emulation, word):
    target = make_target("emulated:conquest", emulation=emulation)
    services, mjpeg = target.assumed("mjpeg")
    assert services.startswith(f"emulated: assumed to be {word}, since no trusted source tells: C-ECHO, C-FIND")
    assert mjpeg == (
        f"emulated: assumed to be {word}: C-STORE of mjpeg in mf_true_color_sc, us_multiframe (no source speaks of it)"
    )
    assert target.assumed("h264_hp41") == (services,)
    assert target.assumed(None)[1:] == (f"emulated: assumed to be {word}: 12 combinations of syntax and SOP class",)


def test_what_is_lacking_does_not_count_what_a_silent_service_would_take():
    restrictions = find_emulated("emulated:ge-centricity").restrictions()
    assert Service.STORE in restrictions.silent
    assert "combinations" not in lacks(restrictions)
