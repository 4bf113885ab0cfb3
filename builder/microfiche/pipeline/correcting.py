"""Corrections in a build: what was read before, articles put right, and rows that tell of it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.archive.corrections import WITHHELD, Correction, corrections
from microfiche.archive.files import CORRECTIONS
from microfiche.collation.correcting import Lines, corrected_row, value_of
from microfiche.collation.linking import LINK
from microfiche.finding import Finding
from microfiche.fixity import canonical_json, sha256_hex
from microfiche.pipeline.collating import Sheets
from microfiche.pipeline.scan import Scanned, Told
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import Sheet, SheetWriter, read_sheet

Row = dict[str, Any]
# What was found of captures of an article whose field is corrected, and is answered by that.
ANSWERS = {
    "published": frozenset(("MF501", "MF701", "MF702")),
    "language": frozenset(("MF703",)),
}


class Corrected(NamedTuple):
    """A build's sheets with what is corrected, rows of `corrections`, and findings.

    MF603 is a line about what is not there, MF508 one that corrects another value than is read.
    """

    sheets: Sheets
    rows: list[Row]
    findings: list[Finding]


def read_alone(done: Scanned, wanted: Container[str]) -> dict[str, Row | None]:
    """What a chunk gave of some captures: the row of the article, None if it shows none."""
    if "captures" not in done.sheets:
        return {}
    ids = read_sheet(done.sheets["captures"], ["capture_id"])["capture_id"].to_pylist()
    rows = {place: each for place, each in enumerate(ids) if each in wanted}
    if not rows or done.links is None:
        return {}
    links = np.fromfile(done.links, LINK)
    mine = links[np.isin(links["row"], list(rows))]
    found: dict[str, Row | None] = {}
    for row, article in zip(mine["row"].tolist(), mine["article"].tolist(), strict=True):
        sheet = done.sheets.get("articles")
        shown = sheet and article >= 0 and sheet._replace(kept=np.array([article]))
        found[rows[row]] = (
            to_rows(table_types()["articles"], read_sheet(shown))[0] if shown else None
        )
    return found


def answered(archive: Archive) -> Callable[[Told], bool]:
    """Whether what is told of a capture is answered by a correction of its article."""
    codes = _answers(archive)

    def is_answered(told: Told) -> bool:
        return any(told.finding.code in codes.get(each, ()) for each in told.ids)

    return is_answered if codes else lambda _: False


def dated(archive: Archive) -> frozenset[str]:
    """Ids of articles whose date is corrected."""
    return frozenset(each for each, codes in _answers(archive).items() if "MF702" in codes)


def _answers(archive: Archive) -> dict[str, frozenset[str]]:
    lines = corrections(archive.corrections, of_captures=False)
    found = {
        each: frozenset[str]().union(*(ANSWERS.get(name, ()) for name in fields))
        for each, fields in lines.items()
    }
    return {each: codes for each, codes in found.items() if codes}


def correct(archive: Archive, sheets: Sheets, scanned: Sequence[Scanned], work: Path) -> Corrected:
    """Put articles right, and tell what was corrected of them and of their captures."""
    if not archive.corrections:
        return Corrected(sheets, [], [])
    told = _Told(archive)
    _tell_of_captures(archive, sheets["captures"], scanned, told)
    if wanted := _wanted(archive, sheets["articles"], told):
        sheets = {**sheets, "articles": _corrected(archive, sheets["articles"], wanted, told, work)}
    return Corrected(sheets, list(told.rows.values()), told.findings)


def _tell_of_captures(
    archive: Archive, captures: Sequence[Sheet], scanned: Sequence[Scanned], told: _Told
) -> None:
    """Tell what was corrected of captures, which scanning has done."""
    wanted = corrections(archive.corrections, of_captures=True)
    read: dict[str, Row | None] = {}
    for part in scanned:
        read |= part.read
    owners = _owners(captures, wanted)
    for capture_id, lines in sorted(wanted.items()):
        article_id, before = owners.get(capture_id), read.get(capture_id)
        for each in lines.values():
            if capture_id not in read:
                told.missing(each, "is no capture of this archive")
            elif before is None:
                told.missing(each, "is a capture that shows no article")
            elif article_id:  # else it is withdrawn
                told.add(each, article_id, capture_id, before)


def _wanted(archive: Archive, articles: Sequence[Sheet], told: _Told) -> dict[str, Lines]:
    """The lines of each article that is there, by its own id; of two of a field the last."""
    stated = corrections(archive.corrections, of_captures=False)
    ids = _ids(articles, stated) if stated else {}
    gone = archive.withdrawn_roots() if stated else {}
    wanted: dict[str, dict[str, Correction]] = {}
    for named, lines in stated.items():
        for field, each in lines.items():
            if named in ids:
                own = wanted.setdefault(ids[named], {})
                own[field] = max(each, own.get(field, each), key=lambda line: line.number)
            elif named not in gone:
                told.missing(each, "is no article of this archive")
    return dict(wanted)


class _Told:
    """What corrections come to: rows of the table, and findings."""

    def __init__(self, archive: Archive) -> None:
        self.rebuilt = archive.only is not None
        self.rows: dict[tuple[str, str, str | None], Row] = {}
        self.findings: list[Finding] = []

    def missing(self, each: Correction, why: str) -> None:
        """A line is of what is not there."""
        if not self.rebuilt:
            self._find(each, "MF603", f"{each.of!r} {why}")

    def add(self, each: Correction, article_id: str, capture_id: str | None, before: Row) -> None:
        """A line is applied, where a row had a value before."""
        line, field, hidden = each.line, each.field, each.field in WITHHELD
        value, was = canonical_json(line["value"]), canonical_json(value_of(before, field))
        if not self.rebuilt and line.get("was_sha256", sha256_hex(was)) != sha256_hex(was):
            shown = "another one" if hidden else was.decode()
            self._find(each, "MF508", f"{field} of {each.of} is read as {shown} now")
        self.rows[article_id, field, capture_id] = {
            "article_id": article_id,
            "capture_id": capture_id,
            "field": field,
            "value": None if hidden else value.decode(),
            "content": value.decode() if hidden else None,
            "content_sha256": sha256_hex(value) if hidden else None,
            "before": None if hidden else was.decode(),
            "before_sha256": sha256_hex(was),
            **{name: line[name] for name in ("reason", "by", "date")},
        }

    def _find(self, each: Correction, code: str, message: str) -> None:
        self.findings.append(Finding(CORRECTIONS, f"line {each.number}", code, message))


def _owners(captures: Iterable[Sheet], wanted: Mapping[str, object]) -> dict[str, str]:
    """The article of each capture, of those wanted."""
    ids = pa.array(wanted, pa.string())
    found = dict[str, str]()
    for sheet in captures if wanted else ():
        table = read_sheet(sheet, ["capture_id", "article_id"])
        held = pc.and_(pc.is_in(table["capture_id"], ids), pc.is_valid(table["article_id"]))
        found |= {row["capture_id"]: row["article_id"] for row in table.filter(held).to_pylist()}
    return found


def _ids(articles: Iterable[Sheet], wanted: Mapping[str, object]) -> dict[str, str]:
    """The article's own id by each id of those wanted, an alias too."""
    found = dict[str, str]()
    for sheet in articles:
        for row in read_sheet(sheet, ["article_id", "aliases"]).to_pylist():
            for each in (*row["aliases"], row["article_id"]):
                if each in wanted:
                    found[each] = row["article_id"]
    return found


def _corrected(
    archive: Archive,
    articles: Sequence[Sheet],
    wanted: Mapping[str, Lines],
    told: _Told,
    work: Path,
) -> list[Sheet]:
    """Sheets of articles, those wanted put right in a sheet of their own."""
    kind, outlets = table_types()["articles"], archive.outlet_book().by_id
    ids, kept = pa.array(sorted(wanted), pa.string()), list[Sheet]()
    right: list[Row] = []
    for sheet in articles:
        out = pc.is_in(read_sheet(sheet, ["article_id"])["article_id"], ids).to_numpy()
        kept.append(sheet.without(out) if out.any() else sheet)
        for row in to_rows(kind, read_sheet(sheet.without(~out))) if out.any() else ():
            lines = wanted[row["article_id"]]
            for each in lines.values():
                told.add(each, row["article_id"], None, row)
            zone = "outlet" if outlets[row["outlet_id"]].zone else None
            right.append(corrected_row(row, lines, zone))
    writer = SheetWriter(kind, work / "corrected.arrow")
    for row in _by_day(right):
        writer.add(row)
    if written := writer.close():
        kept.append(written)
    return kept


def _by_day(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows in the order of their days, by which shards take them."""
    yield from sorted(rows, key=lambda row: (row["published_earliest"] or "", row["article_id"]))
