"""What the page of a release says, and what it must not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from browser import HOSTILE, shown
from microfiche.describe.facts import measure
from microfiche.describe.source import release_source
from microfiche.describe.wording import changed_passages
from microfiche.library import Release, open_archive
from microfiche.pipeline import BuildOptions
from microfiche.report import page as pages
from microfiche.report.charts import bar, grid, lane, level
from microfiche.report.page import report_page
from small import build, outlet, prose, record, write


def made(release: Release) -> str:
    """The page of a release, made anew."""
    return report_page(release, release_source(release), measure(release)).decode()


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    """A page made anew, and of the same archive in another order, is the same."""
    release = shown(tmp_path / "one")
    stated = (release.root / "report.html").read_text("utf-8")
    assert made(release) == stated
    again = shown(tmp_path / "two")
    assert (again.root / "report.html").read_text("utf-8") == stated


def test_parts_of_a_table_are_counted_as_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large table comes in many parts, whose counts are put together now and then."""
    release = shown(tmp_path)
    stated, whole = (release.root / "report.html").read_text("utf-8"), Release.batches

    def row_by_row(
        self: Release, name: str, columns: Sequence[str] | None = None
    ) -> Iterator[pa.Table]:
        for batch in whole(self, name, columns):
            yield from (batch.slice(at, 1) for at in range(len(batch)))

    monkeypatch.setattr(Release, "batches", row_by_row)
    monkeypatch.setattr("microfiche.report.survey.MOST_PARTS", 2)
    assert made(release) == stated


def test_nothing_of_the_data_is_markup(tmp_path: Path) -> None:
    """Titles, bylines and authorities with markup in them are text."""
    page = (shown(tmp_path).root / "report.html").read_text("utf-8")
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;window.hit = 1&lt;/script&gt;") >= 3
    assert len(re.findall("<script", page)) == 1
    policy = re.search('Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "unsafe" not in policy[1]
    assert policy[1].startswith("default-src &#39;none&#39;")


def test_a_public_page_shows_what_its_tables_show(tmp_path: Path) -> None:
    """Withheld texts, captions, people and files are nowhere in a public release's page."""
    texts = [prose(n, 60) for n in (1, 2, 3)]
    again = record(2, text=texts[2], captions=["Behind the counter"])
    again["retrieval"] = again["retrieval"] | {"retrieved_at": "2025-07-01T00:00:00Z"}
    first = record(2, text=texts[1], captions=["Before the counter"])
    root = write(tmp_path, [record(1, text=texts[0]), first, again], outlet(text="withheld"))
    full = (build(root).root / "report.html").read_text("utf-8")
    assert all(text in full for text in (texts[0], texts[2], "the counter"))
    public = build(root, access="public")
    page = (public.root / "report.html").read_text("utf-8")
    words = {word for text in texts for word in text.split()}
    assert not words & set(re.findall(r"[\w.]+", page))
    for hidden in ("counter", "records.jsonl", "desk<", "by desk"):
        assert hidden not in page
    assert "Piece 2" in page
    assert "withheld or too long to be compared here" in page


def test_a_masked_text_is_never_compared(tmp_path: Path) -> None:
    """Of a text that is masked the page shows no word that the tables hide."""
    text = prose(5, 80)
    root = write(tmp_path, [record(1, text=text)], outlet(text="masked"))
    build(root)
    public = build(root, access="public")
    shown_text = public.rows("articles")[0]["text"]
    page = (public.root / "report.html").read_text("utf-8")
    assert "@" in shown_text
    assert shown_text in page
    assert text not in page


@pytest.mark.parametrize("most", [3, 500])
def test_a_large_release_lists_its_largest_months(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Above the bound whole months are listed, those with most articles, and said so."""
    release = build(write(tmp_path, [record(n) for n in (1, 2, 13, 14, 25, 3)]))
    monkeypatch.setattr(pages, "MOST_ARTICLES", most)
    page = made(release)
    listed = re.findall(r'<tbody id="courier:n-(\d+)">', page)
    assert sorted(listed) == (["1", "13", "25"] if most == 3 else ["1", "13", "14", "2", "25", "3"])
    assert ("3 of 6 articles: of the months with most, 2024-01." in page) == (most == 3)


def test_a_page_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts give way first, then what lines unfold to, then lines; it says so."""
    release = build(write(tmp_path, [record(n, text=prose(n, 400)) for n in range(1, 9)]))
    whole = made(release)
    sizes = []
    for bound in (len(whole) - 200, len(whole) - 22_000, 1):
        monkeypatch.setattr(pages, "MOST_BYTES", bound)
        page = made(release)
        sizes.append(len(page))
        assert page.count("<tbody id=") == (8 if bound > 1 else 1)
        assert ("1 of 8 articles" in page) == (bound == 1)
        assert prose(1, 400) not in page
    assert sizes[0] > sizes[2]
    assert "<details><summary>Captures" not in page
    assert len(whole) > sizes[0]


def test_thousands_of_hosts_and_outlets_stay_a_page(tmp_path: Path) -> None:
    """Hundreds of outlets with a hundred years each keep the page under two megabytes."""
    outlets = [outlet(f"paper{n}") for n in range(230)]
    records = [
        record(
            n,
            host=f"paper{n}.example",
            published=f"{year}-01-10",
            url=f"https://paper{n}.example/{year}/01/{n}",
        )
        for n in range(230)
        for year in (1930, 2024)
    ]
    release = build(write(tmp_path, records, *outlets))
    size = (release.root / "report.html").stat().st_size
    assert 300_000 < size < 2_000_000


def _stays_a_page(root: Path, seconds: int = 20) -> str:
    """The page of an archive's release: built in bounded time, and under two megabytes."""
    start = time.monotonic()
    page = (build(root).root / "report.html").read_text("utf-8")
    assert time.monotonic() - start < seconds
    assert len(page.encode()) < 2_000_000
    return page


def test_texts_made_to_be_compared_for_ever(tmp_path: Path) -> None:
    """Words that repeat just as often as costs most are told as replaced."""
    records = []
    for number, word in enumerate("abc", 1):
        text = " ".join(f"w{n % 50} {word}{n}" for n in range(2495))
        at = {"retrieved_at": f"2025-0{number}-01T00:00:00Z", "method": "crawler"}
        records.append(record(1, text=text, retrieval=at))
    page = _stays_a_page(write(tmp_path, records))
    assert page.count("<del>") >= 2


def test_what_is_large_is_cut(tmp_path: Path) -> None:
    """Events, a description, creators, ids: each alone would pass the bound."""
    long = "&" * 300
    event = f'[[events]]\ndate = "2020"\ntype = "launch"\nnote = "{long}"\nstated_by = "{long}"\nsource = "{long}"\n'
    outlets = [outlet(f"p{n}") + event * 50 for n in range(20)]
    named = [record(1, host="p1.example", outlet_id="p1")]
    page = _stays_a_page(write(tmp_path / "events", named, *outlets))
    assert "And 840 more; the table <code>outlets</code> has them all." in page
    names = "".join(f'[[creators]]\nname = "{"N" * 500}{n}"\n' for n in range(5000))
    head = f'name = "press"\ntitle = "P"\nlicense = "CC0-1.0"\ndescription = "{"x" * 3_000_000}"\n'
    root = write(tmp_path / "dataset", [record(1)])
    (root / "raw" / "dataset.toml").write_text(head + names)
    _stays_a_page(root)
    pattern = outlet().replace("(?P<id>[0-9]+)", "(?P<id>.+)")
    urls = [f"https://courier.example/2024/01/{n}{'a' * 2400}" for n in range(500)]
    page = _stays_a_page(
        write(
            tmp_path / "ids",
            [record(1, url=url, text=prose(n)) for n, url in enumerate(urls)],
            pattern,
        )
    )
    assert len(re.findall("<tbody>", page)) >= 500


def test_one_large_article_takes_nothing_from_others(tmp_path: Path) -> None:
    """What does not fit is left out alone, and the page says how many unfold."""
    records = [record(n) for n in range(2, 30)]
    for number in range(21):
        at = {"retrieved_at": f"2025-01-{number + 1:02}T00:00:00Z", "method": "crawler"}
        captions = [c for n in range(100) for c in (f"same{n}", f"{number}x{n}" + "a" * 1900)]
        records.append(record(1, captions=captions, retrieval=at))
    page = _stays_a_page(write(tmp_path, records))
    unfolded = page.count("<details><summary>Captures")
    assert unfolded >= 28
    assert (f"{unfolded} of them with captures" in page) == (unfolded < 29)


def test_drawings() -> None:
    """Bars are shares of the most, levels rise with counts, cells of a kind share a path."""
    assert [level(n, 100) for n in (0, 1, 10, 50, 100)] == [0, 1, 2, 3, 4]
    assert level(1, 1) == 4
    assert 'width="33.3%"' in bar(1, 3)
    assert 'width="0.0%"' in bar(0, 0)
    drawn = grid("a & b", ["J"], ["2024"], {(0, 0): "missing"})
    assert 'aria-label="a &amp; b"' in drawn
    assert '<path class="missing" d="M34 14h12v12h-12z"/>' in drawn
    assert lane("x", 2, {0: "found", 1: "found"}, {1: "lost"}).count("<path") == 2


def test_edits_word_by_word() -> None:
    """Only what changed is told, with a few words around it; far places stand apart."""
    words = [f"w{n}" for n in range(60)]
    other = [*words]
    other[10], other[50] = "new", "last"
    first, second = changed_passages([" ".join(words)], [" ".join(other)])
    assert [run.kind for run in first] == ["same", "deleted", "added", "same"]
    assert (first[1].words.strip(), first[2].words.strip()) == ("w10", "new")
    assert first[0].words.split() == ["…", *words[2:10]]
    assert second[-1].words.split() == [*words[51:59], "…"]
    assert changed_passages(["a b"], ["a b"]) == []
    assert changed_passages([], ["a"])[0][0].kind == "added"
    assert changed_passages(["日本の新聞"], ["日本の雑誌"])[0][1].words == "新聞"
    many = ["a"] * 6000
    assert len(changed_passages(many, many[:-1])) == 1
    apart = changed_passages(["One stays. Two goes. Three stays."], ["One stays. Three stays."])
    assert [run.words.strip() for run in apart[0] if run.kind == "deleted"] == ["Two goes."]


def test_a_draft_and_an_empty_dataset_file_have_a_page(tmp_path: Path) -> None:
    """What a dataset file leaves out is no fault of the page."""
    root = write(tmp_path, [{"outlet_id": "courier", "text": prose(1)}])
    (root / "raw" / "dataset.toml").write_text('name = "press"\ntitle = "Press"\n')
    release = open_archive(root).build(BuildOptions(workers=1, date="2026-01-01")).release
    page = (release.root / "report.html").read_text("utf-8")
    assert "Draft, not to be published" in page
    assert "No article and no expected address is dated" in page
