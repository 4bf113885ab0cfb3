"""Outlets: who publishes on which hosts, and what an outlet's addresses and pages look like.

Owns outlet files in memory, host look-up and the registry of known outlets. Reads no captures.
"""

from __future__ import annotations

import functools
import importlib.resources
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import re2

from microfiche.dates import ALWAYS, Span, edtf_span
from microfiche.finding import Finding
from microfiche.schema import RecordType, record_type, toml_data
from microfiche.text import loosely
from microfiche.url import Address

LITERAL, PREFIXED = re.compile(r"'[^']*'|\"[^\"]*\""), re.compile(r"[\w-]:(?!:)")
# XPath that compares each element with all its siblings: no bound on the time it takes.
COUNTED = ("sibling::", "position()", "last()")
# For these reasons a tombstone tells nothing of the article but its id.
PRIVATE_REASONS = ("privacy", "safety")
NOT_EVALUATED = "http://rightsstatements.org/vocab/CNE/1.0/"
RE2_OPTIONS = re2.Options()
RE2_OPTIONS.log_errors = False
RE2_OPTIONS.max_mem = 1 << 20  # bounds what a hostile expression in an outlet file can cost


@dataclass(frozen=True, slots=True)
class Domain:
    """One host of an outlet: its role, the site whose paths it serves, and when it was used."""

    host: str
    role: str
    site: str
    span: Span


@dataclass(frozen=True, slots=True)
class AddressPattern:
    """A pattern that reads a native id or a date from the path of an address."""

    expression: Any
    id_group: int | None
    prefix: str
    site: str | None

    def ids_in(self, paths: Sequence[str]) -> list[str | None]:
        """The native id in each path; None or empty: there is none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if len(self.expression.groupindex) == self.expression.groups:  # as Arrow's RE2 wants it
            matches = pc.extract_regex(pa.array(paths), self.expression.pattern)
            return list(matches.field("id").to_pylist())
        found = (self.expression.search(path) for path in paths)
        return [match and match["id"] for match in found]


@dataclass(frozen=True, slots=True)
class BoilerplateRule:
    """A whole line, or a pattern for one, that is no part of an article."""

    line: str | None
    expression: Any
    kind: str
    identifies: bool

    def matches(self, line: str, loose: str) -> bool:
        """Whether the line (and its folded form) is this boilerplate."""
        if self.line is not None:
            return loose == self.line
        return bool(self.expression.fullmatch(line))


@dataclass(frozen=True, slots=True)
class SelectorRule:
    """A CSS selector for a field of the outlet's pages, and when they looked so."""

    field: str
    css: str
    span: Span


@dataclass(frozen=True, eq=False)
class Outlet:
    """One outlet file. `entry` is the file as parsed. Compared by identity."""

    entry: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Identifier of the outlet."""
        return str(self.entry["id"])

    @property
    def name(self) -> str:
        """Name of the outlet."""
        return str(self.entry["name"])

    @functools.cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages it publishes in, BCP 47."""
        return tuple(self.entry.get("languages", ()))

    @functools.cached_property
    def zone(self) -> ZoneInfo | None:
        """Time zone of its dates; None if the file names none."""
        name = self.entry.get("time_zone")
        return ZoneInfo(name) if name else None

    @functools.cached_property
    def rights(self) -> Mapping[str, Any]:
        """Rights as recorded, with the default statement and policy."""
        return {"statement": NOT_EVALUATED, "text": "withheld", **self.entry.get("rights", {})}

    @functools.cached_property
    def article_rights(self) -> Mapping[str, str | None]:
        """Rights of an article that states none of its own, by column."""
        rights = self.rights
        return {
            "license": rights.get("license"),
            "rights_statement": rights["statement"],
            "rights_basis": rights.get("basis"),
            "rights_evidence": rights.get("evidence"),
        }

    @functools.cached_property
    def domains(self) -> tuple[Domain, ...]:
        """Hosts of the outlet in the order of the file."""
        return tuple(
            Domain(
                domain["host"],
                domain["role"],
                domain.get("site", "main"),
                edtf_span(domain["valid"]) or ALWAYS if "valid" in domain else ALWAYS,
            )
            for domain in self.entry.get("domains", ())
        )

    @functools.cached_property
    def patterns(self) -> tuple[AddressPattern, ...]:
        """Address patterns in the order of the file."""
        return tuple(
            AddressPattern(
                expression := compile_pattern(url["pattern"]),
                expression.groupindex.get("id"),
                url.get("prefix", "n"),
                url.get("site"),
            )
            for url in self.entry.get("urls", ())
        )

    @functools.cached_property
    def selectors(self) -> tuple[SelectorRule, ...]:
        """Selectors in the order of the file."""
        return tuple(
            SelectorRule(
                each["field"],
                each["css"],
                edtf_span(each["valid"]) or ALWAYS if "valid" in each else ALWAYS,
            )
            for each in self.entry.get("selectors", ())
        )

    @functools.cached_property
    def boilerplate(self) -> tuple[BoilerplateRule, ...]:
        """Boilerplate rules in the order of the file."""
        return tuple(
            BoilerplateRule(
                loosely(rule["line"]) if "line" in rule else None,
                compile_pattern(rule["pattern"]) if "pattern" in rule else None,
                rule["kind"],
                rule.get("identifies", False),
            )
            for rule in self.entry.get("boilerplate", ())
        )

    @functools.cached_property
    def boilerplate_lines(self) -> Mapping[str, BoilerplateRule]:
        """Rules for whole lines, the learned ones too, by the line folded."""
        learned = (BoilerplateRule(loosely(line), None, "learned", False)
                   for line in self.entry.get("learned", ()))  # fmt: skip
        rules = (rule for rule in self.boilerplate if rule.line is not None)
        return {rule.line or "": rule for rule in (*learned, *rules)}

    @functools.cached_property
    def boilerplate_patterns(self) -> tuple[BoilerplateRule, ...]:
        """Rules for lines that match a pattern."""
        return tuple(rule for rule in self.boilerplate if rule.line is None)

    @functools.cached_property
    def _canonical(self) -> Mapping[str, str]:
        """Canonical host of each site: the one in use last."""
        hosts = sorted(
            (domain.span.latest or "9999", domain.span.earliest or "", domain.host, domain.site)
            for domain in self.domains
            if domain.role == "canonical"
        )
        return {site: host for _, _, host, site in hosts}

    def has_host(self, host: str) -> bool:
        """Whether the file names a host; `www.` is looked through."""
        return host in self._hosts or host.removeprefix("www.") in self._hosts

    @functools.cached_property
    def _hosts(self) -> frozenset[str]:
        return frozenset(domain.host for domain in self.domains)

    def canonical_host(self, site: str) -> str | None:
        """Canonical host of a site; None if the file names none."""
        return self._canonical.get(site)

    @functools.cache  # noqa: B019 - outlets live as long as the process
    def other_hosts(self, site: str) -> tuple[str, ...]:
        """Every host of a site but the canonical one, sorted."""
        canonical = self.canonical_host(site)
        hosts = {domain.host for domain in self.domains if domain.site == site}
        return tuple(sorted(hosts - {canonical}))

    def native_id(self, address: Address, site: str) -> str | None:
        """The outlet's own id in an address, with its pattern's prefix; None if there is none."""
        for pattern, match in self._matches(address, site):
            if pattern.id_group and match[pattern.id_group]:
                return f"{pattern.prefix}-{match[pattern.id_group].decode()}"
        return None

    def native_ids(self, paths: Sequence[str], site: str) -> list[str | None]:
        """`native_id` of many addresses without a query, given their paths."""
        found: list[str | None] = [None] * len(paths)
        for pattern in self.patterns:
            if pattern.id_group and pattern.site in (None, site):
                for place, native in enumerate(pattern.ids_in(paths)):
                    if native and found[place] is None:
                        found[place] = f"{pattern.prefix}-{native}"
        return found

    def date_in(self, address: Address, site: str | None) -> str | None:
        """The EDTF date in an address, by the patterns of a site or of any; None: there is none."""
        for _, match in self._matches(address, site):
            groups = match.groupdict()
            day = _joined_date([groups.get(part) or b"" for part in ("year", "month", "day")])
            if day:
                return day
        return None

    def _matches(self, address: Address, site: str | None) -> Iterator[tuple[AddressPattern, Any]]:
        target = f"{address.path}?{address.query}" if address.query else address.path
        octets = target.encode()  # RE2 takes bytes; text costs it three times as much
        for pattern in self.patterns:
            if site is None or pattern.site in (None, site):
                match = pattern.expression.search(octets)
                if match:
                    yield pattern, match


def _joined_date(parts: list[bytes]) -> str | None:
    """year, month, day as far as they are there; None if they are no date."""
    known = [*itertools.takewhile(bool, parts)]
    widths = (4, 2, 2)[: len(known)]
    value = "-".join(part.decode().zfill(width) for part, width in zip(known, widths, strict=True))
    return value if edtf_span(value) else None


@functools.lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """A compiled RE2 expression: linear time whatever the text. Raises re2.error."""
    return re2.compile(pattern, RE2_OPTIONS)


class Outlets:
    """All outlets of an archive, by id and by host."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self.by_id = {entry["id"]: Outlet(entry) for entry in entries}
        self._by_host: dict[str, list[tuple[Outlet, Domain]]] = {}
        for outlet in self.by_id.values():
            for domain in outlet.domains:
                self._by_host.setdefault(domain.host, []).append((outlet, domain))

    def at(self, host: str, day: str | None) -> tuple[Outlet, Domain] | None:
        """Outlet and domain of a host on a day (YYYY-MM-DD); `www.` is looked through.

        A host that one outlet claims is that outlet's on every day: validity decides only
        between several claims.
        """
        claims = self._claims(host)
        if len(claims) > 1 and day:
            claims = [claim for claim in claims if claim[1].span.holds(day)] or claims
        owners = {outlet.id for outlet, _ in claims}
        return claims[-1] if len(owners) == 1 else None

    def _claims(self, host: str) -> list[tuple[Outlet, Domain]]:
        return self._by_host.get(host) or self._by_host.get(host.removeprefix("www."), [])

    def depends_on_day(self, host: str) -> bool:
        """Whether a host is of different outlets, or sites of one, at different times."""
        return len(self._claims(host)) > 1

    def recognise(self, lines: Iterable[str]) -> Outlet | None:
        """The one outlet whose identifying boilerplate stands in the lines; None if no one's.

        Most different rules matched wins; two outlets with equally many are no recognition.
        """
        folded = [(line, loosely(line)) for line in lines if line]
        scores = sorted(
            (_identifying_matches(outlet, folded), outlet_id)
            for outlet_id, outlet in self.by_id.items()
        )
        best = [score for score in scores if score[0] and score[0] == scores[-1][0]]
        return self.by_id[best[0][1]] if len(best) == 1 else None

    def conflicts(self) -> list[tuple[str, str, str]]:
        """(host, outlet id, outlet id) for every host that two outlets claim at one time."""
        return [
            (host, first.id, second.id)
            for host, claims in sorted(self._by_host.items())
            for index, (first, one) in enumerate(claims)
            for second, other in claims[index + 1 :]
            if first.id != second.id and one.span.overlaps(other.span)
        ]


def _identifying_matches(outlet: Outlet, lines: list[tuple[str, str]]) -> int:
    return sum(
        any(rule.matches(*line) for line in lines) for rule in outlet.boilerplate if rule.identifies
    )


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


@functools.cache
def registry() -> Mapping[str, str]:
    """The known outlets that ship with the package: outlet file text by id."""
    folder = importlib.resources.files("microfiche") / "registry"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".toml")
    }


@functools.cache
def known_outlets() -> Outlets:
    """The registry, parsed."""
    return Outlets(toml_data(text) for text in registry().values())


def outlet_rows(outlets: Iterable[Outlet], kind: RecordType) -> list[dict[str, Any]]:
    """Rows of the outlets table, as the outlet files describe them, without their digests."""
    rows = []
    for outlet in outlets:
        row: dict[str, Any] = {field.name: outlet.entry.get(field.name) for field in kind.fields}
        row |= {
            "outlet_id": outlet.id,
            **outlet.article_rights,
            "text_policy": outlet.rights["text"],
        }
        for field in kind.fields:
            if field.kind == "array":
                row[field.name] = [_with_nulls(item, field.spec) for item in row[field.name] or []]
        rows.append(row)
    return rows


def _with_nulls(item: Any, spec: Mapping[str, Any]) -> Any:
    """A list item with every member of its schema, null where it has none."""
    if not isinstance(item, dict):
        return item
    return {name: item.get(name) for name in spec["items"]["properties"]}
