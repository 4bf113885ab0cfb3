"""Ready records drafted many at a time: rows that differ in some columns only.

The first of them is drafted as any capture is, by `article`. What its rows have in common with
the others' is taken from there, and the rest is computed column by column, which is several times
as fast. A record of which anything would be found, or whose values are not in normal form yet, is
no part of a batch: it is drafted for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from microfiche.article import (
    Draft,
    Origin,
    Reader,
    address_ids,
    capture_id,
    draft,
    published_columns,
    read_origin,
    revision_id,
)
from microfiche.batch.texts import Text, read_texts
from microfiche.captures import Capture
from microfiche.collation.plausibility import is_name, is_twice, may_be_damaged
from microfiche.dates import edtf_span, read_stated, utc_time
from microfiche.fixity import list_digest, sha256_hex
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.outlet import Outlet
from microfiche.text import are_normal, normal_line
from microfiche.url import is_plain

Columns = dict[str, Any]
# Below some fifty records a batch costs more than it saves.
MIN_BATCH, MAX_BATCH, MAX_BATCH_BYTES = 50, 2048, 16 << 20
LINES, LISTS = ("title", "subtitle", "dateline"), ("section_path", "byline", "captions", "keywords")
# Members whose values may differ within a batch; all others are the same in it.
FREE = frozenset(
    ("url", "text", "published", "modified_at", "retrieved_at", "retrieval", *LINES, *LISTS)
)
NEEDED = frozenset(("url", "title", "text", "published", "retrieval"))
ENDS = ("first", "last")
REVISED = (
    *("revision_id", "article_id", "title", "subtitle"),
    *("captions", "captions_sha256", "text_sha256"),
)


class DraftBatch(NamedTuple):
    """Drafts of captures: the first of them, and the values of columns that differ, by table.

    `places` say which of the captures they are, and everything else is in their order. A struct's
    column is a mapping of its members' columns.
    """

    places: Sequence[int]
    first: Draft
    columns: Mapping[str, Columns]


def may_batch(capture: Capture) -> bool:
    """Whether a capture is a ready record without faults."""
    return capture.record is not None and not capture.faults


def draft_batches(
    captures: Sequence[Capture], outlets: Outlets, reader: Reader
) -> tuple[list[DraftBatch], list[int]]:
    """(batches of ready records, places of those to be drafted each for itself)."""
    takers: dict[Any, Any] = {}
    kinds: dict[Any, list[int]] = {}
    for place, capture in enumerate(captures):
        kinds.setdefault(_kind(capture, takers), []).append(place)
    kinds.pop(None, None)
    found = (_draft_batch(captures, places, outlets, reader) for places in kinds.values())
    batches = [batch for batch in found if batch]
    taken = {place for batch in batches for place in batch.places}
    return batches, [place for place in range(len(captures)) if place not in taken]


def _kind(capture: Capture, takers: dict[Any, Any]) -> Any:
    """What captures of one batch have in common; None for one that cannot have company.

    `takers` learns how to take the values that must agree out of records with certain members.
    """
    if not may_batch(capture):
        return None
    record, retrieval = capture.record or {}, capture.retrieval
    names = (tuple(record), tuple(retrieval))
    if names not in takers:
        takers[names] = tuple(map(_taker, names)) if NEEDED.issubset(record) else None
    if takers[names] is None:
        return None
    url, (fixed, fixed_retrieval) = record["url"], takers[names]
    host = url[: url.find("/", len("https://"))]
    return names, capture.source_file, host, fixed(record), fixed_retrieval(retrieval)


def _taker(names: Sequence[str]) -> Any:
    fixed = [name for name in names if name not in FREE]
    return itemgetter(*fixed) if fixed else lambda _: None


def _draft_batch(
    captures: Sequence[Capture], places: Sequence[int], outlets: Outlets, reader: Reader
) -> DraftBatch | None:
    """The batch of those captures of one kind that are plain; None if they are few or none.

    They are put in the order of their dates, since shards of articles take them by day.
    """
    places = [each for each in places if is_plain((captures[each].record or {})["url"])]
    if len(places) < MIN_BATCH:
        return None
    members = [captures[place] for place in places]
    origin, _ = read_origin(members[0], outlets, reader)
    if origin.outlet is None or origin.address is None or origin.outlet_source == "boilerplate":
        return None
    if outlets.depends_on_day(origin.address.host):
        return None
    records = [each.record or {} for each in members]
    texts = read_texts([record["text"] for record in records])
    plain = _are_plain(members, records, texts, origin.outlet)
    if np.count_nonzero(plain) < MIN_BATCH:
        return None
    order = sorted(np.flatnonzero(plain).tolist(), key=lambda at: records[at]["published"])
    members = [members[at] for at in order]
    first = draft(members[0], outlets, reader)
    if first.faults or first.article_row is None:
        return None
    read = [text for text in map(texts.__getitem__, order) if text]
    columns = _columns(members, read, origin, first)
    return DraftBatch([places[at] for at in order], first, columns)


# What is plain


def _are_plain(
    captures: Sequence[Capture],
    records: Sequence[Mapping[str, Any]],
    texts: Sequence[Text | None],
    outlet: Outlet,
) -> Any:
    """Whether each record is in normal form and nothing would be found in it."""
    first, retrieval = records[0], captures[0].retrieval
    plain = np.array([text is not None for text in texts])
    for name in LINES:
        if name in first:
            plain &= _normal_lines([record[name] for record in records])
    for name in LISTS:
        if name in first:
            plain &= _normal_lists([record[name] for record in records])
    retrieved = [each.retrieval.get("retrieved_at") for each in captures]
    plain &= [
        _is_dated(record["published"], day) for record, day in zip(records, retrieved, strict=True)
    ]
    if "retrieved_at" in retrieval:
        plain &= [utc_time(each or "") is not None for each in retrieved]
    if "modified_at" in first:
        stated = (record["modified_at"] for record in records)
        plain &= [bool(utc_time(each) or edtf_span(each)) for each in stated]
    plain &= [
        record["title"] is not None
        and text is not None
        and not is_name(outlet, record["title"])
        and not (text.may_repeat and is_twice(record["text"]))
        and not may_be_damaged(text.octets)
        for record, text in zip(records, texts, strict=True)
    ]
    return plain


def _normal_lines(lines: Sequence[str | None]) -> Any:
    if are_normal([line for line in lines if line is not None]):
        return True
    return [line is None or (line != "" and normal_line(line) == line) for line in lines]


def _normal_lists(lists: Sequence[Sequence[str]]) -> Any:
    if are_normal(list(chain.from_iterable(lists))):
        return True
    return [all(line and normal_line(line) == line for line in lines) for lines in lists]


def _is_dated(published: str, retrieved_at: str | None) -> bool:
    """Whether a date can be read, and is not after the day of retrieval."""
    stated = read_stated(published)
    span = edtf_span(stated.published) if stated else None
    if span is None:
        return False
    return not (span.earliest and retrieved_at and span.earliest > retrieved_at[:10])


# Columns


def _columns(
    captures: Sequence[Capture], texts: Sequence[Text], origin: Origin, first: Draft
) -> dict[str, Columns]:
    """The columns that differ, by table."""
    assert first.capture_row is not None  # noqa: S101 - the caller has checked
    assert first.article_row is not None  # noqa: S101
    records = [each.record or {} for each in captures]
    retrieved: Columns = {}
    if "retrieved_at" in captures[0].retrieval:
        times = [utc_time(each.retrieval["retrieved_at"]) for each in captures]
        retrieved = {"retrieved_at": times}
    urls = [record["url"] for record in records]
    paths = [url[urls[0].index("/", len("https://")) :] for url in urls]
    article = _article_columns(records, texts, origin, paths)
    canonical = first.article_row["url"].removesuffix(paths[0])
    article["url"] = [canonical + path for path in paths]
    shared = {name: article[name] for name in ("article_id", "revision_id")}
    digests = [sha256_hex(each.body or b"") for each in captures]
    observed = {
        **retrieved,
        **shared,
        "url": urls,
        "sha256": digests,
        "size_bytes": [each.size_bytes for each in captures],
        "source_offset": [each.source_offset for each in captures],
    }
    method, at = first.capture_row["method"], retrieved.get("retrieved_at", repeat(None))
    observed["capture_id"] = list(map(capture_id, digests, urls, at, repeat(method)))
    between = {f"{end}_retrieved_at": times for times in retrieved.values() for end in ENDS}
    stated = {name: article[name] for name in REVISED if name in article}
    return {
        "captures": observed,
        "articles": {**article, "provenance": between} if between else article,
        "revisions": {**stated, **between},
    }


def _article_columns(
    records: Sequence[Mapping[str, Any]],
    texts: Sequence[Text],
    origin: Origin,
    paths: Sequence[str],
) -> Columns:
    """The columns of `articles` that differ, but for the address and the times of retrieval."""
    assert origin.outlet is not None  # noqa: S101 - the caller has checked
    found = {
        name: [record[name] for record in records]
        for name in (*LINES, *LISTS)
        if name in records[0]
    }
    if "modified_at" in records[0]:
        found["modified_at"] = [utc_time(record["modified_at"]) for record in records]
    if "captions" in found:
        found["captions_sha256"] = [list_digest(each) for each in found["captions"]]
    found["article_id"] = address_ids(origin, paths)
    found["text"] = [text.octets for text in texts]  # Arrow takes UTF-8, and would encode a str
    found["text_sha256"] = [sha256_hex(text.octets) for text in texts]
    found["n_paragraphs"] = [text.n_paragraphs for text in texts]
    found["n_words"] = [text.n_words for text in texts]
    absent: Any = repeat(None)
    contents = ("title", "subtitle", "text_sha256", "captions_sha256")
    found["revision_id"] = list(map(revision_id, *(found.get(each, absent) for each in contents)))
    dates: dict[str, Columns] = {}
    for value in {record["published"] for record in records}:
        stated = read_stated(value)
        assert stated is not None  # noqa: S101 - what is plain has a date
        dates[value] = published_columns(origin.outlet, stated)
    published = [dates[record["published"]] for record in records]
    return found | {name: [each[name] for each in published] for name in published[0]}
