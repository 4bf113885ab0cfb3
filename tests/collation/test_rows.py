"""Captures whose rows are laid out many at a time give what each gives alone."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microfiche.collation.linking import LINK
from microfiche.collation.merging import DATE_FIELDS, FILLED_FIELDS
from microfiche.library import open_archive
from microfiche.pipeline.scan import Scanned, scan, scan_tasks
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import SheetWriter, read_index, read_sheet
from small import ODD_TEXTS, TEXTS, full, outlet, record, write

ODD_LINES = ["Plain words", "é in NFD: e\u0301", "two  spaces", " outer ", "a | b", "no\u00a0break"]
LINES = st.sampled_from(
    [*ODD_LINES, "The Courier", "courier.example", "soft\u00adhyphen", "tab\there", "’quoted’"]
)
LISTS = st.lists(LINES, max_size=3)
DATES = ["2024-05-10", "2024-05~", "2024-05-10T08:00:00+02:00", "2026-05-10", "May", "2024-13-01"]
TIMES = ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00.5+03:30", "2025-02-30T00:00:00Z"]
URLS = [
    "https://courier.example/2024/05/{}/",
    "https://www.courier.example/on/{}",
    "https://courier-mirror.example/2024/05/{}",
    "https://courier.example/2024/05/{}?page=2",
    "https://elsewhere.example/{}",
    "https://courier.example/a%20b/{}",
]
# What may be otherwise in a record, and what it may be.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "url": st.sampled_from(URLS),
    "title": st.one_of(LINES, st.none()),
    "subtitle": st.one_of(LINES, st.none()),
    "dateline": LINES,
    "section_path": LISTS,
    "byline": LISTS,
    "captions": LISTS,
    "keywords": LISTS,
    "text": TEXTS,
    "published": st.sampled_from(DATES),
    "modified_at": st.sampled_from([*DATES, *TIMES]),
    "language": st.sampled_from(["fr", "en-GB"]),
    "license": st.just("CC0-1.0"),
    "outlet_id": st.sampled_from(["courier", "nobody"]),
    "retrieved_at": st.sampled_from(TIMES),
    "notes": LINES,
    "outcome": st.sampled_from(["gone", "article"]),
}
RETRIEVAL = ("retrieved_at", "notes", "outcome")


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records of one kind, about every third otherwise in one member."""
    made = []
    for number in range(1, draw(st.integers(4, 14))):
        each = full(number % 9 + 1)
        if draw(st.integers(0, 2)) == 0:
            name = draw(st.sampled_from(sorted(VALUES)))
            value = draw(VALUES[name])
            if name in RETRIEVAL:
                each["retrieval"] = {**each["retrieval"], name: value}
            else:
                each[name] = value.format(number) if name == "url" else value
        made.append(each)
    return made


def scanned(root: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> tuple[Scanned, Any]:
    """The only chunk of an archive scanned with at most so many captures at once, and its rows."""
    work = root / f"work-{most}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for name in ("CAPTURES_AT_ONCE", "RECORDS_AT_ONCE"):
        monkeypatch.setattr(f"microfiche.pipeline.scan.{name}", most)
    (task,) = scan_tasks(open_archive(root), 1 << 20, work)
    found = scan(task)
    links = np.fromfile(found.links, LINK) if found.links else np.empty(0)
    rows: dict[str, Any] = {}
    for name, sheet in found.sheets.items():
        kind, entries = table_types()[name], read_index([sheet]).entry
        held = to_rows(kind, read_sheet(sheet))
        rows[name] = [(row, *entry.tolist()) for row, entry in zip(held, entries, strict=True)]
    told = [name for name in links.dtype.names or () if name not in ("row", "article")]
    captures = [rows["captures"][link["row"]] for link in links]
    articles = [rows["articles"][link["article"]] for link in links if link["article"] >= 0]
    revisions = [rows["revisions"][link["article"]] for link in links if link["article"] >= 0]
    assert len(links) == len(rows.get("captures", ()))
    linked = [tuple(link[name].tobytes() for name in told) for link in links]
    natives = np.sort(found.natives)
    return found, (linked, captures, articles, revisions, rows.get("rejected"), natives.tolist())


def same_either_way(root: Path, made: list[dict[str, Any]]) -> None:
    """Rows, digests, links in their order, ids and findings are the same together as alone."""
    write(root, made, outlet())
    with pytest.MonkeyPatch.context() as patch:
        together, rows = scanned(root, patch, 1000)
        alone, single = scanned(root, patch, 1)
    assert rows == single
    assert together.findings == alone.findings
    assert together.n_captures == alone.n_captures


@settings(max_examples=100)
@given(made=records())
def test_a_batch_gives_what_each_record_gives_alone(made: list[dict[str, Any]]) -> None:
    """Whatever the records are."""
    with tempfile.TemporaryDirectory() as folder:
        same_either_way(Path(folder), made)


ODD = {
    "url": URLS,
    "title": [*ODD_LINES, "The Courier", "courier.example", None],
    "subtitle": [*ODD_LINES, None],
    "byline": [[], ["Ada", " Ben "], [""]],
    "captions": [["A photograph", "no\u00a0break"], []],
    "text": [*ODD_TEXTS, "Short.", "\x01", "e\u0301"],
    "published": DATES,
    "modified_at": [*DATES, *TIMES],
    "retrieved_at": TIMES,
}


@pytest.mark.parametrize("member", ODD)
def test_one_odd_record_among_others(tmp_path: Path, member: str) -> None:
    """Each odd value is its own record's matter, and nothing is lost by it."""
    for number, value in enumerate(ODD[member]):
        made = [full(each) for each in range(1, 6)]
        changed = {member: value.format(3) if member == "url" else value}
        if member in RETRIEVAL:
            changed = {"retrieval": {**made[2]["retrieval"], **changed}}
        made[2] |= changed
        same_either_way(tmp_path / str(number), made)


def test_records_are_laid_out_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty records, an odd one among them, are one batch of each table, so the tests above test."""
    made = [record(number, subtitle="Words") for number in range(1, 41)]
    made[7]["title"] = "two  spaces"
    write(tmp_path, made, outlet())
    seen: list[tuple[str, int]] = []
    add_columns = SheetWriter.add_columns

    def watched(self: SheetWriter, columns: Any) -> None:
        seen.append((self.kind.name, len(columns["revision_id"])))
        add_columns(self, columns)

    monkeypatch.setattr(SheetWriter, "add_columns", watched)
    scanned(tmp_path, monkeypatch, 100)
    assert seen == [("capture", 40), ("article", 40), ("revision", 40)]
    seen.clear()
    scanned(tmp_path, monkeypatch, 1)
    assert len(seen) == 3 * 40


def test_every_column_that_may_be_empty_is_filled_or_said_why_not() -> None:
    """A column that one capture of an article lacks is taken from another, or is named here."""
    with_url = {"url", "domain"}
    of_the_text = {"title", "subtitle", "text", "captions", "captions_sha256"}
    of_the_outlet = {"license", "rights_basis", "rights_evidence"}
    of_the_collation = {"aliases"}
    columns = table_types()["articles"].document["properties"]
    may_be_empty = {
        name for name, spec in columns.items() if {"null", "array"} & {*_types(spec["type"])}
    }
    named = with_url | of_the_text | of_the_outlet | of_the_collation
    assert may_be_empty == named | {*FILLED_FIELDS, *DATE_FIELDS}


def _types(stated: str | list[str]) -> list[str]:
    return [stated] if isinstance(stated, str) else stated
