"""The ids that articles keep whose captures were replaced: those they were published under."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.archive.replacements import successors
from microfiche.pipeline.collating import Published, Sheets
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import Sheet, SheetWriter, read_sheet


def with_former_ids(
    archive: Archive, sheets: Sheets, known: Published, withdrawn: frozenset[str], work: Path
) -> Sheets:
    """Sheets whose articles have as aliases too what their captures were published under.

    Of captures that others stand for by raw/replaced.jsonl. An id that another article has, or that
    is `withdrawn`, is left to that; `known` is what was published.
    """
    former = _former(archive, sheets["captures"], known)
    if not former:
        return sheets
    taken = {*_ids(sheets["articles"]), *withdrawn}
    wanted = {own: sorted(ids - taken) for own, ids in former.items() if ids - taken}
    kind, kept = table_types()["articles"], list[Sheet]()
    writer = SheetWriter(kind, work / "former-ids.arrow")
    for sheet in sheets["articles"]:
        own = read_sheet(sheet, ["article_id"])["article_id"]
        out = pc.is_in(own, pa.array(wanted, pa.string())).to_numpy()
        kept.append(sheet.without(out) if out.any() else sheet)
        for row in to_rows(kind, read_sheet(sheet.without(~out))) if out.any() else ():
            aliases = {*row["aliases"], *wanted[row["article_id"]]}
            writer.add({**row, "aliases": sorted(aliases)})
    if written := writer.close():
        kept.append(written)
    return {**sheets, "articles": kept}


def _former(archive: Archive, captures: Sequence[Sheet], known: Published) -> dict[str, set[str]]:
    """The published ids of captures that others stand for, by the article that these show."""
    stated = {line["old"]: line["old_id"] for line in archive.replaced if "old_id" in line}
    if not stated:
        return {}
    following = successors(archive.replaced)
    news = {following[old] for old in stated if following.get(old)}
    ids, owners = pa.array(sorted(filter(None, news)), pa.string()), dict[str | None, str]()
    for sheet in captures:
        table = read_sheet(sheet, ["capture_id", "article_id"])
        held = pc.and_(pc.is_in(table["capture_id"], ids), pc.is_valid(table["article_id"]))
        owners |= {row["capture_id"]: row["article_id"] for row in table.filter(held).to_pylist()}
    found: dict[str, set[str]] = {}
    for old, old_id in stated.items():
        if own := owners.get(following.get(old)):
            found.setdefault(own, set()).update({old_id}, known.ids(old_id), known.ids(own))
    return found


def _ids(articles: Iterable[Sheet]) -> Iterable[str]:
    """Every id that an article has."""
    for sheet in articles:
        table = read_sheet(sheet, ["article_id", "aliases"])
        yield from table["article_id"].to_pylist()
        yield from table["aliases"].combine_chunks().flatten().to_pylist()
