"""What builds keep changes no byte of a release, whatever happens to captures or to the cache."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from conftest import KILLS, Run
from edited import Edited, tree
from microfiche.captures.content import settled
from microfiche.errors import CannotRun, DataError
from microfiche.fixity import file_digest, sha256_hex
from microfiche.library import open_archive
from microfiche.pipeline import BuildOptions, buckets, cache, recalling, recognising, scan
from microfiche.release import sharing, sides
from microfiche.release.opening import open_release
from microfiche.tables import regrouping, shards
from microfiche.verify import remembered
from microfiche.verify.remembered import check_all, check_once
from small import prose
from warcs import written

N_SEQUENCES, N_EDITS = int(os.environ.get("MICROFICHE_HISTORIES", "4")), 9


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many chunks, buckets and shards of few captures; files known by their stamps at once."""
    monkeypatch.setattr("microfiche.captures.files.CHUNK_BYTES", 1500)
    monkeypatch.setattr("microfiche.captures.files.CHUNK_ENDS", 2)
    monkeypatch.setattr("microfiche.captures.files.PART_BYTES", 1500)
    monkeypatch.setattr(buckets, "GROUPS_PER_BUCKET", 1)
    monkeypatch.setattr(shards, "MAX_SHARD_ROWS", 6)
    monkeypatch.setattr(regrouping, "SHEETS_AT_ONCE", 3)
    monkeypatch.setattr(recognising, "settled", lambda *_: True)


def built(root: Path, out: Path, **how: Any) -> Any:
    """A build, or the message by which it was refused."""
    options = {"date": "2026-01-01", "workers": 1, **how}
    try:
        done = open_archive(root).build(BuildOptions(out=out, **options))
    except DataError as error:
        return str(error).replace(str(out), "OUT")
    version = done.release.version
    return version, done.unchanged, done.findings, dict(done.counts), done.release.fingerprint


@pytest.mark.parametrize("seed", range(N_SEQUENCES))
def test_any_edits_give_what_a_full_build_gives(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each the same bytes, findings and refusals, full and public, with and without cache."""
    archive, rng = Edited(tmp_path / "archive", seed), random.Random(seed)
    kept, anew = tmp_path / "kept", tmp_path / "anew"
    done = []
    for step in range(N_EDITS):
        monkeypatch.setattr(regrouping, "OPENINGS", rng.choice((0, 40, 10**6)))
        done.append(archive.edit() if step else "nothing")
        access = rng.choice(("full", "full", "public"))
        how = {"workers": rng.choice((1, 1, 2)), "access": access}
        found = built(archive.root, kept, **how)
        with monkeypatch.context() as apart:  # every file of every release is read
            apart.setattr(regrouping, "OPENINGS", 10**6)
            for module in (sharing, sides):
                apart.setattr(module, "files_of", lambda _: set())
            assert found == built(archive.root, anew, cache=False, access=access), done
        assert tree(kept) == tree(anew), done
        assert built(archive.root, kept, access=access) == built(
            archive.root, anew, cache=False, access=access
        ), done


def scanned(monkeypatch: pytest.MonkeyPatch, build: Callable[[], Any]) -> int:
    """How many chunks a build scans."""
    numbers = []

    def counting(task: scan.ScanTask) -> scan.Scanned:
        numbers.append(task.number)
        return scan.scan(task)

    with monkeypatch.context() as counted:
        counted.setattr(recalling, "scan", counting)
        build()
    return len(numbers)


@pytest.fixture
def held(tmp_path: Path) -> Edited:
    """An archive that was built once."""
    archive = Edited(tmp_path / "archive", 1)
    built(archive.root, tmp_path / "kept")
    return archive


def test_a_change_costs_its_own_chunks(
    held: Edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing for a touched file or another outlet's file; the last pieces for a line at the end."""

    def again() -> Any:
        return built(held.root, tmp_path / "kept")

    assert scanned(monkeypatch, lambda: built(held.root, tmp_path / "x", cache=False)) > 10
    assert scanned(monkeypatch, again) == 0
    held.touch()
    held.add_outlet()
    assert scanned(monkeypatch, again) == 0
    with (held.raw / "captures" / "courier" / "lines-0.jsonl").open("a") as out:
        out.write(json.dumps(held.record()) + "\n")
    assert scanned(monkeypatch, again) in (1, 2, 3)  # a line is longer than the least piece here
    herald = held.raw / "outlets" / "herald.toml"
    herald.write_text(herald.read_text().replace("The Herald", "The Evening Herald"))
    some = scanned(monkeypatch, again)
    assert 0 < some < scanned(monkeypatch, lambda: built(held.root, tmp_path / "x", cache=False))


def test_unchanged_shards_are_whole_files_of_the_release_before(
    held: Edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link to them, or a copy; one that is damaged stops the build, or is written anew."""
    first = next((tmp_path / "kept" / "press").iterdir())
    looked_at = check_once(open_release(first), strict=False)
    assert looked_at
    assert not check_once(open_release(first), strict=False)  # what is remembered is not looked at
    damaged = sorted((first / "data" / "articles").iterdir())[0]
    intact = damaged.read_bytes()
    text = next(
        column
        for number in range(pq.read_metadata(damaged).num_columns)
        if (column := pq.read_metadata(damaged).row_group(0).column(number)).path_in_schema
        == "text"
    )
    at = text.data_page_offset + text.total_compressed_size // 2  # no build reads old texts
    damaged.write_bytes(intact[:at] + bytes([intact[at] ^ 1]) + intact[at + 1 :])
    with (held.raw / "captures" / "courier" / "lines-0.jsonl").open("a") as out:
        out.write(json.dumps(held.record(published="2026-05-01")) + "\n")
    refused = built(held.root, tmp_path / "kept")
    assert str(damaged).replace(str(tmp_path / "kept"), "OUT") in refused
    assert "SHA-256" in refused
    # damaged after it was looked at
    monkeypatch.setattr("microfiche.pipeline.build.check_all", lambda _: {first: looked_at})
    version, *_ = built(held.root, tmp_path / "kept")
    second = tmp_path / "kept" / "press" / version
    pairs = [(each, second / each.relative_to(first)) for each in first.rglob("*.parquet")]
    shared = [old for old, new in pairs if new.exists() and new.samefile(old)]
    assert len(shared) > len(pairs) / 3
    assert damaged not in shared
    assert (second / damaged.relative_to(first)).read_bytes() == intact


def test_files_that_releases_share_are_hashed_once(
    held: Edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link changes the stamp of every name of a file; none of them is read again for it."""
    for day in ("2026-05-01", "2026-05-02"):
        with (held.raw / "captures" / "courier" / "lines-0.jsonl").open("a") as out:
            out.write(json.dumps(held.record(published=day)) + "\n")
        built(held.root, tmp_path / "kept")
    releases = [open_release(each) for each in sorted((tmp_path / "kept" / "press").iterdir())]
    assert len(releases) == 3
    for file in tmp_path.joinpath("kept").rglob("*.parquet"):
        os.link(file, file.with_suffix(".other"))
        file.with_suffix(".other").unlink()
    hashed: list[int] = []

    def counted(file: Path) -> tuple[int, str]:
        hashed.append(file.stat().st_ino)
        return file_digest(file)

    monkeypatch.setattr(remembered, "file_digest", counted)
    found = check_all(releases)
    assert len(hashed) == len(set(hashed))
    assert sum(map(len, found.values())) > len(hashed)
    damaged = next(each for each in releases[0].root.rglob("*.parquet") if each.stat().st_nlink > 1)
    damaged.write_bytes(damaged.read_bytes() + b"?")
    with pytest.raises(DataError, match="SHA-256"):
        check_all(releases)


def test_a_broken_cache_is_made_anew(held: Edited, tmp_path: Path) -> None:
    """Files cut short, of other content, with a bit flipped, or gone."""
    wanted = tree(tmp_path / "kept")
    root, rng = held.root / cache.FOLDER, random.Random(5)
    for round_ in range(8):
        for file in sorted(each for each in root.rglob("*") if each.is_file()):
            if file.name in (".gitignore", cache.OWN) or rng.random() < 0.5:
                continue
            octets = file.read_bytes()
            match round_ % 4:
                case 0:
                    file.write_bytes(octets[: len(octets) // 2])
                case 1 if file.suffix == ".json":
                    file.write_bytes(b'["?"]')
                case 2 if octets:
                    at = rng.randrange(len(octets))
                    flipped = octets[at] ^ 1 << rng.randrange(8)
                    file.write_bytes(octets[:at] + bytes([flipped]) + octets[at + 1 :])
                case _:
                    file.unlink()
        shutil.rmtree(tmp_path / "kept")
        built(held.root, tmp_path / "kept")
        assert tree(tmp_path / "kept") == wanted


def test_a_copied_cache_is_not_believed(held: Edited, tmp_path: Path) -> None:
    """Somebody may have filled it: in a copy of the archive nothing of it is used."""
    copied = tmp_path / "copied"
    shutil.copytree(held.root, copied, symlinks=True)
    for file in (copied / cache.FOLDER).rglob("note.json"):
        octets = file.read_bytes().partition(b"\n")[2].replace(b"courier", b"herald!")
        file.write_bytes(sha256_hex(octets).encode() + b"\n" + octets)
    built(copied, tmp_path / "other")
    assert tree(tmp_path / "other") == tree(tmp_path / "kept")


def test_a_cache_that_cannot_be_written_is_done_without(
    held: Edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """A full disk, a file or a link in its place; only one that was named is an error."""
    wanted = tree(tmp_path / "kept")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    root = held.root / cache.FOLDER
    shutil.rmtree(root)
    with monkeypatch.context() as patched:
        patched.setattr(cache, "_move", full)
        built(held.root, tmp_path / "full")
    assert tree(tmp_path / "full") == wanted
    shutil.rmtree(root)
    for number, occupy in enumerate((root.touch, lambda: root.symlink_to(tmp_path))):
        occupy()
        built(held.root, tmp_path / f"occupied-{number}")
        assert tree(tmp_path / f"occupied-{number}") == wanted
        root.unlink()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("not to be removed")
    stopped = run("build", held.root, "--cache", tmp_path / "mine")
    assert stopped.returncode == 4
    assert f"{tmp_path / 'mine'}: holds other files" in stopped.stderr
    assert run("build", held.root, "--cache", tmp_path / "c", "--no-cache").returncode == 2


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    held: Edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read of it may be of another content than was hashed."""
    file = held.raw / "captures" / "herald" / "text-9.txt"
    file.write_text("Title 9\n\n10 May 2024\n\n" + prose(900))

    def late(task: scan.ScanTask) -> scan.Scanned:
        if any(span.path.endswith("text-9.txt") for span in task.chunk):
            file.write_text("Title 9\n\n10 May 2024\n\n" + prose(901))
        return scan.scan(task)

    with monkeypatch.context() as patched:
        patched.setattr(recalling, "scan", late)
        built(held.root, tmp_path / "kept")
    file.write_text("Title 9\n\n10 May 2024\n\n" + prose(900))
    built(held.root, tmp_path / "now")
    built(held.root, tmp_path / "anew", cache=False)
    assert tree(tmp_path / "now") == tree(tmp_path / "anew")


def test_stamps_of_just_now_are_not_trusted() -> None:
    """Nor those of a clock that was set back: such files are hashed each time."""
    now = time.time_ns()
    long_ago, just_now, later = now - 10**10, now - 10**9, now + 10**10
    for changed, trusted in ((long_ago, True), (just_now, False), (later, False)):
        for place in (1, 2, 5, 6):
            stamp = [10, long_ago, long_ago, 1, 10, long_ago, long_ago, 2]
            stamp[place] = changed
            assert settled(tuple(stamp), now) is trusted


def test_shown_cleared_and_in_use(held: Edited, run: Run) -> None:
    """Its size; nothing left afterwards; never under a build that reads it."""
    root = held.root / cache.FOLDER
    shown = run("cache", held.root)
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"{root}: ")
    assert "0 entries" not in shown.stdout
    used = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(used, fcntl.LOCK_SH)
        busy = run("cache", held.root, "--clear")
        assert busy.returncode == 4
        assert "another command uses it" in busy.stderr
        with pytest.raises(CannotRun):
            open_archive(held.root).cache(clear=True)
    finally:
        os.close(used)
    assert run("cache", held.root, "--clear").stdout.startswith("cleared: ")
    assert "0 entries" in run("cache", held.root).stdout
    assert (root / ".gitignore").read_text() == "*\n"


def test_what_is_around_a_cache_is_left_alone(held: Edited, tmp_path: Path) -> None:
    """A link in it to somebody's folder is taken out, and nothing there."""
    entries, mine = held.root / cache.FOLDER / "scan-balanced", tmp_path / "mine"
    shutil.rmtree(entries)
    mine.mkdir()
    (mine / "letter.txt").write_text("not to be removed")
    entries.symlink_to(mine)
    held.add_line()
    built(held.root, tmp_path / "kept")
    assert [each.name for each in mine.iterdir()] == ["letter.txt"]
    assert entries.is_dir()
    assert not entries.is_symlink()


def test_a_release_that_was_damaged_is_not_unchanged(held: Edited, tmp_path: Path) -> None:
    """As without a cache: what stands before must be there."""
    built(held.root, tmp_path / "kept")
    gone = next((tmp_path / "kept" / "press").rglob("data/articles/*"))
    gone.unlink()
    refused = built(held.root, tmp_path / "kept")
    assert f"{gone.name}: the file is missing" in refused


def test_a_name_that_becomes_a_file(held: Edited, tmp_path: Path) -> None:
    """A line of a list that named a folder, and names a capture now."""
    folder = held.raw / "captures" / "listed"
    line = {"path": "late.txt", "url": "https://herald.example/2024/11/900"}
    with (folder / "retrievals.jsonl").open("a") as out:
        out.write(json.dumps(line) + "\n")
    (folder / "late.txt").mkdir()
    built(held.root, tmp_path / "before")
    (folder / "late.txt").rmdir()
    (folder / "late.txt").write_text(f"Late\n\n{prose(900)}\n")
    assert built(held.root, tmp_path / "now") == built(held.root, tmp_path / "anew", cache=False)
    assert tree(tmp_path / "now") == tree(tmp_path / "anew")


@pytest.mark.parametrize("old", [b"WARC/0.18", b"WARC/1.1"])
def test_a_warc_file_without_parts_is_hashed_whole(
    held: Edited, tmp_path: Path, old: bytes
) -> None:
    """A byte changed anywhere in it, also where no part would be."""
    file = held.raw / "captures" / "courier" / "old.warc"
    octets = b"".join(
        written(f"https://courier.example/2024/12/{n}", [("Content-Type", "text/html")],
                f"<html><body><article><h1>Old {n}</h1><p>{prose(n)}</p></article></body></html>"
                .encode(), "200 OK")
        for n in range(700, 712)
    )  # fmt: skip
    file.write_bytes(octets.replace(b"WARC/1.1", old))
    built(held.root, tmp_path / "before")
    at = file.stat()
    file.write_bytes(file.read_bytes().replace(b"<h1>Old 709", b"<h1>Odd 709"))
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert built(held.root, tmp_path / "now") == built(held.root, tmp_path / "anew", cache=False)
    assert tree(tmp_path / "now") == tree(tmp_path / "anew")


def test_two_first_builds_at_once(held: Edited, tmp_path: Path) -> None:
    """Both make the cache; neither takes anything from under the other."""
    shutil.rmtree(held.root / cache.FOLDER)
    program = [sys.executable, "-m", "microfiche.cli", "build", held.root, "--date", "2026-01-01"]
    outs = [tmp_path / f"out-{number}" for number in range(4)]
    builds = [
        subprocess.Popen(
            [*program, "--out", out], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for out in outs
    ]
    for process in builds:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert all(tree(out) == tree(outs[0]) for out in outs)


def test_what_is_kept_of_a_build_that_was_killed(held: Edited, tmp_path: Path) -> None:
    """At any moment: the next build gives what it would have given."""
    rng, quiet = random.Random(11), {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    program = [sys.executable, "-m", "microfiche.cli", "build", held.root, "--date", "2026-01-01"]
    subprocess.run([*program, "--out", tmp_path / "wanted", "--no-cache"], check=True, **quiet)
    wanted = tree(tmp_path / "wanted" / "press")
    for number in range(KILLS):
        if number % 2:
            shutil.rmtree(held.root / cache.FOLDER)
        place = ["--out", tmp_path / f"killed-{number}"]
        process = subprocess.Popen([*program, *place], start_new_session=True, **quiet)
        time.sleep(0.4 + rng.random())
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        subprocess.run([*program, *place], check=True, **quiet)
        assert tree(tmp_path / f"killed-{number}" / "press") == wanted


def test_what_is_gone_is_kept_no_longer(held: Edited, tmp_path: Path, run: Run) -> None:
    """A capture that was removed, after the next build; a withdrawn article at once."""
    entries = held.root / cache.FOLDER / "scan-balanced"

    def kept(words: bytes) -> bool:
        files = (each for each in entries.rglob("*") if each.is_file())
        return any(words in each.read_bytes() for each in files)

    texts = sorted((held.raw / "captures").rglob("text-*.txt"))
    words = texts[0].read_bytes().split(b"\n\n")[2][:60]
    assert kept(words)
    shutil.copytree(tmp_path / "kept", held.root / "dist", dirs_exist_ok=True)
    number = texts[0].stem.partition("-")[2]
    gone = run("withdraw", f"herald:n-{number}", "--reason", "privacy", "--authority", "court",
               "--archive", held.root)  # fmt: skip
    assert gone.returncode == 0, gone.stderr
    assert not kept(words)
    for file in texts[0].parent.glob(f"{texts[0].name}*"):
        file.unlink()
    built(held.root, held.root / "dist")
    assert not kept(words)
