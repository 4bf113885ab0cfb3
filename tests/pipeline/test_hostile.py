"""Killed builds, full disks and inputs that mean harm."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from conftest import REPOSITORY, Run
from microfiche.library import open_archive, open_release, verify
from microfiche.pipeline import BuildOptions

sys.path.insert(0, str(REPOSITORY / "benchmarks"))
from generate import write_archive

KILLED = 20_000


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of 20,000 generated captures."""
    root = tmp_path_factory.mktemp("generated") / "archive"
    write_archive(root, KILLED, 7, "jsonl")
    (root / "DATASHEET.md").write_text("# Datasheet\n")
    return root


def start(root: Path, out: Path) -> subprocess.Popen[bytes]:
    """A build in a process group of its own."""
    command = [
        sys.executable,
        "-m",
        "microfiche.cli",
        "build",
        root,
        "--out",
        out,
        "--date",
        "2026-01-01",
        "--workers",
        "2",
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )


def hear_interrupts() -> None:
    """Undo what a shell does to background jobs: it has them ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def state(out: Path) -> str:
    """How far a build has come, by what is on the disk."""
    try:
        if any(out.glob("bench/*/release.json")):
            return "done"
        if any(out.glob(".tmp-*/release/tagmanifest-sha256.txt")):
            return "complete"
        if any(out.glob(".tmp-*/release/data/*/*")):
            return "writing"
        return "scanning" if any(out.glob(".tmp-*")) else "starting"
    except FileNotFoundError:  # the folder was put in place while it was looked at
        return state(out)


def kill_at(root: Path, out: Path, moment: str, delay: float) -> str:
    """Kill a build `delay` seconds after it has reached a moment; the state it was killed in."""
    order = ["starting", "scanning", "writing", "complete", "done"]
    build = start(root, out)
    deadline = time.monotonic() + 120
    while order.index(state(out)) < order.index(moment) and build.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    time.sleep(delay)
    reached = state(out)
    build.send_signal(signal.SIGKILL)
    build.wait()
    return reached


def test_a_killed_build_leaves_nothing_broken(generated: Path, tmp_path: Path) -> None:
    """Ten SIGKILLs: every release folder verifies, and the next build equals an undisturbed one."""
    calm, out = tmp_path / "calm", tmp_path / "out"
    assert start(generated, calm).wait() == 0
    moments = [("starting", 0.3), ("scanning", 0.0), ("scanning", 0.2), ("scanning", 0.5), ("scanning", 0.9),
               ("scanning", 1.3), ("writing", 0.0), ("writing", 0.1), ("complete", 0.0), ("complete", 0.0)]  # fmt: skip
    reached = []
    for moment, delay in moments:
        reached.append(kill_at(generated, out, moment, delay))
        for folder in out.glob("bench/*"):
            assert [v.faults for v in verify(folder) if not v.ok] == []
        if reached[-1] == "done":
            shutil.rmtree(out / "bench")
    assert sum(each != "starting" for each in reached) >= 5, reached
    assert {"complete", "done"} & set(reached), reached
    time.sleep(1)  # orphaned workers notice within a fraction of a second
    assert start(generated, out).wait() == 0
    assert not list(out.glob(".tmp-*"))
    done = subprocess.run(["diff", "-r", calm, out], capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_two_builds_at_once_do_not_disturb_each_other(generated: Path, tmp_path: Path) -> None:
    """One of them puts its release in place, and it is what the other wanted."""
    out = tmp_path / "out"
    builds = [start(generated, out) for _ in range(2)]
    assert [build.wait() for build in builds] == [0, 0]
    assert [v.faults for v in verify(out / "bench" / "1.0.0") if not v.ok] == []
    assert not list(out.glob(".tmp-*"))


def test_shards_split_by_date_and_workers_change_nothing(tmp_path: Path) -> None:
    """Over 20,000 rows a table is split by year; one worker or two give the same bytes."""
    root = tmp_path / "archive"
    write_archive(root, 24_000, 3, "jsonl")
    (root / "DATASHEET.md").write_text("# Datasheet\n")
    outs = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        options = BuildOptions(out=out, workers=workers, date="2026-01-01", cache=False)
        release = open_archive(root).build(options).release
        outs.append(release.root)
    names = [Path(name).name for name in release.files("articles")]
    assert names[0] == "2010.parquet"
    assert len(names) > 10
    assert 20_000 < len(release.rows("articles")) < 24_000
    assert len(release.rows("captures")) + len(release.rows("rejected")) == 24_000
    done = subprocess.run(["diff", "-r", *outs], capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_sizes_that_lie(archive: Path, run: Run) -> None:
    """A 200 MB single line, as text and as JSONL: rejected unread, the rest is built."""
    captures = archive / "raw" / "captures"
    for name in ("wide.txt", "wide.jsonl"):
        with (captures / name).open("wb") as file:
            for _ in range(200):
                file.write(b"x" * 1_000_000)
    found = run("validate", archive, "--verbose")
    assert found.returncode == 3
    for name in ("wide.txt", "wide.jsonl"):
        assert any(name in line and "MF304" in line for line in found.stdout.splitlines())
    assert run("build", archive, "--date", "2026-01-01").returncode == 0
    release = open_release(archive / "dist" / "case" / "1.0.0")
    sizes = {row["source_file"]: row["size_bytes"] for row in release.rows("rejected")}
    assert sizes == {f"captures/{name}": 200_000_000 for name in ("wide.txt", "wide.jsonl")}


def test_an_unreadable_folder_is_a_finding(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MF312: what cannot be listed is said, and nothing else is lost."""
    closed = archive / "raw" / "captures" / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refusing(path: object) -> object:
        if str(path) == str(closed):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refusing)
    (finding,) = open_archive(archive).validate().findings
    assert (finding.code, finding.where) == ("MF312", "raw/captures/closed")


FULL = "mount -t tmpfs -o size={size} none {place} && exec {python} -m microfiche.cli build {root} --out {place} --date 2026-01-01 --workers {workers}"


@pytest.mark.parametrize(
    ("size", "workers", "told"),
    [("64k", 1, "left"), ("3m", 2, "bytes are left on its disk, while")],
)
def test_a_build_on_a_full_disk(
    generated: Path, archive: Path, tmp_path: Path, size: str, workers: int, told: str
) -> None:
    """Exit 4, the path and the reason named, of many captures before the disk is full."""
    place = tmp_path / "small"
    place.mkdir()
    root = archive if size == "64k" else generated
    script = FULL.format(size=size, place=place, python=sys.executable, root=root, workers=workers)
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", script]
    if subprocess.run(
        ["unshare", "--mount", "--map-root-user", "true"], capture_output=True, check=False
    ).returncode:
        if os.environ.get("CI") == "true":
            pytest.fail("this machine cannot mount a small disk in a namespace of its own")
        pytest.skip("this machine cannot mount a small disk in a namespace of its own")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


EVIL = 'Quotes " and {braces} --- \\ & <script>alert(1)</script> | # : %\u202e [x](javascript:1) ${HOME} `id` @x'


def test_markup_in_titles_stays_text(archive: Path, run: Run) -> None:
    """YAML, Markdown, HTML, BibTeX, RIS and terminals get the words, not the markup."""
    dataset = archive / "raw" / "dataset.toml"
    dataset.write_text(
        f'name = "case"\ntitle = {json.dumps(EVIL)}\nlicense = "CC0-1.0"\n[[creators]]\nname = {json.dumps(EVIL)}\n'
    )
    lines = [
        json.dumps(
            {
                "outlet_id": "courier",
                "title": f"{EVIL}\nTY  - JOUR",
                "text": EVIL + "\u001b[31m red",
                "retrieval": {},
            }
        )
    ]
    (archive / "raw" / "captures" / "r.jsonl").write_text("\n".join(lines) + "\n")
    assert run("build", archive, "--date", "2026-01-01").returncode == 0
    release = open_release(archive / "dist" / "case" / "1.0.0")
    page = (release.root / "README.md").read_text("utf-8")
    front = yaml.safe_load(page.split("---\n")[1])
    assert front["pretty_name"] == EVIL
    outside_code = re.sub(r"(?ms)^```.*?^```", "", page.split("---\n", 2)[2])
    assert "<script>" not in outside_code
    assert not re.search(r"(?<!\\)\](?=\(javascript)", outside_code)
    assert "\u202e" not in outside_code
    assert yaml.safe_load((release.root / "CITATION.cff").read_text("utf-8"))["title"] == EVIL
    article = next(row for row in release.rows("articles") if row["title"].startswith("Quotes"))
    bibtex = release.cite("bibtex", article["article_id"])
    assert bibtex.count("{") - bibtex.count("\\{") == bibtex.count("}") - bibtex.count("\\}")
    assert release.cite("ris", article["article_id"]).count("\nTY  - ") == 0
    assert not any(
        line.startswith("TY  - JOUR")
        for line in release.cite("ris", article["article_id"]).splitlines()
    )
    shown = run("show", release.root, article["article_id"]).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert run("verify", release.root).returncode == 0


def test_random_bytes_in_every_place(archive: Path, run: Run) -> None:
    """Noise as capture, record, sidecar, table of records: findings, never a traceback."""
    rng = random.Random(11)
    captures = archive / "raw" / "captures"
    for number, name in enumerate(["n.txt", "n.jsonl", "m.txt.toml", "box/retrievals.jsonl"]):
        (captures / name).parent.mkdir(exist_ok=True)
        (captures / name).write_bytes(bytes(rng.randrange(256) for _ in range(2000 + number)))
    (captures / "m.txt").write_bytes((captures / "good.txt").read_bytes())
    done = run("validate", archive, "--verbose")
    assert done.returncode == 3
    for name in ("n.txt", "n.jsonl", "m.txt", "retrievals.jsonl"):
        assert name in done.stdout
    assert run("build", archive, "--date", "2026-01-01").returncode == 0


def test_interrupted(generated: Path, tmp_path: Path) -> None:
    """Ctrl-C, pressed until it is heard, ends a build with exit code 130 and leaves nothing."""
    out = tmp_path / "out"
    build = start(generated, out)
    while state(out) == "starting" and build.poll() is None:
        time.sleep(0.01)
    while build.poll() is None:
        os.killpg(build.pid, signal.SIGINT)
        time.sleep(0.3)
    assert build.returncode == 130
    assert not list(out.glob(".tmp-*"))
