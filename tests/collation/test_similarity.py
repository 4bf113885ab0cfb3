"""Which texts are alike: signatures, candidates, and what the texts themselves say."""

from __future__ import annotations

import multiprocessing
import os
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfiche.collation.similarity import ALIKE, candidates, compare, signatures

WORDS = [f"{a}{b}" for a in "harbour ledger lamp quay pencil tide map".split() for b in range(40)]


def text(seed: int, words: int = 300) -> str:
    """A text of its own for each seed."""
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def signed_in_child(results: multiprocessing.SimpleQueue[bytes]) -> None:
    """What a forked process makes of a thousand texts."""
    results.put(signatures([text(seed).encode() for seed in range(1000)]).tobytes())


def test_signatures_are_the_same_after_a_fork_and_in_any_company() -> None:
    """A process that has used the library may fork; other texts beside one change nothing."""
    texts = [text(seed).encode() for seed in range(1000)]
    whole = signatures(texts)
    assert (np.concatenate([signatures(texts[:100]), signatures(texts[100:])]) == whole).all()
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    child = context.Process(target=signed_in_child, args=(results,))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert results.get() == whole.tobytes()
    assert "RAYON_NUM_THREADS" not in os.environ


@pytest.mark.parametrize("kept", [0.95, 0.85, 0.75])
def test_alike_texts_are_candidates(kept: float) -> None:
    """Of two hundred texts nearly every one is found beside its shortened copy, and no other."""
    texts = [text(seed) for seed in range(200)]
    short = [" ".join(each.split()[: int(300 * kept)]) for each in texts]
    pairs = candidates(signatures([each.encode() for each in (*texts, *short)]))
    found = {tuple(pair) for pair in pairs.tolist()}
    assert len(found & {(n, n + 200) for n in range(200)}) >= 195
    assert all(compare(texts[n], short[n]) for n in range(200) if kept > 0.8)
    assert not any(compare(texts[n], short[n - 1]) for n in range(200))


def test_a_crowd_of_equal_texts_gives_pairs_in_proportion() -> None:
    """A thousand equal texts give two pairs each, not half a million."""
    pairs = candidates(signatures([b"the same words again and again " * 20] * 1000))
    assert 999 <= len(pairs) <= 2 * 1000


@given(st.lists(st.text(max_size=400), min_size=1, max_size=5))
def test_any_text_has_a_signature_and_is_like_itself(texts: list[str]) -> None:
    """Empty, odd and long texts of any script; comparison is symmetric."""
    assert signatures([each.encode() for each in texts]).shape == (len(texts), 16)
    for each in texts:
        assert compare(each, each) == (1000, "equal-text")
        assert compare(each, texts[0]) == compare(texts[0], each)


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    """Two Japanese texts that share nine tenths are alike."""
    rng = random.Random(1)
    line = "".join(rng.choices("図書館の時計は再び鳴り始めた新聞保存港町朝夕記者写真", k=600))
    likeness = compare(line, line[:570])
    assert likeness
    assert likeness.similarity >= ALIKE
