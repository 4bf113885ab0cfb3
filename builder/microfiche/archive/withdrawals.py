"""Which withdrawals are in force: the lines of raw/withdrawals.jsonl, read in their order.

A line withdraws an article for a reason, or lifts a withdrawal for the reason that it names. Of
several that stand the strongest reason counts, whichever was written last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# From the strongest.
REASONS = (
    "safety", "privacy", "court-order", "copyright", "license-ended", "publisher-request",
    "deposit-error",
)  # fmt: skip
# For these reasons a tombstone tells nothing of the article but its id.
PRIVATE_REASONS = frozenset(("privacy", "safety"))
# The reason of a tombstone that no line asks for: a newer reader finds no article in the captures.
NOT_AN_ARTICLE = "not-an-article"

Line = Mapping[str, Any]


def rank(line: Line) -> int:
    """Place of a line's reason among all, from the strongest."""
    return REASONS.index(line["reason"])


def standing(lines: Iterable[Line]) -> dict[tuple[str, str], Line]:
    """The withdrawals that no later line lifts, by article and reason: the last line of each."""
    held: dict[tuple[str, str], Line] = {}
    for line in lines:
        if "lifts" in line:
            held.pop((line["article_id"], line["lifts"]), None)
        else:
            held[line["article_id"], line["reason"]] = line
    return held


def lifts(lines: Iterable[Line]) -> Counter[tuple[str, str]]:
    """How many lines lift a withdrawal, by article and reason."""
    return Counter((line["article_id"], line["lifts"]) for line in lines if "lifts" in line)


def in_force(lines: Iterable[Line]) -> dict[str, Line]:
    """The line that counts for each withdrawn article."""
    held: dict[str, Line] = {}
    for (article_id, _), line in standing(lines).items():
        known = held.get(article_id)
        if known is None or rank(line) < rank(known):
            held[article_id] = line
    return held


def undone(before: Iterable[Line], now: Iterable[Line]) -> list[Line]:
    """Lines that stood before and stand no more, though nothing since lifts them."""
    before, now = list(before), list(now)
    held, lifted, were = standing(now), lifts(now), lifts(before)
    return [
        line
        for key, line in standing(before).items()
        if key not in held and lifted[key] <= were[key]
    ]


def exempted(lines: Iterable[Line]) -> frozenset[tuple[str, str]]:
    """Articles and reasons of lines that lift no withdrawal of theirs: they exempt the article.

    Such an article is not withdrawn with another that is withdrawn for that reason.
    """
    return frozenset(key for _, key, _ in _in_vain(lines))


def idle_lifts(lines: Iterable[Line]) -> list[int]:
    """Numbers, from 1, of lines that lift nothing, though their article has been withdrawn."""
    return [number for number, _, withdrawn in _in_vain(lines) if withdrawn]


def _in_vain(lines: Iterable[Line]) -> Iterator[tuple[int, tuple[str, str], bool]]:
    """Lines that lift what does not stand: number, key, whether the article is withdrawn at all."""
    held: set[tuple[str, str]] = set()
    for number, line in enumerate(lines, start=1):
        key = (line["article_id"], line.get("lifts", line["reason"]))
        if "lifts" not in line:
            held.add(key)
        elif key in held:
            held.remove(key)
        else:
            yield number, key, any(each == key[0] for each, _ in held)
