"""Faults of one outlet file: schema, dates, patterns, selectors, time zone, file name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import re2

from microfiche.dates import edtf_span
from microfiche.finding import Finding
from microfiche.outlets.outlet import compile_pattern
from microfiche.schema import record_type
from microfiche.text import normal_line

LITERAL, PREFIXED = re.compile(r"'[^']*'|\"[^\"]*\""), re.compile(r"[\w-]:(?!:)")
WHOLE_DAY = {"year", "month", "day"}
ADDRESS_GROUPS = {"id", *WHOLE_DAY}
# Names that the zone files have for what is a matter of the machine, or of none.
OF_MACHINES = frozenset(("localtime", "Factory", "posixrules", "posix", "right"))
# XPath that compares each element with all its siblings: no bound on the time it takes.
COUNTED = ("sibling::", "position()", "last()")


def check_entry(entry: object, where: str) -> list[Finding]:
    """Findings on one parsed outlet file: schema, dates, patterns, time zone, file name."""
    kind = record_type("outlet")
    zone = entry.get("time_zone") if isinstance(entry, dict) else None
    findings = []
    if isinstance(zone, str) and not is_zone(zone):
        findings.append(Finding(where, "/time_zone", "MF201", f"no such time zone: {zone!r}"))
    if not kind.is_valid(entry):
        faults = kind.explain(entry)
        return [*findings, *(Finding(where, each, "MF201", text) for each, text in faults)]
    assert isinstance(entry, dict)  # noqa: S101 - the schema says so
    findings += [*_date_findings(entry, where), *_pattern_findings(entry, where)]
    findings += [
        Finding(where, f"/corrections/{number}/{key}", "MF201", "white space alone")
        for number, each in enumerate(entry.get("corrections", ()))
        for key in ("reason", "by")
        if not normal_line(each.get(key, "none"))
    ]
    if fault := license_fault(entry.get("rights", {}).get("license")):
        findings.append(Finding(where, "/rights/license", "MF115", fault))
    if Path(where).stem != entry["id"]:
        findings.append(Finding(where, "/id", "MF203", f"the file holds outlet {entry['id']!r}"))
    return findings


def license_fault(stated: str | None) -> str | None:
    """Why something is no SPDX expression; None if it is one, or nothing is stated."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if stated is None:
        return None
    try:  # what another document calls a license is that document's own
        canonicalize_license_expression(re.sub(r"DocumentRef-[\w.-]+:(?=LicenseRef-)", "", stated))
    except InvalidLicenseExpression:
        return repr(stated)
    return None


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name, the same one on every machine."""
    if name.partition("/")[0] in OF_MACHINES:
        return False
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
    for place, pattern in _patterns(entry):
        try:
            expression = compile_pattern(pattern)
        except re2.error as error:
            reason = error.args[0] if error.args else "refused"
            reason = reason.decode() if isinstance(reason, bytes) else str(reason)
            findings.append(Finding(where, place, "MF204", f"RE2 says: {reason}"))
            continue
        names = expression.groupindex.keys()
        if place.startswith("/dates/") and (odd := sorted(names - {"date", *WHOLE_DAY})):
            message = f"a form of dates has no group {odd[0]}: date, year, month and day are read"
            findings.append(Finding(where, place, "MF201", message))
        elif place.startswith("/dates/") and not ("date" in names or names >= WHOLE_DAY):
            message = "a form of dates has a group date, or groups year, month and day"
            findings.append(Finding(where, place, "MF201", message))
        if place.startswith("/urls/") and (fault := _group_fault(names)):
            findings.append(Finding(where, place, "MF201", fault))
    for number, rule in enumerate(entry.get("selectors", ())):
        if fault := selector_fault(rule["css"]):
            findings.append(Finding(where, f"/selectors/{number}/css", "MF205", fault))
    return findings


def _group_fault(names: Collection[str]) -> str | None:
    """What is wrong with the named groups of a pattern of addresses: one that says nothing."""
    unknown = sorted(set(names) - ADDRESS_GROUPS)
    if unknown:
        return f"a pattern of addresses has no group {unknown[0]}: id, year, month and day are read"
    return None if names else "it reads nothing: name a group id, year, month or day"


def _patterns(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(place, pattern) of every expression of an outlet file."""
    for key in ("urls", "boilerplate"):
        for number, rule in enumerate(entry.get(key, ())):
            yield f"/{key}/{number}/pattern", rule.get("pattern", "")
    for key, name in (("article", "begins_after"), ("article", "ends_before"), ("dates", "forms")):
        for number, pattern in enumerate(entry.get(key, {}).get(name, ())):
            yield f"/{key}/{name}/{number}", pattern


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
