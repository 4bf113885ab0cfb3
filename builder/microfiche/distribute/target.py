"""What places of publication share: what would change there, and what stands in the way."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from microfiche.engine import Progress
from microfiche.errors import CannotRun, DataError, MicroficheError, printable
from microfiche.release import MANIFEST, TAG_MANIFEST, Release
from microfiche.release.bag import read_manifest
from microfiche.release.version import version_key

# Modules whose exceptions speak of a network or a host.
OUTSIDE = frozenset(
    ("aiobotocore", "aiohttp", "botocore", "fsspec", "httpcore", "httpx", "httpx2",
     "huggingface_hub", "requests", "s3fs", "urllib3")
)  # fmt: skip
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


def digests_of(release: Release) -> dict[str, str]:
    """SHA-256 of every file of a release, by its manifests; the tag manifest last."""
    tags = read_manifest(release.read(TAG_MANIFEST))
    payload = read_manifest(release.read(MANIFEST))
    signature = {}
    if (release.root / SIGNED).is_file():
        from microfiche.fixity import file_digest

        signature = {SIGNED: file_digest(release.root / SIGNED)[1]}
    return {**payload, **tags, **signature, TAG_MANIFEST: release.sha256}


SIGNED = "tagmanifest-sha256.txt.sig"


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
    """Raise what a client of a host raises as CannotRun, in one line."""
    try:
        yield
    except MicroficheError:
        raise
    except PermissionError as error:
        raise CannotRun(f"{what}: access denied", "check the credentials") from error
    except Exception as error:
        if "Credentials" in type(error).__name__:
            remedy = "set them as the store's own tools have them, such as AWS_PROFILE"
        if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in OUTSIDE:
            raise CannotRun(f"{what}: {told(error)}", remedy) from error
        raise


def told(error: BaseException) -> str:
    """The first line of what was raised, or its kind."""
    return printable(str(error).strip().partition("\n")[0]) or type(error).__name__


def remote(url: str) -> Path:
    """A folder at an address that fsspec knows, with the ways of a path. Raises CannotRun."""
    from upath import UPath

    try:
        with outside(url):
            found: Any = UPath(url)
            found.fs  # noqa: B018 - the file system is made when first asked for
    except ImportError as error:
        scheme = url.partition(":")[0]
        extra = "install microfiche with its extra `s3`, or s3fs"
        remedy = extra if scheme == "s3" else "install the package that fsspec has for it"
        raise CannotRun(f"{url}: {told(error)}", remedy) from error
    except ValueError as error:
        raise CannotRun(
            f"{url}: {told(error)}", "give hf://, s3://, file:// or zenodo://"
        ) from error
    return found  # type: ignore[no-any-return]
