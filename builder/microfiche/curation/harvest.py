"""From somebody's table of articles to captures: each row a line of JSON, which is the capture.

The rows are read once, into lines beside the archive; then the plan is told, and the lines are put
in their places whole. The table is kept under raw/tables/ with its digest and how it was read, so
that what a killed run began the next one ends, with the same bytes.
"""

from __future__ import annotations

import functools
import hashlib
import re
import shutil
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, Any, NamedTuple

import tomlkit

from microfiche.archive import Archive
from microfiche.archive.writing import copy_whole, write_whole
from microfiche.captures.mapping import ANNOTATION, PRESETS, Mapped, map_columns
from microfiche.captures.retrieval import RECORD_ENDINGS
from microfiche.captures.spreadsheet import FILE
from microfiche.captures.tabular import dataset_files, open_tabular
from microfiche.curation.adding import copy_entry, refuse_broken
from microfiche.curation.copies import TABLES
from microfiche.curation.plans import Plan
from microfiche.curation.replacing import (
    clear,
    compare,
    earlier_table,
    line_digests,
    line_files,
    no_earlier,
    note,
)
from microfiche.curation.rows import Harvest, RowReader
from microfiche.engine import Progress, silent
from microfiche.errors import DataError, UsageError, unusable
from microfiche.fixity import canonical_json, file_digest, sha256_hex

UNSAFE = re.compile(r"[^\w.-]+")
MAX_STEM, ROWS_TOLD = 60, 1000
JSON_ENDINGS = (".json", *RECORD_ENDINGS)
MAX_OPEN = 200  # files of lines that are open at once


def harvest(
    archive: Archive,
    table: Path,
    how: Harvest,
    told: Callable[[Plan], None],
    *,
    dry_run: bool = False,
    replace: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> list[Path] | None:
    """Add every row that fits as a capture; the files that lie in the archive then.

    None if the table holds no text of articles, but names files, say. `told` gets the plan before
    anything is written. With `replace` (`reason`, `by`, `date`) the rows stand in the place of
    those of the table that was added under this name. Raises DataError if no row fits, or the table
    was added before in another way; UsageError, CannotRun.
    """
    if FILE in how.stated:
        return None
    opened = open_tabular(table)
    mapped = map_columns(table, opened.columns, how.stated, how.preset)
    if mapped.preset is None and {"text", "html"}.isdisjoint(mapped.columns):
        if table.suffix.lower() in JSON_ENDINGS:
            raise UsageError(
                f"{table}: no member is known to hold the text",
                f"give --map text=MEMBER, or --preset with one of {', '.join(PRESETS)}",
            )
        return None
    refuse_broken(archive)
    reader = RowReader(archive, opened, mapped, how)
    reading = functools.partial(_reading_of, table, mapped, how, reader.plan.orders)
    how_told = Settling(reading, told, dry_run, replace, progress)
    return settle(archive, reader.plan, reader.records(), how_told)


class Settling(NamedTuple):
    """How records are put into their places; `reading` says how they were read, by the digest."""

    reading: Callable[[str], str]
    told: Callable[[Plan], None]
    dry_run: bool
    replace: Mapping[str, str] | None
    progress: Progress


def settle(
    archive: Archive,
    plan: Plan,
    records: Iterator[tuple[str, dict[str, Any]]],
    how: Settling,
) -> list[Path]:
    """Put the records of a file into their places. Raises as `harvest`."""
    source = plan.source
    with tempfile.TemporaryDirectory(prefix="microfiche-") as folder:
        with closing(_Lines(Path(folder))) as lines:
            for number, (outlet_id, record) in enumerate(records):
                if number % ROWS_TOLD == 0:
                    how.progress("reading rows", number, 0)
                plan.n_twice += lines.add(outlet_id, record)
        kept, digest = _kept(archive, source)
        held = sorted(lines.files.items())
        places = [archive.raw / "captures" / each / f"{kept.stem}.jsonl" for each, _ in held]
        before, digests = line_files(archive, kept.stem), line_digests(file for _, file in held)
        there = bool(before) and line_digests(before) == digests
        if there:
            held, places = [], before  # though an outlet may be called otherwise since
        _compare(archive, plan, how, kept.stem, digests, [file for _, file in held] or before)
        plan.known = (
            before
            if there
            else [
                place for (_, file), place in zip(held, places, strict=True) if _same(file, place)
            ]
        )
        how.told(plan)
        if before and how.replace is None and not (there or line_digests(before) <= digests):
            raise DataError(
                f"{source}: this table was added before, and its rows are read otherwise now",
                "give the same options; or --replace, if they are to be read as now",
            )
        if not plan.n_fit and not there:
            raise DataError(f"{source}: no row fits", "see the reasons above, and correct it")
        if plan.n_refused and plan.replaces and plan.replaces.gone and how.replace:
            raise DataError(
                f"{source}: rows are refused, and others of the table before are gone: these may "
                "be the same",
                "correct the rows that are refused, or take them out of the table",
            )
        if not how.dry_run:
            if plan.replaces and how.replace:
                note(archive, plan.replaces, how.replace)
            _put(source, kept, how.reading(digest), anew=how.replace is not None)
            for each in sorted(plan.from_registry) if held else ():
                copy_entry(archive.root, each)
            for (_, file), place in zip(held, places, strict=bool(held)):
                _place(file, place)
            if plan.replaces:
                clear(archive, plan.replaces, places)
    return places


def _compare(
    archive: Archive,
    plan: Plan,
    how: Settling,
    stem: str,
    digests: Counter[bytes],
    lines: Iterable[Path],
) -> None:
    """Take down which table of this name was added before, and what this one changes of it."""
    earlier = earlier_table(archive, plan.source, stem, digests)
    if how.replace is None:
        plan.earlier = earlier
    elif earlier:
        plan.replaces = compare(archive, earlier, lines)
    elif not line_files(archive, stem):
        raise no_earlier(plan.source)


def _kept(archive: Archive, table: Path) -> tuple[Path, str]:
    """(where the archive keeps a table, its digest)."""
    digest = _digest(table)
    suffix = "" if table.is_dir() else table.suffix
    stem = UNSAFE.sub("-", table.name.removesuffix(suffix)).strip("-.")[:MAX_STEM] or "table"
    return archive.raw / TABLES / f"{stem}-{digest[:12]}{suffix}", digest


def _digest(table: Path) -> str:
    """SHA-256 of a table; of a folder that of the list of its files' digests."""
    try:
        if table.is_file():
            return file_digest(table)[1]
        files = sorted(dataset_files(table))
        named = [[each.relative_to(table).as_posix(), file_digest(each)[1]] for each in files]
        return sha256_hex(canonical_json(named))
    except OSError as error:
        raise unusable(table, error) from error


def _reading_of(
    table: Path, mapped: Mapped, how: Harvest, orders: Mapping[str, str], digest: str
) -> str:
    """How a table was read, as it is written beside it."""
    columns = {**mapped.columns, **{ANNOTATION + k: v for k, v in mapped.annotations.items()}}
    document: dict[str, Any] = {"original_name": table.name, "sha256": digest}
    stated = {"preset": mapped.preset, "zone": how.zone, "order": how.order, "annotated_by": how.by}
    document |= {key: value for key, value in stated.items() if value}
    document["columns"] = columns
    if orders:
        document["orders"] = dict(orders)
    if defaults := {key: value for key, value in how.defaults.items() if value is not None}:
        document["defaults"] = defaults
    return tomlkit.dumps(document)


def _put(table: Path, kept: Path, reading: str, *, anew: bool) -> None:
    """Keep a table and how it was read, in the place of how it was read before if `anew`.

    Raises DataError if it was read in another way before, CannotRun.
    """
    beside = kept.with_name(f"{kept.stem}.toml")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        same = beside.is_file() and _apart(beside.read_text("utf-8")) == _apart(reading)
        if beside.is_file() and not same and not anew:
            raise DataError(
                f"{table}: this table was added before, and read otherwise ({beside})",
                "give the same options; or --replace, if it is to be read as now",
            )
        if not same:
            write_whole(beside, reading.encode())
        if not kept.exists() and table.is_dir():
            partial = kept.with_name(f".{kept.name}.part")
            shutil.rmtree(partial, ignore_errors=True)
            for file in dataset_files(table):
                place = partial / file.relative_to(table)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
            partial.replace(kept)
        elif not kept.exists():
            copy_whole(table, kept)
    except OSError as error:
        raise unusable(kept, error) from error


def _apart(reading: str) -> dict[str, Any]:
    """How a table was read, but for what followed from its own cells."""
    return {key: value for key, value in tomllib.loads(reading).items() if key != "orders"}


def _same(file: Path, place: Path) -> bool:
    return place.is_file() and file_digest(file) == file_digest(place)


def _place(file: Path, place: Path) -> None:
    """Put lines in their place, whole."""
    try:
        if _same(file, place):
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        copy_whole(file, place)
    except OSError as error:
        raise unusable(place, error) from error


class _Lines:
    """Lines of JSON by outlet, in files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}
        self.open: dict[str, IO[bytes]] = {}
        self.stack = ExitStack()
        self.seen: set[bytes] = set()

    def add(self, outlet_id: str, record: Mapping[str, Any]) -> bool:
        """A record as a line of RFC 8785 JSON; whether there was one like it before."""
        if outlet_id not in self.open:
            if len(self.open) == MAX_OPEN:
                self.close()
            place = self.files.setdefault(outlet_id, self.folder / f"{len(self.files)}.jsonl")
            self.open[outlet_id] = self.stack.enter_context(place.open("ab"))
        line = canonical_json(record) + b"\n"
        self.open[outlet_id].write(line)
        digest, before = hashlib.blake2b(line, digest_size=12).digest(), len(self.seen)
        self.seen.add(digest)
        return len(self.seen) == before

    def close(self) -> None:
        """Write out everything."""
        self.stack.close()
        self.open = {}
