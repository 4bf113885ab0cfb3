"""What people write into an archive's own files by hand: odd words are named, with their place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Run
from microfiche.archive import files
from microfiche.library import open_archive
from small import add_lines, build, outlet, record, write

CORRECTION = {
    "capture_id": "0" * 20, "field": "title", "value": "Lamps", "reason": "a slip",
    "by": "A. Archivist", "date": "2026-01-01",
}  # fmt: skip


def found(root: Path) -> list[str]:
    """Findings on the archive's own files."""
    return [f"{each.where}: {each.place}: {each.code}" for each in open_archive(root).findings]


@pytest.mark.parametrize(
    ("name", "line", "place"),
    [
        ("corrections", CORRECTION | {"reason": " \u00a0"}, "line 1, /reason"),
        ("corrections", CORRECTION | {"by": "\t"}, "line 1, /by"),
        ("corrections", CORRECTION | {"value": "Lamps\0"}, "line 1, /value"),
        ("corrections", CORRECTION | {"field": "captions", "value": ["a\x1b[31m"]}, "line 1, /value"),
        (
            "withdrawals",
            {"article_id": "a:1", "reason": "privacy", "date": "2026-01-01", "authority": " "},
            "line 1, /authority",
        ),
    ],
)  # fmt: skip
def test_words_that_say_nothing(tmp_path: Path, name: str, line: object, place: str) -> None:
    """Who decided, and why, is said in words."""
    root = write(tmp_path / "a", [record(1)])
    (root / "raw" / f"{name}.jsonl").write_text(json.dumps(line) + "\n")
    assert found(root) == [f"raw/{name}.jsonl: {place}: MF102"]


def test_corrections_of_an_outlet_say_who_and_why(tmp_path: Path) -> None:
    """As those of articles do."""
    rule = """[[corrections]]
old = "Ferrry"
new = "Ferry"
field = "title"
reason = " "
by = "A. Archivist"
date = 2026-01-01
"""
    root = write(tmp_path / "a", [record(1)], f"{outlet()}{rule}")
    places = [each for each in found(root) if "/corrections/0" in each]
    assert places
    assert all(each.endswith("MF201") for each in places)


def test_groups_of_a_form_of_dates_that_nobody_reads(tmp_path: Path) -> None:
    """A misspelt one would do nothing in silence."""
    form = "[dates]\nforms = ['(?P<date>[0-9-]+) (?P<hours>[0-9]+)']\n"
    root = write(tmp_path / "a", [record(1)], f"{outlet()}{form}")
    assert found(root) == ["raw/outlets/courier.toml: /dates/forms/0: MF201"]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("CC0-1.0", False),
        ("MIT OR LicenseRef-own", False),
        ("DocumentRef-spdx-tool:LicenseRef-own", False),
        ("No SPDX AND (", True),
        ("CC-BY 4.0", True),
    ],
)
def test_licenses(tmp_path: Path, stated: str, told: bool) -> None:
    """By the identifiers and the grammar of SPDX; others are told of, and kept."""
    root = write(tmp_path / "a", [record(1)])
    dataset = root / "raw" / "dataset.toml"
    dataset.write_text(dataset.read_text().replace("CC0-1.0", stated))
    assert found(root) == ["raw/dataset.toml: /license: MF115"] * told
    assert build(root).manifest["version"] == "1.0.0"


def test_own_files_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """What takes a second a million octets to parse is not as large as a disk."""
    root = write(tmp_path / "a", [record(1)])
    with (root / "raw" / "outlets" / "courier.toml").open("ab") as out:
        out.truncate(files.MAX_BYTES + 1)
    done = run("validate", root)
    assert done.returncode == 3
    assert "raw/outlets/courier.toml: 4,194,305 bytes, the limit is 4,194,304" in done.stdout
    monkeypatch.setattr(files, "MAX_LINES", 10)
    (root / "raw" / "aliases.jsonl").write_text("\n" * 11)
    assert "raw/aliases.jsonl: : MF103" in found(root)


def test_a_folder_of_outlets_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """Not that its captures are of no outlet."""
    root = write(tmp_path / "a", [record(1)])
    whole = Path.iterdir

    def refused(folder: Path) -> object:
        if folder.name == "outlets":
            raise PermissionError(13, "Permission denied", str(folder))
        return whole(folder)

    monkeypatch.setattr(Path, "iterdir", refused)
    done = run("build", root)
    assert done.returncode == 4
    assert "raw/outlets: Permission denied" in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        '{"title": "A", "title": "B", "text": "c"}',
        '{"title": "A", "retrieval": {"method": "a", "method": "b"}, "text": "c"}',
        '{"title" : "A", "title": "B", "text": "c"}',
        '{"annotations": [{"name": "a", "value": "b", "value": "c"}], "title": "A", "text": "c"}',
    ],
)
def test_members_named_twice_in_a_record(tmp_path: Path, line: str) -> None:
    """Which counts is not said; quotation marks and colons in a text are no names."""
    root = write(tmp_path / "a", [record(1, text='She said: "Yes":\\": {"a":1}\\\\": and left.')])
    add_lines(
        root, "r.jsonl", line.replace("{", '{"url": "https://courier.example/a/1", ', 1) + "\n"
    )
    release = build(root)
    assert [row["codes"] for row in release.rows("rejected")] == [["MF307"]]
    assert len(release.rows("articles")) == 1
