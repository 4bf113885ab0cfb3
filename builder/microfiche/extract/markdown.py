"""Markdown: what tools that turn pages into text write for headings, links, emphasis, quotes and lists.

A text is taken for Markdown by its links, or a heading beside other marks, since stars and rules
stand in any. What it says remains; addresses, pictures and marks go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

LINK = re.compile(r"\]\((?:[^()\s]|\([^()\s]*\))+(?: \"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)
BESIDE_HEADING = re.compile(r"\*\*[^*\s][^*\n]*\*\*|^> \S", re.MULTILINE)
MIN_LINKS = 3
MOST = 1 << 17  # letters
# Brackets that open no link: the parser looks for the end of each.
MOST_OPEN = 100
# Levels of lists and quotes, by their signs or how far they are set in: what lies deeper the parser leaves out.
DEEP = re.compile(r"^(?:[ \t]*(?:>|(?:[*+-]|[0-9]{1,9}[.)])[ \t])){40}|^[ \t]{120}", re.MULTILINE)
DEEPEST = 200


def is_markdown(text: str) -> bool:
    """Whether a text has several links, or a heading beside a link, bold letters or a quotation."""
    if ("](" not in text and "# " not in text) or len(text) > MOST:
        return False
    if text.count("[") - text.count("](") > MOST_OPEN or DEEP.search(text):
        return False
    links = sum(1 for _ in zip(LINK.finditer(text), range(MIN_LINKS), strict=False))
    if links >= MIN_LINKS:
        return True
    return bool(HEADING.search(text)) and (links > 0 or bool(BESIDE_HEADING.search(text)))


def without_marks(text: str) -> str:
    """A text in Markdown without its marks: lines as they are broken, a blank one between blocks."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST, "html": False})
    lines: list[str] = []
    number = ""
    for token in parser.disable(["code", "reference"]).parse(text):
        if token.type == "list_item_open" and token.info:
            number = f"{token.info}{token.markup} "
        elif token.type == "inline":
            lines += [number + "".join(_said(token.children or ())), ""]
            number = ""
        elif token.type == "fence":
            lines += [token.content, ""]
    return "\n".join(lines)


def _said(tokens: Iterable[Token]) -> Iterator[str]:
    """What the parts of a block say."""
    for token in tokens:
        if token.type in ("hardbreak", "softbreak"):
            yield "\n"
        elif token.type in ("text", "code_inline"):
            yield token.content
