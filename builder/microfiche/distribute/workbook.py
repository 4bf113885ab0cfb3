"""A table as an XLSX workbook whose cells are all text: nothing in it is counted, dated or run.

A text that a cell does not take, mostly for its length, ends in a mark there, and stands whole in a
folder beside.
"""

from __future__ import annotations

import datetime
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microfiche.distribute import flat
from microfiche.schema import RecordType

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_CELL = 32_767  # UTF-16 units that a cell takes
# Workbooks write some letters as _xHHHH_, which not all readers undo.
ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_|[\x00-\x08\x0b-\x1f]")
MAX_ROWS = 1_048_576
MADE = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC).replace(tzinfo=None)
WIDTH = 18


def write_workbook(kind: RecordType, rows: Iterable[Mapping[str, Any]], file: Path) -> int:
    """Write the rows and their data dictionary; how many rows. Raises OSError.

    The same rows are the same bytes wherever they are written: nothing is compressed.
    """
    from xlsxwriter import Workbook

    packed = file.with_name(f".{file.name}.packed")
    settings = {"constant_memory": True, "tmpdir": str(file.parent), "use_zip64": True}
    book = Workbook(str(packed), settings)
    book.set_properties({"created": MADE})
    names = [column.name for column in flat.columns(kind)]
    key, count = kind.table.key[-1], 0
    for number, sheet_rows in enumerate(_sheets(rows)):
        title = kind.table.name if number == 0 else f"{kind.table.name} {number + 1}"
        sheet, place = _sheet(book, title, names), 0
        for place, row in enumerate(sheet_rows, start=1):
            for column, name in enumerate(names):
                _write_cell(sheet, (place, column), _as_text(row[name], (row[key], name), file))
        sheet.autofilter(0, 0, place, len(names) - 1)
        count += place
    entries = flat.dictionary(kind)
    sheet = _sheet(book, "dictionary", list(entries[0]))
    for place, entry in enumerate(entries, start=1):
        for column, value in enumerate(entry.values()):
            _write_cell(sheet, (place, column), value)
    book.close()
    _unpack(packed, file)
    return count


def _sheets(rows: Iterable[Mapping[str, Any]]) -> Iterator[Iterator[Mapping[str, Any]]]:
    """The rows of each sheet: as many as one takes below its head; one sheet if there are none."""
    held = iter(rows)
    first: Mapping[str, Any] | None = next(held, None)
    if first is None:
        yield iter(())
    while first is not None:
        yield _some(first, held)
        first = next(held, None)


def _some(
    first: Mapping[str, Any], rest: Iterator[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    yield first
    for _, row in zip(range(MAX_ROWS - 2), rest, strict=False):
        yield row


def _sheet(book: Workbook, title: str, names: list[str]) -> Worksheet:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(names) - 1, WIDTH)
    head = book.add_format({"bold": True})
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, head)
    return sheet


def _write_cell(sheet: Worksheet, place: tuple[int, int], value: str | None) -> None:
    if value is not None:
        sheet.write_string(*place, value)


def _as_text(value: Any, place: tuple[str, str], file: Path) -> str | None:
    """A value as a cell's text; what a cell does not take goes to a file too.

    `place` is its row's key and its column, which name the file.
    """
    held = flat.cell(value)
    if held is None:
        return None
    if isinstance(held, bool):
        return "true" if held else "false"
    text = str(held)
    if _units(text) <= MAX_CELL and not ESCAPED.search(text):
        return text
    folder = file.with_name(f"{file.stem}-texts")
    folder.mkdir(exist_ok=True)
    whole = folder / f"{flat.safe_name(place[0])}.{place[1]}.txt"
    whole.write_bytes(text.encode())
    mark = f" […] whole in {folder.name}/{whole.name}"
    return _cut(text, MAX_CELL - len(mark)) + mark


def _units(text: str) -> int:
    """UTF-16 units of a text."""
    return (
        len(text) + sum(letter > "\uffff" for letter in text) if not text.isascii() else len(text)
    )


def _cut(text: str, units: int) -> str:
    """The beginning of a text that has at most so many UTF-16 units."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def _unpack(packed: Path, file: Path) -> None:
    """Write a workbook anew without compression, which differs from one library to the next."""
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(file, "x") as target:
        for entry in source.infolist():
            plain = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            plain.file_size = entry.file_size
            with source.open(entry) as held, target.open(plain, "w") as out:
                shutil.copyfileobj(held, out)
    packed.unlink()
