"""Which texts are alike: MinHash finds candidates, the texts themselves decide.

A shingle is 24 octets of UTF-8 from the beginning of a word, or from any character of a script
that sets no spaces between words; paragraph breaks count as spaces. Signatures only choose which
pairs are looked at: what is said of a pair follows from its two texts.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

SHINGLE = 24
PERMUTATIONS, BANDS, SEED = 64, 16, 1
# The least similarity that makes a link, in thousandths.
ALIKE = 700
# Texts handled at once: their octets fit into the processor's cache.
BATCH = 64
# A bucket of more texts than this is compared along its order, not each with each.
MAX_BUCKET = 40
NUMBER = re.compile(r"\d+")
# Reports of one template share this much once numbers are masked, and less of their numbers.
SAME_TEMPLATE, SAME_NUMBERS, MIN_NUMBERS = 900, 0.5, 3
SPACE, PAD = 0x20, b" " * SHINGLE
MIXERS = tuple(
    np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
SHIFT, HALF, ROW = np.uint64(31), np.uint64(32), np.uint64(0xFFFFFFFF)
THREADS = "RAYON_NUM_THREADS"


class Likeness(NamedTuple):
    """How alike two texts are: shared shingles in thousandths of all, and by which rule."""

    similarity: int
    rule: str


MIN_WORDS, MIN_OCTETS = 50, 900


def is_long(n_words: Any, n_octets: Any) -> Any:
    """Whether a text is long enough to be told by itself, or which of many, in arrays, are.

    50 words, or 900 octets of a script that sets no spaces between them.
    """
    return (n_words >= MIN_WORDS) | (n_octets >= MIN_OCTETS)


def signatures(texts: Sequence[bytes]) -> Any:
    """Band hashes of texts in UTF-8: one row of 16 32-bit integers a text.

    Texts with the same hash in any band are worth comparing: 98 % of the pairs that share 700
    thousandths of their shingles have one, nearly all that share more. Every other shingle, by
    its first octet, is enough for that.
    """
    from rensa import RMinHash

    if not texts:
        return np.empty((0, BANDS), np.uint32)
    batches = (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))
    hashes, counts = zip(*(_sampled(batch) for batch in batches), strict=True)
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(counts)))).astype(np.uint64)
    with _one_thread():
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            np.concatenate(hashes), offsets, PERMUTATIONS, SEED
        )
    values = chain.from_iterable(matrix.to_rows())
    rows = np.fromiter(values, np.uint32, len(texts) * PERMUTATIONS).reshape(len(texts), BANDS, -1)
    mixed = np.zeros(rows.shape[:2], np.uint64)
    for column in range(rows.shape[2]):
        mixed = (mixed ^ rows[:, :, column]) * MIXERS[0]
        mixed ^= mixed >> SHIFT
    return mixed.astype(np.uint32)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Keep rensa from starting threads, as it asks the environment in every call.

    The engine has a process a core, and forks: a pool of threads would not survive that.
    """
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[THREADS]
        else:
            os.environ[THREADS] = before


def _sampled(texts: Sequence[bytes]) -> tuple[Any, Any]:
    """(hashes of every other shingle of the texts, in order, how many each text has)."""
    octets = b"".join(text + PAD for text in texts)
    starts = _starts(octets)
    starts &= (np.frombuffer(octets, np.uint8) & 1).view(bool)
    places = np.flatnonzero(starts)
    ends = np.cumsum([len(text) + SHINGLE for text in texts])
    return _hashes(octets, places), np.diff(np.searchsorted(places, ends), prepend=0)


def _starts(octets: bytes) -> Any:
    """Where shingles begin: at words, and at each character of three octets or more.

    Leading octets from E0 begin those; E2 mostly punctuation.
    """
    view = np.frombuffer(octets, np.uint8)
    white = view <= SPACE
    starts = (view >= 0xE0) & (view != 0xE2)
    starts[1:] |= white[:-1] > white[1:]
    starts[0] = True
    return starts


def _hashes(octets: bytes, places: Any) -> Any:
    """Hash of the shingle at each place; the octets end in padding."""
    every = np.ndarray((len(octets) - SHINGLE + 1,), f"V{SHINGLE}", octets, strides=(1,))
    eights = every[places].view("<u8").reshape(-1, len(MIXERS))
    hashes = np.zeros(len(places), np.uint64)
    for part, mixer in enumerate(MIXERS):
        hashes ^= eights[:, part]
        hashes *= mixer
        hashes ^= hashes >> SHIFT
    return hashes


def candidates(bands: Any) -> Any:
    """Pairs of rows (i < j) with the same hash in any band, sorted: an array of two columns.

    Where very many share one, each is paired with the first and with the one before it.
    """
    n = len(bands)
    codes = [np.empty(0, np.int64)]
    numbers = np.arange(n, dtype=np.uint64)
    for band in range(bands.shape[1]):
        # Hash and row in one number: rows of one hash lie together, ascending.
        packed = np.sort(bands[:, band].astype(np.uint64) << HALF | numbers)
        order, values = (packed & ROW).astype(np.int64), packed >> HALF
        bounds = np.flatnonzero(np.diff(values)) + 1
        lengths = np.diff(np.concatenate(([0], bounds, [n])))
        starts = np.concatenate(([0], bounds))
        for start, length in zip(starts[lengths > 1], lengths[lengths > 1], strict=True):
            codes.append(_pairs(order[start : start + length], n))
    found = np.unique(np.concatenate(codes))
    return np.stack((found // max(n, 1), found % max(n, 1)), axis=1)


def _pairs(rows: Any, n: int) -> Any:
    """Pairs among ascending rows, each as one number."""
    if len(rows) <= MAX_BUCKET:
        left, right = np.triu_indices(len(rows), 1)
        return rows[left] * n + rows[right]
    return np.concatenate((rows[0] * n + rows[1:], rows[:-1] * n + rows[1:]))


def compare(one: str, other: str) -> Likeness | None:
    """How alike two texts are; None if not enough, or if they only follow one template."""
    if one == other:
        return Likeness(1000, "equal-text")
    similarity = shared_shingles(one, other)
    if similarity < ALIKE or is_template(one, other):
        return None
    return Likeness(similarity, "near-text")


def shared_shingles(one: str, other: str) -> int:
    """Shingles that two texts share, in thousandths of those either has (Jaccard), rounded down."""
    ours, theirs = text_shingles(one), text_shingles(other)
    both = len(np.intersect1d(ours, theirs, assume_unique=True))
    return int(1000 * both // max(1, len(ours) + len(theirs) - both))


def text_shingles(text: str) -> Any:
    """Hashes of a text's shingles, each once, ascending; paragraphs run on."""
    octets = text.encode().replace(b"\n\n", b" ") + PAD
    return np.unique(_hashes(octets, np.flatnonzero(_starts(octets))))


def shingles(text: str) -> frozenset[int]:
    """A text's shingles, by their hashes."""
    return frozenset(text_shingles(text).tolist())


def shared_in_smaller(one: frozenset[Any], other: frozenset[Any]) -> int:
    """What two sets have in common, in thousandths of the smaller; 0 if one is empty."""
    return 1000 * len(one & other) // max(1, min(len(one), len(other)))


def is_template(one: str, other: str) -> bool:
    """Whether two texts are reports that differ in their numbers, such as weather or markets."""
    ours, theirs = Counter(NUMBER.findall(one)), Counter(NUMBER.findall(other))
    if min(ours.total(), theirs.total()) < MIN_NUMBERS:
        return False
    same = (ours & theirs).total() / max(ours.total(), theirs.total())
    return same < SAME_NUMBERS and shared_shingles(*_masked(one, other)) >= SAME_TEMPLATE


def _masked(*texts: str) -> Iterator[str]:
    return (NUMBER.sub("0", text) for text in texts)
