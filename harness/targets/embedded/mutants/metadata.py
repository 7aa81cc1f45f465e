"""Mutants that lose metadata: scripts, long values, private blocks, nesting, what is empty, how pictures were coded."""

from collections.abc import Callable, Iterator

from pydicom import DataElement, Dataset
from pydicom.multival import MultiValue

from harness.targets.embedded import damage
from harness.targets.embedded.damage import changing_header
from harness.targets.embedded.mutants.mutant import Mutant, damaging

_TEXT = frozenset({"PN", "LO", "SH", "ST", "LT", "UT", "UC"})
#: Characters that a column of a narrow database holds.
_COLUMN = 255


def _elements(dataset: Dataset) -> Iterator[DataElement]:
    for element in dataset:
        if element.tag.group > 2:
            yield element
            if element.VR == "SQ":
                for item in element.value:
                    yield from _elements(item)


def _mapped(element: DataElement, change: Callable[[str], str]) -> None:
    value = element.value
    if isinstance(value, MultiValue):
        element.value = [change(str(one)) for one in value]
    elif value not in (None, ""):
        element.value = change(str(value))


def _mangle(header: Dataset) -> None:
    """As an archive does that keeps text in Latin-1 and says so."""
    for element in list(_elements(header)):
        if element.VR in _TEXT:
            _mapped(element, lambda text: text.encode("latin-1", "replace").decode("latin-1"))
    header.SpecificCharacterSet = "ISO_IR 100"


def _truncate(header: Dataset) -> None:
    for element in list(_elements(header)):
        if element.VR in _TEXT:
            _mapped(element, lambda text: text[:_COLUMN])


def _drop_private(header: Dataset) -> None:
    header.remove_private_tags()


def _flatten(header: Dataset) -> None:
    """Keep items, and no sequence inside one."""
    for element in header:
        if element.VR == "SQ":
            for item in element.value:
                for inner in [one.tag for one in item if one.VR == "SQ"]:
                    del item[inner]


def _drop_empty(header: Dataset) -> None:
    for tag in [element.tag for element in header if element.is_empty]:
        del header[tag]


def _keep_first_value(header: Dataset) -> None:
    for element in list(_elements(header)):
        if isinstance(element.value, MultiValue) and element.VR in ("PN", "LO", "CS"):
            element.value = element.value[0]


def _drop_name_groups(header: Dataset) -> None:
    """Keep the first component group of names, as one does who knows no ideographs."""
    for element in list(_elements(header)):
        if element.VR == "PN":
            _mapped(element, lambda text: text.split("=")[0])


def _round(header: Dataset) -> None:
    for element in list(_elements(header)):
        if element.VR == "DS":
            _mapped(element, lambda text: f"{float(text):.6g}")


def _drop_ratio(header: Dataset) -> None:
    del header.LossyImageCompressionRatio


MUTANTS = (
    Mutant("mangles-non-latin", "replaces what is not Latin-1 by question marks", damaging(changing_header(_mangle))),
    Mutant("truncates-long-values", f"cuts text after {_COLUMN} characters", damaging(changing_header(_truncate))),
    Mutant("drops-private", "drops private attributes", damaging(changing_header(_drop_private))),
    Mutant("flattens-sequences", "drops sequences inside the items of others", damaging(changing_header(_flatten))),
    Mutant("drops-empty-values", "drops attributes without a value", damaging(changing_header(_drop_empty))),
    Mutant("keeps-first-values", "keeps the first of several values", damaging(changing_header(_keep_first_value))),
    Mutant(
        "drops-name-groups",
        "keeps the first component group of names",
        damaging(changing_header(_drop_name_groups)),
    ),
    Mutant("rounds-numbers", "keeps six digits of decimal strings", damaging(changing_header(_round))),
    Mutant(
        "resets-lossy",
        "says that pictures were never compressed with loss",
        damaging(damage.change_header(LossyImageCompression="00")),
    ),
    Mutant("drops-lossy-ratio", "drops Lossy Image Compression Ratio", damaging(changing_header(_drop_ratio))),
    Mutant(
        "renames-lossy-method",
        "says that pictures were compressed as JPEG",
        damaging(damage.change_header(LossyImageCompressionMethod="ISO_10918_1")),
    ),
)
