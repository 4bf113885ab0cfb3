"""What is there and what is not: which periods and expected addresses have no article, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.captures.expected import Expected, read_expected
from microfiche.collation.identity import article_id
from microfiche.collation.revisions import retrieved
from microfiche.fixity import short_id
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.origin import address_origin
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.months import month_name, published_months
from microfiche.tables.sheets import Sheet, read_sheet

Row = dict[str, Any]
Sheets = Mapping[str, list[Sheet]]
MONTHS_PER_CENTURY = 1200
TRIED = (
    "capture_id", "outlet_id", "url", "outcome", "retrieved_at", "retrieved_on", "http_status",
)  # fmt: skip


@dataclass
class _Target:
    """One address that was expected or tried, on whichever host of its site."""

    outlet_id: str | None
    subject: str
    own_id: str | None
    day: str | None = None
    files: set[str] = field(default_factory=set)
    tries: list[Row] = field(default_factory=list)


def coverage_rows(
    archive: Archive,
    sheets: Sheets,
    withdrawn: frozenset[str],
    rejected: Iterable[tuple[str, str]],
) -> list[Row]:
    """Rows of `coverage`: addresses that were expected or gave no article, and periods by outlet.

    Addresses of `withdrawn` ids are left out: a tombstone tells what may be told. `rejected` are
    ids of refused captures, each with that of the article at its address.
    """
    outlets = archive.outlet_book()
    targets = _targets(archive, outlets, sheets["captures"])
    ids = _published_ids(sheets["articles"]) if targets else {}
    refused = _refused(sheets["rejected"], rejected) if targets else set()
    addresses = [
        (row, target.day)
        for target in targets
        if target.own_id not in withdrawn
        if (row := _address_row(target, ids, refused))
    ]
    return [*(row for row, _ in addresses), *_period_rows(sheets["articles"], addresses)]


def _row(outlet_id: str | None, kind: str, subject: str, **values: Any) -> Row:
    empty: Row = {"cause": None, "n_missing": 0, "n_failed": 0, "article_id": None}
    unknown: Row = {
        "day": None,
        "http_status": None,
        "last_tried_at": None,
        "expected_by": [],
        "record_sha256": "",
    }
    key = {"outlet_id": outlet_id, "kind": kind, "subject": subject}
    return {"coverage_id": short_id(list(key.values())), **key, **empty, **unknown, **values}


# Addresses


def _targets(archive: Archive, outlets: Outlets, captures: list[Sheet]) -> list[_Target]:
    """Every address that was expected, or was tried without finding an article."""
    found: dict[tuple[str | None, str], _Target] = {}

    def target(url: str, outlet_id: str | None = None) -> _Target | None:
        origin = address_origin(outlets, url, outlet_id)
        if origin is None:
            return None
        own = article_id(origin, None) if origin.outlet else None
        subject = origin.url or str(origin.address)
        key = (origin.outlet.id if origin.outlet else None, subject)
        if key not in found:
            found[key] = _Target(*key, own)
        if found[key].day is None and origin.outlet and origin.address:
            found[key].day = origin.outlet.date_in(origin.address, origin.site)
        return found[key]

    for each in _expected(archive):
        place = target(each.url)
        if place:
            place.files.add(each.file)
            place.day = place.day or each.day
    for row in _observations(captures):
        place = target(row["url"], row["outlet_id"])
        if place:
            place.tries.append(row)
    return list(found.values())


def _expected(archive: Archive) -> Iterable[Expected]:
    """What the lists expect, or what a release that is rebuilt says that they did."""
    if archive.expected is None:
        return read_expected(archive.raw, [])
    return [
        Expected(row["subject"], row["day"], file)
        for row in archive.expected
        for file in row["expected_by"]
    ]


def _observations(captures: list[Sheet]) -> Iterator[Row]:
    """Captures of an address that found something other than an article."""
    kind = table_types()["captures"]
    for sheet in captures:
        table = read_sheet(sheet, ["outcome", "url"])
        no_article = pc.and_(pc.not_equal(table["outcome"], "article"), pc.is_valid(table["url"]))
        places = np.flatnonzero(no_article.to_numpy())
        if len(places):
            kept = places if sheet.kept is None else np.asarray(sheet.kept)[places]
            for row in to_rows(kind, read_sheet(sheet._replace(kept=kept))):
                yield {name: row[name] for name in TRIED}


def _published_ids(articles: list[Sheet]) -> dict[str, str]:
    """Article id by each id that resolves to it."""
    ids: dict[str, str] = {}
    for sheet in articles:
        for row in read_sheet(sheet, ["article_id", "aliases"]).to_pylist():
            ids |= dict.fromkeys((row["article_id"], *row["aliases"]), row["article_id"])
    return ids


def _refused(held: list[Sheet], rejected: Iterable[tuple[str, str]]) -> set[str]:
    """Ids of articles of whose address a capture was refused."""
    told = {
        each
        for sheet in held
        for each in read_sheet(sheet, ["rejected_id"])["rejected_id"].to_pylist()
    }
    return {article for first, article in rejected if first in told}


def _address_row(target: _Target, ids: Mapping[str, str], refused: set[str]) -> Row | None:
    """The row of an address; None for one that was not expected and was captured after all."""
    article = ids.get(target.own_id or "")
    if article and not target.files:
        return None
    values: Row = {"state": "captured", "n_addresses": 1, "n_articles": 1, "article_id": article}
    if not article:
        values = {"state": "missing", "n_addresses": 1, "n_articles": 0, "cause": "no-capture"}
        values["n_missing"] = 1
    if not article and target.own_id in refused and not target.tries:
        values |= {"state": "failed", "cause": "rejected", "n_missing": 0, "n_failed": 1}
    if not article and target.tries:
        last = max(target.tries, key=lambda row: (retrieved(row), row["capture_id"]))
        values |= {"state": "failed", "cause": last["outcome"], "n_missing": 0, "n_failed": 1}
        values |= {"http_status": last["http_status"], "last_tried_at": last["retrieved_at"]}
    files = sorted(target.files)
    values |= {"expected_by": files, "day": target.day}
    return _row(target.outlet_id, "address", target.subject, **values)


# Periods


def _period_rows(
    articles: list[Sheet], addresses: Iterable[tuple[Row, str | None]]
) -> Iterator[Row]:
    """A row a month from the first to the last that articles or addresses are dated in."""
    counts: dict[str, Counter[tuple[str, int]]] = {}
    for outlet_id, month, count in _dated_articles(articles):
        counts.setdefault(outlet_id, Counter())["n_articles", month] += count
    for row, day in addresses:
        if row["outlet_id"] and day and len(day) >= 7:
            month = int(day[:4]) * 12 + int(day[5:7]) - 1
            counter = counts.setdefault(row["outlet_id"], Counter())
            for name in ("n_addresses", "n_missing", "n_failed"):
                counter[name, month] += row[name]
    for outlet_id, counter in sorted(counts.items()):
        yield from _outlet_periods(outlet_id, counter)


def _dated_articles(articles: list[Sheet]) -> Iterator[tuple[str, int, int]]:
    """(outlet, month counted from year 0, articles) of articles whose month is known."""
    for sheet in articles:
        table = read_sheet(sheet, ["outlet_id", "published_earliest", "published_latest"])
        months = published_months(table)
        known = pa.table({"outlet": table["outlet_id"], "month": months}).drop_null()
        for row in known.group_by(["outlet", "month"]).aggregate([([], "count_all")]).to_pylist():
            yield row["outlet"], row["month"], row["count_all"]


def _outlet_periods(outlet_id: str, counter: Counter[tuple[str, int]]) -> Iterator[Row]:
    months = [month for (_, month), count in counter.items() if count]
    if not months:
        return
    step = 1 if max(months) - min(months) <= MONTHS_PER_CENTURY else 12
    places = range(min(months) // step, max(months) // step + 1)
    totals: Counter[tuple[str, int]] = Counter()
    for (name, month), count in counter.items():
        totals[name, month // step] += count
    names = ("n_articles", "n_addresses", "n_missing", "n_failed")
    for place in places:
        values = {name: totals[name, place] for name in names}
        state, cause = "captured", None
        if not values["n_articles"]:
            state = "failed" if values["n_failed"] else "missing"
            cause = "no-article"
        subject = month_name(place) if step == 1 else f"{place:04}"
        yield _row(outlet_id, "period", subject, state=state, cause=cause, **values)
