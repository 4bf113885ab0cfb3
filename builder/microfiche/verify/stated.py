"""What each description of a release states, in the words that all of them have for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from microfiche.describe import BLOCK, read_yaml
from microfiche.describe.terms import SPDX, license_names

FRONT = re.compile(r"---\n(.*?)^---$", re.MULTILINE | re.DOTALL)
FINGERPRINT = re.compile(
    r"^\| Fingerprint of the records \| `(mf1:[a-z2-7]{52})` \|$", re.MULTILINE
)
OF_DAY = re.compile(r"^\| Version \| (\S+) of (\S+) \|$", re.MULTILINE)
N_ARTICLES = re.compile(r"^\| Articles \| ([0-9,]+) ", re.MULTILINE)


def _spdx(license_: str | None) -> tuple[str, ...]:
    """The identifiers of a license as a description states it: an expression, or a page of SPDX."""
    return tuple(license_names((license_ or "").removeprefix(SPDX).removesuffix(".html")))


def _citation(data: bytes) -> dict[str, Any]:
    page = read_yaml(data.decode("utf-8"))
    return {
        "title": page.get("title"),
        "version": str(page.get("version")),
        "date": str(page.get("date-released")),
        "licenses": _spdx(page.get("license")),
        "doi": page.get("doi"),
        "authors": [_full_name(each) for each in page.get("authors", ())],
    }


def _full_name(author: Mapping[str, Any]) -> str:
    """The name of a person or an institution in a citation file."""
    parts = (author.get(key) for key in ("name", "given-names", "name-particle", "family-names"))
    return " ".join(str(part) for part in parts if part)


def _card(data: bytes) -> dict[str, Any]:
    page = data.decode("utf-8")
    match = FRONT.match(page)
    front = read_yaml(match[1]) if match else {}
    summary = next((part[0] for part in BLOCK.finditer(page) if part["name"] == "summary"), "")
    versions = {config.get("version") for config in front.get("configs", [])}
    rows = {
        info["config_name"]: sum(split["num_examples"] for split in info["splits"])
        for info in front.get("dataset_info", [])
    }
    lines: dict[str, Any] = {}
    if told := OF_DAY.search(summary):
        lines |= {"summary's version": told[1], "date": told[2]}
    if told := N_ARTICLES.search(summary):
        lines["articles"] = int(told[1].replace(",", ""))
    return {
        "version": versions.pop() if len(versions) == 1 else None,
        "rows": rows,
        "fingerprint": stated[1] if (stated := FINGERPRINT.search(summary)) else None,
        **lines,
    }


def _croissant(data: bytes) -> dict[str, Any]:
    page = orjson.loads(data)
    files = [part for part in page["distribution"] if part["@type"] == "cr:FileObject"]
    return {
        "name": page["name"],
        "title": page["alternateName"],
        "version": page["version"],
        "date": page["datePublished"],
        "fingerprint": page["identifier"],
        "licenses": _spdx(page.get("license")),
        "authors": [each["name"] for each in _listed(page.get("creator"))],
        "files": {part["contentUrl"]: part["sha256"] for part in files},
        "rows": {each["name"]: each["annotation"]["value"] for each in page["recordSet"]},
    }


def _ro_crate(data: bytes) -> dict[str, Any]:
    nodes = {node["@id"]: node for node in orjson.loads(data)["@graph"]}
    data_files = {path: node for path, node in nodes.items() if path.startswith("data/")}
    prints = [
        node["value"]
        for node in nodes.values()
        if node.get("propertyID") == "microfiche fingerprint mf1"
    ]
    return {
        "version": nodes["./"]["version"],
        "date": nodes["./"]["datePublished"],
        "fingerprint": prints[0] if prints else None,
        "authors": [nodes[each["@id"]]["name"] for each in _listed(nodes["./"].get("creator"))],
        "files": {path: node["sha256"] for path, node in data_files.items() if "sha256" in node},
    }


def _datacite(data: bytes) -> dict[str, Any]:
    page = orjson.loads(data)
    prints = [each["alternateIdentifier"] for each in page["alternateIdentifiers"]]
    issued = [each["date"] for each in page["dates"] if each["dateType"] == "Issued"]
    return {
        "title": page["titles"][0]["title"],
        "version": page["version"],
        "date": issued[0] if issued else None,
        "fingerprint": prints[0] if prints else None,
        "doi": page.get("doi"),
        "authors": [each["name"] for each in page["creators"]],
        "licenses": tuple(
            name for each in page.get("rightsList", ()) if (name := each.get("rightsIdentifier"))
        ),
    }


def _listed(value: Any) -> list[Any]:
    """What JSON-LD has one of as itself, and several of as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


STATED: Mapping[str, Callable[[bytes], dict[str, Any]]] = {
    "CITATION.cff": _citation,
    "README.md": _card,
    "croissant.json": _croissant,
    "datacite.json": _datacite,
    "ro-crate-metadata.json": _ro_crate,
}
