"""Reading an archive's captures, those alone that are not known from the build before.

Files are known again by their stamps, or are hashed; chunks by the digests of their files. What
the cache has of a chunk is taken, the others are scanned.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from microfiche.archive import Archive
from microfiche.captures.content import NO_CONTENT, Content, Stamp, beside, read_content, settled
from microfiche.captures.content import stamp as stamp_of
from microfiche.captures.files import FileSpan, list_files
from microfiche.captures.warc import last_words
from microfiche.engine import Engine
from microfiche.pipeline.cache import Cache, digest_of
from microfiche.pipeline.noted import BROKEN
from microfiche.pipeline.scan import Scanned, ScanTask, Told, read_scanned, scan, scan_tasks

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
        if any((span.path, span.start) not in self.contents for span in self.spans):
            return None
        return digest_of([_described(span, self.contents) for span in self.spans])


NOTHING = Holdings([], {}, {})


def recognise(engine: Engine, archive: Archive, cache: Cache | None) -> Holdings:
    """What an archive holds: as it was known, else hashed. Raises CannotRun."""
    raw, now = archive.holdings, time.time_ns()
    known = cache.known_files() if cache else {}
    listed = [part for span in list_files(raw) for part in span.parts]
    contents = dict[tuple[str, int], Content]()
    stamps, fresh = dict[str, Stamp](), list[list[FileSpan]]()
    for path, group in itertools.groupby(listed, key=lambda span: span.path):
        own = list(group)
        if any(span.fault for span in own):
            contents |= {(path, span.start): NO_CONTENT for span in own}
        elif seen := _stamped(raw, own[0]):
            stamps[path] = seen
            before, parts = known.get(path, ((), []))
            if before == seen and len(parts) in (1, len(own)):  # one, of what has no parts
                spans = own if len(parts) == len(own) else [_whole(own)]
                contents |= dict(zip(map(_at, spans), parts, strict=True))
            else:
                fresh.append(own)
    contents |= dict(_hashed(engine, raw, [span for own in fresh for span in own]))
    stated = contents
    exact, contents = _parted(listed, stated)
    unknown = [each for each in exact if each.path in stamps and _at(each) not in contents]
    contents |= dict(_hashed(engine, raw, unknown))
    moved = {own[0].path for own in fresh if _stamped(raw, own[0]) != stamps[own[0].path]}
    contents = {at: each for at, each in contents.items() if at[0] not in moved}
    if cache and (fresh or known.keys() != stamps.keys()):
        wholes = [span for span in exact if span.before is None]
        apart = {span.path for span in exact} - {span.path for span in wholes}
        kept = [*wholes, *(span for span in listed if span.path in apart)]
        seen_once = {path: each for path, each in stamps.items() if path not in moved}
        cache.keep_files(_settled(kept, {**contents, **stated}, seen_once, now))
    return Holdings(_numbered(exact, contents), contents, stamps)


def _at(span: FileSpan) -> tuple[str, int]:
    return span.path, span.start


def _whole(parts: Sequence[FileSpan]) -> FileSpan:
    """The file that parts are of, to be read as a whole."""
    return parts[0]._replace(end=parts[-1].end, before=None)


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


def _parted(
    spans: Sequence[FileSpan], contents: dict[tuple[str, int], Content]
) -> tuple[list[FileSpan], dict[tuple[str, int], Content]]:
    """Parts of WARC files with the bytes they truly have, and the contents of these.

    A file whose parts do not follow on one another is read as a whole.
    """
    exact, known = list[FileSpan](), dict(contents)
    for path, group in itertools.groupby(spans, key=lambda span: span.path):
        own = list(group)
        if own[0].before is None:
            exact += own
            continue
        parts = [each for span in own if (each := known.get(_at(span))) and each.end]
        ends = [0, *(part.end for part in parts)]
        for span in own if parts else ():
            known.pop(_at(span), None)
        if len(parts) < len(own) or ends != [*(part.offset for part in parts), own[-1].end]:
            exact.append(_whole(own))  # what it has is not known by its parts
        else:
            before = ""
            for part in (each for each in parts if each.offset < each.end):
                exact.append(FileSpan(path, part.offset, part.end, before=before))
                known[path, part.offset] = part
                before = digest_of(before, part.sha256)
    return exact, known


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


def _settled(
    spans: Sequence[FileSpan],
    contents: Mapping[tuple[str, int], Content],
    stamps: Mapping[str, Stamp],
    now: int,
) -> dict[str, tuple[Stamp, list[Content]]]:
    """The files that will be known by their stamps, with the contents of their spans."""
    kept: dict[str, tuple[Stamp, list[Content]]] = {}
    for span in sorted(spans, key=_at):
        path, content = span.path, contents.get(_at(span))
        if path in stamps and content and settled(stamps[path], now):
            kept.setdefault(path, (stamps[path], []))[1].append(content)
    return kept


def _described(span: FileSpan, contents: dict[tuple[str, int], Content]) -> list[object]:
    """A span as far as it bears on what is read of it."""
    path = os.fsencode(span.path).decode("latin-1")  # also of a name that is no UTF-8
    own = [path, span.start, span.end, span.line, span.before, list(span.fault or ())]
    return [*own, *contents[span.path, span.start]]


def read_all(
    engine: Engine,
    archive: Archive,
    reading: Reading,
    work: Path,
    held: Holdings,
    cache: Cache | None = None,
) -> Iterator[Scanned]:
    """What each chunk gives, in order; taken from the cache where it is known. Raises OSError."""
    tasks = scan_tasks(archive, reading.limit, work, reading.extract, held.spans)
    tallies = dict[str, Counter[str]]()
    last = {span.path: number for number, task in enumerate(tasks) for span in task.chunk}
    for number, done in enumerate(_each(engine, archive, reading, held, cache, tasks)):
        for path, kinds in done.tallies.items():
            tallies.setdefault(path, Counter()).update(kinds)
        told = [
            Told(capture.finding(fault), frozenset())
            for path in done.tallies
            if last[path] == number
            for capture in last_words(path, tallies[path], 1)
            for fault in capture.faults
        ]
        yield done._replace(findings=[*done.findings, *told])


def _each(
    engine: Engine,
    archive: Archive,
    reading: Reading,
    held: Holdings,
    cache: Cache | None,
    tasks: Sequence[ScanTask],
) -> Iterator[Scanned]:
    """What each task gives, in order."""
    if cache is None:
        yield from engine.run("reading captures", scan, tasks)
        return
    book = archive.outlet_book()
    keys = [_key(cache, reading, held, task) for task in tasks]
    names = [cache.asked(key, book) if key else None for key in keys]
    found = cache.whole(engine, [cache.find(name) if name else None for name in names])
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
