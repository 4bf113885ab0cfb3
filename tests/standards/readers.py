"""A release by those who read it: the Hub's card, datasets, pandas, polars, duckdb."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="readers-")  # read at import
import datasets
import duckdb
import pandas as pd
import polars as pl
from huggingface_hub import DatasetCard, DatasetCardData

CARD_FIELDS = (
    "pretty_name",
    "license",
    "language",
    "size_categories",
    "source_datasets",
    "configs",
)
READERS: dict[str, Callable[[str], set[str]]] = {
    "pandas": lambda path: set(pd.read_parquet(path)["record_sha256"]),
    "polars": lambda path: set(pl.read_parquet(f"{path}/*.parquet")["record_sha256"]),
    "duckdb": lambda path: {
        row[0]
        for row in duckdb.sql(f"select record_sha256 from '{path}/*.parquet'").fetchall()  # noqa: S608
    },
}


def card_faults(release: Path) -> list[str]:
    """The card's metadata as the Hub reads it."""
    card = DatasetCard.load(release / "README.md")
    assert isinstance(card.data, DatasetCardData)
    data = card.data.to_dict()
    wrong = [f"card: no {name}" for name in CARD_FIELDS if not data.get(name)]
    paths = [
        path for each in data["configs"] for files in each["data_files"] for path in files["path"]
    ]
    return wrong + [f"card: no file {path}" for path in paths if not (release / path).is_file()]


def table_faults(release: Path, name: str) -> list[str]:
    """One table by every reader: the same record digests."""
    loaded = datasets.load_dataset(str(release), name, split="train")
    expected = set(loaded["record_sha256"])
    streamed = datasets.load_dataset(str(release), name, split="train", streaming=True)
    found = {"datasets, streaming": {row["record_sha256"] for row in streamed}}
    found |= {each: read(str(release / "data" / name)) for each, read in READERS.items()}
    return [f"{name}: {each} reads other rows" for each, rows in found.items() if rows != expected]


def main(release: Path) -> int:
    """Faults on standard output; how many."""
    datasets.disable_progress_bars()
    wrong = card_faults(release)
    tables = [
        e for e in json.loads((release / "release.json").read_bytes())["tables"] if e["files"]
    ]
    configs = datasets.get_dataset_config_names(str(release))
    if sorted(configs) != [entry["name"] for entry in tables]:
        wrong.append(f"configs are {configs}")
    for entry in tables:
        wrong += table_faults(release, entry["name"])
    print(
        "\n".join(wrong) or f"{len(tables)} tables read alike by datasets, pandas, polars, duckdb"
    )
    return len(wrong)


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]).resolve())))
