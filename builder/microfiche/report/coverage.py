"""What a release has and what it lacks: by outlet and month, by address, by refused capture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from microfiche.release import Release
from microfiche.report.survey import Period, periods_of

# A month has far fewer articles than its neighbours with a quarter or less of the middle one of
# the six months around it, if that is no handful.
NEIGHBOURS, SHARE, LEAST = 3, 4, 4
MONTHS = ("J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D")
LISTED = 20


@dataclass(frozen=True)
class Place:
    """A month (or year) of an outlet, an address, or a capture that was refused.

    kind     period, address, rejected
    state    captured, few (far fewer than the months around it), failed, missing, rejected
    cause    why: an outcome, no-capture, no-article, codes of findings; null if captured
    """

    outlet_id: str | None
    kind: str
    subject: str
    state: str
    cause: str | None
    n_articles: int
    n_missing: int
    n_failed: int

    def as_json(self) -> dict[str, Any]:
        """Its members by name."""
        return asdict(self)


def coverage_of(release: Release) -> list[Place]:
    """Every period of every outlet, every address, every refused capture. Raises as a table."""
    periods, _ = periods_of(release)
    return [
        *(place for outlet, held in sorted(periods.items()) for place in _periods(outlet, held)),
        *_addresses(release),
        *_rejected(release),
    ]


def few_of(periods: Sequence[Period]) -> set[str]:
    """Months that have far fewer articles than those around them."""
    found = set()
    for place, period in enumerate(periods):
        around = [*periods[max(0, place - NEIGHBOURS) : place], *periods[place + 1 :][:NEIGHBOURS]]
        counts = sorted(each.n_articles for each in around)
        middle = counts[len(counts) // 2] if counts else 0
        if middle >= LEAST and 0 < period.n_articles * SHARE <= middle:
            found.add(period.subject)
    return found


def _periods(outlet: str, periods: Sequence[Period]) -> Iterator[Place]:
    few = few_of(periods)
    for each in periods:
        state = "few" if each.subject in few else each.state
        cause = None if each.state == "captured" else "no-article"
        yield Place(outlet, "period", each.subject, state, cause, *each[2:])


def _addresses(release: Release) -> Iterator[Place]:
    columns = ("outlet_id", "kind", "subject", "state", "cause")
    counts = ("n_articles", "n_missing", "n_failed")
    for batch in release.batches("coverage", (*columns, *counts)):
        for row in batch.to_pylist():
            if row["kind"] == "address":
                yield Place(**row)


def _rejected(release: Release) -> Iterator[Place]:
    for batch in release.batches("rejected", ("source_file", "line", "sha256", "codes")):
        for row in batch.to_pylist():
            at = f", line {row['line']}" if row["line"] else ""
            subject = f"{row['source_file'] or row['sha256']}{at}"
            yield Place(None, "rejected", subject, "rejected", " ".join(row["codes"]), 0, 0, 0)


def as_text(places: Sequence[Place]) -> Iterator[str]:
    """Lines for a person: a row of months a year, then what is missing, address by address."""
    periods: dict[str, list[Place]] = {}
    for each in places:
        if each.kind == "period":
            periods.setdefault(str(each.outlet_id), []).append(each)
    for outlet, held in periods.items():
        yield from _table(outlet, held)
    if not periods:
        yield "no article and no expected address is dated: nothing is said of months"
    few = [
        f"{each.outlet_id} {each.subject} ({each.n_articles})"
        for each in places
        if each.state == "few"
    ]
    yield from _listed("months with far fewer articles than those around them", few)
    for told, kind, state in (
        ("expected, and never captured", "address", "missing"),
        ("captured, and no article was found", "address", "failed"),
        ("captured, and refused", "rejected", "rejected"),
    ):
        found = [each for each in places if (each.kind, each.state) == (kind, state)]
        why = (f" ({each.cause})" if each.cause and state != "missing" else "" for each in found)
        yield from _listed(told, [f"{e.subject}{w}" for e, w in zip(found, why, strict=True)])


def _table(outlet: str, periods: Sequence[Place]) -> Iterator[str]:
    """An outlet's years, each with its months; or its decades, each with its years."""
    empty = sum(each.state not in ("captured", "few") for each in periods)
    first, last = periods[0].subject, periods[-1].subject
    yield f"{outlet}: {first} to {last}, {len(periods) - empty:,} of {len(periods):,} with articles"
    monthly = len(first) == 7
    rows: dict[str, dict[int, str]] = {}
    for each in periods:
        row = each.subject[:4] if monthly else f"{each.subject[:3]}0"
        column = int(each.subject[5:]) - 1 if monthly else int(each.subject[3])
        sign = {"missing": "-", "failed": "x"}.get(each.state, str(each.n_articles))
        rows.setdefault(row, {})[column] = sign
    heads = MONTHS if monthly else tuple("0123456789")
    width = max(len(sign) for cells in rows.values() for sign in cells.values())
    yield f"        {' '.join(head.rjust(width) for head in heads)}"
    for name, cells in rows.items():
        line = " ".join(cells.get(column, "").rjust(width) for column in range(len(heads)))
        yield f"  {name}  {line}".rstrip()
    yield "  - nothing, x tried in vain"


def _listed(told: str, found: Sequence[str]) -> Iterator[str]:
    if found:
        yield f"{told}: {len(found):,}"
        yield from (f"  {each}" for each in found[:LISTED])
    if len(found) > LISTED:
        yield f"  and {len(found) - LISTED:,} more; --format csv lists all"
