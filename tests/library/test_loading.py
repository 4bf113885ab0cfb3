"""Loading releases, by name and by folder, with our reader and with others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import microfiche
from microfiche.errors import DataError
from microfiche.library import path

GAZETTE = path("gazette")


LOAD = "import sys, microfiche\nfor p in sys.argv[1:]:\n print(len(microfiche.load_dataset(p)['train']))"


def small_release(root: Path, count: int) -> Path:
    """A release of `count` articles in root/x/1.0.0."""
    from hosts import capture, released

    return released(
        root, *(capture(n, url=f"https://courier.example/{n}") for n in range(count))
    ).root


def test_two_releases_of_one_name_load_their_own_rows(tmp_path: Path) -> None:
    """Equal folder names in different places: in one process, and in two with one cache."""
    left, right = small_release(tmp_path / "left", 2), small_release(tmp_path / "right", 5)
    assert left.name == right.name
    together = subprocess.run(
        [sys.executable, "-c", LOAD, left, right, left], capture_output=True, text=True, check=True
    )
    assert together.stdout.split() == ["2", "5", "2"]
    for folder, count in ((left, "2"), (right, "5")):
        alone = subprocess.run(
            [sys.executable, "-c", LOAD, folder], capture_output=True, text=True, check=True
        )
        assert alone.stdout.split() == [count]
    from datasets import load_dataset

    assert len(load_dataset(str(left), split="train")) == 2
    assert len(load_dataset(str(right), split="train")) == 5


def test_load_dataset_by_name_and_config() -> None:
    """The embedded Gazette by its name; other tables by theirs; a clear error otherwise."""
    row = microfiche.load_dataset("gazette")["train"][0]
    assert row["article_id"] == "gazette:g-101"
    captures = microfiche.load_dataset("gazette", "captures", split="train")
    assert "not_found" in captures["outcome"]
    with pytest.raises(DataError, match="have articles"):
        microfiche.load_dataset("gazette", "rejected")
    with pytest.raises(DataError, match="neither"):
        microfiche.load_dataset("no-such-thing")


def test_other_readers_read_the_shards() -> None:
    """DuckDB sees the same rows."""
    import duckdb

    rows = duckdb.read_parquet(f"{GAZETTE}/data/articles/*.parquet").select("title").fetchall()
    assert len(rows) == len(microfiche.load_dataset("gazette")["train"])
