"""Row D6: attributes and modules of the object definitions that carry video (PS3.3 A.32.5 to A.32.7, A.8.5, A.7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.core.facts import ObjectFacts
from harness.core.formats import Format
from harness.core.validation.rules import EVERY, Rule, Seen, Severity
from harness.core.validation.texts import has_sequence

_CLASSES = "1.2.840.10008.5.1.4.1.1."
ENDOSCOPIC, MICROSCOPIC, PHOTOGRAPHIC = _CLASSES + "77.1.1.1", _CLASSES + "77.1.2.1", _CLASSES + "77.1.4.1"
TRUE_COLOR_SC, US_MULTIFRAME = _CLASSES + "7.4", _CLASSES + "3.1"

#: Of every object with patient, study, series, equipment and SOP common module (PS3.3 C.7.1 to C.7.5, C.12.1).
_COMMON_VALUES = ("SOPClassUID", "SOPInstanceUID", "Modality", "StudyInstanceUID", "SeriesInstanceUID")
_COMMON_PRESENT = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID"),
    *("SeriesNumber", "InstanceNumber", "PatientOrientation"),
)

#: File meta information of a Part 10 file (PS3.10 7.1).
_META = (
    *("FileMetaInformationVersion", "MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID"),
    *("TransferSyntaxUID", "ImplementationClassUID"),
)

_LUT_AND_OVERLAY = ("VOILUTSequence", "WindowCenter", "WindowWidth", "(60xx)")
_MODALITY_LUT = ("ModalityLUTSequence", "RescaleIntercept", "RescaleSlope")


@dataclass(frozen=True, slots=True)
class Iod:
    """What one object definition adds.

    ``modality`` is empty where the writer may choose. ``values`` need a value (Type 1), ``present`` may be empty
    (Type 2). ``forbidden`` are elements of modules that shall not be there; ``(60xx)`` is any overlay. ``bits_section``
    is where 8 bits a sample are demanded.
    """

    name: str
    section: str
    modality: str
    values: tuple[str, ...]
    present: tuple[str, ...]
    forbidden: tuple[str, ...]
    bits_section: str


def _visible_light(name: str, section: str, modality: str) -> Iod:
    return Iod(
        name=name,
        section=section,
        modality=modality,
        values=(*_COMMON_VALUES, "ImageType", "NumberOfFrames"),
        present=(*_COMMON_PRESENT, "Manufacturer", "LossyImageCompression", "AcquisitionContextSequence"),
        forbidden=(*_MODALITY_LUT, *_LUT_AND_OVERLAY, "GraphicAnnotationSequence"),
        bits_section="PS3.3 C.8.12.1.1.2",
    )


IODS: Mapping[str, Iod] = {
    ENDOSCOPIC: _visible_light("Video Endoscopic Image", "PS3.3 A.32.5, C.8.12.1", "ES"),
    MICROSCOPIC: _visible_light("Video Microscopic Image", "PS3.3 A.32.6, C.8.12.1", "GM"),
    PHOTOGRAPHIC: _visible_light("Video Photographic Image", "PS3.3 A.32.7, C.8.12.1", "XC"),
    TRUE_COLOR_SC: Iod(
        name="Multi-frame True Color Secondary Capture Image",
        section="PS3.3 A.8.5, C.8.6",
        modality="",
        values=(*_COMMON_VALUES, "ConversionType", "BurnedInAnnotation", "NumberOfFrames"),
        present=_COMMON_PRESENT,
        forbidden=_LUT_AND_OVERLAY,
        bits_section="PS3.3 A.8.5.4",
    ),
    US_MULTIFRAME: Iod(
        name="Ultrasound Multi-frame Image",
        section="PS3.3 A.7, C.8.5.6",
        modality="US",
        values=(*_COMMON_VALUES, "NumberOfFrames"),
        present=(*_COMMON_PRESENT, "Manufacturer", "ImageType"),
        forbidden=_MODALITY_LUT,
        bits_section="PS3.3 C.8.5.6.1.12",
    ),
}

#: Classes in which Lossy Image Compression (0028,2110) must be present: Type 2 of the VL Image module.
LOSSY_REQUIRED = frozenset({ENDOSCOPIC, MICROSCOPIC, PHOTOGRAPHIC})

#: Classes of which the text admits video, besides those of the table (PS3.3 A.36.4, C.8.17.2, A.89).
MAY_CARRY_VIDEO = frozenset({*IODS, *(_CLASSES + one for one in ("4.3", "77.1.5.1", "77.1.5.2", "6.3"))})

#: Classes that people put video into and that cannot hold it (PS3.3 A.32.1 to A.32.4, C.8.12.4).
ONE_FRAME_ONLY: Mapping[str, str] = {
    _CLASSES + number: name
    for number, name in (
        ("1", "Computed Radiography Image"),
        ("1.1", "Digital X-Ray Image"),
        ("2", "CT Image"),
        ("4", "MR Image"),
        ("6.1", "Ultrasound Image"),
        ("7", "Secondary Capture Image"),
        ("77.1.1", "VL Endoscopic Image"),
        ("77.1.2", "VL Microscopic Image"),
        ("77.1.4", "VL Photographic Image"),
        ("77.1.6", "VL Whole Slide Microscopy Image"),
        ("128", "Positron Emission Tomography Image"),
    )
}

#: Context group 4040, Endoscopy Anatomic Regions (PS3.16), by SNOMED CT code.
ENDOSCOPY_REGIONS = frozenset(
    {
        "110612005",  # Anus, rectum and sigmoid colon
        "28273000",  # Bile duct
        "34707002",  # Biliary tract
        "89837001",  # Bladder
        "110837003",  # Bladder and urethra
        "955009",  # Bronchus
        "71252005",  # Cervix
        "79741001",  # Common bile duct
        "110861005",  # Esophagus, stomach and duodenum
        "84301002",  # External auditory canal
        "28231008",  # Gallbladder
        "26893007",  # Inguinal region
        "818987002",  # Intra-abdominopelvic
        "816989007",  # Intra-pelvic
        "43799004",  # Intra-thoracic
        "39352004",  # Joint
        "64033007",  # Kidney
        "72696002",  # Knee
        "14742008",  # Large intestine
        "4596009",  # Larynx
        "91747007",  # Lumen of blood vessel
        "72410000",  # Mediastinum
        "360955006",  # Nasopharynx
        "69930009",  # Pancreatic duct
        "110621006",  # Pancreatic duct and bile duct systems
        "2095001",  # Paranasal sinus
        "54066008",  # Pharynx
        "312535008",  # Pharynx and larynx
        "34402009",  # Rectum
        "16982005",  # Shoulder
        "60184004",  # Sigmoid colon
        "421060004",  # Spine
        "110726009",  # Trachea and bronchus
        "431491007",  # Upper urinary tract
        "87953007",  # Ureter
        "110639002",  # Uterus and fallopian tubes
    }
)


def _definition(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    iod, has = IODS.get(object.sop_class_uid), object.by_path
    if iod is None:
        return
    for keyword in iod.values:
        if not has.get(keyword):
            yield Seen(f"{keyword} {'has no value' if keyword in has else 'is missing'}", section=iod.section)
    for keyword in iod.present:
        if not has_sequence(has, keyword):
            yield Seen(f"{keyword} is missing; it may be empty", section=iod.section)
    modality = has.get("Modality")
    if iod.modality and modality and modality != iod.modality:
        yield Seen(f"Modality is {modality}, {iod.name} demands {iod.modality}", section=iod.section)
    for keyword in iod.forbidden:
        if found := _first(has, keyword):
            yield Seen(f"{found} is present, a module that shall not be in {iod.name}", section=iod.section)
    if object.sop_class_uid in LOSSY_REQUIRED:
        yield from _visible_light_values(object, iod)


def _first(has: Mapping[str, str], keyword: str) -> str | None:
    """The path of a forbidden element at the top of the object, or None."""
    if keyword == "(60xx)":
        return next((path for path in has if path.startswith("(60") and path[4:5] in "02468ACE"), None)
    return next((path for path in has if path == keyword or path.startswith(f"{keyword}[")), None)


def _visible_light_values(object: ObjectFacts, iod: Iod) -> Iterator[Seen]:
    has = object.by_path
    if has.get("ImageType") and len(has["ImageType"].split("\\")) < 2:
        yield Seen(f"Image Type is {has['ImageType']!r}, two values are needed", section=iod.section)
    region = has.get("AnatomicRegionSequence[0].CodeValue")
    specimen = any(path.startswith("SpecimenDescriptionSequence[") for path in has)
    if region is None and not specimen:
        yield Seen("Anatomic Region Sequence has no item, and no specimen is described", section=iod.section)
    elif region is not None and object.sop_class_uid == ENDOSCOPIC and region not in ENDOSCOPY_REGIONS:
        # A defined context group may be extended (PS3.16 6.2.4).
        yield Seen(f"the anatomic region {region} is none of CID 4040", Severity.WARNING, "PS3.3 A.32.5.4")
    if not {"Laterality", "ImageLaterality", "FrameLaterality"} & has.keys():
        yield Seen("no laterality: it is demanded where the region is one of a pair", Severity.INFORMATION)


def _file_meta(object: ObjectFacts) -> Iterator[Seen]:
    meta = dict(object.meta)
    section = "PS3.10 7.1"
    for keyword in _META if meta else ():
        if not meta.get(keyword):
            yield Seen(f"{keyword} is missing in the file meta information", section=section)
    for keyword, real in (
        ("MediaStorageSOPClassUID", object.sop_class_uid),
        ("MediaStorageSOPInstanceUID", object.sop_instance_uid),
    ):
        if meta.get(keyword) and meta[keyword] != real:
            yield Seen(f"{keyword} is {meta[keyword]}, the data set has {real or 'none'}", section=section)


def _character_set(object: ObjectFacts) -> Iterator[Seen]:
    has = object.by_path
    strange = next((path for path, text in has.items() if not text.isascii()), None)
    if strange is not None and not has.get("SpecificCharacterSet"):
        yield Seen(f"{strange} is not ASCII, and Specific Character Set is missing", section="PS3.3 C.12.1")


def _rule(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    yield from _definition(format, object)
    yield from _file_meta(object)
    yield from _character_set(object)


RULES = (
    Rule(
        "D6",
        Severity.ERROR,
        "The attributes of the object definition are there, and no forbidden module",
        EVERY,
        "PS3.3 A.32",
        of_object=_rule,
    ),
)
