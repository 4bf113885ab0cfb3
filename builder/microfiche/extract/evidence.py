"""What is known of the lines around an article when all rules have spoken, as columns of integers."""

from __future__ import annotations

from typing import Any

import numpy as np
import re2

from microfiche.extract import head
from microfiche.extract.saved import Page
from microfiche.extract.shape import Column, hits, shifted

ABOVE, BELOW = 12, 30  # lines above the article and below it that may be its own
# What rules say of a line, as a number; all else is furniture.
TOLD = {
    None: 0, "title": 1, "subtitle": 2, "caption": 3, "byline": 4, "date": 5, "clock": 5,
    "credit": 6, "source": 6, "caption told again": 6, "masthead": 7, "breadcrumb": 7, "above": 7,
    "before": 7, "repeated headline": 7, "other": 9, "tail": 10, "after": 10, "note": 11,
}  # fmt: skip
FURNITURE = 8
NEAR = ("told", "inside", "closes", "weighed", "gap_above")  # of these the lines around count too
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
    places = np.array(page.measured, np.int32)
    number = len(places)
    inside = np.array([n in page.article for n in page.measured], np.int32)
    within = np.flatnonzero(inside)
    if not len(within):
        return [], {}
    first, last = int(within[0]), int(within[-1])
    told = np.array([TOLD.get(page.kinds[n], FURNITURE) for n in page.measured], np.int32)
    closes = np.array([head.closes(page.lines[n]) for n in page.measured], np.int32)
    lines = np.arange(number, dtype=np.int32)
    title = next((n for n, kind in enumerate(told.tolist()) if kind == TOLD["title"]), None)
    is_open, gaps = told == 0, np.diff(places, prepend=places[0]) - 1
    found: dict[str, Any] = {
        "told": told,
        "inside": inside,
        "closes": closes,
        "weighed": np.array([page.scores[n] for n in page.measured], np.int32),
        "gap_above": np.clip(gaps, 0, 3),
        "gap_below": np.clip(shifted(gaps.astype(np.int32), 1), 0, 3),
        "to_first": np.clip(lines - first, -FAR, FAR),
        "to_last": np.clip(lines - last, -FAR, FAR),
        "to_title": np.full(number, UNKNOWN)
        if title is None
        else np.clip(lines - title, -FAR, FAR),
        "article_lines": np.full(number, len(within)),
        "closed_share": np.full(number, closes[within].sum() * 100 // len(within)),
        "part": np.cumsum(inside) * 100 // len(within),
        "has_subtitle": np.full(number, int(page.subtitle is not None)),
        "unclosed": _runs(closes == 0),
    }
    found["reader"] = np.minimum(_reader(page), 5)
    for name, column in (
        ("open", is_open),
        ("body", is_open & (page.measures["length"] >= LONG)),
    ):
        found |= {f"{name}_above": _above(column), f"{name}_below": _above(column[::-1])[::-1]}
    for name in NEAR:
        for offset in (-2, -1, 1, 2):
            found[f"{name}{offset:+}"] = shifted(found[name].astype(np.int32), offset)
    near = slice(max(0, first - ABOVE), last + BELOW + 1)
    columns = {name: column[near] for name, column in page.measures.items()}
    columns |= {name: column[near].astype(np.int32) for name, column in found.items()}
    return page.measured[near], columns


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
