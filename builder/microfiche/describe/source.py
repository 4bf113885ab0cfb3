"""The archive's own describing files, as a release carries them in source/.

All descriptions are written from these, the manifest and the facts: from an archive when a release
is built, from the release itself when it is verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tomlkit

from microfiche.archive import Archive
from microfiche.archive.files import ANNOTATIONS, CORRECTIONS, LEARNED, RELEASES, is_left
from microfiche.documents import toml_data
from microfiche.errors import DataError, in_words
from microfiche.release import Release
from microfiche.schema import RecordType, schema_folder, table_types

FOLDER, OUTLETS = "source/", "source/outlets/"
TOLD_IN_TABLES = (ANNOTATIONS, CORRECTIONS)  # which have what these say of what is published


@dataclass(frozen=True)
class Source:
    """Files by their path in a release, and what they say: the dataset, the outlets, the tables.

    `types` are the record types of the tables, by the schemas that go with them.
    """

    files: Mapping[str, bytes]
    schemas: Mapping[str, bytes]
    dataset: Mapping[str, Any]
    outlets: tuple[Mapping[str, Any], ...]
    types: Mapping[str, RecordType]

    def page(self, name: str) -> str:
        """A hand-written page; empty if there is none."""
        return self.files.get(FOLDER + name, b"").decode("utf-8", "replace")


def _read(
    files: Mapping[str, bytes], schemas: Mapping[str, bytes], types: Mapping[str, RecordType]
) -> Source:
    names = sorted(
        path
        for path in files
        if path.startswith(OUTLETS) and path.endswith(".toml") and not path.endswith(LEARNED)
    )
    parsed = {}
    for name in (f"{FOLDER}dataset.toml", *names):
        try:
            parsed[name] = toml_data(files[name].decode("utf-8"))
        except (KeyError, ValueError, RecursionError) as error:
            raise DataError(
                f"{name}: no TOML: {in_words(error)}", "fetch the release again"
            ) from error
    outlets = tuple(parsed[name] for name in names)
    return Source(files, schemas, parsed[f"{FOLDER}dataset.toml"], outlets, types)


def archive_source(archive: Archive) -> Source:
    """What a release of this archive is described from. Raises OSError."""
    files = {
        FOLDER + where.removeprefix("raw/"): _shown(where, octets)
        for where, octets in archive.files.items()
        if where not in (RELEASES, *TOLD_IN_TABLES)
    }
    schemas = {f"schema/{file.name}": file.read_bytes() for file in schema_folder().glob("*.json")}
    return _read(files, dict(sorted(schemas.items())), table_types())


def release_source(release: Release) -> Source:
    """What a release was described from. Raises DataError, OSError."""
    found = {
        folder: {
            file.relative_to(release.root).as_posix(): file.read_bytes()
            for file in sorted((release.root / folder).rglob("*"))
            if file.is_file() and not is_left(file.name)
        }
        for folder in ("source", "schema")
    }
    return _read(found["source"], found["schema"], release.types)


def source_lines(release: Release, where: str) -> list[bytes]:
    """Lines of an own file of the archive, as a release carries it. Raises OSError."""
    file = release.root / FOLDER / where.removeprefix("raw/")
    return file.read_bytes().splitlines() if file.is_file() else []


def _shown(where: str, octets: bytes) -> bytes:
    """An own file of the archive as a release shows it.

    Of learned lines only those that were taken out: their examples name captures, which may be of
    articles that are withdrawn one day.
    """
    if not where.endswith(LEARNED):
        return octets
    lines = toml_data(octets.decode("utf-8")).get("lines", [])
    applied = [line for line in lines if line.get("apply", True)]
    kept = [{"line": line["line"], "count": line["count"]} for line in applied]
    return tomlkit.dumps({"lines": kept}).encode()
