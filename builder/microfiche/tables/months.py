"""Months of columns of days and times, counted from the year 0."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def months_of(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Month of each day or time; null of a null."""
    return pc.add(pc.multiply(pc.year(times), 12), pc.subtract(pc.month(times), 1))


def published_months(articles: pa.Table) -> pa.ChunkedArray:
    """Month in which each article was published; null where it is not known to the month."""
    first, last = (months_of(articles[f"published_{end}"]) for end in ("earliest", "latest"))
    return pc.if_else(pc.equal(first, last), first, pa.scalar(None, first.type))


def month_name(number: int) -> str:
    """A month as YYYY-MM."""
    return f"{number // 12:04}-{number % 12 + 1:02}"
