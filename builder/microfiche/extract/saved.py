"""A page saved as text, while it is read: its lines, and what is known of them so far."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from microfiche.dates import Order, Stated
from microfiche.dates.printed import DateLine, Found, find_dates, read_date_lines
from microfiche.extract import head, persons
from microfiche.extract.region import SHORT
from microfiche.outlets.outlet import Outlet
from microfiche.text import holds_any, loosely

WORD = re.compile(r"[\w’'\u200c]+")
MAX_SHOWN = 30  # words of what is told of a picture before its author's name
MIN_WORD = 4  # letters of a word that tells what a line is about
MAX_NAMED = 300  # letters of a line that are looked at for the outlet's name
MAX_DATE_LINE = 120  # letters of a line in which a date is not one of the story
SHORT_FORM = re.compile(r"\s*[(（]\w{1,8}[)）]$")  # of an outlet's name, beside it
BRACKETS = (")", "）")
OWN_CREDIT = re.compile(r"[(（]([^()（）]{3,40})[)）]$")


@dataclass
class Page:
    """One page under reading. `kinds` says of each line what it was found to be; None: open.

    `article` are the numbers of the lines that the weights take for its article, none if there is
    none, `headline` that of its headline, `scores` how much speaks for text in each, by the
    `measures` of the lines that were `measured`; of some the outlet's file tells (`told_by_outlet`)
    that they are none of the text; `order` tells how its dates in numbers are read.
    """

    lines: list[str]
    outlet: Outlet
    kinds: list[str | None] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    title: str | None = None
    subtitle: str | None = None
    sections: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    dateline: str | None = None
    stated: Stated | None = None
    modified: Stated | None = None
    captions: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    lost_hosts: bool = False
    paywalled: bool = False
    headline: int | None = None
    article: frozenset[int] = frozenset()
    order: Order = None
    scores: dict[int, int] = field(default_factory=dict)
    told_by_outlet: set[int] = field(default_factory=set)
    measured: list[int] = field(default_factory=list)
    measures: Mapping[str, Any] = field(default_factory=dict)

    def open_lines(self) -> list[int]:
        """Numbers of the lines not yet known to be anything."""
        return [n for n, kind in enumerate(self.kinds) if kind is None]

    def open_below(self, number: int, most: int) -> list[int]:
        """The first open lines below one, as many as there are up to some."""
        below = (n for n in range(number + 1, len(self.kinds)) if self.kinds[n] is None)
        return [*itertools.islice(below, most)]

    @property
    def is_short(self) -> bool:
        """Whether it is hardly more than an article: whole pages have clocks, menus and footers."""
        return sum(map(bool, self.lines)) <= SHORT

    @functools.cached_property
    def mastheads(self) -> frozenset[str]:
        """The outlet's names, folded: above a headline they are its masthead."""
        return frozenset(filter(None, map(loosely, self.outlet_names())))

    def is_own_name(self, line: str) -> bool:
        """Whether a line is one of the outlet's names."""
        return loosely(line) in self.mastheads

    def is_masthead(self, line: str) -> bool:
        """Whether a line is the outlet's name, perhaps with a short form of it in brackets."""
        return loosely(SHORT_FORM.sub("", line[:MAX_NAMED])) in self.mastheads

    def is_own_part(self, line: str) -> bool:
        """Whether a line is the outlet's name, or some whole words of it."""
        words = _words(line[:MAX_NAMED])
        several = len(words.split()) > 1 or not words.isascii()
        return bool(words.strip()) and any(
            words == own if not several else words in own for own in self._own_words
        )

    def names_own(self, name: str) -> bool:
        """Whether what looks like a person's name has the outlet's in it, as whole words."""
        words = _words(name[:MAX_NAMED])
        return any(
            own in words if len(own.split()) > 1 else own == words for own in self._own_words
        )

    @functools.cached_property
    def _own_words(self) -> tuple[str, ...]:
        return tuple(map(_words, self.mastheads))

    def is_caption(self, line: str) -> bool:
        """Whether a line is a caption by its words, or closes in brackets with whose picture it is."""
        told = OWN_CREDIT.search(line) if line.endswith(BRACKETS) else None
        if head.is_caption(line):
            return told is None or not persons.bare_names(line)
        owner = told[1].rpartition("/")[2] if told else ""
        return len(owner.split()) > 1 and self.is_own_part(owner)

    def is_head_caption(self, line: str) -> bool:
        """Whether a line between headline and text is a caption: it may close with a name, or a part."""
        told = OWN_CREDIT.search(line) if line.endswith(BRACKETS) else None
        if told is None or self.dates_in(line) or len(line.split()) > MAX_SHOWN:
            return self.is_caption(line)
        named = persons.is_name(told[1]) and told[1].lower() != told[1].upper()
        part = _words(told[1].rpartition("/")[2])
        owned = bool(part.strip()) and any(part in own for own in self._own_words)
        return named or owned or head.is_agency(told[1]) or self.is_caption(line)

    def told_text(self) -> str:
        """The lines of the article that are text so far, put together."""
        told = (number for number in sorted(self.article) if self.kinds[number] is None)
        return " ".join(self.lines[number] for number in told)

    def speaks_of(self, line: str) -> bool:
        """Whether the article has a short line's words in small letters, or as they stand: no author."""
        return is_told_in(line, self.told_text())

    def outlet_names(self) -> tuple[str, ...]:
        """Name and other names of the outlet."""
        return (self.outlet.name, *self.outlet.entry.get("other_names", ()))

    def mark(self, number: int, kind: str) -> None:
        """Say what a line is."""
        self.kinds[number] = kind

    def found(self, name: str, rule: str) -> None:
        """Say by which rule a field was read."""
        self.sources.setdefault(name, rule)

    def take_caption(self, number: int, rule: str) -> None:
        """Say that a line is a caption."""
        self.captions.append(self.lines[number])
        self.mark(number, "caption")
        self.found("captions", rule)

    def dates_in(self, line: str) -> tuple[Found, ...]:
        """The dates in a line, as this page writes them."""
        return find_dates(line, self.outlet.zone, order=self.order)

    def dates_in_short(self, line: str) -> tuple[Found, ...]:
        """The dates in a line too short for a paragraph of text."""
        return self.dates_in(line) if len(line) <= MAX_DATE_LINE else ()

    def dates_alone(self, line: str) -> list[DateLine]:
        """The dates of a line that is nothing but dates."""
        return read_date_lines(line, self.outlet.zone, order=self.order)


def is_told_in(line: str, text: str) -> bool:
    """Whether a text has a short line's words in small letters, or as they stand."""
    if line in text:
        return True
    small = {each.casefold() for each in WORD.findall(line) if len(each) >= MIN_WORD}
    return holds_any(text, small) and not small.isdisjoint(WORD.findall(text))


def _words(line: str) -> str:
    """The words of a line, folded, each with a space on both sides."""
    return f" {' '.join(WORD.findall(loosely(line)))} "
