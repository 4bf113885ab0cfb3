"""The paragraphs of a text: what is left open, without its dateline and notes on who wrote it."""

from __future__ import annotations

import itertools
import re

from microfiche.extract import persons
from microfiche.extract.datelines import OPENS, SIGNED, dateline, is_weak, opens_news
from microfiche.extract.head import closes
from microfiche.extract.opening import MAX_STANDFIRST, set_subtitle
from microfiche.extract.saved import Page
from microfiche.text import holds_any

# What follows a name where a line tells whose it is.
COPULA = re.compile(
    r",? (?:is (?:an?|the)|was an?|covers|reports|writes|est (?:une?|la|le|journaliste)|ist|schreibt|es (?:una?|periodista)|é|è|jest)\b",
    re.IGNORECASE,
)
# `Lower Quay, 3 March (Harbour Courier) – The`
# `Lower Quay, Harbour Courier- The`, `Harbour Courier/ The`
PARTED, LISTED = re.compile(r"\s*(?:[:：]|[-–—]+|/\.?)\s+"), re.compile(r"[,،/()]+")
ABBREVIATED = re.compile(r"^[^\W\d_]{3,6}\. ?(?=\S)")  # `Corr. Harbour Courier`
MAX_OWNED, MAX_PART = 80, 3  # letters, words
# `outlet/place The`, as some agencies open
GLUED = re.compile(r"(?P<dateline>(?P<owner>[\w\u200c]{3,20})/[\w\u200c]{2,20}) (?=\S)")
# A day behind a dateline: `3.5.2010 - The`
DATED = re.compile(r"([0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2})\s*[-–—:]+\s+")
# `Lower Quay (Harbour Courier) - The`, `Lower Quay, May 3 (Harbour Courier) The`
BRACKETED = re.compile(
    r"(?P<dateline>[^()/]{0,50}[(/](?P<owner>[^()/]{2,40})[)/])\s*[-–—:.]+\s+"
    rf"|(?P<dated>[^()/]{{1,40}}[0-9][^()/]{{0,9}}\((?P<signed>[^()/]{{2,40}})\))\s+{OPENS}"
)
# Where the article was written, on a line of its own above it
SHOUTED = re.compile(r"(?P<place>[^\W\d_][\w'’-]{2,20})(?:, [^\W\d_][\w'’. -]{2,20})?")


def paragraphs_of(page: Page) -> list[str]:
    """The text: every line still open, the dateline taken off the first."""
    _take_above_dateline(page)
    paragraphs = [page.lines[number] for number in page.open_lines()]
    if paragraphs:
        opening, paragraphs[0] = _datelines(page, paragraphs[0])
        page.dateline = page.dateline or opening
        if opening:
            page.found("dateline", "opening of the first paragraph")
            # `By Name, Place` names one person.
            page.names[1:] = [each for each in page.names[1:] if not opening.startswith(each)]
            page.names = page.names or persons.in_dateline(opening)
    if len(paragraphs) > 1 and _is_of_author(page, paragraphs):
        del paragraphs[-1]
    if paragraphs:
        paragraphs[-1], closing = persons.closing_names(paragraphs[-1], page.outlet_names())
        page.names = page.names or closing
    return paragraphs


def _take_above_dateline(page: Page) -> None:
    """What stands above the paragraph with which the text opens: a place, or the standfirst."""
    numbers = page.open_lines()[:2]
    if len(numbers) < 2:
        return
    first, second = (page.lines[number] for number in numbers)
    if _is_shouted(first, second):
        page.dateline = first
        page.mark(numbers[0], "dateline")
        page.found("dateline", "line above the first paragraph")
        return
    if len(first.split()) > MAX_STANDFIRST or opens_news(first) or not opens_news(second):
        return
    if page.title and not page.subtitle:
        set_subtitle(page, numbers[0])


def _is_shouted(line: str, below: str) -> bool:
    """Whether a line is a place in capitals of which the paragraph below it speaks; of a word, as persons are not."""
    told = SHOUTED.fullmatch(line) if closes(below) else None
    return (
        told is not None
        and told["place"].isupper()
        and re.search(rf"\b{told['place'].title()}\b", below) is not None
    )


def _datelines(page: Page, paragraph: str) -> tuple[str | None, str]:
    """(all that opens a first paragraph before its text, the paragraph without): agency, place, day."""
    whole, rest = _dateline(page, paragraph)
    if whole is None:
        return None, paragraph
    dated = DATED.match(rest)
    if dated:
        again, bare = dated[1], rest[dated.end() :]
    elif is_weak(rest) or not (page.is_own_part(whole) or whole[0] in "(["):
        return whole, rest
    else:
        again, bare = _dateline(page, rest)
    if again is None or not bare:
        return whole, rest
    return paragraph[: len(paragraph) - len(bare)].rstrip(" -–—:"), bare


def _dateline(page: Page, paragraph: str) -> tuple[str | None, str]:
    """(the dateline of a first paragraph, the paragraph without): a place, or the outlet's name."""
    for sign in (": ", " - ", " – ", " — "):
        opening, found, rest = paragraph.partition(sign)
        plain = opening.isascii() and " " not in opening  # a word of one's own may open a sentence
        if found and not plain and page.is_own_part(opening):
            return opening, rest
    if owned := _owned(page, paragraph):
        return owned
    told = BRACKETED.match(paragraph)
    if told and page.names_own(told["owner"] or told["signed"]):
        return told["dateline"] or told["dated"], paragraph[told.end() :]
    place, bare = dateline(paragraph)
    if place and is_weak(paragraph) and not _is_known(page, place.split(".")[0], paragraph):
        return None, paragraph
    if place and (signed := SIGNED.match(bare)):
        page.names = page.names or [signed["name"]]
        return place, bare[signed.end() :]
    return place, bare


def _owned(page: Page, paragraph: str) -> tuple[str, str] | None:
    """(a dateline that has the outlet's name beside places, the paragraph without); None without."""
    if (glued := GLUED.match(paragraph)) and page.is_own_name(glued["owner"]):
        return glued["dateline"], paragraph[glued.end() :]
    for sign in itertools.islice(PARTED.finditer(paragraph, 0, MAX_OWNED), 2):
        parts = [part for each in LISTED.split(paragraph[: sign.start()]) if (part := each.strip())]
        if any(len(part.split()) > MAX_PART or closes(part) for part in parts):
            return None
        if any(page.is_own_name(ABBREVIATED.sub("", part)) for part in parts):
            return paragraph[: sign.start()], paragraph[sign.end() :]
    return None


def _is_known(page: Page, place: str, paragraph: str) -> bool:
    """Whether the place of a dateline is named elsewhere too, or another time in its paragraph."""
    forms = {place, place.title()}
    again = any(form in paragraph[len(place) :] for form in forms)
    return again or any(holds_any(line, forms) for line in page.lines if line != paragraph)


def _is_of_author(page: Page, paragraphs: list[str]) -> bool:
    """Whether the last paragraph tells who the author is, of whom nothing else does."""
    *others, last = paragraphs
    own = [name for name in page.names if last.casefold().startswith(name.casefold())]
    told = any(COPULA.match(last, len(name)) for name in own)
    surnames = [name.split()[-1] for name in own]
    return told and not any(holds_any(line, surnames) for line in (page.title or "", *others))
