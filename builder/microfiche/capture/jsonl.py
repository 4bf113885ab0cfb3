"""JSONL files of ready records: one capture a line.

A file is read in spans of bytes, so that one large file is shared among workers: a line belongs to
the span it begins in. A line over the limit is passed over unread.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from microfiche.capture import NO_RECORD, Capture, Fault
from microfiche.schema import record_type

BLOCK = 1 << 20


def read_records(
    file: Path, source_file: str, span: tuple[int, int], limit: int
) -> Iterator[Capture]:
    """Captures of the lines that begin in bytes `span` of `file`; `limit` is bytes a line."""
    start, end = span
    is_valid = record_type("record").is_valid
    with file.open("rb", buffering=BLOCK) as lines:
        offset = _sync(lines, start)
        number = _lines_before(file, offset)
        while offset < end and (raw := lines.readline(limit + 2)):
            number += 1
            size = len(raw)
            if size > limit and raw[-1:] != b"\n":
                size += _skip_line(lines)
                fault = Fault("MF304", f"{size:,} bytes, the limit is {limit:,}")
                yield Capture(source_file, offset, number, size, None, faults=(fault,))
            elif body := raw.rstrip(b"\r\n \t"):
                record, faults = _parsed(body, is_valid)
                retrieval = record.get("retrieval", NO_RECORD) if record else NO_RECORD
                yield Capture(
                    source_file, offset, number, len(body), body, retrieval, record, faults
                )
            offset += size


def _parsed(body: bytes, is_valid: Any) -> tuple[dict[str, Any] | None, tuple[Fault, ...]]:
    try:
        record = orjson.loads(body)
    except ValueError as error:
        return None, (Fault("MF307", str(error)),)
    if is_valid(record):
        return record, () if "retrieval" in record else (Fault("MF308", "no member retrieval"),)
    if not isinstance(record, dict):
        return None, (Fault("MF307", "the line is no JSON object"),)
    explained = record_type("record").explain(record)
    return None, tuple(Fault("MF401", message, pointer) for pointer, message in explained)


def _sync(lines: IO[bytes], start: int) -> int:
    """Move to the first line that begins at or after `start`; its offset."""
    if start == 0:
        return 0
    lines.seek(start - 1)
    return start - 1 + _skip_line(lines)


def _skip_line(lines: IO[bytes]) -> int:
    """Pass over the rest of a line without keeping it; how many bytes it had."""
    skipped = 0
    while block := lines.readline(BLOCK):
        skipped += len(block)
        if block[-1:] == b"\n":
            break
    return skipped


def _lines_before(file: Path, offset: int) -> int:
    """Number of lines that end before `offset`."""
    count = 0
    with file.open("rb", buffering=0) as blocks:
        while offset > 0 and (block := blocks.read(min(BLOCK, offset))):
            count += block.count(b"\n")
            offset -= len(block)
    return count
