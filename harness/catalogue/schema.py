"""The JSON Schemas of the matrices, for editors: made from the same enumerations that the readers use.

``python -m harness.catalogue.schema`` writes them into ``matrices/``. A schema knows the shape of a file and not what
refers to what: the readers stay the judges.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from harness.catalogue.claim_rows import DATE
from harness.catalogue.places import data_folder
from harness.catalogue.read import load_formats, load_sop_classes
from harness.core.claims import (
    UNCOMPRESSED,
    WORDS,
    ClaimKind,
    ClaimStatus,
    Confidence,
    ProductKind,
    Service,
    Setting,
    Topic,
)
from harness.core.figures import Measure

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_MAYBE_EMPTY: Schema = {"type": "string"}
_DATE: Schema = {"type": "string", "pattern": f"^({DATE})?$"}
_IDS: Schema = {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True}
_NUMBER: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(/[0-9]+)?$"}


def product_schema() -> Schema:
    """The schema of the file of one product."""
    known = [*load_formats(), *UNCOMPRESSED, *load_sop_classes()]
    return _file(
        "Claims on one product",
        required={
            "product": _TEXT,
            "vendor": _TEXT,
            "kind": _one_of(ProductKind),
            "sources": _by_name(_source()),
            "releases": {"type": "array", "items": _release(), "minItems": 1},
        },
        optional={
            "note": _TEXT,
            "groups": _by_name({**_IDS, "items": {"enum": known}}),
        },
    )


def figures_schema() -> Schema:
    """The schema of the file of claims on formats whatever the product."""
    figure = _table(
        required={"measure": _one_of(Measure), "formats": _IDS, "source": _TEXT, "confidence": _one_of(Confidence)},
        optional={
            "least": _NUMBER,
            "most": _NUMBER,
            "condition": _TEXT,
            "against": _IDS,
            "quote": _TEXT,
            "note": _TEXT,
        },
    )
    figure["anyOf"] = [{"required": ["least"]}, {"required": ["most"]}]
    required = {"sources": _by_name(_source()), "claims": _by_name(figure)}
    return _file("Claims on formats whatever the product", required, {})


#: The schema of each published file.
FILES = {"schema.json": product_schema, "format-claims.schema.json": figures_schema}


def text(schema: Schema) -> str:
    """A schema as it is published."""
    return json.dumps(schema, indent=1) + "\n"


def _release() -> Schema:
    optional: dict[str, Schema] = {"configuration": _TEXT, "note": _TEXT}
    claim = {"formats": _IDS, "status": _one_of(ClaimStatus)}
    scope = {"classes": _IDS, "by": _list_of(Service)}
    for topic in Topic:
        optional[topic.value] = _rows(_if_known(_row(claim, scope, source=False)))
    services = {"services": _list_of(Service), "status": _one_of(ClaimStatus)}
    optional["services"] = _rows(_if_known(_row(services, {}, source=False)))
    optional["largest"] = _rows(_row({"size": _TEXT}, {"by": _list_of(Service)}))
    words = _row({"setting": _one_of(one for one in Setting if one in WORDS), "value": _TEXT}, {})
    number = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
    numbers = _row({"setting": _one_of(one for one in Setting if one not in WORDS), "value": number}, {})
    optional["settings"] = _rows({"anyOf": [words, numbers]})
    release = _table({"name": _MAYBE_EMPTY, "date": _DATE}, optional)
    tables = [*(topic.value for topic in Topic), "services", "largest", "settings"]
    release["anyOf"] = [{"required": [name], "properties": {name: {"minItems": 1}}} for name in tables]
    return release


def _source() -> Schema:
    return _table(
        required={
            "title": _TEXT,
            "kind": _one_of(ClaimKind),
            "address": _MAYBE_EMPTY,
            "version": _MAYBE_EMPTY,
            "date": _DATE,
        },
        optional={"unsourced": {"type": "boolean"}, "note": _TEXT},
    )


def _row(required: dict[str, Schema], optional: dict[str, Schema], *, source: bool = True) -> Schema:
    """A row with the keys that say what it stands on; ``source`` tells whether it always names one."""
    named = {"source": _TEXT}
    return _table(
        required={**required, "confidence": _one_of(Confidence), **(named if source else {})},
        optional={**optional, "quote": _TEXT, "note": _TEXT, **({} if source else named)},
    )


def _if_known(row: Schema) -> Schema:
    unknown = {"properties": {"status": {"const": ClaimStatus.UNKNOWN.value}}}
    then = {"properties": {"confidence": {"const": Confidence.NONE.value}}}
    return {**row, "if": unknown, "then": then, "else": {"required": ["source"]}}


def _rows(row: Schema) -> Schema:
    return {"type": "array", "items": row}


def _one_of(members: Iterable[StrEnum]) -> Schema:
    return {"enum": [member.value for member in members]}


def _list_of(members: Iterable[StrEnum]) -> Schema:
    return {"type": "array", "items": _one_of(members), "minItems": 1}


def _by_name(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _table(required: dict[str, Schema], optional: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def _file(title: str, required: dict[str, Schema], optional: dict[str, Schema]) -> Schema:
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, **_table(required, optional)}


def main() -> None:
    """Write the schemas beside the matrices."""
    for name, schema in FILES.items():
        (data_folder("matrices") / name).write_text(text(schema()), "utf-8")


if __name__ == "__main__":
    main()
