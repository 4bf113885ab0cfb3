"""Every description of a release against the data, and against every other description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import yaml

import microfiche
from microfiche.describe.card import card_data, config_digest
from microfiche.describe.facts import Facts
from microfiche.describe.pages import BAGIT, bag_info, data_digests, describe_release, release_json
from microfiche.describe.source import Source
from microfiche.release import (
    MANIFEST,
    RELEASE_JSON,
    TAG_MANIFEST,
    Release,
    manifest_lines,
)
from microfiche.validation import draft_reasons

FRONT = re.compile(r"---\n(.*?)^---$", re.MULTILINE | re.DOTALL)


def check_descriptions(release: Release, source: Source, facts: Facts) -> tuple[str, list[str]]:
    """What each description states, and all of them byte for byte where this builder made them."""
    manifest = release.manifest
    pages = {
        MANIFEST: manifest_lines(data_digests(manifest)),
        "bagit.txt": BAGIT,
        "bag-info.txt": bag_info(manifest),
        RELEASE_JSON: release_json(manifest),
    }
    own = manifest["builder"] == f"microfiche {microfiche.__version__}"
    if own:
        pages = describe_release(source, manifest, facts)
    faults = [
        f"{path}: does not follow from release.json, source/ and the rows"
        for path, data in pages.items()
        if path != TAG_MANIFEST and release.read(path) != data
    ]
    faults += _agreement(release, source)
    how = "made anew byte for byte" if own else f"agree; made by {manifest['builder']}"
    return f"{len(pages)} describing files {how}", faults


def _agreement(release: Release, source: Source) -> Iterator[str]:
    """What the descriptions say of the same thing in different words."""
    manifest = release.manifest
    for key in ("name", "title"):
        if source.dataset.get(key) != manifest[key]:
            yield f"source/dataset.toml: {key} differs from {RELEASE_JSON}"
    for path, read in STATED.items():
        for what, value in read(release.read(path)).items():
            expected = _expected(release, source, what)
            if value != expected:
                yield f"{path}: {what} is {value!r}, {RELEASE_JSON} and the rows say {expected!r}"


def _expected(release: Release, source: Source, what: str) -> Any:
    manifest = release.manifest
    if what == "files":
        return data_digests(manifest)
    if what == "rows":
        return {entry["name"]: entry["n_rows"] for entry in manifest["tables"] if entry["n_rows"]}
    if what == "license":
        return source.dataset.get("license")
    return manifest[what]


def _citation(data: bytes) -> dict[str, Any]:
    page = yaml.safe_load(data)
    stated = {"title": page.get("title"), "version": str(page.get("version"))}
    return {
        **stated,
        "date": str(page.get("date-released")),
        "license": page.get("license"),
    }


def _card(data: bytes) -> dict[str, Any]:
    page = data.decode("utf-8")
    match = FRONT.match(page)
    front = yaml.safe_load(match[1]) if match else {}
    versions = {config.get("version") for config in front.get("configs", [])}
    rows = {
        info["config_name"]: sum(split["num_examples"] for split in info["splits"])
        for info in front.get("dataset_info", [])
    }
    prints = set(re.findall(r"mf1:[a-z2-7]{52}", page))
    return {
        "version": versions.pop() if len(versions) == 1 else None,
        "rows": rows,
        "fingerprint": next(iter(sorted(prints)), None),
    }


STATED: Mapping[str, Any] = {"CITATION.cff": _citation, "README.md": _card}


def check_card(release: Release, source: Source, facts: Facts) -> tuple[str, list[str]]:
    """The card's YAML against one made anew from the manifest and the rows."""
    page = release.read("README.md").decode("utf-8")
    match = FRONT.match(page)
    front = match[1] if match else ""
    stated = yaml.safe_load(front) or {}
    expected = card_data(release.manifest, source.dataset, facts)
    faults = [
        f"README.md: {key} does not follow from the data"
        for key in expected
        if stated.get(key) != expected[key]
    ]
    faults += [f"README.md: unexpected {key}" for key in stated if key not in expected]
    for entry in release.manifest["tables"]:
        digest = f"sha256-{config_digest(entry)}"
        if entry["n_rows"] and digest not in front:
            faults.append(f"README.md: config {entry['name']} does not state {digest}")
    return "the card's YAML follows from the data", faults


def check_marks(release: Release, source: Source, facts: Facts) -> tuple[str, list[str]]:
    """Access, draft and restricted as the rows and the dataset file make them."""
    manifest = release.manifest
    reasons, without = draft_reasons(source.dataset), sorted(facts.without_basis)
    shown = dict(facts.text_access)
    expected = {
        "draft": bool(reasons),
        "draft_reasons": reasons,
        "restricted": bool(without),
        "restricted_outlets": without,
    }
    faults = [
        f"{RELEASE_JSON}: {key} is {manifest[key]!r}, the data say {value!r}"
        for key, value in expected.items()
        if manifest[key] != value
    ]
    if release.access == "full" and set(shown) - {"full"}:
        faults.append(f"{RELEASE_JSON}: access is full, but texts are masked or withheld")
    words = ", ".join(f"{count:,} {access}" for access, count in sorted(shown.items()))
    return f"access {release.access}; texts: {words}", faults


def parsed(data: bytes) -> Any:
    """JSON of a description. Raises ValueError."""
    return orjson.loads(data)
