"""JUnit results held against the record: cells and outcomes are written there as properties of each test case."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from harness.core.results import Outcome, Result, Run

JUNIT = "junit.xml"

#: What a test case of an outcome holds; what is not here is shown as skipped.
_ELEMENTS = {Outcome.PASS: "", Outcome.FAIL: "failure", Outcome.ERROR: "error"}


def junit_differences(path: Path, run: Run) -> Iterator[str]:
    """Where the test cases are not those of the results, in words."""
    try:
        cases = _cases(path)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        yield f"{JUNIT}: cannot be read: {error}"
        return
    results: dict[str, list[Result]] = {}
    for result in run.results:
        results.setdefault(result.cell.id, []).append(result)
    for cell in {**results, **cases}:
        shown, recorded = cases.get(cell, []), results.get(cell, [])
        if [case.outcome for case in shown] != [result.outcome for result in recorded]:
            yield f"{JUNIT}: {cell}: {_outcomes(shown)}, and {_outcomes(recorded)} in the record"
            continue
        for case, result in zip(shown, recorded, strict=True):
            # What XML cannot hold is written there in another way.
            if result.reason.isprintable() and case.reason != result.reason:
                yield f"{JUNIT}: {cell}: the reason is {case.reason[:200]!r}, and another one in the record"
            elif not _is_shown_as(result.outcome, case.element):
                yield f"{JUNIT}: {cell}: shown as {case.element or 'passed'}, and {result.outcome} in the record"


class _Case:
    """One test case: its properties, and the element that says what pytest made of it."""

    def __init__(self, element: ElementTree.Element) -> None:
        properties = {one.get("name"): one.get("value", "") for one in element.iter("property")}
        self.cell = properties.get("cell")
        self.outcome = properties.get("outcome", "")
        self.reason = properties.get("reason", "")
        self.element = next((name for name in ("failure", "error", "skipped") if element.find(name) is not None), "")


def _cases(path: Path) -> dict[str, list[_Case]]:
    data = path.read_bytes()
    if b"<!" in data.replace(b"<![CDATA[", b""):
        # Entities could make a small file a large one, and pytest writes none.
        raise ValueError("it declares a document type")
    found: dict[str, list[_Case]] = {}
    for element in ElementTree.fromstring(data).iter("testcase"):  # noqa: S314 - there is no entity in it
        case = _Case(element)
        if case.cell is not None:
            found.setdefault(case.cell, []).append(case)
    return found


def _is_shown_as(outcome: Outcome, element: str) -> bool:
    wanted = _ELEMENTS.get(outcome, "skipped")
    # Where a target could not be stopped, that is an error of its last test case, whatever the case came to.
    return element in (wanted, "error")


def _outcomes(found: list[_Case] | list[Result]) -> str:
    return ", ".join(one.outcome for one in found) or "nothing"
