"""One archive with every attack in it: built within bounds, the good published, the bad named."""

from __future__ import annotations

import contextlib
import csv
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from conftest import Run
from hostile import courier, expected, hostile, words
from microfiche.library import open_release
from small import build, record, write

MAX_SECONDS, MAX_OCTETS = 60, 1 << 30
# What Python says, and nobody else.
PYTHON = re.compile(
    r"Errno|codec can|Traceback|object has no|not subscriptable|recursion|surrogates|sys\.set_"
    r"|indices must|NoneType|KeyError|TypeError|ValueError"
)
LINE = re.compile(r"(?:raw/|DATASHEET\.md|\d[\d,]* error)")


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _held(pid: int) -> int:
    """Octets that a process and those that it began hold; shared ones once."""
    total = 0
    for each in _tree(pid):
        with contextlib.suppress(OSError):
            held = re.search(r"^Pss: +(\d+)", Path(f"/proc/{each}/smaps_rollup").read_text(), re.M)
            total += int(held[1]) << 10 if held else 0
    return total


def test_it_is_built_within_bounds(tmp_path: Path, run: Run) -> None:
    """A minute and a gigabyte, workers and all; what is good is published, what is bad is named."""
    root, out = tmp_path / "a", tmp_path / "out"
    told, good = hostile(root)
    command = [sys.executable, "-m", "microfiche.cli", "build", root, "--date", "2026-01-01"]
    start, peak = time.monotonic(), 0
    with subprocess.Popen(
        [*command, "--workers", "2", "--out", out],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        while running.poll() is None:
            peak = max(peak, _held(running.pid))
            time.sleep(0.02)
    assert running.returncode == 0
    assert time.monotonic() - start < MAX_SECONDS
    assert peak < MAX_OCTETS
    release = open_release(out / "press" / "1.0.0")
    shown = {str(row["url"]) for row in release.rows("articles")}
    assert good <= shown
    assert not [url for url in shown if "evil" in url]
    refused = [str(row["source_file"]) for row in release.rows("rejected")]
    for path in told:
        assert [each for each in refused if f"raw/{each}".startswith(path)], path
    assert run("verify", release.root, "--load").returncode == 0
    _check_lines(run("validate", root, "--verbose"), told)


def _check_lines(done: subprocess.CompletedProcess[str], told: Mapping[str, str]) -> None:
    """Each bad file has a line with its code; each line begins with a path and is in our words."""
    assert done.returncode == 3
    lines = done.stdout.splitlines()
    for path, code in told.items():
        assert [each for each in lines if each.startswith(path) and f" {code}: " in each], path
    assert not [each for each in lines if PYTHON.search(each)]
    assert not [each for each in lines if each and not LINE.match(each)]
    assert "\x1b" not in done.stdout


def test_lists_of_addresses_that_are_bombs_are_named(tmp_path: Path, run: Run) -> None:
    """They are the archive's own: nothing is built before they are mended."""
    root = write(tmp_path / "a", [record(1)])
    told = expected(root / "raw" / "expected")
    done = run("validate", root, "--verbose")
    for name, code in told.items():
        assert re.search(rf"^raw/expected/{name}.* {code}: ", done.stdout, re.M), done.stdout
    assert not PYTHON.search(done.stdout)
    assert run("build", root).returncode == 3


def test_words_that_mean_something_to_programs_stay_words(tmp_path: Path, run: Run) -> None:
    """Of every field of an article, in every style of citation, on the terminal and in tables."""
    root = write(tmp_path / "a", [record(1)])
    folder = root / "raw" / "captures" / "words"
    folder.mkdir()
    words(folder)
    release = build(root)
    (article,) = [row for row in release.rows("articles") if row["url"] == courier("words")]
    bibtex = release.cite("bibtex", article["article_id"])
    assert len(re.findall(r"^@", bibtex, re.MULTILINE)) == 1
    plain = re.sub(r"\\[{}\\]", "", bibtex)
    assert plain.count("{") == plain.count("}")
    for line in release.cite("ris", article["article_id"]).splitlines():
        assert re.match(r"[A-Z][A-Z0-9]  - |$", line), line
    assert len(json.loads(release.cite("csl", article["article_id"]))) == 1
    shown = run("show", release.root, article["article_id"]).stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    for form in ("csv", "jsonl"):
        out = tmp_path / f"t.{form}"
        assert run("export", release.root, "--out", out, "--format", form).returncode == 0
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8-sig") as table:
        cells = [cell for row in csv.reader(table) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]
