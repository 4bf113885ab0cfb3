"""The tutorial, the guides and the recipes are followed as written; the site is built from them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import reference
from conftest import REPOSITORY, Run
from microfiche.library import path

DOCS = REPOSITORY / "docs"
GUIDES = [DOCS / "tutorial.md", *sorted((DOCS / "guides").glob("*.md"))]
CODE = {language: re.compile(rf"(?ms)^```{language}\n(.*?)^```") for language in ("sh", "python")}
# What a guide promises to give, beside that every command ends well.
GIVES = {
    "tutorial": ["quay/dist/quayside/1.0.0/report.html"],
    "seized-domain": ["quay/dist/quayside/1.1.0"],
    "quiet-edits": ["quay/dist/quayside/1.1.0/CHANGES.md"],
    "crawl": ["quay/dist/quayside/1.1.0"],
    "spreadsheet": ["quay/dist/quayside/1.0.0"],
    "texts-without-dates": ["quay/dist/quayside/1.0.0"],
    "public-release": ["quay/dist/quayside-public/1.0.0", "mine/quayside-rehydrated/1.0.0"],
    "takedown": ["quay/dist/quayside/2.0.0"],
    "correction": ["quay/dist/quayside/1.0.0"],
    "hub": ["shelf/quayside/1.0.0/release.json"],
    "index": [],
}
SAYS = {
    "tutorial": ["built quay/dist/quayside/1.0.0\n", "Late ferry from May", "the release holds"],
    "seized-domain": ["quayside-post.example canonical article", "seizure_notice", "former"],
    "quiet-edits": ["{+, at a higher price+}", "cause: outlet", "revised quayside:n-102"],
    "crawl": ["not_found 404", "missing https://quayside.example/town/103-market-hours"],
    "spreadsheet": ["after a reader wrote in", "articles 3, captures 4"],
    "texts-without-dates": ["title", "taken out: The Quayside Post, Harbour Road"],
    "public-release": ["(restricted)", "rehydrated"],
    "takedown": ["would withdraw: quayside:n-101", "withdrawn: quayside:n-101"],
    "correction": ["Did you see the crane at work", "Steam crane to stand again"],
    "hub": ["the release holds"],
    "index": [],
}


SAYS_ONCE = {"correction": ["Did you see the crane at work"]}


def follow(page: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what a page tells one to run, block after block, in a folder."""
    script = "\n".join(CODE["sh"].findall(page.read_text("utf-8")))
    env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=env | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_page_can_be_followed(page: Path, tmp_path: Path) -> None:
    """Every command ends well, and gives and says what the page promises."""
    done = follow(page, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    for each in GIVES[page.stem]:
        assert (tmp_path / each).exists(), each
    for words in SAYS[page.stem]:
        assert words in done.stdout, words
    for words in SAYS_ONCE.get(page.stem, ()):
        assert done.stdout.count(words) == 1, "it is gone once it is mended"


@pytest.mark.parametrize(
    "number", range(len(CODE["python"].findall((DOCS / "recipes.md").read_text())))
)
def test_a_recipe_gives_something(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Each block by itself, on the Gazette."""
    block = CODE["python"].findall((DOCS / "recipes.md").read_text("utf-8"))[number]
    exec(compile(block, f"recipe {number}", "exec"), {"RELEASE": str(path("gazette"))})  # noqa: S102
    assert len(capsys.readouterr().out) > 40


def test_the_recipe_in_r_is_of_columns_that_are_there() -> None:
    """R's package is not at hand: its recipe names the same table and columns as the others."""
    (block,) = re.findall(r"(?ms)^```r\n(.*?)^```", (DOCS / "recipes.md").read_text("utf-8"))
    for name in ("data/articles", "published_earliest", "outlet_id"):
        assert name in block


def test_what_is_made_from_schemas_and_code_is_current() -> None:
    """`make gazette` writes these pages anew."""
    assert (DOCS / "schemas.md").read_text("utf-8") == reference.schemas()
    assert (DOCS / "api.md").read_text("utf-8") == reference.api()


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    """As `make docs` does: every link leads somewhere, every page is in a list."""
    words = ["--quiet", "--fail-on-warning", "--keep-going", "-b", "html", DOCS, tmp_path / "site"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *map(str, words), "-d", str(tmp_path / "trees")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert (tmp_path / "site" / "tutorial.html").is_file()
    assert "\t" + " ".join(words[:3]) in (REPOSITORY / "Makefile").read_text().replace(
        "$(BIN)/sphinx-build ", ""
    )


def test_the_pages_come_with_the_program(run: Run, tmp_path: Path) -> None:
    """Listed, shown by name, with the nearest for a wrong one; examples into a new folder."""
    listed = run("docs").stdout
    for page in DOCS.rglob("*.md"):
        assert page.relative_to(DOCS).with_suffix("").as_posix() in listed
    shown = run("docs", "guides/takedown").stdout
    assert shown == (DOCS / "guides" / "takedown.md").read_text("utf-8")
    for wrong, told in (("takedown", "guides/takedown?"), ("tutoral", "tutorial?")):
        done = run("docs", wrong)
        assert done.returncode == 2
        assert told in done.stderr
    assert run("docs", "../README").returncode == 2
    copy = tmp_path / "copy"
    assert run("docs", "--examples", copy).returncode == 0
    assert (copy / "crawl.warc").read_bytes() == (
        DOCS / "examples/quayside/crawl.warc"
    ).read_bytes()
    assert run("docs", "--examples", copy).returncode == 4
