"""Opening an archive: its own files parsed and checked, faults as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from microfiche.archive import Archive, corrections, publications
from microfiche.archive.files import (
    ALIASES,
    ANNOTATIONS,
    CORRECTIONS,
    DATASET,
    DATASHEET,
    LEARNED,
    OUTLETS,
    RELEASES,
    REPLACED,
    WITHDRAWALS,
    read_own_files,
)
from microfiche.archive.withdrawals import idle_lifts
from microfiche.documents import TWICE, named_twice, toml_data
from microfiche.errors import DataError, NotFound, in_words, nearest, unusable
from microfiche.finding import Finding
from microfiche.outlets.checking import check_entry, license_fault
from microfiche.outlets.lookup import Outlets
from microfiche.schema import record_type
from microfiche.text import normal_line

# Who says why something was done by hand.
TOLD_BY = ("reason", "by", "authority")
Check = Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]
LINE_SCHEMAS = {
    ALIASES: "alias",
    ANNOTATIONS: "annotation-line",
    CORRECTIONS: "correction-line",
    REPLACED: "replaced-line",
}


def open_archive(root: Path | str = ".") -> Archive:
    """The archive at `root`; faults in its files are findings of it.

    Raises DataError if there is no archive, CannotRun if a file cannot be read.
    """
    root = Path(root)
    if not (root / "raw" / "dataset.toml").is_file():
        raise NotFound(f"{root}: {_why_none(root)}", _remedy(root))
    try:
        return _read_archive(root)
    except OSError as error:
        raise unusable(error.filename or root, error) from error


def _why_none(root: Path) -> str:
    if not root.exists():
        return "no such folder"
    return "no archive here, raw/dataset.toml is missing" if root.is_dir() else "no folder"


def _remedy(root: Path) -> str:
    """The archive that was meant, if one lies above, just below, or beside under a like name."""
    whole = root.absolute()
    near = [*whole.parents, *(sorted(root.iterdir()) if root.is_dir() else ())]
    for each in near:
        if (each / "raw" / "dataset.toml").is_file():
            return f"did you mean {each}?"
    told = "give the archive's folder, or start one with `microfiche init`"
    return told if root.is_dir() else nearest(root, told)


def read_withdrawals(root: Path) -> list[dict[str, Any]]:
    """The lines of raw/withdrawals.jsonl in a folder that is no whole archive.

    Raises DataError for lines that cannot be read, CannotRun.
    """
    findings: list[Finding] = []
    try:
        lines = _withdrawals(read_own_files(root, findings), findings)
    except OSError as error:
        raise unusable(error.filename or root, error) from error
    for finding in findings:
        if finding.where == WITHDRAWALS:
            raise DataError(str(finding), "correct the line: what is withdrawn must be known")
    return lines


def read_corrections(root: Path) -> list[dict[str, Any]]:
    """The good lines of raw/corrections.jsonl in a folder that may be no whole archive.

    Raises CannotRun.
    """
    findings: list[Finding] = []
    try:
        return _lines(read_own_files(root, findings), CORRECTIONS, findings, corrections.faults)
    except OSError as error:
        raise unusable(error.filename or root, error) from error


def _read_archive(root: Path) -> Archive:
    findings: list[Finding] = []
    files = read_own_files(root, findings)
    dataset = _toml(files, DATASET, "dataset", findings)
    names = [where for where in files if where.startswith(OUTLETS)]
    outlets = [
        entry
        for where in names
        if not where.endswith(LEARNED)
        if (entry := _outlet(files, where, findings))
    ]
    for where in names:
        if where.endswith(LEARNED) and where.removesuffix(LEARNED) + ".toml" not in files:
            message = "learned lines of an outlet that has no file"
            findings.append(Finding(where, "", "MF203", message))
    for host, first, second in Outlets(outlets).conflicts():
        message = f"host {host} is claimed by {first} and by {second}"
        findings.append(Finding(f"raw/outlets/{second}.toml", "/domains", "MF202", message))
    if DATASHEET not in files and not any(each.where == DATASHEET for each in findings):
        findings.append(Finding(DATASHEET, "", "MF101", "the archive has no datasheet"))
    published = _publications(files, findings)
    return Archive(
        root=root,
        dataset=dataset,
        outlets=outlets,
        aliases=_lines(files, ALIASES, findings),
        annotations=_lines(files, ANNOTATIONS, findings),
        replaced=_lines(files, REPLACED, findings),
        corrections=_lines(files, CORRECTIONS, findings, corrections.faults),
        withdrawals=_withdrawals(files, findings),
        releases=published.get("versions", {}),
        reserved=published.get("next", {}),
        findings=tuple(findings),
        files=files,
    )


def _parsed(files: Mapping[str, bytes], where: str, findings: list[Finding]) -> Any:
    """A TOML file as data, or None and a finding."""
    try:
        return toml_data(files[where].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        findings.append(Finding(where, "", "MF103", f"no TOML: {in_words(error)}"))
        return None


def _toml(
    files: Mapping[str, bytes], where: str, schema: str, findings: list[Finding]
) -> Mapping[str, Any]:
    value = _parsed(files, where, findings) if where in files else None
    if value is None:
        return {}
    kind = record_type(schema)
    if not kind.is_valid(value):
        findings += [
            Finding(where, pointer, "MF102", message) for pointer, message in kind.explain(value)
        ]
    elif fault := license_fault(value.get("license")):
        findings.append(Finding(where, "/license", "MF115", fault))
    return dict(value)


def _outlet(
    files: Mapping[str, bytes], where: str, findings: list[Finding]
) -> Mapping[str, Any] | None:
    """An outlet file with the lines learned of the outlet as `learned`; None if it has faults."""
    entry = _parsed(files, where, findings)
    if entry is None:
        return None
    faults = check_entry(entry, where)
    findings += faults
    if faults:
        return None
    return {**entry, "learned": _learned(files, where.removesuffix(".toml") + LEARNED, findings)}


def _learned(files: Mapping[str, bytes], where: str, findings: list[Finding]) -> list[str]:
    """The learned lines that are to be taken out."""
    known = _toml(files, where, "boilerplate", findings)
    if not record_type("boilerplate").is_valid(known):
        return []
    return [each["line"] for each in known["lines"] if each.get("apply", True)]


def _withdrawals(files: Mapping[str, bytes], findings: list[Finding]) -> list[dict[str, Any]]:
    """The lines that withdraw articles, and those that lift a withdrawal, in order."""
    lines = _lines(files, WITHDRAWALS, findings)
    for number in idle_lifts(lines):
        line = lines[number - 1]
        message = f"{line['article_id']!r} is not withdrawn for the reason {line['lifts']}"
        findings.append(Finding(WITHDRAWALS, f"line {number}", "MF605", message))
    return lines


def _lines(
    files: Mapping[str, bytes], where: str, findings: list[Finding], more: Check | None = None
) -> list[dict[str, Any]]:
    """The good lines of a JSONL file of the archive, in order; the others are findings.

    `more` says what is wrong with a line that its schema allows.
    """
    good = []
    for number, raw in enumerate(files.get(where, b"").splitlines(), 1):
        try:
            value = orjson.loads(raw)
        except ValueError as error:
            told = f"no JSON: {in_words(error)}"
            findings.append(Finding(where, f"line {number}", "MF103", told))
            continue
        if (twice := named_twice(raw.strip(), value)) is not None:
            told = f"no JSON: {TWICE.format(twice)}"
            findings.append(Finding(where, f"line {number}", "MF103", told))
            continue
        kind = record_type(_line_schema(where, value))
        valid = kind.is_valid(value)
        wrong = list(_wrong(value, more)) if valid else list(kind.explain(value))
        findings += [
            Finding(where, f"line {number}, {pointer}", "MF102", message)
            for pointer, message in wrong
        ]
        good += [] if wrong else [value]
    return good


def _wrong(line: Mapping[str, Any], more: Check | None) -> Iterator[tuple[str, str]]:
    """(JSON pointer, message) of what a line that fits its schema has wrong."""
    for key in TOLD_BY:
        if key in line and not normal_line(str(line[key])):
            yield f"/{key}", "white space alone"
    yield from more(line) if more else ()


def _line_schema(where: str, value: object) -> str:
    """Name of the schema of a line."""
    if where in LINE_SCHEMAS:
        return LINE_SCHEMAS[where]
    return "lift" if isinstance(value, dict) and "lifts" in value else "withdrawal"


def _publications(files: Mapping[str, bytes], findings: list[Finding]) -> Mapping[str, Any]:
    """raw/releases.toml: `versions`, `next`; empty if it is not as it should be."""
    document = _parsed(files, RELEASES, findings) if RELEASES in files else None
    wrong = publications.fault(document) if document else None
    if wrong:
        findings.append(Finding(RELEASES, wrong[0], "MF102", wrong[1]))
    return {} if wrong or document is None else document
