"""A table of a release for other programs: CSV, JSON lines, a workbook, or a text file an article.

What is written is exact: UTF-8 without a mark of byte order, null an empty cell where an empty text
is `""`. Beside each file stands its data dictionary.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from microfiche.distribute import flat
from microfiche.errors import CannotRun, DataError, UsageError, unusable
from microfiche.fixity import file_digest
from microfiche.release import RELEASE_JSON, Release, folder_name
from microfiche.release.placing import staging
from microfiche.release.subset import select
from microfiche.schema import RecordType
from microfiche.verify.files import is_local
from microfiche.verify.remembered import check_once

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = {"csv": ".csv", "jsonl": ".jsonl", "xlsx": ".xlsx", "text": ""}
DICTIONARY = ".dictionary.csv"
INDEX = "articles.csv"


class Exported(NamedTuple):
    """What was written, the table first, and how many rows it has."""

    files: list[Path]
    n_rows: int


class Chosen(NamedTuple):
    """The rows of one table that are to be written, a few thousand at a time."""

    release: Release
    table: str
    subset: frozenset[str] | None = None

    @property
    def kind(self) -> RecordType:
        """What the release's own schema says of the table."""
        return self.release.kind(self.table)

    def batches(self) -> Iterator[pa.Table]:
        """Raises DataError, CannotRun."""
        import pyarrow as pa
        import pyarrow.compute as pc

        names = self.kind.arrow_schema.names
        ids = None if self.subset is None else pa.array(sorted(self.subset), pa.string())
        key = "article_id" if "article_id" in names else "outlet_id"
        for batch in self.release.batches(self.table, names):
            yield batch if ids is None else batch.filter(pc.is_in(batch[key], ids))

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows by flat names."""
        for batch in self.batches():
            yield from flat.rows(self.kind, batch)


def export(
    release: Release, table: str, form: str, *, where: str | None = None, out: Path | None = None
) -> Exported:
    """Write a table of a release; `where` chooses by columns of its articles, as in `cite`.

    `out` is the file, for `text` the folder; by default `<name>-<version>-<table>` with the
    format's suffix, here. What is there and the same is left as it is. Raises UsageError,
    DataError, CannotRun.
    """
    if form not in SUFFIXES:
        raise UsageError(f"no format {form!r}", f"use one of {', '.join(SUFFIXES)}")
    if out and out.suffix in SUFFIXES.values() and out.suffix != SUFFIXES[form]:
        told = f"--format {out.suffix[1:]}" if out.suffix else "--format text"
        raise UsageError(
            f"{out}: its name is of another format than {form}",
            f"call it {out.with_suffix(SUFFIXES[form])}, or give {told}",
        )
    chosen = _chosen(release, table, where)
    if form == "text" and table != "articles":
        raise UsageError(f"--format text is for articles, not {table}", "use csv, jsonl or xlsx")
    name = f"{folder_name(release.name, release.access)}-{release.version}-{table}"
    target = out or Path(f"{name}{SUFFIXES[form]}")
    _refuse_place(target)
    writers: dict[str, Callable[[Chosen, Path], int]] = {
        "csv": _write_csv,
        "jsonl": _write_jsonl,
        "xlsx": _write_workbook,
        "text": _write_texts,
    }
    try:
        with staging(target.absolute().parent) as work:
            written = work / target.name
            count = writers[form](chosen, written)
            beside = written / INDEX if form == "text" else written
            entries = flat.dictionary(chosen.kind)
            if form == "text":
                entries = [*(each for each in entries if each["column"] != "text"), TEXT_FILE]
            write_dictionary(entries, beside)
            parts = sorted(work.iterdir(), key=lambda each: (each != written, each.name))
            for each in parts:
                _refuse_taken(each, target.parent / each.name)
            files = [_place(each, target.parent) for each in parts]
            return Exported(files + sorted(files[0].glob(f"{Path(INDEX).stem}*.csv")), count)
    except OSError as error:
        raise unusable(target, error) from error


def _refuse_place(target: Path) -> None:
    """Refuse a name that is none, and a place in a release. Raises UsageError."""
    if not target.name or target.name in (".", ".."):
        raise UsageError(f"{target}: no name of a file", "give --out a name")
    for folder in target.absolute().parents:
        if (folder / RELEASE_JSON).exists():
            raise UsageError(
                f"{target}: {folder} is a release, which stays as it is", "give another"
            )


def write(release: Release, table: str, form: str, where: str | None, file: BinaryIO) -> None:
    """Write a table as CSV or JSON lines to an open file, without a dictionary.

    Raises as `export`.
    """
    makers = {"csv": csv_lines, "jsonl": json_lines}
    if form not in makers:
        raise UsageError(f"--out - takes csv or jsonl, not {form}", "name a file")
    for part in makers[form](_chosen(release, table, where)):
        file.write(part)


def _chosen(release: Release, table: str, where: str | None) -> Chosen:
    held = {entry["name"] for entry in release.manifest["tables"]}
    if table not in held:
        raise UsageError(f"{release.root}: no table {table!r}", f"it has {', '.join(sorted(held))}")
    if is_local(release.root):
        check_once(release, [table, "articles"])
    if where is None:
        return Chosen(release, table)
    found = select(release, where).article_ids
    if not found:
        raise DataError(f"--where {where}: no article fits", "correct the expression")
    names = release.kind(table).arrow_schema.names
    if "article_id" in names:
        return Chosen(release, table, frozenset(found))
    if table != "outlets":
        raise UsageError(
            f"--where chooses articles, and a row of {table} is of none", "leave it out"
        )
    rows = release.select("articles", "article_id", list(found))
    return Chosen(release, table, frozenset(row["outlet_id"] for row in rows))


def _refuse_taken(written: Path, target: Path) -> None:
    """Raise CannotRun if something else is where a file or folder is to go."""
    held = target.is_file() or target.is_dir()
    if (held and not _same(written, target)) or (not held and os.path.lexists(target)):
        raise CannotRun(f"{target} is there already", "take it away, or give another --out")


def _place(written: Path, folder: Path) -> Path:
    """Put a file or folder in its place, unless it is there. Raises OSError."""
    target = folder / written.name
    if not target.exists():
        shutil.move(written, target)
    return target


def _same(one: Path, other: Path) -> bool:
    if one.is_dir() or other.is_dir():
        return one.is_dir() and other.is_dir() and _digests(one) == _digests(other)
    return file_digest(one) == file_digest(other)


def _digests(folder: Path) -> dict[str, str]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): file_digest(each)[1] for each in files}


# CSV and JSON lines


def csv_lines(
    chosen: Chosen, extra: Callable[[dict[str, Any]], Any] | None = None
) -> Iterator[bytes]:
    """The table as CSV, a part at a time: texts in quotes, null without."""
    names = [column.name for column in flat.columns(chosen.kind)]
    if extra:
        names = [*(name for name in names if name != "text"), TEXT_FILE["column"]]
    yield (",".join(names) + "\n").encode()
    for row in chosen.rows():
        held = {**row, TEXT_FILE["column"]: extra(row)} if extra else row
        yield (",".join(_quoted(held[name]) for name in names) + "\n").encode()


def _quoted(value: Any) -> str:
    held = flat.cell(value)
    if held is None:
        return ""
    if isinstance(held, bool):
        return "true" if held else "false"
    if isinstance(held, int):
        return str(held)
    return '"' + str(held).replace('"', '""') + '"'


def json_lines(chosen: Chosen) -> Iterator[bytes]:
    """The table as JSON lines, a row each."""
    for row in chosen.rows():
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode()


def _write_csv(chosen: Chosen, file: Path) -> int:
    return _write_parts(csv_lines(chosen), file) - 1


def _write_jsonl(chosen: Chosen, file: Path) -> int:
    return _write_parts(json_lines(chosen), file)


def _write_parts(parts: Iterable[bytes], file: Path) -> int:
    count = 0
    with file.open("xb") as target:
        for part in parts:
            target.write(part)
            count += 1
    return count


def write_dictionary(entries: list[dict[str, str]], beside: Path) -> None:
    """Write a data dictionary beside the file that it is of."""
    lines = [",".join(entries[0]), *(",".join(map(_quoted, each.values())) for each in entries)]
    file = beside.with_name(beside.stem + DICTIONARY)
    file.write_text("\n".join(lines) + "\n", "utf-8")


# A text file an article

TEXT_FILE = {
    "column": "text_file",
    "type": "text",
    "never_null": "false",
    "values": "",
    "meaning": "The file that holds the text, beside this one. Null if the text is withheld.",
}


def _write_texts(chosen: Chosen, folder: Path) -> int:
    """A folder of texts, `<outlet>/<article>.txt`, and articles.csv, which says what they are."""
    folder.mkdir()

    def text_file(row: dict[str, Any]) -> str | None:
        if row["text"] is None:
            return None
        outlet, _, own = row["article_id"].partition(":")
        path = f"{flat.safe_name(outlet)}/{flat.safe_name(own)}.txt"
        (folder / path).parent.mkdir(exist_ok=True)
        with (folder / path).open("x", encoding="utf-8", newline="") as file:
            file.write(row["text"] + "\n")
        return path

    return _write_parts(csv_lines(chosen, text_file), folder / INDEX) - 1


def _write_workbook(chosen: Chosen, file: Path) -> int:
    from microfiche.distribute.workbook import write_workbook

    return write_workbook(chosen.kind, chosen.rows(), file)
