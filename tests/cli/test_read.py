"""Reading one page or text, on the command line and in Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import microfiche
from conftest import Run
from microfiche.errors import UsageError
from small import outlet, record, write

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
        ((tmp_path / "none.txt",), 2),
        ((file, "--outlet", "courier"), 2),
        ((file, "--archive", root, "--outlet", "nobody"), 2),
        ((file, "--url", "nowhere"), 2),
    ):
        done = run("read", *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
