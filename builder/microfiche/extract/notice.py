"""Pages that show a notice where an article was: seized, blocked, not found, gone, a wall, an error.

A notice speaks of itself: this site, this page, or nothing but the error. Articles speak of other
sites, so the patterns hold for the whole opening of a headline or of one of the first lines. Walls
have as many wordings as sites, and others too; they are told by how much of a short page speaks of
signing in, of consent, of robots, of what is not there, and by whom it speaks to.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from microfiche.extract.phrases import OPENINGS, READER, WORDS

# Of a text that long the notice must stand in headline and text; MAX_OCTETS counts where words
# are not set apart.
MAX_WORDS, MAX_OCTETS, SURE_WORDS = 120, 2400, 60
MAX_LINE, MAX_LINES = 300, 3
# Pages that speak of one thing all the time have at most so many words or octets. Lines of few octets
# are prices and buttons, long ones prose if they do not address the reader; what is quoted is told.
SPOKEN_MAX_WORDS, SPOKEN_MAX_OCTETS = 250, 5000
MIN_TELLING, PROSE, MAX_PROSE = 25, 110, 0.25
QUOTED = re.compile(r"[“„«「『\"][^“”„«»「」『』\"]{1,200}[”“»」』\"]")
# How many words of it, what share of letters in lines that have any or that address the reader, and of
# how short a page: said throughout, in headline and text, in few words, in the headline beyond doubt.
THROUGHOUT, IN_HEADLINE, IN_FEW, BEYOND_DOUBT = (2, 0.5, 0.3), (2, 0.3, 60), (0.4, 45), (4, 0.9, 80)


class Notice(NamedTuple):
    """What a page shows instead of an article: the outcome, and the line that says so."""

    outcome: str
    line: str


class Shown(NamedTuple):
    """What a page shows: headline, first lines, words and octets of its text.

    `dated` tells that it has a date or an author other than the outlet itself, `addressed` that its
    address has a day in it.
    """

    title: str | None
    lines: Sequence[str]
    n_words: int
    n_octets: int
    dated: bool
    addressed: bool = False


def read_notice(shown: Shown) -> Notice | None:
    """The notice that a page shows; None if it may be an article."""
    lines = [line for line in shown.lines[:MAX_LINES] if len(line) <= MAX_LINE]
    title = _notice_in(shown.title) if shown.title else None
    text = next(filter(None, map(_notice_in, lines)), None)
    if title and (text or shown.n_words <= SURE_WORDS):
        return title
    is_short = shown.n_words <= MAX_WORDS and shown.n_octets <= MAX_OCTETS
    told = (title or text) if is_short and not (shown.dated or shown.addressed) else None
    return told or _spoken(shown)


def _notice_in(line: str) -> Notice | None:
    for outcome, pattern in _openings().items():
        if pattern.match(line):
            return Notice(outcome, line)
    return None


def _spoken(shown: Shown) -> Notice | None:
    """What a short page speaks of all the time, to its reader; it names the line that does so most."""
    if shown.dated or shown.n_words > SPOKEN_MAX_WORDS or shown.n_octets > SPOKEN_MAX_OCTETS:
        return None
    told = [QUOTED.sub(" ", line) for line in shown.lines if len(line.encode()) >= MIN_TELLING]
    lines = list(dict.fromkeys([*filter(None, [shown.title]), *told]))
    letters = max(sum(map(len, lines)), 1)
    to_reader = {line for line in lines if _pattern("reader").search(line)}
    addressed = sum(map(len, to_reader)) / letters
    prose = (x for x in told if len(x.encode()) >= PROSE and x not in to_reader)
    is_prose = sum(map(len, prose)) > MAX_PROSE * letters
    best: tuple[int, Notice] | None = None
    for outcome in WORDS:
        found = {line: _told(outcome, line) for line in lines}
        number = len(set().union(*found.values()))
        share = sum(len(line) for line in lines if found[line]) / letters
        in_title = bool(shown.title and found[shown.title])
        if best is not None and number <= best[0]:
            continue
        if (
            _is_sure(number, share, shown.n_words, in_title=in_title)
            if is_prose
            else _is_likely(number, share, addressed, shown.n_words, in_title=in_title)
        ):
            best = number, Notice(outcome, max(lines, key=lambda line: len(found[line])))
    return best[1] if best else None


def _is_likely(
    number: int, share: float, addressed: float, n_words: int, *, in_title: bool
) -> bool:
    """Whether that much said of one thing, to the reader, is a notice."""
    throughout = number >= THROUGHOUT[0] and share >= THROUGHOUT[1] and addressed >= THROUGHOUT[2]
    told = in_title and number >= IN_HEADLINE[0] and share >= IN_HEADLINE[1]
    in_few = number > 0 and min(share, addressed) >= IN_FEW[0] and n_words <= IN_FEW[1]
    sure = _is_sure(number, share, n_words, in_title=in_title)
    return throughout or (told and n_words <= IN_HEADLINE[2]) or in_few or sure


def _is_sure(number: int, share: float, n_words: int, *, in_title: bool) -> bool:
    return (
        in_title
        and number >= BEYOND_DOUBT[0]
        and share >= BEYOND_DOUBT[1]
        and n_words <= BEYOND_DOUBT[2]
    )


def _told(outcome: str, line: str) -> set[str]:
    return {each.casefold() for each in _pattern(outcome).findall(line)}


@functools.cache
def _openings() -> dict[str, re.Pattern[str]]:
    return {outcome: re.compile(f"(?i:{opening})") for outcome, opening in OPENINGS.items()}


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    words, stems = READER if name == "reader" else WORDS[name]
    return re.compile(rf"(?i)(?<!\w)(?:{words})(?!\w)|{stems}")
