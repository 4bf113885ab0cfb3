"""Copies of texts are found exactly: held against every pair compared by itself."""

from __future__ import annotations

import random

import pytest

from microfiche.collation.copies import copies, shingled
from microfiche.collation.similarity import shingles

WORDS = [f"{stem}{'x' * (number % 7)}{number}" for number, stem in enumerate("abc" * 900)]


def text(rng: random.Random, count: int) -> str:
    """So many words."""
    return " ".join(rng.choices(WORDS, k=count))


def mutated(rng: random.Random, value: str, rate: float) -> str:
    """A text with some words exchanged."""
    return " ".join(rng.choice(WORDS) if rng.random() < rate else each for each in value.split())


@pytest.mark.parametrize("seed", range(4))
def test_every_pair_is_found_and_no_other(seed: int) -> None:
    """Copies with edits, excerpts, texts inside longer ones, chance likeness of short ones."""
    rng = random.Random(seed)
    left = [text(rng, rng.randrange(6, 300)) for _ in range(120)]
    right = []
    for _ in range(500):
        kind, source = rng.random(), rng.choice(left)
        if kind < 0.35:
            right.append(mutated(rng, source, rng.choice((0, 0.01, 0.03, 0.05, 0.08, 0.1))))
        elif kind < 0.5:
            words = source.split()
            start = rng.randrange(max(1, len(words) - 8))
            right.append(
                " ".join(words[start : start + rng.randrange(8, 60)])
                + " "
                + text(rng, rng.randrange(4))
            )
        elif kind < 0.6:
            right.append(f"{text(rng, 100)} {mutated(rng, source, 0.02)}")
        else:
            right.append(text(rng, rng.randrange(6, 300)))
    ours, theirs = ([shingles(each) for each in side] for side in (left, right))
    expected = {
        (i, j)
        for i, one in enumerate(ours)
        for j, other in enumerate(theirs)
        if min(len(one), len(other)) >= 8
        if 1000 * len(one & other) // len(one | other) >= 700
        or 1000 * len(one & other) // min(len(one), len(other)) >= 900
    }
    found = list(copies(shingled(left), shingled(right)))
    assert {(i, j) for i, j, _ in found} == expected
    assert len(found) == len(expected) > 100
    assert all(700 <= similarity <= 1000 for *_, similarity in found)


def test_nothing_is_a_copy_of_nothing() -> None:
    """Empty sides, and texts too short to tell."""
    some = shingled([text(random.Random(1), 40)])
    for left, right in ((shingled([]), some), (some, shingled([])), (shingled(["", "a b"]), some)):
        assert list(copies(left, right)) == []
