"""Dates as pages print them: a line that is but a date, perhaps with a label, time and zone.

English, French, German, Spanish, Russian, Arabic and Persian names of Gregorian months. A date
that can be read two ways (3/4/2014) gives only its year: nothing is guessed.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from microfiche.dates import Stated, edtf_span

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier januar enero января يناير ژانویه كانون-الثاني",
            "february feb février fevrier februar febrero февраля فبراير فوریه شباط",
            "march mar mars märz marzo марта مارس آذار",
            "april apr avril abril апреля أبريل ابريل آوریل نيسان",
            "may mai mayo мая مايو مه أيار",
            "june jun juin juni junio июня يونيو ژوئن حزيران",
            "july jul juillet juli julio июля يوليو ژوئیه تموز",
            "august aug août aout agosto августа أغسطس اغسطس اوت آب",
            "september sept sep septembre septiembre сентября سبتمبر سپتامبر أيلول",
            "october oct octobre oktober octubre октября أكتوبر اكتوبر اکتبر",
            "november nov novembre noviembre ноября نوفمبر نوامبر",
            "december dec décembre decembre dezember diciembre декабря ديسمبر دسامبر",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri "
    "sat sun lundi mardi mercredi jeudi vendredi samedi dimanche montag dienstag mittwoch "
    "donnerstag freitag samstag sonntag lunes martes miércoles jueves viernes sábado domingo"
).split()
PUBLISHED = (
    "published on", "published at", "published", "publish date", "publication date", "date published",
    "posted on", "posted", "released", "created", "first published", "date", "publié le", "veröffentlicht",
    "publicado", "опубликовано", "تاريخ النشر", "نُشر", "نشر", "تاریخ انتشار", "انتشار",
)  # fmt: skip
MODIFIED = (
    "last updated on", "last updated", "updated on", "updated at", "updated", "last modified",
    "modified", "mis à jour le", "aktualisiert", "actualizado", "обновлено", "آخر تحديث",
)  # fmt: skip


def _any(names: object) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))  # type: ignore[call-overload]


LABEL = rf"(?:(?P<published>{_any(PUBLISHED)})|(?P<modified>{_any(MODIFIED)}))\s*[:\-–—]?\s*"
WEEKDAY = rf"(?:(?:{_any(WEEKDAYS)})\.?,?\s*)?"
MONTH = rf"(?P<month>{_any(MONTHS)})\.?"
DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|\.)?"
YEAR = r"(?P<year>[12][0-9]{3})"
DAY_FIRST = rf"{DAY}[\s.\-/]*(?:of\s+|de\s+)?{MONTH}[\s,.\-/]*(?:de\s+)?{YEAR}"
MONTH_FIRST = rf"{MONTH}\s*{DAY}[\s,]+{YEAR}"
DAYS = (
    DAY_FIRST,
    MONTH_FIRST,
    r"(?P<year>[12][0-9]{3})[\-/.](?P<month>[0-9]{1,2})[\-/.](?P<day>[0-9]{1,2})",
    r"(?P<first>[0-9]{1,2})[\-/.](?P<second>[0-9]{1,2})[\-/.](?P<year>[12][0-9]{3})",
    rf"{MONTH}[\s,]+{YEAR}",
)
ZONE = r"(?P<zone>GMT|UTC|Z|(?:GMT|UTC)?[+\-−][0-9]{1,2}:?[0-9]{2})"
CLOCK = (
    r"(?:[\s,|T@•·\-–—]|\bat\b|à|um)*(?P<hour>[0-9]{1,2})[:h.](?P<minute>[0-9]{2})(?::(?P<second_>[0-9]{2}))?"
    rf"\s*(?P<half>[ap]\.?m\.?)?\s*\(?(?:{ZONE}|(?P<named>[A-Z]{{2,5}}|[A-Z][a-z]+ time))?\)?"
)
LINES = tuple(
    re.compile(rf"(?:{LABEL})?{WEEKDAY}{day}(?:{CLOCK})?[\s.|]*", re.IGNORECASE) for day in DAYS
)
# Only dates in words close a caption: what ends in numbers may be anything.
DATE_AT_END = re.compile(
    rf".*[\s,(]{WEEKDAY}(?:{DAY_FIRST}|{MONTH_FIRST.replace('?P<', '?P<b_')})[.)\]]*", re.IGNORECASE
)
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
MAX_LENGTH = 120
BETWEEN_DATES = re.compile(r"\s+[-–—|•·/]\s+")


class DateLine(NamedTuple):
    """A line that states a date. `label` is published, modified or None; `timed` if it has a time."""

    stated: Stated
    label: str | None
    timed: bool


@functools.lru_cache(maxsize=4096)
def read_date_line(line: str, zone: ZoneInfo | None = None) -> DateLine | None:
    """What a line states if it is nothing but a date; None otherwise. `zone` is the outlet's."""
    if len(line) > MAX_LENGTH:
        return None
    plain = line.translate(DIGITS).strip(" |•·-–—")
    for pattern in LINES:
        match = pattern.fullmatch(plain)
        if match:
            return _read(match, line, zone)
    return None


def read_date_lines(line: str, zone: ZoneInfo | None = None) -> list[DateLine]:
    """The dates of a line that is nothing but dates: usually one, or published and modified."""
    whole = read_date_line(line, zone)
    if whole:
        return [whole]
    parts = BETWEEN_DATES.split(line) if len(line) <= MAX_LENGTH else [line]
    found = [read_date_line(part, zone) for part in parts]
    known = [each for each in found if each]
    return known if len(known) == len(parts) > 1 else []


def ends_with_date(line: str) -> bool:
    """Whether a line closes with a date, as captions do."""
    return bool(DATE_AT_END.fullmatch(line[-200:].translate(DIGITS)))


def _read(match: re.Match[str], line: str, zone: ZoneInfo | None) -> DateLine | None:
    groups = match.groupdict()
    published = _day(groups)
    if published is None:
        return None
    label = "published" if groups["published"] else "modified" if groups["modified"] else None
    timed = groups.get("hour") is not None
    moment = _moment(published, groups, zone) if timed and len(published) == 10 else None
    source = None if moment is None else "stated" if groups["zone"] else "outlet"
    if groups.get("named"):
        source = "unknown"  # a zone is stated, in letters that several zones share
    return DateLine(Stated(published, moment, source, line), label, timed)


def _day(groups: dict[str, str | None]) -> str | None:
    """EDTF date of a match; only the year where day and month can't be told apart."""
    year, month, day = groups.get("year"), groups.get("month"), groups.get("day")
    if groups.get("first"):
        first, second = int(groups["first"] or 0), int(groups["second"] or 0)
        if first <= 12 and second <= 12 and first != second:
            return year
        day, month = (str(first), str(second)) if first > 12 or first == second else (
            str(second), str(first),
        )  # fmt: skip
    month = month or ""
    number = int(month) if month.isdigit() else MONTHS.get(month.lower(), 0)
    value = f"{year}-{number:02}" + (f"-{int(day):02}" if day else "")
    return value if edtf_span(value) else None


def _moment(day: str, groups: dict[str, str | None], zone: ZoneInfo | None) -> str | None:
    """UTC time of a match; None unless its zone is stated, or the outlet's is known."""
    hour = int(groups["hour"] or 0)
    half = (groups["half"] or "")[:1].lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        local = datetime.fromisoformat(
            f"{day}T{hour:02}:{groups['minute']}:{groups['second_'] or '00'}"
        )
        if groups["zone"]:
            moment = local.replace(tzinfo=UTC) - _offset(groups["zone"])
        elif zone and not groups["named"]:
            moment = local.replace(tzinfo=zone).astimezone(UTC)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1000 else None


def _offset(zone: str) -> timedelta:
    digits = re.sub(r"[^0-9+\-−]", "", zone)
    if not digits:
        return timedelta()
    sign = 1 if digits[0] == "+" else -1
    number = digits[1:].zfill(4)
    return sign * timedelta(hours=int(number[:-2]), minutes=int(number[-2:]))
