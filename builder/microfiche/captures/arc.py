"""ARC files, which web archives wrote before WARC: each HTTP response a capture.

A line of five fields or more stands before each document; what it says of its length is trusted
only if another such line, or the end, follows.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from typing import IO

from microfiche.captures import Capture, Fault
from microfiche.captures.framing import GZIP_MAGIC, Frame
from microfiche.captures.http import BadMessageError, read_message
from microfiche.captures.warc import (
    READ_MEDIA,
    BrokenRecordError,
    Record,
    Seen,
    Source,
    last_words,
    no_capture,
    of_response,
)
from microfiche.dates import stamp_time
from microfiche.errors import in_words

ARC_ENDINGS = (".arc", ".arc.gz")
LINE = re.compile(
    rb"([a-z][a-z0-9+.-]*:\S{1,4000}) (\S{1,60}) ([0-9]{14}) (\S{1,200})"
    rb"(?: \S{1,200}){0,5}? ([0-9]{1,12})\r?\n"
)
MAX_LINE = 8192
STEP = 1 << 20


def read_arc(source: Source) -> Iterator[Capture]:
    """Captures of an ARC file, in order; last a note of the records that are none.

    Raises OSError for a file that can't be read; what is broken in it is a fault of a capture.
    """
    seen, count = Seen(), 0
    with source.file.open("rb") as raw:
        packed = raw.read(3) == GZIP_MAGIC
        raw.seek(0)
        stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]
        try:
            for capture in _records(source, stream, seen):
                count += 1
                if capture:
                    yield capture
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            fault = Fault("MF313", f"it is cut short or damaged: {in_words(error)}")
            yield Capture(source.source_file, None, None, None, None, faults=(fault,))
    yield from last_words(source.source_file, seen.kinds, count)


def _records(source: Source, stream: IO[bytes], seen: Seen) -> Iterator[Capture | None]:
    """The capture of each record; None for one that is none."""
    at = lost = 0
    while line := stream.readline(MAX_LINE):
        place, at = at, at + len(line)
        match = LINE.fullmatch(line)
        if not match:
            lost += len(line) if line.strip() else 0
            continue
        if lost:
            yield _broken(source, place, f"about {lost:,} bytes that are no record")
            lost = 0
        size = int(match[5])
        block = stream.read(min(size, source.limit + 1))
        at += len(block)
        if len(block) < min(size, source.limit + 1):
            yield _broken(source, place, "it is cut short")
            return
        if size > source.limit:
            at += _skip(stream, size - len(block))
            fault = Fault("MF304", f"{size:,} bytes, the limit is {source.limit:,}")
            yield Capture(source.source_file, place, None, size, None, faults=(fault,))
            continue
        try:
            yield _capture(source, place, match, block, seen)
        except (BadMessageError, BrokenRecordError) as error:
            yield _broken(source, place, str(error))
    if lost:
        yield _broken(source, at - lost, f"about {lost:,} bytes that are no record")


def _skip(stream: IO[bytes], size: int) -> int:
    left = size
    while left and (block := stream.read(min(STEP, left))):
        left -= len(block)
    return size - left


def _broken(source: Source, place: int, told: str) -> Capture:
    return Capture(source.source_file, place, None, None, None, faults=(Fault("MF313", told),))


def _capture(
    source: Source, place: int, match: re.Match[bytes], block: bytes, seen: Seen
) -> Capture | None:
    url, date = match[1].decode("utf-8", "replace"), match[3].decode()
    headers = {"warc-target-uri": url, "warc-type": "response", "warc-date": stamp_time(date)}
    if url.startswith("filedesc:"):
        seen.kinds["descriptions of the file"] += 1
        return None
    media = match[4].decode("ascii", "replace").lower()
    try:
        message = read_message(block, source.limit, cut=False) if block[:5] == b"HTTP/" else None
    except BadMessageError:
        if media in READ_MEDIA:
            raise
        seen.kinds[f"responses of {media[:60]}, damaged"] += 1
        return None
    body = message.body if message else block
    record = Record(headers, body, message, message.media_type if message else media, False)
    passed = no_capture("response" if message else "resource", record)
    if passed:
        seen.kinds[passed] += 1
        return None
    return of_response(source, Frame(place, block), record, record)
