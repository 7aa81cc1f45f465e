"""Matrix files for tests: one that holds every key, as a plain value and as TOML."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Plain = dict[str, Any]


def complete_product() -> Plain:
    """A product file with every key that there is, at least once."""
    basis = {"source": "statement", "confidence": "high", "quote": "words", "note": "more"}
    row = {"formats": ["group"], "classes": ["video_endoscopic"], "by": ["C-STORE"], "status": "accepted", **basis}
    return {
        "product": "Example PACS",
        "vendor": "Example",
        "kind": "commercial",
        "note": "a note",
        "groups": {"group": ["mpeg2_ml", "mpeg2_hl"]},
        "sources": {
            "statement": {
                "title": "Conformance statement",
                "kind": "vendor-document",
                "address": "https://example.org",
                "version": "1",
                "date": "2024-09-06",
                "unsourced": False,
                "note": "a note",
            }
        },
        "releases": [
            {
                "name": "1.0",
                "date": "2024",
                "configuration": "with an option",
                "note": "a note",
                "storage": [row],
                "playback": [row],
                "transcoding": [row],
                "services": [{"services": ["C-ECHO"], "status": "accepted", **basis}],
                "largest": [{"size": "2GB", "by": ["C-STORE"], **basis}],
                "settings": [
                    {"setting": "ae_title", "value": "EXAMPLE", **basis},
                    {"setting": "max_pdu", "value": 16384, **basis},
                ],
            }
        ],
    }


def complete_figures() -> Plain:
    """A file of claims on formats with every key that there is, at least once."""
    return {
        "sources": complete_product()["sources"],
        "claims": {
            "less": {
                "measure": "saving",
                "formats": ["h264_hp41"],
                "against": ["mpeg2_ml"],
                "least": "30",
                "most": "50",
                "condition": "at the same quality",
                "source": "statement",
                "confidence": "high",
                "quote": "words",
                "note": "a note",
            }
        },
    }


def toml(value: Any) -> str:
    """Any of these values in TOML: JSON but for tables."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{json.dumps(key)} = {toml(item)}' for key, item in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value)


def write(folder: Path, plain: Plain, name: str = "example.toml") -> Path:
    """Write a file with ``plain`` in it; returns its path."""
    path = folder / name
    path.write_text("".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in plain.items()), "utf-8")
    return path
