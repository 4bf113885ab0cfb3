"""Tables that hold the text of articles: from rows to a release, whatever the table is kept in."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conftest import Run
from microfiche.captures.cells import as_list, as_when
from microfiche.captures.mapping import PRESETS
from microfiche.errors import DataError, UsageError
from microfiche.library import open_archive, open_release
from small import build, prose

HEADER = ["", "id", "site", "label", "link", "body", "scraped_at", "headline", "authors", "tags"]
ROWS: list[list[Any]] = [
    ["0", "11", "ferry.example", "news", "http://www.ferry.example/2020/05/crossing?utm_source=x",
     f"{prose(1)}\n\n{prose(2)}\n\n&copy; The Ferry Post", "2020-05-04 08:15:02.123456",
     "Twice a day &#8211; at last", "Ada Quill, Tom Reed", "['ferry', 'isles']"],
    ["1", "12", "holm.example", "opinion", "https://holm.example/p/9",
     f"<p>{prose(3)}</p><p>{prose(4)} &amp; more</p>", "2020-05-04T10:00:00+00:00",
     "What spring brings", "By Ines Vale", "opinion; isles"],
    ["2", "13", "holm.example", "opinion", "https://holm.example/p/10", "", "2020-05-04 10:00:01",
     "A page without text", "", ""],
    ["3", "14", "nowhere.example", "rumour", "no address", prose(5), "yesterday", "Unusable", "", ""],
]  # fmt: skip


def write_csv(file: Path, delimiter: str = ",") -> Path:
    """The table as CSV or TSV."""
    with file.open("w", newline="", encoding="utf-8-sig") as out:
        csv.writer(out, delimiter=delimiter).writerows([HEADER, *ROWS])
    return file


def objects() -> list[dict[str, str]]:
    """The rows as objects."""
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


def write_xlsx(file: Path) -> Path:
    """The table as a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    book.save(file)
    return file


def write_parquet(file: Path) -> Path:
    """The table as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(objects()), file)
    return file


def write_jsonl(file: Path) -> Path:
    """The table as a line an article."""
    file.write_text("".join(json.dumps(each) + "\n" for each in objects()))
    return file


def write_saved(folder: Path) -> Path:
    """The table as `datasets` saves it."""
    import datasets

    datasets.Dataset.from_list(objects()).save_to_disk(str(folder))
    return folder


WRITERS: dict[str, Callable[[Path], Path]] = {
    "t.csv": write_csv,
    "t.tsv": lambda file: write_csv(file, "\t"),
    "t.xlsx": write_xlsx,
    "t.parquet": write_parquet,
    "t.jsonl": write_jsonl,
    "t": write_saved,
}


@pytest.fixture
def root(tmp_path: Path, run: Run) -> Path:
    """An archive without outlets."""
    run("init", tmp_path / "a", "--name", "tables", "--title", "Tables")
    return tmp_path / "a"


def rows_of(root: Path, name: str) -> list[dict[str, Any]]:
    """Rows of the release, but for what names the table's file."""
    rows = open_release(root / "dist" / "tables" / "1.0.0").rows(name)
    gone = {"record_sha256", "source_file", "source_offset", "source"}
    return [{key: value for key, value in row.items() if key not in gone} for row in rows]


def test_a_table_becomes_a_release_by_three_commands(root: Path, tmp_path: Path, run: Run) -> None:
    """Guesses are shown, rows that do not fit are named, the others are added all the same."""
    table = write_csv(tmp_path / "articles.csv")
    added = run("add", table, "--zone", "UTC", "--annotated-by", "A lab", "--archive", root)
    assert added.returncode == 0, added.stderr
    assert "text from 'body' (by its name)" in added.stderr
    assert "annotation 'label' from 'label' (by its name)" in added.stderr
    assert "not used: '', 'id', 'site'" in added.stderr
    assert "2 fit, 2 refused" in added.stderr
    assert "body: no text" in added.stderr
    assert "link: 'no address': no absolute http or https address" in added.stderr
    assert "scraped_at: 'yesterday' is no date that can be read" in added.stderr
    assert "of no outlet yet: ferry.example 1, holm.example 1" in added.stderr
    assert run("outlets", "--new", "--all", "--archive", root).returncode == 0
    assert run("build", root).returncode == 0
    holm, ferry = sorted(rows_of(root, "articles"), key=lambda row: row["title"], reverse=True)
    assert ferry["title"] == "Twice a day \u2013 at last"
    assert ferry["text"] == f"{prose(1)}\n\n{prose(2)}"
    assert ferry["byline"] == ["Ada Quill", "Tom Reed"]
    assert ferry["keywords"] == ["ferry", "isles"]
    assert ferry["url"] == "http://www.ferry.example/2020/05/crossing"
    assert ferry["provenance"]["first_retrieved_at"] == "2020-05-04T08:15:02.123456Z"
    assert holm["text"] == f"{prose(3)}\n\n{prose(4)} & more"
    assert (holm["byline"], holm["keywords"]) == (["Ines Vale"], ["opinion", "isles"])
    judged = open_release(root / "dist" / "tables" / "1.0.0").rows("annotations")
    stem = next(root.glob("raw/tables/*.csv")).stem
    assert {(each["name"], each["value"], each["by"], each["source"]) for each in judged} == {
        ("label", "news", "A lab", stem),
        ("label", "opinion", "A lab", stem),
    }
    assert run("verify", root / "dist/tables/1.0.0", "--rebuild", root, "--load").returncode == 0
    shown = run("show", root / "dist/tables/1.0.0", holm["article_id"])
    assert f"annotation label: opinion (by A lab, {stem})" in shown.stdout
    cited = run("cite", root / "dist/tables/1.0.0", "--where", "annotations.label == 'news'")
    assert "subset of 1 article where annotations.label == 'news'" in cited.stdout
    again = run("add", table, "--zone", "UTC", "--annotated-by", "A lab", "--archive", root)
    assert "2 already there: files of captures" in again.stderr


@pytest.mark.parametrize("name", list(WRITERS))
def test_the_container_changes_nothing(root: Path, tmp_path: Path, run: Run, name: str) -> None:
    """Each kind of table gives the release of the CSV file, but for the names of files."""
    for number, each in enumerate(("t.csv", name)):
        place = root if number else tmp_path / "b"
        run("init", place, "--name", "tables", "--title", "Tables")
        table = WRITERS[each](tmp_path / f"{number}-{each}")
        stated = "text=body,title=headline,annotation.label=label"
        done = run("add", "--records", table, "--map", stated, "--zone", "UTC", "--archive", place)
        assert done.returncode == 0, done.stderr
        run("outlets", "--new", "--all", "--archive", place)
        build(place)
    for table_name in ("articles", "captures", "revisions", "annotations"):
        first, second = (rows_of(each, table_name) for each in (tmp_path / "b", root))
        assert first == second


def test_outlets_first(root: Path, tmp_path: Path, run: Run) -> None:
    """`outlets --new --from` takes hosts from the table; `add` finds them."""
    table = write_csv(tmp_path / "articles.csv")
    run("outlets", "--new", "--from", table, "--archive", root)
    assert (root / "raw/outlets/ferry-example.toml").is_file()
    added = run("add", table, "--zone", "UTC", "--archive", root)
    assert "by outlet: ferry-example 1, holm-example 1" in added.stderr
    assert run("build", root).returncode == 0


def test_a_dry_run_writes_nothing(root: Path, tmp_path: Path, run: Run) -> None:
    """The plan alone."""
    before = sorted(root.rglob("*"))
    done = run("add", write_csv(tmp_path / "t.csv"), "--dry-run", "--archive", root)
    assert done.returncode == 0
    assert "2 fit, 2 refused" in done.stderr
    assert "1 whose time of retrieval states no zone; give --zone" in done.stderr
    assert sorted(root.rglob("*")) == before


def test_what_nobody_can_use_is_an_error(root: Path, tmp_path: Path, run: Run) -> None:
    """No row fits, the table read otherwise before, keys and presets that are none."""
    table = write_csv(tmp_path / "t.csv")
    run("add", table, "--zone", "UTC", "--archive", root)
    other = run("add", table, "--zone", "Asia/Tehran", "--archive", root)
    assert (other.returncode, "read otherwise" in other.stderr) == (3, True)
    (tmp_path / "none.csv").write_text("url,text\nx,y\n")
    none = run("add", tmp_path / "none.csv", "--archive", root)
    assert (none.returncode, "no row fits" in none.stderr) == (3, True)
    for option in (["--map", "text=Nowhere"], ["--map", "colour=body"], ["--preset", "lynx"]):
        assert run("add", table, *option, "--archive", root).returncode == 2
    (tmp_path / "odd.csv").write_text('url,text\n"https://x.example/1,"a" b",c,d\n')
    assert run("add", tmp_path / "odd.csv", "--archive", root).returncode == 3
    (tmp_path / "bad.parquet").write_bytes(b"PAR1nothing")
    assert run("add", tmp_path / "bad.parquet", "--archive", root).returncode == 3
    (tmp_path / "bad.xlsx").write_bytes(b"PK nothing")
    assert run("add", tmp_path / "bad.xlsx", "--archive", root).returncode == 3


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2018-01-25 16:17:44.789555", "2018-01-25T16:17:44.789555+01:00"),
        ("2018-01-25T16:17:44Z", "2018-01-25T16:17:44+00:00"),
        ("2018-01-25 16:17 +0300", "2018-01-25T16:17:00+03:00"),
        ("1516897064", "2018-01-25T16:17:44+00:00"),
        (1516897064789, "2018-01-25T16:17:44.789000+00:00"),
        (43125.5, "2018-01-25T12:00:00+01:00"),
        ("20180125161744", "2018-01-25T16:17:44+01:00"),
        ("Thu, 25 Jan 2018 16:17:44 +0000", "2018-01-25T16:17:44+00:00"),
        ("25/01/2018 4:17 PM", "2018-01-25T16:17:00+01:00"),
    ],
)
def test_times_in_every_usual_form(cell: object, at: str) -> None:
    """As RFC 3339, in the zone that is stated, else in the one given."""
    read = as_when(cell, ZoneInfo("Europe/Berlin"), None)
    assert read is not None
    assert read.at == at


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("2018-01-25", None, "2018-01-25"),
        ("2018-01-25 00:00:00", None, "2018-01-25"),
        ("03/04/2018", "day", "2018-04-03"),
        ("03/04/2018", "month", "2018-03-04"),
        ("03/04/2018", None, None),
        ("3.4.2018", None, "2018-04-03"),
        ("25 January 2018", None, "2018-01-25"),
        ("2018", None, "2018"),
        ("11. Januar 2010", None, "2010-01-11"),
        ("2018-13-45", None, None),
        ("soon", None, None),
    ],
)
def test_days_in_every_usual_form(cell: str, order: Any, day: str | None) -> None:
    """As EDTF; a day that can be read two ways is none until somebody says which."""
    read = as_when(cell, None, order)
    assert (read and read.day) == day


def test_a_column_says_which_number_is_the_day(root: Path, tmp_path: Path, run: Run) -> None:
    """One day that can be read one way alone decides for its column; two that differ do not."""
    lines = [
        f"https://x.example/{n},{prose(n)},{day}" for n, day in enumerate(("3/4/2018", "25/4/2018"))
    ]
    (tmp_path / "t.csv").write_text("url,text,date\n" + "\n".join(lines))
    done = run("add", tmp_path / "t.csv", "--archive", root)
    assert "published from 'date' (by its name) (day first)" in done.stderr
    assert "by month: 2018-04 2" in done.stderr
    lines.append(f"https://x.example/9,{prose(9)},4/25/2018")
    (tmp_path / "u.csv").write_text("url,text,date\n" + "\n".join(lines))
    done = run("add", tmp_path / "u.csv", "--archive", root)
    assert "can be read two ways; give --day-first or --month-first" in done.stderr
    assert "2 fit, 1 refused" in done.stderr


def test_lists_are_split() -> None:
    """As JSON, as Python, by signs; nothing in them is run."""
    assert as_list("['a', \"b\"]", commas=True) == ["a", "b"]
    assert as_list('["a", "b"]', commas=True) == ["a", "b"]
    assert as_list("a; b|c", commas=True) == ["a", "b", "c"]
    assert as_list("a, b", commas=True) == ["a", "b"]
    assert as_list("King, Martin", commas=False) == ["King, Martin"]
    assert as_list("[__import__('os').getcwd()]", commas=False) == ["[__import__('os').getcwd()]"]
    assert as_list("[" * 5000 + "]" * 5000, commas=False)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_presets(root: Path, tmp_path: Path, run: Run, preset: str) -> None:
    """A line as the tool writes it is added with its preset alone."""
    values = {
        "text": prose(1), "title": "A title", "byline": "Ada Quill", "published": "2020-05-04",
        "url": "https://ferry.example/1", "publication": "The Ferry Post", "language": "en",
        "retrieved_at": "2020-05-05 10:00:00+00:00", "modified_at": "2020-05-04", "keywords": "a, b",
        "subtitle": "A line below", "free_access": True,
    }  # fmt: skip
    line = {
        each: values[key]
        for key, column in PRESETS[preset].items()
        for each in column.split("|")[:1]
    }
    nested: dict[str, Any] = {}
    for column, value in line.items():
        outer, _, inner = column.partition(".")
        if inner:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[column] = value
    (tmp_path / "t.jsonl").write_text(json.dumps(nested) + "\n")
    added = run("add", tmp_path / "t.jsonl", "--preset", preset, "--archive", root)
    assert added.returncode == 0, added.stderr
    run("outlets", "--new", "--all", "--archive", root)
    build(root)
    (row,) = rows_of(root, "articles")
    assert (row["title"], row["text"]) == ("A title", prose(1))
    assert (row["published"], row["byline"]) == ("2020-05-04", ["Ada Quill"])


def test_a_page_in_a_cell_is_read_as_a_page(root: Path, tmp_path: Path, run: Run) -> None:
    """All fields come from it, annotations from the table."""
    page = f"<!doctype html><html><body><h1>Of the page</h1><p>{prose(1)}</p><p>{prose(2)}</p></body></html>"
    with (tmp_path / "t.csv").open("w", newline="") as out:
        lines = [
            ["url", "html", "title", "rating"],
            ["https://x.example/1", page, "Of the table", "5"],
        ]
        csv.writer(out).writerows(lines)
    done = run("add", tmp_path / "t.csv", "--archive", root)
    assert "1 with a whole page, from which all else is read" in done.stderr
    run("outlets", "--new", "x.example", "--archive", root)
    build(root)
    (row,) = rows_of(root, "articles")
    assert row["title"] == "Of the page"
    assert [each["value"] for each in rows_of(root, "annotations")] == ["5"]


def test_rows_without_addresses_are_of_a_publication(root: Path, tmp_path: Path, run: Run) -> None:
    """By its name, or another that its file lists; a name of nobody is named with the remedy."""
    lines = [f"The Ferry Post,{prose(1)},One", f"FERRY POST (Holm),{prose(2)},Two"]
    (tmp_path / "t.csv").write_text("newspaper,text,title\n" + "\n".join(lines))
    run("add", tmp_path / "t.csv", "--archive", root)
    found = run("validate", root)
    assert "publication 'The Ferry Post' is of no outlet of this archive" in found.stdout
    folder = root / "raw" / "outlets"
    folder.mkdir(exist_ok=True)
    (folder / "ferry.toml").write_text(
        'id = "ferry"\nname = "The Ferry Post"\nother_names = ["Ferry Post (Holm)"]\n'
    )
    build(root)
    assert {row["outlet_id"] for row in rows_of(root, "articles")} == {"ferry"}
    assert {row["outlet_source"] for row in rows_of(root, "captures")} == {"publication"}


def big(file: Path, count: int, hosts: int = 29) -> Path:
    """A table of many articles on many hosts."""
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["url", "text", "title", "date", "scraped_at", "label"])
        for n in range(count):
            at = f"https://site{n % hosts}.example/2021/{n % 12 + 1:02}/{n}"
            day = f"2021-{n % 12 + 1:02}-10"
            rows.writerow([at, prose(n), f"Piece {n}", day, f"{day} 12:00:00Z", f"l{n % 3}"])
    return file


def test_many_hosts_by_outlets_new_all(root: Path, tmp_path: Path, run: Run) -> None:
    """300 articles on 29 hosts: add, outlets --new --all, build, nothing else."""
    assert run("add", big(tmp_path / "t.csv", 300), "--archive", root).returncode == 0
    drafted = run("outlets", "--new", "--all", "--archive", root)
    assert len(drafted.stdout.splitlines()) == 29
    built = run("build", root)
    assert built.returncode == 0
    assert len(rows_of(root, "articles")) == 300
    assert len(rows_of(root, "rejected")) == 0
    assert len(rows_of(root, "annotations")) == 300


def test_killed_at_any_moment_and_run_again(tmp_path: Path, run: Run) -> None:
    """The archive is then the one that no kill disturbed."""
    table, trees = big(tmp_path / "t.csv", 3000), []
    for number, pause in enumerate((None, 0.35, 0.7, 1.0, 1.3)):
        root = tmp_path / f"a{number}"
        run("init", root, "--name", "tables", "--title", "Tables")
        command = [sys.executable, "-m", "microfiche.cli", "add", table, "--archive", root]
        if pause is not None:
            with subprocess.Popen(
                command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            ) as job:
                time.sleep(pause)
                job.send_signal(signal.SIGKILL)
        assert run("add", table, "--archive", root).returncode == 0
        files = (each for each in sorted((root / "raw").rglob("*")) if each.is_file())
        trees.append({each.relative_to(root): each.read_bytes() for each in files})
    assert all(each == trees[0] for each in trees)


def test_annotations_by_hand(root: Path, tmp_path: Path, run: Run) -> None:
    """Lines of raw/annotations.jsonl count before a table's; changing one is MINOR."""
    run("add", write_csv(tmp_path / "t.csv"), "--zone", "UTC", "--archive", root)
    run("outlets", "--new", "--all", "--archive", root)
    first = build(root)
    ids = [row["article_id"] for row in first.rows("annotations")]
    line = {
        "article_id": ids[0],
        "name": "stance",
        "value": "for",
        "by": "B. Coder",
        "date": "2026-01",
    }
    lines = root / "raw" / "annotations.jsonl"
    lines.write_text(json.dumps(line) + "\n")
    second = build(root)
    assert (second.version, len(second.rows("annotations"))) == ("1.1.0", 3)
    assert all(verdict.ok for verdict in second.verify(rebuild=root))
    assert not (second.root / "source" / "annotations.jsonl").exists()
    lines.write_text(json.dumps(line | {"article_id": "holm-example:u-00"}) + "\n")
    with pytest.raises(DataError, match="MF603"):
        build(root)
    lines.write_text(json.dumps(line | {"value": ""}) + "\n")
    with pytest.raises(DataError, match="MF102"):
        build(root)
    lines.write_text(json.dumps(line) + "\n")
    args = ("--reason", "privacy", "--authority", "x", "--archive", root)
    assert run("withdraw", ids[0], *args).returncode == 0
    third = build(root)
    assert ids[0] not in {row["article_id"] for row in third.rows("annotations")}
    with pytest.raises(UsageError, match="no annotation"):
        third.subset("annotations.stance == 'for'")
    assert open_archive(root).findings == ()
