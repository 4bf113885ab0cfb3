"""Terms that several descriptions share: licences, media types, people, what each file is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

HUB = re.compile(r"hf://datasets/([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)")
SPDX = "https://spdx.org/licenses/"
PARQUET = "application/vnd.apache.parquet"
MEDIA_TYPES = {
    ".parquet": PARQUET,
    ".json": "application/json",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".toml": "application/toml",
    ".html": "text/html",
    ".jsonl": "application/jsonl",
    ".txt": "text/plain",
}
# What each describing file is, in a few words.
FILES = {
    "README.md": "Dataset card: what the release holds, how to load, verify and cite it",
    "DATASHEET.md": "Datasheet: motivation, composition, collection, uses, maintenance",
    "CHANGES.md": "What changed since the release before",
    "report.html": "What the release holds, as a page to look at",
    "CITATION.cff": "How to cite the release, Citation File Format 1.2",
    "release.json": "Version, date, marks, fingerprint, tables and their files",
    "croissant.json": "The release as a Croissant 1.1 dataset",
    "datacite.json": "DataCite 4.5 metadata of the release",
    "ro-crate-metadata.json": "The release as an RO-Crate 1.2",
    "bagit.txt": "Declares the folder a BagIt bag",
    "bag-info.txt": "What the bag is, and the size of its payload",
    "manifest-sha256.txt": "SHA-256 of each data file",
    "source/dataset.toml": "Title, creators, license and contact, as the archive has them",
    "source/CARD.md": "Hand-written part of the dataset card",
    "source/DATASHEET.md": "Hand-written datasheet",
    "source/aliases.jsonl": "Former identifiers of articles",
    "source/withdrawals.jsonl": "Withdrawals of articles",
}


def license_names(expression: str | None) -> list[str]:
    """The identifiers in an SPDX expression, each once, in order."""
    words = re.sub(r"\b(?:AND|OR|WITH)\b", " ", expression or "")
    return list(dict.fromkeys(re.findall(r"(?:DocumentRef-[\w.-]+:)?[\w.+-]+", words)))


def license_url(name: str) -> str | None:
    """Page of one SPDX identifier; None for one of the archive's own."""
    return None if "Ref-" in name else f"{SPDX}{name}.html"


def is_person(creator: Mapping[str, Any]) -> bool:
    """Whether a creator is a person: as stated, else by names, an ORCID iD or an affiliation."""
    known = any(name in creator for name in ("family_name", "orcid", "affiliation"))
    return bool(creator.get("type", "person" if known else "organization") == "person")


def media_type(path: str) -> str:
    """Media type of a file of a release."""
    if path.startswith("schema/"):
        return "application/schema+json"
    if path in ("croissant.json", "ro-crate-metadata.json"):
        return "application/ld+json"
    return MEDIA_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


def doi_url(doi: str | None) -> str | None:
    """A DOI as an address."""
    return f"https://doi.org/{doi}" if doi else None


def hub_dataset(manifest: Mapping[str, Any]) -> str | None:
    """ORG/NAME of the dataset on the Hub where a line of releases was published last."""
    places = [each["where"] for each in manifest.get("publications", ())]
    found = [match[1] for each in places if (match := HUB.match(each))]
    return found[-1] if found else None


def stated(page: Mapping[str, Any]) -> dict[str, Any]:
    """A description without what is not known."""
    return {key: value for key, value in page.items() if value not in (None, "", [], {})}
