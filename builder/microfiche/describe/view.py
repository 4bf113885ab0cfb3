"""A release, an article or two revisions as a person reads them in a terminal."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, NamedTuple

from microfiche.describe.changes import changes_page
from microfiche.describe.facts import Facts
from microfiche.errors import DataError, printable
from microfiche.fixity import sha256_hex
from microfiche.release import Release, Row
from microfiche.release.diff import Diff, diff, shared_bytes
from microfiche.release.rereading import stated_revision

LIST_LENGTH = 20


class View(NamedTuple):
    """What is shown: as data, and as text. Control characters from data are shown, not sent."""

    data: Any
    text: str
    markdown: str = ""


def release_view(release: Release) -> View:
    """Summary of a release and its first articles."""
    manifest = dict(release.manifest)
    columns = ["article_id", "published", "title"]
    rows = release.table("articles", columns).slice(0, LIST_LENGTH).to_pylist()
    tables = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    lines = [
        f"{manifest['title']}, version {release.version} of {manifest['date']}{_marks(manifest)}",
        f"fingerprint {release.fingerprint}",
        ", ".join(f"{name} {count:,}" for name, count in tables.items() if count),
        "",
        *(_listed(row) for row in rows),
    ]
    if tables.get("articles", 0) > LIST_LENGTH:
        lines.append(f"and {tables['articles'] - LIST_LENGTH:,} more articles")
    return View(manifest, printable("\n".join(lines)))


def _marks(manifest: Mapping[str, Any]) -> str:
    """What a release is beside whole: public, a draft, restricted."""
    marks = [mark for mark in ("draft", "restricted") if manifest[mark]]
    if manifest["access"] == "public":
        marks.insert(0, "public")
    return f" ({', '.join(marks)})" if marks else ""


def _listed(row: Row) -> str:
    title, published = row["title"] or "[no headline]", row["published"] or "undated"
    return f"{row['article_id']}  {published}  {title}"


def article_view(release: Release, article_id: str) -> View:
    """One article with where it comes from, its captures and revisions."""
    article = release.article(article_id)
    captures = release.select("captures", "article_id", [article["article_id"]])
    revisions = release.revisions(article["article_id"])
    annotations = release.select("annotations", "article_id", [article["article_id"]])
    data = {"article": article, "captures": captures, "revisions": revisions}
    data |= {"annotations": annotations} if annotations else {}
    origin = article["provenance"]
    facts = [
        ("id", article["article_id"]),
        ("also known as", ", ".join(article["aliases"])),
        ("outlet", f"{article['outlet_name']} ({article['outlet_id']})"),
        ("published", _joined(article["published"], article["published_at"]) or "not stated"),
        ("modified", article["modified_at"]),
        ("by", ", ".join(article["byline"])),
        ("dateline", article["dateline"]),
        ("language", article["language"]),
        ("section", " / ".join(article["section_path"])),
        ("keywords", ", ".join(article["keywords"])),
        ("url", article["url"]),
        ("rights", article["rights_statement"]),
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
        *(f"caption: {caption}" for caption in article["captions"]),
        *(f"annotation {row['name']}: {row['value']}{_judge(row)}" for row in annotations),
        *(f"revision {row['revision']}: {row['revision_id']} {_seen(row)}" for row in revisions),
        *(f"capture {row['capture_id']}: {row['outcome']} {_where(row)}" for row in captures),
    ]
    return View(data, printable("\n".join(lines)))


def _joined(*parts: str | None) -> str:
    return ", ".join(filter(None, parts))


def _seen(row: Row) -> str:
    changed = f", changed {', '.join(row['changed'])}" if row["changed"] else ""
    return f"first retrieved {row['first_retrieved_at'] or 'at an unknown time'}{changed}"


def _judge(row: Row) -> str:
    """Who judged, and where that stands, as far as it is stated."""
    told = _joined(row["by"] and f"by {row['by']}", row["source"], row["date"])
    return f" ({told})" if told else ""


def _where(row: Row) -> str:
    return f"{row['url'] or 'no address'} {row['retrieved_at'] or 'at an unknown time'}"


def revision_diff(release: Release, article_id: str, first: str, second: str) -> View:
    """What changed from one revision of an article to another, as a unified diff."""
    article = release.article(article_id)
    one, other = (stated_revision(release, article, wanted) for wanted in (first, second))
    for row in (one, other):
        if row["text"] is None or sha256_hex(row["text"].encode()) != row["text_sha256"]:
            raise DataError(
                f"article {article_id}: {release.root} withholds the text of revision "
                f"{row['revision']}",
                "rehydrate the release, or take the full one",
            )
    lines = list(difflib.unified_diff(_lines(one), _lines(other), first, second, lineterm="", n=1))
    return View({"from": one, "to": other, "diff": lines}, printable("\n".join(lines)))


def _lines(row: Row) -> list[str]:
    parts = [row["title"], row["subtitle"], *row["captions"], *(row["text"] or "").split("\n\n")]
    return [part for part in parts if part]


def diff_view(old: Release, new: Release) -> View:
    """What differs from one release to another, and the version that follows from it."""
    found = diff(old, new)
    same = old.fingerprint == new.fingerprint
    version, reasons = found.version_after(old.version)
    shared = shared_bytes(old, new)
    data = {
        "old": _named(old),
        "new": _named(new),
        "equal_records": same,
        "version_after_old": version,
        "reasons": reasons,
        "bytes": shared._asdict(),
        "tables": {name: counts._asdict() for name, counts in found.tables.items()},
        "changes": [
            {name: value for name, value in row.items() if name != "record_sha256"}
            for row in found.changes
        ],
    }
    lines = [
        f"{old.name} {old.version} ({old.access}) to {new.name} {new.version} ({new.access})",
        *([] if old.name == new.name else ["these are two datasets, not two releases of one"]),
        "equal records" if same else f"a release after {old.version} would be {version}:",
        *([] if same else (f"  {reason}" for reason in reasons)),
        *(
            f"{name}: {counts.added:,} added, {counts.changed:,} changed, {counts.gone:,} gone"
            for name, counts in found.tables.items()
        ),
        *(
            " ".join(filter(None, (row["change"], row["article_id"], _why(row))))
            for row in found.changes
        ),
        f"Parquet: {shared.shared:,} of {shared.new:,} bytes are whole files of {old.version}",
    ]
    return View(data, printable("\n".join(lines)), _changes_markdown(old, new, found, reasons))


def _named(release: Release) -> dict[str, str]:
    names = ("name", "version", "access", "fingerprint")
    return {name: str(release.manifest[name]) for name in names}


def _why(row: Row) -> str:
    into = f"into {row['new_id']}, " if row["new_id"] else ""
    fields = f": {', '.join(row['fields'])}" if row["fields"] else ""
    return f"({into}{row['cause']}{fields})"


def _changes_markdown(old: Release, new: Release, found: Diff, reasons: list[str]) -> str:
    """The page CHANGES.md as a release that follows `old` would have it."""
    facts = Facts()
    facts.add_changes(found.changes, new)
    before = {
        "version": old.version,
        "fingerprint": old.fingerprint,
        "release_sha256": old.sha256,
    }
    return changes_page({**new.manifest, "previous": before, "version_reasons": reasons}, facts)
