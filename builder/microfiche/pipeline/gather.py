"""From scanned chunks to the sheets of a release: link the captures, collate the groups.

A capture without company keeps the rows it was given when scanned; only groups are read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.collation.identity import article_id
from microfiche.collation.linking import LINK, link
from microfiche.collation.rows import renumbered
from microfiche.engine import Engine
from microfiche.finding import Finding
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.origin import address_origin
from microfiche.pipeline.collating import (
    COLLATED,
    CollateTask,
    Gone,
    Published,
    Sheets,
    collate_groups,
)
from microfiche.pipeline.scan import Scanned
from microfiche.pipeline.takedowns import Takedowns
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import Sheet, SheetWriter, read_index, read_sheet

Row = dict[str, Any]
GROUPS_PER_TASK = 512


def gather(
    engine: Engine,
    archive: Archive,
    scanned: Sequence[Scanned],
    work: Path,
    takedowns: Takedowns,
    known: Published,
) -> tuple[Sheets, list[Gone], list[Finding]]:
    """(sheets by table with the rows that count, articles that are withdrawn, findings).

    `known` is what earlier releases published.
    """
    linked = [each for each in scanned if each.links]
    parts = [np.fromfile(each.links, LINK) for each in linked if each.links]
    links = np.concatenate(parts) if parts else np.empty(0, LINK)
    starts = np.cumsum([0, *map(len, parts)])
    named = (
        takedowns.ids
        | known.shared
        | {alias[end] for alias in archive.aliases for end in ("old_id", "new_id")}
    )
    alone, groups, shared = link(links, named, archive.aliases, takedowns.captures)
    sheets: Sheets = {name: [] for name in COLLATED}
    for number, each in enumerate(linked):
        mine = alone[(alone >= starts[number]) & (alone < starts[number + 1])]
        shown = links["article"][mine]
        shown = shown[shown >= 0]
        kept = {"captures": links["row"][mine], "articles": shown, "revisions": shown}
        for name in COLLATED:
            if name in each.sheets:
                sheets[name].append(each.sheets[name]._replace(kept=np.sort(kept[name])))
    rejected = [each.sheets["rejected"] for each in scanned if "rejected" in each.sheets]
    sheets["rejected"] = list(_own_ids(rejected, archive.only, work))
    gone: list[Gone] = []
    findings: list[Finding] = []
    tasks = list(_tasks(linked, links, starts, (groups, shared), archive, (takedowns, known), work))
    for result in engine.run("collating", collate_groups, tasks) if tasks else ():
        for name, sheet in result.sheets.items():
            sheets[name].append(sheet)
        gone += result.withdrawn
        findings += result.findings
    return sheets, gone, findings


def _own_ids(held: Sequence[Sheet], only: frozenset[str] | None, work: Path) -> Iterator[Sheet]:
    """Sheets of rejected rows, those whose id others have too with ids of their own.

    `only` are the ids that count, where not all do.
    """
    kind, index = table_types()["rejected"], read_index(held)
    _, rank, counts = np.unique(index.entry["key"], return_inverse=True, return_counts=True)
    repeated = counts[rank] > 1
    same: list[Row] = []
    for number, sheet in enumerate(held):
        mine = index.sheet == number
        rows = to_rows(kind, read_sheet(sheet._replace(kept=index.row[mine & repeated])))
        same += rows
        kept = index.row[mine & ~repeated]
        if only is not None:
            ids = read_sheet(sheet._replace(kept=kept), ["rejected_id"])["rejected_id"].to_pylist()
            kept = kept[[each in only for each in ids]]
        yield sheet._replace(kept=kept)
    writer = SheetWriter(kind, work / "rejected.arrow")
    for row in renumbered(same):
        if only is None or row["rejected_id"] in only:
            writer.add(row)
    if own := writer.close():
        yield own


def _tasks(
    linked: Sequence[Scanned],
    links: Any,
    starts: Any,
    grouped: tuple[Sequence[Any], frozenset[bytes]],
    archive: Archive,
    held: tuple[Takedowns, Published],
    work: Path,
) -> Iterator[CollateTask]:
    (groups, shared), (takedowns, known) = grouped, held
    for first in range(0, len(groups), GROUPS_PER_TASK):
        part = groups[first : first + GROUPS_PER_TASK]
        numbers = np.concatenate(part)
        chunk = np.searchsorted(starts, numbers, side="right") - 1
        yield CollateTask(
            number=first // GROUPS_PER_TASK,
            work=str(work),
            sheets={int(each): linked[int(each)].sheets for each in np.unique(chunk)},
            group=np.repeat(np.arange(len(part)), [len(group) for group in part]),
            chunk=chunk,
            capture=links["row"][numbers],
            article=links["article"][numbers],
            own=links["own"][numbers],
            aliases=tuple(archive.aliases),
            gone=takedowns.ids,
            taken=takedowns.captures,
            free=takedowns.free(),
            published=known,
            shared=shared,
        )


def without_leads(
    outlets: Outlets, sheets: Sheets, withdrawn: frozenset[str]
) -> tuple[Sheets, frozenset[str]]:
    """Sheets without captures whose address was found to lead to a withdrawn article.

    They name its address. The second value are `withdrawn` and the ids their own addresses give.
    """
    if not withdrawn:
        return sheets, withdrawn
    captures, hidden = [], set(withdrawn)
    for sheet in sheets["captures"]:
        table = read_sheet(sheet, ["url", "redirected_to", "outcome"])
        leads = np.zeros(len(table), bool)
        redirects = pc.and_(
            pc.is_valid(table["redirected_to"]), pc.not_equal(table["outcome"], "article")
        )
        for place in np.flatnonzero(redirects.to_numpy()):
            url, target = (table[name][int(place)].as_py() for name in ("url", "redirected_to"))
            if address_id(outlets, target) in withdrawn:
                leads[place] = True
                hidden |= {each for each in (address_id(outlets, url or ""),) if each}
        kept = np.arange(len(table)) if sheet.kept is None else np.asarray(sheet.kept)
        captures.append(sheet._replace(kept=kept[~leads]))
    return {**sheets, "captures": captures}, frozenset(hidden)


def address_id(outlets: Outlets, url: str) -> str | None:
    """Article id that an address alone gives; None if it is of no outlet."""
    origin = address_origin(outlets, url)
    return article_id(origin, None) if origin and origin.outlet else None
