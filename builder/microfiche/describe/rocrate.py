"""ro-crate-metadata.json: a release as an RO-Crate 1.2, every file and folder described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from microfiche.describe.entities import STANDARDS, Contextual, Node, one, reference
from microfiche.describe.facts import Facts, languages_of, published_span
from microfiche.describe.source import Source
from microfiche.describe.terms import (
    FILES,
    media_type,
    stated,
)
from microfiche.schema import RecordType

CRATE = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.2"
FOLDERS = {
    "data/": ("Data", "The records: a folder a table."),
    "schema/": ("Schemas", "JSON Schemas of the tables and of the archive's own files."),
    "source/": ("Sources", "The archive's own files that the release was described from."),
    "source/outlets/": ("Outlet files", "A file an outlet: names, hosts, events, rights."),
}


def ro_crate(
    manifest: Mapping[str, Any],
    source: Source,
    facts: Facts,
    files: Mapping[str, Mapping[str, Any]],
) -> Node:
    """The whole crate. `files` are size and digest of every file but the crate's own by path."""
    contextual = Contextual(manifest, source.dataset, source)
    children = _children(files)
    root = _root(manifest, source.dataset, facts) | {
        **contextual.references(),
        "usageInfo": {"@id": "DATASHEET.md"} if "DATASHEET.md" in files else None,
        "hasPart": one([{"@id": path} for path in children[""]]),
    }
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "name": FILES[CRATE],
        "about": {"@id": "./"},
        "conformsTo": {"@id": SPECIFICATION},
        "encodingFormat": "application/ld+json",
    }
    folders = (
        _folder((path, parts), manifest, source.types, contextual.outlets)
        for path, parts in children.items()
        if path
    )
    described = (_file(path, each, manifest, source.types) for path, each in sorted(files.items()))
    graph = [descriptor, root, *folders, *described, *contextual.nodes()]
    unique = {node["@id"]: stated(node) for node in graph}
    return {"@context": f"{SPECIFICATION}/context", "@graph": list(unique.values())}


def _root(manifest: Mapping[str, Any], dataset: Mapping[str, Any], facts: Facts) -> Node:
    days = published_span(facts)
    marks = [
        words
        for words, holds in (
            ("draft", manifest["draft"]),
            ("restricted: texts are shown that may not be republished", manifest["restricted"]),
            ("public: texts are withheld or masked by rights", manifest["access"] == "public"),
        )
        if holds
    ]
    funding = dataset.get("funding", "none")
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{manifest['title']}, version {manifest['version']}",
        "alternateName": f"{manifest['name']}-{manifest['version']}",
        "description": dataset.get("description", manifest["title"]),
        "datePublished": manifest["date"],
        "version": manifest["version"],
        "url": dataset.get("homepage"),
        "keywords": one(list(dataset.get("keywords", ()))),
        "inLanguage": one(languages_of(dataset, facts)),
        "temporalCoverage": days and "/".join(day or ".." for day in days),
        "conditionsOfAccess": "; ".join(marks),
        "creativeWorkStatus": "Draft" if manifest["draft"] else "Published",
        "creditText": f"Funding: {funding}" if funding.strip().lower() != "none" else None,
    }


# Files and folders


def _children(files: Mapping[str, Any]) -> dict[str, list[str]]:
    """What each folder holds directly; the root's name is empty."""
    children: dict[str, list[str]] = {"": []}
    for path in sorted(files):
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth]) + "/"
            parent = "/".join(parts[: depth - 1]) + "/" if depth > 1 else ""
            if folder not in children:
                children[folder] = []
                children[parent].append(folder)
        children["/".join(parts[:-1]) + "/" if len(parts) > 1 else ""].append(path)
    return children


def _folder(
    folder: tuple[str, Sequence[str]],
    manifest: Mapping[str, Any],
    types: Mapping[str, RecordType],
    outlets: Sequence[Node],
) -> Node:
    """A folder, given by its path and what is in it."""
    path, parts = folder
    name, description = FOLDERS.get(path, (path, f"Files under {path}."))
    table = path.split("/")[1] if path.startswith("data/") and path != "data/" else None
    if table:
        rows = sum(e["n_rows"] for e in manifest["tables"] if e["name"] == table)
        name = f"Table {table}"
        description = f"{types[table].document['description']} Rows: {rows:,}."
    return {
        "@id": path,
        "@type": "Dataset",
        "name": name,
        "description": description,
        "sourceOrganization": one([reference(each) for each in outlets])
        if table == "articles"
        else None,
        "hasPart": one([{"@id": part} for part in parts]),
    }


def _file(
    path: str,
    file: Mapping[str, Any],
    manifest: Mapping[str, Any],
    types: Mapping[str, RecordType],
) -> Node:
    node: Node = {
        "@id": path,
        "@type": "File",
        "name": path,
        "description": FILES.get(path, f"The file {path}."),
        "contentSize": str(file["size_bytes"]),
        "sha256": file["sha256"],
        "encodingFormat": media_type(path),
    }
    standard = STANDARDS.get(path)
    if path.startswith("data/"):
        table = path.split("/")[1]
        rows = {f["path"]: f["n_rows"] for e in manifest["tables"] for f in e["files"]}
        kind = types[table]
        node["description"] = f"Part of the table {table}. Rows: {rows[path]:,}."
        node["conformsTo"] = {"@id": f"schema/{kind.name}.json"}
    elif path.startswith("schema/"):
        node["@type"] = ["File", "CreativeWork"]  # so that data files may conform to it
        node["description"] = f"JSON Schema of {path.removeprefix('schema/')}"
        standard = STANDARDS["schema/"]
    elif path.startswith("source/outlets/"):
        node["description"] = "Outlet file, as the archive has it"
    elif "/" not in path and path not in ("bagit.txt", "manifest-sha256.txt"):
        node["about"] = {"@id": "./"}
    if standard:
        node["conformsTo"] = {"@id": standard[0]}
    return node
