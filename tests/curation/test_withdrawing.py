"""Withdrawal: the lines, the copies to see to, and no trace in what is built later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Run
from microfiche.errors import DataError
from microfiche.library import open_archive, open_release, verify
from small import build, prose, record, write

SHARED = record(3)["url"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive with a full and a public release, one of them published in four places."""
    alias = record(1, url=None)
    del alias["url"]
    alias |= {"outlet_id": "courier", "text": record(1)["text"]}
    root = write(tmp_path / "a", [record(1), alias, record(2)])
    (root / "raw" / "expected").mkdir()
    (root / "raw" / "expected" / "list.txt").write_text(f"{record(1)['url']}\n")
    build(root)
    build(root, "public")
    (root / "raw" / "releases.toml").write_text(
        '[versions."1.0.0"]\nissued = "2026-01-01"\n'
        'published = ["hf://datasets/library/press", "zenodo://12", "s3://bucket/press", "ftp://x"]\n'
    )
    return root


def withdraw(run: Run, root: Path, article: str, reason: str = "privacy") -> str:
    """What the command prints."""
    done = run(
        "withdraw",
        article,
        "--reason",
        reason,
        "--authority",
        "the desk",
        "--date",
        "2026-02-01",
        "--archive",
        root,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_copy_is_listed_with_what_to_do(root: Path, run: Run) -> None:
    """Releases, places of publication and captures; all ids of the article are withdrawn."""
    said = withdraw(run, root, "courier:n-1")
    lines = [json.loads(line) for line in (root / "raw/withdrawals.jsonl").read_text().splitlines()]
    assert len(lines) == 2
    assert {line["reason"] for line in lines} == {"privacy"}
    assert all(line["article_id"] in said.splitlines()[0] for line in lines)
    for place, remedy in (
        ("dist/press/1.0.0", "build the next release"),
        ("dist/press-public/1.0.0", "build the next release"),
        ("hf://datasets/library/press, version 1.0.0", "make the repository private"),
        ("zenodo://12, version 1.0.0", "DOI"),
        ("s3://bucket/press, version 1.0.0", "all their versions"),
        ("ftp://x, version 1.0.0", "ask whoever runs it"),
        ("raw/captures/records.jsonl", "holds captures of 1 other article"),
    ):
        (line,) = {line for line in said.splitlines() if line.startswith(f"copy: {place}: ")}
        assert remedy in line
    assert "already withdrawn" in withdraw(run, root, "courier:n-1")
    assert len((root / "raw/withdrawals.jsonl").read_text().splitlines()) == 2


def test_captures_may_be_deleted_as_the_command_says(tmp_path: Path, run: Run) -> None:
    """Then every build goes on: of both accesses, and elsewhere; the tombstone is as it was."""
    root = write(tmp_path / "a", [record(1), record(2)])
    folder = root / "raw" / "captures" / "courier"
    folder.mkdir()
    (folder / "page.txt").write_text(f"A headline\n\n{prose(7)}\n")
    (folder / "page.txt.toml").write_text(f'url = "{record(7)["url"]}"\n')
    (folder / "told.txt").write_text(f"Another headline\n\n{prose(8)}\n")
    told = {"path": "told.txt", "url": record(8)["url"]}
    (folder / "retrievals.jsonl").write_text(json.dumps(told) + "\n")
    build(root)
    for article in ("courier:n-7", "courier:n-8"):
        said = withdraw(run, root, article, "copyright")
        copies = [line.split(": ")[1] for line in said.splitlines() if line.startswith("copy: raw")]
        for copy in copies:
            file = root / copy.partition(",")[0]
            file.unlink()
            assert article == "courier:n-8" or "retrievals" not in copy
        assert len(copies) == 2
    full = build(root)
    assert full.version == "2.0.0"
    assert {row["title"] for row in full.rows("withdrawn")} == {"A headline", "Another headline"}
    public, other = build(root, "public"), build(root, out=tmp_path / "other")
    assert public.fingerprint == other.fingerprint == full.fingerprint
    assert full.rows("rejected") == []
    lines = root / "raw" / "withdrawals.jsonl"
    lines.write_text(lines.read_text().replace("courier:n-7", "courier:n-77"))
    with pytest.raises(DataError, match=r"MF603.*'courier:n-77' is an article of no capture"):
        build(root)


def test_copies_of_an_alias_are_listed_before_and_after_the_next_build(
    tmp_path: Path, run: Run
) -> None:
    """Whatever id a release has it under, and whatever id is asked for; the statement is checked."""
    root = write(tmp_path / "a", [record(1), record(2), record(3)])
    build(root)
    line = {"old_id": "courier:n-1", "new_id": "courier:n-2", "reason": "one article"}
    (root / "raw" / "aliases.jsonl").write_text(json.dumps(line) + "\n")
    build(root)
    for _ in range(2):
        for article in ("courier:n-1", "courier:n-2"):
            said = withdraw(run, root, article)
            for version in ("1.0.0", "2.0.0"):
                assert f"copy: dist/press/{version}: " in said
        build(root)
    wrong = ("withdraw", "courier:n-1", "--archive", root)
    for options, told in (
        (("--reason", "bad", "--authority", "x"), "--reason: 'bad' is none; reasons are copyright"),
        (("--reason", "privacy", "--authority", ""), "--authority: nothing is stated"),
        (("--reason", "privacy", "--authority", "x", "--date", "2026-02-30"), "is no day"),
    ):
        done = run(*wrong, *options)
        assert done.returncode == 2
        assert told in done.stderr


def test_redirects_to_it_are_no_trace_either(tmp_path: Path, run: Run) -> None:
    """A capture that led to its address names that address, and maybe a name in its own."""
    line = {
        "url": "https://courier.example/old/jane-doe",
        "outlet_id": "courier",
        "http_status": 301,
        "redirected_to": record(1)["url"],
        "retrieved_at": "2025-01-01T00:00:00Z",
    }
    root = write(tmp_path / "a", [record(1), record(2)])
    (root / "raw" / "captures" / "retrievals.jsonl").write_text(json.dumps(line) + "\n")
    first = build(root)
    assert "redirect" in {row["outcome"] for row in first.rows("captures")}
    withdraw(run, root, "courier:n-1")
    for _ in range(2):
        release = build(root, date="2026-03-01")
        for name in ("captures", "coverage", "articles", "changes"):
            said = json.dumps(release.rows(name))
            assert "jane-doe" not in said
            assert record(1)["url"] not in said
        (root / "raw" / "CARD.md").write_text("Anew.\n")


@pytest.mark.parametrize("access", ["full", "public"])
def test_later_releases_have_no_trace_of_it(root: Path, run: Run, access: str) -> None:
    """Neither text, title, address nor digest; every id still says what became of it."""
    before = open_release(
        root / "dist" / ("press" if access == "full" else "press-public") / "1.0.0"
    )
    article = open_release(root / "dist" / "press" / "1.0.0").article("courier:n-1")
    ids = [article["article_id"], *article["aliases"]]
    assert len(ids) == 2
    withdraw(run, root, ids[1])
    release = build(root, access)
    assert release.version == "2.0.0"
    traces = [
        article["title"],
        article["url"],
        article["text_sha256"],
        article["revision_id"],
        article["record_sha256"],
        *article["text"].split()[:9:4],
    ]
    import pyarrow.parquet as pq

    for file in release.root.rglob("*"):
        if file.is_file():
            said = (
                str(pq.read_table(file).to_pylist())
                if file.suffix == ".parquet"
                else file.read_text()
            )
            assert not [trace for trace in traces if trace in said], file
    for each in ids:
        with pytest.raises(DataError, match="withdrawn on 2026-02-01, reason privacy"):
            release.article(each)
        with pytest.raises(DataError, match="withdrawn"):
            release.cite(article=each)
        assert before.cite(article=each)
    assert run("show", release.root, ids[0]).returncode == 3
    assert [v.faults for v in verify(release.root) if not v.ok] == []


def test_captures_may_then_be_deleted(root: Path, run: Run) -> None:
    """The next builds need them no more, and keep the tombstone as it was."""
    withdraw(run, root, "courier:n-1", "publisher-request")
    second = build(root)
    (row, _) = sorted(second.rows("withdrawn"), key=lambda each: each["title"] is None)
    assert row["title"] == "Piece 1"
    write(root, [record(2), record(4, text=prose(44))])
    assert not [f for f in open_archive(root).validate().findings if f.severity == "error"]
    third = build(root)
    assert third.rows("withdrawn") == second.rows("withdrawn")
    assert third.version == "2.1.0"
    done = run("verify", third.root, "--rebuild", root)
    assert "identical bytes" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (
            ("courier:n-9", "--reason", "privacy"),
            3,
            "no release of this archive has such an article",
        ),
        (("courier:n-1", "--reason", "whim"), 2, "copyright, court-order"),
        (("courier:n-1", "--reason", "privacy", "--date", "2026-02-31"), 2, "/date"),
        (("courier:n-1", "--reason", "privacy", "--date", "soon"), 2, "date"),
    ],
)
def test_faulty_withdrawals_write_nothing(
    root: Path, run: Run, options: tuple[str, ...], code: int, words: str
) -> None:
    """An unknown article, reason or day."""
    done = run("withdraw", *options, "--authority", "x", "--archive", root)
    assert (done.returncode, words.strip("/") in done.stderr) == (code, True), done.stderr
    assert not (root / "raw" / "withdrawals.jsonl").exists()


def test_an_article_found_by_a_redirect_stays(tmp_path: Path, run: Run) -> None:
    """A capture that shows an article is kept, though its record names a withdrawn address."""
    moved = record(2)
    moved["retrieval"] = moved["retrieval"] | {
        "http_status": 200,
        "redirected_to": record(1)["url"],
    }
    root = write(tmp_path / "a", [record(1), moved])
    build(root)
    withdraw(run, root, "courier:n-1")
    release = build(root, date="2026-03-01")
    assert [row["article_id"] for row in release.rows("captures")] == ["courier:n-2"]
    assert [v.faults for v in verify(release.root) if not v.ok] == []


def test_unlike_pages_of_one_mistaken_address_are_withdrawn_one_by_one(
    tmp_path: Path, run: Run
) -> None:
    """Pages that all call one address canonical are articles of their own, here too."""
    root = write(tmp_path / "a", [])
    (root / "raw" / "captures" / "records.jsonl").unlink()
    for number in range(1, 5):
        body = "".join(f"<p>{prose(10 * number + part, 60)}</p>" for part in range(3))
        page = (
            f"<html><head><title>Piece {number}</title>"
            '<link rel="canonical" href="https://courier.example/all"></head>'
            f"<body><article><h1>Piece {number}</h1>{body}</article></body></html>"
        )
        (root / "raw" / "captures" / f"{number}.html").write_text(page)
        sidecar = f'url = "https://courier.example/p/{number}"\n'
        (root / "raw" / "captures" / f"{number}.html.toml").write_text(sidecar)
    first = build(root)
    assert len(first.rows("articles")) == 4
    withdraw(run, root, first.rows("articles")[0]["article_id"])
    second = build(root, date="2026-03-01")
    assert len(second.rows("articles")) == 3
    assert len(second.rows("withdrawn")) == 1


def test_to_withdraw_an_alias_withdraws_its_article(archive: Path) -> None:
    """By the id of a captured address whose canonical link leads on, and by an alias by hand."""
    link = '<link rel="canonical" href="https://courier.example/story/b">'
    body = "<p>The ledger room of the harbour office was opened to readers on Monday.</p>"
    html = f"<html><head>{link}</head><body><h1>Ledger room</h1>{body}</body></html>"
    line = {"url": "https://courier.example/story/a", "html": html, "retrieval": {"notes": "n"}}
    (archive / "raw" / "captures" / "n.jsonl").write_text(json.dumps(line) + "\n")
    first = open_archive(archive).build().release
    (row,) = [row for row in first.rows("articles") if row["title"] == "Ledger room"]
    (alias,) = row["aliases"]
    withdrawal = {"article_id": alias, "reason": "privacy", "date": "2026-01-01", "authority": "A"}
    (archive / "raw" / "withdrawals.jsonl").write_text(json.dumps(withdrawal) + "\n")
    release = open_archive(archive).build().release
    assert row["article_id"] not in {each["article_id"] for each in release.rows("articles")}
    gone = sorted((alias, row["article_id"]))  # every id that was published has a tombstone
    assert [each["article_id"] for each in release.rows("withdrawn")] == gone
    assert all("Ledger room" not in json.dumps(each) for each in release.rows("captures"))
    assert all(verdict.ok for verdict in release.verify())
