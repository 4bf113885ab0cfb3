"""Articles as the page shows them: captures, sources of fields, what each revision changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from microfiche.describe.wording import Passage, changed_passages
from microfiche.fixity import sha256_hex
from microfiche.release import Release, Row

MOST_CAPTURES, MOST_REVISIONS, MOST_PASSAGES, MOST_SOURCES = 50, 20, 40, 60


@dataclass(frozen=True)
class Edit:
    """A revision, and what it has otherwise than the one before: by field, place by place.

    `text_shown` is false where a text is withheld, so that nothing is said of its words.
    """

    revision: Row
    fields: Mapping[str, Sequence[Passage]]
    text_shown: bool


@dataclass(frozen=True)
class View:
    """One article with what belongs to it, the first of each."""

    article: Row
    captures: Sequence[Row]
    edits: Sequence[Edit]
    links: Sequence[Row]
    paragraphs: Sequence[str]

    @property
    def sources(self) -> Sequence[Row]:
        """Where each field was read that the capture's own record does not state."""
        found: Sequence[Row] = self.article["provenance"]["field_sources"]
        return found[:MOST_SOURCES]


def views(release: Release, articles: Sequence[Row]) -> list[View]:
    """The views of some articles, in their order. Raises as `Release.table`."""
    ids = [row["article_id"] for row in articles]
    captures = _by_article(release.select("captures", "article_id", ids))
    revisions = _by_article(release.select("revisions", "article_id", ids))
    links: dict[str, list[Row]] = {}
    for end, other in (("from_id", "to_id"), ("to_id", "from_id")):
        for row in release.select("links", end, ids):
            links.setdefault(row[end], []).append({**row, "other": row[other]})
    return [
        View(
            row,
            captures.get(row["article_id"], ()),
            list(_edits(row, revisions.get(row["article_id"], ()))),
            links.get(row["article_id"], ()),
            (row["text"] or "").split("\n\n"),
        )
        for row in articles
    ]


def _by_article(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["article_id"], []).append(row)
    return found


def _edits(article: Row, revisions: Sequence[Row]) -> Iterable[Edit]:
    """Each revision with what it changed, in order."""
    before: Row | None = None
    for row in sorted(revisions, key=lambda each: each["revision"]):
        if row["revision_id"] == article["revision_id"]:
            row = {**row, "text": article["text"]}
        shown = all(each is None or _is_whole(each) for each in (before, row))
        fields = dict(_changed(before, row, shown=shown)) if before else {}
        yield Edit(row, fields, shown)
        before = row


def _is_whole(revision: Row) -> bool:
    """Whether the text of a revision is shown, and not masked."""
    text = revision["text"]
    return text is not None and sha256_hex(text.encode()) == revision["text_sha256"]


def _changed(old: Row, new: Row, *, shown: bool) -> Iterable[tuple[str, list[Passage]]]:
    for name in ("title", "subtitle"):
        yield name, changed_passages(*([row[name] or ""] for row in (old, new)))
    yield "captions", changed_passages(old["captions"], new["captions"])
    if shown:
        texts = (row["text"].split("\n\n") for row in (old, new))
        yield "text", changed_passages(*texts)[:MOST_PASSAGES]
