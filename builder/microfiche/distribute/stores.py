"""Object stores and folders: every file system that fsspec knows, `s3://`, `file://` and others.

A release goes to `<root>/<name>/<version>/`, each file written once: release.json first, by which
one of two who publish a version at once has it, and the tag manifest last. Whoever reads takes a
version that has none for one that is not there. `<root>/<name>/index.json` lists the
versions; it is made anew from what is there, so that two who publish at once both end up in it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from microfiche.distribute.addresses import check_address, remote
from microfiche.distribute.outside import outside
from microfiche.distribute.target import (
    Change,
    Plan,
    digests_of,
    refuse_older,
    refuse_other,
)
from microfiche.engine import Progress
from microfiche.errors import CannotRun, DataError, UsageError
from microfiche.fixity import file_digest
from microfiche.release import RELEASE_JSON, TAG_MANIFEST, Release, folder_name
from microfiche.release.placing import staging
from microfiche.release.version import VERSION, version_key
from microfiche.tables.shards import sync
from microfiche.verify.files import check_files, is_local

INDEX = "index.json"
TRIES, PART = 5, ".part"
TOLD = ("name", "version", "date", "doi", "access", "fingerprint")
# Stores that write an object whole or not at all, and can refuse to write one that is there.
WHOLE = ("s3", "s3a", "gs", "gcs", "az", "abfs")
S3_PARTS = {"chunksize": 16 << 20, "max_concurrency": 4}
PARTS = {"s3": S3_PARTS, "s3a": S3_PARTS}


def store_root(url: str) -> Path:
    """The folder at an address: a path of this machine for `file://`. Raises CannotRun."""
    scheme, rest = check_address(url)
    if scheme != "file":
        return remote(url.rstrip("/"))
    path = unquote(rest.removeprefix("localhost"))
    if not path.startswith("/") or not path.isprintable():
        raise UsageError(f"{url}: no folder of this machine", "write file:///path")
    return Path(path)


class Store:
    """A store as a target; `url` is its root."""

    def __init__(self, url: str) -> None:
        self.url, self.root = url.rstrip("/"), store_root(url)
        self.local = is_local(self.root)

    def plan(self, release: Release) -> Plan:
        """What is to be written. Raises DataError, CannotRun."""
        folder, (where, _) = self._folder(release), self.address(release)
        if self.local:
            self._refuse_inside()
        with outside(self.url):
            held = versions(folder)
            for version in held:
                self._refuse_other_line(release, _manifest(folder / version))
            tags = folder / release.version / TAG_MANIFEST
            if release.version in held:
                if tags.read_bytes() != release.read(TAG_MANIFEST):
                    raise refuse_other(where, release.version)
                done = _index(folder, held) == _read(folder / INDEX)
                return Plan(where, () if done else (Change("index", INDEX),))
            if held:
                refuse_older(self.url, release.version, held[-1])
            digests = digests_of(release)
            there = self._there(folder / release.version, digests)
        paths = sorted(digests, key=lambda path: path != RELEASE_JSON)
        changes = [
            Change("add", path, (release.root / path).stat().st_size)
            for path in paths
            if path not in there
        ]
        return Plan(where, (*changes, Change("index", INDEX)))

    def publish(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Write release.json, the payload, the tag manifest, the index. Raises CannotRun."""
        folder = self._folder(release)
        place = folder / release.version
        added = [each for each in plan.changes if each.action == "add"]
        total, done = sum(each.size_bytes or 0 for each in added), 0
        digests = digests_of(release)
        progress("writing", 0, total)
        for each in added:
            with outside(f"{self.url}: {each.path}"):
                self._put(release.root / each.path, place / each.path, digests[each.path])
            done += each.size_bytes or 0
            progress("writing", done, total)
        if getattr(place, "protocol", "") in PARTS:
            _abort_uploads(place)
        with outside(f"{self.url}: {INDEX}"):
            self._write_index(folder)

    def close(self) -> None:
        """Nothing was made."""

    def check(self, release: Release) -> list[str]:
        """Every file of the release read back."""
        with outside(self.url):
            place = self._folder(release) / release.version
            if (place / TAG_MANIFEST).read_bytes() != release.read(TAG_MANIFEST):
                return [f"{TAG_MANIFEST}: is not the release's"]
            return check_files(place)[1]

    def address(self, release: Release) -> tuple[str, bool]:
        """The folder of the release."""
        return f"{self.url}/{self._folder(release).name}/{release.version}", True

    def _folder(self, release: Release) -> Path:
        return self.root / folder_name(release.name, release.access)

    def _refuse_inside(self) -> None:
        """A release is not published into itself, or another. Raises DataError."""
        for folder in (self.root, *self.root.resolve().parents):
            if (folder / RELEASE_JSON).exists():
                raise DataError(
                    f"{self.url}: {folder} is a release itself", "publish to a folder of its own"
                )

    def _refuse_other_line(self, release: Release, held: Mapping[str, Any]) -> None:
        """A folder has the releases of one dataset and access. Raises DataError."""
        if (held.get("name"), held.get("access")) != (release.name, release.access):
            raise DataError(
                f"{self.address(release)[0]}: that folder holds the {held.get('access')} releases "
                f"of {held.get('name')}",
                "publish to a place of its own",
            )

    def _there(self, place: Path, digests: Mapping[str, str]) -> frozenset[str]:
        """Files that an earlier run has written. Raises CannotRun for one that is another."""
        found = set()
        present = [each for each in place.rglob("*") if each.is_file()] if place.exists() else []
        for file in present:
            path = file.relative_to(place).as_posix()
            if path.removesuffix(PART) in digests and path not in digests:
                continue  # an upload that was killed, which is begun anew
            if path not in digests or file_digest(file)[1] != digests[path]:
                raise CannotRun(
                    f"{self.url}: {path} of a version that was never finished is another file",
                    f"remove {place} there, and publish again",
                )
            found.add(path)
        return frozenset(found)

    def _put(self, source: Path, target: Path, digest: str) -> None:
        """Write a file once; one that is there must be the same. Raises CannotRun, OSError."""
        try:
            if self.local:
                _put_here(source, target, self.root)
            else:
                _put_there(source, target)
        except FileExistsError as error:
            if file_digest(target)[1] != digest:
                raise CannotRun(
                    f"{target} is there already, and another file",
                    "somebody else publishes this version: a version is published once",
                ) from error

    def _write_index(self, folder: Path) -> None:
        """Make the index what is there, also if somebody else publishes meanwhile."""
        for _ in range(TRIES):
            index = _index(folder, versions(folder))
            if _read(folder / INDEX) == index:
                return
            if self.local:
                with staging(self.root) as work:
                    (work / INDEX).write_bytes(index)
                    (work / INDEX).replace(folder / INDEX)
            else:
                _forget(folder)
                (folder / INDEX).write_bytes(index)


def _put_here(source: Path, target: Path, root: Path) -> None:
    """Copy a file of this machine, whole or not at all. Raises FileExistsError, OSError."""
    if target.exists():
        raise FileExistsError(target)
    with staging(root) as work:
        shutil.copyfile(source, work / source.name)
        sync(work / source.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(work / source.name, target)
        sync(target.parent)


def _put_there(source: Path, target: Any) -> None:
    """Write a file to a store. Raises FileExistsError if one is there, and what the store does."""
    fs, path = target.fs, target.path
    if target.protocol in WHOLE:
        fs.put_file(str(source), path, mode="create", **PARTS.get(target.protocol, {}))
        return
    if fs.exists(path):
        raise FileExistsError(path)
    fs.makedirs(path.rpartition("/")[0], exist_ok=True)
    fs.put_file(str(source), f"{path}{PART}")
    fs.mv(f"{path}{PART}", path)


def _abort_uploads(place: Any) -> None:
    """Take away the parts that killed runs left of files which are all there now, if one may."""
    bucket, _, prefix = place.path.partition("/")
    with contextlib.suppress(OSError):
        found = place.fs.call_s3("list_multipart_uploads", Bucket=bucket, Prefix=f"{prefix}/")
        for each in found.get("Uploads", ()):
            name = {"Key": each["Key"], "UploadId": each["UploadId"]}
            place.fs.call_s3("abort_multipart_upload", Bucket=bucket, **name)


def versions(folder: Path) -> list[str]:
    """Versions of a dataset that are published in a folder, lowest first."""
    _forget(folder)
    if not folder.exists():
        return []
    found = [
        each.name
        for each in folder.iterdir()
        if VERSION.fullmatch(each.name) and (each / TAG_MANIFEST).exists()
    ]
    return sorted(found, key=version_key)


def _forget(folder: Any) -> None:
    """Have a store asked again: its file system remembers listings."""
    if not is_local(folder):
        folder.fs.invalidate_cache()


def _index(folder: Path, held: list[str]) -> bytes:
    """The index of the versions that are there."""
    entries = []
    for version in held:
        manifest = _manifest(folder / version)
        known = {name: manifest[name] for name in TOLD if name != "name"}
        digest = file_digest(folder / version / TAG_MANIFEST)[1]
        entries.append({**known, "release_sha256": digest, "path": f"{version}/"})
    return (
        orjson.dumps({"name": folder.name, "versions": entries}, option=orjson.OPT_INDENT_2) + b"\n"
    )


def _manifest(place: Path) -> dict[str, Any]:
    """The release.json of a version that is there. Raises DataError if it is none."""
    try:
        value = orjson.loads((place / RELEASE_JSON).read_bytes())
        if isinstance(value, dict) and all(name in value for name in TOLD):
            return value
    except ValueError:
        pass
    raise DataError(
        f"{place / RELEASE_JSON}: not what a release has there", "mend that release first"
    )


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None
