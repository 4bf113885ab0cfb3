"""Every description of a release against the data, and against every other description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
import yaml

from microfiche.about import BUILDER
from microfiche.about import VERSION as ABOUT
from microfiche.archive import draft_reasons
from microfiche.archive.withdrawals import NOT_AN_ARTICLE, PRIVATE_REASONS
from microfiche.describe import read_yaml
from microfiche.describe.card import card_data, config_digest
from microfiche.describe.facts import Facts
from microfiche.describe.pages import BAGIT, bag_info, data_digests, describe_release, release_json
from microfiche.describe.source import Source
from microfiche.describe.styles import one_line
from microfiche.describe.terms import license_names, license_url
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.rows import outlet_rows
from microfiche.release import MANIFEST, RELEASE_JSON, REPORT, SIGNATURE, TAG_MANIFEST, Release
from microfiche.release.bag import manifest_lines
from microfiche.release.version import VERSION, version_key
from microfiche.report.page import report_page
from microfiche.schema import schema_folder
from microfiche.tables.arrow import to_rows
from microfiche.verify.files import present
from microfiche.verify.rows import BROKEN
from microfiche.verify.rules import AGREED as AGREED_ON
from microfiche.verify.rules import (
    CARD,
    DESCRIBED,
    FOREIGN,
    MARKS,
    RIGHTS,
    SCHEMAS,
    SOURCES,
    UNREADABLE,
)
from microfiche.verify.stated import FRONT, STATED

# Where the releases of every builder have their files: in folders, and at the top
FOLDERS = ("data/", "schema/", "source/")
TOP = (TAG_MANIFEST, SIGNATURE, MANIFEST, "bagit.txt", "bag-info.txt", RELEASE_JSON, REPORT)
LOADERS = {".huggingface.yaml", "dataset_infos.json"}  # which `datasets` reads beside the card
PAGES = ("CHANGES.md", "DATASHEET.md")


def check_descriptions(release: Release, source: Source, facts: Facts) -> tuple[str, list[str]]:
    """What each description states, and all of them byte for byte where this builder made them."""
    manifest = release.manifest
    pages = {
        MANIFEST: manifest_lines(data_digests(manifest)),
        "bagit.txt": BAGIT,
        "bag-info.txt": bag_info(manifest),
        RELEASE_JSON: release_json(manifest),
    }
    own = manifest["builder"] == BUILDER
    if own:
        pages = describe_release(source, manifest, facts, report_page(release, source, facts))
    faults = [
        DESCRIBED(f"{path}: does not follow from release.json, source/ and the rows")
        for path, data in pages.items()
        if path != TAG_MANIFEST and _octets(release, path) != data
    ]
    if own:
        here = {f"schema/{f.name}": f.read_bytes() for f in schema_folder().glob("*.json")}
        faults += [
            SCHEMAS(f"{path}: not this builder's")
            for path in sorted(here)
            if source.schemas.get(path) != here[path]
        ]
    faults += [FOREIGN(f"{path}: is no file of a release") for path in _foreign(release, pages)]
    faults += _agreement(release, source)
    how = "byte for byte as this builder makes them" if own else "in what they state"
    return f"{len(pages) if own else len(STATED)} describing files {how}", faults


def _foreign(release: Release, pages: Mapping[str, bytes]) -> list[str]:
    """Files that no builder puts into a release; of a newer one's only what loaders go by.

    Of this builder's releases every file is known, of earlier ones' those at the top.
    """
    builder = release.manifest["builder"]
    stated = VERSION.fullmatch(builder.removeprefix("microfiche "))
    there = set(present(release.root, []))
    if builder != BUILDER and (not stated or version_key(stated[0]) > version_key(ABOUT)):
        return sorted(there & LOADERS)
    known = {*pages, *data_digests(release.manifest), *STATED, *TOP, *PAGES}
    folders = () if builder == BUILDER else FOLDERS
    return sorted(path for path in there if path not in known and not path.startswith(folders))


def _octets(release: Release, path: str) -> bytes | None:
    """A file of a release; None if it is not there."""
    return release.read(path) if (release.root / path).is_file() else None


def _agreement(release: Release, source: Source) -> Iterator[str]:
    """What the descriptions say of the same thing in different words."""
    manifest = release.manifest
    for key in ("name", "title"):
        if source.dataset.get(key) != manifest[key]:
            yield AGREED_ON(f"source/dataset.toml: {key} differs from {RELEASE_JSON}")
    yield from _source_faults(release, source)
    for path, read in STATED.items():
        if not (release.root / path).is_file():
            yield AGREED_ON(f"{path}: the file is missing")
            continue
        try:
            page = read(release.read(path))
        except BROKEN as error:
            why = str(error).splitlines()[:1] if isinstance(error, ValueError) else []
            told = [f"{path}: not in its format, or without what releases state", *why]
            yield UNREADABLE(": ".join(told))
            continue
        yield from _author_faults(path, page.pop("authors", None), source.dataset)
        for what, value in page.items():
            expected = _expected(release, source, what)
            if value != expected and not (isinstance(expected, set) and value in expected):
                yield AGREED_ON(
                    f"{path}: {what} is {value!r}, {RELEASE_JSON} and the rows say {expected!r}"
                )


def _author_faults(
    path: str, stated: Sequence[object] | None, dataset: Mapping[str, Any]
) -> Iterator[str]:
    """Names of people that a description has and the dataset file has not, or not in its order."""
    creators = dataset.get("creators", ())
    if stated is None or not creators:  # of a draft, each format has its own word for nobody
        return
    known = [
        {_words(each["name"]), _words(each.get("given_name"), each.get("family_name"))}
        for each in creators
    ]
    named = [_words(name) for name in stated]
    if len(named) != len(known) or any(a not in b for a, b in zip(named, known, strict=True)):
        told = "; ".join(one_line(str(name)) for name in stated)
        yield AGREED_ON(f"{path}: authors are {told!r}, not those of source/dataset.toml")


def _words(*names: object) -> tuple[str, ...]:
    """The words of a name, in whatever order a format has them."""
    return tuple(sorted(re.findall(r"\w+", " ".join(str(name) for name in names if name))))


def _source_faults(release: Release, source: Source) -> Iterator[str]:
    """Outlets and tombstones as the archive's own files have them."""
    kind = release.kind("outlets")
    stated = {row["outlet_id"]: row for row in to_rows(kind, release.table("outlets"))}
    for row in outlet_rows(Outlets(source.outlets).by_id.values(), kind):
        held = stated.pop(row["outlet_id"], None)
        if held is None or {**held, "record_sha256": ""} != {**row, "record_sha256": ""}:
            yield SOURCES(f"outlets {row['outlet_id']}: not what its file in source/ says")
    for outlet_id in stated:
        yield SOURCES(f"outlets {outlet_id}: has no file in source/")
    yield from _tombstone_faults(release, source)


def _tombstone_faults(release: Release, source: Source) -> Iterator[str]:
    """Tombstones that say other than a line of the archive's, or tell what is private."""
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for line in map(orjson.loads, source.files.get("source/withdrawals.jsonl", b"").splitlines()):
        if "lifts" not in line:
            lines.setdefault(line["article_id"], []).append(line)
    for row in release.rows("withdrawn"):
        private = row["reason"] in PRIVATE_REASONS
        told = any(row[name] for name in ("title", "url", "text_sha256"))
        written = lines.get(row.get("withdrawn_with") or row["article_id"], ())
        stated = any(
            all(row[name] == line.get(name) for name in ("reason", "date", "authority", "note"))
            for line in written
        )
        if row["reason"] == NOT_AN_ARTICLE:
            stated = all(row[name] is None for name in ("date", "authority", "note"))
        if (private and told) or not stated:
            yield SOURCES(f"withdrawn {row['article_id']}: not what source/withdrawals.jsonl says")


def _expected(release: Release, source: Source, what: str) -> Any:
    manifest = release.manifest
    if what == "files":
        return data_digests(manifest)
    if what == "title":
        return {one_line(manifest["title"]), manifest["title"]}
    if what == "rows":
        return {entry["name"]: entry["n_rows"] for entry in manifest["tables"] if entry["n_rows"]}
    if what == "licenses":  # those of SPDX alone, or none, where a format has no place for others
        names = tuple(license_names(source.dataset.get("license")))
        return {names, tuple(name for name in names if license_url(name)), ()}
    if what == "articles":
        return next(each["n_rows"] for each in manifest["tables"] if each["name"] == "articles")
    return manifest.get(what.removeprefix("summary's "))


# What the cards of all builders say of a release, in the same words.
AGREED = ("pretty_name", "license", "language", "configs", "dataset_info")


def card_fault(release: Release, config: str) -> str | None:
    """What a card has `datasets` load as a config, if it is anything but the table's own files."""
    try:
        match = FRONT.match(release.read("README.md").decode("utf-8"))
        configs = read_yaml(match[1])["configs"] if match else []
        stated = [each["data_files"] for each in configs if each["config_name"] == config]
    except (ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError):
        return "README.md: its YAML cannot be read"
    if stated == [[{"split": "train", "path": release.files(config)}]]:
        return None
    return f"README.md: config {config!r} does not list the files of its table"


def check_card(release: Release, source: Source, facts: Facts) -> tuple[str, list[str]]:
    """The card's YAML against one made anew from the manifest and the rows.

    Of another builder's card only what both must say is compared.
    """
    own = release.manifest["builder"] == BUILDER
    page = release.read("README.md").decode("utf-8")
    match = FRONT.match(page)
    front = match[1] if match else ""
    stated = read_yaml(front) or {}
    expected = card_data(release.manifest, source, facts)
    faults = [
        CARD(f"README.md: {key} does not follow from the data")
        for key in expected
        if stated.get(key) != expected[key] and (own or key in AGREED)
    ]
    faults += [
        CARD(f"README.md: unexpected {key}") for key in stated if key not in expected and own
    ]
    for entry in release.manifest["tables"]:
        digest = f"sha256-{config_digest(entry)}"
        if entry["n_rows"] and digest not in front:
            faults.append(CARD(f"README.md: config {entry['name']} does not state {digest}"))
    return "the card's YAML follows from the data", faults


def check_marks(release: Release, source: Source, facts: Facts) -> tuple[str, list[str]]:
    """Access, draft and restricted as the rows and the dataset file make them."""
    manifest = release.manifest
    reasons, beyond = draft_reasons(source.dataset), sorted(facts.beyond_rights)
    shown = dict(facts.text_access)
    expected = {
        "draft": bool(reasons),
        "draft_reasons": reasons,
        "restricted": bool(beyond),
        "restricted_outlets": beyond,
    }
    faults = [
        MARKS(f"{RELEASE_JSON}: {key} is {manifest[key]!r}, the data say {value!r}")
        for key, value in expected.items()
        if manifest[key] != value
    ]
    withheld = facts.n_articles - shown.get("full", 0)
    origin = manifest["rehydrated"]
    if release.access == "full" and withheld != (origin["n_withheld"] if origin else 0):
        faults.append(MARKS(f"{RELEASE_JSON}: access is full, but texts are masked or withheld"))
    if release.access == "public":
        faults += [RIGHTS(f"articles {each}") for each in facts.wrongly_shown]
    words = ", ".join(f"{count:,} {access}" for access, count in sorted(shown.items()))
    return f"access {release.access}; texts: {words}", faults
