"""Publishing to a folder and to a real S3 endpoint on loopback: written once, visible whole."""

from __future__ import annotations

import functools
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, moments
from microfiche.distribute.publishing import PublishOptions
from microfiche.distribute.target import digests_of
from microfiche.errors import CannotRun, DataError
from microfiche.library import Release, open_archive, open_release, path
from program import Program
from small import build, outlet, record, write
from store import Endpoint, storing

TAGS = "tagmanifest-sha256.txt"


@pytest.fixture
def releases(tmp_path: Path) -> list[Release]:
    """Two releases of an archive."""
    root = tmp_path / "archive"
    return [build(write(root, [record(each) for each in range(1, n + 1)])) for n in (2, 3)]


def rival(tmp_path: Path) -> Release:
    """Another release 1.1.0 of a dataset of that name."""
    root = tmp_path / "rival"
    build(write(root, [record(1), record(2)]))
    return build(write(root, [record(1), record(2), record(7)]))


# A folder


def test_a_folder_has_what_was_built(
    tmp_path: Path, releases: list[Release], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By version, with an index; found by name there; verified by its address; once only."""
    shelf = tmp_path / "a shelf"
    target = f"file://{shelf}".replace(" ", "%20")
    for release in releases:
        done = run("publish", release.root, target)
        assert done.returncode == 0, done.stderr
        assert run("verify", f"{target}/press/{release.version}").returncode == 0
    index = json.loads((shelf / "press" / "index.json").read_text())
    assert [each["version"] for each in index["versions"]] == ["1.0.0", "1.1.0"]
    assert index["versions"][1]["release_sha256"] == releases[1].sha256
    assert path(shelf / "press", "<1.1") == shelf / "press" / "1.0.0"
    before = {f: f.stat().st_mtime_ns for f in shelf.rglob("*")}
    again = run("publish", releases[1].root, target)
    assert "published already, nothing changed" in again.stdout
    assert {f: f.stat().st_mtime_ns for f in shelf.rglob("*")} == before
    assert run("publish", releases[0].root, target).returncode == 0
    with pytest.raises(CannotRun, match=r"1.1.0 is published with other content"):
        rival(tmp_path).publish(target)
    assert sorted(each.name for each in shelf.iterdir()) == ["press"]


def test_an_older_version_comes_too_late(tmp_path: Path, releases: list[Release]) -> None:
    """Unless it is there already."""
    target = f"file://{tmp_path}/shelf"
    releases[1].publish(target)
    with pytest.raises(DataError, match=r"1.0.0 is older than 1.1.0, which is published"):
        releases[0].publish(target)


def test_where_it_went_is_recorded_and_makes_no_release(
    tmp_path: Path, releases: list[Release], run: Run
) -> None:
    """And `withdraw` names the place."""
    root, target = tmp_path / "archive", f"file://{tmp_path}/shelf"
    run("publish", releases[1].root, target)
    where = f"{target}/press/1.1.0"
    versions = open_archive(root).releases
    assert versions["1.1.0"]["full"]["published"] == [where]
    assert open_archive(root).findings == ()
    assert build(root).version == "1.1.0"
    assert where in run("withdraw", "courier:n-1", "--plan", "--reason", "copyright",
        "--authority", "desk", "--archive", root).stdout  # fmt: skip


def test_lines_of_full_and_public_releases_are_published_apart(tmp_path: Path) -> None:
    """What is published of one is no reason to refuse the other."""
    root = write(tmp_path / "a", [record(1)])
    build(root)
    build(root, "public")
    write(root, [record(1), record(2)])
    target = f"file://{tmp_path}/shelf"
    build(root).publish(target)
    public = build(root, "public")
    assert public.version == "1.1.0"
    public.publish(target)
    held = open_archive(root).releases["1.1.0"]
    assert held["public"]["published"] == [f"{target}/press-public/1.1.0"]
    public.root.rename(tmp_path / "gone")
    with pytest.raises(CannotRun, match=r"put it into press-public/1.1.0 there"):
        build(root, "public")


MOST_STEPS = 260


def killed_at(at: int) -> None:
    """Have this process killed at its step number `at` of writing."""
    steps = itertools.count(1)

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if next(steps) == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **options)

        return call

    os.link, os.fsync = counted(os.link), counted(os.fsync)
    shutil.copyfile = counted(shutil.copyfile)
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]


def test_killed_at_any_step_a_second_run_completes(tmp_path: Path, releases: list[Release]) -> None:
    """No reader sees half a version, and no step leaves what is in the way."""
    first, second = releases
    reached = []
    first.publish(f"file://{tmp_path}/first")
    for at in moments(1, MOST_STEPS):
        shelf = tmp_path / f"shelf-{at}"
        target = f"file://{shelf}"
        before = functools.partial(killed_at, at)
        program = Program("publish", second.root, target, before=before).start()
        program.done()
        reached.append(program.was_killed)
        place = shelf / "press" / second.version
        if (place / TAGS).exists():
            assert path(shelf / "press") == place
        else:
            with pytest.raises(DataError):
                path(shelf / "press")
        second.publish(target)
        assert [v for v in open_release(place).verify() if not v.ok] == []
        assert (shelf / "press" / "index.json").exists()
        assert sorted(each.name for each in shelf.iterdir()) == ["press"]
    assert reached[0]
    assert not reached[-1], "there are more steps than were tried"


def test_a_file_left_by_another_is_in_the_way(tmp_path: Path, releases: list[Release]) -> None:
    """Named, with what to do."""
    place = tmp_path / "shelf" / "press" / "1.0.0"
    place.mkdir(parents=True)
    (place / "README.md").write_text("another\n")
    with pytest.raises(CannotRun, match=r"README.md of a version that was never finished"):
        releases[0].publish(f"file://{tmp_path}/shelf")


def test_what_does_not_hold_or_may_not_leave_is_not_published(
    tmp_path: Path, releases: list[Release]
) -> None:
    """Nothing of it is written."""
    shelf = tmp_path / "shelf"
    (releases[0].root / "DATASHEET.md").write_text("forged\n")
    with pytest.raises(DataError, match=r"does not hold: files: R104 DATASHEET.md"):
        releases[0].publish(f"file://{shelf}")
    bare = build(write(tmp_path / "bare", [record(1), record(2)], outlet(basis=None)))
    with pytest.raises(DataError, match="is restricted"):
        bare.publish(f"file://{shelf}")
    assert not shelf.exists()
    bare.publish(f"file://{shelf}", PublishOptions(restricted=True))
    assert (shelf / "press" / "1.0.0" / TAGS).is_file()


# S3


@pytest.fixture
def s3() -> Iterator[Endpoint]:
    """An endpoint with the bucket `shelf`."""
    with storing() as endpoint:
        yield endpoint


def writing(endpoint: Endpoint) -> list[str]:
    """Objects that were written, in their order."""
    return [each.partition(" ")[2] for each in endpoint.requests if each.startswith("PUT")]


def test_a_store_has_what_was_built(
    tmp_path: Path, releases: list[Release], run: Run, s3: Endpoint
) -> None:
    """Payload first, the tag manifest and the index last; verified by its address; once only."""
    env = s3.environment
    planned = run("publish", releases[0].root, "s3://shelf/news", "--dry-run", env=env)
    assert planned.returncode == 0, planned.stderr
    assert writing(s3) == []
    for release in releases:
        done = run("publish", release.root, "s3://shelf/news", env=env)
        assert done.returncode == 0, done.stderr
        written = writing(s3)
        assert written[-2:] == [
            f"/shelf/news/press/{release.version}/{TAGS}",
            "/shelf/news/press/index.json",
        ]
    there = run("verify", "s3://shelf/news/press/1.1.0", env=env)
    assert there.returncode == 0, there.stdout + there.stderr
    script = (
        "import microfiche\nfor _ in '12':\n"
        " print(len(microfiche.load_dataset('s3://shelf/news/press', split='train')))\n"
        "print(microfiche.open_release('s3://shelf/news/press@1.0.0').find('piece 2'))"
    )
    command = [sys.executable, "-c", script]
    s3.requests.clear()
    read = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert read.stdout.split() == ["3", "3", "courier:n-2"]
    fetched = [each for each in s3.requests if each == "GET /shelf/news/press/1.1.0/README.md"]
    assert len(fetched) == 1
    s3.requests.clear()
    again = run("publish", releases[1].root, "s3://shelf/news/", env=env)
    assert "published already, nothing changed" in again.stdout
    assert writing(s3) == []
    other = run("publish", rival(tmp_path).root, "s3://shelf/news", env=env)
    assert other.returncode == 4
    assert "version 1.1.0 is published with other content" in other.stderr
    older = run("publish", releases[0].root, "s3://shelf/other", env=env)
    assert older.returncode == 0
    assert "secretsecret" not in done.stdout + done.stderr + other.stderr


def test_a_copy_that_was_fetched_broken_is_fetched_again(
    releases: list[Release], run: Run, s3: Endpoint, tmp_path: Path
) -> None:
    """What is not as the manifests say is kept nowhere."""
    env = {**s3.environment, "MICROFICHE_CACHE": str(tmp_path / "cache")}
    run("publish", releases[0].root, "s3://shelf/x", env=env)
    script = "import microfiche; print(microfiche.path('s3://shelf/x/press'))"
    bucket, key = s3.resource().Bucket("shelf"), "x/press/1.0.0/DATASHEET.md"
    for body, code in ((b"broken", 1), (releases[0].read("DATASHEET.md"), 0)):
        bucket.put_object(Key=key, Body=body)
        done = subprocess.run(
            [sys.executable, "-c", script], env=env, check=False, capture_output=True, text=True
        )
        assert done.returncode == code, done.stderr
    assert "DATASHEET.md: SHA-256 is" not in done.stderr
    assert len(list((tmp_path / "cache" / "releases").rglob(TAGS))) == 1


def test_a_store_that_is_not_there_is_told(releases: list[Release], run: Run, s3: Endpoint) -> None:
    """No bucket, no rights, no network: one line, and the remedy."""
    gone = {**s3.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    for target, env in (("s3://nobucket/x", s3.environment), ("s3://shelf/x", gone)):
        done = run("publish", releases[0].root, target, env=env)
        assert done.returncode == 4, done
        assert done.stderr.splitlines()[-1].startswith(f"error: {target}")
        assert "Traceback" not in done.stderr


def test_parts_that_killed_runs_left_are_taken_away(
    releases: list[Release], run: Run, s3: Endpoint
) -> None:
    """Those of this version, once it is there; other uploads are none of ours."""
    client = s3.resource().meta.client
    for key in ("parts/press/1.0.0/data/articles/train-00000-of-00001.parquet", "other/file"):
        client.create_multipart_upload(Bucket="shelf", Key=key)
    done = run("publish", releases[0].root, "s3://shelf/parts", env=s3.environment)
    assert done.returncode == 0, done.stderr
    left = client.list_multipart_uploads(Bucket="shelf")["Uploads"]
    assert [each["Key"] for each in left] == ["other/file"]


MOST_REQUESTS = 165


def test_killed_at_each_request_to_a_store_a_second_run_completes(
    tmp_path: Path, releases: list[Release], run: Run, s3: Endpoint
) -> None:
    """No version is there before its tag manifest is; what was written stays."""
    release, env, reached = releases[0], s3.environment, []
    for at in moments(1, MOST_REQUESTS):
        target = f"s3://shelf/at{at}"
        s3.requests.clear()
        program = Program("publish", release.root, target, env=env)

        def kill(number: int, _what: str, at: int = at, program: Program = program) -> None:
            if number == at:
                program.kill()

        s3.on_request = kill
        program.start().done()
        reached.append(program.was_killed)
        s3.on_request = lambda _number, _what: None
        s3.requests.clear()
        held = {
            each.key for each in s3.resource().Bucket("shelf").objects.filter(Prefix=f"at{at}/")
        }
        if f"at{at}/press/index.json" in held or f"at{at}/press/1.0.0/{TAGS}" in held:
            assert {f"at{at}/press/1.0.0/{path}" for path in digests_of(release)} <= held
        done = run("publish", release.root, target, env=env)
        assert done.returncode == 0, done.stderr
    assert reached[0]
    assert not reached[-1], "there are more requests than were tried"
    assert run("verify", "s3://shelf/at1/press/1.0.0", env=env).returncode == 0


def test_two_who_write_one_version_at_once(
    tmp_path: Path, releases: list[Release], run: Run, s3: Endpoint
) -> None:
    """One wins; the other is told, and has written over nothing."""
    other = rival(tmp_path)
    entered, free = threading.Event(), threading.Event()

    def hold(_number: int, what: str) -> None:
        if what.startswith("PUT") and "README" in what and not entered.is_set():
            entered.set()
            free.wait(60)

    s3.on_request = hold
    program = Program("publish", other.root, "s3://shelf", env=s3.environment).start()
    assert entered.wait(60)
    quick = run("publish", releases[1].root, "s3://shelf", env=s3.environment)
    free.set()
    slow = program.done(60)
    assert (quick.returncode, slow.returncode) == (4, 0), slow.stderr
    assert "of a version that was never finished is another file" in quick.stderr
    late = run("publish", releases[1].root, "s3://shelf", env=s3.environment)
    assert "version 1.1.0 is published with other content" in late.stderr
    assert run("verify", "s3://shelf/press/1.1.0", env=s3.environment).returncode == 0
