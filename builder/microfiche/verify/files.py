"""The files of a release against its manifests, and the manifests against the files."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from microfiche.archive.files import is_left
from microfiche.errors import Unreachable, in_words, printable
from microfiche.fixity import file_digest
from microfiche.release import MANIFEST, SIGNATURE, TAG_MANIFEST
from microfiche.release.bag import leaves, read_manifest
from microfiche.verify.rules import (
    FILE_DIGEST,
    FOLDERS,
    LISTED,
    MANIFESTS,
    PLACED,
    PRESENT,
    REGULAR,
    Rule,
)

HOST_FILES = frozenset((".gitattributes", ".gitignore"))
HOST_FOLDERS = frozenset((".cache", ".git", ".huggingface"))
PAYLOAD = "data/"
FEW = 5


def check_files(root: Path) -> tuple[str, list[str]]:
    """Each file against its SHA-256 as the manifests list it; unlisted files are refused."""
    faults: list[str] = []
    found: dict[str, str] = {}
    there = set(present(root, faults)) - {TAG_MANIFEST, SIGNATURE}
    unlisted, broken = set(there), set[str]()
    for path in sorted(there):
        if not _is_regular(root / path):
            faults.append(REGULAR(f"{path}: no regular file"))
            broken.add(path)
            continue
        try:
            found[path] = file_digest(root / path)[1]
        except OSError as error:
            _raise_if_away(root, path, error)
            faults.append(PRESENT(f"{path}: {error.strerror or error}"))
            broken.add(path)
    for name in (MANIFEST, TAG_MANIFEST):
        try:
            _digest(root / name)
            stated = read_manifest((root / name).read_bytes())
        except (OSError, ValueError) as error:
            _raise_if_away(root, name, error)
            faults.append(MANIFESTS(f"{name}: {in_words(error)}"))
            unlisted -= {path for path in there if path.startswith(PAYLOAD) == (name == MANIFEST)}
            continue
        unlisted -= stated.keys()
        for path, digest in sorted(stated.items()):
            if path in broken:
                continue
            wrong = _file_faults(root, path, (digest, name), found.get(path))
            faults += [rule(f"{path}: {fault}") for rule, fault in wrong]
    faults += [
        LISTED(f"{path}: not listed in {MANIFEST} or {TAG_MANIFEST}") for path in sorted(unlisted)
    ]
    host = sorted(_host_files(root))
    added = f"; left alone, as hosts add them: {', '.join(host)}" if host else ""
    left = sorted(_left(root))
    added += f"; no part of it, but left there by systems and editors: {_few(left)}" if left else ""
    return f"{len(found) + 1} files against their SHA-256, manifests byte for byte{added}", faults


def _file_faults(
    root: Path, path: str, stated: tuple[str, str], found: str | None
) -> Iterator[tuple[Rule, str]]:
    """What is wrong with a file that a manifest lists: `stated` is its digest there and where.

    `found` is its digest if it is known already: a file is read once.
    """
    digest, manifest = stated
    if leaves(path):
        yield PLACED, f"the path, listed in {manifest}, leaves the release"
        return
    if path.startswith(PAYLOAD) != (manifest == MANIFEST):
        yield PLACED, f"listed in {manifest}, where it does not belong"
    try:
        found = found or _digest(root / path)
    except FileNotFoundError:
        yield PRESENT, f"the file is missing, but listed in {manifest}"
    except OSError as error:
        _raise_if_away(root, path, error)
        yield PRESENT, error.strerror or str(error)
    else:
        if found != digest:
            yield FILE_DIGEST, f"SHA-256 is {found}, {manifest} says {digest}"


def _raise_if_away(root: Path, path: str, error: Exception) -> None:
    """Raise Unreachable for what a remote host does not give, though it may be there."""
    if (
        not is_local(root)
        and isinstance(error, OSError)
        and not isinstance(error, FileNotFoundError)
    ):
        told = in_words(error)
        raise Unreachable(f"{root}: {path}: {told}", "try again later") from error


def irregular(root: Path) -> list[str]:
    """Files of a release that are none: pipes and devices, which would be read without end."""
    if not is_local(root):
        return []
    return [path for path in present(root, []) if not _is_regular(root / path)]


def _is_regular(file: Path) -> bool:
    """Whether there is a file, or nothing: what is missing is said elsewhere."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _digest(file: Path) -> str:
    """SHA-256 of a regular file, or of what a link to one leads to. Raises OSError."""
    if not _is_regular(file):
        raise OSError(errno.EINVAL, "no regular file")
    return file_digest(file)[1]


def present(root: Path, faults: list[str]) -> Iterator[str]:
    """Files of a folder but for those hosts add, as relative paths.

    Links to folders and empty folders are faults: nothing lists them.
    """
    if not is_local(root):
        yield from _present_there(root)
        return
    for folder, folders, files in os.walk(root):
        base = Path(folder).relative_to(root)
        if base == Path():
            folders[:] = [name for name in folders if name not in HOST_FOLDERS]
        links = [name for name in folders if (root / base / name).is_symlink()]
        faults += [FOLDERS(f"{(base / name).as_posix()}: a link to a folder") for name in links]
        if not folders and not files and base != Path():
            faults.append(FOLDERS(f"{base.as_posix()}: an empty folder"))
        for name in files:
            path = (base / name).as_posix()
            if path not in HOST_FILES and not is_left(name):
                yield path


def is_local(root: object) -> bool:
    """Whether a folder is of this machine, not of the Hub or a store."""
    return isinstance(root, os.PathLike)


def _present_there(root: Any) -> Iterator[str]:
    """Files below a remote folder but for those hosts add; it has no links and no empty folders."""
    for file in root.rglob("*"):
        path = file.relative_to(root).as_posix()
        of_host = path in HOST_FILES or path.partition("/")[0] in HOST_FOLDERS
        if not of_host and file.is_file():
            yield path


def _left(root: Path) -> Iterator[str]:
    """What systems and editors have left in a folder of this machine."""
    for folder, _, files in os.walk(root) if is_local(root) else ():
        base = Path(folder).relative_to(root)
        yield from (printable((base / name).as_posix()) for name in files if is_left(name))


def _few(names: list[str]) -> str:
    more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def _host_files(root: Path) -> Iterator[str]:
    local = is_local(root)
    for name in sorted(HOST_FILES | HOST_FOLDERS):
        if os.path.lexists(root / name) if local else (root / name).exists():
            yield name
