"""Putting a corrected table in the place of the one that was added: which of its rows are others.

Rows are paired by what they have in common: the number of a database, an address, a headline with
its day, a text. Lines that others stand for are kept under raw/replaced/, where builds do not look:
with them a release that is out can still be built again. raw/replaced.jsonl says who put what in
whose place, and why.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from microfiche.archive import Archive
from microfiche.archive.files import REPLACED
from microfiche.archive.replacements import successors
from microfiche.archive.writing import append_lines, within, write_whole
from microfiche.captures import files
from microfiche.captures.jsonl import read_records
from microfiche.curation.copies import TABLES
from microfiche.errors import DataError, UsageError, unusable
from microfiche.release import folder_name
from microfiche.release.opening import open_release, releases_of
from microfiche.schema import record_type

MOST_BYTES = 1 << 30  # of a line
Record = Mapping[str, Any]


class Row(NamedTuple):
    """A line of captures: its octets, the capture's id, its record."""

    line: bytes
    capture_id: str
    record: Record


class Pair(NamedTuple):
    """A row that was added before and the one in its place; None where there is none."""

    old: Row
    new: Row | None

    @property
    def fields(self) -> list[str]:
        """Members that differ."""
        if self.new is None:
            return []
        one, other = self.old.record, self.new.record
        return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


@dataclass
class Replacement:
    """What a corrected table changes: the one before, rows that stay, in whose place are others.

    `stem` is what the files of the table before are called.
    """

    stem: str
    n_same: int
    pairs: list[Pair] = field(default_factory=list)
    n_new: int = 0

    @property
    def replaced(self) -> list[Pair]:
        """Rows in whose place there are others."""
        return [each for each in self.pairs if each.new]

    @property
    def gone(self) -> list[Pair]:
        """Rows that the table has no more."""
        return [each for each in self.pairs if not each.new]


def earlier_table(archive: Archive, table: Path, stem: str, lines: Counter[bytes]) -> str | None:
    """What the files of the table of this name are called that was added before; None without one.

    One of other rows, by the digests of `lines`; of several the same table, read otherwise, else
    that with most rows in common.
    """
    found = []
    for reading in sorted((archive.raw / TABLES).glob("*.toml")):
        try:
            name = tomllib.loads(reading.read_text("utf-8")).get("original_name")
        except (OSError, ValueError):
            continue
        held = line_files(archive, reading.stem) if name == table.name else []
        if held and (reading.stem != stem or line_digests(held) != lines):
            common = (lines & line_digests(held)).total()
            found.append((reading.stem == stem, common, reading.stem))
    return max(found)[2] if found else None


def line_files(archive: Archive, stem: str) -> list[Path]:
    """The files of captures that a table gave."""
    return sorted((archive.raw / "captures").glob(f"*/{stem}.jsonl"))


def line_digests(held: Iterable[Path]) -> Counter[bytes]:
    """Digests of the lines of some files, counted."""
    found: Counter[bytes] = Counter()
    for file in held:
        with file.open("rb") as lines:
            found.update(hashlib.sha256(line).digest() for line in lines)
    return found


def compare(archive: Archive, stem: str, new: Iterable[Path]) -> Replacement:
    """What the lines of a corrected table change of those of the table before."""
    new, old = list(new), line_files(archive, stem)
    before, after = line_digests(old), line_digests(new)
    same = before & after
    gone, fresh = list(_rows(old, before - same)), list(_rows(new, after - same))
    found = Replacement(stem, same.total())
    for key in KEYS:
        gone, fresh = _paired(gone, fresh, key, found.pairs)
    found.pairs += [Pair(row, None) for row in gone]
    found.n_new = len(fresh)
    return found


def _rows(held: Sequence[Path], wanted: Counter[bytes]) -> Iterator[Row]:
    """The rows of some files whose lines are wanted, each as often as that."""
    from microfiche.collation.draft import capture_key  # not for what replaces nothing

    left = Counter(wanted)
    for file in held:
        span = (0, file.stat().st_size)
        for capture in read_records(file, file.name, span, MOST_BYTES):
            line = _line_at(file, capture.source_offset or 0)
            digest = hashlib.sha256(line).digest()
            if left[digest] > 0:
                left[digest] -= 1
                yield Row(line, capture_key(capture)[1], orjson.loads(line))


def _line_at(file: Path, offset: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek(offset)
        return opened.readline()


Key = Callable[[Record], Any]
# What two rows have in common if one is the other put right, the surest first.
KEYS: tuple[Key, ...] = (
    lambda record: record.get("accession"),
    lambda record: record.get("url") and [record["url"], _retrieved(record)],
    lambda record: record.get("url"),
    lambda record: record.get("title") and [record["title"], record.get("published")],
    lambda record: record.get("text") or record.get("html"),
    lambda record: record.get("title"),
)


def _retrieved(record: Record) -> Any:
    return record.get("retrieval", {}).get("retrieved_at")


def _paired(
    old: Sequence[Row], new: Sequence[Row], key: Key, pairs: list[Pair]
) -> tuple[list[Row], list[Row]]:
    """What is left of both once rows with the same key are paired, in their order."""
    waiting: dict[bytes, list[Row]] = {}
    for row in new:
        if value := key(row.record):
            waiting.setdefault(orjson.dumps(value), []).append(row)
    left, taken = [], set[int]()
    for row in old:
        value = key(row.record)
        same = waiting.get(orjson.dumps(value)) if value else None
        if same:
            other = same.pop(0)
            taken.add(id(other))
            pairs.append(Pair(row, other))
        else:
            left.append(row)
    return left, [row for row in new if id(row) not in taken]


def note(archive: Archive, found: Replacement, statement: Mapping[str, str]) -> None:
    """Keep the rows that others stand for, and say in whose place what stands, and why.

    What a killed run began the next one ends. Raises CannotRun, and UsageError for a statement that
    its schema does not allow.
    """
    check_statement(statement)
    pairs = [(each.old.capture_id, each.new and each.new.capture_id) for each in found.pairs]
    attic = archive.raw / files.REPLACED / f"{found.stem}.jsonl"
    try:
        if pairs:
            _keep(attic, [each.old.line for each in found.pairs])
        note_pairs(archive, pairs, statement)
    except OSError as error:
        raise unusable(error.filename or attic, error) from error


def note_pairs(
    archive: Archive, pairs: Iterable[tuple[str, str | None]], statement: Mapping[str, str]
) -> None:
    """Say which captures stand for which, each once, and what those were published as.

    Raises OSError, and UsageError as `note`.
    """
    check_statement(statement)
    standing = successors(archive.replaced)
    fresh = [(old, new) for old, new in pairs if old == new or standing.get(old, "") != new]
    published = _published(archive, [old for old, _ in fresh])
    append_lines(
        archive.root / REPLACED,
        [
            {"old": old, "new": new, **({"old_id": published[old]} if old in published else {}),
             **statement}
            for old, new in fresh
        ],
    )  # fmt: skip


def check_statement(statement: Mapping[str, str]) -> None:
    """Refuse a reason or a name that no line may have, before anything is written."""
    line = {"old": "0" * 20, "new": None, **statement}
    for pointer, message in record_type("replaced-line").explain(line):
        raise UsageError(f"--{pointer.strip('/')}: {message}", "correct the option")


def clear(archive: Archive, found: Replacement, places: Sequence[Path]) -> None:
    """Remove what the table before gave, but for the files that this one has. Raises CannotRun."""
    for file in line_files(archive, found.stem):
        if file not in places:
            try:
                file.unlink()
            except OSError as error:
                raise unusable(file, error) from error


def _keep(attic: Path, lines: Sequence[bytes]) -> None:
    """Add lines to a file under raw/replaced/, each once. Raises OSError."""
    attic.parent.mkdir(parents=True, exist_ok=True)
    within(attic.parents[1], attic)
    before = attic.read_bytes().splitlines(keepends=True) if attic.is_file() else []
    ended = [line if line.endswith(b"\n") else line + b"\n" for line in lines]
    write_whole(attic, b"".join(dict.fromkeys([*before, *ended])))


def _published(archive: Archive, ids: Sequence[str]) -> dict[str, str]:
    """The article of each capture, in the newest release at hand."""
    found = releases_of(archive.root / "dist" / folder_name(archive.name, "full"))
    if not found or not ids:
        return {}
    rows = open_release(found[-1]).select("captures", "capture_id", list(ids))
    return {row["capture_id"]: row["article_id"] for row in rows if row["article_id"]}


def no_earlier(table: Path) -> DataError:
    """That nothing is there to be replaced."""
    return DataError(
        f"{table}: --replace: no table of this name was added before",
        "add it without --replace, or give it the name that it had",
    )
