"""What differs between two states of a text, word by word, in bounded time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from microfiche.release.withholding import UNSPACED

# A word, or a mark, with the white space after it; in scripts that set no spaces, a character.
WORD = re.compile(rf"[{UNSPACED}]\s*|[^\W{UNSPACED}]+\s*|[^\w\s{UNSPACED}]\s*")
# A sentence, or what is taken for one, with the white space after it.
SENTENCE = re.compile(r"[^.!?。！？؟\n]*(?:[.!?。！？؟\n]+[\"'”’»)\]]*\s*|$)")
AROUND = 8  # words of what stayed that are shown on either side of a change
# Pairs of equal units times units: what comparing costs at worst, some 0.1 µs each.
DEAREST, WHOLE_EFFORT = 5_000_000, 100_000_000
Kind = Literal["same", "deleted", "added"]


class Run(NamedTuple):
    """Words of one kind that follow on each other."""

    kind: Kind
    words: str


Passage = list[Run]  # a place that changed, with some words around it


@dataclass
class Effort:
    """How much may still be compared; what is too dear is told as replaced."""

    left: int = WHOLE_EFFORT

    def allows(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Whether two sequences may be compared, which is then counted."""
        held, other = Counter(old), Counter(new)
        pairs = sum(count * other[unit] for unit, count in held.items())
        cost = (pairs + 1) * max(len(old), len(new), 1)
        if cost > min(self.left, DEAREST):
            return False
        self.left -= cost
        return True


def changed_passages(
    old: Sequence[str], new: Sequence[str], effort: Effort | None = None
) -> list[Passage]:
    """The places where paragraphs differ, in order; none if they are equal.

    … stands where words that stayed are left out. `effort` is shared by all that are compared
    together.
    """
    effort = effort or Effort()
    found: list[Passage] = []
    for kind, i, j, k, m in _opcodes(old, new, effort):
        if kind != "equal":
            found += _passages(_runs("\n".join(old[i:j]), "\n".join(new[k:m]), effort))
    return found


def _opcodes(
    old: Sequence[str], new: Sequence[str], effort: Effort
) -> Sequence[tuple[str, int, int, int, int]]:
    """As difflib gives them; all replaced where comparing costs too much."""
    if list(old) == list(new):
        return []
    if effort.allows(old, new):
        return SequenceMatcher(None, old, new).get_opcodes()
    return [("replace", 0, len(old), 0, len(new))]


def _runs(old: str, new: str, effort: Effort) -> list[Run]:
    """Two passages as runs: by sentences first, then by the words of those that differ."""
    runs: list[Run] = []
    sides = (list(filter(None, SENTENCE.findall(side))) for side in (old, new))
    before, after = sides
    for kind, i, j, k, m in _opcodes(_bare(before), _bare(after), effort):
        gone, come = "".join(before[i:j]), "".join(after[k:m])
        runs += [Run("same", gone)] if kind == "equal" else _words(gone, come, effort)
    return _joined(runs)


def _words(old: str, new: str, effort: Effort) -> Iterator[Run]:
    before, after = WORD.findall(old), WORD.findall(new)
    for kind, i, j, k, m in _opcodes(_bare(before), _bare(after), effort):
        gone, come = "".join(before[i:j]), "".join(after[k:m])
        if kind == "equal":
            yield Run("same", come)
            continue
        if gone:
            yield Run("deleted", gone)
        if come:
            yield Run("added", come)


def _bare(units: Sequence[str]) -> list[str]:
    """Units without the white space after them, which tells nothing."""
    return [unit.rstrip() for unit in units]


def _joined(runs: Sequence[Run]) -> list[Run]:
    """Runs with those of one kind that follow on each other made one."""
    found: list[Run] = []
    for run in runs:
        if found and found[-1].kind == run.kind:
            found[-1] = Run(run.kind, found[-1].words + run.words)
        else:
            found.append(run)
    return found


def _passages(runs: Sequence[Run]) -> Iterator[Passage]:
    """The places that changed; where much stays between them, each by itself."""
    passage: Passage = []
    for place, run in enumerate(runs):
        if run.kind != "same":
            passage.append(run)
            continue
        words = WORD.findall(run.words)
        before, after, cut = passage != [], place + 1 < len(runs), len(words) > AROUND
        if before and after and len(words) <= 2 * AROUND:
            passage.append(run)
            continue
        if before:
            yield [*passage, *_kept([*words[:AROUND], *["…"] * cut])]
            passage = []
        if after:
            passage = _kept([*["… "] * cut, *words[-AROUND:]])
    if passage:
        yield passage


def _kept(words: Sequence[str]) -> Passage:
    return [Run("same", "".join(words))] if words else []


def marked(passage: Passage) -> str:
    """A passage as plain text: words as they are, [-gone-] or {+new+}."""
    return "".join(map(_marked, passage)).strip()


def _marked(run: Run) -> str:
    """Words with their marks, the spaces at their ends outside."""
    words = run.words.rstrip()
    left, right = {"same": ("", ""), "deleted": ("[-", "-]"), "added": ("{+", "+}")}[run.kind]
    return f"{left}{words}{right}{run.words[len(words) :]}"
