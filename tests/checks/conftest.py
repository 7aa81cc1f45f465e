"""Each mutant is a process; here they are forked, as starting hundreds of them would take most of the time."""

from collections.abc import Iterator

import pytest

from tests.forked import forking


@pytest.fixture(scope="module", autouse=True)
def forked() -> Iterator[None]:
    with forking():
        yield
