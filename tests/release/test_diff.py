"""What differs between releases: the changes, their causes, and the version they make."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Run
from microfiche.errors import UsageError
from microfiche.library import Release, open_release, path, verify
from microfiche.release.diff import diff
from small import build, outlet, prose, record, write

GAZETTE = path("gazette").parent


def digests(release: Release) -> dict[str, str]:
    """Record digest by article id."""
    rows = release.table("articles", ["article_id", "record_sha256"]).to_pylist()
    return {row["article_id"]: row["record_sha256"] for row in rows}


def applied(old: dict[str, str], changes: list[dict[str, Any]]) -> dict[str, str]:
    """The digests of a release with changes applied to them."""
    new = dict(old)
    for row in changes:
        new.pop(row["article_id"], None)
        if row["record_sha256_after"]:
            new[row["article_id"]] = row["record_sha256_after"]
    return new


def change(release: Release) -> dict[str, tuple[str, str]]:
    """(change, cause) by article id."""
    return {row["article_id"]: (row["change"], row["cause"]) for row in release.rows("changes")}


# What an article is in an archive: absent, or one of a few states.
STATES = st.sampled_from(["absent", "plain", "edited", "retitled", "noted", "undated"])


def in_state(number: int, state: str) -> list[dict[str, Any]]:
    """Captures of an article in a state; an edit comes as a second capture."""
    later = {"retrieved_at": "2025-06-01T00:00:00Z", "method": "crawler"}
    if state == "absent":
        return []
    base = record(number)
    if state == "edited":
        return [base, record(number, text=prose(number + 1000), retrieval=later)]
    if state == "retitled":
        return [base, record(number, title=f"Piece {number}, anew", retrieval=later)]
    if state == "noted":
        return [base, record(number, retrieval=later | {"notes": "seen again"})]
    if state == "undated":
        return [{**base, "url": f"https://courier.example/x/{number}", "published": None}]
    return [base]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(STATES, STATES), min_size=2, max_size=6), st.booleans())
def test_diff_then_apply_gives_the_new_release(
    tmp_path_factory: pytest.TempPathFactory, states: list[tuple[str, str]], public: bool
) -> None:
    """Whatever the two releases hold, in either direction, and between accesses."""
    folder = tmp_path_factory.mktemp("diff")
    sides = []
    for side in (0, 1):
        records = [each for n, pair in enumerate(states, 1) for each in in_state(n, pair[side])]
        records = [{k: v for k, v in each.items() if v is not None} for each in records]
        root = write(folder / str(side), [*records, record(12)])
        sides.append(build(root, "public" if public and side else "full"))
    for old, new in (sides, sides[::-1], (sides[0], sides[0])):
        found = diff(old, new)
        assert applied(digests(old), list(found.changes)) == digests(new)
        assert bool(found.changes) == (digests(old) != digests(new))
        counts = found.tables.get("articles", (0, 0, 0))
        assert counts[0] == len(digests(new).keys() - digests(old).keys())
        assert counts[2] == len(digests(old).keys() - digests(new).keys())


def test_causes_and_versions(tmp_path: Path) -> None:
    """Each cause by itself: a capture, the outlet's file, an alias, a withdrawal."""
    root = write(tmp_path / "a", [record(1), record(2), record(3)])
    first = build(root)
    assert first.files("changes") == []
    later = {"retrieved_at": "2025-06-01T00:00:00Z", "method": "crawler"}
    more = [record(n) for n in (1, 2, 3, 4)]
    more.append(record(2, text=prose(99), retrieval=later))
    write(root, more)
    second = build(root)
    assert second.version == "1.1.0"
    assert change(second) == {
        "courier:n-2": ("revised", "capture"),
        "courier:n-4": ("added", "capture"),
    }
    write(root, more, outlet().replace("courier-mirror", "courier-copy"))
    third = build(root)
    assert third.version == "1.2.0"
    assert set(change(third).values()) == {("enriched", "outlet-file")}
    rows = {row["article_id"]: row["fields"] for row in third.rows("changes")}
    assert rows["courier:n-1"] == ["provenance.mirror_domains"]
    line = {"old_id": "courier:n-4", "new_id": "courier:n-1", "reason": "one article"}
    (root / "raw" / "aliases.jsonl").write_text(json.dumps(line) + "\n")
    fourth = build(root)
    assert change(fourth)["courier:n-4"] == ("replaced", "alias")
    stands = next(row["new_id"] for row in fourth.rows("changes") if row["new_id"])
    assert f"| `courier:n-4` | `{stands}` |" in (fourth.root / "CHANGES.md").read_text()
    assert fourth.article("courier:n-4")["article_id"] == "courier:n-1"
    gone = {
        "article_id": "courier:n-3",
        "reason": "copyright",
        "date": "2026-01-01",
        "authority": "x",
    }
    (root / "raw" / "withdrawals.jsonl").write_text(json.dumps(gone) + "\n")
    fifth = build(root)
    assert fifth.version.split(".")[0] == str(int(fourth.version.split(".")[0]) + 1)
    (row,) = fifth.rows("changes")
    assert (row["change"], row["cause"], row["record_sha256_before"]) == (
        "withdrawn",
        "withdrawal",
        None,
    )
    for release in (first, second, third, fourth, fifth):
        assert [v.faults for v in verify(release.root) if not v.ok] == []
    page = (fifth.root / "CHANGES.md").read_text()
    assert "Piece 3" not in page
    assert "courier:n-3" in page


def test_the_gazette_is_a_chain_of_three(run: Run) -> None:
    """First, additions with a revision, a withdrawal: versions, changes, and the text of it."""
    releases = [open_release(GAZETTE / version) for version in ("1.0.0", "1.1.0", "2.0.0")]
    assert [set(change(each).values()) for each in releases] == [
        set(),
        {("added", "capture"), ("revised", "capture")},
        {("withdrawn", "withdrawal")},
    ]
    for older, newer in itertools.pairwise(releases):
        before = newer.manifest["previous"]
        assert before["release_sha256"] == older.sha256
        assert diff(older, newer).version_after(older.version)[0] == newer.version
        found = diff(older, newer)
        assert applied(digests(older), list(found.changes)) == digests(newer)
    done = run("diff", GAZETTE / "1.0.0", GAZETTE / "2.0.0", "--format", "json")
    report = json.loads(done.stdout)
    assert report["version_after_old"] == "2.0.0"
    assert "an article was withdrawn" in report["reasons"]
    page = run("diff", GAZETTE / "1.1.0", GAZETTE / "2.0.0", "--format", "markdown").stdout
    assert page.strip() == (GAZETTE / "2.0.0" / "CHANGES.md").read_text("utf-8").strip()
    text = run("diff", GAZETTE / "1.0.0", GAZETTE / "1.0.0").stdout
    assert "equal records" in text
    withdrawn = releases[0].article("gazette:g-112")
    for file in (GAZETTE / "2.0.0").rglob("*"):
        if file.is_file():
            assert withdrawn["text"][:60].encode() not in file.read_bytes()


def test_a_chain_that_was_tampered_with_is_named(tmp_path: Path) -> None:
    """Another release in the place of the one before, or a table of changes that lies."""
    root = write(tmp_path / "a", [record(1), record(2)])
    build(root)
    write(root, [record(1), record(2), record(3)])
    second = build(root)
    other = build(write(tmp_path / "b", [record(1)]))
    (second.root.parent / "1.0.0").rename(tmp_path / "kept")
    (faultless,) = [v for v in verify(second.root) if v.check == "chain"]
    assert faultless.ok
    assert "not at hand" in faultless.covered
    other.root.rename(second.root.parent / "1.0.0")
    (verdict,) = [v for v in verify(second.root) if v.check == "chain"]
    assert not verdict.ok
    assert "another digest" in verdict.faults[0]
    place = second.root.parent / "1.0.0"
    (place / "release.json").write_text("{")
    (verdict,) = [v for v in verify(second.root) if v.check == "chain"]
    assert "the release before cannot be read: 1.0.0/release.json: no JSON" in verdict.faults[0]
    (place / "release.json").unlink()
    (verdict,) = [v for v in verify(second.root) if v.check == "chain"]
    assert "the release before cannot be read: 1.0.0: no release here" in verdict.faults[0]


def test_a_release_before_must_be_of_the_same_line(tmp_path: Path) -> None:
    """Not of another dataset or access; and what lies beside a release need not be of its line."""
    root = write(tmp_path / "a", [record(1)])
    first, public = build(root), build(root, "public")
    for other in (GAZETTE / "2.0.0", public.root):
        with pytest.raises(UsageError, match="--previous"):
            build(root, previous=other)
    write(root, [record(1), record(2)])
    second = build(root, previous=first.root, out=tmp_path / "elsewhere")
    assert second.version == "1.1.0"
    shutil.copytree(GAZETTE / "1.0.0", second.root.parent / "1.0.0")
    (chain,) = [v for v in verify(second.root) if v.check == "chain"]
    assert chain.ok
    assert "not at hand" in chain.covered
