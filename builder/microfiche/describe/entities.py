"""What stands around the files of an RO-Crate: people, licenses, outlets, builds, standards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from microfiche.describe.source import Source
from microfiche.describe.terms import (
    SPDX,
    doi_url,
    is_person,
    license_names,
)
from microfiche.fixity import short_id
from microfiche.outlets.outlet import NOT_EVALUATED

# What the describing files follow: path or folder, address, title.
STANDARDS: Mapping[str, tuple[str, str]] = {
    "bagit.txt": ("https://www.rfc-editor.org/rfc/rfc8493", "BagIt 1.0, RFC 8493"),
    "CITATION.cff": ("https://doi.org/10.5281/zenodo.5171937", "Citation File Format 1.2"),
    "croissant.json": ("http://mlcommons.org/croissant/1.1", "Croissant 1.1"),
    "datacite.json": ("http://datacite.org/schema/kernel-4", "DataCite Metadata Schema 4"),
    "schema/": ("https://json-schema.org/draft/2020-12/schema", "JSON Schema 2020-12"),
}

Node = dict[str, Any]


def one(values: Sequence[Any]) -> Any:
    """One value is no list."""
    return values[0] if len(values) == 1 else list(values)


def reference(node: Node) -> Node:
    """A node as others refer to it."""
    return {"@id": node["@id"]}


BUILDER_PAGE = "https://microfiche.example/"
PUBLISHER = "#publisher"


class Contextual:
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
        return {name: one([reference(each) for each in nodes]) for name, nodes in lists.items()}

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
        "object": one([{"@id": "source/"}, *map(reference, before)]),
        "result": {"@id": "./"},
        "endTime": manifest["date"],
        "agent": one([reference(each) for each in creators]),
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
        "givenName": creator.get("given_name") if is_person(creator) else None,
        "familyName": creator.get("family_name") if is_person(creator) else None,
        "url": creator.get("url") or ror,
        "affiliation": {"@id": _affiliation_id(creator)} if affiliation else None,
        "contactPoint": reference(contact) if contact and not is_person(creator) else None,
    }


def _affiliation_id(creator: Mapping[str, Any]) -> str:
    own = f"#organisation-{short_id([creator['affiliation']])}"
    return str(creator.get("affiliation_ror") or own)


def _organisations(dataset: Mapping[str, Any], contact: Node | None) -> Iterator[Node]:
    """Affiliations, and the publisher last."""
    reached = reference(contact) if contact else None
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
        "alternateName": one(list(entry.get("other_names", ()))),
        "url": f"https://{hosts[0]}/" if hosts else None,
        "knowsLanguage": one(list(entry.get("languages", ()))),
        "location": entry.get("country"),
        "parentOrganization": entry.get("parent_organisation"),
        "issn": entry.get("issn"),
        "sameAs": f"http://www.wikidata.org/entity/{qid}" if qid else None,
    }
