"""Captures whose rows are laid out many at a time give what each gives alone."""

from __future__ import annotations

import tempfile
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microfiche.collation.linking import LINK
from microfiche.collation.plausibility import is_twice
from microfiche.extract.bodies import bodies_of
from microfiche.fixity import key_digests, record_digest, record_digests
from microfiche.library import open_archive
from microfiche.outlets.outlet import Outlet
from microfiche.pipeline.scan import Scanned, scan, scan_tasks
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import SHEET_OCTETS, SHEET_ROWS, SheetWriter, read_index, read_sheet
from microfiche.text import body_of
from microfiche.url import Address
from small import build, outlet, prose, record, write

ODD_LINES = ["Plain words", "é in NFD: e\u0301", "two  spaces", " outer ", "a | b", "no\u00a0break"]
LINES = st.sampled_from(
    [*ODD_LINES, "The Courier", "courier.example", "soft\u00adhyphen", "tab\there", "’quoted’"]
)
LISTS = st.lists(LINES, max_size=3)
ODD_TEXTS = [
    "\n\n".join([prose(3, 20), prose(4, 20)] * 3),  # stands there twice
    f"{prose(5)} â€™ and â€™ again",  # damaged
    f"{prose(6)}\n{prose(7)}",
    f"{prose(6)}\n\n\n{prose(7)}",
    f"{prose(6)}\n{prose(7)}\n\n\n{prose(8)}",  # as many newlines as two blank lines have
    "日本の新聞社は記事を書く。" * 80,
    " ",
]
TEXTS = st.one_of(
    st.integers(1, 9).map(prose),
    st.integers(1, 9).map(lambda seed: f"{prose(seed, 20)}\n\n{prose(seed + 100, 60)}"),
    st.sampled_from(ODD_TEXTS),
    st.text("ab \n\u0301é\x01\x7f\u2028", min_size=1, max_size=12),
)
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


def full(number: int) -> dict[str, Any]:
    """A record with nothing to find in it that has nearly every member."""
    return record(
        number,
        language="en",
        subtitle=f"What {number} says",
        dateline="HARBOUR",
        section_path=["News", f"Page {number % 3}"],
        byline=[f"Writer {number % 4}"],
        captions=[f"A photograph, {number}"] if number % 2 else [],
        keywords=["press"],
        modified_at="2024-06-01T00:00:00Z",
    )


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
    work.mkdir(exist_ok=True)
    for name in ("CAPTURES_AT_ONCE", "RECORDS_AT_ONCE"):
        monkeypatch.setattr(f"microfiche.pipeline.scan.{name}", most)
    (task,) = scan_tasks(open_archive(root), 1 << 20, work, naming=True)
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
    assert sorted(together.findings) == sorted(alone.findings)
    assert sorted(together.own_ids) == sorted(alone.own_ids)
    assert sorted(together.captures) == sorted(alone.captures)
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


@settings(max_examples=300)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_texts_are_counted_together_as_alone(texts: list[str]) -> None:
    """Each text is what `body_of` makes of it, and nothing that repeats is said not to."""
    for text, read in zip(texts, bodies_of(texts), strict=True):
        assert read[:4] == body_of(text)[:4]
        assert read.may_repeat or not is_twice(read.text)


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


def test_native_ids_in_addresses() -> None:
    """With named groups and without, optional ids, several patterns, and patterns of one site."""
    urls = [
        {"pattern": "^/(?P<year>[0-9]{4})/(?P<id>[0-9]+)?", "prefix": "d"},
        {"pattern": "^/(news|sport)/(?P<id>[a-z]+)"},
        {"pattern": "^/[0-9]{4}/[^/]*/(?P<id>[a-z0-9]+)$", "prefix": "late"},
        {"pattern": "(?P<id>[0-9]+)$", "site": "fr"},
        {"pattern": "^/(?P<year>[0-9]{4})"},
    ]
    held = Outlet({"id": "courier", "name": "The Courier", "urls": urls})
    paths = ["/2024/7", "/2024/x/a7", "/news/fire/7", "/sport/7", "/7", "/", "/2024//8b"]
    addresses = [Address("https", "courier.example", path, "") for path in paths]
    found = {site: [held.native_id(each, site) for each in addresses] for site in ("main", "fr")}
    assert found["main"] == ["d-7", "late-a7", "n-fire", None, None, None, "late-8b"]
    assert found["fr"] == ["d-7", "late-a7", "n-fire", "n-7", "n-7", None, "late-8b"]


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
