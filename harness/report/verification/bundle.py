"""The folder of a verification report: record, views, evidence and what people gave, under one manifest.

It is made beside its place and moved there when it is whole, so that a folder of this name is never half a report. The
same run and the same dossier make the same files, byte for byte.
"""

import gc
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core.endpoint import EvidenceClass
from harness.core.plain import from_plain, plain
from harness.core.results import Run, TargetRecord
from harness.core.verification.dossier import Dossier, Source
from harness.core.verification.report import Report, compile_report
from harness.errors import RecordError, UsageError
from harness.report.manifest import MANIFEST, file_sha256, manifest_problems, write_manifest
from harness.report.merge import EVIDENCE, SHARDS
from harness.report.record import RECORD, SBOM, read_run
from harness.report.verification.junit import JUNIT
from harness.report.verification.record import REPORT, encoded
from harness.report.verification.rendering import Rendering
from harness.report.verification.seal import SealKey, seal_manifest, seal_views
from harness.report.verification.views import rendered

#: Where the files are kept that people gave, each in a folder of its role.
INPUTS = "inputs"

#: The role of a template that came before ours.
TEMPLATE = "template"

#: What is taken over from the run folder as it is; what is not there is left out.
_FOLDERS = (EVIDENCE, SHARDS)
_FILES = (RECORD, f"{RECORD}.next", JUNIT, SBOM)

#: Names of products in the name of a folder, at most.
_MOST_PRODUCTS = 3


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was made. ``manifest_sha256`` is the one hash that stands for all of it."""

    folder: Path
    report: Report
    manifest_sha256: str
    notes: tuple[str, ...]


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Nothing that is made meanwhile is searched for garbage in rings: there is next to none."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


@_collection_paused()
def write_bundle(
    folder: Path,
    dossier: Dossier,
    into: Path,
    *,
    inputs: Sequence[Path] = (),
    templates: Path | None = None,
    pdf: bool = True,
    key: SealKey | None = None,
) -> Bundle:
    """Make the bundle of the run in ``folder``, as a new folder in ``into``.

    ``inputs`` are the files that ``dossier`` was read from; files in the folder ``templates`` come before ours.
    ``key`` seals the bundle; a seal bears its time, so that sealed ones are not the same bytes.

    Raises:
        EnvironmentProblem: a PDF or a seal is to be made, and this machine cannot.
        RecordError: the run cannot be read, its files are not as it left them, or the bundle cannot be written.
        UsageError: there is a bundle of this run already, an input is not what was read, or a template or the key
            cannot be used.
    """
    own = _template_files(templates) if templates else {}
    dossier = replace(dossier, sources=(*dossier.sources, *own))
    notes = _held(folder)
    # What is reported is what is recorded, to the last character.
    report = compile_report(read_run(folder), from_plain(Dossier, plain(dossier)))
    place = into / bundle_name(report.run)
    if place.exists():
        raise UsageError(f"{place}: is there already; remove it, or choose another folder by --into")
    try:
        into.mkdir(parents=True, exist_ok=True)
        scratch = into / f".{place.name}-{secrets.token_hex(4)}"
        scratch.mkdir()
        try:
            _copy(folder, scratch)
            _copy_inputs(dossier.sources, inputs, own, scratch)
            record = encoded(report)
            (scratch / REPORT).write_bytes(record)
            for name, content in rendered(Rendering(report, scratch, record, templates, pdf)):
                (scratch / name).write_bytes(content)
            if key:
                seal_views(scratch, key)
            manifest = file_sha256(write_manifest(scratch))
            if key:
                seal_manifest(scratch, key)
            scratch.rename(place)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
    except OSError as error:
        raise RecordError(
            f"{place}: cannot be written: {error.strerror or error}; free the place and repeat"
        ) from error
    return Bundle(place, report, manifest, notes)


def bundle_name(run: Run) -> str:
    """The folder name of a bundle: the products that were measured, or else all, and the run id."""
    measured = [target for target in run.targets if target.evidence_class is EvidenceClass.MEASURED]
    products = list(dict.fromkeys(_product(target) for target in measured or run.targets)) or ["nothing"]
    if len(products) > _MOST_PRODUCTS:
        products[_MOST_PRODUCTS:] = [f"{len(products) - _MOST_PRODUCTS}-more"]
    return f"verification-{'+'.join(products)}-{_plain_name(run.run_id, lower=False)}"


def _product(target: TargetRecord) -> str:
    name = _plain_name(target.product)
    played = target.evidence_class is EvidenceClass.EMULATED
    return f"emulated-{name}" if played and "emulated" not in name else name


def _plain_name(text: str, *, lower: bool = True) -> str:
    """A text as part of a file name; a product may be named by the PACS itself."""
    found = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40]
    return (found.lower() if lower else found) or "unnamed"


def _held(folder: Path) -> tuple[str, ...]:
    """What a reader must know of the run folder."""
    if not (folder / MANIFEST).is_file():
        run = read_run(folder)
        if run.finished:
            problem = (
                f"{folder}: {MANIFEST}: missing; restore it from a copy, or make the bundle from an untouched copy"
            )
            raise RecordError(problem)
        return ("the run was killed: it has no manifest, and nothing shows that its files are as it left them",)
    if problems := manifest_problems(folder):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise RecordError(f"{folder}: {problems[0]}{more}; make the bundle from the run as it was left")
    return ()


def _copy(folder: Path, scratch: Path) -> None:
    for name in _FILES:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, scratch / name)
    for name in _FOLDERS:
        if (folder / name).is_dir():
            shutil.copytree(folder / name, scratch / name, ignore=_links, copy_function=shutil.copyfile)


def _links(folder: str, names: list[str]) -> list[str]:
    """Links are not part of a run: they would bring in what lies elsewhere."""
    return [name for name in names if (Path(folder) / name).is_symlink()]


def _template_files(folder: Path) -> dict[Source, Path]:
    """Every file of a folder of templates, as a source named by its place there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise UsageError(f"{folder}: holds no template; name a folder with files named as ours")
    return {Source(TEMPLATE, path.relative_to(folder).as_posix(), file_sha256(path)): path for path in files}


def _copy_inputs(
    sources: Sequence[Source], inputs: Sequence[Path], templates: Mapping[Source, Path], scratch: Path
) -> None:
    for source in sources:
        named = [templates[source]] if source in templates else [path for path in inputs if path.name == source.name]
        found = [path for path in named if file_sha256(path) == source.sha256]
        if not found:
            raise UsageError(f"{source.name}: changed since it was read ({source.role}); repeat the command")
        place = scratch / input_path(source)
        if place.exists():
            raise UsageError(f"two files of {source.role} are called {source.name}; rename one")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found[0], place)


def input_path(source: Source) -> str:
    """Where a bundle keeps a file that people gave, relative to its folder."""
    return f"{INPUTS}/{source.role}/{source.name}"
