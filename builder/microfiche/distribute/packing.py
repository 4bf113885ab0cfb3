"""Zip files that are the same bytes wherever they are made: sorted, dated 1980, not compressed."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from microfiche.distribute.target import check_inside
from microfiche.errors import DataError, unusable
from microfiche.fixity import file_digest
from microfiche.release import MANIFEST, RELEASE_JSON, SIGNATURE, TAG_MANIFEST, Release
from microfiche.release.bag import read_manifest

PAYLOAD = "data/"
EPOCH = (1980, 1, 1, 0, 0, 0)
BLOCK = 1 << 20


class Member(NamedTuple):
    """A file of a package: its path there, and where it is read from, or its bytes."""

    path: str
    content: Path | bytes
    size: int


def members(release: Release, prefix: str) -> list[Member]:
    """Every file of a release as its manifests list them, release.json first, payload last.

    Raises DataError for one that is not what they say, CannotRun.
    """
    listed: dict[str, str | None] = {
        TAG_MANIFEST: None,
        **read_manifest(release.read(TAG_MANIFEST)),
    }
    listed |= read_manifest(release.read(MANIFEST))
    if (release.root / SIGNATURE).is_file():
        listed[SIGNATURE] = None
    found = []
    for path in sorted(listed, key=_order):
        check_inside(release, path)
        file = release.root / path
        try:
            size, digest = file_digest(file)
        except OSError as error:
            raise unusable(file, error) from error
        if listed[path] not in (None, digest):
            raise DataError(f"{file}: not what the manifest says", "fetch the release again")
        found.append(Member(f"{prefix}{path}", file, size))
    return found


def parts(
    files: Iterable[Member], limit: int, size_of: Callable[[Member], int]
) -> list[list[Member]]:
    """The files in parts, in order, none above the limit but one file alone."""
    found: list[list[Member]] = [[]]
    left = limit
    for member in files:
        size = size_of(member)
        if found[-1] and size > left:
            found.append([])
            left = limit
        found[-1].append(member)
        left -= size
    return found


def _order(path: str) -> tuple[bool, bool, str]:
    return path.startswith(PAYLOAD), path != RELEASE_JSON, path


def write_member(package: zipfile.ZipFile, member: Member) -> str:
    """Add a file; its SHA-256 as a wheel's RECORD writes it. Raises OSError."""
    entry = zipfile.ZipInfo(member.path, EPOCH)
    entry.external_attr = 0o100644 << 16
    entry.create_system = 3
    entry.file_size = member.size
    digest = hashlib.sha256()
    content = member.content
    source = io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
    with source, package.open(entry, "w") as target:
        while block := source.read(BLOCK):
            digest.update(block)
            target.write(block)
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
