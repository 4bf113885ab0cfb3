"""JSONL files of ready records or of pages: one capture a line.

A file is read in spans of bytes, so that one large file is shared among workers: a line belongs to
the span it begins in. A line over the limit is passed over unread.
"""

from __future__ import annotations

import codecs
import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import orjson

from microfiche.captures import NO_RECORD, PAGE_MEDIA, RECORD_MEDIA, Capture, Fault
from microfiche.captures.textfile import MAX_LENGTH, MAX_LINES, crowded_text
from microfiche.documents import TWICE, named_once, named_twice
from microfiche.errors import in_words
from microfiche.schema import record_type

BLOCK, LINES_AT_ONCE = 1 << 20, 64  # of lines that are held: octets, their number
MAX_JUDGED = 1000
# Of a line of more than a few octets: objects, and strings, which take more room than their octets.
SMALL, MAX_OBJECTS, MAX_STRINGS = 1 << 20, 50_000, 500_000
Record = dict[str, Any]
_decode = msgspec.json.Decoder().decode


class _Line(NamedTuple):
    """A line of a file: where it begins, its number if that is known, and how many octets it has.

    `body` is what stands in it; None if it is over the limit, and was passed over.
    """

    offset: int
    number: int | None
    size: int
    body: bytes | None


def read_records(
    file: Path, source_file: str, span: tuple[int, int], limit: int, line: int | None = None
) -> Iterator[Capture]:
    """Captures of the lines that begin in bytes `span` of `file`; `limit` is bytes a line.

    `line` is the number of the first of them, if it is known.
    """
    counter = LineCounter(file)
    for block in _blocks(file, span, limit, line):
        parsed = _parsed([each.body for each in block if each.body is not None])
        for offset, number, size, body in block:
            told = counter.line_at if number is None else int
            line_of = functools.partial(told, offset if number is None else number)
            if body is None:
                fault = Fault("MF304", f"{size:,} bytes, the limit is {limit:,}")
                yield Capture(source_file, offset, line_of, size, None, faults=(fault,))
            else:
                yield _capture((source_file, offset, line_of), body, *next(parsed))


def _blocks(
    file: Path, span: tuple[int, int], limit: int, number: int | None
) -> Iterator[list[_Line]]:
    """The lines of a span that are not blank, some at a time. Raises OSError, after all read."""
    start, end = span
    block, held = list[_Line](), 0
    with file.open("rb", buffering=BLOCK) as lines:
        offset = _sync(lines, start)
        try:
            while offset < end and (raw := lines.readline(limit + 2)):
                size, body = len(raw), None
                if size > limit and raw[-1:] != b"\n":
                    size += _skip_line(lines)
                else:
                    body = _without_mark(raw, offset).rstrip(b"\r\n \t")
                    held += len(body)
                if body != b"":
                    block.append(_Line(offset, number, size, body))
                offset += size
                number = None if number is None else number + 1
                if len(block) == LINES_AT_ONCE or held > BLOCK:
                    yield block
                    block, held = [], 0
        except OSError:
            yield block
            raise
    yield block


def _without_mark(line: bytes, offset: int) -> bytes:
    """A line without the byte-order mark that some programs write before the first."""
    return line.removeprefix(codecs.BOM_UTF8) if offset == 0 else line


def _capture(
    place: tuple[str, int, Callable[[], int]],
    body: bytes,
    record: Record | None,
    faults: tuple[Fault, ...],
) -> Capture:
    """A line's capture: its record, or the page that the record holds."""
    retrieval = record.get("retrieval", NO_RECORD) if record else NO_RECORD
    annotations = record.get("annotations", ()) if record else ()
    if not record or "html" not in record:
        found = Capture(*place, len(body), body, retrieval, record, faults, RECORD_MEDIA)
        return found._replace(annotations=annotations) if annotations else found
    page = record["html"].encode()
    known: dict[str, Any] = dict(retrieval)
    known |= {key: record[key] for key in ("url", "outlet_id") if key in record}
    found = Capture(*place, len(page), page, known, None, faults, PAGE_MEDIA)
    return found._replace(annotations=annotations, publication=record.get("publication"))


def _parsed(bodies: Sequence[bytes]) -> Iterator[tuple[Record | None, tuple[Fault, ...]]]:
    """(the record of a line, None if it has none; its faults) of some lines."""
    decoded = [_decoded(body) for body in bodies]
    known = [each for each in zip(bodies, decoded, strict=True) if not isinstance(each[1], Fault)]
    once = named_once(*zip(*known, strict=True)) if known else True
    for body, value in zip(bodies, decoded, strict=True):
        if isinstance(value, Fault):
            yield None, (value,)
        elif not once and (twice := named_twice(body, value)) is not None:
            yield None, (Fault("MF307", TWICE.format(twice)),)
        else:
            yield _judged(value)


def _decoded(body: bytes) -> Any:
    """The value of a line; a fault if it is not read."""
    if crowd := crowded(body):
        return Fault("MF318", crowd)
    try:
        return _decode(body)
    except (ValueError, RecursionError):
        try:
            return orjson.loads(body)  # the slower of the two decides, and says what is wrong
        except ValueError as error:
            told = in_words(error).replace("line 1 column", "column")  # it has but one
            if told.startswith("unexpected end"):
                told = f'the line ends before its object does, by a missing }} or "; {told}'
            return Fault("MF307", told)


def _judged(value: Any) -> tuple[Record | None, tuple[Fault, ...]]:
    """(a value, if it is a record; what is wrong with it)."""
    kind = record_type("record")
    if kind.is_valid(value):
        if crowd := _lengthy(value):
            return None, (Fault("MF318", crowd),)
        return value, () if "retrieval" in value else (Fault("MF308", "no member retrieval"),)
    if not isinstance(value, dict):
        return None, (Fault("MF307", "the line is no JSON object"),)
    explained = kind.explain(value)
    return None, tuple(Fault("MF401", message, pointer) for pointer, message in explained)


def _lengthy(record: Record) -> str | None:
    """Why a record holds more text than is read, or more of what people judge; None if not."""
    text, paragraphs = record.get("text", ""), record.get("paragraphs", ())
    if len(text) > MAX_LINES and (crowd := crowded_text(text)):
        return crowd
    if paragraphs and (count := sum(map(len, paragraphs))) > MAX_LENGTH:
        return f"{count:,} characters, the limit is {MAX_LENGTH:,}"
    if len(paragraphs) > MAX_LINES:
        return f"{len(paragraphs):,} paragraphs, the limit is {MAX_LINES:,}"
    judged = len(record.get("annotations", ()))
    return f"{judged:,} annotations, the limit is {MAX_JUDGED:,}" if judged > MAX_JUDGED else None


def crowded(line: bytes) -> str | None:
    """Why a line of JSON is not parsed, if it holds so much that it would fill the memory."""
    if len(line) <= SMALL:
        return None
    # within a string the mark behind a brace is escaped
    count = line.count(b'{"') + line.count(b'{ "') + line.count(b"{},") + line.count(b"{} ,")
    if count > MAX_OBJECTS:
        return f"{count:,} objects, the limit is {MAX_OBJECTS:,}"
    count = (line.count(b'"') - line.count(b'\\"')) // 2
    return f"{count:,} strings, the limit is {MAX_STRINGS:,}" if count > MAX_STRINGS else None


class Lines(NamedTuple):
    """The lines that begin in a span of a file, by which they are known again.

    offset  where the first of them begins; the end of the last line before, if none does
    sha256  of their octets
    number  how many there are
    """

    offset: int
    sha256: str
    number: int


def digest_lines(file: Path, start: int, end: int) -> Lines:
    """The lines of `file` that begin in bytes `start` to `end`. Raises OSError."""
    digest, count = hashlib.sha256(), 0
    with file.open("rb", buffering=BLOCK) as lines:
        at = offset = _sync(lines, start)
        ended = True
        while at < end and (block := lines.read(min(BLOCK, end - at))):
            digest.update(block)
            count += block.count(b"\n")
            at += len(block)
            ended = block[-1:] == b"\n"
        while not ended and (block := lines.readline(BLOCK)):
            digest.update(block)
            ended = block[-1:] == b"\n"
            count += ended
    return Lines(offset, digest.hexdigest(), count + (not ended))


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


class LineCounter:
    """Line numbers of offsets in a file, counted only when asked for and onwards from the last."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.known = (0, 1)

    def line_at(self, offset: int) -> int:
        """Number, from 1, of the line that begins at `offset`. Raises OSError."""
        place, line = self.known if self.known[0] <= offset else (0, 1)
        with self.file.open("rb", buffering=0) as blocks:
            blocks.seek(place)
            while place < offset and (block := blocks.read(min(BLOCK, offset - place))):
                line += block.count(b"\n")
                place += len(block)
        self.known = (offset, line)
        return line
