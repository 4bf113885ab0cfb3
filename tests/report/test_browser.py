"""The page of a release in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import HOSTILE, SCHEMES, SIZES, Browser, Opened, browser, shown
from microfiche.library import Release


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release with something in every part of its page."""
    return shown(tmp_path_factory.mktemp("shown"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of this module."""
    with browser() as opened:
        yield opened


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_is_whole(
    chromium: Browser, release: Release, size: tuple[int, int], scheme: str
) -> None:
    """It asks for nothing, complains of nothing, fits the screen, and runs nothing of the data."""
    width, height = size
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    opened = Opened(page, release.root / "report.html")
    for each in page.locator("details").all():
        each.evaluate("each => { each.open = true }")
    assert opened.asked == [(release.root / "report.html").as_uri()]
    assert not opened.said
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.hit") is None
    assert page.locator("#articles > tbody > tr > th").get_by_text(HOSTILE, exact=True).count() == 1
    page.close()


def test_the_search_finds(chromium: Browser, release: Release) -> None:
    """Words of headline, address and day narrow the list, in any order; none are lost after."""
    page = chromium.new_page()
    Opened(page, release.root / "report.html")
    rows, search = page.locator("#articles > tbody:visible"), page.locator("#search")
    whole = rows.count()
    search.fill("corrected piece")
    assert rows.count() == 1
    assert "Piece 3, corrected" in rows.first.inner_text()
    assert page.locator("#found").inner_text() == f"1 of {whole} articles"
    search.fill("n-27 2024-03")
    assert rows.count() == 1
    search.fill("")
    assert rows.count() == whole == release.manifest["tables"][1]["n_rows"]
    page.close()


def test_an_article_has_an_address(chromium: Browser, release: Release) -> None:
    """The page opens at an article that its address names, and shows what its edit changed."""
    page = chromium.new_page()
    Opened(page, release.root / "report.html")
    page.goto((release.root / "report.html").as_uri() + "#courier:n-3")
    article = page.locator("[id='courier:n-3']")
    assert article.locator("details").first.evaluate("each => each.open")
    assert article.locator("ins").first.inner_text().strip() == ", corrected"
    page.close()


def test_without_javascript_nothing_is_missing(chromium: Browser, release: Release) -> None:
    """Every article's line and every drawing's table are there, and the search is not."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((release.root / "report.html").as_uri())
    assert page.locator("#articles > tbody:visible").count() == 16
    assert not page.locator("#search").is_visible()
    for summary in page.locator("figure summary").all():
        summary.click()
    tables = page.locator("figure:has(svg) table:visible").count()
    assert tables == page.locator("figure:has(svg)").count() == 2
    lanes = page.locator("svg.lane")
    assert lanes.count() == page.locator("tr:has(svg.lane) th").count() == 3
    assert page.locator("svg.bar").count() == page.locator("table tr:has(svg.bar)").count()
    context.close()


def test_a_copy_without_a_server(chromium: Browser, release: Release, tmp_path: Path) -> None:
    """The one file alone, elsewhere, is the same page."""
    alone = tmp_path / "kept.html"
    alone.write_bytes((release.root / "report.html").read_bytes())
    page = chromium.new_page()
    opened = Opened(page, alone)
    assert opened.asked == [alone.as_uri()]
    assert not opened.said
    assert page.title() == "Press captures 2.0.0"
    page.close()
