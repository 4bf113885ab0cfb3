"""Lines to paragraphs: blank lines, single line breaks, and text wrapped at a fixed width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from microfiche.dates.printed import find_dates, without
from microfiche.extract.furniture import furniture
from microfiche.extract.head import closes
from microfiche.extract.markdown import is_markdown, without_marks
from microfiche.extract.persons import byline
from microfiche.text import broken_lines, holds_any, normal_lines

PAGE_WIDTHS, NEARLY, MIN_FORCED = range(35, 161), 0.6, 0.7
WIDTHS = 3  # of the longest lines: one that is no paragraph's, such as a headline, may be longer
ITEM = re.compile(r"\s*(?:[*+#•·-]|[0-9]+[.)])\s")
LYNX_ITEM = re.compile(r"o [^a-z]")  # of a list within a list, as Lynx writes it
WRAP_WIDTHS = range(35, 131)
MIN_WRAPPED, BESIDE_DATE = 3, 6  # lines; words beside a date
MAX_WORD = 24  # letters
MIN_INDENT, MIN_SET_IN = 2, 2
# Signs with which a sentence goes on that a link has broken; letters of its longest piece
# at least, or of all of few pieces.
GOES_ON = re.compile(r"[,.;:!?%)\]»”،؛。，](?:\s|$)")
LEADING, MIN_MENDED = (":", "：", ";"), 60
PAUSES, MAX_PIECES = (",", "،", ";", "，"), 5
SPACED_SIGN = re.compile(rf" ({GOES_ON.pattern})")
IDEOGRAPHIC_SPACE = "\u3000"
INDENTS = ("\n  ", "\n\t", "\n\u00a0", f"\n{IDEOGRAPHIC_SPACE}")
HYPHEN = re.compile(r"\w-$")
# What goes on a word that a line's end parted; `Rad-` before `und Fußweg` is no such part.
OTHER_HALF = re.compile(
    r"(?!(?:und|oder|bzw\.|beziehungsweise|sowie|bis|and|or|to|en|och|eller|og)\s)[^\W\d_A-Z]"
)


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

    A page is wrapped if its lines break where the next word would not have fitted, and most of them
    inside a sentence. Else a block is, if its lines but the last are of one width and most of them
    break off so. Of Markdown the marks go first.
    """
    text = without_marks(text) if is_markdown(text) else text
    lines = broken_lines(text)
    if holds_any(text, INDENTS):
        lines = _set_in(lines)
    widened = [line.expandtabs() for line in lines] if "\t" in text else lines
    whole = _unforced([line.rstrip() for line in widened])
    lines = _normal(whole or lines)
    if whole:
        return lines
    result: list[str] = []
    for block in blocks(lines):
        result += _paragraphs(block) if _is_wrapped(block) else _mended(block)
        result.append("")
    return result


def _paragraphs(block: Sequence[str]) -> list[str]:
    """The paragraphs of a wrapped block: one ends with a sentence where the next word had room."""
    widest = max(map(len, block))
    parts = [[block[0]]]
    for line, below in pairwise(block):
        if closes(line) and not _is_forced(line, below, widest):
            parts.append([below])
        else:
            parts[-1].append(below)
    return [_joined(part) for part in parts]


def _mended(block: Sequence[str]) -> list[str]:
    """The lines of a block, with paragraphs put together that links have broken into pieces."""
    result: list[str] = []
    number = 0
    while number < len(block):
        end = number + 1
        while end < len(block) and _goes_on(block[end - 1], *block[end : end + 2]):
            end += 1
        run = block[number:end]
        if len(run) > 1 and closes(run[-1]) and _is_sentence(run):
            result.append(SPACED_SIGN.sub(r"\1", " ".join(run)))
        else:
            result += run
        number = end
    return result


def _is_sentence(run: Sequence[str]) -> bool:
    """Whether pieces that may go on one another are one sentence: verses and items close with commas."""
    if max(map(len, run)) >= MIN_MENDED:
        return True
    few = len(run) <= MAX_PIECES and sum(map(len, run)) >= MIN_MENDED
    return few and not any(line.endswith(PAUSES) for line in run)


def _goes_on(above: str, line: str, below: str = "") -> bool:
    """Whether a line goes on a sentence of the line above, or is a part of one that goes on below."""
    if closes(above) or above.endswith(LEADING):
        return False
    if _is_continued(line):
        return True
    leads = above.rsplit(None, 1)[-1].islower()  # as no label and no subhead does in most languages
    return leads and _is_continued(below) and not closes(line) and not line.endswith(LEADING)


def _is_continued(line: str) -> bool:
    """Whether a line begins within a sentence: Georgian has small letters and begins none with others."""
    small = line[:1] != line[:1].title() and not LYNX_ITEM.match(line)
    return small or bool(GOES_ON.match(line))


def _set_in(lines: list[str]) -> list[str]:
    """The lines, with a blank one above each paragraph where these are known by their first's indent.

    A line that an ideographic space opens is a paragraph by itself if it closes as a sentence.
    """
    opens = [_is_set_in(above, below) for above, below in pairwise(["", *lines])]
    if sum(opens) < MIN_SET_IN:
        return lines
    spaced = list[str]()
    for line, opened in zip(lines, opens, strict=True):
        spaced += ["", line] if opened else [line]
        if opened and line[0] == IDEOGRAPHIC_SPACE and closes(line):
            spaced.append("")
    return spaced


def _is_set_in(above: str, line: str) -> bool:
    """Whether a line begins further in than the one above, as the first of a paragraph does."""
    if line[:1] == IDEOGRAPHIC_SPACE:
        return True
    indent = line[:MIN_INDENT]
    further = len(indent) == MIN_INDENT and indent.isspace() and above[:1].strip() != ""
    return further and not ITEM.match(line)


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
    broken = [line for line, follows in zip(lines, forced, strict=False) if follows]
    if share < MIN_FORCED or sum(map(closes, broken)) > len(broken) / 2:
        return None
    joined = [[lines[0]]]
    for line, follows in zip(lines[1:], forced, strict=True):
        if follows:
            joined[-1].append(line.strip())
        else:
            joined.append([line])
    return [_joined(each) for each in joined]


def _forced(lines: Sequence[str], width: int) -> tuple[float, list[bool]]:
    """(the share of long lines whose break is forced at a width, which are; 0 for too few)."""
    near = [bool(below) and len(line) > width * NEARLY for line, below in pairwise(lines)]
    forced = [
        is_near and len(line) <= width and not ITEM.match(below) and _is_forced(line, below, width)
        for is_near, (line, below) in zip(near, pairwise(lines), strict=True)
    ]
    return (sum(forced) / sum(near) if sum(forced) >= MIN_WRAPPED else 0), forced


def _joined(block: Sequence[str]) -> str:
    """One line of a wrapped block; a hyphen at a line's end keeps the two halves of a word together."""
    parts = [
        line if HYPHEN.search(line, len(line) - 2) and OTHER_HALF.match(below) else f"{line} "
        for line, below in pairwise(block)
    ]
    return "".join((*parts, block[-1]))


def _is_wrapped(block: Sequence[str]) -> bool:
    full = block[:-1]
    if len(full) < MIN_WRAPPED - 1:
        return False
    widest = max(map(len, full))
    level = sum(len(line) > widest * 0.7 for line in full) >= len(full) * 0.6
    open_ended = sum(not closes(line) for line in full) >= len(full) * 0.6
    if not (widest in WRAP_WIDTHS and level and open_ended):
        return False
    forced = sum(_is_forced(line, below, widest) for line, below in pairwise(block))
    return forced >= len(full) * NEARLY and not any(map(_is_label, block))


def _is_forced(line: str, below: str, width: int) -> bool:
    """Whether what stands below would not have fitted; without spaces a line must be full."""
    word = below.split(None, 1)[0]
    return len(line) + 1 + len(word) > width and (len(word) < MAX_WORD or len(line) >= width - 1)


def _is_label(line: str) -> bool:
    """Whether a line stands for itself, whatever is above and below: a byline, a date, a button."""
    dated = find_dates(line)
    bare = without(line, dated) if dated else line
    return bool(furniture(line) or byline(line) or (dated and len(bare.split()) <= BESIDE_DATE))
