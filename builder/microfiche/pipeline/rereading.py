"""What a newer reader makes of what is published: articles that are none, and whether to go on.

A citation is of a reading, so no reading changes because the builder is newer, unless asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.archive.withdrawals import NOT_AN_ARTICLE
from microfiche.errors import DataError
from microfiche.finding import Finding
from microfiche.pipeline.held import Held, article_ids
from microfiche.pipeline.withdrawing import Taken
from microfiche.release import Release
from microfiche.release.diff import Diff
from microfiche.release.sharing import unshared
from microfiche.tables.sheets import read_sheet

Row = dict[str, Any]
EXAMPLES = 3
READER = ("builder", "extraction", "max_capture_bytes")  # what decides, beside the archive
TOLD = ("outlet_id", "title", "url", "text_sha256")


def no_articles(archive: Archive, taken: Taken, earlier: Sequence[Release]) -> list[Row]:
    """Tombstones of what was published as an article and is none by today's reading.

    Of articles of the `earlier` releases, each as the first of these has it, whose captures are
    all held and give no article; and those that the release has which is rebuilt. An article that
    is withdrawn needs none.
    """
    ids = article_ids(taken.sheets["articles"], taken.takedowns.ids)
    ended = {
        row["article_id"]: dict(row)
        for row in archive.tombstones
        if row["reason"] == NOT_AN_ARTICLE
    }
    there = ids.among(ended)
    found = {each: row for each, row in ended.items() if each not in there}
    known = set(found)
    barren: set[str] | None = None
    for release, apart in unshared(earlier):
        rows = apart.rows("withdrawn")
        known |= ids.among(row["article_id"] for row in rows)
        for row in rows:
            if row["article_id"] not in known and row["reason"] == NOT_AN_ARTICLE:
                found[row["article_id"]] = row
            known.add(row["article_id"])
        gone = _gone(apart, known, ids)
        if gone:
            barren = _barren(taken) if barren is None else barren
            for row in _ended(release, gone, barren):
                found |= {each["article_id"]: each for each in _tombstones(row)}
            known |= gone
    return [found[each] for each in sorted(found)]


def _gone(release: Release, known: set[str], ids: Held) -> set[str]:
    """Ids of a release's articles of which neither the id nor an alias is known, or of `ids`."""
    table = release.table("articles", ["article_id", "aliases"])
    rows = table.filter(pc.invert(ids.mask(table["article_id"]))).to_pylist()
    named = {row["article_id"]: {row["article_id"], *row["aliases"]} for row in rows}
    there = known | ids.among(each for names in named.values() for each in names)
    return {each for each, names in named.items() if there.isdisjoint(names)}


def _barren(taken: Taken) -> set[str]:
    """Ids of captures that give no article, and digests of the bytes of rejected ones."""
    found: set[str] = set()
    for sheet in taken.sheets["captures"]:
        table = read_sheet(sheet, ["capture_id", "article_id"])
        found.update(table.filter(pc.is_null(table["article_id"]))["capture_id"].to_pylist())
    for sheet in taken.sheets["rejected"]:
        found.update(filter(None, read_sheet(sheet, ["sha256"])["sha256"].to_pylist()))
    return found


def _ended(release: Release, gone: set[str], barren: set[str]) -> Iterator[Row]:
    """The articles of a release, among some, all of whose captures give none now."""
    ids = sorted(gone)
    table = release.table("captures", ["article_id", "capture_id", "sha256"])
    held: dict[str, bool] = {}
    for row in table.filter(pc.is_in(table["article_id"], pa.array(ids))).to_pylist():
        of, there = row["article_id"], not barren.isdisjoint((row["capture_id"], row["sha256"]))
        held[of] = held.get(of, True) and there
    yield from release.select("articles", "article_id", [each for each in ids if held.get(each)])


def _tombstones(article: Mapping[str, Any]) -> Iterator[Row]:
    """The row of an article and of each of its other ids."""
    for each in (article["article_id"], *article["aliases"]):
        yield {
            "article_id": each,
            "reason": NOT_AN_ARTICLE,
            **dict.fromkeys(("date", "authority", "note")),
            "withdrawn_with": article["article_id"] if each != article["article_id"] else None,
            **{name: article[name] for name in TOLD},
        }


def no_article_findings(rows: Iterable[Row], previous: Release | None) -> Iterator[Finding]:
    """MF609 for each article of the release before that is none by today's reading."""
    if previous is None:
        return
    held = set(previous.table("articles", ["article_id"])["article_id"].to_pylist())
    for row in rows:
        if row["article_id"] in held:
            message = f"{row['article_id']}, published in version {previous.version}"
            yield Finding("raw/captures", "", "MF609", message)


def refuse_rereading(previous: Release, manifest: Mapping[str, Any], found: Diff) -> None:
    """Raise DataError if another reader reads something otherwise than the release before.

    Also if, by whatever reader, something published is no article any more.
    """
    changes = {row["article_id"]: row for row in found.changes if row["change"] != "reread"}
    ended = {
        each
        for each, row in changes.items()
        if row["change"] == "withdrawn" and row["cause"] != "withdrawal"
    }
    same = all(previous.manifest[name] == manifest[name] for name in READER)
    asked = sorted(ended if same else ended | found.reread)
    if not asked:
        return
    pairs = [row for row in found.changes if row["change"] == "reread"]
    unlike = [f"{n} was {previous.manifest[n]}, is {manifest[n]}" for n in READER[1:]
              if previous.manifest[n] != manifest[n]]  # fmt: skip
    who = previous.manifest["builder"]
    told = f"{who} read {len(asked):,} of the articles of version {previous.version} otherwise"
    told += f" ({'; '.join(unlike)})" if unlike else ""
    told += f"; {len(ended):,} are none any more, and {len(pairs):,} revisions have another id"
    lines = "".join(f"\n  {each}: {_told(changes[each])}" for each in asked[:EXAMPLES])
    raise DataError(
        f"nothing was built: {told}{lines}",
        "look at some with `microfiche read`; to publish what is read now, add --reread: citations "
        "of the old revisions keep resolving",
    )


def _told(row: Mapping[str, Any]) -> str:
    if row["change"] == "withdrawn":
        return "no article any more"
    return f"{row['change']}{': ' if row['fields'] else ''}{', '.join(row['fields'])}"
