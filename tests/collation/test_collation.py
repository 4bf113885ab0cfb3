"""Captures to articles and revisions: what merges, what does not, and in which order."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from hosts import A, B, capture, released, text
from microfiche.library import Release, open_archive
from microfiche.pipeline import BuildOptions


def test_hosts_of_one_site_share_paths(tmp_path: Path) -> None:
    """A mirror's copy is the same article; a language host's equal path is another."""
    release = released(
        tmp_path,
        capture(1, url=A, at="2020-01-01T00:00:00Z"),
        capture(1, url="https://mirror.example/a?utm_source=x", at="2020-01-02T00:00:00Z"),
        capture(2, url="https://fr.courier.example/a", at="2020-01-01T00:00:00Z"),
    )
    articles = release.rows("articles")
    assert len(articles) == 2
    merged = next(row for row in articles if row["provenance"]["n_captures"] == 2)
    assert merged["url"] == A
    assert merged["provenance"]["captured_from"] == ["courier.example", "mirror.example"]
    assert merged["provenance"]["mirror_domains"] == ["mirror.example"]
    assert merged["n_revisions"] == 1


def test_different_addresses_merge_only_by_equal_text(tmp_path: Path) -> None:
    """Equal full text under one headline joins two addresses, near-equal text does not."""
    release = released(
        tmp_path,
        capture(1, url=A),
        capture(1, url=B, title="PIECE 1"),
        capture(1, url="https://courier.example/c", text=text(1).replace("harbour", "haven")),
    )
    assert sorted(row["provenance"]["n_captures"] for row in release.rows("articles")) == [1, 2]
    rules = sorted(row["merge_rule"] or "" for row in release.rows("captures"))
    assert rules == ["", "address", "equal-text"]


def test_short_texts_never_merge(tmp_path: Path) -> None:
    """Under 50 words, equal text proves nothing."""
    short = text(1, words=49)
    release = released(tmp_path, capture(1, url=A, text=short), capture(1, url=B, text=short))
    assert len(release.rows("articles")) == 2


def test_a_capture_without_address_needs_the_same_title_or_none(tmp_path: Path) -> None:
    """It joins its text under the same title or without one, not under another title."""
    no_title = capture(1)
    del no_title["title"]
    release = released(
        tmp_path, capture(1, url=A), capture(1), no_title, capture(1, title="Another piece")
    )
    counts = {row["title"]: row["provenance"]["n_captures"] for row in release.rows("articles")}
    assert counts == {"Piece 1": 3, "Another piece": 1}


def test_aliases_list_what_each_capture_alone_would_give(tmp_path: Path) -> None:
    """The id by address wins; the ids by bytes stay as aliases."""
    release = released(
        tmp_path, capture(1, url=A), capture(1), capture(1, at="2020-01-01T00:00:00Z")
    )
    (article,) = release.rows("articles")
    assert article["article_id"].startswith("courier:u-")
    assert len(article["aliases"]) == 2
    assert all(alias.startswith("courier:t-") for alias in article["aliases"])
    for alias in article["aliases"]:
        assert release.article(alias)["article_id"] == article["article_id"]


def test_revisions_in_order_with_their_cause(tmp_path: Path) -> None:
    """A→B→A: two revisions, the current one is what was seen last, the edit lies between times."""
    release = released(
        tmp_path,
        capture(1, url=A, at="2020-01-01T00:00:00Z"),
        capture(1, url=A, at="2020-02-01T00:00:00Z", text=text(2), title="Piece 1, corrected"),
        capture(1, url=A, at="2020-03-01T00:00:00Z"),
    )
    (article,) = release.rows("articles")
    first, second = release.revisions(article["article_id"])
    assert (article["revision_id"], article["revision"]) == (first["revision_id"], 1)
    assert (first["n_captures"], second["n_captures"]) == (2, 1)
    assert second["changed"] == ["text", "title"]
    assert second["cause"] == "outlet"
    assert second["text"] == text(2)
    assert second["previous_last_retrieved_at"] == "2020-03-01T00:00:00.000000Z"
    assert release.rows("revisions")[0]["text"] is None


def test_a_truncation_is_no_revision(tmp_path: Path) -> None:
    """A capture whose text is the beginning of another's makes no revision."""
    release = released(
        tmp_path,
        capture(1, url=A, at="2020-01-01T00:00:00Z"),
        capture(
            1, url=A, at="2020-02-01T00:00:00Z", text=text(1)[:200], retrieval={"access": "cut"}
        ),
    )
    (article,) = release.rows("articles")
    assert article["n_revisions"] == 1
    assert article["text"] == text(1)
    assert {row["revision_id"] for row in release.rows("captures")} == {article["revision_id"]}


def test_another_form_is_no_edit(tmp_path: Path) -> None:
    """Captures of different media types differ by format, not by the outlet's hand."""
    release = released(
        tmp_path,
        capture(1, url=A, at="2020-01-01T00:00:00Z"),
        capture(
            1, url=A, at="2020-02-01T00:00:00Z", text=text(3), retrieval={"media_type": "text/html"}
        ),
    )
    assert [row["cause"] for row in release.rows("revisions")] == [None, "format"]


def test_observations_join_their_article(tmp_path: Path) -> None:
    """A page that was not found on a mirror belongs to the article of its address."""
    release = released(tmp_path, capture(1, url=A, at="2020-01-01T00:00:00Z"))
    box = tmp_path / "raw" / "captures" / "retrievals.jsonl"
    gone = {
        "url": "https://mirror.example/a",
        "http_status": 410,
        "retrieved_at": "2021-01-01T00:00:00Z",
    }
    other = {"url": "https://courier.example/never", "http_status": 404}
    stray = {"url": "https://elsewhere.example/x", "http_status": 404}
    box.write_text("".join(json.dumps(line) + "\n" for line in (gone, other, stray)))
    release = open_archive(tmp_path).build(BuildOptions(workers=1, date="2026-01-01")).release
    (article,) = release.rows("articles")
    rows = {row["url"]: row for row in release.rows("captures")}
    assert rows[gone["url"]]["outcome"] == "gone"
    assert rows[gone["url"]]["article_id"] == article["article_id"]
    assert rows[other["url"]]["article_id"] is None
    assert rows[stray["url"]]["outlet_id"] is None
    assert article["provenance"]["n_captures"] == 1


def test_gaps_are_filled_from_other_captures(tmp_path: Path) -> None:
    """What the speaking capture does not state comes from the latest that does, and says so."""
    release = released(
        tmp_path,
        capture(1, url=A, at="2020-01-01T00:00:00Z", published="2019-12-31", byline=["Ada Quill"]),
        capture(1, url=A, at="2020-02-01T00:00:00Z"),
    )
    (article,) = release.rows("articles")
    assert (article["published"], article["byline"]) == ("2019-12-31", ["Ada Quill"])
    borrowed = {
        source["field"]
        for source in article["provenance"]["field_sources"]
        if source["source"] == "other-capture"
    }
    assert borrowed == {"published", "byline"}


def test_equal_captures_are_one_row(tmp_path: Path) -> None:
    """The same bytes, address, time and method: one observation, wherever the file lies."""
    record = capture(1, url=A, at="2020-01-01T00:00:00Z")
    release = released(tmp_path, record, record)
    assert len(release.rows("captures")) == 1


@pytest.mark.parametrize("seed", range(3))
def test_input_order_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Whatever order captures come in, articles and revisions are the same."""
    records = [
        capture(n % 7, url=f"https://{host}/p{n % 5}", at=f"2020-01-{n + 1:02}T00:00:00Z")
        for n, host in zip(
            range(24), itertools.cycle(["courier.example", "mirror.example"]), strict=False
        )
    ] + [capture(n) for n in range(7)]
    plain = released(tmp_path / "plain", *records)
    random.Random(seed).shuffle(records)
    mixed = released(tmp_path / "mixed", *records)

    def essence(release: Release) -> list[Any]:
        rows = release.rows("articles") + release.rows("revisions")
        return [row["record_sha256"] for row in rows]

    assert essence(plain) == essence(mixed)


def test_an_address_that_leads_on_to_several_articles_joins_none(tmp_path: Path) -> None:
    """`/latest` shows another article each day: three articles stay three, none has it as an alias."""
    pages = []
    for number in (10, 20, 30):
        body = f"<h1>Piece {number}</h1><p>{text(number)}</p>"
        link = f'<link rel="canonical" href="https://courier.example/news/{number}">'
        html = f"<html><head>{link}</head><body>{body}</body></html>"
        for address in ("latest", f"news/{number}"):
            pages.append(
                {
                    "url": f"https://courier.example/{address}",
                    "html": html,
                    "retrieval": {"retrieved_at": f"2026-03-{number}T00:00:00Z"},
                }
            )
    release = released(tmp_path, *pages)
    rows = release.rows("articles")
    assert sorted(row["url"] for row in rows) == [
        f"https://courier.example/news/{number}" for number in (10, 20, 30)
    ]
    assert [row["aliases"] for row in rows] == [[], [], []]
    assert [row["provenance"]["n_captures"] for row in rows] == [2, 2, 2]


def test_a_later_page_of_an_article_is_not_its_first(tmp_path: Path) -> None:
    """Page two names page one as canonical, but shows other text: it is no revision of it."""
    pages = []
    for number in (1, 2):
        link = '<link rel="canonical" href="/long">'
        html = f"<html><head>{link}</head><body><h1>Long</h1><p>{text(number)}</p></body></html>"
        address = f"https://courier.example/long{'?page=2' if number == 2 else ''}"
        pages.append({"url": address, "html": html, "retrieval": {"notes": "n"}})
    release = released(tmp_path, *pages)
    assert [row["n_revisions"] for row in release.rows("articles")] == [1, 1]


def test_texts_that_are_alike_are_linked_and_stay_apart(tmp_path: Path) -> None:
    """A reprint and a near copy are linked with rule and similarity; templated reports are not."""
    long = text(1, 400)
    shorter = " ".join(long.split()[:360]) + "."
    other = [" ".join(text(seed, 40) for seed in range(2, 9))]
    reports = [
        f"The tide at the harbour rose to {n} feet at {n + 3} in the morning and fell to {n + 1} "
        f"feet by {n + 9}, and the wind was {n * 2} knots from the west on day {n}. " * 4
        for n in (11, 47)
    ]
    release = released(
        tmp_path,
        capture(1, text=long, url="https://courier.example/a", published="2026-01-02"),
        capture(2, text=shorter, url="https://courier.example/b", published="2026-01-01"),
        capture(3, text=long, url="https://fr.courier.example/c", outlet_id="gazette"),
        capture(4, text=other[0], url="https://courier.example/d"),
        *(
            capture(10 + n, text=each, url=f"https://courier.example/tide/{n}")
            for n, each in enumerate(reports)
        ),
    )
    ids = {row["title"]: row["article_id"] for row in release.rows("articles")}
    links = {(row["from_id"], row["to_id"]): row for row in release.rows("links")}
    assert len(ids) == 6
    assert links.keys() == {
        (ids["Piece 1"], ids["Piece 2"]),
        tuple(sorted((ids["Piece 1"], ids["Piece 3"]), reverse=True)),
        tuple(sorted((ids["Piece 2"], ids["Piece 3"]), reverse=True)),
    }
    near = links[ids["Piece 1"], ids["Piece 2"]]
    assert (near["relation"], near["rule"]) == ("near", "near-text")
    assert 850 <= near["similarity"] <= 920
    assert [row["similarity"] for row in links.values() if row["rule"] == "equal-text"] == [1000]


def test_a_canonical_link_that_unlike_pages_share_identifies_none(tmp_path: Path) -> None:
    """A site that names its news index as canonical everywhere keeps its articles apart."""
    link = '<link rel="canonical" href="https://courier.example/news">'
    pages = [
        {
            "url": f"https://courier.example/story/{n}",
            "html": f"<html><head>{link}</head><body><h1>Story {n}</h1><p>{text(n)}</p></body></html>",
            "retrieval": {"notes": "n"},
        }
        for n in range(5)
    ]
    release = released(tmp_path, *pages)
    rows = release.rows("articles")
    assert sorted(row["url"] for row in rows) == [
        f"https://courier.example/story/{n}" for n in range(5)
    ]
    assert {row["n_revisions"] for row in rows} == {1}
    assert all(verdict.ok for verdict in release.verify())


@pytest.mark.parametrize("form", ["/long/2", "/long?pageno=2", "/long/page/2"])
def test_later_pages_have_many_forms(tmp_path: Path, form: str) -> None:
    """A page two under another address is not page one."""
    link = '<link rel="canonical" href="/long">'
    html = f"<html><head>{link}</head><body><h1>Long</h1><p>{{}}</p></body></html>"
    pages = [
        {
            "url": f"https://courier.example{path}",
            "html": html.format(text(n)),
            "retrieval": {"notes": "n"},
        }
        for n, path in enumerate(("/long", form))
    ]
    assert len(released(tmp_path, *pages).rows("articles")) == 2


def test_a_short_link_is_followed(tmp_path: Path) -> None:
    """`?p=17` is a number of an article, not of a page."""
    html = f'<html><head><link rel="canonical" href="/2026/pretty"></head><body><h1>T</h1><p>{text(1)}</p></body></html>'
    pages = [
        {"url": f"https://courier.example{path}", "html": html, "retrieval": {"notes": "n"}}
        for path in ("/?p=17", "/2026/pretty")
    ]
    assert len(released(tmp_path, *pages).rows("articles")) == 1
