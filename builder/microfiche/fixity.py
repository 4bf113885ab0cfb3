"""Digests of records and the fingerprint of a release.

The rules, exactly enough for another implementation, are in docs/fingerprint.md. Nothing here
knows Parquet: a fingerprint outlives file formats.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import orjson

from microfiche.schema import Field, RecordType, Spec, kind_of

BUCKET_BITS = 12
N_BUCKETS = 1 << BUCKET_BITS
EMPTY_ROOT = hashlib.sha256(b"").digest()
OWN_DIGEST = "record_sha256"
NOT_DIGESTED = (OWN_DIGEST, "text_access")
BLOCK = 1 << 20


def canonical_json(value: Any) -> bytes:
    """RFC 8785 JSON of a value without floats, with ASCII keys and integers below 2^53."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def short_id(value: Any) -> str:
    """First 20 hex digits of the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()[:20]


def list_digest(value: Sequence[Any]) -> str | None:
    """Digest of a withholdable list; None for an empty one."""
    return sha256_hex(canonical_json(value)) if value else None


def stamp_of(state: os.stat_result) -> tuple[int, int, int, int]:
    """What tells a file from one that was written in its place: size, times of change, inode."""
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


def range_digest(path: Path, start: int, end: int) -> str:
    """Hexadecimal SHA-256 of bytes `start` to before `end` of a file. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (block := file.read(min(BLOCK, end - start))):
            digest.update(block)
            start += len(block)
    return digest.hexdigest()


def file_digest(path: Path) -> tuple[int, str]:
    """(size in bytes, hexadecimal SHA-256) of a file, read once. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def record_digest(row: Mapping[str, Any], kind: RecordType) -> bytes:
    """SHA-256 of a row by the fingerprint rule, 32 bytes.

    The row is plain JSON. `record_sha256`, `text_access` and withholdable values are left out (the
    digest columns beside them stand for them), nulls and empty lists at every depth. Raises
    msgspec.ValidationError for a value of another JSON type than its field's.
    """
    return hashlib.sha256(digested_json(row, kind)).digest()


def record_digests(columns: Mapping[str, Any], kind: RecordType) -> list[bytes]:
    """Record digests of rows that are given in columns, in their order.

    A struct's column is a list of structs, or a mapping of its members' columns. Values are of
    their fields' JSON types.
    """
    return _line_digests(list(_digested(kind).structs(columns)))


def beside_digests(columns: Mapping[str, Any], kind: RecordType, count: int) -> list[bytes]:
    """16 octets for each of `count` rows in columns: of what its record digest says nothing of.

    That are the values that it leaves out, and whether there are those it has a digest of.
    """
    left = [field for field in kind.fields if _is_undigested(field)]
    known: dict[tuple[Any, ...], bytes] = {}
    whole = [
        columns[field.name]
        if field.withheld_as != "digest"
        else [value is None for value in columns[field.name]]
        for field in left
    ]
    rows = zip(*whole, strict=True) if whole else [()] * count
    return [known.get(row) or known.setdefault(row, _beside(row)) for row in rows]


def _beside(row: tuple[Any, ...]) -> bytes:
    return hashlib.blake2b(repr(row).encode(), digest_size=16).digest()


def _is_undigested(field: Field) -> bool:
    own = field.name in NOT_DIGESTED and field.name != OWN_DIGEST
    return bool(own or field.withheld_as)


def _line_digests(values: list[Any]) -> list[bytes]:
    """SHA-256 of the JSON of each value.

    msgspec 0.22 never lets go of an iterator that it is to encode; a list it does.
    """
    lines = _encode_lines(values).split(b"\n")[:-1]
    return [hashlib.sha256(line).digest() for line in lines]


def digested_json(row: Mapping[str, Any], kind: RecordType) -> bytes:
    """The RFC 8785 JSON that a row's record digest is of."""
    return _encode(msgspec.convert(row, _digested(kind).type))


_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines


class _Digested(NamedTuple):
    """What a record digest covers of a record or a struct, as a type that holds nothing else.

    Its JSON has its members in order of name, none that is null or empty. `inner` are the members
    that hold structs, one or a list of them.
    """

    type: type[msgspec.Struct]
    inner: Mapping[str, _Digested]

    def structs(self, columns: Mapping[str, Any]) -> Iterator[msgspec.Struct]:
        """The values of this type that columns give, a row for each."""
        names = self.type.__struct_fields__
        return map(self.type, *(self._values(name, columns[name]) for name in names))

    def _values(self, name: str, column: Any) -> Any:
        if name not in self.inner:
            return column
        inner = self.inner[name]
        if isinstance(column, Mapping):
            return inner.structs(column)
        return msgspec.convert(column, list[list[inner.type] | inner.type | None])  # type: ignore[name-defined]


@functools.cache
def _digested(kind: RecordType) -> _Digested:
    fields = {field.name: field.spec for field in kind.fields if field.name not in NOT_DIGESTED}
    return _struct(kind.name, fields)


def _struct(name: str, specs: Mapping[str, Spec]) -> _Digested:
    covered = {key: spec for key, spec in sorted(specs.items()) if not spec.get("x-withhold")}
    inner = {
        key: _struct(key, item["properties"])
        for key, spec in covered.items()
        if kind_of(item := spec.get("items", spec)) == "object"
    }
    members = [_member(key, spec, inner.get(key)) for key, spec in covered.items()]
    return _Digested(msgspec.defstruct(name, members, omit_defaults=True, gc=False), inner)


def _member(name: str, spec: Spec, inner: _Digested | None) -> tuple[str, Any, Any]:
    if kind_of(spec) == "array":
        item: Any = inner.type if inner else _plain_type(spec["items"])
        return name, list[item], msgspec.field(default_factory=list)
    return name, (inner.type if inner else _plain_type(spec)) | None, None


def _plain_type(spec: Spec) -> Any:
    return {"string": str, "integer": int, "boolean": bool}[kind_of(spec)]


def key_digest(row: Mapping[str, Any], key: Sequence[str]) -> bytes:
    """SHA-256 of the RFC 8785 JSON of the list of a row's primary-key values, 32 bytes."""
    return hashlib.sha256(orjson.dumps([row[name] for name in key])).digest()


def key_digests(columns: Sequence[Iterable[str]]) -> list[bytes]:
    """Key digests of rows from the columns of their primary key."""
    return _line_digests(list(zip(*columns, strict=True)))


def leaf(key: bytes, record: bytes) -> bytes:
    """RFC 6962 leaf hash of a row: its key digest and record digest, 32 bytes each."""
    return hashlib.sha256(b"\0" + key + record).digest()


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 Merkle tree head over leaf hashes, in order.

    Pairing from the left and carrying an odd node up gives the same tree as RFC 6962's
    split at the largest power of two.
    """
    if not leaves:
        return EMPTY_ROOT
    level, sha256 = leaves, hashlib.sha256
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [sha256(b"\1" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def audit_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """RFC 6962 audit path (section 2.1.1) of one of the leaf hashes, from the leaf up."""
    path, level = [], list(leaves)
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
        level = above + level[len(level) & ~1 :]
        index //= 2
    return path


def bucket_of(key: bytes) -> int:
    """Bucket of a key digest: its first 12 bits as a number."""
    return key[0] << 4 | key[1] >> 4


def bucket_roots(keys: Sequence[bytes], records: Sequence[bytes]) -> dict[int, bytes]:
    """Roots of the buckets that hold rows; `keys` ascending, `records` beside them."""
    leaves: dict[int, list[bytes]] = {}
    for key, record in zip(keys, records, strict=True):
        leaves.setdefault(bucket_of(key), []).append(leaf(key, record))
    return {bucket: tree_root(rows) for bucket, rows in leaves.items()}


def table_root(roots: Mapping[int, bytes]) -> bytes:
    """Root of a table: RFC 6962 head over its 4,096 bucket roots as entries.

    Most buckets of a small table are empty, and so are most trees over them: others are hashed.
    """
    sha256 = hashlib.sha256
    level = {bucket: sha256(b"\0" + root).digest() for bucket, root in roots.items()}
    empty = sha256(b"\0" + EMPTY_ROOT).digest()
    for _ in range(N_BUCKETS.bit_length() - 1):
        level = {
            at: sha256(b"\1" + level.get(2 * at, empty) + level.get(2 * at + 1, empty)).digest()
            for at in {below >> 1 for below in level}
        }
        empty = sha256(b"\1" + empty + empty).digest()
    return level.get(0, empty)


def table_leaves(roots: Mapping[int, bytes]) -> list[bytes]:
    """Leaf hashes of a table's tree: its bucket roots as entries, in order."""
    entries = (roots.get(bucket, EMPTY_ROOT) for bucket in range(N_BUCKETS))
    return [hashlib.sha256(b"\0" + entry).digest() for entry in entries]


def top_leaves(roots: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """(table name, leaf hash) of every table with rows, in the order of the top tree.

    `changes` is left out: it speaks of two releases, not of one.
    """
    entries = sorted((name.encode(), root) for name, root in roots if name != "changes")
    return [
        (name.decode(), hashlib.sha256(b"\0" + name + b"\0" + root).digest())
        for name, root in entries
    ]


def fingerprint(roots: Iterable[tuple[str, bytes]]) -> str:
    """`mf1:` and 52 base32 digits over (table name, table root) of every table with rows."""
    head = tree_root([leaf for _, leaf in top_leaves(roots)])
    return "mf1:" + base64.b32encode(head).decode().rstrip("=").lower()
