"""What people use instead, on the files of an archive: from JSONL to Parquet, or WARC to text.

python benchmarks/peers.py duckdb|pyarrow|polars|datasets|by-hand|trafilatura ARCHIVE OUT
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def duckdb(files: list[str], out: str) -> None:
    """A raw conversion."""
    import duckdb as db

    db.read_json(files).to_parquet(out, compression="zstd", row_group_size=10_240)


def pyarrow(files: list[str], out: str) -> None:
    """A raw conversion, a table a file."""
    import pyarrow as pa
    from pyarrow import json as paj
    from pyarrow import parquet

    tables = [paj.read_json(file, paj.ReadOptions(block_size=64 << 20)) for file in files]
    table = pa.concat_tables(tables, promote_options="default")
    parquet.write_table(table, out, compression="zstd", row_group_size=10_240)


def polars(files: list[str], out: str) -> None:
    """A raw conversion, streamed."""
    import polars as pl

    pl.scan_ndjson(files).sink_parquet(out, compression="zstd")


def datasets(files: list[str], out: str) -> None:
    """The loader of JSON, then Parquet."""
    from datasets import load_dataset

    loaded = load_dataset("json", data_files=files, split="train", cache_dir=f"{out}.cache")
    loaded.to_parquet(out)


def by_hand(files: list[str], out: str) -> None:
    """What people write: each record validated, digested, told from those seen, with its source."""
    import jsonschema
    from datasets import Dataset

    from microfiche.schema import record_type

    validator = jsonschema.Draft202012Validator(record_type("record").document)

    def records() -> Iterator[dict[str, Any]]:
        seen = set()
        for file in files:
            with Path(file).open(encoding="utf-8") as lines:
                for number, line in enumerate(lines):
                    record = json.loads(line)
                    if not validator.is_valid(record):
                        continue
                    text = record.get("text") or "\n\n".join(record["paragraphs"])
                    digest = hashlib.sha256(
                        json.dumps([record["title"], text], sort_keys=True).encode()
                    ).hexdigest()
                    if digest not in seen:
                        seen.add(digest)
                        source = {"file": file, "line": number, "outlet": record["outlet_id"]}
                        yield {"url": record["url"], "title": record["title"], "text": text,
                               "published": record.get("published"), "sha256": digest,
                               "provenance": source}  # fmt: skip

    Dataset.from_generator(records, cache_dir=f"{out}.cache").to_parquet(out)


def trafilatura(files: list[str], out: str) -> None:
    """The text of every page of WARC files, on one core."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from trafilatura import bare_extraction

    with Path(out).open("w", encoding="utf-8") as written:
        for file in files:
            with Path(file).open("rb") as stream:
                for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                    url = record.headers.get("WARC-Target-URI")
                    found = bare_extraction(record.reader.read(), url=url, with_metadata=True)
                    text = getattr(found, "text", None)
                    written.write(json.dumps({"url": url, "text": text}) + "\n")


PEERS = {
    "duckdb": duckdb,
    "pyarrow": pyarrow,
    "polars": polars,
    "datasets": datasets,
    "by-hand": by_hand,
    "trafilatura": trafilatura,
}


def main() -> None:
    """Run one peer on an archive's captures."""
    name, archive, out = sys.argv[1:]
    captures = Path(archive) / "raw" / "captures"
    files = sorted(map(str, [*captures.rglob("articles.jsonl"), *captures.rglob("*.warc.gz")]))
    PEERS[name](files, out)


if __name__ == "__main__":
    main()
