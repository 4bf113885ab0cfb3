"""What places of publication share: what would change there, and what stands in the way."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from microfiche.engine import Progress
from microfiche.errors import CannotRun, DataError, MicroficheError, UsageError, printable
from microfiche.fixity import file_digest
from microfiche.release import MANIFEST, SIGNATURE, TAG_MANIFEST, Release
from microfiche.release.bag import read_manifest
from microfiche.release.version import version_key

SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
# Schemes of fsspec that stand for no place of their own: this process, a cache, another's pages.
NO_PLACES = frozenset(
    ("arrow_hdfs", "blockcache", "cached", "data", "dbfs", "dir", "file", "filecache", "generic",
     "gist", "git", "github", "http", "https", "jlab", "jupyter", "libarchive", "local", "memory",
     "reference", "root", "simplecache", "tar", "zip")
)  # fmt: skip
WRITTEN = "give hf://datasets/ORG/NAME, s3://BUCKET/PREFIX, file:///FOLDER or zenodo://"
SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|ACCESS_KEY|API_KEY", re.IGNORECASE)
LEAST_SECRET, MAX_TOLD = 6, 500
MAX_SHOWN_LINES = 60


class Change(NamedTuple):
    """One thing that publishing does at a target: `add`, `remove`, `tag`, `index` or `publish`."""

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
    if path.startswith(("/", "~")) or ".." in path.split("/") or "\\" in path:
        raise DataError(
            f"{release.root}: {path!r}, which a manifest lists, leaves the release", FETCH
        )


FETCH = "fetch the release again"


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


@contextlib.contextmanager
def outside(what: str, remedy: str = "check the network, and run it again") -> Iterator[None]:
    """Raise what a client of a host raises as CannotRun, in one line.

    What our own code raises is a bug, and stays what it is.
    """
    try:
        yield
    except (MicroficheError, FileExistsError):
        raise
    except PermissionError as error:
        raise CannotRun(f"{what}: access denied", "check the credentials") from error
    except Exception as error:
        if "Credentials" in type(error).__name__:
            remedy = "set them as the store's own tools have them, such as AWS_PROFILE"
        if isinstance(error, OSError) or not _is_ours(error):
            raise CannotRun(f"{what}: {told(error)}", remedy) from error
        raise


def _is_ours(error: BaseException) -> bool:
    """Whether an exception was raised by code of this package itself."""
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    name = at.tb_frame.f_globals.get("__name__", "") if at else ""
    return str(name).partition(".")[0] == __name__.partition(".")[0]


def told(error: BaseException) -> str:
    """What was raised, in one line and without secrets; else its kind."""
    return one_line(str(error))[:MAX_TOLD] or type(error).__name__


def one_line(said: str) -> str:
    """What a host says, on one line, without control characters and without our secrets."""
    line = " ".join(printable(said).split())
    for name, value in os.environ.items():
        if len(value) >= LEAST_SECRET and SECRET.search(name):
            line = line.replace(value, "***")
    return line


def check_address(url: str) -> tuple[str, str]:
    """(scheme, the rest) of an address.

    Raises UsageError for one that is none, or that has a password in it.
    """
    scheme, colon, rest = url.partition("://")
    if not colon or not SCHEME.fullmatch(scheme) or not rest.strip("/"):
        raise UsageError(f"{one_line(url)}: no address", WRITTEN)
    place = rest.partition("/")[0]
    if "@" in place and scheme != "hf":
        raise UsageError(
            f"{scheme}://…: the address has a user or a password in it",
            "give these by the environment, or the login of the store's own tools",
        )
    if not printable(url).isprintable() or printable(url) != url:
        raise UsageError(f"{one_line(url)}: control characters in an address", WRITTEN)
    return scheme, rest


def remote(url: str) -> Path:
    """A folder at an address that fsspec knows, with the ways of a path.

    Raises UsageError for an address that is no place of its own, CannotRun.
    """
    from upath import UPath

    scheme, rest = check_address(url)
    if scheme in NO_PLACES:
        raise UsageError(f"{url}: {scheme}:// is no place to publish to or read from", WRITTEN)
    if any(part in ("", ".", "..") for part in rest.rstrip("/").split("/")):
        raise UsageError(f"{url}: an empty step or dots in an address", WRITTEN)
    try:
        with outside(url):
            found: Any = UPath(url)
            found.fs  # noqa: B018 - the file system is made when first asked for
    except CannotRun as error:
        cause = error.__cause__
        if isinstance(cause, ImportError):
            extra = "install microfiche with its extra `s3`, or s3fs"
            remedy = extra if scheme == "s3" else "install the package that fsspec has for it"
            raise CannotRun(f"{url}: {told(cause)}", remedy) from cause
        if isinstance(cause, ValueError):
            raise UsageError(f"{url}: {told(cause)}", WRITTEN) from cause
        raise
    return found  # type: ignore[no-any-return]


def archive_root(release: Release) -> Path | None:
    """The archive in whose dist/ a release lies; None if it lies elsewhere."""
    root = release.root.resolve()
    if len(root.parents) < 3 or root.parents[1].name != "dist":
        return None
    return root.parents[2] if (root.parents[2] / "raw" / "dataset.toml").is_file() else None
