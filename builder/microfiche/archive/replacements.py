"""Which captures stand in the place of others: the lines of raw/replaced.jsonl."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Line = Mapping[str, Any]


def successors(lines: Iterable[Line]) -> dict[str, str | None]:
    """The capture that stands for each one that was replaced, by its id; None: none does.

    The lines are in their order in time: what was replaced in turn leads on, and what was put back
    stands for itself again. A capture whose id stayed is in no one's place.
    """
    found: dict[str, str | None] = {}
    behind: dict[str, list[str]] = {}  # what each one stands for
    for line in lines:
        old, new = line["old"], line["new"]
        if old == new:
            continue
        before = [*behind.pop(old, []), old]
        found |= dict.fromkeys(before, new)
        if new is not None:
            behind.setdefault(new, []).extend(each for each in before if each != new)
            found.pop(new, None)
    return found
