"""Ready records: the fields are stated, only their normal form is made here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any

from microfiche.captures import Fault
from microfiche.dates import Stated, edtf_span, read_stated, utc_time
from microfiche.extract import Description
from microfiche.extract.bodies import bodies_of
from microfiche.text import Body, normal_lines

NO_DATE = Fault("MF501", "the record has no member published")
NO_TITLE = Fault("MF502", "the record has no member title")
RIGHTS = ("license", "rights_statement", "rights_basis", "rights_evidence")


def describe_records(records: Sequence[Mapping[str, Any]]) -> list[Description]:
    """Descriptions of records that are valid by schema/record.json, read a field at a time."""
    bodies = bodies_of([_text(record) for record in records])
    titles = _lines([record.get("title") for record in records])
    stated = [_stated(record) for record in records]
    modified = [_modified(record) for record in records]
    facts = zip(records, bodies, titles, stated, modified, strict=True)
    columns: dict[str, Iterable[Any]] = {
        "body": bodies,
        "title": titles,
        "subtitle": _lines([record.get("subtitle") for record in records]),
        "section_path": _lists([record.get("section_path") for record in records]),
        "byline": _lists([record.get("byline") for record in records]),
        "dateline": _lines([record.get("dateline") for record in records]),
        "stated": stated,
        "modified_at": modified,
        "language": [record.get("language") for record in records],
        "captions": _lists([record.get("captions") for record in records]),
        "keywords": _lists([record.get("keywords") for record in records]),
        "free_access": [record.get("free_access") for record in records],
        "rights": [_rights(record) for record in records],
        "faults": [tuple(_faults(*each)) for each in facts],
    }
    defaults = Description._field_defaults
    values = (columns.get(name) or repeat(defaults[name]) for name in Description._fields)
    return list(map(Description, *values))


def _faults(
    record: Mapping[str, Any],
    body: Body,
    title: str | None,
    stated: Stated | None,
    modified: str | None,
) -> Iterator[Fault]:
    if not body.text:
        yield Fault("MF404", "neither text nor paragraphs")
    if stated is None:
        if record.get("published") is None:
            yield from () if "published" in record else (NO_DATE,)
        else:
            yield Fault("MF406", repr(record["published"]), "/published")
    if title is None:
        yield NO_TITLE
    at = record.get("modified_at")
    if modified is None and at is not None and edtf_span(at) is None:
        yield Fault("MF406", repr(at), "/modified_at")


def _rights(record: Mapping[str, Any]) -> Mapping[str, str | None] | None:
    """Rights that a record states of its article: all of them are its own, or none."""
    stated = {name: record[name] for name in RIGHTS if name in record}
    return {name: stated.get(name) for name in RIGHTS} if stated else None


def _text(record: Mapping[str, Any]) -> str:
    """A record's text; of paragraphs each is one, whatever line breaks it has."""
    if "text" in record:
        return str(record["text"])
    return "\n\n".join(filter(None, normal_lines(record.get("paragraphs", ()))))


def _stated(record: Mapping[str, Any]) -> Stated | None:
    value = record.get("published")
    return None if value is None else read_stated(value)


def _modified(record: Mapping[str, Any]) -> str | None:
    value = record.get("modified_at")
    return None if value is None else utc_time(value)


def _lines(values: Sequence[str | None]) -> list[str | None]:
    """Lines in normal form; None for those that are none, or empty."""
    lines = iter(normal_lines([value for value in values if value]))
    return [(next(lines) or None) if value else None for value in values]


def _lists(values: Sequence[Sequence[str] | None]) -> list[list[str]]:
    """Lists of lines in normal form, without those that are empty."""
    lines = iter(normal_lines([line for each in values if each for line in each]))
    return [list(filter(None, islice(lines, len(each)))) if each else [] for each in values]
