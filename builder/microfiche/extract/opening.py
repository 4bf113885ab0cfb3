"""What the lines around the headline of a text say: sections, headline, standfirst, names, dates."""

from __future__ import annotations

import re

from microfiche.dates.printed import (
    ends_with_date,
    is_label_alone,
    read_date_line,
    read_date_lines,
    without,
)
from microfiche.extract import head, persons
from microfiche.extract.boilerplate import removed_as
from microfiche.extract.datelines import opens_news
from microfiche.extract.dating import take_date
from microfiche.extract.furniture import furniture
from microfiche.extract.region import LABEL_WORDS
from microfiche.extract.saved import Page
from microfiche.extract.signing import take_bare_name, take_byline, take_names, take_next_name
from microfiche.text import loosely

HEAD_LINES = 14
PICTURED, BRIEF = ("caption", "credit"), 14  # words
FULL_STOP = "。"  # stands in no headline
LINK = re.compile(r"https?://\S+")
LEADING = (":", "：", "؛")  # what leads on to the headline, closes the line above it
MAX_TITLE = 300
MAX_TITLE_WORDS = 40
STANDFIRST_WITHIN, MIN_STANDFIRST, MAX_STANDFIRST = 3, 6, 80  # lines and words
MAX_CAPTION = 400  # letters
# Words beside a date, and beside one in a caption; letters before one that opens a line.
MAX_BESIDE, MAX_NAMED, OPENING = 8, 4, 2
BESIDE = re.compile(r"[|•·]|\s[-–—/]\s|\s{2,}")


def may_be_headline(page: Page, line: str) -> bool:
    """Whether a line is short enough, and nothing else that stands above a text."""
    return (
        len(line) <= MAX_TITLE
        and len(line.split()) <= MAX_TITLE_WORDS
        and loosely(line) not in page.mastheads
        and not page.is_head_caption(line)
        and not persons.byline(line)
        and not head.breadcrumb(line)
        and not head.is_menu(line)
        and not line.endswith(LEADING)
        and FULL_STOP not in line
        and not ends_with_date(line)
        and not page.is_masthead(line)
        and not _opens_with_date(page, line)
        and not removed_as(line, page.outlet)
        and not read_date_lines(line)
    )


def _opens_with_date(page: Page, line: str) -> bool:
    """Whether a line has a date before anything else."""
    found = page.dates_in_short(line)
    return bool(found) and found[0].start <= OPENING


def read_head(page: Page) -> None:
    """The lines above the text, from the top."""
    waiting: list[int] = []
    within = page.open_lines()[:HEAD_LINES]
    for number in range(within[0], within[-1] + 1) if within else ():
        line, kind = page.lines[number], page.kinds[number]
        if kind in PICTURED and waiting and _is_brief(page, waiting):
            _take_subtitle(page, waiting)
            waiting = []
        if kind is not None:
            continue
        if _is_meta(page, number, line):
            if waiting and page.title:
                _take_subtitle(page, waiting)
                waiting = []
            continue
        if page.title is None and not waiting and _is_title(page, number):
            _take_title(page, number)
        elif page.title is None and page.headline is not None and number < page.headline:
            _take_above(page, number)
        elif page.title and loosely(line) == loosely(page.title):
            page.mark(number, "repeated headline")
        elif _is_head_caption(page, number):
            page.take_caption(number, "closing date between headline and text")
        else:
            waiting.append(number)
            if head.is_sentence(line) and len(waiting) > 1:
                break
    _take_what_waits(page, waiting)


def _take_what_waits(page: Page, waiting: list[int]) -> None:
    """Right above the text: a standfirst that stands apart, and a name by itself."""
    if page.title and page.subtitle is None and waiting and _stands_apart(page, waiting):
        _take_subtitle(page, waiting[:1])
    above = take_bare_name(page)
    if above is not None and page.subtitle is None:
        _take_subtitle(page, [above])


def _is_meta(page: Page, number: int, line: str) -> bool:
    """Take a breadcrumb, a date or a byline; whether the line was one."""
    if not page.title and not page.sections and (path := head.breadcrumb(line)):
        page.sections = path
        page.mark(number, "breadcrumb")
        page.found("section_path", "breadcrumb")
        return True
    if dates := page.dates_alone(line):
        for each in dates:
            take_date(page, number, each, in_head=True)
        return True
    if _take_date_and_more(page, number, line):
        return True
    if is_label_alone(line):
        page.mark(number, "date")
        return True
    if page.is_masthead(line):
        page.mark(number, "masthead")
        return True
    if head.is_menu(line):
        page.mark(number, "navigation")
        return True
    if persons.BYLINE_LABEL.fullmatch(line):
        page.mark(number, "byline")
        take_next_name(page, number)
        return True
    if page.title and head.is_credit(line):
        page.mark(number, "source")
        return True
    if LINK.fullmatch(line):
        page.mark(number, "link")
        return True
    return not page.is_head_caption(line) and take_byline(page, number, line)


def _take_date_and_more(page: Page, number: int, line: str) -> bool:
    """A date with a few words beside it: who wrote, where it was written, how long it takes."""
    found = page.dates_in(line)
    if not found or page.is_head_caption(line):
        return False
    rest = [part for part in BESIDE.split(without(line, found)) if part.strip(" ,.:()[]")]
    rest = [
        part
        for part in rest
        if not (page.names_own(part) or furniture(part) or is_label_alone(part))
    ]
    told = [part for part in rest if not persons.names_in(part.strip(" ,.:"))]
    n_words = sum(len(part.split()) for part in told)
    if n_words > MAX_BESIDE or (told and head.is_sentence(line)):
        return False
    if n_words > MAX_NAMED and ends_with_date(line):
        return False  # a caption
    if not page.title and page.headline is None:
        return False
    for each in found:
        take_date(page, number, each.line, in_head=True)
    for part in rest:
        named = part.strip(" ,.:")
        agency = [named] if named.isalpha() and line.startswith(f"{named} |") else None
        names = persons.byline(named) or persons.names_in(named) or agency
        if names and page.title and not page.names and loosely(named) not in page.mastheads:
            take_names(page, [number], names, "byline with a date")
    page.mark(number, "date")
    return True


def _is_brief(page: Page, waiting: list[int]) -> bool:
    """Whether the one line that waits is short for a paragraph of text."""
    return bool(page.title) and len(waiting) == 1 and len(page.lines[waiting[0]].split()) <= BRIEF


def _take_above(page: Page, number: int) -> None:
    """A line above the headline: a word or two right above it are the section."""
    following = page.open_below(number, 1)
    line = page.lines[number]
    if following == [page.headline] and _may_be_label(page, line):
        _set_label(page, number)
    else:
        page.mark(number, "above")


def _is_title(page: Page, number: int) -> bool:
    if page.headline is not None:
        return number == page.headline
    return _reads_as_title(page, number)


def _reads_as_title(page: Page, number: int) -> bool:
    """Whether a line is short enough, no sentence, and stands above something."""
    line = page.lines[number]
    words = line.split()
    if len(line) > MAX_TITLE or len(words) > MAX_TITLE_WORDS or page.is_head_caption(line):
        return False
    following = page.open_below(number, 2)
    if not following:
        return False
    long = len(words) >= 20 or len(line) > 140
    return not (head.closes(line) and (long or not line.endswith(("?", "!", "؟", "”", "’", "»"))))


def _take_title(page: Page, number: int) -> None:
    """The headline; a short label above it is the section."""
    following = page.open_below(number, 2)
    line = page.lines[number]
    below = page.lines[following[0]] if following else ""
    is_label = (
        _may_be_label(page, line)
        and len(below.split()) >= 4
        and len(following) > 1
        and _is_title(page, following[0])
        and not persons.is_name(below)
        and read_date_line(below, page.outlet.zone) is None
        and persons.byline(below) is None
    )
    if is_label:
        _set_label(page, number)
        return
    page.title = line
    page.mark(number, "title")
    passed = not {"above", "before"}.isdisjoint(page.kinds[:number])
    first = not passed and _reads_as_title(page, number)
    page.found("title", "first line that is no sentence" if first else "likeliest headline")


def _may_be_label(page: Page, line: str) -> bool:
    return not page.sections and len(line.split()) <= LABEL_WORDS


def _set_label(page: Page, number: int) -> None:
    page.sections = [page.lines[number]]
    page.mark(number, "breadcrumb")
    page.found("section_path", "label above the headline")


def _is_head_caption(page: Page, number: int) -> bool:
    """A caption by its place: between headline and text, closing with a date."""
    following = page.open_below(number, 2)
    line = page.lines[number]
    brief = len(line) <= MAX_CAPTION and line.count(". ") <= 1
    return bool(page.title) and brief and len(following) >= 2 and ends_with_date(line)


def _stands_apart(page: Page, waiting: list[int]) -> bool:
    """Whether the line below the headline is a standfirst: no sentence, and text follows it."""
    line = page.lines[waiting[0]]
    return len(waiting) > 1 and not head.closes(line) and 4 <= len(line.split()) <= 60


def _take_subtitle(page: Page, numbers: list[int]) -> None:
    """A standfirst: one line between the headline and what stands below it."""
    line = page.lines[numbers[0]]
    names = None if page.names or page.speaks_of(line) else persons.bare_names(line)
    if names and len(numbers) == 1:
        take_names(page, numbers, names, "name between headline and text")
        return
    alone = len(numbers) == 1 and page.subtitle is None and 3 <= len(line.split()) <= 60
    if alone and not page.is_head_caption(line) and not opens_news(line):
        set_subtitle(page, numbers[0])


def set_subtitle(page: Page, number: int) -> None:
    """Say that a line is the standfirst."""
    page.subtitle = page.lines[number]
    page.mark(number, "subtitle")
    page.found("subtitle", "line between headline and text")


def take_standfirst(page: Page) -> None:
    """A line right below the headline that is none of the text's."""
    if page.headline is None or page.subtitle or not page.article or not page.title:
        return
    first = min(page.article)
    between = [n for n in page.open_lines() if page.headline < n < first][:STANDFIRST_WITHIN]
    for number in between:
        line = page.lines[number]
        n_words = len(line.split())
        shown = page.is_head_caption(line) or ends_with_date(line)
        if MIN_STANDFIRST <= n_words <= MAX_STANDFIRST and not shown:
            set_subtitle(page, number)
            return
