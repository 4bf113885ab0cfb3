"""Every describing file of a release, from one manifest: the only list of what a release holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from microfiche.archive import LEARNED, Archive
from microfiche.describe.card import card
from microfiche.describe.citation import cite
from microfiche.describe.datasheet import datasheet
from microfiche.describe.facts import Facts
from microfiche.errors import printable
from microfiche.fixity import sha256_hex
from microfiche.release import MANIFEST, RELEASE_JSON, TAG_MANIFEST, manifest_lines
from microfiche.schema import schema_folder, toml_data

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SOURCES = (
    "raw/dataset.toml",
    "raw/CARD.md",
    "raw/aliases.jsonl",
    "raw/withdrawals.jsonl",
    "DATASHEET.md",
)


def describe_release(
    archive: Archive, manifest: Mapping[str, Any], facts: Facts
) -> dict[str, bytes]:
    """Path and bytes of every file of a release but its data. Raises OSError."""
    pages = {
        "README.md": _card_page(archive, manifest, facts).encode(),
        "DATASHEET.md": _datasheet_page(archive, manifest, facts).encode(),
        "CITATION.cff": cite(manifest, archive.dataset, "cff").encode(),
        RELEASE_JSON: release_json(manifest),
        MANIFEST: manifest_lines(data_digests(manifest)),
        "bagit.txt": BAGIT,
        "bag-info.txt": bag_info(manifest),
    }
    for file in sorted(schema_folder().glob("*.json")):
        pages[f"schema/{file.name}"] = file.read_bytes()
    for file in source_files(archive.root):
        pages[f"source/{file.relative_to(_base(archive.root, file)).as_posix()}"] = _source(file)
    digests = {path: sha256_hex(data) for path, data in pages.items()}
    pages[TAG_MANIFEST] = manifest_lines(digests)
    return pages


def _source(file: Path) -> bytes:
    """An own file of the archive as a release shows it.

    Of learned lines only those that were taken out: their examples name captures, which may be of
    articles that are withdrawn one day.
    """
    octets = file.read_bytes()
    if not file.name.endswith(LEARNED):
        return octets
    lines = toml_data(octets.decode("utf-8")).get("lines", [])
    applied = [line for line in lines if line.get("apply", True)]
    kept = [{"line": line["line"], "count": line["count"]} for line in applied]
    return tomlkit.dumps({"lines": kept}).encode()


def _base(root: Path, file: Path) -> Path:
    return root / "raw" if file.is_relative_to(root / "raw") else root


def source_files(root: Path) -> list[Path]:
    """The archive's own describing files, copied into source/ of a release."""
    outlets = sorted((root / "raw" / "outlets").glob("*.toml"))
    return [file for name in SOURCES if (file := root / name).is_file()] + outlets


def _card_page(archive: Archive, manifest: Mapping[str, Any], facts: Facts) -> str:
    return card(
        manifest, archive.dataset, archive.outlets, facts, _written(archive.raw / "CARD.md")
    )


def _datasheet_page(archive: Archive, manifest: Mapping[str, Any], facts: Facts) -> str:
    written = _written(archive.root / "DATASHEET.md")
    return datasheet(manifest, archive.outlets, facts, written)


def _written(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""


def release_json(manifest: Mapping[str, Any]) -> bytes:
    """release.json: the manifest as readable JSON."""
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()


def data_digests(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Digest by path of every data file."""
    return {file["path"]: file["sha256"] for entry in manifest["tables"] for file in entry["files"]}


def bag_info(manifest: Mapping[str, Any]) -> bytes:
    """bag-info.txt (RFC 8493, 2.2.2): only what the release itself says, so it is reproducible."""
    files = [file for entry in manifest["tables"] for file in entry["files"]]
    octets = sum(file["size_bytes"] for file in files)
    fields = {
        "Bag-Software-Agent": manifest["builder"],
        "Bagging-Date": manifest["date"],
        "External-Description": printable(" ".join(manifest["title"].split())),
        "External-Identifier": f"{manifest['name']}-{manifest['version']}",
        "Payload-Oxum": f"{octets}.{len(files)}",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items()).encode()
