"""Facts measured from the rows of a release: what the card and the datasheet state as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

FACT_COLUMNS = (
    "outlet_id", "language", "published", "published_earliest", "published_latest", "title",
    "url", "byline", "section_path", "dateline", "captions", "n_words", "n_revisions",
)  # fmt: skip
MISSING_COLUMNS = ("title", "url", "published", "language", "byline", "section_path", "dateline")


@dataclass
class Facts:
    """Counts over all articles, gathered batch by batch.

    `earliest` and `latest` are YYYY-MM-DD over `published_earliest` and `published_latest`;
    `missing` counts null or empty values by column.
    """

    n_articles: int = 0
    n_words: int = 0
    n_revised: int = 0
    earliest: str | None = None
    latest: str | None = None
    languages: dict[str, int] = field(default_factory=dict)
    outlets: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)

    def add(self, articles: pa.Table) -> None:
        """Take the articles of one sheet or shard into the counts."""
        self.n_articles += len(articles)
        self.n_words += pc.sum(articles["n_words"]).as_py() or 0
        self.n_revised += pc.sum(pc.greater(articles["n_revisions"], 1)).as_py() or 0
        first = pc.min(articles["published_earliest"]).as_py()
        last = pc.max(articles["published_latest"]).as_py()
        self.earliest = min(
            filter(None, (self.earliest, first and first.isoformat())), default=None
        )
        self.latest = max(filter(None, (self.latest, last and last.isoformat())), default=None)
        _count(self.languages, articles["language"])
        _count(self.outlets, articles["outlet_id"])
        for name in MISSING_COLUMNS:
            values = articles[name]
            lists = pa.types.is_list(values.type)
            empty = pc.equal(pc.list_value_length(values), 0) if lists else pc.is_null(values)
            self.missing[name] = self.missing.get(name, 0) + (pc.sum(empty).as_py() or 0)


def _count(counts: dict[str, int], values: Any) -> None:
    for entry in pc.value_counts(values).to_pylist():
        name = entry["values"] or "unknown"
        counts[name] = counts.get(name, 0) + entry["counts"]


def measure(tables: Iterable[pa.Table]) -> Facts:
    """Facts over all articles, given as tables with FACT_COLUMNS."""
    facts = Facts()
    for table in tables:
        facts.add(table)
    return facts


def size_category(count: int) -> str:
    """The Hub's size category of a number of rows."""
    bounds = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
    names = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M")
    return next((n for limit, n in zip(bounds, names, strict=True) if count < limit), "n>100M")


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Counts, largest first, then by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
