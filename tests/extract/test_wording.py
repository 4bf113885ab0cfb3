"""How lines are worded."""

from __future__ import annotations

import numpy as np
import pytest

from microfiche.extract.wording import BITS, LETTERS, MOST, pieces, wording

LINES = [
    "Subscribe to our newsletter and never miss a story.",
    "The ferry came back on Monday, and its crew began at once to clear the channel.",
    "Подпишитесь на наш канал в Telegram.",
    "订阅我们的新闻",
    "٣",
]


def test_pieces_count_once_a_line_by_its_own_letters_alone() -> None:
    """Whatever stands above and below, and in whatever order."""
    found = pieces(LINES)
    assert (np.diff(found) > 0).all()
    for number, line in enumerate(LINES):
        own = found[found >> BITS == number] & ((1 << BITS) - 1)
        assert own.tolist() == pieces([line]).tolist()
    assert pieces(["aaaa aaaa aaaa"]).tolist() == pieces(["aaaa aaaa aaaa aaaa"]).tolist()


def test_letters_are_folded_and_digits_alike() -> None:
    """Capitals, numbers of any script; a long line counts by its first letters."""
    assert (
        pieces(["On 3 May"]).tolist()
        == pieces(["ON 7 MAY"]).tolist()
        == pieces(["on ٣ may"]).tolist()
    )
    assert pieces(["word " * 1000]).tolist() == pieces([("word " * 1000)[:LETTERS]]).tolist()


def test_scores_are_whole_numbers_within_bounds_and_speak_for_what_they_should() -> None:
    """An appeal is worded as none, a sentence of news as text."""
    found = wording().score(LINES)
    assert set(found) == {"text", "caption", "standfirst"}
    for column in found.values():
        assert column.dtype == np.int32
        assert len(column) == len(LINES)
        assert int(np.abs(column).max()) <= MOST
    text = found["text"].tolist()
    assert text[1] > 0 > text[0]
    assert text[2] < 0


def test_of_no_lines_nothing_is_said() -> None:
    """Empty columns."""
    assert [len(column) for column in wording().score([]).values()] == [0, 0, 0]


@pytest.mark.parametrize("line", ["\ud800", "a" * 100_000, "\U0001f600" * 9, "ß", " "])
def test_any_line_has_a_score(line: str) -> None:
    """Lone surrogates, endless ones, signs beyond the basic plane."""
    assert all(len(column) == 1 for column in wording().score([line]).values())
