"""The page of an archive has every cause that there is: once, with its count, place and remedy."""

from __future__ import annotations

import html
from collections import Counter
from pathlib import Path

import pytest

from browser import SCHEMES, SIZES, Opened, browser
from cases import FOLDERS, MADE_IN_TESTS, laid_out, of_every_code
from microfiche.finding import CODES
from microfiche.library import open_archive

FOUND = [case for case in FOLDERS if (case / "expected.txt").read_text("utf-8").strip()]


def section_of(page: str, code: str) -> str:
    """What a page says of a code, which it has once."""
    assert page.count(f'<section class="cause" id="{code}">') == 1
    return page.partition(f'<section class="cause" id="{code}">')[2].partition("</section>")[0]


@pytest.mark.parametrize("case", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_found_stands_on_the_page(case: Path, tmp_path: Path) -> None:
    """Each code of each case, once, with how often it was met, its first place, and what to do."""
    root = laid_out(case, tmp_path / "archive")
    archive = open_archive(root)
    findings = archive.validate().findings
    page = archive.report().decode()
    for code, count in Counter(each.code for each in findings).items():
        section = section_of(page, code)
        assert html.escape(CODES[code].summary, quote=False) in html.unescape(section)
        assert CODES[code].remedy in html.unescape(section)
        assert (f"({count:,} times)" in section) == (count > 1)
        assert "First: <code>" in section


def test_the_cases_have_every_code() -> None:
    """But for those that no folder can show; these are on the page of every code."""
    shown = {
        line.rpartition(" ")[2]
        for case in FOUND
        for line in (case / "expected.txt").read_text("utf-8").splitlines()
    }
    assert shown | MADE_IN_TESTS == CODES.keys()
    page = of_every_code().decode()
    for code in CODES:
        section = section_of(page, code)
        assert "(3 times)" in section
        assert f"<code>raw/captures/{code}-a.txt</code>, line 2, https://courier" in section
        assert CODES[code].remedy in html.unescape(section)


def test_the_page_of_every_code_in_a_browser(tmp_path: Path) -> None:
    """It asks for nothing, says nothing, and fits a desk and a phone."""
    (tmp_path / "report.html").write_bytes(of_every_code())
    with browser() as chromium:
        for width, height in SIZES:
            for scheme in SCHEMES:
                page = chromium.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                opened = Opened(page, tmp_path / "report.html")
                assert page.locator("section.cause").count() == len(CODES)
                assert not opened.said
                assert len(opened.asked) == 1
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                page.close()
