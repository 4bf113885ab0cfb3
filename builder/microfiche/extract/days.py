"""The days that a page shows, and which of them is that of its article's publication.

A page shows many days: its own, those of changes, of events, of comments, of other articles. All are
gathered with what speaks for them: where they stand in the page's data, in marked elements, in its
address and among its blocks. Trees (`weights/days.json`, made by benchmarks/train_days.py) weigh them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from microfiche.dates import Stated, day_number, is_day, read_machine_date
from microfiche.dates.printed import Found, find_dates, without
from microfiche.extract.article import Article
from microfiche.extract.blocks import class_words, says
from microfiche.extract.byline import is_elsewhere
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
MIN_TITLE = 15  # letters
SCRIPTS_DAYS = 40
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
IN_SCRIPT = re.compile(
    r"""(?i)["']?(?:date_?published|published_?(?:at|on|date|time)?|publish_?(?:date|time|ed_?at)?|pub_?date"""
    r"""|first_?published|publication_?date|created_?(?:at|on|date)?|date_?created|article_?date|release_?date"""
    r"""|post_?date)["'\\]*\s{0,4}[:=]\s{0,4}["'\\]*((?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[^"'<>,}\\]{0,30})"""
)
YEAR_FIRST = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})[/_-]?(0?[1-9]|1[0-2])[/_-]?(0?[1-9]|[12][0-9]|3[01])(?![0-9])"
)
DAY_FIRST = re.compile(
    r"(?<![0-9])(0[1-9]|[12][0-9]|3[01])[-_](0[1-9]|1[0-2])[-_]((?:19|20)[0-9]{2})(?![0-9])"
)
YEARS = re.compile(r"[0-9٠-٩۰-۹०-९০-৯]{2}")
COUNTED = (
    *(
        "stated",
        "changed",
        "data",
        "data_changed",
        "data_other",
        "meta",
        "meta_changed",
        "meta_other",
    ),
    *(
        "script",
        "headline",
        "marked",
        "elsewhere",
        "time",
        "published",
        "modified",
        "shown",
        "timed",
    ),
    *("said_published", "said_modified", "furniture", "aside", "named", "address"),
)
OWN = ("meta", "meta_changed", "meta_other", "script", "headline", "marked", "address")
LEAST = (
    "marked_below",
    "marked_above",
    "rest",
    "below",
    "above",
    "before",
    "after",
    "within",
    "place",
    "from_end",
)


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
    """The days of a page, by YYYY-MM-DD; `day_first` and the outlet's zone tell how they are read."""

    found: dict[str, Day]
    day_first: bool
    zone: ZoneInfo | None

    def add(
        self, stated: Stated | None, names: Iterable[str], source: str, rule: str
    ) -> Day | None:
        """Count a day in some places; None if it is none."""
        if stated is None or not is_day(stated.published):
            return None
        day = self.found.setdefault(stated.published, Day())
        day.counts.update(names)
        if not day.stated.published or (stated.at and not day.stated.at):
            day.stated, day.source = stated, (source, rule)
        return day

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
        return find_dates(text, self.zone, day_first=self.day_first) if YEARS.search(text) else ()


def days_of_data(root: Any, said: Metadata, zone: ZoneInfo | None = None) -> Days:
    """The days of a page's data and marked elements; before its tree is stripped to blocks."""
    language = (said.language or "").lower()
    days = Days({}, bool(language) and not language.startswith("en"), zone)
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
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        about = (element.get("itemprop") or element.get("property") or "").lower()
        if tag in ("time", "abbr") or "date" in about or (names != " " and says(DATED, names)):
            marked.append((number, element, f"{about} {names}"))
    for number, element, names in marked:
        _of_element(days, element, names, None if headline is None else number - headline)


def _of_element(days: Days, element: Any, names: str, below: int | None) -> None:
    title = element.get("title") if element.tag != "meta" else None
    value = element.get("datetime") or element.get("content") or title
    stated = days.read(value) if value else None
    if stated is None or not is_day(stated.published):
        text = " ".join("".join(element.itertext()).split())
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
    for pattern, order in ((YEAR_FIRST, (1, 2, 3)), (DAY_FIRST, (3, 2, 1))):
        if match := pattern.search(path):
            day = "-".join(match[place].zfill(2) for place in order)
            stated = Stated(day, None, None, match[0])
            days.add(stated, ("address",), "html-head", "the day in the address")
    _of_blocks(days, article, said)


def choose_day(days: Days, last: str | None) -> Day | None:
    """The day on which a page's article was published; None if none is likely.

    `last` is the day of its retrieval: what lies after it is no day of publication, unless the page's
    data state it.
    """
    found = {
        day: each
        for day, each in days.found.items()
        if each.counts["stated"] or (_may_be_own(each) and (last is None or day <= last))
    }
    if not found:
        return None
    scores = trees("days").score(measure_days(found)).tolist()
    best = max(range(len(scores)), key=lambda place: (scores[place], -place))
    return list(found.values())[best] if scores[best] > MIN_DAY else None


def _may_be_own(day: Day) -> bool:
    """Whether a day stands anywhere but within the text, and among what is told of other articles."""
    outside = "before" in day.least or "after" in day.least or day.least.get("within", FAR) <= 1
    shown = day.counts["shown"] > day.counts["aside"] and outside
    return shown or any(day.counts[name] for name in OWN)


def _of_blocks(days: Days, article: Article, said: Metadata) -> None:
    """Days in what readers see, by how far from headline and text they stand."""
    shown = article.shown
    places = {id(block): place for place, block in enumerate(shown)}
    first = places[id(article.blocks[0])] if article.blocks else None
    last = places[id(article.blocks[-1])] if article.blocks else None
    top = _headline_place(shown, article.headline or said.title)
    for place, block in enumerate(shown):
        text = block.text if len(block.text) <= MAX_SHORT else block.text[:MAX_OPENING]
        found = days.within(text)
        whole = len(block.text) <= MAX_SHORT
        rest = len(without(text, found).strip()) if whole and found else MAX_SHORT
        names = " ".join(f"{e.get('class') or ''} {e.get('id') or ''}" for e in block.path[-2:])
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
    order = sorted(found)
    numbers = [day_number(day) for day in order]
    total = max(sum(each.counts.total() for each in found.values()), 1)
    stated = [day for day in order if found[day].counts["stated"]]
    rows = []
    for day, each in found.items():
        rank = order.index(day)
        row = {name: min(each.counts[name], 99) for name in COUNTED}
        row |= {f"least_{name}": each.least.get(name, NONE) for name in LEAST}
        row |= {
            "rank": min(rank, 99),
            "from_last": min(len(order) - 1 - rank, 99),
            "days": min(len(order), 99),
            "since_first": min(numbers[rank] - numbers[0], 9999),
            "to_last": min(numbers[-1] - numbers[rank], 9999),
            "share": each.counts.total() * 100 // total,
            "other_stated": int(any(one != day for one in stated)),
            "data_states": int(
                any(one.counts["data"] or one.counts["meta"] for one in found.values())
            ),
            "address_states": int(any(one.counts["address"] for one in found.values())),
            "marks": int(any(one.counts["published"] for one in found.values())),
            "labels": int(any(one.counts["said_published"] for one in found.values())),
        }
        rows.append(row)
    return {name: np.array([row[name] for row in rows], np.int32) for name in rows[0]}
