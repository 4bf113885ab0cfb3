"""Lines of records: what is read of a file that cannot be read to its end."""

from __future__ import annotations

import errno
import io
from pathlib import PosixPath
from typing import Any

import pytest

from microfiche.captures.jsonl import read_records


class _Torn(io.RawIOBase):
    """Ten lines, then a disk that gives no more."""

    held = io.BytesIO(b"".join(b'{"title": "%d", "text": "x"}\n' % n for n in range(10)))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not (octets := self.held.read(len(buffer))):
            raise OSError(errno.EIO, "Input/output error")
        buffer[: len(octets)] = octets
        return len(octets)


class _File(PosixPath):
    """A file on that disk."""

    def open(self, *_: Any, **__: Any) -> Any:
        return io.BufferedReader(_Torn())


def test_lines_before_a_disk_fails_are_read() -> None:
    """What was read is read, and the fault is told after it."""
    read = read_records(_File("lines.jsonl"), "captures/lines.jsonl", (0, 1 << 20), 1 << 20, 1)
    found = [next(read) for _ in range(10)]
    assert [each.record and each.record["title"] for each in found] == [str(n) for n in range(10)]
    with pytest.raises(OSError, match="Input/output"):
        next(read)
