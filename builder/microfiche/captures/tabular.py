"""Tables as people hold them: CSV, TSV, XLSX, Parquet, JSON and JSONL files, saved datasets.

Owns opening a table and giving its rows one after the other, each with its number, its cells as
they are stored: strings, numbers, days, moments, lists, None. What a column means is `mapping`'s,
what a cell says `cells`'. Nothing here is run that a file holds: no formulas, no pickles.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from microfiche.captures.delimited import MAX_CELL, Cells, below, delimited, whole
from microfiche.captures.mapping import tool_of
from microfiche.documents import TWICE, named_twice
from microfiche.errors import DataError, MicroficheError, UsageError, in_words, printable, unusable
from microfiche.text import normal_line

if TYPE_CHECKING:
    import pyarrow as pa

MAX_UNPACKED = 2 << 30  # octets of a workbook's parts
ROWS_AT_ONCE = 512
MAX_GAP = 10_000  # empty rows of a sheet after which it is taken to be broken
DATASET_STATE, DATASET_PARTS, DATASET_INFO = "state.json", "dataset_dict.json", "dataset_info.json"


@dataclass(frozen=True)
class Tabular:
    """A table that was opened: its columns' names in order, and its rows.

    `rows()` begins anew each time it is called and gives (number, cells by column). The number is
    the line of a text file, else that of the row, the header being row 1. A cell that a row lacks
    is None. `unread` names what else the file holds, such as further sheets.
    """

    path: Path
    columns: tuple[str, ...]
    rows: Callable[[], Iterator[tuple[int, Cells]]]
    unread: tuple[str, ...] = ()


def is_tabular(path: Path) -> bool:
    """Whether a path is a table by its name, or a folder that `datasets` saved."""
    if path.is_dir():
        return any((path / name).is_file() for name in (DATASET_STATE, DATASET_PARTS))
    return path.suffix.lower() in READERS and path.suffix.lower() not in (
        ".json",
        ".jsonl",
        ".ndjson",
    )


def open_tabular(path: Path) -> Tabular:
    """A table. Raises DataError, UsageError, CannotRun."""
    reader = _saved if path.is_dir() else READERS.get(path.suffix.lower())
    if reader is None:
        ends = ", ".join(READERS)
        raise UsageError(f"{path}: not read as a table", f"give one of {ends}, or a saved dataset")
    with _reading(path):
        return reader(path)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Raise what reading raises as an error that names the file."""
    try:
        yield
    except MicroficheError:
        raise
    except OSError as error:
        if error.errno is not None:
            raise unusable(path, error) from error
        raise _broken(path, error) from error
    except Exception as error:  # whatever a library makes of a broken table
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> DataError:
    return DataError(f"{path}: {printable(in_words(error))}", "correct the table, or save it anew")


def _guarded(
    path: Path, rows: Callable[[], Iterator[tuple[int, Cells]]]
) -> Callable[[], Iterator[tuple[int, Cells]]]:
    """Rows whose reading raises as `open_tabular` does."""

    def guarded() -> Iterator[tuple[int, Cells]]:
        with _reading(path):
            yield from rows()

    return guarded


def _opened(
    path: Path, columns: list[str], rows: Callable[[], Iterator[tuple[int, Cells]]]
) -> Tabular:
    if not any(columns):
        raise DataError(f"{path}: no column has a name", "name the columns in the first row")
    twice = [name for name, count in Counter(filter(None, columns)).items() if count > 1]
    if twice:
        raise UsageError(f"{path}: two columns are named {twice[0]!r}", "rename one")
    return Tabular(path, tuple(columns), _guarded(path, rows))


def _csv(path: Path) -> Tabular:
    header, rows = delimited(path)
    return _opened(path, header, rows)


def _xlsx(path: Path) -> Tabular:
    try:
        import openpyxl
    except ImportError as error:
        raise UsageError(
            f"{path}: workbooks are read by openpyxl, which is not installed",
            "pip install 'microfiche[office]', or save the sheet as CSV",
        ) from error
    with zipfile.ZipFile(path) as parts:
        size = sum(each.file_size for each in parts.infolist())
    if size > MAX_UNPACKED:
        raise DataError(f"{path}: {size:,} bytes unpacked", "save the sheet as CSV")

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)

    def lines() -> Iterator[tuple[int, list[Any]]]:
        gap = 0
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            held = list(cells)
            while held and held[-1] is None:
                held.pop()
            gap = 0 if held else gap + 1
            if gap > MAX_GAP:
                raise DataError(f"{path}: more than {MAX_GAP:,} empty rows", "save it as CSV")
            if held:
                yield number, held

    others = tuple(f"sheet {each.title!r}" for each in book.worksheets[1:])
    header = [normal_line(str(name or "")) for name in next(lines(), (0, []))[1]]

    table = _opened(path, header, lambda: below(path, header, lines()))
    return replace(table, unread=others)


def _parquet(path: Path) -> Tabular:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        columns = list(file.schema_arrow.names)

    def batches() -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(path) as opened:
            yield from opened.iter_batches(ROWS_AT_ONCE)

    return _opened(path, columns, lambda: _arrow_rows(batches(), {}))


def _arrow_rows(
    batches: Iterator[pa.RecordBatch], names: Mapping[str, list[str]]
) -> Iterator[tuple[int, Cells]]:
    """Rows of Arrow batches; numbers that stand for `names` of a class are those names."""
    number = 1
    for batch in batches:
        for row in batch.to_pylist():
            number += 1
            for name, known in names.items():
                if isinstance(row.get(name), int) and 0 <= row[name] < len(known):
                    row[name] = known[row[name]]
            yield number, row


def _saved(folder: Path) -> Tabular:
    """A dataset that `datasets` saved; of one with several splits all, in their order."""
    held = dataset_files(folder)
    files = [each for each in held if each.suffix != ".json"]
    names, columns = {}, list[str]()
    for file in (each for each in held if each.name == DATASET_INFO):
        info = orjson.loads(file.read_bytes())
        features = info.get("features") if isinstance(info, dict) else None
        for name, feature in (features or {}).items():
            columns += [] if name in columns else [name]
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel":
                names[name] = list(feature.get("names") or ())

    def batches() -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for file in files:
            with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as opened:
                for batch in opened:
                    for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                        yield batch.slice(start, ROWS_AT_ONCE)

    return _opened(folder, columns, lambda: _arrow_rows(batches(), names))


def dataset_files(folder: Path) -> list[Path]:
    """The files that hold a saved dataset. Raises DataError for one that is a link or none."""
    with _reading(folder):
        parts, files = [folder], []
        if (folder / DATASET_PARTS).is_file():
            files.append(folder / DATASET_PARTS)
            splits = orjson.loads((folder / DATASET_PARTS).read_bytes())["splits"]
            parts = [folder / _plain(folder, each) for each in splits]
        for part in parts:
            state = orjson.loads((part / DATASET_STATE).read_bytes())
            files += [part / DATASET_STATE, part / DATASET_INFO]
            files += [part / _plain(part, each["filename"]) for each in state["_data_files"]]
    for file in (*parts[1:], *files):
        if file.is_symlink() or not (file.is_file() or file in parts):
            raise DataError(f"{file}: a link, or no regular file", "save the dataset again")
    return files


def _plain(folder: Path, name: object) -> str:
    if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
        raise DataError(f"{folder}: {str(name)[:80]!r} is no file of it", "save the dataset again")
    return name


def _jsonl(path: Path) -> Tabular:
    def lines() -> Iterator[tuple[int, Cells]]:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _object(path, f"line {number}", line)

    return _opened(path, _keys(lines()), lines)


def written_by(path: Path) -> str | None:
    """The tool that wrote a JSONL file, by the members of its first line; None if none is sure."""
    try:
        with path.open("rb") as file:
            value = orjson.loads(file.readline(MAX_CELL))
    except (OSError, orjson.JSONDecodeError):
        return None
    return tool_of(_flat(value)) if isinstance(value, dict) else None


def _json(path: Path) -> Tabular:
    """A list of objects, one, or lists by publisher; or lines of a JSONL file that is named so."""
    data = whole(path)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return _jsonl(path)
    _refuse_twice(str(path), data.strip(), value)
    held = value if isinstance(value, list) else _by_publisher(value)
    if not all(isinstance(each, dict) for each in held):
        raise DataError(f"{path}: no list of objects", "give one object an article")

    def objects() -> Iterator[tuple[int, Cells]]:
        return ((number, _flat(each)) for number, each in enumerate(held, start=1))

    return _opened(path, _keys(objects()), objects)


def _by_publisher(value: Any) -> list[Any]:
    """The objects of a JSON object: itself, or those of the lists that it holds by publisher."""
    lists = list(value.values()) if isinstance(value, dict) else []
    if not any(lists) or not all(
        isinstance(held, list) and all(isinstance(each, dict) for each in held) for held in lists
    ):
        return [value]
    return [{"publisher": name, **each} for name, held in value.items() for each in held]


def _object(path: Path, place: str, line: bytes) -> Cells:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DataError(
            f"{path}: {place}: no JSON: {in_words(error)}", "correct the line"
        ) from error
    if not isinstance(value, dict):
        raise DataError(f"{path}: {place}: no JSON object", "give one object a line")
    _refuse_twice(f"{path}: {place}", line.strip(), value)
    return _flat(value)


def _refuse_twice(where: str, data: bytes, value: Any) -> None:
    """Raise DataError if an object names a member twice."""
    if (twice := named_twice(data, value)) is not None:
        raise DataError(f"{where}: {TWICE.format(twice)}", "leave one of the two")


def _flat(value: Mapping[str, Any]) -> Cells:
    """An object whose members that are objects stand dotted beside the others."""
    flat: dict[str, Any] = {}
    for name, member in value.items():
        if isinstance(member, dict):
            flat |= {f"{name}.{inner}": each for inner, each in member.items()}
        else:
            flat[name] = member if member != "" else None
    return flat


def _keys(rows: Iterator[tuple[int, Cells]]) -> list[str]:
    """Names of members of all objects, in the order in which they come."""
    keys: dict[str, None] = {}
    for _, cells in rows:
        keys |= dict.fromkeys(cells)
    return list(keys)


READERS: Mapping[str, Callable[[Path], Tabular]] = {
    ".csv": _csv, ".tsv": _csv, ".tab": _csv, ".xlsx": _xlsx, ".parquet": _parquet,
    ".jsonl": _jsonl, ".ndjson": _jsonl, ".json": _json,
}  # fmt: skip
