"""Datasheet and card: open questions, placeholders and claims that the data deny."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import REPOSITORY
from microfiche.describe.claims import Known, denied, read_claims
from microfiche.describe.questions import (
    SECTIONS,
    answers,
    numbered,
    placeholders,
    read_answers,
    without_placeholders,
)
from microfiche.library import init, open_archive
from microfiche.pipeline.validation import page_findings
from small import build, record, write

DATA = Known(
    {"articles": 26, "captures": 29, "outlets": 1, "revisions": 27, "words": 8000},
    "2024-02-06",
    "2026-08-18",
    frozenset({"en", "fa", "fr"}),
)


def test_there_are_57_questions_in_seven_sections() -> None:
    """As docs/datasheet.md lists them, and as `init` writes them."""
    assert len(SECTIONS) == 7
    assert [number for number, _, _ in numbered()] == list(range(1, 58))
    page = (REPOSITORY / "docs" / "datasheet.md").read_text("utf-8")
    for number, _, question in numbered():
        assert f"| {number} | {question} |" in page


def test_the_gazettes_datasheet_answers_all() -> None:
    """Every question, with no placeholder outside of its blocks, and nothing the data deny."""
    found = read_answers((REPOSITORY / "DATASHEET.md").read_text("utf-8"))
    assert found.missing == {}
    assert found.placeholders == []
    codes = {f.code for f in open_archive(REPOSITORY).validate().findings}
    assert not codes & {"MF110", "MF111", "MF112"}


def test_a_new_archive_is_told_what_to_answer(tmp_path: Path) -> None:
    """A finding a section; blocks answer some; what is written answers the rest."""
    archive = init(tmp_path / "t", "press", "Press")
    found = [f for f in archive.validate().findings if f.code == "MF110"]
    assert [f.place for f in found] == sorted(SECTIONS)
    page = (archive.root / "DATASHEET.md").read_text()
    assert set(read_answers(page).missing["Composition"]) == {5, 7, 8, 9, *range(11, 21)}
    page = page.replace(
        "### 12. Are there recommended splits?", "### 12. Are there recommended splits?\n\nNo."
    )
    page = page.replace("### 13. ", "### 13. Errors?\n\nTBD\n\n### 99. ")
    assert set(read_answers(page).missing["Composition"]) == {5, 7, 8, 9, 11, *range(13, 21)}
    assert answers(page) == {12: "No."}


@pytest.mark.parametrize(
    "line", ["TODO", "TBD.", "To be written.", "[your name]", "<insert here>", "{fill in}", "…", "....", "____", "Lorem ipsum dolor", "(not yet answered)", "[More Information Needed]", "Write here what it is."]
)  # fmt: skip
def test_placeholders_are_found_and_survive_no_build(tmp_path: Path, line: str) -> None:
    """In card and datasheet; the build drops the paragraph and says that it is not answered."""
    assert list(placeholders(f"## A\n\n{line}\n")) != []
    root = write(tmp_path / "a", [record(1)])
    (root / "raw" / "CARD.md").write_text(
        f"## About\n\n{line}\n\nKept.\n\n<!-- microfiche:begin nothing -->\n(filled in by the build)\n<!-- microfiche:end nothing -->\n"
    )
    (root / "DATASHEET.md").write_text(
        f"## Motivation\n\n### 1. Why?\n\n{line}\n\n### 2. Who?\n\nUs.\n"
    )
    found = {(f.where, f.code) for f in page_findings(open_archive(root).files)}
    assert {("raw/CARD.md", "MF111"), ("DATASHEET.md", "MF111")} <= found
    release = build(root)
    for name in ("README.md", "DATASHEET.md"):
        page = (release.root / name).read_text()
        body = page.split("---\n", 2)[-1] if name == "README.md" else page
        assert line not in body.split("\n")
        assert "filled in by the build" not in page
        assert list(placeholders(body)) == []
    assert "Kept." in (release.root / "README.md").read_text()
    sheet = (release.root / "DATASHEET.md").read_text()
    assert "Not answered by the archive." in sheet
    assert "56 of the 57 questions" in sheet
    assert "| 1 | Motivation |" in sheet


@pytest.mark.parametrize(
    "line",
    [
        "Todo el archivo.",
        "Articles are to be added next year.",
        "XXXI legislature",
        "see foo.TODO.md",
    ],
)
def test_ordinary_words_are_no_placeholders(line: str) -> None:
    """Spanish, plans and numerals stay."""
    assert list(placeholders(f"## A\n\n{line}\n")) == []


def test_a_placeholder_takes_no_neighbour_along() -> None:
    """Headings part paragraphs, with or without a blank line."""
    page = "### 1. Why?\nTODO\n### 2. Who?\nUs.\n"
    assert answers(page) == {2: "Us."}
    assert without_placeholders(page) == "### 1. Why?\n\n### 2. Who?\nUs.\n"


@pytest.mark.parametrize(
    ("sentence", "have"),
    [
        ("The archive holds 26 articles.", None),
        ("The archive holds 24 articles.", "26"),
        ("It contains about 25 articles of one outlet.", None),
        ("It contains about 40 articles.", "26"),
        ("This release has over 20 captures.", None),
        ("This release has over 30 captures.", "29"),
        ("The outlet has 2 articles per day on average.", None),
        ("There are 2 articles that mention floods.", None),
        ("The collection contains 10 articles too short to use.", None),
        ("The previous release has 3 articles.", None),
        ("The archive holds 4 articles of 2024 and 1 of another year.", None),
        ("There are 3 outlets in town.", None),
        ("The newspaper covers events between 1914 and 1918.", None),
        ("A paper published in Nature 2019 to 2020.", None),
        ("The language of the card is German.", None),
        ("These are 27 revisions in all.", None),
        ("These are 2 outlets altogether.", "1"),
        ("It holds 8,000 words.", None),
        ("It holds 12 articles that were revised.", None),
        ("Our site has 5,000 articles.", None),
        ("There are 300 words in the longest.", None),
        ("One of its 3 articles on fiche is in French.", None),
        ("Articles were published from 2024 to 2026.", None),
        ("Articles were published between 2019 and 2026.", "2024-02-06 to 2026-08-18"),
        ("It covers 2024-02 to 2026-08.", None),
        ("It covers 2024-02-01 to 2026-08-18.", "2024-02-06 to 2026-08-18"),
        ("The outlet changed hosts from 2019 to 2020.", None),
        ("All articles are in English.", "en, fa, fr"),
        ("The articles are in English, French and Persian.", None),
        ("Most articles are in English.", None),
        ("The languages are English and German.", "en, fa, fr"),
        ("The texts were translated by an English company.", None),
        ("The licence is CC0; see page 12 of 24 for articles.", None),
    ],
)
def test_claims_are_held_against_the_data(tmp_path: Path, sentence: str, have: str | None) -> None:
    """What a sentence states, and whether the data deny it."""
    archive = init(tmp_path / "t", "press", "Press")
    (archive.raw / "CARD.md").write_text(f"## About\n\nA line\nbefore. {sentence}\n")
    found = list(denied(read_claims(open_archive(archive.root)), DATA))
    assert [finding.message.rpartition("have ")[2] for finding in found] == ([have] if have else [])
    assert all(finding.place == "line 4" for finding in found)


def test_validate_counts_as_a_build_would(tmp_path: Path) -> None:
    """Two captures of one article are one; `languages` of the dataset file is a claim too."""
    later = {"retrieved_at": "2025-06-01T00:00:00Z", "method": "crawler"}
    records = [record(1), record(1, retrieval=later), record(2)]
    root = write(tmp_path / "a", records)
    (root / "raw" / "CARD.md").write_text("It holds 2 articles. It holds 3 captures.\n")
    (root / "raw" / "dataset.toml").write_text(
        (root / "raw" / "dataset.toml")
        .read_text()
        .replace("[[creators", 'languages = ["de"]\n[[creators')
    )
    found = [f for f in open_archive(root).validate().findings if f.code == "MF112"]
    assert [f.where for f in found] == ["raw/dataset.toml"]
    (root / "raw" / "CARD.md").write_text("It holds 3 articles. It holds 4 captures.\n")
    found = [f for f in open_archive(root).validate().findings if f.code == "MF112"]
    assert sorted(f.message.rpartition(" ")[2] for f in found) == ["2", "3", "en"]
