"""Opening an archive: its own files parsed and checked, faults as findings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from microfiche.archive import LEARNED, Archive
from microfiche.dates import is_day
from microfiche.errors import DataError, unusable
from microfiche.finding import Finding
from microfiche.outlets.checking import check_entry
from microfiche.outlets.lookup import Outlets
from microfiche.schema import record_type, toml_data


def open_archive(root: Path | str = ".") -> Archive:
    """The archive at `root`; faults in its files are findings of it.

    Raises DataError if there is no archive, CannotRun if a file cannot be read.
    """
    root = Path(root)
    if not (root / "raw" / "dataset.toml").is_file():
        raise DataError(
            f"{root}: no archive here, raw/dataset.toml is missing",
            "give the archive's folder, or start one with `microfiche init`",
        )
    try:
        return _read_archive(root)
    except OSError as error:
        raise unusable(error.filename or root, error) from error


def _read_archive(root: Path) -> Archive:
    findings: list[Finding] = []
    dataset = _toml(root, "raw/dataset.toml", "dataset", findings)
    outlets = [
        entry
        for file in sorted((root / "raw" / "outlets").glob("*.toml"))
        if not file.name.endswith(LEARNED)
        if (entry := _outlet(root, f"raw/outlets/{file.name}", findings))
    ]
    for file in sorted((root / "raw" / "outlets").glob(f"*{LEARNED}")):
        if not file.with_name(file.name.removesuffix(LEARNED) + ".toml").is_file():
            message = "learned lines of an outlet that has no file"
            findings.append(Finding(f"raw/outlets/{file.name}", "", "MF203", message))
    for host, first, second in Outlets(outlets).conflicts():
        message = f"host {host} is claimed by {first} and by {second}"
        findings.append(Finding(f"raw/outlets/{second}.toml", "/domains", "MF202", message))
    if not (root / "DATASHEET.md").is_file():
        findings.append(Finding("DATASHEET.md", "", "MF101", "the archive has no datasheet"))
    return Archive(
        root=root,
        dataset=dataset,
        outlets=outlets,
        aliases=_lines(root, "raw/aliases.jsonl", "alias", findings),
        withdrawals=_lines(root, "raw/withdrawals.jsonl", "withdrawal", findings),
        releases=_releases(root, findings),
        findings=tuple(findings),
    )


def _parsed(root: Path, where: str, findings: list[Finding]) -> Any:
    """A TOML file as data, or None and a finding."""
    try:
        if not (root / where).is_file():
            raise ValueError("not a regular file")  # a pipe would never end
        return toml_data((root / where).read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        findings.append(Finding(where, "", "MF103", f"no TOML: {error}"))
        return None


def _toml(root: Path, where: str, schema: str, findings: list[Finding]) -> Mapping[str, Any]:
    value = _parsed(root, where, findings)
    if value is None:
        return {}
    kind = record_type(schema)
    if not kind.is_valid(value):
        findings += [
            Finding(where, pointer, "MF102", message) for pointer, message in kind.explain(value)
        ]
    return dict(value)


def _outlet(root: Path, where: str, findings: list[Finding]) -> Mapping[str, Any] | None:
    """An outlet file with the lines learned of the outlet as `learned`; None if it has faults."""
    entry = _parsed(root, where, findings)
    if entry is None:
        return None
    faults = check_entry(entry, where)
    findings += faults
    if faults:
        return None
    return {**entry, "learned": _learned(root, where.removesuffix(".toml") + LEARNED, findings)}


def _learned(root: Path, where: str, findings: list[Finding]) -> list[str]:
    """The learned lines that are to be taken out."""
    if not os.path.lexists(root / where):
        return []
    known = _toml(root, where, "boilerplate", findings)
    if not record_type("boilerplate").is_valid(known):
        return []
    return [each["line"] for each in known["lines"] if each.get("apply", True)]


def _lines(root: Path, where: str, schema: str, findings: list[Finding]) -> list[dict[str, Any]]:
    """The good lines of a JSONL file of the archive, in order; the others are findings."""
    file, kind, good = root / where, record_type(schema), []
    if os.path.lexists(file) and not file.is_file():
        findings.append(Finding(where, "", "MF103", "not a regular file"))
    for number, raw in enumerate(file.read_bytes().splitlines() if file.is_file() else [], 1):
        try:
            value = orjson.loads(raw)
        except ValueError as error:
            findings.append(Finding(where, f"line {number}", "MF103", f"no JSON: {error}"))
            continue
        if kind.is_valid(value):
            good.append(value)
        else:
            findings += [
                Finding(where, f"line {number}, {pointer}", "MF102", message)
                for pointer, message in kind.explain(value)
            ]
    return good


def _releases(root: Path, findings: list[Finding]) -> Mapping[str, Mapping[str, Any]]:
    """raw/releases.toml: `[versions."1.0.0"]` with `issued`, `doi` and `published`."""
    where = "raw/releases.toml"
    if not (root / where).is_file():
        return {}
    versions = (_parsed(root, where, findings) or {}).get("versions", {})
    good = isinstance(versions, dict) and all(map(_is_version_entry, versions.values()))
    if not good:
        message = (
            'expected [versions."X.Y.Z"] tables: issued = "YYYY-MM-DD", doi = "10.…", '
            'published = ["where", …]'
        )
        findings.append(Finding(where, "/versions", "MF102", message))
        return {}
    return dict(versions)


def _is_version_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or not is_day(entry.get("issued", "2000-01-01")):
        return False
    published = entry.get("published", [])
    others = [value for key, value in entry.items() if key != "published"]
    return isinstance(published, list) and all(
        isinstance(value, str) and value.isprintable() for value in (*published, *others)
    )
