"""When a text was published: its dates, in lines of their own and in lines around the article."""

from __future__ import annotations

from microfiche.dates.printed import DateLine, has_weekday, without
from microfiche.extract.saved import Page

CLOCK_WITHIN = 2  # lines of a text on whose top its clock stands
WHOLE_DAY, MAX_BESIDE = 10, 8  # letters, and words beside a date
CLOSE = 4  # lines above the headline that may still date the article
DATES_ABOVE, DATES_BELOW, DATES_AFTER = 25, 12, 6  # lines around the text where its date may be


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
        found = page.dates_in_short(line)
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
