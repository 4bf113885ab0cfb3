"""Boosted trees of a data file, evaluated on columns of integers.

All trees of a file are of one depth, and ask on each level one question of every line: is a measure
at least so much? So a leaf is named by its answers, and all trees are asked at once. Thresholds and
leaves are integers: the same lines give the same scores on every machine.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import orjson

AT_ONCE = 1 << 7  # lines scored together: memory for more is slow to get and to give back
Column = Any  # numpy.ndarray of int32, a value a line


class Trees(NamedTuple):
    """The trees of a file.

    `names` are the measures asked for; `measures` and `thresholds` have a row a level and a column
    a tree; `leaves` has a row a kind that is looked for and in it the leaves of each tree in turn, in
    thousandths of the logarithm of the odds; `bias` likewise a number a kind.
    `least` and `most` are as far as measures count: one less than any threshold, the greatest.

    Many trees ask the same: `questions` says which of a list each asks, a row a level and a column
    a tree. Of that list `asked` are the measures, and `steps` the thresholds above the least, in two
    octets if that is enough.
    """

    names: tuple[str, ...]
    measures: Any
    thresholds: Any
    leaves: Any
    bias: Any
    least: int
    most: int
    questions: Any
    asked: Any
    steps: Any

    def score(self, columns: Mapping[str, Column]) -> Column:
        """The score of each line: above 0 what the trees look for is likelier than not."""
        return self.scores(columns)[0]

    def scores(self, columns: Mapping[str, Column]) -> Any:
        """The same of all kinds that the trees look for, a row a kind."""
        table = np.concatenate([columns[name] for name in self.names])
        table = np.minimum(np.maximum(table, self.least), self.most).astype(np.int64) - self.least
        table = table.astype(self.steps.dtype).reshape(len(self.names), -1)
        parts = (table[:, at : at + AT_ONCE] for at in range(0, table.shape[1], AT_ONCE))
        return np.concatenate([self._scores(part) for part in parts], axis=1)

    def _scores(self, table: Any) -> Any:
        depth, number = self.measures.shape
        answers = (table.take(self.asked, axis=0) >= self.steps).view(np.uint8)
        leaf = answers.take(self.questions[-1], axis=0)
        for level in range(depth - 2, -1, -1):
            leaf += leaf
            leaf += answers.take(self.questions[level], axis=0)
        places = leaf + (np.arange(number, dtype=np.intp) << depth)[:, None]
        # none is clipped: to look whether any lies outside takes longer
        sums = [row.take(places, mode="clip").sum(axis=0, dtype=np.int32) for row in self.leaves]
        return np.stack(sums) + self.bias


def read_trees(held: Mapping[str, Any]) -> Trees:
    """The trees that the object of a data file holds."""
    measures, thresholds = (np.array(held[each], np.int32).T for each in ("measures", "thresholds"))
    bias = np.array(held["bias"], np.int32).reshape(-1, 1)
    leaves = np.array(held["leaves"], np.int32).reshape(-1, len(bias)).T
    least, most = int(thresholds.min()) - 1, int(thresholds.max())
    size = np.uint16 if most - least < 1 << 16 else np.int64
    asked, questions = np.unique(
        np.stack((measures.ravel(), thresholds.ravel())), axis=1, return_inverse=True
    )
    return Trees(
        names=tuple(held["names"]),
        measures=measures,
        thresholds=thresholds,
        leaves=np.ascontiguousarray(leaves),
        bias=bias,
        least=least,
        most=most,
        questions=questions.reshape(measures.shape),
        asked=asked[0],
        steps=(asked[1].astype(np.int64) - least).astype(size)[:, None],
    )


@functools.cache
def trees(name: str) -> Trees:
    """The trees of a data file of this package."""
    file = resources.files(__package__) / "weights" / f"{name}.json"
    return read_trees(orjson.loads(file.read_bytes()))
