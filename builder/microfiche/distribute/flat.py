"""A table without structs: `provenance.n_captures` is a column `provenance_n_captures`.

Names have at most 32 letters, digits and underscores, so that R, Stata and SQL take them as they
are. Times are ISO 8601 in UTC, days ISO 8601, and a list is JSON where a cell can hold no list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from microfiche.fixity import sha256_hex
from microfiche.schema import Field, RecordType, Spec, kind_of, type_name

if TYPE_CHECKING:
    import pyarrow as pa

CELL_TYPES = {
    "timestamp": "time, UTC, as 2026-01-31T12:00:00.000000Z",
    "date": "day, as 2026-01-31",
    "int32": "integer",
    "int64": "integer",
    "bool": "true or false",
}


MAX_NAME = 100
UNSAFE = re.compile(r"[^a-z0-9_.-]+")
# What Windows keeps for devices, and names that hide or end in a dot.
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?|\..*|.*\.", re.DOTALL)


class Column(NamedTuple):
    """A column of a flat table: its name, where its values are, and what its schema says."""

    name: str
    path: tuple[str, ...]
    spec: Spec
    never_null: bool

    @property
    def meaning(self) -> str:
        """What the column says, and what null means."""
        return str(self.spec.get("description", ""))


def columns(kind: RecordType) -> list[Column]:
    """The columns of a table, in order, members of structs in their place."""
    return list(_columns(kind.fields, ()))


def _columns(fields: Sequence[Field], path: tuple[str, ...]) -> Iterator[Column]:
    for field in fields:
        here = (*path, field.name)
        if field.kind == "object":
            members = tuple(Field(*item) for item in field.spec["properties"].items())
            yield from _columns(members, here)
        else:
            yield Column("_".join(here), here, field.spec, not field.nullable)


def rows(kind: RecordType, table: pa.Table) -> Iterator[dict[str, Any]]:
    """Rows of a table by flat names; times and days as strings, lists as lists."""
    from microfiche.tables.arrow import to_rows

    flat = columns(kind)
    for row in to_rows(kind, table):
        yield {column.name: _at(row, column.path) for column in flat}


def _at(row: Any, path: Sequence[str]) -> Any:
    for name in path:
        row = row[name]
    return row


def cell(value: Any) -> Any:
    """A value as one cell holds it: a list or a struct as JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return value


def dictionary(kind: RecordType) -> list[dict[str, str]]:
    """The data dictionary of a flat table: a row for each column, in order."""
    return [
        {
            "column": column.name,
            "type": _cell_type(column.spec),
            "never_null": "true" if column.never_null else "false",
            "values": "; ".join(str(each) for each in _values(column.spec) if each is not None),
            "meaning": column.meaning,
        }
        for column in columns(kind)
    ]


def _values(spec: Spec) -> Sequence[Any]:
    """The values of a closed list, also of the items of a list."""
    held = spec.get("items", spec) if kind_of(spec) == "array" else spec
    values: Sequence[Any] = held.get("enum", ())
    return values


def _cell_type(spec: Spec) -> str:
    if kind_of(spec) == "array":
        return f"JSON list of {'objects' if kind_of(spec['items']) == 'object' else 'strings'}"
    return CELL_TYPES.get(type_name(spec), "text")


def safe_name(name: str) -> str:
    """A file name that every system takes, and no two have: with 8 hex if it was changed for it."""
    plain = UNSAFE.sub("-", name.lower())[:MAX_NAME]
    if plain == name and plain and not RESERVED.fullmatch(plain):
        return plain
    return f"{plain.strip('.-')}~{sha256_hex(name.encode())[:8]}"
