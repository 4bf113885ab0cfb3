"""Documents as plain data: what TOML says as JSON would, and JSON that says one thing twice."""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections import Counter
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
