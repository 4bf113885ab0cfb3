"""report.html: a release as one page, a pure function of what it publishes.

Nothing is fetched and nothing of the data is markup: values are escaped where they are printed, and
the page's policy lets only its own style and script run.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from microfiche.describe import OVERRIDES, counted
from microfiche.describe.card import span
from microfiche.describe.citation import cite
from microfiche.describe.coverage import gathered
from microfiche.describe.facts import Facts, ranked
from microfiche.describe.source import Source
from microfiche.errors import printable
from microfiche.finding import CODES
from microfiche.release import Release, Row
from microfiche.report.articles import (
    View,
    columns_without_text,
    rows_without_text,
    text_bytes,
    views,
)
from microfiche.report.causes import Cause
from microfiche.report.charts import bar, grid, lane, level
from microfiche.report.coverage import MONTHS, few_of
from microfiche.report.survey import (
    LISTED,
    Host,
    Period,
    Survey,
    largest_months,
    survey,
)
from microfiche.tables.months import month_name

LOOK = Path(__file__).parent / "look"
MOST_ARTICLES = 500
MOST_BYTES = 1_900_000
MOST_CELLS = 6_000  # of the grids of months
OPTIONAL = ("description", "contact", "license")  # what a dataset file may leave out
FEW = 60  # months that are named
CLIPPED = 300  # characters of a value in a list
# What an outcome is drawn as.
LOOKS = {
    "article": "found",
    "redirect": "moved",
    "listing": "other",
    "other": "other",
    "wall": "barred",
    "blocked": "barred",
    "seizure_notice": "seized",
    "not_found": "lost",
    "gone": "lost",
    "parked": "lost",
    "error": "lost",
}
WORST = ("seized", "barred", "lost", "moved", "other")


def archive_page(
    title: str,
    causes: Sequence[Cause],
    n_captures: int,
    *,
    described: tuple[Release, Source, Facts] | None = None,
    unchanged: bool = False,
    refusal: str | None = None,
) -> bytes:
    """The page of an archive: what was found in it, and the release that it would give.

    `described` is that release, None if there can be none, for the reason of `refusal`. Raises as
    `Release.table`.
    """
    found = {"causes": causes, "n_captures": n_captures}
    if described is None:
        page = _environment().get_template("desk.html")
        return page.render(title=title, refusal=refusal, **found).encode()
    return report_page(*described, desk={**found, "unchanged": unchanged})


def report_page(
    release: Release, source: Source, facts: Facts, desk: Mapping[str, Any] | None = None
) -> bytes:
    """The page of a release whose tables are written. Raises as `Release.table`.

    `desk` is what was found in its archive, on the page of which it is shown.
    """
    found = survey(release)
    whole = facts.n_articles <= MOST_ARTICLES
    texts = whole and text_bytes(release) <= MOST_BYTES
    months: list[str] = []
    if whole:
        rows = rows_without_text(release, release.table("articles", columns_without_text(release)))
        shown = views(release, rows, texts=texts)
    else:
        rows, months = largest_months(release, MOST_ARTICLES)
        shown = [View(row) for row in rows]
    outlets = sorted(release.rows("outlets"), key=lambda row: row["outlet_id"])
    values = {
        "manifest": release.manifest,
        "dataset": dict.fromkeys(OPTIONAL) | {**source.dataset},
        "facts": facts,
        "survey": found,
        "months": months,
        "published": span(facts),
        "retrieved": gathered(facts),
        "outlets": outlets,
        "stated": list(_stated(outlets)),
        "withdrawn": release.rows("withdrawn"),
        "citation": cite(release.manifest, source.dataset, "bibtex"),
        "coverage": list(_coverage(found)),
        "addresses": sorted(facts.addresses.items(), key=str),
        "lanes": list(_lanes(found.hosts)),
        "tables": {entry["name"]: entry["n_rows"] for entry in release.manifest["tables"]},
        "whole": whole,
        "codes": CODES,
        "desk": desk,
    }
    return _fitted(values, shown, texts=texts)


def _fitted(values: Mapping[str, Any], shown: Sequence[View], *, texts: bool) -> bytes:
    """The page within its bound: texts give way first, then what lines unfold to, then lists."""
    page = _environment().get_template("page.html")
    for share in (1, 4, 16, 64):
        lines = shown[: -(-len(shown) // share)]
        here = frozenset(each.article["article_id"] for each in lines)
        given = {**values, "listed": max(1, LISTED // share), "here": here, "n_unfolded": 0}
        given |= {"clipped": max(20, CLIPPED // share), "texts": False}
        held = len(page.render(given, articles=[(view, None) for view in lines]).encode())
        if held <= MOST_BYTES:
            break
    room = MOST_BYTES - held
    parts: list[Markup | None] = [None] * len(lines)
    if values["whole"]:
        parts, texts = _within(given, lines, room, texts=texts)
    n_unfolded = sum(part is not None for part in parts)
    given |= {"texts": texts, "n_unfolded": n_unfolded}
    return page.render(given, articles=list(zip(lines, parts, strict=True))).encode()


def _within(
    given: Mapping[str, Any], lines: Sequence[View], room: int, *, texts: bool
) -> tuple[list[Markup | None], bool]:
    """(what each line unfolds to, None for what the page has no room for; whether with texts)."""
    view = _environment().get_template("article.html")
    for with_texts in (True, False) if texts else (False,):
        left, parts = room, list[Markup | None]()
        for each in lines:
            # What a template gives has everything escaped that is of the data.
            part = Markup(view.render(given, view=each, texts=with_texts))  # noqa: S704
            size = len(part.encode())
            parts.append(part if size <= left else None)
            left -= size if size <= left else 0
        if None not in parts:
            return parts, with_texts
    return parts, False


@functools.cache
def _environment() -> jinja2.Environment:
    """The templates beside this file, with everything escaped that is printed."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(LOOK),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_calm,
    )
    style, script = ((LOOK / name).read_text("utf-8") for name in ("style.css", "search.js"))
    environment.globals |= {
        "style": Markup(style),  # noqa: S704 - the package's own
        "script": Markup(script),  # noqa: S704
        "policy": (
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ),
        "bar": bar,
        "ranked": ranked,
    }
    environment.filters |= {
        "n": lambda count: f"{count:,}",
        "clip": _clipped,
        "day": _day,
        "counted": counted,
    }
    return environment


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _calm(value: Any) -> Any:
    """A value as the page prints it: no control characters, nothing that reorders what follows."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(OVERRIDES.sub("", value))
    return value


@jinja2.pass_context
def _clipped(context: jinja2.runtime.Context, value: str | None, most: int | None = None) -> str:
    """A value no longer than the page's lists allow."""
    most = most or context.get("clipped", CLIPPED)
    value = value or ""
    return value if len(value) <= most else f"{value[: most - 1]}…"


def _day(time: str | None) -> str:
    """The day of a time in UTC, with hour and minute."""
    return f"{time[:10]} {time[11:16]}" if time else "unknown"


# Coverage


def _coverage(found: Survey) -> Iterable[dict[str, Any]]:
    """Each outlet's months as a grid with its table, those with the most articles first."""
    cells = 0
    most = max((p.n_articles for each in found.periods.values() for p in each), default=0)
    totals = {
        outlet: sum(period.n_articles for period in periods)
        for outlet, periods in found.periods.items()
    }
    for outlet, _ in ranked(totals):
        periods = found.periods[outlet]
        cells += len(periods)
        empty = [period for period in periods if period.state != "captured"]
        drawn: dict[str, Any] = {"outlet": outlet, "periods": periods, "empty": empty}
        drawn |= {"grid": None, "rows": []}
        drawn["few"] = sorted(few_of(periods))[:FEW]
        if cells <= MOST_CELLS:
            drawn |= _drawn(outlet, periods, most)
        yield drawn


def _drawn(outlet: str, periods: Sequence[Period], most: int) -> dict[str, Any]:
    """The grid of an outlet: years by months, or decades by years."""
    monthly = len(periods[0].subject) == 7
    places: dict[tuple[int, int], Period] = {}
    for period in periods:
        year = int(period.subject[:4])
        place = (year, int(period.subject[5:]) - 1) if monthly else (year // 10, year % 10)
        places[place] = period
    first, last = min(row for row, _ in places), max(row for row, _ in places)
    columns = MONTHS if monthly else tuple("0123456789")
    rows = [f"{row:04}" if monthly else f"{row:03}0" for row in range(first, last + 1)]
    cells = {(row - first, column): _kind(each, most) for (row, column), each in places.items()}
    name = f"Articles of {outlet} by {'month' if monthly else 'year'}, in the table that follows"
    return {
        "grid": grid(name, columns, rows, cells),
        "columns": columns,
        "rows": [
            (label, [places.get((first + at, column)) for column in range(len(columns))])
            for at, label in enumerate(rows)
        ],
    }


def _kind(period: Period, most: int) -> str:
    if period.state != "captured":
        return period.state
    return f"level-{level(period.n_articles, most)}"


# Hosts


def _stated(outlets: Sequence[Row]) -> Iterable[tuple[str, str, str, str | None]]:
    """(outlet, when, what, source) of what outlet files say of hosts and events."""
    for outlet in outlets:
        for each in outlet["domains"]:
            what = f"{each['role']} host {each['host']}"
            yield outlet["name"], each["valid"] or "not stated", what, each["source"]
        for each in outlet["events"]:
            by = f" (stated by {each['stated_by']})" if each["stated_by"] else ""
            note = f": {each['note']}" if each["note"] else ""
            yield outlet["name"], each["date"], f"{each['type']}{note}{by}", each["source"]


def _lanes(hosts: Sequence[Host]) -> Iterable[tuple[Host, Markup]]:
    """The hosts with most captures, each with its months drawn on one scale."""
    hosts = hosts[:LISTED]
    months = [month for host in hosts for month in host.months]
    first, last = min(months, default=0), max(months, default=0)
    for host in hosts:
        upper = {at - first: "found" for at, found in host.months.items() if "article" in found}
        lower = {
            at - first: min((LOOKS[each] for each in found if each != "article"), key=WORST.index)
            for at, found in host.months.items()
            if set(found) != {"article"}
        }
        name = (
            f"Captures of {host.name or 'no host'} from {month_name(first)} to {month_name(last)}"
        )
        yield host, lane(name, last - first + 1, upper, lower)
