"""Where records begin and end in a WARC file, whatever is broken in it.

Owns framing alone: plain files, gzip (a member a record, or many), zstd. A record whose length is
wrong, a member that is damaged or cut, or more than the limit, costs itself and nothing else: the
next record is looked for by its first line. What is decompressed is never held beyond the limit.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

from microfiche.errors import in_words

GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
VERSION = b"WARC/"
NEXT_RECORD = re.compile(rb"WARC/1\.[01]\r?\n[A-Za-z][A-Za-z-]{1,40}:")
# A header: lines up to an empty one, none of which begins another record.
HEADER = re.compile(rb"WARC/[^\r\n]{1,10}\r?\n(?:(?!WARC/1\.)[^\r\n]{1,9000}\r?\n){1,200}\r?\n")
HEADER_END = re.compile(rb"\r?\n\r?\n")
LENGTH = re.compile(
    rb"^content-length:(?:[ \t]|\r?\n[ \t])*([0-9]{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
RECORD_END = b"\r\n\r\n"
LINE_FEEDS = re.compile(rb"(?:\r?\n){0,2}")
MAX_HEADER = 1 << 16
# How it shows depends on what follows it in the file, which may be another part's.
BROKEN_MEMBER = "its gzip member is damaged or cut short"
STEP = 1 << 18
# What a damaged or hostile gzip member may inflate to before the rest of it is given up.
MAX_WASTE = 1 << 28

Buffer = bytes | bytearray | mmap.mmap


class Place(NamedTuple):
    """Where a record stands: the byte in the file, and in what is compressed there.

    `offset` is that of the record, or of the gzip member or zstd frame that holds it; `inner` the
    record's own in what that decompresses to, else 0.
    """

    offset: int
    inner: int


class Frame(NamedTuple):
    """One record: its place (as in Place), its octets (None if they are not whole), what is wrong.

    `size` are the octets found or, where they were not read, as many as are claimed. `too_large`
    tells a record over the limit.
    """

    offset: int
    octets: bytes | None
    fault: str | None = None
    size: int = 0
    too_large: bool = False
    inner: int = 0


class Part(NamedTuple):
    """Bytes of a file in which records begin: from `start` to before `end`."""

    start: int
    end: int


def read_frames(file: Path, limit: int, part: Part | None = None) -> Iterator[Frame]:
    """Every record of a WARC file, or of a part of it that `part_of` gave, in order.

    `limit` is bytes a record's block. Raises OSError.
    """
    with file.open("rb") as source:
        if not file.stat().st_size:
            return
        with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as view:
            for frame in _frames_from(view, part.start if part else 0, limit):
                if part and frame.offset >= part.end:
                    return
                yield frame


def part_of(file: Path, start: int, end: int, limit: int) -> Part:
    """The part of a WARC file whose records, read by themselves, begin in bytes `start` to `end`.

    It ends where reading on would find the next record. Parts make up the file if each begins where
    the one before it ends: not always in one that is damaged, or holds other files' records.
    Raises OSError.
    """
    with file.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as view:
        begin = _next_begin(view, start) if start else 0
        if begin >= end:
            return Part(begin, begin)
        found = (frame.offset for frame in _frames_from(view, begin, limit) if frame.offset >= end)
        return Part(begin, next(found, len(view)))


def _frames_from(view: mmap.mmap, start: int, limit: int) -> Iterator[Frame]:
    if view[:3] == GZIP_MAGIC:
        return _gzip_frames(view, limit, start)
    if view[:4] == ZSTD_MAGIC:
        return _zstd_frames(view, limit, start)
    return _frames(view, start, limit)


def _next_begin(view: mmap.mmap, start: int) -> int:
    """Where a record seems to begin at or after `start`; the end of the file if none does."""
    if view[:3] == GZIP_MAGIC:
        return _next_member(view, start)
    if view[:4] == ZSTD_MAGIC:
        found = _next_zstd(view, start)
        return len(view) if found < 0 else found
    match = NEXT_RECORD.search(view, start)
    return match.start() if match else len(view)


def read_frame(file: Path, place: Place, limit: int) -> Frame:
    """The record at a place that `read_frames` gave. Raises OSError."""
    with file.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as view:
        frames: Iterator[Frame]
        if view[place.offset : place.offset + 3] == GZIP_MAGIC:
            frames = _member_frames(view, place.offset, limit)
        elif view[place.offset : place.offset + 4] == ZSTD_MAGIC:
            frames = _zstd_frame(view, place.offset, limit)
        else:
            frames = _frames(view, place.offset, limit)
        found = (frame for frame in frames if frame.inner >= place.inner)
        return next(found, Frame(place.offset, None, "no record begins here"))


class _Piece(NamedTuple):
    """A record found in a buffer: where it begins, where the next may, what is wrong with it."""

    start: int
    end: int
    fault: str | None = None
    size: int = 0
    too_large: bool = False
    is_bare: bool = False  # no blank lines follow it


def _pieces(view: Buffer, limit: int, at: int = 0, *, whole: bool) -> Iterator[_Piece]:
    """Records in a buffer. If it is not the `whole` of its source, the last may be to come."""
    size = len(view)
    while at < size:
        if view[at : at + 5] != VERSION:
            found = NEXT_RECORD.search(view, at)
            if found is None and not whole:
                return
            end = found.start() if found else size
            if bytes(view[at : min(end, at + MAX_HEADER)]).strip(b"\0\r\n\t "):
                yield _Piece(at, end, "no WARC record begins here", end - at)
            at = end
            continue
        piece = _piece(view, at, limit, whole=whole)
        if piece is None and not whole:
            return
        if piece is None:
            found = NEXT_RECORD.search(view, at + 1)
            end = found.start() if found else size
            piece = _Piece(at, end, "its length is wrong, or the file is cut short", end - at)
        yield piece
        at = piece.end


def _piece(view: Buffer, at: int, limit: int, *, whole: bool) -> _Piece | None:
    """The record that begins at `at`; None if it is not whole or does not end as it says."""
    header = HEADER.match(view, at, at + MAX_HEADER)
    length = LENGTH.search(view, at, header.end()) if header else None
    if not header or not length:
        return None
    block_end = header.end() + int(length[1])
    if view[block_end : block_end + 4] != RECORD_END:
        return _bare(view, (at, header.end(), block_end), limit, whole=whole)
    end = block_end + 4
    after = view[end : end + 16].lstrip(b"\r\n")[:5]
    if not VERSION.startswith(after) and NEXT_RECORD.search(view, header.end(), block_end):
        return None  # the blank line it ends with is one inside a later record
    if int(length[1]) > limit:
        return _Piece(at, end, f"{int(length[1]):,} bytes", int(length[1]), too_large=True)
    return _Piece(at, end, None, end - at)


def _bare(view: Buffer, places: tuple[int, int, int], limit: int, *, whole: bool) -> _Piece | None:
    """A record (begin, begin of its block, end) that no two blank lines follow, as some write it.

    None unless another follows at once, or after a line feed or two, or the source ends there.
    """
    at, block, end = places
    lines = LINE_FEEDS.match(view, end)
    after = lines.end() if lines else end
    ends = whole and after == len(view) and end <= len(view)
    if not (ends or NEXT_RECORD.match(view, after)) or NEXT_RECORD.search(view, block, end):
        return None
    if end - block > limit:
        return _Piece(at, after, f"{end - block:,} bytes", end - block, too_large=True)
    return _Piece(at, end, None, after - at, is_bare=True)


def _frames(view: mmap.mmap, start: int, limit: int) -> Iterator[Frame]:
    for piece in _pieces(view, limit, start, whole=True):
        yield _frame(view, piece)._replace(offset=piece.start)


def _frame(view: Buffer, piece: _Piece) -> Frame:
    octets = None if piece.fault else bytes(view[piece.start : piece.end])
    octets = octets + RECORD_END if octets and piece.is_bare else octets
    return Frame(0, octets, piece.fault, piece.size, piece.too_large)


class _Stream:
    """Records of decompressed octets as they come; never holds much more than one record may be.

    A record that does not end where it should is passed over to the next that begins.
    """

    def __init__(self, offset: int, limit: int) -> None:
        self.offset = offset
        self.limit = limit
        self.most = limit + MAX_HEADER + len(RECORD_END)
        self.buffer = bytearray()
        self.inner = 0  # where the buffer begins in the stream
        self.skipped = 0  # octets of a record that is being passed over
        self.wasted = 0

    def feed(self, octets: bytes) -> Iterator[Frame]:
        """The records that are whole by now."""
        self.buffer += octets
        while len(self.buffer) > self.most:
            if not self.skipped:
                yield from self._take(whole=False)
            if len(self.buffer) > self.most:
                yield from self._pass_over(len(self.buffer) - MAX_HEADER)

    def finish(self) -> Iterator[Frame]:
        """The records left when the stream has ended."""
        if self.skipped:
            yield from self._pass_over(len(self.buffer))
        if self.skipped:
            yield self._passed_over()
        yield from self._take(whole=True)

    def _pass_over(self, most: int) -> Iterator[Frame]:
        """Drop what is no whole record up to the next that begins, else `most` octets."""
        found = NEXT_RECORD.search(self.buffer, 0 if self.skipped else 1)
        end = found.start() if found else most
        self.skipped += end
        self.wasted += end
        self._drop(end)
        if found:
            yield self._passed_over()

    def broken(self, fault: str) -> Iterator[Frame]:
        """The whole records left when the stream broke off, and its fault."""
        yield from self._take(whole=False)
        yield Frame(self.offset, None, fault, inner=self.inner)

    def _take(self, *, whole: bool) -> Iterator[Frame]:
        used = 0
        for piece in _pieces(self.buffer, self.limit, whole=whole):
            used = piece.end
            frame = _frame(self.buffer, piece)
            yield frame._replace(offset=self.offset, inner=self.inner + piece.start)
        self._drop(used)

    def _drop(self, size: int) -> None:
        del self.buffer[:size]
        self.inner += size

    def _passed_over(self) -> Frame:
        size, self.skipped = self.skipped, 0
        fault = f"about {size:,} bytes that are no whole record"
        return Frame(self.offset, None, fault, size, size > self.limit, self.inner - size)


def _gzip_frames(view: mmap.mmap, limit: int, start: int = 0) -> Iterator[Frame]:
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
    stream, at = _Stream(start, limit), start
    while not inflate.eof:
        compressed = inflate.unconsumed_tail or view[at : at + STEP]
        if not inflate.unconsumed_tail:
            at += len(compressed)
        if not compressed:
            yield from stream.broken(BROKEN_MEMBER)
            return None
        try:
            out = inflate.decompress(compressed, STEP)
        except zlib.error:
            yield from stream.broken(BROKEN_MEMBER)
            return None
        yield from stream.feed(out)
        if stream.wasted > MAX_WASTE:
            yield from stream.broken(f"more than {MAX_WASTE:,} bytes that are no record")
            return None
    yield from stream.finish()
    return at - len(inflate.unused_data)


def _zstd_frames(view: mmap.mmap, limit: int, start: int = 0) -> Iterator[Frame]:
    """Records of a zstd file: of each frame by itself, so that a damaged one costs no other."""
    while 0 <= start < len(view):
        if view[start : start + 4] == ZSTD_MAGIC:
            yield from _zstd_frame(view, start, limit)
        else:
            yield Frame(start, None, "no zstd frame begins here")
        start = _next_zstd(view, start + 4)


def _next_zstd(view: mmap.mmap, start: int) -> int:
    """Where the next zstd frame that begins with a record, or is damaged, begins; -1: nowhere."""
    while (start := view.find(ZSTD_MAGIC, start)) >= 0:
        if _zstd_begins(view, start):
            return start
        start += 1
    return -1


def _zstd_begins(view: mmap.mmap, start: int) -> bool:
    from fastwarc.stream_io import ZstdReader

    try:
        return bool(ZstdReader(_Window(view, start, len(view))).read(5) == VERSION)
    except OSError:
        return True  # a damaged frame, which is to cost no other


class _Window:
    """A part of a mapped file as a stream."""

    def __init__(self, view: mmap.mmap, start: int, end: int) -> None:
        self.view, self.at, self.end = view, start, end

    def read(self, size: int = -1) -> bytes:
        """Some octets, none at the end."""
        size = self.end - self.at if size < 0 else min(size, self.end - self.at)
        octets = self.view[self.at : self.at + size]
        self.at += len(octets)
        return octets

    def tell(self) -> int:
        """Place in the file."""
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place in the file."""
        self.at = offset + (0, self.at, self.end)[whence]
        return self.at

    def close(self) -> None:
        """Nothing: the file is somebody else's."""


def _zstd_frame(view: mmap.mmap, start: int, limit: int) -> Iterator[Frame]:
    """Records of the zstd frames from `start` up to the next that begins with a record."""
    from fastwarc.stream_io import ZstdReader

    end = _next_zstd(view, start + 4)
    reader = ZstdReader(_Window(view, start, len(view) if end < 0 else end))
    stream = _Stream(start, limit)
    while True:
        try:
            out = reader.read(STEP)
        except OSError as error:
            yield from stream.broken(f"its zstd frame is damaged: {in_words(error)}")
            return
        if not out:
            break
        yield from stream.feed(out)
        if stream.wasted > MAX_WASTE:
            yield from stream.broken(f"more than {MAX_WASTE:,} bytes that are no record")
            return
    yield from stream.finish()
