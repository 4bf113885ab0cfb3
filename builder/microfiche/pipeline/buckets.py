"""Groups of captures in buckets that stay: a group more, or another, changes its own bucket alone.

What decides how a bucket is collated are the rows of its captures, and what is stated of their
ids: of these two is the key under which the cache knows it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from microfiche.collation.identity import base_id, id_digest
from microfiche.collation.linking import capture_digest
from microfiche.fixity import canonical_json
from microfiche.pipeline.collating import Published
from microfiche.pipeline.scan import Scanned
from microfiche.pipeline.takedowns import Takedowns
from microfiche.tables.sheets import INDEX, Sheet, read_index

GROUPS_PER_BUCKET = 64


class Bucket(NamedTuple):
    """Some groups: how many captures each has, the links of these, group after group."""

    number: int
    lengths: Any
    links: Any


def buckets(links: Any, groups: Sequence[Any], chunk: Any, names: Sequence[str]) -> list[Bucket]:
    """All groups by the chunk of their least capture, so that those near each other are together.

    `chunk` is the number of each capture's chunk, `names` what the chunks are called, whichever
    others there are. Buckets are at most a power of two.
    """
    if not groups:
        return []
    numbers, lengths = np.concatenate(groups), np.array([len(group) for group in groups])
    group = np.repeat(np.arange(len(groups)), lengths)
    captures = np.ascontiguousarray(links["capture"][numbers]).view(">u8").reshape(-1, 2)
    least = np.lexsort((captures[:, 1], captures[:, 0], group))
    firsts = least[np.concatenate(([0], np.cumsum(lengths)[:-1]))]
    most = 1 << max(0, (len(groups) - 1) // GROUPS_PER_BUCKET).bit_length()
    called = np.array([crc32(name.encode()) % most for name in names])
    place, anchor = called[chunk[numbers[firsts]]], captures[firsts, 0]
    order = np.lexsort((anchor, place))
    found = []
    for part in np.split(order, np.flatnonzero(np.diff(place[order])) + 1):
        own = [groups[number] for number in part.tolist()]
        found.append(Bucket(int(place[part[0]]), lengths[part], np.concatenate(own)))
    return found


class Rows:
    """Digests of the rows that captures have in the sheets of their chunks."""

    def __init__(self, linked: Sequence[Scanned]) -> None:
        self._held = {
            name: _entries([each.sheets.get(name) for each in linked])
            for name in ("captures", "articles")
        }

    def digest(self, links: Any, chunk: Any, bucket: Bucket) -> str:
        """Digest of the rows of a bucket's captures, and of how they are grouped."""
        mine = bucket.links
        digest = hashlib.sha256(bucket.lengths.astype("<i8").tobytes())
        digest.update(np.ascontiguousarray(links["own"][mine]).tobytes())
        for name, column in (("captures", "row"), ("articles", "article")):
            (entries, starts), rows = self._held[name], links[column][mine]
            shown = rows >= 0
            digest.update(shown.tobytes())
            digest.update(entries[starts[chunk[shown]] + rows[shown]].tobytes())
        return digest.hexdigest()


def _entries(sheets: Sequence[Sheet | None]) -> tuple[Any, Any]:
    """(the index of all rows, where each sheet's begin in it)."""
    parts = [read_index([sheet]).entry if sheet else np.empty(0, INDEX) for sheet in sheets]
    return np.concatenate(parts), np.cumsum([0, *map(len, parts)])


class Stated:
    """What is stated of ids, by their digests: what bears on captures that give one of them."""

    def __init__(
        self,
        aliases: Sequence[Mapping[str, str]],
        takedowns: Takedowns,
        known: Published,
        shared: Iterable[bytes],
        read_as: Mapping[str, str],
    ) -> None:
        self._held: dict[bytes, set[str]] = {}
        for kind, ids in (
            ("withdrawn", takedowns.ids),
            ("exempted", takedowns.free()),
            ("another's too", known.shared),
            ("told apart", known.apart),
        ):
            for article_id in ids:
                self._add(article_id, {f"{kind} {article_id}"})
        for each in takedowns.captures:
            self._held.setdefault(capture_digest(each), set()).add(f"withdrawn {each}")
        for each, revision in read_as.items():
            self._held.setdefault(capture_digest(each), set()).add(f"read as {revision}")
        for digest in shared:
            self._held.setdefault(digest, set()).add("of several")
        for joined, lines in _joined(aliases):
            told = set(lines).union(*(self.of([id_digest(each)]) for each in joined))
            for article_id in joined:
                self._add(article_id, told)

    def _add(self, article_id: str, told: set[str]) -> None:
        for each in {article_id, base_id(article_id)}:
            self._held.setdefault(id_digest(each), set()).update(told)

    def of(self, digests: Iterable[bytes]) -> list[str]:
        """All that is stated of some ids, or of captures, in order."""
        found = (self._held[each] for each in digests if each in self._held)
        return sorted(set().union(*found))

    def on(self, links: Any, bucket: Bucket) -> list[str]:
        """All that bears on a bucket."""
        if not self._held:
            return []
        mine = links[bucket.links]
        columns = (mine["own"], mine["also"], mine["capture"])
        return self.of(each.tobytes() for column in columns for each in column)


def _joined(aliases: Sequence[Mapping[str, str]]) -> Iterator[tuple[set[str], list[str]]]:
    """Ids that lines join, by whichever way, with these lines."""
    parts: list[tuple[set[str], list[str]]] = []
    for alias in aliases:
        ends = {each for end in ("old_id", "new_id") for each in (alias[end], base_id(alias[end]))}
        met = [part for part in parts if part[0] & ends]
        parts = [part for part in parts if not part[0] & ends]
        lines = [canonical_json(dict(alias)).decode(), *(line for part in met for line in part[1])]
        parts.append((ends.union(*(part[0] for part in met)), lines))
    yield from parts
