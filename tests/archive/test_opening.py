"""Opening an archive whose own files are not what they should be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Run


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("raw/outlets/courier.toml", 'id = "courier"\nname = "C"\ntime_zone = "Nowhere/Bad"\n'),
        ("raw/outlets/courier.toml", 'id = "courier"\nname = 2024-01-01\n'),
        ("raw/dataset.toml", 'name = "c"\ntitle = 10:00:00\ncreators = 2024-01-01\n'),
        ("raw/releases.toml", "versions = {}\n"),
        ("raw/releases.toml", '[versions."1.0.0"]\nissued = "garbage"\n'),
        ("raw/captures/good.txt.toml", 'outlet_id = "courier"\nretrieved_at = 10:00:00\n'),
        ("raw/captures/x.jsonl", '{"title": ' + "[" * 990 + "]" * 990 + "}\n"),
        ("raw/aliases.jsonl", "[" * 990 + "]" * 990 + "\n"),
        ("raw/captures/x.txt", "Aprıl 3, 2020\n\n3 Auguſt 2020\n"),
        ("raw/captures/blank.jsonl", "\n\n  \n"),
        ("raw/captures/bom.txt", "\ufeff"),
    ],
)
def test_no_file_of_an_archive_brings_it_down(
    archive: Path, run: Run, file: str, text: str
) -> None:
    """Findings or an error that names the file; never a traceback."""
    (archive / file).write_text(text, "utf-8")
    checked, done = run("validate", archive), run("build", archive)
    assert checked.returncode in (0, 3)
    assert done.returncode in (0, 3)
    if "releases" not in file or "garbage" in text:
        assert Path(file).name.removesuffix(".toml") in checked.stdout


def test_links_and_pipes(archive: Path, run: Run) -> None:
    """A loop, a pipe among the outlets, a sidecar that is a link: found, not followed, not waited for."""
    captures = archive / "raw" / "captures"
    (captures / "loop.txt").symlink_to("loop.txt")
    (captures / "x.txt").write_text("Text.")
    (captures / "x.txt.toml").symlink_to("/etc/passwd")
    os.mkfifo(archive / "raw" / "outlets" / "pipe.toml")
    (archive / "raw" / "aliases.jsonl").symlink_to("nowhere")
    done = run("validate", archive, timeout=60)
    assert done.returncode == 3
    for name in ("loop.txt", "x.txt", "pipe.toml", "aliases.jsonl"):
        assert name in done.stdout
    assert (
        run(
            "add", archive / "raw" / "outlets" / "pipe.toml", "--archive", archive, timeout=60
        ).returncode
        == 3
    )


def test_an_archive_that_is_none(tmp_path: Path, run: Run) -> None:
    """A folder without raw/dataset.toml: exit 2 and what to do."""
    done = run("validate", tmp_path)
    assert done.returncode == 2
    assert "microfiche init" in done.stderr


def test_a_file_from_outside_the_archive_is_not_read(archive: Path, run: Run) -> None:
    """Nor its octets shown: not by validate, not in a release."""
    secret = archive.parent / "secret.md"
    secret.write_text("Nobody's business")
    for name in ("raw/CARD.md", "DATASHEET.md", "raw/releases.toml", "raw/dataset.toml"):
        file = archive / name
        before = file.read_bytes() if file.exists() else None
        file.unlink(missing_ok=True)
        file.symlink_to(secret)
        for done in (run("validate", archive), run("build", archive)):
            assert done.returncode == 3, name
            assert name in done.stdout + done.stderr
            assert "MF105" in done.stdout + done.stderr
            assert "Nobody" not in done.stdout + done.stderr
        file.unlink()
        if before is not None:
            file.write_bytes(before)
    assert not list(archive.glob("dist/*/*"))


@pytest.mark.parametrize("octets", [b"# Caf\xe9\n", b"# A\n\nB\0C\n"])
@pytest.mark.parametrize("name", ["raw/CARD.md", "DATASHEET.md"])
def test_a_page_that_is_no_text_is_named(archive: Path, run: Run, name: str, octets: bytes) -> None:
    """Latin-1 and NUL: the line is told, and no release carries a damaged page."""
    (archive / name).write_bytes(octets)
    done = run("build", archive)
    assert done.returncode == 3
    assert f"{name}: line " in done.stderr


@pytest.mark.parametrize(
    "value", ["5", "true", "2026-01-05T10:00:00Z", "[1]", '"2026-13-01"', '""', "10:00:00"]
)
def test_a_date_of_issue_that_is_none_is_a_finding(archive: Path, run: Run, value: str) -> None:
    """Of whatever type; so is a DOI that is none."""
    for key in ("issued", "doi"):
        (archive / "raw" / "releases.toml").write_text(f'[versions."1.0.0"]\n{key} = {value}\n')
        for command in ("validate", "build"):
            done = run(command, archive, "--verbose")
            assert done.returncode == 3
            assert "raw/releases.toml: /versions: error MF102" in done.stdout + done.stderr
