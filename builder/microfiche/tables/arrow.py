"""Rows in their JSON form to Arrow and back, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.schema import RecordType, Spec, arrow_type, kind_of, type_name

Row = dict[str, Any]
Columns = Mapping[str, Any]


# Rows and Arrow


def to_batch(kind: RecordType, rows: Sequence[Row]) -> pa.RecordBatch:
    """Rows in their JSON form as one record batch of the type's Arrow schema."""
    return columns_batch(kind, to_columns(kind.arrow_schema.names, rows))


def to_columns(names: Sequence[str], rows: Sequence[Row]) -> Columns:
    """Rows in columns of these names, each a list of values."""
    return {name: [row[name] for row in rows] for name in names}


def columns_batch(kind: RecordType, columns: Columns) -> pa.RecordBatch:
    """Columns of JSON values as one record batch of the type's Arrow schema."""
    arrays = [column(field.spec, columns[field.name]) for field in kind.fields]
    return pa.record_batch(arrays, schema=kind.arrow_schema)


def column(spec: Spec, values: Any) -> pa.Array:
    """JSON values as one Arrow array; times and dates are parsed from their canonical strings.

    A struct's values are a list of structs, or a mapping of its members' columns.
    """
    name = type_name(spec)
    if name in ("timestamp", "date"):
        return pa.array(values, pa.string()).cast(arrow_type(spec))
    if name == "struct":
        parts = spec["properties"]
        if not isinstance(values, Mapping):
            values = {each: [value[each] for value in values] for each in parts}
        children = [column(part, values[each]) for each, part in parts.items()]
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
