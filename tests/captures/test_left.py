"""What systems and editors leave in an archive is passed over; it is neither a capture nor a fault."""

from __future__ import annotations

from pathlib import Path

from conftest import Run
from microfiche.library import open_archive

LEFT = (
    "raw/captures/Thumbs.db",
    "raw/captures/desktop.ini",
    "raw/captures/.DS_Store",
    "raw/captures/good.txt~",
    "raw/captures/#good.txt#",
    "raw/captures/.good.txt.swp",
    "raw/captures/._good.txt",
    "raw/outlets/._courier.toml",
    "raw/outlets/courier.toml~",
    "raw/outlets/.DS_Store",
    "raw/expected/Thumbs.db",
    "raw/Thumbs.db",
)


def test_what_is_left_in_an_archive(archive: Path, run: Run) -> None:
    """The same findings, and the same release, as without."""
    before = open_archive(archive).validate()
    (archive / "raw/expected").mkdir()
    for name in LEFT:
        (archive / name).write_bytes(b"\0left")
    after = open_archive(archive).validate()
    assert (after.findings, after.n_captures) == (before.findings, before.n_captures)
    assert run("build", archive, "--date", "2026-01-01").returncode == 0
    assert run("verify", archive / "dist/case/1.0.0", "--rebuild", archive).returncode == 0
