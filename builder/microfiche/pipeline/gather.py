"""From scanned chunks to the sheets of a release: link the captures, collate the groups.

A capture without company keeps the rows it was given when scanned; only groups are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from microfiche.pipeline.buckets import Bucket, Rows, Stated, buckets
from microfiche.pipeline.cache import Cache, digest_of
from microfiche.pipeline.collating import (
    COLLATED,
    CollateTask,
    Gathered,
    Gone,
    Published,
    Sheets,
    collate_groups,
    read_gathered,
)
from microfiche.pipeline.recalling import recall
from microfiche.pipeline.repeats import repeat_findings
from microfiche.pipeline.scan import Scanned
from microfiche.pipeline.takedowns import Takedowns
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import Sheet, SheetWriter, read_index, read_sheet

Row = dict[str, Any]


def gather(
    engine: Engine,
    archive: Archive,
    scanned: Sequence[Scanned],
    work: Path,
    takedowns: Takedowns,
    known: Published,
    cache: Cache | None = None,
) -> tuple[Sheets, list[Gone], list[Finding]]:
    """(sheets by table with the rows that count, articles that are withdrawn, findings).

    `known` is what earlier releases published.
    """
    linked = [each for each in scanned if each.links]
    links, starts = _all_links(each.links for each in linked if each.links)
    named = (
        takedowns.ids
        | known.shared
        | {alias[end] for alias in archive.aliases for end in ("old_id", "new_id")}
    )
    alone, groups, shared, repeated = link(links, named, archive.aliases, takedowns.captures)
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
    findings = list(repeat_findings(linked, starts, links, repeated))
    chunk = np.repeat(np.arange(len(linked)), np.diff(starts))
    joined = buckets(links, groups, chunk, [each.name for each in linked])
    read_as = {
        capture_id: row["revision_id"]
        for part in scanned
        for capture_id, row in part.read.items()
        if row
    }
    stated = Stated(archive.aliases, takedowns, known, shared, read_as)
    tasks = [
        _task(work / f"bucket-{each.number:06}", each, (linked, links, chunk), archive.aliases,
              (takedowns, known, read_as), shared)
        for each in joined
    ]  # fmt: skip
    keys = dict[Path, str]()
    if cache and joined:
        rows = Rows(linked)
        keys = {
            task.folder: digest_of(
                cache.reader, rows.digest(links, task.chunk, each), stated.on(links, each)
            )
            for each, task in zip(joined, tasks, strict=True)
        }
    for result in _collated(engine, cache, tasks, keys):
        for name, sheet in result.sheets.items():
            sheets[name].append(sheet)
        gone += result.withdrawn
        findings += result.findings
    return sheets, gone, findings


def _all_links(files: Iterable[str]) -> tuple[Any, Any]:
    """(the links of all chunks, where those of each begin)."""
    parts = [np.empty(0, LINK), *(np.fromfile(each, LINK) for each in files)]
    return np.concatenate(parts), np.cumsum([len(part) for part in parts])


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


def _task(
    folder: Path,
    bucket: Bucket,
    held: tuple[Sequence[Scanned], Any, Any],
    aliases: Sequence[Mapping[str, str]],
    stated: tuple[Takedowns, Published, Mapping[str, str]],
    shared: frozenset[bytes],
) -> CollateTask:
    """The task of a bucket, given the chunks, the links of all captures and the chunk of each."""
    (linked, links, chunk), (takedowns, known, read_as) = held, stated
    mine = chunk[bucket.links]
    return CollateTask(
        folder=folder,
        sheets={int(number): linked[int(number)].sheets for number in np.unique(mine)},
        group=np.repeat(np.arange(len(bucket.lengths)), bucket.lengths),
        chunk=mine,
        capture=links["row"][bucket.links],
        article=links["article"][bucket.links],
        own=links["own"][bucket.links],
        aliases=tuple(aliases),
        gone=takedowns.ids,
        taken=takedowns.captures,
        free=takedowns.free(),
        published=known,
        shared=shared,
        read_as=read_as,
    )


def _collated(
    engine: Engine, cache: Cache | None, tasks: Sequence[CollateTask], keys: Mapping[Path, str]
) -> Iterator[Gathered]:
    """What each task gives, in order; taken from the cache where it is known."""

    def run(some: Sequence[CollateTask]) -> Iterator[Gathered]:
        return engine.run("collating", collate_groups, some)

    if cache is None or not tasks:
        return run(tasks) if tasks else iter(())

    def keep(task: CollateTask, done: Gathered) -> Path | None:
        return cache.keep(keys[task.folder], task.folder) if done.pure else None

    places = cache.whole(engine, [cache.find(keys[task.folder]) for task in tasks])
    return recall(run, tasks, places, lambda place, _: read_gathered(place), keep)


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
