"""Folders, pages and names that mean harm: each is named, and nothing else is lost for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from microfiche.captures.page import saved_from, without_archive
from microfiche.collation.linking import same_words
from microfiche.library import open_archive, read
from site_pages import pages
from small import build, outlet, prose

SAVED = "<!--\n Page saved with SingleFile \n url: {url} \n saved date: Sat Feb 01 2025 10:00:00 GMT+0000 (UTC)\n-->"


def page(url: str, number: int = 1, head: str = "") -> str:
    """A page that says where it was saved from."""
    said = SAVED.format(url=url)
    body = f"<h1>Headline {number}</h1><p>{prose(number)}</p><p>{prose(number + 90)}</p>"
    return f"<!DOCTYPE html><html>{said}<head><title>T {number}</title>{head}</head><body>{body}</body></html>"


@pytest.fixture
def root(tmp_path: Path, run: Run) -> Path:
    """An archive without outlets."""
    run("init", tmp_path / "a", "--name", "a", "--title", "A")
    return tmp_path / "a"


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """A folder with one good page."""
    folder = tmp_path / "held"
    folder.mkdir()
    (folder / "good.html").write_text(page("https://news.good.example/1"))
    return folder


def test_two_hosts_of_one_domain_draft_a_file_that_can_be_read(
    root: Path, held: Path, run: Run
) -> None:
    """And names with dots that are no hosts."""
    (held / "two.html").write_text(page("https://sport.good.example/2", 2))
    for number, name in enumerate(("p.m.", "../../etc/passwd", "Welt.example")):
        line = {"publication": name, "title": f"N {number}", "text": prose(number + 40)}
        (held / f"{number}.json").write_text(json.dumps([line]))
    assert run("add", held, "--archive", root).returncode == 0
    run("outlets", "--new", "--all", "--archive", root)
    found = open_archive(root).validate().findings
    assert [each for each in found if each.severity == "error"] == []
    assert len(build(root).rows("articles")) == 5
    assert not (root.parent / "etc").exists()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a well-known half-hearted man", "a well- known “half-hearted” man", True),
        ("it moved by 1.5 points", "it moved by -15 points", False),
        ("from -5 to 5", "from 5 to -5", False),
        ("कि", "की", False),
        ("Straße", "STRASSE", True),
    ],
)
def test_what_databases_may_change(one: str, other: str, same: bool) -> None:
    """Spaces, quotes, hyphens in words; no sign and no vowel."""
    left, right = (same_words("o", "2020-01-01", "Title", each) for each in (one, other))
    assert (left == right) is same


def test_one_database_numbers_what_it_holds(root: Path, run: Run, tmp_path: Path) -> None:
    """Two articles of one day, headline and text that it numbers apart stay two."""
    (root / "raw" / "outlets").mkdir(exist_ok=True)
    (root / "raw" / "outlets" / "courier.toml").write_text(outlet())
    lines = [
        {
            "outlet_id": "courier", "title": "Weather", "published": "2020-01-01",
            "accession": f"nexis:000{n}", "text": f"{prose(1)} it is {'half-' if n else 'half '}dry.",
            "retrieval": {"retrieved_at": "2020-02-01T00:00:00Z"},
        }
        for n in range(2)
    ]  # fmt: skip
    file = root / "raw" / "captures" / "r.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    assert len(build(root).rows("articles")) == 2


@pytest.mark.parametrize(
    ("comment", "url"),
    [
        ("url: http://n.test/кот", "http://n.test/кот"),
        ("url: http://n.test/" + "x" * 5000, None),
        ("url: http://n.test/\udcff", None),
    ],
)
def test_an_address_is_taken_whole_or_not_at_all(comment: str, url: str | None) -> None:
    """Not with signs for what could not be read, nor cut."""
    octets = f"<html><!-- Page saved with SingleFile {comment} -->".encode(
        "utf-8", "surrogateescape"
    )
    assert saved_from(octets).get("url") == url


def test_what_a_page_says_is_no_script() -> None:
    """In its text anybody may write what a web archive's script says."""
    told = b'wbinfo.url = "http://v.test/2";\n wbinfo.timestamp = "20200101000000";\n wbinfo.prefix = decodeURI("http://w.test/");'
    assert saved_from(b"<html><p>" + told) == {}
    assert (
        saved_from(b"<html><script>" + told)["url"]
        == "http://w.test/20200101000000/http://v.test/2"
    )


@pytest.mark.parametrize(
    "html",
    [
        "<title>Big" + " " * 100_000 + "x</title><h1>Other thing of the day</h1><p>Text.</p>",
        "<!-- BEGIN WAYBACK TOOLBAR INSERT -->" * 27_000,
        "WAYBACK TOOLBAR" + "<!-- WB Insert -->" * 55_000,
        "<!-- WB Insert -->" * 20_000 + "<!-- End WB Insert -->" * 20_000,
    ],
    ids=["spaces", "banners", "inserts", "pairs"],
)
def test_pages_that_are_made_to_be_slow(html: str) -> None:
    """Each is read in a few seconds, where it took minutes."""
    start = time.process_time()
    without_archive(html)
    read(html.encode())
    assert time.process_time() - start < 20


def test_a_banner_goes_and_what_is_around_it_stays() -> None:
    """Also where a comment opens twice."""
    kept = without_archive(
        "a<!-- WB Insert -->x<!-- WB Insert -->y<!-- End WB Insert -->b<!-- WB Insert -->c"
    )
    assert kept == "ab<!-- WB Insert -->c"


def test_an_impossible_stamp_stops_nobody(root: Path, held: Path, run: Run) -> None:
    """A finding of that capture; outlets are drafted and the others built."""
    script = (
        '<script>__wm.wombat("http://v.test/3","20151399999999","http://web.test/","web");</script>'
    )
    (held / "bad.html").write_text(f"<html>{script}<h1>H</h1><p>{prose(3)}</p></html>")
    assert run("add", held, "--archive", root).returncode == 0
    drafted = run("outlets", "--new", "--all", "--archive", root)
    assert drafted.returncode == 0
    assert len(build(root).rows("articles")) == 1


def test_one_bad_file_stops_no_folder(root: Path, held: Path, run: Run) -> None:
    """A broken sidecar, a name that is no UTF-8, names too long for the system, pipes, broken archives."""
    (held / "side.html").write_text(page("https://news.good.example/2", 2))
    (held / "side.html.toml").write_text("url = [[[")
    (held / "deep.html").write_text(page("https://news.good.example/3", 3))
    (held / "deep.html.toml").write_text("a = " + "[" * 5000)
    (held / os.fsdecode(b"\xff.html")).write_text(page("https://news.good.example/4", 4))
    for number, folder in enumerate(("one", "two"), start=5):
        (held / folder).mkdir()
        name = "新" * 80 + ".html"
        (held / folder / name).write_text(page(f"https://news.good.example/{number}", number))
    os.mkfifo(held / "pipe.csv")
    (held / "broken.warc").write_bytes(b"WARC/1.0\r\nnothing")
    (held / "broken.har").write_bytes(b"{")
    done = run("add", held, "--archive", root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("added: ") == 3
    for told in (
        "side.html: side.html.toml is no TOML", "deep.html.toml is no TOML", "its name is no plain UTF-8", "pipe.csv: no regular file",
        "broken.warc: nothing in it can be read", "broken.har: nothing in it can be read",
    ):  # fmt: skip
        assert told in done.stderr
    run("outlets", "--new", "--all", "--archive", root)
    assert len(build(root).rows("articles")) == 3


def test_what_vanishes_after_the_plan_stops_no_other(root: Path, held: Path, run: Run) -> None:
    """It is told, and the exit code says so."""
    (held / "gone.html").write_text(page("https://news.good.example/9", 9))
    files = [(each, {}) for each in sorted(held.iterdir(), reverse=True)]
    archive = open_archive(root)
    done = list(archive.add_files(files, lambda _plan: (held / "gone.html").unlink()))
    assert [hasattr(each, "reason") for each in done] == [False, True]


def test_a_reader_who_leaves_stops_no_adding(root: Path, held: Path) -> None:
    """`add | head -1` adds everything."""
    for number in range(2, 30):
        (held / f"{number}.html").write_text(page(f"https://news.good.example/{number}", number))
    program = f"{sys.executable} -m microfiche.cli add {held} --archive {root}"
    subprocess.run(
        ["sh", "-c", f"{program} 2>/dev/null | head -1"], check=True, capture_output=True
    )
    assert len(list((root / "raw" / "captures").rglob("*.html"))) == 29


def test_an_archive_is_not_added_to_itself(root: Path, held: Path, run: Run) -> None:
    """Nor is what lies in it, where it lies in the folder that is added."""
    assert run("add", held, "--archive", root).returncode == 0
    for folder in (root, root / "raw" / "captures"):
        done = run("add", folder, "--archive", root)
        assert (done.returncode, "lies in the archive" in done.stderr) == (2, True)
    again = run("add", root.parent, "--archive", root)
    assert "already there" in again.stdout
    assert len(list((root / "raw" / "captures").rglob("*.html"))) == 1


def test_no_line_is_forged(root: Path, held: Path, run: Run) -> None:
    """By a name, an ending, a key of a sidecar."""
    (held / "x.fo\nadded: forged").write_bytes(b"x")
    (held / "k.html").write_text(page("https://news.good.example/7", 7))
    (held / "k.html.toml").write_text('"k\\nadded: forged" = "a"\n')
    done = run("add", held, "--archive", root)
    assert not [
        line
        for line in (done.stdout + done.stderr).splitlines()
        if line.startswith("added: forged")
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"body": [{"headline": {"a": 1}, "paragraphs": ["x"]}]}, "where a text"),
        ({"body": True}, "bool where a text"),
        ({"body": {"a": 1}}, "no member is known to hold the text"),
    ],
)
def test_values_of_wrong_kinds_are_no_text(
    root: Path, run: Run, tmp_path: Path, line: dict[str, Any], told: str
) -> None:
    """Not as Python writes them."""
    (tmp_path / "t.json").write_text(json.dumps([{"url": "https://x.example/1", **line}]))
    done = run("add", tmp_path / "t.json", "--archive", root)
    assert done.returncode in (2, 3)
    assert told in done.stderr


@pytest.mark.parametrize(
    "row",
    [
        '{"name": "N", "language": "[{(1,2): 3}]"}',
        '{"name": ' + "[" * 900 + "]" * 900 + "}",
        '{"name": {"a": {"b": 1}}, "host": "n.example"}',
    ],
)
def test_lists_of_outlets_with_odd_cells(root: Path, run: Run, tmp_path: Path, row: str) -> None:
    """What is no name is none; nothing breaks."""
    (tmp_path / "l.json").write_text(f"[{row}]")
    done = run("outlets", "--new", "--from", tmp_path / "l.json", "--archive", root)
    assert done.returncode in (0, 2, 3), done.stderr


def test_marks_of_direction_are_no_part_of_a_drafted_name(root: Path, held: Path, run: Run) -> None:
    """Though a page calls itself so."""
    site = '<meta property="og:site_name" content="\u202eGood\u2066 News">'
    (held / "good.html").write_text(page("https://news.good.example/1", head=site), "utf-8")
    run("add", held, "--archive", root)
    run("outlets", "--new", "--all", "--archive", root)
    (file,) = (root / "raw" / "outlets").glob("*.toml")
    assert 'name = "Good News"' in file.read_text("utf-8")


def test_good_pages_are_read_as_before() -> None:
    """Thirty of an outlet."""
    for each in pages():
        found = read(each.html.encode(), url=each.url)
        assert (found.title, found.byline) == (each.title, (each.byline,))


def test_an_empty_folder_is_told(root: Path, tmp_path: Path, run: Run) -> None:
    """Without reasons that are none."""
    (tmp_path / "none").mkdir()
    done = run("add", tmp_path / "none", "--archive", root)
    assert (done.returncode, "it holds no file" in done.stderr) == (3, True)
