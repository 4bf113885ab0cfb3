"""From an article to the rules that read its values, and the lines of files that state them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from microfiche.archive.files import LEARNED
from microfiche.captures.lines import toml_line
from microfiche.documents import toml_data
from microfiche.extract.bounds import FORM
from microfiche.outlets.checking import check_entry
from microfiche.outlets.outlet import Outlet
from microfiche.release import Release, Row
from microfiche.schema import record_type
from microfiche.url import read_address

LARGEST = 4 << 20  # bytes of an outlet's file
SELECTOR = "the outlet's selector "
RIGHTS = {"license": "license", "rights_statement": "statement", "rights_basis": "basis"}


class Trace(NamedTuple):
    """Where a value comes from: its field, what it was read in, the rule, and a file's line.

    `stated_in` is null where no file of the archive states the rule.
    """

    field: str
    source: str
    rule: str
    stated_in: str | None


def _usable(text: str, path: str) -> Mapping[str, Any]:
    """What a file says; nothing of one that no builder would have used."""
    try:
        data = toml_data(text)
    except (ValueError, RecursionError):
        return {}
    if path.endswith(LEARNED):
        return data if record_type("boilerplate").is_valid(data) else {}
    return {} if check_entry(data, path) else data


class _File:
    """An outlet's file as a release carries it; empty if it has none that can be used."""

    def __init__(self, release: Release, name: str) -> None:
        self.path = f"source/outlets/{name}.toml"
        file = release.root / self.path
        self.text = ""
        self.data: Mapping[str, Any] = {}
        if file.is_file() and file.stat().st_size <= LARGEST:
            self.text = file.read_bytes().decode("utf-8", "replace")
            self.data = _usable(self.text, self.path)

    def at(self, pointer: str) -> str | None:
        """The line of a member; None if no line has it."""
        line = toml_line(self.text, pointer)
        return f"{self.path}: line {line}" if line else None


def traces(release: Release, article: Row) -> list[Trace]:
    """Where an article's values come from, by field. Raises OSError."""
    held = _File(release, article["outlet_id"])
    learned = _File(release, f"{article['outlet_id']}.boilerplate")
    return [
        *_identity(held, article),
        *(
            Trace(each["field"], each["source"], each["rule"], _stated_in(held, article, each))
            for each in article["provenance"]["field_sources"]
        ),
        *_rights(held, article),
        *_removed(held, learned, article),
    ]


def _identity(held: _File, article: Row) -> Iterator[Trace]:
    """By which pattern the address gave the id, and which line has the host."""
    url = article["url"]
    if url is None:
        return
    native = article["article_id"].partition(":")[2]
    place = _pattern(held, url, "id") if not native.startswith(("u-", "t-", "x-")) else None
    rule = "the outlet's pattern of addresses" if place is not None else "the address itself"
    stated = held.at(f"/urls/{place}/pattern") if place is not None else None
    yield Trace("article_id", "url", rule, stated)
    for number, domain in enumerate(held.data.get("domains", ())):
        if domain.get("host") == article["domain"]:
            stated = held.at(f"/domains/{number}/host")
            yield Trace("outlet_id", "url", "the outlet's host", stated)
            return


def _pattern(held: _File, url: str, group: str) -> int | None:
    """Number of the first pattern whose group an address has; None if there is none."""
    address = read_address(url)
    return Outlet(held.data).stating(address, group) if address else None


def _stated_in(held: _File, article: Row, read: Mapping[str, str]) -> str | None:
    """The line that states the rule a field was read by."""
    if read["rule"].startswith(SELECTOR):
        css = read["rule"].removeprefix(SELECTOR)
        for number, each in enumerate(held.data.get("selectors", ())):
            if each.get("css") == css:
                return held.at(f"/selectors/{number}/css")
    if read["rule"] == FORM:
        return held.at("/dates/forms")
    if read["source"] == "outlet":
        return held.at("/languages")
    if read["source"] == "url" and article["url"]:
        place = _pattern(held, article["url"], "year")
        return None if place is None else held.at(f"/urls/{place}/pattern")
    return None


def _rights(held: _File, article: Row) -> Iterator[Trace]:
    """Rights that are the outlet's, and its time zone."""
    stated = held.data.get("rights", {})
    for column, name in RIGHTS.items():
        if stated.get(name) and stated[name] == article[column]:
            yield Trace(column, "outlet", "the outlet's rights", held.at(f"/rights/{name}"))
    if article["published_at"] and article["published_zone"] == "outlet":
        yield Trace("published_at", "outlet", "the outlet's time zone", held.at("/time_zone"))


def _removed(held: _File, learned: _File, article: Row) -> Iterator[Trace]:
    """The rules by which lines were taken out of the text."""
    for line in article["provenance"]["removed_lines"]:
        stated = None
        for file, name in ((held, "boilerplate"), (learned, "lines")):
            for number, rule in enumerate(file.data.get(name, ())):
                if rule.get("line") == line:
                    stated = stated or file.at(f"/{name}/{number}/line")
        shown = line if len(line) <= 60 else f"{line[:59]}…"
        yield Trace("text", "text", f"taken out: {shown}", stated)
