"""Adding many captures with what a spreadsheet knows of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Run
from microfiche.library import open_archive

HEADER = "Link;Date;File;Who;Status\n"
GOOD = (
    "https://courier.example/news/5;3 October 2014 10:47 GMT;pages/a.txt;Ada Quill;\n"
    "https://courier.example/news/6;2014-10-05T08:00:00+02:00;pages/b.txt;;200\n"
    "https://courier.example/news/5;2015-01-02 03:04;;;404\n"
)
MAP = "url=Link,retrieved_at=Date,file=File,retrieved_by=Who,http_status=Status"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with two texts beside it, and one that it does not name."""
    (tmp_path / "pages").mkdir()
    for name in "abc":
        text = (
            f"Clock {name} strikes\n\nThe clock on the harbour office is to strike again, {name}.\n"
        )
        (tmp_path / "pages" / f"{name}.txt").write_text(text)
    file = tmp_path / "table.csv"
    file.write_text(HEADER + GOOD, encoding="utf-8-sig")
    return file


def test_a_dry_run_shows_the_reading_and_writes_nothing(
    archive: Path, table: Path, run: Run
) -> None:
    """Columns, first rows, files that no row names."""
    before = sorted(archive.rglob("*"))
    done = run(
        "add",
        "--records",
        table,
        "--map",
        MAP,
        "--zone",
        "Asia/Tehran",
        "--dry-run",
        "--archive",
        archive,
    )
    assert done.returncode == 0
    assert "url from 'Link'" in done.stdout
    assert "retrieved_at = 2014-10-03T10:47:00.000000Z" in done.stdout
    assert "not named: " in done.stdout
    assert "3 rows fit, 0 cells do not" in done.stdout
    assert sorted(archive.rglob("*")) == before


def test_rows_become_captures_and_observations(archive: Path, table: Path, run: Run) -> None:
    """Each file with its record, a row without one as an observation; twice changes nothing."""
    command = (
        "add",
        "--records",
        table,
        "--map",
        MAP,
        "--zone",
        "Asia/Tehran",
        "--archive",
        archive,
    )
    assert run(*command, "--method", "saved by hand").returncode == 0
    again = run(*command, "--method", "saved by hand")
    assert again.stdout.count("already there") == 3
    rows = open_archive(archive).build().release.rows("captures")
    seen = {(row["url"], row["outcome"]): row for row in rows}
    first = seen["https://courier.example/news/5", "article"]
    assert (first["retrieved_by"], first["method"]) == ("Ada Quill", "saved by hand")
    assert first["original_name"] == "a.txt"
    gone = seen["https://courier.example/news/5", "not_found"]
    assert gone["retrieved_at"] == "2015-01-01T23:34:00.000000Z"
    assert gone["article_id"] == first["article_id"]


BAD = {
    "https://courier.example/news/5;3/4/2014;pages/a.txt;;": "can be read two ways",
    "https://courier.example/news/5;soon;pages/a.txt;;": "is no date that can be read",
    "https://courier.example/news/5;2014-10-03 10:47;pages/a.txt;;": "states no time zone",
    "courier.example/5;;pages/a.txt;;": "no absolute http or https address",
    "https://courier.example/news/5;;pages/z.txt;;": "no file 'pages/z.txt'",
    "https://courier.example/news/5;;../secret.txt;;": "leaves the table's folder",
    "https://courier.example/news/5;;pages/a.txt;;many": "is no number",
    "https://courier.example/news/5;;;;": "no file, and no address with a status",
    "https://courier.example/news/5;;pages/a.txt;;\nhttps://courier.example/6;;pages/a.txt;;": "named in line 2 too",
}


@pytest.mark.parametrize(
    ("option", "cell", "told"),
    [
        ("--day-first", "3/4/2014 10:47", "retrieved_at = 2014-04-03T10:47:00+00:00"),
        ("--month-first", "3/4/2014 10:47", "retrieved_at = 2014-03-04T10:47:00+00:00"),
        ("--day-first", "3/4/2014", "retrieved_at = 2014-04-03"),
    ],
)
def test_which_number_is_the_day_is_said_by_an_option(
    archive: Path, table: Path, run: Run, option: str, cell: str, told: str
) -> None:
    """Of a moment and of a day alone; without it such a cell is refused, and the option named."""
    table.write_text(HEADER + f"https://courier.example/news/5;{cell};pages/a.txt;;\n")
    command = ("add", "--records", table, "--map", MAP, "--archive", archive, "--dry-run")
    done = run(*command, "--zone", "UTC", option)
    assert done.returncode == 0, done.stdout
    assert told in done.stdout
    refused = run(*command, "--zone", "UTC")
    assert refused.returncode == 3
    assert "or give --day-first or --month-first" in refused.stdout


@pytest.mark.parametrize("row", BAD)
def test_every_cell_that_does_not_fit_is_named_and_nothing_is_added(
    row: str, archive: Path, table: Path, run: Run
) -> None:
    """Line, column and reason, in a dry run and before anything is written."""
    table.write_text(HEADER + row + "\n")
    before = sorted(archive.rglob("*"))
    for options in (["--dry-run"], []):
        done = run("add", "--records", table, "--map", MAP, *options, "--archive", archive)
        assert done.returncode == 3
        assert BAD[row] in done.stdout + done.stderr
        assert "line " in done.stdout + done.stderr
    assert sorted(archive.rglob("*")) == before


def test_what_a_table_has_beyond_its_columns_is_not_lost(
    archive: Path, table: Path, run: Run
) -> None:
    """Columns that nothing takes are named, cells under no column refused, twins too."""
    options = ["--map", MAP, "--zone", "UTC", "--dry-run", "--archive", archive]
    table.write_text(HEADER.replace("\n", ";when\n") + GOOD.splitlines()[0] + ";noon;more\n")
    done = run("add", "--records", table, *options)
    assert done.returncode == 3
    assert "not used: 'when'" in done.stderr
    assert "line 2, cell 7: 'more' is under no column" in done.stdout
    assert "1 cell does not" in done.stdout
    table.write_text("url;notes;notes;http_status\nhttps://courier.example/news/5;a;b;404\n")
    done = run("add", "--records", table, "--archive", archive)
    assert done.returncode == 2
    assert "two columns are named 'notes'" in done.stderr


def test_a_map_that_names_nothing_is_a_usage_error(archive: Path, table: Path, run: Run) -> None:
    """Unknown keys, unknown columns, options without a table, files and a table."""
    for options in (
        ["--records", table, "--map", "link=Link"],
        ["--records", table, "--map", "url=Address"],
        ["--records", table, "--map", "url"],
        ["--dry-run", table],
        ["--records", table, table],
        [],
    ):
        done = run("add", *options, "--archive", archive)
        assert done.returncode == 2, options
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "octets", [b"", b"\xff\xfe\x00", b'a,b\n"unclosed\n', b"file\n" + b"x" * 200_000]
)
def test_tables_that_are_none_are_named(
    octets: bytes, archive: Path, tmp_path: Path, run: Run
) -> None:
    """Empty, binary, broken: an error with the file, never a traceback."""
    file = tmp_path / "bad.csv"
    file.write_bytes(octets)
    done = run("add", "--records", file, "--archive", archive)
    assert done.returncode in (2, 3)
    assert "bad.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_writes_nowhere_but_into_the_archive(
    archive: Path, tmp_path: Path, run: Run
) -> None:
    """An outlet that is a path, a time that is none, a link out of the table's folder."""
    (tmp_path / "secret.txt").write_text("Secret.\n")
    folder = tmp_path / "table"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    table = folder / "t.csv"
    for rows, options in (
        ("url,http_status\nhttps://courier.example/a,404\n", ["--outlet", "../../../../pwned"]),
        ("url,http_status\nhttps://courier.example/a,404\n", ["--retrieved-at", "yesterday"]),
        ("file\nlink.txt\n", ["--outlet", "courier"]),
        ("url,http_status\nhttps://nobody.example/a,404\n", []),
        ("file\nt.csv\n", ["--outlet", "courier"]),
    ):
        table.write_text(rows)
        before = sorted(tmp_path.rglob("*"))
        for dry in (["--dry-run"], []):
            done = run("add", "--records", table, "--archive", archive, *options, *dry)
            assert done.returncode == 3, rows
            assert "line 2" in done.stdout + done.stderr
        assert sorted(tmp_path.rglob("*")) == before
