"""What differs between two states of a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from microfiche.release.withholding import UNSPACED

# A word, or a mark, with the white space after it; in scripts that set no spaces, a character.
WORD = re.compile(rf"[{UNSPACED}]\s*|[^\W{UNSPACED}]+\s*|[^\w\s{UNSPACED}]\s*")
MOST = 5_000  # paragraphs or words that are compared; of more, all are taken for replaced
AROUND = 8  # words of what stayed that are shown on either side of a change
Kind = Literal["same", "deleted", "added"]


class Run(NamedTuple):
    """Words of one kind that follow on each other."""

    kind: Kind
    words: str


Passage = list[Run]  # a place that changed, with some words around it


def changed_passages(old: Sequence[str], new: Sequence[str]) -> list[Passage]:
    """The places where paragraphs differ, in order; none if they are equal."""
    if max(len(old), len(new)) > MOST:
        return [[Run("deleted", "\n".join(old)), Run("added", "\n".join(new))]]
    found: list[Passage] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        if kind != "equal":
            found += _passages("\n".join(old[i:j]), "\n".join(new[k:m]))
    return found


def _passages(old: str, new: str) -> Iterator[Passage]:
    """The places where one passage differs from another; where most stays, each by itself."""
    passage: Passage = []
    runs = list(_runs(WORD.findall(old), WORD.findall(new)))
    for place, run in enumerate(runs):
        if run.kind != "same":
            passage.append(run)
            continue
        words = WORD.findall(run.words)
        before, after = passage != [], place + 1 < len(runs)
        if before and after and len(words) <= 2 * AROUND:
            passage.append(run)
            continue
        if before:
            yield [*passage, *_kept(words[:AROUND])]
            passage = []
        if after:
            passage = _kept(words[-AROUND:])
    if passage:
        yield passage


def _kept(words: Sequence[str]) -> Passage:
    return [Run("same", "".join(words))] if words else []


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    opcodes: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(old), 0, len(new))]
    if max(len(old), len(new)) <= MOST:
        opcodes = SequenceMatcher(None, old, new).get_opcodes()
    for kind, i, j, k, m in opcodes:
        if kind == "equal":
            yield Run("same", "".join(old[i:j]))
            continue
        if i < j:
            yield Run("deleted", "".join(old[i:j]))
        if k < m:
            yield Run("added", "".join(new[k:m]))
