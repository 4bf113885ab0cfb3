"""How lines are worded: what their shortest pieces speak for, learned from lines in many languages.

A line's pieces are its single letters, its pairs and its fours, folded, digits all alike, with a space
at either end. Each that it has counts once, by a number found under its digest: no list of words,
and no language, is known.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import orjson

from microfiche.extract.shape import DIGIT, Column, letter_kinds

SIZES = (1, 2, 4)  # letters of a piece
BITS = 15  # of a piece's digest
LETTERS = 400  # of a line that are looked at
MOST = 9000  # thousandths of the logarithm of the odds
PRIME, SPREAD = np.uint32(0x01000193), np.uint32(0x9E3779B1)
LINE_FEED, SPACE, ZERO = 10, 32, 48


class Wording(NamedTuple):
    """What pieces speak for.

    `kinds` are what lines may be; `weights` has a row a digest and a column a kind, in thousandths
    of the logarithm of the odds; `bias` likewise.
    """

    kinds: tuple[str, ...]
    weights: Any
    bias: Any

    def score(self, lines: Sequence[str]) -> dict[str, Column]:
        """How much the wording of each line, none of them empty, speaks for each kind."""
        if not lines:
            return {kind: np.zeros(0, np.int32) for kind in self.kinds}
        keys = pieces(lines)
        line, digest = keys >> BITS, keys & ((1 << BITS) - 1)
        starts = np.searchsorted(line, np.arange(len(lines)))
        sums = np.add.reduceat(self.weights.take(digest, axis=0), starts, axis=0, dtype=np.int32)
        scores = np.clip(sums + self.bias, -MOST, MOST).astype(np.int32)
        return dict(zip(self.kinds, np.ascontiguousarray(scores.T), strict=True))


def pieces(lines: Sequence[str]) -> Any:
    """The pieces of lines, each once a line, in order: a line's number and a digest, in one integer."""
    text = "\n".join(["", *(line[:LETTERS] for line in lines), ""]).casefold()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    is_end = codes == LINE_FEED
    ends = np.cumsum(is_end, dtype=np.int64)
    letters = np.where(letter_kinds(codes) == DIGIT, np.uint32(ZERO), codes)
    letters[is_end] = SPACE
    found = []
    for size in SIZES:
        number = len(letters) - size + 1
        digest = np.full(number, size, np.uint32)
        for place in range(size):
            digest = (digest ^ letters[place : place + number]) * PRIME
        digest = (digest * SPREAD) >> np.uint32(32 - BITS)
        # a piece begins or ends with the end of a line, has none within it and is none
        whole = ends[size - 2 :][:number] == ends[:number] if size > 1 else ~is_end
        within = np.flatnonzero(whole)
        found.append((ends[within] - 1) << BITS | digest[within])
    keys = np.sort(np.concatenate(found))
    return keys[np.diff(keys, prepend=-1) != 0]


def read_wording(held: Mapping[str, Any]) -> Wording:
    """The wording that the object of a data file holds."""
    columns = [
        np.frombuffer(base64.b85decode(held["weights"][kind]), np.int8) for kind in held["kinds"]
    ]
    weights = np.stack(columns, axis=1).astype(np.int32) * held["step"]
    return Wording(tuple(held["kinds"]), weights, np.array(held["bias"], np.int32))


@functools.cache
def wording() -> Wording:
    """What this package has learned."""
    file = resources.files(__package__) / "weights" / "wording.json"
    return read_wording(orjson.loads(file.read_bytes()))
