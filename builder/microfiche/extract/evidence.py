"""What is known of the lines around an article when all rules have spoken, as columns of integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import re2

from microfiche.extract import head
from microfiche.extract.saved import Page
from microfiche.extract.shape import Column, hits, shifts
from microfiche.extract.wording import wording

ABOVE, BELOW = 12, 30  # lines above the article and below it that may be its own
# What rules say of a line, as a number; all else is furniture.
TOLD = {
    None: 0, "title": 1, "subtitle": 2, "caption": 3, "byline": 4, "date": 5, "clock": 5,
    "credit": 6, "source": 6, "caption told again": 6, "masthead": 7, "breadcrumb": 7, "above": 7,
    "before": 7, "repeated headline": 7, "other": 9, "tail": 10, "after": 10, "note": 11,
}  # fmt: skip
FURNITURE = 8
MAX_GAP = 3  # blank lines
MOST, FAR, UNKNOWN = 40, 60, -99
# Words with which a line speaks to its readers, or of those who publish it.
READER = re2.compile(
    (
        r"(?i)\b(?:you|your|yours|us|our|we|vous|votre|vos|nous|notre|nos|sie|ihren?|ihnen|unsere?[nrs]?|uns|wir|usted|"
        r"nuestr[oa]s?|tus?|você|nossos?|nossas?|voi|vostr[oi]|nostr[oaie]|je|jouw|uw|ons|onze|nas|nasz[a-z]*|siz[a-z]*|bize|bizi|anda|kami|kita)\b|"
        r"\b(?:нас|наш|вас|вам|ваш|вы)|شما|ما را|لكم|معنا|您|你的|我们|本网|本站|あなた|会員|会员|귀하|आप|আপনা|آپ|bạn |chúng tôi"
    ).encode()
)
LONG = 80  # letters


def evidence(page: Page) -> tuple[list[int], dict[str, Column]]:
    """(the numbers of the lines near the article, what is known of each), a value a line.

    Nothing where the page has no article.
    """
    numbers = page.measured
    number = len(numbers)
    inside = np.fromiter((n in page.article for n in numbers), np.int32, number)
    within = np.flatnonzero(inside)
    if not len(within):
        return [], {}
    first, last = int(within[0]), int(within[-1])
    kinds = page.kinds
    told = np.fromiter((TOLD.get(kinds[n], FURNITURE) for n in numbers), np.int32, number)
    closes = np.fromiter((head.closes(page.lines[n]) for n in numbers), np.int32, number)
    weighed = np.fromiter((page.scores[n] for n in numbers), np.int32, number)
    gaps = np.diff(np.array([numbers[0], *numbers, numbers[-1]], np.int32)) - 1
    gaps = np.minimum(np.maximum(gaps, 0), MAX_GAP)
    lines = np.arange(number, dtype=np.int32)
    title = next((n for n, kind in enumerate(told.tolist()) if kind == TOLD["title"]), None)
    is_open = told == 0
    near = {
        "told": told, "inside": inside, "closes": closes, "weighed": weighed, "gap_above": gaps[:-1],
    }  # fmt: skip
    found: dict[str, Any] = {
        **near,
        "gap_below": gaps[1:],
        "to_first": _within(lines - first),
        "to_last": _within(lines - last),
        "to_title": np.full(number, UNKNOWN) if title is None else _within(lines - title),
        "article_lines": np.full(number, len(within)),
        "closed_share": np.full(number, closes[within].sum() * 100 // len(within)),
        "part": np.cumsum(inside) * 100 // len(within),
        "has_subtitle": np.full(number, int(page.subtitle is not None)),
        "unclosed": _runs(closes == 0),
        "reader": np.minimum(_reader(page), 5),
    }
    for name, column in (
        ("open", is_open),
        ("body", is_open & (page.measures["length"] >= LONG)),
    ):
        found |= {f"{name}_above": _above(column), f"{name}_below": _above(column[::-1])[::-1]}
    found |= shifts(near, (-2, -1, 1, 2))
    here = slice(max(0, first - ABOVE), last + BELOW + 1)
    shown = numbers[here]
    columns = {name: column[here] for name, column in page.measures.items()}
    columns |= {name: column[here].astype(np.int32, copy=False) for name, column in found.items()}
    columns |= beside(wording().score([page.lines[each] for each in shown]))
    return shown, columns


def beside(worded: Mapping[str, Column]) -> dict[str, Column]:
    """How each line and the two beside it are worded."""
    found = {f"worded_{kind}": column for kind, column in worded.items()}
    return found | shifts(found, (-1, 1))


def _within(distances: Column) -> Column:
    return np.minimum(np.maximum(distances, -FAR), FAR)


def _reader(page: Page) -> Column:
    octets = "".join(f"{page.lines[n]}\n" for n in page.measured).encode("utf-8", "surrogatepass")
    return hits(READER, octets, np.flatnonzero(np.frombuffer(octets, np.uint8) == 10))


def _above(there: Column) -> Column:
    """How many lines above a line there are for which something holds."""
    return np.minimum(np.cumsum(there) - there, MOST)


def _runs(there: Column) -> Column:
    """How many lines around a line, itself among them, something holds for without a break; or 0."""
    bounds = np.flatnonzero(np.diff(there, prepend=False, append=False))
    found = np.zeros(len(there), np.int32)
    for start, end in bounds.reshape(-1, 2).tolist():
        found[start:end] = min(end - start, MOST)
    return found
