"""The contract: schema/*.json, and everything that is derived from it.

Owns the validator, the Arrow schema, the Hugging Face features and the field table of each record
type. What a field is, is said here alone; how it is read and filled is told by the rooms.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = "1"
DEEPEST = 500
INT32_MAX = 2**31 - 1
SCHEMA_FILE = re.compile(r"[a-z]+(?:-[a-z]+)*\.json")
Spec = Mapping[str, Any]


def schema_folder() -> Path:
    """Folder of the schema files: in the package when installed, else the repository's."""
    package = Path(str(importlib.resources.files("microfiche")))
    installed = package / "_schema"
    return installed if installed.is_dir() else package.parents[1] / "schema"


# Parts of a schema with its references replaced; the largest of ours has some 1,200.
MAX_NODES = 50_000
# Values that follow the patterns of the schemas, each the first to follow its own.
FORMS = (
    *("pt-BR", "town-papers", "2026-10-06T10:00:00Z", "2026-10-06T10:00:00.000000Z"),
    *("gazette:g-101", "https://example.org/page", "2014-10-03", "example.org", "Q42"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """One column or key: its name and its part of the schema, references resolved."""

    name: str
    spec: Spec

    @property
    def kind(self) -> str:
        """JSON type, leaving null aside."""
        return kind_of(self.spec)

    @property
    def nullable(self) -> bool:
        """Whether null is allowed."""
        return "null" in _types(self.spec)

    @property
    def change(self) -> str:
        """What a change of the value means for the version: revision, content, provenance, none."""
        return str(self.spec.get("x-change", "none"))

    @property
    def withheld_as(self) -> str | None:
        """What stands for the value in a record digest: `digest` (its own), `omit` (nothing), None.

        A public release may leave out the values of the first two kinds.
        """
        return self.spec.get("x-withhold")


@dataclass(frozen=True, slots=True)
class Table:
    """What a record type says of its table: name, primary key, order, time column for shards."""

    name: str
    key: tuple[str, ...]
    order: tuple[str, ...]
    time: str | None


@dataclass(frozen=True, eq=False)
class RecordType:
    """One schema file, references resolved. Compared by identity."""

    name: str
    document: Spec

    def __reduce__(self) -> tuple[type[RecordType], tuple[str, Spec]]:
        """Travels as what it is made of: validators cannot be pickled."""
        return RecordType, (self.name, self.document)

    @functools.cached_property
    def fields(self) -> tuple[Field, ...]:
        """Fields in the order of the file."""
        return tuple(Field(name, spec) for name, spec in self.document["properties"].items())

    @functools.cached_property
    def table(self) -> Table:
        """The table of these records. Raises KeyError for a type that has none."""
        spec = self.document["x-table"]
        return Table(spec["name"], tuple(spec["key"]), tuple(spec["order"]), spec.get("time"))

    @functools.cached_property
    def withheld(self) -> Mapping[str, str]:
        """What no digest covers and a public release withholds: x-withhold by dotted name."""
        return dict(_withheld(self.document["properties"], ""))

    @functools.cached_property
    def is_valid(self) -> Callable[[object], bool]:
        """The check that decides (jsonschema-rs, formats asserted)."""
        import jsonschema_rs

        check: Callable[[object], bool] = jsonschema_rs.Draft202012Validator(
            _anonymous(self.document), validate_formats=True, retriever=_refuse
        ).is_valid
        return check

    def explain(self, value: object) -> Iterator[tuple[str, str]]:
        """Each fault of an invalid value as (JSON pointer, message), by jsonschema, in order."""
        if _deeper(value, DEEPEST):  # how deep Python can go depends on who calls
            yield "/", "nested too deeply"
            return
        try:
            faults = sorted(
                ("/" + "/".join(map(str, error.absolute_path)), _shortened(_message(error)))
                for error in self.oracle.iter_errors(value)
            )
        except RecursionError:
            faults = [("/", "nested too deeply")]
        if not faults and not self.is_valid(value):
            faults = [("/", "not valid")]  # the two should be of one mind; the first decides
        yield from faults

    @functools.cached_property
    def oracle(self) -> Any:
        """Jsonschema's validator for the same document, with the same formats asserted."""
        import jsonschema

        checker = jsonschema.FormatChecker(formats=())
        checker.checks("date-time", raises=ValueError)(_is_time)
        checker.checks("date", raises=ValueError)(_is_date)
        return jsonschema.Draft202012Validator(_anonymous(self.document), format_checker=checker)

    @functools.cached_property
    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the table; what may be null is the JSON Schema's to say."""
        import pyarrow as pa

        return pa.schema([(field.name, arrow_type(field.spec)) for field in self.fields])

    def features(self) -> list[dict[str, Any]]:
        """Hugging Face features as the card's YAML states them."""
        return [{"name": field.name, **_feature(field.spec)} for field in self.fields]

    def field_rows(self) -> Iterator[tuple[str, str, bool, str]]:
        """(name, type, never null, description) for each field, struct members dotted."""
        yield from _field_rows(self.fields, "")


def _field_rows(fields: tuple[Field, ...], prefix: str) -> Iterator[tuple[str, str, bool, str]]:
    for field in fields:
        yield (
            prefix + field.name,
            type_name(field.spec),
            not field.nullable,
            field.spec.get("description", ""),
        )
        if field.kind == "object":
            members = tuple(Field(*item) for item in field.spec["properties"].items())
            yield from _field_rows(members, f"{prefix}{field.name}.")


@functools.cache
def record_type(name: str) -> RecordType:
    """The record type `name` (a file name in schema/ without its ending)."""
    return RecordType(name, resolved(_own(), name))


@functools.cache
def _own() -> Read:
    return reader(schema_folder())


@functools.cache
def table_types() -> Mapping[str, RecordType]:
    """Record types that are tables of a release, by table name."""
    names = sorted(path.stem for path in schema_folder().glob("*.json"))
    types = (record_type(name) for name in names)
    return {kind.table.name: kind for kind in types if "x-table" in kind.document}


def _withheld(properties: Spec, prefix: str) -> Iterator[tuple[str, str]]:
    for name, spec in properties.items():
        if mark := spec.get("x-withhold"):
            yield prefix + name, str(mark)
        elif kind_of(spec) == "object":
            yield from _withheld(spec["properties"], f"{prefix}{name}.")


def _deeper(value: object, depth: int) -> bool:
    """Whether a JSON value holds values nested deeper than so many."""
    level = [value]
    for _ in range(depth):
        level = [
            part
            for each in level
            if isinstance(each, (dict, list))
            for part in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


Read = Callable[[str], Any]


def reader(folder: Path) -> Read:
    """What gives the schemas of a folder by name, each file read once."""
    return functools.cache(
        lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    )


def resolved(read: Read, name: str) -> Spec:
    """The schema `name` with every reference replaced by what it points to.

    Raises ValueError for one that has no end, or next to none, and what `read` raises.
    """
    try:
        result: Spec = _resolve(read(name), read, iter(range(MAX_NODES)))
    except RecursionError as error:
        raise ValueError("nested too deeply, or a reference to itself") from error
    return result


def _resolve(node: Any, read: Read, left: Iterator[int]) -> Any:
    """A part of a schema without references; `left` counts the parts that it may still have."""
    if next(left, None) is None:
        raise ValueError(f"more than {MAX_NODES:,} parts")
    if isinstance(node, list):
        return [_resolve(item, read, left) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" not in node:
        return {key: _resolve(value, read, left) for key, value in node.items()}
    file, _, pointer = node["$ref"].partition("#")
    if not SCHEMA_FILE.fullmatch(file):
        raise ValueError(f"a reference to {file!r}, which is no schema beside it")
    target = read(file.removesuffix(".json"))
    for step in filter(None, pointer.split("/")):
        target = target[step]
    return _resolve(_anonymous(target), read, left)


def _anonymous(document: Spec) -> dict[str, Any]:
    """A schema without its own address and that of its dialect, which nothing may look up."""
    return {key: value for key, value in document.items() if key not in ("$id", "$schema")}


def _refuse(address: str) -> Any:
    """What a validator is given for an address: nothing is fetched."""
    raise ValueError(f"a reference to {address!r}, which is not fetched")


def _types(spec: Spec) -> list[str]:
    types = spec["type"]
    return [types] if isinstance(types, str) else list(types)


def may_be_null(spec: Spec) -> bool:
    """Whether a value may be null."""
    return "null" in _types(spec)


def kind_of(spec: Spec) -> str:
    """The one JSON type of a schema part other than null."""
    (kind,) = (name for name in _types(spec) if name != "null")
    return kind


def type_name(spec: Spec) -> str:
    """Name of the column type: string, timestamp, date, int32, int64, bool, list of …, struct."""
    kind = kind_of(spec)
    if kind == "string":
        return {"date-time": "timestamp", "date": "date"}.get(spec.get("format", ""), "string")
    if kind == "integer":
        return "int32" if spec.get("maximum", INT32_MAX + 1) <= INT32_MAX else "int64"
    if kind == "array":
        return f"list of {type_name(spec['items'])}"
    return {"boolean": "bool", "object": "struct"}[kind]


def arrow_type(spec: Spec) -> pa.DataType:
    """Arrow type of a schema part; times are UTC microseconds."""
    import pyarrow as pa

    kind = kind_of(spec)
    if kind == "array":
        return pa.list_(arrow_type(spec["items"]))
    if kind == "object":
        return pa.struct([(name, arrow_type(part)) for name, part in spec["properties"].items()])
    return {
        "string": pa.string(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "bool": pa.bool_(),
    }[type_name(spec)]


def _feature(spec: Spec) -> dict[str, Any]:
    """Feature of one column as the `datasets` library writes it into YAML."""
    kind = kind_of(spec)
    if kind == "object":
        return {"struct": _members(spec)}
    if kind == "array":
        item = spec["items"]
        if kind_of(item) == "object":
            return {"list": _members(item)}
        return {"list": _dtype(item)}
    return {"dtype": _dtype(spec)}


def _members(spec: Spec) -> list[dict[str, Any]]:
    return [{"name": name, **_feature(part)} for name, part in spec["properties"].items()]


def _dtype(spec: Spec) -> str:
    name = type_name(spec)
    return {"timestamp": "timestamp[us, tz=UTC]", "date": "date32"}.get(name, name)


def _is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 10 and bool(date.fromisoformat(value)))


def _message(error: Any) -> str:
    """What a fault is, in words; an example says more than the pattern that it follows."""
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        known = list(error.schema.get("properties", ()))
        return "; ".join(_strange(each, known) for each in error.instance if each not in known)
    if error.validator == "pattern":
        for each in FORMS:
            if re.search(error.validator_value, each):
                return f"{error.instance!r} has not the form of {each!r}{_in_ascii(error.instance)}"
    return str(error.message)


def _in_ascii(stated: object) -> str:
    """How the name of a host is written that has other letters than ASCII's, if it is one."""
    import idna

    if not isinstance(stated, str) or stated.isascii() or "." not in stated:
        return ""
    try:
        return f"; write {idna.encode(stated, uts46=True).decode('ascii')!r}"
    except idna.IDNAError:
        return ""


def _strange(key: str, known: list[str]) -> str:
    """That a key is none, and which one was meant."""
    import difflib

    like = difflib.get_close_matches(key, known, 1)
    return f"there is no key {key!r}" + (f"; did you mean {like[0]!r}?" if like else "")


def _shortened(message: str, limit: int = 240) -> str:
    """Jsonschema quotes the whole instance in its messages: keep both ends."""
    if len(message) <= limit:
        return message
    return f"{message[: limit // 2]} … {message[-limit // 2 :]}"
