"""A corrected table, and a corrected record, stand in the place of what was added; nothing doubles."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from edited import tree
from microfiche.curation import harvest
from microfiche.errors import DataError
from microfiche.library import open_archive, verify
from small import add_lines, build, prose, record, write

WHEN = ("--retrieved-at", "2025-01-01T00:00:00Z")
WHY = ("--replace", "--reason", "typing errors", "--by", "M. Reader")
COLUMNS = ("url", "title", "text", "published", "byline")


def rows(count: int) -> list[dict[str, str]]:
    """Rows of articles, as they are right."""
    return [
        {
            "url": f"https://courier.example/2024/05/{number}",
            "title": f"Piece {number}",
            "text": prose(number),
            "published": "2024-05-03",
            "byline": "A. Quill",
        }
        for number in range(1, count + 1)
    ]


def wrong(count: int, every: int) -> list[dict[str, str]]:
    """The same with some wrong, in headline, byline, text and address in turn."""
    made = rows(count)
    faults = [
        {"title": "Peice"},
        {"byline": "A. Qill"},
        {"text": prose(9999)},
        {"url": "https://courier.example/2024/05/90"},
    ]
    for number, row in enumerate(made[::every]):
        row |= {key: f"{value}{number}" for key, value in faults[number % 4].items()}
    return made


def table(folder: Path, held: list[dict[str, str]]) -> Path:
    """A table of these rows."""
    folder.mkdir(exist_ok=True)
    with (folder / "press.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(held)
    return folder / "press.csv"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive with an outlet and no capture."""
    root = write(tmp_path / "a", [])
    (root / "raw/captures/records.jsonl").unlink()
    return root


def test_a_table_of_500_rows_corrected_in_20(root: Path, tmp_path: Path, run: Run) -> None:
    """20 captures are replaced, and the release is as if the right table had been added first."""
    right, other = table(tmp_path / "right", rows(500)), tmp_path / "b"
    run("add", table(tmp_path / "wrong", wrong(500, 25)), "--archive", root, *WHEN)
    first = build(root)
    told = run("add", right, "--archive", root, *WHEN, *WHY, "--dry-run")
    assert "480 rows are the same, 20 are replaced, 0 are new, 0 gone" in told.stderr
    assert "title: Peice0" in told.stderr
    assert not (root / "raw/replaced.jsonl").exists()
    done = run("add", right, "--archive", root, *WHEN, *WHY)
    assert done.returncode == 0, done.stderr
    lines = (root / "raw/replaced.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 20
    assert {json.loads(line)["by"] for line in lines} == {"M. Reader"}
    second = build(root)
    rows_of = second.rows("captures")
    assert len(rows_of) == len({row["capture_id"] for row in rows_of}) == 500
    assert {row["cause"] for row in second.rows("changes")} == {"correction"}
    assert {row["n_revisions"] for row in second.rows("articles")} == {1}
    moved = first.article("courier:n-903")["title"]  # whose address was wrong
    assert second.article("courier:n-903")["title"] == moved
    for release in (second, first):  # also as it was before
        assert [each for each in verify(release.root, rebuild=root) if not each.ok] == []
    write(other, [])
    (other / "raw/captures/records.jsonl").unlink()
    run("add", table(tmp_path / "wrong", wrong(500, 25)), "--archive", other, *WHEN)
    run("add", right, "--archive", other, *WHEN, *WHY)
    only = write(tmp_path / "c", [])
    (only / "raw/captures/records.jsonl").unlink()
    run("add", right, "--archive", only, *WHEN)
    found, expected = (tree(build(each).root) for each in (other, only))
    differing = {
        name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)
    }
    assert differing <= {
        "source/replaced.jsonl",
        "ro-crate-metadata.json",
        "tagmanifest-sha256.txt",
    }
    before = tree(other / "raw")
    run("add", right, "--archive", other, *WHEN, *WHY)
    assert tree(other / "raw") == before


def test_rows_that_are_new_or_gone(root: Path, tmp_path: Path, run: Run) -> None:
    """What a table has no more is taken out, which breaks no promise; what is new is added."""
    run("add", table(tmp_path / "one", rows(4)), "--archive", root, *WHEN)
    build(root)
    held = [row for row in rows(6) if row["title"] != "Piece 2"]
    done = run("add", table(tmp_path / "two", held), "--archive", root, *WHEN, *WHY)
    assert "3 rows are the same, 0 are replaced, 2 are new, 1 gone" in done.stderr
    gone = json.loads((root / "raw/replaced.jsonl").read_text("utf-8"))
    assert gone["new"] is None
    refused = run("build", root)  # its article has an id that somebody may have cited
    assert refused.returncode == 3
    assert "MF601" in refused.stderr
    assert "MF602" not in refused.stderr
    run("withdraw", "courier:n-2", "--reason", "deposit-error", "--authority", "desk",
        "--archive", root)  # fmt: skip
    assert len(build(root).rows("articles")) == 5


def test_what_is_added_twice_without_a_word_is_told(root: Path, tmp_path: Path, run: Run) -> None:
    """A table of the same name stays beside the other; the way to replace it is told."""
    run("add", table(tmp_path / "one", rows(3)), "--archive", root, *WHEN)
    done = run("add", table(tmp_path / "two", wrong(3, 2)), "--archive", root, *WHEN)
    assert "another press.csv was added before (press-" in done.stderr
    assert "--replace puts this one in its place" in done.stderr
    done = run("add", tmp_path / "one" / "press.csv", "--archive", root, *WHEN, "--replace")
    assert done.returncode == 2
    assert "give --reason and --by" in done.stderr
    done = run("add", tmp_path / "one" / "press.csv", "--archive", root, "--reason", "x")
    assert done.returncode == 2
    other = table(tmp_path / "three", rows(3)).rename(tmp_path / "three" / "other.csv")
    done = run("add", other, "--archive", root, *WHEN, *WHY)
    assert done.returncode == 3
    assert "no table of this name was added before" in done.stderr


def test_the_same_table_read_otherwise(root: Path, tmp_path: Path, run: Run) -> None:
    """It is refused without a word, and replaced with one."""
    file = table(tmp_path / "one", rows(3))
    run("add", file, "--archive", root, *WHEN, "--map", "url=url,text=text,title=title")
    done = run("add", file, "--archive", root, *WHEN, "--map", "url=url,text=text,title=byline")
    assert done.returncode == 3
    assert "or --replace" in done.stderr
    done = run(
        "add", file, "--archive", root, *WHEN, *WHY, "--map", "url=url,text=text,title=byline"
    )
    assert "0 rows are the same, 3 are replaced" in done.stderr
    assert {row["title"] for row in build(root).rows("articles")} == {"A. Quill"}


@pytest.mark.parametrize("step", ["note", "_put", "_place", "clear"])
def test_what_a_killed_run_began_the_next_one_ends(
    root: Path, tmp_path: Path, run: Run, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it was killed, nothing is lost, and the second run ends with the same archive."""
    run("add", table(tmp_path / "one", wrong(8, 2)), "--archive", root, *WHEN)
    before = {row["capture_id"] for row in build(root).rows("captures")}
    right = table(tmp_path / "two", rows(8))

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(harvest, step, killed)
        assert run("add", right, "--archive", root, *WHEN, *WHY).returncode != 0
    held = {
        json.loads(line)["text"]
        for file in (root / "raw").rglob("press-*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    }
    assert {row["text"] for row in wrong(8, 2)} <= held
    assert run("add", right, "--archive", root, *WHEN, *WHY).returncode == 0
    after = {row["capture_id"] for row in build(root).rows("captures")}
    lines = [*map(json.loads, (root / "raw/replaced.jsonl").read_text("utf-8").splitlines())]
    assert {line["old"] for line in lines} == before - after
    assert len(lines) == len({line["old"] for line in lines}) == 4
    assert len(list((root / "raw/captures").rglob("*.jsonl"))) == 1


def test_a_withdrawal_finds_what_was_replaced(root: Path, tmp_path: Path, run: Run) -> None:
    """Rows that others stand for hold the text too, and so does the table before."""
    run("add", table(tmp_path / "one", wrong(4, 1)), "--archive", root, *WHEN)
    build(root)
    run("add", table(tmp_path / "two", rows(4)), "--archive", root, *WHEN, *WHY)
    build(root)
    done = run("withdraw", "courier:n-1", "--reason", "privacy", "--authority", "desk",
               "--plan", "--archive", root)  # fmt: skip
    assert "copy: raw/replaced/press-" in done.stdout
    assert done.stdout.count("copy: raw/tables/press-") == 2


PAGE = "Piece 7\n\n10 May 2024\n\n" + prose(7) + "\n"


def test_known_bytes_with_another_record(root: Path, tmp_path: Path, run: Run) -> None:
    """They are refused, or their record is corrected; never are they there twice."""
    file = tmp_path / "seven.txt"
    file.write_text(PAGE)
    said = ("--archive", root, "--outlet", "courier")
    wrong_url, right = (f"https://courier.example/2024/05/{n}" for n in (6, 7))
    assert run("add", file, *said, "--url", wrong_url, *WHEN).returncode == 0
    assert "already there" in run("add", file, *said).stdout  # that says nothing else
    first = build(root)
    done = run("add", file, *said, "--url", right, "--note", "from the desk")
    assert done.returncode == 3
    assert f"notes is not stated, now from the desk; url is {wrong_url}, now {right}" in done.stderr
    assert "--replace, --reason and --by" in done.stderr
    done = run("add", file, *said, "--url", right, "--note", "from the desk", *WHY)
    assert done.stdout.startswith("corrected: ")
    assert len(list((root / "raw/captures").rglob("*.txt"))) == 1
    second = build(root)
    (row,) = second.rows("captures")
    assert (row["notes"], row["url"]) == ("from the desk", right)
    (line,) = map(json.loads, (root / "raw/replaced.jsonl").read_text("utf-8").splitlines())
    assert (line["old"], line["new"]) == (
        first.rows("captures")[0]["capture_id"],
        row["capture_id"],
    )
    assert {each["cause"] for each in second.rows("changes")} == {"correction"}
    assert second.article("courier:n-6")["article_id"] == "courier:n-7"
    again = run("add", file, *said, "--url", right, "--retrieved-at", "2025-06-01T00:00:00Z")
    assert again.stdout.startswith("added: ")  # the same page, captured again
    assert len(build(root).rows("captures")) == 2


def test_known_bytes_without_a_record_or_with_a_broken_one(
    root: Path, tmp_path: Path, run: Run
) -> None:
    """The first record is written; what cannot be read is left, and told."""
    file, there = tmp_path / "seven.txt", root / "raw/captures/courier/seven.txt"
    there.parent.mkdir()
    file.write_text(PAGE)
    there.write_text(PAGE)
    said = ("--archive", root, "--url", "https://courier.example/2024/05/7")
    assert run("add", file, *said).stdout.startswith("corrected: ")
    sidecar = there.with_name("seven.txt.toml")
    assert 'url = "https://courier.example/2024/05/7"' in sidecar.read_text("utf-8")
    sidecar.write_text("url = \n")
    done = run("add", file, *said, *WHY)
    assert done.returncode == 3
    assert "these bytes are there, and seven.txt.toml is no TOML" in done.stderr
    assert sidecar.read_text("utf-8") == "url = \n"


def test_an_address_that_is_anothers(root: Path, tmp_path: Path, run: Run) -> None:
    """Of two articles that were told apart at one address each keeps the id it was published under."""
    held = rows(8)
    held[1]["url"] = held[4]["url"]
    run("add", table(tmp_path / "one", held), "--archive", root, *WHEN)
    before = {row["title"]: row["article_id"] for row in build(root).rows("articles")}
    assert before["Piece 2"] == "courier:n-5"
    run("add", table(tmp_path / "two", rows(8)), "--archive", root, *WHEN, *WHY)
    release = build(root)
    assert release.article("courier:n-2")["title"] == "Piece 2"
    for title, article_id in before.items():
        assert release.article(article_id)["title"] == title
    assert [each for each in verify(release.root, rebuild=root) if not each.ok] == []


def test_observations_of_a_corrected_table(root: Path, tmp_path: Path, run: Run) -> None:
    """A row that names no file: its record is corrected where it stands."""
    (tmp_path / "list.csv").write_text("url,http_status\nhttps://courier.example/2024/05/1,404\n")
    run("add", "--records", tmp_path / "list.csv", "--archive", root, *WHEN)
    (tmp_path / "list.csv").write_text("url,http_status\nhttps://courier.example/2024/05/1,410\n")
    done = run("add", "--records", tmp_path / "list.csv", "--archive", root, *WHEN)
    assert done.returncode == 3
    assert "another record of https://courier.example/2024/05/1 is there" in done.stderr
    done = run("add", "--records", tmp_path / "list.csv", "--archive", root, *WHEN, *WHY)
    assert done.returncode == 0, done.stderr
    (line,) = (root / "raw/captures/courier/retrievals.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["http_status"] == 410
    assert json.loads((root / "raw/replaced.jsonl").read_text("utf-8"))["reason"] == "typing errors"


def test_lines_of_replaced_are_checked(root: Path) -> None:
    """As every file of an archive is."""
    (root / "raw/replaced.jsonl").write_text('{"old": "x", "new": null}\n')
    found = [each.code for each in open_archive(root).findings]
    assert set(found) == {"MF102"}


def test_a_table_that_is_put_back_stands_for_itself(root: Path, tmp_path: Path, run: Run) -> None:
    """There and back, and there again: every release follows from the one before, and is rebuilt."""
    releases = []
    for number in range(4):
        held = rows(3)
        held[0]["title"] = ("Peice", "Piece one")[number % 2]
        why = WHY if number else ()
        done = run("add", table(tmp_path / str(number), held), "--archive", root, *WHEN, *why)
        assert done.returncode == 0, done.stderr
        releases.append(build(root))
        assert len(releases[-1].rows("captures")) == 3
    assert len((root / "raw/replaced.jsonl").read_text("utf-8").splitlines()) == 3
    for release in releases:
        assert [each for each in verify(release.root, rebuild=root) if not each.ok] == []


@pytest.mark.parametrize("option", ["--reason", "--by"])
def test_a_statement_that_no_line_may_have_is_refused_at_once(
    root: Path, tmp_path: Path, run: Run, option: str
) -> None:
    """Before anything is written: a build would find the line, when it is too late."""
    run("add", table(tmp_path / "wrong", wrong(8, 4)), "--archive", root, *WHEN)
    before = tree(root)
    words = {"--reason": "typing errors", "--by": "M. Reader", option: "x" * 2001}
    stated = [word for pair in words.items() for word in pair]
    right = table(tmp_path / "right", rows(8))
    done = run("add", right, "--archive", root, *WHEN, "--replace", *stated)
    assert (done.returncode, tree(root)) == (2, before)
    assert f"{option}: " in done.stderr


def test_rows_that_are_refused_are_not_taken_for_gone(root: Path, tmp_path: Path, run: Run) -> None:
    """A day that cannot be read makes no article vanish."""
    run("add", table(tmp_path / "wrong", wrong(8, 4)), "--archive", root, *WHEN)
    before, held = tree(root), rows(8)
    held[2]["published"] = "the third of never"
    done = run("add", table(tmp_path / "right", held), "--archive", root, *WHEN, *WHY)
    assert (done.returncode, tree(root)) == (3, before)
    assert "rows are refused" in done.stderr


def test_nothing_is_written_through_links(root: Path, tmp_path: Path, run: Run) -> None:
    """Neither into a file that a link beside leads to, nor into a folder outside."""
    run("add", table(tmp_path / "wrong", wrong(8, 4)), "--archive", root, *WHEN)
    victim, right = tmp_path / "victim", table(tmp_path / "right", rows(8))
    victim.mkdir()
    (victim / "file").write_text("mine")
    (root / "raw/replaced").symlink_to(victim)
    done = run("add", right, "--archive", root, *WHEN, *WHY)
    assert done.returncode == 4
    assert "leads out of the archive" in done.stderr
    (root / "raw/replaced").unlink()
    (root / "raw/.replaced.jsonl.part").symlink_to(victim / "file")
    assert run("add", right, "--archive", root, *WHEN, *WHY).returncode == 0
    assert [each.read_text() for each in victim.iterdir()] == ["mine"]
    assert not (root / "raw/replaced.jsonl").is_symlink()


def test_lines_by_hand_name_captures_that_are_there(tmp_path: Path) -> None:
    """One that nobody knows stops the build; one that is still here is told of."""
    root = write(tmp_path / "a", [record(1)])
    (known,) = (row["capture_id"] for row in build(root).rows("captures"))
    why = {"reason": "a slip", "by": "M. Reader", "date": "2026-01-01"}
    replaced = root / "raw" / "replaced.jsonl"
    replaced.write_text(json.dumps({"old": known, "new": "0" * 20, **why}) + "\n")
    with pytest.raises(DataError, match=r"MF603: new '0{20}' is no capture of this archive"):
        build(root)
    add_lines(root, "more.jsonl", record(2))
    replaced.unlink()
    both = build(root)
    (new,) = {row["capture_id"] for row in both.rows("captures")} - {known}
    replaced.write_text(json.dumps({"old": known, "new": new, **why}) + "\n")
    found = open_archive(root).validate().findings
    assert [each.message for each in found if each.code == "MF610"] == [f"capture {known}"]
