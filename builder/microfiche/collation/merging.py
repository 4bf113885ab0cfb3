"""Captures of one article merged: its row, its revisions, and the rule by which each belongs.

Everything but a group stays the one-capture article it already is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from microfiche.collation.identity import id_order
from microfiche.collation.linking import same_words
from microfiche.collation.revisions import Single, capture_order, revisions_of, span_of, states_of
from microfiche.collation.rows import Row

FILLED_FIELDS = (
    "section_path", "byline", "dateline", "modified_at", "language", "keywords", "free_access",
)  # fmt: skip
DATE_FIELDS = (
    "published", "published_at", "published_earliest", "published_latest", "published_stated",
    "published_zone",
)  # fmt: skip


NONE: Mapping[str, str] = {}


class Collated(NamedTuple):
    """Rows of one article: the article itself (None if no capture shows it) and its parts."""

    article: Row | None
    captures: list[Row]
    revisions: list[Row]


def collate(
    singles: Sequence[Single],
    aliases: Sequence[Mapping[str, str]],
    read_as: Mapping[str, str] = NONE,
) -> Collated:
    """One article from the captures of a group; `aliases` are those of raw/aliases.jsonl.

    `read_as` are the revisions that captures would show if they had not been corrected.
    """
    captures = sorted((single.capture for single in singles), key=capture_order)
    shown = sorted((s for s in singles if s.article), key=lambda s: capture_order(s.capture))
    if not shown:
        return Collated(None, captures, [])
    article_id, others = _identity(shown, aliases)
    states = states_of(shown)
    revisions, current = revisions_of(article_id, states, read_as)
    article = _merged(article_id, others, shown, current, revisions)
    rules, own = _merge_rules(article_id, shown), _own_rule(article_id)
    shows = {s.capture["capture_id"]: key for key, members in states.items() for s in members}
    for row in captures:
        row["article_id"] = article_id
        row["revision_id"] = shows.get(row["capture_id"])
        row["merge_rule"] = rules.get(row["capture_id"], own) if len(captures) > 1 else None
    return Collated(article, captures, revisions)


def _identity(
    shown: Sequence[Single], aliases: Sequence[Mapping[str, str]]
) -> tuple[str, list[str]]:
    """(the article's id, its aliases): the best own id, unless an alias names another."""
    own_ids = {single.own_id for single in shown if single.own_id}
    ids = own_ids | {each for single in shown for each in single.also_ids}
    new_ids = {alias["new_id"] for alias in aliases if alias["old_id"] in ids} & ids
    article_id = min(new_ids or own_ids, key=id_order)
    reach, grown = set(ids), True
    while grown:  # an alias of an alias resolves too
        found = {alias["old_id"] for alias in aliases if alias["new_id"] in reach}
        grown = not found <= reach
        reach |= found
    return article_id, sorted(reach - {article_id})


def _own_rule(article_id: str) -> str:
    """Rule of captures that give the article's id by themselves."""
    return ("native-id", "address", "accession", "bytes")[id_order(article_id)[0]]


def _merge_rules(article_id: str, shown: Sequence[Single]) -> dict[str, str]:
    """Rule by which each capture belongs to the article."""
    texts = {s.article["text_sha256"] for s in shown if s.article and s.own_id == article_id}
    rules = {}
    for single in shown:
        assert single.article is not None  # noqa: S101 - shown are those with one
        if single.own_id == article_id:
            rule = _own_rule(article_id)
        else:
            others = [other for other in shown if other.own_id != single.own_id]
            if _by_canonical_link(single, others):
                rule = "canonical-link"
            elif single.article["text_sha256"] in texts or _shares(single, others, _text):
                rule = "equal-text"
            else:
                rule = "equal-words" if _shares(single, others, _words) else "alias"
        rules[single.capture["capture_id"]] = rule
    return rules


def _text(single: Single) -> object:
    return single.article and single.article["text_sha256"]


def _words(single: Single) -> object:
    """What is the same where words are; None where they join nothing."""
    row = single.article
    day = row and row["published_earliest"]
    if not row or single.capture["url"] or not row["title"] or day != row["published_latest"]:
        return None
    return day and same_words(row["outlet_id"], day, row["title"], row["text"])


def _shares(single: Single, others: Sequence[Single], value: Callable[[Single], object]) -> bool:
    """Whether a capture has a value that one of others has too."""
    own = value(single)
    return own is not None and any(value(other) == own for other in others)


def _by_canonical_link(single: Single, others: Sequence[Single]) -> bool:
    """Whether a canonical link leads from the capture to another's address, or back."""
    return any(
        other.own_id in single.also_ids
        or single.own_id in other.also_ids
        or set(single.also_ids) & set(other.also_ids)
        for other in others
    )


def _merged(
    article_id: str,
    aliases: list[str],
    shown: Sequence[Single],
    speaker: Single,
    revisions: Sequence[Row],
) -> Row:
    """The article row: the speaker's, gaps filled from other captures, provenance of all."""
    assert speaker.article is not None  # noqa: S101 - shown are those with one
    article = dict(speaker.article)
    current = next(r for r in revisions if r["revision_id"] == article["revision_id"])
    article |= {
        "article_id": article_id,
        "aliases": aliases,
        "revision": current["revision"],
        "n_revisions": len(revisions),
    }
    others = sorted(
        (single.article for single in shown if single.article and single is not speaker),
        key=lambda row: (_last(row["provenance"]), row["article_id"]),
        reverse=True,
    )
    filled = _fill_gaps(article, others)
    article["provenance"] = _merged_provenance(article, shown, filled)
    return article


def _last(provenance: Row) -> str:
    """When an article was retrieved last, as far as that is known."""
    return provenance["last_retrieved_on"] or provenance["last_retrieved_at"] or ""


def _fill_gaps(article: Row, others: Sequence[Row]) -> list[str]:
    """Take descriptive fields the speaker lacks from the latest capture that has them."""
    filled = []
    for row in others:
        for name in FILLED_FIELDS:
            if article[name] in (None, []) and row[name] not in (None, []):
                article[name] = row[name]
                filled.append(name)
        if article["published"] is None and row["published"] is not None:
            article |= {name: row[name] for name in DATE_FIELDS}
            filled.append("published")
        if article["url"] is None and row["url"] is not None:
            article |= {"url": row["url"], "domain": row["domain"]}
            filled.append("url")
    return filled


def _merged_provenance(article: Row, shown: Sequence[Single], filled: list[str]) -> Row:
    parts = [single.article["provenance"] for single in shown if single.article]
    own = article["provenance"]
    stated = itertools.chain.from_iterable(part["mirror_domains_stated"] for part in [own, *parts])
    borrowed = [
        {"field": name, "source": "other-capture", "rule": "the latest capture that states it"}
        for name in filled
    ]
    sources = [source for source in own["field_sources"] if source["field"] not in filled]
    sited = next((part for part in [own, *parts] if part["captured_from"]), own)
    merged: Row = own | {
        "outlet_domain": sited["outlet_domain"],
        "mirror_domains": sited["mirror_domains"],
        "mirror_domains_stated": list(dict.fromkeys(stated)),
        "captured_from": sorted({host for part in parts for host in part["captured_from"]}),
        "n_captures": len(shown),
        **span_of(single.capture for single in shown),
        "retrieval_notes": sorted({note for part in parts for note in part["retrieval_notes"]}),
        "field_sources": sorted([*sources, *borrowed], key=lambda s: (s["field"], s["source"])),
    }
    return merged
