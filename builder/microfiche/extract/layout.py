"""Lines to paragraphs: blank lines, single line breaks, and text wrapped at a fixed width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from microfiche.extract.head import closes
from microfiche.text import broken_lines, normal_lines

PAGE_WIDTHS, NEARLY, MIN_FORCED = range(35, 161), 0.6, 0.7
WIDTHS = 3  # of the longest lines: one that is no paragraph's, such as a headline, may be longer
ITEM = re.compile(r"\s*(?:[*+#•·-]|[0-9]+[.)])\s")
WRAP_WIDTHS = range(35, 131)
MIN_WRAPPED = 3
MIN_INDENT, MIN_SET_IN = 2, 2
HYPHEN = re.compile(r"(\w-) (?=[^\W\d_A-Z])")


def blocks(lines: Sequence[str]) -> list[list[str]]:
    """Runs of lines between blank ones."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [block for block in found if block]


def unwrapped(text: str) -> list[str]:
    """The lines of a page in normal form, hard-wrapped paragraphs put together, blank lines kept.

    A page is wrapped if its lines break where the next word would not have fitted. Else a block is
    if its lines but the last are of one width, and most of them break off inside a sentence.
    """
    lines = _set_in(broken_lines(text))
    widened = [line.expandtabs() for line in lines] if "\t" in text else lines
    whole = _unforced([line.rstrip() for line in widened])
    lines = _normal(whole or lines)
    if whole:
        return lines
    result: list[str] = []
    for block in blocks(lines):
        result += [_joined(block)] if _is_wrapped(block) else block
        result.append("")
    return result


def _set_in(lines: list[str]) -> list[str]:
    """The lines, with a blank one above each paragraph where these are known by their first's indent."""
    opens = [
        below[:MIN_INDENT].isspace()
        and len(below[:MIN_INDENT]) == MIN_INDENT
        and not ITEM.match(below)
        and bool(above.strip())
        and not above[0].isspace()
        for above, below in pairwise(["", *lines])
    ]
    if sum(opens) < MIN_SET_IN:
        return lines
    return [
        each
        for line, opened in zip(lines, opens, strict=True)
        for each in (["", line] if opened else [line])
    ]


def _normal(lines: Sequence[str]) -> list[str]:
    """The lines in normal form, empty ones kept."""
    stripped = [line.strip() for line in lines]
    found = iter(normal_lines([line for line in stripped if line]))
    return [next(found) if line else "" for line in stripped]


def _unforced(lines: Sequence[str]) -> list[str] | None:
    """The lines with forced breaks taken out; None if too few of them are forced.

    A break is forced if the first word of the next line would not have fitted.
    """
    widths = sorted({*map(len, lines)}, reverse=True)[:WIDTHS]
    if not widths or widths[0] not in PAGE_WIDTHS:
        return None
    share, forced = max((_forced(lines, width) for width in widths), key=lambda each: each[0])
    if share < MIN_FORCED:
        return None
    joined = [lines[0]]
    for line, follows in zip(lines[1:], forced, strict=True):
        if follows:
            joined[-1] = HYPHEN.sub(r"\1", f"{joined[-1]} {line.strip()}")
        else:
            joined.append(line)
    return joined


def _forced(lines: Sequence[str], width: int) -> tuple[float, list[bool]]:
    """(the share of long lines whose break is forced at a width, which are; 0 for too few)."""
    near = [bool(below) and width * NEARLY < len(line) <= width for line, below in pairwise(lines)]
    forced = [
        is_near and not ITEM.match(below) and len(line) + 1 + len(below.split(None, 1)[0]) > width
        for is_near, (line, below) in zip(near, pairwise(lines), strict=True)
    ]
    return (sum(forced) / sum(near) if sum(forced) >= MIN_WRAPPED else 0), forced


def _joined(block: Sequence[str]) -> str:
    """One line of a wrapped block; a hyphen at a line's end keeps its two halves together."""
    return HYPHEN.sub(r"\1", " ".join(block))


def _is_wrapped(block: Sequence[str]) -> bool:
    full = block[:-1]
    if len(full) < MIN_WRAPPED - 1:
        return False
    widest = max(map(len, full))
    level = sum(len(line) > widest * 0.7 for line in full) >= len(full) * 0.6
    open_ended = sum(not closes(line) for line in full) >= len(full) * 0.6
    return widest in WRAP_WIDTHS and level and open_ended
