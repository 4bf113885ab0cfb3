"""Fixity checked before a release is read, once: a file is hashed again only when it changed.

What was checked is kept in the user's cache folder, for each release folder by its path; without a
cache that can be written to, every reading checks.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from microfiche.errors import DataError, in_words, unusable
from microfiche.fixity import file_digest, sha256_hex, stamp_of
from microfiche.release import MANIFEST, RELEASE_JSON, SIGNATURE, TAG_MANIFEST, Release
from microfiche.release.bag import leaves, read_manifest
from microfiche.verify.files import present

# What says what everything else is.
DESCRIBING = (MANIFEST, RELEASE_JSON, "README.md")
REMEDY = "fetch the release again, and `microfiche verify` it"
INCOMPLETE = f"install every part of its data wheel, or {REMEDY}"
Seen = list[object]  # what tells a file from one that was written in its place


def check_all(releases: Iterable[Release]) -> dict[Path, dict[str, Seen]]:
    """Check releases one after the other, whose files may be links to each other's: each once.

    What was hashed now, by the releases' folders. Raises as `check_once`.
    """
    files: dict[tuple[int, ...], str] = {}
    return {each.root: check_once(each, strict=False, files=files) for each in releases}


def check_once(
    release: Release,
    tables: Iterable[str] | None = None,
    *,
    strict: bool = True,
    files: dict[tuple[int, ...], str] | None = None,
) -> dict[str, Seen]:
    """Hash the files of some tables, all if None, and those that describe them.

    If `strict`, nothing else may lie in its folder. Gives the SHA-256 and the stamp of those that
    were hashed now, by path. `files` are digests of files that were hashed just before, by device
    and stamp, and takes those of this release. Raises DataError that names the first file that is
    not what the manifests say, CannotRun.
    """
    files = {} if files is None else files
    root = release.root
    wanted, payload = _stated(root, TAG_MANIFEST), _stated(root, MANIFEST)
    for name in (name for name in DESCRIBING if name not in wanted):
        raise DataError(f"{root / TAG_MANIFEST}: does not list {name}", REMEDY)
    if strict:
        for path in _unlisted(root, {*wanted, *payload}):
            raise DataError(f"{root / path}: a file that no manifest lists", "take it out")
    names = [each["name"] for each in release.manifest["tables"]] if tables is None else tables
    for path in (path for name in names for path in release.files(name)):
        if path not in payload:
            raise DataError(f"{root / path}: not listed in {MANIFEST}", REMEDY)
        wanted[path] = payload[path]
    memory = _memory(root)
    known = _read(memory)
    seen = {path: _checked(root, path, digest, known, files) for path, digest in wanted.items()}
    hashed = {path: now for path, now in seen.items() if known.get(path) != now}
    if hashed:
        _keep(memory, known | hashed)
    return hashed


def _unlisted(root: Path, listed: set[str]) -> list[str]:
    """Files, and links to folders, that are there and are no part of the release."""
    faults: list[str] = []
    there = set(present(root, faults)) - listed - {TAG_MANIFEST, SIGNATURE}
    return sorted(
        [*there, *(each.partition(": a link")[0] for each in faults if ": a link" in each)]
    )


def _stated(root: Path, name: str) -> dict[str, str]:
    try:
        if not (root / name).is_file():  # a pipe would be read without end
            raise DataError(f"{root / name}: the file is missing", INCOMPLETE)
        return read_manifest((root / name).read_bytes())
    except OSError as error:
        raise unusable(root / name, error) from error
    except ValueError as error:
        raise DataError(f"{root / name}: {in_words(error)}", REMEDY) from error


def _checked(
    root: Path,
    path: str,
    digest: str,
    known: Mapping[str, Seen],
    files: dict[tuple[int, ...], str],
) -> Seen:
    """What is to be remembered of a file, hashed unless it is remembered already."""
    file = root / path
    if leaves(path):
        raise DataError(f"{root}: {path!r}, which a manifest lists, leaves the release", REMEDY)
    try:
        state = _state(file)
        now: Seen = [digest, *stamp_of(state)]
        if known.get(path) == now:
            return now
        own = (state.st_dev, *stamp_of(state))
        found = files.get(own) or files.setdefault(own, file_digest(file)[1])
    except FileNotFoundError as error:
        raise DataError(f"{file}: the file is missing", INCOMPLETE) from error
    except OSError as error:
        raise unusable(file, error) from error
    if found != digest:
        raise DataError(f"{file}: SHA-256 is {found}, the manifest says {digest}", REMEDY)
    return now


def _state(file: Path) -> os.stat_result:
    """Raises OSError; a pipe or a device, which would be read without end, is none."""
    if not file.is_file():
        raise FileNotFoundError(file)
    return file.stat()


def cache_folder() -> Path:
    """Where what was checked is kept: $MICROFICHE_CACHE, else under $XDG_CACHE_HOME or ~/.cache."""
    stated = os.environ.get("MICROFICHE_CACHE")
    if stated:
        return Path(stated)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "microfiche"


def _memory(root: Path) -> Path | None:
    """The file that says what was checked of a release; None if there is no home for it."""
    with contextlib.suppress(RuntimeError, OSError):
        return cache_folder() / "fixity" / f"{sha256_hex(bytes(root.resolve()))}.json"
    return None


def _read(memory: Path | None) -> dict[str, Seen]:
    with contextlib.suppress(OSError, ValueError):
        held = orjson.loads(memory.read_bytes()) if memory else {}
        return held if isinstance(held, dict) else {}
    return {}


def _keep(memory: Path | None, seen: Mapping[str, Seen]) -> None:
    """Write it whole or not at all; a cache that cannot be written to is done without."""
    with contextlib.suppress(OSError):
        if memory:
            memory.parent.mkdir(parents=True, exist_ok=True)
            written = memory.with_suffix(f".{secrets.token_hex(4)}")
            try:
                written.write_bytes(orjson.dumps(seen))
                written.replace(memory)
            finally:
                written.unlink(missing_ok=True)
