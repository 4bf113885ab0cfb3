"""What is kept with digests of itself: a disk may flip a bit, and a write may end half-way.

A note is a JSON value below its own digest. That of a folder has checksums of all files there: they
tell of accidents alone, at a tenth of a digest's cost; who may write here may note what he likes.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import xxhash

from microfiche.fixity import sha256_hex

NOTE = "note.json"
NEW = "new-"  # begins the name of what is not yet whole
# What reading a broken note, or what it speaks of, may raise.
BROKEN = (
    OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, MemoryError,
)  # fmt: skip


def write_note(file: Path, held: Any) -> None:
    """Write a note, whole or not at all. Raises OSError."""
    written = file.with_name(f"{NEW}{secrets.token_hex(6)}")
    try:
        octets = orjson.dumps(held)
        written.write_bytes(sha256_hex(octets).encode() + b"\n" + octets)
        written.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            written.unlink(missing_ok=True)
        raise


def read_note(file: Path) -> Any:
    """The value of a note. Raises OSError, or ValueError for one that is not as it was written."""
    digest, _, octets = file.read_bytes().partition(b"\n")
    if sha256_hex(octets).encode() != digest:
        raise ValueError(f"{file}: not as it was written")
    return orjson.loads(octets)


def note_folder(folder: Path, held: Any) -> None:
    """Note what a folder is, with the checksums of its files. Raises OSError."""
    files = {each.name: _checksum(each) for each in sorted(folder.iterdir())}
    write_note(folder / NOTE, {"held": held, "files": files})


def noted(folder: Path) -> Any:
    """What a folder was noted to be. Raises as `read_note`."""
    return read_note(folder / NOTE)["held"]


def are_whole(folders: Sequence[Path]) -> list[bool]:
    """For each folder whether all its files are as they were written."""
    return [_is_whole(folder) for folder in folders]


def _is_whole(folder: Path) -> bool:
    try:
        files = read_note(folder / NOTE)["files"]
        return all(_checksum(folder / name) == known for name, known in files.items())
    except BROKEN:
        return False


def _checksum(path: Path) -> str:
    """XXH3 of a file, 128 bits in hexadecimal digits. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, xxhash.xxh3_128).hexdigest()
