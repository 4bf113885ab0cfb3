"""Text of PDF files, by PDFium: its lines, joined into paragraphs by where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from microfiche.captures import Fault
from microfiche.text import normal_line

PDF_ENDING, PDF_MEDIA = ".pdf", "application/pdf"
MAX_PAGES, MAX_CHARACTERS = 400, 200_000  # pages of a file, characters of a page
# Of the height of a line: how much more than usual parts paragraphs, how far above the last one the
# next may lie, how much taller is another kind of line, how far a first line is indented.
APART, BACK, TALLER, INDENT = 0.45, 0.5, 0.15, 0.8
SHORT = 0.7  # of the width of the page's column: a line that is shorter ends its paragraph
CLOSING = (".", "!", "?", "…", "”", '"', "»", "。", "！", "？", "؟", "।")
SOFT = ("\x02", "\xad", "\ufffe")  # what PDFium gives for a hyphen that a line's end made


class Line(NamedTuple):
    """A line of a page, and where it stands in points from the lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """From foot to head."""
        return max(self.top - self.bottom, 0.1)


def is_pdf(body: bytes) -> bool:
    """Whether a capture is a PDF, by how it begins."""
    return body.startswith(b"%PDF-")


def pdf_text(body: bytes) -> tuple[str, tuple[Fault, ...]]:
    """(paragraphs parted by blank lines, what is wrong); without text there is an error."""
    try:
        import pypdfium2 as pdfium  # type: ignore[import-untyped]
    except ImportError:
        told = "pypdfium2 is not installed: pip install 'microfiche[pdf]'"
        return "", (Fault("MF319", told),)
    try:
        with pdfium.PdfDocument(body) as document:
            if len(document) > MAX_PAGES:
                return "", (Fault("MF319", f"{len(document):,} pages, the limit is {MAX_PAGES}"),)
            paragraphs = list(_paragraphs([_lines(page) for page in document]))
    except pdfium.PdfiumError as error:
        return "", (Fault("MF319", f"PDFium does not open it: {str(error)[:120]}"),)
    text = "\n\n".join(paragraphs)
    if not text.strip():
        told = "it holds no text, perhaps pictures of it: have the text recognised"
        return "", (Fault("MF319", told),)
    return text, ()


def _lines(page: Any) -> list[Line]:
    """The lines of a page, in the order in which the file has them."""
    text = page.get_textpage()
    try:
        count = min(text.count_chars(), MAX_CHARACTERS)
        lines, start = [], 0
        for stated in text.get_text_range(0, count).split("\r\n") if count else ():
            shown = [start + place for place, each in enumerate(stated) if not each.isspace()]
            start += len(stated) + 2
            if shown and shown[-1] < count:
                first, last = (text.get_charbox(each, loose=True) for each in (shown[0], shown[-1]))
                lines.append(Line(stated, first[0], first[1], last[2], first[3]))
        return lines
    finally:
        text.close()
        page.close()


def _paragraphs(pages: Sequence[Sequence[Line]]) -> Iterator[str]:
    """Lines joined into paragraphs, over columns and pages too."""
    held, last = "", None
    for lines in pages:
        gaps = sorted(a.bottom - b.top for a, b in pairwise(lines) if a.bottom > b.bottom)
        usual, column = gaps[len(gaps) // 4] if gaps else 0.0, _column(lines)
        for line in lines:
            if last is not None and _parts(last, line, usual, column):
                if normal_line(held):
                    yield normal_line(held)
                held = ""
            held, last = _onward(held, line.text), line
    if normal_line(held):
        yield normal_line(held)


def _column(lines: Sequence[Line]) -> float:
    """How wide the lines are in which most of a page's text stands."""
    half, seen = sum(len(line.text) for line in lines) / 2, 0
    for line in sorted(lines, key=lambda each: each.right - each.left):
        seen += len(line.text)
        if seen >= half:
            return line.right - line.left
    return 0.0


def _parts(last: Line, line: Line, usual: float, column: float) -> bool:
    """Whether a paragraph ends between two lines."""
    height = min(last.height, line.height)
    if abs(last.height - line.height) > TALLER * max(last.height, line.height):
        return True
    ends = last.text.rstrip().endswith(CLOSING)
    if line.bottom > last.bottom - BACK * height:  # another column or page
        return ends or line.text[:1].isupper()
    if last.bottom - line.top > usual + APART * height:
        return True
    if last.right - last.left < SHORT * column:
        return True
    return ends and line.left > last.left + INDENT * height


def _onward(held: str, text: str) -> str:
    """A line after what its paragraph holds; a hyphen that the line's end made goes."""
    if not held:
        return text
    if held.endswith(SOFT):
        return held.rstrip("".join(SOFT)) + text.lstrip()
    return (
        held.rstrip() + text.lstrip() if held.endswith("-") else f"{held.rstrip()} {text.lstrip()}"
    )
