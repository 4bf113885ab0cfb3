"""What the lines around the headline of a text say: sections, headline, standfirst, names, dates."""

from __future__ import annotations

import re

from microfiche.dates.printed import (
    DateLine,
    ends_with_date,
    has_weekday,
    is_label_alone,
    read_date_line,
    read_date_lines,
    without,
)
from microfiche.extract import head, persons
from microfiche.extract.boilerplate import removed_as
from microfiche.extract.datelines import opens_news
from microfiche.extract.furniture import furniture
from microfiche.extract.region import LABEL_WORDS
from microfiche.extract.saved import Page
from microfiche.text import loosely

HEAD_LINES = 14
CLOCK_WITHIN = 2  # lines of a text on whose top its clock stands
UNTOLD = (None, "tail", "other")  # kinds of lines of which nothing else is known
MOST_BETWEEN = 6  # lines between headline and text where a name by itself is somebody's
BARE_WITHIN = 3  # lines between headline and text of which one may be a name
PICTURED, BRIEF = ("caption", "credit"), 14  # words
FULL_STOP = "。"  # stands in no headline
LINK = re.compile(r"https?://\S+")
LEADING = (":", "：", "؛")  # what leads on to the headline, closes the line above it
MAX_TITLE = 300
MAX_TITLE_WORDS = 40
STANDFIRST_WITHIN, MIN_STANDFIRST, MAX_STANDFIRST = 3, 6, 80  # lines and words
MAX_DATE_LINE, WHOLE_DAY = 120, 10
MAX_CAPTION = 400  # letters
CLOSE = 4  # lines above the headline that may still date the article
DATES_ABOVE, DATES_BELOW, DATES_AFTER = 25, 12, 6  # lines around the text where its date may be
MAX_BESIDE, MAX_NAMED, BESIDE_DATE, OPENING, BESIDE = (
    8,
    4,
    3,
    2,
    re.compile(r"[|•·]|\s[-–—/]\s|\s{2,}"),
)


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
    found = page.dates_in(line) if len(line) <= MAX_DATE_LINE else ()
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
    if page.title and page.subtitle is None and waiting and _stands_apart(page, waiting):
        _take_subtitle(page, waiting[:1])
    _take_bare_name(page)


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
        _take_next_name(page, number)
        return True
    if page.title and head.is_credit(line):
        page.mark(number, "source")
        return True
    if LINK.fullmatch(line):
        page.mark(number, "link")
        return True
    return not page.is_head_caption(line) and _take_byline(page, number, line)


def _take_byline(page: Page, number: int, line: str) -> bool:
    """A line that names who wrote: by its words, or by what stands next to it."""
    above = next((n for n in range(number - 1, -1, -1) if page.lines[n]), None)
    goes_on = above is not None and page.kinds[above] == "byline"
    if page.names and not goes_on:
        return False
    if names := persons.byline(line):
        _take_names(page, [number], names, "byline")
        return True
    beside = persons.names_beside(line, page.names_own)
    if beside is not None:
        _take_names(page, [number], beside, "name beside the outlet, a post or a place")
        return True
    if goes_on and page.names and (names := persons.names_in(line)):
        _take_names(page, [number], names, "name below another")
        return True
    if page.names or not page.title:
        return False
    return _take_two_line_byline(page, number) or _take_name_beside_date(page, number)


def find_date(page: Page) -> None:
    """A date in a line near the article, if its head has none: the nearest below the headline."""
    if page.stated is not None or not page.article:
        return
    first, last = min(page.article), max(page.article)
    top = first if page.headline is None else min(page.headline, first)
    above = [number for number in range(top - 1, -1, -1) if page.lines[number]]
    places = [
        range(max(top + 1, first - DATES_ABOVE), first),
        range(first + 1, min(first + DATES_BELOW, last) + 1),
        above[:CLOSE],
        range(last + 1, min(last + DATES_AFTER, len(page.lines) - 1) + 1),
    ]
    for number in (each for part in places for each in part if each not in page.article):
        line = page.lines[number]
        found = page.dates_in(line) if len(line) <= MAX_DATE_LINE else ()
        if not found or len(without(line, found).split()) > MAX_BESIDE:
            continue
        for dated in (each.line for each in found):
            if dated.label == "modified":
                page.modified = page.modified or dated.stated
                page.found("modified_at", "labelled date")
            elif number < top and _is_clock(page, number, dated):
                continue
            elif len(dated.stated.published) == WHOLE_DAY and page.stated is None:
                page.stated = dated.stated
                page.found("published", "date near the text")
                page.mark(number, "date")
        if page.stated:
            return


def _is_clock(page: Page, number: int, dated: DateLine) -> bool:
    """Whether a date above the headline is that of the visit: whole pages show it, texts on top."""
    if dated.label is not None or not has_weekday(page.lines[number]):
        return False
    return not page.is_short or (dated.timed and sum(map(bool, page.lines[:number])) < CLOCK_WITHIN)


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
            _take_names(page, [number], names, "byline with a date")
    page.mark(number, "date")
    return True


def _take_two_line_byline(page: Page, number: int) -> bool:
    """`Name` above `Outlet, City`, perhaps with a blank line between."""
    following = page.open_below(number, 1)
    known = page.outlet_names()
    line = page.lines[number]
    if not following or not persons.is_name(line):
        return False
    if not persons.is_place_of(page.lines[following[0]], known):
        return False
    _take_names(page, [number, *following], [line], "name above outlet and city")
    return True


def _take_next_name(page: Page, number: int) -> None:
    """The name in the line below `By`."""
    following = page.open_below(number, 1)
    names = persons.names_in(page.lines[following[0]]) if following else None
    if names and not page.names:
        _take_names(page, following, names, "name below its label")


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
    _take_names(page, [number], names, "name beside the date")
    return True


def _take_bare_name(page: Page) -> None:
    """Names by themselves between headline and text, perhaps below a standfirst."""
    top, below = page.headline, min(page.article, default=0)
    if page.names or not page.title or top is None:
        return
    opens = [number for number in page.open_lines() if top < number <= below]
    if len(opens) > MOST_BETWEEN:
        return
    for number in opens[:BARE_WITHIN]:
        line = page.lines[number]
        names = None if page.names_own(line) or page.speaks_of(line) else persons.bare_names(line)
        if names and number != below:
            _take_names(page, [number], names, "name between headline and text")
            if number != opens[0] and page.subtitle is None:
                _take_subtitle(page, opens[:1])
            return


def take_closing_name(page: Page) -> None:
    """Names by themselves right below the text, where none stands above."""
    if page.names or not page.article:
        return
    below = (n for n in range(max(page.article) + 1, len(page.lines)) if page.lines[n])
    number = next(below, None)
    if number is None or page.kinds[number] not in UNTOLD or page.lines[number].isupper():
        return
    line = page.lines[number]
    if not page.speaks_of(line) and (names := persons.bare_names(line)):
        _take_names(page, [number], names, "name below the text")


def _is_brief(page: Page, waiting: list[int]) -> bool:
    """Whether the one line that waits is short for a paragraph of text."""
    return bool(page.title) and len(waiting) == 1 and len(page.lines[waiting[0]].split()) <= BRIEF


def _is_dated(page: Page, line: str) -> bool:
    """Whether a line has a date and next to nothing else."""
    found = page.dates_in(line) if len(line) <= MAX_DATE_LINE else ()
    return bool(found) and len(without(line, found).split()) <= BESIDE_DATE


def _take_names(page: Page, numbers: list[int], names: list[str], rule: str) -> None:
    for each in names:
        if not (page.names_own(each) or persons.NEWSROOM.fullmatch(each) or each in page.names):
            page.names.append(each)
    for number in numbers:
        page.mark(number, "byline")
    if page.names:
        page.found("byline", rule)


def take_date(page: Page, number: int, dated: DateLine, *, in_head: bool) -> None:
    """A date line: published, modified, or a page's clock, which is no date of the article."""
    page.mark(number, "date")
    if dated.label == "modified":
        page.modified = page.modified or dated.stated
        page.found("modified_at", "labelled date")
    elif dated.label == "published" and page.sources.get("published") != "labelled date":
        page.stated = dated.stated
        page.sources["published"] = "labelled date"
    elif dated.label is None and in_head and page.title and page.stated is None:
        page.stated = dated.stated
        page.found("published", "date below the headline")
    else:
        page.mark(number, "clock")


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
        _take_names(page, numbers, names, "name between headline and text")
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
