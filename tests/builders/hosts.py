"""Archives of one outlet on several hosts, its records with or without an address.

`small` makes archives of numbered records that have everything.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from microfiche.library import Release, open_archive
from microfiche.pipeline import BuildOptions

OUTLET = """id = "courier"
name = "Harbour Courier"
languages = ["en"]
[[domains]]
host = "courier.example"
role = "canonical"
[[domains]]
host = "mirror.example"
role = "mirror"
[[domains]]
host = "fr.courier.example"
role = "canonical"
site = "fr"
[rights]
basis = "license"
text = "full"
"""
WORDS = "harbour ledger lamp quay pencil volume winter reader office door coat shelf tide map rope".split()


def text(seed: int, words: int = 80) -> str:
    """A text of its own for each seed."""
    rng = random.Random(seed)
    return " ".join(rng.choices(WORDS, k=words)).capitalize() + "."


def capture(seed: int, **fields: Any) -> dict[str, Any]:
    """A ready record with a text of its own."""
    at = fields.pop("at", None)
    retrieval = {"retrieved_at": at} if at else {"notes": "no time known"}
    retrieval |= fields.pop("retrieval", {})
    base = {"outlet_id": "courier", "title": f"Piece {seed}", "text": text(seed)}
    return {**base, **fields, "retrieval": retrieval}


def released(root: Path, *records: dict[str, Any]) -> Release:
    """The release of an archive of these records."""
    (root / "raw" / "outlets").mkdir(parents=True)
    (root / "raw" / "captures").mkdir()
    (root / "raw" / "outlets" / "courier.toml").write_text(OUTLET)
    (root / "raw" / "outlets" / "gazette.toml").write_text('id = "gazette"\nname = "Gazette"\n')
    (root / "raw" / "dataset.toml").write_text('name = "c"\ntitle = "C"\n')
    (root / "DATASHEET.md").write_text("# D\n")
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (root / "raw" / "captures" / "r.jsonl").write_text(lines)
    options = BuildOptions(workers=1, date="2026-01-01")
    return open_archive(root).build(options).release


A, B = "https://courier.example/a", "https://courier.example/b"
