"""Rows in their JSON form to Arrow and back, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.schema import RecordType, Spec, arrow_type, kind_of, type_name

Row = dict[str, Any]


# Rows and Arrow


def to_batch(kind: RecordType, rows: Sequence[Row]) -> pa.RecordBatch:
    """Rows in their JSON form as one record batch of the type's Arrow schema."""
    pick = itemgetter(*kind.arrow_schema.names)
    return _batch(kind, [pick(row) for row in rows])


def _batch(kind: RecordType, values: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
    """A record batch from the values of each row, in the order of the columns."""
    if not values:
        return pa.RecordBatch.from_pylist([], schema=kind.arrow_schema)
    members = zip(*values, strict=True)
    columns = [column(field.spec, each) for field, each in zip(kind.fields, members, strict=True)]
    return pa.record_batch(columns, schema=kind.arrow_schema)


def _alike(kind: RecordType, row: Row, columns: Mapping[str, Any], count: int) -> pa.RecordBatch:
    """A record batch of `count` rows like `row` but for the values of `columns`."""
    shared = {name: None if name in columns else value for name, value in row.items()}
    shared |= {name: row[name] for name, values in columns.items() if isinstance(values, Mapping)}
    repeated = to_batch(kind, [shared]).take(pa.array(np.zeros(count, np.int32)))
    arrays = [
        _with_values(field.spec, array, columns.get(field.name))
        for field, array in zip(kind.fields, repeated.columns, strict=True)
    ]
    return pa.record_batch(arrays, schema=kind.arrow_schema)


def _with_values(spec: Spec, array: pa.Array, values: Any) -> pa.Array:
    """An array, its values replaced by those of a column; of a struct, by member."""
    if values is None:
        return array
    if not isinstance(values, Mapping):
        return column(spec, values)
    parts = spec["properties"]
    children = [
        _with_values(part, array.field(name), values.get(name)) for name, part in parts.items()
    ]
    return pa.StructArray.from_arrays(children, names=list(parts))


def column(spec: Spec, values: Sequence[Any]) -> pa.Array:
    """JSON values as one Arrow array; times and dates are parsed from their canonical strings."""
    name = type_name(spec)
    if name in ("timestamp", "date"):
        return pa.array(values, pa.string()).cast(arrow_type(spec))
    if name == "struct":
        parts = spec["properties"]
        members = zip(*map(itemgetter(*parts), values), strict=True)
        children = [column(part, each) for part, each in zip(parts.values(), members, strict=True)]
        return pa.StructArray.from_arrays(children, names=list(parts))
    if name == "string" and values and isinstance(values[0], bytes):
        return _utf8_column(values)
    return pa.array(values, arrow_type(spec))


def _utf8_column(values: Sequence[bytes]) -> pa.Array:
    """Strings given as UTF-8, none null: Arrow would look at every octet again."""
    offsets = np.cumsum([0, *map(len, values)]).astype(np.int32)
    octets = pa.py_buffer(b"".join(values))
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), octets)


def to_rows(kind: RecordType, table: pa.Table | pa.RecordBatch) -> list[Row]:
    """Arrow rows in their JSON form: the exact inverse of `to_batch`."""
    columns = [_values(field.spec, table.column(field.name)) for field in kind.fields]
    names = [field.name for field in kind.fields]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(spec: Spec, array: pa.Array | pa.ChunkedArray) -> list[Any]:
    name = type_name(spec)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if name == "timestamp":
        return list(pc.strftime(array, format="%Y-%m-%dT%H:%M:%SZ").to_pylist())
    if name == "date":
        return list(array.cast(pa.string()).to_pylist())
    if name == "struct":
        keys = list(spec["properties"])
        parts = [_values(spec["properties"][key], array.field(key)) for key in keys]
        return [dict(zip(keys, row, strict=True)) for row in zip(*parts, strict=True)]
    if kind_of(spec) == "array" and kind_of(spec["items"]) == "object":
        names = list(spec["items"]["properties"])
        return [[{key: item[key] for key in names} for item in row] for row in array.to_pylist()]
    return list(array.to_pylist())
