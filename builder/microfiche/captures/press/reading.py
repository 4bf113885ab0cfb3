"""Which database a file was exported from, and its articles."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree
from lxml import html as lxml_html

from microfiche.captures.press import PressArticle, europresse, factiva, integrum, nexis
from microfiche.captures.textfile import decode
from microfiche.errors import DataError, MicroficheError, UsageError, in_words, unusable
from microfiche.text import normal_line

MAX_EXPORT, MAX_UNPACKED, LOOKED_AT = 256 << 20, 512 << 20, 1 << 18
ENDINGS = (".txt", ".text", ".html", ".htm", ".docx", ".xml")


class Export(NamedTuple):
    """An export of a press database, and its articles in their order."""

    database: str
    articles: list[PressArticle]


def read_export(file: Path) -> Export | None:
    """The articles of an export; None if a file is none that is known.

    Raises DataError for one that cannot be read, CannotRun.
    """
    ending = file.suffix.lower()
    if ending not in ENDINGS or not file.is_file():
        return None
    try:
        if file.stat().st_size > MAX_EXPORT:
            return None
        if ending == ".docx":
            return _docx(file)
        text = _start(file)
        marked = _database(text)
        if marked is None:
            return None
        octets = file.read_bytes()
    except OSError as error:
        raise unusable(file, error) from error
    if marked == "factiva-xml":
        return Export("factiva", list(factiva.xml_articles(_xml(file, octets))))
    decoded = decode(octets)
    if not decoded.text:
        raise DataError(f"{file}: {decoded.faults[0].message}", "save the export again")
    if marked == "nexis-text":
        documents = nexis.documents_of_text(decoded.text)
        return Export("nexis", list(nexis.articles(documents, "line")))
    parser = lxml_html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = lxml_html.fromstring(decoded.text.encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return Export(marked, list(_html(marked, root)))


def _html(database: str, root: Any) -> Iterator[PressArticle]:
    if database == "factiva":
        return factiva.html_articles(root)
    if database == "europresse":
        return europresse.articles(root)
    if database == "integrum":
        return integrum.articles(root)
    return nexis.articles(
        nexis.documents_of_paragraphs(list(nexis.paragraphs_of(root))), "paragraph"
    )


def _start(file: Path) -> str:
    """The beginning of a file, as far as it tells what the file is."""
    with file.open("rb") as opened:
        head = opened.read(LOOKED_AT)
    return head.decode("cp1251" if b"windows-1251" in head.lower() else "utf-8", "replace")


def _database(text: str) -> str | None:
    """The database of a text, by what only its exports have."""
    if "<ppsarticle" in text or "global.factiva.com/pps" in text:
        return "factiva-xml"
    if "articleParagraph" in text and "Headline" in text:
        return "factiva"
    if "DocPublicationName" in text:
        return "europresse"
    if "^ИС:" in text and "^ЗГ:" in text:
        return "integrum"
    if "LXNComment" in text or "<DOCFULL>" in text:
        return "nexis"
    head = text[:20_000]
    numbered = any(map(nexis.is_number, head.splitlines()))
    return "nexis-text" if numbered and "<html" not in head.casefold() else None


def _xml(file: Path, octets: bytes) -> Any:
    safe = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    parser = etree.XMLParser(**safe, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(octets.lstrip(b"\xef\xbb\xbf \r\n"), parser)
    except etree.XMLSyntaxError as error:
        raise DataError(f"{file}: no XML: {in_words(error)}", "save the export again") from error


def _docx(file: Path) -> Export | None:
    """A Word file, if it holds documents of Nexis."""
    try:
        import docx
    except ImportError as error:
        raise UsageError(
            f"{file}: Word files are read by python-docx, which is not installed",
            "pip install 'microfiche[office]', or export as text or HTML",
        ) from error
    try:
        with zipfile.ZipFile(file) as parts:
            size = sum(each.file_size for each in parts.infolist())
        if size > MAX_UNPACKED:
            raise DataError(f"{file}: {size:,} bytes unpacked", "export fewer documents at a time")
        paragraphs = [normal_line(each.text) for each in docx.Document(str(file)).paragraphs]
    except (MicroficheError, OSError):
        raise
    except Exception as error:  # whatever a library makes of a broken file
        raise DataError(f"{file}: no Word file: {in_words(error)}", "export it again") from error
    if not any(nexis.END.fullmatch(each) for each in paragraphs):
        return None
    documents = nexis.documents_of_paragraphs(paragraphs)
    return Export("nexis", list(nexis.articles(documents, "paragraph")))
