"""Which captures have company: components over shared ids, equal texts and aliases.

Decided from a few bytes a capture. Every rule is a total order on content: input order, chunks and
workers change nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from microfiche.collation import UNDATED, Article, Kept
from microfiche.collation.identity import base_id, id_digest, outlet_digest
from microfiche.collation.similarity import is_long
from microfiche.dates import day_number
from microfiche.tables.sheets import digest_order, octet_column

# One capture as it is linked: digests of its own article id, of the one its address gives where a
# canonical link gives another (else zero), of outlet and text (zero if it is short), of its words
# where it has no address (see `same_words`; else zero); a number for the press database that has
# numbered it (else zero); digests of its title (zero without one); its id,
# whether it has an address, its day of publication (NO_DAY if that is not known to the day), its
# row in the captures sheet, and that of its article in the articles sheet (-1: it shows none).
LINK = np.dtype(
    [
        ("own", "V16"),
        ("also", "V16"),
        ("text", "V32"),
        ("words", "V16"),
        ("database", "u1"),
        ("title", "V8"),
        ("capture", "V16"),
        ("addressed", "?"),
        ("day", "<i4"),
        ("row", "<i4"),
        ("article", "<i4"),
    ]
)
# What databases set as they like: spaces, quotes, hyphens between letters (at the ends of lines).
SET_FREELY = re.compile(r"[\s\"'“”„‟«»‘’‚‹›\u00ad\u200b]+")
DASHES = re.compile("[‐‑‒–—―−]")
JOINING = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
UNTITLED, NO_ID, NO_TEXT = bytes(8), bytes(16), bytes(32)
NO_DAY = day_number(None)


class Linked(NamedTuple):
    """Which captures stand alone and which form groups; numbers count all captures, in order.

    `shared` are digests of addresses' ids that lead on to several articles: aliases of none.
    `repeated` are the numbers of captures with one id, where several have it, the first in front.
    """

    alone: Any
    groups: list[Any]
    shared: frozenset[bytes] = frozenset()
    repeated: Sequence[Any] = ()


def links_of(kept: Sequence[Kept], rows: int, articles: int) -> Any:
    """The LINKs of some captures, at least one; `rows` and `articles` are in the sheets already."""
    links, places = np.zeros(len(kept), LINK), itertools.count(articles)
    links["own"] = octet_column([_id(each.own_id) for each in kept])
    links["also"] = octet_column([_id(each.other_id) for each in kept])
    links["text"] = octet_column([_text(each) for each in kept])
    links["words"] = octet_column([_words(each) for each in kept])
    links["database"] = [_database(each) for each in kept]
    links["title"] = octet_column([_title(each.article) for each in kept])
    links["capture"] = octet_column([capture_digest(each.capture_id) for each in kept])
    links["addressed"] = [each.seen.address is not None for each in kept]
    links["day"] = [_day(each.article) for each in kept]
    links["row"] = np.arange(rows, rows + len(kept))
    links["article"] = [next(places) if each.article else -1 for each in kept]
    return links


def _id(article_id: str | None) -> bytes:
    return id_digest(article_id) if article_id else NO_ID


def capture_digest(capture_id: str) -> bytes:
    """A capture's id as its LINK has it."""
    return bytes.fromhex(capture_id).ljust(16, b"\0")


def _text(kept: Kept) -> bytes:
    """Digest of a text to join by: that of a whole article, not of a wall, a notice or a stub."""
    article = kept.article
    body = article.described.body if article else None
    if article is None or body is None or kept.access != "full":
        return NO_TEXT
    if not is_long(body.n_words, len(body.octets)):
        return NO_TEXT
    return outlet_digest(article.outlet.id) + bytes.fromhex(article.text_sha256[:48])


def _words(kept: Kept) -> bytes:
    """Digest of words to join by, of a whole article that has no address."""
    if kept.seen.address is not None or kept.article is None or _text(kept) == NO_TEXT:
        return NO_ID
    article, published = kept.article, kept.article.published
    day = published.published_earliest
    body, title = article.described.body, article.described.title
    if body is None or title is None or day is None or day != published.published_latest:
        return NO_ID
    return same_words(article.outlet.id, day, title, body.text)


def _database(kept: Kept) -> int:
    """A number for the database that has given a capture's article a number; 0 for none."""
    accession = (kept.capture.record or {}).get("accession")
    return zlib.crc32(str(accession).partition(":")[0].encode()) % 255 + 1 if accession else 0


def same_words(outlet_id: str, day: str, title: str, text: str) -> bytes:
    """What copies of one article from two databases agree in: outlet, day, headline and text.

    Spaces, hyphens between letters, quotes and case are the databases' own; signs are not.
    """
    folded = (
        JOINING.sub("", DASHES.sub("-", SET_FREELY.sub("", each))).casefold()
        for each in (title, text)
    )
    return hashlib.sha256("\n".join((outlet_id, day, *folded)).encode()).digest()[:16]


def _day(article: Article | None) -> int:
    published = article.published if article else UNDATED
    same = published.published_earliest == published.published_latest
    return day_number(published.published_earliest if same else None)


def _title(article: Article | None) -> bytes:
    title = article.described.title if article else None
    return hashlib.sha256(title.casefold().encode()).digest()[:8] if title else UNTITLED


def link(
    links: Any,
    named_ids: Collection[str],
    aliases: Collection[Mapping[str, str]],
    named_captures: Collection[str] = (),
) -> Linked:
    """Components of the captures over shared ids, equal texts and aliases.

    `links` is one LINK row a capture. Captures with the same capture id count once: the first of
    them that shows an article, else the first. An article whose id is among `named_ids`, or a
    capture of it among `named_captures`, is a group even if it has one capture.
    """
    if not len(links):
        return Linked(np.empty(0, np.int64), [])
    rank, n_captures = _distinct(links["capture"])
    first = _firsts(rank, n_captures)
    repeated: list[Any] = []
    if n_captures < len(links):
        again = np.flatnonzero(np.bincount(rank)[rank] > 1)
        repeated = [_article_first(links, each) for each in _parts(again, rank[again])]
        single = np.setdiff1d(first, again, assume_unique=True)
        first = np.sort(np.concatenate([single, [each[0] for each in repeated]]))
    held = links[first]
    own, n_owns = _distinct(held["own"])
    parents = list(range(n_owns))
    shared = _shared_addresses(held)
    edges = [*_text_edges(held, own), *_word_edges(held, own)]
    node_of: dict[bytes, int] = {}
    if named_ids or aliases or (held["also"] != np.void(NO_ID)).any():
        node_of = dict(zip(_octets(held["own"]), own.tolist(), strict=True))
        edges += _canonical_edges(held, own, node_of, shared)
        edges += _alias_edges(node_of, aliases)
    for left, right in edges:
        _unite(parents, left, right)
    component = _roots(parents)[own]
    unnamed = held["own"] == np.void(NO_ID)  # observations of no known outlet: each for itself
    component = np.where(unnamed, n_owns + np.arange(len(held)), component)
    together = np.bincount(component)[component] > 1
    if shared:
        together |= np.array([each in shared for each in _octets(held["also"])])
    ids = {each for named in named_ids for each in (named, base_id(named))}
    nodes = (node_of.get(id_digest(each)) for each in ids)
    roots = [_root(parents, node) for node in nodes if node is not None]
    if named_captures:
        wanted = np.array([capture_digest(each) for each in named_captures], "V16")
        roots += component[np.isin(held["capture"], wanted)].tolist()
    together |= np.isin(component, roots)
    groups = _parts(first[together], component[together])
    return Linked(first[~together], groups, shared, repeated)


def _article_first(links: Any, numbers: Any) -> Any:
    """The numbers of equal captures with the one in front that counts.

    It is the first that shows an article, whatever the record of another says of it.
    """
    shown = np.flatnonzero(links["article"][numbers] >= 0)
    front = shown[0] if len(shown) else 0
    return np.concatenate([numbers[front : front + 1], np.delete(numbers, front)])


def _parts(numbers: Any, labels: Any) -> list[Any]:
    """`numbers` split by label."""
    order = np.argsort(labels, kind="stable")
    bounds = np.flatnonzero(np.diff(labels[order])) + 1
    return list(np.split(numbers[order], bounds)) if len(order) else []


def _octets(column: Any) -> list[bytes]:
    """The digests of a column, each as octets."""
    whole, width = np.ascontiguousarray(column).tobytes(), column.dtype.itemsize
    return [whole[start : start + width] for start in range(0, len(whole), width)]


def _roots(parents: Sequence[int]) -> Any:
    """The root of every node."""
    roots = np.array(parents)
    while (roots[roots] != roots).any():
        roots = roots[roots]
    return roots


def _distinct(column: Any) -> tuple[Any, int]:
    """(rank of each digest among the distinct ones, how many there are)."""
    order = digest_order(column)
    held = np.ascontiguousarray(column).view("u8").reshape(len(column), -1)[order]
    new = np.any(held[1:] != held[:-1], axis=1)
    rank = np.empty(len(column), np.int64)
    rank[order] = np.concatenate(([0], np.cumsum(new)))
    return rank, int(rank.max()) + 1


def _firsts(rank: Any, count: int) -> Any:
    """Where each of `count` distinct values stands first, ascending."""
    first = np.empty(count, np.int64)
    first[rank[::-1]] = np.arange(len(rank))[::-1]  # of several the last that is assigned stays
    return np.sort(first)


def _shared_addresses(held: Any) -> frozenset[bytes]:
    """Digests of ids of addresses whose links lead on to several articles, as `/latest` may."""
    targets: dict[bytes, set[bytes]] = {}
    for number in np.flatnonzero(held["also"] != np.void(NO_ID)).tolist():
        also = held["also"][number].tobytes()
        targets.setdefault(also, set()).add(held["own"][number].tobytes())
    return frozenset(also for also, owns in targets.items() if len(owns) > 1)


def _canonical_edges(
    held: Any, own: Any, node_of: dict[bytes, int], shared: frozenset[bytes]
) -> list[tuple[int, int]]:
    """Edges between what an address gives and what the canonical link there gives.

    `node_of` learns the ids that only addresses give. A `shared` address joins nothing.
    """
    edges = []
    for number in np.flatnonzero(held["also"] != np.void(NO_ID)).tolist():
        also, mine = held["also"][number].tobytes(), int(own[number])
        if also not in shared:
            edges.append((mine, node_of.setdefault(also, mine)))
    return edges


def _word_edges(held: Any, own: Any) -> Iterator[tuple[int, int]]:
    """Edges between ids whose captures have no address and the same words.

    Two that one database has numbered apart are two, and a third that is like both joins neither.
    """
    worded = np.flatnonzero(held["words"] != np.void(NO_ID))
    if len(worded) > 1:
        words, _ = _distinct(held["words"][worded])
        for part in _parts(worded, words):
            nodes = sorted(set(own[part].tolist()))
            numbered = {(held["database"][n], own[n]) for n in part if held["database"][n]}
            if len(numbered) == len({database for database, _ in numbered}):
                yield from itertools.pairwise(nodes)


def _text_edges(held: Any, own: Any) -> Iterator[tuple[int, int]]:
    """Edges between ids whose captures have the same text of 50 words or more."""
    worded = np.flatnonzero(held["text"] != np.void(NO_TEXT))
    if len(worded) < 2:
        return
    text, _ = _distinct(held["text"][worded])
    shared = np.bincount(text)[text] > 1
    for part in _parts(worded[shared], text[shared]):
        nodes = own[part].tolist()
        if len(set(nodes)) > 1:
            titles = [held["title"][number].tobytes() for number in part]
            days, addressed = held["day"][part].tolist(), held["addressed"][part].tolist()
            yield from _addressed_edges(nodes, titles, days, addressed)
            yield from _bare_edges(nodes, titles, addressed)


def _addressed_edges(
    nodes: list[int], titles: list[bytes], days: list[int], addressed: list[bool]
) -> Iterator[tuple[int, int]]:
    """Edges among captures of one text that have an address: headline and day agree too.

    An unknown day agrees with any other, if there is but one.
    """
    by_title: dict[bytes, dict[int, set[int]]] = {}
    for node, title, day, known in zip(nodes, titles, days, addressed, strict=True):
        if known and title != UNTITLED:
            by_title.setdefault(title, {}).setdefault(day, set()).add(node)
    for by_day in by_title.values():
        several = len(by_day.keys() - {NO_DAY}) > 1
        for mates in by_day.values() if several else [set().union(*by_day.values())]:
            yield from itertools.pairwise(sorted(mates))


def _bare_edges(
    nodes: list[int], titles: list[bytes], addressed: list[bool]
) -> Iterator[tuple[int, int]]:
    """Edges from captures of one text without an address to others.

    They join where the titles are the same or one is missing.
    """
    with_address = {node for node, known in zip(nodes, addressed, strict=True) if known}
    by_title: dict[bytes, set[int]] = {}
    for node, title in zip(nodes, titles, strict=True):
        by_title.setdefault(title, set()).add(node)
    # One without a title joins any, but draws nothing to it that has no address: otherwise two
    # titles would meet in it.
    open_to_all = by_title.get(UNTITLED, set()) & with_address
    mates = {
        title: sorted(
            set(nodes) if title == UNTITLED else members | open_to_all,
            key=lambda node: (node not in with_address, node),
        )
        for title, members in by_title.items()
    }
    for node, title, known in zip(nodes, titles, addressed, strict=True):
        if not known:
            yield node, next((mate for mate in mates[title] if mate != node), node)


def _alias_edges(
    node_of: Mapping[bytes, int], aliases: Iterable[Mapping[str, str]]
) -> Iterator[tuple[int, int]]:
    for alias in aliases:
        ends = (id_digest(base_id(alias[end])) for end in ("old_id", "new_id"))
        old, new = (node_of.get(end) for end in ends)
        if old is not None and new is not None:
            yield old, new


def _root(parents: list[int], node: int) -> int:
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


def _unite(parents: list[int], left: int, right: int) -> None:
    left, right = _root(parents, left), _root(parents, right)
    parents[max(left, right)] = min(left, right)
