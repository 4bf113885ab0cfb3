"""What the columns of a table must be before anything is made of them. Files may be hostile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.errors import DataError
from microfiche.schema import RecordType, may_be_null

# The days from 1970-01-01 that have a date in Python: years 1 to 9999.
FIRST_DAY, LAST_DAY = -719162, 2932896
DAY = 86_400_000_000
REMEDY = "run `microfiche verify` on the release, or fetch it again"


def check_types(
    kind: RecordType, found: pa.Schema, columns: Sequence[str] | None, file: Path
) -> None:
    """Raise DataError if a column (of all, or of those named) is not there or of another type."""
    for field in kind.arrow_schema:
        if columns is not None and field.name not in columns:
            continue
        if field.name not in found.names:
            raise DataError(f"{file}: it has no column {field.name}", REMEDY)
        if found.field(field.name).type != field.type:
            raise DataError(f"{file}: column {field.name} is no {field.type}", REMEDY)


def check_values(kind: RecordType, rows: pa.Table | pa.RecordBatch, file: Path) -> None:
    """Raise DataError for a null where the schema has none, and for a day beyond the calendar."""
    for field in kind.fields:
        if field.name not in rows.schema.names:
            continue
        column = rows.column(field.name)
        if column.null_count and not may_be_null(field.spec):
            raise DataError(f"{file}: column {field.name} is null, which it may not be", REMEDY)
        if pa.types.is_date32(column.type):
            _check_range(column.cast(pa.int32()), 1, f"{file}: column {field.name}")
        elif pa.types.is_timestamp(column.type):
            _check_range(column.cast(pa.int64()), DAY, f"{file}: column {field.name}")


def _check_range(numbers: pa.Array | pa.ChunkedArray, per_day: int, where: str) -> None:
    first, last = pc.min_max(numbers).as_py().values()
    if first is not None and not (FIRST_DAY * per_day <= first <= last < (LAST_DAY + 1) * per_day):
        raise DataError(f"{where} has a day beyond the years 1 to 9999", REMEDY)
