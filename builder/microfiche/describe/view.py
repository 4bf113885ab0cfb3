"""A release, an article or two revisions as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive.corrections import told_by
from microfiche.describe import counted
from microfiche.describe.changes import changes_page
from microfiche.describe.facts import Facts
from microfiche.describe.tracing import Trace, traces
from microfiche.describe.wording import changed_passages, marked
from microfiche.errors import DataError, printable
from microfiche.fixity import sha256_hex
from microfiche.release import Release, Row
from microfiche.release.diff import Diff, diff, shared_bytes
from microfiche.release.rereading import stated_revision
from microfiche.release.subset import select

LIST_LENGTH = 20
TAKEN_OUT = "taken out: "  # of a rule, as traces have it


class View(NamedTuple):
    """What is shown: as data, and as text. Control characters from data are shown, not sent."""

    data: Any
    text: str
    markdown: str = ""


def release_view(release: Release, where: str | None = None, limit: int = LIST_LENGTH) -> View:
    """Summary of a release and its first articles, or the first for which an expression holds.

    `limit` is how many; 0 for all. Raises UsageError for an expression that is none.
    """
    manifest = dict(release.manifest)
    columns = ["article_id", "published", "title"]
    table = release.table("articles", columns)
    if where is not None:
        ids = pa.array(select(release, where).article_ids, pa.string())
        table = table.filter(pc.is_in(table["article_id"], ids))
    rows = table.slice(0, limit or None).to_pylist()
    if where is not None:
        lines = [counted(len(table), "article"), *map(_listed, rows), *_more(len(table), len(rows))]
        return View(rows, printable("\n".join(lines)))
    tables = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    lines = [
        f"{manifest['title']}, version {release.version} of {manifest['date']}{_marks(manifest)}",
        f"fingerprint {release.fingerprint}",
        ", ".join(f"{name} {count:,}" for name, count in tables.items() if count),
        "",
        *(_listed(row) for row in rows),
    ]
    lines += _more(len(table), len(rows))
    return View(manifest, printable("\n".join(lines)))


def _more(count: int, shown: int) -> list[str]:
    return [f"and {count - shown:,} more; --limit 0 lists all"] if count > shown else []


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
    corrections = release.select("corrections", "article_id", [article["article_id"]])
    data |= {"corrections": corrections} if corrections else {}
    traced = traces(release, article)
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
        ("other hosts", ", ".join(origin["mirror_domains"])),
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
        *(f"corrected {row['field']}{_was(row)} by {told_by(row)}" for row in corrections),
        *(f"revision {row['revision']}: {row['revision_id']} {_seen(row)}" for row in revisions),
        *(
            line
            for row in captures
            for line in (f"capture {row['capture_id']}: {row['outcome']} {_where(row)}", _held(row))
        ),
        *(["where values were read:"] if traced else []),
        *(_traced(each) for each in traced),
    ]
    data["traces"] = [each._asdict() for each in traced]
    return View(data, printable("\n".join(lines)))


def _joined(*parts: str | None) -> str:
    return ", ".join(filter(None, parts))


def _seen(row: Row) -> str:
    changed = f", changed {', '.join(row['changed'])}" if row["changed"] else ""
    when = row["first_retrieved_on"] or row["first_retrieved_at"] or "at an unknown time"
    order = ", its order not known" if row["order_known"] is False else ""
    return f"first retrieved {when}{changed}{order}"


def _judge(row: Row) -> str:
    """Who judged, and where that stands, as far as it is stated."""
    told = _joined(row["by"] and f"by {row['by']}", row["source"], row["date"])
    return f" ({told})" if told else ""


def _was(row: Row) -> str:
    """What was read before a correction, where that is shown, and of which capture."""
    whose = f" of capture {row['capture_id']}" if row["capture_id"] else ""
    return f"{whose}, read as {row['before']}," if row["before"] else f"{whose},"


def _held(row: Row) -> str:
    """Where the archive has a capture, and which bytes."""
    place = "" if row["source_offset"] is None else f", byte {row['source_offset']}"
    file = f"{row['source_file']}{place}, " if row["source_file"] else ""
    method = f", {row['method']}" if row["method"] else ""
    return f"  {file}sha256 {row['sha256'] or 'not known'}{method}"


def _traced(each: Trace) -> str:
    """A value's field, what it was read in and by which rule, and the line that states the rule."""
    stated = f" ({each.stated_in})" if each.stated_in else ""
    if each.rule.startswith(TAKEN_OUT):
        return f"{each.rule}{stated}"
    return f"read {each.field}: {each.source}, {each.rule}{stated}"


def _where(row: Row) -> str:
    return f"{row['url'] or 'no address'} {_when(row)}"


def revision_diff(release: Release, article_id: str, first: str, second: str) -> View:
    """What changed from one revision of an article to another, word by word."""
    article = release.article(article_id)
    one, other = (stated_revision(release, article, wanted) for wanted in (first, second))
    for row in (one, other):
        if row["text"] is None or sha256_hex(row["text"].encode()) != row["text_sha256"]:
            raise DataError(
                f"article {article_id}: {release.root} withholds the text of revision "
                f"{row['revision']}",
                "rehydrate the release, or take the full one",
            )
    changed = {
        name: changed_passages(_paragraphs(one, name), _paragraphs(other, name))
        for name in ("title", "subtitle", "captions", "text")
    }
    lines = [
        f"from revision {one['revision']}: {one['revision_id']} {_seen(one)}",
        f"to revision {other['revision']}: {other['revision_id']} {_seen(other)}",
        *(
            line
            for name, passages in changed.items()
            for passage in passages
            for line in ("", f"{name}: {marked(passage)}")
        ),
    ]
    if not any(changed.values()):
        lines.append("no difference")
    passages = {
        name: [[run._asdict() for run in each] for each in held] for name, held in changed.items()
    }
    return View({"from": one, "to": other, "diff": passages}, printable("\n".join(lines)))


def _paragraphs(row: Row, name: str) -> list[str]:
    if name == "captions":
        return list(row[name])
    return (row[name] or "").split("\n\n")


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


def _when(row: Row) -> str:
    return row["retrieved_at"] or row["retrieved_on"] or "at an unknown time"


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
