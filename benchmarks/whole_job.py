"""Time the whole job against a raw conversion of the same file, and watch its memory.

Both run in turn in one call, since machines differ and drift: quote the ratio, not the seconds.

    python benchmarks/whole_job.py [--records 200000] [--as jsonl|paragraphs] [--rounds 3]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from generate import write_archive

RAW_CONVERSION = """
import sys, duckdb
source, target = sys.argv[1:]
duckdb.sql(f"COPY (SELECT * FROM read_json('{source}')) TO '{target}' "
           "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)")
"""
SAMPLE_SECONDS = 0.2
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Cost:
    """What one run cost: seconds of wall time, and peak memory of its process tree in bytes.

    `resident` adds up resident sizes and counts shared pages once a process; `proportional`
    counts each page once.
    """

    seconds: float
    resident: int
    proportional: int


def measure(command: list[str | Path]) -> Cost:
    """Run a command to its end, sampling the memory of its process tree."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    resident = proportional = 0
    while process.poll() is None:
        now = tree_memory(process.pid)
        resident, proportional = max(resident, now[0]), max(proportional, now[1])
        time.sleep(SAMPLE_SECONDS)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"exit code {process.returncode}: {command}")
    return Cost(seconds, resident, proportional)


def tree_memory(pid: int) -> tuple[int, int]:
    """(resident, proportional) bytes of a process and its children at this moment."""
    resident = proportional = 0
    try:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            fields = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii").split()
            resident += int(fields[fields.index("Rss:") + 1]) << 10
            proportional += int(fields[fields.index("Pss:") + 1]) << 10
    except (psutil.NoSuchProcess, OSError, ValueError):
        pass  # a process ended while it was looked at
    return resident, proportional


def compare(archive: Path, out: Path, rounds: int) -> None:
    """Print each round's costs and the median ratio."""
    source = archive / "raw" / "captures" / "bench" / "articles.jsonl"
    raw = [sys.executable, "-c", RAW_CONVERSION, source, out / "raw.parquet"]
    job = [sys.executable, "-m", "microfiche.cli", "build", archive, "--out", out / "dist"]
    print(f"{source.stat().st_size / 1e6:.0f} MB of JSONL, {psutil.cpu_count()} cores")
    ratios = []
    for number in range(1, rounds + 1):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        theirs = measure(raw)
        ours = measure([*job, "--date", "2026-01-01", "--workers", "2"])
        ratios.append(ours.seconds / theirs.seconds)
        print(
            f"round {number}: raw conversion {theirs.seconds:.1f} s, "
            f"whole job {ours.seconds:.1f} s, "
            f"peak {ours.resident / MEBIBYTE:.0f} MiB resident, "
            f"{ours.proportional / MEBIBYTE:.0f} MiB proportional; ratio {ratios[-1]:.1f}"
        )
    print(f"median ratio {statistics.median(ratios):.1f}")


def main() -> None:
    """Read the command line, generate the archive and compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--as", dest="form", choices=("jsonl", "paragraphs"), default="jsonl")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder to keep the archive and releases in")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = given.keep or Path(temporary)
        archive = folder / f"archive-{given.form}-{given.records}"
        if not archive.is_dir():
            print(f"generating {given.records:,} records as {given.form} ...")
            write_archive(archive, given.records, 1, given.form)
        compare(archive, folder / "out", given.rounds)


if __name__ == "__main__":
    main()
