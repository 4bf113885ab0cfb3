"""What places of publication share: what would change there, and what stands in the way."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from microfiche.archive import Archive
from microfiche.archive.opening import open_archive
from microfiche.engine import Progress
from microfiche.errors import CannotRun, DataError, printable
from microfiche.fixity import file_digest
from microfiche.release import MANIFEST, SIGNATURE, TAG_MANIFEST, Release
from microfiche.release.bag import leaves, read_manifest
from microfiche.release.version import version_key

MAX_SHOWN_LINES = 60


class Change(NamedTuple):
    """One thing that publishing does at a target.

    `action` is create, add, remove, describe, tag, index or publish.
    """

    action: str
    path: str
    size_bytes: int | None = None


@dataclass(frozen=True)
class Plan:
    """What publishing a release changes at a target; nothing if it is there already.

    `where` is where it will be, as far as that is known; `state` what the target said of itself,
    which must be so still when it is changed, None where nothing like it is known.
    """

    where: str
    changes: tuple[Change, ...] = ()
    state: str | None = None

    @property
    def done(self) -> bool:
        """Whether the release is published there."""
        return not self.changes


class Target(Protocol):
    """A place of publication.

    `plan` asks it and changes nothing; what it refuses it raises as DataError or CannotRun.
    `publish` makes the release visible as its last step; killed at any moment it can be run again.
    """

    def plan(self, release: Release) -> Plan:
        """What is to be done, by what the target says now."""
        ...

    def publish(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Do it."""
        ...

    def check(self, release: Release) -> list[str]:
        """What the target's own answer says is not as it was built; empty if all is."""
        ...

    def address(self, release: Release) -> tuple[str, bool]:
        """(where the release is there, whether everybody who may read the target can read it)."""
        ...

    def close(self) -> None:
        """Take away what was made for it on this machine."""
        ...


def digests_of(release: Release) -> dict[str, str]:
    """SHA-256 of every file of a release, by its manifests; the tag manifest last."""
    tags = read_manifest(release.read(TAG_MANIFEST))
    payload = read_manifest(release.read(MANIFEST))
    for path in (*tags, *payload):
        check_inside(release, path)
    signature = {}
    if (release.root / SIGNATURE).is_file():
        signature = {SIGNATURE: file_digest(release.root / SIGNATURE)[1]}
    return {**payload, **tags, **signature, TAG_MANIFEST: release.sha256}


def check_inside(release: Release, path: str) -> None:
    """Raise DataError for a path, listed in a manifest, that leaves the release."""
    if leaves(path):
        told = f"{release.root}: {path!r}, which a manifest lists, leaves the release"
        raise DataError(told, "fetch the release again")


def refuse_other(where: str, version: str) -> CannotRun:
    """A version that is published there with other content."""
    return CannotRun(
        f"{where}: version {version} is published with other content",
        "a published version stays as it is: build a new release",
    )


def refuse_older(where: str, version: str, newest: str) -> None:
    """Raise DataError for a version below the newest that is published."""
    if version_key(version) < version_key(newest):
        raise DataError(
            f"{where}: version {version} is older than {newest}, which is published",
            "publish releases in their order",
        )


def difference(before: bytes, after: bytes, names: tuple[str, str]) -> str:
    """What differs between two texts, as lines to read."""
    old, new = (each.decode("utf-8", "replace").splitlines() for each in (before, after))
    lines = list(difflib.unified_diff(old, new, *names, lineterm="", n=1))
    more = (
        [f"and {len(lines) - MAX_SHOWN_LINES:,} more lines"] if len(lines) > MAX_SHOWN_LINES else []
    )
    return printable("\n".join([*lines[:MAX_SHOWN_LINES], *more]))


def archive_of(release: Release) -> Archive | None:
    """The archive that a release was built in; None if it lies in no dist/ of its dataset's."""
    root = archive_root(release)
    archive = open_archive(root) if root else None
    return archive if archive and archive.name == release.name else None


def archive_root(release: Release) -> Path | None:
    """The archive in whose dist/ a release lies; None if it lies elsewhere."""
    root = release.root.resolve()
    if len(root.parents) < 3 or root.parents[1].name != "dist":
        return None
    return root.parents[2] if (root.parents[2] / "raw" / "dataset.toml").is_file() else None
