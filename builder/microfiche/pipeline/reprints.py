"""Links between articles whose texts are alike: signatures of all, then comparison of candidates.

Only the texts of candidates are read, a few thousand pairs at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.collation.similarity import BANDS, candidates, compare, is_long, signatures
from microfiche.engine import Engine, whole
from microfiche.schema import table_types
from microfiche.tables.sheets import Index, Sheet, SheetWriter, digest_order, read_sheet

Row = dict[str, Any]
PAIRS_PER_TASK, ROWS_AT_ONCE, SHEETS_PER_TASK = 512, 1024, 8
COMPARED = ["article_id", "outlet_id", "published_earliest", "text"]


class CompareTask(NamedTuple):
    """Some pairs to compare: numbers of the sheet and the row of either article."""

    number: int
    work: str
    paths: tuple[str, ...]
    sheet: Any
    row: Any


def link_texts(engine: Engine, held: Sequence[Sheet], index: Index, work: Path) -> list[Sheet]:
    """Sheets of the links table, from the sheets of the articles and their index."""
    parts = [np.empty((0, BANDS), np.uint32)]
    worded = [np.empty(0, bool)]
    groups = [held[at : at + SHEETS_PER_TASK] for at in range(0, len(held), SHEETS_PER_TASK)]
    for bands, enough in engine.run("comparing texts", _signed, groups):
        parts.append(bands)
        worded.append(enough)
    order = digest_order(index.entry["key"])
    order = order[np.concatenate(worded)[order]]
    pairs = order[candidates(np.concatenate(parts)[order])]
    tasks = list(_tasks(pairs, held, index, work))
    results = engine.run("linking", _compared, tasks) if tasks else ()
    return [sheet for sheet in results if sheet]


def keep_signatures(path: Path, bands: Sequence[Any]) -> None:
    """Keep the band hashes of a sheet's texts beside it, made while they were at hand."""
    _bands_path(path).write_bytes(np.concatenate(bands).tobytes())


def _bands_path(path: str | Path) -> Path:
    return Path(path).with_suffix(".bands")


def _signed(sheets: Sequence[Sheet]) -> tuple[Any, Any]:
    """(band hashes of sheets' texts, whether each text has enough words to be compared)."""
    bands, enough = zip(*map(_signed_sheet, sheets), strict=True)
    return np.concatenate(bands), np.concatenate(enough)


def _signed_sheet(sheet: Sheet) -> tuple[Any, Any]:
    table, kept = read_sheet(sheet, ["text", "n_words"]), _bands_path(sheet.path)
    lengths = pc.binary_length(table["text"]).to_numpy()
    enough = is_long(table["n_words"].to_numpy(), lengths)
    if kept.exists():
        bands = np.fromfile(kept, np.uint32).reshape(-1, BANDS)
        return bands if sheet.kept is None else bands[sheet.kept], enough
    parts = [np.empty((0, BANDS), np.uint32)]
    for batch in table.to_batches(max_chunksize=ROWS_AT_ONCE):
        parts.append(signatures(batch["text"].cast(pa.binary()).to_pylist()))
    return np.concatenate(parts), enough


def _tasks(pairs: Any, held: Sequence[Sheet], index: Index, work: Path) -> Iterator[CompareTask]:
    paths = tuple(sheet.path for sheet in held)
    for start in range(0, len(pairs), PAIRS_PER_TASK):
        part = pairs[start : start + PAIRS_PER_TASK]
        number = start // PAIRS_PER_TASK
        yield CompareTask(number, str(work), paths, index.sheet[part], index.row[part])


def _compared(task: CompareTask) -> Sheet | None:
    """The links among the pairs of a task, as a sheet. Raises OSError."""
    place = Path(task.work) / f"links-{task.number:06}"
    with whole(place) as folder:
        writer = SheetWriter(table_types()["links"], folder / "links.arrow")
        articles = _articles(task)
        places = zip(task.sheet.tolist(), task.row.tolist(), strict=True)
        for (left, right), (one, other) in places:
            row = _link(articles[left, one], articles[right, other])
            if row:
                writer.add(row)
        found = writer.close()
    return Sheet(str(place / "links.arrow")) if found else None


def _articles(task: CompareTask) -> dict[tuple[int, int], Row]:
    """The articles of a task's pairs by sheet and row."""
    found: dict[tuple[int, int], Row] = {}
    for number in np.unique(task.sheet).tolist():
        rows = np.unique(task.row[task.sheet == number])
        table = read_sheet(Sheet(task.paths[number], rows), COMPARED)
        places = ((number, row) for row in rows.tolist())
        found |= dict(zip(places, table.to_pylist(), strict=True))
    return found


def _link(one: Row, other: Row) -> Row | None:
    likeness = compare(one["text"], other["text"])
    if likeness is None:
        return None
    earlier, later = sorted((one, other), key=lambda row: str(row["article_id"]))
    days = (one["published_earliest"], other["published_earliest"])
    if None not in days and days[0] != days[1]:
        earlier, later = sorted((one, other), key=lambda row: row["published_earliest"])
    return {
        "from_id": later["article_id"],
        "to_id": earlier["article_id"],
        "relation": "near" if one["outlet_id"] == other["outlet_id"] else "reprint",
        "rule": likeness.rule,
        "similarity": likeness.similarity,
        "record_sha256": "",
    }
