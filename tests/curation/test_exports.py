"""Exports of press databases: one file, many captures, every field in its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import exports
from conftest import Run
from exports import Piece, pieces
from microfiche.library import open_release
from small import build

KINDS: dict[str, tuple[str, Callable[[list[Piece]], str]]] = {
    "nexis.TXT": ("nexis", exports.nexis_text),
    "nexis.html": ("nexis", exports.nexis_html),
    "factiva.html": ("factiva", exports.factiva_html),
    "factiva-table.HTML": ("factiva", exports.factiva_table),
    "factiva.xml": ("factiva", exports.factiva_xml),
    "europresse.html": ("europresse", exports.europresse),
    "europresse-old.htm": ("europresse", exports.europresse_old),
    "integrum.html": ("integrum", exports.integrum),
    "nexis.docx": ("nexis", exports.nexis_text),
}
SHARED = Path(__file__).parents[3] / "shared" / "press-databases"
COUNTS = {
    "nexis.TXT": 10, "nexis.DOCX": 10, "nexis-uni1.docx": 2, "lexisnexis-en.html": 2,
    "lexisnexis-fr.html": 3, "factiva-table.html": 27, "factiva-german.html": 100, "factiva.html": 2,
    "factiva.xml": 3, "factiva-reuters.xml": 19,
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, run: Run) -> Path:
    """An archive without outlets."""
    run("init", tmp_path / "a", "--name", "press", "--title", "Press")
    return tmp_path / "a"


def written(folder: Path, name: str, held: list[Piece]) -> Path:
    """An export as a file."""
    if name.endswith("docx"):
        return exports.nexis_docx(held, folder / name)
    (folder / name).write_text(KINDS[name][1](held), "utf-8")
    return folder / name


def articles(root: Path, version: str = "1.0.0") -> list[dict[str, Any]]:
    """Articles of a release, by headline."""
    rows = open_release(root / "dist" / "press" / version).rows("articles")
    return sorted(rows, key=lambda row: str(row["title"]))


@pytest.mark.parametrize("name", list(KINDS))
def test_an_export_is_added_and_built(root: Path, tmp_path: Path, run: Run, name: str) -> None:
    """Headline, publication, day, byline, text, number, and nothing else in the text."""
    held = pieces()
    added = run("add", written(tmp_path, name, held), "--archive", root)
    assert added.returncode == 0, added.stderr
    assert f"3 articles of an export of {KINDS[name][0]}" in added.stderr
    assert "of no outlet yet: The Harbour Courier (Holm) 1" in added.stderr.replace(
        "Ferry Post 2, ", ""
    )
    assert len(run("outlets", "--new", "--all", "--archive", root).stdout.splitlines()) == 2
    build(root)
    for row, piece in zip(articles(root), held, strict=True):
        assert row["title"] == piece.title
        assert row["outlet_name"] == piece.publication
        assert row["published"] == f"2021-01-{piece.day:02}"
        assert row["text"] == "\n\n".join(piece.paragraphs)
        assert row["byline"] == (["Ada Quill", "Tom Reed"] if piece.number % 2 else ["Ada Quill"])
        if KINDS[name][0] in ("factiva", "europresse"):
            assert f":x-{KINDS[name][0]}-" in row["article_id"]
    captures = open_release(root / "dist/press/1.0.0").rows("captures")
    assert {row["outlet_source"] for row in captures} == {"publication"}
    assert all((row["accession"] or "").startswith(KINDS[name][0]) for row in captures) == (
        KINDS[name][0] in ("factiva", "europresse")
    )
    assert all(
        verdict.ok for verdict in open_release(root / "dist/press/1.0.0").verify(rebuild=root)
    )


def test_a_public_release_withholds_the_text(root: Path, tmp_path: Path, run: Run) -> None:
    """Also where the outlet's file shows its own pages: nobody has stated a basis for these."""
    run("add", written(tmp_path, "factiva.html", pieces()), "--archive", root)
    run("outlets", "--new", "--all", "--archive", root)
    for file in (root / "raw" / "outlets").glob("*.toml"):
        stated = 'text = "full"\nbasis = "license"\nevidence = "a letter on its pages"'
        file.write_text(file.read_text().replace('text = "withheld"', stated))
    public = build(root, "public")
    assert {row["text_access"] for row in public.rows("articles")} == {"withheld"}
    assert {row["rights_evidence"] for row in public.rows("articles")} == {
        "Copyright 2021. Harbour Press."
    }


def test_the_same_articles_from_two_exports_are_one(root: Path, tmp_path: Path, run: Run) -> None:
    """As text and as Word, in two searches of Factiva: ten articles, each with two captures."""
    held = pieces(10)
    for name in ("nexis.TXT", "nexis.docx"):
        assert run("add", written(tmp_path, name, held), "--archive", root).returncode == 0
    run("outlets", "--new", "--all", "--archive", root)
    release = build(root)
    assert len(release.rows("articles")) == 10
    assert len(release.rows("captures")) == 20
    assert {row["merge_rule"] for row in release.rows("captures")} == {"bytes", "equal-text"}


def test_two_searches_of_a_database_by_its_number(root: Path, tmp_path: Path, run: Run) -> None:
    """The number is the id, whatever the form of the export."""
    held = pieces(4)
    run("add", written(tmp_path, "factiva.html", held[:3]), "--archive", root)
    run("add", written(tmp_path, "factiva.xml", held[1:]), "--archive", root)
    run("outlets", "--new", "--all", "--archive", root)
    release = build(root)
    assert len(release.rows("articles")) == 4
    rules = {row["merge_rule"] for row in release.rows("captures")}
    assert rules == {None, "accession"}


def test_two_databases_that_set_the_words_otherwise(root: Path, tmp_path: Path, run: Run) -> None:
    """One article with both numbers; another text of the day and headline stays another."""
    held = pieces(3)
    quoted = [
        each._replace(
            title=each.title.upper(),
            paragraphs=(
                each.paragraphs[0],
                each.paragraphs[1].replace("well-known", "well- known"),
            ),
        )
        for each in held
    ]
    other = held[2]._replace(paragraphs=(*held[2].paragraphs, "And one word more."))
    run("add", written(tmp_path, "factiva.html", held), "--archive", root)
    run("add", written(tmp_path, "europresse.html", [*quoted[:2], other]), "--archive", root)
    run("outlets", "--new", "--all", "--archive", root)
    release = build(root)
    captures = release.rows("captures")
    shown = {row["article_id"]: row["aliases"] for row in release.rows("articles")}
    assert len(shown) == 4
    assert sorted(map(len, shown.values())) == [0, 0, 1, 1]
    assert sorted(str(row["merge_rule"]) for row in captures) == [
        "None", "None", "accession", "accession", "equal-words", "equal-words"
    ]  # fmt: skip


def test_names_that_a_person_gives_to_one_outlet(root: Path, tmp_path: Path, run: Run) -> None:
    """`other_names` of an outlet file; the plan names what nobody claims."""
    (root / "raw" / "outlets").mkdir(exist_ok=True)
    (root / "raw" / "outlets" / "courier.toml").write_text(
        'id = "courier"\nname = "Harbour Courier"\nother_names = ["The Harbour Courier (Holm)"]\n'
    )
    added = run("add", written(tmp_path, "nexis.TXT", pieces()), "--archive", root)
    assert "by outlet: courier 1" in added.stderr
    assert "of no outlet yet: Ferry Post 2" in added.stderr


def test_what_is_no_export_is_added_as_before(root: Path, tmp_path: Path, run: Run) -> None:
    """A text that speaks of documents, a page of a database's help, a broken Word file."""
    (tmp_path / "t.txt").write_text("He read 3 of 10 documents\n\nand went home by the quay.\n")
    assert "names no known outlet" in run("add", tmp_path / "t.txt", "--archive", root).stderr
    (tmp_path / "w.docx").write_bytes(b"PK\x03\x04 nothing")
    broken = run("add", tmp_path / "w.docx", "--archive", root)
    assert (broken.returncode, "no Word file" in broken.stderr) == (3, True)
    (tmp_path / "f.xml").write_text("<ppsarticle xmlns='x'><article>")
    broken = run("add", tmp_path / "f.xml", "--archive", root)
    assert (broken.returncode, "no XML" in broken.stderr) == (3, True)


def test_an_article_without_text_is_refused_with_its_place(
    root: Path, tmp_path: Path, run: Run
) -> None:
    """The others are added."""
    held = pieces()
    text = exports.factiva_html([held[0]._replace(paragraphs=()), *held[1:]])
    picture = '<p class="articleParagraph dearticleParagraph">Foto: The quay at noon (pg. 4)</p>'
    text = text.replace(picture, "", 1)
    (tmp_path / "f.html").write_text(text)
    added = run("add", tmp_path / "f.html", "--archive", root)
    assert added.returncode == 0
    assert "refused: line 1, article 1: no text was found below its headline" in added.stderr


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs exports that are not part of the project")
@pytest.mark.parametrize("name", list(COUNTS))
def test_exports_that_people_have_shared(root: Path, run: Run, name: str) -> None:
    """As many captures as there are articles, each with headline, publication and day."""
    added = run("add", SHARED / name, "--archive", root)
    assert f"{COUNTS[name]} fit, 0 refused" in added.stderr
    run("outlets", "--new", "--all", "--archive", root)
    rows = build(root).rows("articles")
    assert all(row["title"] and row["published"] and row["outlet_name"] for row in rows)
