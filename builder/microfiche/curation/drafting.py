"""Outlet files drafted from what an archive's captures show, each fact with its evidence beside it.

A draft is for a person to check. What the captures do not show is not in it, and what they show in
part stands in it as a comment.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomlkit

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.captures import Capture
from microfiche.captures.cells import as_language, as_line, as_list, is_nothing
from microfiche.captures.files import captures_in, list_files
from microfiche.captures.observation import Observation, observe
from microfiche.captures.tabular import open_tabular
from microfiche.engine import Progress, silent
from microfiche.errors import UsageError, printable, unusable
from microfiche.extract.alone import outlet_named, read_alone
from microfiche.extract.blocks import parse_page
from microfiche.extract.metadata import read_metadata
from microfiche.extract.reading import decoded
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.naming import host_slug, name_slug, registered_host
from microfiche.outlets.registry import known_outlets
from microfiche.text import normal_line
from microfiche.url import read_address

READ_WHOLE = 40  # captures of an outlet that are read; of the others only the addresses count
LEAST_PATTERN = 5  # different addresses on which a pattern of ids rests
LANGUAGE_SHARE = 0.1
IDS = (
    (r"[-_/](?P<id>[0-9]{4,12})(?:\.s?html?|\.php|/)?$", "a number at the end of the address"),
    (r"/(?P<id>[0-9]{4,12})[-_/]", "a number as a part of the address"),
    (r"[?&](?:id|aid|newsid|article_?id|p)=(?P<id>[0-9]{2,12})(?:&|$)", "a number in the query"),
)  # fmt: skip
DAYS = (
    (r"/(?P<year>[12][0-9]{3})/(?P<month>[01]?[0-9])/(?P<day>[0-3]?[0-9])/", "a day in folders"),
    (r"/(?P<year>[12][0-9]{3})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])[/-]", "a day in it"),
    (r"/(?P<year>[12][0-9]{3})/(?P<month>[01][0-9])/", "a month in folders"),
)  # fmt: skip
NAME_COLUMNS = frozenset((
    "name", "outlet", "outletname", "publication", "newspaper", "publisher", "medium", "sitename",
    "source", "sourcename",
))  # fmt: skip
HOST_COLUMNS = frozenset((
    "host", "hostname", "domain", "website", "site", "homepage", "url", "link", "articleurl",
    "sourcedomain",
))  # fmt: skip
LANGUAGE_COLUMNS = frozenset(("language", "languages", "lang"))


@dataclass
class Shown:
    """What is known of an outlet without a file.

    `names` and `languages` are counted over what was read, with where they stand; `hosts` and
    `paths` over all captures; `linked` are hosts that pages name as their canonical ones.
    """

    outlet_id: str
    asked: str
    hosts: Counter[str] = field(default_factory=Counter)
    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    languages: Counter[tuple[str, str]] = field(default_factory=Counter)
    linked: Counter[str] = field(default_factory=Counter)
    dated: Counter[str] = field(default_factory=Counter)
    paths: dict[str, None] = field(default_factory=dict)
    n_captures: int = 0
    n_read: int = 0


@dataclass(frozen=True)
class Drafted:
    """An outlet file that was written, and how many captures it rests on."""

    outlet_id: str
    file: Path
    n_captures: int


def draft_outlets(
    archive: Archive, host: str | None = None, progress: Progress = silent
) -> list[Drafted]:
    """Write a file for every outlet of the captures that has none; with `host` for that one alone.

    Raises UsageError for a host that is none or is claimed, CannotRun.
    """
    outlets = archive.outlet_book()
    wanted = None if host is None else _asked(host, outlets)
    found = _survey(archive, outlets, wanted, progress)
    if wanted and not found:
        found = {wanted: Shown(host_slug(wanted), wanted)}
    return [_write(archive, each) for _, each in sorted(found.items())]


def draft_from_table(archive: Archive, table: Path) -> list[Drafted]:
    """Write a file for every name or host of a table that no outlet has. Raises MicroficheError."""
    outlets, found = archive.outlet_book(), dict[str, Shown]()
    opened = open_tabular(table)
    columns = {each: re.sub(r"[\W_]+", "", each.casefold()) for each in opened.columns}
    named, hosted, spoken = (
        [each for each, folded in columns.items() if folded in names]
        for names in (NAME_COLUMNS, HOST_COLUMNS, LANGUAGE_COLUMNS)
    )
    if not named and not hosted:
        raise UsageError(f"{table}: no column of names or hosts", "call one name, host or url")
    for _, cells in opened.rows():
        names = [as_line(cells[each]) for each in named if not is_nothing(cells.get(each))]
        stated = (as_line(cells[each]) for each in hosted if not is_nothing(cells.get(each)))
        hosts = [each for each in map(_host_of, filter(None, stated)) if each]
        names = [each for each in names if each and not _host_of(each)]
        if any(outlets.at(each, None) for each in hosts) or not (hosts or names):
            continue
        if not hosts and outlets.named(str(names[0])):
            continue
        key = registered_host(hosts[0]) if hosts else str(names[0]).casefold()
        slug = host_slug(hosts[0]) if hosts else name_slug(str(names[0]))
        shown = found.setdefault(key, Shown(slug, hosts[0] if hosts else str(names[0])))
        shown.hosts.update(set(hosts))
        shown.names.update((each, f"column of {table.name}") for each in names if each)
        for each in spoken:
            for line in as_list(cells.get(each) or "", commas=True):
                if language := as_language(line):
                    shown.languages[language, f"column of {table.name}"] += 1
    return [_write(archive, each) for _, each in sorted(found.items())]


def _asked(host: str, outlets: Outlets) -> str:
    """The registered part of a host that somebody asks for. Raises UsageError."""
    name = _host_of(host)
    if name is None:
        raise UsageError(f"--new {host}: no host", "give one such as news.example.org")
    if claim := outlets.at(name, None):
        raise UsageError(f"--new {host}: it is of outlet {claim[0].id}", "edit that outlet's file")
    if known := known_outlets().at(name, None):
        raise UsageError(
            f"--new {host}: it is known as {known[0].id}", f"run `microfiche outlets {known[0].id}`"
        )
    return registered_host(name)


def _host_of(stated: str) -> str | None:
    """The host that a string is, or is an address of; None if neither."""
    text = stated.strip()
    address = read_address(text if "://" in text else f"https://{text}")
    host = address.host if address else ""
    return host if "." in host and " " not in text else None


def _survey(
    archive: Archive, outlets: Outlets, wanted: str | None, progress: Progress
) -> dict[str, Shown]:
    """What captures show of outlets that have no file, by registered host or by name."""
    found: dict[str, Shown] = {}
    spans = list(list_files(archive.holdings))
    for number, span in enumerate(spans):
        progress("reading captures", number, len(spans))
        file = archive.holdings / span.path
        try:
            for capture in captures_in(file, span, DEFAULT_CAPTURE_LIMIT):
                _look(capture, outlets, wanted, found)
        except OSError as error:
            raise unusable(file, error) from error
    return _joined(found)


def _joined(found: dict[str, Shown]) -> dict[str, Shown]:
    """Outlets of captures without a host joined with the one that publishes under their name."""
    named: dict[str, list[str]] = {}
    for key, shown in found.items():
        for name, _ in shown.names if shown.hosts else ():
            named.setdefault(name.casefold(), []).append(key)
    kept = {}
    for key, shown in found.items():
        owners = set(named.get(key, ())) if not shown.hosts else set()
        if len(owners) == 1:
            found[owners.pop()].n_captures += shown.n_captures
        else:
            kept[key] = shown
    return kept


def _look(capture: Capture, outlets: Outlets, wanted: str | None, found: dict[str, Shown]) -> None:
    if not capture.media_type or (capture.record is None and capture.body is None):
        return
    seen = observe(capture)
    if seen.outlet_id in outlets.by_id or (seen.address and outlets.at(seen.address.host, None)):
        return
    if seen.publication and not seen.address and outlets.named(seen.publication):
        return
    key, slug = _key(seen)
    if key is None or slug is None or (wanted is not None and key != wanted):
        return
    shown = found.setdefault(key, Shown(slug, key))
    shown.n_captures += 1
    if seen.address:
        shown.hosts[seen.address.host] += 1
        shown.paths[seen.address.target] = None
    if seen.publication:
        shown.names[seen.publication, "as its table or database spells it"] += 1
    if shown.n_read < READ_WHOLE and seen.outcome == "article":
        shown.n_read += 1
        _read(capture, shown)


def _key(seen: Observation) -> tuple[str | None, str | None]:
    """(what captures of one outlet have in common, the id that it would have)."""
    if seen.outlet_id:
        return seen.outlet_id, seen.outlet_id
    if seen.address:
        return registered_host(seen.address.host), host_slug(seen.address.host)
    if seen.publication:
        return seen.publication.casefold(), name_slug(seen.publication)
    return None, None


def _read(capture: Capture, shown: Shown) -> None:
    """Take what a capture says of its outlet."""
    record = capture.record
    if record is not None:
        if language := record.get("language"):
            shown.languages[language, "as its table states"] += 1
        else:
            body = str(record.get("text") or " ".join(record.get("paragraphs", ())))
            shown.languages[_detected(body), "detected in texts"] += 1
        shown.dated["stated in its record" if "published" in record else "undated"] += 1
        return
    held = decoded(capture)
    reading = read_alone(capture, outlet_named(None))
    source = reading.field_sources.get("published")
    shown.dated[": ".join(source) if source else "undated"] += 1
    stated = "language" in reading.field_sources and reading.language
    language = reading.language or _detected(reading.text)
    shown.languages[language, "as its pages state" if stated else "detected in texts"] += 1
    if held.is_page:
        root, _ = parse_page(held.text)
        said = None if root is None else read_metadata(root)
        for name in said.site_names[:1] if said else ():
            shown.names[normal_line(name)[:200], "as its pages state"] += 1
        link = read_address(said.canonical) if said and said.canonical else None
        if link:
            shown.linked[link.host] += 1


def _detected(text: str) -> str:
    from resiliparse.parse.lang import detect_fast

    language, _ = detect_fast(text[:3000]) if len(text) > 100 else ("unknown", 0)
    return str(language)


def _write(archive: Archive, shown: Shown) -> Drafted:
    """Write a draft where no file is. Raises CannotRun."""
    folder = archive.raw / "outlets"
    names = [shown.outlet_id, *(f"{shown.outlet_id}-{n}" for n in range(2, 1000))]
    taken = {each["id"] for each in archive.outlets} | set(known_outlets().by_id)
    outlet_id = next(n for n in names if n not in taken and not (folder / f"{n}.toml").exists())
    file = folder / f"{outlet_id}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.part")
        partial.write_text(draft(outlet_id, shown), encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise unusable(file, error) from error
    return Drafted(outlet_id, file, shown.n_captures)


def draft(outlet_id: str, shown: Shown) -> str:
    """The text of an outlet file: what is known as TOML, why as comments."""
    rests = (
        f"{_captures(shown.n_captures)}, {shown.n_read:,} read" if shown.n_captures else "a name"
    )
    lines = [
        f"# Drafted from {rests}. Check each line.",
        f"id = {_toml(outlet_id)}",
        *_names(shown),
        *_languages(shown),
        "",
        "[rights]",
        '# Nobody has stated yet that its texts may be shown: "full" needs `basis` and `evidence`.',
        'text = "withheld"',
        *_domains(shown),
        *_patterns(shown),
        *_dates(shown),
    ]
    return "\n".join(lines) + "\n"


def _captures(count: int) -> str:
    return f"{count:,} capture{'' if count == 1 else 's'}"


def _toml(value: Any) -> str:
    return str(tomlkit.item(value).as_string())


def _comment(text: str) -> str:
    return "# " + " ".join(printable(text).split())


def _names(shown: Shown) -> Iterator[str]:
    ranked = sorted(shown.names.items(), key=lambda each: (-each[1], each[0]))
    if not ranked:
        yield _comment("No capture says what it is called: this is its host.")
        yield f"name = {_toml(shown.asked)}"
        return
    (name, where), count = ranked[0]
    yield _comment(f"{where}: {count} of {max(shown.n_read, count)}")
    yield f"name = {_toml(name)}"
    others = [each for (each, _), _ in ranked[1:] if each != name]
    if others:
        yield f"other_names = {_toml(list(dict.fromkeys(others)))}"


def _languages(shown: Shown) -> Iterator[str]:
    total = sum(shown.languages.values())
    ranked = sorted(shown.languages.items(), key=lambda each: (-each[1], each[0]))
    kept = [
        (language.partition("-")[0].lower(), where, count)
        for (language, where), count in ranked
        if language != "unknown" and count >= LANGUAGE_SHARE * total
    ]
    if kept:
        yield _comment(
            "; ".join(f"{each} {where}: {count} of {total}" for each, where, count in kept)
        )
        yield f"languages = {_toml(list(dict.fromkeys(each for each, *_ in kept)))}"


def _domains(shown: Shown) -> Iterator[str]:
    """The hosts; one is canonical, any other a site of its own until a person says otherwise."""
    hosts = Counter[str]()
    for host, count in shown.hosts.items():
        hosts[host.removeprefix("www.")] += count
    if not hosts and "." in shown.asked and " " not in shown.asked:
        hosts[shown.asked] = 0
    linked = {each.removeprefix("www."): count for each, count in shown.linked.items()}
    ranked = sorted(hosts, key=lambda each: (-linked.get(each, 0), -hosts[each], each))
    for number, host in enumerate(ranked):
        told = _captures(hosts[host]) if shown.n_captures else "no capture of it was looked at"
        if linked.get(host):
            told += f"; {linked[host]} pages name it as their canonical host"
        yield ""
        yield "[[domains]]"
        yield _comment(told if number == 0 else f"{told}; a site of its own until you know better:")
        if number:
            yield _comment("take `site` away if it serves the same paths, and name its role then")
        yield f"host = {_toml(host)}"
        yield 'role = "canonical"'
        if number:
            yield f"site = {_toml(host)}"
    for host, count in sorted(linked.items()):
        if host not in hosts:
            yield _comment(
                f"{count} pages name {host} as their canonical host: is it this outlet's?"
            )


def _patterns(shown: Shown) -> Iterator[str]:
    """Patterns of ids and days that every address has, each id of one address alone."""
    paths = [each for each in shown.paths if urlsplit(each).path not in ("", "/")]
    if len(paths) < LEAST_PATTERN:
        return
    for pattern, what in IDS:
        matches = [re.search(pattern, each) for each in paths]
        ids = {match["id"] for match in matches if match}
        if len(ids) == len(paths) and not _are_years(ids):
            yield ""
            yield "[[urls]]"
            yield _comment(f"{what}, in all of {len(paths)} addresses, never one in two of them")
            yield f"pattern = {_toml(pattern)}"
            break
        if len(ids) >= LEAST_PATTERN and len(ids) == sum(map(bool, matches)):
            yield ""
            yield _comment(f"{what} in {len(ids)} of {len(paths)} addresses: is it an id?")
            yield "# [[urls]]"
            yield f"# pattern = {_toml(pattern)}"
            break
    for pattern, what in DAYS:
        count = sum(bool(re.search(pattern, each)) for each in paths)
        if count == len(paths):
            yield ""
            yield "[[urls]]"
            yield _comment(f"{what}, in all of {len(paths)} addresses")
            yield f"pattern = {_toml(pattern)}"
            break


def _are_years(ids: Iterable[str]) -> bool:
    return all(len(each) == 4 and "1900" <= each <= "2099" for each in ids)


def _dates(shown: Shown) -> Iterator[str]:
    ranked = sorted(shown.dated.items(), key=lambda each: (-each[1], each[0]))
    if ranked:
        yield ""
        told = "; ".join(f"{where} {count}" for where, count in ranked[:4])
        yield _comment(f"Days of publication as read: {told}")
