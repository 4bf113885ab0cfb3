"""What somebody judges of articles: from captures' records and raw/annotations.jsonl, to rows.

A line of the archive counts before what captures say; of captures the one that was retrieved last.
Where a capture's record names no source, the file that it stands in does, as its table is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.archive.files import ANNOTATIONS
from microfiche.captures import Capture
from microfiche.finding import Finding
from microfiche.tables.sheets import Sheet, read_sheet

Row = dict[str, Any]
Key = tuple[str, str, str, str]
KEY = ("article_id", "name", "by", "source")
STATED = ("name", "value", "by", "source", "date")


def note_annotations(file: Path, held: Iterable[tuple[str, Capture]]) -> None:
    """Keep what the records of captures judge, with the captures' ids. Raises OSError."""
    with file.open("ab") as out:
        for capture_id, capture in held:
            out.write(orjson.dumps([capture_id, list(capture.annotations)]) + b"\n")


def annotation_rows(
    archive: Archive, sheets: Mapping[str, Sequence[Sheet]], kept: Iterable[Path]
) -> tuple[list[Row], list[Finding]]:
    """(rows of `annotations`, findings), given the files that scanning kept.

    MF603 is a line about an article that is not there and was not withdrawn; MF507 two captures of
    one article that are judged otherwise under one name.
    """
    said = {capture_id: held for file in kept for capture_id, held in _kept(file)}
    rows: dict[Key, Row] = {}
    findings: list[Finding] = []
    for capture, article_id in _owners(sheets["captures"], said):
        for stated in said[capture["capture_id"]]:
            row = {"article_id": article_id, **{name: stated.get(name) for name in STATED}}
            row["source"] = row["source"] or Path(capture["source_file"]).stem
            before = rows.setdefault(_key(row), row)
            if before["value"] != row["value"]:
                rows[_key(row)] = row
                message = f"{article_id}: {row['name']} is {before['value']!r} and {row['value']!r}"
                findings.append(Finding(f"raw/{capture['source_file']}", "", "MF507", message))
    if archive.annotations:
        own, found = _stated(archive, sheets["articles"])
        rows |= own
        findings += found
    return list(rows.values()), findings


def _key(row: Mapping[str, Any]) -> Key:
    article_id, name, by, source = (row.get(each) or "" for each in KEY)
    return article_id, name, by, source


def _kept(file: Path) -> Iterator[tuple[str, list[Row]]]:
    with file.open("rb") as lines:
        for line in lines:
            capture_id, held = orjson.loads(line)
            yield capture_id, held


def _owners(
    captures: Sequence[Sheet], said: Mapping[str, object]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The captures that judge an article, each with its article, the latest retrieved last."""
    wanted, found = pa.array(said, pa.string()), []
    for sheet in captures if said else ():
        columns = ["capture_id", "article_id", "retrieved_at", "retrieved_on", "source_file"]
        table = read_sheet(sheet, columns)
        held = pc.and_(pc.is_in(table["capture_id"], wanted), pc.is_valid(table["article_id"]))
        found += table.filter(held).to_pylist()
    found.sort(
        key=lambda row: (str(row["retrieved_at"] or row["retrieved_on"] or ""), row["capture_id"])
    )
    for row in found:
        yield row, row["article_id"]


def _stated(archive: Archive, articles: Sequence[Sheet]) -> tuple[dict[Key, Row], list[Finding]]:
    """(rows of the archive's own lines, findings); an alias stands for its article."""
    ids: dict[str, str] = {}
    for sheet in articles:
        for row in read_sheet(sheet, ["article_id", "aliases"]).to_pylist():
            ids |= dict.fromkeys((*row["aliases"], row["article_id"]), row["article_id"])
    gone = archive.withdrawn_roots()
    rows, findings = dict[Key, Row](), []
    for number, line in enumerate(archive.annotations, start=1):
        article_id = ids.get(line["article_id"])
        if article_id is None:
            if line["article_id"] not in gone and archive.only is None:
                message = f"{line['article_id']!r} is no article of this archive"
                findings.append(Finding(ANNOTATIONS, f"line {number}", "MF603", message))
            continue
        row = {"article_id": article_id, **{name: line.get(name) for name in STATED}}
        rows[_key(row)] = row
    return rows, findings
