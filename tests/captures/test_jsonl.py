"""Lines of records: what is read of a file that cannot be read to its end."""

from __future__ import annotations

import errno
import io
from pathlib import PosixPath
from typing import Any

import pytest

from microfiche.captures.jsonl import read_records


class _Torn(io.RawIOBase):
    """Ten lines and some octets, then a disk that gives no more."""

    def __init__(self, rest: bytes) -> None:
        lines = (b'{"title": "%d", "text": "x"}\n' % n for n in range(10))
        self.held = io.BytesIO(b"".join((*lines, rest)))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not (octets := self.held.read(len(buffer))):
            raise OSError(errno.EIO, "Input/output error")
        buffer[: len(octets)] = octets
        return len(octets)


class _File(PosixPath):
    """A file on that disk; its name is what stands behind the lines."""

    def open(self, *_: Any, **__: Any) -> Any:
        return io.BufferedReader(_Torn(self.name.encode()))


@pytest.mark.parametrize("rest", ["", "{", "a line over the limit " * 9])
def test_lines_before_a_disk_fails_are_read(rest: str) -> None:
    """What was read is read, and the fault is told after it."""
    read = read_records(_File(rest), "captures/lines.jsonl", (0, 1 << 20), 100, 1)
    found = [next(read) for _ in range(10)]
    assert [each.record and each.record["title"] for each in found] == [str(n) for n in range(10)]
    with pytest.raises(OSError, match="Input/output"):
        next(read)
