"""What the tools that people use make of one page: read alike, whatever it came in.

The files of tests/containers/ were made by the tools themselves (tests/builders/containers.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from microfiche.library import Release
from small import build, outlet, write

FOLDER = Path(__file__).parents[1] / "containers"
URL = "http://courier.example/2024/05/17/14-ferry-timetable"
OTHERWISE = ("provenance", "record_sha256")
CONTAINERS = (
    "wget.warc.gz", "crawl.wacz", "chromium.mhtml", "chromium.har", "single-file.html", "pywb.html",
)  # fmt: skip
PRESETS = ("trafilatura.jsonl", "newspaper.jsonl", "news-please.jsonl", "fundus.json")


def archive_of(root: Path) -> Path:
    """An archive of one outlet without captures."""
    write(root, [], outlet())
    (root / "raw" / "captures" / "records.jsonl").unlink()
    return root


def article(release: Release) -> dict[str, Any]:
    """The one article of a release, without where it comes from."""
    (row,) = release.rows("articles")
    return {key: value for key, value in row.items() if key not in OTHERWISE}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The article as the page itself gives it."""
    root = archive_of(tmp_path_factory.mktemp("page") / "a")
    file = root / "raw" / "captures" / "page.html"
    shutil.copyfile(FOLDER / "page.html", file)
    record = f'url = "{URL}"\nretrieved_at = 2026-11-29T17:00:00Z\n'
    file.with_name("page.html.toml").write_text(record)
    found = article(build(root))
    assert found["title"] == "Ferry to keep its winter timetable until the quay is mended"
    assert found["published_at"] == "2024-05-17T06:30:00.000000Z"
    assert found["n_paragraphs"] == 5
    return found


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_gives_the_article_of_its_page(
    tmp_path: Path, run: Run, expected: dict[str, Any], name: str
) -> None:
    """In every column but provenance, by `add` alone; with the time at which it was retrieved."""
    root = archive_of(tmp_path / "a")
    added = run("add", FOLDER / name, "--archive", root)
    assert added.returncode == 0, added.stderr
    release = build(root)
    assert article(release) == expected
    (capture,) = release.rows("captures")
    assert capture["retrieved_at"].startswith("2026-11-29T1")
    assert capture["url"] == URL


def test_all_of_them_are_one_article(tmp_path: Path, run: Run, expected: dict[str, Any]) -> None:
    """Of one revision."""
    root = archive_of(tmp_path / "a")
    assert run("add", *(FOLDER / name for name in CONTAINERS), "--archive", root).returncode == 0
    release = build(root)
    assert article(release) == expected
    assert len(release.rows("captures")) == len(CONTAINERS) - 1  # the WACZ holds the WARC


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_tool_read_is_added_by_its_preset(
    tmp_path: Path, run: Run, expected: dict[str, Any], name: str
) -> None:
    """Headline, byline, day and text, without the headline and the day told again in the text."""
    root = archive_of(tmp_path / "a")
    preset = name.partition(".")[0]
    added = run("add", FOLDER / name, "--preset", preset, "--archive", root)
    assert added.returncode == 0, added.stderr
    assert "1 row\n" in added.stderr
    run("outlets", "--new", "--all", "--archive", root)
    row = article(build(root))
    for column in ("title", "byline", "published"):
        assert row[column] == expected[column], column
    paragraphs = expected["text"].split("\n\n")
    assert row["text"].split("\n\n")[:2] == paragraphs[:2]
    assert set(paragraphs) <= set(row["text"].split("\n\n"))
