"""ro-crate-metadata.json: a release as an RO-Crate 1.2, every file and folder described."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from microfiche.describe.facts import Facts, languages_of, published_span
from microfiche.describe.source import Source
from microfiche.describe.terms import (
    FILES,
    SPDX,
    doi_url,
    is_person,
    license_names,
    media_type,
    stated,
)
from microfiche.fixity import short_id
from microfiche.outlets.outlet import NOT_EVALUATED
from microfiche.schema import RecordType

Node = dict[str, Any]
CRATE = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.2"
BUILDER_PAGE = "https://microfiche.example/"
PUBLISHER = "#publisher"
# What the describing files follow: path or folder, address, title.
STANDARDS: Mapping[str, tuple[str, str]] = {
    "bagit.txt": ("https://www.rfc-editor.org/rfc/rfc8493", "BagIt 1.0, RFC 8493"),
    "CITATION.cff": ("https://doi.org/10.5281/zenodo.5171937", "Citation File Format 1.2"),
    "croissant.json": ("http://mlcommons.org/croissant/1.1", "Croissant 1.1"),
    "datacite.json": ("http://datacite.org/schema/kernel-4", "DataCite Metadata Schema 4"),
    "schema/": ("https://json-schema.org/draft/2020-12/schema", "JSON Schema 2020-12"),
}
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
    contextual = _Contextual(manifest, source.dataset, source)
    children = _children(files)
    root = _root(manifest, source.dataset, facts) | {
        **contextual.references(),
        "usageInfo": {"@id": "DATASHEET.md"} if "DATASHEET.md" in files else None,
        "hasPart": _one([{"@id": path} for path in children[""]]),
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


class _Contextual:
    """The entities around the files: people, licenses, outlets, the build, the release before."""

    def __init__(
        self, manifest: Mapping[str, Any], dataset: Mapping[str, Any], source: Source
    ) -> None:
        self.contact = _contact(dataset)
        self.creators = [
            _creator(number, each, self.contact)
            for number, each in enumerate(_creators(dataset), 1)
        ]
        self.organisations = list(_organisations(dataset, self.contact))
        self.has_publisher = "publisher" in dataset
        self.licenses = list(_licenses(dataset.get("license")))
        self.outlets = [_outlet(entry) for entry in source.outlets]
        self.identifiers = list(_identifiers(manifest))
        self.before = list(_before(manifest))
        self.builder = _builder(manifest)
        self.build = _build(manifest, self.creators, self.before)

    def references(self) -> Node:
        """What the root dataset says of them."""
        lists = {
            "license": self.licenses,
            "identifier": self.identifiers,
            "creator": self.creators,
            "publisher": self.organisations[-1:] if self.has_publisher else [],
            "isBasedOn": self.before,
            "about": self.outlets,
            "mentions": [self.build],
        }
        return {name: _one([_reference(each) for each in nodes]) for name, nodes in lists.items()}

    def nodes(self) -> Iterator[Node]:
        """The entities themselves; a contact only where somebody is reached by it."""
        yield from (*self.licenses, *self.identifiers, *self.before)
        yield from (*self.creators, *self.organisations)
        if self.contact and (self.creators or self.organisations):
            yield self.contact
        yield from (*self.outlets, self.builder, self.build)
        for url, title in sorted(STANDARDS.values()):
            yield {"@id": url, "@type": "CreativeWork", "name": title}


def _builder(manifest: Mapping[str, Any]) -> Node:
    name, _, version = manifest["builder"].partition(" ")
    return {
        "@id": "#builder",
        "@type": "SoftwareApplication",
        "name": name,
        "url": BUILDER_PAGE,
        "version": version,
        "softwareVersion": version,
        "description": "Builds dataset releases from captured news articles.",
    }


def _build(manifest: Mapping[str, Any], creators: Sequence[Node], before: Sequence[Node]) -> Node:
    return {
        "@id": "#build",
        "@type": "CreateAction",
        "name": f"Build of {manifest['name']}-{manifest['version']}",
        "description": f"Pages read as {manifest['extraction']}; access {manifest['access']}.",
        "instrument": {"@id": "#builder"},
        "object": _one([{"@id": "source/"}, *map(_reference, before)]),
        "result": {"@id": "./"},
        "endTime": manifest["date"],
        "agent": _one([_reference(each) for each in creators]),
    }


def _one(values: Sequence[Any]) -> Any:
    """One value is no list."""
    return values[0] if len(values) == 1 else list(values)


def _reference(node: Node) -> Node:
    return {"@id": node["@id"]}


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
        "keywords": _one(list(dataset.get("keywords", ()))),
        "inLanguage": _one(languages_of(dataset, facts)),
        "temporalCoverage": days and "/".join(day or ".." for day in days),
        "conditionsOfAccess": "; ".join(marks),
        "creativeWorkStatus": "Draft" if manifest["draft"] else "Published",
        "creditText": f"Funding: {funding}" if funding.strip().lower() != "none" else None,
    }


def _creators(dataset: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(dataset.get("creators", ()))


def _creator(number: int, creator: Mapping[str, Any], contact: Node | None) -> Node:
    orcid, ror = creator.get("orcid"), creator.get("ror")
    affiliation = creator.get("affiliation")
    return {
        "@id": f"https://orcid.org/{orcid}" if orcid else ror or f"#creator-{number}",
        "@type": "Person" if is_person(creator) else "Organization",
        "name": creator["name"],
        "url": creator.get("url") or ror,
        "affiliation": {"@id": _affiliation_id(creator)} if affiliation else None,
        "contactPoint": _reference(contact) if contact and not is_person(creator) else None,
    }


def _affiliation_id(creator: Mapping[str, Any]) -> str:
    own = f"#organisation-{short_id([creator['affiliation']])}"
    return str(creator.get("affiliation_ror") or own)


def _organisations(dataset: Mapping[str, Any], contact: Node | None) -> Iterator[Node]:
    """Affiliations, and the publisher last."""
    reached = _reference(contact) if contact else None
    for creator in _creators(dataset):
        if name := creator.get("affiliation"):
            yield {
                "@id": _affiliation_id(creator),
                "@type": "Organization",
                "name": name,
                "url": creator.get("affiliation_ror"),
                "contactPoint": reached,
            }
    if name := dataset.get("publisher"):
        ror = dataset.get("publisher_ror")
        yield {
            "@id": ror or PUBLISHER,
            "@type": "Organization",
            "name": name,
            "url": dataset.get("homepage") or dataset.get("base_url") or ror,
            "contactPoint": reached,
        }


def _contact(dataset: Mapping[str, Any]) -> Node | None:
    value = dataset.get("contact")
    if not value:
        return None
    mail = re.fullmatch(r"(?:mailto:)?([^@\s]+@[^@\s]+)", value)
    return {
        "@id": "#contact",
        "@type": "ContactPoint",
        "name": f"Contact for {dataset['title']}",
        "contactType": "questions, corrections and takedown",
        "description": value,
        "email": mail[1] if mail else None,
        "url": value if value.startswith(("http://", "https://")) else None,
    }


def _licenses(expression: str | None) -> Iterator[Node]:
    if not expression:
        yield {
            "@id": NOT_EVALUATED,
            "@type": "CreativeWork",
            "name": "Copyright Not Evaluated",
            "url": NOT_EVALUATED,
            "description": "No license is stated: the release is a draft.",
        }
    for name in license_names(expression):
        yield {
            "@id": f"#{name}" if "Ref-" in name else f"{SPDX}{name}",
            "@type": "CreativeWork",
            "name": name,
            "description": f"Of metadata and descriptions, by the expression {expression}. "
            "The rights in each text stand in its row.",
        }


def _identifiers(manifest: Mapping[str, Any]) -> Iterator[Node]:
    yield {
        "@id": f"#{manifest['fingerprint'].replace(':', '-')}",
        "@type": "PropertyValue",
        "name": "Fingerprint",
        "propertyID": "microfiche fingerprint mf1",
        "value": manifest["fingerprint"],
        "description": "Digest of the records, whatever files hold them.",
    }
    if doi := doi_url(manifest["doi"]):
        yield {
            "@id": doi,
            "@type": "PropertyValue",
            "name": "DOI",
            "propertyID": "https://registry.identifiers.org/registry/doi",
            "value": f"doi:{manifest['doi']}",
            "url": doi,
        }


def _before(manifest: Mapping[str, Any]) -> Iterator[Node]:
    if before := manifest["previous"]:
        yield {
            "@id": f"#version-{before['version']}",
            "@type": "CreativeWork",
            "name": f"{manifest['title']}, version {before['version']}",
            "version": before["version"],
            "identifier": before["fingerprint"],
            "description": "The release before this one; the SHA-256 of its tag manifest is "
            f"{before['release_sha256']}.",
        }


def _outlet(entry: Mapping[str, Any]) -> Node:
    hosts = [each["host"] for each in entry.get("domains", ()) if each["role"] == "canonical"]
    qid = entry.get("wikidata_qid")
    return {
        "@id": f"#outlet-{entry['id']}",
        "@type": "NewsMediaOrganization",
        "name": entry["name"],
        "alternateName": _one(list(entry.get("other_names", ()))),
        "url": f"https://{hosts[0]}/" if hosts else None,
        "knowsLanguage": _one(list(entry.get("languages", ()))),
        "location": entry.get("country"),
        "parentOrganization": entry.get("parent_organisation"),
        "issn": entry.get("issn"),
        "sameAs": f"http://www.wikidata.org/entity/{qid}" if qid else None,
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
        "sourceOrganization": _one([_reference(each) for each in outlets])
        if table == "articles"
        else None,
        "hasPart": _one([{"@id": part} for part in parts]),
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
