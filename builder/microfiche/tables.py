"""Rows to Arrow, sheets of rows on disk while a release is built, and Parquet shards.

A *sheet* is one Arrow file of finished rows with an index beside it (key digest, record digest,
day). Shards are a pure function of the rows: of their keys, days and order, never of how the
sheets happened to hold them.
"""

from __future__ import annotations

import functools
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from microfiche.dates import day_number
from microfiche.fixity import file_digest, key_digest, key_digests, record_digest, record_digests
from microfiche.schema import RecordType, Spec, arrow_type, kind_of, type_name

Row = dict[str, Any]
INDEX = np.dtype([("key", "V32"), ("digest", "V32"), ("day", "<i4")])
INDEX_ENTRY = struct.Struct("<32s32si")
UNDATED = day_number(None)
DATE_UNITS = "YMD"
MAX_SHARD_ROWS = 20_000
ROW_GROUP_ROWS = 8_192
# Rows, and octets of text, of which a sheet's batch is made.
SHEET_ROWS, SHEET_OCTETS = 1024, 16 << 20
ROW_GROUP_BYTES = 256 << 20


# Rows and Arrow


def to_batch(kind: RecordType, rows: Sequence[Row]) -> pa.RecordBatch:
    """Rows in their JSON form as one record batch of the type's Arrow schema."""
    pick = itemgetter(*kind.arrow_schema.names)
    return _batch(kind, [pick(row) for row in rows])


def _batch(kind: RecordType, values: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
    """A record batch from the values of each row, in the order of the columns."""
    if not values:
        return pa.RecordBatch.from_pylist([], schema=kind.arrow_schema)
    members = zip(*values, strict=True)
    columns = [column(field.spec, each) for field, each in zip(kind.fields, members, strict=True)]
    return pa.record_batch(columns, schema=kind.arrow_schema)


def _alike(kind: RecordType, row: Row, columns: Mapping[str, Any], count: int) -> pa.RecordBatch:
    """A record batch of `count` rows like `row` but for the values of `columns`."""
    shared = {name: None if name in columns else value for name, value in row.items()}
    shared |= {name: row[name] for name, values in columns.items() if isinstance(values, Mapping)}
    repeated = to_batch(kind, [shared]).take(pa.array(np.zeros(count, np.int32)))
    arrays = [
        _with_values(field.spec, array, columns.get(field.name))
        for field, array in zip(kind.fields, repeated.columns, strict=True)
    ]
    return pa.record_batch(arrays, schema=kind.arrow_schema)


def _with_values(spec: Spec, array: pa.Array, values: Any) -> pa.Array:
    """An array, its values replaced by those of a column; of a struct, by member."""
    if values is None:
        return array
    if not isinstance(values, Mapping):
        return column(spec, values)
    parts = spec["properties"]
    children = [
        _with_values(part, array.field(name), values.get(name)) for name, part in parts.items()
    ]
    return pa.StructArray.from_arrays(children, names=list(parts))


def column(spec: Spec, values: Sequence[Any]) -> pa.Array:
    """JSON values as one Arrow array; times and dates are parsed from their canonical strings."""
    name = type_name(spec)
    if name in ("timestamp", "date"):
        return pa.array(values, pa.string()).cast(arrow_type(spec))
    if name == "struct":
        parts = spec["properties"]
        members = zip(*map(itemgetter(*parts), values), strict=True)
        children = [column(part, each) for part, each in zip(parts.values(), members, strict=True)]
        return pa.StructArray.from_arrays(children, names=list(parts))
    if name == "string" and values and isinstance(values[0], bytes):
        return _utf8_column(values)
    return pa.array(values, arrow_type(spec))


def _utf8_column(values: Sequence[bytes]) -> pa.Array:
    """Strings given as UTF-8, none null: Arrow would look at every octet again."""
    offsets = np.cumsum([0, *map(len, values)]).astype(np.int32)
    octets = pa.py_buffer(b"".join(values))
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), octets)


def to_rows(kind: RecordType, table: pa.Table | pa.RecordBatch) -> list[Row]:
    """Arrow rows in their JSON form: the exact inverse of `to_batch`."""
    columns = [_values(field.spec, table.column(field.name)) for field in kind.fields]
    names = [field.name for field in kind.fields]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(spec: Spec, array: pa.Array | pa.ChunkedArray) -> list[Any]:
    name = type_name(spec)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if name == "timestamp":
        return list(pc.strftime(array, format="%Y-%m-%dT%H:%M:%SZ").to_pylist())
    if name == "date":
        return list(array.cast(pa.string()).to_pylist())
    if name == "struct":
        keys = list(spec["properties"])
        parts = [_values(spec["properties"][key], array.field(key)) for key in keys]
        return [dict(zip(keys, row, strict=True)) for row in zip(*parts, strict=True)]
    if kind_of(spec) == "array" and kind_of(spec["items"]) == "object":
        names = list(spec["items"]["properties"])
        return [[{key: item[key] for key in names} for item in row] for row in array.to_pylist()]
    return list(array.to_pylist())


# Sheets


class Sheet(NamedTuple):
    """Rows of one table in one Arrow file; `kept` are the row numbers that still count."""

    path: str
    kept: Any = None


class SheetWriter:
    """Writes finished rows of one table to a sheet as they come, with digests and an index.

    It holds few of them at a time, however many there are. Its methods raise OSError.
    """

    def __init__(self, kind: RecordType, path: Path) -> None:
        self.kind = kind
        self.path = path
        self.pick = itemgetter(*kind.arrow_schema.names)
        self.values: list[tuple[Any, ...]] = []
        self.held = 0
        self.index = bytearray()
        self.out: tuple[pa.NativeFile, pa.RecordBatchWriter] | None = None

    def add(self, row: Row) -> None:
        """Take a row whose `record_sha256` is still to be set."""
        table = self.kind.table
        digest = record_digest(row, self.kind)
        row["record_sha256"] = digest.hex()
        day = day_number(row[table.time] if table.time else None)
        self.index += INDEX_ENTRY.pack(key_digest(row, table.key), digest, day)
        self.values.append(self.pick(row))
        self.held += len(row.get("text") or "")
        if len(self.values) == SHEET_ROWS or self.held > SHEET_OCTETS:
            self._write_held()

    def add_alike(self, row: Row, columns: Mapping[str, Any]) -> None:
        """Take rows that are like `row` but for the values of `columns`, as `add` takes each."""
        table = self.kind.table
        digests = record_digests(row, columns, self.kind)
        keys = key_digests([columns[name] for name in table.key])
        index = np.empty(len(digests), INDEX)
        index["key"], index["digest"] = map(octet_column, (keys, digests))
        index["day"] = [day_number(day) for day in columns[table.time]] if table.time else UNDATED
        self._write_held()
        self.index += index.tobytes()
        own = {"record_sha256": [digest.hex() for digest in digests]}
        self._write(_alike(self.kind, row, {**columns, **own}, len(digests)))

    def _write_held(self) -> None:
        """Write the rows that were added one by one."""
        if self.values:
            self._write(_batch(self.kind, self.values))
            self.values, self.held = [], 0

    def _write(self, batch: pa.RecordBatch) -> None:
        if self.out is None:
            sink = pa.OSFile(str(self.path), "wb")
            self.out = sink, pa.ipc.new_file(sink, self.kind.arrow_schema)
        self.out[1].write_batch(batch)

    def close(self) -> Sheet | None:
        """Finish the sheet and write its index; None, and no file, if there is no row."""
        self._write_held()
        if self.out is None:
            return None
        sink, file = self.out
        file.close()
        sink.close()
        _index_path(self.path).write_bytes(self.index)
        return Sheet(str(self.path))


def _index_path(path: str | Path) -> Path:
    return Path(path).with_suffix(".index")


def read_sheet(sheet: Sheet, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a sheet that count, in the order of `kept`; rows that lie together uncopied."""
    with pa.memory_map(sheet.path) as source:
        file = pa.ipc.open_file(source)
        batches = [file.get_batch(number) for number in range(file.num_record_batches)]
        schema = file.schema
    if columns:
        schema = pa.schema([schema.field(name) for name in columns])
        batches = [batch.select(list(columns)) for batch in batches]
    if sheet.kept is None:
        return pa.Table.from_batches(batches, schema)
    kept = np.asarray(sheet.kept)
    if (kept[1:] > kept[:-1]).all():
        return pa.Table.from_batches(_taken(batches, kept), schema)
    rows, places = np.unique(kept, return_inverse=True)
    return pa.Table.from_batches(_taken(batches, rows), schema).take(pa.array(places))


def _taken(batches: Sequence[pa.RecordBatch], kept: Any) -> Iterator[pa.RecordBatch]:
    """Some rows of batches that follow one another, by ascending numbers."""
    ends = np.cumsum([len(batch) for batch in batches])
    cuts = np.searchsorted(kept, ends)
    for batch, end, start, stop in zip(batches, ends, [0, *cuts[:-1]], cuts, strict=True):
        rows = kept[start:stop] - (end - len(batch))
        if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
            yield batch.slice(int(rows[0]), len(rows))
        elif len(rows):
            yield batch.take(pa.array(rows))


class Index(NamedTuple):
    """Index of all rows of one table over its sheets, beside each other: sheet, row, INDEX."""

    sheet: Any
    row: Any
    entry: Any

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row)


def read_index(sheets: Sequence[Sheet]) -> Index:
    """Index of the rows that count, sheet after sheet."""
    numbers, rows, entries = [], [], []
    for number, sheet in enumerate(sheets):
        entry = np.fromfile(_index_path(sheet.path), INDEX)
        kept = np.arange(len(entry)) if sheet.kept is None else sheet.kept
        numbers.append(np.full(len(kept), number, np.int32))
        rows.append(kept.astype(np.int32))
        entries.append(entry[kept])
    if not entries:
        return Index(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, INDEX))
    return Index(np.concatenate(numbers), np.concatenate(rows), np.concatenate(entries))


def octet_column(values: Sequence[bytes]) -> Any:
    """Octet strings of one length as an array; at least one."""
    return np.frombuffer(b"".join(values), f"V{len(values[0])}")


def digest_order(digests: Any) -> Any:
    """Row numbers in ascending order of a column of digests; equal ones in any order.

    Eight octets nearly always tell digests apart, and are sorted much faster than all.
    """
    words = np.ascontiguousarray(digests).view(">u8").reshape(-1, digests.dtype.itemsize // 8)
    first = words[:, 0].astype(np.uint64)
    order = np.argsort(first)
    tied = np.flatnonzero(np.diff(first[order]) == 0)
    if (words[order[tied]] != words[order[tied + 1]]).any():
        return np.lexsort(words.T[::-1])
    return order


# Shards


class Shard(NamedTuple):
    """One Parquet file to write: its path in the release and the rows it holds."""

    path: str
    sheet: Any
    row: Any


def plan_shards(kind: RecordType, index: Index) -> list[Shard]:
    """Shards of a table: one file until 20,000 rows, then by year, month, day, key prefix."""
    stem = f"data/{kind.table.name}"
    depth = 0 if kind.table.time else len(DATE_UNITS)
    parts = _split("all", np.arange(index.n_rows), index.entry, depth)
    return [
        Shard(f"{stem}/{name}.parquet", index.sheet[part], index.row[part])
        for name, part in sorted(parts, key=lambda item: item[0])
    ]


def _split(name: str, rows: Any, entries: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """(name, row numbers) of each shard; `depth` counts the date units and key octets used."""
    if len(rows) <= MAX_SHARD_ROWS:
        if len(rows):
            yield name, rows
        return
    octet = depth - len(DATE_UNITS)
    if octet < 0:
        codes = _date_codes(entries["day"][rows], DATE_UNITS[depth])
        label: Callable[[int], str] = functools.partial(_date_label, unit=DATE_UNITS[depth])
    else:
        codes = np.ascontiguousarray(entries["key"][rows]).view("u1").reshape(-1, 32)[:, octet]
        label = f"{name}{{:02x}}".format if octet else f"{name}-{{:02x}}".format
    for code in np.unique(codes).tolist():
        deeper = len(DATE_UNITS) if octet < 0 and code == UNDATED else depth + 1
        yield from _split(label(code), rows[codes == code], entries, deeper)


def _date_codes(days: Any, unit: str) -> Any:
    """Years, months or days since 1970 of each row; UNDATED for one without a date."""
    dates = np.where(days == UNDATED, 0, days).astype("M8[D]").astype(f"M8[{unit}]")
    return np.where(days == UNDATED, UNDATED, dates.astype(np.int64))


def _date_label(code: int, unit: Any) -> str:
    return "undated" if code == UNDATED else str(np.datetime64(code, unit))


class ShardFile(NamedTuple):
    """One Parquet file as written: path in the release, rows, bytes, digest, size in memory."""

    path: str
    n_rows: int
    size_bytes: int
    sha256: str
    arrow_bytes: int

    def as_json(self) -> dict[str, Any]:
        """The file as release.json lists it."""
        return {
            "path": self.path,
            "n_rows": self.n_rows,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
        }


def write_shard(
    kind: RecordType,
    shard: Shard,
    sheets: Sequence[str],
    release: Path,
    shown: Callable[[RecordType, pa.Table], pa.Table] | None = None,
) -> ShardFile:
    """Write one shard in the table's order, flush it to disk, read it back. Raises OSError.

    `shown` takes out what a public release withholds.
    """
    table = _gathered(shard, sheets)
    path = release / shard.path
    path.parent.mkdir(parents=True, exist_ok=True)
    n_bytes = 0
    options = parquet_options(kind, public=shown is not None)
    with pq.ParquetWriter(path, kind.arrow_schema, **options) as writer:
        for group in _row_groups(kind, table):
            group = shown(kind, group).combine_chunks() if shown else group
            writer.write_table(group, row_group_size=len(group))
            n_bytes += group.nbytes
    sync(path)
    size, sha256 = file_digest(path)
    if pq.read_metadata(path).num_rows != len(table):
        raise OSError(5, f"{shard.path} does not read back as written")
    return ShardFile(shard.path, len(table), size, sha256, n_bytes)


def _gathered(shard: Shard, sheets: Sequence[str]) -> pa.Table:
    """The shard's rows from all sheets, sheet after sheet, in one chunk.

    Taking rows from several chunks would copy them all, each time. Each sheet's rows are copied
    before the next is mapped, or as many pages would be resident as the shard touches of all.
    """
    parts = [
        read_sheet(Sheet(sheets[number], shard.row[shard.sheet == number])).combine_chunks()
        for number in np.unique(shard.sheet)
    ]
    return pa.concat_tables(parts).combine_chunks()


def _row_groups(kind: RecordType, table: pa.Table) -> Iterator[pa.Table]:
    """The rows in the table's order, nulls last, in groups of bounded rows and bytes.

    Each is one chunk, and how many rows it has follows from the strings alone: how rows happened
    to lie in memory would show in the bytes.
    """
    keys = [(name, "ascending") for name in kind.table.order]  # nulls come last
    order = pc.sort_indices(table, sort_keys=keys)
    strings = (column for column in table.columns if pa.types.is_string(column.type))
    octets = sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in strings)
    share = ROW_GROUP_BYTES * len(table) // max(1, octets)
    step = max(1, min(ROW_GROUP_ROWS, share))
    for start in range(0, len(table), step):
        yield table.take(order.slice(start, step)).combine_chunks()


def parquet_options(kind: RecordType, *, public: bool = False) -> Mapping[str, Any]:
    """How every Parquet file of a release is written.

    What may be withheld has no statistics, which would quote it; a public release has no page
    index at all, since it cannot be left out for some columns.
    """
    return {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": [field.name for field in kind.fields if _repeats(field.spec)],
        "write_statistics": [
            path for field in kind.fields for path in _leaves(field.name, field.spec)
        ],
        "write_page_index": not public,
        "write_page_checksum": True,
        "store_schema": True,
    }


def withheld_paths(kind: RecordType) -> frozenset[str]:
    """Parquet's paths of the values that a public release may withhold."""
    every = {path for field in kind.fields for path in _leaves(field.name, field.spec, every=True)}
    return frozenset(every.difference(*(_leaves(f.name, f.spec) for f in kind.fields)))


def _leaves(path: str, spec: Spec, *, every: bool = False) -> Iterator[str]:
    """Parquet's paths of a column's values, but for those that may be withheld."""
    if spec.get("x-withhold") and not every:
        return
    if kind_of(spec) == "object":
        for name, part in spec["properties"].items():
            yield from _leaves(f"{path}.{name}", part, every=every)
    elif kind_of(spec) == "array":
        yield from _leaves(f"{path}.list.element", spec["items"], every=every)
    else:
        yield path


def _repeats(spec: Spec) -> bool:
    """Whether values repeat, so that a dictionary of them saves anything (x-distinct says no)."""
    return kind_of(spec) == "string" and not spec.get("x-distinct")


def sync(path: Path) -> None:
    """Flush a file or folder to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
