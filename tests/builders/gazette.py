"""Builds the example releases one after the other, from what the archive held at each time.

`make gazette` runs it on dist/; a test runs it on an empty folder and compares.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from microfiche.library import Release, open_archive
from microfiche.pipeline import BuildOptions

REPOSITORY = Path(__file__).parents[2]
# What raw/ did not hold yet: first the captures of 2026, a revision among them, and the
# withdrawal; then the withdrawal alone.
NOT_YET: tuple[tuple[str, ...], ...] = (
    ("captures/gazette/2026", "withdrawals.jsonl"),
    ("withdrawals.jsonl",),
    (),
)


def build_gazette(out: Path) -> list[Release]:
    """The Gazette's releases, in order, in `out`."""
    releases = []
    for missing in NOT_YET:
        with tempfile.TemporaryDirectory(prefix="gazette-") as folder:
            root = Path(folder)
            shutil.copytree(REPOSITORY / "raw", root / "raw")
            shutil.copy(REPOSITORY / "DATASHEET.md", root)
            for name in missing:
                gone = root / "raw" / name
                shutil.rmtree(gone) if gone.is_dir() else gone.write_bytes(b"")
            releases.append(open_archive(root).build(BuildOptions(out=out)).release)
    return releases


if __name__ == "__main__":
    build_gazette(Path(sys.argv[1]))
