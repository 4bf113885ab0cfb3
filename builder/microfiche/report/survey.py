"""What a page counts beyond the facts: hosts over time, coverage by month, sizes, likeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.release import Release, Row
from microfiche.tables.months import month_name, months_of, published_months

LISTED = 200  # rows that a table of the page has at most
MOST_PARTS = 64
WORDS = (100, 250, 500, 1_000, 2_000)
TIMES = ("first", "last")
Key = tuple[str | None, str | None, str | None]  # host, outlet, role


class Span(NamedTuple):
    """Captures of one host that found the same: how many, and the first and last day known."""

    n_captures: int
    first: str | None
    last: str | None


@dataclass(frozen=True)
class Host:
    """A host that was captured from; null if a capture has no address.

    spans    what its captures found, by outcome
    months   captures by month counted from the year 0, and outcome
    """

    name: str | None
    outlet_id: str | None
    role: str | None
    spans: Mapping[str, Span]
    months: Mapping[int, Mapping[str, int]]

    @property
    def n_captures(self) -> int:
        """How many captures are of it."""
        return sum(span.n_captures for span in self.spans.values())

    @property
    def latest(self) -> tuple[str, str] | None:
        """(day, outcome) of its latest capture with a time; of several of one day no article."""
        found = [(span.last, name != "article", name) for name, span in self.spans.items()]
        day, _, name = max((each for each in found if each[0]), default=(None, False, ""))
        return (day, name) if day else None


class Period(NamedTuple):
    """One outlet in one month or year, as the ledger has it."""

    subject: str
    state: str
    n_articles: int
    n_missing: int
    n_failed: int


@dataclass(frozen=True)
class Survey:
    """Counts over all rows of a release.

    hosts       by captures, most first
    periods     by outlet, in order
    undated     articles by outlet whose month is not known
    words       articles by length in words, as the classes of WORDS
    captures, revisions    articles by how many they have
    media_types captures that show an article, by type
    links       pairs by (relation, rule), and the most alike of them
    rejected    what was refused, by code, and the first of them
    """

    hosts: list[Host]
    periods: dict[str, list[Period]]
    undated: dict[str, int]
    words: list[tuple[str, int]]
    captures: Counter[int]
    revisions: Counter[int]
    media_types: Counter[str]
    links: Counter[tuple[str, str]]
    alike: list[Row]
    codes: Counter[str]
    rejected: list[Row]


def survey(release: Release) -> Survey:
    """Count a release's rows, a few thousand at a time. Raises as `Release.table`."""
    sizes = _grouped(release, "articles", ("n_words", "n_revisions", "provenance"), _sizes)
    words, captures, revisions = (Counter[int]() for _ in range(3))
    for row in sizes:
        words[_class_of(row["n_words"])] += row["count"]
        captures[row["n_captures"]] += row["count"]
        revisions[row["n_revisions"]] += row["count"]
    types = _grouped(release, "captures", ("media_type", "outcome"), lambda table: table)
    media_types = Counter[str]()
    for row in types:
        if row["outcome"] == "article":
            media_types[row["media_type"] or "unknown"] += row["count"]
    links, alike = _links(release)
    codes, rejected = _rejected(release)
    periods, undated = periods_of(release)
    return Survey(
        _hosts(release),
        periods,
        undated,
        [(_named(at), words[at]) for at in range(len(WORDS) + 1)],
        captures,
        revisions,
        media_types,
        links,
        alike,
        codes,
        rejected,
    )


def _class_of(words: int) -> int:
    return sum(words >= bound for bound in WORDS)


def _named(at: int) -> str:
    """A class of lengths in words."""
    if at == 0:
        return f"under {WORDS[0]}"
    if at == len(WORDS):
        return f"{WORDS[-1]:,} or more"
    return f"{WORDS[at - 1]:,} to {WORDS[at] - 1:,}"


def _sizes(table: pa.Table) -> pa.Table:
    count = pc.struct_field(table["provenance"], "n_captures")
    return table.select(["n_words", "n_revisions"]).append_column("n_captures", count)


def _grouped(
    release: Release,
    name: str,
    columns: Sequence[str],
    shape: Callable[[pa.Table], pa.Table],
    times: str | None = None,
) -> list[Row]:
    """Rows by equal values of what `shape` makes of a table, each with its `count`.

    With `times` that column is no value, but gives the `first` and `last`.
    """
    ends = [("first", "min"), ("last", "max")] if times else []
    parts: list[pa.Table] = []
    for batch in release.batches(name, columns):
        table = shape(batch).append_column("count", pa.repeat(1, len(batch)))
        if times:
            table = table.append_column("first", table[times]).rename_columns(
                ["last" if each == times else each for each in [*table.column_names, "first"]]
            )
        parts.append(table)
        if len(parts) == MOST_PARTS:
            parts = [_summed(parts, ends)]
    return sorted(_summed(parts, ends).to_pylist(), key=str) if parts else []


def _summed(parts: Sequence[pa.Table], ends: Sequence[tuple[str, str]]) -> pa.Table:
    table = pa.concat_tables(parts)
    keys = [name for name in table.column_names if name not in ("count", *TIMES)]
    grouped = table.group_by(keys, use_threads=False).aggregate([("count", "sum"), *ends])
    names = {"count_sum": "count", "first_min": "first", "last_max": "last"}
    found = grouped.rename_columns([names.get(each, each) for each in grouped.column_names])
    return found.select(table.column_names)  # as the parts that are to be added


def _hosts(release: Release) -> list[Host]:
    """Every host, most captures first."""
    columns = ("host", "outlet_id", "host_role", "outcome", "retrieved_at", "retrieved_on")

    def shape(table: pa.Table) -> pa.Table:
        days = table["retrieved_on"].cast(table["retrieved_at"].type)
        at = pc.coalesce(table["retrieved_at"], days)
        place = table.schema.get_field_index("retrieved_at")
        table = table.set_column(place, "retrieved_at", at).drop_columns("retrieved_on")
        return table.append_column("month", months_of(at))

    spans: dict[Key, dict[str, Span]] = {}
    months: dict[Key, dict[int, dict[str, int]]] = {}
    for row in _grouped(release, "captures", columns, shape, "retrieved_at"):
        key, outcome = (row["host"], row["outlet_id"], row["host_role"]), row["outcome"]
        first, last = (row[end] and row[end].date().isoformat() for end in TIMES)
        held = spans.setdefault(key, {})
        before = held.get(outcome, Span(0, None, None))
        held[outcome] = Span(
            before.n_captures + row["count"],
            min(filter(None, (before.first, first)), default=None),
            max(filter(None, (before.last, last)), default=None),
        )
        if row["month"] is not None:
            counts = months.setdefault(key, {}).setdefault(row["month"], {})
            counts[outcome] = counts.get(outcome, 0) + row["count"]
    hosts = [Host(*key, held, months.get(key, {})) for key, held in spans.items()]
    return sorted(hosts, key=lambda each: (-each.n_captures, str((each.name, each.outlet_id))))


def periods_of(release: Release) -> tuple[dict[str, list[Period]], dict[str, int]]:
    """(periods by outlet, articles by outlet whose month is not known)."""
    periods: dict[str, list[Period]] = {}
    columns = ("outlet_id", "kind", *Period._fields)
    for batch in release.batches("coverage", columns):
        for row in batch.filter(pc.equal(batch["kind"], "period")).to_pylist():
            period = Period(*(row[name] for name in Period._fields))
            periods.setdefault(row["outlet_id"], []).append(period)
    dated = {each: sum(one.n_articles for one in held) for each, held in periods.items()}
    totals = _grouped(release, "articles", ("outlet_id",), lambda table: table)
    left = {row["outlet_id"]: row["count"] - dated.get(row["outlet_id"], 0) for row in totals}
    return periods, {each: count for each, count in left.items() if count}


def _links(release: Release) -> tuple[Counter[tuple[str, str]], list[Row]]:
    """(pairs by relation and rule, those most alike)."""
    counts: Counter[tuple[str, str]] = Counter()
    alike: list[Row] = []
    for batch in release.batches("links", ("from_id", "to_id", "relation", "rule", "similarity")):
        rows = batch.to_pylist()
        counts.update((row["relation"], row["rule"]) for row in rows)
        alike = sorted([*alike, *rows], key=_alike)[:LISTED]
    return counts, alike


def _alike(row: Row) -> tuple[int, str, str]:
    return -row["similarity"], row["from_id"], row["to_id"]


def _rejected(release: Release) -> tuple[Counter[str], list[Row]]:
    """(rejected captures by code, the first of them)."""
    codes: Counter[str] = Counter()
    first: list[Row] = []
    columns = ("source_file", "source_offset", "line", "codes", "messages", "sha256")
    for batch in release.batches("rejected", columns):
        for row in batch.to_pylist():
            codes.update(row["codes"])
        first += batch.slice(0, LISTED - len(first)).to_pylist()
    return codes, first


def largest_months(release: Release, most: int) -> tuple[list[Row], list[str]]:
    """(articles of the months with most, in order, at most so many; names of those months).

    Those of no known month are a month by themselves, without a name.
    """
    dates = ("published_earliest", "published_latest")
    totals = _grouped(
        release, "articles", dates, lambda table: pa.table([published_months(table)], ["month"])
    )
    chosen: list[int | None] = []
    left = most
    for row in sorted(totals, key=lambda row: (-row["count"], row["month"] or 0)):
        if chosen and row["count"] > left:
            break
        chosen.append(row["month"])
        left -= row["count"]
    ids: list[str] = []
    for batch in release.batches("articles", ("article_id", *dates)):
        held = pc.is_in(published_months(batch), pa.array(chosen, pa.int64()))
        ids += batch["article_id"].filter(held).to_pylist()
    names = sorted("" if each is None else month_name(each) for each in chosen)
    return release.select("articles", "article_id", ids[:most]), names
