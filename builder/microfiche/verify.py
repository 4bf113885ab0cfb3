"""Everything that a release alone can prove, check by check. Needs no archive and no network.

Files may be links, as in a snapshot that the Hub's client keeps; what a host adds is named and
left alone, every other unlisted file is refused.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from microfiche.describe.card import card_data, config_digest
from microfiche.describe.facts import FACT_COLUMNS, measure
from microfiche.describe.pages import bag_info, data_digests, release_json
from microfiche.errors import MicroficheError
from microfiche.fixity import (
    bucket_roots,
    file_digest,
    fingerprint,
    key_digest,
    record_digest,
    sha256_hex,
    table_root,
)
from microfiche.release import (
    MANIFEST,
    TAG_MANIFEST,
    Release,
    manifest_lines,
    open_release,
    read_manifest,
)
from microfiche.schema import RecordType, resolved, table_types
from microfiche.tables import to_rows

HOST_FILES = frozenset((".gitattributes", ".gitignore"))
HOST_FOLDERS = frozenset((".cache", ".git", ".huggingface"))
SAME = 1000  # the similarity of equal texts
MAX_FAULTS = 20
ROWS_AT_ONCE = 4096
FRONT = re.compile(r"---\n(.*?)^---$", re.MULTILINE | re.DOTALL)
# What libraries raise when a file is not what it should be.
BROKEN = (
    *(MicroficheError, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError),
    *(pa.ArrowException, yaml.YAMLError, msgspec.MsgspecError),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check: its name, what it covered in words, and what it found wrong (empty: it holds)."""

    check: str
    covered: str
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the check holds."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """The verdict as `verify --format json` prints it."""
        return {"check": self.check, "ok": self.ok, "covered": self.covered, "faults": self.faults}


def verify(root: Path, *, load: bool = False) -> list[Verdict]:
    """Verdicts of every check, in order. Raises DataError if there is no release to check."""
    verdicts = [_guarded("files", lambda: _files(root))]
    try:
        release = open_release(root)
    except MicroficheError as error:
        return [*verdicts, Verdict("release.json", "opened", (str(error),))]
    checks: list[tuple[str, Callable[[], tuple[str, list[str]]]]] = [
        ("descriptions", lambda: _descriptions(release)),
        ("tables", lambda: _tables(release)),
        ("records", lambda: _records(release)),
        ("references", lambda: _references(release)),
        ("card", lambda: _card(release)),
    ]
    if load:
        checks.append(("load_dataset", lambda: _load(release)))
    return verdicts + [_guarded(name, check) for name, check in checks]


def _guarded(name: str, check: Callable[[], tuple[str, list[str]]]) -> Verdict:
    """Run a check; whatever a broken file makes a library raise is a fault of the release."""
    try:
        covered, faults = check()
    except BROKEN as error:
        return Verdict(name, "could not be finished", (f"{type(error).__name__}: {error}",))
    more = [f"and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
    return Verdict(name, covered, tuple(faults[:MAX_FAULTS] + more))


def _present(root: Path) -> Iterator[str]:
    """Files of a folder but for those hosts add, as relative paths."""
    for folder, folders, files in os.walk(root):
        base = Path(folder).relative_to(root)
        if base == Path():
            folders[:] = [name for name in folders if name not in HOST_FOLDERS]
        for name in files:
            path = (base / name).as_posix()
            if path not in HOST_FILES:
                yield path


def _files(root: Path) -> tuple[str, list[str]]:
    faults: list[str] = []
    listed = {TAG_MANIFEST}
    for name in (MANIFEST, TAG_MANIFEST):
        try:
            digests = read_manifest((root / name).read_bytes())
        except (OSError, ValueError) as error:
            faults.append(f"{name}: {error}")
            continue
        listed |= digests.keys()
        for path, digest in sorted(digests.items()):
            faults += [f"{path}: {fault}" for fault in _file_faults(root, path, digest, name)]
    faults += [
        f"{path}: not listed in {MANIFEST} or {TAG_MANIFEST}"
        for path in sorted(_present(root))
        if path not in listed
    ]
    return f"{len(listed)} files against their SHA-256", faults


def _file_faults(root: Path, path: str, digest: str, manifest: str) -> Iterator[str]:
    if path.startswith(("/", "~")) or ".." in path.split("/") or "\\" in path:
        yield f"the path, listed in {manifest}, leaves the release"
        return
    try:
        found = file_digest(root / path)[1]
    except FileNotFoundError:
        yield f"the file is missing, but listed in {manifest}"
    except OSError as error:
        yield error.strerror or str(error)
    else:
        if found != digest:
            yield f"SHA-256 is {found}, {manifest} says {digest}"


def _descriptions(release: Release) -> tuple[str, list[str]]:
    """release.json against the manifests, and the pages that follow from it alone."""
    manifest = release.manifest
    expected = {
        MANIFEST: manifest_lines(data_digests(manifest)),
        "bag-info.txt": bag_info(manifest),
        "release.json": release_json(manifest),
    }
    faults = [
        f"{path}: does not follow from release.json"
        for path, data in expected.items()
        if release.read(path) != data
    ]
    dataset = release.dataset()
    for key in ("name", "title"):
        if dataset.get(key) != manifest[key]:
            faults.append(f"source/dataset.toml: {key} differs from release.json")
    citation = yaml.safe_load(release.read("CITATION.cff"))
    for key, value in (("version", release.version), ("title", manifest["title"])):
        if str(citation.get(key)) != value:
            faults.append(f"CITATION.cff: {key} differs from release.json")
    if release.fingerprint.encode() not in release.read("README.md"):
        faults.append("README.md: the fingerprint is not stated")
    return "release.json, manifests, citation and sources agree", faults


def _tables(release: Release) -> tuple[str, list[str]]:
    faults, n_files = [], 0
    for entry in release.manifest["tables"]:
        kind = _kind(release, entry["name"])
        total = 0
        for file in entry["files"]:
            n_files += 1
            path = release.root / file["path"]
            with pq.ParquetFile(path, page_checksum_verification=True) as parquet:
                schema = parquet.schema_arrow.remove_metadata()
                rows = sum(len(batch) for batch in parquet.iter_batches(batch_size=ROWS_AT_ONCE))
            if not schema.equals(kind.arrow_schema):
                faults.append(
                    f"{file['path']}: its columns are not those of schema/{kind.name}.json"
                )
            if rows != file["n_rows"] or path.stat().st_size != file["size_bytes"]:
                faults.append(f"{file['path']}: {rows} rows, release.json says {file['n_rows']}")
            total += rows
        if total != entry["n_rows"]:
            faults.append(f"{entry['name']}: {total} rows, release.json says {entry['n_rows']}")
    return f"{n_files} Parquet files: page checksums, columns, counts", faults


def _kind(release: Release, name: str) -> RecordType:
    """The record type of a table by the release's own schema files."""
    known = table_types()[name]
    return RecordType(known.name, resolved(release.root / "schema", known.name))


def _batches(release: Release, name: str, columns: list[str] | None = None) -> Iterator[Any]:
    for path in release.files(name):
        with pq.ParquetFile(release.root / path) as parquet:
            yield from parquet.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns)


def _records(release: Release) -> tuple[str, list[str]]:
    """Every row against its schema, its digest and its table's root; order and keys too."""
    faults: list[str] = []
    roots, count = {}, 0
    for entry in release.manifest["tables"]:
        kind = _kind(release, entry["name"])
        index: list[tuple[bytes, bytes]] = []
        for batch in _batches(release, entry["name"]):
            for row in to_rows(kind, batch):
                index.append(_check_row(row, kind, faults))
        count += len(index)
        index.sort()
        keys, digests = [key for key, _ in index], [digest for _, digest in index]
        if len(set(keys)) != len(keys):
            faults.append(f"{entry['name']}: two rows have one primary key")
        root = table_root(bucket_roots(keys, digests))
        if root.hex() != entry["root"]:
            faults.append(f"{entry['name']}: its Merkle root is not the one in release.json")
        if index:
            roots[entry["name"]] = root
    found = fingerprint(roots.items())
    if found != release.fingerprint:
        faults.append(f"the fingerprint is {found}, release.json says {release.fingerprint}")
    return f"{count} records against schema, digest and fingerprint", faults


def _check_row(row: Mapping[str, Any], kind: RecordType, faults: list[str]) -> tuple[bytes, bytes]:
    table = kind.table
    name = f"{table.name} {', '.join(str(row[key]) for key in table.key)}"
    digest = record_digest(row, kind)
    if digest.hex() != row["record_sha256"]:
        faults.append(f"{name}: record_sha256 is not the record's digest")
    if not kind.is_valid(row):
        faults += [f"{name}: {pointer}: {message}" for pointer, message in kind.explain(row)]
    text = row.get("text") if row.get("text_access", "full") == "full" else None
    if text is not None and sha256_hex(text.encode()) != row["text_sha256"]:
        faults.append(f"{name}: text_sha256 is not the text's digest")
    return key_digest(row, table.key), digest


def _references(release: Release) -> tuple[str, list[str]]:
    """Every id in one table that names a row of another."""

    def values(name: str, column: str) -> list[Any]:
        return list(release.table(name, [column]).column(column).to_pylist())

    articles, outlets = set(values("articles", "article_id")), set(values("outlets", "outlet_id"))
    checks = (
        ("captures", "article_id", articles),
        ("revisions", "article_id", articles),
        ("articles", "outlet_id", outlets),
        ("captures", "outlet_id", outlets),
        ("links", "from_id", articles),
        ("links", "to_id", articles),
        ("articles", "revision_id", set(values("revisions", "revision_id"))),
    )
    faults = [
        f"{table}.{column}: {value!r} is in no row it could name"
        for table, column, known in checks
        for value in sorted({each for each in values(table, column) if each is not None} - known)
    ]
    faults += _link_faults(release)
    shown = articles | {each for aliases in values("articles", "aliases") for each in aliases}
    withdrawn = set(values("withdrawn", "article_id"))
    faults += [f"articles: {each!r} is withdrawn" for each in sorted(shown & withdrawn)]
    return "ids between the tables", faults


def _link_faults(release: Release) -> Iterator[str]:
    """What links say against what the articles say."""
    links = release.table("links").to_pylist()
    if not links:
        return
    columns = ["article_id", "outlet_id", "text_sha256"]
    rows = {row["article_id"]: row for row in release.table("articles", columns).to_pylist()}
    for link in links:
        one, other = rows.get(link["from_id"]), rows.get(link["to_id"])
        if one is None or other is None:
            continue
        equal = one["text_sha256"] == other["text_sha256"]
        relation = "near" if one["outlet_id"] == other["outlet_id"] else "reprint"
        wrong = link["relation"] != relation or (link["rule"] == "equal-text") != equal
        if one is other or wrong or (equal and link["similarity"] != SAME):
            yield f"links: {link['from_id']} to {link['to_id']} is not what the articles say"


def _card(release: Release) -> tuple[str, list[str]]:
    """The card's YAML against one made anew from the manifest and the rows."""
    page = release.read("README.md").decode("utf-8")
    match = FRONT.match(page)
    front = match[1] if match else ""
    stated = yaml.safe_load(front) or {}
    tables = (pa.Table.from_batches([b]) for b in _batches(release, "articles", [*FACT_COLUMNS]))
    expected = card_data(release.manifest, release.dataset(), measure(tables))
    faults = [f"README.md: {key} does not follow from the data" for key in expected
              if stated.get(key) != expected[key]]  # fmt: skip
    faults += [f"README.md: unexpected {key}" for key in stated if key not in expected]
    for entry in release.manifest["tables"]:
        digest = f"sha256-{config_digest(entry)}"
        if entry["n_rows"] and digest not in front:
            faults.append(f"README.md: config {entry['name']} does not state {digest}")
    return "the card's YAML follows from the data", faults


def _load(release: Release) -> tuple[str, list[str]]:
    """Load every config with `datasets` in a temporary cache; the rows must have their digests."""
    from microfiche.load import load_folder

    faults, count = [], 0
    with tempfile.TemporaryDirectory(prefix="microfiche-") as cache:
        for entry in release.manifest["tables"]:
            if not entry["n_rows"]:
                continue
            loaded = load_folder(release.root, entry["name"], cache_dir=cache)["train"]
            count += len(loaded)
            expected = release.table(entry["name"], ["record_sha256"]).column(0).to_pylist()
            if list(loaded["record_sha256"]) != expected:
                faults.append(f"config {entry['name']}: datasets loads other rows")
            kind = _kind(release, entry["name"])
            for batch in loaded.with_format("arrow").iter(batch_size=ROWS_AT_ONCE):
                for row in to_rows(kind, batch):
                    if record_digest(row, kind).hex() != row["record_sha256"]:
                        faults.append(f"config {entry['name']}: a loaded row has other values")
    return f"{count} rows as `datasets` loads them", faults
