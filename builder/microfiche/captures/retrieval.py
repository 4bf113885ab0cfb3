"""Retrieval records: what is known of how a capture was obtained.

A record is a sidecar `<file>.toml` beside the capture, or a line with its file name as `path` in
the folder's retrievals.jsonl. Both follow schema/retrieval.json.
"""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from microfiche.captures import NO_RECORD, Capture, Fault
from microfiche.dates import is_day, utc_time
from microfiche.documents import TWICE, named_twice, toml_data
from microfiche.errors import in_words
from microfiche.schema import record_type

LINES_FILE = "retrievals.jsonl"
SIDECAR = ".toml"
RECORD_ENDINGS = (".jsonl", ".ndjson")
OWN_RECORDS = "the lines of a JSONL file carry their own records"
MAX_RECORD_BYTES = 1 << 20
STATUS_OUTCOMES = {304: "other", 404: "not_found", 410: "gone", 451: "blocked"}


class RetrievalLine(NamedTuple):
    """One line of a retrievals.jsonl: its place, its record, and what is wrong with it."""

    line: int
    offset: int
    size: int
    record: Mapping[str, Any]
    faults: tuple[Fault, ...]


def folder_lines(folder: Path) -> Mapping[str | None, tuple[RetrievalLine, ...]]:
    """Lines of a folder's retrievals.jsonl by `path`; None holds those without one."""
    try:
        state = (folder / LINES_FILE).lstat()
    except OSError:
        return {}
    if not stat.S_ISREG(state.st_mode):
        return {}
    times = (state.st_mtime_ns, state.st_ctime_ns)
    return _lines_by_path(folder / LINES_FILE, times, (state.st_size, state.st_ino))


@functools.lru_cache(maxsize=4)
def _lines_by_path(
    file: Path, _times: tuple[int, int], _size: tuple[int, int]
) -> Mapping[str | None, tuple[RetrievalLine, ...]]:
    found: dict[str | None, list[RetrievalLine]] = {}
    for line in _read_lines(file):
        path = line.record.get("path")
        found.setdefault(path if isinstance(path, str) else None, []).append(line)
    return {path: tuple(lines) for path, lines in found.items()}


def _read_lines(file: Path) -> Iterator[RetrievalLine]:
    offset = 0
    with file.open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            if raw.strip():
                record, faults = _parsed_line(raw)
                size = len(raw.rstrip(b"\r\n"))
                yield RetrievalLine(number, offset, size, record, faults)
            offset += len(raw)


def _parsed_line(raw: bytes) -> tuple[Mapping[str, Any], tuple[Fault, ...]]:
    try:
        record = orjson.loads(raw)
    except ValueError as error:
        return NO_RECORD, (Fault("MF307", in_words(error)),)
    if not isinstance(record, dict):
        return NO_RECORD, (Fault("MF307", "the line is no JSON object"),)
    if (twice := named_twice(raw.strip(), record)) is not None:
        return NO_RECORD, (Fault("MF307", TWICE.format(twice)),)
    return record, check_record(record, "retrieval-line")


def no_time(stated: str) -> str:
    """That something is neither a time that there is, nor a day."""
    return f"no time that UTC can state, and no day: {stated!r}"


def check_record(record: Mapping[str, Any], schema: str) -> tuple[Fault, ...]:
    """Faults of a retrieval record against its schema."""
    kind = record_type(schema)
    at = record.get("retrieved_at")
    if kind.is_valid(record):
        if at is None or utc_time(at) or is_day(at):
            return ()
        return (Fault("MF309", no_time(at), "/retrieved_at"),)
    return tuple(Fault("MF309", message, pointer) for pointer, message in kind.explain(record))


def retrieval_of(file: Path) -> tuple[Mapping[str, Any], tuple[Fault, ...]]:
    """(record, faults) of a whole-file capture, from its sidecar or its folder's lines."""
    lines = folder_lines(file.parent).get(file.name, ())
    sidecar = file.with_name(file.name + SIDECAR)
    if os.path.islink(sidecar):
        return NO_RECORD, (Fault("MF105", f"{sidecar.name} is a symbolic link"),)
    if os.path.lexists(sidecar):
        record, faults = _sidecar(sidecar)
        if lines:
            both = f"{sidecar.name} and line {lines[0].line} of {LINES_FILE}"
            faults = (*faults, Fault("MF311", both))
        return record, faults
    if not lines:
        return NO_RECORD, (Fault("MF308", f"neither {sidecar.name} nor a line in {LINES_FILE}"),)
    faults = tuple(_at_line(fault, lines[0].line) for fault in lines[0].faults)
    if len(lines) > 1:
        both = f"lines {lines[0].line} and {lines[1].line} of {LINES_FILE}"
        faults = (*faults, Fault("MF311", both))
    record = {key: value for key, value in lines[0].record.items() if key != "path"}
    return (NO_RECORD if faults else record), faults


def _at_line(fault: Fault, line: int) -> Fault:
    return _in_file(fault, f"{LINES_FILE} line {line}")


def _in_file(fault: Fault, name: str) -> Fault:
    """A fault of a record with the file that this stands in; what is of all of it has no place."""
    return fault._replace(place=name if fault.place == "/" else f"{name} {fault.place}")


def _sidecar(file: Path) -> tuple[Mapping[str, Any], tuple[Fault, ...]]:
    try:
        if not file.is_file():
            return NO_RECORD, (Fault("MF309", f"{file.name} is no regular file"),)
        if file.stat().st_size > MAX_RECORD_BYTES:
            return NO_RECORD, (Fault("MF309", f"{file.name} is larger than a record can be"),)
        record = toml_data(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        return NO_RECORD, (Fault("MF309", f"{file.name} cannot be read: {in_words(error)}"),)
    except (ValueError, RecursionError) as error:
        return NO_RECORD, (Fault("MF309", f"{file.name} is no TOML: {in_words(error)}"),)
    faults = check_record(record, "retrieval")
    named = tuple(_in_file(fault, file.name) for fault in faults)
    return (NO_RECORD if faults else record), named


def outcome_of(record: Mapping[str, Any]) -> tuple[str, str | None]:
    """(what an observation found, how that is known).

    As its record states, else by HTTP status, else an article as far as is known yet.
    """
    stated = record.get("outcome")
    if stated:
        return str(stated), "stated"
    status = record.get("http_status") or 200
    if status in STATUS_OUTCOMES:
        return STATUS_OUTCOMES[status], "http-status"
    if status < 300:
        return "article", None
    return ("redirect" if status < 400 else "error"), "http-status"


def bare_observations(file: Path, source_file: str) -> Iterator[Capture]:
    """Captures without bytes: the lines of a retrievals.jsonl that name no file of the folder.

    A line that names a missing file, or leaves its folder, is a capture with that fault.
    """
    for name, lines in folder_lines(file.parent).items():
        if name is not None and _is_own_file(file.parent, name):
            continue
        for line in lines:
            faults = line.faults
            if name is not None:
                reason = OWN_RECORDS if is_records(name) else f"no file {name!r} in this folder"
                faults = (*faults, Fault("MF310", reason, "/path"))
            elif not faults and outcome_of(line.record)[0] == "article":
                faults = (Fault("MF310", "a capture of an article must have a path"),)
            record = NO_RECORD if faults else line.record
            number = functools.partial(int, line.line)
            yield Capture(source_file, line.offset, number, None, None, record, None, faults)


def is_records(name: str) -> bool:
    """Whether a file of this name holds ready records, each with its own retrieval record."""
    return name.lower().endswith(RECORD_ENDINGS)


def _is_own_file(folder: Path, name: str) -> bool:
    """Whether `name` is a plain file name and such a file (or link) stands in `folder`."""
    if is_records(name):
        return False
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        return False
    path = folder / name
    return os.path.isfile(path) or os.path.islink(path)  # false too for a name that is too long
