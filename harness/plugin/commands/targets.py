"""``pacs-harness targets``: every system that can be tested, what each needs, and whether it can run here and now."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from harness.core.endpoint import Auth, Runtime
from harness.errors import HarnessError
from harness.targets.compose import image_of
from harness.targets.definition import EMBEDDED, TargetDefinition, known_targets, load_definition
from harness.targets.emulated import all_emulated, lacks
from harness.targets.runtime import choose_runtime
from harness.targets.site import Site, read_site, sites_in, template, template_needs, templates

_WIDTHS = (None, None, 34, 40, 60)


@dataclass(frozen=True, slots=True)
class Row:
    """One system: ``ready`` says whether it can be tested here and now, and if not, why."""

    name: str
    kind: str
    product: str
    needs: str
    ready: str


def show_targets(site_folder: Path | None = None) -> int:
    """Print all targets, with the site files of a folder where one is given.

    Raises:
        HarnessError: a data file is broken, or the folder holds no site file.
    """
    rows = [(row.name, row.kind, row.product, row.needs, row.ready) for row in list_targets(site_folder)]
    head = ("target", "kind", "product", "needs", "can run here and now")
    text = tabulate(rows, head, tablefmt="simple", disable_numparse=True, maxcolwidths=list(_WIDTHS))
    sys.stdout.write(text + "\n")
    return 0


def new_site(name: str) -> int:
    """Print the template of a site file.

    Raises:
        UnknownName: there is none of that name.
    """
    sys.stdout.write(template(name))
    return 0


def list_targets(site_folder: Path | None = None) -> Iterator[Row]:
    """All targets: ours, those of ``compose/`` with their releases, emulated ones, site files and their templates."""
    yield Row(EMBEDDED, Runtime.EMBEDDED, "pytest-pacs embedded PACS", "nothing", "yes")
    for name in known_targets():
        if name == EMBEDDED:
            continue
        definition = load_definition(name)
        yield _installable(definition)
        for release, _ in definition.container.releases:
            yield _installable(load_definition(f"{name}@{release}"))
    for one in all_emulated():
        missing = lacks(one.restrictions())
        ready = f"only with --emulate-unknown=refuse or accept: {missing}" if missing else "yes"
        yield Row(one.name, "emulated", f"{one.product.product} as claimed", "nothing", ready)
    for id, path in (sites_in(site_folder) if site_folder else {}).items():
        yield _site(id, path)
    for name in templates():
        yield _template(name)


def _installable(definition: TargetDefinition) -> Row:
    needs = [f"engine, compose command, image {image_of(definition)}"]
    if definition.native is not None:
        needs.append(f"the installed program {' or '.join(definition.native.binaries)}")
    try:
        ready = f"yes ({choose_runtime(definition).runtime})"
    except HarnessError as obstacle:
        ready = f"no: {obstacle}"
    kind = "container or native" if definition.native is not None else Runtime.CONTAINER
    return Row(definition.id, kind, definition.product, ", or ".join(needs), ready)


def _site(id: str, path: Path) -> Row:
    try:
        site = read_site(path)
    except HarnessError as obstacle:
        return Row(id, Runtime.REMOTE, "", str(path), f"no: {obstacle}")
    auth = site.web.auth if site.web is not None else Auth()
    variables = [variable for _, variable in auth.secrets]
    missing = [variable for variable in variables if not os.environ.get(variable)]
    ready = f"no: set {', '.join(missing)}" if missing else "yes, if it answers: the run asks first"
    return Row(id, Runtime.REMOTE, f"{site.vendor} {site.product}", _needs(site, variables), ready)


def _needs(site: Site, variables: list[str]) -> str:
    ways = []
    if site.endpoint is not None:
        ways.append(f"{site.endpoint.aet}@{site.endpoint.host}:{site.endpoint.port}")
    if site.web is not None:
        ways.append(site.web.base)
    return "; ".join([" and ".join(ways), *([f"variables {', '.join(variables)}"] if variables else [])])


def _template(name: str) -> Row:
    needs = template_needs(name)
    wanted = [f"a site file with {', '.join(needs.keys)}"]
    if needs.variables:
        wanted.append(f"variables {', '.join(needs.variables)}")
    missing = [variable for variable in needs.variables if not os.environ.get(variable)]
    unset = f"; set {', '.join(missing)}" if missing else ""
    ready = f"no: run 'pacs-harness targets new {name} > my.toml' and fill it in{unset}"
    product = needs.product if needs.product.startswith(needs.vendor) else f"{needs.vendor} {needs.product}"
    return Row(name, "site template", product, "; ".join(wanted), ready)
