"""Identifiers of queries and retrieves, read into keys, and the answers made of index rows (PS3.4 C.2.2, C.4)."""

from collections.abc import Mapping

from pydicom import Dataset
from pydicom.datadict import dictionary_VR

from harness.targets.embedded.index import UNIQUE, Level

#: Elements of an identifier that are no keys.
_NOT_KEYS = frozenset({"QueryRetrieveLevel", "RetrieveAETitle", "SpecificCharacterSet", "TimezoneOffsetFromUTC"})


def query_of(identifier: Dataset) -> tuple[Level, dict[str, str]]:
    """Level and keys of an identifier, values as text; a sequence or private key stays as an unknown name.

    Raises:
        ValueError: the Query/Retrieve Level is missing or not one of Study Root (PS3.4 C.6.2).
    """
    level = Level(str(identifier.get("QueryRetrieveLevel", "")).strip())
    query = {}
    for element in identifier:
        name = element.keyword or str(element.tag)
        if name not in _NOT_KEYS:
            value = element.value
            parts = value if element.VM > 1 and element.VR != "SQ" else [value]
            query[name] = "" if value is None else "\\".join(map(str, parts))
    return level, query


def answer_of(level: Level, asked: Mapping[str, str], found: Mapping[str, str], aet: str) -> Dataset:
    """One C-FIND answer: what was asked for and is known, and where to retrieve it (PS3.4 C.4.1.1.3.2)."""
    answer = Dataset()
    answer.QueryRetrieveLevel = level.value
    answer.RetrieveAETitle = aet
    answer.SpecificCharacterSet = "ISO_IR 192"
    for keyword in {UNIQUE[level], *asked} & found.keys():
        text = found[keyword]
        setattr(answer, keyword, int(text) if text and dictionary_VR(keyword) == "US" else text or None)
    return answer
