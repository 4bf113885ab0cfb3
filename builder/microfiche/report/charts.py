"""Drawings as static SVG: bars, a grid of months, a lane of months. Each stands beside its table.

Text is never drawn, and nothing is scaled, so that a page's own letters and width count. Colours
are the style's, by class. Figures are integers, so that the same numbers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

CELL, STEP = 12, 14  # pixels: a cell of a grid, and from one to the next
HEAD, LEFT = 14, 34  # pixels for the names of columns and of rows
LEVELS = 4


def level(count: int, most: int) -> int:
    """How dark a count is drawn: 1 to 4, each step twice or more what is below."""
    if count <= 0:
        return 0
    return max(1, LEVELS * count.bit_length() // max(count, most).bit_length())


def bar(count: int, most: int) -> Markup:
    """A bar as long as its share of the most."""
    width = 1000 * count // most if most else 0
    return Markup(
        '<svg class="bar" aria-hidden="true"><rect width="{}.{}%" height="100%"/></svg>'
    ).format(width // 10, width % 10)


def grid(
    name: str, columns: Sequence[str], rows: Sequence[str], cells: Mapping[tuple[int, int], str]
) -> Markup:
    """A grid of cells by (row, column), each of a class; `name` is read out in its place."""
    width, height = LEFT + STEP * len(columns), HEAD + STEP * len(rows)
    heads = [
        Markup('<text x="{}" y="10" class="mid">{}</text>').format(LEFT + STEP * at + CELL // 2, c)
        for at, c in enumerate(columns)
    ]
    sides = [
        Markup('<text x="0" y="{}">{}</text>').format(HEAD + STEP * at + 10, row)
        for at, row in enumerate(rows)
    ]
    drawn = _paths(
        {(LEFT + STEP * col, HEAD + STEP * row): kind for (row, col), kind in cells.items()},
        f"h{CELL}v{CELL}h-{CELL}z",
    )
    return Markup(
        '<svg role="img" aria-label="{}" width="{}" height="{}" class="grid">{}</svg>'
    ).format(name, width, height, Markup("").join([*heads, *sides, *drawn]))


def lane(name: str, length: int, upper: Mapping[int, str], lower: Mapping[int, str]) -> Markup:
    """A lane of months in two halves, each month of a class; as wide as the page lets it be."""
    places = {(at, 0): kind for at, kind in upper.items()}
    places |= {(at, 1): kind for at, kind in lower.items()}
    return Markup(
        '<svg role="img" aria-label="{}" class="lane" viewBox="0 0 {} 2" '
        'preserveAspectRatio="none">{}</svg>'
    ).format(name, length, Markup("").join(_paths(places, "h1v1h-1z")))


def _paths(places: Mapping[tuple[int, int], str], shape: str) -> Iterable[Markup]:
    """One path for all places of a class."""
    kinds: dict[str, list[str]] = {}
    for (x, y), kind in sorted(places.items()):
        kinds.setdefault(kind, []).append(f"M{x} {y}{shape}")
    for kind, parts in sorted(kinds.items()):
        yield Markup('<path class="{}" d="{}"/>').format(kind, "".join(parts))
