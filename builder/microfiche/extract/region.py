"""Where in a page or text its article stands: the best way through before, article, gap and after.

The classifier (`trees`) scores each line by itself; here what it says is weighed along the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

NEVER = -(1 << 60)


def article_lines(scores: Sequence[int], interrupted: int) -> list[int]:
    """Numbers of the lines that are the article's, given the score of each, and what a gap costs.

    Nothing before the first and after the last is; what lies in a gap between is neither.
    """
    before, inside, gap, after = 0, NEVER, NEVER, NEVER
    steps: list[tuple[int, int, int]] = []
    for score in scores:
        opens = max((inside, 1), (before, 0), (gap - interrupted, 2))
        leaves = max((gap, 2), (inside, 1))
        closes = max((after, 3), (inside, 1))
        steps.append((opens[1], leaves[1], closes[1]))
        before -= score
        inside, gap, after = opens[0] + score, leaves[0] - score, closes[0] - score
    state = max((inside, 1), (after, 3), (before, 0))[1]
    found = []
    for number in range(len(steps) - 1, -1, -1):
        if state == 0:
            break
        if state == 1:
            found.append(number)
        state = steps[number][state - 1]
    return found[::-1]
