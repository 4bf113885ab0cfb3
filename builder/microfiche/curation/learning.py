"""Learning which lines recur over an outlet's articles: boilerplate that no profile names yet.

A line qualifies on three captures or more that differ pairwise in article, headline and most of
their lines: copies of one article have every line in common and prove nothing. What is learned is
written for a person to see; only builds apply it. Lines are counted by digests on disk, so memory
follows what recurs, not the archive; the order of files and the number of workers change nothing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tomlkit

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.archive.files import LEARNED
from microfiche.archive.writing import write_whole
from microfiche.collation import Article, Kept
from microfiche.documents import toml_data
from microfiche.engine import Engine, Progress, local_engine, silent
from microfiche.errors import DataError, in_words, unusable
from microfiche.pipeline.scan import ScanTask, drafts_of, scan_tasks
from microfiche.text import loosely

MIN_CAPTURES, MAX_WITNESSES = 3, 64
# Two captures of which one has this share of its lines in the other are copies of one article.
COPY_SHARE = 0.5
PARTS = 16
# One line of one capture: digests of its outlet and the line folded, of the capture, of its
# article's id and of its headline.
SEEN = np.dtype([("line", "V8"), ("capture", "V8"), ("article", "V8"), ("title", "V8")])


class LearnTask(NamedTuple):
    """A chunk to look through, but for articles that are `withdrawn`.

    `outlets` are those that are looked at, None for all. `wanted` are digests of lines whose words
    are asked for.
    """

    scan: ScanTask
    outlets: frozenset[str] | None
    folder: str
    withdrawn: frozenset[str]
    wanted: frozenset[bytes] = frozenset()


class Witness(NamedTuple):
    """A line in a capture: its words, digests of article and capture, its address or file."""

    line: str
    article: bytes
    capture: bytes
    place: str
    outlet: str


@dataclass(frozen=True)
class Learned:
    """What was learned of one outlet: its file, and the lines in it as schema/boilerplate.json."""

    outlet_id: str
    file: Path
    lines: Sequence[Mapping[str, Any]]


def learn(
    archive: Archive,
    outlets: Collection[str] | None = None,
    *,
    workers: int | None = None,
    progress: Progress = silent,
) -> list[Learned]:
    """Learn recurring lines of every outlet, or of some, and write them beside the outlet files.

    A file is written anew, but for lines a person has set to `apply = false`. Raises
    MicroficheError.
    """
    broken = [finding for finding in archive.findings if finding.severity == "error"]
    if broken:
        raise DataError(f"the archive's own files have errors: {broken[0]}")
    for each in sorted(set(outlets or ()) - archive.outlet_book().by_id.keys()):
        raise DataError(f"no outlet {each!r} in this archive", "see raw/outlets/")
    asked = None if outlets is None else frozenset(outlets)
    plain = [{**entry, "learned": ()} for entry in archive.outlets]
    bare = Archive(archive.root, archive.dataset, plain)
    with tempfile.TemporaryDirectory(prefix="microfiche-") as folder:
        tasks = scan_tasks(bare, DEFAULT_CAPTURE_LIMIT, Path(folder))
        number = min(len(tasks), workers or os.cpu_count() or 1)
        with local_engine(number, progress) as engine:
            gone = frozenset(archive.withdrawn_roots())
            found = _recurring(engine, [LearnTask(task, asked, folder, gone) for task in tasks])
    ids = sorted(entry["id"] for entry in archive.outlets if asked is None or entry["id"] in asked)
    try:
        return [_written(archive, each, found.get(each, [])) for each in ids]
    except OSError as error:
        raise unusable(error.filename or archive.raw / "outlets", error) from error


def _recurring(engine: Engine, tasks: Sequence[LearnTask]) -> dict[str, list[dict[str, Any]]]:
    """Lines that qualify, by outlet."""
    files = [file for file in engine.run("looking for lines", _seen, tasks) if file]
    counts = {line: number for part in range(PARTS) for line, number in _frequent(files, part)}
    witnesses: dict[bytes, list[Witness]] = {}
    wanted = [task._replace(wanted=frozenset(counts)) for task in tasks]
    for part in engine.run("comparing captures", _witnesses, wanted) if counts else ():
        for line, witness in part:
            witnesses.setdefault(line, []).append(witness)
    chosen = {line: _one_an_article(found) for line, found in witnesses.items()}
    sets = _line_sets(
        files, {each.capture for found in chosen.values() for each in found}, frozenset(counts)
    )
    lines: dict[str, list[dict[str, Any]]] = {}
    for line, found in chosen.items():
        examples = _different(found, sets)
        if len(examples) >= MIN_CAPTURES:
            words = min(each.line for each in found)
            entry = {
                "line": words,
                "count": counts[line],
                "examples": [each.place for each in examples],
            }
            lines.setdefault(found[0].outlet, []).append(entry)
    return lines


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest()


def _lines(task: LearnTask) -> Iterator[tuple[Kept, Article, list[str]]]:
    """(capture, article, lines of its text) of each article of a chunk."""
    for found in drafts_of(task.scan):
        kept = found.kept
        if kept is None or kept.article is None or kept.capture.record is not None:
            continue  # ready records are taken as they are stated
        article, ids = kept.article, {kept.own_id, kept.also_id}
        if task.outlets is not None and article.outlet.id not in task.outlets:
            continue
        if ids.isdisjoint(task.withdrawn):
            yield kept, article, article.described.text.split("\n\n")


def _seen(task: LearnTask) -> str | None:
    """Write the digests of a chunk's lines; the file, None if there are none. Raises OSError."""
    rows = []
    for kept, article, lines in _lines(task):
        who = (_digest(kept.capture_id), _digest(str(kept.own_id)))
        headline, outlet = article.described.title, article.outlet.id
        title = _digest(loosely(headline)) if headline else bytes(8)
        rows += [(_digest(outlet, each), *who, title) for each in {loosely(each) for each in lines}]
    if not rows:
        return None
    file = f"{task.folder}/{task.scan.number:06}.npy"
    np.save(file, np.array(rows, SEEN))
    return file


def _frequent(files: Iterable[str], part: int) -> Iterator[tuple[bytes, int]]:
    """(line, number of articles that have it) of one part of all lines, where it is enough."""
    held = [np.empty((0, 2), np.uint64)]
    for file in files:
        rows = np.load(file, mmap_mode="r")
        lines, articles = _numbers(rows["line"]), _numbers(rows["article"])
        mine = lines % PARTS == part
        held.append(np.stack((lines[mine], articles[mine]), axis=1))
    pairs = np.unique(np.concatenate(held), axis=0)
    words, counts = np.unique(pairs[:, 0], return_counts=True)
    for line, number in zip(words, counts.tolist(), strict=True):
        if number >= MIN_CAPTURES:
            yield line.tobytes(), number


def _numbers(digests: Any) -> Any:
    """Digests of eight octets as numbers."""
    return np.ascontiguousarray(digests).view(np.uint64)


def _witnesses(task: LearnTask) -> list[tuple[bytes, Witness]]:
    """Where the wanted lines stand in a chunk, at most 64 captures a line."""
    held: dict[bytes, list[Witness]] = {}
    for kept, article, lines in _lines(task):
        place = kept.seen.url or f"raw/{kept.capture.source_file}"
        who = (_digest(str(kept.own_id)), _digest(kept.capture_id))
        for line in lines:
            digest = _digest(article.outlet.id, loosely(line))
            if digest in task.wanted:
                witness = Witness(line, *who, place, article.outlet.id)
                held.setdefault(digest, []).append(witness)
    return [(line, each) for line, seen in held.items() for each in _one_an_article(seen)]


def _one_an_article(found: Iterable[Witness]) -> list[Witness]:
    """The first capture of each article, of at most 64 articles, by their digests."""
    first: dict[bytes, Witness] = {}
    for each in sorted(found, key=lambda each: (each.article, each.capture, each.line)):
        first.setdefault(each.article, each)
    return list(first.values())[:MAX_WITNESSES]


class _Held(NamedTuple):
    """What a capture holds: its article, its headline (zero for none), its own lines."""

    article: bytes
    title: bytes
    lines: set[bytes]


def _line_sets(
    files: Iterable[str], captures: set[bytes], recurring: frozenset[bytes]
) -> dict[bytes, _Held]:
    """What each of some captures holds but for lines that recur."""
    found: dict[bytes, _Held] = {}
    wanted = np.frombuffer(b"".join(sorted(captures)), np.uint64)
    for file in files:
        rows = np.load(file)
        for row in rows[np.isin(_numbers(rows["capture"]), wanted)]:
            capture = row["capture"].tobytes()
            held = found.setdefault(
                capture, _Held(row["article"].tobytes(), row["title"].tobytes(), set())
            )
            line = row["line"].tobytes()
            if line not in recurring:
                held.lines.add(line)
    return found


def _different(found: Sequence[Witness], sets: Mapping[bytes, _Held]) -> list[Witness]:
    """The first three captures that differ pairwise in article, headline and most lines.

    Those that hold nothing but recurring lines prove nothing.
    """
    able = [each for each in found if sets[each.capture].lines]
    for start in range(len(able)):
        chosen = [able[start]]
        for each in able[start + 1 :]:
            mine = sets[each.capture]
            if all(_differ(mine, sets[other.capture]) for other in chosen):
                chosen.append(each)
            if len(chosen) == MIN_CAPTURES:
                return chosen
    return []


def _differ(one: _Held, other: _Held) -> bool:
    if one.article == other.article or (one.title == other.title and any(one.title)):
        return False
    shared = len(one.lines & other.lines)
    return shared <= COPY_SHARE * min(len(one.lines), len(other.lines))


def learned_lines(file: Path) -> Mapping[str, Any]:
    """A file of learned lines as data; empty if there is none. Raises OSError, ValueError."""
    if not file.is_file():
        return {}
    return toml_data(file.read_bytes().decode("utf-8"))


def _written(archive: Archive, outlet_id: str, found: list[dict[str, Any]]) -> Learned:
    """Write an outlet's file; none where nothing was learned and nothing stood. Raises OSError."""
    file = archive.raw / "outlets" / f"{outlet_id}{LEARNED}"
    try:
        known = learned_lines(file)
    except ValueError as error:
        raise DataError(
            f"{file}: no TOML: {in_words(error)}", "correct it, or remove the file"
        ) from error
    kept = [each for each in known.get("lines", ()) if each.get("apply") is False]
    ours = {loosely(each["line"]) for each in kept}
    fresh = [each for each in found if loosely(each["line"]) not in ours]
    lines = sorted([*kept, *fresh], key=lambda each: (-each["count"], each["line"]))
    if not lines and not file.exists():
        return Learned(outlet_id, file, [])
    document = tomlkit.document()
    for comment in (
        "Lines that recur over this outlet's articles, learned from its captures.",
        "Look through them: builds take them out of texts. For a line that belongs to the",
        "articles write `apply = false`; learning again leaves it so.",
    ):
        document.add(tomlkit.comment(comment))
    table = tomlkit.aot()
    for each in lines:
        table.append(tomlkit.item(dict(each)))
    document.add("lines", table if lines else tomlkit.array())
    write_whole(file, tomlkit.dumps(document).encode())
    return Learned(outlet_id, file, lines)
