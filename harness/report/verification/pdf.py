"""A laid-out page as two PDF files: one to archive, with the record and fields to sign, one to hand in, with neither.

Imported only where a PDF is made: WeasyPrint, and Pango with it, are an extra. The document is laid out and painted
once; what the files differ in is added between writing the first and the second.

The same page gives the same bytes: the identifier and every date are given, nothing is asked of the clock.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from typing import Any

import pydyf
from weasyprint import HTML, Attachment
from weasyprint.css import ColorProfile
from weasyprint.document import Document
from weasyprint.pdf import VARIANTS
from weasyprint.pdf.anchors import write_pdf_attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from harness.errors import UsageError

#: Profiles of ISO 19005 that are asked for; only a checker can tell that a file keeps one.
SUBMISSION = "pdf/a-2b"
ARCHIVE = "pdf/a-3b"
_VERSION = "1.7"

#: Addresses that are not whole lead here, where nothing is.
_NOWHERE = "report:/"

#: Units of a style sheet (1/96 inch) to those of PDF (1/72 inch).
_POINTS = 0.75


@dataclass(frozen=True, slots=True)
class Pages:
    """A page to be laid out. ``html`` holds its style; ``identifier`` names the document.

    ``record`` is put into the archive as ``record_name``. ``made`` is the date of all that bears one. Each of
    ``signatures`` is the name of an element, over which the archive gets an empty field to sign.
    """

    html: str
    identifier: str
    made: datetime
    record_name: str
    record: bytes
    signatures: tuple[str, ...] = ()


class _Sealed(URLFetcher):  # type: ignore[misc]
    """Gives what a page holds in itself, and refuses everything else aloud."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if not url.startswith("data:"):
            raise FatalURLFetchingError(url.removeprefix(_NOWHERE))
        return super().fetch(url, headers)


class _Packed(pydyf.Stream):  # type: ignore[misc]
    """A stream as it is in the file: it is asked for four times, and to compress it takes longer than all else."""

    def __init__(self, stream: pydyf.Stream) -> None:
        super().__init__()
        self.number = stream.number
        self._packed: bytes = stream.data

    @property
    def data(self) -> bytes:
        return self._packed


def write(pages: Pages) -> tuple[bytes, bytes]:
    """The archive and the submission.

    Raises:
        UsageError: the page asks for something that it does not hold in itself.
    """
    submission = io.BytesIO()

    def finish(painted: Document, pdf: pydyf.PDF) -> None:
        pdf.objects[:] = [_Packed(one) if isinstance(one, pydyf.Stream) else one for one in pdf.objects]
        _write_aside(pdf, submission, pages.identifier)
        _attach(pdf, painted, pages)
        _add_signature_fields(pdf, painted, pages.signatures)

    fonts = FontConfiguration()
    page = HTML(string=with_known_signs(pages.html, fonts), base_url=_NOWHERE, url_fetcher=_Sealed())
    try:
        document = page.render(font_config=fonts, color_profiles={"srgb": _colours()})
        _keep_inner_links(document)
        archive = document.write_pdf(
            # No intent by name: WeasyPrint would open the profile of that name again, and leave the file open.
            output_intent="",
            pdf_variant=SUBMISSION,
            pdf_identifier=pages.identifier.encode(),
            finisher=finish,
        )
    except FatalURLFetchingError as error:
        problem = f"the print template asks for {str(error)[:200]!r}; nothing is fetched, put it in as a data: URI"
        raise UsageError(problem) from None
    return archive, submission.getvalue()


def _colours() -> ColorProfile:
    """What the colours mean, which PDF/A demands (ISO 19005-2 6.2.4)."""
    profile = files("weasyprint.pdf") / "sRGB2014.icc"
    return ColorProfile(io.BytesIO(profile.read_bytes()), profile.name, "relative-colorimetric", (["r"], ["g"], ["b"]))


def note(lines: Iterable[str]) -> bytes:
    """A small page of these lines, as wide as a page of a report, to be laid over a field."""
    text = "".join(f"<p>{escape(line)}</p>" for line in lines)
    style = "@page{size:172mm 10mm;margin:1mm}body,p{margin:0;font:6.4pt/1.5 'DejaVu Sans';overflow-wrap:anywhere}"
    fonts = FontConfiguration()
    html = with_known_signs(f"<html lang=en><style>{style}</style>{text}", fonts)
    return bytes(HTML(string=html, base_url=_NOWHERE, url_fetcher=_Sealed()).write_pdf(font_config=fonts))


def with_known_signs(html: str, fonts: FontConfiguration) -> str:
    """The page with each character that no font here has a sign for written as its number.

    A box in its place would say nothing, and PDF/A forbids it (ISO 19005-2 6.2.11.8).
    """
    odd = sorted({char for char in html if not char.isascii()})
    trial = "".join(f"<p>&#{ord(char)};</p>" for char in odd)
    style = "<style>@page{margin:0}p{margin:0;font:1px 'DejaVu Sans'}</style>"
    document = HTML(string=f"<html lang=en>{style}{trial}").render(font_config=fonts)
    document.write_pdf()
    unknown = {point for font in document.fonts.values() for point in font.missing}
    return html.translate({point: chr(point).encode("unicode_escape").decode() for point in unknown})


def _keep_inner_links(document: Document) -> None:
    """Drop links that leave the document, which shall need no network, and those to what paper does not show."""
    known = {name for page in document.pages for name in page.anchors}
    for page in document.pages:
        page.links = [link for link in page.links if link[0] == "internal" and link[1] in known]


def _write_aside(pdf: pydyf.PDF, output: io.BytesIO, identifier: str) -> None:
    """Write the file as it is now; what writing itself adds is taken back, so that it can go on."""
    count = len(pdf.objects)
    pdf.write(output, _VERSION, identifier.encode(), compress=True)
    del pdf.objects[count:]
    pdf.current_position = 0


def _attach(pdf: pydyf.PDF, document: Document, pages: Pages) -> None:
    """Put the record in, and say that the file now asks for the profile that allows it."""
    moment = pages.made.astimezone(UTC)
    attachment = Attachment(
        file_obj=io.BytesIO(pages.record),
        name=pages.record_name,
        description="The record that this document shows, as canonical JSON (RFC 8785)",
        created=moment,
        modified=moment,
        relationship="Source",
    )
    file = write_pdf_attachment(pdf, attachment, compress=True)
    names = pydyf.Dictionary({"Names": pydyf.Array((file["F"], file.reference))})
    pdf.add_object(names)
    pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = names.reference
    former = _object(pdf, pdf.catalog["Metadata"])
    change, _ = VARIANTS[ARCHIVE]
    change(pdf, document, [], [attachment], True)
    # One description of the file, in the place of the former, and the attachment named once.
    described = pdf.objects.pop()
    described.number = former.number
    pdf.objects[former.number] = described
    pdf.catalog["Metadata"] = described.reference
    pdf.catalog["AF"] = pydyf.Array((file.reference,))


def _add_signature_fields(pdf: pydyf.PDF, document: Document, names: Iterable[str]) -> None:
    """Empty fields with these names, for people to sign with a program of their own."""
    fields = pydyf.Array()
    for name in names:
        found = [(number, page) for number, page in enumerate(document.pages) if name in page.anchors]
        if not found:
            continue
        number, page = found[0]
        left, top, right, bottom = (value * _POINTS for value in page.anchors[name])
        height = page.height * _POINTS
        nothing = pydyf.Stream(
            [], {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array((0, 0, right - left, bottom - top))}
        )
        pdf.add_object(nothing)
        field = pydyf.Dictionary(
            {
                "Type": "/Annot",
                "Subtype": "/Widget",
                "FT": "/Sig",
                "T": pydyf.String(name),
                "F": 4,
                "P": pdf.page_references[number],
                "Rect": pydyf.Array((left, height - bottom, right, height - top)),
                "AP": pydyf.Dictionary({"N": nothing.reference}),
            }
        )
        pdf.add_object(field)
        fields.append(field.reference)
        _object(pdf, pdf.page_references[number]).setdefault("Annots", pydyf.Array()).append(field.reference)
    if fields:
        # To be saved by adding only, as whoever signs would have to change it to.
        pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": fields, "SigFlags": 3})


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
