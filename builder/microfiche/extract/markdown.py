"""Markdown: what tools that turn pages into text write for headings, links, emphasis, quotes and lists.

A text is taken for Markdown by its links and headings alone, since stars and rules stand in any.
What it says remains, a line a block; addresses, pictures and marks go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

LINK = re.compile(r"\]\((?:[^()\s]|\([^()\s]*\))+(?: \"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)
BOLD = re.compile(r"\*\*[^*\s][^*\n]*\*\*|^> \S", re.MULTILINE)
MIN_LINKS = 3
# Letters of a text, and of a line of it, up to which its parser takes no time to speak of.
MOST, MOST_OF_LINE = 1 << 17, 1 << 14
# Lists and quotes in more than these levels are none: the parser leaves out what lies deeper than its own.
DEEP = re.compile(r"^(?:[ \t]*(?:[>*+-]|[0-9]{1,9}[.)])){40}|^[ \t]{60}", re.MULTILINE)
DEEPEST = 200


def is_markdown(text: str) -> bool:
    """Whether a text has several links, or a heading beside a link or bold letters."""
    if ("](" not in text and "# " not in text) or len(text) > MOST:
        return False
    if max(map(len, text.split("\n"))) > MOST_OF_LINE or DEEP.search(text):
        return False
    links = sum(1 for _ in zip(LINK.finditer(text), range(MIN_LINKS), strict=False))
    if links >= MIN_LINKS:
        return True
    return bool(HEADING.search(text)) and (links > 0 or bool(BOLD.search(text)))


def markdown_lines(text: str) -> list[str]:
    """The lines of a text in Markdown, without its marks; an empty one between its blocks."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).disable("code")
    lines: list[str] = []
    for token in parser.parse(text):
        if token.type == "inline":
            lines += [*_shown(token.children or ()), ""]
        elif token.type in ("fence", "html_block"):
            lines += [*token.content.splitlines(), ""]
    return lines


def _shown(tokens: Iterable[Token]) -> Iterator[str]:
    """The lines that the parts of a block show."""
    line = ""
    for token in tokens:
        if token.type == "hardbreak":
            yield line
            line = ""
        elif token.type == "softbreak":
            line += " "
        elif token.type in ("text", "code_inline"):
            line += token.content
    if line.strip():
        yield line
