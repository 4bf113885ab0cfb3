"""Disks, files and clocks that fail while commands write and read: told truly, and nothing is lost."""

from __future__ import annotations

import errno
import functools
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from microfiche.captures import files
from microfiche.library import open_archive, open_release, verify
from program import Program
from small import add_lines, build, outlet, record, write
from writers import COMMANDS, DAY, check_nothing_is_lost, kept, prepare, serving

WITHOUT_TIMES = [name for name, each in COMMANDS.items() if not each.timed]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a page."""
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a release and captures that are not in it, and files to add."""
    return prepare(tmp_path_factory.mktemp("prepared"))


def on_own_mounts(script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell's lines where mounts are of this process alone."""
    own = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*own, "true"], capture_output=True, check=False).returncode:
        if os.environ.get("CI") == "true":
            pytest.fail("this machine has no mounts of a process's own")
        pytest.skip("this machine has no mounts of a process's own")
    return subprocess.run([*own, "sh", "-c", script], capture_output=True, text=True, check=False)


def program(*words: object) -> str:
    """A run of the program as a line for a shell."""
    return shlex.join([sys.executable, "-m", "microfiche.cli", *map(str, words)])


def told(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """It ends so, with an error in words, and no traceback."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert "Errno" not in done.stderr
    for each in words:
        assert each in done.stderr


def limited(octets: int, *words: object) -> subprocess.CompletedProcess[str]:
    """A run that may let no file grow beyond so many octets: as a quota, or a disk that is full."""
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (octets, octets))
    return subprocess.run(
        [sys.executable, "-m", "microfiche.cli", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


@pytest.mark.parametrize("octets", [0, 700, 9000])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_cannot_grow(
    command: str, octets: int, prepared: Path, site: str, tmp_path: Path
) -> None:
    """Each file is as it was or as it is to be; the next run completes."""
    at = shutil.copytree(prepared, tmp_path / "at")
    before = kept(at)
    words = COMMANDS[command].words(at, site)
    wanted: dict[str, bytes] = {}
    if not COMMANDS[command].timed:
        assert Program(*words, cwd=at).start().done().returncode == 0
        wanted = kept(at)
        shutil.rmtree(at)
        shutil.copytree(prepared, at)
    done = limited(octets, *words)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 3, 4), done.stderr
    if done.returncode:
        assert "File too large" in done.stderr or "temporary" in done.stderr, done.stderr
        assert "standard output" not in done.stderr
    check_nothing_is_lost(at, before, wanted)
    assert Program(*words, cwd=at).start().done().returncode == 0
    if wanted:
        assert kept(at) == wanted


@pytest.mark.parametrize("command", WITHOUT_TIMES)
def test_a_disk_that_is_full(command: str, prepared: Path, tmp_path: Path) -> None:
    """A disk of its own, with some room, a little, and none."""
    place, out = tmp_path / "disk", tmp_path / "out"
    place.mkdir()
    before = kept(prepared)
    size = sum(-(-len(data) // 4096) * 4096 for data in kept(prepared).values())
    pages = len(list(prepared.rglob("*"))) * 4096
    words = program(*COMMANDS[command].words(place, ""))
    for room in (0, 16 << 10):
        total = size + pages + room
        done = on_own_mounts(
            f"mount -t tmpfs -o size={total} none {place} && cp -a {prepared}/. {place}/ && "
            f"(head -c {pages} /dev/zero > {place}/filler 2>/dev/null; cd {place}; {words}; "
            f"code=$?; rm -f {place}/filler; cp -a {place}/. {out}/; exit $code)"
        )
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 4), done.stderr
        if done.returncode == 4:
            assert any(each in done.stderr for each in ("No space left", "bytes are left")), done
        check_nothing_is_lost(out, before, _as_wanted(command, prepared, tmp_path / "calm"))
        shutil.rmtree(out)


def _as_wanted(command: str, prepared: Path, at: Path) -> dict[str, bytes]:
    """What a run leaves that nothing disturbs."""
    shutil.copytree(prepared, at)
    assert Program(*COMMANDS[command].words(at, ""), cwd=at).start().done().returncode == 0
    wanted = kept(at)
    shutil.rmtree(at)
    return wanted


@pytest.mark.parametrize("command", ["add", "learn", "correct", "withdraw", "build"])
def test_an_archive_that_cannot_be_written_to(command: str, prepared: Path, tmp_path: Path) -> None:
    """The place and the reason are named; a build elsewhere goes through."""
    at = shutil.copytree(prepared, tmp_path / "at")
    before = kept(at)
    mounted = f"mount --bind {at}/a {at}/a && mount -o remount,ro,bind {at}/a && cd {at} && "
    done = on_own_mounts(f"{mounted}{program(*COMMANDS[command].words(at, ''))}")
    told(done, 4, "Read-only file system", str(at / "a"))
    assert kept(at) == before
    if command == "build":
        done = on_own_mounts(f"{mounted}{program('build', at / 'a', '--out', at / 'out')}")
        told(done, 0)
        assert "MF114" in done.stderr
        assert "issued = " in done.stderr
        assert [v.faults for v in verify(at / "out" / "press" / "1.0.0") if not v.ok] == []


def without_override(*words: object) -> subprocess.CompletedProcess[str]:
    """A run for which rights count, also if it is root's."""
    command = [sys.executable, "-m", "microfiche.cli", *map(str, words)]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_may_not_be_read(prepared: Path, tmp_path: Path) -> None:
    """A capture and a sidecar are findings, a folder of captures too; an own file stops the build."""
    at, out = shutil.copytree(prepared, tmp_path / "at"), tmp_path / "out"
    closed = at / "a/raw/captures/closed"
    closed.mkdir()
    for path in (closed, at / "a/raw/captures/11.txt", at / "a/raw/captures/12.txt.toml"):
        path.chmod(0)
    lines = without_override("validate", at / "a", "--verbose").stdout.splitlines()
    for name, word in (
        ("closed", "MF312: Permission denied"),
        ("11.txt", "MF312: Permission denied"),
        ("12.txt", "MF309: 12.txt.toml cannot be read: Permission denied"),
    ):
        assert [each for each in lines if each.startswith(f"raw/captures/{name}") and word in each]
    build_it = ("build", at / "a", "--out", out, *DAY)
    told(without_override(*build_it), 0)
    refused = {row["source_file"] for row in open_release(out / "press" / "1.0.0").rows("rejected")}
    assert refused >= {"captures/closed", "captures/11.txt"}
    (at / "a/raw/outlets").chmod(0)
    told(without_override(*build_it), 4, "raw/outlets: Permission denied")
    (at / "a/raw/outlets").chmod(0o755)
    add_lines(at / "a", "still.jsonl", record(30))
    (out / "press").chmod(0o555)
    told(without_override(*build_it), 4, str(out / "press"), "Permission denied")
    closed.chmod(0o755)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", ["vanishes", "grows", "shrinks", "is another", "is a folder"])
def test_a_capture_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, workers: int
) -> None:
    """It is read as it was or as it is, or named; every other is published, and the release holds."""
    root = write(tmp_path / "a", [record(n) for n in range(1, 4)])
    moving = root / "raw/captures/moving.jsonl"
    moving.write_text("".join(json.dumps(record(n)) + "\n" for n in range(10, 40)))
    whole = files.captures_in
    changes: dict[str, Callable[[], object]] = {
        "vanishes": moving.unlink,
        "grows": lambda: moving.write_text(moving.read_text() + json.dumps(record(50)) + "\n"),
        "shrinks": lambda: os.truncate(moving, 700),
        "is another": lambda: moving.write_text(json.dumps(record(60)) + "\n"),
        "is a folder": lambda: (moving.unlink(), moving.mkdir()),
    }

    def reading(file: Path, *more: Any) -> Iterator[Any]:
        if file == moving and not (tmp_path / "changed").exists():
            (tmp_path / "changed").touch()
            changes[how]()
        yield from whole(file, *more)

    monkeypatch.setattr(files, "captures_in", reading)
    release = build(root, workers=workers)
    assert (tmp_path / "changed").exists()
    shown = {row["url"] for row in release.rows("articles")}
    assert {record(n)["url"] for n in range(1, 4)} <= shown
    assert [v.faults for v in verify(release.root) if not v.ok] == []
    if how in ("vanishes", "is a folder"):
        refused = {row["source_file"]: row["codes"] for row in release.rows("rejected")}
        assert refused == {"captures/moving.jsonl": ["MF312"]}
    monkeypatch.undo()
    if how == "grows":  # the next build has what came
        assert record(50)["url"] in {row["url"] for row in build(root).rows("articles")}


def stale(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A file on a drive that is gone."""
    whole = Path.open

    def refusing(path: Path, *more: Any, **options: Any) -> Any:
        if path.name == name:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(path))
        return whole(path, *more, **options)

    monkeypatch.setattr(Path, "open", refusing)


def test_a_drive_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a capture a finding, of an own file an error that names it."""
    root = write(tmp_path / "a", [record(1)])
    add_lines(root, "far.jsonl", record(2))
    stale(monkeypatch, "far.jsonl")
    (found,) = [f for f in open_archive(root).validate().findings if f.code == "MF312"]
    assert (found.where, found.message) == ("raw/captures/far.jsonl", os.strerror(errno.ESTALE))
    assert len(build(root).rows("articles")) == 1
    monkeypatch.undo()
    stale(monkeypatch, "dataset.toml")
    with pytest.raises(Exception, match=f"dataset.toml: {os.strerror(errno.ESTALE)}"):
        open_archive(root)


def test_clocks_that_step_while_a_build_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither time left nor the cache go by them; the bytes are the same."""
    root = write(tmp_path / "a", [record(n) for n in range(1, 9)], outlet())
    calm = build(root, out=tmp_path / "calm", cache=False)
    now, whole = [time.time()], time.time

    def stepping() -> float:
        now[0] -= 86_400
        return now[0]

    monkeypatch.setattr(time, "time", stepping)
    for file in root.rglob("*"):
        os.utime(file, (whole() + 1e6, whole() + 1e6))
    first = build(root, out=tmp_path / "first")
    assert first.sha256 == calm.sha256
    add_lines(root, "more.jsonl", record(20))
    os.utime(root / "raw/captures/more.jsonl", (0, 0))
    assert len(build(root, out=tmp_path / "first").rows("articles")) == 9


PAIRS = {
    "add": [("add", "{at}/new.txt", "--outlet", "courier", "--archive", "{at}/a"), ("add", "{at}/more.jsonl", "--archive", "{at}/a")],
    "add the same": [("add", "{at}/new.txt", "{at}/more.jsonl", "--outlet", "courier", "--archive", "{at}/a")] * 2,
    "correct": [
        ("correct", f"courier:n-{n}", "title", f"Lamps {n}", "--reason", "a slip", "--by", "desk", "--archive", "{at}/a")
        for n in (1, 2)
    ],
    "withdraw": [
        ("withdraw", f"courier:n-{n}", "--reason", "copyright", "--authority", "x", *DAY, "--archive", "{at}/a")
        for n in (1, 2)
    ],
    "learn and build": [("learn", "{at}/a"), ("build", "{at}/a", *DAY)],
    "add and build": [("add", "{at}/new.txt", "{at}/more.jsonl", "--outlet", "courier", "--archive", "{at}/a"), ("build", "{at}/a", *DAY)],
    "publish": [("publish", "{at}/a/dist/press/1.0.0", "file://{at}/shelf")] * 2,
    "export": [("export", "{at}/a/dist/press/1.0.0", "--out", "{at}/t.csv", "--format", "csv")] * 2,
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_two_commands_at_once(pair: str, prepared: Path, tmp_path: Path) -> None:
    """Both end well, or one says truly why not; what both did is there."""
    at = shutil.copytree(prepared, tmp_path / "at")
    start = threading.Barrier(2)
    ends: list[subprocess.CompletedProcess[str]] = []

    def run(words: tuple[str, ...]) -> None:
        start.wait()
        ends.append(Program(*(each.format(at=at) for each in words), cwd=at).start().done())

    threads = [threading.Thread(target=run, args=(words,)) for words in PAIRS[pair]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for done in ends:
        assert "Traceback" not in done.stderr
        assert done.returncode == 0, (done.args, done.stderr)
    archive = open_archive(at / "a")
    assert not [f for f in archive.findings if f.severity == "error"]
    if pair == "correct":
        assert {line["value"] for line in archive.corrections} == {"Lamps 1", "Lamps 2"}
    if pair == "withdraw":
        assert {line["article_id"] for line in archive.withdrawals} == {
            "courier:n-1",
            "courier:n-2",
        }
    if "add" in pair:
        shown = {row["url"] for row in build(at / "a").rows("captures")}
        assert {record(9)["url"], record(10)["url"]} <= shown
        assert len([*(at / "a/raw/captures").rglob("new*.txt")]) == 1
    for folder in (at / "a" / "dist").glob("press/*/"):
        assert [v.faults for v in verify(folder) if not v.ok] == []
