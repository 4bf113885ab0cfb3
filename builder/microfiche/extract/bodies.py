"""Texts of many ready records at a time, in normal form.

What `text.body_of` says of each, in a few passes over the octets of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from microfiche.text import Body, body_of, is_steady

# Texts handled at once: their octets fit into the processor's cache.
TEXTS_AT_ONCE, MAX_OCTETS_AT_ONCE, BETWEEN = 64, 2 << 20, b"\x01\x01"
ALL = np.uint64((1 << 64) - 1)
MIXER = np.uint64(0x9E3779B97F4A7C15)


def bodies_of(texts: Sequence[str]) -> list[Body]:
    """`text.body_of` each text."""
    bodies: list[Body] = []
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        part = texts[start : start + TEXTS_AT_ONCE]
        octets = [text.encode() for text in part]
        if len(part) == 1 or sum(map(len, octets)) > MAX_OCTETS_AT_ONCE:
            bodies += map(body_of, part)
            continue
        bodies += [
            Body(text, held, paragraphs, words, repeats) if is_normal else body_of(text)
            for text, held, is_normal, paragraphs, words, repeats in zip(
                part, octets, *_counts(octets), strict=True
            )
        ]
    return bodies


def _counts(texts: Sequence[bytes]) -> tuple[list[bool], list[int], list[int], list[bool]]:
    """(whether it is in normal form, paragraphs, words, whether one may repeat) of each text.

    That is `text.body_of` for many texts in a few passes over their octets. It may miss that one is
    in normal form; the counts are of those that are.
    """
    whole = BETWEEN.join((*texts, b""))
    view = np.frombuffer(whole, np.uint8)
    bounds = np.cumsum([0, *(len(text) + len(BETWEEN) for text in texts)])
    newline = view == 0x0A
    white = newline | (view == 0x20)
    blank = newline[1:] & newline[:-1]
    spans = [*pairwise(bounds.tolist())]
    wrong = _wrong(view, newline, white, blank, bounds).tobytes()
    normal = [
        bool(text) and text[0] > 0x20 and text[-1] > 0x20 and wrong.find(1, *span) < 0
        for text, span in zip(texts, spans, strict=True)
    ]
    starts = np.sort(np.concatenate((bounds[:-1], np.flatnonzero(blank) + 2)))
    numbers = np.searchsorted(bounds, starts, side="right") - 1
    paragraphs = np.bincount(numbers, minlength=len(texts)).tolist()
    spaces = (np.count_nonzero(white[start:end]) for start, end in spans)
    words = [int(n) - p + 2 for n, p in zip(spaces, paragraphs, strict=True)]
    return normal, paragraphs, words, _may_repeat(whole, starts, numbers, len(texts))


def _wrong(view: Any, newline: Any, white: Any, blank: Any, bounds: Any) -> Any:
    """Which octets texts in normal form have not, or may not have where these stand.

    Control characters, white space beside white space but for blank lines, line breaks by
    themselves, and characters that may join others.
    """
    wrong = (view < 0x20) & ~newline
    wrong[bounds[1:] - 1] = wrong[bounds[1:] - 2] = False
    wrong[:-1] |= white[1:] & white[:-1] & ~blank
    wrong[1:-1] |= newline[1:-1] & (blank[1:] == blank[:-1])
    high = np.flatnonzero(view >= 0x7F)
    octets = view[high]
    characters = octets.tobytes().decode()
    if unsteady := [ord(each) for each in set(characters) if not is_steady(each)]:
        leading = high[(octets == 0x7F) | (octets >= 0xC0)]
        codes = np.frombuffer(characters.encode("utf-32-le"), "<u4")
        wrong[leading[np.isin(codes, unsteady)]] = True
    return wrong


def _may_repeat(whole: bytes, starts: Any, numbers: Any, count: int) -> list[bool]:
    """Whether two paragraphs of a text are as long and begin alike, for each of `count` texts.

    `starts` are where paragraphs begin, `numbers` whose they are; two octets stand after each.
    """
    lengths = np.diff(starts, append=len(whole))
    eights = np.ndarray((len(whole) + 1,), "<u8", whole + bytes(8), strides=(1,))
    own = np.minimum(lengths - len(BETWEEN), 8).astype(np.uint64) * np.uint64(8)
    begins = eights[starts] & (ALL >> (np.uint64(64) - own))  # without what follows a short one
    told = (begins ^ lengths.astype(np.uint64)) * MIXER ^ numbers.astype(np.uint64)
    values, seen = np.unique(told, return_counts=True)
    repeats = np.zeros(count, bool)
    if len(values) < len(told):
        repeats[numbers[np.isin(told, values[seen > 1])]] = True
    return repeats.tolist()
