"""Captures to drafts to sheets: the first stage, a pure function of a chunk of capture files.

What a chunk gives lies in sheets on disk; only counts, findings and a few bytes a capture (the
links) come back. Workers get everything they need in a `ScanTask`.
"""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from microfiche.archive import Archive
from microfiche.captures import Capture
from microfiche.captures.files import Chunk, FileSpan, chunks, list_files, read_captures
from microfiche.captures.observation import observe
from microfiche.collation import UNDATED, Article, Draft, Kept
from microfiche.collation.correcting import Lines
from microfiche.collation.draft import NONE, drafts
from microfiche.collation.identity import article_id, id_digest
from microfiche.collation.linking import links_of
from microfiche.collation.plausibility import NATIVE, native_number, out_of_step
from microfiche.collation.rows import (
    article_columns,
    capture_columns,
    rejected_row,
    revision_columns,
)
from microfiche.collation.similarity import signatures
from microfiche.dates import day_number
from microfiche.engine import whole
from microfiche.finding import Finding
from microfiche.outlets.lookup import Asked, Outlets
from microfiche.outlets.origin import address_origin
from microfiche.pipeline.annotations import note_annotations
from microfiche.pipeline.noted import note_folder, noted
from microfiche.pipeline.reprints import keep_signatures
from microfiche.schema import table_types
from microfiche.tables.sheets import Sheet, SheetWriter

Row = dict[str, Any]
SCANNED_TABLES = ("articles", "captures", "revisions", "rejected")
LINKS, ANNOTATED, NATIVES = "links", "annotations", "natives.npy"
# Captures whose rows are laid out together, and octets of them that are held for it.
CAPTURES_AT_ONCE, RECORDS_AT_ONCE, OCTETS_AT_ONCE = 4096, 256, 16 << 20


class ScanTask(NamedTuple):
    """One chunk to scan. `outlets` is JSON of the outlet files, `work` a folder to write into.

    `only` are the ids of captures that count, where not all do; `corrections` what is corrected of
    some of its captures, by their ids.
    """

    number: int
    raw: str
    chunk: Chunk
    outlets: bytes
    limit: int
    work: str
    extract: str
    only: frozenset[str] | None = None
    corrections: Mapping[str, Lines] = NONE

    @property
    def name(self) -> str:
        """What tells the chunk from all others."""
        first = self.chunk[0]
        return f"{os.fsencode(first.path).decode('latin-1')} {first.start}"

    @property
    def folder(self) -> Path:
        """Where what the chunk gives is written."""
        return Path(self.work) / f"scan-{self.number:06}"


class Told(NamedTuple):
    """A finding on a capture, and the ids of its article as far as they are known."""

    finding: Finding
    ids: frozenset[str]


class Scanned(NamedTuple):
    """What one chunk gave: sheets by table, links beside the captures sheet, findings.

    `natives` are rows of NATIVE, whose `file` is a place in `files`; `rejected` ids of rejected
    captures, each with that of the article at its address. `annotations` is a file with what
    captures' records judge, None if none does. `asked` is what was asked of the outlets. `tallies`
    are the records of WARC files of which there are parts here that are no captures, by kind.
    `name` tells the chunk from others, whichever there are. `read` is what was read of captures
    that are corrected, by their ids: the row of the article, None if they show none.
    """

    number: int
    name: str
    sheets: dict[str, Sheet]
    links: str | None
    findings: list[Told]
    n_captures: int
    natives: Any
    files: list[str]
    rejected: list[tuple[str, str]]
    annotations: str | None
    asked: Asked
    tallies: dict[str, Counter[str]]
    read: Mapping[str, Row | None] = {}


def scan_tasks(
    archive: Archive,
    limit: int,
    work: Path,
    extract: str = "balanced",
    spans: Iterable[FileSpan] | None = None,
) -> list[ScanTask]:
    """The chunks of an archive as tasks. `limit` is the most bytes a capture may have.

    `extract` is how pages are read, `spans` the archive's, if they are known.
    """
    outlets, raw = orjson.dumps(archive.outlets), str(archive.holdings)
    spans = list_files(archive.holdings) if spans is None else spans
    return [
        ScanTask(number, raw, chunk, outlets, limit, str(work), extract, archive.only)
        for number, chunk in enumerate(chunks(spans))
    ]


@functools.lru_cache(maxsize=2)
def _outlets(entries: bytes) -> Outlets:
    return Outlets(orjson.loads(entries))


def scan(task: ScanTask) -> Scanned:
    """Scan one chunk into its folder. Raises OSError only for what it writes."""
    book = _outlets(task.outlets)
    book.asked = Asked()
    with whole(task.folder) as folder:
        sink = _Sink(task, folder)
        for found in drafts_of(task):
            sink.add(found)
        _note(sink.finish(book.asked), folder)
    return read_scanned(task.folder, task.number)


def _note(done: Scanned, folder: Path) -> None:
    """Write what a chunk gave beside its sheets, for `read_scanned`. Raises OSError."""
    np.save(folder / NATIVES, done.natives)
    told = [[*astuple(each.finding), sorted(each.ids)] for each in done.findings]
    held = {"sheets": sorted(done.sheets), "links": bool(done.links), "findings": told}
    held |= {"n_captures": done.n_captures, "files": done.files, "rejected": done.rejected}
    held |= {"annotations": bool(done.annotations), "asked": done.asked.as_json()}
    held |= {"tallies": done.tallies, "name": done.name}
    note_folder(folder, held)


def read_scanned(folder: Path, number: int) -> Scanned:
    """What a chunk gave, as the chunk of a number. Raises one of `BROKEN` if it is broken."""
    held = noted(folder)
    natives = np.load(folder / NATIVES)
    natives["chunk"] = number
    return Scanned(
        number,
        held["name"],
        {name: Sheet(str(folder / f"{name}.arrow")) for name in held["sheets"]},
        str(folder / LINKS) if held["links"] else None,
        [Told(Finding(*each[:4]), frozenset(each[4])) for each in held["findings"]],
        held["n_captures"],
        natives,
        held["files"],
        [(rejected, article) for rejected, article in held["rejected"]],
        str(folder / ANNOTATED) if held["annotations"] else None,
        Asked(**held["asked"]),
        {path: Counter(kinds) for path, kinds in held["tallies"].items()},
    )


def drafts_of(task: ScanTask) -> Iterator[Draft]:
    """The drafts of a chunk's captures, in order."""
    outlets = _outlets(task.outlets)
    for captures in _together(read_captures(Path(task.raw), task.chunk, task.limit)):
        yield from drafts(captures, outlets, task.extract, task.corrections)


def _together(captures: Iterable[Capture]) -> Iterator[list[Capture]]:
    """Captures in their order: ready records many at a time, any other for itself."""
    held: list[Capture] = []
    size = 0
    for capture in captures:
        held.append(capture)
        size += len(capture.body or b"")
        if capture.record is None or len(held) == RECORDS_AT_ONCE or size > OCTETS_AT_ONCE:
            yield held
            held, size = [], 0
    if held:
        yield held


class _Sink:
    """Takes drafts apart into sheets, links, findings and ids."""

    def __init__(self, task: ScanTask, folder: Path) -> None:
        self.task = task
        self.folder = folder
        self.writers = {
            name: SheetWriter(table_types()[name], folder / f"{name}.arrow")
            for name in SCANNED_TABLES
        }
        self.held: list[tuple[int, Kept]] = []
        self.octets = 0
        self.links: list[Any] = []
        self.places: list[int] = []
        self.bands: list[Any] = []
        self.findings: list[Told] = []
        self.n_captures = 0
        self.n_articles = 0
        self.natives: list[tuple[bytes, int, int, int, int, int]] = []
        self.files: dict[str, int] = {}
        self.rejected: list[tuple[str, str]] = []
        self.annotations: str | None = None
        self.tallies: dict[str, Counter[str]] = {}

    def add(self, found: Draft) -> None:
        """Take the draft of the next capture."""
        ids = self._ids(found) if found.faults or found.kept is None else frozenset()
        self.findings += [Told(found.capture.finding(fault), ids) for fault in found.faults]
        if found.capture.tally is not None:
            own = self.tallies.setdefault(found.capture.source_file, Counter())
            own.update(found.capture.tally)
        if not found.capture.media_type:
            return
        self.n_captures += 1
        if found.kept is None:
            row = rejected_row(found)
            self.writers["rejected"].add(row)
            self.rejected += [(row["rejected_id"], each) for each in sorted(ids)]
        elif self.task.only is None or found.kept.capture_id in self.task.only:
            self.held.append((self.n_captures, found.kept))
            self.octets += len(found.capture.body or b"")
            if len(self.held) == CAPTURES_AT_ONCE or self.octets > OCTETS_AT_ONCE:
                self._let_go()

    def _ids(self, found: Draft) -> frozenset[str]:
        """Ids of the article that a capture is of, by its address if it was rejected."""
        if found.kept:
            return frozenset(filter(None, (found.kept.own_id, found.kept.also_id)))
        seen = observe(found.capture)
        origin = address_origin(_outlets(self.task.outlets), seen.url or "", seen.outlet_id)
        return frozenset((article_id(origin, None),) if origin and origin.outlet else ())

    def _let_go(self) -> None:
        """Take what is asked for out of the captures that are held."""
        held, self.held, self.octets = self.held, [], 0
        shown = [each for _, each in held if each.article]
        self._note_natives(shown)
        if held:
            self._write(held)

    def _write(self, held: list[tuple[int, Kept]]) -> None:
        """Write the rows and links of some captures, each with its place in the chunk.

        They are put in the order of their dates, since shards of articles take them by day.
        """
        held.sort(key=lambda each: _day(each[1].article))
        kept = [each for _, each in held]
        self._note_annotations(kept)
        self.links.append(links_of(kept, len(self.places), self.n_articles))
        self.places += [place for place, _ in held]
        self.writers["captures"].add_columns(capture_columns(kept))
        shown = [each for each in kept if each.article]
        if shown:
            articles = article_columns(shown)
            self.writers["articles"].add_columns(articles)
            self.bands.append(signatures(articles["text"]))
            self.writers["revisions"].add_columns(revision_columns(articles))
            self.n_articles += len(shown)

    def _note_annotations(self, kept: list[Kept]) -> None:
        """Keep what the records of captures judge, until it is known of which article."""
        judged = [(each.capture_id, each.capture) for each in kept if each.capture.annotations]
        if judged:
            self.annotations = str(self.folder / ANNOTATED)
            note_annotations(Path(self.annotations), judged)

    def _note_natives(self, shown: list[Kept]) -> None:
        """Keep native ids and dates of articles, to be held against the outlet's others."""
        for kept in shown:
            published = kept.article.published if kept.article else UNDATED
            day = published.published_earliest
            known = native_number(kept.own_id or "") if day == published.published_latest else None
            if known and day:
                file, offset = kept.capture.source_file, kept.capture.source_offset
                number = self.files.setdefault(file, len(self.files))
                at = (self.task.number, number, -1 if offset is None else offset)
                self.natives.append((_series(known[0]), known[1], day_number(day), *at))

    def finish(self, asked: Asked) -> Scanned:
        """Everything that the chunk gave. Raises OSError."""
        self._let_go()
        sheets = {name: sheet for name, writer in self.writers.items() if (sheet := writer.close())}
        if self.bands:
            keep_signatures(self.writers["articles"].path, self.bands)
        links = str(self.folder / LINKS) if self.links else None
        if links:
            # In the order of the captures: of two that are equal the first counts.
            ordered = np.concatenate(self.links)[np.argsort(self.places)]
            Path(links).write_bytes(ordered.tobytes())
        return Scanned(
            self.task.number,
            self.task.name,
            sheets,
            links,
            self.findings,
            self.n_captures,
            np.array(self.natives, NATIVE),
            list(self.files),
            self.rejected,
            self.annotations,
            asked,
            self.tallies,
        )


def _day(article: Article | None) -> str:
    """First day of publication, by which captures are sorted; those without come first."""
    return (article and article.published.published_earliest) or ""


_series = functools.lru_cache(maxsize=1024)(id_digest)


def step_findings(scanned: Iterable[Scanned], dated: Iterable[str] = ()) -> Iterator[Finding]:
    """Findings on articles whose native id is out of step with the date, over all chunks.

    `dated` are ids of articles whose date is corrected, which says nothing of the others.
    """
    parts = {each.number: each for each in scanned}
    arrays = [each.natives for each in parts.values()]
    known = {(_series(each[0]), each[1]) for each in map(native_number, dated) if each}
    if known:
        arrays = [
            each[[(row["series"].tobytes(), int(row["id"])) not in known for row in each]]
            for each in arrays
        ]
    for chunk, file, offset, message in out_of_step(
        np.concatenate(arrays) if arrays else np.empty(0, NATIVE)
    ):
        place = "" if offset < 0 else f"byte {offset}"
        yield Finding(f"raw/{parts[chunk].files[file]}", place, "MF702", message)
