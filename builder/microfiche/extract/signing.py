"""Who wrote a text: bylines, by their words or by what stands next to them."""

from __future__ import annotations

from microfiche.dates.printed import without
from microfiche.extract import persons
from microfiche.extract.saved import Page

UNTOLD = (None, "tail", "other")  # kinds of lines of which nothing else is known
MOST_BETWEEN = 6  # lines between headline and text where a name by itself is somebody's
BARE_WITHIN = 3  # lines between headline and text of which one may be a name
BESIDE_DATE = 3  # words


def take_byline(page: Page, number: int, line: str) -> bool:
    """A line that names who wrote: by its words, or by what stands next to it."""
    above = next((n for n in range(number - 1, -1, -1) if page.lines[n]), None)
    goes_on = above is not None and page.kinds[above] == "byline"
    if page.names and not goes_on:
        return False
    if names := persons.byline(line):
        take_names(page, [number], names, "byline")
        return True
    beside = persons.names_beside(line, page.names_own)
    if beside is not None:
        take_names(page, [number], beside, "name beside the outlet, a post or a place")
        return True
    if (
        goes_on
        and page.names
        and line.lower() != line.upper()
        and (names := persons.names_in(line))
    ):
        take_names(page, [number], names, "name below another")
        return True
    if page.names or not page.title:
        return False
    return _take_two_line_byline(page, number) or _take_name_beside_date(page, number)


def _take_two_line_byline(page: Page, number: int) -> bool:
    """`Name` above `Outlet, City`, perhaps with a blank line between."""
    following = page.open_below(number, 1)
    known = page.outlet_names()
    line = page.lines[number]
    if not following or not persons.is_name(line):
        return False
    if not persons.is_place_of(page.lines[following[0]], known):
        return False
    take_names(page, [number, *following], [line], "name above outlet and city")
    return True


def take_next_name(page: Page, number: int) -> None:
    """The name in the line below `By`."""
    following = page.open_below(number, 1)
    names = persons.names_in(page.lines[following[0]]) if following else None
    if names and not page.names:
        take_names(page, following, names, "name below its label")


def _take_name_beside_date(page: Page, number: int) -> bool:
    """A line of names, or of a name and a place, but for the outlet's own.

    It stands within two lines of one that is a date, or tells how long the text takes to read.
    """
    line = page.lines[number]
    names = persons.names_in(line) or [*filter(None, [persons.name_and_place(line)])]
    if not names or any(map(page.is_own_name, names)):
        return False
    near = [number + way for way in (-2, -1, 1, 2) if 0 <= number + way < len(page.lines)]
    if not any(page.kinds[n] == "other" or _is_dated(page, page.lines[n]) for n in near):
        return False
    take_names(page, [number], names, "name beside the date")
    return True


def take_bare_name(page: Page) -> int | None:
    """Names by themselves between headline and text; the number of a standfirst above them."""
    top, below = page.headline, min(page.article, default=0)
    if page.names or not page.title or top is None:
        return None
    opens = [number for number in page.open_lines() if top < number <= below]
    if len(opens) > MOST_BETWEEN:
        return None
    for number in opens[:BARE_WITHIN]:
        line = page.lines[number]
        names = None if page.names_own(line) or page.speaks_of(line) else persons.bare_names(line)
        if names and number != below:
            take_names(page, [number], names, "name between headline and text")
            return opens[0] if number != opens[0] else None
    return None


def take_closing_name(page: Page) -> None:
    """Names by themselves right below the text, where none stands above."""
    if page.names or not page.article:
        return
    below = (n for n in range(max(page.article) + 1, len(page.lines)) if page.lines[n])
    number = next(below, None)
    told = [] if number is None or not _is_label(page, number) else [number]
    number = next(below, None) if told else number
    if number is None or page.kinds[number] not in UNTOLD or page.lines[number].isupper():
        return
    line = page.lines[number]
    names = persons.byline(line) or persons.bare_names(line)
    if names and all(map(persons.is_name, names)) and not page.speaks_of(line):
        take_names(page, [*told, number], names, "name below the text")


def _is_label(page: Page, number: int) -> bool:
    """Whether a line is `By`, `Author` and the like alone."""
    return bool(persons.BYLINE_LABEL.fullmatch(page.lines[number]))


def _is_dated(page: Page, line: str) -> bool:
    """Whether a line has a date and next to nothing else."""
    found = page.dates_in_short(line)
    return bool(found) and len(without(line, found).split()) <= BESIDE_DATE


def take_names(page: Page, numbers: list[int], names: list[str], rule: str) -> None:
    """Say that lines name who wrote the text."""
    for each in names:
        if not (page.names_own(each) or persons.NEWSROOM.fullmatch(each) or each in page.names):
            page.names.append(each)
    for number in numbers:
        page.mark(number, "byline")
    if page.names:
        page.found("byline", rule)
