"""What a repository is told of a release: its datacite.json, as a record of InvenioRDM has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from microfiche.describe.facts import measure
from microfiche.release import Release

DATACITE = "datacite.json"


def record_of(release: Release) -> dict[str, Any]:
    """A record as InvenioRDM has it, from the release's datacite.json."""
    said = orjson.loads(release.read(DATACITE))
    restricted = bool(measure(release).beyond_rights)
    abstract = [
        d["description"] for d in said["descriptions"] if d["descriptionType"] == "Abstract"
    ]
    metadata = {
        "resource_type": {"id": "dataset"},
        "title": said["titles"][0]["title"],
        "publication_date": release.manifest["date"],
        "version": release.version,
        "publisher": said["publisher"]["name"],
        "creators": [_creator(each) for each in said["creators"]],
        "description": "\n".join(abstract) or said["titles"][0]["title"],
        "subjects": [{"subject": each["subject"]} for each in said.get("subjects", ())],
        "rights": [
            {"id": each["rightsIdentifier"].lower()}
            for each in said.get("rightsList", ())
            if each.get("rightsIdentifierScheme") == "SPDX"
        ],
        "additional_descriptions": [
            {"description": f"Fingerprint {release.fingerprint}", "type": {"id": "technical-info"}}
        ],
    }
    return {
        "metadata": {key: value for key, value in metadata.items() if value},
        "access": {"record": "public", "files": "restricted" if restricted else "public"},
        "files": {"enabled": True},
    }


def _creator(said: Mapping[str, Any]) -> dict[str, Any]:
    """A person with given and family name where these are stated, else an organisation."""
    if "familyName" in said:
        person: dict[str, Any] = {
            "type": "personal",
            "given_name": said.get("givenName", ""),
            "family_name": said["familyName"],
        }
    else:
        person = {"type": "organizational", "name": said["name"]}
    known = [
        {"scheme": each["nameIdentifierScheme"].lower(), "identifier": each["nameIdentifier"]}
        for each in said.get("nameIdentifiers", ())
    ]
    held = {"person_or_org": {**person, **({"identifiers": known} if known else {})}}
    affiliations = [{"name": each["name"]} for each in said.get("affiliation", ())]
    return {**held, **({"affiliations": affiliations} if affiliations else {})}
