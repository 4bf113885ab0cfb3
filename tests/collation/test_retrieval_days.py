"""A day of retrieval without a time: its precision stays, and what it cannot order is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from microfiche.library import Release, open_archive, verify
from small import build, prose, record, write

T = "T00:00:00.000000Z"


def seen(at: str | None, title: str) -> dict[str, Any]:
    """A record of article 1 with a headline, retrieved then."""
    known = {"retrieved_at": at} if at else {}
    return record(1, title=title, retrieval={**known, "method": "saved", "retrieved_by": "desk"})


def states(release: Release) -> list[tuple[Any, ...]]:
    """Revisions in their order: headline, first retrieval by time and by day, whether in order."""
    names = ("title", "first_retrieved_at", "first_retrieved_on", "order_known")
    return [tuple(row[name] for name in names) for row in release.revisions("courier:n-1")]


def test_days_order_revisions_as_far_as_they_can(tmp_path: Path) -> None:
    """Another day is before or after; of one day, and of no time at all, nobody knows."""
    captures = [
        seen("2025-03-02T10:00:00Z", "Third"),
        seen("2025-03-01", "First"),
        seen("2025-03-02", "Second"),
        seen(None, "Sometime"),
        seen("2025-03-09", "Fourth"),
    ]
    release = build(write(tmp_path / "a", captures))
    assert states(release) == [
        ("Sometime", None, None, None),
        ("First", None, "2025-03-01", False),
        ("Second", None, "2025-03-02", None),
        ("Third", "2025-03-02T10:00:00.000000Z", None, False),
        ("Fourth", None, "2025-03-09", None),
    ]
    article = release.article("courier:n-1")
    assert article["title"] == "Fourth"
    origin = article["provenance"]
    assert (origin["first_retrieved_at"], origin["first_retrieved_on"]) == (
        "2025-03-02T10:00:00.000000Z",
        "2025-03-01",
    )
    assert (origin["last_retrieved_at"], origin["last_retrieved_on"]) == (
        "2025-03-02T10:00:00.000000Z",
        "2025-03-09",
    )
    assert [each for each in verify(release.root, rebuild=tmp_path / "a") if not each.ok] == []


def test_a_day_is_part_of_what_a_capture_is(tmp_path: Path, run: Run) -> None:
    """The same page on two days is two captures; it is shown and cited by its day."""
    root = write(tmp_path / "a", [seen("2025-03-01", "Piece"), seen("2025-03-09", "Piece")])
    release = build(root)
    rows = sorted(release.rows("captures"), key=lambda row: str(row["retrieved_on"]))
    assert len({row["capture_id"] for row in rows}) == 2
    assert [(row["retrieved_at"], row["retrieved_on"]) for row in rows] == [
        (None, "2025-03-01"),
        (None, "2025-03-09"),
    ]
    assert release.article("courier:n-1")["n_revisions"] == 1
    assert "MF308" not in open_archive(root).build().counts
    shown = run("show", release.root, "courier:n-1").stdout
    assert "first retrieved 2025-03-01" in shown
    assert "https://courier.example/2024/01/1 2025-03-09" in shown
    cited = run("cite", release.root, "--article", rows[0]["capture_id"], "--style", "csl").stdout
    assert '"accessed"' in cited
    assert "2025" in cited.partition('"accessed"')[2]
    assert "2025-03-09" in (release.root / "report.html").read_text("utf-8")


@pytest.mark.parametrize("stated", ["2025-02-30", "2025-13-01", "2025-02-30T10:00:00Z"])
def test_no_day_that_there_is(tmp_path: Path, run: Run, stated: str) -> None:
    """In a record, in a sidecar and as an option."""
    root = write(tmp_path / "a", [seen(stated, "Piece")])
    (root / "raw/captures/b.txt").write_text(f"Piece\n\n{prose(5)}\n")
    (root / "raw/captures/b.txt.toml").write_text(f'retrieved_at = "{stated}"\n')
    found = [each for each in open_archive(root).validate().findings if each.code == "MF309"]
    assert [each.where.rpartition("/")[2] for each in found] == ["b.txt", "records.jsonl"]
    assert all(repr(stated) in each.message for each in found)
    (tmp_path / "c.txt").write_text(f"Piece\n\n{prose(6)}\n")
    done = run("add", tmp_path / "c.txt", "--outlet", "courier", "--retrieved-at", stated,
               "--archive", root)  # fmt: skip
    assert done.returncode == 2
    assert repr(stated) in done.stderr


def test_a_day_in_a_sidecar_a_table_and_an_option(tmp_path: Path, run: Run) -> None:
    """TOML dates, cells and options give the same."""
    root = write(tmp_path / "a", [])
    (root / "raw/captures/records.jsonl").unlink()
    (root / "raw/captures/b.txt").write_text(f"Piece\n\n{prose(5)}\n")
    (root / "raw/captures/b.txt.toml").write_text(
        'url = "https://courier.example/2024/01/5"\nretrieved_at = 2025-03-01\n'
    )
    (tmp_path / "c.txt").write_text(f"Piece\n\n{prose(6)}\n")
    run("add", tmp_path / "c.txt", "--url", "https://courier.example/2024/01/6",
        "--retrieved-at", "2025-03-01", "--archive", root)  # fmt: skip
    (tmp_path / "t.csv").write_text(
        "url,title,text,retrieved\n"
        f"https://courier.example/2024/01/7,Piece,{prose(7)},1 March 2025\n"
    )
    run("add", tmp_path / "t.csv", "--map", "retrieved_at=retrieved", "--archive", root)
    rows = build(root).rows("captures")
    assert [row["retrieved_on"] for row in rows] == ["2025-03-01"] * 3
    assert {row["notes"] for row in rows} == {None}
