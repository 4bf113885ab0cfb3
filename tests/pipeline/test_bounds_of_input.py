"""Input that is too much, or says what cannot be: bounded in time, and named."""

from __future__ import annotations

import codecs
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from conftest import Run
from microfiche.captures.http import read_message
from microfiche.captures.wacz import _stated_digests
from microfiche.dates.printed import _clock, _moment
from microfiche.errors import DataError
from microfiche.outlets.checking import check_entry
from small import build, outlet, prose, record, write

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
