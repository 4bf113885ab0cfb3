"""Where in a text its article stands: the best way through before, article, gap and after.

The classifier (`trees`) scores each line by itself; here what it says is weighed along the whole, and
the headline is looked for among the lines above.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from microfiche.extract import head
from microfiche.extract.shape import Column, around, heading, measure
from microfiche.extract.trees import trees

# Thousandths that a gap within the article costs: in a short text little stands between its lines.
INTERRUPTED, INTERRUPTED_SHORT, SHORT = 200, 1500, 60
HEADLINE_WITHIN = 3  # lines of the article that may still be its headline
# Scores: of a headline, and between it and the line above; lines looked at; words of a label.
MIN_HEADLINE, NEARLY, CANDIDATES, LABEL_WORDS = -3000, 1000, 6, 2
NEVER = -(1 << 60)


class Region(NamedTuple):
    """What is where in a text, by places among its lines.

    `article` are the lines of the article, none if there is none; `headline` is None if no line is
    likely one; `scores` say of each line how much speaks for text, by what `measures` say of it.
    """

    article: list[int]
    headline: int | None
    scores: list[int]
    measures: Mapping[str, Column]


def find_region(lines: list[str], may_be_headline: Callable[[str], bool]) -> Region:
    """Where the article is among lines, none of them empty; some can be no headline."""
    if not lines:
        return Region([], None, [], {})
    seen = measure(lines)
    seen |= around(seen)
    scores = trees("lines").score(seen).tolist()
    cost = INTERRUPTED if len(lines) > SHORT else INTERRUPTED_SHORT
    article = _until_credit(lines, article_lines(scores, cost))
    if not article:
        return Region([], None, scores, seen)
    told = heading(lines, seen, article[0], min(article[0] + HEADLINE_WITHIN, len(lines)))
    likely = trees("headlines").score(told).tolist()
    return Region(article, _headline(lines, likely, may_be_headline), scores, seen)


def article_lines(scores: Sequence[int], interrupted: int) -> list[int]:
    """Numbers of the lines that are the article's, given the score of each, and what a gap costs.

    Nothing before the first and after the last is; what lies in a gap between is neither.
    """
    before, inside, gap, after = 0, NEVER, NEVER, NEVER
    steps: list[tuple[int, int, int]] = []
    for score in scores:  # of ways that are as good the later kind of line is the better
        opens, opened = (inside, 1) if inside >= before else (before, 0)
        if gap - interrupted >= opens:
            opens, opened = gap - interrupted, 2
        leaves, left = (gap, 2) if gap >= inside else (inside, 1)
        closes, closed = (after, 3) if after >= inside else (inside, 1)
        steps.append((opened, left, closed))
        before -= score
        inside, gap, after = opens + score, leaves - score, closes - score
    state = max((inside, 1), (after, 3), (before, 0))[1]
    found = []
    for number in range(len(steps) - 1, -1, -1):
        if state == 0:
            break
        if state == 1:
            found.append(number)
        state = steps[number][state - 1]
    return found[::-1]


def _until_credit(lines: list[str], article: list[int]) -> list[int]:
    """The lines of an article up to one that says whose reporting it is, if that is near its end."""
    late = (n for n, place in enumerate(article) if n * 2 >= len(article))
    end = next((n for n in late if head.is_credit(lines[article[n]])), None)
    return article if end is None else article[:end]


def _headline(
    lines: list[str], scores: list[int], may_be_headline: Callable[[str], bool]
) -> int | None:
    """Place of the likeliest headline; in a short text that of the line above it, if nearly so."""
    likely = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:CANDIDATES]
    able = [place for place in likely if may_be_headline(lines[place])]
    if not able or scores[able[0]] <= MIN_HEADLINE:
        return None
    best = able[0]
    close = scores[best - 1] >= scores[best] - NEARLY if best - 1 in able else False
    if len(lines) <= SHORT and close and len(lines[best - 1].split()) > LABEL_WORDS:
        return best - 1
    return best
