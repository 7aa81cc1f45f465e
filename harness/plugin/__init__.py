"""The pytest plugin: the only code that knows pytest and everything else.

Loaded in every pytest session on the machine, so this module imports nothing heavy; all that matters is in
:mod:`harness.plugin.session`, which is imported only where a PACS was chosen.
"""

from pathlib import Path

import pytest

from harness.plugin.options import add_options

CHECKS = Path(__file__).resolve().parent.parent / "checks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare our options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and, where a PACS was chosen, the plugin that does the work."""
    config.addinivalue_line("markers", "pacs_check(info, over): a check of a PACS; use harness.marks.check to write it")
    if not config.getoption("--pacs"):
        return
    if config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR:
        # Nobody said what to run and no testpaths are configured: the checks are what --pacs is about.
        config.args = [str(CHECKS)]
    from harness.plugin.bundling import BundlePlugin
    from harness.plugin.session import PacsPlugin

    # What the report needs is read first, and the report is made last.
    bundling = BundlePlugin.of(config)
    session = PacsPlugin.of(config)
    config.pluginmanager.register(session, "pacs-session")
    if bundling is not None:
        bundling.session = session
        config.pluginmanager.register(bundling, "pacs-bundle")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to run checks against nothing."""
    from harness.plugin.cells import marked

    if marked(items) and not config.getoption("--pacs"):
        from harness.targets.definition import known_targets

        raise pytest.UsageError(f"no PACS chosen: use --pacs=NAME; known: {', '.join(known_targets())}")
