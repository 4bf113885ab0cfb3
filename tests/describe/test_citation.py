"""Citations and views of a release."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import citeproc
import citeproc.source.json
import pybtex.database
import pytest
import rispy
import yaml

from conftest import Run
from microfiche.errors import DataError
from microfiche.library import Release, open_archive
from microfiche.schema import record_type
from small import build, outlet, record, write

DATASET = """name = "press"
title = "Press & 100% of {captures}_x"
license = "CC0-1.0"
publisher = "Harbour Library"
base_url = "https://data.library.example/"
[[creators]]
name = "Ada-Maria M. van der Quill"
given_name = "Ada-Maria M."
family_name = "van der Quill"
orcid = "0000-0002-1825-0097"
[[creators]]
name = "Harbour Library and Archive"
type = "organization"
[[creators]]
name = "Nguyễn Văn A"
type = "person"
"""
BYLINE = ["Ada Quill", "Desk and Wire"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of people and an organisation, with an awkward headline and a withheld outlet."""
    root = tmp_path_factory.mktemp("a")
    records = [
        record(1, title="Café \\ {braces}_x ~ ^ # $ %", byline=BYLINE),
        record(2, title="Ferry tolls rise again"),
        record(1, host="herald.example", title="Ferry tolls fall"),
        record(
            1, host="courier-mirror.example", byline=BYLINE, title="Café \\ {braces}_x ~ ^ # $ %"
        ),
    ]
    records[-1]["retrieval"] = {"retrieved_at": "2026-02-03T04:05:06Z", "method": "crawler"}
    write(root, records, outlet(), outlet("herald"))
    (root / "raw" / "dataset.toml").write_text(DATASET)
    return root


@pytest.fixture(scope="module")
def full(root: Path) -> Release:
    """The full release."""
    return build(root)


@pytest.fixture(scope="module")
def public(root: Path, full: Release) -> Release:
    """The public one of the same records."""
    return build(root, "public")


def test_bibtex_is_read_back(full: Release) -> None:
    """By pybtex: persons apart, organisations whole, nothing lost, nothing run."""
    (entry,) = pybtex.database.parse_string(full.cite(), "bibtex").entries.values()
    people = [(p.first_names, p.middle_names, p.last_names) for p in entry.persons["author"]]
    assert people == [
        (["Ada-Maria"], ["M."], ["{van der Quill}"]),
        ([], [], ["{Harbour Library and Archive}"]),
        ([], [], ["{Nguyễn Văn A}"]),
    ]
    assert entry.key == "press-1.0.0"
    assert entry.fields["version"] == "1.0.0, full release"
    assert entry.fields["url"] == "https://data.library.example/press/1.0.0/"
    cited = full.cite(article="courier:n-1")
    (article,) = pybtex.database.parse_string(cited, "bibtex").entries.values()
    assert [str(each) for each in article.persons["author"]] == ["{Ada Quill}", "{Desk and Wire}"]
    assert article.fields["urldate"] == "2026-02-03"


def test_csl_is_read_back(full: Release) -> None:
    """By citeproc: a reference in a style of its own."""
    for cited, expected in (
        (full.cite("csl"), r"van der Quill.*Harbour Library and Archive.*Press & 100% of"),
        (full.cite("csl", article="courier:n-1"), r"Ada Quill.*Desk and Wire.*2024"),
    ):
        items = json.loads(cited)
        source = citeproc.source.json.CiteProcJSON(items)
        style = citeproc.CitationStylesStyle("harvard-cite-them-right", validate=False)
        made = citeproc.CitationStylesBibliography(style, source, citeproc.formatter.plain)
        made.register(citeproc.Citation([citeproc.CitationItem(items[0]["id"])]))
        (line,) = (str(each) for each in made.bibliography())
        assert re.search(expected, line), line
    (dataset,) = json.loads(full.cite("csl"))
    assert dataset["author"][0] == {"family": "van der Quill", "given": "Ada-Maria M."}
    (article,) = json.loads(full.cite("csl", article="courier:n-1"))
    assert article["accessed"] == {"date-parts": [[2026, 2, 3]]}


def test_ris_is_read_back(full: Release) -> None:
    """By rispy."""
    (dataset,) = rispy.loads(full.cite("ris"))
    assert dataset["authors"] == [
        "van der Quill, Ada-Maria M.",
        "Harbour Library and Archive",
        "Nguyễn Văn A",
    ]
    (article,) = rispy.loads(full.cite("ris", article="courier:n-1"))
    assert (article["type_of_reference"], article["access_date"]) == ("NEWS", "2026/02/03")


def test_cff_and_apa_have_people_and_organisations(full: Release) -> None:
    """CITATION.cff is the same as `cite --style cff`; cffconvert reads it in another test."""
    page = yaml.safe_load(full.cite("cff"))
    assert full.read("CITATION.cff").decode() == full.cite("cff")
    assert page["authors"] == [
        {
            "family-names": "van der Quill",
            "given-names": "Ada-Maria M.",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
        },
        {"name": "Harbour Library and Archive"},
        {"name": "Nguyễn Văn A"},
    ]
    assert full.cite("apa").startswith(
        "van der Quill, A.-M. M., Harbour Library and Archive, & Nguyễn Văn A. (2026). "
        "Press & 100% of {captures}_x (Version 1.0.0, full release) [Data set]. Harbour Library. "
    )
    article = full.cite("apa", article="courier:n-1")
    assert "(2024, January 10)" in article
    assert "Retrieved February 3, 2026, from https://courier.example/2024/01/1." in article


@pytest.mark.parametrize("style", ["bibtex", "apa", "ris", "csl", "cff"])
def test_full_and_public_never_share_a_citation(full: Release, public: Release, style: str) -> None:
    """Of the release, of an article, of a subset: each says which it is."""
    for more in ({}, {"article": "courier:n-1"}, {"where": "n_words > 1"}):
        one, other = full.cite(style, **more), public.cite(style, **more)
        assert one != other
        assert "full release" in " ".join(one.split())
        assert "public release" in " ".join(other.split())


def test_a_capture_is_cited_with_its_own_address_and_day(full: Release) -> None:
    """Not with those of the article's others; one that shows none is refused."""
    rows = {row["host"]: row for row in full.rows("captures")}
    cited = full.cite(article=rows["courier.example"]["capture_id"])
    assert "url = {https://courier.example/2024/01/1}" in cited
    assert "urldate = {2025-01-01}" in cited
    assert f"capture {rows['courier.example']['capture_id']}" in cited
    keys = [
        re.match(r"@\w+{([^,]+),", full.cite(article=each))[1]  # type: ignore[index]
        for each in ("courier:n-1", *(row["capture_id"] for row in rows.values()))
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("https://courier.example/2024/01/1", "courier:n-1"),
        ("http://courier-mirror.example/2024/01/1/", "courier:n-1"),
        ("HTTP://WWW.courier.example:80/2024/01/1?utm_source=x", "courier:n-1"),
        ("courier.example/2024/01/1", "courier:n-1"),
        ("https://courier-mirror.example/2024/02/2", "courier:n-2"),
        ("courier:n-2", "courier:n-2"),
        ("n-2", "courier:n-2"),
        ("FERRY tolls rise", "courier:n-2"),
        ("tolls fa", "herald:n-1"),
    ],
)
def test_an_article_is_found_by_what_is_known_of_it(full: Release, wanted: str, found: str) -> None:
    """Any address of it on any host, the beginning of its id, words of its headline."""
    assert full.find(wanted) == found
    assert full.cite(article=wanted) == full.cite(article=found)


def test_what_means_none_or_several_is_told(full: Release, run: Run) -> None:
    """With the articles that fit."""
    with pytest.raises(
        DataError,
        match=r"2 articles are meant by ferry tolls, give an id:\n  herald:n-1 2024-01-10",
    ):
        full.find("ferry tolls")
    for wanted in ("https://courier.example/2024/09/9", "https://else.example/2024/01/1", "zebra"):
        with pytest.raises(DataError, match="neither an id, nor an address"):
            full.find(wanted)
    shown = run("show", full.root, "https://courier-mirror.example/2024/02/2")
    assert shown.stdout.startswith("Ferry tolls rise again\n")


def test_creators_stated_family_first_are_people(tmp_path: Path, run: Run) -> None:
    """`init --creator "Quill, Ada"`."""
    run("init", tmp_path / "a", "--name", "a", "--title", "A",
        "--creator", "Quill, Ada", "--creator", "Town Library")  # fmt: skip
    held = tomllib.loads((tmp_path / "a" / "raw" / "dataset.toml").read_text())
    assert held["creators"] == [
        {"name": "Ada Quill", "given_name": "Ada", "family_name": "Quill"},
        {"name": "Town Library"},
    ]
    assert record_type("dataset").is_valid(held)


def test_the_next_release_tells_where_those_before_were_published(tmp_path: Path) -> None:
    """In release.json, on the card, in the citation; publishing alone makes none."""
    root = write(tmp_path / "a", [record(1)])
    first = build(root)
    where = "hf://datasets/library/press@v1.0.0"
    (root / "raw" / "releases.toml").write_text(
        f'[versions."1.0.0".full]\npublished = ["{where}"]\n'
    )
    assert build(root).root == first.root
    write(root, [record(1), record(2)])
    second = build(root)
    assert second.manifest["publications"] == [{"version": "1.0.0", "where": where}]
    card = second.read("README.md").decode()
    assert f"| 1.0.0 | {where} |" in card
    assert 'load_dataset("library/press", revision="v1.1.0"' in card
    assert "url = {https://huggingface.co/datasets/library/press}" in second.cite()
    assert [each for each in second.verify(rebuild=root) if not each.ok] == []
    assert build(root, "public").manifest["publications"] == []
    assert open_archive(root).findings == ()


def test_citations_of_undated_articles_are_dated_by_the_release(tmp_path: Path) -> None:
    """DataCite demands a year; the article still has no date of its own."""
    undated = record(1, url="https://courier.example/x/1")
    del undated["published"]
    release = build(write(tmp_path / "a", [undated]), date="2025-12-31")
    (article,) = release.rows("articles")
    cited = json.loads(release.cite("datacite", article=article["article_id"]))
    assert cited["publicationYear"] == "2025"
    assert {each["dateType"] for each in cited["dates"]} == {"Collected"}


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
