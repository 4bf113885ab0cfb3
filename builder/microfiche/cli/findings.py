"""Findings as people and other programs read them: text, JSON, SARIF, JUnit, GitHub's commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from microfiche.about import VERSION
from microfiche.captures.lines import locate
from microfiche.cli.rendering import print_json
from microfiche.errors import UsageError, printable
from microfiche.finding import CODES, Finding

FORMS = ("text", "json", "sarif", "junit", "github")
LEVELS = ("note", "warning", "error")
GITHUB = {"note": "notice", "warning": "warning", "error": "error"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# What XML can't hold, though text may.
NO_XML = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF], "\ufffd")


def print_findings(archive: Path, findings: Sequence[Finding], form: str) -> None:
    """Print findings of an archive in one of FORMS."""
    if form == "json":
        print_json([finding.as_json() for finding in findings])
    elif form == "sarif":
        print_json(as_sarif(archive, findings))
    elif form == "junit":
        print(as_junit(archive, findings))
    else:
        for finding in findings:
            print(as_command(archive, finding) if form == "github" else printable(str(finding)))


def fails(findings: Iterable[Finding], fail_on: Sequence[str]) -> bool:
    """Whether any finding is of a level, or has a code, that is not to be."""
    least = min((LEVELS.index(each) for each in fail_on if each in LEVELS), default=2)
    return any(LEVELS.index(each.severity) >= least or each.code in fail_on for each in findings)


def _path(archive: Path, where: str) -> str:
    """A file of an archive, from the working folder if it lies in there."""
    whole = (archive.resolve() / where).as_posix()
    here = Path.cwd().as_posix().rstrip("/")
    return whole.removeprefix(f"{here}/")


def as_command(archive: Path, finding: Finding) -> str:
    """A workflow command that GitHub shows on the line at fault."""
    path, line = locate(archive, finding)
    at = f",line={line}" if line else ""
    rule = CODES[finding.code]
    message = f"{finding.message}; {rule.remedy}"
    if finding.place and not line:
        message = f"{finding.place}: {message}"
    file = _escaped(_path(archive, path)).replace(":", "%3A").replace(",", "%2C")
    return f"::{GITHUB[rule.severity]} file={file}{at},title={finding.code}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def as_sarif(archive: Path, findings: Sequence[Finding]) -> Mapping[str, Any]:
    """A SARIF 2.1.0 log of one run."""
    codes = sorted({finding.code for finding in findings})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": f"{CODES[code].summary}."},
            "help": {"text": f"{CODES[code].remedy}."},
            "defaultConfiguration": {"level": CODES[code].severity},
        }
        for code in codes
    ]
    driver = {"name": "microfiche", "version": VERSION, "rules": rules}
    results = []
    for finding in findings:
        path, line = locate(archive, finding)
        file: dict[str, Any] = {"artifactLocation": {"uri": quote(_path(archive, path))}}
        if line:
            file["region"] = {"startLine": line}
        place: dict[str, Any] = {"physicalLocation": file}
        if finding.place:
            place["logicalLocations"] = [{"fullyQualifiedName": printable(finding.place)}]
        results.append(
            {
                "ruleId": finding.code,
                "ruleIndex": codes.index(finding.code),
                "level": finding.severity,
                "message": {"text": printable(f"{finding.message}; {CODES[finding.code].remedy}")},
                "locations": [place],
            }
        )
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def as_junit(archive: Path, findings: Sequence[Finding]) -> str:
    """A JUnit report: a test for each finding; errors and warnings are those that failed."""
    failed = sum(finding.severity != "note" for finding in findings)
    suite = ET.Element(
        "testsuite", name="microfiche", tests=str(max(len(findings), 1)), failures=str(failed)
    )
    for finding in findings:
        path, line = locate(archive, finding)
        at = f"{_path(archive, path)}{f':{line}' if line else ''}"
        case = ET.SubElement(suite, "testcase", classname=finding.code, name=_clean(at))
        if finding.severity == "note":
            ET.SubElement(case, "system-out").text = _clean(str(finding))
        else:
            told = ET.SubElement(
                case, "failure", type=finding.severity, message=_clean(finding.message)
            )
            told.text = _clean(str(finding))
    if not findings:
        ET.SubElement(suite, "testcase", classname="microfiche", name=_clean(str(archive)))
    suites = ET.Element("testsuites")
    suites.append(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, "unicode")


def _clean(text: str) -> str:
    return printable(text).translate(NO_XML)


def read_fail_on(stated: Sequence[str], *, strict: bool) -> list[str]:
    """The levels and codes of `--fail-on`, with what `--strict` says. Raises UsageError."""
    levels = [part for each in stated for part in each.split(",") if part]
    for each in levels:
        if each not in CODES and each not in LEVELS[1:]:
            raise UsageError(
                f"--fail-on {each}: not known", "use error, warning, or the code of a finding"
            )
    return [*levels, *(["warning"] if strict else [])]
