"""An outlet as its file describes it: hosts, address patterns, boilerplate, selectors, rights.

Reads no captures; who publishes on a host is `lookup`'s to say.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import re2

from microfiche.dates import ALWAYS, Order, Span, edtf_span
from microfiche.text import loosely
from microfiche.url import Address

NOT_EVALUATED = "http://rightsstatements.org/vocab/CNE/1.0/"
CC = re2.compile(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-([0-9]\.[0-9])(?:-([A-Z]{2,3}))?")
PUBLIC_DOMAIN = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-PDM-1.0": "https://creativecommons.org/publicdomain/mark/1.0/",
}
SPDX = re2.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}\+?")
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
        stated = self.entry.get("rights", {})
        return {"statement": statement_of(stated.get("license")), "text": "withheld", **stated}

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
    def begins_after(self) -> tuple[Any, ...]:
        """Expressions for lines below which its articles begin."""
        return _compiled(self.entry.get("article", {}).get("begins_after", ()))

    @functools.cached_property
    def ends_before(self) -> tuple[Any, ...]:
        """Expressions for lines above which its articles end."""
        return _compiled(self.entry.get("article", {}).get("ends_before", ()))

    @functools.cached_property
    def date_forms(self) -> tuple[Any, ...]:
        """Expressions that find the day of publication in a line."""
        return _compiled(self.entry.get("dates", {}).get("forms", ()))

    @property
    def order(self) -> Order:
        """Which number of a date is the day; None if the file does not say it."""
        order: Order = self.entry.get("dates", {}).get("order")
        return order

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
            if pattern.id_group and (own := match[pattern.id_group]):
                return f"{pattern.prefix}-{own.decode()}"
        return None

    def date_in(self, address: Address, site: str | None) -> str | None:
        """The EDTF date in an address, by the patterns of a site or of any, else by its folders.

        None if there is none.
        """
        for _, match in self._matches(address, site):
            groups = match.groupdict()
            day = _joined_date([groups.get(part) or b"" for part in ("year", "month", "day")])
            if day:
                return day
        folders = DAY_IN_PATH.search(address.path.encode())
        return _joined_date(list(folders.groups())) if folders else None

    def stating(self, address: Address, group: str) -> int | None:
        """Number in the file of the first pattern that reads a group of an address; None if none.

        `group` is id, year, month or day.
        """
        for pattern, match in self._matches(address, None):
            if match.groupdict().get(group):
                return self.patterns.index(pattern)
        return None

    def _matches(self, address: Address, site: str | None) -> Iterator[tuple[AddressPattern, Any]]:
        octets = address.target.encode()  # RE2 takes bytes; text costs it three times as much
        for pattern in self.patterns:
            if site is None or pattern.site in (None, site):
                match = pattern.expression.search(octets)
                if match:
                    yield pattern, match


# Folders of a day, as addresses of news have them: /2017/05/25/, /2017-05-25/, /201705/25/.
DAY_IN_PATH = re2.compile(
    rb"/((?:19|20)[0-9]{2})[/-]?(0[1-9]|1[0-2]|[1-9])[/-](0[1-9]|[12][0-9]|3[01]|[1-9])(?:/|$)"
)


def _joined_date(parts: list[bytes]) -> str | None:
    """year, month, day as far as they are there; None if they are no date."""
    known = [*itertools.takewhile(bool, parts)]
    widths = (4, 2, 2)[: len(known)]
    value = "-".join(part.decode().zfill(width) for part, width in zip(known, widths, strict=True))
    return value if edtf_span(value) else None


def statement_of(license_: str | None) -> str:
    """URI of the statement of rights that a license makes, where nothing else is stated.

    Of Creative Commons its own, of any other single SPDX license the page that SPDX has of it.
    """
    if license_ in PUBLIC_DOMAIN:
        return PUBLIC_DOMAIN[license_]
    if match := CC.fullmatch(license_ or ""):
        place = f"{match[3].lower()}/" if match[3] else ""
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/{place}"
    known = license_ and SPDX.fullmatch(license_) and not license_.startswith("LicenseRef-")
    return f"https://spdx.org/licenses/{license_}.html" if known else NOT_EVALUATED


def _compiled(patterns: Iterable[str]) -> tuple[Any, ...]:
    return tuple(map(compile_pattern, patterns))


@functools.lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """A compiled RE2 expression: linear time whatever the text. Raises re2.error."""
    return re2.compile(pattern, RE2_OPTIONS)
