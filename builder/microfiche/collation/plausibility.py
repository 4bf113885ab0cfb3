"""What a curator would doubt: dates, ids, languages, headlines and texts that do not fit.

Each doubt is a fault of one capture, or of its place among an outlet's others. Nothing is changed.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from microfiche.captures import Capture, Fault
from microfiche.collation import Article
from microfiche.outlets.outlet import Outlet
from microfiche.text import Body, loosely

STUB_WORDS, STUB_OCTETS, DETECTED_WORDS = 25, 450, 60
# Tags of one language, or of languages that no detector tells apart in a few sentences.
SAME_LANGUAGE = {
    tag: group.split()[0]
    for group in (
        *("no nb nn da", "sr hr bs sh", "he iw", "id in ms", "tl fil", "fa prs", "zh zho cmn yue"),
        *("yi ji", "ro mo", "pt gl", "cs sk", "bg mk"),
    )
    for tag in group.split()
}
MIN_PARAGRAPHS, MIN_PARAGRAPH = 4, 60
LANGUAGE_SAMPLE, SURE_RANK = 4000, 900
# UTF-8 read as Windows-1252 and written as UTF-8 again begins with these octets.
DAMAGE_MARKS = (b"\xc3\x83", b"\xc3\x82", b"\xc3\xa2\xe2\x82\xac", b"\xc3\x90", b"\xc3\x91")
DAMAGE_LEAD = b"\xc3"  # one look for it spares most texts five
DAMAGED = re.compile(
    r"[ÂÃ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸ]|[ÐÑ][\x80-\xbf°±²³µ¶·¸¹º»¼½¾¿]|â€[\x80-\xbf™œ˜“”¦]"
)
MIN_DAMAGE = 2
# A series of ids is judged if this share of it rises with the date, and it is this long.
MIN_SERIES, MIN_IN_STEP = 10, 0.9
MAX_DAYS_OUT_OF_STEP = 30
# One article with a numeric native id and a full date; `file` counts the files of its chunk,
# `offset` is -1 for a whole file.
NATIVE = np.dtype(
    [
        ("series", "V16"),
        ("id", "<i8"),
        ("day", "<i4"),
        ("chunk", "<i4"),
        ("file", "<i4"),
        ("offset", "<i8"),
    ]
)
MAX_ID_DIGITS = 18


def doubts(capture: Capture, article: Article, day: str | None) -> Iterator[Fault]:
    """What makes the article that a capture shows doubtful; `day` is that of its retrieval."""
    outlet, described, language = article.outlet, article.described, article.language
    earliest, title = article.published.published_earliest, described.title
    if earliest and day and earliest > day:
        yield from _after_retrieval(earliest, day)
    if language and outlet.languages and language not in outlet.languages:
        yield from _foreign(language, outlet)
    if title and is_name(outlet, title):
        yield Fault("MF704", repr(title))
    if described.body.may_repeat and is_twice(described.text):
        yield Fault("MF706", "half of its paragraphs or more stand in it again")
    if may_be_damaged(described.body.octets):
        yield from _damage(described.text)
    if title and not title.isascii() and may_be_damaged(title.encode()):
        yield from _damage(title, "in the headline ", 1)
    if capture.record is None:
        yield from _extracted(outlet, described.body)


def _after_retrieval(published: str, retrieved: str) -> Iterator[Fault]:
    """MF701 for a date more than a day after the retrieval, with the date that would fit."""
    stated, seen = date.fromisoformat(published), date.fromisoformat(retrieved)
    if (stated - seen).days <= 1:
        return
    message = f"published {stated}, retrieved {seen}"
    if stated.day <= 12:
        swapped = stated.replace(month=stated.day, day=stated.month)
        if (swapped - seen).days <= 1:
            message += f"; with day and month swapped it would be {swapped}"
    yield Fault("MF701", message)


def _foreign(language: str, outlet: Outlet) -> Iterator[Fault]:
    if _primary(language) not in {_primary(known) for known in outlet.languages}:
        yield Fault("MF703", f"{language}; the outlet's are {', '.join(outlet.languages)}")


def _primary(language: str) -> str:
    tag = language.replace("_", "-").partition("-")[0].lower()
    return SAME_LANGUAGE.get(tag, tag)


class _Names(NamedTuple):
    """Names and hosts of an outlet, folded: no headlines. The length of the longest, and a bit."""

    folded: frozenset[str]
    longest: int


@functools.cache
def _names(outlet: Outlet) -> _Names:
    names = (outlet.name, *outlet.entry.get("other_names", ()))
    folded = frozenset(loosely(each) for each in (*names, *(d.host for d in outlet.domains)))
    return _Names(folded, 2 * max(map(len, folded)))


def is_name(outlet: Outlet, title: str) -> bool:
    """Whether a headline is but a name or a host of its outlet."""
    names = _names(outlet)
    return len(title) <= names.longest and loosely(title) in names.folded


def is_twice(text: str) -> bool:
    """Whether a text of several paragraphs has half of the long ones or more twice."""
    paragraphs = text.split("\n\n")
    if len(set(paragraphs)) == len(paragraphs):
        return False
    long = [each for each in paragraphs if len(each) >= MIN_PARAGRAPH]
    return len(long) >= MIN_PARAGRAPHS and 2 * len(set(long)) <= len(long)


def may_be_damaged(octets: bytes) -> bool:
    """Whether a text in UTF-8 holds what damaged text begins with."""
    return DAMAGE_LEAD in octets and any(mark in octets for mark in DAMAGE_MARKS)


def _damage(text: str, where: str = "", least: int = MIN_DAMAGE) -> Iterator[Fault]:
    """MF707 for runs that become text when they are encoded as they were misread."""
    found = {match[0] for match in DAMAGED.finditer(text)}
    real = sorted(each for each in found if (meant := _meant(each)) and meant != each)
    count = sum(text.count(each) for each in real)
    if count >= least:
        places = f"{count} place{'' if count == 1 else 's'}"
        told = f"{where}{places} such as {real[0]!r}, which was {_meant(real[0])!r}"
        yield Fault("MF707", told)


def _meant(run: str) -> str | None:
    for charset in ("cp1252", "latin-1"):
        try:
            octets = run.encode(charset)
        except UnicodeEncodeError:
            continue
        try:
            meant = octets.decode("utf-8")
            return meant if meant.isprintable() else None
        except UnicodeDecodeError:
            # Only the beginning of a character of three octets: curly quotes and dashes.
            return "’" if octets == b"\xe2\x80" else None
    return None


def _extracted(outlet: Outlet, body: Body) -> Iterator[Fault]:
    """Doubts about what was read from a page or a text."""
    if body.n_words < STUB_WORDS and len(body.octets) < STUB_OCTETS:
        yield Fault("MF705", f"{body.n_words} words")
    if body.n_words >= DETECTED_WORDS and outlet.languages:
        from resiliparse.parse.lang import detect_fast

        found, rank = detect_fast(body.text[:LANGUAGE_SAMPLE])
        known = {_primary(language) for language in outlet.languages}
        if found != "unknown" and rank <= SURE_RANK and _primary(found) not in known:
            yield Fault(
                "MF703", f"it reads as {found}; the outlet's are {', '.join(outlet.languages)}"
            )


def native_number(article_id: str) -> tuple[str, int] | None:
    """(series, number) of an article id with a numeric native id; None for any other."""
    series, _, number = article_id.rpartition("-")
    if not number.isdecimal() or len(number) > MAX_ID_DIGITS or series[-2:] in (":u", ":t"):
        return None
    return series, int(number)


class OutOfStep(NamedTuple):
    """An article whose id and date do not fit the others: its place as in NATIVE, what is wrong."""

    chunk: int
    file: int
    offset: int
    message: str


def out_of_step(natives: Any) -> Iterator[OutOfStep]:
    """Articles whose native id lies among ids of other days, series by series."""
    held = natives[np.lexsort([natives[name] for name in reversed(NATIVE.names or ())])]
    if len(held):  # captures of one article are one place in its series
        same = [held[name][1:] == held[name][:-1] for name in ("series", "id", "day")]
        held = held[np.concatenate(([True], ~np.logical_and.reduce(same)))]
    bounds = np.flatnonzero(held["series"][1:] != held["series"][:-1]) + 1
    for part in np.split(held, bounds):
        if len(part) >= MIN_SERIES:
            yield from _out_of_series(part)


def _out_of_series(part: Any) -> Iterator[OutOfStep]:
    """Those outside the longest run of days that rises with the ids, if nearly all are in it."""
    least = MIN_IN_STEP * len(part)
    falls = np.count_nonzero(part["day"][1:] < part["day"][:-1])
    if len(part) - (falls + 1) // 2 < least:
        return  # of two neighbours that fall one is outside, and half of the pairs share none
    days = part["day"].tolist()
    kept = _rising(days)
    if len(kept) < least:
        return
    for number in sorted(set(range(len(days))) - set(kept)):
        at = bisect.bisect(kept, number)
        low = days[kept[max(at - 1, 0)]]
        high = days[kept[min(at, len(kept) - 1)]]
        if not low - MAX_DAYS_OUT_OF_STEP <= days[number] <= high + MAX_DAYS_OUT_OF_STEP:
            day, first, last = (
                date(1970, 1, 1) + timedelta(days=n) for n in (days[number], low, high)
            )
            message = f"id {part['id'][number]} of {day} lies among ids of {first} to {last}"
            chunk, file, offset = part[["chunk", "file", "offset"]][number].tolist()
            yield OutOfStep(chunk, file, offset, message)


def _rising(days: list[int]) -> list[int]:
    """Positions of a longest non-decreasing subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, day in enumerate(days):
        at = bisect.bisect(tails, day)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [day]
        ends[at : at + 1] = [number]
    run, number = [], ends[-1] if ends else -1
    while number >= 0:
        run.append(number)
        number = before[number]
    return run[::-1]
