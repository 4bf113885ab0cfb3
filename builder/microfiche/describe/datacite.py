"""datacite.json: the metadata with which a DOI of a release is registered, DataCite 4.5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from microfiche.describe import counted
from microfiche.describe.citation import creators_of, release_address
from microfiche.describe.facts import Facts, languages_of, published_span
from microfiche.describe.source import Source
from microfiche.describe.styles import datacite_name
from microfiche.describe.terms import PARQUET, SPDX, is_person, license_names, license_url, stated
from microfiche.describe.work import Author
from microfiche.outlets.outlet import Outlet
from microfiche.release import folder_name

Node = dict[str, Any]
TO_COME = ":tba"  # DataCite's own word for what is to be assigned later
RESTRICTED = "http://purl.org/coar/access_right/c_16ec"


def datacite(manifest: Mapping[str, Any], source: Source, facts: Facts) -> Node:
    """The whole record. What a draft does not know is `:tba`."""
    dataset = source.dataset
    files = [file for entry in manifest["tables"] for file in entry["files"]]
    languages = languages_of(dataset, facts)
    folder = folder_name(manifest["name"], manifest["access"])
    creators = [
        _creator(each, author)
        for each, author in zip(dataset.get("creators", ()), creators_of(dataset), strict=True)
    ]
    page: Node = {
        "doi": manifest["doi"],
        "url": release_address({**manifest, "doi": None}, dataset),
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceType": "News archive", "resourceTypeGeneral": "Dataset"},
        "creators": creators or [{"name": TO_COME}],
        "titles": [{"title": manifest["title"]}],
        "publisher": _publisher(dataset),
        "publicationYear": manifest["date"][:4],
        "version": manifest["version"],
        "language": languages[0] if languages else None,
        "subjects": [{"subject": word} for word in dict.fromkeys(dataset.get("keywords", ()))],
        "dates": list(_dates(manifest, facts)),
        "descriptions": list(_descriptions(manifest, dataset)),
        "rightsList": list(_rights(manifest, source)),
        "sizes": [
            counted(facts.n_articles, "article"),
            f"{sum(file['size_bytes'] for file in files)} bytes",
        ],
        "formats": [PARQUET],
        "alternateIdentifiers": [
            {
                "alternateIdentifier": manifest["fingerprint"],
                "alternateIdentifierType": "microfiche fingerprint",
            },
            {
                "alternateIdentifier": f"{folder}-{manifest['version']}",
                "alternateIdentifierType": "Release",
            },
        ],
        **_related(manifest, source),
        "fundingReferences": _funding(dataset),
    }
    return stated(page)


def _creator(creator: Mapping[str, Any], author: Author) -> Node:
    orcid, ror = creator.get("orcid"), creator.get("ror")
    identifiers = []
    if orcid:
        identifiers.append(_identifier(f"https://orcid.org/{orcid}", "ORCID", "https://orcid.org"))
    if ror:
        identifiers.append(_identifier(ror, "ROR", "https://ror.org"))
    home = creator.get("affiliation_ror")
    known = {"affiliationIdentifier": home, "affiliationIdentifierScheme": "ROR"} if home else {}
    affiliation = {"name": creator.get("affiliation"), **known}
    return stated(
        {
            "nameType": _name_type(creator),
            **datacite_name(author),
            "nameIdentifiers": identifiers,
            "affiliation": [affiliation] if affiliation["name"] else [],
        }
    )


def _name_type(creator: Mapping[str, Any]) -> str | None:
    """Personal or Organizational, as far as the dataset file lets one tell."""
    if is_person(creator):
        return "Personal"
    return "Organizational" if creator.get("type") or creator.get("ror") else None


def _identifier(value: str, scheme: str, uri: str) -> Node:
    return {"nameIdentifier": value, "nameIdentifierScheme": scheme, "schemeUri": uri}


def _publisher(dataset: Mapping[str, Any]) -> Node:
    ror = dataset.get("publisher_ror")
    known = {"publisherIdentifier": ror, "publisherIdentifierScheme": "ROR"} if ror else {}
    return {"name": dataset.get("publisher", TO_COME), **known}


def _dates(manifest: Mapping[str, Any], facts: Facts) -> Iterator[Node]:
    yield {"date": manifest["date"], "dateType": "Issued"}
    if facts.first_retrieved and facts.last_retrieved:
        span = _span(facts.first_retrieved[:10], facts.last_retrieved[:10])
        yield {"date": span, "dateType": "Collected", "dateInformation": "Known times of captures"}
    first, last = published_span(facts) or (None, None)
    if first and last:
        note = "First and last day of publication of the articles"
        span = _span(first, last)
        yield {"date": span, "dateType": "Other", "dateInformation": note}


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}/{last}"


def _descriptions(manifest: Mapping[str, Any], dataset: Mapping[str, Any]) -> Iterator[Node]:
    if about := dataset.get("description"):
        yield {"description": about, "descriptionType": "Abstract"}
    words = [
        f"Built by {manifest['builder']}; pages read as {manifest['extraction']}; "
        f"access {manifest['access']}."
    ]
    if manifest["draft"]:
        words.append(f"A draft: {', '.join(manifest['draft_reasons'])}.")
    yield {"description": " ".join(words), "descriptionType": "TechnicalInfo"}


def _rights(manifest: Mapping[str, Any], source: Source) -> Iterator[Node]:
    for name in license_names(source.dataset.get("license")):
        yield stated(
            {
                "rights": name,
                "rightsUri": license_url(name),
                "rightsIdentifier": name if license_url(name) else None,
                "rightsIdentifierScheme": "SPDX" if license_url(name) else None,
                "schemeUri": SPDX if license_url(name) else None,
            }
        )
    statements = {Outlet(each).rights["statement"] for each in source.outlets}
    for statement in sorted(statements):
        yield {"rights": "Rights in the texts", "rightsUri": statement}
    if manifest["restricted"]:
        yield {"rights": "restricted access", "rightsUri": RESTRICTED}


def _related(manifest: Mapping[str, Any], source: Source) -> Node:
    """Related works by address where the dataset has one, else by title, which needs none."""
    base = str(source.dataset.get("base_url", "")).rstrip("/")
    identifiers, items = [], []
    if before := manifest["previous"]:
        folder = folder_name(manifest["name"], manifest["access"])
        if base:
            identifiers.append(
                {
                    "relatedIdentifier": f"{base}/{folder}/{before['version']}/",
                    "relatedIdentifierType": "URL",
                    "relationType": "IsNewVersionOf",
                    "resourceTypeGeneral": "Dataset",
                }
            )
        else:
            title = f"{manifest['title']}, version {before['version']} ({before['fingerprint']})"
            items.append(_item("IsNewVersionOf", title))
    if manifest["access"] == "public":
        title = f"{manifest['title']}, with access full ({manifest['fingerprint']})"
        items.append(_item("IsVariantFormOf", title))
    for entry in source.outlets:
        if entry.get("issn"):
            identifiers.append(
                {
                    "relatedIdentifier": entry["issn"],
                    "relatedIdentifierType": "ISSN",
                    "relationType": "IsDerivedFrom",
                }
            )
    return {"relatedIdentifiers": identifiers, "relatedItems": items}


def _item(relation: str, title: str) -> Node:
    return {
        "titles": [{"title": title}],
        "relatedItemType": "Dataset",
        "relationType": relation,
    }


def _funding(dataset: Mapping[str, Any]) -> list[Node]:
    funder = str(dataset.get("funding", "none"))
    return [] if funder.strip().lower() == "none" else [{"funderName": funder}]
