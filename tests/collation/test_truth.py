"""Collation against an archive whose truth is known (see truth.py)."""

from __future__ import annotations

import filecmp
import itertools
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from microfiche.captures import files
from microfiche.library import Release, open_archive
from microfiche.pipeline import BuildOptions
from truth import TRUTH_KEY, write_archive
from warcs import page, record, url


def built(root: Path, order: int, workers: int, out: str) -> Release:
    """The release of the archive in an order."""
    if not root.is_dir():
        write_archive(root, order)
    options = BuildOptions(out=root.parent / out, date="2026-01-01", workers=workers)
    return open_archive(root).build(options).release


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The archive, built once."""
    return built(tmp_path_factory.mktemp("truth") / "a", 0, 2, "out")


def grouped(rows: list[dict[str, Any]], key: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by a column."""
    found = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def pairs(groups: dict[str, list[dict[str, Any]]]) -> set[tuple[str, str]]:
    """Pairs of captures in one group."""
    return {
        pair
        for members in groups.values()
        for pair in itertools.combinations(sorted(row["capture_id"] for row in members), 2)
    }


def test_what_is_merged_belongs_together_and_what_belongs_together_is_merged(
    release: Release,
) -> None:
    """Precision 1, recall .98 or better, over all pairs of captures."""
    rows = release.rows("captures")
    for row in rows:
        row["truth"] = row["notes"].removeprefix(TRUTH_KEY)
    ours, truth = pairs(grouped(rows, "article_id")), pairs(grouped(rows, "truth"))
    assert len({row["truth"] for row in rows}) >= 2000
    assert len(truth) > 3000
    assert len(ours & truth) / len(ours) == 1.0
    assert len(ours & truth) / len(truth) >= 0.98


def test_revisions_are_the_states_that_were_seen(release: Release) -> None:
    """An edit gives two revisions with cause and interval, one taken back gives the first again."""
    kinds = Counter()
    truth = {
        row["article_id"]: row["notes"].removeprefix(TRUTH_KEY) for row in release.rows("captures")
    }
    revisions = grouped(release.rows("revisions"), "article_id")
    for article in release.rows("articles"):
        kind, states = truth[article["article_id"]][0], revisions[article["article_id"]]
        kinds[kind, len(states)] += 1
        later = [row for row in states if row["revision"] == 2]
        if kind in "ru":
            assert [row["cause"] for row in later] == ["outlet"]
            assert later[0]["previous_last_retrieved_at"]
        if kind == "u":
            assert article["revision"] == 1
            assert article["provenance"]["n_captures"] == 3
    assert dict(kinds.keys()) == dict.fromkeys("mvpcltwo", 1) | {"r": 2, "u": 2}


def test_links_tell_reprints_and_no_templates(release: Release) -> None:
    """Every reprint is linked to its twin, and nothing else is."""
    truth = {
        row["article_id"]: row["notes"].removeprefix(TRUTH_KEY) for row in release.rows("captures")
    }
    links = release.rows("links")
    assert len(links) == 200
    for row in links:
        one, other = truth[row["from_id"]], truth[row["to_id"]]
        assert (one[0], row["relation"], row["rule"]) == ("w", "reprint", "equal-text")
        assert one.rstrip("abcdefghijklmnopqrstuvwxyz") == other.rstrip(
            "abcdefghijklmnopqrstuvwxyz"
        )


def test_every_merge_keeps_its_rule(release: Release) -> None:
    """Captures of an article with company name the rule by which they belong to it."""
    rows = grouped(release.rows("captures"), "article_id")
    for members in rows.values():
        rules = {row["merge_rule"] for row in members}
        assert (rules == {None}) == (len(members) == 1)
    rules = Counter(row["merge_rule"] for members in rows.values() for row in members)
    assert rules.keys() == {None, "native-id", "address", "equal-text"}


def test_order_workers_and_chunks_change_nothing(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shuffled over five files: the same records. Other chunks and workers: the same bytes."""
    assert built(tmp_path / "b", 4, 2, "b-two").fingerprint == release.fingerprint
    monkeypatch.setattr(files, "CHUNK_BYTES", 1 << 16)
    one = built(tmp_path / "b", 4, 1, "b-one")
    compared = filecmp.dircmp(tmp_path / "b-two", tmp_path / "b-one")
    assert one.fingerprint == release.fingerprint
    assert same(compared)


def same(compared: filecmp.dircmp[str]) -> bool:
    """Whether two folders hold the same files, byte for byte."""
    differ = compared.left_only or compared.right_only or compared.diff_files
    return not differ and all(same(each) for each in compared.subdirs.values())


def test_one_page_in_every_form_is_no_edit_of_the_outlet(archive: Path) -> None:
    """As HTML, as text, in a WARC, cut short by a record and by the body: no cause says outlet."""
    captures = archive / "raw" / "captures"
    html = page(7)
    sentences = re.findall(r"<p>(.*?)</p>", html)
    texts = {
        "a.html": html,
        "b.txt": "\n\n".join(["Report 7", "8 May 2024", *sentences]) + "\n",
        "c.html": html[: html.index("</p>") + 60],
        "d.txt": "\n\n".join(["Report 7", "8 May 2024", *sentences])[:-40],
    }
    for hour, (name, octets) in enumerate(texts.items()):
        (captures / name).write_text(octets)
        known = f'url = "{url(7)}"\nretrieved_at = 2024-06-01T1{hour}:30:00Z\n'
        cut = 'access = "cut"\n' if name == "c.html" else ""
        (captures / f"{name}.toml").write_text(known + cut)
    whole = record(7)
    marked = whole.replace(b"WARC-Type:", b"WARC-Truncated: length\r\nWARC-Type:", 1)
    (captures / "e.warc").write_bytes(whole)
    (captures / "f.warc").write_bytes(marked.replace(b"2024-06-01T10", b"2024-06-02T10"))
    release = open_archive(archive).build().release
    (article,) = [row for row in release.rows("articles") if row["url"] == url(7)]
    revisions = [r for r in release.rows("revisions") if r["article_id"] == article["article_id"]]
    assert article["provenance"]["n_captures"] == 6
    assert "outlet" not in {row["cause"] for row in revisions}
    assert article["text"].split("\n\n") == sentences
