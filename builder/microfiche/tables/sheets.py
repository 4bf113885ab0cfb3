"""Sheets: finished rows of one table on disk while a release is built.

A *sheet* is one file: Arrow's of its rows, then their index, that are digests of each row's key, of
its record, and of what the record digest says nothing of, and its day; last how many rows each of
Arrow's batches has, which Arrow tells only once a batch is read.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from microfiche.dates import day_number
from microfiche.fixity import beside_digests, key_digests, record_digests
from microfiche.schema import RecordType
from microfiche.tables.arrow import Columns, Row, columns_batch, to_columns

INDEX = np.dtype([("key", "V32"), ("digest", "V32"), ("beside", "V16"), ("day", "<i4")])
UNDATED = day_number(None)
NUMBER = np.dtype("<i8")
# Rows, and octets of text, of which a sheet's batch is made.
SHEET_ROWS, SHEET_OCTETS = 1024, 16 << 20
# How many rows may be read for one that is wanted: taking out some costs more than copying all.
MOST_ABOUT = 2


class Sheet(NamedTuple):
    """Rows of one table in one Arrow file; `kept` are the row numbers that still count."""

    path: str
    kept: Any = None

    def without(self, out: Any) -> Sheet:
        """The sheet without some of the rows that count: those where the mask `out` is true."""
        numbers = np.arange(len(out)) if self.kept is None else np.asarray(self.kept)
        return self._replace(kept=numbers[~out])


class SheetWriter:
    """Writes finished rows of one table to a sheet as they come, with digests and an index.

    It holds few of them at a time, however many there are. Its methods raise OSError.
    """

    def __init__(self, kind: RecordType, path: Path) -> None:
        self.kind = kind
        self.path = path
        self.names = [name for name in kind.arrow_schema.names if name != "record_sha256"]
        self.rows: list[Row] = []
        self.held = 0
        self.index = bytearray()
        self.lengths: list[int] = []
        self.out: tuple[pa.NativeFile, pa.RecordBatchWriter] | None = None

    def add(self, row: Row) -> None:
        """Take a row, but for its `record_sha256`, which is worked out here."""
        self.rows.append(row)
        self.held += len(row.get("text") or "")
        if len(self.rows) == SHEET_ROWS or self.held > SHEET_OCTETS:
            self._write_held()

    def add_columns(self, columns: Columns) -> None:
        """Take rows that are given in columns, but for `record_sha256`; at least one."""
        self._write_held()
        self._write_columns(columns)

    def _write_held(self) -> None:
        """Write the rows that were added one by one."""
        if self.rows:
            rows, self.rows, self.held = self.rows, [], 0
            self._write_columns(to_columns(self.names, rows))

    def _write_columns(self, columns: Columns) -> None:
        table = self.kind.table
        digests = record_digests(columns, self.kind)
        index = np.empty(len(digests), INDEX)
        index["key"] = octet_column(key_digests([columns[name] for name in table.key]))
        index["digest"] = octet_column(digests)
        index["beside"] = octet_column(beside_digests(columns, self.kind, len(digests)))
        index["day"] = [day_number(day) for day in columns[table.time]] if table.time else UNDATED
        self.index += index.tobytes()
        own = {"record_sha256": [digest.hex() for digest in digests]}
        self._write(columns_batch(self.kind, {**columns, **own}))

    def _write(self, batch: pa.RecordBatch) -> None:
        if self.out is None:
            sink = pa.OSFile(str(self.path), "wb")
            self.out = sink, pa.ipc.new_file(sink, self.kind.arrow_schema)
        self.out[1].write_batch(batch)
        self.lengths.append(len(batch))

    def close(self) -> Sheet | None:
        """Finish the sheet and write its index; None, and no file, if there is no row."""
        self._write_held()
        if self.out is None:
            return None
        sink, file = self.out
        file.close()
        sink.write(tail_of(self.lengths, self.index))
        sink.close()
        return Sheet(str(self.path))


def tail_of(lengths: Sequence[int], index: bytes | bytearray = b"") -> bytes:
    """What a sheet has behind Arrow's file, given how many rows each batch has."""
    return bytes(index) + np.array([*lengths, len(lengths), len(index)], NUMBER).tobytes()


class _Tail(NamedTuple):
    """Where Arrow's file ends and the index does, and how many rows each batch has."""

    arrow_end: int
    index_end: int
    lengths: Any


def _mapped(path: str) -> tuple[mmap.mmap, _Tail]:
    """A sheet's octets, and what its end says of them. Raises OSError."""
    with open(path, "rb") as opened:  # noqa: PTH123 - opened a thousand times a build
        octets = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    last = len(octets) - 2 * NUMBER.itemsize
    count, size = np.frombuffer(octets[last:], NUMBER).tolist()
    index = last - count * NUMBER.itemsize
    return octets, _Tail(index - size, index, np.frombuffer(octets[index:last], NUMBER))


class _Opened:
    """A sheet's file, of which a batch is looked at when it is asked for."""

    def __init__(self, path: str, columns: Sequence[str] | None = None) -> None:
        octets, tail = _mapped(path)
        # Arrow's own map asks the system to read ahead for every column of every batch.
        self.file = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(octets)[: tail.arrow_end]))
        self.columns = columns
        self.ends = np.cumsum(tail.lengths)

    @property
    def schema(self) -> pa.Schema:
        """The schema of the columns that are wanted."""
        schema = self.file.schema
        return pa.schema([schema.field(each) for each in self.columns]) if self.columns else schema

    def batch(self, number: int) -> pa.RecordBatch:
        """A batch, uncopied."""
        held = self.file.get_batch(number)
        return held.select(list(self.columns)) if self.columns else held

    def holding(self, rows: Any) -> Iterator[tuple[pa.RecordBatch, Any]]:
        """The batches that hold some of the rows, given ascending, with their numbers there."""
        cuts = np.searchsorted(rows, self.ends)
        for number in np.flatnonzero(np.diff(cuts, prepend=0)).tolist():
            first = self.ends[number - 1] if number else 0
            own = rows[cuts[number - 1] if number else 0 : cuts[number]] - first
            yield self.batch(number), own


def read_sheet(sheet: Sheet, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a sheet that count, in the order of `kept`; rows that lie together uncopied."""
    opened = _Opened(sheet.path, columns)
    if sheet.kept is None:
        every = map(opened.batch, range(len(opened.ends)))
        return pa.Table.from_batches(every, opened.schema)
    kept = np.asarray(sheet.kept)
    if (kept[1:] > kept[:-1]).all():
        return pa.Table.from_batches(_taken(opened, kept), opened.schema)
    rows, places = np.unique(kept, return_inverse=True)
    return pa.Table.from_batches(_taken(opened, rows), opened.schema).take(pa.array(places))


def rows_about(sheet: Sheet) -> tuple[pa.Table, Any]:
    """(rows of a sheet, uncopied where few others lie between, the places of those that count).

    Both in the order of the sheet; `kept` is given.
    """
    opened = _Opened(sheet.path)
    tables, places, seen = list[pa.Table](), list[Any](), 0
    for batch, own in opened.holding(np.sort(np.asarray(sheet.kept))):
        first, length = int(own[0]), int(own[-1] - own[0]) + 1
        if length <= MOST_ABOUT * len(own):
            tables.append(batch.slice(first, length))
            places.append(own - first + seen)
        else:
            tables.append(batch.take(pa.array(own)))
            places.append(np.arange(len(own)) + seen)
        seen += len(tables[-1])
    return pa.Table.from_batches(tables, opened.schema), np.concatenate(places)


def _taken(opened: _Opened, kept: Any) -> Iterator[pa.RecordBatch]:
    """Some rows of a sheet, by ascending numbers."""
    for batch, rows in opened.holding(kept):
        if rows[-1] - rows[0] + 1 == len(rows):
            yield batch.slice(int(rows[0]), len(rows))
        else:
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
        octets, tail = _mapped(sheet.path)
        entry = np.frombuffer(octets[tail.arrow_end : tail.index_end], INDEX)
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
