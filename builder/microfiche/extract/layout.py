"""Lines to paragraphs: blank lines, single line breaks, and text wrapped at a fixed width."""

from __future__ import annotations

import re
from collections.abc import Sequence

from microfiche.extract.head import closes

WRAP_WIDTHS = range(35, 131)
MIN_WRAPPED = 3
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


def unwrapped(lines: Sequence[str]) -> list[str]:
    """The lines of a page with hard-wrapped paragraphs put together, blank lines kept.

    A block is wrapped if its lines but the last are of one width, and most of them break off
    inside a sentence.
    """
    result: list[str] = []
    for block in blocks(lines):
        result += [_joined(block)] if _is_wrapped(block) else block
        result.append("")
    return result


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
