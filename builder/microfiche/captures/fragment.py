"""Text that stands as HTML in a cell: a whole page, or paragraphs with their tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as lxml_html
from lxml.etree import ParserError, XMLSyntaxError

from microfiche.text import normal_line

PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
BLOCK_TAG = re.compile(
    r"<(?:p|br|div|h[1-6]|li|ul|ol|blockquote|article|section|table)\b[^>]{0,500}>", re.I
)
INLINE_PAIR = re.compile(r"<(a|b|i|em|strong|span|u)\b[^>]{0,500}>.{0,2000}?</\1>", re.I | re.S)
BLOCKS = frozenset(
    "p div h1 h2 h3 h4 h5 h6 li ul ol blockquote article section table tr br hr figure figcaption "
    "header footer aside main dl dt dd pre".split()
)
UNSEEN = frozenset("script style noscript template head title iframe svg".split())
MAX_NESTED = 500


def is_whole_page(text: str) -> bool:
    """Whether a text is a page of HTML, from its beginning."""
    return PAGE.match(text) is not None


def is_fragment(text: str) -> bool:
    """Whether a text has tags of HTML in it."""
    return "<" in text and bool(BLOCK_TAG.search(text) or INLINE_PAIR.search(text))


def fragment_lines(text: str) -> list[str]:
    """The lines that a reader of a fragment sees, blocks apart, in normal form."""
    try:
        root = lxml_html.fragment_fromstring(text.replace("\0", ""), create_parent="div")
    except (ParserError, XMLSyntaxError, ValueError, AssertionError):
        return [normal_line(text)]
    return list(lines_of(root))


def lines_of(root: Any) -> Iterator[str]:
    """The lines that a reader of an element sees, blocks apart, in normal form."""
    parts: list[str] = []
    waiting = [(root, False)]
    while waiting:
        element, is_done = waiting.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if not is_done:
            waiting.append((element, True))
        if tag in BLOCKS:
            if line := normal_line("".join(parts)):
                yield line
            parts = []
        if is_done:
            parts.append((element.tail or "") if element is not root else "")
        elif tag and tag not in UNSEEN:
            parts.append(element.text or "")
            waiting += [(child, False) for child in reversed(element)]
    if line := normal_line("".join(parts)):
        yield line
