"""Putting the texts of a public release back, for somebody who holds its captures.

Each text is proved by the digest that the public release has of it; what cannot be proved stays
withheld.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from microfiche.archive import Archive
from microfiche.archive.files import DATASET
from microfiche.archive.opening import open_archive, read_withdrawals
from microfiche.collation.copies import copies, shingled
from microfiche.describe.facts import measure
from microfiche.describe.pages import describe_release
from microfiche.describe.source import release_source
from microfiche.engine import Engine, InProcess
from microfiche.errors import CannotRun, DataError
from microfiche.fixity import list_digest, sha256_hex
from microfiche.pipeline import Rehydrated
from microfiche.pipeline.manifest import table_entries
from microfiche.pipeline.rebuilding import other_reader, rebuilt
from microfiche.pipeline.takedowns import Takedowns, read_takedowns
from microfiche.pipeline.validation import releases_at_hand
from microfiche.pipeline.writing import restriction, small_sheet, write_pages, write_tables
from microfiche.release import Release
from microfiche.release.opening import check_manifest, open_release
from microfiche.release.placing import put_in_place, staging
from microfiche.report.page import report_page

Row = dict[str, Any]


def rehydrate(release: Release, archive: Path, out: Path) -> Rehydrated[Release]:
    """Put withheld and masked texts back from captures, each proved by its digest.

    The result is a release in `out`/<name>-rehydrated/<version>/ with the same fingerprint. It
    has access full, says which release it was made from, and is no part of a chain. Raises
    MicroficheError.
    """
    if release.manifest["rehydrated"]:
        raise DataError(
            f"{release.root}: it was rehydrated before",
            "give the public release it came from, and an archive with every capture",
        )
    if release.access != "public":
        raise DataError(f"{release.root}: this release is full already", "give a public one")
    takedowns = _withdrawn_since(release, archive)
    with rebuilt(release, archive, "full", chained=False) as full:
        rows = [*full.rows("articles"), *full.rows("revisions")]
        right = {_correction(row): row for row in full.rows("corrections")}
    gone = takedowns.ids | _alike(rows, takedowns)
    kept = [row for row in rows if row["article_id"] not in gone]
    texts = {row["article_id"]: row for row in kept if "provenance" in row}
    states = {(row["article_id"], row["revision_id"]): row for row in kept if "cause" in row}
    tables = {entry["name"]: release.rows(entry["name"]) for entry in release.manifest["tables"]}
    put_back, withheld = 0, []
    for row in tables["articles"]:
        if row["text_access"] == "full":
            _put_back(row, texts.get(row["article_id"]))
        elif _put_back(row, texts.get(row["article_id"])):
            row["text_access"] = "full"
            put_back += 1
        else:
            withheld.append(row["article_id"])
    current = {row["revision_id"] for row in tables["articles"]}  # their texts stand in articles
    for row in tables["revisions"]:
        there = _put_back(row, states.get((row["article_id"], row["revision_id"])))
        if not there and row["text"] is None and row["revision_id"] not in current:
            withheld.append(f"{row['article_id']}, revision {row['revision']}")
    for row in tables.get("corrections", ()):
        if row["article_id"] not in gone and (known := right.get(_correction(row))):
            row |= {name: known[name] for name in ("content", "before")}
    if not put_back and withheld and (unlike := other_reader(release)):
        raise DataError(f"{archive}: cannot tell whether it has the texts", unlike)
    if not put_back and withheld:
        raise DataError(
            f"{archive}: its captures give none of the {len(withheld)} texts of {release.root}",
            "give the archive that the release was built from",
        )
    n_withheld = sum(row["text_access"] != "full" for row in tables["articles"])
    return Rehydrated(_write(release, tables, out, n_withheld), put_back, tuple(withheld))


def _withdrawn_since(release: Release, archive: Path) -> Takedowns:
    """What the archive has withdrawn, by its lines and by its releases, as this release knows it.

    Raises DataError if the release has an article that is withdrawn for privacy or safety: no new
    copy of it is made.
    """
    held = open_archive(archive) if (archive / DATASET).is_file() else _bare(archive)
    takedowns = read_takedowns(held, [release, *releases_at_hand(held)])
    private = takedowns.private()
    for article_id in release.table("articles", ["article_id"])["article_id"].to_pylist():
        if article_id in private:
            raise DataError(
                f"{release.root}: it holds {article_id}, which is withdrawn for "
                f"{takedowns.reason(article_id)}",
                "rehydrate a later release, from which it is gone",
            )
    return takedowns


def _bare(folder: Path) -> Archive:
    """A folder that holds captures, and perhaps withdrawals, but no dataset of its own."""
    return Archive(folder, {}, (), withdrawals=read_withdrawals(folder))


def _alike(rows: Sequence[Row], takedowns: Takedowns) -> set[str]:
    """Articles with a text that is a copy of one that is withdrawn."""
    told = [row for row in rows if row["text"]]
    gone = [row for row in told if row["article_id"] in takedowns.roots]
    if not gone:
        return set()
    left, right = (shingled([row["text"] for row in side]) for side in (gone, told))
    return {
        article_id
        for place, number, _ in copies(left, right)
        for article_id in (told[number]["article_id"],)
        if not takedowns.is_free([article_id], takedowns.roots[gone[place]["article_id"]])
    }


def _correction(row: Row) -> tuple[str | None, ...]:
    """What a correction is of and comes to, by which its withheld values are known again."""
    names = ("article_id", "capture_id", "field", "content_sha256", "before_sha256")
    return tuple(row[name] for name in names)


def _put_back(row: Row, full: Row | None) -> bool:
    """Fill a row from the same one rebuilt, as far as digests prove it; whether its text is."""
    if full is None:
        return False
    if list_digest(full["captions"]) == row["captions_sha256"]:
        row["captions"] = full["captions"]
    if "provenance" in row:
        lines = full["provenance"]["removed_lines"]
        if list_digest(lines) == row["provenance"]["removed_lines_sha256"]:
            row["provenance"]["removed_lines"] = lines
    text = full["text"]
    if text is None or sha256_hex(text.encode()) != row["text_sha256"]:
        return False
    row["text"] = text
    return True


def _write(
    release: Release, tables: Mapping[str, Sequence[Row]], out: Path, n_withheld: int
) -> Release:
    """Write rows as a full release that is otherwise the one given."""
    origin = {"release_sha256": release.sha256, "n_withheld": n_withheld}
    place = out / f"{release.name}-rehydrated" / release.version
    if place.exists():
        raise CannotRun(f"{place} exists", "choose another --out")
    source = release_source(release)
    with staging(out) as folder:
        target, work = folder / "release", folder / "work"
        target.mkdir()
        work.mkdir()
        write_pages(source.schemas, target)  # by which its tables are read
        manifest = {
            **_write_rows(tables, release, work, target),
            "access": "full",
            "rehydrated": origin,
            "previous": None,
        }
        facts = measure(Release(target, manifest))
        manifest |= restriction(facts)
        report = report_page(Release(target, manifest), source, facts)
        write_pages(describe_release(source, manifest, facts, report), target)
        check_manifest(manifest, target)
        put_in_place(target, place)
    return open_release(place)


def _write_rows(
    tables: Mapping[str, Sequence[Row]], release: Release, work: Path, target: Path
) -> dict[str, Any]:
    """Write the tables that a release lists; its manifest with their roots and files."""
    kinds = {entry["name"]: release.kind(entry["name"]) for entry in release.manifest["tables"]}
    sheets = {name: small_sheet(work, kind, tables[name]) for name, kind in kinds.items()}
    engine = Engine(InProcess, 1)
    listed = {**release.manifest, "tables": table_entries(engine, sheets)}
    return write_tables(engine, listed, sheets, target, kinds=kinds)
