"""Tables that name files, or addresses where nothing was found: each row a capture's record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from microfiche.archive import Archive
from microfiche.archive.opening import open_archive
from microfiche.archive.writing import within, write_whole
from microfiche.captures import Capture
from microfiche.captures.retrieval import LINES_FILE, check_record
from microfiche.captures.spreadsheet import Mismatch, Reading
from microfiche.curation.adding import Added, add, candidate, copy_entry
from microfiche.curation.replacing import note_pairs
from microfiche.errors import DataError, MicroficheError, unusable
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.registry import known_outlets
from microfiche.url import read_address


@dataclass(frozen=True)
class Observed:
    """What became of a row of a table that names no file: a line in a retrievals.jsonl."""

    line: int
    place: Path
    already_there: bool


def add_table(
    archive: Archive,
    reading: Reading,
    defaults: Mapping[str, Any],
    replace: Mapping[str, str] | None = None,
) -> Iterator[Added | Observed]:
    """Add every row of a table; `defaults` hold for what a row leaves open, `replace` as of `add`.

    Raises DataError before anything is written if a row does not fit.
    """
    replaces = replace is not None
    mismatches = [
        *reading.mismatches,
        *row_mismatches(archive, reading, defaults, replaces=replaces),
    ]
    if mismatches:
        shown = "".join(f"\n  {each}" for each in mismatches[:50])
        raise DataError(
            f"{reading.table}: nothing was added, cells do not fit:{shown}",
            "correct the table; --dry-run lists them all",
        )
    for row in reading.rows:
        record = _with_defaults(row.record, defaults)
        if row.file is None:
            yield _observed(archive, row.line, record, replace)
            continue
        added = add(archive, row.file, record, replace)
        if added.from_registry:
            archive = open_archive(archive.root)
        yield added


def _with_defaults(record: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A row's record with what holds for all rows; notes of both."""
    known = {key: value for key, value in defaults.items() if value is not None}
    merged = {**known, **record}
    if "notes" in known and "notes" in record:
        merged["notes"] = f"{record['notes']}; {known['notes']}"
    return merged


def row_mismatches(
    archive: Archive, reading: Reading, defaults: Mapping[str, Any], *, replaces: bool = False
) -> Iterator[Mismatch]:
    """What of a table's rows could not be added: records, files, outlets that are none.

    Also other records of what is there, unless they are to stand in their place (`replaces`).
    """
    books = (archive.outlet_book(), known_outlets())
    for row in reading.rows:
        record = _with_defaults(row.record, defaults)
        for fault in check_record(record, "retrieval"):
            yield Mismatch(row.line, fault.place.strip("/"), fault.message)
        try:
            if row.file is not None:
                candidate(archive, row.file, record, replaces=replaces)
            elif not (owner := _owner(books[0], record) or _owner(books[1], record)):
                host = f"{record['url']} is of no known outlet"
                yield Mismatch(row.line, reading.columns.get("url", "url"), host)
            elif not replaces and _same_observation(archive, owner, record):
                told = f"another record of {record['url']} is there: give --replace, --reason, --by"
                yield Mismatch(row.line, reading.columns.get("url", "url"), told)
        except MicroficheError as error:
            yield Mismatch(row.line, reading.columns.get("file", "file"), str(error))


def _owner(outlets: Outlets, record: Mapping[str, Any]) -> str | None:
    """Outlet of an observation: the one stated, else the host's."""
    stated = record.get("outlet_id")
    if stated:
        return str(stated) if stated in outlets.by_id else None
    address = read_address(record["url"])
    claim = outlets.at(address.host, None) if address else None
    return claim[0].id if claim else None


def _observed(
    archive: Archive, line: int, record: Mapping[str, Any], replace: Mapping[str, str] | None
) -> Observed:
    """Add an observation without bytes to its outlet's retrievals.jsonl, once."""
    outlet_id = _owner(archive.outlet_book(), record)
    if outlet_id is None:
        outlet_id = str(_owner(known_outlets(), record))
        copy_entry(archive.root, outlet_id)
    if replace and (before := _same_observation(archive, outlet_id, record)):
        return Observed(line, _restate(archive, outlet_id, (before, record), replace), False)
    return Observed(line, *note_observation(archive, outlet_id, record))


def _same_observation(archive: Archive, outlet_id: str, record: Mapping[str, Any]) -> bytes | None:
    """The line of the same observation with another record; None if there is none."""
    file = archive.raw / "captures" / outlet_id / LINES_FILE
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            known = orjson.loads(line)
        except ValueError:
            continue
        if not isinstance(known, dict) or "path" in known or known.get("url") != record["url"]:
            continue
        time = known.get("retrieved_at")
        if known != record and time in (None, record.get("retrieved_at", time)):
            return line
    return None


def _restate(
    archive: Archive,
    outlet_id: str,
    records: tuple[bytes, Mapping[str, Any]],
    replace: Mapping[str, str],
) -> Path:
    """Put the record of an observation in the place of another's line. Raises CannotRun."""
    before, record = records
    file = archive.raw / "captures" / outlet_id / LINES_FILE
    ids = [_id(orjson.loads(before)), _id(record)]
    try:
        note_pairs(archive, [(ids[0], ids[1])], replace)
        after = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
        lines = [after if each == before else each for each in file.read_bytes().splitlines()]
        write_whole(within(archive.raw, file), b"".join(each + b"\n" for each in lines))
    except OSError as error:
        raise unusable(file, error) from error
    return file


def _id(record: Mapping[str, Any]) -> str:
    """The id of an observation without bytes."""
    from microfiche.collation.draft import capture_key  # not for what corrects nothing

    return capture_key(Capture("", None, None, None, None, record))[1]


def note_observation(
    archive: Archive, outlet_id: str, record: Mapping[str, Any]
) -> tuple[Path, bool]:
    """Write an observation without bytes into an outlet's retrievals.jsonl, once.

    Gives the file, and whether the line was there already. Raises CannotRun.
    """
    file = archive.raw / "captures" / outlet_id / LINES_FILE
    text = orjson.dumps(record, option=orjson.OPT_SORT_KEYS) + b"\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_bytes() if file.is_file() else b""
        there = text in before.splitlines(keepends=True)
        if not there:
            with file.open("ab") as out:
                out.write(b"\n" if before and not before.endswith(b"\n") else b"")
                out.write(text)
    except OSError as error:
        raise unusable(file, error) from error
    return file, there
