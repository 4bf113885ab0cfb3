"""Dates as pages print them, in many languages and scripts: with a label, a weekday, a time, a zone.

Names of months and weekdays are CLDR's (`names.json`); Persian and Hijri days are counted as their
calendars do, years of the Buddhist era are known by Thai months. A date that can be read two ways
(3/4/2014) gives only its year: nothing is guessed.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from microfiche.dates import Order, Stated, edtf_span, hour_of_day, is_one_time

_NAMES = orjson.loads((resources.files(__package__) / "names.json").read_bytes())
MONTHS: dict[str, int] = _NAMES["months"]
WEEKDAYS: list[str] = _NAMES["weekdays"]
PERSIAN = {
    name: number
    for number, names in enumerate(
        ("فروردین حمل", "اردیبهشت ثور", "خرداد جوزا", "تیر سرطان", "مرداد امرداد اسد", "شهریور سنبله",
         "مهر میزان", "آبان عقرب", "آذر قوس", "دی جدی", "بهمن دلو", "اسفند حوت"), start=1,
    ) for name in names.split()
}  # fmt: skip
HIJRI = {
    name: number
    for number, names in enumerate(
        ("محرم|المحرم", "صفر", "ربیع الاول|ربيع الأول|ربيع الاول", "ربیع الثانی|ربيع الآخر|ربيع الثاني",
         "جمادی الاول|جمادى الأولى|جمادى الاولى", "جمادی الثانی|جمادى الآخرة|جمادى الثانية", "رجب", "شعبان",
         "رمضان", "شوال", "ذی القعده|ذو القعدة", "ذی الحجه|ذو الحجة"), start=1,
    ) for name in names.split("|")
}  # fmt: skip
PUBLISHED = (
    "published on", "published at", "published", "publish date", "publication date", "date published",
    "posted on", "posted", "released", "created", "first published", "date", "news date", "publié le",
    "publié", "paru le", "veröffentlicht am", "veröffentlicht", "erschienen am", "stand", "publicado el",
    "publicado em", "publicado", "publicada", "fecha", "pubblicato il", "pubblicato", "gepubliceerd op",
    "gepubliceerd", "geplaatst op", "opublikowano", "data publikacji", "dodano", "yayınlanma tarihi",
    "yayınlanma", "yayın tarihi", "oluşturulma", "giriş", "опубликовано", "дата публикации", "опубліковано",
    "дата публікації", "تاريخ النشر", "نُشر في", "نُشر", "نشر في", "نشر", "تاریخ انتشار", "انتشار", "تاریخ",
    "פורסם", "प्रकाशित", "প্রকাশ", "প্রকাশিত", "شائع", "发布时间", "发表时间", "發布時間", "公開日", "配信", "掲載",
    "입력", "등록", "diterbitkan", "imechapishwa", "erstellt am", "erstellt", "publiziert", "publikacja",
    "publicerad", "publicerat", "offentliggjort", "publisert", "julkaistu", "objavljeno",
    "date de publication", "fecha de publicación", "data de publicação", "data di pubblicazione",
    "veröffentlichungsdatum", "publicatiedatum", "datum", "giriş tarihi", "haber giriş tarihi",
    "eklenme tarihi", "opublikowany", "дата", "размещено", "تاريخ", "نشر بتاريخ", "تاریخ خبر", "זמן פרסום",
    "תאריך פרסום", "发布于", "发布日期", "發佈", "기사입력", "tanggal", "terbit", "ilichapishwa",
)  # fmt: skip
MODIFIED = (
    "last updated on", "last updated", "updated on", "updated at", "updated", "last modified", "modified",
    "update", "mis à jour le", "mis à jour", "modifié le", "aktualisiert am", "aktualisiert",
    "zuletzt aktualisiert", "actualizado el", "actualizado", "atualizado em", "atualizado",
    "aggiornato il", "aggiornato", "bijgewerkt", "gewijzigd", "aktualizacja", "güncelleme", "son güncelleme",
    "güncellenme", "обновлено", "изменено", "оновлено", "آخر تحديث", "به روز رسانی", "עודכן", "अपडेट",
    "আপডেট", "更新时间", "更新", "수정", "diperbarui",
    "mise à jour", "dernière mise à jour", "última actualización", "última atualização",
    "ultimo aggiornamento", "letzte aktualisierung", "laatst bijgewerkt", "laatst gewijzigd",
    "ostatnia aktualizacja", "data aktualizacji", "zaktualizowano", "güncelleme tarihi",
    "son güncelleme tarihi", "güncellendi", "последнее обновление", "дата обновления", "останнє оновлення",
    "آخر تعديل", "تاريخ التحديث", "تم التحديث", "آخرین به‌روزرسانی", "به‌روزرسانی", "עודכן לאחרונה",
    "最后更新", "最終更新", "更新日", "최종수정", "기사수정", "imesasishwa",
)  # fmt: skip
# Zones by letters that mean one of them everywhere, in minutes.
ZONES = {
    "gmt": 0, "utc": 0, "z": 0, "cet": 60, "cest": 120, "mez": 60, "mesz": 120, "eet": 120, "eest": 180,
    "msk": 180, "мск": 180, "irst": 210, "irdt": 270, "trt": 180, "pkt": 300, "jst": 540, "kst": 540,
    "wib": 420, "edt": -240, "est": -300, "cdt": -300, "mdt": -360, "pdt": -420,
}  # fmt: skip


def _any(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


LABEL = rf"(?:(?P<modified>{_any(MODIFIED)})|(?P<published>{_any(PUBLISHED)}))\s*[:：\-–—]?\s*"
# A label whose date is lost, or that has but a time.
LABEL_ALONE = (
    rf"(?:{_any((*PUBLISHED, *MODIFIED))})\s*[:：](?:\s*[0-9]{{1,2}}[:.][0-9]{{2}}\b.{{0,30}})?"
)
MAX_LABEL = 60
NAMED = rf"\(?(?:{_any(WEEKDAYS)})\.?\)?(?![^\W\d_])"
WEEKDAY = rf"(?:{NAMED}[\s,،]*(?:(?:den|le|el|the|dnia)\s+)?)?"
MONTH = rf"(?P<month>{_any((*MONTHS, *PERSIAN, *HIJRI))})(?![^\W\d_])\.?"
TOO = rf"(?:\s?/\s?(?:{_any(MONTHS)})(?![^\W\d_]))?"  # an Arabic month by its other name
DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|ère|º|ª|-?е|-?го|\.)?"
YEAR = r"(?P<year>[12][0-9]{3})(?:(?![0-9])|(?=[0-9]{1,2}:[0-9]{2}))"
OF = r"(?:\s+(?:of|de|del|d'|ב|َ)(?=[\s\w]))?"
DAYS = (
    rf"{DAY}{OF}[\s.\-/,]*(?:ב)?{MONTH}{TOO}(?:\s+(?:de|del|mwaka))?[\s,،.\-/]*{YEAR}",
    rf"{MONTH}\s*{DAY}[\s,،]+{YEAR}",
    r"(?P<year>[12][0-9]{3})[\-/.](?P<month>[0-9]{1,2})[\-/.](?P<day>[0-9]{1,2})(?![0-9])",
    r"(?P<year>[12][0-9]{3})\s*[年년]\s*(?P<month>[0-9]{1,2})\s*[月월]\s*(?P<day>[0-9]{1,2})\s*[日일号]?",
    r"(?P<first>[0-9]{1,2})(?P<sign>[\-/.])(?P<second>[0-9]{1,2})[\-/.](?P<year>[12][0-9]{3})(?![0-9])",
    r"(?P<first>[0-9]{2})(?P<sign>[/.])(?P<second>[0-9]{2})(?P=sign)(?P<year>[0-9]{2})(?![0-9/:]|\.[0-9])",
    rf"(?P<year>[12][0-9]{{3}})[\s,.]+{MONTH}\s*(?P<day>[0-9]{{1,2}})(?![0-9])\.?",
    rf"{MONTH}[\s,]+(?:de\s+)?{YEAR}",
)
CLOCK = (
    r"(?P<hour>[0-9]{1,2})(?:[:：.]|\s?h\s?)(?P<minute>[0-9]{2})(?::(?P<second_>[0-9]{2}))?(?![0-9])"
    r"(?:\s*(?:uhr|hrs?|h|uur|น\.))?\s*(?P<half>[ap]\.?m\.?(?![a-z]))?"
)
ZONE = (
    r"(?:\s*\(?(?:(?P<zone>(?:GMT|UTC)?\s?[+\-−][0-9]{1,2}(?::?[0-9]{2})?(?![0-9])|"
    rf"(?:{_any(ZONES)})(?![^\W\d_]))|(?P<place>[A-Z][a-z]+/[A-Z][a-z]+(?:_[A-Z][a-z]+)?)|"
    r"(?P<named>(?-i:[A-Z]{2,5})(?![^\W\d_])|(?-i:[A-Z][a-z]+) time))\)?)?"
)
JOIN = r"(?:[\s,،|T@•·:\-–—(]|\b(?:at|à|um|às|as|a las|alle|ore|om|klo|kl|saat|в|о|ob)\b\.?|الساعة|ساعت|בשעה|पर){0,6}"
# A date is found by its year: from the words before it the day is tried, then what stands around.
# A year in two digits is one only behind a day and a month in two.
YEARS = re.compile(r"[12][0-9]{3}|(?<=[0-9][/.][0-9]{2}[/.])[0-9]{2}(?![0-9/:]|\.[0-9])")
# Labels of sections are glued to a day by some that save pages: `Society14 May 2025`.
WORDS = re.compile(r"(?<![\w.,/:\-])[^\W_]|(?<=[^\W\d_])[0-9](?=[0-9]?[\s.]+[^\W\d_])")
REACH = 40  # letters of a day before its year
AROUND = 80  # letters before a day that may be its label, weekday and time
AHEAD = (
    rf"(?:(?<![^\W\d_]){LABEL})?(?:(?<![\w.:]){CLOCK}{ZONE}{JOIN})?"
    rf"(?:(?:(?<![^\W\d_])|(?<=date)|(?<=on)){WEEKDAY})$"
)
YEAR_WORD = r"(?:\s*(?:г|р|года|году|року|mwaka)(?![^\W\d_])\.?)?"
BEHIND = rf"{YEAR_WORD}(?:[\s.,،]*{NAMED})?(?:{JOIN}{CLOCK}{ZONE})?[\s.|)\]]*"
# Only dates in words close a caption: what ends in numbers may be anything.
AT_END = tuple(rf".*[\s,(]{WEEKDAY}(?:{day})[.)\]]*" for day in DAYS[:2])
DIGITS = str.maketrans(
    "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯０１２３４５６７８９๐๑๒๓๔๕๖๗๘๙", "0123456789" * 6
)
DIGIT, PERSIAN_DIGITS = re.compile(r"\d"), frozenset("۰۱۲۳۴۵۶۷۸۹")
MAX_LENGTH, MAX_SEARCHED = 120, 300
THAI_ERA = 543
NAMED_DAYS, WORD = frozenset(WEEKDAYS), re.compile(r"\w+")
REST = re.compile(r"[\W_]*")


class DateLine(NamedTuple):
    """A line that states a date. `label` is published, modified or None; `timed` if it has a time."""

    stated: Stated
    label: str | None
    timed: bool


class Found(NamedTuple):
    """A date within a line: what it states, and the letters that it takes."""

    line: DateLine
    start: int
    end: int


@functools.cache
def _pattern(expression: str) -> re.Pattern[str]:
    """A compiled expression; made when a line first asks for it, for it takes a while."""
    return re.compile(expression, re.IGNORECASE)


def find_dates(
    line: str, zone: ZoneInfo | None = None, *, order: Order = None
) -> tuple[Found, ...]:
    """The dates in a line, in order. `zone` is the outlet's; `order` is known of it, or not."""
    return _find(line, zone, order) if len(line) <= MAX_SEARCHED else ()


@functools.lru_cache(maxsize=4096)
def _find(line: str, zone: ZoneInfo | None, order: Order) -> tuple[Found, ...]:
    if not DIGIT.search(line):
        return ()
    plain = line.translate(DIGITS)
    found: list[Found] = []
    end = 0
    for year in YEARS.finditer(plain):
        day = _day_of(plain, max(end, year.start() - REACH), year.start())
        if day is None or year.start() < end:
            continue
        least = max(end, day.start() - AROUND)
        ahead = _pattern(AHEAD).search(plain[least : day.start()])
        behind = _pattern(BEHIND).match(plain, day.end())
        start = day.start() if ahead is None else least + ahead.start()
        end = day.end() if behind is None else behind.end()
        told: dict[str, str] = {}
        for each in (behind, ahead, day):
            told |= {k: v for k, v in each.groupdict().items() if v is not None} if each else {}
        stated = _read(told, line[start:end].strip(), zone, order)
        if stated:
            found.append(Found(stated, start, end))
    return tuple(found)


def _day_of(plain: str, start: int, year: int) -> re.Match[str] | None:
    """The first, and there the longest, date that has the year at a place."""
    for word in WORDS.finditer(plain, start, year + 1):
        days = [day for each in DAYS if (day := _pattern(each).match(plain, word.start()))]
        days = [day for day in days if day.start("year") == year]
        if days:
            return max(days, key=re.Match.end)
    return None


def read_date_line(line: str, zone: ZoneInfo | None = None) -> DateLine | None:
    """What a line states if it is nothing but a date; None otherwise. `zone` is the outlet's."""
    found = read_date_lines(line, zone)
    return found[0] if len(found) == 1 else None


def read_date_lines(
    line: str, zone: ZoneInfo | None = None, *, order: Order = None
) -> list[DateLine]:
    """The dates of a line that is nothing but dates: usually one, or published and modified."""
    if len(line) > MAX_LENGTH:
        return []
    found = find_dates(line, zone, order=order)
    return [each.line for each in found] if found and REST.fullmatch(without(line, found)) else []


def without(line: str, found: Iterable[Found]) -> str:
    """A line without the dates found in it."""
    for each in sorted(found, reverse=True, key=lambda each: each.start):
        line = f"{line[: each.start]} {line[each.end :]}"
    return line


def has_weekday(line: str) -> bool:
    """Whether a line names a day of the week."""
    return not NAMED_DAYS.isdisjoint(WORD.findall(line.casefold()))


def is_label_alone(line: str) -> bool:
    """Whether a line is the label of a date, with a colon, and no date follows in it."""
    return len(line) <= MAX_LABEL and bool(_pattern(LABEL_ALONE).fullmatch(line))


def ends_with_date(line: str) -> bool:
    """Whether a line closes with a date in words, as captions do."""
    if not line.rstrip(".)]")[-1:].isdigit():
        return False
    plain = line[-200:].translate(DIGITS)
    return bool(YEARS.search(plain)) and any(_pattern(each).fullmatch(plain) for each in AT_END)


def _read(
    groups: Mapping[str, str], line: str, zone: ZoneInfo | None, order: Order
) -> DateLine | None:
    published = _day(groups, line, order)
    if published is None:
        return None
    label = next((each for each in ("modified", "published") if groups.get(each)), None)
    timed = groups.get("hour") is not None
    moment = _moment(published, groups, zone) if timed and len(published) == 10 else None
    known = groups.get("zone") or groups.get("place")
    source = None if moment is None else "stated" if known else "outlet"
    if groups.get("named"):
        source = "unknown"  # a zone is stated, in letters that several zones share
    clock = _clock(groups) if timed and len(published) == 10 else None
    return DateLine(Stated(published, moment, source, line, clock), label, timed)


def _day(groups: Mapping[str, str], line: str, order: Order) -> str | None:
    """EDTF date of a match; only the year where day and month can't be told apart."""
    year, name, day = _year(groups["year"]), groups.get("month", ""), groups.get("day")
    if groups.get("first"):
        first, second = int(groups["first"]), int(groups["second"])
        unclear = first <= 12 and second <= 12 and first != second
        if order is None and groups["sign"] == "." and second <= 12:
            order = "day"
        if second > 12 and groups["sign"] == "." and len(groups["year"]) == 2:
            return None  # a time, or a version
        if unclear and order is None:
            return f"{year}"
        number, day = (second, str(first)) if first > 12 or order == "day" else (first, str(second))
    elif name.isdigit():
        number = int(name)
    else:
        name = unicodedata.normalize("NFC", " ".join(name.casefold().strip(". ").split()))
        if 1300 <= year <= 1500 and (name in PERSIAN or name in HIJRI):
            return _counted(name in PERSIAN, year, PERSIAN.get(name) or HIJRI[name], day)
        number = MONTHS.get(name, 0)
        if "\u0e00" <= name[:1] <= "\u0e7f" and year > 2400:
            year -= THAI_ERA
    if 1300 <= year <= 1500 and name.isdigit() and not PERSIAN_DIGITS.isdisjoint(line):
        return _counted(True, year, number, day)
    value = f"{year:04}-{number:02}" + (f"-{int(day):02}" if day else "")
    return value if year >= 1600 and edtf_span(value) else None


def _year(digits: str) -> int:
    """A year; in two digits it is one of the hundred that end in 2039."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 40 else 1900)


@functools.lru_cache(maxsize=1024)
def _counted(persian: bool, year: int, month: int, day: str | None) -> str | None:
    """The Gregorian day of one of the Persian or the Hijri calendar; None if there is none."""
    from convertdate import islamic
    from convertdate import persian as jalali

    if day is None:
        return None
    calendar, told = (jalali if persian else islamic), (year, month, int(day))
    try:
        found = calendar.to_gregorian(*told)
        if calendar.from_gregorian(*found) != told:
            return None
    except ValueError:
        return None
    return "{:04}-{:02}-{:02}".format(*found)


def _clock(groups: Mapping[str, str]) -> str | None:
    """The time of day of a match, hh:mm:ss; None if there is no such time."""
    hour, minute, second = (int(groups.get(each) or 0) for each in ("hour", "minute", "second_"))
    if half := groups.get("half", "")[:1].lower():
        known = hour_of_day(hour, afternoon=half == "p")
        if known is None:
            return None
        hour = known
    in_day = hour < 24 and minute < 60 and second < 60
    return f"{hour:02}:{minute:02}:{second:02}" if in_day else None


def _moment(day: str, groups: Mapping[str, str], zone: ZoneInfo | None) -> str | None:
    """UTC time of a match; None unless its zone is stated, or the outlet's is known."""
    clock = _clock(groups)
    if clock is None:
        return None
    try:
        local = datetime.fromisoformat(f"{day}T{clock}")
        if groups.get("zone"):
            moment = local.replace(tzinfo=UTC) - _offset(groups["zone"])
        elif groups.get("place"):
            moment = _in_zone(local, ZoneInfo(groups["place"]))
        elif zone and not groups.get("named"):
            moment = _in_zone(local, zone)
        else:
            return None
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1000 else None


def _in_zone(local: datetime, zone: ZoneInfo) -> datetime:
    """A time of a zone in UTC. Raises ValueError for one that clocks skip, or show twice."""
    if not is_one_time(local, zone):
        raise ValueError(local)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _offset(zone: str) -> timedelta:
    digits = re.sub(r"[^0-9+\-−]", "", zone)
    if not digits:
        return timedelta(minutes=ZONES[zone.casefold()])
    sign = 1 if digits[0] == "+" else -1
    number = digits[1:]
    hours, minutes = (number, "0") if len(number) <= 2 else (number[:-2], number[-2:])
    return sign * timedelta(hours=int(hours), minutes=int(minutes))
