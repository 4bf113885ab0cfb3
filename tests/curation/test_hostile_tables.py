"""Hostile and broken tables, exports and datasets: an error or a finding, never a lost row."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

import exports
from conftest import Run
from exports import pieces
from microfiche.captures.fragment import fragment_lines, is_whole_page
from microfiche.captures.press.reading import read_export
from microfiche.library import open_release
from small import build, prose

WITHIN = 20  # seconds


@pytest.fixture
def root(tmp_path: Path, run: Run) -> Path:
    """An archive without outlets."""
    run("init", tmp_path / "a", "--name", "press", "--title", "Press")
    return tmp_path / "a"


def add_row(run: Run, root: Path, folder: Path, **cells: Any) -> Any:
    """A table of one row, as JSON."""
    file = folder / "t.json"
    file.write_text(json.dumps([{"url": "https://x.example/1", "text": prose(1), **cells}]))
    return run("add", "--records", file, "--archive", root)


@pytest.mark.parametrize(
    "cells",
    [
        {"keywords": "[{1: 2}]"},
        {"keywords": "['\\ud800']"},
        {"keywords": "[" * 400},
        {"keywords": "[0x" + "f" * 90_000 + "]"},
        {"date": "2014-01-01T00:00:00+99:00"},
        {"date": "2014-01-01 10:00 +2500"},
        {"date": "31/12/0000"},
        {"date": "Thu, 01 Jan 1970 00:00:00 -9999"},
        {"date": 1e300},
        {"author": "x" + " " * 300_000 + "y"},
        {"author": "[]" + " " * 90_000 + "x"},
        {"text": "<!--a-->" * 40 + prose(2)},
        {"text": "<b>" * 60_000},
        {"label": "x" * 5000},
        {"title": "\u202e" + "x" * 3000},
        {"newspaper": "\u001b[31m\u202eTimes"},
    ],
    ids=range(16),
)
def test_a_cell_costs_at_most_its_row(root: Path, tmp_path: Path, run: Run, cells: Any) -> None:
    """In bounded time, without a traceback."""
    began = time.monotonic()
    done = add_row(run, root, tmp_path, **cells)
    assert time.monotonic() - began < WITHIN
    assert done.returncode in (0, 3), done.stderr
    assert "Traceback" not in done.stderr
    assert "1 fit, 0 refused" in done.stderr or "0 fit, 1 refused" in done.stderr


def test_a_deep_text_is_refused(root: Path, tmp_path: Path, run: Run) -> None:
    """900 lists, one in the other."""
    file = tmp_path / "t.json"
    file.write_text(
        '[{"url": "https://x.example/1", "text": ' + "[" * 900 + '"x"' + "]" * 900 + "}]"
    )
    done = run("add", "--records", file, "--archive", root)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_a_quotation_mark_that_is_not_closed(root: Path, tmp_path: Path, run: Run) -> None:
    """In a TSV without quoting it is a letter; in a CSV an error with its line."""
    rows = [[f"https://x.example/{n}", f"Title {n}", prose(n), "2020-01-01"] for n in range(1, 50)]
    rows[3][1] = '"Yes, he said'
    table = tmp_path / "t.tsv"
    table.write_text("\n".join("\t".join(row) for row in [["url", "title", "text", "date"], *rows]))
    assert "49 fit, 0 refused" in run("add", table, "--archive", root).stderr
    table = tmp_path / "t.csv"
    table.write_text("\n".join(",".join(row) for row in [["url", "title", "text", "date"], *rows]))
    done = run("add", table, "--archive", root)
    assert (done.returncode, "line 5: a quotation mark that is not closed" in done.stderr) == (
        3,
        True,
    )


def test_two_columns_of_one_name(root: Path, tmp_path: Path, run: Run) -> None:
    """Are refused, in Parquet too."""
    (tmp_path / "t.csv").write_text(f"url,text,text\nhttps://x.example/1,{prose(1)},b\n")
    assert run("add", tmp_path / "t.csv", "--archive", root).returncode == 2


def test_members_that_come_late(root: Path, tmp_path: Path, run: Run) -> None:
    """Of the last of many objects count too."""
    lines = [{"url": f"https://x.example/{n}", "text": prose(n)} for n in range(2500)]
    lines.append({"url": "https://x.example/late", "text": prose(9999), "title": "Late"})
    file = tmp_path / "t.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    assert "title from 'title'" in run("add", "--records", file, "--archive", root).stderr


def test_sheets_that_are_not_read_are_named(root: Path, tmp_path: Path, run: Run) -> None:
    """A broken workbook, and one with a row far away, are errors."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["url", "text", "label"])
    book.active.append(["https://x.example/1", prose(1), 0])
    book.create_sheet("Second").append(["url"])
    book.save(tmp_path / "t.xlsx")
    done = run("add", tmp_path / "t.xlsx", "--archive", root)
    assert "not read: sheet 'Second'" in done.stderr
    run("outlets", "--new", "--all", "--archive", root)
    (row,) = build(root).rows("annotations")
    assert (row["name"], row["value"]) == ("label", "0")
    book.active.cell(60_000, 1, "far")
    book.save(tmp_path / "far.xlsx")
    done = run("add", tmp_path / "far.xlsx", "--archive", root)
    assert (done.returncode, "empty rows" in done.stderr) == (3, True)
    octets = (tmp_path / "t.xlsx").read_bytes()
    for size in (100, len(octets) // 2, len(octets) - 30):
        (tmp_path / "cut.xlsx").write_bytes(octets[:size])
        done = run("add", tmp_path / "cut.xlsx", "--archive", root)
        assert done.returncode == 3
        assert "Traceback" not in done.stderr


def test_values_that_python_has_no_day_for(root: Path, tmp_path: Path, run: Run) -> None:
    """Parquet may hold them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    day = pa.array([2**30], pa.int32()).cast(pa.date32())
    pq.write_table(
        pa.table({"url": ["https://x.example/1"], "text": [prose(1)], "date": day}),
        tmp_path / "t.parquet",
    )
    done = run("add", tmp_path / "t.parquet", "--archive", root)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_a_saved_dataset_takes_nothing_from_elsewhere(root: Path, tmp_path: Path, run: Run) -> None:
    """Only its own files are kept; a link among them is refused; its folder may have a dot."""
    import datasets

    folder = tmp_path / "ds.toml"
    datasets.Dataset.from_list([{"url": "https://x.example/1", "text": prose(1)}]).save_to_disk(
        str(folder)
    )
    (folder / "secret").symlink_to("/etc/hostname")
    (folder / "loop").symlink_to(".")
    assert run("add", folder, "--archive", root).returncode == 0
    (kept,) = (each for each in (root / "raw" / "tables").iterdir() if each.is_dir())
    assert sorted(each.suffix for each in kept.iterdir()) == [".arrow", ".json", ".json"]
    data = next(folder.glob("*.arrow"))
    data.rename(tmp_path / "elsewhere")
    data.symlink_to(tmp_path / "elsewhere")
    assert run("add", folder, "--archive", root).returncode == 3
    (folder / "dataset_info.json").write_text("[1]")
    assert "Traceback" not in run("add", folder, "--archive", root).stderr


def test_a_table_added_again_after_its_outlets_were_named(
    root: Path, tmp_path: Path, run: Run
) -> None:
    """Nothing is written a second time, whatever the outlets are called by then."""
    lines = [
        {"newspaper": name, "text": prose(n), "title": f"T{n}"}
        for n, name in enumerate(("Россия 24", "Канал 24"))
    ]
    file = tmp_path / "t.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    run("add", "--records", file, "--archive", root)
    run("outlets", "--new", "--all", "--archive", root)
    before = {each: each.read_bytes() for each in (root / "raw" / "captures").rglob("*.jsonl")}
    run("add", "--records", file, "--archive", root)
    assert {
        each: each.read_bytes() for each in (root / "raw" / "captures").rglob("*.jsonl")
    } == before


def test_what_a_fragment_says_is_kept() -> None:
    """Signs that begin no tag, comments that never end, nesting."""
    assert fragment_lines("<p>5 < 6 and a</p><p>b</p>") == ["5 < 6 and a", "b"]
    assert fragment_lines("<p>One.</p><!-- never closed <p>Two.</p>")[-1].endswith("Two.")
    deep = (
        "<p>First.</p><div>" + "<span>" * 300 + "DEEP" + "</span>" * 300 + "</div><p>Last one.</p>"
    )
    assert fragment_lines(deep) == ["First.", "DEEP", "Last one."]
    assert len(fragment_lines("<div>x" * 3000)) == 3000
    assert not is_whole_page("<!--a-->" * 5000 + "x")


def test_lines_of_a_text_that_look_like_labels(root: Path, tmp_path: Path, run: Run) -> None:
    """A sentence on copyright, a note, a count: text, and in no column of a public release."""
    held_back = (
        "Copyright law is what the government wants to change, and here is SECRET matter withheld"
    )
    held = [
        each._replace(paragraphs=(each.paragraphs[0], f"{held_back}.", "Note: this story goes on here.",
                                  "He read 3 of 10 documents.", each.paragraphs[1]))
        for each in pieces()
    ]  # fmt: skip
    for name, write in (("n.txt", exports.nexis_text), ("e.html", exports.europresse)):
        (tmp_path / name).write_text(write(held), "utf-8")
        export = read_export(tmp_path / name)
        assert export is not None
        assert [each.paragraphs for each in export.articles] == [each.paragraphs for each in held]
        assert all("SECRET" not in str(each.copyright) for each in export.articles)
        assert run("add", tmp_path / name, "--archive", root).returncode == 0
    run("outlets", "--new", "--all", "--archive", root)
    public = build(root, "public")
    assert "SECRET" not in str(public.rows("articles"))


def test_exports_that_end_early(tmp_path: Path) -> None:
    """What stands after the last mark is one more; nothing is another's text."""
    held = pieces()
    text = exports.nexis_docx(held, tmp_path / "n.docx")
    import docx

    document = docx.Document(str(text))
    last = document.paragraphs[-1]
    assert last.text == "End of Document"
    last._element.getparent().remove(last._element)
    document.save(str(text))
    export = read_export(text)
    assert export is not None
    assert [each.title for each in export.articles] == [each.title for each in held]
    page = exports.integrum(held).replace("<pre>", "<i>", 1).replace("</pre>", "</i>", 1)
    (tmp_path / "i.html").write_text(page, "utf-8")
    export = read_export(tmp_path / "i.html")
    assert export is not None
    assert export.articles[0].paragraphs == ()
    assert export.articles[1].paragraphs == held[1].paragraphs


def test_long_exports_take_their_time_and_no_more(tmp_path: Path) -> None:
    """A body of 30,000 lines without a blank one; 400 articles whose elements are never closed."""
    held = pieces(1)
    body = "\n".join(f"line {n} of a text that is never parted and goes on" for n in range(30_000))
    text = exports.nexis_text(held).replace("LOAD-DATE", f"{body}\n\nLOAD-DATE")
    (tmp_path / "n.txt").write_text(text)
    began = time.monotonic()
    assert read_export(tmp_path / "n.txt") is not None
    (tmp_path / "f.html").write_text(
        exports.factiva_html(pieces(400)).replace("</p></div>", "</p>")
    )
    export = read_export(tmp_path / "f.html")
    assert time.monotonic() - began < WITHIN
    assert export is not None
    assert len(export.articles) == 400


@pytest.mark.parametrize(
    "page",
    [
        "<!-- DocPublicationName -->",
        "<!-- LXNComment -->",
        "<td>^ИС:Газета ^ЗГ:З</td>",
        "<html><body><article><h1>On DocPublicationName</h1><p>A class of a database.</p></article>",
        '<html><body><div class="Article article main"><h1 class="Headline">A</h1>'
        f'<p class="articleParagraph">{prose(1)}</p></div>',
    ],
)
def test_pages_are_not_taken_for_exports(root: Path, tmp_path: Path, run: Run, page: str) -> None:
    """What only looks like one is a capture like any other."""
    (tmp_path / "p.html").write_text(page)
    done = run("add", tmp_path / "p.html", "--archive", root)
    assert "Traceback" not in done.stderr
    assert "articles of an export" not in done.stderr


def test_the_table_of_what_is_withdrawn_is_named(root: Path, tmp_path: Path, run: Run) -> None:
    """It holds the text still."""
    add_row(run, root, tmp_path, title="One")
    run("outlets", "--new", "--all", "--archive", root)
    (row,) = build(root).rows("articles")
    told = run("withdraw", row["article_id"], "--reason", "privacy", "--authority", "x", "--plan",
               "--archive", root)  # fmt: skip
    assert "raw/tables/t-" in told.stdout
    assert "the table that it came from" in told.stdout
    assert open_release(root / "dist" / "press" / "1.0.0").version == "1.0.0"
