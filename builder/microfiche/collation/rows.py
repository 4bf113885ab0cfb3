"""Rows of what captures alone give: which value stands in which column.

Rows of `captures`, `articles`, `revisions` and `rejected` are laid out here first, for many
captures at a time; `merging` and `revisions` make one article's of several. A column is a list of
values in their order, a struct's the columns of its members. One capture is the case of one. Values
are plain JSON, but for a text, which is UTF-8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from microfiche.captures import Capture
from microfiche.captures.observation import observe
from microfiche.collation import Draft, Kept
from microfiche.collation.identity import later_rejected_id, rejected_id
from microfiche.extract.record import RIGHTS
from microfiche.finding import CODES
from microfiche.fixity import canonical_json, list_digest, sha256_hex

RETRIEVED = (
    "first_retrieved_at", "first_retrieved_on", "last_retrieved_at", "last_retrieved_on",
)  # fmt: skip
Row = dict[str, Any]
Columns = dict[str, Any]


def capture_columns(kept: Sequence[Kept]) -> Columns:
    """Columns of `captures`, not yet joined to articles with company, without digests."""
    of = _transposed(kept)
    capture, seen, origin = map(_transposed, (of.capture, of.seen, of.origin))
    records = capture.retrieval
    return {
        "capture_id": of.capture_id,
        "article_id": [each.own_id if each.article else None for each in kept],
        "revision_id": [each and each.revision_id for each in of.article],
        "outlet_id": [each and each.id for each in origin.outlet],
        "outlet_source": origin.outlet_source,
        "url": seen.url,
        "host": [each and each.host for each in seen.address],
        "host_role": [each and each.role for each in origin.domain],
        "outcome": seen.outcome,
        "outcome_source": seen.outcome_source,
        "retrieved_at": seen.retrieved_at,
        "retrieved_on": seen.retrieved_on,
        "retrieved_by": [each.get("retrieved_by") for each in records],
        "method": [each.get("method") for each in records],
        "http_status": [_whole(each.get("http_status")) for each in records],
        "redirected_to": seen.redirected_to,
        "memento_url": seen.memento_url,
        "media_type": [_media_type(each) for each in kept],
        "charset": [each.charset if each.sha256 else None for each in kept],
        "size_bytes": capture.size_bytes,
        "sha256": of.sha256,
        "payload_digest": capture.payload_digest,
        "warc_record_id": capture.warc_record_id,
        "source_file": capture.source_file,
        "source_offset": capture.source_offset,
        "original_name": [each.get("original_name") for each in records],
        "access": [each.access for each in kept],
        "accession": [each and each.get("accession") for each in capture.record],
        "merge_rule": [None] * len(kept),
        "notes": [each.get("notes") for each in records],
    }


def _transposed(values: Sequence[Any]) -> Any:
    """One or more named tuples of a type as one of it, whose fields hold theirs in their order."""
    return type(values[0])(*zip(*values, strict=True))


def _whole(status: float | None) -> int | None:
    """A status as an integer: JSON Schema calls 200.0 one too."""
    return None if status is None else int(status)


def _media_type(kept: Kept) -> str | None:
    stated: str = kept.capture.retrieval.get("media_type", kept.capture.media_type)
    return stated if kept.sha256 else None


def article_columns(kept: Sequence[Kept]) -> Columns:
    """Columns of `articles` for captures that show one, without digests."""
    of, n = _transposed(kept), len(kept)
    article = _transposed(of.article)
    described, published = map(_transposed, (article.described, article.published))
    body = _transposed(described.body)
    urls = [each.url for each in article.work]
    return {
        "article_id": of.own_id,
        "aliases": [[other] if (other := each.other_id) else [] for each in kept],
        "outlet_id": [each.id for each in article.outlet],
        "outlet_name": [each.name for each in article.outlet],
        "url": urls,
        "domain": [each and each.split("/", 3)[2] for each in urls],
        "title": described.title,
        "subtitle": described.subtitle,
        "section_path": described.section_path,
        "byline": described.byline,
        "dateline": described.dateline,
        **published._asdict(),
        "modified_at": described.modified_at,
        "language": article.language,
        "text": body.octets,
        "n_paragraphs": body.n_paragraphs,
        "n_words": body.n_words,
        "captions": described.captions,
        "captions_sha256": article.captions_sha256,
        "keywords": described.keywords,
        "free_access": described.free_access,
        "revision_id": article.revision_id,
        "revision": [1] * n,
        "n_revisions": [1] * n,
        **{name: [each[name] for each in article.rights] for name in RIGHTS},
        "text_access": ["full"] * n,
        "text_sha256": article.text_sha256,
        "provenance": _provenance_columns(of, article, described),
    }


def _provenance_columns(of: Any, article: Any, described: Any) -> Columns:
    """The columns of an article's provenance, from transposed captures, articles, descriptions."""
    seen, n = _transposed(of.seen), len(of.capture)
    places = [(each.outlet, each.domain.site if each.domain else "main") for each in article.work]
    notes = [each.retrieval.get("notes") for each in of.capture]
    return {
        "outlet_domain": [outlet.canonical_host(site) for outlet, site in places],
        "mirror_domains": [list(outlet.other_hosts(site)) for outlet, site in places],
        "mirror_domains_stated": described.mirror_domains_stated,
        "captured_from": [[each.host] if each else [] for each in seen.address],
        "n_captures": [1] * n,
        "first_retrieved_at": seen.retrieved_at,
        "first_retrieved_on": seen.retrieved_on,
        "last_retrieved_at": seen.retrieved_at,
        "last_retrieved_on": seen.retrieved_on,
        "retrieval_notes": [[each] if each else [] for each in notes],
        "removed_lines": described.removed_lines,
        "removed_lines_sha256": [list_digest(each) for each in described.removed_lines],
        "field_sources": [[each._asdict() for each in sources] for sources in article.sources],
    }


def revision_columns(articles: Columns) -> Columns:
    """Columns of `revisions` for the only revisions of articles, given these in columns."""
    origin, n = articles["provenance"], len(articles["article_id"])
    return {
        "revision_id": articles["revision_id"],
        "article_id": articles["article_id"],
        "revision": articles["revision"],
        "title": articles["title"],
        "subtitle": articles["subtitle"],
        "captions": articles["captions"],
        "captions_sha256": articles["captions_sha256"],
        "text": [None] * n,
        "text_sha256": articles["text_sha256"],
        **{name: origin[name] for name in RETRIEVED},
        "previous_last_retrieved_at": [None] * n,
        "order_known": [None] * n,
        "n_captures": origin["n_captures"],
        "changed": [[]] * n,
        "cause": [None] * n,
    }


def revision_row(article: Row) -> Row:
    """The row of an article's revision, as if that were its only one."""
    origin = {name: [value] for name, value in article["provenance"].items()}
    columns = {name: [value] for name, value in article.items()}
    return _first(revision_columns({**columns, "provenance": origin}))


def article_row(kept: Kept) -> Row:
    """The row of the article that one capture shows, as its schema knows it."""
    row = _first(article_columns([kept]))
    return {**row, "text": row["text"].decode(), "record_sha256": "0" * 64}


def _first(columns: Columns) -> Row:
    return {
        name: _first(values) if isinstance(values, dict) else values[0]
        for name, values in columns.items()
    }


def rejected_row(found: Draft) -> Row:
    """Row of the rejected table for a capture that gave no record; nothing of its content.

    Its id is that of the first of equal ones. A message is what its code says and the place: what
    a finding quotes stays out of releases.
    """
    capture = found.capture
    errors = sorted(
        {
            (fault.code, " at ".join(filter(None, [CODES[fault.code].summary, fault.place])))
            for fault in found.faults
            if CODES[fault.code].severity == "error"
        }
    )
    sha256 = sha256_hex(capture.body) if capture.body is not None else None
    told = {
        "size_bytes": capture.size_bytes,
        "codes": [code for code, _ in errors],
        "messages": [message for _, message in errors],
    }
    return {
        "rejected_id": rejected_id(sha256, *_stated(capture), told),
        "sha256": sha256,
        "source_file": capture.source_file,
        "source_offset": capture.source_offset,
        "line": capture.line,
        **told,
    }


def _stated(capture: Capture) -> tuple[str | None, str | None]:
    """Address and time of a capture in normal form, or as they are stated if they have none."""
    seen, record = observe(capture), capture.record or capture.retrieval
    return seen.url or record.get("url"), seen.retrieved or capture.retrieval.get("retrieved_at")


def renumbered(rows: Sequence[Row]) -> list[Row]:
    """Rejected rows whose ids are equal, each with an id of its own, in order of their content.

    Where a row was read from counts only among rows that are otherwise the same.
    """
    places = ("source_file", "source_offset", "line")
    counts: Counter[str] = Counter()
    numbered = []
    for row in sorted(rows, key=lambda row: _content(row, places)):
        first = row["rejected_id"]
        numbered.append({**row, "rejected_id": later_rejected_id(first, counts[first])})
        counts[first] += 1
    return numbered


def _content(row: Row, places: Sequence[str]) -> tuple[str, bytes, bytes]:
    content = {name: value for name, value in row.items() if name not in (*places, "record_sha256")}
    where = {name: row[name] for name in places}
    return row["rejected_id"], canonical_json(content), canonical_json(where)
