"""Every describing file of a release, from one manifest: the only list of what a release holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from microfiche.describe.card import card
from microfiche.describe.changes import changes_page
from microfiche.describe.citation import cite
from microfiche.describe.croissant import croissant
from microfiche.describe.datacite import datacite
from microfiche.describe.datasheet import datasheet
from microfiche.describe.facts import Facts
from microfiche.describe.rocrate import CRATE, ro_crate
from microfiche.describe.source import Source
from microfiche.errors import printable
from microfiche.fixity import sha256_hex
from microfiche.release import MANIFEST, RELEASE_JSON, REPORT, TAG_MANIFEST, folder_name
from microfiche.release.bag import manifest_lines

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def describe_release(
    source: Source, manifest: Mapping[str, Any], facts: Facts, report: bytes
) -> dict[str, bytes]:
    """Path and bytes of every file of a release but its data. Raises OSError.

    `report` is the page to look at, which is made from the rows.
    """
    sheet = datasheet(manifest, source, facts)
    pages = {
        "README.md": card(manifest, source, facts).encode(),
        "DATASHEET.md": sheet.encode(),
        "croissant.json": _json(croissant(manifest, source, facts, sheet)),
        "datacite.json": _json(datacite(manifest, source, facts)),
        "CITATION.cff": cite(manifest, source.dataset, "cff").encode(),
        REPORT: report,
        RELEASE_JSON: release_json(manifest),
        MANIFEST: manifest_lines(data_digests(manifest)),
        "bagit.txt": BAGIT,
        "bag-info.txt": bag_info(manifest),
        **source.schemas,
        **source.files,
    }
    if manifest["previous"]:
        pages["CHANGES.md"] = changes_page(manifest, facts).encode()
    pages[CRATE] = _json(ro_crate(manifest, source, facts, _files(manifest, pages)))
    digests = {path: sha256_hex(data) for path, data in pages.items()}
    pages[TAG_MANIFEST] = manifest_lines(digests)
    return pages


def release_json(manifest: Mapping[str, Any]) -> bytes:
    """release.json: the manifest as readable JSON."""
    return _json(manifest)


def _json(page: Mapping[str, Any]) -> bytes:
    return (json.dumps(page, indent=2, ensure_ascii=False) + "\n").encode()


def _files(manifest: Mapping[str, Any], pages: Mapping[str, bytes]) -> dict[str, Mapping[str, Any]]:
    """Size and digest of every file there is so far, by path."""
    data = {file["path"]: file for entry in manifest["tables"] for file in entry["files"]}
    described = {
        path: {"size_bytes": len(page), "sha256": sha256_hex(page)} for path, page in pages.items()
    }
    return {**data, **described}


def data_digests(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Digest by path of every data file."""
    return {file["path"]: file["sha256"] for entry in manifest["tables"] for file in entry["files"]}


def bag_info(manifest: Mapping[str, Any]) -> bytes:
    """bag-info.txt (RFC 8493, 2.2.2): only what the release itself says, so it is reproducible."""
    files = [file for entry in manifest["tables"] for file in entry["files"]]
    octets = sum(file["size_bytes"] for file in files)
    folder = folder_name(manifest["name"], manifest["access"])
    fields = {
        "Bag-Software-Agent": manifest["builder"],
        "Bagging-Date": manifest["date"],
        "External-Description": printable(" ".join(manifest["title"].split())),
        "External-Identifier": f"{folder}-{manifest['version']}",
        "Payload-Oxum": f"{octets}.{len(files)}",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items()).encode()
