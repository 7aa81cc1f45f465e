"""Where the data folders are: beside the package in a checkout, inside it when installed."""

from pathlib import Path

from harness.errors import UnknownName

#: The folders that the wheel carries as ``harness/_data/<name>``.
DATA_FOLDERS = ("compose", "fixtures", "matrices")

_PACKAGE = Path(__file__).resolve().parent.parent


def data_folder(name: str) -> Path:
    """The folder of data files called ``name``.

    A checkout is told by the project file beside the package; there the top-level folder is used, so that an edited
    file counts at once.

    Raises:
        UnknownName: there is no such data folder.
    """
    if name not in DATA_FOLDERS:
        raise UnknownName("data folder", name, DATA_FOLDERS)
    checkout = _PACKAGE.parent
    return checkout / name if (checkout / "pyproject.toml").is_file() else _PACKAGE / "_data" / name


def formats_folder() -> Path:
    """The folder of the format files, which are part of the package."""
    return _PACKAGE / "catalogue" / "formats"


def sop_classes_file() -> Path:
    """The file that lists the storage SOP classes."""
    return _PACKAGE / "catalogue" / "sop_classes.toml"


def requirements_folder() -> Path:
    """The folder of the requirements of the harness."""
    return _PACKAGE / "catalogue" / "requirements"


def protocol_file() -> Path:
    """The file that names the protocol."""
    return _PACKAGE / "catalogue" / "protocol.toml"


def reviewed_file() -> Path:
    """The record of which requirements were reviewed, with which checks."""
    return _PACKAGE / "catalogue" / "requirements.lock.toml"


def policies_folder() -> Path:
    """The folder of the policies on lossy compression that are shipped."""
    return _PACKAGE / "catalogue" / "policies"


def dossier_template(name: str) -> Path:
    """A commented file for people to fill in."""
    return _PACKAGE / "catalogue" / "templates" / name
