"""Corrections: what a curator knows better is shown, told as such, and gone with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from microfiche.library import Release, open_archive, open_release, verify
from small import build, outlet, prose, record, write

STATED = {"reason": "the printed edition has it so", "by": "M. Reader", "date": "2026-01-02"}
FILE = "raw/corrections.jsonl"


def state(root: Path, *lines: dict[str, Any]) -> None:
    """The lines of raw/corrections.jsonl."""
    told = "".join(json.dumps({**STATED, **line}) + "\n" for line in lines)
    (root / FILE).write_text(told, "utf-8")


def capture_of(release: Release, article_id: str) -> str:
    """The id of the one capture of an article."""
    (row,) = release.select("captures", "article_id", [article_id])
    return str(row["capture_id"])


def source_of(row: dict[str, Any], field: str) -> str | None:
    """Where a field of an article comes from."""
    told = (each for each in row["provenance"]["field_sources"] if each["field"] == field)
    return next((each["source"] for each in told), None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of three records, of which one states no date."""
    undated = {key: value for key, value in record(3).items() if key != "published"}
    undated["url"] = "https://courier.example/notes/3"
    return write(tmp_path / "a", [record(1, byline=["A. Wrong"]), record(2), undated])


def test_corrections_are_shown_as_such_and_go_with_their_lines(root: Path) -> None:
    """Of a capture and of an article: values, sources, table, cause, and the way back."""
    first = build(root)
    capture = capture_of(first, "courier:n-2")
    state(
        root,
        {"article_id": "courier:n-1", "field": "byline", "value": ["B. Right", "C. Right"]},
        {"capture_id": capture, "field": "title", "value": "Piece  two"},
    )
    second = build(root)
    byline, title = second.article("courier:n-1"), second.article("courier:n-2")
    assert byline["byline"] == ["B. Right", "C. Right"]
    assert title["title"] == "Piece two"
    assert source_of(byline, "byline") == source_of(title, "title") == "correction"
    rows = {row["field"]: row for row in second.rows("corrections")}
    assert rows["byline"]["before"] == '["A. Wrong"]'
    assert rows["title"]["before"] == '"Piece 2"'
    assert rows["title"]["capture_id"] == capture
    assert {name: rows["title"][name] for name in STATED} == STATED
    assert [each for each in verify(second.root, rebuild=root) if not each.ok] == []
    changes = {(row["article_id"], row["change"]): row for row in second.rows("changes")}
    assert {row["cause"] for row in changes.values()} == {"correction"}
    pair = changes["courier:n-2", "reread"]
    assert pair["revision_id_before"] == first.article("courier:n-2")["revision_id"]
    assert pair["revision_id"] == title["revision_id"]
    assert title["n_revisions"] == 1  # the outlet has edited nothing
    (root / FILE).unlink()
    third = build(root)
    assert third.fingerprint == first.fingerprint
    assert {row["cause"] for row in third.rows("changes")} == {"correction"}
    assert "Corrected by hand" in (second.root / "report.html").read_text("utf-8")
    assert "byline (1), title (1)" in (second.root / "README.md").read_text("utf-8")


def test_a_release_is_the_same_whenever_it_was_corrected(root: Path, tmp_path: Path) -> None:
    """Before the first build or after, from a cache or none, by one worker or two."""
    capture = capture_of(build(root), "courier:n-2")
    lines = (
        {"capture_id": capture, "field": "text", "value": f"{prose(9)}\n\n{prose(10)}"},
        {"capture_id": capture, "field": "captions", "value": ["A quay"]},
        {"article_id": "courier:n-1", "field": "published", "value": "2024-02~"},
        {"article_id": "courier:n-1", "field": "keywords", "value": ["press"]},
    )
    state(root, *lines)
    after = build(root)
    assert after.article("courier:n-2")["n_paragraphs"] == 2
    assert after.article("courier:n-2")["captions"] == ["A quay"]
    assert after.article("courier:n-1")["published_latest"] == "2024-02-29"
    for number, how in enumerate(({"workers": 2}, {"cache": False})):
        again = build(root, out=tmp_path / f"out{number}", **how)
        assert again.fingerprint == after.fingerprint
    state(root, *lines[:2], {**lines[2], "value": "2024-03"}, lines[3])
    assert build(root).article("courier:n-1")["published"] == "2024-03"
    state(root, {**lines[0], "value": prose(11)}, *lines[1:])
    assert build(root).article("courier:n-2")["text"] == prose(11)


def test_captures_that_differ_by_a_correction_alone_say_so(tmp_path: Path) -> None:
    """Two captures of one reading are two revisions once one is corrected, and no edit."""
    later = {"retrieved_at": "2025-02-01T00:00:00Z", "method": "crawler", "retrieved_by": "desk"}
    root = write(tmp_path / "a", [record(1), record(1, retrieval=later)])
    first = build(root)
    assert first.article("courier:n-1")["n_revisions"] == 1
    newest = max(first.rows("captures"), key=lambda row: row["retrieved_at"])
    state(root, {"capture_id": newest["capture_id"], "field": "title", "value": "Piece one"})
    rows = build(root).revisions("courier:n-1")
    assert [(row["title"], row["cause"]) for row in rows] == [
        ("Piece 1", None),
        ("Piece one", "correction"),
    ]


def test_what_is_corrected_is_found_no_more(root: Path) -> None:
    """A date that was missing and a headline that was none are told no more."""
    bare = {key: value for key, value in record(4).items() if key != "title"}
    lines = (root / "raw/captures/records.jsonl").read_text("utf-8").splitlines()
    write(root, [*map(json.loads, lines), bare])
    codes = [each.code for each in open_archive(root).validate().findings]
    assert codes.count("MF501") == codes.count("MF502") == 1
    release = build(root)
    own = next(row["article_id"] for row in release.rows("articles") if not row["published"])
    state(
        root,
        {"article_id": own, "field": "published", "value": "2024-03-04"},
        {"capture_id": capture_of(release, "courier:n-4"), "field": "title", "value": "Four"},
    )
    codes = [each.code for each in open_archive(root).validate().findings]
    assert {"MF501", "MF502"}.isdisjoint(codes)
    assert open_archive(root).build().counts.keys().isdisjoint({"MF501", "MF502"})


def test_a_public_release_withholds_what_was_corrected_of_texts(tmp_path: Path) -> None:
    """It can be built again and rehydrated by whoever holds raw/corrections.jsonl."""
    root = write(tmp_path / "a", [record(1), record(2)], outlet(text="withheld"))
    capture = capture_of(build(root), "courier:n-1")
    state(
        root,
        {"capture_id": capture, "field": "text", "value": prose(9)},
        {"article_id": "courier:n-2", "field": "dateline", "value": "QUAY"},
    )
    full = build(root)
    public = build(root, "public")
    assert public.fingerprint == full.fingerprint
    rows = {row["field"]: row for row in public.rows("corrections")}
    assert rows["text"]["content"] is rows["dateline"]["before"] is None
    assert rows["dateline"]["value"] == '"QUAY"'
    for release in (full, public):
        assert [each for each in verify(release.root, rebuild=root) if not each.ok] == []
    done = public.rehydrate(root, tmp_path / "back")
    assert not done.still_withheld
    assert done.release.rows("corrections") == full.rows("corrections")
    assert done.release.article("courier:n-1")["text"] == prose(9)


def test_a_correction_of_another_value_is_told_and_holds(root: Path) -> None:
    """Where the reader reads otherwise than when it was corrected, nothing is overwritten unseen."""
    build(root)
    archive = open_archive(root)
    archive.correct("courier:n-1", "byline", ["B. Right"], {"reason": "seen", "by": "M. Reader"})
    assert "MF508" not in {each.code for each in open_archive(root).validate().findings}
    line = json.loads((root / FILE).read_text("utf-8"))
    state(root, {**line, "was_sha256": "0" * 64})
    (found,) = [each for each in open_archive(root).validate().findings if each.code == "MF508"]
    assert (found.where, found.place) == (FILE, "line 1")
    assert found.message == 'byline of courier:n-1 is read as ["A. Wrong"] now'
    assert build(root).article("courier:n-1")["byline"] == ["B. Right"]


WRONG = [
    ({"field": "title", "value": "x"}, "/", "title is corrected of one capture_id"),
    ({"article_id": "courier:n-1", "field": "title", "value": "x"}, "/", "of one capture_id"),
    ({"capture_id": "0" * 20, "field": "byline", "value": []}, "/", "of one article_id"),
    ({"article_id": "courier:n-1", "field": "url", "value": "x"}, "/field", "is not one of"),
    ({"article_id": "courier:n-1", "field": "published", "value": "3/4/2014"}, "/value", "EDTF"),
    ({"article_id": "courier:n-1", "field": "modified_at", "value": "2014"}, "/value", "its zone"),
    ({"article_id": "courier:n-1", "field": "byline", "value": "A"}, "/value", "array"),
    ({"article_id": "courier:n-1", "field": "language", "value": "eng lish"}, "/value", "pt-BR"),
    ({"capture_id": "0" * 20, "field": "text", "value": None}, "/value", "has a text"),
    ({"capture_id": "0" * 20, "field": "title", "value": " \t"}, "/value", "white space"),
]


@pytest.mark.parametrize(("line", "place", "told"), WRONG, ids=lambda value: str(value)[:40])
def test_a_line_that_cannot_be_is_an_error(
    root: Path, line: dict[str, Any], place: str, told: str
) -> None:
    """With its place and what is wrong; no correction is half applied."""
    state(root, line)
    found = [each for each in open_archive(root).findings if each.where == FILE]
    assert [(each.code, each.place) for each in found] == [("MF102", f"line 1, {place}")]
    assert told in found[0].message


def test_a_line_about_what_is_not_there_stops_a_build(root: Path, run: Run) -> None:
    """Unless that is withdrawn: then nothing is told of it."""
    capture = capture_of(build(root), "courier:n-2")
    for line, told in (
        ({"article_id": "courier:n-9", "field": "byline", "value": []}, "is no article of this"),
        ({"capture_id": "0" * 20, "field": "title", "value": "x"}, "is no capture of this archive"),
    ):
        state(root, line)
        done = run("build", root)
        assert done.returncode == 3
        assert "MF603" in done.stderr
        assert told in done.stderr
    state(
        root,
        {"capture_id": capture, "field": "text", "value": prose(9)},
        {"article_id": "courier:n-2", "field": "byline", "value": ["B. Right"]},
    )
    done = run("withdraw", "courier:n-2", "--reason", "privacy", "--authority", "desk",
               "--archive", root)  # fmt: skip
    assert f"copy: {FILE}, line 1: corrects it" in done.stdout
    assert f"copy: {FILE}, line 2" in done.stdout
    release = build(root)
    assert release.rows("corrections") == []
    assert "B. Right" not in json.dumps(release.rows("withdrawn"))


def test_correct_writes_the_line_and_shows_before_and_after(root: Path, run: Run) -> None:
    """By id, address or headline, of an article that was released and of one that was not."""
    done = run("correct", "Piece 2", "title", "Piece two", "--reason", "a letter is lost",
               "--by", "M. Reader", "--archive", root)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "courier:n-2: title: Piece 2 -> Piece two" in done.stdout
    release = build(root)
    assert release.article("courier:n-2")["title"] == "Piece two"
    done = run("correct", "https://courier.example/2024/01/1", "byline", "B. Right; C. Right",
               "--reason", "seen", "--by", "M. Reader", "--archive", root)  # fmt: skip
    assert "courier:n-1: byline: A. Wrong -> B. Right; C. Right" in done.stdout
    done = run("correct", "courier:n-1", "dateline", "", "--reason", "seen", "--by", "M. Reader",
               "--date", "2026-02-03", "--archive", root)  # fmt: skip
    assert "dateline: nothing -> nothing" in done.stdout
    held = (root / "raw/corrections.jsonl").read_bytes()
    done = run("correct", "courier:n-1", "dateline", "", "--reason", "seen", "--by", "M. Reader",
               "--archive", root)  # fmt: skip
    assert (done.returncode, held) == (0, (root / "raw/corrections.jsonl").read_bytes())
    assert "says so already" in done.stdout
    text = release.article("courier:n-1")["text"]
    done = run("correct", "courier:n-1", "text", text.replace(text.split()[3], "sluice"),
               "--reason", "seen", "--by", "M. Reader", "--archive", root)  # fmt: skip
    assert f"[-{text.split()[3]}-] {{+sluice+}}" in done.stdout
    capture = capture_of(release, "courier:n-2")
    done = run("read", capture, "--archive", root)
    assert "title: Piece two  (correction: M. Reader, " in done.stdout
    done = run("read", capture, "--archive", root, "--lines")
    assert "corrected                 title: Piece two" in done.stdout
    build(root)
    shown = run("show", sorted((root / "dist/press").iterdir())[-1], "courier:n-1").stdout
    assert 'corrected byline, read as ["A. Wrong"], by M. Reader' in shown
    assert open_release(root / "dist/press/1.0.0").fingerprint == release.fingerprint


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("Piece 2", "url", "x"), 2, "no field to correct"),
        (("Piece 2", "published", "3 April"), 2, "2014-10-03"),
        (("Piece 2", "free_access", "perhaps"), 2, "neither true nor false"),
        (("Piece 2", "byline", "[1"), 2, "no JSON list"),
        (("nothing of that", "byline", "x"), 3, "no article"),
        (("0" * 20, "title", "x"), 2, "holds no capture of this id"),
        (("Piece 2", "text", ""), 2, "has a text"),
    ],
)
def test_what_cannot_be_corrected_writes_nothing(
    root: Path, run: Run, words: tuple[str, ...], code: int, told: str
) -> None:
    """The message names the field and what it may be."""
    done = run("correct", *words, "--reason", "seen", "--by", "M. Reader", "--archive", root)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert not (root / FILE).exists()


def test_a_capture_by_its_file_and_a_text_from_one(root: Path, tmp_path: Path, run: Run) -> None:
    """As `validate` names captures, before any release; what a text loses is told in numbers."""
    shown = root / "raw/captures/t.txt"
    shown.write_text(f"A headline\n\n3 May 2024\n\n{prose(5)}.\n\n{prose(6)}.\n")
    shown.with_name("t.txt.toml").write_text('url = "https://courier.example/2024/05/77"\n')
    right = tmp_path / "right.txt"
    right.write_text(f"{prose(5)}.\n")
    said = ("--reason", "seen", "--by", "M. Reader", "--archive", root)
    done = run("correct", shown, "text", f"@{right}", *said)
    assert done.returncode == 0, done.stderr
    assert "text: 2 paragraphs, 160 words -> 1 paragraph, 80 words" in done.stdout
    assert run("correct", shown, "title", "Another", *said).returncode == 0
    article = build(root).article("courier:n-77")
    assert (article["title"], article["text"]) == ("Another", f"{prose(5)}.")
    done = run("correct", shown, "text", r"One.\n\nTwo.", *said)
    assert done.returncode == 2
    assert "no line break" in done.stderr
    read = run("read", shown, "--archive", root).stdout
    assert "title: Another  (correction: M. Reader" in read
    several = root / "raw/captures/records.jsonl"
    assert run("correct", several, "title", "x", *said).returncode == 3


def test_what_validation_leaves_open_is_said(root: Path, run: Run) -> None:
    """Addresses that are missing, and lines that nobody has looked for: with the commands."""
    for number in (1, 2, 3):
        file = root / f"raw/captures/{number}.txt"
        file.write_text(f"A headline {number}\n\n{prose(number + 20)}.\n")
        file.with_name(f"{number}.txt.toml").write_text('outlet_id = "courier"\n')
    (root / "raw/expected").mkdir()
    (root / "raw/expected/list.txt").write_text("https://courier.example/2024/02/99\n")
    told = run("validate", root).stderr
    assert f"1 expected address never captured: see `microfiche coverage {root}`" in told
    assert f"lines that recur in courier were not looked for: `microfiche learn {root}`" in told


def test_of_what_is_not_published_nothing_is_corrected(root: Path, run: Run) -> None:
    """A rejected capture, one of a withdrawn article: a line about it would stop every build."""
    why = ("--reason", "seen", "--by", "M. Reader", "--archive", root)
    file = root / "raw/captures/empty.html"
    file.write_bytes(b"")
    done = run("correct", file, "title", "Z", *why)
    assert done.returncode == 3
    assert "nothing of it is published" in done.stderr
    file.unlink()
    capture = capture_of(build(root), "courier:n-2")
    run("withdraw", "courier:n-2", "--reason", "privacy", "--authority", "x", "--archive", root)
    for _ in range(2):  # before it is built, and after
        done = run("correct", capture, "title", "Z", *why)
        assert (done.returncode, done.stdout) == (3, "")
        build(root)
    assert not (root / "raw/corrections.jsonl").exists()


def test_lines_are_added_to_a_good_file_alone(root: Path, tmp_path: Path, run: Run) -> None:
    """Not to one with faults, nor through links, nor from what is no file."""
    why = ("--reason", "seen", "--by", "M. Reader", "--archive", root)
    file, victim = root / "raw/corrections.jsonl", tmp_path / "victim"
    victim.write_text("mine")
    capture = capture_of(build(root), "courier:n-2")
    twice = '{"value":"X","value":"Y"}'
    for text in ("{broken", "\n", twice):
        file.write_text(text)
        done = run("correct", capture, "title", "Z", *why)
        assert (done.returncode, file.read_text()) == (3, text)
        assert "MF103" in done.stderr
    file.unlink()
    file.symlink_to(victim)
    assert run("correct", capture, "title", "Z", *why).returncode == 3
    file.unlink()
    file.with_name(".corrections.jsonl.part").symlink_to(victim)
    assert run("correct", capture, "title", "@@Z", *why).returncode == 0
    assert json.loads(file.read_text("utf-8"))["value"] == "@Z"
    assert victim.read_text() == "mine"
    for name in ("missing.txt", "", "/dev/zero", str(root)):
        done = run("correct", capture, "title", f"@{name}", *why)
        assert done.returncode == 4, name
    far = run("correct", "courier:n-1", "published", "9026-10-02", *why)
    assert (far.returncode, "yet to come" in far.stderr) == (2, True)
