"""What the lines around an article are in the end: weighed by all that the rules have found.

Rules know words and forms; how much each of them is to be trusted, and what a line is of which none
speaks, has been learned from texts of many outlets (`weights/settling.json`).
"""

from __future__ import annotations

from collections.abc import Mapping

from microfiche.extract.authors import authors_in
from microfiche.extract.datelines import opens_news
from microfiche.extract.evidence import evidence
from microfiche.extract.head import breaks_off
from microfiche.extract.opening import set_subtitle
from microfiche.extract.pictures import captions_of
from microfiche.extract.saved import Page
from microfiche.extract.shape import Column
from microfiche.extract.trees import trees

# What these are, rules tell best.
SURE = ("title", "byline", "date", "clock", "caption", "paywall", "mirror-notice")
# Thousandths of the logarithm of the odds that a line is a caption or the standfirst, if it is no text.
CAPTION, STANDFIRST = -200, -847
OUTSIDE = 1000  # of being text, above which a line is that the first weights have left out
CLUTTER = 6  # from this number on, what rules say of a line is that it is none of the article
# An article of no more lines than these loses none where no more clutter stands around it.
WHOLE, KEPT = ((1 << 30, 0), (6, 1), (4, 3)), -1 << 20
FEW, SPARED = 1, -1500  # clutter, and the score above which lines of the article stay among it
CANDIDATES = 6  # lines that may name the authors
LABELLED, BARE = -4200, -1300  # of a line that names the authors: by a label, by itself
KNOWN = ("title", "subtitle", "caption", None)  # kinds of lines that are no bylines


def settle(page: Page) -> None:
    """Mark what of the lines near the article is text, caption, standfirst, and what is neither."""
    numbers, columns = evidence(page)
    if not numbers:
        return
    # in the order in which benchmarks/train_settling.py has them
    text, caption, standfirst, byline = trees("settling").scores(columns).tolist()
    inside = columns["inside"].tolist()
    broken, least = _broken(page), _least(page, numbers, columns)
    for place, number in enumerate(numbers):
        kind = page.kinds[number]
        page.scores[number] = text[place]
        if kind in SURE or number in page.told_by_outlet:
            continue
        kept = inside[place] and (text[place] > least or opens_news(page.lines[number]))
        kept = kept or number == broken
        if text[place] > (0 if inside[place] else OUTSIDE) or (kind is None and kept):
            _reopen(page, number)
        elif caption[place] > CAPTION:
            page.mark(number, "caption")
            page.found("captions", "weighed with the lines around")
        elif kind != "subtitle" and standfirst[place] > STANDFIRST and page.subtitle is None:
            set_subtitle(page, number)
        elif kind is None:
            page.mark(number, "other")
    page.captions = captions_of(page)
    if not page.names:
        _settle_authors(page, dict(zip(numbers, byline, strict=True)))


def _least(page: Page, numbers: list[int], columns: Mapping[str, Column]) -> int:
    """The score above which a line of the article stays: the less stands around it, the more do.

    What the outlet's file tells is no clutter: nothing about it is in doubt.
    """
    told = zip(numbers, columns["told"].tolist(), strict=True)
    clutter = sum(kind >= CLUTTER and number not in page.told_by_outlet for number, kind in told)
    lines = int(columns["inside"].sum())
    if any(lines <= most and clutter <= beside for most, beside in WHOLE):
        return KEPT
    return SPARED if clutter <= FEW else 0


def _broken(page: Page) -> int | None:
    """The number of the last line, if it is of the article and breaks off; None if it does not."""
    last = max(number for number, line in enumerate(page.lines) if line)
    return last if last in page.article and breaks_off(page.lines[last]) else None


def _settle_authors(page: Page, byline: dict[int, int]) -> None:
    """Take the authors of the likeliest line that names some."""
    text = page.told_text()
    likely = sorted(((score, -n) for n, score in byline.items()), reverse=True)
    for score, number in likely[:CANDIDATES]:
        line, kind = page.lines[-number], page.kinds[-number]
        if score <= LABELLED:
            return
        names, labelled = authors_in(page, line, text) if kind not in KNOWN else ([], False)
        if names and (labelled or score > BARE):
            page.names = names
            page.sources["byline"] = "weighed with the lines around"
            page.mark(-number, "byline")
            return


def _reopen(page: Page, number: int) -> None:
    """Say that a line is text, whatever it was taken for."""
    if page.kinds[number] == "subtitle":
        page.subtitle = None
        page.sources.pop("subtitle", None)
    page.kinds[number] = None
