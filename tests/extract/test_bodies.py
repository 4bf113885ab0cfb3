"""Texts of many records at a time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from microfiche.extract.bodies import bodies_of
from microfiche.text import body_of
from small import TEXTS


@settings(max_examples=300)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_texts_are_counted_together_as_alone(texts: list[str]) -> None:
    """Each text is what `body_of` makes of it, and nothing that repeats is said not to."""
    for text, read in zip(texts, bodies_of(texts), strict=True):
        assert read[:4] == body_of(text)[:4]
        paragraphs = read.text.split("\n\n")
        assert read.may_repeat or len(set(paragraphs)) == len(paragraphs)


def test_short_paragraphs_that_repeat_are_told() -> None:
    """Whatever follows them."""
    assert [body.may_repeat for body in bodies_of(["a\n\na", "x", "ab\n\nac"])] == [
        True,
        False,
        False,
    ]
