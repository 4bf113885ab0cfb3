"""Files that releases share: what is asked of several releases is read in each file once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from microfiche.release import Release
from microfiche.release.contract import earlier_names

TableFile = tuple[str, str]  # a table by its name now, a file of it by its SHA-256


def files_of(release: Release) -> set[TableFile]:
    """The files of a release's tables. Equal ones hold the same rows of the same table."""
    return {
        (earlier_names().get(entry["name"], entry["name"]), file["sha256"])
        for entry in release.manifest["tables"]
        for file in entry["files"]
    }


def without(release: Release, files: Set[TableFile]) -> Release:
    """A release as if it had not some of its files; what else it says stays as it is."""
    tables = [
        {**entry, "files": [file for file in entry["files"] if (name, file["sha256"]) not in files]}
        for entry in release.manifest["tables"]
        for name in [earlier_names().get(entry["name"], entry["name"])]
    ]
    return replace(release, manifest={**release.manifest, "tables": tables})


def unshared(releases: Iterable[Release]) -> Iterator[tuple[Release, Release]]:
    """Releases in their order, each with itself without the files that one before it has too."""
    seen: set[TableFile] = set()
    for release in releases:
        yield release, without(release, seen)
        seen |= files_of(release)
