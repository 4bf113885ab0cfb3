"""The days that a page shows, and which of them is that of its article's publication.

A page shows many days: its own, those of changes, of events, of comments, of other articles. All are
gathered with what speaks for them: where they stand in the page's data, in marked elements, in its
canonical address and among its blocks. Trees (`weights/days.json`, made by benchmarks/train_days.py) weigh them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import re2

from microfiche.dates import Order, Stated, day_number, is_day, read_machine_date
from microfiche.dates.printed import Found, find_dates, without
from microfiche.extract.article import Article
from microfiche.extract.blocks import class_words, says
from microfiche.extract.byline import is_elsewhere
from microfiche.extract.elements import names_of, short_pieces
from microfiche.extract.metadata import (
    MODIFIED_NAMES,
    PUBLISHED_NAMES,
    Metadata,
    head_values,
    json_ld,
)
from microfiche.extract.trees import trees

MIN_DAY = -1000  # thousandths of log odds from which the likeliest day is taken
MAX_SHORT, MAX_OPENING, MAX_MARKED, MAX_STATED, MAX_SCRIPT = 300, 150, 120, 60, 2_000_000
FAR, NONE = 999, -1
EVE = date.max - timedelta(days=1)
MIN_TITLE = 15  # letters
# Of one page: days of a script, days, marked elements, lines with days.
SCRIPTS_DAYS, MAX_DAYS, MAX_MARKS, MAX_LINES = 40, 200, 500, 300
DATED = class_words(
    "dates? datetime date-?time time timestamp time-?stamp published publish-?date publishing-?date",
    "pubdate pub-?date posted posted-on postdate post-?date entry-date created dateline datum fecha",
    "publish meta post-?meta article-?meta byline erstellt veroeffentlicht publication-?date",
)
PUBLISHED = class_words(
    "published publish-?date publishing-?date pubdate pub-?date posted posted-on post-?date postdate",
    "entry-date created publication-?date date-?published erstellt veroeffentlicht",
)
MODIFIED = class_words("updated? modified update-?date last-?modified date-?modified changed")
IN_SCRIPT = re2.compile(
    r"""(?i)["']?(?:date_?published|published_?(?:at|on|date|time)?|publish_?(?:date|time|ed_?at)?|pub_?date"""
    r"""|first_?published|publication_?date|created_?(?:at|on|date)?|date_?created|article_?date|release_?date"""
    r"""|post_?date)["'\\]*\s{0,4}[:=]\s{0,4}["'\\]*((?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[^"'<>,}\\]{0,30})"""
)  # linear: scripts are long
YEAR_FIRST = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})"
    r"(?:([/_-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12][0-9]|3[01])|(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01]))"
    r"(?![0-9])"
)
DAY_FIRST = re.compile(
    r"(?<![0-9])(0[1-9]|[12][0-9]|3[01])[-_](0[1-9]|1[0-2])[-_]((?:19|20)[0-9]{2})(?![0-9])"
)
YEARS = re.compile(r"[0-9٠-٩۰-۹०-९০-৯]{2}")
COUNTED = (
    "stated changed data data_changed data_other meta meta_changed meta_other script headline marked"
    " elsewhere time published modified shown timed said_published said_modified furniture aside named"
    " address"
).split()
OWN = "stated changed meta meta_changed meta_other script headline marked address".split()
LEAST = "marked_below marked_above rest below above before after within place from_end".split()
NO_DAY = Stated("", None, None, "")


@dataclass
class Day:
    """A day that a page shows: how often in which place, and how near in blocks or elements at least.

    `stated` is the fullest string that states it, with its source and rule.
    """

    counts: Counter[str] = field(default_factory=Counter)
    least: dict[str, int] = field(default_factory=dict)
    stated: Stated = NO_DAY
    source: tuple[str, str] = ("page", "")

    def near(self, name: str, distance: int) -> None:
        """Keep the least distance."""
        self.least[name] = min(distance, self.least.get(name, FAR), FAR)


class Days(NamedTuple):
    """The days of a page, by YYYY-MM-DD; `order` and the outlet's zone tell how they are read."""

    found: dict[str, Day]
    order: Order
    zone: ZoneInfo | None

    def add(
        self, stated: Stated | None, names: Iterable[str], source: str, rule: str
    ) -> Day | None:
        """Count a day in some places; None if it is none."""
        if stated is None or not is_day(stated.published):
            return None
        if len(self.found) >= MAX_DAYS and stated.published not in self.found:
            return None
        day = self.found.setdefault(stated.published, Day())
        day.counts.update(names)
        if not day.stated.published or (stated.at and not day.stated.at):
            day.stated, day.source = stated, (source, rule)
        return day

    def add_address(self, year: str, month: str, day: str, stated: str) -> None:
        """Count the day in the page's canonical address."""
        found = Stated(f"{year}-{month:0>2}-{day:0>2}", None, None, stated)
        self.add(found, ("address",), "html-head", "the day in the address")

    def read(self, text: str) -> Stated | None:
        """The one day in a string, as programs or people write it."""
        if len(text) > MAX_STATED * 2:
            return None
        if stated := read_machine_date(text):
            return stated
        written = self.within(text)
        return written[0].line.stated if written else None

    def within(self, text: str) -> tuple[Found, ...]:
        """The days in a line that people read."""
        return find_dates(text, self.zone, order=self.order) if YEARS.search(text) else ()


def days_of_data(
    root: Any, said: Metadata, zone: ZoneInfo | None = None, order: Order = None
) -> Days:
    """The days of a page's data and marked elements; before its tree is stripped to blocks.

    `order` is the outlet's, if it is known.
    """
    language = (said.language or "").lower()
    foreign = bool(language) and not language.startswith("en")
    days = Days({}, order or ("day" if foreign else None), zone)
    if said.published:
        days.add(days.read(said.published), ("stated",), *said.sources["published"])
    if said.modified:
        days.add(days.read(said.modified), ("changed",), *said.sources["modified"])
    for node in json_ld(root):
        for name, value in node.items():
            if isinstance(value, str) and len(value) <= MAX_STATED and value[:2].isdigit():
                kind = {"datePublished": "data", "dateModified": "data_changed"}.get(
                    name, "data_other"
                )
                days.add(read_machine_date(value), (kind,), "json-ld", name)
    for name, values in head_values(root).items():
        kind = "meta" if name in PUBLISHED_NAMES else "meta_other"
        if name in MODIFIED_NAMES or "modif" in name or "update" in name:
            kind = "meta_changed"
        for value in values[:3]:
            if len(value) <= MAX_STATED and YEARS.search(value):
                days.add(days.read(value), (kind,), "html-head", name)
    _of_scripts(days, root)
    _of_elements(days, root)
    for told in (root.findtext(".//title"), said.title, said.description):
        for each in days.within((told or "")[:MAX_SHORT]):
            days.add(each.line.stated, ("headline",), "html-head", "title")
    return days


def _of_scripts(days: Days, root: Any) -> None:
    for script in root.iter("script"):
        text = script.text or ""
        if "ld+json" in (script.get("type") or "") or len(text) > MAX_SCRIPT:
            continue
        for match in list(IN_SCRIPT.finditer(text))[:SCRIPTS_DAYS]:
            days.add(read_machine_date(match[1].strip()), ("script",), "page", "date in a script")


def _of_elements(days: Days, root: Any) -> None:
    """Days of elements that the page marks as dates, by how far from its headline they stand."""
    headline: int | None = None
    marked: list[tuple[int, Any, str]] = []
    for number, element in enumerate(root.iter()):
        tag = element.tag
        if tag == "h1" and headline is None:
            headline = number
        if not isinstance(tag, str) or tag in ("body", "html", "head", "script", "style"):
            continue
        names = names_of(element)
        about = (element.get("itemprop") or element.get("property") or "").lower()
        if tag in ("time", "abbr") or "date" in about or (names != " " and says(DATED, names)):
            marked.append((number, element, f"{about} {names}"))
        if len(marked) == MAX_MARKS:
            break
    for number, element, names in marked:
        _of_element(days, element, names, None if headline is None else number - headline)


def _of_element(days: Days, element: Any, names: str, below: int | None) -> None:
    title = element.get("title") if element.tag != "meta" else None
    value = element.get("datetime") or element.get("content") or title
    stated = days.read(value) if value else None
    if stated is None or not is_day(stated.published):
        text = " ".join("".join(short_pieces(element)).split())
        stated = days.read(text) if len(text) <= MAX_MARKED else None
    elsewhere = is_elsewhere(element)
    kinds = ["elsewhere" if elsewhere else "marked"]
    if not elsewhere:
        own = "published" in names or "pubdate" in names or says(PUBLISHED, names)
        kinds += ["time"] * (element.tag == "time") + ["published"] * own
        kinds += ["modified"] * ("modified" in names or says(MODIFIED, names))
    day = days.add(stated, kinds, "page", "element of the date")
    if day and below is not None and not elsewhere:
        day.near("marked_below" if below > 0 else "marked_above", abs(below))


def add_shown(days: Days, article: Article, said: Metadata) -> None:
    """Add the days of a page's own address, and those that its readers see."""
    path = (said.canonical or "").partition("://")[2].partition("/")[2]
    if match := YEAR_FIRST.search(path):
        days.add_address(match[1], match[3] or match[5], match[4] or match[6], match[0])
    elif match := DAY_FIRST.search(path):
        days.add_address(match[3], match[2], match[1], match[0])
    _of_blocks(days, article, said)


def choose_day(days: Days, last: str | None) -> Day | None:
    """The day on which a page's article was published; None if none is likely."""
    found = likely_days(days, last)
    if not found:
        return None
    scores = trees("days").score(measure_days(found)).tolist()
    best = max(range(len(scores)), key=lambda place: (scores[place], -place))
    return list(found.values())[best] if scores[best] > MIN_DAY else None


def likely_days(days: Days, last: str | None) -> dict[str, Day]:
    """The days that the page's data state, and those that may be its article's own.

    Where a line says that it is the day of publication, none counts that is told of others alone.
    `last` is the day of its retrieval in UTC: what lies after the next is no day of publication.
    """
    latest = last and str(min(date.fromisoformat(last), EVE) + timedelta(days=1))
    found = {
        day: each
        for day, each in days.found.items()
        if each.counts["stated"] or (_may_be_own(each) and (not latest or day <= latest))
    }
    if any(each.counts["said_published"] for each in found.values()):
        return {day: each for day, each in found.items() if not _is_of_others(each)}
    return found


def _may_be_own(day: Day) -> bool:
    """Whether a day stands anywhere but below the second block of the text, or in other data."""
    outside = "before" in day.least or "after" in day.least or day.least.get("within", FAR) <= 1
    return outside or day.counts["elsewhere"] > 0 or any(day.counts[name] for name in OWN)


def _is_of_others(day: Day) -> bool:
    """Whether a day stands among what is told of other articles, or by readers, alone."""
    return day.counts["shown"] <= day.counts["aside"] and not any(day.counts[n] for n in OWN)


def _of_blocks(days: Days, article: Article, said: Metadata) -> None:
    """Days in what readers see, by how far from headline and text they stand."""
    shown = article.shown
    places = {id(block): place for place, block in enumerate(shown)}
    first = places[id(article.blocks[0])] if article.blocks else None
    last = places[id(article.blocks[-1])] if article.blocks else None
    top = _headline_place(shown, article.headline or said.title)
    n_read = 0
    for place, block in enumerate(shown):
        text = block.text if len(block.text) <= MAX_SHORT else block.text[:MAX_OPENING]
        found = days.within(text)
        n_read += bool(found)
        if n_read > MAX_LINES:
            break
        whole = len(block.text) <= MAX_SHORT
        rest = len(without(text, found).strip()) if whole and found else MAX_SHORT
        names = " ".join(map(names_of, block.path[-2:]))
        for each in found[:3]:
            line = each.line
            kinds = ["shown"] + ["timed"] * line.timed + ["named"] * says(DATED, names)
            kinds += [f"said_{line.label}"] * (line.label is not None)
            kinds += ["furniture"] * bool(block.names) + ["aside"] * is_elsewhere(block.path[-1])
            rule = "a line that is a date" if not rest else "a line with the date"
            day = days.add(line.stated, kinds, "page", rule)
            if day is None:
                continue
            day.near("rest", rest)
            day.near("place", place)
            day.near("from_end", len(shown) - place)
            if top is not None:
                day.near("below" if place >= top else "above", abs(place - top))
            if first is not None and last is not None:
                way = "before" if place < first else "after" if place > last else "within"
                day.near(
                    way, {"before": first - place, "after": place - last}.get(way, place - first)
                )


def _headline_place(shown: Sequence[Any], title: str | None) -> int | None:
    """Place of the headline among blocks: what the page's title begins with, else the first `h1`."""
    folded = " ".join((title or "").casefold().split())
    for place, block in enumerate(shown):
        text = block.text.casefold()
        if len(text) > MIN_TITLE and folded.startswith(text):
            return place
    return next((place for place, block in enumerate(shown) if block.path[-1].tag == "h1"), None)


def measure_days(found: Mapping[str, Day]) -> dict[str, Any]:
    """The measures of a page's days, by name; integers, a value a day."""
    order = {day: rank for rank, day in enumerate(sorted(found))}
    numbers = {day: day_number(day) for day in order}
    first, last = min(numbers.values()), max(numbers.values())
    total = max(sum(each.counts.total() for each in found.values()), 1)
    n_stated = sum(each.counts["stated"] > 0 for each in found.values())
    page = {
        "days": min(len(order), 99),
        "data_states": _any(found, "data") | _any(found, "meta"),
        "address_states": _any(found, "address"),
        "marks": _any(found, "published"),
        "labels": _any(found, "said_published"),
    }
    rows = []
    for day, each in found.items():
        row = {name: min(each.counts[name], 99) for name in COUNTED}
        row |= {f"least_{name}": each.least.get(name, NONE) for name in LEAST}
        row |= {
            "rank": min(order[day], 99),
            "from_last": min(len(order) - 1 - order[day], 99),
            "since_first": min(numbers[day] - first, 9999),
            "to_last": min(last - numbers[day], 9999),
            "share": each.counts.total() * 100 // total,
            "other_stated": int(n_stated > (each.counts["stated"] > 0)),
        }
        rows.append(row | page)
    return {name: np.array([row[name] for row in rows], np.int32) for name in rows[0]}


def _any(found: Mapping[str, Day], name: str) -> int:
    """Whether any day stands in a place."""
    return int(any(each.counts[name] for each in found.values()))
