"""Putting a new release in its place, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from microfiche.errors import CannotRun, unusable

TEMPORARY = ".tmp-microfiche-"
OWN = re.compile(re.escape(TEMPORARY) + "[0-9a-f]{12}")


@contextlib.contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A temporary folder in `out` that nobody else clears while this process lives.

    Temporary folders whose process is dead are removed first. The folder goes away at the end;
    what is to stay must have been renamed out of it. Raises CannotRun.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _locked(out):  # or another build could clear the folder before it has its lock
            clear_dead(out)
            folder = out / f"{TEMPORARY}{secrets.token_hex(6)}"
            folder.mkdir()
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise unusable(out, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def clear_dead(out: Path) -> None:
    """Remove temporary folders that no living process holds a lock on."""
    for folder in out.glob(f"{TEMPORARY}*"):
        if not OWN.fullmatch(folder.name):
            continue  # somebody else's
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # its process lives
        finally:
            os.close(lock)


class Taken(CannotRun):
    """The place of a release is another's."""


def put_in_place(built: Path, target: Path) -> None:
    """Rename a finished release folder to where it belongs. Raises Taken, CannotRun."""
    from microfiche.tables.shards import sync

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise Taken(f"{target} exists", "a published version is never overwritten")
        for folder, _, _ in os.walk(built):
            sync(Path(folder))
        built.rename(target)
        sync(target.parent)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise Taken(f"{target} exists", "another build was faster; build again") from error
        raise unusable(target, error) from error
