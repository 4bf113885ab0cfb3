"""Which captures stand in the place of others: the lines of raw/replaced.jsonl."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Line = Mapping[str, Any]


def successors(lines: Iterable[Line]) -> dict[str, str | None]:
    """The capture that stands for each one that was replaced, by its id; None: none does.

    What was replaced in turn leads on; a capture whose id stayed is in no one's place.
    """
    following = {line["old"]: line["new"] for line in lines if line["old"] != line["new"]}
    found: dict[str, str | None] = {}
    for old in following:
        at, seen = following[old], {old}
        while at in following and at not in seen:
            seen.add(at)
            at = following[at]
        found[old] = at
    return {old: new for old, new in found.items() if old != new}
