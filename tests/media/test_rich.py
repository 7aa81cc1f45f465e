"""The rich header is legal at its limits, is read whole, and every loss in it is seen."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset, config
from pydicom.dataelem import validate_value
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from harness.core.compare import attribute_differences
from harness.core.facts import ObjectFacts
from harness.media.elements import flatten, private_vrs
from harness.media.part10 import Piece, read_header, read_object, write_object
from harness.media.rich import CREATORS, enrich, filled

from .test_part10 import header


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """A written object with the rich header and a tiny payload."""
    dataset = header()
    enrich(dataset)
    (tmp_path / "payload").write_bytes(b"ab")
    write_object(tmp_path / "rich.dcm", dataset, [Piece(tmp_path / "payload", 0, 2)])
    return tmp_path / "rich.dcm"


def written_implicit(dataset: Dataset) -> Dataset:
    """The data set as a peer has it who keeps objects in Implicit VR: private elements have lost their VRs."""
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    write_dataset(buffer, dataset)
    buffer.seek(0)
    return read_dataset(buffer, True, True)


def all_elements(dataset: Dataset):
    for element in dataset:
        yield element
        if element.VR == "SQ":
            for item in element.value:
                yield from all_elements(item)


def test_every_value_is_legal():
    dataset = header()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enrich(dataset)
    for element in all_elements(dataset):
        for value in element.value if element.VM > 1 and element.VR != "SQ" else [element.value]:
            if element.VR not in ("SQ", "OB") and value not in ("", None):
                validate_value(
                    element.VR, value if element.VR in ("US", "SL", "FD", "UV", "AT") else str(value), config.RAISE
                )


@pytest.mark.parametrize(
    ("path", "length"),
    [
        ("ProtocolName", 64),
        ("StationName", 16),
        ("InstitutionAddress", 1024),
        ("PatientComments", 10240),
        ("DeviceUID", 64),
        ("PatientWeight", 16),
        ("AcquisitionDateTime", 26),
    ],
)
def test_values_are_as_long_as_their_vr_allows(rich, path, length):
    assert len(read_object(rich).by_path[path]) == length


def test_filled_text_has_no_space_that_padding_rules_would_drop():
    assert all(len(filled(n)) == n and not filled(n).endswith(" ") for n in range(1, 200))


def test_all_scripts_and_levels_are_read(rich):
    has = read_object(rich).by_path
    assert has["PatientName"].endswith("=合成^太郎=ごうせい^たろう")
    deep = "RequestAttributesSequence[0].ScheduledProtocolCodeSequence[0].ProtocolContextSequence[0]"
    assert has[f"{deep}.ConceptNameCodeSequence[0].CodeMeaning"] == "третий уровень 三段目"
    assert len(has[f"{deep}.TextValue"]) == 70_000
    assert has["(0099,0010)"], has["(0099,0011)"] == CREATORS
    assert has["(0099,100B)[0].(0099,1001)"] == "внутри 内側"
    assert has["SoftwareVersions"] == "1.0\\\\значение три\\値四"
    assert has["SeriesNumber"] == has["PatientBirthDate"] == ""


def changed(facts: ObjectFacts, path: str, value: str | None) -> ObjectFacts:
    """The facts with one attribute changed, or gone where ``value`` is None."""
    rest = tuple(
        (p, value if p == path and value is not None else v)
        for p, v in facts.attributes
        if p != path or value is not None
    )
    return replace(facts, attributes=rest)


def test_the_loss_or_change_of_any_attribute_is_a_difference_with_its_path(rich):
    facts = read_object(rich)
    for path, value in facts.attributes:
        gone, _ = attribute_differences(facts, changed(facts, path, None), announced=False)
        assert [text.split(" ")[0] for text in gone] == [path]
        wrong, allowed = attribute_differences(facts, changed(facts, path, f"{value}?"), announced=False)
        assert [text.split(" ")[0] for text in wrong or allowed] == [path]
        assert bool(wrong) is (path != "SpecificCharacterSet")


def test_a_difference_of_long_values_is_short_and_tells_where(rich):
    facts = read_object(rich)
    (text,), _ = attribute_differences(
        facts, changed(facts, "PatientComments", facts.by_path["PatientComments"][:4096]), announced=False
    )
    assert len(text) < 250
    assert text.endswith("different from character 4097 on")


def test_names_and_numbers_may_be_written_in_several_ways(rich):
    facts = read_object(rich)
    for path, value in (
        ("ReferringPhysicianName", "Синтетический^Иван^Иванович"),
        ("OtherPatientNames", "Синтетический^Иван^Иванович\\Συνθετικός^Ιατρός\\Künstlich^Jörg^Ärmel^^Größe="),
        ("PatientWeight", "12345678.1234567"),
        ("PatientSize", "1.23456789E-100"),
        ("AcquisitionNumber", "-2147483648 "),
    ):
        assert attribute_differences(facts, changed(facts, path, value), announced=False) == ((), ())


def test_private_elements_without_their_vr_are_read_with_the_vr_that_was_sent(rich):
    sent = read_header(rich)
    expected, vrs = dict(flatten(read_header(rich))), private_vrs(sent)
    assert vrs["(0099,100B)[0].(0099,1002)"] == "FD"
    implicit = written_implicit(sent)
    assert set(private_vrs(implicit).values()) == {"UN"}
    assert dict(flatten(implicit, vrs)) == expected
    assert dict(flatten(implicit)) != expected


def test_a_hostile_number_is_no_number():
    facts = ObjectFacts(*([""] * 3), (("PatientWeight", "1"),), *([None] * 11))  # type: ignore[arg-type]
    wrong, _ = attribute_differences(facts, changed(facts, "PatientWeight", "1E999999999"), announced=False)
    assert wrong == ("PatientWeight was '1', is '1E999999999'",)
