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
MIXER = np.uint64(0x9E3779B97F4A7C15)


def bodies_of(texts: Sequence[str]) -> list[Body]:
    """`text.body_of` each text."""
    bodies: list[Body] = []
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        part = texts[start : start + TEXTS_AT_ONCE]
        octets = [text.encode() for text in part]
        small = len(part) > 1 and sum(map(len, octets)) <= MAX_OCTETS_AT_ONCE
        counts = _counts(octets) if small else None
        bodies += map(Body, part, octets, *counts) if counts else map(body_of, part)
    return bodies


def _counts(texts: Sequence[bytes]) -> tuple[list[int], list[int], list[bool]] | None:
    """(paragraphs, words, whether a paragraph may be there twice) of each text.

    None unless all are surely in normal form. That is `text.body_of` for many texts in a few
    passes over their octets.
    """
    if not all(text and text[0] > 0x20 and text[-1] > 0x20 for text in texts):
        return None
    whole = BETWEEN.join((*texts, b""))
    view = np.frombuffer(whole, np.uint8)
    newline = view == 0x0A
    white = newline | (view == 0x20)
    pairs = newline[1:] & newline[:-1]
    n_newlines, n_pairs = np.count_nonzero(newline), np.count_nonzero(pairs)
    n_between = len(BETWEEN) * len(texts)
    if (
        np.count_nonzero(view < 0x20) != n_newlines + n_between
        or b"\x7f" in whole
        or 2 * n_pairs != n_newlines
        or np.count_nonzero(white[1:] & white[:-1]) != n_pairs
        or (pairs[1:] & pairs[:-1]).any()
        or not all(map(is_steady, set(view[view >= 0x80].tobytes().decode())))
    ):
        return None
    bounds = np.cumsum([0, *(len(text) + len(BETWEEN) for text in texts)])
    starts = np.sort(np.concatenate((bounds[:-1], np.flatnonzero(pairs) + 2)))
    numbers = np.searchsorted(bounds, starts, side="right") - 1
    paragraphs = np.bincount(numbers, minlength=len(texts)).tolist()
    parts = pairwise(bounds.tolist())
    spaces = (np.count_nonzero(white[start:end]) for start, end in parts)
    words = [int(n) - p + 2 for n, p in zip(spaces, paragraphs, strict=True)]
    return paragraphs, words, _may_repeat(whole, starts, numbers, len(texts))


def _may_repeat(whole: bytes, starts: Any, numbers: Any, count: int) -> list[bool]:
    """Whether two paragraphs of a text are as long and begin alike, for each of `count` texts.

    `starts` are where paragraphs begin, `numbers` whose they are; two octets stand after each.
    """
    lengths = np.diff(starts, append=len(whole))
    eights = np.ndarray((len(whole) + 1,), "<u8", whole + bytes(8), strides=(1,))
    told = (eights[starts] ^ lengths.astype(np.uint64)) * MIXER ^ numbers.astype(np.uint64)
    values, seen = np.unique(told, return_counts=True)
    repeats = np.zeros(count, bool)
    if len(values) < len(told):
        repeats[numbers[np.isin(told, values[seen > 1])]] = True
    return repeats.tolist()
