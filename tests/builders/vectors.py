"""Test vectors of the fingerprint, for another implementation: writes docs/vectors.json.

`make gazette` runs it, since the proof is of the newest example release.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from microfiche.fixity import (
    bucket_of,
    bucket_roots,
    digested_json,
    fingerprint,
    key_digest,
    record_digest,
    table_root,
    tree_root,
)
from microfiche.library import open_release, path
from microfiche.release.proof import prove
from microfiche.schema import Spec, kind_of, table_types

TREE_SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 13)
HARD = 'tab\tquote"back\\slash/ \u007f \u2028 e\u0301 \U0001f5de \u0000\u001f'


def vectors() -> dict[str, Any]:
    """Everything that docs/vectors.json holds."""
    release = open_release(path("gazette"))
    rows = [(table, row) for table in sorted(table_types()) for row in release.rows(table)[:2]]
    hard = dict(rows[0][1], title=HARD, keywords=["", "b", "a"], section_path=[], free_access=False)
    records = [_record(*each) for each in [*rows, ("articles", hard)]]
    return {
        "format": "mf1-vectors",
        "records": records,
        "trees": [_tree(size) for size in TREE_SIZES],
        "releases": [_release(count) for count in (1, 2, 40)],
        "proof": prove(release, "gazette:g-101"),
    }


def _record(table: str, row: dict[str, Any]) -> dict[str, Any]:
    kind = table_types()[table]
    key = key_digest(row, kind.table.key)
    return {
        "table": table,
        "key": list(kind.table.key),
        "left_out": sorted(_left_out(kind.document)),
        "row": row,
        "digested": digested_json(row, kind).decode(),
        "record_sha256": record_digest(row, kind).hex(),
        "key_sha256": key.hex(),
        "bucket": bucket_of(key),
    }


def _left_out(spec: Spec, prefix: str = "") -> set[str]:
    """Columns and members that are no part of a record's digest, dotted."""
    found = set() if prefix else {"record_sha256", "text_access"} & set(spec["properties"])
    for name, part in spec["properties"].items():
        if part.get("x-withhold"):
            found.add(prefix + name)
        elif kind_of(part) == "object":
            found |= _left_out(part, f"{prefix}{name}.")
    return found


def _tree(size: int) -> dict[str, Any]:
    leaves = [hashlib.sha256(b"\0" + str(number).encode()).digest() for number in range(size)]
    return {"leaves": [leaf.hex() for leaf in leaves], "head": tree_root(leaves).hex()}


def _release(count: int) -> dict[str, Any]:
    """A release of made-up digests: three tables, one of them no part of the fingerprint."""
    tables = {}
    for table in ("articles", "changes", "outlets"):
        names = [f"{table} {number}" for number in range(count)]
        pairs = sorted(
            (hashlib.sha256(name.encode()).digest(), hashlib.sha256(name[::-1].encode()).digest())
            for name in names
        )
        tables[table] = pairs
    roots = {
        name: table_root(bucket_roots([key for key, _ in pairs], [record for _, record in pairs]))
        for name, pairs in tables.items()
    }
    return {
        "tables": {
            name: [[key.hex(), record.hex()] for key, record in pairs]
            for name, pairs in tables.items()
        },
        "roots": {name: root.hex() for name, root in roots.items()},
        "fingerprint": fingerprint(roots.items()),
    }


def page() -> str:
    """docs/vectors.json as text."""
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
