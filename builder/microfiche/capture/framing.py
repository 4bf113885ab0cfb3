"""Where records begin and end in a WARC file, whatever is broken in it.

Owns framing alone: plain files, gzip (a member a record, or many), zstd. A record whose length is
wrong, a member that is damaged or cut, or more than the limit, costs itself and nothing else: the
next record is looked for by its first line. Nothing is decompressed beyond the limit.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
VERSION = b"WARC/"
NEXT_RECORD = re.compile(rb"WARC/1\.[01]\r?\n[A-Za-z][A-Za-z-]{1,40}:")
HEADER_END = re.compile(rb"\r?\n\r?\n")
LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
RECORD_END = b"\r\n\r\n"
MAX_HEADER = 1 << 16
STEP = 1 << 18
# What a damaged or hostile gzip member may inflate to before the rest of it is given up.
MAX_WASTE = 1 << 28


Buffer = bytes | bytearray | mmap.mmap


class Frame(NamedTuple):
    """One record: its place in the file, its octets (None if they are not whole), what is wrong.

    `offset` is that of the gzip member where the file is compressed; `size` the octets on disk or,
    where they were not read, as many as are claimed. `too_large` tells a record over the limit.
    """

    offset: int
    octets: bytes | None
    fault: str | None = None
    size: int = 0
    too_large: bool = False


def read_frames(file: Path, limit: int) -> Iterator[Frame]:
    """Every record of a WARC file, in order. `limit` is bytes a record's block. Raises OSError."""
    with file.open("rb") as source:
        if not file.stat().st_size:
            return
        with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as view:
            if view[:3] == GZIP_MAGIC:
                yield from _gzip_frames(view, limit)
            elif view[:4] == ZSTD_MAGIC:
                yield from _zstd_frames(file, limit)
            else:
                yield from _frames(view, 0, limit)


def read_frame(file: Path, offset: int, limit: int) -> Frame:
    """The record at an offset that `read_frames` gave. Raises OSError."""
    with file.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as view:
        if view[offset : offset + 3] == GZIP_MAGIC:
            frames: Iterator[Frame] = _member_frames(view, offset, limit)
        elif view[offset : offset + 5] == VERSION:
            frames = _frames(view, offset, limit)
        else:
            return Frame(offset, None, "no record begins here")
        return next(iter(frames), Frame(offset, None, "no record begins here"))


class _Piece(NamedTuple):
    """A record found in a buffer: where it begins, where the next may, what is wrong with it."""

    start: int
    end: int
    fault: str | None = None
    size: int = 0
    too_large: bool = False


def _pieces(view: Buffer, limit: int, at: int = 0, *, whole: bool) -> Iterator[_Piece]:
    """Records in a buffer. If it is not the `whole` of its source, the last may be to come."""
    size = len(view)
    while at < size:
        if view[at : at + 5] != VERSION:
            found = NEXT_RECORD.search(view, at)
            if found is None and not whole:
                return
            end = found.start() if found else size
            if bytes(view[at : min(end, at + MAX_HEADER)]).strip():
                yield _Piece(at, end, "no WARC record begins here", end - at)
            at = end
            continue
        piece = _piece(view, at, limit)
        if piece is None and not whole:
            return
        if piece is None:
            found = NEXT_RECORD.search(view, at + 1)
            end = found.start() if found else size
            piece = _Piece(at, end, "its length is wrong, or the file is cut short", end - at)
        yield piece
        at = piece.end


def _piece(view: Buffer, at: int, limit: int) -> _Piece | None:
    """The record that begins at `at`; None if it is not whole or does not end as it says."""
    header = HEADER_END.search(view, at, at + MAX_HEADER)
    length = LENGTH.search(view, at, header.start() + 1) if header else None
    if not header or not length:
        return None
    block_end = header.end() + int(length[1])
    if view[block_end : block_end + 4] != RECORD_END:
        return None
    end = block_end + 4
    after = view[end : end + 16].lstrip(b"\r\n")[:5]
    if after and not VERSION.startswith(after):
        return None  # the blank line it ends with is one inside the next record
    if int(length[1]) > limit:
        return _Piece(at, end, f"{int(length[1]):,} bytes", int(length[1]), too_large=True)
    return _Piece(at, end, None, end - at)


def _frames(view: mmap.mmap, start: int, limit: int) -> Iterator[Frame]:
    for piece in _pieces(view, limit, start, whole=True):
        yield _frame(view, piece, piece.start)


def _frame(view: Buffer, piece: _Piece, offset: int) -> Frame:
    octets = None if piece.fault else bytes(view[piece.start : piece.end])
    return Frame(offset, octets, piece.fault, piece.size, piece.too_large)


def _gzip_frames(view: mmap.mmap, limit: int) -> Iterator[Frame]:
    start = 0
    while start < len(view):
        end = None
        if view[start : start + 3] == GZIP_MAGIC:
            end = yield from _member_frames(view, start, limit)
        elif view[start : start + MAX_HEADER].strip(b"\0"):
            yield Frame(start, None, "no gzip member begins here")
        start = _next_member(view, start + 1) if end is None else end


def _next_member(view: mmap.mmap, start: int) -> int:
    """Where the next gzip member that holds a record begins; the end if there is none."""
    while (start := view.find(GZIP_MAGIC, start)) >= 0:
        try:
            head = zlib.decompressobj(wbits=31).decompress(view[start : start + 4096], 5)
        except zlib.error:
            head = b""
        if head == VERSION:
            return start
        start += 1
    return len(view)


def _member_frames(view: mmap.mmap, start: int, limit: int) -> Generator[Frame, None, int | None]:
    """Records of the gzip member at `start`; gives where it ends, None if that can't be told."""
    inflate = zlib.decompressobj(wbits=31)
    buffer, at, inflated, found = bytearray(), start, 0, 0
    most = limit + MAX_HEADER + len(RECORD_END)
    while not inflate.eof:
        compressed = inflate.unconsumed_tail or view[at : at + STEP]
        if not inflate.unconsumed_tail:
            at += len(compressed)
        if not compressed:
            yield Frame(start, None, "its gzip member is cut short")
            return None
        try:
            out = inflate.decompress(compressed, STEP)
        except zlib.error as error:
            yield Frame(start, None, f"its gzip member is damaged: {error}")
            return None
        buffer += out
        inflated += len(out)
        if len(buffer) > most:
            used = 0
            for piece in _pieces(buffer, limit, whole=False):
                found += 1
                used = piece.end
                yield _frame(buffer, piece, start)
            del buffer[:used]
            if len(buffer) > most:
                yield Frame(start, None, f"more than {limit:,} bytes", len(buffer), too_large=True)
                return None
    for piece in _pieces(buffer, limit, whole=True):
        yield _frame(buffer, piece, start)
    return at - len(inflate.unused_data)


def _zstd_frames(file: Path, limit: int) -> Iterator[Frame]:
    """Records of a zstd file, read as one stream; damage ends it."""
    from fastwarc.stream_io import ZstdReader

    buffer = bytearray()
    most = limit + MAX_HEADER + len(RECORD_END)
    with file.open("rb") as source:
        reader = ZstdReader(source)
        while True:
            try:
                out = reader.read(STEP)
            except OSError as error:
                yield Frame(0, None, f"the zstd stream is damaged: {error}")
                return
            buffer += out
            used = 0
            for piece in _pieces(buffer, limit, whole=not out):
                used = piece.end
                yield _frame(buffer, piece, 0)
            del buffer[:used]
            if not out:
                return
            if len(buffer) > most:
                yield Frame(0, None, f"more than {limit:,} bytes", len(buffer), too_large=True)
                return
