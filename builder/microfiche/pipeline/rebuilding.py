"""Building a release once more from its source/ and captures that somebody holds.

Captures are found by their ids, which are digests, wherever they lie in the archive; whatever it
holds beyond them is passed over.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import tomlkit

from microfiche.about import BUILDER
from microfiche.archive import Archive
from microfiche.archive.opening import open_archive, read_corrections
from microfiche.describe.source import FOLDER, release_source
from microfiche.engine import spare_pandas
from microfiche.errors import DataError
from microfiche.fixity import canonical_json, sha256_hex
from microfiche.pipeline import BuildOptions
from microfiche.pipeline.build import build
from microfiche.release import SIGNATURE, Release
from microfiche.release.diff import diff
from microfiche.release.opening import previous_folder

SHOWN_FILES = 8


@contextmanager
def rebuilt(
    release: Release, archive: Path, access: str, *, chained: bool = True
) -> Iterator[Release]:
    """The release built anew in a temporary folder that is gone afterwards.

    Not `chained`, or with the release before not at hand, it is built as if it were the first:
    then it has no table of changes. Raises MicroficheError, as a build does.
    """
    if not (archive / "raw" / "captures").is_dir():
        raise DataError(f"{archive}: no archive here, raw/captures is missing", "give its folder")
    spare_pandas()
    with tempfile.TemporaryDirectory(prefix="microfiche-") as folder:
        source = _archive_of(release, archive / "raw", Path(folder) / "archive")
        options = BuildOptions(
            out=Path(folder) / "dist",
            version=release.version,
            date=release.manifest["date"],
            previous=previous_folder(release, archive) if chained else None,
            extract=release.manifest["extraction"],
            max_capture_bytes=release.manifest["max_capture_bytes"],
            access=access,
        )
        yield build(source, options).release


def _archive_of(release: Release, holdings: Path, root: Path) -> Archive:
    """An archive whose own files are the release's source/, and whose captures another holds."""
    (root / "raw" / "outlets").mkdir(parents=True)
    for path, data in release_source(release).files.items():
        name = path.removeprefix(FOLDER)
        (root / ("" if name == "DATASHEET.md" else "raw") / name).write_bytes(data)
    known = {"issued": release.manifest["date"], "doi": release.manifest["doi"]}
    versions: dict[str, Any] = {
        release.version: {key: value for key, value in known.items() if value}
    }
    for each in release.manifest.get("publications", ()):
        entry = versions.setdefault(each["version"], {})
        entry.setdefault("published", []).append(each["where"])
    text = tomlkit.dumps({"versions": versions})
    (root / "raw" / "releases.toml").write_text(text, encoding="utf-8")
    ids = [
        *release.table("captures", ["capture_id"])["capture_id"].to_pylist(),
        *release.table("rejected", ["rejected_id"])["rejected_id"].to_pylist(),
    ]
    return dataclasses.replace(
        open_archive(root),
        captured=holdings,
        only=frozenset(ids),
        tombstones=release.rows("withdrawn"),
        annotations=release.rows("annotations"),
        corrections=_corrections(release, holdings),
        source=release.root,
        expected=[row for row in release.rows("coverage") if row["expected_by"]],
    )


def _corrections(release: Release, holdings: Path) -> list[dict[str, Any]]:
    """The lines of raw/corrections.jsonl that a release tells of.

    What it withholds is taken from the lines of an archive, where its digest proves it.
    """
    rows = release.rows("corrections")
    held = {}
    if any(row["value"] is None and row["content"] is None for row in rows):
        for line in read_corrections(holdings.parent):
            octets = canonical_json(line["value"])
            held[sha256_hex(octets)] = octets.decode()
    lines = []
    for row in rows:
        value = row["value"] or row["content"] or held.get(row["content_sha256"])
        if value is not None:
            named = "article_id" if row["capture_id"] is None else "capture_id"
            stated = {name: row[name] for name in (named, "field", "reason", "by", "date")}
            lines.append({**stated, "value": orjson.loads(value)})
    return lines


def rebuild_faults(release: Release, archive: Path) -> tuple[str, list[str]]:
    """(what was found, faults) of building a release anew from an archive's captures."""
    unlike = other_reader(release)
    try:
        return _compared(release, archive, unlike)
    except DataError as error:
        if unlike is None:
            raise
        return f"cannot tell: {unlike}; here {error.message}", []


def other_reader(release: Release) -> str | None:
    """That another builder made a release than is installed, and what to do; None if the same."""
    builder = release.manifest["builder"]
    if builder == BUILDER:
        return None
    return (
        f"built by {builder}, and {BUILDER} may read otherwise; install "
        f"{builder.replace(' ', '==')} to be sure"
    )


def _compared(release: Release, archive: Path, unlike: str | None) -> tuple[str, list[str]]:
    """(what was found, faults), given that another builder made the release."""
    with rebuilt(release, archive, release.access) as again:
        missing = _missing(release, again)
        if again.fingerprint != release.fingerprint and unlike and not missing:
            return f"cannot tell: {unlike}", []
        if again.fingerprint != release.fingerprint:
            return "the records are NOT the same", missing + list(_differences(release, again))
        differing = _differing_files(release.root, again.root)
        if not differing:
            return "identical bytes", []
        shown = ", ".join(differing[:SHOWN_FILES])
        more = f" and {len(differing) - SHOWN_FILES} more" if differing[SHOWN_FILES:] else ""
        why = "; ".join(_reasons(release, again)) or "encoded otherwise"
        return f"identical records, other encoding ({why}): {shown}{more}", []


def _missing(release: Release, again: Release) -> list[str]:
    """Captures of the release that the archive does not hold."""
    before = release.table("captures", ["capture_id", "sha256"]).to_pylist()
    held = set(again.table("captures", ["capture_id"])["capture_id"].to_pylist())
    rejected = set(again.table("rejected", ["sha256"])["sha256"].to_pylist())
    return [
        f"capture {row['capture_id']} (SHA-256 {row['sha256']}) is not in the archive"
        for row in before
        if row["capture_id"] not in held and row["sha256"] not in rejected
    ]


def _differences(release: Release, again: Release) -> Iterator[str]:
    found = diff(release, again)
    for name, counts in found.tables.items():
        yield (
            f"{name}: {counts.added} rows more, {counts.changed} otherwise, {counts.gone} less "
            "than in the release"
        )
    for row in found.changes:
        yield f"articles {row['article_id']}: {row['change']} {', '.join(row['fields'])}".rstrip()


def _differing_files(left: Path, right: Path) -> list[str]:
    """Files that are not the same in two folders; a signature is nobody's to rebuild."""
    names = {
        file.relative_to(root).as_posix()
        for root in (left, right)
        for file in root.rglob("*")
        if file.is_file()
    }
    return sorted(
        name
        for name in names - {SIGNATURE}
        if not all((root / name).is_file() for root in (left, right))
        or (left / name).read_bytes() != (right / name).read_bytes()
    )


def _reasons(release: Release, again: Release) -> Iterator[str]:
    """Why two releases of the same records have other bytes."""
    if release.manifest["rehydrated"]:
        yield "texts were put back into a public release, which withholds other columns too"
    if release.manifest["builder"] != again.manifest["builder"]:
        yield f"built by {release.manifest['builder']}, here by {again.manifest['builder']}"
    writers = [_parquet_writer(each) for each in (release, again)]
    if writers[0] != writers[1]:
        yield f"Parquet written by {writers[0]}, here by {writers[1]}"
    if release.manifest["previous"] and not again.manifest["previous"]:
        version = release.manifest["previous"]["version"]
        yield f"the release before, {version}, is not at hand, so changes were not made anew"


def _parquet_writer(release: Release) -> str:
    (path, *_) = release.files("articles")
    return str(pq.read_metadata(release.root / path).created_by)
