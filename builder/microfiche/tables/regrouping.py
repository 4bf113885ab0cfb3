"""Many sheets regrouped into few, in the order of the shards that take their rows.

Each shard takes rows of nearly every sheet. Where both are many it would open all of them for a few
rows each; regrouped, what it takes of a sheet lies together.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from microfiche.engine import Engine
from microfiche.tables.shards import Shard
from microfiche.tables.sheets import Sheet, rows_about, tail_of

# Sheets that become one; how many times one may be opened before that is the better way; rows of
# a batch.
SHEETS_AT_ONCE, OPENINGS, BATCH_ROWS = 8, 20_000, 1024


class _Group(NamedTuple):
    """Rows of some sheets in the order they are to have, and the file that they are to be in."""

    sheets: Sequence[str]
    sheet: Any
    row: Any
    path: str


def regroup(
    engine: Engine, shards: Sequence[Shard], sheets: Sequence[str], work: Path
) -> tuple[list[Shard], list[str]]:
    """(shards that take the same rows from fewer sheets, these), written into `work` if need be."""
    if len(shards) * len(sheets) <= OPENINGS:
        return list(shards), list(sheets)
    sheet = np.concatenate([each.sheet for each in shards])
    row = np.concatenate([each.row for each in shards])
    lengths = [len(each.row) for each in shards]
    shard = np.repeat(np.arange(len(shards), dtype=np.int32), lengths)
    group = sheet // SHEETS_AT_ONCE
    order = np.lexsort((row, sheet, shard, group))
    starts = np.flatnonzero(np.concatenate(([True], np.diff(group[order]) != 0)))
    work.mkdir(parents=True, exist_ok=True)
    tasks = list[_Group]()
    number, place = (np.empty(len(row), np.int32) for _ in range(2))
    for count, mine in enumerate(np.split(order, starts[1:])):
        path = str(work / f"{count:06}.arrow")
        numbers, own = np.unique(sheet[mine], return_inverse=True)
        tasks.append(_Group([sheets[each] for each in numbers], own, row[mine], path))
        number[mine], place[mine] = count, np.arange(len(mine))
    bounds = np.cumsum(lengths)[:-1]
    moved = [
        each._replace(sheet=own, row=rows)
        for each, own, rows in zip(
            shards, np.split(number, bounds), np.split(place, bounds), strict=True
        )
    ]
    return moved, list(engine.run("regrouping", _regrouped, tasks))


def _regrouped(group: _Group) -> str:
    """Write the rows of a group in the order they are given in; the path. Raises OSError."""
    parts, at, seen = list[pa.Table](), np.empty(len(group.row), np.int64), 0
    for number, path in enumerate(group.sheets):
        mine = np.flatnonzero(group.sheet == number)
        part, places = rows_about(Sheet(path, group.row[mine]))
        at[mine[np.argsort(group.row[mine])]] = places + seen
        parts.append(part)
        seen += len(part)
    table = pa.concat_tables(parts).combine_chunks()
    starts = range(0, len(at), BATCH_ROWS)
    with pa.OSFile(group.path, "wb") as sink:
        with pa.ipc.new_file(sink, table.schema) as file:
            for start in starts:
                rows = table.take(pa.array(at[start : start + BATCH_ROWS])).combine_chunks()
                file.write_batch(rows.to_batches()[0])
        sink.write(tail_of([min(BATCH_ROWS, len(at) - start) for start in starts]))
    return group.path
