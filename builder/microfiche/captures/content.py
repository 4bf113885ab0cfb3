"""What a span's captures are read from, as digests: by these a chunk is known again.

The octets of the file, those of its sidecar, the lines of its folder's retrievals.jsonl that name
it. Nothing else bears on what a span gives but the outlets, and the package itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from microfiche.archive import DEFAULT_CAPTURE_LIMIT
from microfiche.captures.files import FileSpan
from microfiche.captures.framing import part_of
from microfiche.captures.jsonl import digest_lines
from microfiche.captures.retrieval import SIDECAR, folder_lines
from microfiche.fixity import canonical_json, file_digest, range_digest, sha256_hex, stamp_of

Stamp = tuple[int, ...]
NO_FILE = (0, 0, 0, 0)


class Content(NamedTuple):
    """The content of one span.

    sha256  of its octets, or of the lines that begin in it
    record  of the file's sidecar; empty without one
    offset  where its first line, or record, begins; 0 for a whole file
    lines   how many lines begin in it; 0 for a file that is not read by lines
    end     where the next record begins; 0 for a file that is no part of a WARC file
    """

    sha256: str
    record: str = ""
    offset: int = 0
    lines: int = 0
    end: int = 0


NO_CONTENT = Content("")  # of a span whose fault stands for it


def stamp(raw: Path, span: FileSpan) -> Stamp:
    """Size, times of change and inode of a span's file and of its sidecar. Raises OSError.

    A file that was written to, or another in its place, has another stamp, unless it was written
    within one tick of the file system's clock: see `settled`.
    """
    file = raw / span.path
    own = stamp_of(file.stat())
    return (*own, *(NO_FILE if span.by_lines or span.is_list else _sidecar_stamp(file)))


def _sidecar_stamp(file: Path) -> Stamp:
    try:
        return stamp_of(os.lstat(f"{file}{SIDECAR}"))
    except OSError:
        return NO_FILE


def settled(seen: Stamp, now: int, tick: int = 2_000_000_000) -> bool:
    """Whether files with this stamp, seen at `now` (ns), would have another if they changed since.

    Not if they were changed just before, or after: then a clock was set back.
    """
    return max(seen[1], seen[2], seen[5], seen[6]) < now - tick


def read_content(raw: Path, span: FileSpan) -> Content:
    """The content of a span that has no fault. Raises OSError."""
    file = raw / span.path
    if span.by_lines:
        lines = digest_lines(file, span.start, span.end)
        return Content(lines.sha256, offset=lines.offset, lines=lines.number)
    if span.before is not None:
        part = part_of(file, span.start, span.end, DEFAULT_CAPTURE_LIMIT)
        own = range_digest(file, part.start, part.end)
        return Content(own, _sidecar_digest(file), part.start, end=part.end)
    digest = file_digest(file)[1]
    return Content(digest, "" if span.is_list else _sidecar_digest(file))


def _sidecar_digest(file: Path) -> str:
    sidecar = Path(f"{file}{SIDECAR}")
    if sidecar.is_symlink():
        return "a symbolic link"
    return file_digest(sidecar)[1] if sidecar.is_file() else ""


def beside(raw: Path, span: FileSpan) -> str:
    """Digest of what else in its folder bears on a span: lines that name it; all names for a list.

    Empty if nothing does. Raises OSError.
    """
    file = raw / span.path
    if span.is_list:
        # A name that a line gives may be a folder's, or a link's to nowhere.
        there = (
            (os.fsencode(each.name), each.is_file(), each.is_symlink())
            for each in os.scandir(file.parent)
        )
        return sha256_hex(repr(sorted(there)).encode())
    lines = () if span.by_lines else folder_lines(file.parent).get(file.name, ())
    return sha256_hex(canonical_json([list(each) for each in lines])) if lines else ""
