"""Tables of text: CSV, TSV, and what else parts cells by a sign, however encoded and quoted."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from microfiche.captures.textfile import decode
from microfiche.errors import DataError
from microfiche.text import normal_line

Cells = Mapping[str, Any]
DELIMITERS = ",;\t|"
MAX_WHOLE = 512 << 20  # octets of a file that must be read as a whole
MAX_CELL = 64 << 20
BLOCK, SAMPLE, RUNAWAY = 1 << 20, 1 << 16, 3


def delimited(path: Path) -> tuple[list[str], Callable[[], Iterator[tuple[int, Cells]]]]:
    """(names of the columns, the rows each time anew) of a file. Raises DataError, OSError."""
    encoding = _encoding(path)

    def lines() -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(MAX_CELL)
        with _text(path, encoding) as text:
            sample = text.read(SAMPLE).lstrip("\ufeff\r\n")
            first = (sample.splitlines() or [""])[0]
            text.seek(0)
            delimiter = max(DELIMITERS, key=first.count)
            if path.suffix.lower() == ".tsv" and "\t" in first:
                delimiter = "\t"
            quoting = _quoting(sample, delimiter)
            before = 1
            held: list[str] = []
            last: list[str] = []
            rows = csv.reader(_held(text, held), delimiter=delimiter, quoting=quoting)
            for cells in rows:
                if rows.line_num - before > RUNAWAY:
                    _check_quotes(path, before, cells, delimiter, first.count(delimiter))
                if any(cell.strip() for cell in cells):
                    yield before, cells
                before = rows.line_num + 1
                last, held[:] = held[:], []
            if quoting != csv.QUOTE_NONE and "".join(last).count('"') % 2:
                raise DataError(
                    f"{path}: it ends within a quotation mark: the file is cut short, or the mark "
                    "is not closed",
                    "fetch the table again, or close the mark in its last row",
                )

    header = [normal_line(name.lstrip("\ufeff")) for name in next(lines(), (0, []))[1]]

    return header, lambda: below(path, header, lines())


def _held(lines: Iterable[str], held: list[str]) -> Iterator[str]:
    """Lines, each of which is held as well."""
    for line in lines:
        held.append(line)
        yield line


def below(
    path: Path, header: list[str], lines: Iterator[tuple[int, list[Any]]]
) -> Iterator[tuple[int, Cells]]:
    """The rows of lines of which the first is the header."""
    next(lines, None)
    for number, cells in lines:
        yield number, cells_under(path, number, header, cells)


def _quoting(sample: str, delimiter: str) -> Any:
    """How cells are quoted: not at all where tabs part as many in each line and none is quoted."""
    lines = sample.splitlines()[:-1]
    if delimiter != "\t" or not lines:
        return csv.QUOTE_MINIMAL
    cells = [cell for line in lines for cell in line.split("\t")]
    quoted = any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in cells)
    same = len({line.count("\t") for line in lines}) == 1
    return csv.QUOTE_MINIMAL if quoted or not same else csv.QUOTE_NONE


def _check_quotes(path: Path, line: int, cells: list[str], delimiter: str, count: int) -> None:
    """Raise DataError if a cell holds what looks like rows: a quotation mark was never closed."""
    if count < (1 if delimiter == "\t" else 3):
        return
    for cell in cells:
        rows = sum(each.count(delimiter) >= count for each in cell.splitlines())
        if rows >= RUNAWAY:
            raise DataError(
                f"{path}: line {line}: a quotation mark that is not closed takes {rows:,} rows "
                "for one cell",
                "close or double the mark in that line",
            )


def cells_under(path: Path, number: int, header: list[str], cells: list[Any]) -> Cells:
    """Cells by column; empty ones are None. Raises DataError for one that is under no column."""
    for extra in cells[len(header) :]:
        if extra not in (None, "") and str(extra).strip():
            raise DataError(
                f"{path}: line {number}: {str(extra)[:60]!r} is under no column",
                "name every column, or quote cells that hold the delimiter",
            )
    return {name: (cell if cell != "" else None) for name, cell in zip(header, cells, strict=False)}


def _encoding(path: Path) -> str | None:
    """UTF-8 or UTF-16, if a file is that throughout; None if its octets must be looked at."""
    with path.open("rb") as file:
        head = file.read(2)
        if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return "utf-8-sig"


@contextmanager
def _text(path: Path, encoding: str | None) -> Iterator[IO[str]]:
    if encoding:
        with path.open(encoding=encoding, newline="") as text:
            yield text
        return
    decoded = decode(whole(path))
    if not decoded.text:
        raise DataError(f"{path}: {decoded.faults[0].message}", "save the table as UTF-8")
    yield io.StringIO(decoded.text, newline="")


def whole(path: Path) -> bytes:
    """The octets of a file that must be read as a whole. Raises DataError for one too large."""
    if path.stat().st_size > MAX_WHOLE:
        raise DataError(f"{path}: more than {MAX_WHOLE:,} bytes", "split it, or save it as Parquet")
    return path.read_bytes()
