"""Unicode and white-space normal form. Owns what a paragraph is, not which lines are one.

A paragraph is Unicode NFC on one line: every run of white space is one space, none at the ends,
no control characters. Joiners, direction marks, quotes and dashes stay as captured.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import re2

ASCII_PRINTABLE = bytes(range(0x20, 0x7F))
NOT_WHITE = bytes(set(range(256)) - set(b" \n"))
# White space where normal form has none, in UTF-8: doubled or outer spaces, single or tripled
# newlines.
MISPLACED = re2.compile(rb"  | \n|\n |\n\n\n|[^\n]\n[^\n]|^[ \n]|[ \n]$|\n[^\n]$")
BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
# Invisible characters that scrapers leave behind and that carry no meaning in running text:
# soft hyphen, zero-width space, word joiner, byte-order mark. U+200C and U+200D are spelling.
INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF))
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
AT_ONCE, SPACES = 1 << 20, re.compile("  +")


def normal_line(line: str) -> str:
    """`line` in normal form; may be empty. Idempotent."""
    if line.isprintable() and "  " not in line and line[:1] != " " and line[-1:] != " ":
        return line if line.isascii() else unicodedata.normalize("NFC", line)
    plain = CONTROL.sub(" ", line).translate(INVISIBLE)
    return unicodedata.normalize("NFC", single_spaced(plain))


def single_spaced(text: str) -> str:
    """`text` with every run of white space as one space, none at the ends."""
    if len(text) <= AT_ONCE:
        return " ".join(text.split())
    parts: list[str] = []  # a word is an object of 50 octets: not those of millions at once
    for start in range(0, len(text), AT_ONCE):
        part = text[start : start + AT_ONCE]
        parts += [" " * part[0].isspace(), " ".join(part.split()), " " * part[-1].isspace()]
    return SPACES.sub(" ", "".join(parts)).strip(" ")


def normal_lines(lines: Sequence[str]) -> list[str]:
    """Each line as `normal_line` gives it; one look settles it for lines in normal form."""
    return list(lines) if _are_normal(lines) else [normal_line(line) for line in lines]


def _are_normal(lines: Sequence[str]) -> bool:
    """Whether every one of some lines is in normal form and not empty; may say no for some."""
    whole = "|".join(lines)
    if not all(line and line[0] != " " and line[-1] != " " for line in lines) or "  " in whole:
        return False
    if whole.isascii():  # several times as fast as to ask whether it is printable
        return not whole.encode().translate(None, ASCII_PRINTABLE)
    return whole.isprintable() and unicodedata.is_normalized("NFC", whole)


def broken_lines(text: str) -> list[str]:
    """The lines of `text` as they are, empty ones kept; any line-break convention."""
    *lines, last = f"{text}.".splitlines()  # which would not tell of an empty line at the end
    return [*lines, last[:-1]]


def split_lines(text: str) -> list[str]:
    """The lines of `text` in normal form, empty ones kept."""
    return [normal_line(line) for line in broken_lines(text)]


def split_paragraphs(text: str) -> list[str]:
    """Paragraphs of a text whose paragraphs are separated by blank lines, in normal form."""
    blocks = BLANK_LINE.split("\n".join(broken_lines(text)))
    return [line for line in (normal_line(block) for block in blocks) if line]


class Body(NamedTuple):
    """The text of an article in normal form, its UTF-8 octets, and what they count up to.

    Paragraphs are joined by one blank line; words are runs of non-space characters. `may_repeat`
    is false only if it is known that no paragraph stands there twice.
    """

    text: str
    octets: bytes
    n_paragraphs: int
    n_words: int
    may_repeat: bool = True


def body_of(text: str) -> Body:
    """The paragraphs of `text` in normal form; the text may be empty. Idempotent."""
    octets = text.encode()
    if not _is_normal(octets):
        text = "\n\n".join(split_paragraphs(text))
        octets = text.encode()
    white = octets.translate(None, NOT_WHITE)
    newlines = white.count(b"\n")
    n_paragraphs = newlines // 2 + 1
    return Body(text, octets, n_paragraphs, len(white) - newlines + n_paragraphs)


def _is_normal(octets: bytes) -> bool:
    """Whether a text, given as UTF-8, is already in normal form; may miss some that are.

    One scan settles it for text in plain punctuation and alphabets without combining marks.
    """
    if MISPLACED.search(octets):
        return False
    unusual = set(octets.translate(None, ASCII_PRINTABLE).decode())
    return bool(octets) and all(map(is_steady, unusual))


@functools.cache
def is_steady(character: str) -> bool:
    """Whether a character is in normal form wherever it stands: it never joins the one before."""
    return character == "\n" or (
        normal_line(character) == character
        and unicodedata.category(character)[0] != "M"
        and not "\u1100" <= character <= "\u11ff"
    )


def holds_any(text: str, signs: Iterable[str]) -> bool:
    """Whether any of a few signs or words is in a text."""
    return any(map(text.__contains__, signs))  # a fraction of what a set or an expression takes


def loosely(line: str) -> str:
    """`line` for comparing boilerplate: case folded, one kind of quote, dash and space."""
    folded = normal_line(line).casefold()
    return folded.translate(QUOTES)


QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "."})
