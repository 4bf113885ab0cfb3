"""What the rows of a build hold in some columns, asked for many values at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.tables.sheets import Sheet, read_sheet


class Held:
    """Strings in columns, and some more; no Python object for each, and more than 2 GiB of them."""

    def __init__(self, columns: Iterable[Any], more: Iterable[str] = ()) -> None:
        parts = [part for column in columns for part in _chunks(column)]
        parts.append(pa.array(list(more), pa.large_string()))
        self.values = pa.concat_arrays([part.cast(pa.large_string()) for part in parts])

    def mask(self, column: Any) -> Any:
        """For each value of a column whether it is held; null is not."""
        return pc.is_in(column.cast(pa.large_string()), value_set=self.values, skip_nulls=True)

    def among(self, some: Iterable[str | None]) -> set[str]:
        """Which of some strings are held."""
        asked = {each for each in some if each is not None}
        if not asked:
            return set()
        found = pc.is_in(self.values, value_set=pa.array(sorted(asked), pa.large_string()))
        return set(self.values.filter(found).to_pylist())


def article_ids(sheets: Sequence[Sheet], more: Iterable[str] = ()) -> Held:
    """Ids of the articles in some sheets, their aliases, and some more."""
    tables = [read_sheet(sheet, ["article_id", "aliases"]) for sheet in sheets]
    lists = (table["aliases"].combine_chunks() for table in tables)
    return Held([*(table["article_id"] for table in tables), *map(pc.list_flatten, lists)], more)


def _chunks(column: Any) -> Sequence[pa.Array]:
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]
