"""From a name on the command line to a target that is ready to be started."""

from collections.abc import Iterable
from pathlib import Path

from harness.core.endpoint import Runtime
from harness.errors import UnknownName, UsageError
from harness.targets.compose import ComposeTarget
from harness.targets.definition import EMBEDDED, known_targets, load_definition
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.emulated import AS_CLAIMED, PREFIX, EmulatedTarget, Emulation, find_emulated
from harness.targets.native import NativeTarget
from harness.targets.remote import RemoteTarget
from harness.targets.runtime import AUTO, choose_runtime
from harness.targets.site import SUFFIX, read_site, sites_in, templates
from harness.targets.target import Target


def chosen_targets(names: Iterable[str], *, start: Path, site_folder: Path | None = None) -> dict[str, str]:
    """What was asked for, by target id: the names that :func:`make_target` takes. Nothing is started or looked for.

    A target is called as it was asked for, and a site file after its file. Site files are relative to ``start``; those
    of ``site_folder`` can be asked for by their ids.

    Raises:
        UnknownName: no such target.
        UsageError: two targets of one id, or a template that was not filled in.
        DataFileError: a data file is broken.
    """
    sites = sites_in(start / site_folder) if site_folder else {}
    chosen: dict[str, str] = {}
    for asked in names:
        path = start / asked if asked.endswith(SUFFIX) else sites.get(asked)
        id, name = (path.stem, str(path)) if path else (asked, asked)
        if path is not None:
            read_site(path)
        elif asked in templates():
            raise UsageError(
                f"--pacs={asked}: is the template of a site file; run 'pacs-harness targets new {asked} > my.toml', "
                "fill it in, and use --pacs=my.toml"
            )
        elif asked.startswith(PREFIX):
            find_emulated(asked)
        elif asked != EMBEDDED:
            _require_known(asked, sites)
        if chosen.setdefault(id, name) != name or (path is not None and id in known_targets()):
            raise UsageError(f"--pacs={asked}: another target is called {id} too; rename the site file")
    return chosen


def _require_known(name: str, sites: Iterable[str]) -> None:
    if name.partition("@")[0] not in known_targets():
        raise UnknownName("target", name, (*known_targets(), f"{PREFIX}NAME", *sites))
    load_definition(name)


def make_target(name: str, runtime: str = AUTO, emulation: Emulation = AS_CLAIMED) -> Target:
    """The target of a name or site file, not started.

    ``runtime`` as in :func:`~harness.targets.runtime.choose_runtime`, ``emulation`` for what is emulated.

    Raises:
        UnknownName: no such target, or no such runtime.
        UsageError: what is to be emulated is not known in full, and nobody said what is played there.
        DataFileError: its data file is broken.
        EngineUnavailable, ImageMissing: nothing here can run it as asked.
    """
    if name.endswith(SUFFIX):
        return RemoteTarget(read_site(Path(name)))
    if name.startswith(PREFIX):
        return EmulatedTarget(name, emulation)
    if name == EMBEDDED:
        return EmbeddedTarget()
    definition = load_definition(name)
    choice = choose_runtime(definition, runtime)
    if choice.runtime is Runtime.CONTAINER:
        return ComposeTarget(definition)
    return NativeTarget(definition, reason=choice.reason)
