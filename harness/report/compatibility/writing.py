"""Files of the matrix written, as UTF-8."""

from pathlib import Path

from harness.errors import RecordError


def write(path: Path, text: str) -> None:
    """Write one output, making its folder.

    Raises:
        RecordError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name from a PACS may hold half a character; it must not cost the matrix.
        path.write_bytes(text.encode("utf-8", errors="backslashreplace"))
    except OSError as error:
        raise RecordError(f"{path}: cannot be written: {error.strerror}; choose another place") from error
