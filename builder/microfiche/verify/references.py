"""What one table of a release says of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive.corrections import SOURCE
from microfiche.release import Release
from microfiche.verify.rules import (
    CORRECTED,
    COUNTS,
    COVERAGE,
    EARLIER_TEXTS,
    LINKS,
    NAMED,
    WITHDRAWN,
)

SAME = 1000  # the similarity of equal texts


def check_references(release: Release) -> tuple[str, list[str]]:
    """Every id in one table that names a row of another."""

    def values(name: str, column: str) -> pa.ChunkedArray:
        return release.table(name, [column]).column(column)

    articles, outlets = values("articles", "article_id"), values("outlets", "outlet_id")
    checks = (
        ("captures", "article_id", articles),
        ("revisions", "article_id", articles),
        ("articles", "outlet_id", outlets),
        ("captures", "outlet_id", outlets),
        ("annotations", "article_id", articles),
        ("links", "from_id", articles),
        ("links", "to_id", articles),
        ("coverage", "article_id", articles),
        ("coverage", "outlet_id", outlets),
        ("corrections", "article_id", articles),
        ("corrections", "capture_id", values("captures", "capture_id")),
        ("articles", "revision_id", values("revisions", "revision_id")),
    )
    faults = [
        NAMED(f"{table}.{column}: {value!r} is in no row it could name")
        for table, column, known in checks
        for value in _unknown(values(table, column), known)
    ]
    faults += _link_faults(release)
    faults += _revision_faults(release)
    faults += _count_faults(release)
    faults += _coverage_faults(release)
    faults += _correction_faults(release)
    aliases = pc.list_flatten(values("articles", "aliases"))
    withdrawn = values("withdrawn", "article_id")
    shown = {*_known(articles, withdrawn), *_known(aliases, withdrawn)}
    faults += [WITHDRAWN(f"articles: {each!r} is withdrawn") for each in sorted(shown)]
    return "ids between the tables", faults


def _unknown(values: pa.ChunkedArray, known: pa.ChunkedArray) -> list[str]:
    """Values, but for nulls, that are not among some others; each once, sorted."""
    strange = values.filter(pc.invert(pc.is_in(values, known))).drop_null()
    return sorted(set(strange.to_pylist()))


def _known(values: pa.ChunkedArray, known: pa.ChunkedArray) -> list[str]:
    """Values that are among some others."""
    return list(values.filter(pc.is_in(values, known)).to_pylist())


def _link_faults(release: Release) -> Iterator[str]:
    """What links say against what the articles say."""
    links = release.table("links").to_pylist()
    if not links:
        return
    columns = ["article_id", "outlet_id", "text_sha256"]
    rows = {row["article_id"]: row for row in release.table("articles", columns).to_pylist()}
    for link in links:
        one, other = rows.get(link["from_id"]), rows.get(link["to_id"])
        if one is None or other is None:
            continue
        equal = one["text_sha256"] == other["text_sha256"]
        relation = "near" if one["outlet_id"] == other["outlet_id"] else "reprint"
        wrong = link["relation"] != relation or (link["rule"] == "equal-text") != equal
        if one is other or wrong or (equal and link["similarity"] != SAME):
            yield LINKS(f"links: {link['from_id']} to {link['to_id']} is not what the articles say")


def _count_faults(release: Release) -> Iterator[str]:
    """Counts of captures and revisions in articles against the tables."""
    states = Counter(release.table("revisions", ["article_id"])["article_id"].to_pylist())
    seen: Counter[str] = Counter()
    for batch in release.batches("captures", ["article_id", "outcome"]):
        of_articles = batch.filter(pc.equal(batch["outcome"], "article"))
        seen.update(of_articles["article_id"].to_pylist())
    for batch in release.batches("articles", ["article_id", "n_revisions", "provenance"]):
        counts = (batch["n_revisions"], pc.struct_field(batch["provenance"], "n_captures"))
        columns = (each.to_pylist() for each in (batch["article_id"], *counts))
        for article_id, n_revisions, n_captures in zip(*columns, strict=True):
            if n_revisions != states[article_id]:
                yield COUNTS(
                    f"articles {article_id}: n_revisions is not the number of its revisions"
                )
            if n_captures != seen[article_id]:
                yield COUNTS(f"articles {article_id}: n_captures is not the number of its captures")


def _revision_faults(release: Release) -> Iterator[str]:
    """A public release shows an earlier text only where outlet and article allow it."""
    if release.access != "public":
        return
    columns = ["outlet_id", "text_policy", "rights_basis"]
    outlets = release.table("outlets", columns).to_pylist()
    open_ = {r["outlet_id"] for r in outlets if r["text_policy"] == "full" and r["rights_basis"]}
    rows = release.table("articles", ["article_id", "outlet_id", "text_access"]).to_pylist()
    whole = {
        row["article_id"]
        for row in rows
        if row["text_access"] == "full" and row["outlet_id"] in open_
    }
    for batch in release.batches("revisions", ["article_id", "text"]):
        for row in batch.filter(pc.is_valid(batch["text"])).to_pylist():
            if row["article_id"] not in whole:
                yield EARLIER_TEXTS(
                    f"revisions {row['article_id']}: text is shown, which its rights withhold"
                )


def _coverage_faults(release: Release) -> Iterator[str]:
    """The counts of months against the articles."""
    counts, name = _articles_by_period(release), release.called("coverage")
    columns = ["outlet_id", "kind", "subject", "state", "n_articles"]
    rows = [
        row for row in release.table("coverage", columns).to_pylist() if row["kind"] == "period"
    ]
    told = {(row["outlet_id"], row["subject"][:4]) for row in rows}
    for outlet_id, subject in sorted(counts):
        if (outlet_id, subject[:4]) not in told:
            yield COVERAGE(f"{name}: {outlet_id} {subject}: there are articles, and no row")
    for row in rows:
        found = counts.get((row["outlet_id"], row["subject"]), 0)
        if found != row["n_articles"] or (found > 0) != (row["state"] == "captured"):
            yield COVERAGE(
                f"{name}: {row['outlet_id']} {row['subject']}: {row['n_articles']} articles, "
                f"{row['state']}; the articles give {found}"
            )


def _correction_faults(release: Release) -> Iterator[str]:
    """Corrections of articles against where these say that their fields come from."""
    rows = release.table("corrections", ["article_id", "field", "capture_id"]).to_pylist()
    stated = {(row["article_id"], row["field"]) for row in rows if row["capture_id"] is None}
    named = {(row["article_id"], row["field"]) for row in rows}
    found = set()
    for batch in release.batches("articles", ["article_id", "provenance"]):
        for row in batch.to_pylist():
            sources = row["provenance"]["field_sources"]
            found |= {(row["article_id"], s["field"]) for s in sources if s["source"] == SOURCE}
    for article_id, name in sorted(stated - found):
        yield CORRECTED(f"corrections: {article_id}: {name} is not said to be a correction there")
    for article_id, name in sorted(found - named):
        yield CORRECTED(f"articles: {article_id}: {name} is a correction that corrections has not")


def _articles_by_period(release: Release) -> dict[tuple[str, str], int]:
    """Articles of an outlet whose month is known, by month (YYYY-MM) and by year (YYYY)."""
    articles = release.table("articles", ["outlet_id", "published_earliest", "published_latest"])
    first, last = (pc.strftime(articles[name], "%Y-%m") for name in articles.column_names[1:])
    months = pa.table({"outlet_id": articles["outlet_id"], "month": first})
    grouped = months.filter(pc.equal(first, last)).group_by(["outlet_id", "month"])
    counts: Counter[tuple[str, str]] = Counter()
    for row in grouped.aggregate([([], "count_all")]).to_pylist():
        for subject in (row["month"], row["month"][:4]):
            counts[row["outlet_id"], subject] += row["count_all"]
    return dict(counts)
