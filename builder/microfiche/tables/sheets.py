"""Sheets: finished rows of one table on disk while a release is built.

A *sheet* is one file: Arrow's of its rows, then their index, that are digests of each row's key, of
its record, and of what the record digest says nothing of, and its day; last how many octets the
index has.
"""

from __future__ import annotations

import mmap
import os
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
TAIL = 8  # octets that say how many the index has
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

    def close(self) -> Sheet | None:
        """Finish the sheet and write its index; None, and no file, if there is no row."""
        self._write_held()
        if self.out is None:
            return None
        sink, file = self.out
        file.close()
        sink.write(self.index + len(self.index).to_bytes(TAIL, "little"))
        sink.close()
        return Sheet(str(self.path))


def _index_of(path: str) -> Any:
    """The index that a sheet ends in. Raises OSError."""
    with open(path, "rb") as file:  # noqa: PTH123 - opened a thousand times a build
        file.seek(-TAIL, os.SEEK_END)
        size = int.from_bytes(file.read(TAIL), "little")
        file.seek(-TAIL - size, os.SEEK_END)
        return np.frombuffer(file.read(size), INDEX)


def read_sheet(sheet: Sheet, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a sheet that count, in the order of `kept`; rows that lie together uncopied."""
    with open(sheet.path, "rb") as opened:  # noqa: PTH123 - opened a thousand times a build
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    end = len(mapped) - TAIL - int.from_bytes(mapped[-TAIL:], "little")
    # Arrow's own map asks the system to read ahead for every column of every batch.
    file = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapped)[:end]))
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


def rows_about(sheet: Sheet) -> tuple[pa.Table, Any]:
    """(rows of a sheet, uncopied where few others lie between, the places of those that count).

    Both in the order of the sheet; `kept` is given.
    """
    whole, kept = read_sheet(sheet._replace(kept=None)), np.sort(np.asarray(sheet.kept))
    tables, places, start, seen = list[pa.Table](), list[Any](), 0, 0
    for batch in whole.to_batches():
        own = kept[(kept >= start) & (kept < start + len(batch))] - start
        start += len(batch)
        if not len(own):
            continue
        first, length = int(own[0]), int(own[-1] - own[0]) + 1
        if length <= MOST_ABOUT * len(own):
            tables.append(batch.slice(first, length))
            places.append(own - first + seen)
        else:
            tables.append(batch.take(pa.array(own)))
            places.append(np.arange(len(own)) + seen)
        seen += len(tables[-1])
    return pa.Table.from_batches(tables, whole.schema), np.concatenate(places)


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
        entry = _index_of(sheet.path)
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
