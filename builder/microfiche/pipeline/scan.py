"""Captures to drafts: the first stage, a pure function of a chunk of capture files.

What a chunk gives lies in sheets on disk; only counts, findings and a few bytes a capture (the
links) come back. Workers get everything they need in a `ScanTask`.
"""

from __future__ import annotations

import functools
import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from microfiche.archive import Archive
from microfiche.article import Draft, draft
from microfiche.batch import (
    MAX_BATCH,
    MAX_BATCH_BYTES,
    Columns,
    DraftBatch,
    draft_batches,
    may_batch,
)
from microfiche.captures import Capture
from microfiche.captures.files import Chunk, chunks, list_files, read_captures
from microfiche.collation.plausibility import NATIVE, native_number, out_of_step
from microfiche.dates import day_number
from microfiche.extract.reading import reader
from microfiche.finding import CODES, Finding
from microfiche.fixity import short_id
from microfiche.outlets.lookup import Outlets
from microfiche.schema import table_types
from microfiche.tables.sheets import Sheet, SheetWriter, octet_column

SCANNED_TABLES = ("articles", "captures", "revisions", "rejected")
MIN_WORDS_FOR_EQUAL_TEXT, MIN_OCTETS_FOR_EQUAL_TEXT = 50, 900
# One capture as collation sees it: digests of its own article id, of the one its address gives
# where a canonical link gives another (else zero), of outlet and text (zero under 50 words), of
# its title (zero without one), its capture id, whether it has an address, its row in the chunk's
# captures sheet, and that of its article in the articles sheet (-1: it shows none).
LINK = np.dtype(
    [
        ("own", "V16"),
        ("also", "V16"),
        ("text", "V32"),
        ("title", "V8"),
        ("capture", "V16"),
        ("addressed", "?"),
        ("row", "<i4"),
        ("article", "<i4"),
    ]
)
LINK_ENTRY = struct.Struct("<16s16s32s8s16s?ii")
NOTHING = b""


def is_long(n_words: int, n_octets: int) -> bool:
    """Whether a text is long enough to be told by itself: 50 words, or 900 octets of a script
    that sets no spaces between them.
    """  # noqa: D205
    return n_words >= MIN_WORDS_FOR_EQUAL_TEXT or n_octets >= MIN_OCTETS_FOR_EQUAL_TEXT


class ScanTask(NamedTuple):
    """One chunk to scan. `outlets` is JSON of the outlet files; no `work`: nothing is written.

    `only` are the ids of captures that count, where not all do. With `naming` the ids of captures
    and articles come back too.
    """

    number: int
    raw: str
    chunk: Chunk
    outlets: bytes
    limit: int
    work: str | None
    extract: str
    only: frozenset[str] | None = None
    naming: bool = False


class Scanned(NamedTuple):
    """What one chunk gave: sheets by table, links beside the captures sheet, findings, own ids.

    `natives` are rows of NATIVE, whose `file` is a place in `files`.
    """

    number: int
    sheets: dict[str, Sheet]
    links: str | None
    findings: list[Finding]
    own_ids: list[str]
    captures: list[str]
    n_captures: int
    natives: Any
    files: list[str]


def scan_tasks(
    archive: Archive,
    limit: int,
    work: Path | None = None,
    extract: str = "balanced",
    *,
    naming: bool = False,
) -> list[ScanTask]:
    """The chunks of an archive as tasks. `limit` is the most bytes a capture may have.

    Without `work` scanning writes nothing. `extract` is how pages are read.
    """
    outlets, raw = orjson.dumps(archive.outlets), str(archive.holdings)
    folder = None if work is None else str(work)
    return [
        ScanTask(number, raw, chunk, outlets, limit, folder, extract, archive.only, naming)
        for number, chunk in enumerate(chunks(list_files(archive.holdings)))
    ]


@functools.lru_cache(maxsize=2)
def _outlets(entries: bytes) -> Outlets:
    return Outlets(orjson.loads(entries))


def scan(task: ScanTask) -> Scanned:
    """Scan one chunk. Raises OSError only for what it writes."""
    sink, outlets, start = _Sink(task), _outlets(task.outlets), 0
    reads = reader(outlets, task.extract)
    most = MAX_BATCH if task.only is None else 1  # whether it counts is asked of each draft
    for captures in _together(read_captures(Path(task.raw), task.chunk, task.limit), most):
        batches, others = draft_batches(captures, outlets, reads)
        for batch in batches:
            sink.add_batch(batch, start)
        for place in others:
            sink.add(draft(captures[place], outlets, reads), start + place)
        start += len(captures)
    return sink.finish()


def _together(captures: Iterable[Capture], most: int) -> Iterator[list[Capture]]:
    """Captures in their order: up to `most` ready records at a time, any other for itself."""
    held: list[Capture] = []
    size = 0
    for capture in captures:
        held.append(capture)
        size += len(capture.body or b"")
        if not may_batch(capture) or len(held) == most or size > MAX_BATCH_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held


def drafts(task: ScanTask) -> Iterator[Draft]:
    """The drafts of a chunk's captures, in order."""
    outlets = _outlets(task.outlets)
    reads = reader(outlets, task.extract)
    for capture in read_captures(Path(task.raw), task.chunk, task.limit):
        yield draft(capture, outlets, reads)


class _Sink:
    """Takes drafts apart into sheets, links, findings and ids."""

    def __init__(self, task: ScanTask) -> None:
        self.task = task
        self.stem = f"{task.work}/scan-{task.number:06}" if task.work is not None else None
        self.writers: dict[str, SheetWriter] = {}
        for name in SCANNED_TABLES if self.stem else ():
            path = Path(f"{self.stem}-{name}.arrow")
            self.writers[name] = SheetWriter(table_types()[name], path)
        self.links = bytearray()
        self.places: list[int] = []
        self.findings: list[Finding] = []
        self.own_ids: list[str] = []
        self.captures: list[str] = []
        self.n_captures = 0
        self.n_articles = 0
        self.n_rejected: Counter[tuple[str, int | None]] = Counter()
        self.natives: list[tuple[bytes, int, int, int, int, int]] = []
        self.files: dict[str, int] = {}

    def add(self, each: Draft, place: int) -> None:
        """Take the draft of the capture at a place of the chunk."""
        if each.faults:
            self.findings += [each.capture.finding(fault) for fault in each.faults]
        if not each.capture.media_type:
            return
        self.n_captures += 1
        if each.capture_row is None:
            if self.writers:
                file = (each.capture.source_file, each.capture.source_offset)
                row = rejected_row(each, self.n_rejected[file])
                self.n_rejected[file] += 1
                if self.task.only is None or row["rejected_id"] in self.task.only:
                    self.writers["rejected"].add(row)
            return
        if self.task.only is not None and each.capture_row["capture_id"] not in self.task.only:
            return
        article = each.article_row
        if article is not None and each.own_id:
            days = (article["published_earliest"], article["published_latest"])
            file = (each.capture.source_file, each.capture.source_offset)
            self._note_native(each.own_id, file, *days)
        if self.task.naming:
            self._note_ids(each)
        if not self.writers:
            return
        self.links += self._link(each)
        self.places.append(place)
        self.writers["captures"].add(each.capture_row)
        if each.article_row is not None and each.revision_row is not None:
            each.article_row["text"] = each.octets  # Arrow takes UTF-8, and would encode a str anew
            self.writers["articles"].add(each.article_row)
            self.writers["revisions"].add(each.revision_row)
            self.n_articles += 1

    def add_batch(self, batch: DraftBatch, start: int) -> None:
        """Take a batch of drafts; `start` is where the captures that it counts from begin."""
        observed, shown = batch.columns["captures"], batch.columns["articles"]
        self.n_captures += len(batch.places)
        files = ((batch.first.capture.source_file, each) for each in observed["source_offset"])
        days = (shown["published_earliest"], shown["published_latest"])
        for own_id, file, *span in zip(shown["article_id"], files, *days, strict=True):
            self._note_native(own_id, file, *span)
        if self.task.naming:
            self.own_ids += shown["article_id"]
            self.captures += [*observed["capture_id"], *observed["sha256"]]
        if not self.writers:
            return
        first = batch.first
        assert first.capture_row is not None  # noqa: S101 - a batch is of articles
        assert first.article_row is not None  # noqa: S101
        assert first.revision_row is not None  # noqa: S101
        self.places += [start + place for place in batch.places]
        self._link_batch(observed, shown, _digest(first.article_row["outlet_id"]))
        self.writers["captures"].add_alike(first.capture_row, observed)
        self.writers["articles"].add_alike(first.article_row, shown)
        self.writers["revisions"].add_alike(first.revision_row, batch.columns["revisions"])

    def _link_batch(self, observed: Columns, shown: Columns, outlet: bytes) -> None:
        """Take the LINKs of a batch, as `_link` gives each."""
        count = len(observed["capture_id"])
        links = np.zeros(count, LINK)
        links["own"] = octet_column([_digest_of(each)[:16] for each in shown["article_id"]])
        links["title"] = octet_column([_title_digest(each)[:8] for each in shown["title"]])
        text = [outlet[:8] + bytes.fromhex(each[:48]) for each in shown["text_sha256"]]
        long = map(is_long, shown["n_words"], map(len, shown["text"]))
        links["text"] = np.where(list(long), octet_column(text), links["text"])
        ids = [bytes.fromhex(each).ljust(16, b"\0") for each in observed["capture_id"]]
        links["capture"] = octet_column(ids)
        links["addressed"] = True
        links["row"] = np.arange(count) + len(self.links) // LINK.itemsize
        links["article"] = np.arange(count) + self.n_articles
        self.links += links.tobytes()
        self.n_articles += count

    def _note_ids(self, each: Draft) -> None:
        """Keep the ids that a validation holds against the release before."""
        assert each.capture_row is not None  # noqa: S101 - add has checked
        self.captures.append(each.capture_row["capture_id"])
        if each.capture_row["sha256"]:
            self.captures.append(each.capture_row["sha256"])
        if each.article_row is not None and each.own_id:
            self.own_ids += {each.own_id, each.also_id or each.own_id}

    def _note_native(
        self, own_id: str, file: tuple[str, int | None], earliest: str | None, latest: str | None
    ) -> None:
        """Keep the native id and the date, to be held against the outlet's others."""
        known = native_number(own_id) if earliest and earliest == latest else None
        if known and earliest:
            number, offset = self.files.setdefault(file[0], len(self.files)), file[1]
            at = (self.task.number, number, -1 if offset is None else offset)
            self.natives.append((_digest(known[0])[:16], known[1], day_number(earliest), *at))

    def _link(self, each: Draft) -> bytes:
        """One LINK."""
        captured, article = each.capture_row, each.article_row
        assert captured is not None  # noqa: S101 - add has checked
        own = also = text = title = NOTHING
        if each.own_id:
            own = _digest_of(each.own_id)
        if each.also_id and each.also_id != each.own_id:
            also = _digest_of(each.also_id)
        if article is not None:
            if is_long(article["n_words"], len(each.octets)):
                outlet = _digest(article["outlet_id"])[:8]
                text = outlet + bytes.fromhex(article["text_sha256"][:48])
            if article["title"]:
                title = _title_digest(article["title"])
        return LINK_ENTRY.pack(
            own,
            also,
            text,
            title,
            bytes.fromhex(captured["capture_id"]),
            captured["url"] is not None,
            len(self.links) // LINK.itemsize,
            self.n_articles if article is not None else -1,
        )

    def finish(self) -> Scanned:
        sheets = {name: sheet for name, writer in self.writers.items() if (sheet := writer.close())}
        links = f"{self.stem}-links" if self.links else None
        if links:
            # In the order of the captures: of two that are equal the first counts.
            ordered = np.frombuffer(self.links, LINK)[np.argsort(self.places)]
            Path(links).write_bytes(ordered.tobytes())
        return Scanned(
            self.task.number,
            sheets,
            links,
            self.findings,
            self.own_ids,
            self.captures,
            self.n_captures,
            np.array(self.natives, NATIVE),
            list(self.files),
        )


def step_findings(scanned: Iterable[Scanned]) -> Iterator[Finding]:
    """Findings on articles whose native id is out of step with the date, over all chunks."""
    parts = {each.number: each for each in scanned}
    arrays = [each.natives for each in parts.values()]
    for chunk, file, offset, message in out_of_step(
        np.concatenate(arrays) if arrays else np.empty(0, NATIVE)
    ):
        place = "" if offset < 0 else f"byte {offset}"
        yield Finding(f"raw/{parts[chunk].files[file]}", place, "MF702", message)


def _digest_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


_digest = functools.lru_cache(maxsize=1024)(_digest_of)


def _title_digest(title: str) -> bytes:
    return hashlib.sha256(title.casefold().encode()).digest()


def own_id_digest(article_id: str) -> Any:
    """Digest of an article id as LINK holds it in `own`."""
    return np.void(_digest(article_id)[:16])


def rejected_row(each: Draft, n_before: int) -> dict[str, Any]:
    """Row of the rejected table for a capture that gave no record; nothing of its content.

    `n_before` rejected captures stand at the same place, as parts of a damaged file may. A message
    is what its code says and the place: what a finding quotes stays out of releases.
    """
    capture: Capture = each.capture
    errors = sorted(
        {
            (fault.code, " at ".join(filter(None, [CODES[fault.code].summary, fault.place])))
            for fault in each.faults
            if CODES[fault.code].severity == "error"
        }
    )
    sha256 = hashlib.sha256(capture.body).hexdigest() if capture.body is not None else None
    identity = {
        "sha256": sha256,
        "source_file": capture.source_file,
        "source_offset": capture.source_offset,
    }
    counted = {"n_before": n_before} if n_before else {}
    return {
        "rejected_id": short_id({**identity, **counted}),
        **identity,
        "line": capture.line,
        "size_bytes": capture.size_bytes,
        "codes": [code for code, _ in errors],
        "messages": [message for _, message in errors],
        "record_sha256": "",
    }
