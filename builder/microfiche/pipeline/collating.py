"""Groups of captures collated, some at a time: articles told apart, withdrawn ones held back."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.collation.identity import APART, base_id, id_digest
from microfiche.collation.merging import Collated, collate
from microfiche.collation.revisions import Single
from microfiche.collation.works import Known, Pair, works
from microfiche.engine import whole
from microfiche.finding import Finding
from microfiche.pipeline.noted import note_folder, noted
from microfiche.release import Release
from microfiche.release.opening import open_release
from microfiche.release.sharing import unshared
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import Sheet, SheetWriter, read_sheet

Row = dict[str, Any]
Sheets = dict[str, list[Sheet]]
COLLATED = ("articles", "captures", "revisions")


class Published(NamedTuple):
    """What earlier releases published, newest first, or the one that is rebuilt.

    `shared` are the ids that more than one of their articles has had, `apart` those and the ones
    that more than one of their tombstones has.
    """

    folders: tuple[str, ...] = ()
    shared: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    def owner(self, capture_id: str) -> str | None:
        """The article id under which a capture was published last; None if it was not."""
        return _owners(self.folders).get(capture_id)

    def ids(self, article_id: str) -> frozenset[str]:
        """Every id that a published article had."""
        return _ids(self.folders).get(article_id, frozenset())


@functools.lru_cache(maxsize=1)
def _ids(folders: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    known: dict[str, frozenset[str]] = {}
    for folder in folders:
        for row in open_release(folder).table("articles", ["article_id", "aliases"]).to_pylist():
            known.setdefault(row["article_id"], frozenset((row["article_id"], *row["aliases"])))
    return known


@functools.lru_cache(maxsize=1)
def _owners(folders: tuple[str, ...]) -> Mapping[str, str]:
    owners: dict[str, str] = {}
    for folder in folders:
        table = open_release(folder).table("captures", ["capture_id", "article_id"])
        for row in table.drop_null().to_pylist():
            owners.setdefault(row["capture_id"], row["article_id"])
    return owners


def published(archive: Archive, earlier: Sequence[Release]) -> Published:
    """What earlier releases published, or the one that is rebuilt."""
    releases = [open_release(archive.source)] if archive.source else earlier
    shared, apart = set[str](), set[str]()
    for _, release in unshared(releases):
        table = release.table("articles", ["article_id", "aliases"])
        shared |= _bases(table["article_id"]) | _bases(pc.list_flatten(table["aliases"]))
        apart |= _bases(release.table("withdrawn", ["article_id"])["article_id"])
    folders = tuple(str(each.root) for each in releases)
    return Published(folders, frozenset(shared), frozenset(shared | apart))


def _bases(ids: Any) -> set[str]:
    """The ids that some of a column's were told apart from."""
    return {base_id(each) for each in ids.filter(pc.match_substring(ids, APART)).to_pylist()}


class CollateTask(NamedTuple):
    """Some groups to collate, into a folder.

    The arrays run over their captures: the group each is in, its chunk, its row in the chunk's
    captures sheet and in its articles sheet (-1: none), and the digest of the id it alone gives.
    `gone` are the ids that are withdrawn, `taken` captures that were published under them, `free`
    ids told apart from them that are not to be withdrawn with them. `published` says what earlier
    releases had. `shared` are digests of addresses' ids that are aliases of none (see `Linked`).
    `read_as` are the revisions that corrected captures would show otherwise.
    """

    folder: Path
    sheets: dict[int, dict[str, Sheet]]
    group: Any
    chunk: Any
    capture: Any
    article: Any
    own: Any
    aliases: tuple[Mapping[str, str], ...]
    gone: frozenset[str]
    taken: frozenset[str]
    free: frozenset[str]
    published: Published
    shared: frozenset[bytes]
    read_as: Mapping[str, str]


class Gone(NamedTuple):
    """An article that is withdrawn and still captured: its row, every text, digests of bytes.

    `names` are every headline and address that its captures have.
    `address` is a withdrawn id at whose address it is captured, or that it once had, if any.
    """

    article: Row
    texts: tuple[str, ...]
    sha256s: frozenset[str]
    address: str | None = None
    names: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        """Every id by which it may be withdrawn."""
        known = {self.article["article_id"], *self.article["aliases"], self.address}
        return frozenset(filter(None, known))


def all_ids(gone: Iterable[Gone]) -> set[str]:
    """Every id of withdrawn articles that are still captured."""
    return {each for held in gone for each in held.ids}


class Gathered(NamedTuple):
    """Sheets of some collated groups, the articles that are withdrawn, and what was found.

    `pure` says that nothing but the groups and what is stated of their ids bears on it.
    """

    sheets: dict[str, Sheet]
    withdrawn: list[Gone]
    findings: list[Finding]
    pure: bool


def read_gathered(folder: Path) -> Gathered:
    """What some groups gave. Raises one of `BROKEN` if it is broken."""
    held = noted(folder)
    sheets = {name: Sheet(str(folder / f"{name}.arrow")) for name in held["sheets"]}
    return Gathered(sheets, [], [Finding(*each) for each in held["findings"]], pure=True)


def _note(done: Gathered, folder: Path) -> None:
    """Write what some groups gave beside the sheets, for `read_gathered`. Raises OSError."""
    held = {"sheets": sorted(done.sheets), "findings": [*map(astuple, done.findings)]}
    note_folder(folder, held)


class _Asked(Published):
    """What earlier releases published, and whether somebody asked for it."""

    asked = False

    def owner(self, capture_id: str) -> str | None:
        """As `Published.owner`."""
        self.asked = True
        return super().owner(capture_id)


def collate_groups(task: CollateTask) -> Gathered:
    """Collate the groups of a task into sheets. Raises OSError."""
    before = _Asked(*task.published)
    gone: list[Gone] = []
    findings: list[Finding] = []
    with whole(task.folder) as folder:
        names = _collate(folder, task._replace(published=before), gone, findings)
        sheets = {name: Sheet(str(task.folder / f"{name}.arrow")) for name in names}
        done = Gathered(sheets, gone, findings, pure=not (before.asked or gone))
        if done.pure:
            _note(done, folder)
    return done


def _collate(
    folder: Path, task: CollateTask, gone: list[Gone], findings: list[Finding]
) -> list[str]:
    """Write sheets of what groups give, and add what is withdrawn and found; names of the sheets.

    Raises OSError.
    """
    rows: dict[str, list[Row]] = {name: [] for name in COLLATED}
    hidden, before = {id_digest(each) for each in task.gone}, task.published
    known = Known(before.owner, before.ids, before.shared, task.gone, before.apart)
    for singles in _groups(task):
        addresses = {each.capture["capture_id"]: each.address_id for each in singles}
        for single in singles if task.shared else ():
            _drop_shared(single, task.shared)
        parts, pairs = works(singles, task.aliases, known)
        findings += [_apart(pair, titled=not task.gone) for pair in pairs]
        for part in parts:
            collated = collate(part, task.aliases, task.read_as)
            article = collated.article
            here = {addresses[each.capture["capture_id"]] for each in part} & task.gone
            if article is None and not any(each.own in hidden for each in part):
                _add(rows, collated)
            elif article and _is_withdrawn(task, part, parts, _names(collated), here):
                owners = (task.published.owner(each.capture["capture_id"]) for each in part)
                under = min(here, default=None) or next((o for o in owners if o in task.gone), None)
                gone.append(_gone(article, part, under))
                new = bool(task.taken) and not _was_taken(task, part)
                if under and (new or not _names(collated) & task.gone):
                    findings.append(_at_address(article["article_id"], under))
            elif article:
                _add(rows, collated)
    return [name for name in COLLATED if _written(folder, name, rows[name])]


def _written(folder: Path, name: str, rows: list[Row]) -> Sheet | None:
    """A sheet of rows in the order of their days, by which shards take them; None of none."""
    kind = table_types()[name]
    writer = SheetWriter(kind, folder / f"{name}.arrow")
    time = kind.table.time
    for row in sorted(rows, key=lambda row: (time and row[time]) or ""):
        writer.add(row)
    return writer.close()


def _is_withdrawn(
    task: CollateTask,
    part: Sequence[Single],
    parts: Sequence[Sequence[Single]],
    ids: set[str],
    here: set[str],
) -> bool:
    """Whether an article is withdrawn: by one of its ids, or since its captures once were such.

    At a withdrawn address, `here`, one that was not published yet is too, unless what is withdrawn
    is still captured beside it: it may be that, written anew.
    """
    if ids & task.gone or _was_taken(task, part):
        return True
    if not here or ids & task.free or any(_was_taken(task, each) for each in parts):
        return False
    return not any(task.published.owner(each.capture["capture_id"]) for each in part)


def _was_taken(task: CollateTask, part: Sequence[Single]) -> bool:
    return any(each.capture["capture_id"] in task.taken for each in part)


def _apart(pair: Pair, *, titled: bool) -> Finding:
    """The finding that captures of one id are of two articles; without headlines if not `titled`.

    Which articles are private is not known before all copies are.
    """
    ids, capture = (pair.article_id, pair.other_id), pair.capture
    told = [
        f"{each} {title!r}" if title and titled else each
        for each, title in zip(ids, pair.titles, strict=True)
    ]
    offset = capture["source_offset"]
    place = "" if offset is None else f"byte {offset}"
    message = f"{told[0]} and {told[1]} have next to nothing in common"
    return Finding(f"raw/{capture['source_file']}", place, "MF710", message)


def _at_address(article_id: str, withdrawn: str) -> Finding:
    which = "" if article_id == withdrawn else f" of {withdrawn}"
    message = f"{article_id} is now captured at the withdrawn address{which}, or had that id"
    return Finding("raw/withdrawals.jsonl", "", "MF606", message)


def _gone(article: Row, part: Sequence[Single], address: str | None) -> Gone:
    """A withdrawn article, given its captures and the withdrawn address that it has."""
    texts = {single.article["text"] for single in part if single.article}
    digests = frozenset(filter(None, (single.capture["sha256"] for single in part)))
    urls = {single.capture["url"] for single in part}
    titles = {single.article["title"] for single in part if single.article}
    names = frozenset(filter(None, urls | titles))
    return Gone(article, tuple(sorted(texts)), digests, address, names)


def _names(collated: Collated) -> set[str]:
    """Every id of an article; none if no capture shows it."""
    article = collated.article
    return {article["article_id"], *article["aliases"]} if article else set()


def _drop_shared(single: Single, shared: frozenset[bytes]) -> None:
    """Take addresses that lead on to several articles from an article's aliases."""
    if single.article:
        own = single.article["aliases"]
        single.article["aliases"] = [each for each in own if id_digest(each) not in shared]


def _add(rows: Mapping[str, list[Row]], collated: Collated) -> None:
    if collated.article:
        rows["articles"].append(collated.article)
    rows["captures"].extend(collated.captures)
    rows["revisions"].extend(collated.revisions)


def _groups(task: CollateTask) -> Iterator[list[Single]]:
    """The captures of each group with the articles they would give alone."""
    captures = _rows(task, "captures", task.capture)
    articles = _rows(task, "articles", task.article)
    singles = [
        Single(captures[place], articles.get(place), own.tobytes())
        for place, own in enumerate(task.own)
    ]
    bounds = np.flatnonzero(np.diff(task.group)) + 1
    for part in np.split(np.arange(len(task.group)), bounds):
        yield [singles[place] for place in part.tolist()]


def _rows(task: CollateTask, name: str, rows: Any) -> dict[int, Row]:
    """Rows of a table by the places of their captures; none where the number is negative."""
    places, parts = list[int](), list[pa.Table]()
    for chunk, sheets in task.sheets.items():
        mine = np.flatnonzero((task.chunk == chunk) & (rows >= 0))
        if len(mine):
            places += mine.tolist()
            parts.append(read_sheet(sheets[name]._replace(kept=rows[mine])))
    if not parts:
        return {}
    found = to_rows(table_types()[name], pa.concat_tables(parts))
    return dict(zip(places, found, strict=True))
