"""What a spreadsheet knows of many captures: a CSV table, one row a file or an observation.

Owns reading the table and saying of each cell that does not fit why. Nothing is guessed: a date
that can be read two ways, a file that is not there, an address that is none are mismatches.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from microfiche.captures.cells import NO_TIME, When, as_when, is_ambiguous
from microfiche.captures.retrieval import LINES_FILE, SIDECAR, check_record, outcome_of
from microfiche.captures.textfile import decode
from microfiche.dates import Order, utc_time
from microfiche.dates.printed import read_date_line
from microfiche.errors import DataError, UsageError, in_words, unusable
from microfiche.outlets.checking import is_zone
from microfiche.schema import record_type
from microfiche.text import normal_line
from microfiche.url import read_address, why_unread

FILE = "file"
DELIMITERS = ",;\t|"
MAX_PATH = 1000
MAX_BYTES, SAMPLE = 256 << 20, 1 << 16
NUMBERS = ("http_status",)
ADDRESSES = ("url", "redirected_to", "memento_url")


class Mismatch(NamedTuple):
    """A cell that does not fit: line of the table, column, what is wrong and what would fit."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.message}"


class TableRow(NamedTuple):
    """A row as read: its line, its file (None for an observation without bytes), its record."""

    line: int
    file: Path | None
    record: dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """A table as read.

    `unnamed` are files beside the named ones that no row names, `unused` columns that no key has.
    """

    table: Path
    columns: Mapping[str, str]
    rows: Sequence[TableRow]
    mismatches: Sequence[Mismatch]
    unnamed: Sequence[Path] = field(default=())
    unused: Sequence[str] = field(default=())


def read_table(
    table: Path, columns: Mapping[str, str], zone: str | None = None, order: Order = None
) -> Reading:
    """Read a table whose `columns` are named by key: those of a retrieval record, and `file`.

    Without a column for a key, one of the key's own name is taken. `zone` is that of times that
    state none, `order` which number of 3/4/2014 comes first. Raises DataError, UsageError,
    CannotRun.
    """
    header, lines = _lines(table)
    known = _columns(table, header, columns)
    reader = _RowReader(table.parent, known, read_zone(zone), order)
    rows = [row for line, cells in lines if (row := reader.read(line, header, cells))]
    if not rows and not reader.mismatches:
        raise DataError(f"{table}: the table has no row", "give one row a capture below the header")
    unused = [name for name in header if name and name not in known.values()]
    return Reading(table, known, rows, sorted(reader.mismatches), reader.unnamed(), unused)


def _lines(table: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """(names of the columns, each row with its line)."""
    try:
        if table.stat().st_size > MAX_BYTES:
            raise DataError(f"{table}: more than {MAX_BYTES:,} bytes", "split the table")
        decoded = decode(table.read_bytes())
    except OSError as error:
        raise unusable(table, error) from error
    if not decoded.text:
        raise DataError(f"{table}: {decoded.faults[0].message}", "give a CSV file")
    text = decoded.text.lstrip("\r\n")
    first = text[:SAMPLE].splitlines()[0]
    delimiter = max(DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [normal_line(name) for name in next(rows)]
    except (csv.Error, StopIteration) as error:
        raise DataError(
            f"{table}: line 1: no header: {in_words(error)}", "correct the table"
        ) from error
    return header, _numbered(table, rows)


def _numbered(table: Path, rows: Any) -> Iterator[tuple[int, list[str]]]:
    while True:
        before = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{table}: line {before}: {in_words(error)}", "correct the table"
            ) from error
        if any(cell.strip() for cell in cells):
            yield before, cells


def _cells(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return dict(itertools.zip_longest(header, map(str.strip, cells[: len(header)]), fillvalue=""))


def _columns(table: Path, header: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Column by key. Raises UsageError for a key or a column that is not there."""
    keys = [FILE, *(each.name for each in record_type("retrieval").fields)]
    for key, column in columns.items():
        if key not in keys:
            raise UsageError(f"--map {key}={column}: no such key", f"use one of {', '.join(keys)}")
        if column not in header:
            named = ", ".join(filter(None, header))
            raise UsageError(f"{table}: no column {column!r}", f"its columns are {named}")
    known = {key: columns.get(key, key) for key in keys if columns.get(key, key) in header}
    for column in known.values():
        if header.count(column) > 1:
            raise UsageError(f"{table}: two columns are named {column!r}", "rename one")
    if not known:
        named = ", ".join(filter(None, header))[:300]
        raise UsageError(
            f"{table}: none of its columns has a key: {named}", "give --map KEY=COLUMN"
        )
    return known


def read_zone(name: str | None) -> ZoneInfo | None:
    """The time zone of a name; None without one. Raises UsageError for one that is none."""
    if name is not None and not is_zone(name):
        raise UsageError(f"--zone {name}: no such time zone", "use one such as Asia/Tehran")
    return ZoneInfo(name) if name else None


class _RowReader:
    """Reads rows and keeps what does not fit."""

    def __init__(
        self, folder: Path, columns: Mapping[str, str], zone: ZoneInfo | None, order: Order
    ) -> None:
        self.folder, self.columns, self.zone, self.order = folder, columns, zone, order
        self.mismatches: list[Mismatch] = []
        self.named: dict[Path, int] = {}

    def read(self, line: int, header: Sequence[str], row: Sequence[str]) -> TableRow | None:
        """A row; None if anything in it does not fit."""
        before = len(self.mismatches)
        for number, cell in enumerate(row[len(header) :], start=len(header) + 1):
            if cell.strip():
                self._refuse(line, f"cell {number}", f"{cell[:80]!r} is under no column")
        cells = _cells(header, row)
        record: dict[str, Any] = {}
        for key, column in self.columns.items():
            if key != FILE and cells[column]:
                self._take(record, key, cells[column], line)
        stated = cells[self.columns[FILE]] if FILE in self.columns else ""
        file = self._file(stated, line) if stated else None
        if not stated and (outcome_of(record)[0] == "article" or "url" not in record):
            column = self.columns.get(FILE, FILE)
            self._refuse(
                line, column, "no file, and no address with a status or outcome of its own"
            )
        for fault in check_record(record, "retrieval"):
            self._refuse(line, fault.place.strip("/"), fault.message)
        return TableRow(line, file, record) if len(self.mismatches) == before else None

    def unnamed(self) -> list[Path]:
        """Files in the folders of the named ones that no row names."""
        folders = {file.parent for file in self.named}
        beside = (file for folder in sorted(folders) for file in sorted(folder.iterdir()))
        return [
            file
            for file in beside
            if file.is_file()
            and file not in self.named
            and file.suffix not in (SIDECAR, ".csv", ".tsv")
            and file.name != LINES_FILE
            and not file.name.startswith(".")
        ]

    def _refuse(self, line: int, column: str, message: str) -> None:
        self.mismatches.append(Mismatch(line, column, message))

    def _take(self, record: dict[str, Any], key: str, value: str, line: int) -> None:
        column = self.columns[key]
        if key == "retrieved_at":
            self._take_time(record, value, line)
        elif key in NUMBERS:
            if value.isdecimal() and len(value) < 9:
                record[key] = int(value)
            else:
                self._refuse(line, column, f"{value[:80]!r} is no number")
        elif key in ADDRESSES and read_address(value) is None:
            self._refuse(line, column, f"{value[:200]!r}: {why_unread(value)}")
        elif key == "notes" and "notes" in record:
            record[key] += f"; {value}"
        else:
            record[key] = value

    def _take_time(self, record: dict[str, Any], value: str, line: int) -> None:
        """A time with a zone, or a day alone."""
        column = self.columns["retrieved_at"]
        if utc_time(value):
            record["retrieved_at"] = value
            return
        if self.order and is_ambiguous(value) and (when := as_when(value, self.zone, self.order)):
            self._note_time(record, when, value, line)
            return
        read = read_date_line(
            value.replace("T", " ") if value[:4].isdecimal() else value, self.zone
        )
        if read is None or len(read.stated.published) < 10:
            reason = "can be read two ways" if read else "is no date that can be read"
            order = ", or give --day-first or --month-first" if is_ambiguous(value) else ""
            self._refuse(
                line, column, f"{value[:80]!r} {reason}; write YYYY-MM-DD hh:mm and a zone{order}"
            )
            return
        when = When(read.stated.published, read.stated.at, zoned=not read.timed)
        self._note_time(record, when, value, line)

    def _note_time(self, record: dict[str, Any], when: When, value: str, line: int) -> None:
        """A moment, or a day, into the record."""
        if when.at or when.zoned:
            record["retrieved_at"] = when.at or when.day
        else:
            told = f"{value[:80]!r} states no time zone; add it, or give --zone"
            if self.zone:
                told = f"{value[:80]!r}: {NO_TIME}; write it with its zone, or the day alone"
            self._refuse(line, self.columns["retrieved_at"], told)

    def _file(self, stated: str, line: int) -> Path | None:
        column = self.columns[FILE]
        parts = stated.replace("\\", "/").split("/")
        file = self.folder.joinpath(*parts)
        if len(stated) > MAX_PATH:
            self._refuse(line, column, f"{stated[:80]!r}… is longer than a path can be")
        elif stated.startswith(("/", "~")) or ".." in parts or "\0" in stated:
            self._refuse(line, column, f"{stated[:200]!r} leaves the table's folder")
        elif not file.resolve().is_relative_to(self.folder.resolve()):
            self._refuse(line, column, f"{stated[:200]!r} is a link that leaves the table's folder")
        elif not file.is_file():
            self._refuse(line, column, f"no file {stated[:200]!r} beside the table")
        elif file in self.named:
            self._refuse(line, column, f"{stated[:200]!r} is named in line {self.named[file]} too")
        else:
            self.named[file] = line
            return file
        return None
