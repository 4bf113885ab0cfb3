"""Outlet files drafted from what an archive's captures show, each fact with its evidence beside it.

A draft is for a person to check. What the captures do not show is not in it, and what they show in
part stands in it as a comment.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomlkit

from microfiche.archive import Archive
from microfiche.archive.opening import open_archive
from microfiche.archive.writing import write_whole
from microfiche.captures.cells import as_language, as_line, as_list, is_nothing
from microfiche.captures.tabular import open_tabular
from microfiche.curation.learning import MIN_CAPTURES, learn
from microfiche.curation.surveying import Shown, survey
from microfiche.engine import Progress, silent
from microfiche.errors import UsageError, printable, unusable
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.naming import host_slug, is_host, name_slug, registered_host
from microfiche.outlets.registry import known_outlets
from microfiche.url import read_address

LEAST_PATTERN = 5  # different addresses on which a pattern of ids rests
LANGUAGE_SHARE = 0.1
NO_SITE = re.compile(r"[^a-z0-9]+")
IDS = (
    (r"[-_/,](?P<id>[0-9]{4,12})(?:\.s?html?|\.php|/)?$", "a number at the end of the address"),
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


@dataclass(frozen=True)
class Drafted:
    """An outlet file that was written, and how many captures it rests on.

    `learned` is the file with the lines that recur over its pages and texts; None if none do.
    """

    outlet_id: str
    file: Path
    n_captures: int
    learned: Path | None = None
    n_lines: int = 0


def draft_outlets(
    archive: Archive, host: str | None = None, progress: Progress = silent
) -> list[Drafted]:
    """Write a file for every outlet of the captures that has none; with `host` for that one alone.

    Raises UsageError for a host that is none or is claimed, CannotRun.
    """
    outlets = archive.outlet_book()
    wanted = None if host is None else _asked(host, outlets)
    found = survey(archive, outlets, wanted, progress)
    if wanted and not found:
        found = {wanted: Shown(host_slug(wanted), wanted)}
    ranked = [each for _, each in sorted(found.items())]
    return _with_lines(archive, ranked, [_write(archive, each) for each in ranked], progress)


def _with_lines(
    archive: Archive, found: list[Shown], written: list[Drafted], progress: Progress
) -> list[Drafted]:
    """Drafts with the lines that recur, where there are pages or texts enough to tell."""
    several = {
        draft.outlet_id
        for shown, draft in zip(found, written, strict=True)
        if shown.n_apart >= MIN_CAPTURES
    }
    if not several:
        return written
    known = {
        each.outlet_id: each
        for each in learn(open_archive(archive.root), several, progress=progress)
        if each.lines
    }
    return [
        replace(each, learned=known[each.outlet_id].file, n_lines=len(known[each.outlet_id].lines))
        if each.outlet_id in known
        else each
        for each in written
    ]


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
    for _, row in opened.rows():
        cells = {name: cell for name, cell in row.items() if isinstance(cell, str | int | float)}
        names = [as_line(cells[each]) for each in named if not is_nothing(cells.get(each))]
        names = [each[:200] for each in names if each]
        stated = (as_line(cells[each]) for each in hosted if not is_nothing(cells.get(each)))
        hosts = [each for each in map(_host_of, filter(None, stated)) if each]
        names = [each for each in names if each and not _host_of(each)]
        if any(outlets.at(each, None) for each in hosts) or not (hosts or names):
            continue
        if not hosts and outlets.named(str(names[0])):
            continue
        key = registered_host(hosts[0]) if hosts else str(names[0]).casefold()
        slug = host_slug(hosts[0]) if hosts else name_slug(str(names[0]))
        asked = hosts[0] if hosts else str(names[0])
        shown = found.setdefault(key, Shown(slug, asked, named=not hosts))
        shown.hosts.update(set(hosts))
        shown.names.update((each, f"column of {table.name}") for each in names if each)
        for each in spoken:
            for line in _listed(cells.get(each)):
                if language := as_language(line):
                    shown.languages[language, f"column of {table.name}"] += 1
    return [_write(archive, each) for _, each in sorted(found.items())]


def _listed(cell: Any) -> list[str]:
    """The items of a cell; none of one that is no list of words."""
    try:
        return as_list(cell or "", commas=True)
    except (TypeError, ValueError, RecursionError):
        return []


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


def _write(archive: Archive, shown: Shown) -> Drafted:
    """Write a draft where no file is. Raises CannotRun."""
    folder = archive.raw / "outlets"
    names = [shown.outlet_id, *(f"{shown.outlet_id}-{n}" for n in range(2, 1000))]
    taken = {each["id"] for each in archive.outlets} | set(known_outlets().by_id)
    outlet_id = next(n for n in names if n not in taken and not (folder / f"{n}.toml").exists())
    file = folder / f"{outlet_id}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(file, draft(outlet_id, shown).encode())
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


def _pages(count: int) -> str:
    return f"{count:,} {'page names' if count == 1 else 'pages name'}"


def _toml(value: Any) -> str:
    return str(tomlkit.item(value).as_string())


def _comment(text: str) -> str:
    return "# " + " ".join(printable(text).split())


def _names(shown: Shown) -> Iterator[str]:
    ranked = sorted(shown.names.items(), key=lambda each: (-each[1], each[0]))
    if not ranked and shown.told:
        count = shown.endings[shown.told]
        yield _comment(f"as the titles of its pages end: {count} of {shown.n_pages}")
        yield f"name = {_toml(shown.told)}"
        return
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
        (language, where, count)
        for (language, where), count in ranked
        if language != "unknown" and count >= LANGUAGE_SHARE * total
    ]
    if kept:
        yield _comment(
            "; ".join(f"{each} {where}: {count} of {total}" for each, where, count in kept)
        )
        known = dict.fromkeys(each.partition("-")[0].lower() for each, *_ in kept)
        yield f"languages = {_toml(list(known))}"


def _domains(shown: Shown) -> Iterator[str]:
    """The hosts; one is canonical, any other a site of its own until a person says otherwise."""
    hosts, spelt = Counter[str](), dict[str, Counter[str]]()
    for host, count in shown.hosts.items():
        hosts[host.removeprefix("www.")] += count
    for host, count in (*shown.linked.items(), *shown.hosts.items()):
        spelt.setdefault(host.removeprefix("www."), Counter())[host] += count
    if not hosts and not shown.named and is_host(shown.asked):
        hosts[shown.asked] = 0
    linked: Counter[str] = Counter()
    for host, count in shown.linked.items():
        linked[host.removeprefix("www.")] += count
    ranked = sorted(hosts, key=lambda each: (-linked.get(each, 0), -hosts[each], each))
    for number, host in enumerate(ranked):
        told = _captures(hosts[host]) if shown.n_captures else "no capture of it was looked at"
        if linked.get(host):
            told += f"; {_pages(linked[host])} it as canonical host"
        yield ""
        yield "[[domains]]"
        yield _comment(told if number == 0 else f"{told}; a site of its own until you know better:")
        if number:
            yield _comment("take `site` away if it serves the same paths, and name its role then")
        written = max(spelt.get(host, {host: 1}).items(), key=lambda each: (each[1], each[0]))[0]
        yield f"host = {_toml(written)}"
        yield 'role = "canonical"'
        if number:
            yield f"site = {_toml(NO_SITE.sub('-', host.casefold()).strip('-'))}"
    for host, count in sorted(linked.items()):
        if host not in hosts:
            yield _comment(f"{_pages(count)} {host} as canonical host: is it this outlet's?")


def _patterns(shown: Shown) -> Iterator[str]:
    """Patterns of ids and days that every address has, each id of one address alone."""
    paths = [each for each in shown.paths if urlsplit(each).path not in ("", "/")]
    if len(paths) < LEAST_PATTERN:
        return
    for pattern, what in IDS:
        matches = [re.search(pattern, each) for each in paths]
        found = [match for match in matches if match]
        ids = {match["id"] for match in found}
        if len(ids) < LEAST_PATTERN or len(ids) != len(found) or _are_years(ids):
            continue
        bound, sure = _bound(pattern, found), len(found) == len(paths)
        yield ""
        if bound and sure:
            yield "[[urls]]"
            yield _comment(f"{what}, in all of {len(paths)} addresses, never one in two of them")
            yield f"pattern = {_toml(bound)}"
        else:
            yield _comment(f"{what} in {len(ids)} of {len(paths)} addresses: is it an id?")
            yield "# [[urls]]"
            yield f"# pattern = {_toml(bound or pattern)}"
        break
    for pattern, what in DAYS:
        days = [match for each in paths if (match := re.search(pattern, each))]
        if len(days) == len(paths):
            before = {match.string[: match.start()] for match in days}
            yield ""
            yield "[[urls]]"
            yield _comment(f"{what}, in all of {len(paths)} addresses")
            own = f"^{_literal(before.pop())}{pattern}" if len(before) == 1 else pattern
            yield f"pattern = {_toml(own)}"
            break


def _bound(pattern: str, found: Sequence[re.Match[str]]) -> str | None:
    """A pattern bound to the folders that stand before every id, and to ids as long as these.

    None if they stand in several, and not at the end of the address.
    """
    folders = [match.string[: match.start("id")].rpartition("/")[0] for match in found]
    least = min(len(match["id"]) for match in found)
    own = re.sub(r"\[0-9\]\{[0-9]+,12\}", f"[0-9]{{{least},12}}", pattern)
    if len(set(folders)) == 1:
        between = "" if own.startswith("/") else "/[^/]*"
        return f"^{_literal(folders[0])}{between}{own}"
    if not own.endswith("$"):
        return None
    parts = zip(*(folder.split("/") for folder in folders), strict=False)
    common = [part[0] for part in itertools.takewhile(lambda part: len(set(part)) == 1, parts)]
    return f"^{_literal('/'.join(common))}/.*{own}"


def _literal(path: str) -> str:
    """A path as a pattern has it; a number, which may be a year or a day, may be another."""
    parts = ("[0-9]+" if part.isdecimal() else re.escape(part) for part in path.split("/"))
    return "/".join(parts).replace("\\-", "-")


def _are_years(ids: Iterable[str]) -> bool:
    return all(len(each) == 4 and "1900" <= each <= "2099" for each in ids)


def _dates(shown: Shown) -> Iterator[str]:
    ranked = sorted(shown.dated.items(), key=lambda each: (-each[1], each[0]))
    if ranked:
        yield ""
        told = "; ".join(f"{where} {count}" for where, count in ranked[:4])
        yield _comment(f"Days of publication as read: {told}")
    if shown.n_unzoned:
        times = f"{shown.n_unzoned} of {shown.n_read} state a time and no zone"
        yield _comment(f"{times}: `time_zone`, above [rights], makes times in UTC of these.")
