"""Texts that a tool wrote as Markdown."""

from __future__ import annotations

import pytest

from microfiche import read
from microfiche.extract.markdown import is_markdown, without_marks

FIRST = "The harbour office opened its [ledger room](/harbour/rooms) to readers on Monday, after **two winters** of work."
SECOND = "Nobody had counted the volumes before, and the list now names\nfour hundred and twelve, said the _Harbour Courier_."
QUOTE = "> “We lost four weeks to the weather and two to the paperwork,” said the harbour master, who leads the works."
PAGE = f"""[Skip to content](#main)

  * [Home](/)
  * [News](/news)

# The ledger room opens

![The room](https://quay.example/room.jpg)

By [Ada Quill](https://quay.example/author/ada), 3 March 2021

{FIRST}

{SECOND}

## What readers must know

{QUOTE}

  * The room is open on weekdays from nine to four
  * It is closed in August and on holidays

Readers may come on weekdays, said the harbour master, if they wash their hands at the door.

[Share on Facebook](https://facebook.example/share) [Comments (12)](#comments)
"""


def test_an_article_in_markdown_is_read_without_its_marks() -> None:
    """Headline, names, links, emphasis, quotes, lists, wrapped lines."""
    found = read(PAGE, name="The Quay")
    assert found.title == "The ledger room opens"
    assert (found.byline, found.published) == (("Ada Quill",), "2021-03-03")
    assert found.text.split("\n\n") == [
        "The harbour office opened its ledger room to readers on Monday, after two winters of work.",
        "Nobody had counted the volumes before, and the list now names four hundred and twelve, said the Harbour Courier.",
        "What readers must know",
        QUOTE.removeprefix("> "),
        "The room is open on weekdays from nine to four",
        "It is closed in August and on holidays",
        "Readers may come on weekdays, said the harbour master, if they wash their hands at the door.",
    ]


def test_lines_stay_as_they_are_broken() -> None:
    """A line a paragraph, as many tools write; days, years and what stands in brackets stay."""
    lines = [
        "The ledger room opens",
        "3. März 2021",
        "By Ada Quill",
        "The harbour office opened its ledger room to readers on Monday, after two winters of work.",
        "1986. That was the year in which the last of the volumes had been closed and put away.",
        "[Laughs]: Never, said the harbour master, who had been asked whether he would count them again.",
    ]
    text = "\n".join([*lines, "[a](b) [c](d) [e](f)"])
    assert is_markdown(text)
    assert [line for line in without_marks(text).split("\n") if line][:-1] == lines
    found = read(text, name="The Quay")
    assert (found.title, found.byline, found.published) == (lines[0], ("Ada Quill",), "2021-03-03")
    assert found.text.split("\n\n")[:3] == lines[3:]


@pytest.mark.parametrize(
    "text",
    [
        "# 4 on the list\nThe ledger room opens.",
        "* one\n* two\n\n- three",
        "He wrote a[1](sic) and no more.",
        "> A quote\n\nand what follows it.",
        "a](b" * 50,
    ],
)
def test_signs_alone_are_no_markdown(text: str) -> None:
    """Lists, quotes and stars stand in any text."""
    assert not is_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "[a](b) " * 3 + "[" * 20000,
        "[a](b) " * 3 + "\n\n" + "> " * 5000 + "a",
        "[a](b) " * 3 + "\n\n" + "\n".join("  " * n + "* x" for n in range(100)),
        "[a](b) " * 30000,
        "[a](b) " * 3 + "\n".join(["![" * 30] * 40),
    ],
)
def test_what_a_parser_would_dwell_on_or_leave_out_is_no_markdown(text: str) -> None:
    """Brackets that nothing closes, depths that lose their text, texts of megabytes."""
    assert not is_markdown(text)


def test_no_word_is_lost_in_levels_that_are_read() -> None:
    """Lists within lists, quotes within quotes, code."""
    nested = "\n".join("  " * n + f"* word{n}" for n in range(25))
    text = f"[a](b) [c](d) [e](f)\n\n{nested}\n\n{'> ' * 20}deep\n\n```\ncode here\n```\n\n<div>markup</div>\n"
    assert is_markdown(text)
    said = without_marks(text)
    assert all(f"word{n}" in said for n in range(25))
    assert all(word in said for word in ("deep", "code here", "markup"))
