"""Exports of Europresse (Eureka), as HTML, of its old interface and the new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from microfiche.captures.fragment import lines_of
from microfiche.captures.press import PressArticle, day_of, is_notice, section_and_page
from microfiche.text import normal_line

NUMBER = re.compile(r"\b((?:news|web|bio|social)[·•:\-][\w·•:\-]+)")
ISSUE = re.compile(r",\s*(?:no\.?|n°|vol\.?|hors-série)\s*[\w\-. ]+$", re.IGNORECASE)
WORDS = re.compile(r"\s*[-–,]?\s*([0-9][0-9\s\xa0]{0,6}mots)\b", re.IGNORECASE)
LABEL = re.compile(
    r"(?:illustration\(s\)|note\(s\)|encadré\(s\)|référence\(s\))\s*:.*", re.IGNORECASE
)


def articles(root: Any) -> Iterator[PressArticle]:
    """The articles of an export."""
    held = root.xpath("//article")
    if not held:
        held = root.xpath("//table[not(ancestor::table)][.//*[@class='DocPublicationName']]")
    for number, element in enumerate(held, start=1):
        yield _article(f"article {number}", element)


def _line(element: Any) -> str:
    return normal_line("".join(element.itertext()))


def _article(place: str, element: Any) -> PressArticle:
    publication = _first(element, ".//*[contains(@class, 'DocPublicationName')]")
    headers = element.xpath(".//*[contains(@class, 'DocHeader')]")
    header = normal_line(" ".join(_line(each) for each in headers))
    title = _first(element, ".//*[contains(@class, 'itreArticleVisu')]")
    whole = list(lines_of(element))
    number = next((m[1] for each in reversed(whole) if (m := NUMBER.search(each))), None)
    rights = next((each for each in reversed(whole) if is_notice(each)), None)
    words = WORDS.search(header)
    header = WORDS.sub("", header)
    subtitle = _first(element, ".//*[contains(@class, 'subtitle')]")
    dated = day_of(header)
    section, page = section_and_page(dated[1] if dated else header)
    modern = element.xpath(".//*[contains(@class, 'DocText')]")
    if modern:
        paragraphs = [line for each in modern for line in lines_of(each)]
        between = element.xpath(
            ".//header/*[preceding-sibling::div[contains(@class, 'titreArticle')]]"
        )
        byline = [_line(each) for each in between if _line(each)]
        captions = [line for each in element.xpath(".//aside") for line in lines_of(each)]
        captions = [each for each in captions if not LABEL.fullmatch(each)]
    else:
        byline, paragraphs = _old(whole, title, rights)
        captions = []
    return PressArticle(
        place,
        publication=ISSUE.sub("", publication) if publication else None,
        title=title,
        subtitle=subtitle,
        byline=tuple(_turned(byline[0])) if byline else (),
        n_words=words[1] if words else None,
        section=(section or "").strip(" ,.-") or None,
        page=page,
        published=dated and dated[0],
        paragraphs=tuple(each for each in paragraphs if not LABEL.fullmatch(each)),
        captions=tuple(captions),
        accession=number and re.sub(r"[·•:]", "-", number),
        copyright=rights,
    )


def _turned(line: str) -> list[str]:
    """Names of a byline; where semicolons part them, family names stand first."""
    parts = [each.strip() for each in line.split(";") if each.strip()]
    if len(parts) < 2:
        return parts
    return [" ".join(reversed([each.strip() for each in part.split(",", 1)])) for part in parts]


def _first(element: Any, path: str) -> str | None:
    found = element.xpath(path)
    return (_line(found[0]) or None) if found else None


def _old(lines: list[str], title: str | None, rights: str | None) -> tuple[list[str], list[str]]:
    """(byline, paragraphs) of a document whose lines have no elements of their own."""
    start = lines.index(title) + 1 if title in lines else 0
    end = lines.index(rights) if rights in lines else len(lines)
    body = lines[start:end]
    named = len(body) > 1 and len(body[0]) < 60 and not re.search(r"[.!?…»]$", body[0])
    return (body[:1], body[1:]) if named else ([], body)
