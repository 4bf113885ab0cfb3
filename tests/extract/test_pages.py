"""Reading HTML pages: what a page says of itself, and which of its blocks are the article."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import microfiche
from microfiche import open_archive
from microfiche.captures.textfile import decode, stated_charset
from microfiche.dates import read_machine_date
from microfiche.extract import Description
from microfiche.extract.byline import clean_names
from microfiche.extract.page import describe_page
from microfiche.outlets.outlet import Outlet
from score import MODES, Score, load_pages, read_by_mode, score

PAGES = load_pages(Path(__file__).parents[1] / "pages")
COURIER = Outlet({"id": "courier", "name": "Harbour Courier", "domains": [], "languages": ["en"]})
BODY = [
    "The ledger room of the harbour office was opened to readers on Monday after two winters.",
    "Nobody had counted the volumes before, and the list now names four hundred and twelve.",
    "Readers need no appointment, but they are asked to bring a pencil and to leave their coats.",
    "The room is open on weekdays from nine to four, and on the first Saturday of each month.",
]
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)


def read(body: str, head: str = "", mode: str = "balanced") -> Description:
    """Description of a page with this head and body."""
    return describe_page(f"<html><head>{head}</head><body>{body}</body></html>", COURIER, mode)


def json_ld(**members: Any) -> str:
    """A script with a NewsArticle."""
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **members}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_furniture_is_left_out_by_tag_name_and_class() -> None:
    """Menus, captions, teasers and newsletters are no part of the text; the order is the page's."""
    teaser = "<p>Council votes on the new bridge after a long debate in the town hall.</p>"
    page = (
        f"<nav><ul><li><a href=/>Home</a></li></ul></nav><main><h1>Ledger room opens</h1>{PARAGRAPHS}"
        f"<figure><img><figcaption>The ledger room.</figcaption></figure>"
        f'<div class="related-articles">{teaser}</div><aside>{teaser}</aside>'
        f'<div class="newsletterBox"><p>Our letter tells you each morning what happened.</p></div>'
        f"<p>{BODY[0][:-1]} again.</p></main><footer><p>All rights reserved by the Courier.</p></footer>"
    )
    found = read(page)
    assert found.text.split("\n\n") == [*BODY, f"{BODY[0][:-1]} again."]
    assert found.title == "Ledger room opens"
    assert found.captions == ["The ledger room."]


def test_a_name_that_covers_the_article_is_no_furniture() -> None:
    """An outer element called sidebar-something does not lose what it holds."""
    parts = "".join(f'<div class="sidebar-grid"><p>{line}</p></div>' for line in BODY)
    found = read(f'<div class="has-sidebar print">{parts}</div>')
    assert found.text.split("\n\n") == BODY


def test_a_menu_that_nobody_closes_swallows_nothing() -> None:
    """What was opened as navigation and holds most paragraphs is none."""
    sentences = [
        f"The harbour office counted its lamps again, for the {n}th time." for n in range(9)
    ]
    paragraphs = "".join(f"<p>{each}</p>" for each in sentences)
    found = read(f"<nav><a href='/'>Home</a><main>{paragraphs}</main>", mode="fast")
    assert found.text.split("\n\n") == sentences
    closed = read(f"<nav><p>Home</p><p>News</p></nav><main>{paragraphs}</main>", mode="fast")
    assert closed.text.split("\n\n") == sentences


def test_an_article_without_paragraphs_in_an_element_named_as_furniture() -> None:
    """As long as an article is, its name takes nothing from it."""
    sentences = [
        f"In year {n} the office counted every lamp on the quay, and wrote the number into a book "
        f"that lies on the second shelf of the ledger room, where readers may ask for it by day."
        for n in range(1, 40)
    ]
    found = read(
        f"<div class='widget'>{''.join(f'<div>{each}</div>' for each in sentences)}</div>",
        mode="fast",
    )
    assert found.text.split("\n\n") == sentences


def test_paragraphs_of_line_breaks_are_paragraphs() -> None:
    """Two breaks end a paragraph, one does not."""
    found = read(f"<table><tr><td>{BODY[0]}<br>{BODY[1]}<br><br>{BODY[2]}</td></tr></table>")
    assert found.text.split("\n\n") == [f"{BODY[0]} {BODY[1]}", BODY[2]]


def test_what_stands_again_and_again_is_no_text() -> None:
    """A consent box within the text is left out wherever it stands."""
    box = "<div><p>External content is shown here once you agree that it is loaded.</p></div>"
    found = read("<article>" + "".join(f"<p>{line}</p>{box}" for line in BODY) + "</article>")
    assert found.text.split("\n\n") == BODY


def test_a_standfirst_is_the_subtitle() -> None:
    """The block between headline and text that the page describes itself by."""
    lead = "After two winters of cleaning, the harbour office shows its ledgers to everybody."
    page = (
        f"<header><h1>Ledger room opens</h1><p>{lead}</p></header><article>{PARAGRAPHS}</article>"
    )
    found = read(page, f'<meta name="description" content="{lead}">')
    assert found.subtitle == lead
    assert found.text.split("\n\n") == BODY


def test_json_ld_comes_before_the_head_and_says_so() -> None:
    """Each value has its source; an author may be given by reference; names are cleaned."""
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "NewsArticle",
                "headline": "Ledger room opens",
                "datePublished": "2024-05-03T10:47:00+02:00",
                "author": {"@id": "#a"},
                "isAccessibleForFree": "http://schema.org/True",
            },
            {"@type": "Person", "@id": "#a", "name": "By Ada Quill (aq)"},
        ],
    }
    head = (
        f'<script type="application/ld+json">{json.dumps(graph)}</script>'
        '<meta property="og:title" content="Ledger room | Harbour Courier">'
        '<meta property="article:section" content="Town"><html lang="en-gb">'
    )
    found = read(PARAGRAPHS, head)
    assert (found.title, found.byline) == ("Ledger room opens", ["Ada Quill"])
    assert found.stated is not None
    assert (found.stated.published, found.stated.at) == (
        "2024-05-03",
        "2024-05-03T08:47:00.000000Z",
    )
    assert found.section_path == ["Town"]
    assert found.free_access is True
    sources = {source.field: (source.source, source.rule) for source in found.sources}
    assert sources["title"] == ("json-ld", "headline")
    assert sources["section_path"] == ("html-head", "article:section")


def test_the_sites_name_is_no_part_of_a_title() -> None:
    """Neither in the head nor in the title element; a dash inside a headline stays."""
    head = "<title>Ledger room - open at last | Harbour Courier</title>"
    assert read(PARAGRAPHS, head).title == "Ledger room - open at last"


@pytest.mark.parametrize(
    "markup",
    [
        '<p class="article-byline">By Ada Quill and Ben Ink</p>',
        '<a rel="author" href="/people/1">Ada Quill</a> <a rel="author">x</a>',
        '<div class="metaAuthorList"><span>Ada Quill</span><span>Ben Ink</span></div>',
        '<p>von <a href="/autoren/name/ada">Ada Quill</a></p>',
    ],
)
def test_a_marked_author_is_read_where_no_data_names_one(markup: str) -> None:
    """By class, rel, several elements, or the address of an author's page."""
    assert (
        read(f"<h1>Ledger room opens</h1>{markup}<main>{PARAGRAPHS}</main>").byline[0]
        == "Ada Quill"
    )


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("<p>By Ada Quill</p><p>3 May 2024</p>", ["Ada Quill"]),
        ("<p>By Ada Quill - May 3, 2024</p>", ["Ada Quill"]),
        ("<p>by: Ada Quill, May 3, 2024</p>", ["Ada Quill"]),
        ("<div>Written by</div><div>Ada Quill</div>", ["Ada Quill"]),
        ("<p>Text by Ada Quill and Ben Ink</p>", ["Ada Quill", "Ben Ink"]),
        ("<p>by Ada Quill ● May 3, 2024 ● 6 min read</p>", ["Ada Quill"]),
        ("<p>by Ada Quill, Archivist of the harbour office</p>", ["Ada Quill"]),
        ("<p>by Ada van den Quill</p>", ["Ada van den Quill"]),
        ("<p>Erstellt von Ada Quill</p>", ["Ada Quill"]),
        ("<p>Bericht von der Front in Kiew</p>", []),
        ("<p>News | By Category</p>", []),
        ("<p>Publié par Ada Quill</p>", ["Ada Quill"]),
        ("<p>Posted by Quillfeather on Friday</p>", ["Quillfeather"]),
        ("<p>by admin</p>", []),
        ("<div><img alt='Old Harbour'><span>Old Harbour</span></div>", []),
        ("<p>By the harbour, a ledger.</p>", []),
        ("<p>Written by</p><p>A ledger room is open again after a year.</p>", []),
    ],
)
def test_a_byline_between_headline_and_text(lines: str, names: list[str]) -> None:
    """Beside a date, in two lines; a sentence is none."""
    assert list(read(f"<h1>Ledger room opens</h1>{lines}<main>{PARAGRAPHS}</main>").byline) == names


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ('<a href="/author/ada-q">Ada</a>', ["Ada"]),
        ('<a href="/author/">Authors</a>', []),
        ('<a href="/author/news">News</a>', []),
        ('<div class="author-bio"><h3>Related Stories</h3><p>There are many more.</p></div>', []),
        ('<div class="blog-author"><b>Ada Quill</b><p>Ada keeps ledgers.</p></div>', ["Ada Quill"]),
        ('<p class="byline"><i>AQ</i> <b>Ada Quill</b></p>', ["Ada Quill"]),
        ('<p class="byline">Guide <i>by</i> <a>Ada Quill</a></p>', ["Ada Quill"]),
        ('<p class="author"><a>Twitter</a> <a>Facebook</a></p>', []),
        ('<p class="author">Harbour Courier</p><p class="author">Ada Quill</p>', ["Ada Quill"]),
    ],
)
def test_cards_of_authors(markup: str, names: list[str]) -> None:
    """One word where the address has it too; the name that opens a card; the site's own last."""
    assert read(f"<h1>Ledger room opens</h1>{markup}<main>{PARAGRAPHS}</main>").byline == names


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ("Harbour Courier", ["Ada Quill"]),
        ("HC", ["Ada Quill"]),
        ("a.quill", ["Ada Quill"]),
        ("dpa", ["dpa"]),
        ("noc admin", ["Ada Quill"]),
        ("Ben Ink", ["Ben Ink"]),
        ("Ben Ink, Harbour Courier", ["Ben Ink"]),
        ("Ben Ink, Ph.D.", ["Ben Ink, Ph.D."]),
        ("Ben Ink, MD, CFP®", ["Ben Ink, MD, CFP®"]),
        ("Ben Ink, Yo Ma", ["Ben Ink", "Yo Ma"]),
        ("Ben Ink, Esq.", ["Ben Ink, Esq."]),
        ("Ben T. Ink Jr.", ["Ben T. Ink Jr."]),
        ("Ben Ink, Director of Ledgers", ["Ben Ink"]),
        ('"Ben Ink"', ["Ben Ink"]),
        ('"Weird Ben" Ink', ['"Weird Ben" Ink']),
        ("Ben Ink, " + "MD, " * 40 + "MD", ["Ben Ink" + ", MD" * 13]),
        (["Ben Ink", "Harbour Courier"], ["Ben Ink", "Harbour Courier"]),
        (["王小明, 李四", "张三, 赵六"], ["王小明", "李四", "张三", "赵六"]),
        (["Ink, Ben", "van den Quill, Ada"], ["Ink, Ben", "van den Quill, Ada"]),
        (["Ben Ink, Reuters", "Ada Quill, AFP"], ["Ben Ink", "Reuters", "Ada Quill", "AFP"]),
    ],
)
def test_names_that_data_state(stated: str | list[str], names: list[str]) -> None:
    """A site and an account give way to whom the page shows; degrees are part of a name, posts are not."""
    head = json_ld(
        headline="Ledger room opens",
        publisher={"name": "Harbour Courier"},
        author=[{"name": name} for name in ([stated] if isinstance(stated, str) else stated)],
    )
    shown = f'<h1>Ledger room opens</h1><p class="author">Ada Quill</p>{PARAGRAPHS}'
    assert read(shown, head).byline == names


def test_a_site_may_be_its_own_author() -> None:
    """Where the page names nobody else."""
    head = json_ld(publisher={"name": "Harbour Courier"}, author={"name": "Harbour Courier"})
    assert read(f"<h1>Ledger room opens</h1>{PARAGRAPHS}", head).byline == ["Harbour Courier"]


def test_the_card_of_a_page_tells_who_wrote_it() -> None:
    """Where nothing else does; what stands for nobody is nobody's name."""
    told = (
        '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="{}">'
    )
    assert list(read(PARAGRAPHS, told.format("Ada Quill")).byline) == ["Ada Quill"]
    assert list(read(PARAGRAPHS, told.format("admin")).byline) == []
    other = told.replace("Written by", "Est. reading time").format("3 minutes")
    assert list(read(PARAGRAPHS, other).byline) == []


def test_a_site_s_class_for_the_whole_page_hides_no_author() -> None:
    """`has-sidebar` on the body says nothing of what stands in it."""
    page = f'<body class="has-sidebar"><h1>Ledger room opens</h1><p class="author">Ada Quill</p>{PARAGRAPHS}'
    assert list(read(page).byline) == ["Ada Quill"]


NEWS = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "%s"}</script>'


@pytest.mark.parametrize(
    ("head", "shown", "title"),
    [
        # what search engines shall show, and what readers see
        ('<meta property="og:title" content="Ledger Rooms: 5 Tips">', "Five tips for ledger rooms", "Five tips for ledger rooms"),
        (NEWS % "Ledger rooms get five tips", "Five tips for ledger rooms", "Ledger rooms get five tips"),
        ('<meta property="og:title" content="Ledger rooms open">', "The Harbour Courier", "Ledger rooms open"),
        ("<title>Ledger rooms open | Ada's Desk</title>", "Ada's Desk", "Ledger rooms open"),
        ('<meta property="og:title" content="Ledger rooms open">', "LEDGER ROOMS OPEN", "Ledger rooms open"),
        ('<meta property="og:title" content="Ledger rooms open">', "Ledger rooms open at last in May", "Ledger rooms open"),
        ('<link rel="canonical" href="https://inkwell.example/1"><meta property="og:title" content="Ledger rooms open | Inkwell">', "", "Ledger rooms open"),
        # what is shown is the site's name: it opens the title, or is told at its end in other words
        ('<title>Quill Notes: Ledger rooms open</title><meta property="og:title" content="Ledger rooms open">', "Quill Notes", "Ledger rooms open"),
        ("<title>Ledger rooms open late | Harbour | Ada Quillfeather</title>", "Hello, I am Quillfeather", "Ledger rooms open late | Harbour"),
        # a label of the page, and a title that the text speaks of
        ("<title>Ledger room opens in the harbour</title>", "Information and resources", "Ledger room opens in the harbour"),
        ("<title>Ledger room opens</title>", "Announcements", "Ledger room opens"),
        # a title that is the same for all pages of a site, or its name alone
        ("<title>Welcome to our journal of coastal affairs</title>", "Ledger room opens", "Ledger room opens"),
        ("<title>The Harbour Courier</title>", "Announcements", "Announcements"),
        # one word in common is not yet one thing
        ('<meta property="og:title" content="Ledger rooms: autumn report">', "Company report", "Ledger rooms: autumn report"),
        ('<meta property="x:label dc:title" content="Ledger rooms open">', "", "Ledger rooms open"),
        ("", "Ledger rooms open¶", "Ledger rooms open"),
    ],
)  # fmt: skip
def test_of_two_headlines_the_one_that_readers_see(head: str, shown: str, title: str) -> None:
    """But for news, the site's name, capitals, and what only says more."""
    top = f"<h1>{shown}</h1>" if shown else ""
    assert read(f"{top}<main>{PARAGRAPHS}</main>", head).title == title


def test_names_are_cleaned() -> None:
    """No addresses, roles in brackets or credits; lists are split."""
    stated = [
        "Von Ada Quill (aq), Ben Ink und Cy Nib",
        "https://courier.example/ada",
        "Photo: Getty",
    ]
    assert list(clean_names(stated)) == ["Ada Quill", "Ben Ink", "Cy Nib"]


@pytest.mark.parametrize(
    ("stated", "day", "moment"),
    [
        ("2024-05-03T10:47:00+02:00", "2024-05-03", "2024-05-03T08:47:00.000000Z"),
        ("2024-05-03T23:30:00.123-0500", "2024-05-03", "2024-05-04T04:30:00.000000Z"),
        ("2024-05-03 10:47", "2024-05-03", None),
        ("20240503", "2024-05-03", None),
        ("Fri Apr 28 19:20:36 CEST 2023", "2023-04-28", None),
        ("Fri, 28 Apr 2023 19:20:36 +0200", "2023-04-28", "2023-04-28T17:20:36.000000Z"),
        ("2024-13-03", None, None),
        ("yesterday", None, None),
    ],
)
def test_dates_as_programs_write_them(stated: str, day: str | None, moment: str | None) -> None:
    """The day is as written; a moment needs a zone."""
    found = read_machine_date(stated)
    assert (found and found.published, found and found.at) == (day, moment)


def test_paywall_lines_make_a_capture_paywalled() -> None:
    """A demand to subscribe is removed and says how much is shown."""
    found = read(f"<main>{PARAGRAPHS}<p>Subscribe now to continue reading</p></main>")
    assert found.access == "paywalled"
    assert found.removed_lines == ["Subscribe now to continue reading"]


def test_the_canonical_link_identifies_and_the_address_becomes_an_alias(archive: Any) -> None:
    """Two addresses of one page are one article; a link to a front page or elsewhere is not used."""
    captures = archive / "raw" / "captures"

    def lay(name: str, url: str, canonical: str, extra: str = "") -> None:
        link = f'<link rel="canonical" href="{canonical}">'
        lines = [f"{line} {extra}".strip() for line in BODY]
        page = (
            f"<html><head>{link}</head><body>{''.join(f'<p>{x}</p>' for x in lines)}</body></html>"
        )
        (captures / name).write_text(page)
        (captures / f"{name}.toml").write_text(f'url = "{url}"\n')

    lay("a.html", "https://courier.example/amp/7", "https://courier.example/story")
    lay("b.html", "https://courier.example/story", "https://courier.example/story", "Later.")
    lay("c.html", "https://courier.example/other", "https://courier.example/", "Other.")
    lay("d.html", "https://courier.example/fourth", "https://else.example/x", "Fourth.")
    release = open_archive(archive).build().release
    rows = {row["url"]: row for row in release.rows("articles")}
    assert {"https://courier.example/story", "https://courier.example/other"} <= rows.keys()
    assert "https://courier.example/fourth" in rows
    story = rows["https://courier.example/story"]
    assert (story["n_revisions"], len(story["aliases"])) == (2, 1)
    rules = {row["url"]: row["merge_rule"] for row in release.rows("captures")}
    assert rules["https://courier.example/amp/7"] == "address"


def test_a_page_without_address_is_recognised_by_its_canonical_link(archive: Any) -> None:
    """Its outlet is that of the link's host; the capture's own address stays unknown."""
    link = '<link rel="canonical" href="https://courier.example/story">'
    (archive / "raw" / "captures" / "a.html").write_text(f"<html>{link}{PARAGRAPHS}</html>")
    release = open_archive(archive).build().release
    (row,) = [row for row in release.rows("captures") if row["source_file"].endswith("a.html")]
    assert (row["outlet_source"], row["url"]) == ("canonical", None)
    (article,) = [r for r in release.rows("articles") if r["article_id"] == row["article_id"]]
    assert article["url"] == "https://courier.example/story"


HOSTILE = {
    "nested": "<div>" * 100_000 + PARAGRAPHS,
    "inline": "<b>" * 100_000 + "x",
    "breaks": "<p>" + "x <br><br>" * 300_000,
    "wide": f"<div class=teaser>{PARAGRAPHS}</div>" * 5_000,
    "data": '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
    "names": '<span class="author">' + "a, " * 300_000 + "</span>",
    "unclosed": "<" * 1_000_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_pages_give_a_description(name: str) -> None:
    """Depth, width and nonsense cost bounded time and never raise."""
    assert isinstance(describe_page(HOSTILE[name], COURIER), Description)


TAGS = st.sampled_from(
    ["<p>", "</p>", "<div class=teaser>", "</div>", "<h1>", "<br><br>", "<a href=x>", "<table><td>",
     "<script>", "<!--", "<figcaption>", "&amp;", "\x00", "\u200b", "text of some words ", "<li>", "]]>"]
)  # fmt: skip


@given(st.lists(TAGS | st.text(max_size=20), max_size=30).map("".join))
def test_any_markup_gives_a_description(markup: str) -> None:
    """Whatever the tags, nothing is raised and every paragraph is in normal form."""
    found = describe_page(markup, COURIER, "fast")
    assert all(line.strip() == line for line in found.text.split("\n\n"))


@pytest.mark.parametrize("mode", MODES)
def test_whole_pages_are_read_above_the_floors(mode: str) -> None:
    """Fourteen pages written for this test, in eight languages and many layouts, are read well."""
    assert len(PAGES) == 14
    found: Score = score(PAGES, read_by_mode(mode))
    assert found.f1 >= 0.98
    assert found.precision >= 0.97
    assert found.exact >= 0.7
    assert found.title == 1
    assert found.authors >= 0.96
    assert found.same_day >= 0.92
    assert found.low == []


def test_a_pull_quote_goes_and_a_paragraph_said_twice_stays() -> None:
    """What only repeats part of a paragraph is left out; whole paragraphs are the outlet's words."""
    quote = f"<blockquote>“{BODY[1][:-1]}”</blockquote>"
    assert read(PARAGRAPHS + quote).text.split("\n\n") == BODY
    twice = read(f"{PARAGRAPHS}<p>{BODY[2]}</p>")
    assert twice.text.split("\n\n") == [*BODY, BODY[2]]


def test_only_the_page_s_own_node_of_json_ld_speaks(tmp_path: Path) -> None:
    """Teasers of other articles, before or after, give neither title nor author nor date."""
    teaser = json_ld(headline="Other piece", author={"name": "Ben Ink"}, datePublished="2001-02-03")
    own = json_ld(headline="Ledger room opens", url="https://courier.example/a/7")
    link = '<link rel="canonical" href="https://courier.example/a/7">'
    for head in (teaser + own + link, own + teaser + link):
        found = read(PARAGRAPHS, head)
        assert found.title == "Ledger room opens"
        assert found.byline == []
        assert found.stated is None


def test_a_value_that_cannot_be_used_leaves_room_for_the_next() -> None:
    """A date that is none, a language that is a name: the head's own are taken."""
    head = json_ld(
        datePublished="soon", inLanguage={"name": "English"}, dateModified="2024-05-03T10:00"
    )
    head += '<meta property="article:published_time" content="2024-05-03T08:00:00Z">'
    head += '<meta property="article:modified_time" content="2024-05-04T08:00:00Z">'
    found = describe_page(f'<html lang="fr"><head>{head}</head><body>{PARAGRAPHS}', COURIER)
    assert found.stated
    assert found.stated.published == "2024-05-03"
    assert found.language == "fr"
    assert found.modified_at == "2024-05-04T08:00:00.000000Z"


def test_readers_are_no_authors_and_teasers_have_no_date() -> None:
    """A comment's author and the time of a teaser above the headline are somebody else's."""
    teaser = '<div class="related"><time datetime="2011-01-01">1 January 2011</time></div>'
    comment = '<section class="comments"><span class="comment-author">Troll Person</span></section>'
    shown = "<p>Published: 3 May 2024 10:47 GMT</p>"
    found = read(f"{teaser}<h1>Ledger room</h1>{shown}{PARAGRAPHS}{comment}")
    assert found.byline == []
    assert found.stated
    assert found.stated.at == "2024-05-03T10:47:00.000000Z"
    assert "Published: 3 May 2024 10:47 GMT" in found.removed_lines


@pytest.mark.parametrize("foot", ["<footer><p>© 2019 Harbour Courier</p></footer>", ""])
def test_no_date_is_made_of_a_year(foot: str) -> None:
    """A copyright line is no date of publication."""
    assert read(PARAGRAPHS + foot).stated is None


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2014/12/25/tides", "2014-12-25"),
        ("/2014/1/2/tides", "2014-01-02"),
        ("/20141105-tides", "2014-11-05"),
        ("/tides-05-11-2014", "2014-11-05"),
        ("/2014/12/tides", None),
        ("/201412/tides", None),
    ],
)
def test_the_day_of_a_canonical_address(path: str, day: str | None) -> None:
    """Whole days alone, in either order; a month is none."""
    head = f'<link rel="canonical" href="https://courier.example{path}">'
    stated = read(PARAGRAPHS, head).stated
    assert (stated.published if stated else None) == day


def test_days_without_number_take_no_time() -> None:
    """A page of ten thousand days is read like any other."""
    days = (f"<p>{year}-{month:02}-{day:02}</p>" for year in range(1990, 2020) for month in range(1, 13)
            for day in range(1, 29))  # fmt: skip
    assert read(PARAGRAPHS + "".join(days)).title is None


def test_a_chronology_keeps_its_dates() -> None:
    """Lines that are dates are text, once the text has begun."""
    page = f"<p>{BODY[0]}</p><p>{BODY[1]}</p><p>12 March 1998</p><p>{BODY[2]}</p><p>3 May 2004</p><p>{BODY[3]}</p>"
    found = read(page)
    assert "12 March 1998" in found.text
    assert found.stated is None


@pytest.mark.parametrize(
    "name", ["Da Chen", "Di Zhang", "Von der Leyen", "José Ortega y Gasset", "King, Martin Luther"]
)
def test_a_stated_name_stays_whole(name: str) -> None:
    """Particles and commas are parts of names."""
    assert list(clean_names([name])) == [name]


def test_titles_keep_what_only_mentions_the_outlet() -> None:
    """The site's name goes; a headline that speaks of it does not."""
    whole = "Obituary – the founder of Harbour Courier dies at 90"
    for stated in (whole, f"{whole} | Harbour Courier", f"Harbour Courier | {whole}"):
        assert read(PARAGRAPHS, f"<title>{stated}</title>").title == whole


def test_headlines_come_in_normal_form_and_from_above() -> None:
    """No soft hyphens in a headline; one in the footer is none."""
    assert read(f"<h1>Leder&shy;raum</h1>{PARAGRAPHS}").title == "Lederraum"
    assert read(f"{PARAGRAPHS}<footer><h1>About our company</h1></footer>").title is None


def test_a_form_around_the_page_hides_nothing() -> None:
    """Old pages are one form from top to bottom."""
    found = read(f"<form><h1>Ledger room</h1>{PARAGRAPHS}</form>", mode="fast")
    assert found.title == "Ledger room"
    assert found.text.split("\n\n") == BODY


@pytest.mark.parametrize("depth", [400, 3000])
def test_nesting_loses_nothing_in_silence(depth: int) -> None:
    """Each paragraph opens an element: all are read, or the capture is cut and says so."""
    page = "".join(f"<div><p>Volume {n} of the ledger is {BODY[1]}</p>" for n in range(depth))
    found = read(page)
    assert found.body.n_paragraphs == depth or (
        found.access == "cut" and "MF503" in [fault.code for fault in found.faults]
    )


def test_a_headline_cut_inside_an_emoji_is_text() -> None:
    """Half a character in JSON-LD is shown as damage."""
    script = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ledger \\ud83d"}</script>'
    assert read(PARAGRAPHS, script).title == "Ledger \ufffd"


def test_a_page_of_nothing_but_tags_is_refused() -> None:
    """More markup than any page of news has is an error, at once."""
    assert [fault.code for fault in read("<br>" * 500_001).faults] == ["MF318"]


@pytest.mark.parametrize("charset", ["iso-2022-jp", "windows-1250", "euc-kr"])
def test_a_stated_charset_is_used_where_utf_8_is_out(charset: str) -> None:
    """Bytes that are no UTF-8, or only seem to be, are read as the page says."""
    words = {"iso-2022-jp": "図書館", "windows-1250": "Zażółć gęślą jaźń", "euc-kr": "도서관"}[
        charset
    ]
    body = f'<meta charset="{charset}"><p>{words}</p>'.encode(charset)
    assert words in decode(body, stated_charset(body)).text


SELECTORS = [
    {"field": "text", "css": "div.story p"},
    {"field": "title", "css": ".kopf b", "valid": "2020/.."},
    {"field": "title", "css": ".kopf i"},
    {"field": "byline", "css": "span.von"},
    {"field": "published", "css": "em[data-day]"},
    {"field": "remove", "css": ".x"},
]


@pytest.mark.parametrize(
    ("day", "title"), [("2021-05-06", "New head"), ("2011-05-06", "Old head"), (None, "New head")]
)
def test_an_outlet_s_selectors_come_first_while_they_are_valid(day: str | None, title: str) -> None:
    """Fields come from the elements the outlet file names, by the day of retrieval."""
    outlet = Outlet({**COURIER.entry, "selectors": SELECTORS})
    body = (
        f'<div class="kopf"><b>New head</b><i>Old head</i></div><span class="von">Ada Quill</span>'
        f'<em data-day>3 May 2024</em><div class="story"><p>{BODY[0]}<span class="x"> More!</span></p>'
        f"<p>Short.</p></div><div>{PARAGRAPHS}{PARAGRAPHS}</div>"
    )
    found = describe_page(f"<html><body>{body}</body></html>", outlet, day=day)
    assert found.text.split("\n\n") == [BODY[0], "Short."]
    assert (found.title, found.byline) == (title, ["Ada Quill"])
    assert found.stated
    assert found.stated.published == "2024-05-03"
    rules = {source.field: source.rule for source in found.sources}
    assert rules["text"] == "the outlet's selector div.story p"


@pytest.mark.parametrize(
    "first", ["<script>var lead = 1;</script>", "<head><title>x</title></head>", ""]
)
def test_a_page_is_known_by_the_tag_it_begins_with(first: str) -> None:
    """A script before the doctype makes no text of a page."""
    page = f"\n{first}\n<!DOCTYPE html><html><body><h1>Ledger room opens</h1>{PARAGRAPHS}</body></html>"
    assert microfiche.read(page).text == "\n\n".join(BODY)
    told = "<script> is a tag that this text tells of."
    assert microfiche.read(f"{told}\n\n{BODY[0]}\n\n{BODY[1]}").text.endswith(BODY[1])
    assert (
        microfiche.read("<angle> brackets open this text.").title
        == "<angle> brackets open this text."
    )
