"""Proofs that one article is in a release of a given fingerprint, without the rest of it.

A proof is JSON: the record, and the hashes that lead from its leaf to the fingerprint. The rules
are in docs/fingerprint.md; docs/check_proof.py checks a proof with the standard library alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import orjson

from microfiche.errors import DataError
from microfiche.fixity import (
    audit_path,
    bucket_of,
    digested_json,
    key_digest,
    leaf,
    table_leaves,
    top_leaves,
    tree_root,
)
from microfiche.release import Release

FORMAT = "mf1-proof"
TABLE = "articles"


def prove(release: Release, article_id: str) -> dict[str, Any]:
    """Proof that an article, by its id or an alias, is in a release.

    Raises DataError if it is not, or if the release does not hold.
    """
    row = release.article(article_id)
    kind = release.kind(TABLE)
    own = key_digest(row, kind.table.key)
    buckets = _buckets(release)
    bucket = sorted(buckets[bucket_of(own)])
    leaves = [leaf(*pair) for pair in bucket]
    in_bucket = [key for key, _ in bucket].index(own)
    roots = {
        number: tree_root([leaf(*p) for p in sorted(rows)]) for number, rows in buckets.items()
    }
    in_table = table_leaves(roots)
    tables = [
        (entry["name"], bytes.fromhex(entry["root"]))
        for entry in release.manifest["tables"]
        if entry["n_rows"]
    ]
    if (TABLE, tree_root(in_table)) not in tables:
        raise DataError(
            f"{release.root}: the root of {TABLE} is not the one in release.json",
            "run `microfiche verify` on it",
        )
    top = top_leaves(tables)
    place = [name for name, _ in top].index(TABLE)
    return {
        "format": FORMAT,
        "name": release.name,
        "version": release.version,
        "fingerprint": release.fingerprint,
        "table": TABLE,
        "key": [row[name] for name in kind.table.key],
        "record": orjson.loads(digested_json(row, kind)),
        "bucket": _step(leaves, in_bucket),
        "table_tree": _step(in_table, bucket_of(own)),
        "release": _step([each for _, each in top], place),
    }


def _buckets(release: Release) -> dict[int, list[tuple[bytes, bytes]]]:
    """Key and record digests of every article, by bucket."""
    key = release.kind(TABLE).table.key
    buckets: dict[int, list[tuple[bytes, bytes]]] = {}
    for row in release.table(TABLE, [*key, "record_sha256"]).to_pylist():
        digest = key_digest(row, key)
        pair = (digest, bytes.fromhex(row["record_sha256"]))
        buckets.setdefault(bucket_of(digest), []).append(pair)
    return buckets


def _step(leaves: Sequence[bytes], index: int) -> dict[str, Any]:
    """One tree of the three: where the leaf stands, and its audit path."""
    path = [each.hex() for each in audit_path(leaves, index)]
    return {"index": index, "size": len(leaves), "path": path}


def proof_json(proof: dict[str, Any]) -> bytes:
    """A proof as the file that is handed on."""
    return (json.dumps(proof, indent=2, ensure_ascii=False) + "\n").encode()
