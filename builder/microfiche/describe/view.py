"""A release, an article or two revisions as a person reads them in a terminal."""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

from microfiche.errors import DataError, printable
from microfiche.release import Release, Row

LIST_LENGTH = 20


class View(NamedTuple):
    """What is shown: as data, and as text. Control characters from data are shown, not sent."""

    data: Any
    text: str


def release_view(release: Release) -> View:
    """Summary of a release and its first articles."""
    manifest = dict(release.manifest)
    columns = ["article_id", "published", "title"]
    rows = release.table("articles", columns).slice(0, LIST_LENGTH).to_pylist()
    tables = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    lines = [
        f"{manifest['title']}, version {release.version} of {manifest['date']}",
        f"fingerprint {release.fingerprint}",
        ", ".join(f"{name} {count:,}" for name, count in tables.items() if count),
        "",
        *(f"{row['article_id']}  {row['published'] or 'undated'}  {row['title']}" for row in rows),
    ]
    if tables.get("articles", 0) > LIST_LENGTH:
        lines.append(f"and {tables['articles'] - LIST_LENGTH:,} more articles")
    return View(manifest, printable("\n".join(lines)))


def article_view(release: Release, article_id: str) -> View:
    """One article with where it comes from, its captures and revisions."""
    article = release.article(article_id)
    captures = release.select("captures", "article_id", [article["article_id"]])
    revisions = release.revisions(article["article_id"])
    data = {"article": article, "captures": captures, "revisions": revisions}
    origin = article["provenance"]
    facts = [
        ("id", article["article_id"]),
        ("also known as", ", ".join(article["aliases"])),
        ("outlet", f"{article['outlet_name']} ({article['outlet_id']})"),
        ("published", article["published"] or "not stated"),
        ("by", ", ".join(article["byline"])),
        ("section", " / ".join(article["section_path"])),
        ("url", article["url"]),
        ("captured from", ", ".join(origin["captured_from"])),
        ("mirrors", ", ".join(origin["mirror_domains"])),
        ("notes", "; ".join(origin["retrieval_notes"])),
    ]
    lines = [
        article["title"] or "[no headline]",
        *([article["subtitle"]] if article["subtitle"] else []),
        "",
        *(f"{name + ':':15}{value}" for name, value in facts if value),
        "",
        article["text"] or "[text withheld]",
        "",
        *(f"revision {row['revision']}: {row['revision_id']} {_seen(row)}" for row in revisions),
        *(f"capture {row['capture_id']}: {row['outcome']} {_where(row)}" for row in captures),
    ]
    return View(data, printable("\n".join(lines)))


def _seen(row: Row) -> str:
    changed = f", changed {', '.join(row['changed'])}" if row["changed"] else ""
    return f"first retrieved {row['first_retrieved_at'] or 'at an unknown time'}{changed}"


def _where(row: Row) -> str:
    return f"{row['url'] or 'no address'} {row['retrieved_at'] or 'at an unknown time'}"


def revision_diff(release: Release, article_id: str, first: str, second: str) -> View:
    """What changed from one revision of an article to another, as a unified diff."""
    rows = {row["revision_id"]: row for row in release.revisions(article_id)}
    rows |= {str(row["revision"]): row for row in rows.values()}
    for wanted in (first, second):
        if wanted not in rows:
            known = ", ".join(row["revision_id"] for row in release.revisions(article_id))
            raise DataError(f"article {article_id} has no revision {wanted}", f"it has {known}")
    lines = list(
        difflib.unified_diff(
            _lines(rows[first]), _lines(rows[second]), first, second, lineterm="", n=1
        )
    )
    return View(
        {"from": rows[first], "to": rows[second], "diff": lines}, printable("\n".join(lines))
    )


def _lines(row: Row) -> list[str]:
    parts = [row["title"], row["subtitle"], *row["captions"], *(row["text"] or "").split("\n\n")]
    return [part for part in parts if part]
