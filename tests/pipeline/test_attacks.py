"""Inputs that once broke something: each stands for a fault that was mended."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from hosts import A, capture, released
from microfiche.dates.printed import read_date_line
from microfiche.extract.boilerplate import is_hosts
from microfiche.library import open_archive, open_release, verify
from microfiche.pipeline import BuildOptions
from microfiche.pipeline.promises import resolvable
from small import add_lines


def built(root: Path, **options: Any) -> Any:
    """The release of an archive, with one worker and a fixed day."""
    given = {"workers": 1, "date": "2026-01-01"} | options
    return open_archive(root).build(BuildOptions(**given)).release


def everything(root: Path) -> str:
    """All a release says: its pages, and its tables decoded."""
    release = open_release(root)
    rows = [release.rows(entry["name"]) for entry in release.manifest["tables"]]
    pages = [
        file.read_text("utf-8")
        for file in root.rglob("*")
        if file.suffix in (".md", ".json", ".jsonl", ".cff")
    ]
    return json.dumps(rows, ensure_ascii=False) + "".join(pages)


def test_privacy_takes_observations_along(tmp_path: Path) -> None:
    """Nothing of a withdrawn article stays, even when only an observation of its address is left."""
    first = released(tmp_path, capture(1, url=A, at="2020-01-01T00:00:00Z"), capture(2))
    article = next(row for row in first.rows("articles") if row["url"])
    add_lines(tmp_path, "r.jsonl", capture(2))
    add_lines(tmp_path, "retrievals.jsonl", {"url": A, "http_status": 410, "notes": "Jane Doe"})
    line = {
        "article_id": article["article_id"],
        "reason": "privacy",
        "date": "2026-01-01",
        "authority": "d",
    }
    (tmp_path / "raw" / "withdrawals.jsonl").write_text(json.dumps(line) + "\n")
    release = built(tmp_path)
    assert release.version == "2.0.0"
    assert "Jane Doe" not in everything(release.root)
    assert A not in everything(release.root)


def test_rejected_rows_hold_nothing_of_the_capture(tmp_path: Path) -> None:
    """Codes and places, never the text or the password that a finding quotes on the screen."""
    release = released(
        tmp_path,
        capture(1),
        capture(2, paragraphs=["JANE DOE"]),
        capture(3, url="http://user:SECRET@host:99999/"),
    )
    assert len(release.rows("rejected")) == 2
    assert "JANE DOE" not in json.dumps(release.rows("rejected"))
    assert "SECRET" not in everything(release.root)


@pytest.mark.parametrize("date", ["2024-01/..", "2001/2002?", "2024-01-XX", "2024", "", "20240101"])
def test_a_day_of_issue_is_one_day(archive: Path, run: Run, date: str) -> None:
    """Anything else is a usage error, and nothing is put in place."""
    done = run("build", archive, "--date", date)
    assert done.returncode == 2
    assert "YYYY-MM-DD" in done.stderr
    assert not list((archive / "dist").glob("*"))


def test_numbers_that_are_integers_to_json_schema(tmp_path: Path) -> None:
    """200.0 is an integer to a validator and a float to everybody else: the release verifies."""
    release = released(tmp_path, capture(1, url=A, retrieval={"http_status": 200.0}))
    assert [verdict.faults for verdict in verify(release.root) if not verdict.ok] == []


@pytest.mark.parametrize("title", ["News ---", "A\n---\nB: c", "--- x", "%YAML", "# no"])
def test_titles_that_look_like_yaml(archive: Path, title: str) -> None:
    """The card's front matter ends where it ends."""
    text = (archive / "raw" / "dataset.toml").read_text("utf-8")
    (archive / "raw" / "dataset.toml").write_text(text.replace('"A case"', json.dumps(title)))
    release = built(archive)
    assert [
        verdict.faults
        for verdict in verify(release.root, load=title == "News ---")
        if not verdict.ok
    ] == []


def test_queries_in_other_encodings_stay_apart(tmp_path: Path) -> None:
    """Escapes that are no UTF-8 are kept, not read as the same damage."""
    urls = [f"https://courier.example/?q=%{code}" for code in ("E8", "E9")]
    release = released(tmp_path, *(capture(n, url=url) for n, url in enumerate(urls)))
    assert sorted(row["url"] for row in release.rows("articles")) == urls


def test_every_observation_counts(tmp_path: Path) -> None:
    """Two outcomes without a time are two rows; a name too long loses only its own line."""
    released(tmp_path, capture(1, url=A))
    url = "https://courier.example/x"
    lines = [{"url": url, "outcome": outcome} for outcome in ("gone", "blocked")]
    add_lines(
        tmp_path,
        "retrievals.jsonl",
        {"path": "a" * 300},
        *lines,
        {"url": "https://[::1]/", "outcome": "gone"},
    )
    release = built(tmp_path)
    outcomes = [row["outcome"] for row in release.rows("captures") if row["url"] == url]
    assert sorted(outcomes) == ["blocked", "gone"]
    codes = sorted(code for row in release.rows("rejected") for code in row["codes"])
    assert codes == ["MF310", "MF405"]


def test_values_are_never_dropped_silently(tmp_path: Path) -> None:
    """A time that UTC cannot state rejects the capture; an address in an address stays whole."""
    memento = "https://web.archive.example/web/2024/https://courier.example/a"
    release = released(
        tmp_path,
        capture(1, url=A, retrieval={"memento_url": memento}),
        capture(2, at="0999-01-01T00:00:00Z"),
        capture(3, at="2024-01-01 00:00:00Z"),
    )
    assert release.rows("captures")[0]["memento_url"] == memento
    assert sorted(row["codes"][0] for row in release.rows("rejected")) == ["MF309", "MF401"]


def test_chains_of_aliases_resolve() -> None:
    """A to b to c to an article, in any order of lines."""
    links = [("a", "b"), ("b", "c"), ("c", "x")]
    for order in (links, links[::-1]):
        aliases = [{"old_id": old, "new_id": new} for old, new in order]
        assert resolvable(["x"], aliases) == {"a", "b", "c", "x"}


def test_names_that_print_alike_are_two_files(archive: Path, run: Run) -> None:
    """Bytes that are no UTF-8 are shown escaped, without two names becoming one."""
    folder = os.fsencode(archive / "raw" / "captures")
    for name in (b"bad\xff.txt", b"bad\\udcff.txt", b"\x1b[31m.txt"):
        Path(os.fsdecode(folder + b"/" + name)).write_text("")
    done = run("build", archive, "--date", "2026-01-01")
    assert done.returncode == 0
    assert "\x1b" not in done.stderr
    release = open_release(archive / "dist" / "case" / "1.0.0")
    assert len(release.rows("rejected")) == 3


def test_lines_made_to_take_forever() -> None:
    """A line of a thousand dots is looked at in no time."""
    begun = time.monotonic()
    assert not is_hosts("aaaaaaaaaa." * 26 + "!")
    assert read_date_line("1" * 119) is None
    assert time.monotonic() - begun < 5
