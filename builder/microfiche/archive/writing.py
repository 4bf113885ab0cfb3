"""Writing to an archive: whole or not at all, and never through a link that leads elsewhere."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson


def append_lines(file: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Add lines to a JSONL file of an archive's raw/, whole or not at all, one at a time.

    A link within raw/ is followed. Raises OSError.
    """
    if not lines:
        return
    with alone(file.parent):
        file = within(file.parent, file)
        before = file.read_bytes() if file.is_file() else b""
        ends = b"" if before.endswith(b"\n") or not before else b"\n"
        write_whole(file, before + ends + b"".join(orjson.dumps(line) + b"\n" for line in lines))


def write_whole(file: Path, octets: bytes) -> None:
    """Write a file, whole or not at all; nothing is written through a link. Raises OSError."""
    with _beside(file) as partial, partial.open("xb") as out:
        out.write(octets)
        out.flush()
        os.fsync(out.fileno())


def copy_whole(source: Path, file: Path) -> None:
    """Copy a file, whole or not at all; nothing is written through a link. Raises OSError."""
    with _beside(file) as partial:
        shutil.copyfile(source, partial)


@contextlib.contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A name to write a file under, which takes its place at the end. Raises OSError."""
    if os.path.lexists(file) and not file.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(file))
    partial = file.with_name(f".{file.name}.part")
    partial.unlink(missing_ok=True)  # a killed run's, or a link that somebody put there
    try:
        yield partial
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def within(raw: Path, path: Path) -> Path:
    """Where a path leads, if that is below raw/. Raises OSError."""
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(os.path.realpath(raw)):
        raise OSError(errno.EXDEV, "a link that leads out of the archive", str(path))
    return target


@contextlib.contextmanager
def alone(raw: Path) -> Iterator[None]:
    """Hold the lock on an archive's raw/. Raises OSError."""
    descriptor = os.open(raw, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
