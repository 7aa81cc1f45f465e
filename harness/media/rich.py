"""A header that holds what archives lose: scripts, long values, private blocks, nesting, limits (PS3.5 6.2, 7.8).

Strategy: one function adds it all to a header that is right already; every value is fixed, plainly synthetic and legal
at its limit, so that whatever comes back in another way was changed on the way.
"""

from typing import Final

from pydicom import Dataset
from pydicom.sr.coding import Code

#: Private creators; two blocks of one group, so that their order matters too (PS3.5 7.8.1).
CREATORS: Final = ("PYTEST-PACS RICH METADATA", "PYTEST-PACS SECOND BLOCK")
GROUP: Final = 0x0099

#: Names in three component groups: single-byte, ideographic, phonetic (PS3.5 6.2.1).
JAPANESE: Final = "Synthetic^Tarou=合成^太郎=ごうせい^たろう"
CYRILLIC: Final = "Синтетический^Иван^Иванович^^"
GREEK: Final = "Συνθετικός^Ιατρός"
UMLAUTS: Final = "Künstlich^Jörg^Ärmel^^Größe"

#: 64 characters, the most of a UID (PS3.5 9.1).
LONG_UID: Final = "1.2.826.0.1.3680043.10.511." + "1234567890" * 3 + "1234567"

#: Repeated up to the limit of a VR; lengths count characters, not bytes (PS3.5 6.2).
_PROSE: Final = "Длинный текст, langer Text, μακρύ κείμενο, 長い文章; "


def enrich(header: Dataset) -> None:
    """Add to the header of a video object what is hard to keep."""
    header.SpecificCharacterSet = "ISO_IR 192"
    _add_names(header)
    _add_limits(header)
    _add_nesting(header)
    _add_private(header)


def filled(length: int) -> str:
    """Text of exactly ``length`` characters in several scripts, without space at its end."""
    text = (_PROSE * (length // len(_PROSE) + 1))[:length]
    return text[:-1] + "." if text.endswith(" ") else text


def _add_names(header: Dataset) -> None:
    header.PatientName = JAPANESE
    header.OtherPatientNames = [CYRILLIC, GREEK, UMLAUTS]
    header.ReferringPhysicianName = CYRILLIC
    header.PerformingPhysicianName = GREEK
    header.OperatorsName = [UMLAUTS, "Synthetic^Hanako=合成^花子=ごうせい^はなこ"]
    header.InstitutionName = "Städtisches Klinikum Größenwörth (synthetisch)"
    header.StudyDescription = "合成ビデオ / Синтетическое видео / συνθετικό"
    header.SeriesDescription = "Überprüfung, не настоящий пациент"
    header.ImageComments = "Zeile eins\r\nстрока два\r\n三行目"


def _add_limits(header: Dataset) -> None:
    """Values as long, or as large, as their VR allows (PS3.5 Table 6.2-1), and empty ones of Type 2."""
    header.ProtocolName = filled(64)  # LO
    header.InstitutionAddress = filled(1024)  # ST
    header.PatientComments = filled(10240)  # LT
    header.StationName = filled(16)  # SH
    header.DeviceUID = LONG_UID  # UI
    header.PatientWeight = "12345678.1234567"  # DS, 16 characters
    header.PatientSize = "1.234567890E-100"  # DS
    header.InstanceNumber = "2147483647"  # IS
    header.AcquisitionNumber = "-2147483648"  # IS
    header.AcquisitionDateTime = "20250101120000.123456+0900"  # DT, 26 characters
    header.ContentTime = "120000.123456"  # TM
    header.PatientAge = "025Y"  # AS
    header.SoftwareVersions = ["1.0", "", "значение три", "値四"]  # with an empty one inside
    header.ImageType = ["ORIGINAL", "PRIMARY", "", "SYNTHETIC"]
    header.PatientBirthDate = header.AccessionNumber = header.SeriesNumber = header.Manufacturer = ""


def _add_nesting(header: Dataset) -> None:
    """Sequences four deep, with text of every script at the bottom, and more than one item on the way."""
    deepest = _code(Code("SYN-3", "99PACSHARNESS", "третий уровень 三段目"))
    context = Dataset()
    context.ValueType = "TEXT"
    context.ConceptNameCodeSequence = [deepest]
    context.TextValue = filled(70_000)  # UT, beyond what a length of 16 bits can say
    protocol = _code(Code("SYN-2", "99PACSHARNESS", "Zweite Ebene"))
    protocol.ProtocolContextSequence = [context]
    first, second = Dataset(), Dataset()
    first.RequestedProcedureID, first.ScheduledProcedureStepID = "SYN-RP", "SYN-SPS"
    first.ScheduledProtocolCodeSequence = [protocol, _code(Code("SYN-2B", "99PACSHARNESS", "Δεύτερο επίπεδο"))]
    second.RequestedProcedureDescription = "二番目の項目"
    header.RequestAttributesSequence = [first, second]
    other = Dataset()
    other.PatientID, other.TypeOfPatientID = "SYNTHETIC-OTHER-ID", "TEXT"
    header.OtherPatientIDsSequence = [other]


def _add_private(header: Dataset) -> None:
    """Two private blocks with elements of many VRs, and a private sequence with a private item (PS3.5 7.8)."""
    block = header.private_block(GROUP, CREATORS[0], create=True)
    item = Dataset()
    inner = item.private_block(GROUP, CREATORS[0], create=True)
    inner.add_new(0x01, "LO", "внутри 内側")
    inner.add_new(0x02, "FD", [1.5, -2.25])
    item.CodeMeaning = "Größe im privaten Element"
    for element, vr, value in (
        (0x01, "LO", filled(64)),
        (0x02, "DS", ["0.5", "-12.25"]),
        (0x03, "US", [0, 65535]),
        (0x04, "SL", -2147483648),
        (0x05, "FD", 0.1),
        (0x06, "OB", bytes(range(256)) * 4),
        (0x07, "UI", LONG_UID),
        (0x08, "AT", 0x7FE00010),
        (0x09, "PN", JAPANESE),
        (0x0A, "UT", filled(66_000)),
        (0x0B, "SQ", [item]),
        (0x0C, "UV", 2**64 - 1),
    ):
        block.add_new(element, vr, value)
    header.private_block(GROUP, CREATORS[1], create=True).add_new(0x01, "SH", "zweiter Block")


def _code(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodeMeaning = code.value, code.meaning
    item.CodingSchemeDesignator = code.scheme_designator
    return item
