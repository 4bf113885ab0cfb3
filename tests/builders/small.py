"""Small archives of ready records, written and built in a test."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from microfiche.library import Release, open_archive
from microfiche.pipeline import BuildOptions

DATASET = """name = "press"
title = "Press captures"
description = "Articles that were written for tests."
license = "CC0-1.0"
contact = "desk@library.example"
publisher = "Library"
[[creators]]
name = "A. Archivist"
"""
WORDS = "harbour ledger lamp quay pencil volume winter reader office door coat shelf tide map rope".split()


def outlet(name: str = "courier", text: str = "full", basis: str | None = "license") -> str:
    """An outlet file with a text policy and, if any, a basis for it."""
    stated = f'basis = "{basis}"\nevidence = "a letter"\n' if basis else ""
    return f"""id = "{name}"
name = "The {name.title()}"
languages = ["en"]
[[domains]]
host = "{name}.example"
role = "canonical"
[[domains]]
host = "{name}-mirror.example"
role = "mirror"
[[urls]]
pattern = '^/(?P<year>[0-9]{{4}})/(?P<month>[0-9]{{2}})/(?P<id>[0-9]+)'
[rights]
{stated}text = "{text}"
"""


def prose(seed: int, words: int = 80) -> str:
    """A text of its own for each seed: no run of 12 of its words stands in another's."""
    rng = random.Random(seed)
    return " ".join(f"{rng.choice(WORDS)}{rng.randrange(1000)}" for _ in range(words)).capitalize()


def record(number: int, **fields: Any) -> dict[str, Any]:
    """A ready record of article `number`: 2024-01, 02, ... by its number."""
    month = (number - 1) % 12 + 1
    host = fields.pop("host", "courier.example")
    base = {
        "url": f"https://{host}/2024/{month:02}/{number}",
        "title": f"Piece {number}",
        "text": prose(number),
        "published": f"2024-{month:02}-10",
        "retrieval": {
            "retrieved_at": "2025-01-01T00:00:00Z",
            "method": "crawler",
            "retrieved_by": "desk",
        },
    }
    return base | fields


def full(number: int) -> dict[str, Any]:
    """A record with nothing to find in it that has nearly every member."""
    return record(
        number,
        language="en",
        subtitle=f"What {number} says",
        dateline="HARBOUR",
        section_path=["News", f"Page {number % 3}"],
        byline=[f"Writer {number % 4}"],
        captions=[f"A photograph, {number}"] if number % 2 else [],
        keywords=["press"],
        modified_at="2024-06-01T00:00:00Z",
    )


def write(root: Path, records: Iterable[dict[str, Any]], *outlets: str, **files: str) -> Path:
    """An archive of these records."""
    for folder in ("raw/outlets", "raw/captures"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for text in outlets or (outlet(),):
        name = text.split('"')[1]
        (root / "raw" / "outlets" / f"{name}.toml").write_text(text)
    (root / "raw" / "dataset.toml").write_text(DATASET)
    if not (root / "DATASHEET.md").exists():
        (root / "DATASHEET.md").write_text("# Datasheet\n")
    lines = "".join(json.dumps(each) + "\n" for each in records)
    (root / "raw" / "captures" / "records.jsonl").write_text(lines)
    for name, text in files.items():
        (root / name.replace("__", "/")).parent.mkdir(parents=True, exist_ok=True)
        (root / name.replace("__", "/")).write_text(text)
    return root


def build(root: Path, access: str = "full", **options: Any) -> Release:
    """The next release of an archive."""
    given = {"workers": 1, "date": "2026-01-01", "access": access} | options
    return open_archive(root).build(BuildOptions(**given)).release


def add_lines(root: Path, name: str, *lines: object) -> None:
    """Lines of JSON in a file of raw/captures/."""
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    (root / "raw" / "captures" / name).write_text(text)


ODD_TEXTS = [
    "\n\n".join([prose(3, 20), prose(4, 20)] * 3),  # stands there twice
    f"{prose(5)} â€™ and â€™ again",  # damaged
    f"{prose(6)}\n{prose(7)}",
    f"{prose(6)}\n\n\n{prose(7)}",
    f"{prose(6)}\n{prose(7)}\n\n\n{prose(8)}",  # as many newlines as two blank lines have
    "日本の新聞社は記事を書く。" * 80,
    " ",
]
TEXTS = st.one_of(
    st.integers(1, 9).map(prose),
    st.integers(1, 9).map(lambda seed: f"{prose(seed, 20)}\n\n{prose(seed + 100, 60)}"),
    st.sampled_from(ODD_TEXTS),
    st.text("ab \n\u0301é\x01\x7f\u2028", min_size=1, max_size=12),
)
