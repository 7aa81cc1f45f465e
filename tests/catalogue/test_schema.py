"""The published schemas and the readers cannot drift apart: they know the same keys, types and words."""

import copy
import re
import tomllib

import jsonschema
import pytest

from harness.catalogue.claims import load_products
from harness.catalogue.figures import FIGURES_FILE, load_figures
from harness.catalogue.places import data_folder
from harness.catalogue.read import load_formats, load_sop_classes
from harness.catalogue.schema import FILES, figures_schema, product_schema, text
from harness.catalogue.table import Table
from harness.errors import DataFileError
from tests.catalogue.claim_files import complete_figures, complete_product, write

FOLDER = data_folder("matrices")
FORMATS, CLASSES = load_formats(), load_sop_classes()

#: Objects whose keys are names that a file chooses.
NAMED = ("groups", "sources", "claims")


@pytest.fixture(autouse=True)
def catalogue_read_once(monkeypatch):
    """Hundreds of files are read here, and the catalogue behind them stays the same."""
    for module in ("claims", "figures", "schema"):
        monkeypatch.setattr(f"harness.catalogue.{module}.load_formats", lambda: FORMATS)
        if module != "figures":
            monkeypatch.setattr(f"harness.catalogue.{module}.load_sop_classes", lambda: CLASSES)


def read_product(path):
    return load_products(path.parent)


KINDS = {
    "product": (complete_product, product_schema, read_product),
    "figures": (complete_figures, figures_schema, load_figures),
}


def accepts(schema, plain):
    return jsonschema.Draft7Validator(schema).is_valid(plain)


def reads(read, path):
    try:
        read(path)
    except DataFileError:
        return False
    return True


def places(value, path=()):
    """Every place of a plain value, as the steps that lead to it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield (*path, step)
        yield from places(item, (*path, step))


def at(plain, path):
    for step in path:
        plain = plain[step]
    return plain


def normal(path):
    """A place without numbers and chosen names: what a schema and a reader can both know."""
    words = [str(step) for step in path if not isinstance(step, int)]
    return ".".join("*" if number and words[number - 1] in NAMED else word for number, word in enumerate(words))


def keys_of(schema, path=()):
    for name, inner in schema.get("properties", {}).items():
        yield normal((*path, name))
        yield from keys_of(inner, (*path, name))
    if isinstance(inner := schema.get("additionalProperties"), dict):
        yield normal((*path, "*"))
        yield from keys_of(inner, (*path, "*"))
    for inner in (schema["items"], *schema["items"].get("anyOf", ())) if "items" in schema else ():
        yield from keys_of(inner, path)


@pytest.mark.parametrize(("name", "schema"), FILES.items())
def test_published_schemas_are_those_of_the_code(name, schema):
    published = (FOLDER / name).read_text("utf-8")
    assert published == text(schema()), "write it anew: python -m harness.catalogue.schema"
    jsonschema.Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_file_passes_its_schema(path):
    schema = figures_schema() if path.name == FIGURES_FILE else product_schema()
    jsonschema.validate(tomllib.loads(path.read_text("utf-8")), schema, jsonschema.Draft7Validator)


@pytest.mark.parametrize("kind", KINDS)
def test_reader_and_schema_know_the_same_keys(kind, tmp_path, monkeypatch):
    complete, schema, read = KINDS[kind]
    asked = set()
    take, contains, tables = Table._take, Table.__contains__, Table.tables

    def note(table, key):
        asked.add(normal(re.split(r"\.", re.sub(r"\[\d+\]", "", table._prefix + key))))

    monkeypatch.setattr(Table, "_take", lambda self, key, *rest: (note(self, key), take(self, key, *rest))[1])
    monkeypatch.setattr(Table, "__contains__", lambda self, key: (note(self, key), contains(self, key))[1])
    monkeypatch.setattr(Table, "tables", lambda self, key: (note(self, key), tables(self, key))[1])
    plain = complete()
    read(write(tmp_path, plain))
    known = set(keys_of(schema()))
    assert asked == known
    assert {normal(path) for path in places(plain) if isinstance(path[-1], str)} == known


@pytest.mark.parametrize("kind", KINDS)
def test_reader_and_schema_agree_on_what_may_be_missing(kind, tmp_path):
    complete, schema, read = KINDS[kind]
    told = {}
    for path in places(complete()):
        plain = copy.deepcopy(complete())
        del at(plain, path[:-1])[path[-1]]
        verdict = accepts(schema(), plain)
        # What is not there can also not be referred to, nor refer to anything, which a schema does not know.
        if path[-1] in NAMED or path[-2:-1] in [(name,) for name in NAMED]:
            continue
        # A saving has something that it saves against: a rule between two keys.
        if path[-1] == "against" or path[-2:-1] == ("against",):
            continue
        told[path] = verdict
        assert reads(read, write(tmp_path, plain)) is verdict, path
    assert {True, False} == set(told.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", [None, 5.5, "", "no such word", 12, True, [], {}, [7]], ids=repr)
def test_what_the_schema_refuses_the_reader_refuses(kind, wrong, tmp_path):
    complete, schema, read = KINDS[kind]
    refused = 0
    for path in places(complete()):
        plain = copy.deepcopy(complete())
        at(plain, path[:-1])[path[-1]] = wrong
        if accepts(schema(), plain):
            continue
        refused += 1
        # TOML has no null; the reader meets a key that is not there.
        if wrong is not None:
            assert not reads(read, write(tmp_path, plain)), path
    assert refused > 10


@pytest.mark.parametrize("kind", KINDS)
def test_reader_and_schema_refuse_a_key_that_nobody_knows(kind, tmp_path):
    complete, schema, read = KINDS[kind]
    tables = [path for path in [(), *places(complete())] if isinstance(at(complete(), path), dict)]
    for path in tables:
        if path and path[-1] in NAMED:
            continue
        plain = copy.deepcopy(complete())
        at(plain, path)["colour"] = "red"
        assert not accepts(schema(), plain), path
        assert not reads(read, write(tmp_path, plain)), path


def test_only_unknown_does_without_a_source():
    plain = complete_product()
    row = plain["releases"][0]["storage"][0] = {"formats": ["group"], "status": "unknown", "confidence": "none"}
    assert accepts(product_schema(), plain)
    row["status"] = "refused"
    assert not accepts(product_schema(), plain)
