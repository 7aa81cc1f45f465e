"""The attributes of a video object besides Pixel Data (PS3.3 A.32.5 to A.32.7, A.8.5, A.7).

Strategy: what all classes share first, then what one class adds. Everything about the pictures is taken from
the bit stream as it was read, because attributes shall match it (PS3.5 8.2); everything about the patient is
plainly synthetic and derived from the Study Instance UID, so that the same input always gives the same
object.
"""

import hashlib
from fractions import Fraction

from pydicom import Dataset, FileMetaDataset
from pydicom.sr.coding import Code
from pydicom.uid import (
    UID,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    VideoEndoscopicImageStorage,
    VideoMicroscopicImageStorage,
    VideoPhotographicImageStorage,
)
from pydicom.valuerep import format_number_as_ds

from harness import __version__
from harness.core.formats import Format, SopClass
from harness.core.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from harness.media.values import Clip

#: The one moment at which every synthetic study took place.
DATE, TIME = "20250101", "120000"

#  One unpaired region per class: CID 4040 is prescribed, CIDs 4031 and 4029 are the baseline (PS3.3
# A.32.5.4.1 on).
_ANATOMIC_REGIONS = {
    VideoEndoscopicImageStorage: Code("14742008", "SCT", "Large intestine"),
    VideoMicroscopicImageStorage: Code("14742008", "SCT", "Large intestine"),
    VideoPhotographicImageStorage: Code("39937001", "SCT", "Skin"),
}
_ROOM_SOUND = Code("109112", "DCM", "Ambient room environment")  # CID 3000


def describe(
    clip: Clip,
    format: Format,
    sop_class: SopClass,
    *,
    study_uid: str,
    series_uid: str,
    instance_uid: str,
    instance_number: int,
) -> Dataset:
    """Header with file meta information for :func:`harness.media.part10.write_object`.

    Lossy Image Compression Ratio (0028,2112) is that of :func:`declared_ratio`.
    """
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = UID(format.uid)
    header.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    header.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    header.SOPClassUID, header.SOPInstanceUID = sop_class.uid, instance_uid
    header.StudyInstanceUID, header.SeriesInstanceUID = study_uid, series_uid
    header.Modality, header.InstanceNumber = sop_class.modality, instance_number
    _describe_study(header, format)
    _describe_pixels(header, clip, format)
    _describe_time(header, clip)
    if sop_class.uid in _ANATOMIC_REGIONS:
        _describe_visible_light(header, sop_class)
    else:
        # An unpaired one, so that Laterality is not called for (PS3.3 C.7.3.1).
        header.BodyPartExamined = "ABDOMEN"
    if sop_class.uid == MultiFrameTrueColorSecondaryCaptureImageStorage:
        header.ConversionType = "SYN"
    return header


def declared_ratio(clip: Clip, format: Format) -> str:
    """The N of N:1 that an object of ours declares, as a decimal number.

    It is the size of the frames as the Image Pixel attributes describe them (Rows x Columns x Samples per Pixel x Bits
    Allocated / 8 x Number of Frames) over the size of the clip, sound and container included.
    """
    pixels, facts = format.pixels, clip.facts
    frame_bytes = facts.rows * facts.columns * pixels.samples_per_pixel * pixels.bits_allocated // 8
    return f"{frame_bytes * facts.frames / clip.size:.2f}"


def _describe_study(header: Dataset, format: Format) -> None:
    mark = hashlib.sha256(header.StudyInstanceUID.encode()).hexdigest()[:12].upper()
    header.PatientName, header.PatientID = "SYNTHETIC^PACSHARNESS", f"PACSHARNESS-{mark}"
    header.PatientBirthDate, header.PatientSex = "20000101", "O"
    header.AccessionNumber, header.StudyID = f"SYN{mark}", mark
    header.StudyDescription, header.SeriesDescription = "Synthetic video for a PACS check", format.id
    header.ReferringPhysicianName = "SYNTHETIC^REFERRER"
    header.SeriesNumber = 1
    for kind in ("Study", "Series", "Acquisition", "Content"):
        setattr(header, f"{kind}Date", DATE)
        setattr(header, f"{kind}Time", TIME)
    header.Manufacturer, header.ManufacturerModelName = "pytest-pacs", "synthetic video"
    header.SoftwareVersions = __version__


def _describe_pixels(header: Dataset, clip: Clip, format: Format) -> None:
    pixels, facts = format.pixels, clip.facts
    header.ImageType = ["ORIGINAL", "PRIMARY"]
    header.PatientOrientation = ""
    header.BurnedInAnnotation = "NO"
    header.Rows, header.Columns, header.NumberOfFrames = facts.rows, facts.columns, facts.frames
    header.SamplesPerPixel = pixels.samples_per_pixel
    header.PhotometricInterpretation = pixels.photometric_interpretation
    header.PlanarConfiguration = pixels.planar_configuration
    header.PixelRepresentation = pixels.pixel_representation
    header.BitsAllocated, header.BitsStored = pixels.bits_allocated, pixels.bits_stored
    header.HighBit = pixels.high_bit
    if pixels.pixel_aspect_ratio_allowed and facts.sample_aspect != 1:
        # Vertical over horizontal here, horizontal over vertical in the codecs (PS3.3 C.7.6.3.1.7).
        header.PixelAspectRatio = [facts.sample_aspect.denominator, facts.sample_aspect.numerator]
    if facts.frame_packed:
        header.StereoPairsPresent = "YES"
    header.LossyImageCompression = "01"
    header.LossyImageCompressionMethod = format.lossy_method
    header.LossyImageCompressionRatio = declared_ratio(clip, format)
    if format.is_video_stream:
        header.EncapsulatedPixelDataValueTotalLength = clip.size


def _describe_time(header: Dataset, clip: Clip) -> None:
    """Cine and Multi-frame modules (PS3.3 C.7.6.5, C.7.6.6). Only Frame Time can tell 29.97 from 30."""
    # JPEG frames carry no rate of their own.
    rate = clip.facts.rate or clip.recipe.rate
    header.FrameTime = format_number_as_ds(float(1000 / rate))
    header.FrameIncrementPointer = 0x00181063
    header.CineRate = header.RecommendedDisplayFrameRate = round(rate)
    header.EffectiveDuration = format_number_as_ds(float(Fraction(clip.facts.frames) / rate))
    if clip.facts.sound is not None:
        channel = Dataset()
        channel.ChannelIdentificationCode = 1
        channel.ChannelMode = "MONO" if clip.facts.sound.channels == 1 else "STEREO"
        channel.ChannelSourceSequence = [_code(_ROOM_SOUND)]
        header.MultiplexedAudioChannelsDescriptionCodeSequence = [channel]


def _describe_visible_light(header: Dataset, sop_class: SopClass) -> None:
    """What the video classes add: VL Image and Acquisition Context modules (PS3.3 C.8.12.1, C.7.6.14)."""
    header.AnatomicRegionSequence = [_code(_ANATOMIC_REGIONS[UID(sop_class.uid)])]
    header.ImageLaterality = "U"
    header.AcquisitionContextSequence = []


def _code(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodeMeaning = code.value, code.meaning
    item.CodingSchemeDesignator = code.scheme_designator
    return item
