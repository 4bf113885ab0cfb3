"""Articles as the page shows them: captures, sources of fields, what each revision changed.

Texts are read only where they are shown or compared, so that a page costs little memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.describe.wording import Effort, Passage, changed_passages
from microfiche.fixity import sha256_hex
from microfiche.release import Release, Row
from microfiche.tables.arrow import to_rows

MOST_CAPTURES, MOST_REVISIONS, MOST_PASSAGES, MOST_SOURCES, MOST_LINKS = 50, 20, 40, 60, 20
LONGEST = 200_000  # bytes of a text that is compared


@dataclass(frozen=True)
class Edit:
    """A revision, and what it has otherwise than the one before: by field, place by place.

    `compared` is false where its text, or that of the one before, is withheld, masked or too long:
    then nothing is said of its words.
    """

    revision: Row
    fields: Mapping[str, Sequence[Passage]]
    compared: bool


@dataclass(frozen=True)
class View:
    """One article with what belongs to it, the first of each, and how many there are."""

    article: Row
    captures: Sequence[Row] = ()
    n_captures: int = 0
    edits: Sequence[Edit] = ()
    n_edits: int = 0
    links: Sequence[Row] = ()
    paragraphs: Sequence[str] = ()
    corrections: Sequence[Row] = ()

    @property
    def sources(self) -> Sequence[Row]:
        """Where each field was read that the capture's own record does not state."""
        found: Sequence[Row] = self.article["provenance"]["field_sources"]
        return found[:MOST_SOURCES]


def rows_without_text(release: Release, articles: pa.Table) -> list[Row]:
    """Rows of articles in their JSON form, `text` null."""
    kind = release.kind("articles")
    names = kind.arrow_schema.names
    empty = pa.nulls(len(articles), kind.arrow_schema.field("text").type)
    whole = articles.append_column("text", empty).select(names)
    return to_rows(kind, whole)


def columns_without_text(release: Release) -> list[str]:
    """Columns of articles but the one that is large."""
    return [name for name in release.kind("articles").arrow_schema.names if name != "text"]


def text_bytes(release: Release) -> int:
    """Bytes of all texts of articles that are shown."""
    texts = (each["text"] for each in release.batches("articles", ["text"]))
    return sum(pc.sum(pc.binary_length(each)).as_py() or 0 for each in texts)


@dataclass
class Shelf:
    """What belongs to some articles, by their id."""

    captures: dict[str, list[Row]] = field(default_factory=dict)
    revisions: dict[str, list[Row]] = field(default_factory=dict)
    links: dict[str, list[Row]] = field(default_factory=dict)
    corrections: dict[str, list[Row]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def views(release: Release, articles: Sequence[Row], *, texts: bool) -> list[View]:
    """The views of all articles of a release, in their order. Raises as `Release.table`.

    `texts` says whether they are shown; they are compared all the same.
    """
    shelf, effort = _shelf(release, articles, texts=texts), Effort()
    found = []
    for row in articles:
        own = row["article_id"]
        captures, revisions = shelf.captures.get(own, []), shelf.revisions.get(own, [])
        found.append(
            View(
                row,
                captures[:MOST_CAPTURES],
                len(captures),
                list(_edits(row, revisions, shelf, effort)) if len(revisions) > 1 else [],
                len(revisions),
                shelf.links.get(own, [])[:MOST_LINKS],
                shelf.texts.get(own, "").split("\n\n") if texts and own in shelf.texts else (),
                shelf.corrections.get(own, [])[:MOST_SOURCES],
            )
        )
    return found


def _shelf(release: Release, articles: Sequence[Row], *, texts: bool) -> Shelf:
    shelf = Shelf()
    ids = [row["article_id"] for row in articles]
    for row in release.select("captures", "article_id", ids):
        shelf.captures.setdefault(row["article_id"], []).append(row)
    for row in release.select("corrections", "article_id", ids):
        shelf.corrections.setdefault(row["article_id"], []).append(row)
    for end, other in (("from_id", "to_id"), ("to_id", "from_id")):
        for row in release.select("links", end, ids):
            shelf.links.setdefault(row[end], []).append({**row, "other": row[other]})
    edited = {row["article_id"] for row in articles if row["n_revisions"] > 1}
    for batch in release.batches("revisions"):
        held = batch.filter(pc.is_in(batch["article_id"], pa.array(sorted(edited), pa.string())))
        short = pc.less_equal(pc.binary_length(held["text"]), LONGEST)
        text = pc.if_else(short, held["text"], pa.scalar(None, pa.string()))
        place = held.schema.get_field_index("text")
        held = held.set_column(place, held.schema.field("text"), text)
        for row in to_rows(release.kind("revisions"), held):
            shelf.revisions.setdefault(row["article_id"], []).append(row)
    columns = ["article_id", "text"]
    for batch in release.batches("articles", columns) if texts or edited else ():
        sizes = pc.binary_length(batch["text"])
        kept = batch if texts else batch.filter(pc.less_equal(sizes, LONGEST))
        own, shown = (kept[name].to_pylist() for name in columns)
        pairs = zip(own, shown, strict=True)
        shelf.texts |= {each: text for each, text in pairs if text and (texts or each in edited)}
    return shelf


def _edits(article: Row, revisions: Sequence[Row], shelf: Shelf, effort: Effort) -> Iterable[Edit]:
    """Each revision with what it changed, in order."""
    before: Row | None = None
    for row in sorted(revisions, key=lambda each: each["revision"])[:MOST_REVISIONS]:
        if row["revision_id"] == article["revision_id"]:
            row = {**row, "text": shelf.texts.get(article["article_id"])}
        compared = all(_is_whole(each) for each in (before, row) if each)
        fields = dict(_changed(before, row, effort, text=compared)) if before else {}
        yield Edit(row, fields, compared)
        before = row


def _is_whole(revision: Row) -> bool:
    """Whether the text of a revision is shown, and not masked."""
    text = revision["text"]
    return (
        text is not None
        and len(text.encode()) <= LONGEST
        and sha256_hex(text.encode()) == revision["text_sha256"]
    )


def _changed(
    old: Row, new: Row, effort: Effort, *, text: bool
) -> Iterable[tuple[str, list[Passage]]]:
    states = {
        "title": ([old["title"] or ""], [new["title"] or ""]),
        "subtitle": ([old["subtitle"] or ""], [new["subtitle"] or ""]),
        "captions": (old["captions"], new["captions"]),
    }
    if text:
        states["text"] = (old["text"].split("\n\n"), new["text"].split("\n\n"))
    for name, (before, after) in states.items():
        yield name, changed_passages(before, after, effort)[:MOST_PASSAGES]
