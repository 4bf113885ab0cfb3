"""Elements of a page's tree, looked at within bounds: what they are called, what little they hold."""

from __future__ import annotations

import itertools
from typing import Any

MAX_INNER = 60  # elements within one that are looked at


def names_of(element: Any) -> str:
    """Class and id of an element, with a space between; a space alone if it has neither."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def short_pieces(element: Any) -> list[str]:
    """The pieces of text in an element, in order; none if it holds more than a few elements."""
    inner = itertools.islice(element.iter(), MAX_INNER + 1)
    return [] if len(list(inner)) > MAX_INNER else list(element.itertext())
