"""Reading what was published where it is, or from a copy that is fetched once."""

from __future__ import annotations

import contextlib
import errno
import shutil
from pathlib import Path
from typing import Any

from microfiche.distribute.addresses import check_address, remote
from microfiche.distribute.hub import SCHEME, check_version, download, tag_of
from microfiche.distribute.outside import outside
from microfiche.distribute.stores import store_root, versions
from microfiche.errors import DataError, UsageError, unusable
from microfiche.fixity import sha256_hex
from microfiche.release import RELEASE_JSON, TAG_MANIFEST
from microfiche.release.bag import leaves
from microfiche.release.locating import HUB, fitting, split_version
from microfiche.release.opening import open_release
from microfiche.release.placing import staging
from microfiche.verify.files import is_local
from microfiche.verify.remembered import cache_folder, check_once


def published_release(address: str, version: str | None = None) -> Path:
    """The folder of a published release, to be read where it is.

    `address` is hf://datasets/ORG/NAME, the folder of a release in a store, or that of its
    dataset, of which the newest version that fits is taken; each may end in `@VERSION`. Raises
    UsageError, DataError, CannotRun.
    """
    check_address(address)
    name, version = split_version(address, version)
    if name.startswith(SCHEME):
        repository = _repository(name)
        tag = tag_of(repository, version)
        found = remote(f"{SCHEME}{repository}@{tag}")
        with outside(address):
            check_version(found, tag[1:], f"{SCHEME}{repository}@{tag}")
        return found
    with outside(address):
        folder = store_root(name)
        if version is None and (folder / RELEASE_JSON).exists():
            if not (folder / TAG_MANIFEST).exists():
                raise DataError(f"{name}: not published whole yet", "try again later")
            return folder
        held = versions(folder)
        newest = fitting(held, version)
        if newest is not None:
            check_version(folder / newest, newest, f"{name}@{newest}")
            return folder / newest
    there = f"there are {', '.join(held)}" if held else "give the folder of one"
    wanted = f"that fits {version}" if version else "here"
    raise DataError(f"{name}: no release {wanted}", there)


def _repository(name: str) -> str:
    match = HUB.fullmatch(name)
    if match is None:
        raise UsageError(f"{name}: no dataset on the Hub", f"write {SCHEME}ORG/NAME@v1.0.0")
    return match[1]


def fetch(address: str, version: str | None = None, table: str | None = None) -> Path:
    """A copy of a published release on this machine: of the Hub's in its own cache, else in ours.

    Of the Hub only what one table needs, if it is given. Raises as `published_release`.
    """
    name, version = split_version(address, version)
    if name.startswith(SCHEME):
        return download(_repository(name), version, table)
    found: Any = published_release(name, version)
    if is_local(found):
        return Path(found)
    with outside(address):
        digest = sha256_hex((found / TAG_MANIFEST).read_bytes())
    place = cache_folder() / "releases" / digest / found.name
    if place.is_dir():
        with contextlib.suppress(DataError):
            check_once(open_release(place))
            return Path(place)
        shutil.rmtree(place)
    try:
        with staging(place.parent) as work:
            with outside(address):
                _copy(found, work / found.name)
            check_once(open_release(work / found.name))
            (work / found.name).rename(place)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise unusable(place, error) from error  # else another process was faster
    return Path(place)


def _copy(source: Any, target: Path) -> None:
    """Copy the files of a remote folder. Raises OSError, and what a store raises."""
    for file in source.rglob("*"):
        path = file.relative_to(source).as_posix()
        if file.is_file() and not leaves(path):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as held, (target / path).open("xb") as written:
                shutil.copyfileobj(held, written)
