"""What an outlet's file says of its lines: where articles stand, how days are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from microfiche.extract.page import describe_page
from microfiche.extract.text import describe_text
from microfiche.library import open_archive
from microfiche.outlets.outlet import Outlet
from small import build, outlet, prose, record, write

PARAGRAPHS = [f"{prose(n, 40)}." for n in (1, 2, 3)]
BELOW = f"{prose(9, 40)}."  # reads like text
TEXT = "\n\n".join(["Radio Quay", BELOW, "Listen to this article: 4 minutes", "The lock is mended",
                    *PARAGRAPHS, "More from the Courier", BELOW])  # fmt: skip
ARTICLE = {
    "begins_after": ["Listen to this article.*"],
    "ends_before": ["More from the (?:Courier|Herald)"],
}


def own(**rules: Any) -> Outlet:
    """An outlet with rules of its own."""
    return Outlet({"id": "courier", "name": "The Courier", "languages": ["en"], **rules})


def page(*lines: str) -> str:
    """A page of these paragraphs, with enough around them to be weighed."""
    menu = "".join(f"<li><a href='/{n}'>Page {n}</a></li>" for n in range(50))
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html lang=en><body><nav><ul>{menu}</ul></nav><article>{body}</article></body></html>"


def test_a_text_between_lines() -> None:
    """Without the rules the neighbours are taken along, or the article is cut."""
    described = describe_text(TEXT, own(article=ARTICLE))
    assert described.title == "The lock is mended"
    assert described.text.split("\n\n") == PARAGRAPHS
    assert described.removed_lines[-2:] == ["More from the Courier", BELOW]
    assert BELOW in described.removed_lines[:3]
    bare = "\n\n".join(["The lock is mended", *PARAGRAPHS, BELOW])
    assert describe_text(bare, own()).text.split("\n\n") == [*PARAGRAPHS, BELOW]
    assert BELOW not in describe_text(bare, own(article={"ends_before": [BELOW[:20] + ".*"]})).text


def test_lines_that_are_not_there_cut_nothing() -> None:
    """A page of another time, or a capture that begins later."""
    plain = "\n\n".join(["The lock is mended", *PARAGRAPHS])
    assert describe_text(plain, own(article=ARTICLE)).text.split("\n\n") == PARAGRAPHS


def test_a_page_between_lines() -> None:
    """Blocks of the page, whatever the weights say of them."""
    html = page(
        BELOW, "Listen to this article: 4 minutes", *PARAGRAPHS, "More from the Courier", BELOW
    )
    described = describe_page(html, own(article=ARTICLE))
    assert described.text.split("\n\n") == PARAGRAPHS
    assert described.removed_lines.count(BELOW) >= 1
    assert BELOW in describe_page(html, own()).text


FORMS = [
    ("Posted: 3/4/2014", "order", ["Posted: (?P<date>.*)"], "2014-04-03", None),
    ("No. 17 of 03/04/2014, 10:47", "parts", [
        r"No\. [0-9]+ of (?P<day>[0-9]+)/(?P<month>[0-9]+)/(?P<year>[0-9]{4}), "
        r"(?P<hour>[0-9]+):(?P<minute>[0-9]+)"
    ], "2014-04-03", "2014-04-03T09:47:00.000000Z"),
    ("Quay, the 3rd day of April anno 2014", "names", [
        r"the (?P<day>[0-9]+)\w* day of (?P<month>\w+) anno (?P<year>[0-9]{4})"
    ], "2014-04-03", None),
]  # fmt: skip


@pytest.mark.parametrize(("line", "_", "forms", "day", "at"), FORMS, ids=lambda v: str(v)[:12])
def test_days_as_the_outlet_writes_them(
    line: str, _: str, forms: list[str], day: str, at: str | None
) -> None:
    """In a text and on a page, and the line is no part of the text."""
    rules = own(dates={"order": "day", "forms": forms}, time_zone="Europe/London")
    for described in (
        describe_text("\n\n".join(["The lock is mended", line, *PARAGRAPHS]), rules),
        describe_page(page("The lock is mended", line, *PARAGRAPHS), rules),
    ):
        assert described.stated is not None
        assert (described.stated.published, described.stated.at) == (day, at)
        assert described.stated.stated in line
        (source,) = [each for each in described.sources if each.field == "published"]
        assert source.rule == "the outlet's form of dates"
    assert line not in describe_text(f"The lock\n\n{line}\n\n{BELOW}", rules).text


@pytest.mark.parametrize(
    ("order", "day"), [("day", "2014-04-03"), ("month", "2014-03-04"), (None, "2014")]
)
def test_which_number_is_the_day(order: str | None, day: str) -> None:
    """By the outlet's file; of English without it the year alone is read."""
    rules = own(**({"dates": {"order": order}} if order else {}))
    text = "\n\n".join(["The lock is mended", "Published: 3/4/2014", *PARAGRAPHS])
    found = describe_text(text, rules).stated
    assert (found and found.published) == day
    shown = page("<time class=published>3/4/2014</time>", *PARAGRAPHS)
    found = describe_page(shown, rules).stated
    assert (found and found.published) == (day if order else None)


WRONG = [
    ('[article]\nbegins_after = ["(?=x)"]', "MF204", "/article/begins_after/0"),
    ('[article]\nends_before = ["("]', "MF204", "/article/ends_before/0"),
    ('[dates]\nforms = ["[0-9]+"]', "MF201", "/dates/forms/0"),
    ('[dates]\norder = "year"', "MF201", "/dates/order"),
]


@pytest.mark.parametrize(("rules", "code", "place"), WRONG, ids=lambda value: str(value)[:20])
def test_rules_that_cannot_be(tmp_path: Path, rules: str, code: str, place: str) -> None:
    """With the place in the outlet file."""
    root = write(tmp_path / "a", [], outlet() + rules + "\n")
    found = [(each.code, each.place) for each in open_archive(root).findings]
    assert (code, place) in found


def test_a_reading_put_right_by_a_rule(tmp_path: Path, run: Run) -> None:
    """The release shows it, names the line that states the rule, and the cause; and back again."""
    root = write(tmp_path / "a", [])
    (root / "raw/captures/records.jsonl").unlink()
    (root / "raw/captures/a.txt").write_text(TEXT.replace("The lock is", "3/4/2014\n\nThe lock is"))
    (root / "raw/captures/a.txt.toml").write_text('url = "https://courier.example/news/5"\n')
    file = root / "raw/outlets/courier.toml"
    plain = file.read_text("utf-8")
    first = build(root)
    file.write_text(
        plain.replace("[[domains]]", '[article]\nbegins_after = ["Listen to this article.*"]\n'
                      'ends_before = ["More from the Courier"]\n[dates]\norder = "day"\n'
                      "forms = ['(?P<date>[0-9]+/[0-9]+/[0-9]+)']\n[[domains]]", 1)
    )  # fmt: skip
    second = build(root)
    (article,) = second.rows("articles")
    assert article["text"].split("\n\n") == PARAGRAPHS
    assert article["published"] == "2014-04-03"
    assert {row["cause"] for row in second.rows("changes")} == {"outlet-file"}
    shown = run("show", second.root, article["article_id"]).stdout
    assert (
        "read published: text, the outlet's form of dates (source/outlets/courier.toml: line"
        in shown
    )
    file.write_text(plain)
    assert build(root).fingerprint == first.fingerprint


def test_who_corrected_an_outlet_file_and_why(tmp_path: Path) -> None:
    """Stands in it, and in every release that carries it."""
    told = (
        '[[corrections]]\ndate = 2026-01-02\nby = "M. Reader"\nreason = "another paper\'s host"\n'
    )
    root = write(tmp_path / "a", [record(1)], outlet() + told)
    source = build(root).root / "source/outlets/courier.toml"
    assert told in source.read_text("utf-8")
    (root / "raw/outlets/courier.toml").write_text(outlet() + "[[corrections]]\nby = 'x'\n")
    assert {each.code for each in open_archive(root).findings} == {"MF201"}
