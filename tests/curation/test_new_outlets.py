"""An outlet that nobody knows: a folder of its pages, two commands, and every page builds."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from conftest import Run
from microfiche.library import open_archive
from site_pages import HOST, NAME, pages
from small import build, prose


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """Thirty saved pages, each with its retrieval record."""
    folder = tmp_path / "held"
    folder.mkdir()
    for number, page in enumerate(pages()):
        (folder / f"{number:02}.html").write_text(page.html, "utf-8")
        record = f'url = "{page.url}"\nretrieved_at = 2024-02-{number % 28 + 1:02}T09:00:00Z\n'
        (folder / f"{number:02}.html.toml").write_text(record)
    return folder


def test_thirty_pages_of_an_outlet_without_a_file(tmp_path: Path, run: Run, held: Path) -> None:
    """What is written is what the pages show; with it each of them builds, and reads right."""
    root = tmp_path / "a"
    run("init", root, "--name", "observer", "--title", "Observer")
    planned = run("add", held, "--archive", root, "--dry-run")
    assert planned.returncode == 0
    assert "30 files of 30 captures, 0 refused" in planned.stderr
    assert f"by host: {HOST.removeprefix('www.')} 30" in planned.stderr.replace("www.", "")
    assert "by month of retrieval: 2024-02 30" in planned.stderr
    assert "of no outlet yet: tollmarchobserver.example 30" in planned.stderr
    assert not list((root / "raw" / "captures").rglob("*.html"))
    assert run("add", held, "--archive", root).returncode == 0
    again = run("add", held, "--archive", root)
    assert again.stdout.count("already there") == 30
    assert "30 already there: files" in again.stderr
    written = run("outlets", "--new", "--all", "--archive", root)
    assert "2 lines that recur" in written.stdout
    file = root / "raw" / "outlets" / "tollmarchobserver-example.toml"
    stated = tomllib.loads(file.read_text("utf-8"))
    assert (stated["name"], stated["languages"]) == (NAME, ["en"])
    assert [each["host"] for each in stated["domains"]] == [HOST]
    assert "as the titles of its pages end: 30 of 30" in file.read_text("utf-8")
    assert "en-GB as its pages state: 30 of 30" in file.read_text("utf-8")
    assert [each["pattern"] for each in stated["urls"]] == ["^/news/(?P<id>[0-9]{5,12})[-_/]"]
    learned = tomllib.loads(file.with_suffix(".boilerplate.toml").read_text("utf-8"))
    assert sorted(each["line"] for each in learned["lines"]) == [
        "Do you know more? Write to our newsroom at the old customs house.",
        "The Observer is printed on Fridays and costs two crowns.",
    ]
    rows = build(root).rows("articles")
    assert len(rows) == 30
    right = {page.url: page for page in pages()}
    for row in rows:
        page = right[row["url"]]
        assert (row["title"], row["byline"]) == (page.title, [page.byline])
        assert row["published"] == page.published
        assert row["text"] == "\n\n".join(page.paragraphs)


def test_three_hundred_articles_on_29_hosts(tmp_path: Path, run: Run) -> None:
    """A table, one command for its outlets, and a build: nothing else."""
    root = tmp_path / "a"
    run("init", root, "--name", "many", "--title", "Many")
    lines = [
        json.dumps(
            {
                "url": f"https://www.host{n % 29}.example/2020/{n}",
                "text": prose(n, 60),
                "title": f"Headline {n}",
                "date": "2020-05-04",
            }
        )
        for n in range(300)
    ]
    (tmp_path / "t.json").write_text(f"[{','.join(lines)}]")
    assert run("add", tmp_path / "t.json", "--archive", root).returncode == 0
    written = run("outlets", "--new", "--all", "--archive", root)
    assert len(written.stdout.splitlines()) == 29
    rows = build(root).rows("articles")
    assert len(rows) == 300
    assert len(Counter(row["outlet_id"] for row in rows)) == 29
    assert not [each for each in open_archive(root).validate().findings if each.severity == "error"]


def test_one_page_of_an_unknown_host_is_kept_and_named(tmp_path: Path, run: Run) -> None:
    """With the command that drafts its outlet; without an address it is refused."""
    root, page = tmp_path / "a", pages(1)[0]
    run("init", root, "--name", "one", "--title", "One")
    (tmp_path / "p.html").write_text(page.html, "utf-8")
    added = run("add", tmp_path / "p.html", "--archive", root, "--url", page.url)
    assert (added.returncode, "is of no outlet yet" in added.stdout) == (0, True)
    assert f"next: microfiche outlets --new {HOST}" in added.stderr
    refused = run("validate", root)
    assert refused.returncode == 3
    assert "run `microfiche outlets --new www.tollmarchobserver.example`" in refused.stdout
    assert run("outlets", "--new", HOST, "--archive", root).returncode == 0
    assert len(build(root).rows("articles")) == 1
    (tmp_path / "t.txt").write_text("A text of no address.\n\nIt names nobody.\n")
    nothing = run("add", tmp_path / "t.txt", "--archive", root)
    assert nothing.returncode == 3
    assert "it states no address, and its text names no known outlet" in nothing.stderr


def test_a_name_that_titles_end_in_claims_exports_of_it(
    tmp_path: Path, run: Run, held: Path
) -> None:
    """One outlet of its pages and of a table that spells its name; two that are called so are told."""
    root = tmp_path / "a"
    run("init", root, "--name", "both", "--title", "Both")
    (tmp_path / "t.csv").write_text(f'publication,text,title\nThe {NAME},"{prose(1, 60)}",One\n')
    assert run("add", held, tmp_path / "t.csv", "--archive", root).returncode == 0
    written = run("outlets", "--new", "--all", "--archive", root).stdout
    assert [line for line in written.splitlines() if line.endswith("captures")] == [
        f"tollmarchobserver-example: {root / 'raw/outlets/tollmarchobserver-example.toml'}: 31 captures"
    ]
    assert {row["outlet_id"] for row in build(root).rows("articles")} == {
        "tollmarchobserver-example"
    }
    twin = (root / "raw/outlets/tollmarchobserver-example.toml").read_text("utf-8")
    twin = twin.replace('id = "tollmarchobserver-example"', 'id = "twin"').partition("[[domains]]")[
        0
    ]
    (root / "raw/outlets/twin.toml").write_text(twin, "utf-8")
    told = run("validate", root).stdout
    assert "is of tollmarchobserver-example and twin, which are called so" in told


def test_what_stands_beside_a_named_file_goes_along(tmp_path: Path, run: Run, held: Path) -> None:
    """Its sidecar; what an option states comes first."""
    root = tmp_path / "a"
    run("init", root, "--name", "one", "--title", "One")
    run("outlets", "--new", HOST, "--archive", root)
    done = run("add", held / "00.html", held / "01.html", "--archive", root, "--note", "by hand")
    assert done.returncode == 0
    captures = build(root).rows("captures")
    assert {row["url"] for row in captures} == {page.url for page in pages(2)}
    assert {row["notes"] for row in captures} == {"by hand"}
    assert all(row["retrieved_at"] for row in captures)


@pytest.mark.parametrize(
    ("shape", "patterns"),
    [
        (
            "/artikel/2023/05/{day:02}/slug-{n},{id}.html",
            [
                r"^/artikel/[0-9]+/[0-9]+/.*[-_/,](?P<id>[0-9]{6,12})(?:\.s?html?|\.php|/)?$",
                r"^/artikel/(?P<year>[12][0-9]{3})/(?P<month>[01]?[0-9])/(?P<day>[0-3]?[0-9])/",
            ],
        ),
        (
            "/story?id={id}",
            [r"^/[^/]*[?&](?:id|aid|newsid|article_?id|p)=(?P<id>[0-9]{6,12})(?:&|$)"],
        ),
        ("/{id}/slug-{n}", [r"^/(?P<id>[0-9]{6,12})[-_/]"]),
        ("/a{n}/{id}-slug", []),
        ("/slug-{n}", []),
    ],
)
def test_patterns_are_bound_to_what_all_addresses_have(
    tmp_path: Path, run: Run, shape: str, patterns: list[str]
) -> None:
    """What only some folders have is no pattern."""
    root = tmp_path / "a"
    run("init", root, "--name", "x", "--title", "X")
    rows = [
        {
            "url": f"https://x.example{shape.format(n=n, id=600_000 + 7 * n, day=n % 28 + 1)}",
            "text": prose(n, 60),
            "title": f"Headline {n}",
        }
        for n in range(20)
    ]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    run("add", tmp_path / "t.json", "--archive", root)
    run("outlets", "--new", "--all", "--archive", root)
    stated = tomllib.loads((root / "raw/outlets/x-example.toml").read_text("utf-8"))
    assert [each["pattern"] for each in stated.get("urls", ())] == patterns
    assert len(build(root).rows("articles")) == 20
