"""What differs between two releases: the rows of `changes`, and the reasons for a version.

By table roots, then keys and record digests; of articles that differ the other columns are read,
never a text. Works the same between a full and a public release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.release import Release
from microfiche.release.contract import earlier_names
from microfiche.release.sides import keys_of, parts_of, sides_of
from microfiche.release.version import (
    Difference,
    column_differences,
    next_version,
    value_differences,
)
from microfiche.release.withholding import ACCESS
from microfiche.schema import RecordType

Row = dict[str, Any]
# What the record of a capture states; the rest of its row is worked out by the builder.
CAPTURED = (
    "capture_id", "notes", "http_status", "redirected_to", "memento_url", "media_type",
)  # fmt: skip
NOT_COMPARED = ("record_sha256", "text_access")


class TableChanges(NamedTuple):
    """How many rows of a table were added, differ under the same key, and are gone."""

    added: int
    changed: int
    gone: int


class SharedBytes(NamedTuple):
    """Bytes of Parquet: of both releases, and those of the new that are whole files of the old."""

    old: int
    new: int
    shared: int


def shared_bytes(old: Release, new: Release) -> SharedBytes:
    """How much of a release somebody has who has another."""
    before, after = (
        {file["sha256"]: file["size_bytes"] for table in side.manifest["tables"]
         for file in table["files"]}
        for side in (old, new)
    )  # fmt: skip
    shared = sum(size for digest, size in after.items() if digest in before)
    return SharedBytes(sum(before.values()), sum(after.values()), shared)


@dataclass(frozen=True)
class Diff:
    """What differs from one release to another.

    tables       counts by table, of tables that differ
    changes      rows of the `changes` table, by article
    differences  every reason for a version, counted
    reread       ids of articles of which something published is read otherwise, though neither
                 their captures nor their outlet's file differ
    """

    tables: Mapping[str, TableChanges]
    changes: Sequence[Row]
    differences: Counter[Difference]
    reread: frozenset[str] = frozenset()

    def version_after(self, version: str) -> tuple[str, list[str]]:
        """(version, reasons) of the release that follows `version`."""
        return next_version(version, self.differences)


def diff(old: Release, new: Release) -> Diff:
    """Everything that differs from `old` to `new`. Raises DataError for a broken release."""
    return _Comparison(old, new).result()


class _Comparison:
    """Compares two releases table by table."""

    def __init__(self, old: Release, new: Release) -> None:
        self.old, self.new = sides_of(old, new)
        self.tables: dict[str, TableChanges] = {}
        self.differences: Counter[Difference] = Counter()
        self.changes: list[Row] = []
        self.reread: set[str] = set()

    def result(self) -> Diff:
        types = {
            earlier_names().get(name, name): kind
            for side in (self.old, self.new)
            for name, kind in side.release.types.items()
        }
        for name, kind in sorted(types.items()):
            self._columns(name)
            if name == "changes" or self.old.root(name) == self.new.root(name):
                continue
            self._count(name)
            if name == "articles":
                self._articles(kind)
            elif name == "revisions":
                self._revisions(kind)
        self._text_access()
        self.changes.sort(
            key=lambda row: (row["change"], row["article_id"], row["revision_id_before"] or "")
        )
        return Diff(self.tables, self.changes, self.differences, frozenset(self.reread))

    def _text_access(self) -> None:
        """Texts that are shown less, or more, than before; no part of any digest."""
        if self.old.release.access != self.new.release.access:
            return
        before, after = self.old.text_access, self.new.text_access
        at = pc.index_in(after["article_id"], value_set=before["article_id"])
        ranks = pa.array(ACCESS)
        was, now = (
            pc.index_in(column, value_set=ranks)
            for column in (before["text_access"].take(at), after["text_access"])
        )
        for difference, holds in (
            (Difference("major", "a published text is shown no more"), pc.less(now, was)),
            (Difference("minor", "more of a text is shown"), pc.greater(now, was)),
        ):
            if count := pc.sum(holds).as_py():
                self.differences[difference] += count

    def _columns(self, name: str) -> None:
        names = [side.release.called(name) for side in (self.old, self.new)]
        old, new = (
            side.release.types.get(own)
            for side, own in zip((self.old, self.new), names, strict=True)
        )
        if old and new and names[0] != names[1]:
            reason = f"table {names[0]} is called {names[1]} now"
            self.differences[Difference("major", reason)] += 1
        elif old and new:
            self.differences.update(column_differences(old, new, name))

    def _count(self, name: str) -> None:
        old, new = self.old.rows(name), self.new.rows(name)
        added, changed, same = np.bincount(new.unlike(old), minlength=3).tolist()
        counts = TableChanges(added, changed, len(old.keys) - changed - same)
        if not any(counts):
            return  # one of them has the table, without a row
        self.tables[name] = counts
        if name in ("articles", "revisions"):
            return  # these are looked at row by row
        for count, what in zip(counts, ("were added", "changed", "are gone"), strict=True):
            if count:
                self.differences[Difference("minor", f"rows of {name} {what}")] += count

    def _articles(self, kind: RecordType) -> None:
        old, new = self.old.rows("articles"), self.new.rows("articles")
        gone = old.keys.filter(pa.array(old.unlike(new) < 2)).to_pylist()
        continued = {self.new.aliases.get(each, each) for each in gone}
        fresh = new.keys.filter(pa.array(new.unlike(old) < 2)).to_pylist()
        fresh = [each for each in fresh if each not in continued]
        for part in parts_of(gone):
            self._changed(part, kind)
        for part in parts_of(fresh):
            self._added(part)

    def _changed(self, ids: Sequence[str], kind: RecordType) -> None:
        """Articles of the old release whose row the new one has not."""
        now_ids = {each: self.new.aliases.get(each, each) for each in ids}
        after = self.new.articles(list(now_ids.values()))
        both = sorted({*now_ids, *now_ids.values()})
        sides = (self.old, self.new)
        captures = [side.values("captures", CAPTURED, both) for side in sides]
        states = [side.values("revisions", ("revision_id",), both) for side in sides]
        shown = [side.values("captures", ("revision_id", "capture_id"), both) for side in sides]
        for article_id, row in self.old.articles(ids).items():
            now = after.get(now_ids[article_id])
            change = self._change(row, now, states)
            cause = self._note(change, row, now, captures)
            content = set() if now is None else value_differences(row, now, kind)
            stated = change != "enriched" or any(each.level == "major" for each in content)
            if cause == "builder" and stated:
                self.reread.add(article_id)
            if now is None:
                self.differences[Difference("major", f"an article was {change}")] += 1
            else:
                self.differences.update(content)
                self._pair(row, now, states, shown)

    def _pair(
        self,
        row: Row,
        now: Row,
        states: Sequence[Mapping[str, set[Any]]],
        shown: Sequence[Mapping[str, set[Any]]],
    ) -> None:
        """Take down, for each revision that has another id now, which one has all its captures."""
        before, after = row["article_id"], now["article_id"]
        there = dict.fromkeys(state for (state,) in states[1].get(after, ()))
        now_of = {capture: state for state, capture in shown[1].get(after, ()) if state in there}
        held: dict[str, set[str | None]] = {}
        for state, capture in shown[0].get(before, ()):
            now_is = self.new.replaced.get(capture, capture)
            held.setdefault(state, set()).add(now_of.get(now_is or capture))
        for (state,) in sorted(states[0].get(before, ())):
            now_states = held.get(state, set())
            if state in there or len(now_states) != 1 or None in now_states:
                continue
            cause = self._reader(row["outlet_id"], before, after)
            if any(each in self.new.replaced for own, each in shown[0][before] if own == state):
                cause = "correction"
            if cause == "builder":
                self.reread.add(before)
            self.changes.append(
                {
                    "article_id": before,
                    "change": "reread",
                    "cause": cause,
                    "outlet_id": row["outlet_id"],
                    "new_id": after if after != before else None,
                    "fields": [],
                    "revision_id_before": state,
                    "revision_id": next(iter(now_states)),
                    "record_sha256_before": None,
                    "record_sha256_after": None,
                    "record_sha256": "",
                }
            )

    def _added(self, ids: Sequence[str]) -> None:
        """Articles that only the new release has, under any identifier."""
        captures = [side.values("captures", CAPTURED, ids) for side in (self.old, self.new)]
        for row in self.new.articles(ids).values():
            self._note("added", None, row, captures)
        self.differences[Difference("minor", "rows of articles were added")] += len(ids)

    def _change(self, row: Row, now: Row | None, states: Sequence[Mapping[str, set[Any]]]) -> str:
        article_id = row["article_id"]
        if now is None:
            ids = {article_id, *row["aliases"]}
            return "withdrawn" if ids & self.new.withdrawn else "removed"
        if now["article_id"] != article_id:
            return "replaced"
        same = states[0].get(article_id) == states[1].get(article_id)
        return "enriched" if same and now["revision_id"] == row["revision_id"] else "revised"

    def _note(
        self, change: str, row: Row | None, now: Row | None, captures: Sequence[Mapping[str, Any]]
    ) -> str:
        """Take down one row of `changes`, of a withdrawn article the id alone; its cause."""
        shown = row or now
        assert shown is not None  # noqa: S101 - one of the two is there
        told = None if change == "withdrawn" else row
        here = now if now and now["article_id"] == shown["article_id"] else None
        fields = _different(row, here) if row and here else []
        cause = self._cause(change, shown, now, captures)
        self.changes.append(
            {
                "article_id": shown["article_id"],
                "change": change,
                "cause": cause,
                "outlet_id": shown["outlet_id"],
                "new_id": now["article_id"] if change == "replaced" and now else None,
                "fields": fields,
                "revision_id_before": told and told["revision_id"],
                "revision_id": here and here["revision_id"],
                "record_sha256_before": told and told["record_sha256"],
                "record_sha256_after": here and here["record_sha256"],
                "record_sha256": "",
            }
        )
        return cause

    def _cause(
        self, change: str, row: Row, now: Row | None, captures: Sequence[Mapping[str, Any]]
    ) -> str:
        article_id, ids = row["article_id"], {row["article_id"], *row["aliases"]}
        withdrawn = self.new if change == "withdrawn" else self.old
        if change in ("withdrawn", "added") and ids & withdrawn.no_articles:
            return self._reader(row["outlet_id"], article_id, article_id)
        lifted = change == "added" and not self.old.withdrawn.isdisjoint(ids)
        if change == "withdrawn" or lifted:
            return "withdrawal"
        if now and article_id != now["article_id"] and article_id in self.new.stated_aliases:
            return "alias"
        was = captures[0].get(article_id, set())
        after = captures[1].get(now["article_id"] if now else article_id, set())
        if was != after:
            return "correction" if self._is_replaced(was, after) else "capture"
        return self._reader(row["outlet_id"], article_id, now["article_id"] if now else article_id)

    def _is_replaced(self, was: set[Any], after: set[Any]) -> bool:
        """Whether captures differ by what raw/replaced.jsonl says alone."""
        lines = self.new.replaced
        ids = {each[0] for each in was}
        stand = {lines.get(each, each) for each in ids} - {None}
        same = {each[0] for each in was - after} - lines.keys()
        return not same and stand == {each[0] for each in after}

    def _reader(self, outlet_id: str, before: str, after: str) -> str:
        """Why equal captures of an outlet's article, by its ids, are read otherwise.

        By corrections, by the outlet's file, or by the builder.
        """
        if self.old.corrections.get(before) != self.new.corrections.get(after):
            return "correction"
        if self.old.outlet_files(outlet_id) != self.new.outlet_files(outlet_id):
            return "outlet-file"
        return "builder"

    def _revisions(self, kind: RecordType) -> None:
        key = kind.table.key
        new = keys_of(self.new.release.table("revisions", list(key)), key)
        table = self.old.release.table("revisions", list(key))
        # Ids may have become others: an article's revisions are its own under each.
        known, now = (
            pa.array(list(each), pa.string())
            for each in (self.new.aliases, self.new.aliases.values())
        )
        ids = table["article_id"].combine_chunks().cast(pa.string())
        moved = pc.coalesce(now.take(pc.index_in(ids, value_set=known)), ids)
        table = table.set_column(table.column_names.index("article_id"), "article_id", moved)
        held = pc.sum(pc.is_in(keys_of(table, key), value_set=new)).as_py() or 0
        if len(table) > held:
            gone = Difference("major", "a published revision is gone")
            self.differences[gone] += len(table) - held
        if len(new) > held:
            added = Difference("minor", "rows of revisions were added")
            self.differences[added] += len(new) - held


def _different(before: Row, after: Row) -> list[str]:
    """Names of the columns that differ, members of provenance dotted."""
    return sorted(_names(before, after))


def _names(before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name in before.keys() | after.keys():
        one, other = before.get(name), after.get(name)
        if name in NOT_COMPARED or (one or None) == (other or None):
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _names(one, other, f"{prefix}{name}.")
        else:
            yield prefix + name
