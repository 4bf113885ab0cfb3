"""Files that releases share: what is asked of several releases is read in each file once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from typing import Any

from microfiche.release import Release
from microfiche.release.contract import earlier_names

TableFile = tuple[str, str]  # a table by its name now, a file of it by its SHA-256


def files_of(release: Release) -> set[TableFile]:
    """The files of a release's tables. Equal ones hold the same rows of the same table."""
    tables = release.manifest["tables"]
    return {_named(entry, file) for entry in tables for file in entry["files"]}


def without(release: Release, files: Set[TableFile]) -> Release:
    """A release as if it had not some of its files; what else it says stays as it is."""
    tables = [
        {**entry, "files": [file for file in entry["files"] if _named(entry, file) not in files]}
        for entry in release.manifest["tables"]
    ]
    return replace(release, manifest={**release.manifest, "tables": tables})


def unshared(releases: Iterable[Release]) -> Iterator[tuple[Release, Release]]:
    """Releases in their order, each with itself without the files that one before it has too."""
    seen: set[TableFile] = set()
    for release in releases:
        yield release, without(release, seen)
        seen |= files_of(release)


def _named(entry: Mapping[str, Any], file: Mapping[str, Any]) -> TableFile:
    return earlier_names().get(entry["name"], entry["name"]), file["sha256"]
