"""Lines of JSON that say one thing twice, or more than can be read, before they are records."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from typing import Any

import orjson

TWICE = "{!r} is named twice: which counts is not said"
# Of a line of more than a few octets: objects, and strings, which take more room than their octets.
SMALL, MAX_OBJECTS, MAX_STRINGS = 1 << 20, 50_000, 500_000


def crowded(line: bytes) -> str | None:
    """Why a line of JSON is not parsed, if it holds so much that it would fill the memory."""
    if len(line) <= SMALL:
        return None
    # within a string the mark behind a brace is escaped
    count = line.count(b'{"') + line.count(b'{ "') + line.count(b"{},") + line.count(b"{} ,")
    if count > MAX_OBJECTS:
        return f"{count:,} objects, the limit is {MAX_OBJECTS:,}"
    count = (line.count(b'"') - line.count(b'\\"')) // 2
    return f"{count:,} strings, the limit is {MAX_STRINGS:,}" if count > MAX_STRINGS else None


def named_twice(body: bytes, record: Any) -> str | None:
    """A member that stands twice in one object of a line; None if none does.

    Written anew, a line has as many quotation marks, or lacks those of a name.
    """
    with contextlib.suppress(TypeError, ValueError):  # a number, or nesting, that is not written
        again = orjson.dumps(record)
        if len(again) == len(body):
            return None
        if again.count(b'"') == body.count(b'"') and b"\\u0022" not in body:
            return None
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> None:
        names = Counter(name for name, _ in pairs)
        twice.extend(name for name, count in names.items() if count > 1)

    with contextlib.suppress(RecursionError):  # no schema allows what is nested so deeply
        json.loads(body, object_pairs_hook=once)
    return min(twice, default=None)
