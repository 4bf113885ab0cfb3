"""Telling works apart that captures give one id: an address used anew, an id that is a section's.

Two states of an id are edits of one article if headline or text have something in common, directly
or by way of other states. What has not is another article: the one first retrieved keeps the id.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from microfiche.collation.edits import State, likely_pairs, may_be_edits, may_be_one
from microfiche.collation.identity import apart_id, id_digest, id_order
from microfiche.collation.revisions import Single, capture_order
from microfiche.collation.rows import Row

Key = tuple[str, str]  # the id that an address gives, and a state


class Known(NamedTuple):
    """What was published before: of an id the article's ids and, by `owner`, that of a capture.

    `shared` are ids that more than one published article has had, `gone` those that are withdrawn,
    `apart` all from which an id was told apart, of a published article or a withdrawn one.
    """

    owner: Callable[[str], str | None] = lambda _: None
    ids: Callable[[str], Container[str]] = lambda _: ()
    shared: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    def has_other(self, group: Sequence[Single], article_id: str) -> bool:
        """Whether an article was published without an id that is, or was, another's too."""
        owners = self.owners(group)
        withdrawn = not self.gone.isdisjoint(owners)  # with every id that its tombstones name
        disputed = article_id in self.shared or (article_id in self.gone and not withdrawn)
        return disputed and bool(owners) and not any(article_id in self.ids(own) for own in owners)

    def owners(self, group: Sequence[Single]) -> list[str]:
        """The ids under which captures of an article were published, in their order."""
        owners = (self.owner(single.capture["capture_id"]) for single in group)
        return list(filter(None, owners))


class Pair(NamedTuple):
    """Two articles that captures give one id: that which keeps it, the other, and a capture of it.

    A title is None where it is not known.
    """

    article_id: str
    other_id: str
    titles: tuple[str | None, str | None]
    capture: Row


def works(
    singles: Sequence[Single],
    aliases: Sequence[Mapping[str, str]],
    known: Known | None = None,
) -> tuple[list[list[Single]], list[Pair]]:
    """(the articles that a group of captures is of, pairs of those that have an id in common).

    `aliases` are those of raw/aliases.jsonl; what they join is one article whatever it says.
    Captures are given the ids that are left to their article: one that was published keeps its
    own, else the first that was retrieved has it. `known` is what was published before.
    """
    known = known or Known()
    shown = sorted((s for s in singles if s.article), key=lambda s: capture_order(s.capture))
    groups = _Groups(shown, aliases, known).found()
    disputed = known.shared | known.gone | known.apart
    if len(groups) < 2 and disputed.isdisjoint(each.address_id for each in shown):
        return [list(singles)], []
    stated = [[(each.address_id, each.own_id or "") for each in group] for group in groups]
    named = _named(groups, stated, known)
    pairs = list(_pairs(groups, stated, named))
    for single in singles:
        if not single.article:
            groups[_place(single, stated)].append(single)
    return groups, pairs


def _key(single: Single) -> Key:
    assert single.article is not None  # noqa: S101 - only what is shown has a state
    return single.address_id, str(single.article["revision_id"])


class _Groups:
    """Captures that show articles, united as far as they show the same one.

    What is compared are states, each of an address: pairs of the two.
    """

    def __init__(
        self, shown: Sequence[Single], aliases: Sequence[Mapping[str, str]], known: Known
    ) -> None:
        self.shown, self.aliases, self.known = shown, aliases, known
        self.states: dict[Key, list[Single]] = {}
        for single in shown:
            self.states.setdefault(_key(single), []).append(single)
        self.parents = {key: key for key in self.states}

    def found(self) -> list[list[Single]]:
        """The groups, in the order of their first captures."""
        if len(self.states) > 1:
            self._unite_stated()
            self._unite_alike()
        groups: dict[Key, list[Single]] = {}
        for single in self.shown:
            groups.setdefault(self._root(_key(single)), []).append(single)
        return list(groups.values())

    def _unite_stated(self) -> None:
        """Unite what lines of raw/aliases.jsonl name, also by an id that was made here."""
        if not self.aliases:
            return
        published: dict[str, list[Key]] = {}
        for key, members in self.states.items():
            for own in self.known.owners(members)[:1]:
                published.setdefault(own, []).append(key)
        ids: dict[str, Key] = {}
        for named in (lambda s: (s.address_id, _apart(s.address_id, s)), lambda s: (s.own_id,)):
            for key, members in self.states.items():
                for single in members:
                    for each in named(single):
                        ids.setdefault(each, key)
        for alias in self.aliases:  # of several articles with an id the published one has it
            old, new = (
                published.get(alias[end]) or [ids[alias[end]]] if alias[end] in ids else []
                for end in ("old_id", "new_id")
            )
            for one, other in itertools.pairwise([*old, *new]) if old and new else ():
                self._unite(one, other)

    def _unite_alike(self) -> None:
        read = {
            key: State(article["title"], article["text"], _day(article))
            for key, (single, *_) in self.states.items()
            if (article := single.article)
        }
        keys, states = list(read), list(read.values())
        for first, second in likely_pairs(states):
            one, other = keys[first], keys[second]
            if self._root(one) != self._root(other):
                compare = may_be_edits if one[0] == other[0] else may_be_one
                if compare(states[first], states[second]):
                    self._unite(one, other)

    def _root(self, key: Key) -> Key:
        while self.parents[key] != key:
            key = self.parents[key]
        return key

    def _unite(self, one: Key, other: Key) -> None:
        left, right = sorted((self._root(one), self._root(other)))
        self.parents[right] = left


def _day(article: Row) -> str | None:
    """Day of publication, if it is known to the day."""
    day: str | None = article["published_earliest"]
    return day if day == article["published_latest"] else None


def _apart(article_id: str, single: Single) -> str:
    """The id of an article told apart from others, given one of its captures."""
    return apart_id(article_id, single.capture["sha256"])


def _place(single: Single, stated: Sequence[Sequence[tuple[str, str]]]) -> int:
    """The group of a capture that shows no article: the first with its address, or the first."""
    for place, ids in enumerate(stated):
        if any(id_digest(address) == single.own for address, _ in ids):
            return place
    return 0


def _named(
    groups: Sequence[Sequence[Single]],
    stated: Sequence[Sequence[tuple[str, str]]],
    known: Known,
) -> list[str]:
    """Give the captures of each group the ids that are left to it; the id of each group."""
    addressed: dict[str, set[int]] = {}
    claimed: dict[str, set[int]] = {}
    for place, ids in enumerate(stated):
        for address, own in ids:
            addressed.setdefault(address, set()).add(place)
            claimed.setdefault(own, set()).add(place)
    keeper = {
        each: _keeper(each, places, groups, known) for each, places in (claimed | addressed).items()
    }
    # An address that unlike pages name, and under which none was captured, is that of none.
    lied = {own for own, by in claimed.items() if own not in addressed and len(by) > 1}
    names = []
    for place, (group, ids) in enumerate(zip(groups, stated, strict=True)):
        mine = {each for pair in ids for each in pair if keeper[each] == place}
        apart = [
            [_apart(address, single)]
            if len(addressed[address]) > 1 or address in known.apart or keeper[address] < 0
            else []
            for (address, _), single in zip(ids, group, strict=True)
        ]
        owns = [own if own in mine - lied else address for address, own in ids]
        kept = [own for own in owns if own in mine]
        name = min(kept, key=id_order) if kept else min(itertools.chain(*apart), key=_octets)
        names.append(name)
        for pair, single, own, more in zip(ids, group, owns, apart, strict=True):
            given = own if own in mine else name
            _give(single, given, {*pair, *more} & {*mine, *more} - {given})
            if pair[1] not in (pair[0], given):
                _keep_address(single)
    return names


def _keeper(
    article_id: str, places: set[int], groups: Sequence[Sequence[Single]], known: Known
) -> int:
    """The group that has an id: that which was published under it, else the first; -1 if none."""
    published = [place for place in places if article_id in known.owners(groups[place])]
    left = [place for place in places if not known.has_other(groups[place], article_id)]
    return min(published or left, default=-1)


def _octets(article_id: str) -> tuple[str, str]:
    return article_id[-8:], article_id


def _give(single: Single, article_id: str, aliases: set[str]) -> None:
    assert single.article is not None  # noqa: S101 - only these have ids
    single.article.update(article_id=article_id, aliases=sorted(aliases))
    single.capture.update(article_id=article_id)


def _keep_address(single: Single) -> None:
    """Give a capture's article the address it was captured under."""
    assert single.article is not None  # noqa: S101 - only these have other ids
    url = single.capture["url"]
    source = {
        "field": "url",
        "source": "retrieval",
        "rule": "its canonical link is that of unlike pages",
    }
    sources = [*single.article["provenance"]["field_sources"], source]
    single.article["provenance"]["field_sources"] = sorted(
        sources, key=lambda each: (each["field"], each["source"], each["rule"])
    )
    single.article.update(url=url, domain=url.split("/", 3)[2])


def _pairs(
    groups: Sequence[Sequence[Single]],
    stated: Sequence[Sequence[tuple[str, str]]],
    names: Sequence[str],
) -> Iterator[Pair]:
    """Each later article with the first that has an id in common with it."""
    held = [{each for pair in ids for each in pair} for ids in stated]
    for place, group in enumerate(groups):
        for before in range(place):
            if held[before] & held[place]:
                titles = [_title(groups[each]) for each in (before, place)]
                yield Pair(names[before], names[place], (titles[0], titles[1]), group[0].capture)
                break


def _title(group: Sequence[Single]) -> str | None:
    titles = (single.article["title"] for single in group if single.article)
    return next(filter(None, titles), None)
