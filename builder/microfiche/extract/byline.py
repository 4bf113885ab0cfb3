"""Authors of a page: where it shows them, and their names without what is around them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from microfiche.extract import head
from microfiche.extract.blocks import (
    class_words,
    says,
)
from microfiche.extract.elements import names_of, short_pieces
from microfiche.text import normal_line

MAX_NAME, MAX_NAMES = 60, 12
MAX_AUTHORS, MAX_PIECES, MAX_ABOVE = 400, 40, 30


# An author's element, by the microformats and by the names that sites give it.
AUTHOR = class_words("by-?line author authors author-?names? autor autoren auteur writer")
AUTHOR_ADDRESS = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|redakteure?|writers?)/", re.IGNORECASE
)
ELSEWHERE = class_words(
    "comments? commenter disqus related teasers? recommend[a-z]* sidebar side-bar most-?read popular",
    "trending more-on comentarios? commentaires? kommentare?",
)
# What opens a byline and is no part of a name. Names may begin with Von, Di or Da: only a colon,
# or a capital after `By`, tells.
BYLINE_START = re.compile(
    r"^(?:written |reported |posted |story |text |words )?(?:by|von|par|por|di|da|av|af|door|autor(?:in)?|"
    r"author|от|автор|text|foto|fotos)[:\s]\s*",
    re.IGNORECASE,
)
NAME_BREAK = re.compile(r"\s*(?:,|;|\||•|·|/|&|、)\s*")
NAME_JOINT = re.compile(r"\s+(?:and|und|et|og|och|y|e|i|en)\s+")
IN_BRACKETS = re.compile(r"\s*[(\[（][^()\[\]（）]*[)\]）]")
STATED_START = re.compile(
    r"^(?:(?:[Ww]ritten |[Rr]eported )?(?:[Bb]y|BY|[Vv]on|[Pp]ar|[Pp]or):?\s+"
    r"(?=[^\W\d_a-zß-ÿ]\S*\s+[^\W\d_a-zß-ÿ])|(?:von|par|por|di|da|text|foto)\s*:\s*)"
)
# What stands where a name would, and is the name of nobody.
NOBODY = frozenset(
    (
        "admin", "administrator", "undefined", "webmaster", "null", "none", "guest", "root", "author",
        "the author", "last updated", "updated", "published", "written by", "posted by", "share",
    )
)  # fmt: skip
POST = re.compile(
    r"(?:^|\s)(?:[\w-]+ )?(?:director|consultant|writer|editor|reporter|correspondent|contributor|"
    r"specialist|manager|founder|journalist|grader)$",
    re.IGNORECASE,
)
NO_NAME = re.compile(
    r"https?:|www\.|@|[0-9]|\bgetty\b|\bimages?\b|\bphotos?\b|shutterstock", re.IGNORECASE
)


def is_elsewhere(element: Any) -> bool:
    """Whether an element stands among what readers write, or what is told of other articles."""
    around = itertools.islice(element.iterancestors(), MAX_ABOVE)
    # What a site calls the whole page, `has-sidebar` say, tells nothing of what stands in it.
    parts = itertools.takewhile(lambda each: each.tag not in ("body", "html"), (element, *around))
    named = map(names_of, parts)
    return any(name != " " and says(ELSEWHERE, name) for name in named)


def visible_authors(root: Any) -> list[str]:
    """Names in the first element that the page marks as its author's, not a reader's."""
    for element in root.iter("a", "span", "p", "div", "address", "ul", "li"):
        if _is_authors(element) and not is_elsewhere(element):
            pieces = [piece for piece in _short_texts(element) if not _is_label(piece)]
            apart = len(pieces) > 1 and all(" " in piece.strip() for piece in pieces)
            for stated in (pieces,) if apart else ([" ".join(pieces)], pieces):
                names = list(clean_names(stated, BYLINE_START))
                if names and all(head.is_name(name) for name in names):
                    return names[:MAX_NAMES]
    return []


def _is_label(piece: str) -> bool:
    """Whether a piece says only that a name follows, or what somebody is."""
    text = normal_line(piece)
    return bool(head.BYLINE_LABEL.fullmatch(text) or (" " in text and POST.search(text)))


def _short_texts(element: Any) -> list[str]:
    """The texts in an element, if they are no more than names can be; else none."""
    pieces, size = [], 0
    for piece in itertools.islice(short_pieces(element), MAX_PIECES):
        size += len(piece)
        if size > MAX_AUTHORS:
            return []
        if piece.strip():
            pieces.append(piece)
    return pieces


def _is_authors(element: Any) -> bool:
    """Whether an element is marked as the author's: by rel, itemprop, address or class."""
    if "author" in (element.get("rel"), element.get("itemprop")):
        return True
    address = element.get("href")
    if address and AUTHOR_ADDRESS.search(address):
        return True
    named = names_of(element)
    return named != " " and says(AUTHOR, named)


def clean_names(stated: Iterable[str], start: re.Pattern[str] = STATED_START) -> Iterator[str]:
    """Names out of bylines: without `By`, addresses, roles in brackets, each once.

    `start` is what may open a byline.
    """
    seen: set[str] = set()
    for value in stated:
        if "://" in value:
            continue
        line = start.sub("", IN_BRACKETS.sub("", normal_line(value)))
        for part in _name_parts(line):
            name = part.strip(" .,:|-–—")
            if not name or NO_NAME.search(name) or len(name) > MAX_NAME:
                continue
            if name.casefold() in seen or name.casefold() in NOBODY:
                continue
            seen.add(name.casefold())
            yield name


def _name_parts(line: str) -> Iterator[str]:
    """The names in a line that may list several.

    `José Ortega y Gasset` and `King, Martin Luther` are one: what a word joins has two words on
    either side, and what a comma or such joins has them before the first, or spaces nowhere.
    """
    joined = [part.strip() for part in NAME_JOINT.split(line)]
    for part in joined if all(" " in each for each in joined) else [line]:
        names = [name.strip() for name in NAME_BREAK.split(part) if name.strip(" .")]
        apart = names and (" " in names[0] or not any(" " in name for name in names))
        yield from names if apart else [part]
