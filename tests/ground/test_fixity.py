"""Digests and fingerprint against independent oracles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from microfiche.engine import local_engine
from microfiche.fixity import canonical_json, fingerprint, record_digest, tree_root
from microfiche.library import Release, open_release, path
from microfiche.schema import RecordType, Spec, kind_of, table_types
from microfiche.tables.roots import in_order, table_roots
from microfiche.verify.rows import check_records, look

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcxyz_", max_size=8), inner),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_is_rfc_8785(value: Any) -> None:
    """For values that tables may hold, our canonical JSON is the standard's."""
    assert canonical_json(value) == rfc8785.dumps(value)


def reference_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as written: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = reference_root(leaves[:split]), reference_root(leaves[split:])
    return hashlib.sha256(b"\1" + left + right).digest()


@pytest.mark.parametrize("count", [*range(18), 100, 4096])
def test_tree_root_is_rfc_6962(count: int) -> None:
    """Pairing level by level gives the recursive definition's root."""
    leaves = [hashlib.sha256(bytes([n % 251, n // 251])).digest() for n in range(count)]
    assert tree_root(leaves) == reference_root(leaves)


def changed(value: Any, spec: Spec) -> Any:
    """Another value of the same type."""
    kind = kind_of(spec)
    if kind == "array":
        return [*(value or []), changed(None, spec["items"])]
    if kind == "object":
        parts = spec["properties"].items()
        return {name: (value or {}).get(name) or changed(None, part) for name, part in parts}
    if kind == "boolean":
        return not value
    return (value or 0) + 1 if kind == "integer" else f"{value} changed"


def variants(row: dict[str, Any], properties: Spec) -> Iterator[tuple[dict[str, Any], bool]]:
    """(row with one value changed, whether the rule leaves that value out), also in structs."""
    for name, spec in properties.items():
        left_out = name in ("record_sha256", "text_access") or bool(spec.get("x-withhold"))
        if kind_of(spec) == "object":
            for inner, inner_left_out in variants(row[name], spec["properties"]):
                yield row | {name: inner}, inner_left_out
        else:
            yield row | {name: changed(row[name], spec)}, left_out


@pytest.mark.parametrize("name", sorted(table_types()))
def test_a_digest_moves_with_any_field_but_those_left_out(name: str) -> None:
    """Of every table, and of members of structs: whatever value changes."""
    kind = table_types()[name]
    for row in open_release(path("gazette")).rows(name)[:2]:
        before = record_digest(row, kind)
        for other, left_out in variants(row, kind.document["properties"]):
            assert (record_digest(other, kind) == before) == left_out


CODECS = st.sampled_from(["none", "snappy", "gzip", "brotli", "zstd", "lz4"])


@settings(max_examples=15)
@given(st.integers(0, 999), CODECS, st.integers(1, 40), st.integers(1, 5), st.booleans())
def test_the_fingerprint_is_independent_of_how_rows_are_stored(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    codec: str,
    rows_per_group: int,
    n_shards: int,
    dictionary: bool,
) -> None:
    """Any order of rows, any shards, row groups, codec and encoding: every digest holds."""
    gazette = open_release(path("gazette"))
    root = tmp_path_factory.mktemp("stored")
    (root / "data").mkdir()
    (root / "schema").symlink_to(gazette.root / "schema")
    tables = []
    for entry in gazette.manifest["tables"]:
        table, files = gazette.table(entry["name"]), []
        order = np.random.default_rng(seed).permutation(len(table))
        for number, part in enumerate(np.array_split(order, n_shards)):
            if len(part):
                file = f"data/{entry['name']}-{number}.parquet"
                options = {"compression": codec, "use_dictionary": dictionary}
                pq.write_table(table.take(pa.array(part)), root / file, rows_per_group, **options)
                files.append({"path": file, "n_rows": len(part), "size_bytes": 1, "sha256": ""})
        tables.append({**entry, "files": files})
    stored = Release(root, {**gazette.manifest, "tables": tables})
    with local_engine(1) as engine:
        covered, faults = check_records(engine, stored, look(engine, stored))
    assert faults == []
    assert covered.startswith(str(sum(entry["n_rows"] for entry in tables)))
    wanted = ("captures", "article_id", ["gazette:g-103", "gazette:g-120", "gazette:none"])
    captures = [sorted(map(str, each.select(*wanted))) for each in (stored, gazette)]
    assert captures[0] == captures[1] != []


def canonical_core(row: dict[str, Any], kind: RecordType) -> bytes:
    """The bytes of a record digest by docs/fingerprint.md, made with another program's JSON."""

    def pruned(value: Any, specs: dict[str, Any]) -> Any:
        return {
            name: pruned(part, specs[name]["properties"]) if isinstance(part, dict) else part
            for name, part in value.items()
            if part not in (None, []) and not specs[name].get("x-withhold")
        }

    specs = {field.name: field.spec for field in kind.fields}
    core = pruned(row, specs)
    for name in ("record_sha256", "text_access"):
        core.pop(name, None)
    for value in core.values():
        if isinstance(value, list) and isinstance(value[0], dict):
            value[:] = [{k: v for k, v in item.items() if v not in (None, [])} for item in value]
    return bytes(rfc8785.dumps(core))


@pytest.mark.parametrize("name", sorted(table_types()))
def test_record_digests_are_those_of_the_specification(name: str) -> None:
    """Every row of the Gazette has the digest that its canonical JSON gives."""
    kind, release = table_types()[name], open_release(path("gazette"))
    for row in release.rows(name):
        digest = hashlib.sha256(canonical_core(row, kind)).digest()
        assert record_digest(row, kind) == digest
        assert row["record_sha256"] == digest.hex()


@given(st.text())
def test_record_digests_escape_as_rfc_8785_does(text: str) -> None:
    """Control characters, quotes and astral characters in a value."""
    kind = table_types()["captures"]
    row = open_release(path("gazette")).rows("captures")[0] | {"notes": text}
    assert record_digest(row, kind) == hashlib.sha256(canonical_core(row, kind)).digest()


def test_nulls_and_empty_lists_do_not_count() -> None:
    """A new empty column changes no digest."""
    kind = table_types()["articles"]
    row = open_release(path("gazette")).rows("articles")[0]
    assert record_digest(row | {"new": None, "newer": []}, kind) == record_digest(row, kind)


@given(st.permutations(list(range(40))))
def test_table_root_is_independent_of_row_order(order: list[int]) -> None:
    """Whatever order sheets hold the rows in, a build gives the root of the sorted leaves."""
    rows = [
        (hashlib.sha256(b"k%d" % n).digest(), hashlib.sha256(b"r%d" % n).digest()) for n in order
    ]
    keys, records = (np.frombuffer(b"".join(each), "V32") for each in zip(*rows, strict=True))
    with local_engine(1) as engine:
        (root,) = table_roots(engine, {"articles": in_order(keys, records)}).values()
    buckets: dict[int, list[bytes]] = {}
    for key, record in sorted(rows):
        leaf = hashlib.sha256(b"\0" + key + record).digest()
        buckets.setdefault(int.from_bytes(key[:2], "big") >> 4, []).append(leaf)
    roots = {bucket: reference_root(leaves) for bucket, leaves in buckets.items()}
    heads = [roots.get(bucket, hashlib.sha256(b"").digest()) for bucket in range(4096)]
    assert root == reference_root([hashlib.sha256(b"\0" + head).digest() for head in heads])


def test_changes_table_is_no_part_of_the_fingerprint() -> None:
    """`changes` speaks of two releases, not of one."""
    root = bytes(32)
    assert fingerprint([("articles", root), ("changes", bytes(31) + b"x")]) == fingerprint(
        [("articles", root)]
    )
