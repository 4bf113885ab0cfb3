"""Exports of press databases: one file, many articles of many publications, without addresses.

Owns telling which database a file is of, and its articles as `PressArticle` values: `nexis`,
`factiva`, `europresse`, `integrum`. Whose a publication is, is `outlets`' to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from microfiche.dates.printed import find_dates
from microfiche.text import normal_line

COPYRIGHT = re.compile(
    r"\s*(?:copyright\b|©|\(c\)\s|all rights reserved|tous droits r[ée]serv[ée]s|"
    r"alle rechte vorbehalten)",
    re.IGNORECASE,
)
PAGE = re.compile(
    r"\s*(?:pages?|pg|pp?|s|seiten?|стр)\b\.?\s*(?P<page>[\w\-, ]{1,40})\s*", re.IGNORECASE
)
PLACE = re.compile(r"(?:column|version|part)\b", re.IGNORECASE)  # on a page, or of a text
PICTURE = re.compile(
    r"(?:photo(?:graph)?s?|drawings?|maps?|charts?|graphics?|diagrams?|cartoons?|foto|zeichnung)s?"
    r"(?:\s+captions?)?\s*:.*",
    re.IGNORECASE | re.DOTALL,
)
WRAPPED_HYPHEN = re.compile(r"(?<=\w)-$")
MAX_LINE, MAX_NOTICE = 500, 300


def is_notice(line: str) -> bool:
    """Whether a line is one that states who holds the rights, and no sentence of a text."""
    return len(line) <= MAX_NOTICE and COPYRIGHT.match(line) is not None


@dataclass(frozen=True)
class PressArticle:
    """One article of an export; what is not stated is None or empty.

    place        where it begins in the file, for people
    byline       as it is printed, a line each
    published    EDTF, or an RFC 3339 time if the zone is stated
    accession    number of the database, in ASCII
    edition, page, n_words, loaded, copyright   as they are printed
    """

    place: str
    publication: str | None = None
    title: str | None = None
    subtitle: str | None = None
    byline: tuple[str, ...] = ()
    section: str | None = None
    dateline: str | None = None
    published: str | None = None
    language: str | None = None
    paragraphs: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    accession: str | None = None
    edition: str | None = None
    page: str | None = None
    n_words: str | None = None
    loaded: str | None = None
    copyright: str | None = None


def day_of(line: str) -> tuple[str, str] | None:
    """(day of the first date in a line, what else the line says); None without one.

    The day is EDTF, or an RFC 3339 time where time and zone are stated and the day is the same.
    """
    for found in find_dates(line):
        rest = f"{line[: found.start]} {line[found.end :]}"
        stated = found.line.stated
        timed = (
            stated.at is not None and stated.zone == "stated" and stated.at[:10] == stated.published
        )
        return stated.at if timed and stated.at else stated.published, normal_line(rest).strip(
            " ,;"
        )
    return None


def section_and_page(line: str) -> tuple[str | None, str | None]:
    """(section, page) of a line such as `NEWS; Pg. 3` or `Politique, p. 12`."""
    told: list[str] = []
    page, line = None, normal_line(line)[:MAX_LINE]
    for part in re.split(r"\s*;\s*|,\s*(?=p(?:\.|ages?\b|g\b))", line):
        match = PAGE.fullmatch(part)
        if match:
            page = page or normal_line(match["page"]).strip(" ,")
        elif (said := normal_line(part).strip(" ,.-")) and not PLACE.match(said):
            told.append(said)
    return "; ".join(told) or None, page


def without_pictures(paragraphs: list[str]) -> tuple[list[str], list[str]]:
    """(paragraphs, what those at the end say of pictures)."""
    kept = list(paragraphs)
    told: list[str] = []
    while len(kept) > 1 and PICTURE.fullmatch(kept[-1]):
        told.insert(0, kept.pop())
    captions = [each.partition(":")[2].strip() for each in told]
    return kept, [each for each in captions if each]


def joined(lines: Sequence[str]) -> str:
    """Lines as one: after a hyphen that a word has within it no space follows."""
    parts: list[str] = []
    for line in lines:
        inside = parts and line[:1].isalpha() and WRAPPED_HYPHEN.search(parts[-1][-2:])
        parts += [line] if inside or not parts else [" ", line]
    return normal_line("".join(parts))


def typed_paragraphs(text: str, indent: int) -> Iterator[str]:
    """Paragraphs of typed lines: the first line of each is indented, or follows a blank one."""
    held: list[str] = []
    for line in text.splitlines():
        if held and (not line.strip() or line.startswith(" " * indent)):
            yield joined(held)
            held = []
        if line.strip():
            held.append(line.strip())
    if held:
        yield joined(held)
