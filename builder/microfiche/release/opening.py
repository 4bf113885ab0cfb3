"""Finding releases, and opening one: what it lists must be what a release can list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from microfiche.errors import DataError, MicroficheError, NotFound, in_words, nearest, unusable
from microfiche.release import RELEASE_JSON, TAG_MANIFEST, Release, folder_name
from microfiche.release.version import VERSION, version_key
from microfiche.schema import record_type


def open_release(root: Path | str) -> Release:
    """The release in a folder. Raises DataError if there is none, CannotRun if unreadable."""
    root = Path(root) if isinstance(root, str) else root
    file = root / RELEASE_JSON
    if not file.is_file():
        told = f"no release here, {RELEASE_JSON} is missing" if root.is_dir() else "no such folder"
        raise NotFound(f"{root}: {told}", nearest(root, "give its folder"))
    try:
        manifest = orjson.loads(file.read_bytes())
    except OSError as error:
        raise unusable(file, error) from error
    except ValueError as error:
        raise DataError(f"{file}: no JSON: {in_words(error)}", "fetch the release again") from error
    check_manifest(manifest, root)
    return Release(root, manifest)


def check_manifest(manifest: object, root: Path) -> None:
    """Check a release.json against its schema. Raises DataError."""
    kind = record_type("release")
    if not kind.is_valid(manifest):
        pointer, message = next(iter(kind.explain(manifest)))
        raise DataError(f"{root / RELEASE_JSON}: {pointer}: {message}", "fetch the release again")
    assert isinstance(manifest, dict)  # noqa: S101 - it is valid
    if fault := _listing_fault(manifest["tables"]):
        raise DataError(f"{root / RELEASE_JSON}: {fault}", "fetch the release again")


def _listing_fault(tables: Sequence[Mapping[str, Any]]) -> str | None:
    """What no schema can say of a list of tables: each is there once, with files of its own."""
    files = [(entry["name"], file["path"]) for entry in tables for file in entry["files"]]
    listed = Counter([*(entry["name"] for entry in tables), *(path for _, path in files)])
    for each in (each for each, count in listed.items() if count > 1):
        return f"{each} is listed twice"
    for path in (path for name, path in files if not path.startswith(f"data/{name}/")):
        return f"{path} is listed as a file of another table"
    return None


def previous_folder(release: Release, archive: Path | None = None) -> Path | None:
    """Folder of the release before, beside this one or in the archive's dist/; None if not there.

    It is the one that release.json names by its digest, or none.
    """
    before = release.manifest["previous"]
    if not before:
        return None
    places: list[Path] = [release.root.resolve().parent / before["version"]]
    if archive:
        folder = folder_name(release.name, release.access)
        places.append(archive / "dist" / folder / before["version"])
    for place in places:
        try:
            if open_release(place).sha256 == before["release_sha256"]:
                return place
        except MicroficheError:
            continue
    return None


def refuse_broken(folder: Path) -> None:
    """Refuse a dataset's folder with a release whose release.json is lost. Raises DataError.

    What it promised is not known, and the next release would forget it.
    """
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        of_release = VERSION.fullmatch(entry.name) and (entry / TAG_MANIFEST).is_file()
        if of_release and not (entry / RELEASE_JSON).is_file():
            raise DataError(
                f"{entry}: a release without its {RELEASE_JSON}",
                "fetch the release again; or remove the folder if it was never published",
            )


def releases_of(folder: Path) -> list[Path]:
    """Release folders of one dataset, lowest version first."""
    found = [
        entry
        for entry in (folder.iterdir() if folder.is_dir() else ())
        if VERSION.fullmatch(entry.name) and (entry / RELEASE_JSON).is_file()
    ]
    return sorted(found, key=lambda entry: version_key(entry.name))
