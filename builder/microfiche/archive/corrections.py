"""What raw/corrections.jsonl says: values that a curator knows better than the reader.

A line is of a capture, for what makes a revision, or of an article, for every other field. The last
line of a field counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from microfiche.dates import edtf_span, read_stated, utc_time
from microfiche.schema import record_type
from microfiche.text import CONTROL, body_of, normal_line

# What makes a revision is corrected before captures are compared, capture by capture.
OF_CAPTURES = ("title", "subtitle", "text", "captions")
WITHHELD = ("text", "captions")  # a public release may show none of these
SOURCE = "correction"  # of a field, among the sources of an article's
FORMS = "2014-10-03, 2014-10, 2014~ or 2014-10-03T10:47:00+03:30"
DATES = ("published", "modified_at")

Line = Mapping[str, Any]


class Correction(NamedTuple):
    """A line that counts: its number from 1, the id that it names, what it says."""

    number: int
    of: str
    line: Line

    @property
    def field(self) -> str:
        """The column that is corrected."""
        return str(self.line["field"])


def corrections(lines: Sequence[Line], *, of_captures: bool) -> dict[str, dict[str, Correction]]:
    """The lines that count, of captures or of articles, by the id that they name and the field."""
    name = "capture_id" if of_captures else "article_id"
    found: dict[str, dict[str, Correction]] = {}
    for number, line in enumerate(lines, start=1):
        if name in line:
            found.setdefault(line[name], {})[line["field"]] = Correction(number, line[name], line)
    return found


def told_by(line: Line) -> str:
    """Who corrected something, when and why; of a line, or of a row of `corrections`."""
    return f"{line['by']}, {line['date']}: {line['reason']}"


def faults(line: Line) -> Iterator[tuple[str, str]]:
    """What is wrong with a line that its schema cannot say: (JSON pointer, message)."""
    field, value = line["field"], line["value"]
    name = "capture_id" if field in OF_CAPTURES else "article_id"
    if name not in line or ("capture_id" in line and "article_id" in line):
        example = f"`microfiche correct ID {field} VALUE` writes such a line"
        yield "/", f"{field} is corrected of one {name}, and nothing else is named: {example}"
        return
    yield from value_faults(field, value, line["date"])


def value_faults(field: str, value: object, day: str) -> Iterator[tuple[str, str]]:
    """Why a field cannot have a value that is stated on a day: (JSON pointer, message)."""
    if value is None and field in DATES:
        return
    if value is None and field == "text":
        yield "/value", "an article has a text"
        return
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(each, str) and CONTROL.search(each) for each in parts):
        yield "/value", "it holds control characters"
        return
    wrong = [message for _, message in record_type("record").explain({field: value})]
    if wrong:
        yield "/value", wrong[0]
    elif field == "published" and read_stated(str(value)) is None:
        yield "/value", f"{value!r} is neither EDTF nor an RFC 3339 time, such as {FORMS}"
    elif field == "published" and _is_far(str(value), day):
        yield "/value", f"{value} is yet to come, more than a year after {day}"
    elif field == "modified_at" and utc_time(str(value)) is None:
        yield "/value", f"{value!r} is no RFC 3339 time with its zone"
    elif field == "text" and not body_of(str(value)).text:
        yield "/value", "a text of white space alone"
    elif isinstance(value, str) and not normal_line(value):
        yield "/value", "white space alone; null says that there is none"


def _is_far(published: str, day: str) -> bool:
    """Whether a day of publication lies more than a year after that on which it is stated."""
    stated = read_stated(published)
    span = edtf_span(stated.published) if stated else None
    return bool(span and span.earliest and int(span.earliest[:4]) > int(day[:4]) + 1)
