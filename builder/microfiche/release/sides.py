"""A release as one side of a comparison: what is asked of it more than once, read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive.replacements import successors
from microfiche.archive.withdrawals import NOT_AN_ARTICLE
from microfiche.release import Release
from microfiche.release.sharing import files_of, without

Row = dict[str, Any]
ARTICLES_AT_ONCE = 20_000


class Rows(NamedTuple):
    """The rows of a table in their order: what tells each from the others, and its digest."""

    keys: pa.Array
    digests: pa.Array

    def unlike(self, other: Rows) -> Any:
        """For each row whether the other table has it, with the same digest or not: 0, 1 or 2.

        As an array: 0 is a row that is not there, 1 one that differs, 2 one that is equal.
        """
        at = pc.index_in(self.keys, value_set=other.keys)
        same = pc.fill_null(pc.equal(self.digests, other.digests.take(at)), fill_value=False)
        return np.add(at.is_valid().to_numpy(zero_copy_only=False),
                      same.to_numpy(zero_copy_only=False), dtype=np.int8)  # fmt: skip


def keys_of(table: pa.Table, names: Sequence[str]) -> pa.Array:
    """The primary key of each row, as one column; of several parts, each with its length."""
    columns = [table[name].combine_chunks().cast(pa.string()) for name in names]
    if len(columns) == 1:
        return columns[0]
    sized = [part for each in columns for part in (pc.binary_length(each).cast(pa.string()), each)]
    return pc.binary_join_element_wise(*sized, ":", null_handling="replace", null_replacement="-")


@dataclass
class Side:
    """One of the two releases, with what is asked of it more than once.

    `apart` is the release without the files that the other one has too: their rows are the same,
    and no key stands twice in a table.
    """

    release: Release
    apart: Release
    held: dict[str, Rows] = field(default_factory=dict)

    def rows(self, name: str) -> Rows:
        """The rows of a table that stand apart; none of one that only the other release has."""
        if name not in self.held:
            key = self.release.kind(name).table.key
            table = self.apart.table(name, [*key, "record_sha256"])
            table = table if self.root(name) is not None else table.slice(0, 0)
            self.held[name] = Rows(keys_of(table, key), table["record_sha256"].combine_chunks())
        return self.held[name]

    def root(self, name: str) -> str | None:
        """Merkle root of a table; None if the release has no such table."""
        own = self.release.called(name)
        for entry in self.release.manifest["tables"]:
            if entry["name"] == own:
                return str(entry["root"])
        return None

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Article id by alias."""
        table = self.release.table("articles", ["article_id", "aliases"])
        having = table.filter(pc.greater(pc.list_value_length(table["aliases"]), 0))
        return {each: row["article_id"] for row in having.to_pylist() for each in row["aliases"]}

    @cached_property
    def replaced(self) -> dict[str, str | None]:
        """What stands for captures by raw/replaced.jsonl: they themselves by another record."""
        file = self.release.root / "source" / "replaced.jsonl"
        lines = file.read_bytes().splitlines() if file.is_file() else []
        stated = [*map(orjson.loads, lines)]
        same = {each["old"]: each["old"] for each in stated}
        return {**same, **successors(stated)}

    @cached_property
    def corrections(self) -> dict[str, frozenset[tuple[str | None, ...]]]:
        """What is corrected by article: capture, field, and the value or its digest."""
        names = ["article_id", "capture_id", "field", "value", "content_sha256"]
        found: dict[str, set[tuple[str | None, ...]]] = {}
        for row in self.release.table("corrections", names).to_pylist():
            found.setdefault(row.pop("article_id"), set()).add(tuple(row.values()))
        return {article_id: frozenset(lines) for article_id, lines in found.items()}

    @cached_property
    def text_access(self) -> pa.Table:
        """What is shown of each text of an article that stands apart."""
        return self.apart.table("articles", ["article_id", "text_access"]).combine_chunks()

    @cached_property
    def stated_aliases(self) -> dict[str, str]:
        """What ids became by raw/aliases.jsonl."""
        file = self.release.root / "source" / "aliases.jsonl"
        lines = file.read_bytes().splitlines() if file.is_file() else []
        return {each["old_id"]: each["new_id"] for each in map(orjson.loads, lines)}

    @cached_property
    def no_articles(self) -> frozenset[str]:
        """Ids of what was published as an article, and is none by the reader."""
        table = self.release.table("withdrawn", ["article_id", "reason"])
        held = table.filter(pc.equal(table["reason"], NOT_AN_ARTICLE))
        return frozenset(held["article_id"].to_pylist())

    @cached_property
    def withdrawn(self) -> frozenset[str]:
        """Ids of withdrawn articles."""
        ids = set(self.release.table("withdrawn", ["article_id"])["article_id"].to_pylist())
        while found := {new for old, new in self.stated_aliases.items() if old in ids} - ids:
            ids |= found
        return frozenset(ids)

    def articles(self, ids: Sequence[str]) -> dict[str, Row]:
        """Articles by id, without what may be withheld; dates and times as Arrow gives them."""
        kind = self.release.kind("articles")
        held = set(self.release.columns("articles"))
        columns = [f.name for f in kind.fields if f.withheld_as is None and f.name in held]
        rows = rows_where(self.apart.table("articles", columns), "article_id", ids).to_pylist()
        if len(rows) < len(set(ids)):  # one that is as it was
            rows = rows_where(
                self.release.table("articles", columns), "article_id", ids
            ).to_pylist()
        for row in rows:
            row["provenance"].pop("removed_lines", None)
        return {row["article_id"]: row for row in rows}

    def values(self, table: str, columns: Sequence[str], ids: Sequence[str]) -> dict[str, set[Any]]:
        """Values of some columns by article, of the articles asked for."""
        held = self.release.columns(table)
        columns = [name for name in columns if name in held]
        found: dict[str, set[Any]] = {}
        rows = rows_where(self.release.table(table, ["article_id", *columns]), "article_id", ids)
        for row in rows.to_pylist():
            found.setdefault(row.pop("article_id"), set()).add(tuple(row.values()))
        return found

    def outlet_files(self, outlet_id: str) -> list[bytes]:
        """The outlet's file and its learned lines."""
        names = (f"source/outlets/{outlet_id}{end}" for end in (".toml", ".boilerplate.toml"))
        files = (self.release.root / name for name in names)
        return [file.read_bytes() for file in files if file.is_file()]


def sides_of(old: Release, new: Release) -> tuple[Side, Side]:
    """Both sides of a comparison."""
    shared = files_of(old) & files_of(new)
    return Side(old, without(old, shared)), Side(new, without(new, shared))


def parts_of(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Ids a bounded number at a time, so that their rows fit into memory."""
    for start in range(0, len(ids), ARTICLES_AT_ONCE):
        yield ids[start : start + ARTICLES_AT_ONCE]


def rows_where(table: pa.Table, key: str, values: Sequence[str]) -> pa.Table:
    """The rows whose key is one of some values."""
    return table.filter(pc.is_in(table[key], pa.array(values, pa.string())))
