"""Parquet shards of a release's tables: which rows go into which, and how they are written.

Shards are a pure function of the rows: of their keys, days and order, never of how the sheets
happened to hold them.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from microfiche.fixity import file_digest, stamp_of
from microfiche.schema import RecordType, Spec, kind_of
from microfiche.tables.sheets import UNDATED, Index, Sheet, digest_order, rows_about

DATE_UNITS = "YMD"
MAX_SHARD_ROWS = 20_000
ROW_GROUP_ROWS = 8_192
ROW_GROUP_BYTES = 256 << 20
SHEETS_MAPPED = 16  # sheets of which rows are copied at once


# Shards


class Shard(NamedTuple):
    """One Parquet file to write: its path in the release, and the rows it holds.

    `content` is the digest of all that the file follows from, empty if it is not asked for.
    """

    path: str
    sheet: Any
    row: Any
    content: str = ""


def plan_shards(kind: RecordType, index: Index, *, known: bool = False) -> list[Shard]:
    """Shards of a table: one file until 20,000 rows, then by year, month, day, key prefix.

    They are to be `known` again by what they are written from, or not.
    """
    stem = f"data/{kind.table.name}"
    depth = 0 if kind.table.time else len(DATE_UNITS)
    parts = _split("all", np.arange(index.n_rows), index.entry, depth)
    return [
        Shard(
            f"{stem}/{name}.parquet",
            index.sheet[part],
            index.row[part],
            _content(kind, index.entry[part]) if known else "",
        )
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
    """One Parquet file as written: path in the release, rows, bytes, digest, size in memory.

    `content` is the digest of what it was written from, empty if it was not asked for.
    """

    path: str
    n_rows: int
    size_bytes: int
    sha256: str
    arrow_bytes: int
    content: str = ""

    def as_json(self) -> dict[str, Any]:
        """The file as release.json lists it."""
        return {
            "path": self.path,
            "n_rows": self.n_rows,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
        }


def _content(kind: RecordType, entries: Any) -> str:
    """Digest of all that a shard's file follows from, where nothing is withheld."""
    digest = hashlib.sha256(f"{pa.__version__} {ROW_GROUP_ROWS} {ROW_GROUP_BYTES}".encode())
    digest.update(repr(sorted(parquet_options(kind).items())).encode())
    digest.update(kind.arrow_schema.serialize())
    digest.update(np.ascontiguousarray(entries[digest_order(entries["key"])]).tobytes())
    return digest.hexdigest()


def link_shard(old: Path, file: ShardFile, release: Path, seen: Sequence[object] = ()) -> bool:
    """Take over a shard of another release unwritten; whether it still is what it was.

    `seen` are the SHA-256 and the stamp with which this build has found it whole, if it has.
    """
    place = release / file.path
    try:
        whole = seen == [file.sha256, *stamp_of(old.stat())]
        if not whole and file_digest(old) != (file.size_bytes, file.sha256):
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            _link(old, place)
        except OSError:  # on another file system, or one without links
            shutil.copyfile(old, place)
            sync(place)
            return file_digest(place) == (file.size_bytes, file.sha256)
    except OSError:
        return False  # it is written, which says what is wrong
    return True


def _link(old: Path, place: Path) -> None:
    """Link to a file that is as a new one would be. Raises OSError."""
    mask = os.umask(0)
    os.umask(mask)
    state = old.lstat()
    if not stat.S_ISREG(state.st_mode) or stat.S_IMODE(state.st_mode) != 0o666 & ~mask:
        raise OSError(errno.EXDEV, "not a file like a new one")
    os.link(old, place)


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
    table, rows = _gathered(shard, sheets)
    place = release / shard.path
    place.parent.mkdir(parents=True, exist_ok=True)
    path = place.with_name(f".{place.name}.{secrets.token_hex(6)}")  # no other process writes it
    n_bytes = 0
    options = parquet_options(kind, public=shown is not None)
    with pq.ParquetWriter(path, kind.arrow_schema, **options) as writer:
        for group in _row_groups(kind, table, rows):
            group = shown(kind, group).combine_chunks() if shown else group
            writer.write_table(group, row_group_size=len(group))
            n_bytes += group.nbytes - sum(map(_idle, group.combine_chunks().itercolumns()))
    sync(path)
    size, sha256 = file_digest(path)
    if pq.read_metadata(path).num_rows != len(rows):
        raise OSError(5, f"{shard.path} does not read back as written")
    path.replace(place)
    return ShardFile(shard.path, len(rows), size, sha256, n_bytes, shard.content)


def _idle(column: pa.ChunkedArray | pa.Array) -> int:
    """Bytes that say which values are null where none is: whether there are any is chance."""
    if isinstance(column, pa.ChunkedArray):
        return sum(map(_idle, column.chunks))
    own = column.buffers()[0] is not None and column.null_count == 0
    size = (len(column) + 7) // 8 if own else 0
    if pa.types.is_struct(column.type):
        size += sum(_idle(column.field(number)) for number in range(column.type.num_fields))
    elif pa.types.is_list(column.type):
        size += _idle(column.values)
    return size


def _gathered(shard: Shard, sheets: Sequence[str]) -> tuple[pa.Table, Any]:
    """(rows of all sheets, sheet after sheet, in one chunk; the numbers of the shard's own).

    Taking rows from several chunks would copy them all, each time. The rows of some sheets are
    copied before the next are mapped, or as many pages would be resident as the shard touches.
    """
    copied, mapped, rows, seen = list[pa.Table](), list[pa.Table](), list[Any](), 0
    order = np.argsort(shard.sheet, kind="stable")
    numbers, starts = np.unique(shard.sheet[order], return_index=True)
    for number, mine in zip(numbers.tolist(), np.split(shard.row[order], starts[1:]), strict=True):
        part, places = rows_about(Sheet(sheets[number], mine))
        mapped.append(part)
        rows.append(places + seen)
        seen += len(part)
        if len(mapped) == SHEETS_MAPPED:
            copied.append(pa.concat_tables(mapped).combine_chunks())
            mapped = []
    return pa.concat_tables([*copied, *mapped]).combine_chunks(), np.concatenate(rows)


def _row_groups(kind: RecordType, table: pa.Table, rows: Any) -> Iterator[pa.Table]:
    """Some rows of a table in its order, nulls last, in groups of bounded rows and bytes.

    Each is one chunk, and how many rows it has follows from the strings alone: how rows happened
    to lie in memory would show in the bytes.
    """
    keys = [(name, "ascending") for name in kind.table.order]  # nulls come last
    chosen = pa.array(rows)
    order = pc.sort_indices(table.select(list(kind.table.order)).take(chosen), sort_keys=keys)
    ordered = chosen.take(order)
    strings = (column for column in table.columns if pa.types.is_string(column.type))
    lengths = (pc.fill_null(pc.binary_length(column), 0).to_numpy() for column in strings)
    octets = sum(int(each[rows].sum()) for each in lengths)
    share = ROW_GROUP_BYTES * len(rows) // max(1, octets)
    step = max(1, min(ROW_GROUP_ROWS, share))
    for start in range(0, len(rows), step):
        yield table.take(ordered.slice(start, step)).combine_chunks()


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


def _leaves(path: str, spec: Spec) -> Iterator[str]:
    """Parquet's paths of a column's values, but for those that may be withheld."""
    if spec.get("x-withhold"):
        return
    if kind_of(spec) == "object":
        for name, part in spec["properties"].items():
            yield from _leaves(f"{path}.{name}", part)
    elif kind_of(spec) == "array":
        yield from _leaves(f"{path}.list.element", spec["items"])
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
