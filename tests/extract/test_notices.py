"""Notices where articles were, and articles that only speak of such things."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from microfiche import open_archive, read

NOTICES = {
    "This website has been seized": "seizure_notice",
    "This domain has been seized by the authorities of the invented town": "seizure_notice",
    "Access to this site has been blocked": "blocked",
    "Доступ к запрашиваемому ресурсу ограничен": "blocked",
    "Unavailable for legal reasons": "blocked",
    "404 - Page not found": "not_found",
    "Sorry, we can’t find that page": "not_found",
    "Page introuvable": "not_found",
    "صفحه مورد نظر یافت نشد": "not_found",
    "This article has been removed": "gone",
    "Just a moment...": "wall",
    "Account Suspended": "error",
    "Welcome to nginx!": "error",
    "This domain name is for sale": "parked",
}
HEADLINES = (
    "Website seized by police, court says", "Trawler held at quay", "Forbidden fruit market opens",
    "404 dead in earthquake", "Waffen beschlagnahmt in Berlin", "Straße nach Unfall gesperrt",
    "Access denied: journalists shut out", "Seizure order for a yacht", "Teacher who wrote the post was removed",
    "Доступ на остров ограничен", "تم حجز 30 سيارة", "کشتی توقیف شد", "Just a moment of peace",
    "Too many requests for help", "Nuclear plant under maintenance", "Error 404: how a page became a joke",
)  # fmt: skip
STORY = (
    "The boat itself was seized by customs officers on Friday, and the page of the log was not found. "
    "Access to the harbour is restricted until Monday, the keeper said, and the site is closed."
)


def page(title: str, text: str) -> str:
    """A page with a headline and a paragraph."""
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"


def outcomes(archive: Path, pages: list[str]) -> list[str]:
    """What captures of these pages found, in order."""
    lines = [
        {"url": f"https://courier.example/n/{n}", "html": html, "retrieval": {"notes": "n"}}
        for n, html in enumerate(pages)
    ]
    file = archive / "raw" / "captures" / "n.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = open_archive(archive).build().release.rows("captures")
    seen = {row["url"]: row["outcome"] for row in rows}
    return [seen[line["url"]] for line in lines]


def test_notices_are_observations(archive: Path) -> None:
    """By headline, with a line of text or none, in several languages."""
    pages = [page(title, "Please go on to our front page.") for title in NOTICES]
    assert outcomes(archive, pages) == list(NOTICES.values())


def test_a_notice_needs_no_bare_page(archive: Path) -> None:
    """One with the outlet as author, a date, or a hundred words of teasers is one all the same."""
    title = "404 - Page not found"
    named = page(title, "Page not found.").replace(
        "<head>", '<head><meta name="author" content="Harbour Courier">'
    )
    dated = page(title, "Page not found.").replace(
        "<h1>", '<time datetime="2026-01-01">now</time><h1>'
    )
    assert outcomes(archive, [named, dated]) == ["not_found", "not_found"]


@pytest.mark.parametrize("title", HEADLINES)
def test_articles_about_such_things_are_articles(archive: Path, title: str) -> None:
    """A short piece without date or author stays an article, whatever words it has."""
    assert outcomes(archive, [page(title, STORY)]) == ["article"]


def test_a_front_page_is_none_and_a_record_at_its_address_is_an_article(archive: Path) -> None:
    """A ready record is what it says; a page with author or date is taken for an article too."""
    index = page("Harbour Courier", STORY)
    essay = page("Essay", STORY).replace("<h1>", '<meta itemprop="author" content="Ada Quill"><h1>')
    record = {
        "url": "https://courier.example/home",
        "outlet_id": "courier",
        "title": "T",
        "text": STORY,
    }
    lines = [
        {"url": "https://courier.example/", "html": index, "retrieval": {"notes": "n"}},
        {"url": "https://courier.example/index.html", "html": essay, "retrieval": {"notes": "n"}},
        {**record, "retrieval": {"notes": "n"}},
    ]
    file = archive / "raw" / "captures" / "n.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = open_archive(archive).build().release.rows("captures")
    seen = {row["url"]: (row["outcome"], row["outcome_source"]) for row in rows}
    assert seen["https://courier.example/"] == ("other", "address")
    assert seen["https://courier.example/index.html"] == ("article", None)
    assert seen["https://courier.example/home"] == ("article", None)


# Pages of 22 languages that show no article, and articles that speak of such things or look like lists:
# how many of each kind are told at least.
PAGES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "pages" / "no_articles.jsonl")
    .read_text("utf-8")
    .splitlines()
]
FLOORS = {
    "login_wall": 20, "consent_wall": 21, "soft_404": 18, "parked": 21, "bot_check": 5, "js_shell": 4,
    "redirect_stub": 6, "maintenance": 6, "empty_shell": 6, "short_article": 60,
    "short_article_boxes": 15, "listing": 11, "listlike_article": 15,
}  # fmt: skip


@pytest.mark.parametrize("kind", FLOORS)
def test_what_is_no_article_is_told_from_what_is_one(kind: str) -> None:
    """By pages and by their texts; no article is lost."""
    pages = [page for page in PAGES if page["kind"] == kind]
    told = [read(page["html"]).outcome in page["right"] for page in pages]
    assert sum(told) >= FLOORS[kind]


def test_articles_are_no_walls_as_texts_either() -> None:
    """Short articles about cookies, passwords and domains, saved as text."""
    articles = [page for page in PAGES if page["right"] == ["article"]]
    texts = [(found.title, found.text) for found in (read(page["html"]) for page in articles)]
    outcomes = [read(f"{title}\n\n{text}").outcome for title, text in texts]
    assert outcomes.count("article") >= len(articles) - 2
