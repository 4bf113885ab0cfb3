"""Which texts copy which, exactly: every pair of two sets of texts that are alike is found.

Two texts are copies if they share 700 thousandths of the shingles that either has, or 900 of those
of the shorter one. So a copy has at least 82 of 100 shingles of the shorter text in common with the
other, and texts that have fewer in common with all of the other set are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from microfiche.collation.similarity import ALIKE, text_shingles

CONTAINED = 900
# The least share of the shorter text's shingles, in hundredths: 2 * .7 / 1.7, rounded down.
LEAST = 82
# Shingles, about as many as words: what has fewer is a line that many texts may have.
MIN_SHINGLES = 8
MARK = re.compile(r"[^\w\s]+")
HASHES_AT_ONCE = 1 << 22


class Shingled(NamedTuple):
    """Shingles of texts: the hashes of each, ascending, text after text, and how many each has."""

    hashes: Any
    counts: Any

    @property
    def ends(self) -> Any:
        """Where the hashes of each text end."""
        return np.cumsum(self.counts)

    def select(self, numbers: Any) -> Shingled:
        """The shingles of some of the texts."""
        ends = self.ends
        starts = ends - self.counts
        parts = [self.hashes[starts[each] : ends[each]] for each in numbers]
        return Shingled(np.concatenate([NOTHING, *parts]), self.counts[numbers])

    def owners(self) -> Any:
        """The number of the text of each hash."""
        return np.repeat(np.arange(len(self.counts)), self.counts)


NOTHING = np.empty(0, np.uint64)


def shingled(texts: Sequence[str]) -> Shingled:
    """The shingles of texts, whatever their letters' case and their punctuation."""
    parts = [text_shingles(MARK.sub("", text.casefold())) for text in texts]
    counts = np.array([len(part) for part in parts], np.int64)
    return Shingled(np.concatenate([NOTHING, *parts]), counts)


def joined(parts: Sequence[Shingled]) -> Shingled:
    """The shingles of several lists of texts, one after the other."""
    counts = [np.empty(0, np.int64), *(part.counts for part in parts)]
    return Shingled(np.concatenate([NOTHING, *(p.hashes for p in parts)]), np.concatenate(counts))


def copies(
    left: Shingled, right: Shingled, *, contained: bool = True
) -> Iterator[tuple[int, int, int]]:
    """(number of a text on the left, of one on the right, what they share in thousandths).

    That is of the shingles either has, or, where this is less than 700, of the shorter text's:
    these pairs are given only if such as are `contained` count.
    """
    ours = np.flatnonzero(left.counts >= MIN_SHINGLES)
    theirs = np.flatnonzero(right.counts >= MIN_SHINGLES)
    for narrowed in range(3):  # each round has less to look at than the one before
        if not len(ours) or not len(theirs):
            return
        if narrowed % 2:
            ours = ours[_may_copy(left.select(ours), right.select(theirs))]
        else:
            theirs = theirs[_may_copy(right.select(theirs), left.select(ours))]
    for one, other, of_either, of_shorter in _pairs(left, right, ours, theirs):
        if of_either >= ALIKE:
            yield one, other, of_either
        elif contained and of_shorter >= CONTAINED:
            yield one, other, of_shorter


def _may_copy(texts: Shingled, others: Shingled) -> Any:
    """Which of some texts have enough in common with all others for a copy among them.

    A text is held against others by the size of these: how much is enough depends on it.
    """
    sizes = np.log2(others.counts).astype(np.int64)
    order = np.argsort(others.hashes, kind="stable")
    known, starts = np.unique(others.hashes[order], return_index=True)
    marks = np.bitwise_or.reduceat((1 << sizes)[others.owners()[order]], starts)
    may, first = np.zeros(len(texts.counts), bool), 0
    for part in _parts(texts):
        places = np.minimum(np.searchsorted(known, part.hashes), len(known) - 1)
        found = np.where(known[places] == part.hashes, marks[places], 0)
        owners, n = part.owners(), len(part.counts)
        for size in np.unique(sizes).tolist():
            hits = np.bincount(owners[(found >> size & 1).astype(bool)], minlength=n)
            enough = 100 * hits >= LEAST * np.minimum(part.counts, 1 << size)
            may[first : first + n] |= enough
        first += n
    return may


def _parts(texts: Shingled) -> Iterator[Shingled]:
    """Texts in their order, a bounded number of hashes at a time."""
    ends = texts.ends
    bounds = [0]
    while bounds[-1] < len(ends):
        before = ends[bounds[-1] - 1] if bounds[-1] else 0
        after = np.searchsorted(ends, before + HASHES_AT_ONCE, side="right")
        bounds.append(max(int(after), bounds[-1] + 1))
    for start, stop in pairwise(bounds):
        low = ends[start - 1] if start else 0
        yield Shingled(texts.hashes[low : ends[stop - 1]], texts.counts[start:stop])


def _pairs(
    left: Shingled, right: Shingled, ours: Any, theirs: Any
) -> Iterator[tuple[int, int, int, int]]:
    """Pairs with enough in common, among texts of which few are left, and both shares."""
    held, asked = left.select(ours), right.select(theirs)
    order = np.argsort(held.hashes, kind="stable")
    hashes, owners = held.hashes[order], held.owners()[order]
    for number, end in zip(theirs.tolist(), asked.ends.tolist(), strict=True):
        size = int(right.counts[number])
        own = asked.hashes[end - size : end]
        low, high = (np.searchsorted(hashes, own, side=side) for side in ("left", "right"))
        having = [owners[one:other] for one, other in zip(low, high, strict=True) if one < other]
        if not having:
            continue
        shared = np.bincount(np.concatenate(having), minlength=len(ours))
        enough = 100 * shared >= LEAST * np.minimum(size, held.counts)
        for place in np.flatnonzero(enough).tolist():
            other, both = int(held.counts[place]), int(shared[place])
            of_either = 1000 * both // (size + other - both)
            yield int(ours[place]), number, of_either, 1000 * both // min(size, other)
