"""Text that stands as HTML in a cell: a whole page, or paragraphs with their tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as lxml_html
from lxml.etree import ParserError, XMLSyntaxError

from microfiche.text import normal_line

PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*){0,20}<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
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
MAX_TAGS, MAX_NESTED, LOOKED_AT = 20_000, 1_500, 20_000
TAG = re.compile(r"<[^<>]{0,500}>")
COMMENT = re.compile(r"<!--(?:(?!-->).)*-->", re.DOTALL)
# A sign that begins no tag: less than, or a comment or script that is never closed.
NO_TAG = re.compile(r"<(?!/?[a-zA-Z][a-zA-Z0-9-]*[\s/>])")


def is_whole_page(text: str) -> bool:
    """Whether a text is a page of HTML, from its beginning."""
    return PAGE.match(text) is not None


def is_fragment(text: str) -> bool:
    """Whether a text has tags of HTML in it."""
    return "<" in text and bool(BLOCK_TAG.search(text) or INLINE_PAIR.search(text[:LOOKED_AT]))


def plain_paragraphs(text: str) -> list[str]:
    """The paragraphs of a text without tags, in normal form.

    Blank lines part them; without any each line is one, unless the lines were wrapped at a column.
    """
    if "\n" not in text and "\\n" in text:
        text = text.replace("\\r\\n", "\n").replace("\\n", "\n")
    lines = [normal_line(line) for line in text.splitlines()]
    if not any(not line for line in lines[1:-1]):
        lines = [" ".join(lines)] if _is_wrapped(lines) else lines
        return [line for line in lines if line]
    held: list[list[str]] = [[]]
    for line in lines:
        if line:
            held[-1].append(line)
        elif held[-1]:
            held.append([])
    parts = (
        part if not _is_wrapped(part) and _are_whole(part) else [" ".join(part)] for part in held
    )
    return [line for part in parts for line in part if line]


def _is_wrapped(lines: list[str]) -> bool:
    """Whether lines were broken at a column: all but the last nearly as long as the longest."""
    if len(lines) < 3 or max(map(len, lines)) > 100:
        return False
    longest = max(map(len, lines))
    return sum(len(line) > 0.7 * longest for line in lines[:-1]) > 0.8 * (len(lines) - 1)


def _are_whole(lines: list[str]) -> bool:
    """Whether each of some lines ends as a sentence does."""
    return len(lines) > 1 and all(line[-1:] in '.!?…:;"”»’)。！？' for line in lines)


def fragment_lines(text: str) -> list[str]:
    """The lines that a reader of a fragment sees, blocks apart, in normal form."""
    plain = NO_TAG.sub("&lt;", COMMENT.sub("", text.replace("\0", "")))
    if plain.count("<") > MAX_TAGS or _depth(plain) > MAX_NESTED:
        return [line for line in map(normal_line, TAG.sub("\n", plain).splitlines()) if line]
    try:
        parser = lxml_html.HTMLParser(huge_tree=True)
        root = lxml_html.fragment_fromstring(plain, create_parent="div", parser=parser)
    except (ParserError, XMLSyntaxError, ValueError, AssertionError):
        return [normal_line(text)]
    return list(lines_of(root))


def _depth(text: str) -> int:
    """How deep elements are nested in a text, if all that are opened are closed in their order."""
    depth = deepest = 0
    for match in TAG.finditer(text):
        depth += -1 if match[0][1] == "/" else 1
        deepest = max(deepest, depth)
    return deepest


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
