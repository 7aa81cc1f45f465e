"""A stream and an object of each format that are as they should be, for rules to find a fault in."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from harness.catalogue.read import load_formats, load_sop_classes
from harness.core.facts import Coding, ObjectFacts, Packaging, StreamFacts
from harness.core.formats import Codec, Container, Format, Scan
from harness.core.validation.iods import ENDOSCOPIC, IODS

FORMATS = load_formats()
CLASSES = load_sop_classes()

#: What differs, by codec, from a stream of H.264.
CODED: dict[Codec, dict[str, Any]] = {
    Codec.H264: {"coding": Coding(aspect_code=1, colour=(1, 1, 1), chroma_depth=8)},
    Codec.HEVC: {"packaging": Packaging(brand="isom", index_first=True, sample_entry="hvc1")},
    Codec.MPEG2: {"container": Container.MPEG_TS, "packaging": Packaging(), "coding": Coding(aspect_code=3)},
    Codec.MJPEG: {
        "container": Container.JPEG_FRAMES,
        "packaging": Packaging(),
        "chroma": "4:2:2",
        "full_range": True,
    },
}


def stream_of(format: Format) -> StreamFacts:
    """A stream that conforms to a format."""
    rows, columns = (576, 720) if format.id.startswith("mpeg2_ml") else (720, 1280)
    plain = StreamFacts(
        container=Container.MP4,
        codec=format.codec,
        profile=format.point.profile,
        level=format.point.level,
        bit_depth=format.point.bit_depth,
        chroma="4:2:0",
        rows=rows,
        columns=columns,
        rate=Fraction(24 if format.id.startswith("h264_bd41") else 25),
        scan=Scan.PROGRESSIVE,
        sample_aspect=Fraction(1),
        full_range=False,
        frame_packed=format.frame_packed,
        high_tier=False,
        frames=50,
        regular_timing=True,
        sound=None,
        stamps=tuple(range(50)),
        problems=(),
        bit_rate=4_000_000,
        measured_bit_rate=4_000_000,
        packaging=Packaging(brand="isom", index_first=True, sample_entry="avc1", edits=1),
    )
    return replace(plain, **CODED[format.codec])


def object_of(format: Format, sop_class_uid: str = ENDOSCOPIC) -> ObjectFacts:
    """An object that conforms and describes :func:`stream_of`."""
    stream, pixels = stream_of(format), format.pixels
    attributes: dict[str, str] = {
        **dict.fromkeys(IODS[ENDOSCOPIC].present, ""),
        "SOPClassUID": sop_class_uid,
        "SOPInstanceUID": "1.2.3",
        "StudyInstanceUID": "1.2",
        "SeriesInstanceUID": "1.2.1",
        "Modality": next(one.modality for one in CLASSES.values() if one.uid == sop_class_uid),
        "ImageType": "ORIGINAL\\PRIMARY",
        "ConversionType": "SYN",
        "BurnedInAnnotation": "NO",
        "ImageLaterality": "U",
        "AnatomicRegionSequence[0].CodeValue": "14742008",
        "FrameTime": f"{float(1000 / stream.rate):.4f}",
        "FrameIncrementPointer": "(0018,1063)",
        "CineRate": str(round(stream.rate)),
        "EffectiveDuration": f"{float(50 / stream.rate):.3f}",
        "NumberOfFrames": "50",
        "Rows": str(stream.rows),
        "Columns": str(stream.columns),
        "SamplesPerPixel": str(pixels.samples_per_pixel),
        "PhotometricInterpretation": pixels.photometric_interpretation,
        "PlanarConfiguration": "0",
        "PixelRepresentation": "0",
        "BitsAllocated": str(pixels.bits_allocated),
        "BitsStored": str(pixels.bits_stored),
        "HighBit": str(pixels.high_bit),
        "LossyImageCompression": "01",
        "LossyImageCompressionMethod": format.lossy_method,
        "LossyImageCompressionRatio": "20.5",
    }
    if format.is_video_stream:
        attributes["EncapsulatedPixelDataValueTotalLength"] = "999"
    if format.frame_packed or format.point.profile == 128:
        attributes["StereoPairsPresent"] = "YES"
    lengths = (1000,) if format.is_video_stream and not format.fragmentable else (500, 500)
    if not format.is_video_stream:
        lengths = (20,) * 50
    return ObjectFacts(
        sop_class_uid=sop_class_uid,
        sop_instance_uid="1.2.3",
        transfer_syntax_uid=format.uid,
        attributes=tuple(attributes.items()),
        explicit_vr=True,
        pixel_vr="OB",
        encapsulated=True,
        fragment_lengths=lengths,
        jpeg_starts=tuple(not format.is_video_stream for _ in lengths),
        offset_table_length=0,
        offset_table=(),
        delimited=True,
        payload_length=1000,
        payload_sha256="aa",
        unpadded_sha256="bb",
        meta=tuple(
            {
                "FileMetaInformationVersion": "0001",
                "MediaStorageSOPClassUID": sop_class_uid,
                "MediaStorageSOPInstanceUID": "1.2.3",
                "TransferSyntaxUID": format.uid,
                "ImplementationClassUID": "1.2.9",
            }.items()
        ),
    )


def with_attributes(facts: ObjectFacts, changes: Mapping[str, str | None]) -> ObjectFacts:
    values = facts.by_path | changes
    return replace(facts, attributes=tuple((key, value) for key, value in values.items() if value is not None))
