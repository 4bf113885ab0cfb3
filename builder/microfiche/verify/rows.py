"""Every row of a release: Parquet files, schemas, digests, roots."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import yaml

from microfiche.dates import edtf_span
from microfiche.engine import Engine
from microfiche.errors import MicroficheError, in_words
from microfiche.fixity import (
    fingerprint,
    key_digest,
    list_digest,
    record_digest,
    sha256_hex,
    short_id,
)
from microfiche.release import Release
from microfiche.release.contract import uncovered
from microfiche.release.withholding import masked_enough
from microfiche.schema import RecordType, table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.parquet import ROWS_AT_ONCE, batches, open_parquet
from microfiche.tables.roots import in_order, table_roots
from microfiche.text import body_of
from microfiche.verify.rules import (
    COLUMNS,
    CONTENT_DIGEST,
    COVERED,
    DAYS,
    DOMAIN,
    FINGERPRINT,
    LOADED,
    N_ROWS,
    ORDER,
    RECORD_DIGEST,
    REVISION_ID,
    ROOT,
    SHOWN,
    SIZE,
    STATISTICS,
    UNIQUE,
    UNREADABLE,
    VALID,
    WITHHELD,
    WORDS,
    Rule,
)

# What libraries raise when a file is not what it should be.
BROKEN = (
    *(MicroficheError, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError),
    *(ArithmeticError, pa.ArrowException, yaml.YAMLError, msgspec.MsgspecError),
)


def told(error: Exception) -> str:
    """What a library raised, in one line."""
    return str(error) if isinstance(error, MicroficheError) else in_words(error)


class FileTask(NamedTuple):
    """One Parquet file of a release to look through; `kind` is by the release's own schema."""

    root: Path
    table: str
    path: str
    kind: RecordType
    access: str

    @property
    def known(self) -> RecordType:
        """The type that this builder has for the table; the release's for a table it has not."""
        return table_types().get(self.table, self.kind)


class Looked(NamedTuple):
    """What one Parquet file was found to be: its bytes and rows, and what is wrong with it.

    `faults` are of the file, `row_faults` of its rows; `keys` and `digests` are 32 octets a row.
    """

    table: str
    path: str
    size_bytes: int
    n_rows: int
    faults: list[str]
    row_faults: list[str]
    keys: bytes
    digests: bytes


def look(engine: Engine, release: Release) -> list[Looked]:
    """Every Parquet file of a release, looked through row by row."""
    tasks = []
    for entry in release.manifest["tables"]:
        kind = release.kind(entry["name"])
        for file in entry["files"]:
            where = (release.root, entry["name"], file["path"])
            tasks.append(FileTask(*where, kind, release.access))
    return list(engine.run("checking rows", look_through, tasks)) if tasks else []


def look_through(task: FileTask) -> Looked:
    """Look through one Parquet file; what cannot be read is a fault of it."""
    kind, known = task.kind, task.known
    file = task.root / task.path
    faults: list[str] = []
    row_faults: list[str] = []
    keys, digests = bytearray(), bytearray()
    size, places = 0, _Places(_order(task))
    try:
        size = file.stat().st_size
        with open_parquet(file, page_checksum_verification=True) as parquet:
            schema = parquet.schema_arrow.remove_metadata()
            if task.access == "public":
                quoted = _quoted(parquet.metadata, _withheld(kind, known))
                faults += [STATISTICS(f"{task.path}: statistics of {each}") for each in quoted]
            faults += [
                COVERED(f"{task.path}: no digest covers {name}, says schema/{kind.name}.json alone")
                for name in uncovered(kind)
            ]
            faults += [
                COLUMNS(f"{task.path}: column {name} is not as schema/{kind.name}.json has it")
                for name in _unlike(schema, kind.arrow_schema)
            ]
            for batch in batches(parquet):
                for row in to_rows(kind, batch):
                    if not places.follows(row):
                        name = ", ".join(str(row[each]) for each in kind.table.key)
                        faults.append(ORDER(f"{task.path}: {name} stands behind what follows it"))
                    key, digest = key_digest(row, kind.table.key), record_digest(row, kind)
                    row_faults += _row_faults(row, digest, kind, task)
                    keys += key
                    digests += digest
    except BROKEN as error:
        faults.append(UNREADABLE(f"{task.path}: cannot be read: {told(error)}"))
    counts = (size, len(keys) // 32)
    octets = (bytes(keys), bytes(digests))
    return Looked(task.table, task.path, *counts, faults, row_faults, *octets)


def _order(task: FileTask) -> Sequence[str]:
    """The columns that rows are in order by, as far as the release shows them."""
    hidden = _withheld(task.kind, task.known) if task.access == "public" else set[str]()
    return list(takewhile(lambda name: name not in hidden, task.kind.table.order))


class _Places:
    """Whether rows come in the order of some columns, nulls last."""

    def __init__(self, order: Sequence[str]) -> None:
        self.order, self.last = order, tuple[Any, ...]()

    def follows(self, row: Mapping[str, Any]) -> bool:
        """Whether a row may stand behind the last one that was asked for."""
        values = (row[name] for name in self.order)
        at = tuple((True, "") if value is None else (False, value) for value in values)
        after = not self.last or self.last <= at
        self.last = at
        return after


def check_tables(release: Release, looked: Sequence[Looked]) -> tuple[str, list[str]]:
    """Every Parquet file: page checksums, columns, counts; no statistics of what is withheld."""
    faults: list[str] = []
    found = {each.path: each for each in looked}  # a release lists no file twice
    for entry in release.manifest["tables"]:
        for file in entry["files"]:
            path, each = file["path"], found[file["path"]]
            faults += each.faults
            if each.n_rows != file["n_rows"]:
                stated = file["n_rows"]
                faults.append(N_ROWS(f"{path}: {each.n_rows} rows, release.json says {stated}"))
            if each.size_bytes != file["size_bytes"]:
                stated = file["size_bytes"]
                faults.append(SIZE(f"{path}: {each.size_bytes} bytes, release.json says {stated}"))
        total = sum(found[file["path"]].n_rows for file in entry["files"])
        if total != entry["n_rows"]:
            stated = entry["n_rows"]
            faults.append(N_ROWS(f"{entry['name']}: {total} rows, release.json says {stated}"))
    return f"{len(looked)} Parquet files: page checksums, columns, counts", faults


def _unlike(one: pa.Schema, other: pa.Schema) -> list[str]:
    """Columns that two schemas have of other types, in other places, or not both."""
    sides = [dict(zip(each.names, each.types, strict=True)) for each in (one, other)]
    names = sorted(sides[0].keys() | sides[1].keys())
    unlike = [name for name in names if sides[0].get(name) != sides[1].get(name)]
    return unlike or ([] if one.names == other.names else ["order"])


def _quoted(metadata: Any, withheld: set[str]) -> list[str]:
    """Columns that are withheld and have statistics or a page index, which quote values."""
    columns = (
        metadata.row_group(group).column(place)
        for group in range(metadata.num_row_groups)
        for place in range(metadata.num_columns)
    )
    return sorted(
        {
            column.path_in_schema
            for column in columns
            if _is_part(column.path_in_schema, withheld)
            and (column.is_stats_set or column.has_column_index or column.has_offset_index)
        }
    )


def _is_part(path: str, withheld: set[str]) -> bool:
    """Whether a path of Parquet's is that of a withheld value, or below it."""
    names = path.split(".")
    return any(".".join(names[:n]) in withheld for n in range(1, len(names) + 1))


def check_records(
    engine: Engine, release: Release, looked: Sequence[Looked]
) -> tuple[str, list[str]]:
    """Every row against its schema, its digest and its table's root; keys too."""
    faults = [fault for each in looked for fault in each.row_faults]
    leaves = {}
    for entry in release.manifest["tables"]:
        parts = [each for each in looked if each.table == entry["name"]]
        octets = (b"".join(part) for part in ([p.keys for p in parts], [p.digests for p in parts]))
        leaves[entry["name"]] = in_order(*(np.frombuffer(each, "V32") for each in octets))
    roots = table_roots(engine, leaves)
    for entry in release.manifest["tables"]:
        if leaves[entry["name"]].repeat:
            faults.append(UNIQUE(f"{entry['name']}: two rows have one primary key"))
        if roots[entry["name"]].hex() != entry["root"]:
            told_root = f"{entry['name']}: its Merkle root is not the one in release.json"
            faults.append(ROOT(told_root))
    found = fingerprint((name, root) for name, root in roots.items() if len(leaves[name].keys))
    if found != release.fingerprint:
        stated = release.fingerprint
        faults.append(FINGERPRINT(f"the fingerprint is {found}, release.json says {stated}"))
    count = sum(each.n_rows for each in looked)
    return f"{count} records against schema, digest and fingerprint", faults


def _row_faults(
    row: Mapping[str, Any], digest: bytes, kind: RecordType, task: FileTask
) -> Iterator[str]:
    """What is wrong with a row. What its table is, this builder says, and not the release."""
    known = task.known
    name = f"{task.table} {', '.join(str(row[key]) for key in kind.table.key)}"
    if digest.hex() != row["record_sha256"]:
        yield RECORD_DIGEST(f"{name}: record_sha256 is not the record's digest")
    if not kind.is_valid(row):
        yield VALID(f"{name}: not valid by schema/{kind.name}.json")
        # Another's schema is never asked to explain: patterns.
        yield from (
            VALID(f"{name}: {pointer}: {message}") for pointer, message in known.explain(row)
        )
    try:
        if "text" in row:
            yield from (rule(f"{name}: {fault}") for rule, fault in _text_faults(row))
        if task.table == "corrections":
            yield from (rule(f"{name}: {fault}") for rule, fault in _correction_faults(row))
        if task.table == "articles":
            yield from (rule(f"{name}: {fault}") for rule, fault in _article_faults(row))
        if task.access == "public":
            for path in sorted(_withheld(kind, known) - {"text"}):
                if _is_shown(row, path):
                    yield WITHHELD(f"{name}: {path} is shown, which a public release withholds")
    except BROKEN as error:
        yield UNREADABLE(f"{name}: cannot be checked: {told(error)}")


def _correction_faults(row: Mapping[str, Any]) -> Iterator[tuple[Rule, str]]:
    """The values of a correction against their digests, as far as they are shown."""
    for field in ("content", "before"):
        if row[field] is not None and sha256_hex(row[field].encode()) != row[f"{field}_sha256"]:
            yield CONTENT_DIGEST, f"{field}_sha256 is not the digest of {field}"


def _article_faults(row: Mapping[str, Any]) -> Iterator[tuple[Rule, str]]:
    """What an article's columns say against what others of its columns make it."""
    state = [row["title"], row["subtitle"], row["text_sha256"], row["captions_sha256"]]
    if row["revision_id"] != short_id(state):
        yield REVISION_ID, "revision_id is not the digest of the revision"
    span = edtf_span(row["published"]) if row["published"] else None
    days = (span.earliest, span.latest) if span else (None, None)
    if days != (row["published_earliest"], row["published_latest"]):
        yield DAYS, "published_earliest and published_latest are not what published means"
    host = (row["url"] or "").partition("://")[2].partition("/")[0]
    if host != (row["domain"] or ""):
        yield DOMAIN, "domain is not the host of url"
    if row["text_access"] == "full" and row["text"]:
        body = body_of(row["text"])
        if (body.n_words, body.n_paragraphs) != (row["n_words"], row["n_paragraphs"]):
            yield WORDS, "n_words and n_paragraphs are not those of the text"


def _withheld(kind: RecordType, known: RecordType) -> set[str]:
    """Dotted names of what a public release withholds.

    Its own schema says so, but words are withheld whatever it says; what else this builder
    withholds an earlier one may have shown.
    """
    return {*kind.withheld, *(name for name, mark in known.withheld.items() if mark == "digest")}


def _is_shown(row: Mapping[str, Any], path: str) -> bool:
    """Whether a column, or a member of one, is there and holds something."""
    value: Any = row
    for name in path.split("."):
        value = (value or {}).get(name)
    return value not in (None, [])


def _text_faults(row: Mapping[str, Any]) -> Iterator[tuple[Rule, str]]:
    """A text, captions and removed lines against their digests, as far as they are shown."""
    access, text = row.get("text_access", "full"), row["text"]
    if access == "full" and text is None and "text_access" in row:
        yield SHOWN, "text is missing, and text_access says full"
    if access == "withheld" and text is not None:
        yield SHOWN, "text is shown, and text_access says withheld"
    if access == "masked" and (text is None or not masked_enough(text)):
        yield SHOWN, "text is not masked as the rule asks"
    if access == "full" and text is not None and sha256_hex(text.encode()) != row["text_sha256"]:
        yield CONTENT_DIGEST, "text_sha256 is not the text's digest"
    for holder in (row, row.get("provenance") or {}):
        for field in ("captions", "removed_lines"):
            values = holder.get(field)
            if values and list_digest(values) != holder[f"{field}_sha256"]:
                yield CONTENT_DIGEST, f"{field}_sha256 is not the digest of {field}"


def check_load(release: Release) -> tuple[str, list[str]]:
    """Load every config with `datasets` in a temporary cache; the rows must have their digests."""
    import datasets

    faults, count = [], 0
    root = str(release.root.resolve())  # it wants a string, and no bare dot
    with tempfile.TemporaryDirectory(prefix="microfiche-") as cache:
        for entry in release.manifest["tables"]:
            if not entry["n_rows"]:
                continue
            loaded = datasets.load_dataset(root, entry["name"], cache_dir=cache)["train"]
            count += len(loaded)
            expected = release.table(entry["name"], ["record_sha256"]).column(0).to_pylist()
            if list(loaded["record_sha256"]) != expected:
                faults.append(LOADED(f"config {entry['name']}: datasets loads other rows"))
            kind = release.kind(entry["name"])
            for batch in loaded.with_format("arrow").iter(batch_size=ROWS_AT_ONCE):
                for row in to_rows(kind, batch):
                    if record_digest(row, kind).hex() != row["record_sha256"]:
                        told_row = f"config {entry['name']}: a loaded row has other values"
                        faults.append(LOADED(told_row))
    return f"{count} rows as `datasets` loads them", faults
