"""Reading an archive's captures, those alone that are not known from the build before.

Files are known again by their stamps, or are hashed; chunks by the digests of their files. What
the cache has of a chunk is taken, the others are scanned.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from microfiche.archive import Archive
from microfiche.captures.content import NO_CONTENT, Content, Stamp, beside, read_content, settled
from microfiche.captures.content import stamp as stamp_of
from microfiche.captures.files import FileSpan, list_files
from microfiche.engine import Engine
from microfiche.pipeline.cache import BROKEN, Cache, digest_of
from microfiche.pipeline.scan import Scanned, ScanTask, read_scanned, scan, scan_tasks

SPANS_AT_ONCE = 64


class Reading(NamedTuple):
    """How captures are read: the most bytes a capture may have, the way for pages."""

    limit: int
    extract: str = "balanced"


class Holdings(NamedTuple):
    """The captures of an archive: spans of files, in order, and the content of each by its place.

    A span without content could not be read, or its file changed while it was hashed. `stamps` are
    those of its files, by path.
    """

    spans: list[FileSpan]
    contents: dict[tuple[str, int], Content]
    stamps: dict[str, Stamp]

    @property
    def digest(self) -> str | None:
        """Digest of all that is there; None if not all is known."""
        if len(self.contents) < len(self.spans):
            return None
        return digest_of([_described(span, self.contents) for span in self.spans])


def recognise(engine: Engine, archive: Archive, cache: Cache) -> Holdings:
    """What an archive holds: as it was known, else hashed. Raises CannotRun."""
    raw, known, now = archive.holdings, cache.known_files(), time.time_ns()
    spans, contents = list(list_files(raw)), dict[tuple[str, int], Content]()
    stamps, fresh = dict[str, Stamp](), list[list[FileSpan]]()
    for path, group in itertools.groupby(spans, key=lambda span: span.path):
        own = list(group)
        if any(span.fault for span in own):
            contents |= {(path, span.start): NO_CONTENT for span in own}
        elif seen := _stamped(raw, own[0]):
            stamps[path] = seen
            before, parts = known.get(path, ((), []))
            if before == seen and len(parts) == len(own):
                contents |= dict(zip(((path, span.start) for span in own), parts, strict=True))
            else:
                fresh.append(own)
    contents |= dict(_hashed(engine, raw, [span for own in fresh for span in own]))
    for own in fresh:
        if _stamped(raw, own[0]) != stamps[own[0].path]:
            for span in own:
                contents.pop((span.path, span.start), None)
    held = Holdings(_numbered(spans, contents), contents, stamps)
    if fresh or known.keys() != stamps.keys():
        cache.keep_files(_settled(held, now))
    return held


def _stamped(raw: Path, span: FileSpan) -> Stamp | None:
    try:
        return stamp_of(raw, span)
    except OSError:
        return None


def _hashed(
    engine: Engine, raw: Path, spans: Sequence[FileSpan]
) -> Iterator[tuple[tuple[str, int], Content]]:
    parts = [spans[at : at + SPANS_AT_ONCE] for at in range(0, len(spans), SPANS_AT_ONCE)]
    tasks = [(raw, part) for part in parts]
    for part, found in zip(parts, engine.run("hashing captures", _read, tasks), strict=True):
        for span, content in zip(part, found, strict=True):
            if content:
                yield (span.path, span.start), content


def _read(task: tuple[Path, Sequence[FileSpan]]) -> list[Content | None]:
    found: list[Content | None] = []
    for span in task[1]:
        try:
            found.append(read_content(task[0], span))
        except OSError:
            found.append(None)  # whoever reads it will say so
    return found


def _numbered(
    spans: Sequence[FileSpan], contents: dict[tuple[str, int], Content]
) -> list[FileSpan]:
    """The spans with the number of the first line in each, where it is known."""
    numbered = []
    for _, group in itertools.groupby(spans, key=lambda span: span.path):
        line: int | None = 1
        for span in group:
            content = contents.get((span.path, span.start))
            numbered.append(span._replace(line=line) if span.by_lines else span)
            line = line + content.lines if line and content else None
    return numbered


def _settled(held: Holdings, now: int) -> dict[str, tuple[Stamp, list[Content]]]:
    """The files that will be known by their stamps."""
    kept: dict[str, tuple[Stamp, list[Content]]] = {}
    for path, group in itertools.groupby(held.spans, key=lambda span: span.path):
        contents = [held.contents.get((path, span.start)) for span in group]
        whole = [each for each in contents if each]
        if path in held.stamps and settled(held.stamps[path], now) and len(whole) == len(contents):
            kept[path] = (held.stamps[path], whole)
    return kept


def _described(span: FileSpan, contents: dict[tuple[str, int], Content]) -> list[object]:
    """A span as far as it bears on what is read of it."""
    path = os.fsencode(span.path).decode("latin-1")  # also of a name that is no UTF-8
    own = [path, span.start, span.end, span.line, list(span.fault or ())]
    return [*own, *contents[span.path, span.start]]


def read_all(
    engine: Engine, archive: Archive, reading: Reading, work: Path, cache: Cache | None = None
) -> Iterator[Scanned]:
    """What each chunk gives, in order; taken from the cache where it is known. Raises OSError."""
    held = recognise(engine, archive, cache) if cache else None
    yield from read_held(engine, archive, reading, work, cache, held)


def read_held(
    engine: Engine,
    archive: Archive,
    reading: Reading,
    work: Path,
    cache: Cache | None,
    held: Holdings | None,
) -> Iterator[Scanned]:
    """As `read_all`, of what is known to be held."""
    spans = held.spans if held else None
    tasks = scan_tasks(archive, reading.limit, work, reading.extract, spans)
    if cache is None or held is None:
        yield from engine.run("reading captures", scan, tasks)
        return
    book = archive.outlet_book()
    keys = [_key(cache, reading, held, task) for task in tasks]
    names = [cache.asked(key, book) if key else None for key in keys]
    found = [cache.find(name) if name else None for name in names]
    missing = [task for task, place in zip(tasks, found, strict=True) if place is None]
    scanned = engine.run("reading captures", scan, missing) if missing else iter(())
    for task, key, place in zip(tasks, keys, found, strict=True):
        if place:
            try:
                yield read_scanned(place, task.number)
            except BROKEN:
                cache.drop(place)
            else:
                continue
        done = scan(task) if place else next(scanned)
        if key and _unchanged(archive.holdings, task, held):
            place = cache.keep(cache.keep_asked(key, book, done.asked), task.folder)
            yield _taken_over(cache, place, done)
        else:
            yield done
    next(scanned, None)  # tells the engine that it is done


def _taken_over(cache: Cache, place: Path | None, done: Scanned) -> Scanned:
    """What a chunk gave, from where it is now; as it was if what is there is broken."""
    if place is None:
        return done
    try:
        return read_scanned(place, done.number)
    except BROKEN:
        cache.drop(place)
        return done


def _unchanged(raw: Path, task: ScanTask, held: Holdings) -> bool:
    """Whether the files of a chunk are still those whose content is known."""
    files = {span.path: span for span in task.chunk if span.path in held.stamps}
    return all(_stamped(raw, span) == held.stamps[path] for path, span in files.items())


def _key(cache: Cache, reading: Reading, held: Holdings, task: ScanTask) -> str | None:
    """What a chunk's entry is known by, but for the outlets; None if the chunk is not known."""
    raw = Path(task.raw)
    try:
        parts = [
            [*_described(span, held.contents), "" if span.fault else beside(raw, span)]
            for span in task.chunk
        ]
    except (OSError, KeyError):
        return None
    return digest_of(cache.reader, list(reading), parts)
