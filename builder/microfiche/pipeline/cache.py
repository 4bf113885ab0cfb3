"""The cache of an archive: what chunks of captures gave, kept from one build to the next.

An *entry* is the folder that scanning a chunk filled. Its key are the digests of all it was made
from: the package and the libraries that read, the way of reading, the content of the chunk, and
what the outlet files answered to what was asked of them. A cache is never needed: what cannot be
read in it is made anew, and what cannot be written is done without. It belongs to the folder it
was made in; in a copy of an archive it is emptied, since anybody may have filled it.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib.metadata
import os
import secrets
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.about import BUILDER
from microfiche.captures.content import Content, Stamp
from microfiche.collation.identity import base_id
from microfiche.engine import Engine
from microfiche.errors import CannotRun, unusable
from microfiche.fixity import canonical_json, file_digest, sha256_hex
from microfiche.outlets.lookup import Asked, Outlets
from microfiche.pipeline.noted import BROKEN, NEW, are_whole, read_note, write_note
from microfiche.schema import schema_folder
from microfiche.tables.sheets import Sheet, read_sheet

FOLDER = ".microfiche"
OWN = "made-here"  # names the folder by its inode
ENTRIES, ENDS, SHARDS = "scan-", "unchanged", "shards"
MOST_SHARDS, ENTRIES_AT_ONCE = 100_000, 16
ASKED = ".json"


class Cache:
    """The cache in one folder, while a command uses it: others may use it too, none may clear it.

    `reader` names all that reads; entries of another are of no use.
    """

    def __init__(self, root: Path, archive: Path, mode: str, lock: int) -> None:
        self.root = root
        self._lock = lock
        self.entries = root / f"{ENTRIES}{mode}"
        self.reader = f"{BUILDER} {reader_digest()}"
        self._files = root / f"files-{sha256_hex(bytes(archive.resolve()))[:20]}.json"
        self._shards = root / f"{SHARDS}.json"
        self._used: set[str] = set()
        for each in (self.entries, root / ENDS):
            if each.is_symlink():  # it leads to what is somebody else's
                each.unlink()

    # Files that were hashed before

    def known_files(self) -> dict[str, tuple[Stamp, list[Content]]]:
        """Content of the spans of files, with the stamps they had; empty if none is known."""
        with contextlib.suppress(*BROKEN):
            return {
                path: (tuple(stamp), [Content(*each) for each in spans])
                for path, (stamp, spans) in read_note(self._files).items()
            }
        return {}

    def keep_files(self, known: Mapping[str, tuple[Stamp, list[Content]]]) -> None:
        """Keep the content of files in the place of what was known."""
        held = {path: [stamp, [list(each) for each in own]] for path, (stamp, own) in known.items()}
        with contextlib.suppress(OSError, TypeError):  # with a name that is no UTF-8 there is none
            write_note(self._files, held)

    # What chunks gave, and groups

    def find(self, key: str) -> Path | None:
        """The entry with a key; None if there is none."""
        place = self.entries / key
        if not place.is_dir():
            return None
        self._used.add(key)
        return place

    def keep(self, key: str, made: Path) -> Path | None:
        """Take over a folder that was filled; where it is now, None if it stays."""
        place = self.entries / key
        with contextlib.suppress(OSError):
            self.entries.mkdir(exist_ok=True)
            if place.is_dir() and are_whole([place]) == [False]:
                _remove(place)
            if not place.is_dir():
                _move(made, place)
            self._used.add(key)
            return place
        return None

    def asked(self, key: str, outlets: Outlets) -> str | None:
        """The key of a chunk's entry: it is what these outlets answer to what was asked for it.

        None if it is not known what was asked.
        """
        with contextlib.suppress(*BROKEN):
            asked = Asked(**read_note(self.entries / f"{key}{ASKED}"))
            self._used.add(f"{key}{ASKED}")
            return digest_of(key, outlets.answers(asked))
        return None

    def keep_asked(self, key: str, outlets: Outlets, asked: Asked) -> str:
        """Keep what was asked of the outlets for a chunk; the key of its entry."""
        with contextlib.suppress(OSError):
            self.entries.mkdir(exist_ok=True)
            write_note(self.entries / f"{key}{ASKED}", asked.as_json())
            self._used.add(f"{key}{ASKED}")
        return digest_of(key, outlets.answers(asked))

    def whole(self, engine: Engine, places: Sequence[Path | None]) -> list[Path | None]:
        """Entries that are as they were written; None for each that is not, which is given up."""
        there = [place for place in places if place]
        parts = [there[at : at + ENTRIES_AT_ONCE] for at in range(0, len(there), ENTRIES_AT_ONCE)]
        checked = engine.run("checking what was kept", are_whole, parts) if parts else ()
        broken = {
            place
            for part, whole in zip(parts, checked, strict=True)
            for place, is_whole in zip(part, whole, strict=True)
            if not is_whole
        }
        for place in broken:
            self.drop(place)
        return [None if place in broken else place for place in places]

    def drop(self, place: Path) -> None:
        """Give up an entry that cannot be read."""
        with contextlib.suppress(OSError):
            _remove(place)

    # What shards were written from

    def known_shards(self) -> dict[str, tuple[str, int]]:
        """For shards of releases, by their digests: that of their content, their size in memory."""
        with contextlib.suppress(*BROKEN):
            held = read_note(self._shards)
            return {digest: (str(content), int(size)) for digest, (content, size) in held.items()}
        return {}

    def keep_shards(self, known: Mapping[str, tuple[str, int]]) -> None:
        """Keep what shards were written from, of the newest so many."""
        newest = list(known.items())[-MOST_SHARDS:]
        with contextlib.suppress(OSError):
            write_note(self._shards, dict(newest))

    # How builds ended

    def end(self, key: str) -> dict[str, Any] | None:
        """What a build of the same found that changed nothing; None if there was none."""
        with contextlib.suppress(*BROKEN):
            return dict(read_note(self.root / ENDS / f"{key}.json"))
        return None

    def keep_end(self, key: str, found: Mapping[str, Any]) -> None:
        """Keep what a build found that changed nothing, in the place of all earlier ones."""
        with contextlib.suppress(OSError):
            (self.root / ENDS).mkdir(exist_ok=True)
            write_note(self.root / ENDS / f"{key}.json", found)

    # What is not needed any more

    def prune(self) -> None:
        """Remove every entry of this way of reading that was not used, unless others build too."""
        with contextlib.suppress(OSError):
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for each in list(self.entries.iterdir()):
                if each.name not in self._used:
                    _remove(each)


@contextlib.contextmanager
def open_cache(archive: Path, folder: Path | None, mode: str) -> Iterator[Cache | None]:
    """The cache of an archive, in `folder` or in its own; None if it cannot be written there."""
    root = folder or archive / FOLDER
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = _locked(root, fcntl.LOCK_SH)
    except OSError as error:
        if folder is not None:
            raise unusable(folder, error) from error
        yield None
        return
    try:
        yield Cache(root, archive, mode, lock)
    finally:
        os.close(lock)


def _locked(root: Path, kind: int) -> int:
    """A lock on a cache's folder, once it is one of its own. Raises OSError."""
    lock = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not _is_own(root):
            fcntl.flock(lock, fcntl.LOCK_EX)
            _settle(root)
        fcntl.flock(lock, kind)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _is_own(root: Path) -> bool:
    """Whether a cache was made in the folder that it is in."""
    own = root / OWN
    return own.is_file() and own.read_bytes() == str(root.stat().st_ino).encode()


def _settle(root: Path) -> None:
    """Make a folder a cache: empty one that was made elsewhere. Raises OSError."""
    if _is_own(root):
        return
    there = {each.name for each in root.iterdir()}
    if OWN not in there and not there <= {".gitignore"}:
        raise OSError(None, "holds other files")
    for each in list(_parts(root)):
        _remove(each)
    (root / ".gitignore").write_bytes(b"*\n")
    (root / OWN).write_bytes(str(root.stat().st_ino).encode())


def _parts(root: Path) -> Iterator[Path]:
    """What a cache keeps in its folder."""
    for each in root.iterdir():
        if each.name.startswith((ENTRIES, ENDS, SHARDS, "files-", NEW)):
            yield each


class Kept(NamedTuple):
    """What a cache keeps: in which folder, how many entries, bytes of all files."""

    folder: Path
    n_entries: int
    n_bytes: int


def kept_in(root: Path) -> Kept:
    """What the cache in a folder keeps; nothing if there is none. Raises CannotRun."""
    entries = size = 0
    try:
        for folder, folders, files in os.walk(root if (root / OWN).is_file() else ""):
            if Path(folder).name.startswith(ENTRIES):
                entries += len(folders)
            size += sum((Path(folder) / each).lstat().st_size for each in files)
    except OSError as error:
        raise unusable(root, error) from error
    return Kept(root, entries, size)


def clear(root: Path) -> None:
    """Remove all that a cache keeps. Raises CannotRun if it is in use or cannot be removed."""
    if not (root / OWN).is_file():
        return
    try:
        lock = _locked(root, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            for each in list(_parts(root)):
                _remove(each)
        finally:
            os.close(lock)
    except BlockingIOError as error:
        remedy = "wait until that has ended"
        raise CannotRun(f"{root}: another command uses it", remedy) from error
    except OSError as error:
        raise unusable(root, error) from error


def forget(root: Path, ids: Collection[str]) -> bool:
    """Remove what a cache keeps of articles; false if it is in use. Raises OSError."""
    if not (root / OWN).is_file():
        return True
    try:
        lock = _locked(root, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    try:
        for part in list(_parts(root)):
            if part.name == ENDS:
                _remove(part)
            elif part.name.startswith(ENTRIES):
                for entry in filter(Path.is_dir, list(part.iterdir())):
                    if _tells_of(entry, ids):
                        _remove(entry)
    finally:
        os.close(lock)
    return True


def _tells_of(entry: Path, ids: Collection[str]) -> bool:
    """Whether an entry has a row of an article, or something found of it; so if it is broken."""
    known = {each for own in ids for each in (own, base_id(own))}  # told apart later, if at all
    wanted = pa.array(known, pa.string())
    try:
        for name, columns in (
            ("articles", ("article_id", "aliases")),
            ("captures", ("article_id",)),
        ):
            sheet = Sheet(str(entry / f"{name}.arrow"))
            for column in columns if Path(sheet.path).exists() else ():
                held = read_sheet(sheet, [column])[column].combine_chunks()
                values = held.flatten() if pa.types.is_list(held.type) else held
                if pc.any(pc.is_in(values, wanted)).as_py():
                    return True
        told = [file.read_bytes() for file in entry.glob("*.json")]
    except BROKEN:
        return True
    return any(orjson.dumps(each) in octets for each in known for octets in told)


@functools.cache
def reader_digest() -> str:
    """Digest of what decides how captures are read: the package's files, Python, the libraries."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in (Path(__file__).parents[1], schema_folder()):
        for file in sorted(_own_files(folder)):
            digest.update(f"{file.relative_to(folder)} {file_digest(file)[1]}\n".encode())
    for each in sorted(importlib.metadata.requires("microfiche") or ()):
        name = functools.reduce(lambda name, sign: name.partition(sign)[0], " <>=!~;[(", each)
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    with contextlib.suppress(OSError):  # the rules of time zones
        digest.update(Path("/usr/share/zoneinfo/tzdata.zi").read_bytes()[:64])
    return digest.hexdigest()


def _own_files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if each not in ("__pycache__", "_gazette")]
        yield from (Path(place) / each for each in files if not each.endswith(".pyc"))


def digest_of(*parts: Any) -> str:
    """Digest of plain values."""
    return sha256_hex(canonical_json(parts))


def _move(made: Path, place: Path) -> None:
    """Move a folder, from another file system too, whole or not at all. Raises OSError."""
    try:
        made.rename(place)
    except OSError:
        copied = place.with_name(f"{NEW}{secrets.token_hex(6)}")
        try:
            shutil.copytree(made, copied)
            copied.rename(place)
        finally:
            shutil.rmtree(copied, ignore_errors=True)


def _remove(place: Path) -> None:
    """Remove a file or a folder, the folder out of sight at once. Raises OSError."""
    if place.is_symlink() or not place.is_dir():
        place.unlink(missing_ok=True)
        return
    gone = place.with_name(f"{NEW}{secrets.token_hex(6)}")
    place.rename(gone)
    shutil.rmtree(gone)
