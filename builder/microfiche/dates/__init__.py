"""Dates as archives state them: a small subset of EDTF, and times with a zone.

The subset of EDTF (ISO 8601-2:2019): YYYY, YYYY-MM, YYYY-MM-DD, each with a final ? ~ or %, a
month or day of XX, a year ending in X or XX, and intervals of these whose ends may be `..`.
"""

from __future__ import annotations

import calendar
import email.utils
import functools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Literal, NamedTuple

POINT = re.compile(r"([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?:-([0-9]{2}|XX))?(?:-([0-9]{2}|XX))?([?~%]?)")
TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day a date can mean, as YYYY-MM-DD; null where it is open."""

    earliest: str | None
    latest: str | None

    def overlaps(self, other: Span) -> bool:
        """Whether the two have a day in common."""
        return (self.earliest or "") <= (other.latest or "9999-12-31") and (
            other.earliest or ""
        ) <= (self.latest or "9999-12-31")

    def holds(self, day: str) -> bool:
        """Whether `day` (YYYY-MM-DD) lies in the span."""
        return self.overlaps(Span(day, day))


ALWAYS = Span(None, None)
Order = Literal["day", "month"] | None  # which number is the day where both can be, as 3/4/2014
# What programs write into pages: ISO 8601 in its many spellings, and the date of Unix and Java.
MACHINE = re.compile(
    r"(?P<day>[12][0-9]{3}[-/.]?[01][0-9][-/.]?[0-3][0-9])"
    r"(?:[T ]+(?P<clock>[0-2][0-9]:?[0-5][0-9](?::?[0-5][0-9])?)(?:[.,][0-9]+|:[0-9]{3})?"
    r"\s*(?P<zone>Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?(?:\[[\w/]+\])?)?"
)
UNIX = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +([0-9]{1,2}) [0-9:]{8} (?:[A-Z]{2,5} )?([12][0-9]{3})"
)
NUMERIC_ZONE = re.compile(r"(?:[+-][0-9]{4}|GMT|UTC|Z)(?:\s*\([^()]{0,40}\))?$")
EPOCH = "1970-01-01T00:00:00"
MAX_MACHINE = 100
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def edtf_span(value: str) -> Span | None:
    """The days an EDTF date or interval can mean; None if it is none, or no such day exists."""
    return _span(value) if len(value) <= MAX_MACHINE else None


@functools.lru_cache(maxsize=65536)
def _span(value: str) -> Span | None:
    if "/" not in value:
        return _point_span(value)
    start, _, end = value.partition("/")
    first = ALWAYS if start == ".." else _point_span(start)
    last = ALWAYS if end == ".." else _point_span(end)
    if first is None or last is None or (start, end) == ("..", ".."):
        return None
    if first.earliest and last.latest and first.earliest > last.latest:
        return None
    return Span(first.earliest, last.latest)


def _point_span(value: str) -> Span | None:
    match = POINT.fullmatch(value)
    if not match:
        return None
    year, month, day, _ = match.groups()
    if "X" in year and month:
        return None  # a month of an unknown year is outside the subset
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if first_year == 0:
        return None  # no year 0000: Python, Arrow and JSON Schema validators disagree on it
    first_month, last_month = (1, 12) if month in (None, "XX") else (int(month), int(month))
    if not 1 <= first_month <= 12 or (month == "XX" and day not in (None, "XX")):
        return None
    last_day = calendar.monthrange(last_year, last_month)[1]
    if day not in (None, "XX"):
        if not 1 <= int(day) <= last_day:
            return None
        return Span(*(f"{year}-{month}-{day}",) * 2)
    return Span(
        f"{first_year:04}-{first_month:02}-01", f"{last_year:04}-{last_month:02}-{last_day:02}"
    )


def utc_time(value: str) -> str | None:
    """An RFC 3339 time with its zone as `YYYY-MM-DDThh:mm:ss.ffffffZ`; None if it is none."""
    return _utc_time(value) if len(value) <= MAX_MACHINE else None


@functools.lru_cache(maxsize=4096)
def _utc_time(value: str) -> str | None:
    if len(value) == 20 and value[-1] == "Z" and TIME.fullmatch(value):
        return f"{value[:10]}T{value[11:19]}.000000Z" if _is_moment(value) else None
    if not TIME.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1000 else None


def stamp_time(stamp: str) -> str:
    """The RFC 3339 time of fourteen digits, as web archives write times: YYYYMMDDhhmmss."""
    day, clock = stamp[:8], stamp[8:]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}Z"


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).year >= 1000
    except ValueError:
        return False


class Stated(NamedTuple):
    """A publication date as a capture states it.

    `published` is EDTF in the outlet's own zone; `at` is UTC and null unless time and zone are
    known; `zone` says how the zone is known: stated, outlet, None, or unknown for one stated in
    letters that mean several; `stated` is the string it was read from. `clock` is the time of day
    as it is stated, hh:mm:ss, None without one.
    """

    published: str
    at: str | None
    zone: str | None
    stated: str
    clock: str | None = None


def read_stated(value: str) -> Stated | None:
    """An EDTF date, or an RFC 3339 time (its own day is `published`); None if it is neither."""
    return _stated(value) if len(value) <= MAX_MACHINE else None


@functools.lru_cache(maxsize=65536)
def _stated(value: str) -> Stated | None:
    if edtf_span(value):
        return Stated(value, None, None, value)
    at = utc_time(value)
    return Stated(value[:10], at, "stated", value) if at else None


def read_machine_date(value: str) -> Stated | None:
    """A date as a program wrote it into a page; None if it is none. The day is as written.

    A time without a zone, or with one in letters other than UTC and GMT, gives the day alone. The
    first moment of 1970 is what programs write for none.
    """
    if len(value) > MAX_MACHINE or value.startswith(EPOCH):
        return None
    return _machine_date(value)


@functools.lru_cache(maxsize=4096)
def _machine_date(value: str) -> Stated | None:
    value = value.strip()
    match = MACHINE.fullmatch(value)
    if match:
        digits = re.sub(r"[^0-9]", "", match["day"])
        day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
        return Stated(day, *_machine_moment(day, match), value) if edtf_span(day) else None
    unix = UNIX.fullmatch(value)
    if unix and unix[1] in MONTHS:
        day = f"{unix[3]}-{MONTHS.index(unix[1]) + 1:02}-{int(unix[2]):02}"
        return Stated(day, None, None, value) if edtf_span(day) else None
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    day = f"{moment:%Y-%m-%d}"
    if moment.year < 1000 or not edtf_span(day):
        return None
    known = moment.tzinfo is not None and NUMERIC_ZONE.search(value) is not None
    at = utc_time(moment.isoformat()) if known else None
    return Stated(day, at, "stated" if at else None, value)


def _machine_moment(day: str, match: re.Match[str]) -> tuple[str | None, str | None]:
    """(UTC time, how the zone is known) of a date with time and zone; None and None without."""
    if not match["clock"] or not match["zone"]:
        return None, None
    clock = re.sub(r"[^0-9]", "", match["clock"]).ljust(6, "0")
    zone = match["zone"] if match["zone"][0] in "+-" else "+00:00"
    offset = f"{zone[:3]}:{zone[-2:] if len(zone) > 3 else '00'}"
    moment = utc_time(f"{day}T{clock[:2]}:{clock[2:4]}:{clock[4:]}{offset}")
    return moment, "stated" if moment else None


def is_one_time(local: datetime, zone: tzinfo) -> bool:
    """Whether clocks of a zone show a time once: neither skip it nor show it twice."""
    early, late = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return early.utcoffset() == late.utcoffset()


def hour_of_day(hour: int, *, afternoon: bool) -> int | None:
    """The hour of a clock of twelve; None if it has none such: 00:30 pm and 13:30 pm are none."""
    return hour % 12 + 12 * afternoon if 1 <= hour <= 12 else None


def is_day(value: str) -> bool:
    """Whether a string is one day, YYYY-MM-DD."""
    span = edtf_span(value)
    return span is not None and span.earliest == span.latest == value


@functools.lru_cache(maxsize=65536)
def day_number(day: str | None) -> int:
    """Days from 1970-01-01 to `day` (YYYY-MM-DD...); the largest 32-bit integer for null."""
    if day is None:
        return 2**31 - 1
    return date.fromisoformat(day[:10]).toordinal() - 719163
