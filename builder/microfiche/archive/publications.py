"""raw/releases.toml: when each version was issued, its DOIs, and where it was published.

A release has tables of its own by access: `[versions."1.1.0".public]`. What is reserved for the
next one stands in `[next.public]`, until a build gives it to the version that it makes.
"""

from __future__ import annotations

import re
import secrets
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from microfiche.archive.writing import alone
from microfiche.dates import is_day
from microfiche.errors import DataError, in_words

ACCESSES = ("full", "public")
VERSION = re.compile(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}")
DOI = re.compile(r"10\.[0-9]{1,9}(?:\.[0-9]+)*/[A-Za-z0-9._;()/:+-]{1,500}")
EXPECTED = (
    'expected [versions."X.Y.Z"] tables: issued = "YYYY-MM-DD", doi = "10.…", '
    'published = ["where", …]; these by access in [versions."X.Y.Z".full] or .public; '
    "[next.full] or .public: doi, deposit"
)
Entry = Mapping[str, Any]


def fault(document: Mapping[str, Any]) -> tuple[str, str] | None:
    """(where a file is not as it should be, what is wrong); None if it is."""
    versions, following = document.get("versions", {}), document.get("next", {})
    if not isinstance(versions, dict) or not all(
        VERSION.fullmatch(version) and _is_entry(entry) for version, entry in versions.items()
    ):
        return "/versions", EXPECTED
    if not isinstance(following, dict) or not all(
        access in ACCESSES and _is_table(entry) for access, entry in following.items()
    ):
        return "/next", EXPECTED
    owners: dict[str, str] = {}
    for owner, doi in _dois(versions, following):
        if owners.setdefault(doi, owner) != owner:
            return "/versions", f"DOI {doi} is that of {owners[doi]} and of {owner}; it is of one"
    return None


def _dois(versions: Entry, following: Entry) -> Iterator[tuple[str, str]]:
    """(which release, its DOI) for each that is stated; right under a version stands its full's."""
    for version, entry in versions.items():
        for access in ACCESSES:
            own = entry.get(access, {}).get("doi")
            shared = entry.get("doi") if access == "full" else None
            yield from ((f"{version}, {access}", each) for each in (own, shared) if each)
    for access, entry in following.items():
        if "doi" in entry:
            yield f"the next {access} release", entry["doi"]


def _is_entry(entry: object) -> bool:
    """Whether it is the entry of a version."""
    if not isinstance(entry, dict):
        return False
    own = {key: value for key, value in entry.items() if key not in ACCESSES}
    parts = [entry[access] for access in ACCESSES if access in entry]
    return _is_table(own) and all(map(_is_table, parts))


def _is_table(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    published = entry.get("published", [])
    others = [value for key, value in entry.items() if key != "published"]
    return (
        isinstance(published, list)
        and all(isinstance(each, str) and each.isprintable() for each in (*published, *others))
        and is_day(entry.get("issued", "2000-01-01"))
        and bool(DOI.fullmatch(entry.get("doi", "10.1/x")))
    )


def doi_of(entry: Entry, access: str) -> str | None:
    """The DOI of a version's release of one access; None if it has none."""
    found: str | None = entry.get(access, {}).get("doi") or entry.get("doi")
    return found


def places_of(entry: Entry, access: str | None = None) -> list[str]:
    """Where a version was published, of one access or of all."""
    accesses = ACCESSES if access is None else (access,)
    by_access = (entry.get(each, {}).get("published", []) for each in accesses)
    return list(
        dict.fromkeys([*entry.get("published", []), *(p for part in by_access for p in part)])
    )


def change(raw: Path, what: str, edit: Callable[[Any], None]) -> None:
    """Rewrite raw/releases.toml as `edit` leaves its document; what else is in it stays.

    One at a time, whole or not at all. Raises OSError, or DataError for a file that cannot take it.
    """
    with alone(raw):
        file = (raw / "releases.toml").resolve()  # a link stays one
        remedy = 'write its tables as [versions."X.Y.Z"], each once'
        try:
            text = file.read_bytes().decode("utf-8") if file.is_file() else ""
            document = tomlkit.parse(text)
            edit(document)
            written = tomlkit.dumps(document)
            lost = _lost(tomllib.loads(text), tomllib.loads(written))
            wrong = fault(tomllib.loads(written))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise DataError(
                f"{file}: {what} cannot be recorded: {in_words(error)}", remedy
            ) from error
        if lost or wrong:
            told = f"{lost} would be lost" if lost else wrong[1] if wrong else ""
            raise DataError(f"{file}: {what} cannot be recorded: {told}", remedy)
        partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        try:
            partial.write_bytes(written.encode())
            if file.exists():
                shutil.copymode(file, partial)
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)


def _lost(before: Any, after: Any, place: str = "") -> str | None:
    """The first entry of a document that another lacks; what is reserved may have been given."""
    if isinstance(before, dict):
        for key, value in before.items():
            if place == "" and key == "next":
                continue
            if not isinstance(after, dict) or key not in after:
                return f"{place}/{key}"
            if found := _lost(value, after[key], f"{place}/{key}"):
                return found
        return None
    if isinstance(before, list):
        kept = isinstance(after, list) and all(each in after for each in before)
        return None if kept else place
    return None if before == after else place


def table(document: Any, *keys: str) -> Any:
    """A table of a document, made with those above it if it is not there."""
    held = document
    for number, key in enumerate(keys):
        last = number == len(keys) - 1
        if key not in held:
            held[key] = tomlkit.table(is_super_table=not last)
        held = held[key]
    return held


def record_place(raw: Path, version: str, access: str, where: str) -> None:
    """Write down that a release was published somewhere. Raises as `change`."""

    def edit(document: Any) -> None:
        entry = table(document, "versions", version, access)
        if where not in entry.setdefault("published", []):
            entry["published"].append(where)

    change(raw, f"where version {version} is published", edit)
