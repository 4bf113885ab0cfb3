"""raw/releases.toml: when each version was issued, its DOIs, and where it was published.

A release has tables of its own by access: `[versions."1.1.0".public]`. What is reserved for the
next one stands in `[next.public]`, until a build gives it to the version that it makes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from microfiche.dates import is_day
from microfiche.errors import DataError

ACCESSES = ("full", "public")
VERSION = re.compile(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}")
DOI = re.compile(r"10\.[0-9]{1,9}(?:\.[0-9]+)*/[A-Za-z0-9._;()/:+-]{1,500}")
EXPECTED = (
    'expected [versions."X.Y.Z"] tables: issued = "YYYY-MM-DD", doi = "10.…", '
    'published = ["where", …]; these by access in [versions."X.Y.Z".full] or .public; '
    "[next.full] or .public: doi, deposit"
)
Entry = Mapping[str, Any]


def fault(document: Mapping[str, Any]) -> str | None:
    """Where a file is not as it should be; None if it is."""
    versions, following = document.get("versions", {}), document.get("next", {})
    if not isinstance(versions, dict) or not all(
        VERSION.fullmatch(version) and _is_entry(entry) for version, entry in versions.items()
    ):
        return "/versions"
    if not isinstance(following, dict) or not all(
        access in ACCESSES and _is_table(entry) for access, entry in following.items()
    ):
        return "/next"
    return None


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
    """Rewrite raw/releases.toml as `edit` leaves its document; comments stay.

    Raises OSError, or DataError for a file that cannot take it.
    """
    file = raw / "releases.toml"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    try:
        document = tomlkit.parse(text)
        edit(document)
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(
            f"{file}: {what} cannot be recorded: {error}", 'write its tables as [versions."X.Y.Z"]'
        ) from error
    partial = file.with_name(".releases.toml.part")
    partial.write_text(tomlkit.dumps(document), encoding="utf-8")
    partial.replace(file)


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
        places: Sequence[str] = entry.get("published", [])
        if where not in places:
            entry["published"] = [*places, where]

    change(raw, f"where version {version} is published", edit)
