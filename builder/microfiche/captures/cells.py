"""What a cell of somebody's table says: a time in any usual form, a list, a line, a flag."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from microfiche.dates import Order, edtf_span, hour_of_day, is_one_time, read_stated, utc_time
from microfiche.dates.printed import read_date_line
from microfiche.text import normal_line

ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
WRITTEN = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]\s*(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
    r"\s*(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?)?"
)
COMPACT = re.compile(
    r"(?P<day>[12][0-9]{3}[01][0-9][0-3][0-9])(?:T?(?P<clock>[0-2][0-9][0-5][0-9][0-5][0-9])Z?)?"
)
SLASHED = re.compile(
    r"(?P<first>[0-9]{1,2})(?P<sign>[/.\-])(?P<second>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4}|[0-9]{2})"
    r"(?:[T ,]+(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"
    r"(?P<half>\s*[AaPp][Mm])?)?"
)
LANGUAGES = {
    "arabic": "ar", "bengali": "bn", "bulgarian": "bg", "catalan": "ca", "chinese": "zh",
    "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en",
    "estonian": "et", "finnish": "fi", "french": "fr", "german": "de", "greek": "el",
    "hebrew": "he", "hindi": "hi", "hungarian": "hu", "indonesian": "id", "italian": "it",
    "japanese": "ja", "korean": "ko", "latvian": "lv", "lithuanian": "lt", "malay": "ms",
    "norwegian": "no", "persian": "fa", "farsi": "fa", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl",
    "spanish": "es", "swahili": "sw", "swedish": "sv", "thai": "th", "turkish": "tr",
    "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi",
    "deutsch": "de", "français": "fr", "anglais": "en", "englisch": "en", "allemand": "de",
    "französisch": "fr", "español": "es", "русский": "ru", "italiano": "it",
}  # fmt: skip
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
ARTICLE = re.compile(r"^(?:le|am|den|el|il|on)\s+", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{5,16}(?:\.[0-9]{1,12})?")
SECTION = frozenset(("headline", "paragraphs"))
NO_DAY = frozenset(("0", "0.0", "0000-00-00", "unknown", "undated", "n.d.", "unbekannt", "inconnu"))
NOTHING = frozenset(("", "nan", "none", "null", "n/a", "na", "nat", "-", "[]", "{}"))
BETWEEN = re.compile(r"\s*[;|]\s*")
COMMA = re.compile(r"\s*[,،、]\s*")
MAX_LIST = 100_000  # letters of a list that is written out
EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
EXCEL_DAYS = (20_000, 73_050)  # 1954 to 2100
SECONDS, MILLISECONDS = (10**8, 10**10), (10**11, 10**13)  # since 1970
MICROSECONDS = (10**14, 10**16)


# Why the time of a day is not known.
UNZONED, NO_TIME, NO_CLOCK = (
    "zone not stated", "a time that clocks there skip or show twice", "no time of twelve hours",
)  # fmt: skip


class When(NamedTuple):
    """A day or a moment as a cell states it.

    day     EDTF, as stated
    at      RFC 3339 with its zone; None for a day alone, and for a time whose zone nobody states
    zoned   whether the zone is known; True for a day alone
    why     why no time is known, where `zoned` is false
    """

    day: str
    at: str | None
    zoned: bool = True
    why: str = UNZONED


def is_nothing(cell: Any) -> bool:
    """Whether a cell says nothing: empty, or what programs write for that."""
    if cell is None or cell == [] or cell == {}:
        return True
    if isinstance(cell, float):
        return cell != cell
    return isinstance(cell, str) and cell.strip().casefold() in NOTHING


def is_no_day(cell: Any) -> bool:
    """Whether a cell says that no day is known."""
    return str(cell).strip().casefold() in NO_DAY


def as_text(cell: Any) -> str:
    """A cell as text, its entities undone; paragraphs of a list apart."""
    if isinstance(cell, list):
        return "\n\n".join(as_text(each) for each in cell if not is_nothing(each))
    return unescaped(_string(cell))


def is_sectioned(cell: Any) -> bool:
    """Whether a cell holds sections of a text, each an object of headlines and paragraphs."""
    return (
        isinstance(cell, list)
        and bool(cell)
        and all(
            isinstance(part, dict)
            and part.keys() <= SECTION
            and all(
                isinstance(each, str)
                or (isinstance(each, list) and all(isinstance(line, str) for line in each))
                for each in part.values()
            )
            for part in cell
        )
    )


def in_paragraphs(sections: list[dict[str, Any]]) -> list[str]:
    """The headlines and paragraphs of sections, in their order."""
    held = (part.get(name) for part in sections for name in ("headline", "paragraphs"))
    listed = (each if isinstance(each, list) else [each] for each in held)
    return [str(each) for part in listed for each in part if not is_nothing(each)]


def as_line(cell: Any) -> str | None:
    """A cell as one line in normal form; None if it is empty."""
    return normal_line(as_text(cell)) or None


def _string(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, dict):
        return orjson.dumps(cell, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    return str(cell).encode("utf-8", "replace").decode()


def unescaped(text: str) -> str:
    """A text with its HTML entities undone, also such as were made twice."""
    for _ in range(2):
        if "&" not in text or not ENTITY.search(text):
            break
        text = html.unescape(text)
    return text


def as_list(cell: Any, *, commas: bool) -> list[str]:
    """The items of a cell: a list, one that is written out, or what ; | and, if so, commas part."""
    if isinstance(cell, str) and len(cell) < MAX_LIST:
        plain = cell.strip()
        cell = _written_out(plain) if plain[:1] in ("[", "(") and plain[-1:] in ("]", ")") else cell
    if isinstance(cell, list | tuple):
        items: Iterable[Any] = cell
    else:
        text = normal_line(as_text(cell)[:MAX_LIST])
        parts = BETWEEN.split(text) if BETWEEN.search(text) else [text]
        items = COMMA.split(text) if commas and len(parts) == 1 else parts
    lines = (as_line(each) for each in items if not is_nothing(each))
    return list(dict.fromkeys(filter(None, lines)))


def _written_out(cell: str) -> Any:
    """A list as JSON or Python writes it; the cell itself if it is none."""
    for read in (orjson.loads, ast.literal_eval):
        try:
            value = read(cell.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(value, list | tuple):
            return list(value)
    return cell


def as_language(line: str) -> str | None:
    """The BCP 47 tag of a language as it is tagged, or named in English; None if neither."""
    named = LANGUAGES.get(line.casefold().strip(" ;."))
    return named or (line.replace("_", "-") if LANGUAGE_TAG.fullmatch(line) else None)


def as_flag(cell: Any) -> bool | None:
    """Whether a cell says yes or no; None if neither."""
    told = _string(cell).strip().casefold()
    if told in ("true", "1", "yes", "y", "http://schema.org/true", "https://schema.org/true"):
        return True
    return False if told in ("false", "0", "no", "n") else None


def as_when(cell: Any, zone: ZoneInfo | None, order: Order) -> When | None:
    """The day or moment of a cell; None if it is none, or can be read two ways.

    `zone` is that of times that state none, `order` which number of 3/4/2014 comes first.
    """
    if isinstance(cell, datetime):
        return _moment(cell.replace(tzinfo=cell.tzinfo or zone))
    if isinstance(cell, date):
        return When(cell.isoformat(), None)
    text = _string(cell).strip()
    if NUMBER.fullmatch(text) and not COMPACT.fullmatch(text):
        return _counted(float(text), zone)
    for form, read in ((WRITTEN, _written), (COMPACT, _compact)):
        if match := form.fullmatch(text):
            return read(match, zone)
    if match := SLASHED.fullmatch(text):
        return _slashed(match, zone, order)
    if edtf_span(text):
        return When(text, None)
    if stated := read_stated(text):
        return When(stated.published, text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _printed(text, zone)
    return _moment(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def is_ambiguous(cell: Any) -> bool:
    """Whether the numbers of a day may be meant in either order."""
    match = SLASHED.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if not match or match["sign"] == ".":
        return False
    first, second = int(match["first"]), int(match["second"])
    return first != second and max(first, second) <= 12


def order_of(cell: Any) -> Order:
    """Which number of a day in numbers is the day, if the cell can be read one way only."""
    match = SLASHED.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if not match:
        return None
    first, second = int(match["first"]), int(match["second"])
    if first > 12 >= second:
        return "day"
    return "month" if second > 12 >= first else None


def _written(match: re.Match[str], zone: ZoneInfo | None) -> When | None:
    return _of_parts(match["day"], match["clock"], match["zone"], zone)


def _compact(match: re.Match[str], zone: ZoneInfo | None) -> When | None:
    day, clock = match["day"], match["clock"]
    told = f"{clock[:2]}:{clock[2:4]}:{clock[4:]}" if clock else None
    stated = "Z" if match[0].endswith("Z") else None
    return _of_parts(f"{day[:4]}-{day[4:6]}-{day[6:]}", told, stated, zone)


def _slashed(match: re.Match[str], zone: ZoneInfo | None, order: Order) -> When | None:
    first, second = int(match["first"]), int(match["second"])
    if match["sign"] == ".":
        order = "day"
    elif first > 12 or second > 12 or first == second:
        order = "day" if first > 12 or first == second else "month"
    if order is None:
        return None
    day, month = (first, second) if order == "day" else (second, first)
    year = int(match["year"])
    year += 0 if len(match["year"]) == 4 else 2000 if year < 70 else 1900
    clock = match["clock"]
    if clock and match["half"]:
        hour, _, rest = clock.partition(":")
        known = hour_of_day(int(hour), afternoon=match["half"].strip()[0] in "pP")
        if known is None:
            when = _of_parts(f"{year:04}-{month:02}-{day:02}", None, None, zone)
            return when and when._replace(zoned=False, why=NO_CLOCK)
        clock = f"{known:02}:{rest}"
    return _of_parts(f"{year:04}-{month:02}-{day:02}", clock, None, zone)


def _of_parts(
    day: str, clock: str | None, stated: str | None, zone: ZoneInfo | None
) -> When | None:
    if not edtf_span(day):
        return None
    if clock is None:
        return When(day, None)
    hour, _, rest = clock.replace(",", ".").partition(":")
    rest = rest if rest.count(":") else f"{rest}:00"
    second, dot, fraction = rest.partition(".")
    try:
        moment = datetime.fromisoformat(
            f"{day}T{int(hour):02}:{second}{dot}{fraction[:6].ljust(6, '0') if dot else ''}"
        )
    except ValueError:
        return None
    if stated:
        sign = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}.get(stated, stated)
        sign = sign if ":" in sign else f"{sign[:3]}:{sign[3:] or '00'}"
        try:
            moment = datetime.fromisoformat(f"{moment.isoformat()}{sign}")
        except ValueError:
            return None
    else:
        moment = moment.replace(tzinfo=zone)
    return _moment(moment)


def _moment(moment: datetime) -> When | None:
    """A moment; one at midnight without a zone of its own is a day."""
    if moment.year < 1000:
        return None
    day = f"{moment:%Y-%m-%d}"
    own = moment.tzinfo is not None and not isinstance(moment.tzinfo, ZoneInfo)
    if not own and moment.time() == time.min:
        return When(day, None)
    if moment.tzinfo is None:
        return When(day, None, zoned=False)
    if not (own or is_one_time(moment, moment.tzinfo)):
        return When(day, None, zoned=False, why=NO_TIME)
    at, offset = moment.isoformat(), moment.utcoffset()
    known = utc_time(at) and offset is not None and abs(offset) < timedelta(hours=15)
    return When(day, at) if known else None


def _counted(value: float, zone: ZoneInfo | None) -> When | None:
    """A moment as a number: days as a spreadsheet counts them, or time since 1970."""
    if EXCEL_DAYS[0] <= value <= EXCEL_DAYS[1]:
        moment = EXCEL_EPOCH + timedelta(seconds=round(value * 86400))
        return _moment(moment.replace(tzinfo=zone))
    for (low, high), unit in ((SECONDS, 1), (MILLISECONDS, 1000), (MICROSECONDS, 10**6)):
        if low <= value < high:
            at = datetime.fromtimestamp(value / unit, UTC).isoformat()
            return When(at[:10], at)
    return None


def _printed(text: str, zone: ZoneInfo | None) -> When | None:
    """A day as pages print it."""
    read = read_date_line(ARTICLE.sub("", text), zone)
    if read is None or len(read.stated.published) < 10:
        return None
    return When(read.stated.published, read.stated.at, bool(read.stated.at) or not read.timed)
