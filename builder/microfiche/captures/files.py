"""The files under raw/captures/, in chunks of work, and the captures each chunk holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from microfiche.archive.files import is_left
from microfiche.captures import PAGE_MEDIA, TEXT_MEDIA, Capture, Fault, jsonl
from microfiche.captures.arc import ARC_ENDINGS, read_arc
from microfiche.captures.bundles import BUNDLE_ENDINGS, read_bundle
from microfiche.captures.framing import Part
from microfiche.captures.page import PAGE_ENDINGS, is_page, is_page_folder, saved_from
from microfiche.captures.pdf import PDF_ENDING, PDF_MEDIA, is_pdf
from microfiche.captures.retrieval import (
    LINES_FILE,
    OWN_RECORDS,
    RECORD_ENDINGS,
    SIDECAR,
    bare_observations,
    is_records,
    retrieval_of,
)
from microfiche.captures.wacz import WACZ_ENDING, read_wacz
from microfiche.captures.warc import WARC_ENDINGS, Source, read_warc
from microfiche.url import read_address

REPLACED = "replaced"  # folder of captures that earlier releases had, beside captures/
TEXT_ENDINGS = frozenset(("", ".txt", ".text", ".md"))
WHOLE_ENDINGS = TEXT_ENDINGS | PAGE_ENDINGS | {PDF_ENDING}  # of files that are one capture
# A chunk is small, since it is what a small change costs, and one file more moves no border but
# those beside it: files lie together up to one whose name's digest says so.
CHUNK_BYTES, HALVINGS = 8 << 20, 3
CHUNK_FILES, CHUNK_ENDS = 256, 64
# A part of a WARC file; few of one, since a part may have to look for what stands before it.
PART_BYTES, MOST_PARTS = 1 << 20, 64


class FileSpan(NamedTuple):
    """Bytes start to end of one file; `path` is relative to raw/. A fault stands for its bytes.

    `line` is the number of the first line that begins there, where the file is read by lines and
    it has been counted. `before` is a digest of what stands before a part of a WARC file, None for
    a file that is read as a whole.
    """

    path: str
    start: int
    end: int
    fault: Fault | None = None
    line: int | None = None
    before: str | None = None

    @property
    def by_lines(self) -> bool:
        """Whether the file is read by its lines: such a file may be more than one span."""
        return self.fault is None and is_records(self.path) and not self.is_list

    @property
    def parts(self) -> tuple[FileSpan, ...]:
        """A WARC file as parts by its size, of some `PART_BYTES`, as far as these are parts."""
        if self.fault or self.end < 2 * PART_BYTES or not self.path.lower().endswith(WARC_ENDINGS):
            return (self,)
        step = max(PART_BYTES, 1 << (self.end // MOST_PARTS).bit_length())
        ends = [*range(step, self.end, step), self.end]
        return tuple(
            self._replace(start=start, end=end, before="") for start, end in pairwise([0, *ends])
        )

    @property
    def is_list(self) -> bool:
        """Whether it is a folder's list of retrieval records."""
        return self.path.rpartition("/")[2] == LINES_FILE


Chunk = tuple[FileSpan, ...]


def list_files(raw: Path, *, replaced: bool = False) -> Iterator[FileSpan]:
    """Every capture file under raw/captures/, in the order of its path, record files in spans.

    With `replaced` also those under raw/replaced/: captures in whose place there are others.

    Links that lead out of raw/, links to folders and unreadable folders come with a fault.
    Names that begin with a dot are passed over, what systems and editors leave, and what a browser
    saved with a page.
    """
    if (raw / "captures").is_symlink():
        yield FileSpan("captures", 0, 0, Fault("MF105", "a symbolic link"))
        return
    yield from _walk(raw, raw / "captures")
    if replaced and (raw / REPLACED).is_dir() and not (raw / REPLACED).is_symlink():
        yield from _walk(raw, raw / REPLACED)


def _walk(raw: Path, folder: Path) -> Iterator[FileSpan]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        path = folder.relative_to(raw).as_posix()
        yield FileSpan(path, 0, 0, Fault("MF312", error.strerror or str(error)))
        return
    for entry in entries:
        if entry.name.startswith(".") or is_left(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not is_page_folder(entry.path):
                yield from _walk(raw, Path(entry.path))
        elif not _is_sidecar(entry):
            yield from _spans(raw, Path(entry.path))


def _is_sidecar(entry: os.DirEntry[str]) -> bool:
    """Whether the entry is the sidecar of a file that is there and may have one."""
    capture = entry.path.removesuffix(SIDECAR)
    return capture != entry.path and not is_records(capture) and os.path.lexists(capture)


def _spans(raw: Path, file: Path) -> Iterator[FileSpan]:
    path = file.relative_to(raw).as_posix()
    try:
        fault = _fault_of(raw, file, path)
        size = 0 if fault and fault.code == "MF105" else file.stat().st_size
    except OSError as error:
        fault, size = Fault("MF312", error.strerror or str(error)), 0
    if fault or _ending(file) not in RECORD_ENDINGS or file.name == LINES_FILE:
        yield FileSpan(path, 0, size, fault)
        return
    for start, end in _cuts(size):
        yield FileSpan(path, start, end)


def _cuts(size: int) -> Iterator[tuple[int, int]]:
    """Where a file of lines is cut: into whole chunks, and halves, quarters and so on of the last.

    Lines that are added at the end move next to no border.
    """
    start, step, least = 0, CHUNK_BYTES, CHUNK_BYTES >> HALVINGS
    while size - start > least and step >= least:
        if size - start >= step:
            yield start, start + step
            start += step
        else:
            step //= 2
    if start < size or not size:
        yield start, size


def _fault_of(raw: Path, file: Path, path: str) -> Fault | None:
    if not _encodable(path):
        return Fault("MF312", "the file name is no UTF-8")
    if file.is_symlink():
        target = os.path.realpath(file)
        if not Path(target).is_relative_to(os.path.realpath(raw)) or file.name == LINES_FILE:
            return Fault("MF105", "a symbolic link whose target lies outside raw/")
        if not file.is_file():
            return Fault("MF105", "a symbolic link to no file")
    if not file.is_file():
        return Fault("MF305", "no regular file")
    if file.suffix == SIDECAR:
        return Fault(
            "MF310", OWN_RECORDS if is_records(file.stem) else f"no file {file.stem!r} here"
        )
    if is_container(file.name):
        return None
    if _ending(file) not in WHOLE_ENDINGS | set(RECORD_ENDINGS):
        return Fault("MF305", f"files named *{file.suffix} are not read")
    return None


def _encodable(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def chunks(spans: Iterable[FileSpan]) -> Iterator[Chunk]:
    """Spans in their order, gathered into chunks of bounded bytes and number.

    Files of two folders beside each other under captures/ are never in one, nor is a part of a WARC
    file, which takes long to read, a list of retrieval records, or a piece of a file with others.
    """
    chunk: list[FileSpan] = []
    size, last = 0, ""
    for span in spans:
        piece = span.by_lines and (span.start or span.end > CHUNK_BYTES >> HALVINGS)
        alone = span.is_list or piece or span.before is not None
        folder = "" if alone else _outlet_folder(span.path)
        full = size + span.end - span.start > CHUNK_BYTES or len(chunk) == CHUNK_FILES
        if chunk and (full or not folder or folder != last):
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(span)
        size, last = size + span.end - span.start, folder
        if crc32(os.fsencode(span.path)) % CHUNK_ENDS == 0:
            yield tuple(chunk)
            chunk, size = [], 0
    if chunk:
        yield tuple(chunk)


def _outlet_folder(path: str) -> str:
    """The folder under captures/ that a file lies in, which is mostly an outlet's."""
    return "/".join(path.split("/")[:2])


def read_captures(raw: Path, chunk: Chunk, limit: int) -> Iterator[Capture]:
    """The captures of a chunk. `limit` is the most bytes a capture may have to be read."""
    for span in chunk:
        file = raw / span.path
        try:
            yield from captures_in(file, span, limit)
        except OSError as error:
            fault = Fault("MF312", error.strerror or str(error))
            yield Capture(_printable(span.path), None, None, None, None, faults=(fault,))


def _printable(path: str) -> str:
    """A path as UTF-8 can hold it, different for different paths."""
    if _encodable(path):
        return path
    return path.replace("\\", "\\\\").encode("utf-8", "backslashreplace").decode("utf-8")


def captures_in(file: Path, span: FileSpan, limit: int) -> Iterator[Capture]:
    """The captures of one span. Raises OSError."""
    size = span.end - span.start
    if span.fault:
        yield Capture(_printable(span.path), None, None, size or None, None, faults=(span.fault,))
    elif file.name == LINES_FILE:
        yield from bare_observations(file, span.path)
    elif _ending(file) in RECORD_ENDINGS:
        records = jsonl.read_records(file, span.path, (span.start, span.end), limit, span.line)
        first = next(records, None)
        if first:
            yield from chain([first], records)
        elif (span.start, span.end) == (0, file.stat().st_size):
            fault = Fault("MF301", "the file has blank lines only")
            yield Capture(span.path, None, None, span.end, None, faults=(fault,))
    elif is_container(file.name):
        yield from _contained(file, span, limit)
    else:
        yield _whole_file(file, span, limit)


def is_container(name: str) -> bool:
    """Whether a file of this name is one that holds captures: WARC, WACZ, ARC, MHTML and so on."""
    return name.lower().endswith((*WARC_ENDINGS, WACZ_ENDING, *ARC_ENDINGS, *BUNDLE_ENDINGS))


def holds_one(name: str) -> bool:
    """Whether a file of this name is one capture: a page or a text."""
    return not is_container(name) and not is_records(name)


def _ending(file: Path) -> str:
    """How a file's name ends, in lower case."""
    return file.suffix.lower()


def _contained(file: Path, span: FileSpan, limit: int) -> Iterator[Capture]:
    """Captures of such a file. Its sidecar need not be, but must not be wrong."""
    retrieval, faults = retrieval_of(file)
    if any(fault.code != "MF308" for fault in faults):
        yield Capture(span.path, None, None, span.end, None, faults=faults)
        return
    name, source = file.name.lower(), Source(file, span.path, limit, retrieval)
    if name.endswith(BUNDLE_ENDINGS):
        yield from read_bundle(file, span.path, limit, retrieval, faults)
    elif name.endswith(ARC_ENDINGS):
        yield from read_arc(source)
    else:
        part = None if span.before is None else Part(span.start, span.end)
        yield from read_wacz(source) if name.endswith(WACZ_ENDING) else read_warc(source, part)


def _whole_file(file: Path, span: FileSpan, limit: int) -> Capture:
    retrieval, faults = retrieval_of(file)
    if span.end > limit:
        fault = Fault("MF304", f"{span.end:,} bytes, the limit is {limit:,}")
        return Capture(span.path, None, None, span.end, None, retrieval, None, (*faults, fault))
    body = file.read_bytes()
    page = is_page(file.name, body)
    stated = saved_from(body) if page and "url" not in retrieval else {}
    if stated and read_address(stated["url"]):
        retrieval = {**stated, **retrieval}
    media = PAGE_MEDIA if page else PDF_MEDIA if is_pdf(body) else TEXT_MEDIA
    return Capture(span.path, None, None, len(body), body, retrieval, None, faults, media)
