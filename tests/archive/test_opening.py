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
        ("raw/captures/good.txt.toml", 'outlet_id = "courier"\nretrieved_at = 2024-01-01\n'),
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
    """A folder without raw/dataset.toml: exit 3 and what to do."""
    done = run("validate", tmp_path)
    assert done.returncode == 3
    assert "microfiche init" in done.stderr


def test_an_archive_that_cannot_be_read(archive: Path, run: Run) -> None:
    """A file the system refuses to read: exit 4, the file and the reason named."""
    (archive / "raw" / "dataset.toml").unlink()
    (archive / "raw" / "dataset.toml").symlink_to("/proc/self/mem")
    done = run("validate", archive)
    assert done.returncode == 4
    assert str(archive) in done.stderr
    assert "check that" in done.stderr
