"""What a curator knows better, in the place of what was read: of a capture, or of an article's row.

A value is brought into normal form as a ready record's is, and its source is named a correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from microfiche.archive.corrections import SOURCE, Correction
from microfiche.collation import UNDATED, Published
from microfiche.collation.rows import Row
from microfiche.extract import Description, FieldSource
from microfiche.extract.record import RIGHTS, describe_records

RULE = "raw/corrections.jsonl"
ANSWERS = {"title": "MF502"}  # what was found of a capture, and is told no more

Lines = Mapping[str, Correction]  # of one id, by field


def stated(lines: Lines) -> Description:
    """What corrections say, in normal form."""
    return describe_records([{name: each.line["value"] for name, each in lines.items()}])[0]


def corrected(described: Description, lines: Lines) -> Description:
    """What a capture says of its article, with some of title, subtitle, text and captions right."""
    right = stated(lines)
    values: dict[str, Any] = {
        ("body" if name == "text" else name): right.body if name == "text" else getattr(right, name)
        for name in lines
    }
    answered = {ANSWERS[name] for name in lines if name in ANSWERS}
    return described._replace(
        **values,
        sources=(
            *(each for each in described.sources if each.field not in lines),
            *(FieldSource(name, SOURCE, RULE) for name in lines),
        ),
        faults=tuple(each for each in described.faults if each.code not in answered),
    )


def corrected_row(row: Row, lines: Lines, own_zone: str | None) -> Row:
    """The row of an article with some of its fields right, all but those that make a revision.

    `own_zone` is how the zone of a date is known that states none.
    """
    right, values = stated(lines), dict[str, Any]()
    for name, each in lines.items():
        if name == "published":
            date = right.stated
            values |= (Published.of(date, own_zone) if date else UNDATED)._asdict()
        elif name in RIGHTS:
            values[name] = each.line["value"]
        else:
            values[name] = getattr(right, name)
    origin = row["provenance"]
    sources = [
        *(each for each in origin["field_sources"] if each["field"] not in lines),
        *(FieldSource(name, SOURCE, RULE)._asdict() for name in lines),
    ]
    sources.sort(key=lambda each: (each["field"], each["source"]))
    return {**row, **values, "provenance": {**origin, "field_sources": sources}}


def value_of(row: Mapping[str, Any], field: str) -> Any:
    """What a row says of a field; of the date the time, where that is known."""
    return row[field] if field != "published" else row["published_at"] or row["published"]
