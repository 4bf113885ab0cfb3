"""Time the whole job against what people use instead, and what a small change costs.

All run in turn in each round, since machines differ and drift: quote the ratios, not the seconds.
`--write` puts the medians into docs/benchmarks.md.

    python benchmarks/whole_job.py [--records 200000] [--pages 5000] [--rounds 5] [--write FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from generate import OUTLETS, records, write_archive

HERE = Path(__file__).parent
SAMPLE_SECONDS = 0.1
MEBIBYTE = 1 << 20
RAW = ("duckdb", "pyarrow", "polars", "datasets")
MOST_REFUSED = 0.01
Command = list[str | Path]


class Cost(NamedTuple):
    """What a run cost: seconds of wall time and of CPU, peak memory of its process tree in bytes.

    Of memory each page counts once, however many processes share it.
    """

    seconds: float
    cpu: float
    memory: int


def measure(command: Command) -> Cost:
    """Run a command to its end, sampling the memory of its process tree."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peaks, done = [0], threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            peaks.append(tree_memory(process.pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    done.set()
    sampler.join()
    if status:
        raise SystemExit(f"exit status {status}: {' '.join(map(str, command))}")
    return Cost(seconds, used.ru_utime + used.ru_stime, max(peaks))


def tree_memory(pid: int) -> int:
    """Proportional bytes of a process and its children at this moment."""
    total = 0
    try:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            fields = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii").split()
            total += int(fields[fields.index("Pss:") + 1]) << 10
    except (psutil.NoSuchProcess, OSError, ValueError):
        pass  # a process ended while it was looked at
    return total


def build(archive: Path, out: Path, *options: str) -> Command:
    """A build by the command, as users run it."""
    command = [sys.executable, "-m", "microfiche.cli", "build", archive, "--out", out]
    return [*command, "--date", "2026-01-01", "--workers", "2", *options]


def peer(name: str, archive: Path, out: Path) -> Command:
    """A run of what people use instead."""
    return [sys.executable, HERE / "peers.py", name, archive, out / f"{name}.out"]


def check(out: Path, count: int) -> None:
    """Fail unless nearly all captures were taken: refusing them is fast."""
    manifest = json.loads(next(out.rglob("release.json")).read_bytes())
    rows = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    if rows["captures"] < (1 - MOST_REFUSED) * count:
        raise SystemExit(f"only {rows['captures']:,} of {count:,} captures were taken")


class Bench:
    """Costs of what was run, round after round, and how many captures each run had."""

    def __init__(self) -> None:
        self.costs: dict[str, list[Cost]] = {}
        self.counts: dict[str, int] = {}

    def run(self, name: str, count: int, command: Command) -> None:
        """Measure a command."""
        cost = measure(command)
        self.costs.setdefault(name, []).append(cost)
        self.counts[name] = count
        print(f"{name}: {cost.seconds:.1f} s, {cost.cpu:.1f} s of CPU, "
              f"{cost.memory / MEBIBYTE:.0f} MiB", flush=True)  # fmt: skip

    def median(self, name: str) -> Cost:
        """Medians of what a run cost."""
        return Cost(*map(statistics.median, zip(*self.costs[name], strict=True)))

    def ratio(self, name: str, base: str) -> float:
        """Median of the ratios of seconds in each round."""
        pairs = zip(self.costs[name], self.costs[base], strict=True)
        return statistics.median(one.seconds / other.seconds for one, other in pairs)

    def rows(self, base: str | None, names: Iterator[str]) -> list[str]:
        """Rows of a Markdown table."""
        lines = ["| run | seconds | µs of CPU a capture | captures a second | MiB | ratio |",
                 "| --- | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
        for name in names:
            cost, count = self.median(name), self.counts[name]
            ratio = f"{self.ratio(name, base):.2f}" if base else ""
            lines.append(
                f"| {name} | {cost.seconds:.2f} | {cost.cpu / count * 1e6:.0f} | "
                f"{count / cost.seconds:,.0f} | {cost.memory / MEBIBYTE:.0f} | {ratio} |"
            )
        return lines


def append(archive: Path, count: int, seed: int, form: str) -> None:
    """Add so many captures of the newest month, in the form of the others."""
    for number, made in enumerate(records(count, seed)):
        day = f"2025-05-{number % 27 + 1:02}"
        record = {**made, "title": f"{made['title']} {seed}", "published": day}
        path = f"{day.replace('-', '/')}/{seed * 10**6 + number}/new"
        record["url"] = f"https://{record['outlet_id']}.example/{path}"
        record["retrieval"] = {**made["retrieval"], "retrieved_at": f"{day}T12:00:00Z"}
        if form == "jsonl":
            record["text"] = "\n\n".join(record.pop("paragraphs"))
        file = archive / "raw" / "captures" / record["outlet_id"] / "articles.jsonl"
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def ready_records(bench: Bench, folder: Path, count: int, form: str, number: int) -> None:
    """One round over JSONL records: the whole job, what else there is, then small changes."""
    first, archive, out = folder / f"archive-{form}", folder / "archive", folder / "out"
    if not first.is_dir():
        write_archive(first, count, 1, form)
    for each in (archive, out):
        shutil.rmtree(each, ignore_errors=True)
    shutil.copytree(first, archive)  # which the round changes
    out.mkdir()
    for name in RAW:
        bench.run(f"{form}: {name}", count, peer(name, archive, out))
    whole = f"{form}: the whole job"
    bench.run(whole, count, build(archive, out / "dist"))
    check(out / "dist", count)
    bench.run(f"{form}: nothing changed", count, build(archive, out / "dist"))
    append(archive, 100, 100 + number, form)
    bench.run(f"{form}: 100 new captures", count, build(archive, out / "dist"))
    outlet = archive / "raw" / "outlets" / f"{OUTLETS[-1]}.toml"
    outlet.write_text(outlet.read_text() + f'\n[[events]]\ndate = "2020"\ntype = "other"\n'
                      f'stated_by = "round {number}"\n')  # fmt: skip
    bench.run(f"{form}: an outlet file edited", count, build(archive, out / "dist"))


def by_hand(bench: Bench, folder: Path, count: int) -> None:
    """What people write themselves, on fewer records, beside the whole job on as many."""
    archive, out = folder / f"archive-few-{count}", folder / "out"
    if not archive.is_dir():
        write_archive(archive, count, 2, "jsonl")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    bench.run("few: by hand", count, peer("by-hand", archive, out))
    bench.run("few: the whole job", count, build(archive, out / "dist", "--no-cache"))


def pages(bench: Bench, folder: Path, count: int) -> None:
    """One WARC file: each way of reading on one core and two, and trafilatura on one."""
    archive, out = folder / "archive-warc", folder / "out"
    if not archive.is_dir():
        write_archive(archive, count, 3, "warc")
    for mode in ("fast", "balanced"):
        for workers in ("1", "2"):
            shutil.rmtree(out, ignore_errors=True)
            how = ("--no-cache", "--extract", mode)
            command = [*build(archive, out, *how), "--workers", workers]
            bench.run(f"pages: {mode}, {workers} workers", count, command)
            check(out, count)
    out.mkdir(exist_ok=True)
    bench.run("pages: trafilatura", count, peer("trafilatura", archive, out))


def texts(bench: Bench, folder: Path, count: int) -> None:
    """Text files, each with a line of a retrievals.jsonl."""
    archive, out = folder / "archive-text", folder / "out"
    if not archive.is_dir():
        write_archive(archive, count, 4, "text")
    shutil.rmtree(out, ignore_errors=True)
    bench.run("texts: the whole job", count, build(archive, out, "--no-cache"))


def report(bench: Bench, rounds: int) -> str:
    """The medians as a page."""

    def named(start: str) -> Iterator[str]:
        return (name for name in bench.costs if name.startswith(start))

    parts = [
        "# Benchmarks",
        "Made by `make bench` on invented captures of eight outlets (`benchmarks/generate.py`): "
        f"medians of {rounds} rounds, in each of which all ran in turn on two cores of one machine "
        "that others use too. Seconds are of that machine; quote the ratios. Memory is the peak of "
        "the whole process tree, each page counted once.",
    ]
    for form in ("jsonl", "paragraphs"):
        if f"{form}: duckdb" in bench.costs:
            parts += [
                f"## Ready records with `{'text' if form == 'jsonl' else form}`",
                "The whole job, what converts the same files without validation, digests, order or "
                "collation, and builds after a small change. The ratio is to DuckDB.",
                "\n".join(bench.rows(f"{form}: duckdb", named(f"{form}:"))),
            ]
    titles = {"few": ("Written by hand", "few: the whole job"),
              "pages": ("One WARC file", "pages: trafilatura"),
              "texts": ("Text files", None)}  # fmt: skip
    for start, (title, base) in titles.items():
        if list(named(f"{start}:")):
            ratio = [f"The ratio is to {base.partition(': ')[2]}."] if base else []
            parts += [f"## {title}", *ratio, "\n".join(bench.rows(base, named(f"{start}:")))]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Read the command line and run the rounds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="folder to keep the archives in")
    parser.add_argument("--write", type=Path, help="page to write the medians to")
    given: Any = parser.parse_args()
    bench = Bench()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        for number in range(given.rounds):
            for form in ("jsonl", "paragraphs") if given.records else ():
                ready_records(bench, folder, given.records, form, number)
            if given.few:
                by_hand(bench, folder, given.few)
            if given.pages:
                pages(bench, folder, given.pages)
                texts(bench, folder, given.pages)
    page = report(bench, given.rounds)
    print(page)
    if given.write:
        given.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
