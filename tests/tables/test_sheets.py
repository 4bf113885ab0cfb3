"""Sheets of rows: digests by column, written as they come."""

from __future__ import annotations

import tempfile
import weakref
from pathlib import Path

from microfiche.fixity import key_digests, record_digest, record_digests
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import SHEET_OCTETS, SHEET_ROWS, SheetWriter, read_sheet
from small import build, full, record, write


def test_digests_keep_nothing_of_what_they_are_of() -> None:
    """A build reads records without end: columns are free once their digests are made."""

    class Column(list[str]):
        """A list that can be watched."""

    kind = table_types()["revisions"]
    row = {**dict.fromkeys(kind.arrow_schema.names), "captions": [], "changed": ["title"]}
    row |= {"revision_id": "a", "article_id": "b", "revision": 1, "n_captures": 1}
    ids = Column(["c", "d"])
    watched = weakref.ref(ids)
    columns = {name: [value] * 2 for name, value in row.items()} | {"article_id": ids}
    one, other = record_digests(columns, kind)
    assert [one, other] == [record_digest({**row, "article_id": each}, kind) for each in "cd"]
    del columns
    assert len(set(key_digests([ids]))) == 2
    del ids
    assert watched() is None


def test_a_sheet_is_written_as_its_rows_come(tmp_path: Path) -> None:
    """However many there are, few are held, and few octets of text; all are read back in order."""
    kind = table_types()["revisions"]
    row = {**dict.fromkeys(kind.arrow_schema.names), "article_id": "courier:7", "revision": 1}
    row |= {"captions": [], "changed": [], "n_captures": 1}
    rows = [{**row, "revision_id": str(number)} for number in range(2 * SHEET_ROWS + 10)]
    long = "x" * (SHEET_OCTETS // 2)
    rows += [{**row, "revision_id": f"long {number}", "text": long} for number in range(7)]
    writer, held = SheetWriter(kind, tmp_path / "rows.arrow"), []
    for each in rows:
        writer.add(each)
        held.append((len(writer.rows), writer.held))
    sheet = writer.close()
    assert sheet is not None
    assert max(held) < (SHEET_ROWS, 0)
    assert max(octets for _, octets in held) <= SHEET_OCTETS
    expected = [{**row, "record_sha256": record_digest(row, kind).hex()} for row in rows]
    assert to_rows(kind, read_sheet(sheet)) == expected
    assert SheetWriter(kind, tmp_path / "none.arrow").close() is None
    assert not (tmp_path / "none.arrow").exists()


def test_columns_are_digested_as_rows_are() -> None:
    """Structs as they are or in columns, and lists of structs; every kind of value, none too."""
    kind = table_types()["articles"]
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder), [full(1), record(2, subtitle=None), record(3, byline=["", "A"])])
        rows = build(root).rows("articles")
    rows[0]["provenance"]["field_sources"] = [{"field": "a", "source": "b", "rule": "c"}]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    provenance = [row["provenance"] for row in rows]
    apart = {name: [each[name] for each in provenance] for name in provenance[0]}
    digests = [record_digest(row, kind) for row in rows]
    assert record_digests(columns, kind) == digests
    assert record_digests({**columns, "provenance": apart}, kind) == digests
