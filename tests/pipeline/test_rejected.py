"""Rejected captures are told by what they are, not by where they lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from microfiche.fixity import short_id
from small import build, record, write

BAD: list[Any] = [
    "no json",
    "no json",
    {"url": "https://nobody.example/1", "title": "A", "text": "B", "retrieval": {}},
    {"url": "https://courier.example/x", "title": "A", "text": "", "retrieval": {}},
    {"title": 7, "retrieval": {"retrieved_at": "2025-01-01T00:00:00+02:00"}},
]


def rejected(root: Path, order: list[int], files: int, **options: Any) -> list[dict[str, Any]]:
    """Rows of an archive whose bad lines stand in an order, over so many files."""
    write(root, [record(1)])
    for number in range(files):
        lines = [BAD[at] for at in order[number::files]]
        text = "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines)
        (root / "raw" / "captures" / f"bad-{number}.jsonl").write_text(text)
    return build(root, **options).rows("rejected")


def test_order_files_and_workers_change_no_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shuffled lines in other files and chunks: the same ids and digests, equal lines apart."""
    first = rejected(tmp_path / "a", [0, 1, 2, 3, 4], 1)
    monkeypatch.setattr("microfiche.captures.files.CHUNK_FILES", 1)
    second = rejected(tmp_path / "b", [4, 1, 3, 0, 2], 3, workers=2)
    told = [
        {(row["rejected_id"], row["record_sha256"]) for row in rows} for rows in (first, second)
    ]
    assert told[0] == told[1]
    assert len({each for each, _ in told[0]}) == len(BAD)


def test_an_id_is_of_bytes_address_and_time(tmp_path: Path) -> None:
    """In normal form as far as they have one; of equal ones the later are numbered."""
    rows = rejected(tmp_path / "a", [0, 1, 2, 3, 4], 1)
    by_line = {row["line"]: row for row in rows if row["source_file"].endswith("bad-0.jsonl")}

    def own(line: int, url: str | None = None, at: str | None = None) -> str:
        sha256 = by_line[line]["sha256"]
        return short_id({"sha256": sha256, "url": url, "retrieved_at": at})

    assert by_line[3]["rejected_id"] == own(3, "https://nobody.example/1")
    assert by_line[1]["rejected_id"] == own(1)
    assert by_line[2]["rejected_id"] == short_id({"rejected_id": own(1), "n_before": 1})


def test_a_public_release_does_not_say_where_they_were_read(tmp_path: Path) -> None:
    """Neither file nor line, and the fingerprint is that of the full one."""
    full = rejected(tmp_path / "a", [0, 1, 2, 3, 4], 1)
    public = build(tmp_path / "a", "public").rows("rejected")
    assert sorted(row["record_sha256"] for row in public) == sorted(
        row["record_sha256"] for row in full
    )
    assert {(row["source_file"], row["line"]) for row in public} == {(None, None)}
    assert {row["line"] for row in full} == {1, 2, 3, 4, 5}
