"""Releases changed by hand with everything else made to fit: digests, roots, manifests, pages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq

from microfiche.describe.facts import measure
from microfiche.describe.pages import describe_release
from microfiche.describe.source import release_source
from microfiche.fixity import file_digest, fingerprint
from microfiche.library import Release, open_release
from microfiche.pipeline.rehydrating import _write_rows
from microfiche.pipeline.writing import restriction, write_pages
from microfiche.release.bag import manifest_lines
from microfiche.report.page import report_page
from microfiche.tables import shards

Rows = dict[str, list[dict[str, Any]]]
Manifest = dict[str, Any]
ARTICLES = "data/articles/all.parquet"


def resealed(root: Path) -> None:
    """Make both manifests fit the files."""
    files = {f.relative_to(root).as_posix(): f for f in root.rglob("*") if f.is_file()}
    for name, payload in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
        digests = {
            path: file_digest(file)[1]
            for path, file in files.items()
            if path.startswith("data/") == payload and not path.startswith("tagmanifest")
        }
        (root / name).write_bytes(manifest_lines(digests))


def described(root: Path, manifest: Manifest) -> None:
    """Make every description follow from a manifest and the rows."""
    release = Release(root, manifest)
    facts, source = measure(release), release_source(release)
    report = report_page(release, source, facts)
    write_pages(describe_release(source, manifest, facts, report), root)
    resealed(root)


def stated(root: Path, change: Callable[[Manifest], Any]) -> None:
    """A release.json that says otherwise."""
    manifest = json.loads((root / "release.json").read_text("utf-8"))
    change(manifest)
    described(root, manifest)


def told(change: Callable[[Rows], Any]) -> Callable[[Path], None]:
    """Rows that say otherwise, all digests and roots made to fit them."""

    def make(root: Path) -> None:
        release = open_release(root)
        rows = {entry["name"]: release.rows(entry["name"]) for entry in release.manifest["tables"]}
        change(rows)
        work, kept = root.with_name("work"), root.with_name("kept")
        work.mkdir()
        shutil.rmtree(root / "data")
        root.rename(kept)
        release = Release(kept, release.manifest)
        shutil.copytree(kept, root)
        options = shards.parquet_options
        public = release.access == "public"
        with mock.patch.object(
            shards, "parquet_options", lambda kind, **_: options(kind, public=public)
        ):
            manifest = _write_rows(rows, release, work, root)
        shutil.rmtree(work)
        shutil.rmtree(kept)
        roots = [(e["name"], bytes.fromhex(e["root"])) for e in manifest["tables"] if e["n_rows"]]
        manifest["fingerprint"] = fingerprint(roots)
        described(root, manifest | restriction(measure(Release(root, manifest))))

    return make


def stored(
    change: Callable[[pa.Table], pa.Table], path: str = ARTICLES, **options: Any
) -> Callable[[Path], None]:
    """A Parquet file that is written otherwise, its size and digest made to fit it."""

    def make(root: Path) -> None:
        table = change(pq.read_table(root / path))
        given = {"compression": "zstd", "write_statistics": False} | options
        pq.write_table(table, root / path, **given)
        size, digest = file_digest(root / path)

        def fit(manifest: Manifest) -> None:
            files = [file for entry in manifest["tables"] for file in entry["files"]]
            next(f for f in files if f["path"] == path).update(size_bytes=size, sha256=digest)

        stated(root, fit)

    return make


def says(change: Callable[[Manifest], Any]) -> Callable[[Path], None]:
    """`stated`, to be made later."""
    return lambda root: stated(root, change)


def elsewhere(root: Path) -> None:
    """A release that names another builder, which is held to less."""
    stated(root, lambda manifest: manifest.update(builder="microfiche 99.0"))


def edited(name: str, old: str, new: str, *, by_another: bool = False) -> Callable[[Path], None]:
    """A file that says otherwise; `by_another` builder the release may be."""

    def make(root: Path) -> None:
        if by_another:
            elsewhere(root)
        text = (root / name).read_text("utf-8")
        if old not in text:
            raise ValueError(f"{name} has no {old!r}")
        (root / name).write_text(text.replace(old, new, 1), "utf-8")
        resealed(root)

    return make


def first(table: str, **values: Any) -> Callable[[Path], None]:
    """Other values in the first row of a table."""
    return told(lambda rows: rows[table][0].update(values))


def table_of(manifest: Manifest, name: str = "articles") -> Manifest:
    """A table as release.json lists it."""
    return next(each for each in manifest["tables"] if each["name"] == name)


def column(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    """A table with other values in a column."""
    place = table.schema.get_field_index(name)
    return table.set_column(
        place, table.schema.field(name), pa.array(values, table.field(name).type)
    )
