"""Captures that claim or become far more than they are: refused soon, in little memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hostile import brotli_bomb, deep_page, gzip_bomb, huge_page, lying_warc, zip_bomb
from warcs import record, url

MAX_SECONDS, MAX_GROWTH = 10, 512 << 20
BUILD = """
import json, resource, sys, time
from pathlib import Path
from microfiche.library import open_archive
from microfiche.pipeline import BuildOptions
import microfiche.pipeline.build
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.monotonic()
built = open_archive(sys.argv[1]).build(BuildOptions(workers=1))
seconds = time.monotonic() - start
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle
rejected = sorted({code for row in built.release.rows("rejected") for code in row["codes"]})
urls = [row["url"] for row in built.release.rows("articles")]
print(json.dumps({"seconds": seconds, "grown": grown << 10, "rejected": rejected, "urls": urls}))
"""


BOMBS: dict[Callable[[Path], None], set[str]] = {
    gzip_bomb: {"MF313"},
    zip_bomb: {"MF316"},
    brotli_bomb: {"MF313"},
    deep_page: {"MF404"},
    huge_page: {"MF304"},
    lying_warc: {"MF313"},
}


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
def test_bombs_are_rejected_and_the_rest_is_built(
    bomb: Callable[[Path], None], archive: Path
) -> None:
    """Within 10 seconds and 512 MiB above idle; the good capture beside is published."""
    bomb(archive / "raw" / "captures")
    (archive / "raw" / "captures" / "good.warc").write_bytes(record(1))
    done = subprocess.run(
        [sys.executable, "-c", BUILD, archive], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.load(io.StringIO(done.stdout))
    assert url(1) in report["urls"]
    assert BOMBS[bomb] <= set(report["rejected"])
    assert report["grown"] < MAX_GROWTH
    assert report["seconds"] < MAX_SECONDS
