"""What is withdrawn from a build: by a line, by another id of such an article, or with it.

What is withdrawn with an article, as a copy of its text or at its address, is found anew in every
build, and stays withdrawn though that article is captured no more: the tombstone in an earlier
release says so, until a line lifts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.archive.withdrawals import PRIVATE_REASONS, REASONS, exempted, rank, standing
from microfiche.collation.identity import base_id
from microfiche.release import Release
from microfiche.release.sharing import unshared

Row = Mapping[str, Any]
Line = Mapping[str, Any]


class Takedowns(NamedTuple):
    """What is withdrawn.

    lines      the line that counts, by the id that it names
    reasons    every reason for which that id is withdrawn
    roots      for every id that is withdrawn the one whose line counts: its own, that of another
               id of the article, or of the article that it is withdrawn with
    exempted   pairs of an id and a reason for which it is not withdrawn with another
    captures   ids of captures that earlier releases had under one of these ids
    sha256s    digests of their bytes, with the id
    """

    lines: Mapping[str, Line]
    reasons: Mapping[str, frozenset[str]]
    roots: Mapping[str, str]
    exempted: frozenset[tuple[str, str]] = frozenset()
    captures: frozenset[str] = frozenset()
    sha256s: Mapping[str, str] = MappingProxyType({})

    @property
    def ids(self) -> frozenset[str]:
        """Every id that is withdrawn."""
        return frozenset(self.roots)

    def reason(self, article_id: str) -> str:
        """Why an id is withdrawn."""
        return str(self.lines[self.roots[article_id]]["reason"])

    def private(self) -> frozenset[str]:
        """Ids of which nothing may be told."""
        return frozenset(each for each in self.roots if self.reason(each) in PRIVATE_REASONS)

    def root_of(self, ids: Iterable[str]) -> str:
        """The root of an article with these ids, some withdrawn: that with the strongest reason."""
        roots = {self.roots[each] for each in ids if each in self.roots}
        return min(roots, key=lambda each: (self._rank(each), each))

    def is_free(self, ids: Iterable[str], root: str) -> bool:
        """Whether one of these ids is exempted from every reason for which `root` is withdrawn."""
        own = set(ids)
        return self.reasons[root] <= {reason for each, reason in self.exempted if each in own}

    def free(self) -> frozenset[str]:
        """Ids told apart from one that is withdrawn, and exempted from what it is withdrawn for."""
        return frozenset(
            each
            for each, _ in self.exempted
            if each not in self.roots and base_id(each) in self.roots
            if self.is_free([each], self.roots[base_id(each)])
        )

    def with_more(self, found: Mapping[str, str]) -> Takedowns:
        """Those and more ids, each with its root; a line of its own counts if none is stronger."""
        own = {
            each: each if self._rank(each) <= self._rank(root) else root
            for each, root in found.items()
        }
        return self._replace(roots={**self.roots, **own})

    def _rank(self, article_id: str) -> int:
        line = self.lines.get(article_id)
        return rank(line) if line else len(REASONS)


def read_takedowns(archive: Archive, earlier: Sequence[Release]) -> Takedowns:
    """What an archive withdraws, and what `earlier` releases have withdrawn with it."""
    lines, reasons = archive.in_force, dict[str, set[str]]()
    for article_id, reason in standing(archive.withdrawals):
        reasons.setdefault(article_id, set()).add(reason)
    held = {each: frozenset(why) for each, why in reasons.items()}
    known = Takedowns(lines, held, archive.withdrawn_roots(), exempted(archive.withdrawals))
    if not lines:
        return known
    asked = {*known.roots, *(each for each, _ in known.exempted)}
    known = _of_one_article(known, list(_articles(earlier, asked)))
    carried: dict[str, str] = {}
    for row in _tombs(archive, earlier):
        article_id, root = row["article_id"], str(row.get("withdrawn_with"))
        if root in lines and not known.is_free([article_id], root):
            carried.setdefault(article_id, root)
    known = known.with_more({**known.roots, **carried})
    taken = list(_captures(earlier, known.ids))
    return known._replace(
        captures=frozenset(row["capture_id"] for row in taken),
        sha256s={row["sha256"]: row["article_id"] for row in taken if row["sha256"]},
    )


def _captures(earlier: Sequence[Release], ids: frozenset[str]) -> Iterator[Row]:
    """Captures of earlier releases that are of an article with one of the ids."""
    wanted = pa.array(sorted(ids))
    for _, release in unshared(earlier):
        table = release.table("captures", ["capture_id", "article_id", "sha256"])
        yield from table.filter(pc.is_in(table["article_id"], wanted)).to_pylist()


def _articles(earlier: Iterable[Release], ids: Iterable[str]) -> Iterator[set[str]]:
    """All ids of each article that earlier releases have by several ids, or by one of these."""
    asked = pa.array(sorted(ids), pa.string())
    for release in earlier:
        table = release.table("articles", ["article_id", "aliases"])
        several = pc.greater(pc.list_value_length(table["aliases"]), 0)
        of_these = pc.is_in(table["article_id"], value_set=asked)
        for row in table.filter(pc.or_(several, of_these)).to_pylist():
            yield {row["article_id"], *row["aliases"]}


def _of_one_article(known: Takedowns, articles: Sequence[set[str]]) -> Takedowns:
    """All ids of a withdrawn article are withdrawn; one that is exempted is so by all its ids."""
    exempt = set(known.exempted)
    freed = {each for each, _ in exempt}
    for ids in articles:
        if not ids.isdisjoint(known.roots):
            known = known.with_more(dict.fromkeys(ids, known.root_of(ids)))
        if ids & freed:
            exempt |= {(each, why) for one, why in known.exempted if one in ids for each in ids}
    return known._replace(exempted=frozenset(exempt))


def _tombs(archive: Archive, earlier: Sequence[Release]) -> Iterator[Row]:
    """Rows of `withdrawn` of the release that is rebuilt, or of earlier ones, newest first."""
    yield from archive.tombstones
    for release in earlier:
        if "withdrawn_with" in release.columns("withdrawn"):
            columns = ["article_id", "withdrawn_with"]
            yield from release.table("withdrawn", columns).to_pylist()
