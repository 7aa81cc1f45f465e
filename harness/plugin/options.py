"""What a user may ask for on the command line, read into one checked value."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.core.choices import Choices
from harness.core.restrictions import UnknownPolicy
from harness.core.sizes import ladder, parse_size
from harness.marks import Depth
from harness.plugin.dossier_options import declare


def add_options(parser: pytest.Parser) -> None:
    """Declare the options of the harness."""
    group = parser.getgroup("pacs", "PACS compatibility of DICOM video")
    group.addoption(
        "--pacs",
        action="append",
        default=[],
        metavar="NAME",
        help="test this PACS: embedded, a folder of compose/ such as orthanc or orthanc@1.12.7, a site file such as "
        "site.toml, or emulated:NAME for what the claims of matrices/NAME.toml tell; may be given several times",
    )
    group.addoption(
        "--target-dir",
        metavar="DIR",
        help="a folder of site files, each of which --pacs takes by its name without .toml",
    )
    group.addoption(
        "--emulate-unknown",
        metavar="POLICY",
        help="what an emulated PACS does where no source tells: refuse or accept; without it one that would have to "
        "guess does not start",
    )
    group.addoption(
        "--emulate-unsourced",
        action="store_true",
        help="let statements without any source count as claims where a PACS is emulated",
    )
    group.addoption(
        "--pacs-format",
        action="append",
        default=[],
        metavar="ID",
        help="only this format of the catalogue, such as h264_hp41; may be given several times",
    )
    group.addoption(
        "--pacs-runtime",
        metavar="HOW",
        default="auto",
        help="run the PACS in a container (container), as an installed program (native), or as can be (auto)",
    )
    group.addoption(
        "--pacs-keep",
        action="store_true",
        help="leave what was started running at the end, and say how to reach it and how to end it",
    )
    group.addoption(
        "--pacs-max-size",
        metavar="SIZE",
        help="extend the ladder of video sizes (1, 16 and 64 MiB) up to SIZE, such as 1GiB; a smaller SIZE shortens it",
    )
    group.addoption(
        "--pacs-find-ceiling",
        metavar="SIZE",
        help="look for the largest video that survives, up to SIZE, and tell whose limit the next one met",
    )
    group.addoption(
        "--pacs-profile",
        metavar="PROFILE",
        default=Depth.STANDARD.label,
        help="how thorough: quick (is it kept?), standard, or full (also what is slow); "
        "what is left out is shown as NOT_RUN",
    )
    group.addoption(
        "--pacs-reports",
        metavar="DIR",
        help="folder for run folders (default: reports/ in the root directory)",
    )
    group.addoption(
        "--require",
        action="append",
        default=[],
        metavar="ID",
        help="a format that must PASS on every target, or the run is not met; may be given several times",
    )
    group.addoption(
        "--pacs-bundle",
        action="store_true",
        help="make the verification report at the end, as a folder beside that of the run",
    )
    declare(group.addoption)


@dataclass(frozen=True, slots=True)
class Settings:
    """The options, checked as far as that is possible without reading data files.

    Sizes are in bytes; ``max_size`` is None where the ladder is the default one, which the profile then shortens.
    """

    targets: tuple[str, ...]
    site_folder: Path | None
    emulate_unknown: UnknownPolicy | None
    emulate_unsourced: bool
    formats: tuple[str, ...]
    required: tuple[str, ...]
    runtime: str
    keep: bool
    sizes: tuple[int, ...]
    max_size: int | None
    ceiling: int | None
    depth: Depth
    reports: Path


def read_settings(config: pytest.Config) -> Settings:
    """Read the options.

    Raises:
        pytest.UsageError: a value cannot be meant; the message says how it is written.
    """
    max_size = _size(config, "--pacs-max-size")
    profile = config.getoption("--pacs-profile")
    depth = next((one for one in Depth if one.label == profile), None)
    if depth is None:
        known = ", ".join(one.label for one in Depth)
        raise pytest.UsageError(f"--pacs-profile: {profile!r} is no profile; known: {known}")
    policy = config.getoption("--emulate-unknown")
    if policy not in (None, *UnknownPolicy):
        raise pytest.UsageError(f"--emulate-unknown: {policy!r} is no policy; known: {', '.join(UnknownPolicy)}")
    reports = config.getoption("--pacs-reports")
    if reports == "":
        raise pytest.UsageError("--pacs-reports: names no folder; leave it out for reports/ in the root directory")
    return Settings(
        targets=tuple(dict.fromkeys(config.getoption("--pacs"))),
        site_folder=Path(folder) if (folder := config.getoption("--target-dir")) else None,
        emulate_unknown=None if policy is None else UnknownPolicy(policy),
        emulate_unsourced=config.getoption("--emulate-unsourced"),
        formats=tuple(dict.fromkeys(config.getoption("--pacs-format"))),
        required=tuple(dict.fromkeys(config.getoption("--require"))),
        runtime=config.getoption("--pacs-runtime"),
        keep=config.getoption("--pacs-keep"),
        sizes=ladder(max_size),
        max_size=max_size,
        ceiling=_size(config, "--pacs-find-ceiling"),
        depth=depth,
        reports=config.rootpath / "reports" if reports is None else config.invocation_params.dir / reports,
    )


def chosen(config: pytest.Config, settings: Settings, *, formats: Iterable[str], deselected: int) -> Choices:
    """What was chosen, for the record; ``formats`` are all that could be, and ``deselected`` counts cells."""
    by_path = config.args_source is pytest.Config.ArgsSource.ARGS
    return Choices(
        profile=settings.depth.label,
        formats=settings.formats,
        catalogue=tuple(formats),
        sizes=settings.sizes,
        ceiling=settings.ceiling,
        required=settings.required,
        runtime=settings.runtime,
        keep=settings.keep,
        emulate_unknown=settings.emulate_unknown or "",
        emulate_unsourced=settings.emulate_unsourced,
        keyword=config.getoption("keyword") or "",
        marks=config.getoption("markexpr") or "",
        deselect=tuple(config.getoption("deselect") or ()),
        arguments=tuple(config.args) if by_path else (),
        deselected=deselected,
    )


def _size(config: pytest.Config, option: str) -> int | None:
    wanted = config.getoption(option)
    try:
        return None if wanted is None else parse_size(wanted)
    except ValueError as error:
        raise pytest.UsageError(f"{option}: {error}") from error
