"""What chunks of captures give: recalled from the cache where they are known, else scanned.

A chunk is known by the digests of its files; `recall` serves whatever else is kept likewise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from microfiche.archive import Archive
from microfiche.archive.corrections import corrections
from microfiche.captures.content import beside
from microfiche.captures.warc import last_words
from microfiche.collation.correcting import Lines
from microfiche.engine import Engine
from microfiche.pipeline.cache import Cache, digest_of
from microfiche.pipeline.correcting import read_alone
from microfiche.pipeline.noted import BROKEN
from microfiche.pipeline.recognising import Holdings, described, stamped
from microfiche.pipeline.scan import Scanned, ScanTask, Told, read_scanned, scan, scan_tasks

Task = TypeVar("Task")
Result = TypeVar("Result")


class Reading(NamedTuple):
    """How captures are read: the most bytes a capture may have, the way for pages."""

    limit: int
    extract: str = "balanced"


def recall(
    run: Callable[[Sequence[Task]], Iterator[Result]],
    tasks: Sequence[Task],
    places: Sequence[Path | None],
    read: Callable[[Path, Task], Result],
    keep: Callable[[Task, Result], Path | None],
) -> Iterator[Result]:
    """What each task gives, in order: read from its entry of the cache, else what `run` gives.

    `keep` takes what was run over into the cache, and says where it is then. Raises as `run`.
    """
    missing = [task for task, place in zip(tasks, places, strict=True) if place is None]
    results = run(missing) if missing else iter(())
    for task, place in zip(tasks, places, strict=True):
        known = _read(read, place, task)
        if known is None:
            done = next(run([task]) if place else results)
            known = _read(read, keep(task, done), task)
        yield done if known is None else known
    next(results, None)  # tells the engine that it is done


def _read(read: Callable[[Path, Task], Result], place: Path | None, task: Task) -> Result | None:
    """What an entry holds; None if there is none, or it cannot be read."""
    try:
        return read(place, task) if place else None
    except BROKEN:
        return None


def read_all(
    engine: Engine,
    archive: Archive,
    reading: Reading,
    work: Path,
    held: Holdings,
    cache: Cache | None = None,
) -> Iterator[Scanned]:
    """What each chunk gives, in order; taken from the cache where it is known. Raises OSError.

    A chunk of which captures are corrected is read twice: what stands there is to be known too.
    """
    tasks = scan_tasks(archive, reading.limit, work, reading.extract, held.spans)
    tallies = dict[str, Counter[str]]()
    last = {span.path: number for number, task in enumerate(tasks) for span in task.chunk}
    read = _each(engine, archive, reading, held, cache, tasks)
    if wanted := corrections(archive.corrections, of_captures=True):
        results, again = list(read), work / "corrected"
        again.mkdir()
        tasks, results = _to_correct(tasks, results, wanted, again)
        right = _each(engine, archive, reading, held, cache, [t for t in tasks if t.corrections])
        read = (
            next(right)._replace(read=done.read) if task.corrections else done
            for task, done in zip(tasks, results, strict=True)
        )
    for number, done in enumerate(read):
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


def _to_correct(
    tasks: Sequence[ScanTask],
    results: Sequence[Scanned],
    wanted: Mapping[str, Lines],
    folder: Path,
) -> tuple[list[ScanTask], list[Scanned]]:
    """(tasks, their results), each with what is corrected in it, and what was read of that."""
    read = [read_alone(done, wanted) for done in results]
    return [
        task._replace(work=str(folder), corrections={each: wanted[each] for each in sorted(found)})
        if (found := {each for each, row in known.items() if row})
        else task
        for task, known in zip(tasks, read, strict=True)
    ], [done._replace(read=known) for done, known in zip(results, read, strict=True)]


def _each(
    engine: Engine,
    archive: Archive,
    reading: Reading,
    held: Holdings,
    cache: Cache | None,
    tasks: Sequence[ScanTask],
) -> Iterator[Scanned]:
    """What each task gives, in order."""

    def run(some: Sequence[ScanTask]) -> Iterator[Scanned]:
        return engine.run("reading captures", scan, some)

    if cache is None:
        yield from run(tasks)
        return
    book = archive.outlet_book()
    keys = {task.number: _key(cache, reading, held, task) for task in tasks}
    names = [cache.asked(key, book) if key else None for key in keys.values()]

    def keep(task: ScanTask, done: Scanned) -> Path | None:
        key = keys[task.number]
        if key is None or not _unchanged(archive.holdings, task, held):
            return None
        return cache.keep(cache.keep_asked(key, book, done.asked), task.folder)

    def read(place: Path, task: ScanTask) -> Scanned:
        return read_scanned(place, task.number)

    places = cache.whole(engine, [cache.find(name) if name else None for name in names])
    yield from recall(run, tasks, places, read, keep)


def _unchanged(raw: Path, task: ScanTask, held: Holdings) -> bool:
    """Whether the files of a chunk are still those whose content is known."""
    files = {span.path: span for span in task.chunk if span.path in held.stamps}
    return all(stamped(raw, span) == held.stamps[path] for path, span in files.items())


def _key(cache: Cache, reading: Reading, held: Holdings, task: ScanTask) -> str | None:
    """What a chunk's entry is known by, but for the outlets; None if the chunk is not known."""
    raw = Path(task.raw)
    try:
        parts = [
            [*described(span, held.contents), "" if span.fault else beside(raw, span)]
            for span in task.chunk
        ]
    except (OSError, KeyError):
        return None
    known = [cache.reader, list(reading), parts]
    corrected = {
        capture_id: {name: each.line["value"] for name, each in lines.items()}
        for capture_id, lines in task.corrections.items()
    }
    return digest_of(*known, corrected) if corrected else digest_of(*known)
