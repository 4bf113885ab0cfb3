"""Reading one page or text, on the command line and in Python."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import microfiche
from conftest import Run
from microfiche.errors import UsageError
from small import build, outlet, prose, record, write

PAGE = """<html><head><title>Dredger comes back | The Quay</title>
<meta property="article:published_time" content="2021-10-12T08:15:00Z"></head><body>
<nav>Home News Sport</nav><article><h1>Dredger comes back</h1>{}</article></body></html>"""
BODY = [
    "The dredger that left the northern basin in spring came back on Monday, and its crew began at "
    "once to clear the channel that the autumn storms had filled with sand.",
    "Work will go on at night as well, the harbour office said, because the ferry needs the deep "
    "water by the first of December and cannot wait for the second crane.",
]
TEXT = "\n\n".join(
    ["The Quay", "Dredger comes back", "By Ada Quill", "12 October 2021, 08:15", *BODY]
)


def test_a_page_and_its_text_say_the_same() -> None:
    """The same headline, day and paragraphs; each field with the place that it was read from."""
    page = microfiche.read(PAGE.format("".join(f"<p>{each}</p>" for each in BODY)), name="The Quay")
    text = microfiche.read(TEXT.encode(), name="The Quay")
    assert page.title == text.title == "Dredger comes back"
    assert page.text.split("\n\n") == text.text.split("\n\n") == BODY
    assert page.published == "2021-10-12"
    assert text.published == "2021-10-12T08:15:00"
    assert text.byline == ("Ada Quill",)
    assert text.field_sources["published"] == ("text", "date below the headline")
    assert (page.outcome, page.access) == ("article", "full")


def test_a_day_in_the_address() -> None:
    """Where the text states none; an address that is none is refused."""
    text = "\n\n".join(["Dredger comes back", *BODY])
    found = microfiche.read(text, url="https://quay.example/news/2021/10/12/dredger")
    assert found.published == "2021-10-12"
    assert found.field_sources["published"] == ("url", "the day in the address")
    for wrong in ({"url": "quay"}, {"mode": "slow"}):
        with pytest.raises(UsageError):
            microfiche.read(text, **wrong)


def test_a_notice_is_no_article() -> None:
    """Its outcome says what it is, and no text is given."""
    found = microfiche.read("This domain has been seized by the harbour police.")
    assert (found.outcome, found.text) == ("seizure_notice", "")


def test_the_command(tmp_path: Path, run: Run) -> None:
    """Fields with their sources, lines with their kinds, JSON; outlet files of an archive."""
    file = tmp_path / "saved.txt"
    file.write_text(TEXT)
    shown = run("read", file, "--name", "The Quay")
    assert shown.returncode == 0, shown.stderr
    assert "title: Dredger comes back  (text: " in shown.stdout
    assert shown.stdout.endswith(BODY[-1] + "\n")
    told = json.loads(run("read", file, "--format", "json").stdout)
    assert told["published"] == "2021-10-12T08:15:00"
    assert len(json.loads(run("read", file, file, "--format", "json").stdout)) == 2
    lines = run("read", file, "--lines").stdout.splitlines()
    assert [each.split()[0] for each in lines[-2:]] == ["text", "text"]
    root = write(tmp_path / "archive", [record(1)], outlet())
    known = run("read", file, "--archive", root, "--outlet", "courier")
    assert known.returncode == 0, known.stderr
    for arguments, code in (
        (("0123456789abcdef0123", "--archive", root), 2),
        (("0123456789abcdef0123",), 2),
        ((tmp_path / "none.txt",), 2),
        ((file, "--outlet", "courier"), 2),
        ((file, "--archive", root, "--outlet", "nobody"), 2),
        ((file, "--url", "nowhere"), 2),
    ):
        done = run("read", *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


def test_a_capture_of_an_archive_is_read_by_its_id(tmp_path: Path, run: Run) -> None:
    """A text in a file and a record in a line, with their own outlet and address, line by line."""
    root = write(tmp_path / "a", [record(1, title="A record")], outlet())
    text = f"Home\n\nA headline of the quay\n\n3 May 2024\n\n{prose(3)}.\n\n{prose(4)}.\n"
    (root / "raw" / "captures" / "t.txt").write_text(text)
    (root / "raw" / "captures" / "t.txt.toml").write_text(
        'url = "https://courier.example/2024/05/3"\nretrieved_at = 2025-01-01T00:00:00Z\n'
    )
    release = build(root)
    ids = {row["source_file"]: row["capture_id"] for row in release.rows("captures")}
    for name, title in (("t.txt", "A headline of the quay"), ("records.jsonl", "A record")):
        for released in (True, False):
            if not released and (root / "dist").exists():
                shutil.rmtree(root / "dist")
            done = run("read", ids[f"captures/{name}"], "--archive", root)
            assert f"title: {title}" in done.stdout, done.stderr
        release = build(root)
    lines = run("read", ids["captures/t.txt"], "--archive", root, "--lines").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["breadcrumb", "title", "date", "text", "text"]
    kinds = run("read", ids["captures/records.jsonl"], "--archive", root, "--lines").stdout
    assert kinds.split()[0] == "title"
