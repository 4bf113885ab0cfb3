"""Learning recurring lines: what qualifies, what does not, and that nothing depends on order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from conftest import Run
from microfiche.curation.learning import learn
from microfiche.errors import DataError
from microfiche.library import Archive, open_archive

OUTLET = 'id = "courier"\nname = "Harbour Courier"\n[[domains]]\nhost = "courier.example"\nrole = "canonical"\n'
WORDS = "harbour ledger lamp quay pencil volume winter reader office door coat shelf tide".split()
SLOGAN = "Read the Courier on the quay every morning"
BOX = "The Courier is printed by its readers and for them, and takes no money from anybody else."


def sentences(seed: int) -> list[str]:
    """Five paragraphs that no other seed has."""
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=18)).capitalize() + "." for _ in range(5)]


def press(root: Path, *, names: str = "abcdef") -> Archive:
    """Pages and texts of one outlet, three copies of one article among them."""
    captures = root / "raw" / "captures"
    (root / "raw" / "outlets").mkdir(parents=True)
    captures.mkdir()
    (root / "raw" / "outlets" / "courier.toml").write_text(OUTLET)
    (root / "raw" / "dataset.toml").write_text('name = "press"\ntitle = "Press"\n')
    (root / "DATASHEET.md").write_text("# D\n")
    for number, name in enumerate(names):
        lines = sentences(ord(name))
        known = f'url = "https://courier.example/{name}"\n'
        if number % 2:
            body = "".join(f"<p>{line}</p>" for line in [*lines, BOX])
            file = captures / f"{name}.html"
            file.write_text(f"<html><body><h1>Piece {name}</h1>{body}</body></html>")
        else:
            file = captures / f"{name}.txt"
            text = "\n\n".join([f"Piece {name}", *lines[:3], SLOGAN, *lines[3:], BOX])
            file.write_text(text)
        file.with_name(f"{file.name}.toml").write_text(known)
    for copy in range(3):
        file = captures / f"copy-{copy}.html"
        body = "".join(f"<p>{line}</p>" for line in sentences(999))
        file.write_text(f"<html><body><h1>One and the same</h1>{body}</body></html>")
        address = f'url = "https://courier.example/copy/{copy}"\n'
        file.with_name(f"{file.name}.toml").write_text(address)
    return open_archive(root)


def test_lines_of_different_articles_are_learned_and_copies_prove_nothing(tmp_path: Path) -> None:
    """A slogan in texts and a box in pages and texts; not the paragraphs of three copies."""
    (found,) = learn(press(tmp_path / "a"), workers=1)
    assert {each["line"]: each["count"] for each in found.lines} == {BOX: 6, SLOGAN: 3}
    assert all(len(each["examples"]) == 3 for each in found.lines)
    assert found.file.read_text().startswith("# Lines that recur")


def test_a_build_takes_learned_lines_out_and_a_person_decides(tmp_path: Path) -> None:
    """Learned lines stand in removed_lines; one that is set aside stays, also when learned again."""
    archive = press(tmp_path / "a")
    (found,) = learn(archive, workers=1)
    rows = {
        row["title"]: row for row in open_archive(tmp_path / "a").build().release.rows("articles")
    }
    assert rows["Piece a"]["text"].split("\n\n") == sentences(ord("a"))
    assert rows["Piece a"]["provenance"]["removed_lines"] == [SLOGAN, BOX]
    assert rows["Piece b"]["provenance"]["removed_lines"] == [BOX]
    text = found.file.read_text()
    found.file.write_text(text.replace(f'line = "{SLOGAN}"', f'line = "{SLOGAN}"\napply = false'))
    (again,) = learn(open_archive(tmp_path / "a"), workers=1)
    assert {each["line"]: each.get("apply", True) for each in again.lines} == {
        BOX: True,
        SLOGAN: False,
    }
    learned = open_archive(tmp_path / "a").outlets[0]["learned"]
    assert learned == [BOX]


def test_order_and_workers_change_nothing(tmp_path: Path) -> None:
    """The same file from captures named otherwise and with two processes."""
    (one,) = learn(press(tmp_path / "a"), workers=1)
    (two,) = learn(press(tmp_path / "b"), workers=2)
    assert one.file.read_bytes() == two.file.read_bytes()


def test_bad_files_are_named(tmp_path: Path, run: Run) -> None:
    """A file of learned lines that breaks its schema is a finding; an unknown outlet an error."""
    archive = press(tmp_path / "a")
    (tmp_path / "a" / "raw" / "outlets" / "courier.boilerplate.toml").write_text('lines = "all"\n')
    codes = {finding.code for finding in open_archive(tmp_path / "a").findings}
    assert codes == {"MF102"}
    with pytest.raises(DataError, match="no outlet"):
        learn(archive, ["nobody"])
    done = run("learn", tmp_path / "a")
    assert done.returncode == 3
    assert "MF102" in done.stderr


def test_one_page_captured_often_hides_nothing(tmp_path: Path) -> None:
    """Witnesses are counted by article: many captures of one, and a stub, do not crowd out others."""
    root = tmp_path / "a"
    press(root)
    captures = root / "raw" / "captures"
    for hour in range(80):
        file = captures / f"live-{hour}.txt"
        file.write_text("\n\n".join(["Piece a", *sentences(ord("a")), SLOGAN]))
        known = f'url = "https://courier.example/a"\nretrieved_at = 2026-01-{hour // 24 + 1:02}T{hour % 24:02}:00:00Z\n'
        file.with_name(f"{file.name}.toml").write_text(known)
    (captures / "stub.txt").write_text(f"Stub\n\n{SLOGAN}\n\n{BOX}\n")
    (captures / "stub.txt.toml").write_text('url = "https://courier.example/stub"\n')
    (found,) = learn(open_archive(root), workers=1)
    assert {each["line"] for each in found.lines} == {BOX, SLOGAN}


def test_withdrawn_articles_teach_nothing_and_releases_name_no_captures(tmp_path: Path) -> None:
    """Neither the learned file nor a release's copy of it leads to what was withdrawn."""
    root = tmp_path / "a"
    archive = press(root)
    learn(archive, workers=1)
    release = open_archive(root).build().release
    copied = release.read("source/outlets/courier.boilerplate.toml").decode()
    assert SLOGAN in copied
    assert "courier.example" not in copied
    (gone,) = [row["article_id"] for row in release.rows("articles") if row["title"] == "Piece a"]
    line = (
        f'{{"article_id": "{gone}", "reason": "privacy", "date": "2026-01-01", "authority": "A"}}\n'
    )
    (root / "raw" / "withdrawals.jsonl").write_text(line)
    (found,) = learn(open_archive(root), workers=1)
    assert "https://courier.example/a" not in found.file.read_text().replace('"', " ").split()
