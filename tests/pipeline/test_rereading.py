"""A newer reader breaks no citation: what is read otherwise is published only when asked for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Run
from microfiche.extract import page
from microfiche.library import Release, open_release, verify
from microfiche.pipeline import cache
from small import build, outlet, record, write

PAGES = Path(__file__).parents[1] / "pages"
LIVE = "https://courier.example/2024/05/9"
LISTED = "https://courier.example/2024/05/listed"
# The default reads the live blog otherwise than `fast` does, which stands for an older reader.
OLDER = {"extract": "fast"}


def lines() -> Iterator[tuple[str, dict[str, str]]]:
    """Pages that are no articles, by their id."""
    for line in (PAGES / "no_articles.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield row["id"], row


def put(root: Path, name: str, html: str, url: str, day: str) -> None:
    """A page with its record in an archive."""
    file = root / "raw" / "captures" / name
    file.write_text(html, "utf-8")
    stated = f'url = "{url}"\nretrieved_at = 2025-{day}T00:00:00Z\nmethod = "browser"\n'
    file.with_name(f"{name}.toml").write_text(f'{stated}retrieved_by = "desk"\n')


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of a record and of a live blog in two states."""
    root = write(tmp_path / "a", [record(1)], outlet())
    html = (PAGES / "html" / "09-liveblog.html").read_text("utf-8")
    put(
        root,
        "early.html",
        html.replace("Nobody at the fish market", "No trader at the fish market"),
        LIVE,
        "02-01",
    )
    put(root, "late.html", html, LIVE, "03-01")
    return root


def current(release: Release, url: str) -> dict[str, str]:
    """The article at an address."""
    return release.article(release.find(url))


def test_a_build_that_only_reads_otherwise_stops(root: Path, run: Run) -> None:
    """Exit 3, with how many and examples; nothing is written, also when something is new."""
    first = build(root, **OLDER)
    assert len(first.revisions(current(first, LIVE)["article_id"])) == 2
    stopped = run("build", root)
    assert stopped.returncode == 3
    assert "read 1 of the articles of version 1.0.0 otherwise" in stopped.stderr
    assert "(extraction was fast, is balanced)" in stopped.stderr
    assert "2 revisions have another id" in stopped.stderr
    assert "courier:n-9: revised" in stopped.stderr
    assert "--reread" in stopped.stderr
    assert [each.name for each in (root / "dist" / "press").iterdir()] == ["1.0.0"]
    write(root, [record(1), record(2)], outlet())
    assert run("build", root).returncode == 3
    assert run("build", root, "--reread").returncode == 0


def test_nothing_stops_that_is_not_the_readers_doing(root: Path) -> None:
    """Another setting of the outlet's file changes readings as it says; a record adds its own."""
    build(root, **OLDER)
    put(
        root,
        "third.html",
        (PAGES / "html" / "10-fr-chapo.html").read_text("utf-8"),
        LISTED,
        "02-01",
    )
    file = root / "raw" / "outlets" / "courier.toml"
    file.write_text(file.read_text() + '\n[[selectors]]\nfield = "title"\ncss = "h2"\n')
    build(root, **OLDER)


def test_reread_pairs_every_revision(root: Path, run: Run) -> None:
    """Both revisions are paired; old ids are cited and compared, also two releases later."""
    first = build(root, **OLDER)
    row = current(first, LIVE)
    old = [each["revision_id"] for each in first.revisions(row["article_id"])]
    second = build(root, reread=True)
    new = [each["revision_id"] for each in second.revisions(row["article_id"])]
    assert not {*old} & {*new}
    changes = [each for each in second.rows("changes") if each["change"] == "reread"]
    assert {(each["revision_id_before"], each["revision_id"]) for each in changes} == {
        *zip(old, new, strict=True)
    }
    assert {each["cause"] for each in changes} == {"builder"}
    assert second.version == "2.0.0"
    assert "captures of 2 revisions are read otherwise" in second.read("CHANGES.md").decode()
    write(root, [record(1), record(2)], outlet())
    third = build(root)
    assert third.version == "2.1.0"
    for before, after in zip(old, new, strict=True):
        cited = run("cite", third.root, "--article", LIVE, "--revision", before)
        assert after in cited.stdout
        assert f"revision {before} is read anew as {after}" in cited.stderr
    shown = run("show", third.root, LIVE, "--diff", *old)
    assert shown.returncode == 0
    assert "No trader" in shown.stdout
    anew = run("show", third.root, LIVE, "--diff", old[0], new[0])
    assert len(anew.stdout.splitlines()) > 3, "what the reader changed is shown"
    assert all(verdict.ok for verdict in verify(third.root))


def test_the_release_that_has_a_revision_is_named(root: Path, run: Run) -> None:
    """A revision that no pair leads from is cited from the release that has it."""
    first = build(root, **OLDER)
    old = current(first, LIVE)["revision_id"]
    second = build(root, reread=True)
    manifest = second.root / "release.json"
    stated = json.loads(manifest.read_text())
    for entry in stated["tables"]:  # as a release of an older builder is: it pairs nothing
        if entry["name"] == "changes":
            entry["files"] = []
    manifest.write_text(json.dumps(stated))
    cited = run("cite", second.root, "--article", LIVE, "--revision", old)
    assert cited.returncode == 3
    assert "version 1.0.0 has" in cited.stderr
    assert str(first.root) in cited.stderr


@pytest.fixture
def listed(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The archive, with a list published as an article by a reader that knew no lists."""
    html = next(row["html"] for name, row in lines() if name == "listing-en-01")
    put(root, "listed.html", html, LISTED, "02-01")
    with monkeypatch.context() as older:
        older.setattr(page, "is_listing", lambda *_: False)
        older.setattr(cache, "reader_digest", lambda: "one that knew no lists")
        build(root)
    return root


def test_an_article_that_is_none_goes_to_withdrawn(listed: Path, run: Run) -> None:
    """Only when asked for: with a tombstone that stays, without a date or an authority."""
    first = open_release(listed / "dist" / "press" / "1.0.0")
    row = current(first, LISTED)
    checked = run("validate", listed, "--verbose")
    assert checked.returncode == 0
    assert f"warning MF609: {row['article_id']}, published in version 1.0.0" in checked.stdout
    stopped = run("build", listed)
    assert stopped.returncode == 3
    assert f"{row['article_id']}: no article any more" in stopped.stderr
    second = build(listed, reread=True)
    assert second.version == "2.0.0"
    (tomb,) = second.rows("withdrawn")
    assert (tomb["article_id"], tomb["reason"]) == (row["article_id"], "not-an-article")
    assert (tomb["date"], tomb["authority"]) == (None, None)
    assert (tomb["title"], tomb["url"]) == (row["title"], row["url"])
    (change,) = (each for each in second.rows("changes") if each["change"] == "withdrawn")
    assert change["cause"] == "builder"
    write(listed, [record(1), record(2)], outlet())
    third = build(listed)
    assert third.rows("withdrawn") == [tomb]
    for each in (second, third):
        verdicts = verify(each.root, rebuild=listed)
        assert all(verdict.ok for verdict in verdicts), verdicts
        assert "identical bytes" in str(verdicts)
    shown = run("show", third.root, row["article_id"])
    assert "withdrawn, reason not-an-article" in shown.stderr


def test_a_record_says_that_it_is_an_article(listed: Path) -> None:
    """Its id is back, without a tombstone, whatever the reader finds."""
    gone = build(listed, reread=True).rows("withdrawn")
    put(
        listed,
        "again.html",
        (PAGES / "html" / "10-fr-chapo.html").read_text("utf-8"),
        LISTED,
        "04-01",
    )
    back = build(listed)
    assert back.rows("withdrawn") == []
    assert back.article(gone[0]["article_id"])
    assert all(verdict.ok for verdict in verify(back.root))


def test_another_reader_cannot_tell(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebuilt by another version, other readings are no fault of the release."""
    release = build(root, "public")
    manifest = dict(release.manifest, builder="microfiche 0.0.9", extraction="fast")
    from microfiche.pipeline.rebuilding import rebuild_faults

    told, faults = rebuild_faults(dataclasses.replace(release, manifest=manifest), root)
    assert (told.partition(":")[0], faults) == ("cannot tell", [])
    assert "install microfiche==0.0.9" in told
    text = next((root / "raw" / "captures").glob("records.jsonl"))
    text.unlink()
    told, faults = rebuild_faults(dataclasses.replace(release, manifest=manifest), root)
    assert faults


def test_the_same_bytes_with_any_number_of_workers(root: Path) -> None:
    """The same bytes with one worker and two."""
    build(root, **OLDER)
    one = build(root, reread=True, out=root / "one", previous=root / "dist" / "press" / "1.0.0")
    two = build(
        root, reread=True, out=root / "two", previous=root / "dist" / "press" / "1.0.0", workers=2
    )
    assert one.sha256 == two.sha256
