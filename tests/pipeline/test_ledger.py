"""Absence is data: expected addresses, periods without articles, observations in vain."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from microfiche.library import Release, open_archive, verify
from microfiche.pipeline import BuildOptions
from small import build, outlet, prose, record, write

MISSING = (2023, 7)


def article(year: int, month: int, number: int) -> dict[str, Any]:
    """A record dated in a month."""
    return record(
        number,
        url=f"https://courier.example/{year}/{month:02}/{number}",
        text=prose(number, 30),
        published=f"{year}-{month:02}-15",
    )


def in_vain(number: int) -> dict[str, Any]:
    """An observation that found nothing, in March 2022."""
    retrieval = {
        "retrieved_at": f"2025-02-{number:02}T00:00:00Z",
        "http_status": 404,
        "outcome": "not_found",
    }
    url = f"https://courier.example/2022/03/{5000 + number}"
    return {"url": url, "outlet_id": "courier", "retrieval": retrieval}


def sitemap(*urls: str) -> str:
    """A sitemap of some addresses."""
    body = "".join(f"<url><loc>{url}</loc><lastmod>2025-01-01</lastmod></url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """Three years, two articles a month, one month missing, ten 404s and a sitemap."""
    months = [(year, month) for year in (2022, 2023, 2024) for month in range(1, 13)]
    held = [each for each in months if each != MISSING]
    records = [article(y, m, 100 + 2 * n + k) for n, (y, m) in enumerate(held) for k in (0, 1)]
    vain = [in_vain(number) for number in range(1, 11)]
    listed = [
        each["url"].replace("courier.example", "courier-mirror.example") for each in records[:20]
    ]
    never = [f"https://courier.example/2023/07/{number}" for number in (900, 901, 902)]
    root = write(tmp_path / "a", records)
    (root / "raw" / "expected").mkdir()
    page = sitemap(*listed, *never, vain[0]["url"], "https://elsewhere.example/1")
    (root / "raw" / "expected" / "sitemap.xml").write_text(page)
    observed = [each["retrieval"] | {"url": each["url"], "outlet_id": "courier"} for each in vain]
    lines = "".join(json.dumps(each) + "\n" for each in observed)
    (root / "raw" / "captures" / "retrievals.jsonl").write_text(lines)
    return build(root)


def test_three_years_with_a_month_missing_ten_404s_and_a_sitemap(release: Release) -> None:
    """`coverage` says exactly that, and so do the card and the datasheet."""
    rows = release.rows("coverage")
    periods = {row["subject"]: row for row in rows if row["kind"] == "period"}
    assert len(periods) == 36
    without = {subject for subject, row in periods.items() if row["state"] != "captured"}
    assert without == {"2023-07"}
    gap = periods["2023-07"]
    assert (gap["state"], gap["cause"], gap["n_articles"]) == ("missing", "no-article", 0)
    assert (gap["n_addresses"], gap["n_missing"], gap["n_failed"]) == (3, 3, 0)
    assert (periods["2022-03"]["n_failed"], periods["2022-03"]["n_articles"]) == (10, 2)
    assert sum(row["n_articles"] for row in periods.values()) == 70
    addresses = [row for row in rows if row["kind"] == "address"]
    states = [row["state"] for row in addresses]
    assert {each: states.count(each) for each in set(states)} == {
        "captured": 20, "missing": 4, "failed": 10,
    }  # fmt: skip
    failed = [row for row in addresses if row["state"] == "failed"]
    assert {(row["cause"], row["http_status"]) for row in failed} == {("not_found", 404)}
    assert [row["expected_by"] for row in failed].count(["expected/sitemap.xml"]) == 1
    assert failed[0]["last_tried_at"].startswith("2025-02-")
    captured = [row for row in addresses if row["state"] == "captured"]
    ids = {row["article_id"] for row in release.rows("articles")}
    assert {row["article_id"] for row in captured} <= ids
    assert all(row["subject"].startswith("https://courier.example/") for row in captured)
    foreign = [row for row in addresses if row["outlet_id"] is None]
    assert [row["subject"] for row in foreign] == ["https://elsewhere.example/1"]
    for name in ("README.md",):
        page = (release.root / name).read_text()
        assert "| `courier` | 2022-01 to 2024-12 | 35 of 36 | 2023-07 |" in page
        assert (
            "tried in vain: 34. With an article: 20; never captured: 4; captured in vain: 10"
            in page
        )
        assert "(not\\_found 10)" in page


LISTS = {
    "table.csv": b"no,URL,Date\r\n1,https://courier.example/2024/01/1,2024-01-01\r\n,,\r\n"
    b'2,"https://courier.example/2024/02/99",\r\n',
    "table.tsv": b"link\tnote\nhttps://courier.example/2024/01/1\ta, b\nhttps://courier.example/2024/02/99\n",
    "list.txt": b"# mine\nhttps://courier.example/2024/01/1\n\nhttps://courier.example/2024/02/99\t2024-02-09\n",
    "map.xml": sitemap("https://courier.example/2024/01/1", "https://courier.example/2024/02/99").encode(),
    "map.xml.gz": gzip.compress(sitemap("https://courier.example/2024/01/1", "https://courier.example/2024/02/99").encode()),
    "feed.rss": b"<rss><channel><link>https://courier.example/</link>"
    b"<item><title>x</title><link>https://courier.example/2024/01/1</link><pubDate>Wed, 10 Jan 2024 10:00:00 GMT</pubDate></item>"
    b"<item><guid>https://courier.example/2024/02/99</guid></item></channel></rss>",
    "feed.atom": b'<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://courier.example/"/>'
    b'<entry><id>tag:1</id><link rel="self" href="https://api.example/1"/><link href="https://courier.example/2024/01/1"/></entry>'
    b'<entry><id>https://courier.example/2024/02/99</id><published>2024-02-09T00:00:00Z</published></entry></feed>',
    "index.cdx": b" CDX N b a m s k r M S V g\n"
    b"example,courier)/2024/01/1 20240110000000 https://courier.example/2024/01/1 text/html 200 A - - 1 2 f\n"
    b"example,courier)/2024/02/99 20240210000000 https://courier.example/2024/02/99 text/html 200 A - - 1 2 f\n",
    "index.cdxj": b'example,courier)/2024/01/1 20240110000000 {"url": "https://courier.example/2024/01/1"}\n'
    b'example,courier)/2024/02/99 20240210000000 {"url": "https://courier.example/2024/02/99", "status": "200"}\n',
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_every_kind_of_list_is_read(tmp_path: Path, name: str) -> None:
    """Plain lists, sitemaps, feeds and indexes say the same."""
    root = write(tmp_path / "a", [record(1)])
    (root / "raw" / "expected").mkdir()
    (root / "raw" / "expected" / name).write_bytes(LISTS[name])
    assert not [f for f in open_archive(root).validate().findings if f.code in ("MF107", "MF108")]
    rows = [row for row in build(root).rows("coverage") if row["kind"] == "address"]
    assert {(row["subject"], row["state"]) for row in rows} == {
        ("https://courier.example/2024/01/1", "captured"),
        ("https://courier.example/2024/02/99", "missing"),
    }


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>'
BAD_LISTS = {
    "nameless.csv": b"a,b\n1,2\n",
    "empty.csv": b"",
    "wide.csv": b"url\n" + b"x" * 200_000,
    "broken.xml": b"<urlset><url><loc>https://courier.example/1",
    "index.xml": b"<sitemapindex><sitemap><loc>https://courier.example/m.xml</loc></sitemap></sitemapindex>",
    "broken.txt.gz": b"\x1f\x8b no gzip",
    "noise.xml": bytes(range(256)),
    "table.ods": b"PK",
    "short.cdx": b" CDX N b m\nx 1 text/html\n",
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_list_that_cannot_be_read_is_a_finding_and_stops_the_build(
    tmp_path: Path, name: str, run: Run
) -> None:
    """MF107 with the file's name; what is missing could not be told otherwise."""
    root = write(tmp_path / "a", [record(1)])
    (root / "raw" / "expected").mkdir()
    (root / "raw" / "expected" / name).write_bytes(BAD_LISTS[name])
    done = run("build", root)
    assert done.returncode == 3
    assert f"raw/expected/{name}: error MF107" in done.stderr
    assert not list((root / "dist").glob("*/*"))


def test_entities_are_not_expanded_and_links_not_followed(tmp_path: Path) -> None:
    """An address of entities is none; a list that is a link out of raw/ is refused."""
    root = write(tmp_path / "a", [record(1)])
    (root / "raw" / "expected").mkdir()
    (root / "raw" / "expected" / "bomb.xml").write_bytes(BOMB)
    (tmp_path / "secret.txt").write_text("https://courier.example/secret\n")
    (root / "raw" / "expected" / "link.txt").symlink_to(tmp_path / "secret.txt")
    found = {(f.where, f.code) for f in open_archive(root).validate().findings}
    assert ("raw/expected/link.txt", "MF107") in found
    assert {code for where, code in found if where.endswith("bomb.xml")} <= {"MF107", "MF108"}
    assert ("raw/expected/bomb.xml", "MF108") in found or (
        "raw/expected/bomb.xml",
        "MF107",
    ) in found


def test_a_withdrawn_article_has_no_row(tmp_path: Path) -> None:
    """Its address was expected; the tombstone says what may be said."""
    root = write(tmp_path / "a", [record(1), record(2)])
    (root / "raw" / "expected").mkdir()
    (root / "raw" / "expected" / "l.txt").write_text(f"{record(1)['url']}\n{record(2)['url']}\n")
    build(root)
    line = {
        "article_id": "courier:n-1",
        "reason": "privacy",
        "date": "2026-01-01",
        "authority": "x",
    }
    (root / "raw" / "withdrawals.jsonl").write_text(json.dumps(line) + "\n")
    rows = [row for row in build(root).rows("coverage") if row["kind"] == "address"]
    assert [row["subject"] for row in rows] == [record(2)["url"]]


def test_long_lived_outlets_are_told_by_years(tmp_path: Path) -> None:
    """From 1826 to 2024: a row a year, not two thousand."""
    old = record(1, url="https://courier.example/old/1", published="1826-05-01")
    release = build(write(tmp_path / "a", [old, record(2)], outlet()))
    periods = [row for row in release.rows("coverage") if row["kind"] == "period"]
    assert len(periods) == 199
    assert (periods[0]["subject"], periods[-1]["subject"]) == ("1826", "2024")
    assert [row["state"] for row in periods].count("missing") == 197


def test_an_address_whose_capture_was_refused(tmp_path: Path, run: Run) -> None:
    """It was tried: it is not said never to have been captured, and the reason is told."""
    broken = record(1, published="one day")
    root = write(tmp_path / "a", [broken, record(2)])
    (root / "raw" / "expected").mkdir()
    (root / "raw" / "expected" / "list.txt").write_text(
        "".join(f"https://courier.example/2024/{n:02}/{n}\n" for n in (1, 2, 3))
    )
    release = build(root)
    rows = {row["subject"][-1]: row for row in release.rows("coverage") if row["kind"] == "address"}
    assert [(rows[n]["state"], rows[n]["cause"]) for n in "123"] == [
        ("failed", "rejected"),
        ("captured", None),
        ("missing", "no-capture"),
    ]
    assert [each for each in verify(release.root, rebuild=root) if not each.ok] == []
    told = run("coverage", root).stdout
    assert (
        "captured, and no article was found: 1\n  https://courier.example/2024/01/1 (rejected)"
        in told
    )
    assert "captured, and refused: 1\n  captures/records.jsonl, line 1 (MF406)" in told


def test_what_was_told_of_a_datasheet_is_told_once(tmp_path: Path) -> None:
    """Open questions are no news at every build of an archive that is as it was."""
    root = write(tmp_path / "a", [record(1)])
    for cache in (True, False):
        first = open_archive(root).build(BuildOptions(out=tmp_path / f"out-{cache}", cache=cache))
        assert "MF110" in first.counts
        write(root, [record(1), record(2)])
        for _ in range(2):
            again = open_archive(root).build(
                BuildOptions(out=tmp_path / f"out-{cache}", cache=cache)
            )
            assert "MF110" not in again.counts
            assert "MF110" not in {each.code for each in again.findings}
        write(root, [record(1)])
        assert "MF110" in {each.code for each in open_archive(root).validate().findings}
        shutil.rmtree(tmp_path / f"out-{cache}")
