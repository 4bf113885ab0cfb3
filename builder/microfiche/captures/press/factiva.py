"""Exports of Factiva, as HTML in any language of its interface, or as XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from microfiche.captures.press import (
    PressArticle,
    day_of,
    is_notice,
    section_and_page,
    typed_paragraphs,
    without_pictures,
)
from microfiche.text import normal_line

NUMBER = re.compile(r"\b([A-Z]{2,8}[0-9]{4,}[0-9A-Za-z]{6,})\s*$")
WORDS = re.compile(r"[0-9][0-9.,\s]*\s*\w{1,12}")
CLOCK = re.compile(r"[0-2]?[0-9][:.h][0-5][0-9](?::[0-5][0-9])?(?:\s*[A-Za-z.]{2,6})?")
CODE = re.compile(r"[A-Z][A-Z0-9]{2,9}")
COUNTED = re.compile(r"^[0-9]+\)\s+")
# Labels of the table form are the same in every language.
CODES = {"HD": "title", "BY": "byline", "SE": "section", "PG": "page", "WC": "n_words", "PD": "day",
         "ET": "clock", "SN": "publication", "ED": "edition", "LA": "language", "CY": "copyright",
         "LP": "text", "TD": "text", "AN": "number", "ART": "caption", "CR": "credit"}  # fmt: skip


def html_articles(root: Any) -> Iterator[PressArticle]:
    """The articles of an export as HTML."""
    found = root.xpath(
        "//div[contains(concat(' ', @class), 'Article') and contains(@class, 'article ')]"
    )
    held = [each for each in found if each.xpath(".//*[contains(@class, 'Headline')]")]
    for number, element in enumerate(held, start=1):
        place = f"article {number}"
        table = element.xpath(".//td[contains(@class, 'index')]")
        yield _of_table(place, table) if table else _of_blocks(place, element)


def _text(element: Any) -> str:
    return normal_line(" ".join(element.itertext()) if element is not None else "")


def _close(element: Any) -> str:
    """The text of an element, marks within words not set apart."""
    return normal_line("".join(element.itertext()))


def _of_table(place: str, labels: list[Any]) -> PressArticle:
    known: dict[str, Any] = {"byline": (), "captions": ()}
    paragraphs: list[str] = []
    day, clock = "", ""
    for label in labels:
        name, cell = CODES.get(_text(label)), label.getnext()
        if name is None or cell is None:
            continue
        value = _close(cell)
        if name == "text":
            paragraphs += [_close(each) for each in cell.iter("p")] or [value]
        elif name == "day":
            day = value
        elif name == "clock":
            clock = value
        elif name == "number":
            known["accession"] = _number(value)
        elif name == "byline":
            known["byline"] = (value,)
        elif name == "caption":
            known["captions"] = (value,)
        elif name == "title":
            known["title"] = COUNTED.sub("", value) or None
        elif name in (
            "section",
            "page",
            "n_words",
            "publication",
            "edition",
            "language",
            "copyright",
        ):
            known[name] = value or None
    dated = day_of(day)
    known["published"] = dated and dated[0]
    del clock  # of an unknown zone
    return PressArticle(place, paragraphs=tuple(filter(None, paragraphs)), **known)


def _of_blocks(place: str, element: Any) -> PressArticle:
    headline = element.xpath(".//*[contains(@class, 'Headline')]")
    title = COUNTED.sub("", _close(headline[0])) if headline else None
    lines: list[str] = []
    before: list[str] = []
    paragraphs: list[str] = []
    closing: list[str] = []
    byline: list[str] = []
    seen_title = False
    for child in element.iterchildren("div", "p"):
        names, value = f" {child.get('class') or ''} ", _close(child)
        if child.get("id") == "hd" or child.xpath(".//*[contains(@class, 'Headline')]"):
            seen_title = True
        elif " author " in names:
            byline.append(value)
        elif "articleParagraph" in names:
            paragraphs += [*(closing if paragraphs else ()), value]
            closing = []
        elif not value:
            continue
        elif paragraphs:
            closing.append(value)
        elif child.tag == "div":
            (lines if seen_title else before).append(value)
        else:
            closing.append(value)
    number = next((n for each in reversed(closing) if (n := _number(each))), None)
    # Last come the publisher and the number; what stands before them is still the article's.
    tail = [each for each in closing if not _number(each)]
    known = _facts(lines)
    body, captions = without_pictures([*filter(None, [*paragraphs, *tail[:-1]])])
    section, page = section_and_page(before[-1]) if before else (None, None)
    known.setdefault("page", page)
    return PressArticle(
        place,
        title=title or None,
        byline=tuple(byline),
        section=section,
        paragraphs=tuple(body),
        captions=tuple(captions),
        accession=number,
        **known,
    )


def _facts(lines: list[str]) -> dict[str, Any]:
    """What the lines below a headline say: words, day, time, publication, code and so on."""
    known: dict[str, Any] = {}
    dated = next((n for n, each in enumerate(lines) if len(each) < 60 and day_of(each)), None)
    if dated is None:
        return known
    if dated and WORDS.fullmatch(lines[dated - 1]):
        known["n_words"] = lines[dated - 1]
    found = day_of(lines[dated])
    known["published"] = found and found[0]
    rest = lines[dated + 1 :]
    if rest and CLOCK.fullmatch(rest[0]):
        rest = rest[1:]
    if rest:
        known["publication"] = rest.pop(0)
    for line in rest:
        if is_notice(line) or line.startswith("(c)"):
            known["copyright"] = line
        elif CODE.fullmatch(line):
            continue
        elif re.fullmatch(r"[A-Z]?[0-9][\w\-,. ]{0,12}", line):
            known["page"] = line
        elif line is rest[-1] or rest[rest.index(line) + 1 :][:1] == rest[-1:]:
            known.setdefault("language" if " " not in line else "edition", line)
        else:
            known.setdefault("edition", line)
    return known


def _number(line: str) -> str | None:
    match = NUMBER.search(line)
    return match[1] if match else None


def xml_articles(root: Any) -> Iterator[PressArticle]:
    """The articles of an export as XML."""
    held = [each for each in root.iter() if _tag(each) == "article"]
    for number, element in enumerate(held, start=1):
        yield _of_xml(f"article {number}", element)


def _tag(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _of_xml(place: str, element: Any) -> PressArticle:
    parts: dict[str, list[Any]] = {}
    for child in element:
        parts.setdefault(_tag(child), []).append(child)

    def line(name: str) -> str | None:
        return _text_of(parts.get(name))

    paragraphs = [
        paragraph
        for name in ("leadParagraph", "tailParagraphs", "body")
        for part in parts.get(name, ())
        for paragraph in _xml_paragraphs(part)
    ]
    stated = line("publicationDate")
    dated = day_of((stated or "").partition("T")[0])
    return PressArticle(
        place,
        publication=line("sourceName"),
        title=line("headline"),
        byline=tuple(filter(None, [line("byline"), line("author")])),
        section=line("sectionName"),
        published=dated and dated[0],
        language=(line("baseLanguage") or "").lower() or None,
        paragraphs=tuple(paragraphs),
        accession=line("accessionNo"),
        edition=line("edition"),
        page=line("pages"),
        n_words=line("wordCount"),
        copyright=line("copyright"),
    )


def _text_of(elements: list[Any] | None) -> str | None:
    return (_close(elements[0]) or None) if elements else None


def _xml_paragraphs(part: Any) -> Iterator[str]:
    """Paragraphs that are elements, or lines of which the first of each is indented."""
    inner = [each for each in part.iter() if _tag(each) == "paragraph"]
    if inner:
        yield from filter(None, map(_close, inner))
        return
    yield from typed_paragraphs("".join(part.itertext()), 4)
