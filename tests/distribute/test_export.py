"""Tables for other programs: exact in each, inert in a workbook, each with its dictionary."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from conftest import Run
from microfiche.distribute.flat import safe_name
from microfiche.errors import CannotRun, DataError, UsageError
from microfiche.library import Release, open_release
from small import build, outlet, prose, record, write

FORMULA = '=HYPERLINK("https://evil.example","look")'
TITLES = ("العنوان كما نُشر", "Заголовок, как он вышел", FORMULA, 'Quoted "twice", and; more', None)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Articles with the titles above, a long one, and one that quotes lines and tabs."""
    records = [record(n + 1, title=title) for n, title in enumerate(TITLES)]
    records.append(record(6, text="\n\n".join([prose(6), "😀 " + "word " * 9_000])))
    records = [{k: v for k, v in each.items() if v is not None} for each in records]
    records.append(record(1, host="herald.example", byline=["A, B", 'C "D"'], keywords=["x; y"]))
    root = write(tmp_path_factory.mktemp("a"), records, outlet(), outlet("herald"))
    return build(root)


def table(file: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8"), newline="")))


def titles(rows: list[dict[str, Any]]) -> set[str | None]:
    return {row["title"] or None for row in rows}


def rows_of(release: Release) -> list[dict[str, Any]]:
    return release.rows("articles")


def test_csv_is_exact(release: Release, tmp_path: Path) -> None:
    """Every value comes back; null is empty and an empty list is a list; no mark of byte order."""
    file = tmp_path / "a.csv"
    done = release.export("articles", "csv", out=file)
    assert done.files == [file, tmp_path / "a.dictionary.csv"]
    octets = file.read_bytes()
    assert octets[:11] == b"article_id,"
    assert b"\r" not in octets
    held = list(csv.DictReader(io.StringIO(octets.decode("utf-8"), newline="")))
    expected = rows_of(release)
    assert done.n_rows == len(held) == len(expected) == 7
    for row, want in zip(held, expected, strict=True):
        assert row["text"] == want["text"]
        assert row["title"] == (want["title"] or "")
        assert json.loads(row["byline"]) == want["byline"]
        assert json.loads(row["provenance_field_sources"]) == want["provenance"]["field_sources"]
        assert row["provenance_n_captures"] == str(want["provenance"]["n_captures"])
    assert FORMULA in titles(held)


@pytest.mark.parametrize(
    "name", ["articles", "captures", "revisions", "outlets", "coverage", "links"]
)
def test_other_readers_read_the_same(release: Release, tmp_path: Path, name: str) -> None:
    """Pandas and DuckDB, CSV and JSON lines: the same counts, ids and columns."""
    import duckdb

    from microfiche.distribute import flat

    for form in ("csv", "jsonl"):
        release.export(name, form, out=tmp_path / f"t.{form}")
    names = [column.name for column in flat.columns(release.kind(name))]
    assert all(len(each) <= 32 and each.replace("_", "a").isalnum() for each in names)
    count = len(release.rows(name))
    frame = pd.read_csv(tmp_path / "t.csv")
    assert list(frame.columns) == names
    assert len(frame) == count
    lines = [json.loads(each) for each in (tmp_path / "t.jsonl").read_text("utf-8").splitlines()]
    assert [list(each) for each in lines] == [names] * count
    if count:
        seen = duckdb.read_csv(str(tmp_path / "t.csv"), all_varchar=True)
        assert seen.columns == names
        assert len(seen.fetchall()) == count
    entries = table(tmp_path / "t.dictionary.csv")
    assert [each["column"] for each in entries] == names
    assert all(each["meaning"] and each["type"] for each in entries)


def test_a_workbook_is_text_and_nothing_else(release: Release, tmp_path: Path) -> None:
    """No cell is a formula, a number or a link; a long text stands whole beside."""
    done = release.export("articles", "xlsx", out=tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["articles", "dictionary"]
    sheet = book["articles"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    head, *rows = sheet.iter_rows(values_only=True)
    held = [dict(zip(head, row, strict=True)) for row in rows]
    assert titles(held) == titles(rows_of(release))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        sheets = [package.read(n) for n in package.namelist() if "/sheet" in n]
        assert {each.compress_type for each in package.infolist()} == {zipfile.ZIP_STORED}
    assert not any(b"<f>" in each for each in sheets)
    folder = tmp_path / "a-texts"
    assert folder in done.files
    (whole,) = folder.iterdir()
    (long,) = (row for row in held if "whole in" in str(row["text"]))
    (text,) = (r["text"] for r in rows_of(release) if r["article_id"] == long["article_id"])
    assert whole.read_text("utf-8") == text
    assert str(long["text"]).endswith(f" […] whole in a-texts/{whole.name}")
    assert text.startswith(str(long["text"]).partition(" […]")[0])


def test_letters_that_readers_of_workbooks_would_change_stand_whole_beside(tmp_path: Path) -> None:
    """What looks like an escape of the format is one to some readers, and none to others."""
    title = "A name_x0041_ with what is no escape"
    build(write(tmp_path / "a", [record(1, title=title)])).export(
        "articles", "xlsx", out=tmp_path / "a.xlsx"
    )
    head, row = load_workbook(tmp_path / "a.xlsx")["articles"].iter_rows(values_only=True)
    (whole,) = (tmp_path / "a-texts").iterdir()
    assert str(row[head.index("title")]).endswith(f"whole in a-texts/{whole.name}")
    assert whole.read_text("utf-8") == title


def test_a_workbook_is_the_same_bytes_each_time(release: Release, tmp_path: Path) -> None:
    """And so is every other format: writing again changes nothing."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for form, file in (("xlsx", "a.xlsx"), ("csv", "a.csv"), ("text", "texts")):
            again = [release.export("articles", form, out=tmp_path / name / file) for _ in "12"]
            assert again[0] == again[1]
    for file in sorted((tmp_path / "one").rglob("*")):
        if file.is_file():
            other = tmp_path / "two" / file.relative_to(tmp_path / "one")
            assert file.read_bytes() == other.read_bytes()


def test_a_text_file_an_article(release: Release, tmp_path: Path) -> None:
    """Each text whole, and a table that says which it is."""
    done = release.export("articles", "text", out=tmp_path / "texts")
    assert done.n_rows == 7
    rows = table(tmp_path / "texts" / "articles.csv")
    texts = {row["article_id"]: row["text"] for row in rows_of(release)}
    for row in rows:
        read = (tmp_path / "texts" / row["text_file"]).read_bytes().decode()
        assert read == texts[row["article_id"]] + "\n"
    assert len({row["text_file"] for row in rows}) == 7
    assert (tmp_path / "texts" / "articles.dictionary.csv").is_file()


def test_withheld_texts_make_no_file(tmp_path: Path) -> None:
    """They are listed all the same."""
    root = write(tmp_path / "a", [record(1), record(2)], outlet(text="withheld"))
    release = build(root, "public")
    release.export("articles", "text", out=tmp_path / "texts")
    rows = table(tmp_path / "texts" / "articles.csv")
    assert [row["text_file"] for row in rows] == ["", ""]
    assert list((tmp_path / "texts").rglob("*.txt")) == []


@pytest.mark.parametrize(
    "name", ["..", "CON", "con.x", "a/b", "a\\b", "Ab", "x" * 300, "é", ".hidden", "a.", "", "a\0b"]
)
def test_no_id_leaves_the_folder(name: str) -> None:
    """An id is anything; a name of a file is not."""
    made = safe_name(name)
    assert made.rpartition("~")[2] != made
    assert "/" not in made
    assert not made.startswith(".")
    assert len(made) < 130
    assert made.isascii()


def test_where_as_in_cite(release: Release, tmp_path: Path) -> None:
    """Rows of any table that are of the articles chosen; a table of none is refused."""
    where = "outlet_id == 'herald'"
    for name, count in (("articles", 1), ("captures", 1), ("revisions", 1), ("outlets", 1)):
        out = tmp_path / f"{name}.csv"
        assert release.export(name, "csv", where=where, out=out).n_rows == count
    with pytest.raises(UsageError, match="--where"):
        release.export("links", "csv", where=where, out=tmp_path / "l.csv")
    with pytest.raises(DataError, match="no article fits"):
        release.export("articles", "csv", where="n_words > 1000000", out=tmp_path / "n.csv")


def test_nothing_that_is_there_is_written_over(release: Release, tmp_path: Path) -> None:
    """A file of that name may be somebody's work."""
    (tmp_path / "a.csv").write_text("mine\n")
    with pytest.raises(CannotRun, match="is there already"):
        release.export("articles", "csv", out=tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "mine\n"


def test_the_command(release: Release, tmp_path: Path, run: Run) -> None:
    """By default into a file named after release and table; `-` prints; errors say the remedy."""
    done = run("export", release.root, cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "press-1.0.0-articles.csv: 7 rows",
        "press-1.0.0-articles.dictionary.csv",
    ]
    printed = run("export", release.root, "--table", "outlets", "--out", "-", cwd=tmp_path)
    assert printed.stdout.startswith("outlet_id,name,")
    wrong = run("export", release.root, "--table", "texts", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "it has annotations, articles, captures" in wrong.stderr
    assert run("export", release.root, "--format", "text", "--table", "coverage").returncode == 2


def test_r_reads_the_same(release: Release, tmp_path: Path) -> None:
    """Rscript's read.csv: counts and titles, whatever the script."""
    program = shutil.which("Rscript")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Rscript is missing")
        pytest.skip("Rscript is not installed")
    release.export("articles", "csv", out=tmp_path / "a.csv")
    script = (
        'd <- read.csv("a.csv", encoding="UTF-8", na.strings="", stringsAsFactors=FALSE)\n'
        "cat(nrow(d), ncol(d), class(d$n_words), class(d$title), sum(is.na(d$title)), "
        'sum(d$n_words), "\\n")\n'
        'writeLines(enc2utf8(d$title[!is.na(d$title)]), file("titles.txt", encoding="UTF-8"), '
        "useBytes=TRUE)\n"
        "cat(nchar(d$text, type='chars'), '\\n')\n"
    )
    (tmp_path / "s.R").write_text(script, "utf-8")
    done = subprocess.run(
        [program, "--vanilla", "s.R"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    rows = rows_of(release)
    first, lengths = done.stdout.splitlines()
    n_words = sum(row["n_words"] for row in rows)
    columns = len(pd.read_csv(tmp_path / "a.csv").columns)
    assert first.split() == ["7", str(columns), "integer", "character", "1", str(n_words)]
    assert lengths.split() == [str(len(row["text"])) for row in rows]
    read = (tmp_path / "titles.txt").read_text("utf-8").splitlines()
    assert read == [row["title"] for row in rows if row["title"]]


def test_the_gazette_opens_everywhere(tmp_path: Path) -> None:
    """The example release, as the README has it."""
    gazette = open_release("gazette")
    for form in ("csv", "xlsx"):
        gazette.export("articles", form, out=tmp_path / f"g.{form}")
    frame = pd.read_csv(tmp_path / "g.csv")
    book = pd.read_excel(tmp_path / "g.xlsx", dtype=str)
    assert len(frame) == len(book) == 26
    assert frame["title"].tolist() == book["title"].tolist()
