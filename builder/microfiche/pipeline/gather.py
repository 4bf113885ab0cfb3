"""From scanned chunks to the sheets of a release: link the captures, collate the groups.

A capture without company keeps the rows it was given when scanned; only groups are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc

from microfiche.archive import PRIVATE_REASONS, Archive
from microfiche.collation.identity import article_id, id_digest
from microfiche.collation.linking import LINK, link
from microfiche.collation.merging import Collated, collate, unshared
from microfiche.collation.revisions import Single
from microfiche.collation.rows import renumbered
from microfiche.engine import Engine
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.origin import address_origin
from microfiche.pipeline.scan import Scanned
from microfiche.release import Release
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import Sheet, SheetWriter, read_index, read_sheet

Row = dict[str, Any]
Sheets = dict[str, list[Sheet]]
COLLATED = ("articles", "captures", "revisions")
GROUPS_PER_TASK = 512


class CollateTask(NamedTuple):
    """Some groups to collate.

    The arrays run over their captures: the group each is in, its chunk, its row in the chunk's
    captures sheet and in its articles sheet (-1: none). `withdrawn` runs over the groups: whether
    one of the ids `gone` is of the group. `shared` are digests of addresses' ids that are aliases
    of none (see `Linked`).
    """

    number: int
    work: str
    sheets: dict[int, dict[str, Sheet]]
    group: Any
    chunk: Any
    capture: Any
    article: Any
    aliases: tuple[Mapping[str, str], ...]
    withdrawn: tuple[bool, ...]
    gone: frozenset[str]
    shared: frozenset[bytes]


class Gathered(NamedTuple):
    """Sheets of some collated groups, and the articles among them that are withdrawn."""

    sheets: dict[str, Sheet]
    withdrawn: list[Row]


def gather(
    engine: Engine, archive: Archive, scanned: Sequence[Scanned], work: Path
) -> tuple[Sheets, list[Row]]:
    """(sheets by table with the rows that count, withdrawn articles as they would have been)."""
    linked = [each for each in scanned if each.links]
    parts = [np.fromfile(each.links, LINK) for each in linked if each.links]
    links = np.concatenate(parts) if parts else np.empty(0, LINK)
    starts = np.cumsum([0, *map(len, parts)])
    withdrawn = archive.withdrawn_ids()
    named = withdrawn | {alias[end] for alias in archive.aliases for end in ("old_id", "new_id")}
    alone, groups, shared = link(links, named, archive.aliases)
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
    gone: list[Row] = []
    tasks = list(_tasks(linked, links, starts, (groups, shared), archive, withdrawn, work))
    for result in engine.run("collating", collate_groups, tasks) if tasks else ():
        for name, sheet in result.sheets.items():
            sheets[name].append(sheet)
        gone += result.withdrawn
    return sheets, gone


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
    withdrawn: frozenset[str],
    work: Path,
) -> Iterator[CollateTask]:
    groups, shared = grouped
    gone = {id_digest(each) for each in withdrawn}
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
            aliases=tuple(archive.aliases),
            withdrawn=tuple(any(own in gone for own in _owns(links, each)) for each in part),
            gone=withdrawn,
            shared=shared,
        )


def _owns(links: Any, numbers: Any) -> Iterator[bytes]:
    """Digests of the article ids that some captures, or their addresses, alone give."""
    return (links[name][number].tobytes() for number in numbers for name in ("own", "also"))


def collate_groups(task: CollateTask) -> Gathered:
    """Collate the groups of a task into sheets. Raises OSError."""
    types, stem = table_types(), f"{task.work}/collate-{task.number:06}"
    writers = {name: SheetWriter(types[name], Path(f"{stem}-{name}.arrow")) for name in COLLATED}
    gone: list[Row] = []
    for singles, withdrawn in zip(_groups(task), task.withdrawn, strict=True):
        for single in singles if task.shared else ():
            _drop_shared(single, task.shared)
        parts = unshared(singles)
        for part in parts:
            collated = collate(part, task.aliases)
            if not withdrawn or (len(parts) > 1 and not _names(collated) & task.gone):
                _add(writers, collated)
            elif collated.article:
                gone.append(collated.article)
    sheets = {name: sheet for name, writer in writers.items() if (sheet := writer.close())}
    return Gathered(sheets, gone)


def _names(collated: Collated) -> set[str]:
    """Every id of an article; none if no capture shows it."""
    article = collated.article
    return {article["article_id"], *article["aliases"]} if article else set()


def _drop_shared(single: Single, shared: frozenset[bytes]) -> None:
    """Take addresses that lead on to several articles from an article's aliases."""
    if single.article:
        own = single.article["aliases"]
        single.article["aliases"] = [each for each in own if id_digest(each) not in shared]


def _add(writers: Mapping[str, SheetWriter], collated: Collated) -> None:
    if collated.article:
        writers["articles"].add(collated.article)
    for row in collated.captures:
        writers["captures"].add(row)
    for row in collated.revisions:
        writers["revisions"].add(row)


def _groups(task: CollateTask) -> Iterator[list[Single]]:
    """The captures of each group with the articles they would give alone."""
    singles: dict[int, Single] = {}
    for chunk, sheets in task.sheets.items():
        places = np.flatnonzero(task.chunk == chunk)
        shown = places[task.article[places] >= 0]
        articles = dict(
            zip(shown.tolist(), _rows(sheets, "articles", task.article[shown]), strict=True)
        )
        captures = _rows(sheets, "captures", task.capture[places])
        for place, capture in zip(places.tolist(), captures, strict=True):
            singles[place] = Single(capture, articles.get(place))
    bounds = np.flatnonzero(np.diff(task.group)) + 1
    for part in np.split(np.arange(len(task.group)), bounds):
        yield [singles[place] for place in part.tolist()]


def _rows(sheets: Mapping[str, Sheet], name: str, rows: Any) -> list[Row]:
    if not len(rows):
        return []
    return to_rows(table_types()[name], read_sheet(sheets[name]._replace(kept=rows)))


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
            if _address_id(outlets, target) in withdrawn:
                leads[place] = True
                hidden |= {each for each in (_address_id(outlets, url or ""),) if each}
        kept = np.arange(len(table)) if sheet.kept is None else np.asarray(sheet.kept)
        captures.append(sheet._replace(kept=kept[~leads]))
    return {**sheets, "captures": captures}, frozenset(hidden)


def _address_id(outlets: Outlets, url: str) -> str | None:
    """Article id that an address alone gives; None if it is of no outlet."""
    origin = address_origin(outlets, url)
    return article_id(origin, None) if origin and origin.outlet else None


def tombstones(archive: Archive, gone: Sequence[Row], earlier: Iterable[Release]) -> list[Row]:
    """Rows of the withdrawn table: one for each article of raw/withdrawals.jsonl, its last line.

    `gone` are the withdrawn articles that captures still show. What captures no longer show is
    taken from the first of the `earlier` releases that has it, so that a tombstone stays as it was.
    """
    articles: dict[str, Mapping[str, Any]] = {row["article_id"]: row for row in archive.tombstones}
    articles |= {id_: row for row in gone for id_ in (row["article_id"], *row["aliases"])}
    last = {line["article_id"]: line for line in archive.withdrawals}
    missing = sorted(last.keys() - articles.keys())
    for release in earlier if missing else ():
        for table in ("withdrawn", "articles"):
            for row in release.select(table, "article_id", missing):
                articles.setdefault(row["article_id"], row)
        missing = [each for each in missing if each not in articles]
        if not missing:
            break
    rows = []
    for gone_id, line in sorted(last.items()):
        shown = {} if line["reason"] in PRIVATE_REASONS else articles.get(gone_id, {})
        stated = {key: line.get(key) for key in ("reason", "date", "authority", "note")}
        known = {key: shown.get(key) for key in ("title", "url", "text_sha256")}
        outlet_id = gone_id.partition(":")[0]
        rows.append({"article_id": gone_id, **stated, "outlet_id": outlet_id, **known})
    return rows
