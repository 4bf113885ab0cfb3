"""Pictures of a page saved as text: captions and credits, by their words and by each other."""

from __future__ import annotations

import re

from microfiche.extract import head, persons
from microfiche.extract.saved import Page

IMAGE_SOURCE = "image source"  # stands before what it is of
IMAGE_CAPTION = re.compile(r"(?:image )?caption[,:]?", re.IGNORECASE)  # a label by itself
NEAR = 12  # lines above a credit in which the text's own byline stands
# Words of a sentence above a credit that tells of the picture: in the text, and where it opens.
MAX_PICTURED, MAX_OPENING = 22, 45


def mark_credits(page: Page) -> None:
    """Lines that say whose a picture is, and the lines above that say what it shows."""
    lines = [number for number, line in enumerate(page.lines) if line]
    opens = min(page.article, default=len(page.lines))
    for place, number in enumerate(lines):
        if page.kinds[number] is not None:
            continue
        first = place
        if IMAGE_CAPTION.fullmatch(page.lines[number]):
            page.mark(number, "credit")
            below = lines[place + 1] if place + 1 < len(lines) else None
            if below is not None and page.kinds[below] is None:
                page.take_caption(below, "line below its label")
            continue
        if _parts_owner(page, lines, place):
            first = place - 1
            for each in lines[first : place + 2]:
                page.mark(each, "credit")
        elif head.is_lone_credit(page.lines[number]) or _is_signed(
            page, lines[max(0, place - NEAR) : place], number
        ):
            page.mark(number, "credit")
        else:
            continue
        above = lines[first - 1] if first else None
        owned = page.lines[number].casefold().startswith(IMAGE_SOURCE)
        if above is not None and not owned and _is_pictured(page, above, opens):
            page.take_caption(above, "line above a credit")


def has_credit(lines: list[str], line: str) -> bool:
    """Whether a line among others has a credit below it: a line by itself, or one that a slash parts."""
    for number in (number for number, each in enumerate(lines) if each == line):
        below = lines[number + 1 : number + 3]
        if below[1:] == ["/"]:
            return True
        if below and head.is_lone_credit(below[0]) and head.closes(line):
            return True
    return False


def _parts_owner(page: Page, lines: list[int], place: int) -> bool:
    """Whether a slash stands by itself between who took a picture and whose it is."""
    if page.lines[lines[place]] != "/" or not 0 < place < len(lines) - 1:
        return False
    return bool(persons.names_in(page.lines[lines[place - 1]]))


def _is_signed(page: Page, above: list[int], number: int) -> bool:
    """Whether a line is `Name / Outlet` below a sentence, where a byline stands above already."""
    names, slash, owner = page.lines[number].partition(" / ")
    if not slash or not page.is_own_name(owner) or not persons.names_in(names):
        return False
    told = any(persons.byline(page.lines[each]) for each in above)
    return bool(above) and told and head.closes(page.lines[above[-1]])


def _is_pictured(page: Page, number: int, first: int) -> bool:
    """Whether a line above a credit tells what the picture shows."""
    line = page.lines[number]
    if page.kinds[number] is not None or number == page.headline or page.is_own_name(line):
        return False
    told = persons.byline(line) or persons.names_in(line) or page.dates_alone(line)
    if told or (number in page.article and number != first and head.closes(line)):
        return False
    return len(line.split()) <= (MAX_OPENING if number <= first else MAX_PICTURED)


def mark_captions(page: Page) -> None:
    """Captions by their words, wherever they stand; the last paragraph may close with the outlet's name."""
    last, own = max(page.article, default=None), page.outlet_names()
    for number in page.open_lines():
        line = page.lines[number]
        closing = number == last and persons.closing_names(line, own)[0] != line
        if page.is_caption(line) and not closing:
            page.take_caption(number, "opening words or closing credit")
        elif page.article and number not in page.article:
            page.mark(number, "other")


def captions_of(page: Page) -> list[str]:
    """What was taken for captions, in page order, each once."""
    order = (number for number, kind in enumerate(page.kinds) if kind == "caption")
    return list(dict.fromkeys(page.lines[number] for number in order))
