"""Runs and claims side by side: classes apart, claims held against what was measured only."""

import pytest

from harness.catalogue.claims import load_products
from harness.catalogue.read import load_formats
from harness.core.claims import Service
from harness.core.endpoint import EvidenceClass
from harness.core.naming import named
from harness.core.results import Outcome
from harness.core.side_by_side import compatibility
from harness.core.standing import Standing
from tests.core.claim_values import ACCEPTED, PARTIAL, REFUSED, UNKNOWN, claim, product, release
from tests.core.run_values import CLASSES, REFUSED_THERE, STORED, run, seen


def matrix(*runs, claims=(), **how):
    return compatibility([(one, "") for one in runs], {one.id: one for one in claims}, (), **how)


def cell(*found, claims=(), **about):
    (rows,) = matrix(run(*found, **about), claims=claims, everything=False).products
    return rows.seen[0].cells["h264_hp41"]


def orthanc(*claims, name="1.12.7", **about):
    return product("Orthanc", release(name, *claims, **about))


def standing(*found, claims):
    against = cell(*found, claims=claims).against_claims
    assert against is not None
    return against


def test_claim_of_somebody_else_is_confirmed():
    assert standing(*STORED, claims=[orthanc(claim(ACCEPTED))]) == (Standing.CONFIRMED, 2, 2)


def test_broken_weighs_more_than_confirmed():
    claims = [orthanc(claim(ACCEPTED, by=None))]
    assert standing(*REFUSED_THERE, seen("STO-STOW", "PASS"), claims=claims) == (Standing.BROKEN, 2, 3)


def test_better_than_claimed():
    assert standing(*STORED, claims=[orthanc(claim(REFUSED))])[0] is Standing.BETTER


@pytest.mark.parametrize("status", [ACCEPTED, REFUSED])
def test_measurement_confirms_and_breaks_nothing(status):
    found = cell(*STORED, claims=[orthanc(claim(status, kind="measured"))])
    assert found.against_claims == (Standing.UNCLAIMED, 2, 2)
    assert (found.as_before, found.differs_from_before) == (status is ACCEPTED, status is REFUSED)


def test_measurement_does_not_outweigh_the_claim_that_is_tested():
    claims = [orthanc(claim(REFUSED, kind="measured"), claim(ACCEPTED, kind="second-hand", confidence="low"))]
    assert standing(*REFUSED_THERE, claims=claims)[0] is Standing.BROKEN


@pytest.mark.parametrize("kind", [EvidenceClass.EMULATED, EvidenceClass.SELF_TEST])
def test_nothing_but_a_real_product_is_held_against_claims(kind):
    found = cell(*STORED, claims=[orthanc(claim(ACCEPTED))], kind=kind)
    assert (found.against_claims, found.held, found.stored) == (None, (), Outcome.PASS)


def test_classes_of_one_product_keep_rows_of_their_own():
    real = run(*STORED)
    played = run(*REFUSED_THERE, kind=EvidenceClass.EMULATED, target="emulated:orthanc", run_id="run-2")
    (rows,) = matrix(played, real).products
    assert [(row.source.evidence_class.value, row.cells["h264_hp41"].stored) for row in rows.seen] == [
        ("MEASURED", Outcome.PASS),
        ("EMULATED", Outcome.UNSUPPORTED),
    ]


def test_releases_stand_side_by_side_in_their_order():
    runs = [run(*STORED, version=one, run_id=one, target=one) for one in ("1.12.7", "1.9.7", "1.10.1")]
    (rows,) = matrix(*runs).products
    assert [row.source.version for row in rows.seen] == ["1.9.7", "1.10.1", "1.12.7"]


def test_claims_on_another_release_do_not_count():
    assert standing(*STORED, claims=[orthanc(claim(ACCEPTED), name="1.13.0")])[0] is Standing.UNCLAIMED


@pytest.mark.parametrize("shards", [("shard-7",), ()])
def test_machine_is_told(shards):
    (rows,) = matrix(run(*STORED, shards=shards)).products
    assert rows.seen[0].source.machine == "Linux"


def test_provenance_of_a_joined_run_is_that_of_its_shard():
    (rows,) = matrix(run(*STORED, run_id="joined", shards=("shard-7",))).products
    source = rows.seen[0].source
    assert (source.run_id, source.target, source.version, source.date) == ("shard-7", "orthanc", "1.12.7", "2026-11-22")


def test_k_of_n_leaves_out_what_does_not_apply():
    found = cell(*STORED, seen("PLY-SOUND", "NOT_APPLICABLE"), seen("WEB-TYPE", "FAIL"))
    assert (found.passed, found.applicable, found.standing.value) == (3, 4, "FAIL")


def test_stored_by_one_service_only_is_said():
    assert cell(*REFUSED_THERE, seen("STO-STOW", "PASS")).only_by == (Service.STOW,)
    assert cell(*STORED, seen("STO-STOW", "PASS")).only_by == ()


@pytest.mark.parametrize(
    ("found", "stored"),
    [
        ((*REFUSED_THERE, seen("STO-STOW", "NOT_RUN")), Outcome.UNSUPPORTED),
        ((REFUSED_THERE[0], seen("STO-ACK", "PASS", variant=CLASSES[1])), None),
        ((seen("STO-ACK", "PASS", variant=CLASSES[0]), seen("STO-STOW", "UNSUPPORTED")), None),
        ((seen("STO-STOW", "UNSUPPORTED"),), Outcome.UNSUPPORTED),
        ((seen("STO-STOW", "NOT_APPLICABLE"),), None),
    ],
)
def test_refused_is_only_what_was_refused_in_every_class(found, stored):
    assert cell(*found).stored is stored


def test_service_that_is_not_offered_makes_the_other_no_only_one():
    assert cell(*STORED, seen("STO-STOW", "NOT_APPLICABLE")).only_by == ()


def test_all_claims_on_a_cell_are_kept_and_contradictions_told():
    claims = orthanc(claim(ACCEPTED), claim(REFUSED, kind="second-hand", confidence="low"))
    (rows,) = matrix(run(*STORED), claims=[claims]).products
    told = rows.claimed[0].cells["h264_hp41"]
    assert (told.status, told.contradicted, len(told.claims)) == (ACCEPTED, True, 2)


def test_claim_without_a_source_leaves_the_cell_unknown_and_is_shown():
    claims = orthanc(claim(ACCEPTED, confidence="none"))
    (rows,) = matrix(run(*STORED), claims=[claims]).products
    told = rows.claimed[0].cells["h264_hp41"]
    assert (told.status, told.untrusted) == (UNKNOWN, (ACCEPTED,))


def test_services_are_told_apart_in_what_is_claimed():
    claims = orthanc(claim(REFUSED), claim(PARTIAL, by=(Service.STOW,)))
    (rows,) = matrix(run(*STORED), claims=[claims]).products
    assert rows.claimed[0].cells["h264_hp41"].statuses == (PARTIAL, REFUSED)


def test_products_that_no_run_has_are_shown_where_asked_for():
    other = product("Other", release("1", claim(ACCEPTED)))
    assert [one.id for one in matrix(run(*STORED), claims=[other]).products] == ["orthanc", "other"]
    assert [one.id for one in matrix(run(*STORED), claims=[other], everything=False).products] == ["orthanc"]


def test_every_real_matrix_has_a_row_for_each_release_and_a_cell_for_each_format():
    claims = load_products()
    made = compatibility([], claims, load_formats().values())
    assert [one.id for one in made.products] == list(claims)
    for rows in made.products:
        assert [(one.name, one.configuration) for one in rows.claimed] == [
            (one.name, one.configuration) for one in claims[rows.id].releases
        ]
        assert all(set(row.cells) == {one.id for one in made.formats} for row in rows.claimed)


@pytest.mark.parametrize(
    ("told", "runtime", "id_", "configuration"),
    [
        ("Orthanc", "container", "orthanc", ""),
        ("DCMTK dcmqrscp", "container", "dcmtk", "dcmqrscp with compose/dcmtk"),
        ("DCMTK dcmqrscp", "native", "dcmtk", "dcmqrscp with compose/dcmtk"),
        ("DCMTK dcmqrscp", "remote", "dcmtk", ""),
        ("AWS HealthImaging", "remote", "aws-healthimaging", ""),
        ("Azure Health Data Services DICOM service", "remote", "azure-dicom", ""),
        ("Some PACS", "remote", "somepacs", ""),
        ("", "remote", "unnamed", ""),
    ],
)
def test_target_finds_the_matrix_of_its_product(told, runtime, id_, configuration):
    record = run(product=told, runtime=runtime).targets[0]
    found = named(record, load_products())
    assert (found.id, found.configuration) == (id_, configuration)


def test_claims_of_our_own_configuration_are_held_against_it():
    claims = product("DCMTK", release("3.6.7", claim(ACCEPTED), configuration="dcmqrscp with compose/dcmtk"))
    found = cell(*STORED, product="DCMTK dcmqrscp", version="3.6.7", claims=[claims])
    assert found.against_claims == (Standing.CONFIRMED, 2, 2)
    assert {one.seen.cell.sop_class for one in found.held} == set(CLASSES)
