"""Faults of one outlet file: schema, dates, patterns, selectors, time zone, file name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import re2

from microfiche.dates import edtf_span
from microfiche.finding import Finding
from microfiche.outlets.outlet import compile_pattern
from microfiche.schema import record_type

LITERAL, PREFIXED = re.compile(r"'[^']*'|\"[^\"]*\""), re.compile(r"[\w-]:(?!:)")
# XPath that compares each element with all its siblings: no bound on the time it takes.
COUNTED = ("sibling::", "position()", "last()")


def check_entry(entry: object, where: str) -> list[Finding]:
    """Findings on one parsed outlet file: schema, dates, patterns, time zone, file name."""
    kind = record_type("outlet")
    zone = entry.get("time_zone") if isinstance(entry, dict) else None
    findings = []
    if isinstance(zone, str) and not _is_zone(zone):
        findings.append(Finding(where, "/time_zone", "MF201", f"no such time zone: {zone!r}"))
    if not kind.is_valid(entry):
        faults = kind.explain(entry)
        return [*findings, *(Finding(where, each, "MF201", text) for each, text in faults)]
    assert isinstance(entry, dict)  # noqa: S101 - the schema says so
    findings += [*_date_findings(entry, where), *_pattern_findings(entry, where)]
    if Path(where).stem != entry["id"]:
        findings.append(Finding(where, "/id", "MF203", f"the file holds outlet {entry['id']!r}"))
    return findings


def _is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _date_findings(entry: Mapping[str, Any], where: str) -> list[Finding]:
    dates = [
        *(
            (f"/domains/{n}/valid", each.get("valid"))
            for n, each in enumerate(entry.get("domains", ()))
        ),
        *((f"/events/{n}/date", each["date"]) for n, each in enumerate(entry.get("events", ()))),
        *(
            (f"/selectors/{n}/valid", each.get("valid"))
            for n, each in enumerate(entry.get("selectors", ()))
        ),
    ]
    return [
        Finding(where, place, "MF201", f"no EDTF date: {value!r}")
        for place, value in dates
        if value is not None and edtf_span(value) is None
    ]


def _pattern_findings(entry: Mapping[str, Any], where: str) -> list[Finding]:
    findings = []
    for key in ("urls", "boilerplate"):
        for number, rule in enumerate(entry.get(key, ())):
            try:
                compile_pattern(rule.get("pattern", ""))
            except re2.error as error:
                reason = error.args[0] if error.args else "refused"
                reason = reason.decode() if isinstance(reason, bytes) else str(reason)
                place = f"/{key}/{number}/pattern"
                findings.append(Finding(where, place, "MF204", f"RE2 says: {reason}"))
    for number, rule in enumerate(entry.get("selectors", ())):
        if fault := selector_fault(rule["css"]):
            findings.append(Finding(where, f"/selectors/{number}/css", "MF205", fault))
    return findings


def selector_fault(css: str) -> str | None:
    """Why a string is no CSS selector that can be used; None if it is one."""
    import cssselect
    import lxml.etree

    try:
        xpath = cssselect.HTMLTranslator().css_to_xpath(css)
        lxml.etree.XPath(xpath)(lxml.etree.Element("html"))
    except (cssselect.SelectorError, lxml.etree.XPathError, RecursionError) as error:
        return f"{css!r}: {error}"
    if PREFIXED.search(LITERAL.sub("", xpath)):
        return f"{css!r}: namespaces are not read"
    if any(word in xpath for word in COUNTED):
        return f"{css!r}: what counts siblings (~ + :nth-child and the like) is not read"
    return None
