"""What was tried against the ways out, and must be refused, named or left alone."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import microfiche
from conftest import Run
from hub import serving
from invenio import TOKEN, Repository, depositing
from microfiche.archive.publications import record_place
from microfiche.distribute.deposits import Deposit
from microfiche.distribute.publishing import PublishOptions
from microfiche.distribute.wheel import distribution
from microfiche.errors import CannotRun, DataError, UsageError
from microfiche.fixity import sha256_hex
from microfiche.library import Release, open_archive, open_release, path
from microfiche.release.bag import manifest_lines, read_manifest
from small import build, outlet, record, write

TAGS = "tagmanifest-sha256.txt"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of two articles."""
    return write(tmp_path / "archive", [record(1), record(2)])


@pytest.fixture
def release(root: Path) -> Release:
    """Its release."""
    return build(root)


def listed_anew(root: Path, **more: str) -> None:
    """Write the tag manifest of a release for the files as they are."""
    stated = read_manifest((root / TAGS).read_bytes())
    digests = {each: sha256_hex((root / each).read_bytes()) for each in stated}
    (root / TAGS).write_bytes(manifest_lines(digests | more))


# Other people's files


def test_folders_of_others_are_left_alone(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary folder is ours only by its whole name."""
    monkeypatch.chdir(tmp_path)
    for name in (".tmp-mine", ".tmp-microfiche-notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis").write_text("years of work")
    release.export("articles", "csv")
    release.wheel(tmp_path)
    release.publish(f"file://{tmp_path}")
    assert (tmp_path / ".tmp-mine" / "thesis").is_file()
    assert (tmp_path / ".tmp-microfiche-notes" / "thesis").is_file()


def test_nothing_is_written_into_a_release(release: Release, tmp_path: Path) -> None:
    """Neither an export nor a publication."""
    with pytest.raises(DataError, match="is a release itself"):
        release.publish(f"file://{release.root}/data")
    with pytest.raises(UsageError, match="is a release, which stays as it is"):
        release.export("articles", "csv", out=release.root / "data" / "evil.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CannotRun, match="is there already"):
        release.export("articles", "csv", out=tmp_path / "link.csv")
    (tmp_path / "b.dictionary.csv").write_text("mine")
    with pytest.raises(CannotRun, match=r"b.dictionary.csv is there already"):
        release.export("articles", "csv", out=tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()


def test_a_manifest_that_leaves_the_release_is_refused(release: Release, tmp_path: Path) -> None:
    """A wheel packs nothing from beside it."""
    secret = release.root.parent / "secret.txt"
    secret.write_text("secret")
    listed_anew(release.root, **{"../secret.txt": sha256_hex(b"secret")})
    for go in (
        lambda: release.wheel(tmp_path / "out"),
        lambda: release.publish(f"file://{tmp_path}/shelf", PublishOptions(dry_run=True)),
    ):
        with pytest.raises(DataError, match="leaves the release"):
            go()


# What is loaded


def test_files_that_no_manifest_lists_are_not_loaded(release: Release, tmp_path: Path) -> None:
    """Parquet beside the shards, settings of `datasets`, a tag manifest that was cut."""
    for name in ("data/articles/zz.parquet", ".huggingface.yaml", "dataset_infos.json"):
        file = release.root / name
        file.write_bytes(b"x")
        for load in (path, microfiche.load_dataset):
            with pytest.raises(DataError, match="a file that no manifest lists"):
                load(release.root)
        file.unlink()
    tags = (release.root / TAGS).read_bytes()
    for cut in (b"", tags[: tags.index(b"release.json") - 66]):
        (release.root / TAGS).write_bytes(cut)
        with pytest.raises(DataError, match="does not list"):
            path(release.root)


def test_a_folder_that_is_a_pattern_is_not_handed_on(release: Release, tmp_path: Path) -> None:
    """`datasets` would look into its neighbours."""
    odd = tmp_path / "a[1]"
    release.root.rename(odd)
    with pytest.raises(DataError, match="for a pattern"):
        microfiche.load_dataset(odd)
    assert path(odd) == odd


def test_a_release_is_what_its_folder_says(
    root: Path, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version and name; a wheel of another name's release too."""
    monkeypatch.chdir(root)
    release.root.rename(root / "dist/press/9.9.9")
    with pytest.raises(DataError, match=r"9.9.9: holds version 1.0.0"):
        path("press")
    (root / "dist/press/9.9.9").rename(root / "dist/press/1.0.0")
    (root / "dist/press").rename(root / "dist/other")
    with pytest.raises(DataError, match="a release of press, not of other"):
        path("other")
    (wheel,) = open_release(root / "dist/other/1.0.0").wheel(tmp_path)
    zipfile.ZipFile(wheel.file).extractall(tmp_path / "site")
    (tmp_path / "site/microfiche_data/press").rename(tmp_path / "site/microfiche_data/gazette")
    (info,) = (tmp_path / "site").glob("*.dist-info/entry_points.txt")
    info.write_text("[microfiche.datasets]\ngazette = x\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert "microfiche_data" not in str(path("gazette"))
    info.write_bytes(b"[\xff\n= = =\n[]]")
    assert path("gazette").name == "2.0.0"


@pytest.mark.parametrize("wanted", ["x" * 5000, "a\nb", "gazette@", "gazette@v", "a@b@c"])
def test_odd_names_are_told(wanted: str) -> None:
    """In one line."""
    with pytest.raises((DataError, UsageError)) as told:
        path(wanted)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("wanted", ["1" * 100_000, "", " ", "=>1", "1.x.y.z"])
def test_odd_ranges_are_told(wanted: str) -> None:
    """In one line too."""
    with pytest.raises((DataError, UsageError)):
        path("gazette", wanted)
    with pytest.raises(UsageError):
        path("gazette", 1.1)  # type: ignore[arg-type]


# Addresses


@pytest.mark.parametrize(
    "target",
    [
        "file:///x%00", "s3:///x", "s3://[x", "file://[x", "zenodo://[::1", "zenodo://h:abc",
        "zenodo://..", "zenodo://a b", "local:///x", "data://x", "dir://x", "reference://x",
        "generic://x", "memory://x", "://x", "arrow_hdfs://a", "s3://b//y//z", "file://else/x",
        "s3://b/../c", "https://data.example/x", "file://", "zip://x", "nowhere",
    ],
)  # fmt: skip
def test_addresses_that_are_none(release: Release, target: str) -> None:
    """Refused before anything is written or asked."""
    with pytest.raises(UsageError) as told:
        release.publish(target)
    assert "\n" not in str(told.value)


def test_a_password_in_an_address_is_neither_taken_nor_told(
    release: Release, root: Path, run: Run
) -> None:
    """It would stand in logs and in raw/releases.toml."""
    for target in ("s3://user:SECRETPW@host/x", "sftp://user:SECRETPW@host/x",
                   "zenodo://u:SECRETPW@h", "https://u:SECRETPW@h/x"):  # fmt: skip
        for command in (("publish", release.root, target), ("verify", target)):
            done = run(*command)
            assert done.returncode == 2, done
            assert "SECRETPW" not in done.stdout + done.stderr
    assert not (root / "raw" / "releases.toml").exists()


def test_signs_of_an_address_are_part_of_a_folders_name(release: Release, tmp_path: Path) -> None:
    """What is recorded is where it is."""
    release.publish(f"file://{tmp_path}/a?q=1#f")
    assert (tmp_path / "a?q=1#f" / "press" / "1.0.0" / TAGS).is_file()


def test_a_release_that_lies_in_no_archive_is_published(
    release: Release, tmp_path: Path, run: Run
) -> None:
    """And recorded nowhere, which is said."""
    shallow = Path(tempfile.gettempdir()) / f"microfiche-test-{os.getpid()}"
    subprocess.run(["cp", "-r", release.root, shallow], check=True)
    try:
        done = run("publish", shallow, f"file://{tmp_path}/shelf")
        assert done.returncode == 0, done.stderr
        assert "recorded nowhere" in done.stderr
    finally:
        subprocess.run(["rm", "-r", shallow], check=True)


def test_a_shelf_holds_one_line_of_releases(release: Release, tmp_path: Path) -> None:
    """A broken or foreign release there is found before anything is written."""
    target = f"file://{tmp_path}/shelf"
    release.publish(target)
    place = tmp_path / "shelf" / "press" / "1.0.0" / "release.json"
    held = json.loads(place.read_text())
    later = build(write(release.root.parents[2], [record(1), record(2), record(3)]))
    for broken in ("", "[]", "{}", "null", json.dumps({**held, "access": "public"})):
        place.write_text(broken)
        with pytest.raises(DataError):
            later.publish(target)
        assert not (tmp_path / "shelf" / "press" / "1.1.0").exists()


# raw/releases.toml


def test_releases_toml_loses_nothing(root: Path) -> None:
    """Comments, mode and link stay; what cannot be kept is refused; two at once both stand."""
    real = root / "raw" / "elsewhere.toml"
    file = root / "raw" / "releases.toml"
    real.write_text(
        '# ours\n[versions."1.0.0".full]\npublished = [\n  "a", # first\n]\r\nissued = "2026-01-01"\n'
    )
    real.chmod(0o600)
    file.symlink_to(real)
    record_place(root / "raw", "1.0.0", "full", "b")
    assert "# first" in real.read_text()
    assert file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: record_place(root / "raw", "1.0.0", "public", f"p{n}"), range(40)))
    held = open_archive(root).releases["1.0.0"]
    assert held["full"]["published"] == ["a", "b"]
    assert sorted(held["public"]["published"]) == sorted(f"p{n}" for n in range(40))
    for dotted in (
        'versions."1.0.0".issued = "2026-01-01"\nversions."1.1.0".full.published = ["a"]\n',
        '[versions]\n"1.0.0".issued = "2026-01-01"\n"1.1.0".full.published = ["a"]\n',
    ):
        real.write_text(dotted)
        try:
            record_place(root / "raw", "1.0.0", "full", "b")
        except DataError:
            assert real.read_text() == dotted
        held = open_archive(root).releases
        assert held["1.1.0"]["full"]["published"] == ["a"]
        assert held["1.0.0"]["issued"] == "2026-01-01"


@pytest.mark.parametrize(
    "text",
    [
        '[versions."1.0.0".full]\ndoi = "10.1/x"\n[versions."1.1.0".full]\ndoi = "10.1/x"\n',
        '[versions."1.0.0".full]\ndoi = "10.1/x"\n[versions."1.0.0".public]\ndoi = "10.1/x"\n',
        '[versions."1.0.0".full]\ndoi = "10.1/x"\n[next.full]\ndoi = "10.1/x"\n',
    ],
)
def test_one_doi_is_of_one_release(root: Path, text: str) -> None:
    """A finding, and no build."""
    (root / "raw" / "releases.toml").write_text(text)
    (found,) = open_archive(root).findings
    assert found.code == "MF102"
    assert "it is of one" in found.message
    with pytest.raises(DataError, match="it is of one"):
        build(root)


def test_a_doi_that_was_used_goes_to_its_version(root: Path) -> None:
    """Also if the build that used it was killed before it took note."""
    reserved = '[next.full]\ndoi = "10.1/x"\ndeposit = "zenodo://h/records/1"\n'
    (root / "raw" / "releases.toml").write_text(reserved)
    assert build(root).manifest["doi"] == "10.1/x"
    dois = []
    for n in (3, 4, 5):
        (root / "raw" / "releases.toml").write_text(reserved)
        dois.append(build(write(root, [record(k + 1) for k in range(n)])).manifest["doi"])
    assert dois == [None] * 3
    archive = open_archive(root)
    assert archive.reserved == {}
    assert archive.releases["1.0.0"]["full"]["doi"] == "10.1/x"


# Hosts that answer otherwise


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """A repository of one test, and the token for it."""
    monkeypatch.setenv("INVENIO_TOKEN", TOKEN)
    with depositing() as made:
        yield made


@pytest.mark.parametrize("spoils", ["files", "access", "doi"])
def test_a_deposit_is_checked_before_it_is_public(
    tmp_path: Path, host: Repository, spoils: str
) -> None:
    """What cannot be taken back is not done on a broken draft."""
    root = write(tmp_path / "a", [record(1)], outlet(basis=None))
    open_archive(root).reserve(host.target)
    release = build(root)
    host.spoils = {spoils}
    if spoils == "doi":
        for each in host.records.values():
            each.doi = "10.5281/other"
    options = PublishOptions(confirm=True, restricted=True)
    with pytest.raises(CannotRun, match="not made public"):
        release.publish(host.target, options)
    assert host.public() == []
    host.spoils = set()


def test_a_doi_that_stands_by_hand_is_not_replaced(root: Path, host: Repository) -> None:
    """Nor is anything reserved while the file has errors."""
    file = root / "raw" / "releases.toml"
    for text, told in (
        ('[next.full]\ndoi = "10.1/mine"\n', "stands in .next.full. already"),
        ('[versions."1.0.0"]\nissued = "nonsense"\n', "have errors"),
    ):
        file.write_text(text)
        with pytest.raises(DataError, match=told):
            open_archive(root).reserve(host.target)
        assert file.read_text() == text
    assert host.records == {}


@pytest.mark.parametrize(
    "answer",
    [b"<html>", b"", b"[]", b"null", b'{"id": "../x"}', b'{"id": 7, "pids": {"doi": []}}',
     b'{"message": "no\\nerror: all is well\\npublished zenodo://x"}'],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 400])
def test_answers_that_are_none(
    root: Path,
    release: Release,
    host: Repository,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
    status: int,
) -> None:
    """One line that names the host; nothing is made of it, and the token is not told."""
    body = answer.replace(b"well", TOKEN.encode())
    monkeypatch.setattr("microfiche.distribute.invenio.Host._exchange", lambda *_: (status, body))
    for go in (
        lambda: open_archive(root).reserve(host.target),
        lambda: release.publish(host.target, PublishOptions(confirm=True)),
    ):
        with pytest.raises(CannotRun) as told:
            go()
        assert "\n" not in str(told.value)
        assert TOKEN not in str(told.value)
    assert Deposit(host.target, confirm=False).host.url == host.target


def test_tags_are_read_as_versions_and_checked(root: Path, run: Run, tmp_path: Path) -> None:
    """1.10 comes after 1.9, in whatever order the Hub lists them; a moved tag is found."""
    releases = [build(write(root, [record(k + 1) for k in range(n)])) for n in (1, 2, 3)]
    with serving() as hub:
        env = {**os.environ, **hub.environment, "HF_HOME": str(tmp_path / "hf")}
        for release in releases[:2]:
            assert run("publish", release.root, "hf://datasets/org/press", env=env).returncode == 0
        repository = hub.repositories["org/press"]
        repository.tags = dict(reversed(repository.tags.items()))
        done = run("publish", releases[2].root, "hf://datasets/org/press", env=env)
        assert done.returncode == 0, done.stderr
        repository.tags["v1.0.0"] = repository.tags["v1.1.0"]
        moved = run("verify", "hf://datasets/org/press@v1.0.0", env=env)
        assert moved.returncode == 3
        assert "holds version 1.1.0" in moved.stderr
        script = "import microfiche; microfiche.path('org/press', '1.0.0')"
        loaded = subprocess.run(
            [sys.executable, "-c", script], env=env, check=False, capture_output=True, text=True
        )
        assert "holds version 1.1.0" in loaded.stderr


# Wheels


def test_names_of_distributions_do_not_clash() -> None:
    """Though package names know fewer characters than ours."""
    names = ["press", "press-", "press--x", "press-x", "press-part2", "press-public"]
    assert len({distribution(each) for each in names}) == len(names)
    assert distribution("press-public") == "microfiche-data-press-public"


def test_a_wheel_with_many_creators_keeps_the_limit(tmp_path: Path) -> None:
    """What a wheel says of itself counts."""
    root = write(tmp_path / "a", [record(n) for n in range(1, 30)])
    file = root / "raw" / "dataset.toml"
    people = "".join(f'[[creators]]\nname = "Ünïcödé Person {n} {"x" * 60}"\n' for n in range(300))
    file.write_text(file.read_text() + people)
    release = build(root)
    biggest = max(each.stat().st_size for each in release.root.rglob("*") if each.is_file())
    for limit in (biggest + 120_000, biggest + 250_000):
        wheels = release.wheel(tmp_path / f"w{limit}", max_bytes=limit)
        assert all(each.size_bytes <= limit for each in wheels)


def test_a_signature_goes_along(root: Path, tmp_path: Path) -> None:
    """In a wheel as in a folder."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    release = build(root, sign=key)
    (wheel,) = release.wheel(tmp_path)
    zipfile.ZipFile(wheel.file).extractall(tmp_path / "site")
    held = open_release(tmp_path / "site/microfiche_data/press")
    assert [each for each in held.verify(key=key.with_suffix(".pub")) if not each.ok] == []


# Deposits in their order


def test_deposits_are_made_in_their_order(root: Path, host: Repository) -> None:
    """A draft before it, an older version, the draft that is reserved for another: each is told."""
    first = build(root)
    write(root, [record(1), record(2), record(3)])
    second = build(root)
    first.publish(host.target)
    with pytest.raises(DataError, match=r"version 1.0.0 is a draft there still"):
        second.publish(host.target)
    confirm = PublishOptions(confirm=True)
    first.publish(host.target, confirm)
    reserved = open_archive(root).reserve(host.target)
    with pytest.raises(DataError, match="is reserved for the next release"):
        second.publish(host.target, confirm)
    assert [each.number for each in host.public()] == ["1000"]
    write(root, [record(1), record(2), record(3), record(4)])
    third = build(root)
    assert third.manifest["doi"] == reserved.doi
    third.publish(host.target, confirm)
    with pytest.raises(DataError, match=r"1.1.0 is older than 1.2.0"):
        second.publish(host.target, confirm)
    assert len({each.concept for each in host.records.values()}) == 1


def test_reserving_stands_alone(root: Path, host: Repository, run: Run) -> None:
    """A dry run that reserves would be none."""
    for more in (("--dry-run",), ("--confirm",), ("--restricted",)):
        assert run("publish", root, host.target, "--reserve", *more).returncode == 2
    assert run("publish", build(root).root, host.target, "--access", "public").returncode == 2
    assert host.records == {}


def test_a_broken_releases_toml_stops_before_anything_is_sent(
    root: Path, release: Release, tmp_path: Path
) -> None:
    """Where it went could not be kept."""
    for broken in (b"[versions\n", b"\xff\xfe", b'[versions."1.0"]\n'):
        (root / "raw" / "releases.toml").write_bytes(broken)
        with pytest.raises(DataError, match=r"raw/releases.toml"):
            release.publish(f"file://{tmp_path}/shelf")
    assert not (tmp_path / "shelf").exists()


def test_a_folder_of_this_machine_is_told_to_nobody(root: Path, tmp_path: Path) -> None:
    """It stands in raw/releases.toml, and in no later release."""
    build(root).publish(f"file://{tmp_path}/shelf")
    later = build(write(root, [record(1), record(2), record(3)]))
    assert later.manifest["publications"] == []
    assert "shelf" not in later.read("README.md").decode()


def test_a_release_named_by_its_address_is_not_published_again(
    release: Release, tmp_path: Path
) -> None:
    """Of a folder it is one like any; of elsewhere it is to be fetched first."""
    release.publish(f"file://{tmp_path}/one")
    open_release(f"file://{tmp_path}/one/press").publish(f"file://{tmp_path}/two")
    assert (tmp_path / "two" / "press" / "1.0.0" / TAGS).is_file()


def test_a_half_published_version_is_not_opened(release: Release, tmp_path: Path) -> None:
    """By its own address either."""
    release.publish(f"file://{tmp_path}/shelf")
    (tmp_path / "shelf/press/1.0.0" / TAGS).unlink()
    for address in ("press/1.0.0", "press"):
        with pytest.raises(DataError, match=r"not published whole yet|no release here"):
            open_release(f"file://{tmp_path}/shelf/{address}")


def test_what_is_printed_is_checked_too(release: Release, run: Run) -> None:
    """A changed shard is refused, to a file and to standard output."""
    (shard,) = release.root.glob("data/articles/*.parquet")
    octets = bytearray(shard.read_bytes())
    octets[50] ^= 1
    shard.write_bytes(octets)
    done = run("export", release.root, "--out", "-")
    assert (done.returncode, done.stdout) == (3, "")


def test_a_card_edited_before_the_tag_was_set_can_be_replaced(
    release: Release, run: Run, tmp_path: Path
) -> None:
    """A run that was killed after its commit leaves no way shut."""
    with serving() as hub:
        env = {**os.environ, **hub.environment, "HF_HOME": str(tmp_path / "hf")}
        target = "hf://datasets/org/press"
        run("publish", release.root, target, env=env)
        repository = hub.repositories["org/press"]
        repository.tags.clear()
        files = dict(repository.commits[repository.head])
        repository.commit({**files, "README.md": files["README.md"] + b"\nedited\n"})
        refused = run("publish", release.root, target, env=env)
        assert "edited there since it was made: README.md" in refused.stderr
        done = run("publish", release.root, target, "--replace-card", env=env)
        assert done.returncode == 0, done.stderr
        checked = run("verify", "org/press@1.0.0", env=env)
        assert checked.returncode == 0, checked.stderr
