"""Revisions of an article: the states its captures show, in order, and what changed between."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from microfiche.collation.rows import Row, revision_row


def capture_order(row: Row) -> tuple[bool, str, str]:
    """By retrieval, unknown times first, then by id."""
    at = retrieved(row)
    return bool(at), at, row["capture_id"]


def retrieved(row: Row) -> str:
    """When a capture was retrieved: the time, or a day, which is before its times; else empty."""
    return row["retrieved_at"] or row["retrieved_on"] or ""


def span_of(captures: Iterable[Row]) -> Row:
    """First and last retrieval of some captures, in the columns of times and of days."""
    known = sorted(filter(None, map(retrieved, captures)))
    times = [each for each in known if len(each) > DAY]
    first, last = known[:1], known[-1:]
    return {
        "first_retrieved_at": times[0] if times else None,
        "first_retrieved_on": first[0] if first and len(first[0]) == DAY else None,
        "last_retrieved_at": times[-1] if times else None,
        "last_retrieved_on": last[0] if last and len(last[0]) == DAY else None,
    }


DAY = len("YYYY-MM-DD")


class Single(NamedTuple):
    """One capture with the article it would give alone; no article for other outcomes.

    `own` is the digest of the article id that it alone gives, as its LINK has it.
    """

    capture: Row
    article: Row | None
    own: bytes = b""

    @property
    def own_id(self) -> str | None:
        """The article id that the capture alone gives."""
        return self.article["article_id"] if self.article else None

    @property
    def address_id(self) -> str:
        """The id that the capture's own address gives, or its bytes; empty without an article."""
        return next(iter(self.also_ids), self.own_id or "")

    @property
    def also_ids(self) -> list[str]:
        """Other ids that the capture gives: its address's, where a canonical link leads on."""
        return list(self.article["aliases"]) if self.article else []


def _is_part(part: Row, whole: Row) -> bool:
    """Whether a capture shows less of the same state: its text cut short, or its headline missing.

    What it does show must not differ, but for the captions of a text cut short.
    """
    if any(part[name] not in (None, whole[name]) for name in ("title", "subtitle")):
        return False
    if part["text"] == whole["text"]:
        return part["captions"] in ([], whole["captions"])
    cut = part["text"].rstrip(" .…")
    return len(cut) < len(whole["text"]) and whole["text"].startswith(cut)


def states_of(shown: Sequence[Single]) -> dict[str, list[Single]]:
    """Captures by revision, those that show only a part with the revision it is a part of."""
    states: dict[str, list[Single]] = {}
    for single in shown:
        assert single.article is not None  # noqa: S101 - shown are those with one
        states.setdefault(single.article["revision_id"], []).append(single)
    for revision_id, members in sorted(states.items()):
        article = members[0].article
        whole = [
            other
            for other, (first, *_) in sorted(states.items())
            if other != revision_id and first.article and article
            if _is_part(article, first.article)
        ]
        if whole:
            longest = max(whole, key=lambda other: (_extent(states[other]), other))
            states[longest] += states.pop(revision_id)
    return states


def _extent(members: Sequence[Single]) -> tuple[int, int]:
    """How much a revision shows: characters of text, and fields beside it."""
    article = members[0].article or {"text": ""}
    return len(article["text"]), sum(
        bool(article.get(key)) for key in ("title", "subtitle", "captions")
    )


def revisions_of(
    article_id: str, states: Mapping[str, list[Single]], read_as: Mapping[str, str]
) -> tuple[list[Row], Single]:
    """Revision rows in order, and the capture that speaks for the current one.

    `read_as` are the revisions that captures would show if they had not been corrected.
    """
    for members in states.values():
        members.sort(key=lambda single: capture_order(single.capture))
    order = sorted(states, key=lambda key: (*capture_order(states[key][0].capture)[:2], key))
    rows = []
    for place, revision_id in enumerate(order, start=1):
        members = states[revision_id]
        rows.append(_revision(article_id, place, revision_id, members))
    for before, after in itertools.pairwise(rows):
        _compare(before, after, states, read_as)
    current = _current(order, states)
    for row in rows:
        if row["revision_id"] == current:
            row["text"] = None
    return rows, _speaker(current, states[current])


def _current(order: Sequence[str], states: Mapping[str, Sequence[Single]]) -> str:
    """The revision shown last in full: by its latest full capture, then by place."""
    full = {key: [s for s in states[key] if _is_full(s)] for key in order}
    candidates = [key for key in order if full[key]] or list(order)
    return max(
        candidates,
        key=lambda key: (
            max((retrieved(s.capture) for s in full[key]), default=""),
            order.index(key),
        ),
    )


def _is_full(single: Single) -> bool:
    return str(single.capture["access"]) == "full"


def _own_state(revision_id: str, members: Sequence[Single]) -> list[Single]:
    """The captures that show the revision itself, not a truncation of it."""
    return [s for s in members if s.article and s.article["revision_id"] == revision_id]


def _speaker(revision_id: str, members: Sequence[Single]) -> Single:
    """The last full capture of a revision, preferring one with an address."""
    own = _own_state(revision_id, members)
    return max(
        own,
        key=lambda s: (_is_full(s), s.capture["url"] is not None, capture_order(s.capture)),
    )


def _revision(article_id: str, place: int, revision_id: str, members: Sequence[Single]) -> Row:
    article = _own_state(revision_id, members)[0].article
    assert article is not None  # noqa: S101 - shown are those with one
    row = revision_row(article)
    row |= {
        "article_id": article_id,
        "revision": place,
        "text": article["text"],
        **span_of(single.capture for single in members),
        "n_captures": len(members),
    }
    return row


def _compare(
    before: Row, after: Row, states: Mapping[str, Sequence[Single]], read_as: Mapping[str, str]
) -> None:
    """Fill in what changed from one revision to the next, and why as far as that is known."""
    fields = {"title": "title", "subtitle": "subtitle", "text": "text_sha256"}
    changed = [name for name, column in fields.items() if before[column] != after[column]]
    if before["captions"] != after["captions"]:
        changed.append("captions")
    after["changed"] = sorted(changed)
    after["previous_last_retrieved_at"] = before["last_retrieved_at"]
    starts = [retrieved(states[row["revision_id"]][0].capture) for row in (before, after)]
    if not _is_before(*starts):
        after["order_known"] = False
    if set.intersection(*(_read(states[row["revision_id"]], read_as) for row in (before, after))):
        after["cause"] = "correction"
        return
    sides = [
        {s.capture["media_type"] for s in states[row["revision_id"]] if _is_full(s)}
        for row in (before, after)
    ]
    if sides[0] & sides[1]:
        after["cause"] = "outlet"
    else:
        after["cause"] = "format" if sides[0] or sides[1] else "unknown"


def _is_before(one: str, other: str) -> bool:
    """Whether one retrieval is known to be before another; a day is all of its times."""
    size = DAY if DAY in (len(one), len(other)) else None
    return "" < one[:size] < other[:size]


def _read(members: Sequence[Single], read_as: Mapping[str, str]) -> set[str]:
    """The revisions that captures show by what was read of them, without corrections."""
    return {
        read_as.get(each.capture["capture_id"], each.article["revision_id"])
        for each in members
        if each.article
    }
