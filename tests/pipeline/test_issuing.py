"""The end of a build: days of issue, builds at once, archives that cannot be written to."""

from __future__ import annotations

import datetime
import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Run
from microfiche.errors import CannotRun, DataError
from microfiche.library import open_archive
from microfiche.pipeline import BuildOptions, Built
from microfiche.release import Release
from small import add_lines, build, prose, record, write

DAY = datetime.date(2026, 1, 1)


def built(root: Path, **options: object) -> Built[Release]:
    """A build on a day that is known."""
    given = {"workers": 1, "today": lambda: DAY, **options}
    return open_archive(root).build(BuildOptions(**given))  # type: ignore[arg-type]


def codes(done: Built[Release]) -> dict[str, str]:
    """What was found of the release's own making."""
    return {each.code: each.message for each in done.findings if each.code in ("MF113", "MF114")}


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("0001-01-01", "0001-01-01, and a capture is of 2025-01-01"),
        ("2024-12-30", "2024-12-30, and a capture is of 2025-01-01"),
        ("9999-12-31", "9999-12-31, and today is 2026-01-01"),
        ("2024-12-31", None),
        ("2026-01-02", None),
    ],
)
def test_a_day_of_issue_that_cannot_be_is_told(tmp_path: Path, day: str, told: str | None) -> None:
    """By the captures and by the clock; zones may be a day apart."""
    root = write(tmp_path / "a", [record(1)])
    done = built(root, date=day)
    assert codes(done).get("MF113") == told
    assert done.release.manifest["date"] == day


def test_a_release_older_than_the_one_before_is_told(tmp_path: Path) -> None:
    """As after a clock that was put back."""
    root = write(tmp_path / "a", [record(1)])
    built(root, date="2025-06-01")
    add_lines(root, "more.jsonl", record(2))
    found = codes(built(root, date="2025-05-01"))
    assert found == {"MF113": "2025-05-01, and 1.0.0, the release before, is of 2025-06-01"}


def test_what_is_withdrawn_tomorrow_is_told(tmp_path: Path) -> None:
    """A line by hand may have any day."""
    root = write(tmp_path / "a", [record(1), record(2)])
    line = {"article_id": "courier:n-1", "reason": "copyright", "authority": "The publisher"}
    withdrawals = root / "raw" / "withdrawals.jsonl"
    withdrawals.write_text(json.dumps(line | {"date": "9999-12-31"}) + "\n")
    assert codes(built(root)) == {"MF113": "9999-12-31, and the release is of 2026-01-01"}
    withdrawals.write_text(json.dumps(line | {"date": "2025-12-31"}) + "\n")
    assert not codes(built(root))


def meanwhile(monkeypatch: pytest.MonkeyPatch, stage: str, do: Callable[[], object]) -> None:
    """Do something just before a stage of the next build, once."""
    import microfiche.pipeline.build
    import microfiche.pipeline.issuing

    module = microfiche.pipeline.issuing if stage == "put_in_place" else microfiche.pipeline.build
    whole = getattr(module, stage)

    def first(*arguments: object, **more: object) -> object:
        monkeypatch.setattr(module, stage, whole)
        do()
        return whole(*arguments, **more)

    monkeypatch.setattr(module, stage, first)


@pytest.mark.parametrize("stage", ["give_version", "put_in_place"])
def test_the_slower_of_two_builds_of_the_same_has_what_it_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """The release is there, and holds: nothing was wrong."""
    root = write(tmp_path / "a", [record(1)])
    meanwhile(monkeypatch, stage, lambda: built(root, date="2026-01-01"))
    done = built(root, date="2026-01-01")
    assert done.unchanged
    assert done.release.version == "1.0.0"
    assert not list((root / "dist").glob(".tmp-*"))


def test_the_slower_of_two_builds_is_told_to_build_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of other content; what the first made stays, and the next build follows on it."""
    root = write(tmp_path / "a", [record(1)])

    def other() -> None:
        add_lines(root, "more.jsonl", record(2))
        built(root)

    meanwhile(monkeypatch, "give_version", other)
    with pytest.raises(CannotRun, match=r"another build made it meanwhile.*build again"):
        built(root)
    assert built(root).unchanged
    add_lines(root, "still.jsonl", record(3))
    assert built(root).release.version == "1.1.0"


def test_an_archive_that_cannot_be_written_to_is_built_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be recorded is told, with what to write."""
    root = write(tmp_path / "a", [record(1)])

    def refused(_raw: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(root / "raw"))

    monkeypatch.setattr("microfiche.archive.publications.alone", refused)
    done = built(root, out=tmp_path / "out")
    assert codes(done) == {"MF114": "issued = '2026-01-01': Read-only file system"}
    assert built(root, out=tmp_path / "out").unchanged
    assert not codes(built(root, out=tmp_path / "other", date="2026-01-01"))


def test_builds_do_not_follow_on_rows_that_were_exchanged(tmp_path: Path, run: Run) -> None:
    """In the release before; what it promised cannot be known from it."""
    root = write(tmp_path / "a", [record(1)])
    build(root)
    other = write(tmp_path / "b", [record(2)])
    file = next((build(other).root / "data" / "articles").iterdir())
    mine = root / "dist" / "press" / "1.0.0" / "data" / "articles" / file.name
    shutil.copyfile(file, mine)
    add_lines(root, "more.jsonl", record(3))
    with pytest.raises(DataError, match=f"{file.name}: SHA-256 is .* fetch the release again"):
        build(root)
    done = run("build", root)
    assert done.returncode == 3
    assert str(mine) in done.stderr


@pytest.mark.parametrize("order", ["abc", "bac", "cba"])
def test_one_capture_with_two_stories(tmp_path: Path, order: str) -> None:
    """What is told otherwise is named, not quoted: it may be what an article is withdrawn for.

    One that shows an article counts, whatever its name.
    """
    root = write(tmp_path / "a", [record(1)])
    stated = 'url = "https://courier.example/2024/02/7"\nretrieved_at = 2025-01-01T00:00:00Z\n'
    article = 'outcome = "article"\n'
    for name, more in zip(
        order, (article, 'outcome = "gone"\nnotes = "NAME"\n', article), strict=True
    ):
        (root / f"raw/captures/{name}.txt").write_text(f"Lamps\n\n{prose(7)}\n")
        (root / f"raw/captures/{name}.txt.toml").write_text(stated + more)
    done = built(root)
    kept = min(order[0], order[2])
    (told,) = [each for each in done.findings if each.code == "MF320"]
    assert told.where == f"raw/captures/{order[1]}.txt"
    assert told.message.startswith("other outcome, ")
    assert told.message.endswith(f"notes than captures/{kept}.txt, which was taken")
    assert "NAME" not in told.message
    assert len(done.release.rows("articles")) == 2
    assert len(done.release.rows("captures")) == 2
