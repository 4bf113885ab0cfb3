"""What the lines around an article are in the end: weighed by all that the rules have found.

Rules know words and forms; how much each of them is to be trusted, and what a line is of which none
speaks, has been learned from texts of many outlets (`weights/paragraphs.json` and its like).
"""

from __future__ import annotations

from microfiche.extract.evidence import evidence
from microfiche.extract.opening import set_subtitle
from microfiche.extract.pictures import captions_of
from microfiche.extract.saved import Page
from microfiche.extract.trees import trees

SURE = ("title", "byline", "date", "clock", "caption")  # what these are, rules tell best
# Thousandths of the logarithm of the odds that a line is a caption or the standfirst, if it is no text.
CAPTION, STANDFIRST = -405, -847


def settle(page: Page) -> None:
    """Mark what of the lines near the article is text, caption, standfirst, and what is neither."""
    numbers, columns = evidence(page)
    if not numbers:
        return
    text, caption, standfirst = (
        trees(name).score(columns).tolist() for name in ("paragraphs", "captions", "standfirsts")
    )
    for place, number in enumerate(numbers):
        kind = page.kinds[number]
        page.scores[number] = text[place]
        if kind in SURE:
            continue
        if text[place] > 0:
            _reopen(page, number)
        elif caption[place] > CAPTION:
            page.mark(number, "caption")
            page.found("captions", "weighed with the lines around")
        elif kind != "subtitle" and standfirst[place] > STANDFIRST and page.subtitle is None:
            set_subtitle(page, number)
        elif kind is None:
            page.mark(number, "other")
    page.captions = captions_of(page)


def _reopen(page: Page, number: int) -> None:
    """Say that a line is text, whatever it was taken for."""
    if page.kinds[number] == "subtitle":
        page.subtitle = None
        page.sources.pop("subtitle", None)
    page.kinds[number] = None
