"""Digests and fingerprint against independent oracles."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from microfiche.build.manifest import _parts, _roots
from microfiche.fixity import (
    canonical_json,
    fingerprint,
    record_digest,
    table_root,
    tree_root,
)
from microfiche.load import path
from microfiche.release import open_release
from microfiche.schema import RecordType, table_types
from microfiche.tables import INDEX, Index

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


def test_fingerprint_moves_with_any_digested_field_and_no_other() -> None:
    """Changing a value changes the record digest, unless the rule leaves the field out."""
    kind = table_types()["captures"]
    row = open_release(path("gazette")).rows("captures")[0]
    before = record_digest(row, kind)
    for field in kind.fields:
        changed = row | {field.name: {"string": "changed", "integer": 7}[field.kind]}
        left_out = field.name == "record_sha256" or field.withheld_as == "omit"
        assert (record_digest(changed, kind) == before) == left_out, field.name


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
    entries = np.array([(key, record, 0) for key, record in rows], dtype=INDEX)
    index = Index(np.zeros(40, np.int32), np.arange(40, dtype=np.int32), entries)
    roots: dict[int, bytes] = {}
    for part in _parts("articles", index):
        roots |= _roots(part)
    buckets: dict[int, list[bytes]] = {}
    for key, record in sorted(rows):
        leaf = hashlib.sha256(b"\0" + key + record).digest()
        buckets.setdefault(int.from_bytes(key[:2], "big") >> 4, []).append(leaf)
    assert roots == {bucket: reference_root(leaves) for bucket, leaves in buckets.items()}
    heads = [roots.get(bucket, hashlib.sha256(b"").digest()) for bucket in range(4096)]
    assert table_root(roots) == reference_root([hashlib.sha256(b"\0" + h).digest() for h in heads])


def test_changes_table_is_no_part_of_the_fingerprint() -> None:
    """`changes` speaks of two releases, not of one."""
    root = bytes(32)
    assert fingerprint([("articles", root), ("changes", bytes(31) + b"x")]) == fingerprint(
        [("articles", root)]
    )
