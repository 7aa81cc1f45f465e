"""An approval counts where it is of the protocol that ran, by somebody, and before the run."""

from dataclasses import replace

import pytest

from harness.core.verification.approval import approval_problems
from harness.core.verification.dossier import Approval, Dossier, Person
from tests.core.run_values import protocol, run, seen

RUN = replace(run(seen("STO-ACK", "PASS")), protocol=protocol(("STO-ACK",)))
FITS = Approval("PVT", "1", "AB" * 32, Person("A. Person"), "2026-11-22T09:59:59+00:00")


def problems(approval, of=RUN):
    return approval_problems(of, Dossier(approval=approval))


def test_no_approval_is_no_problem_of_an_approval():
    assert problems(None) == ()


def test_an_approval_that_fits_has_no_problem():
    assert problems(FITS) == ()
    assert problems(replace(FITS, approved="2026-11-22T12:59:59+03:00")) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"protocol": "OTHER"}, "the id 'OTHER'"),
        ({"version": "2"}, "the version '2'"),
        ({"sha256": "cd" * 32}, "the SHA-256"),
        ({"approved_by": Person(role="manager")}, "who approved"),
        ({"approved": "2026-11-22T10:00:00Z"}, "not before the run started"),
        ({"approved": "2026-11-22T09:59:59-01:00"}, "not before the run started"),
        ({"approved": "2026-11-22T09:00:00"}, "no offset"),
        ({"approved": "yesterday"}, "cannot be read"),
    ],
)
def test_an_approval_that_does_not_fit_says_why(change, words):
    found = problems(replace(FITS, **change))
    assert len(found) == 1
    assert words in found[0]


def test_a_start_without_an_offset_shows_no_order():
    assert "without its offset" in problems(FITS, replace(RUN, started="2026-11-22T10:00:00"))[0]


def test_an_approval_needs_a_protocol_to_be_held_against():
    assert "does not record a protocol" in problems(FITS, replace(RUN, protocol=None))[0]
