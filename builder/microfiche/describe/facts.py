"""Facts measured from the rows of a release: what its descriptions state as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import draft_reasons
from microfiche.errors import DataError
from microfiche.release import Release
from microfiche.release.withholding import ACCESS, access_of

FACT_COLUMNS = (
    "article_id", "outlet_id", "language", "published", "published_earliest", "published_latest",
    "title", "url", "byline", "section_path", "dateline", "n_words", "n_revisions", "text_access",
    "rights_basis",
)  # fmt: skip
MISSING_COLUMNS = ("title", "url", "published", "language", "byline", "section_path", "dateline")
LISTED_CHANGES = 200
LISTED_WRONG = 20


@dataclass
class Facts:
    """Counts over all rows, gathered batch by batch.

    earliest, latest     YYYY-MM-DD over `published_earliest` and `published_latest`
    open_start, open_end whether a stated date has no first, or no last day
    missing              null or empty values by column of articles
    text_access          articles by what is shown of the text
    beyond_rights        articles by outlet whose text is shown where a public release would not
    wrongly_shown        the first 20 articles of which more or less is shown than rights say
    outcomes             captures by what they found
    first_retrieved, last_retrieved    UTC, to the second, over captures with a time
    methods              methods of captures, each once, sorted
    changes              articles by (change, cause) since the release before
    corrected            values that somebody corrected, by field
    n_reread             revisions that are known by another id than in the release before
    listed               the first 200 changes: (change, cause, article id, title now or None,
                         id that stands for it now or None)
    periods              months or years by outlet: {state: [subjects]}
    addresses            expected or tried addresses by state and cause
    """

    n_articles: int = 0
    n_words: int = 0
    n_revised: int = 0
    earliest: str | None = None
    latest: str | None = None
    open_start: bool = False
    open_end: bool = False
    languages: Counter[str] = field(default_factory=Counter)
    outlets: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    text_access: Counter[str] = field(default_factory=Counter)
    beyond_rights: Counter[str] = field(default_factory=Counter)
    wrongly_shown: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    first_retrieved: str | None = None
    last_retrieved: str | None = None
    methods: list[str] = field(default_factory=list)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    corrected: Counter[str] = field(default_factory=Counter)
    n_reread: int = 0
    listed: list[tuple[str, str, str, str | None, str | None]] = field(default_factory=list)
    periods: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    addresses: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def add_articles(self, articles: pa.Table, policies: Mapping[str, str]) -> None:
        """Take articles into the counts. `policies` is the text policy by outlet."""
        self.n_articles += len(articles)
        self.n_words += pc.sum(articles["n_words"]).as_py() or 0
        self.n_revised += pc.sum(pc.greater(articles["n_revisions"], 1)).as_py() or 0
        first = pc.min(articles["published_earliest"]).as_py()
        last = pc.max(articles["published_latest"]).as_py()
        self.earliest = min(
            filter(None, (self.earliest, first and first.isoformat())), default=None
        )
        self.latest = max(filter(None, (self.latest, last and last.isoformat())), default=None)
        dated = articles.filter(pc.is_valid(articles["published"]))
        self.open_start |= dated["published_earliest"].null_count > 0
        self.open_end |= dated["published_latest"].null_count > 0
        _count(self.languages, articles["language"])
        _count(self.outlets, articles["outlet_id"])
        _count(self.text_access, articles["text_access"])
        self._add_access(articles, policies)
        for name in MISSING_COLUMNS:
            values = articles[name]
            lists = pa.types.is_list(values.type)
            empty = pc.equal(pc.list_value_length(values), 0) if lists else pc.is_null(values)
            self.missing[name] += pc.sum(empty).as_py() or 0

    def _add_access(self, articles: pa.Table, policies: Mapping[str, str]) -> None:
        rights = ["outlet_id", "rights_basis", "text_access"]
        groups = articles.group_by(rights, use_threads=False).aggregate([([], "count_all")])
        wrong = {}
        for row in groups.to_pylist():
            outlet_id, basis, shown = (row[name] for name in rights)
            may = access_of(policies.get(outlet_id), basis)
            if ACCESS.index(shown) > ACCESS.index(may):  # of copies of others less may be shown
                wrong[outlet_id, basis, shown] = may
            if shown == "full" != may:
                self.beyond_rights[outlet_id] += row["count_all"]
        for row in articles.select(["article_id", *rights]).to_pylist() if wrong else ():
            place = tuple(row[name] for name in rights)
            if place in wrong and len(self.wrongly_shown) < LISTED_WRONG:
                told = f"{row['article_id']}: {row['text_access']}, by its rights {wrong[place]}"
                self.wrongly_shown.append(told)

    def add_captures(self, captures: pa.Table) -> None:
        """Take captures into the counts."""
        _count(self.outcomes, captures["outcome"])
        times = pc.min_max(captures["retrieved_at"]).as_py()
        first, last = (time and time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in times.values())
        self.first_retrieved = min(filter(None, (self.first_retrieved, first)), default=None)
        self.last_retrieved = max(filter(None, (self.last_retrieved, last)), default=None)
        self.methods = sorted({*self.methods, *captures["method"].unique().drop_null().to_pylist()})

    def add_changes(self, rows: Sequence[Mapping[str, Any]], release: Release) -> None:
        """Take the changes since the release before into the counts, with titles of today."""
        self.n_reread += sum(row["change"] == "reread" for row in rows)
        rows = [row for row in rows if row["change"] != "reread"]
        self.changes.update((row["change"], row["cause"]) for row in rows)
        listed = rows[:LISTED_CHANGES]
        titles = dict.fromkeys(row["article_id"] for row in listed)
        for batch in release.batches("articles", ["article_id", "title"]) if titles else ():
            found = batch.filter(pc.is_in(batch["article_id"], pa.array(titles, pa.string())))
            titles |= {row["article_id"]: row["title"] for row in found.to_pylist()}
        for row in listed:
            told = (row["change"], row["cause"], row["article_id"])
            self.listed.append((*told, titles[row["article_id"]], row["new_id"]))

    def add_coverage(self, coverage: pa.Table) -> None:
        """Take what is there and what is not into the counts."""
        for row in coverage.to_pylist():
            if row["kind"] == "period":
                states = self.periods.setdefault(row["outlet_id"], {})
                states.setdefault(row["state"], []).append(row["subject"])
            else:
                self.addresses[row["state"], row["cause"]] += 1


def _count(counts: Counter[str], values: Any) -> None:
    for entry in pc.value_counts(values).to_pylist():
        counts[entry["values"] or "unknown"] += entry["counts"]


def measure(release: Release) -> Facts:
    """Facts of a release, or of one whose tables are written. Raises as `Release.table`."""
    facts = Facts()
    outlets = release.table("outlets", ["outlet_id", "text_policy"]).to_pylist()
    policies = {row["outlet_id"]: row["text_policy"] for row in outlets}
    for batch in release.batches("articles", FACT_COLUMNS):
        facts.add_articles(batch, policies)
    for batch in release.batches("captures", ["outcome", "retrieved_at", "method"]):
        facts.add_captures(batch)
    _count(facts.corrected, release.table("corrections", ["field"])["field"])
    changes = release.table("changes", ["article_id", "change", "cause", "new_id"])
    facts.add_changes(changes.to_pylist(), release)
    columns = ["outlet_id", "kind", "subject", "state", "cause"]
    facts.add_coverage(release.table("coverage", columns))
    return facts


def check_may_leave(release: Release, *, restricted: bool = False) -> None:
    """Refuse to hand on what nobody may: the one check of every way out of an archive.

    `restricted` says that the target is private or gated. Both marks are worked out from the rows
    and the dataset file, whatever release.json says. Raises DataError.
    """
    reasons, beyond = draft_reasons(release.dataset()), sorted(measure(release).beyond_rights)
    if reasons:
        raise DataError(
            f"{release.root} is a draft: {', '.join(reasons)}", "complete raw/dataset.toml"
        )
    if release.manifest["rehydrated"]:
        raise DataError(
            f"{release.root} was rehydrated: it is no part of a line of releases",
            "hand on the public release that it was made of, or the full one",
        )
    if beyond and not restricted:
        raise DataError(
            f"{release.root} is restricted: the text of {', '.join(beyond)} is not to be shown",
            "build with --access public, or record a basis and the text policy full in the "
            "outlet's file",
        )


def published_span(facts: Facts) -> tuple[str | None, str | None] | None:
    """First and last day of publication, None for an open end; None if nothing is dated."""
    first = None if facts.open_start else facts.earliest
    last = None if facts.open_end else facts.latest
    return (first, last) if first or last or facts.open_start or facts.open_end else None


def size_category(count: int) -> str:
    """The Hub's size category of a number of rows."""
    bounds = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
    names = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M")
    return next((n for limit, n in zip(bounds, names, strict=True) if count < limit), "n>100M")


def languages_of(dataset: Mapping[str, Any], facts: Facts) -> list[str]:
    """Languages as the dataset file states them, else those of the data, most frequent first."""
    found = [name for name, _ in ranked(facts.languages) if name != "unknown"]
    return list(dataset.get("languages") or found)


def ranked(counts: Mapping[str, int] | Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Counts, largest first, then by name."""
    return sorted(dict(counts).items(), key=lambda item: (-item[1], item[0]))
