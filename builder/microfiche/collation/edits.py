"""Whether two states of an address are edits of one article, or show two that have it in turn.

They are of two only if headline, wording, words, names and numbers have next to nothing in common.
docs/identity.md has what was measured, and on which texts.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from microfiche.collation.similarity import shared_in_smaller, shingles

# All shares are in thousandths of the smaller set. A headline needs more than one word in common,
# unless one holds all words of the other.
HEADLINE, WORDING, WORDS = 400, 50, 160
WORDING_OF_TWO_ADDRESSES = 300
NAMES, WORDS_WITH_NAMES = 250, 60
WORDS_OF_TWO_DAYS = 300  # two that state different days of publication need more in common
FEW = 8  # states that are compared one with another, without an index
LEAD = 1500  # characters of text that are compared by words: long texts share more by chance
# Shorter words are of grammar rather than of the matter; headlines are compared by stems.
LEAST, LEAST_IN_HEADLINE, STEM = 5, 4, 6
# Scripts that set no spaces are compared by pairs of characters.
UNSPACED = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
WORD = re.compile(r"\w+")
INNER_WORD = re.compile(r"(?<=[\w,;] )[^\W\d_]{3,}")  # no word that begins a sentence
NUMBER = re.compile(r"\d[\d.,]*\d")


@dataclass(frozen=True, eq=False)
class State:
    """A state of an article, to be compared with others; each part is read when it is asked for.

    None is a title or a day that is not known.
    """

    title: str | None
    text: str
    day: str | None = None

    @cached_property
    def headline(self) -> frozenset[str]:
        """Stems of the words of the headline."""
        folded = unicodedata.normalize("NFKC", self.title or "")
        return frozenset(word[:STEM] for word in _words(folded, LEAST_IN_HEADLINE))

    @cached_property
    def shingles(self) -> frozenset[int]:
        """What the wording is told by."""
        return shingles(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Words of the matter."""
        return frozenset(_words(self._lead, LEAST))

    @cached_property
    def names(self) -> frozenset[str]:
        """Names and numbers."""
        found = {word.casefold() for word in INNER_WORD.findall(self._lead) if word[0].isupper()}
        return frozenset(found.union(NUMBER.findall(self._lead)))

    @cached_property
    def _lead(self) -> str:
        return unicodedata.normalize("NFKC", f"{self.title or ''}\n{self.text[:LEAD]}")


def _words(text: str, least: int) -> set[str]:
    """Words of `least` letters or more, whole numbers, pairs of characters."""
    folded = text.casefold()
    spaced = WORD.findall(UNSPACED.sub(" ", folded))
    found = {word for word in spaced if len(word) >= least or word.isdigit()}
    runs = UNSPACED.findall(folded)
    return found.union(one + other for run in runs for one, other in itertools.pairwise(run))


def likely_pairs(states: Sequence[State]) -> Iterator[tuple[int, int]]:
    """Numbers of two states, the earlier first, that have enough in common to be compared.

    They share a word of their headlines, a shingle, or the fewest words that count.
    """
    if len(states) > FEW:
        yield from _likely_of_many(states)
        return
    for number, state in enumerate(states):
        for other in range(number):
            if _may_be_like(states[other], state):
                yield other, number


def _may_be_like(one: State, other: State) -> bool:
    if not one.headline.isdisjoint(other.headline) or not one.shingles.isdisjoint(other.shingles):
        return True
    shared = len(one.words & other.words)
    return shared > 0 and _counts(shared, one, other)


def _counts(shared: int, one: State, other: State) -> bool:
    """Whether so many words in common may be enough."""
    return 1000 * shared >= WORDS_WITH_NAMES * min(len(one.words), len(other.words))


def _likely_of_many(states: Sequence[State]) -> Iterator[tuple[int, int]]:
    """As `likely_pairs`, by an index of what states have."""
    marks: dict[object, list[int]] = {}
    words: dict[str, list[int]] = {}
    for number, state in enumerate(states):
        own = [("headline", each) for each in state.headline], state.shingles
        found = set(
            itertools.chain.from_iterable(marks.get(each, ()) for part in own for each in part)
        )
        shared = Counter(itertools.chain.from_iterable(words.get(each, ()) for each in state.words))
        found |= {each for each, count in shared.items() if _counts(count, states[each], state)}
        yield from ((other, number) for other in sorted(found))
        for part in own:
            for each in part:
                marks.setdefault(each, []).append(number)
        for word in state.words:
            words.setdefault(word, []).append(number)


def may_be_one(one: State, other: State) -> bool:
    """Whether two states of two addresses, of which one names the other, may be of one article."""
    wording = shared_in_smaller(one.shingles, other.shingles)
    return wording >= WORDING_OF_TWO_ADDRESSES or _agree_in_headline(one, other)


def may_be_edits(one: State, other: State) -> bool:
    """Whether two states of one address may be of one article."""
    if _agree_in_headline(one, other):
        return True
    if shared_in_smaller(one.shingles, other.shingles) >= WORDING:
        return True
    words = shared_in_smaller(one.words, other.words)
    if one.day and other.day and one.day != other.day:
        return words >= WORDS_OF_TWO_DAYS
    named = len(one.names & other.names) > 1 and words >= WORDS_WITH_NAMES
    return words >= WORDS or (named and shared_in_smaller(one.names, other.names) >= NAMES)


def _agree_in_headline(one: State, other: State) -> bool:
    shared = shared_in_smaller(one.headline, other.headline)
    return shared == 1000 or (len(one.headline & other.headline) > 1 and shared >= HEADLINE)
