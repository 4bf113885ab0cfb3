"""Citations and views of a release."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import Run
from small import build, record, write


def test_citations_of_undated_articles_are_dated_by_the_release(tmp_path: Path) -> None:
    """DataCite demands a year; the article still has no date of its own."""
    undated = record(1, url="https://courier.example/x/1")
    del undated["published"]
    release = build(write(tmp_path / "a", [undated]), date="2025-12-31")
    (article,) = release.rows("articles")
    cited = json.loads(release.cite("datacite", article=article["article_id"]))
    assert cited["publicationYear"] == "2025"
    assert "dates" not in cited


def test_show_leaves_no_words_of_an_article_out(tmp_path: Path, run: Run) -> None:
    """What was taken off the text, or stands beside it; and diff names two datasets as such."""
    words = {"dateline": "HARBOUR", "captions": ["A lamp"], "keywords": ["tide"], "language": "en"}
    release = build(write(tmp_path / "a", [record(1, **words)]))
    shown = run("show", release.root, "courier:n-1").stdout
    for line in ("dateline:      HARBOUR", "caption: A lamp", "keywords:      tide"):
        assert line in shown.splitlines()
    assert "language:      en" in shown
    assert "two datasets" in run("diff", "gazette", release.root).stdout
    assert "two datasets" not in run("diff", release.root, release.root).stdout
