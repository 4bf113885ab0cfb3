"""Ready records: the fields are stated, only their normal form is made here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from microfiche.captures import Fault
from microfiche.dates import Stated, edtf_span, read_stated, utc_time
from microfiche.extract import Description
from microfiche.text import Body, body_of, normal_line

RIGHTS = ("license", "rights_statement", "rights_basis", "rights_evidence")


def describe_record(record: Mapping[str, Any]) -> Description:
    """Description of a record that is valid by schema/record.json."""
    faults: list[Fault] = []
    stated = _stated(record.get("published"), faults)
    body = _body(record)
    if not body.text:
        faults.append(Fault("MF404", "neither text nor paragraphs"))
    if stated is None and "published" not in record:
        faults.append(Fault("MF501", "the record has no member published"))
    title = _line(record.get("title"))
    if title is None:
        faults.append(Fault("MF502", "the record has no member title"))
    return Description(
        body=body,
        title=title,
        subtitle=_line(record.get("subtitle")),
        section_path=_lines(record.get("section_path")),
        byline=_lines(record.get("byline")),
        dateline=_line(record.get("dateline")),
        stated=stated,
        modified_at=_modified(record.get("modified_at"), faults),
        language=record.get("language"),
        captions=_lines(record.get("captions")),
        keywords=_lines(record.get("keywords")),
        free_access=record.get("free_access"),
        rights=_rights(record),
        faults=tuple(faults),
    )


def _rights(record: Mapping[str, Any]) -> Mapping[str, str | None] | None:
    """Rights that a record states of its article: all of them are its own, or none."""
    stated = {name: record[name] for name in RIGHTS if name in record}
    return {name: stated.get(name) for name in RIGHTS} if stated else None


def _body(record: Mapping[str, Any]) -> Body:
    if "text" in record:
        return body_of(record["text"])
    return body_of("\n\n".join(_lines(record.get("paragraphs"))))


def _line(value: str | None) -> str | None:
    return (normal_line(value) or None) if value else None


def _lines(values: list[str] | None) -> list[str]:
    return [line for line in map(normal_line, values) if line] if values else []


def _stated(value: str | None, faults: list[Fault]) -> Stated | None:
    if value is None:
        return None
    stated = read_stated(value)
    if stated is None:
        faults.append(Fault("MF406", repr(value), "/published"))
    return stated


def _modified(value: str | None, faults: list[Fault]) -> str | None:
    if value is None:
        return None
    moment = utc_time(value)
    if moment is None and edtf_span(value) is None:
        faults.append(Fault("MF406", repr(value), "/modified_at"))
    return moment
