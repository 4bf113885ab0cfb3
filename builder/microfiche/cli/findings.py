"""Findings as people and other programs read them: text, JSON, SARIF, JUnit, GitHub's commands."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote
from xml.etree import ElementTree as ET

from microfiche.about import VERSION
from microfiche.captures.lines import locate
from microfiche.cli.rendering import LOUDNESS, coloured, print_json, wrapped
from microfiche.errors import UsageError, one_line, printable
from microfiche.finding import CODES, SEVERITIES, Finding
from microfiche.report.causes import by_code, by_message, ranked_codes

if TYPE_CHECKING:
    from microfiche.pipeline import Built

OF_NO_BUILD = ("MF110", "MF111")
MESSAGES, PLACES = 5, 3  # of one code, and of one message, that are shown
FORMS = ("text", "json", "sarif", "junit", "github")
LEVELS = SEVERITIES[::-1]
GITHUB = {"note": "notice", "warning": "warning", "error": "error"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# What XML can't hold, though text may.
NO_XML = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF], "\ufffd")


def print_findings(archive: Path, findings: Sequence[Finding], form: str) -> None:
    """Print findings of an archive in one of FORMS; but for JSON in the order to mend them in."""
    if form == "json":
        print_json([finding.as_json() for finding in findings])
        return
    order = ranked_codes(Counter(each.code for each in findings).items())
    findings = sorted(findings, key=lambda each: (order.index(each.code), each))
    if form == "text":
        for line in as_text(findings, sys.stdout):
            print(line)
    elif form == "sarif":
        print_json(as_sarif(archive, findings))
    elif form == "junit":
        print(as_junit(archive, findings))
    else:
        for finding in findings:
            print(as_command(archive, finding))


def say_findings(built: Built[Any]) -> None:
    """Tell what a build found, on standard error; with --quiet only errors.

    That datasheet or card are not written yet is told by `validate`, and by the release itself.
    """
    told = [
        each
        for each in built.findings
        if each.severity == "error" or (not LOUDNESS.quiet and each.code not in OF_NO_BUILD)
    ]
    for line in as_text(told, sys.stderr, built.counts):
        print(line, file=sys.stderr)


def as_text(
    findings: Sequence[Finding], file: TextIO, counts: Mapping[str, int] | None = None
) -> Iterator[str]:
    """Lines for a person: each cause once, with how often it was met and what to do.

    Errors come first, then warnings and notes; of each those of the archive's own files, by which
    others may follow, then by how often they were met. `counts` are all findings by code, where
    only the first are given. With --verbose a line for each finding.
    """
    if LOUDNESS.verbose:
        yield from (printable(str(finding)) for finding in sorted(findings))
        return
    codes = by_code(findings)
    totals = {code: (counts or {}).get(code, len(held)) for code, held in codes.items()}

    for code in ranked_codes(totals.items()):
        rule = CODES[code]
        mark = f"{rule.severity} {code}"
        times = f" ({totals[code]:,} times)" if totals[code] > 1 else ""
        head = wrapped(f"{mark}: {rule.summary}{times}", file)
        yield head.replace(mark, coloured(mark, rule.severity, file), 1)
        for line in _causes(codes[code], totals[code]):
            yield wrapped(printable(f"  {line}"), file)
        yield wrapped(f"  to do: {rule.remedy}", file)


def _causes(findings: Sequence[Finding], total: int) -> Iterator[str]:
    """What was found, each message once, those that were met most first."""
    ranked = by_message(findings)
    for held in ranked[:MESSAGES]:
        at = ", ".join(each.at for each in held[:PLACES])
        more = f" and {len(held) - PLACES:,} more" if len(held) > PLACES else ""
        yield f"{at}{more}: {one_line(held[0].message)}"
    if left := total - sum(map(len, ranked[:MESSAGES])):
        yield f"and {left:,} more; `microfiche validate --verbose` lists every one"


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
    """A JUnit report: a test for each finding; errors are those that failed."""
    failed = sum(finding.severity == "error" for finding in findings)
    suite = ET.Element(
        "testsuite", name="microfiche", tests=str(max(len(findings), 1)), failures=str(failed)
    )
    for finding in findings:
        path, line = locate(archive, finding)
        at = f"{_path(archive, path)}{f':{line}' if line else ''}"
        case = ET.SubElement(suite, "testcase", classname=finding.code, name=_clean(at))
        if finding.severity != "error":
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
