"""A page as a person looks at it: its lines, where each stands, and what it was taken for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from microfiche.extract import Description
from microfiche.extract.article import is_weighed, measured, told_of
from microfiche.extract.blocks import crowded, parse_page, read_blocks
from microfiche.extract.page import data_of
from microfiche.extract.selectors import Selected
from microfiche.extract.text import LineKind
from microfiche.extract.trees import trees
from microfiche.outlets.outlet import Outlet
from microfiche.text import loosely, normal_line

OUTSIDE = "outside"  # of the article, as far as lines of a page go
SHORT = 100  # letters
SHOWN, MOST_CLASSES, LONGEST = 3, 2, 30  # elements of a path, classes of each, letters of a class


def page_kinds(
    html: str, outlet: Outlet, described: Description, day: str | None
) -> list[LineKind]:
    """The lines of a page in their order, given what was read of it; first what no line shows.

    The score is that of the weights, above 0 for text; None where rules decided.
    """
    root = None if crowded(html) else parse_page(html).root
    if root is None:
        return []
    chosen = Selected(root, outlet, day)
    chosen.remove()
    said = data_of(root, chosen, None)
    shown = read_blocks(root)
    scores: list[int | None] = [None] * len(shown)
    if is_weighed(shown):
        scores = trees("blocks").score(measured(shown, told_of(said))).tolist()
    known = dict(_known(described))
    seen: set[str] = set()
    lines = []
    for block, score in zip(shown, scores, strict=True):
        line = normal_line(block.text)
        if line:
            told = loosely(line)
            seen.add(told)
            kind = known.get(told) or _beside(line, described)
            lines.append(LineKind(kind, score, line, _place(block.path)))
    read = {each.field: f"{each.source}: {each.rule}" for each in described.sources}
    fields = (("title", described.title), ("subtitle", described.subtitle))
    unseen = [
        LineKind(name, None, value, read.get(name))
        for name, value in fields
        if value and loosely(value) not in seen
    ]
    return [*unseen, *lines]


def _beside(line: str, described: Description) -> str:
    """What a short line that is no part of the article says of it, if that."""
    if len(line) <= SHORT:
        if any(name in line for name in described.byline):
            return "byline"
        if described.stated and described.stated.stated in line:
            return "date"
    return OUTSIDE


def _known(described: Description) -> Iterator[tuple[str, str]]:
    """What a line was taken for, by the line folded; what counts most comes last."""
    paragraphs = described.text.split("\n\n")
    kinds: Mapping[str, list[str | None]] = {
        "removed": [*described.removed_lines],
        "caption": [*described.captions],
        "subtitle": [described.subtitle],
        "title": [described.title],
        "text": [*paragraphs],
    }
    for kind, lines in kinds.items():
        yield from ((loosely(line), kind) for line in lines if line)
    if described.dateline:
        yield loosely(f"{described.dateline} {paragraphs[0]}"), "text"


def _place(path: tuple[Any, ...]) -> str:
    """The last elements of a path, with their classes."""
    return " > ".join(map(_element, path[-SHOWN:]))


def _element(element: Any) -> str:
    names = (element.get("class") or "").split()[:MOST_CLASSES]
    return ".".join([str(element.tag), *(name[:LONGEST] for name in names)])
