"""Exports of Nexis and Nexis Uni, as text, HTML or DOCX: documents of paragraphs with labels.

The classes of the HTML mean something else in each file, and lines of the text are wrapped, so all
three are read as paragraphs: publication, day, headline, labelled fields, body, labelled fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Any

from microfiche.captures.press import PressArticle, day_of, is_notice, joined, section_and_page
from microfiche.text import normal_line

OF = r"(?:of|von|de|di|van|sur)"
NUMBERED = re.compile(
    rf"\s*(?:(?:document|dokument|documento)\s+)?[0-9]+\s+{OF}\s+[0-9,.]+(?:\s+(?:documents?|dokumenten?|documenti|documentos))?\s*",
    re.IGNORECASE,
)
END = re.compile(
    r"\s*(?:End of Document|Ende des Dokuments|Fin du document|Fin del documento)\s*", re.IGNORECASE
)
BODY = frozenset(("body", "full text", "text", "corps", "texte", "haupttext", "volltext", "cuerpo"))
CLOSED = frozenset(("classification", "klassifizierung", "klassifikation", "graphic", "load-date"))
LABEL = re.compile(r"(?P<label>[A-ZÀ-ÝŒ][\w\-ÀÀ-ÿ'’ ]{2,30})\s?:[\s\xa0]*(?P<value>.*)", re.DOTALL)
FIELDS = {
    "byline": "byline", "auteur": "byline", "autor": "byline", "autoren": "byline",
    "autore": "byline",
    "section": "section", "rubrique": "section", "rubrik": "section", "sección": "section",
    "length": "n_words", "longueur": "n_words", "länge": "n_words", "longitud": "n_words",
    "load-date": "loaded", "date-chargement": "loaded", "update": "loaded", "ladedatum": "loaded",
    "language": "language", "langue": "language", "sprache": "language", "idioma": "language",
    "highlight": "subtitle", "encart": "subtitle", "dateline": "dateline", "graphic": "caption",
    "illustration": "caption", "grafik": "caption",
}  # fmt: skip
OTHERS = frozenset((
    "publication-type", "type-publication", "publikationstyp", "journal-code", "subject", "sujet",
    "thema", "organization", "organisation", "geographic", "localisation-geo", "company", "person",
    "industry", "series", "correction", "correction-date", "cite", "type", "name", "country",
    "state",
    "city", "ticker", "isin", "société", "personne", "entreprise", "titre-document", "url", "note",
    "distribution", "copyright", "document-type", "acc-no", "accession-number", "firma", "branche",
))  # fmt: skip
PICTURES = frozenset(("graphic", "grafik", "illustration"))
CLOSING = frozenset((
    "load-date", "language", "publication-type", "journal-code", "subject", "organization",
    "organisation", "geographic", "ladedatum", "sprache", "langue", "date-chargement", "idioma",
    "type-publication", "publikationstyp", "localisation-geo", "sujet", "update",
))  # fmt: skip
ABSTRACT = frozenset(("abstract", "summary"))
LEAST_LEFT = 3  # paragraphs after the last document that are one of its own
AT_FIRST = 6  # paragraphs among which the day of publication stands


def is_number(line: str) -> bool:
    """Whether a line counts documents: 3 of 10 DOCUMENTS, Dokument 3 von 10."""
    begins = line.lstrip()[:8] in ("Document", "Dokument")
    known = begins or "DOCUMENT" in line or "DOKUMENT" in line
    return known and len(line) < 200 and bool(NUMBERED.fullmatch(line))


def documents_of_text(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, paragraphs) of each document of an export as text."""
    held: list[str] = []
    begun: int | None = None
    for number, line in enumerate([*text.splitlines(), "1 of 1 DOCUMENTS"], start=1):
        if is_number(line):
            if begun is not None:
                yield begun, list(_unwrapped(held))
            held, begun = [], number
        else:
            held.append(line)


def _unwrapped(lines: Sequence[str]) -> Iterator[str]:
    """Paragraphs of lines that blank lines part, their lines joined again."""
    part: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            part.append(line.strip())
        elif part:
            yield joined(part)
            part = []


def paragraphs_of(root: Any) -> Iterator[str]:
    """The paragraphs of an export as HTML; a line break within one parts it if there are two."""
    for element in root.iter("p"):
        pieces: list[str] = []
        for each in element.iter():
            if each.tag == "br":
                pieces.append("\n")
            elif isinstance(each.tag, str):
                pieces.append((each.text or "").replace("\n", " "))
            if each is not element:
                pieces.append((each.tail or "").replace("\n", " "))
        lines = "".join(pieces).replace("\xa0", " ")
        for part in re.split(r"\n[ \t]*\n\s*", lines):
            yield normal_line(part)


def documents_of_paragraphs(paragraphs: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(paragraph, paragraphs) of each document of an export as HTML or DOCX."""
    ends = [n for n, each in enumerate(paragraphs) if END.fullmatch(each)]
    if ends:
        begins = [0, *(n + 1 for n in ends)]
        for begin, end in zip(begins, [*ends, len(paragraphs)], strict=True):
            kept = [each for each in paragraphs[begin:end] if each.strip()]
            if end < len(paragraphs) or len(kept) > LEAST_LEFT:  # the last may be cut short
                yield begin + 1, _without_list(kept)
        return
    starts = [n for n, each in enumerate(paragraphs) if is_number(each)]
    for begin, end in pairwise([*starts, len(paragraphs)]):
        yield begin + 1, [each for each in paragraphs[begin + 1 : end] if each.strip()]


def _without_list(paragraphs: list[str]) -> list[str]:
    """A document without the list of all that stands before the first."""
    first = next((n for n, each in enumerate(paragraphs) if each.strip().casefold() in BODY), None)
    head = paragraphs[: first or 0]
    dated = [n for n, each in enumerate(head) if n > 1 and _is_day(each)]
    return paragraphs[max(0, dated[-1] - 2) :] if dated else paragraphs


def _is_day(paragraph: str) -> bool:
    return len(paragraph) < 120 and not LABEL.fullmatch(paragraph) and day_of(paragraph) is not None


def articles(documents: Iterator[tuple[int, list[str]]], unit: str) -> Iterator[PressArticle]:
    """The articles of documents."""
    for number, paragraphs in documents:
        if paragraphs:
            yield _article(f"{unit} {number:,}", paragraphs)


def _article(place: str, paragraphs: list[str]) -> PressArticle:
    dated = next((n for n, each in enumerate(paragraphs[:AT_FIRST]) if _is_day(each)), None)
    if dated is None:
        return PressArticle(place, paragraphs=tuple(paragraphs))
    day, edition = day_of(paragraphs[dated]) or ("", "")
    before, rest = paragraphs[:dated], paragraphs[dated + 1 :]
    known: dict[str, Any] = {"published": day, "edition": edition or None}
    if any(each.strip().casefold() in BODY for each in rest):  # headline, publication, day
        known |= {"publication": before[-1].strip(" .") if before else None}
        title = joined(before[:-1]) or None
        head = list(takewhile(lambda each: each.strip().casefold() not in BODY, rest))
        body = rest[len(head) + 1 :]
    else:  # publication, day, headline
        known |= {"publication": joined(before) or None}
        headed = list(takewhile(lambda each: not _label(each), rest))
        title = headed[0] if headed and len(headed) < len(rest) else None
        head, body = _head_and_body(rest[1:] if title else rest)
    kept, fields, rights = _sifted([*head, MARK, *body])
    known |= fields
    section = known.pop("section", None)
    if section:
        known["section"], known["page"] = section_and_page(section)
    return PressArticle(place, title=title, paragraphs=tuple(kept), copyright=rights, **known)


MARK = "\0"  # where the body begins


def _head_and_body(paragraphs: list[str]) -> tuple[list[str], list[str]]:
    """The labelled fields that stand before the body, and the rest."""
    head = list(takewhile(_label, paragraphs))
    return head, paragraphs[len(head) :]


def _label(paragraph: str) -> str | None:
    """The label of a paragraph that is a field; None if it is none."""
    match = LABEL.fullmatch(paragraph.strip())
    if not match:
        return None
    name = normal_line(match["label"]).casefold().replace(" ", "-")
    return name if name in FIELDS or name in OTHERS else None


def _closes(paragraph: str, label: str) -> bool:
    """Whether a label within a text closes it: in capitals, or one that no sentence begins with."""
    stated = paragraph.strip().partition(":")[0]
    return stated.isupper() or label in CLOSING


def _sifted(paragraphs: Sequence[str]) -> tuple[list[str], dict[str, Any], str | None]:
    """(paragraphs of the text, fields, the copyright line)."""
    kept: list[str] = []
    fields: dict[str, Any] = {}
    rights: list[str] = []
    begun = closed = False
    told: str | None = None
    for each in paragraphs:
        if each == MARK:
            begun = True
            continue
        line = normal_line(each)
        folded = line.casefold()
        if is_notice(line) and (closed or not begun):
            rights.append(line)
        elif (label := _label(each)) and (not begun or closed or _closes(each, label)):
            closed = closed or begun
            match = LABEL.fullmatch(each.strip())
            told = _take(fields, label, normal_line(match["value"]) if match else "")
        elif folded in BODY | CLOSED or folded in ABSTRACT:
            closed = closed or folded in CLOSED
            told = "subtitle" if folded in ABSTRACT else "caption" if folded in PICTURES else None
        elif told == "subtitle" and "subtitle" not in fields:
            fields["subtitle"] = line
        elif told == "caption" and closed and line:
            fields.setdefault("caption", []).append(line)
        elif begun and not closed and line:
            kept.append(line)
    while kept and is_notice(kept[-1]):
        rights.insert(0, kept.pop())
    fields["byline"] = tuple(fields.get("byline", ()))
    fields["captions"] = tuple(fields.pop("caption", ()))
    return kept, fields, " ".join(rights) or None


def _take(fields: dict[str, Any], label: str, value: str) -> str | None:
    """Take a field; its name if what follows it belongs to it."""
    name = FIELDS.get(label)
    if name in ("byline", "caption") and value:
        fields.setdefault(name, []).append(value)
    elif name and value and name not in fields:
        fields[name] = value
    return name if not value else None
