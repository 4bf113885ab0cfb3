"""The contract that a release carries: the record types of its own schema/.

A release is judged by it, whatever has been added to this builder's since. For a table that this
builder knows, what its key and its order are is not the release's to say: a forged one could
declare any.
"""

from __future__ import annotations

import functools
import json
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microfiche.errors import DataError, in_words
from microfiche.schema import RecordType, arrow_type, kind_of, resolved, table_types

if TYPE_CHECKING:
    import pyarrow as pa

MAX_SCHEMAS, MAX_SCHEMA_BYTES = 200, 4 * 1024 * 1024
SLUG = re.compile(r"[a-z][a-z0-9_]*")
FOLDER, CORE = "schema", "article"  # to which others refer: what is wrong with it is said of it
# What schemas that are none raise when they are read or used.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


def own_types(root: Path) -> Mapping[str, RecordType]:
    """Record types by table of the release in a folder. Raises DataError if they cannot be read."""
    files = sorted((root / FOLDER).glob("*.json"), key=lambda file: (file.stem != CORE, file.name))
    if not files or len(files) > MAX_SCHEMAS:
        raise _unread(root, f"{len(files):,} schema files")
    held = []
    for file in files:
        try:
            state = file.stat()  # before it is opened: a pipe would wait for ever
            if not stat.S_ISREG(state.st_mode) or state.st_size > MAX_SCHEMA_BYTES:
                raise ValueError(f"no regular file of at most {MAX_SCHEMA_BYTES:,} bytes")
            held.append((file.stem, file.read_bytes()))
        except (ValueError, OSError) as error:
            raise _unread(root, f"{file.name}: {in_words(error)}") from error
    try:
        return _types(tuple(held))
    except _SchemaError as error:
        raise _unread(root, str(error)) from error


class _SchemaError(Exception):
    """A schema that is none; the file and what is wrong with it."""


@functools.lru_cache(maxsize=32)
def _types(held: tuple[tuple[str, bytes], ...]) -> Mapping[str, RecordType]:
    """Record types by table of some schema files; releases of one builder carry the same."""
    files, found = dict(held), {}

    @functools.cache
    def read(name: str) -> Any:
        if name not in files:
            raise ValueError(f"no file {name}.json beside it")
        return json.loads(files[name].decode("utf-8"))

    for name in files:
        try:
            document = resolved(read, name)
            if "x-table" in document:
                kind = _usable(RecordType(name, document))
                found[kind.table.name] = kind
        except BROKEN as error:
            raise _SchemaError(f"{name}.json: {in_words(error)}") from error
    return found


def _unread(root: Path, fault: str) -> DataError:
    return DataError(f"{root / FOLDER}: no schemas: {fault}", "fetch the release again")


def _usable(kind: RecordType) -> RecordType:
    """A type whose columns can be read; of a known table, with its key, or one that it once had.

    Raises as BROKEN lists.
    """
    tables = _known_tables()
    if kind.name in tables:
        table, own = tables[kind.name], kind.document["x-table"].get("key")
        if own in table.get("earlier-keys", ()):
            table = {**table, "key": own}
        kind = RecordType(kind.name, {**kind.document, "x-table": table})
    elif kind.document["x-table"]["name"] in table_types():
        raise ValueError(f"another schema of table {kind.table.name}")
    spec = kind.document["x-table"]
    lists = (spec.get("key"), spec.get("order"))
    if not isinstance(spec["name"], str) or not SLUG.fullmatch(spec["name"]):
        raise ValueError("its table has no name of lower-case letters, digits and _")
    if not all(isinstance(each, list) and each for each in lists) or not all(
        isinstance(each, str) for each in (*lists[0], *lists[1], spec.get("time") or "")
    ):
        raise ValueError(f"table {spec['name']}: key and order are lists of columns")
    columns = kind.arrow_schema.names
    asked = {*kind.table.key, *kind.table.order, *filter(None, [kind.table.time]), "record_sha256"}
    if missing := sorted(asked - set(columns)):
        raise ValueError(f"table {kind.table.name} has no column {', '.join(missing)}")
    if withheld := sorted({*kind.table.key} & {e.name for e in kind.fields if e.withheld_as}):
        raise ValueError(f"table {kind.table.name} withholds {', '.join(withheld)} of its key")
    return kind


def uncovered(kind: RecordType) -> list[str]:
    """What a type leaves out of the digests of its records, and this builder does not, dotted.

    Of such a value the fingerprint says nothing: whoever hands a release on could put in any.
    """
    known = table_types().get(kind.table.name)
    builders = known.withheld if known else {}
    return sorted(name for name, mark in kind.withheld.items() if builders.get(name) != mark)


def known_columns(table: str) -> Mapping[str, Any]:
    """The columns that this builder gives a table, as its schema has them; none for an unknown."""
    known = table_types().get(table)
    return known.document["properties"] if known else {}


def with_columns(table: pa.Table, name: str, columns: Sequence[str] | None) -> pa.Table:
    """The columns asked for of a table; those that only this builder knows are null or empty.

    Raises DataError for a column that nobody knows.
    """
    import pyarrow as pa

    known = known_columns(name)
    for each in columns or ():
        if each not in table.column_names and each not in known:
            raise DataError(f"table {name} has no column {each!r}", "ask for another")
        if each not in table.column_names:
            kind = arrow_type(known[each])
            empty: list[Any] = [[] if pa.types.is_list(kind) else None] * len(table)
            table = table.append_column(each, pa.array(empty, kind))
    return table if columns is None else table.select(list(columns))


@functools.cache
def _known_tables() -> Mapping[str, Any]:
    """`x-table` of the tables that this builder knows, by record type; as they once were, too."""
    now = {each.name: each.document["x-table"] for each in table_types().values()}
    earlier = [each["earlier"] for each in now.values() if "earlier" in each]
    return {**now, **{name: table for each in earlier for name, table in each.items()}}


@functools.cache
def earlier_names() -> Mapping[str, str]:
    """What tables are called now, by what releases of earlier builders call them."""
    return {
        table["name"]: name
        for name, kind in table_types().items()
        for table in kind.document["x-table"].get("earlier", {}).values()
    }


def completed(row: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The row itself, given the columns of `known` that its release did not have yet, empty.

    `known` are the properties of a schema, by name; a column that holds a record is gone into.
    """
    for name, spec in known.items():
        if name not in row:
            row[name] = [] if kind_of(spec) == "array" else None
        elif isinstance(row[name], dict):
            completed(row[name], spec["properties"])
    return row
