"""Documents as plain data: what TOML says as JSON would, and JSON that says one thing twice."""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import date, time
from typing import Any

import orjson

TWICE = "{!r} is named twice: which counts is not said"


def toml_data(text: str) -> dict[str, Any]:
    """A TOML document as plain JSON data: dates and times as their strings.

    Raises ValueError, RecursionError.
    """
    data: dict[str, Any] = _plain(tomllib.loads(text))
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date | time) else value


def named_once(bodies: Sequence[bytes], values: Sequence[Any]) -> bool:
    """Whether surely no member stands twice in one object of any of some lines, by one look at all.

    Written anew, lines have as many quotation marks, or lack those of a name.
    """
    try:
        again = b"".join(map(orjson.dumps, values))
    except (TypeError, ValueError):  # a number, or nesting, that is not written
        return False
    whole = b"".join(bodies)
    return _quotes(again) == _quotes(whole) and not _quotes_by_number(whole)


def _quotes(octets: bytes) -> int:
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(octets, np.uint8) == 0x22))


def _quotes_by_number(octets: bytes) -> bool:
    """Whether a quotation mark may be written as a number: a backslash and u0022."""
    import numpy as np

    view = np.frombuffer(octets, np.uint8)
    ends = (view[4:-1] == ord("2")) & (view[5:] == ord("2"))
    return bool((ends & (view[:-5] == ord("\\")) & (view[1:-4] == ord("u"))).any())


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
