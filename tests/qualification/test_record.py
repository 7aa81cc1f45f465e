"""A record is canonical, carries its own hash, and does not count once anything in it was changed."""

import json
from dataclasses import replace

import pytest
import rfc8785

from harness.core.plain import plain
from harness.core.qualification.operation import Operation, answered
from harness.errors import RecordError
from harness.report.qualification.page import render, write_pages
from harness.report.qualification.record import read, sealed, write
from tests.qualification.values import FAULT, ROWS, record


def test_a_record_comes_back(tmp_path):
    made = record()
    path = write(made, tmp_path)
    assert read(Operation, path.read_bytes(), "oq.json") == made


def test_one_changed_byte_is_found_wherever_it_is(tmp_path):
    content = write(record(), tmp_path).read_bytes()
    for place in range(0, len(content), 7):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        with pytest.raises(RecordError):
            read(Operation, changed, "oq.json")


def forged(**changes):
    """A record changed together with its own hash."""
    return rfc8785.dumps(plain(sealed(replace(record(), **changes))))


def test_a_verdict_that_does_not_follow_from_the_rows_is_found():
    missed = (*ROWS[2:], ROWS[0], answered(FAULT, "PASS", "why"))
    for content, words in (
        (forged(rows=missed), "the counts are not"),
        (forged(rows=ROWS[1:]), "rows are missing"),
        (forged(verdict="FAIL"), "the verdict is not"),
        (forged(detection=()), "the detection matrix is not"),
        (forged(rows=(replace(ROWS[0], seen="FAIL"), *ROWS[1:])), "the outcome of a row is not"),
        (forged(schema="pytest-pacs/oq/0"), "schema is"),
    ):
        with pytest.raises(RecordError, match=words):
            read(Operation, content, "oq.json")


def test_a_partial_check_cannot_pass_for_a_whole_one():
    partial = record(ROWS[1:], partial="partial: on request")
    with pytest.raises(RecordError, match="rows are missing"):
        read(Operation, rfc8785.dumps(plain(sealed(replace(partial, partial="")))), "oq.json")


def test_the_same_values_in_another_form_are_refused():
    content = json.dumps(plain(record()), indent=1).encode()
    with pytest.raises(RecordError, match="canonical"):
        read(Operation, content, "oq.json")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b'{"schema": 1}', b"[" * 100_000])
def test_what_is_no_record_is_refused_with_its_place(content):
    with pytest.raises(RecordError, match=r"^oq-1/oq\.json: "):
        read(Operation, content, "oq-1/oq.json")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="--into"):
        write(record(), tmp_path / "file")


def test_the_page_shows_verdict_detection_and_what_was_not_as_expected():
    page = render(record((*ROWS[2:], answered(FAULT, "PASS", "<b>bold</b>"))))
    assert '<p class="word">FAIL</p>' in page
    assert "no check" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold" not in page
    assert "<script" not in page
    for word in ("certified", "validated", "compliant", "guaranteed", "proven"):
        assert word not in page.lower()


def test_pages_lie_beside_the_record(tmp_path):
    names = {path.name for path in write_pages(record(), tmp_path)}
    assert names == {"oq.html", "oq.pdf"}
    assert (tmp_path / "oq.pdf").read_bytes().startswith(b"%PDF-")
