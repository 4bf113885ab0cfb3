"""Input that is too much, or says what cannot be: bounded in time, and named."""

from __future__ import annotations

import codecs
import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import microfiche.text as text_module
from conftest import Run
from microfiche.captures.cells import as_when
from microfiche.captures.http import read_message
from microfiche.captures.jsonl import crowded
from microfiche.captures.spreadsheet import read_zone
from microfiche.captures.wacz import _stated_digests
from microfiche.dates.printed import _clock, _moment
from microfiche.errors import DataError, UsageError
from microfiche.outlets.checking import check_entry
from microfiche.text import single_spaced
from microfiche.url import read_address, why_unread
from small import add_lines, build, outlet, prose, record, write

SIDECAR = 'url = "https://courier.example/2024/01/50"\nretrieved_at = 2025-01-01T00:00:00Z\n'


def page(root: Path, html: str) -> Path:
    """An archive with a record and a page."""
    write(root, [record(1)])
    (root / "raw/captures/page.html").write_text(html)
    (root / "raw/captures/page.html.toml").write_text(SIDECAR)
    return root


@pytest.mark.parametrize("attribute", ["a{}=1 ", "a{} "])
def test_a_tag_of_many_attributes_is_not_parsed(tmp_path: Path, run: Run, attribute: str) -> None:
    """A parser compares each with all others."""
    many = "".join(map(attribute.format, range(300_000)))
    root = page(tmp_path / "a", f"<html><body><p {many}>{prose(1)}</p></body></html>")
    done = run("validate", root)
    assert "raw/captures/page.html: a tag of 300,00" in done.stdout
    assert [row["codes"] for row in build(root).rows("rejected")] == [["MF318"]]


def test_script_and_text_are_no_tags(tmp_path: Path) -> None:
    """However long: a comparison in a script, a data address."""
    script = "for(i=0;i<n;i++){" + "a=b;" * 30_000 + "}"
    picture = "data:image/png;base64," + "A=" * 30_000
    html = f'<html><head><script>{script}</script></head><body><h1>Lamps</h1><p>{prose(1)}</p><img src="{picture}"></body></html>'
    release = build(page(tmp_path / "a", html.replace("A=", "AA")))
    assert len(release.rows("articles")) == 2


def test_many_headers_of_one_name_are_joined() -> None:
    """In a time that grows with their number."""
    head = b"HTTP/1.1 999 Odd\r\n" + b"X-A: b\r\n" * 300_000 + b"\r\n"
    found = read_message(head + b"body", 1 << 30)
    assert (found.status, found.body) == (999, b"body")
    assert found.headers["x-a"].count("b") == 300_000


@pytest.mark.parametrize(
    ("pattern", "told"),
    [("^/[0-9]+", "reads nothing"), ("^/(?P<yaer>[0-9]{4})/(?P<id>[0-9]+)", "no group yaer")],
)
def test_a_pattern_that_reads_nothing_is_a_finding(
    tmp_path: Path, run: Run, pattern: str, told: str
) -> None:
    """A group that is not there, or misspelt, would do nothing in silence."""
    text = outlet().replace(outlet().split("pattern = '")[1].split("'")[0], pattern)
    done = run("validate", write(tmp_path / "a", [record(1)], text))
    assert done.returncode == 3
    assert told in done.stdout


@pytest.mark.parametrize("name", ["localtime", "Factory", "posixrules", "posix/Europe/London"])
def test_a_zone_is_the_same_on_every_machine(name: str) -> None:
    """What a system calls its own is none."""
    found = check_entry({"id": "x", "name": "X", "time_zone": name}, "raw/outlets/x.toml")
    assert [each.code for each in found] == ["MF201"]


def test_times_that_clocks_skip_or_show_twice_are_none() -> None:
    """Nor half past twelve at night in the afternoon."""
    london = ZoneInfo("Europe/London")
    half_past_one = {"hour": "01", "minute": "30"}
    assert _moment("2024-03-31", half_past_one, london) is None
    assert _moment("2024-10-27", half_past_one, london) is None
    assert _moment("2024-06-01", half_past_one, london) == "2024-06-01T00:30:00.000000Z"
    for hour, half, clock in (
        ("00", "pm", None),
        ("13", "pm", None),
        ("12", "am", "00:30:00"),
        ("12", "pm", "12:30:00"),
        ("01", "pm", "13:30:00"),
    ):
        assert _clock({"hour": hour, "minute": "30", "half": half}) == clock


def test_a_byte_order_mark_costs_no_record(tmp_path: Path) -> None:
    """Of a file of records, whose first line begins with it."""
    root = write(tmp_path / "a", [record(1), record(2)])
    file = root / "raw/captures/records.jsonl"
    file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    release = build(root)
    assert len(release.rows("articles")) == 2
    assert release.rows("rejected") == []
    assert [each for each in release.verify(rebuild=root) if not each.ok] == []


def test_odd_entries_of_a_data_package_hide_no_digest() -> None:
    """They are counted, and the others are held against the members."""
    good = {"path": "archive/data.warc", "hash": f"sha256:{'a' * 64}"}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        package.writestr(
            "datapackage.json", json.dumps({"resources": [5, None, "x", {"hash": "y"}, good]})
        )
    with zipfile.ZipFile(held) as package:
        digests, wrong = _stated_digests(package)
    assert digests == {"archive/data.warc": "a" * 64}
    assert wrong == "datapackage.json: entries that name no file: 4"


def test_links_lead_from_the_base_of_their_page(tmp_path: Path) -> None:
    """An address that never was became the article's."""
    head = '<base href="https://courier.example/archive/"><link rel="canonical" href="551">'
    body = f"<article><h1>Lamps on the quay</h1><p>{prose(1)}</p><p>{prose(2)}</p></article>"
    root = page(tmp_path / "a", f"<html><head>{head}</head><body>{body}</body></html>")
    urls = {row["url"] for row in build(root).rows("articles")}
    assert "https://courier.example/2024/01/551" not in urls
    assert "https://courier.example/archive/551" in urls


def test_a_release_that_lost_its_manifest_is_not_passed_over(tmp_path: Path, run: Run) -> None:
    """What it promised would be forgotten."""
    root = write(tmp_path / "a", [record(1)])
    build(root)
    write(root, [record(1), record(2)])
    (build(root).root / "release.json").unlink()
    write(root, [record(1), record(3)])
    for options in ({}, {"version": "3.0.0"}):
        with pytest.raises(DataError, match=r"a release without its release.json"):
            build(root, **options)
    assert run("validate", root).returncode == 3


def test_closed_standard_error_changes_nothing(tmp_path: Path) -> None:
    """What would be told there is told nobody."""
    root = write(tmp_path / "a", [record(1)])
    command = f"{sys.executable} -m microfiche.cli build {root} --date 2026-01-01 2>&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, "version 1.0.0" in done.stdout) == (0, True)


def test_no_capture_is_written_through_a_planted_link(tmp_path: Path, run: Run) -> None:
    """The name under which a file is written first is nobody's to choose."""
    root, victim = write(tmp_path / "a", [record(1)]), tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "new.txt").write_text(prose(3))
    folder = root / "raw/captures/courier"
    folder.mkdir()
    (folder / ".new.txt.part").symlink_to(victim)
    url = ("--url", "https://courier.example/2024/01/60")
    assert run("add", tmp_path / "new.txt", *url, "--archive", root).returncode == 0
    assert victim.read_text() == "mine"
    assert (folder / "new.txt").read_text() == prose(3)
    assert not (folder / "new.txt").is_symlink()


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2024-03-31 02:30:00", None),  # skipped
        ("2024-10-27 02:30:00", None),  # shown twice
        ("2024-10-27 03:30:00", "2024-10-27T03:30:00+01:00"),
        (datetime(2024, 10, 27, 2, 30), None),  # noqa: DTZ001 - as a workbook holds it
        ("3.4.2024 00:30 pm", None),
        ("3.4.2024 12:30 pm", "2024-04-03T12:30:00+02:00"),
    ],
)
def test_times_of_tables_that_clocks_skip_or_show_twice_are_none(cell: object, at: str) -> None:
    """The day is what is known, and the note says the rest."""
    when = as_when(cell, ZoneInfo("Europe/Berlin"), "day")
    assert when is not None
    assert when.at == at
    assert when.zoned == (at is not None)
    assert when.day.startswith("2024-")


def test_a_zone_of_a_table_is_the_same_on_every_machine() -> None:
    """As that of an outlet."""
    with pytest.raises(UsageError, match="no such time zone"):
        read_zone("localtime")


@pytest.mark.parametrize(("lines", "words"), [(100_001, 1), (1, 2_000_000)])
def test_a_text_that_no_article_has_is_not_read(
    tmp_path: Path, run: Run, lines: int, words: int
) -> None:
    """Its lines and letters are counted before anything is made of them."""
    root = write(tmp_path / "a", [record(1)])
    line = "ab " * words
    (root / "raw/captures/long.txt").write_text(f"Lamps\n\n{prose(2)}\n" + f"{line}\n" * lines)
    (root / "raw/captures/long.txt.toml").write_text(SIDECAR)
    done = run("validate", root)
    assert "raw/captures/long.txt: " in done.stdout
    assert "the limit is" in done.stdout
    assert [row["codes"] for row in build(root).rows("rejected")] == [["MF318"]]


@given(st.text(" \t\n\u00a0\u3000\x1cab", max_size=40), st.integers(1, 8))
def test_long_lines_are_spaced_as_short_ones(text: str, at_once: int) -> None:
    """Wherever they are cut meanwhile."""
    before = text_module.AT_ONCE
    text_module.AT_ONCE = at_once
    try:
        assert single_spaced(text) == " ".join(text.split())
    finally:
        text_module.AT_ONCE = before


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://[::1]/a", "its host [::1] is an IPv6 address"),
        ("http://localhost/a", "its host 'localhost' is known in one network alone"),
        ("https://courier.example\\evil/a", "is written as no name of a host may be"),
        (f"https://courier.example/{'a' * 9000}", "9,024 characters, the limit is 8,192"),
        ("ftp://courier.example/a", "no absolute http or https address"),
        ("https://courier.example:port/a", "no absolute http or https address"),
    ],
)
def test_why_an_address_is_none(url: str, told: str) -> None:
    """What is wrong with it is said, not that it is none."""
    assert read_address(url) is None
    assert told in why_unread(url)


def test_a_scheme_in_capitals_is_one(tmp_path: Path) -> None:
    """In the normal form it is small."""
    root = write(tmp_path / "a", [record(1) | {"url": "HTTPS://Courier.Example/2024/01/1"}])
    assert [row["url"] for row in build(root).rows("captures")] == [
        "https://courier.example/2024/01/1"
    ]


@pytest.mark.parametrize(
    ("host", "read"),
    [
        ("fa\u00df.example", "xn--fa-hia.example"),  # fass.example is another's
        ("a\u200db.example", None),  # not ab.example
        ("courier\u3002example", "courier.example"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("cou\u00adrier.example", "courier.example"),
    ],
)
def test_hosts_are_read_as_browsers_read_them(host: str, read: str | None) -> None:
    """Older rules of IDNA took some letters for others."""
    address = read_address(f"https://{host}/a")
    assert (address.host if address else None) == read


def test_no_text_within_bounds_is_told_as_such(tmp_path: Path, run: Run) -> None:
    """It is the outlet's file that is to be mended."""
    rule = "[article]\nends_before = ['^Lamps']\n"
    root = page(tmp_path / "a", f"<html><body><h1>Lamps</h1><p>{prose(1)}.</p></body></html>")
    outlets = root / "raw/outlets/courier.toml"
    outlets.write_text(outlets.read_text().replace("[rights]", f"{rule}[rights]"))
    (root / "raw/captures/notes.txt").write_text(
        f"Ferry stops at the quay\n\nLamps\n\n{prose(3)}.\n"
    )
    (root / "raw/captures/notes.txt.toml").write_text(SIDECAR.replace("/50", "/51"))
    told = run("validate", root, "--verbose").stdout
    assert "notes.txt: error MF404: " in told
    assert "or outside its outlet's bounds" in told
    assert (
        "page.html: error MF404: no text was found on the page within its outlet's bounds" in told
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "ab cd ef " * 600_000},
        {"text": "ab\n" * 100_001},
        {"paragraphs": ["ab"] * 100_001},
        {"paragraphs": ["ab cd " * 50_000] * 20},
        {"text": "ab cd", "annotations": [{"name": "a", "value": str(n)} for n in range(1001)]},
    ],
)
def test_a_record_has_the_limits_of_a_text(tmp_path: Path, fields: dict[str, object]) -> None:
    """Its text, its paragraphs, and what is judged of it."""
    root = write(tmp_path / "a", [record(1)])
    long = {key: value for key, value in record(2).items() if key != "text"} | fields
    add_lines(root, "long.jsonl", long)
    release = build(root)
    assert [row["codes"] for row in release.rows("rejected")] == [["MF318"]]
    assert len(release.rows("articles")) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"a": [' + ",".join(["{}"] * 400_000) + "]}", "objects, the limit is 50,000"),
        ('{"a": [' + ",".join(['{"b":1}'] * 200_000) + "]}", "objects, the limit is 50,000"),
        ('{"a": [' + ",".join(['""'] * 900_000) + "]}", "strings, the limit is 500,000"),
    ],
)
def test_a_line_that_would_fill_the_memory_is_not_parsed(line: str, told: str) -> None:
    """A line of 60 MB may hold 20 million objects of 64 bytes."""
    assert told in str(crowded(line.encode()))


def test_pages_in_records_may_hold_programs_and_data() -> None:
    """What is quoted is no object."""
    data = json.dumps([{"a": n, "b": {}} for n in range(60_000)])
    page = f"<html><script>{data}</script><style>{'a { b: c } ' * 60_000}</style></html>"
    assert crowded(json.dumps({"html": page}).encode()) is None


def test_a_table_that_ends_within_a_quotation_mark(tmp_path: Path, run: Run) -> None:
    """It was cut on its way; a text that is cut would be taken for a whole one."""
    root = write(tmp_path / "a", [record(1)])
    rows = "url,title,text\n" + "".join(
        f'https://courier.example/2024/05/{n},Piece {n},"{prose(n)}, ""so"" they say"\n'
        for n in (1, 2)
    )
    (tmp_path / "cut.csv").write_text(rows[:-5])
    done = run("add", tmp_path / "cut.csv", "--archive", root)
    assert done.returncode == 3
    assert "it ends within a quotation mark: the file is cut short" in done.stderr
    (tmp_path / "nul.csv").write_text(rows.replace("Piece 2", "Piece\0 2"))
    done = run("add", tmp_path / "nul.csv", "--archive", root)
    assert "NUL characters" in done.stderr
    assert "1 fit, 1 refused" in done.stderr


@pytest.mark.parametrize("name", ["tagmanifest-sha256.txt", "manifest-sha256.txt"])
def test_manifests_that_are_pipes_or_no_text(tmp_path: Path, run: Run, name: str) -> None:
    """Nothing waits for what nobody writes."""
    root = write(tmp_path / "a", [record(1)])
    file = build(root).root / name
    add_lines(root, "more.jsonl", record(2))
    whole = file.read_bytes()
    file.unlink()
    os.mkfifo(file)
    done = run("build", root)
    assert done.returncode == 3
    assert f"{name}: the file is missing" in done.stderr
    file.unlink()
    file.write_bytes(b"\xff" + whole)
    done = run("build", root)
    assert done.returncode == 3
    assert f"{name}: byte 0 is no UTF-8" in done.stderr
