"""Depositing with a DOI, at a repository on loopback."""

from __future__ import annotations

import io
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, moments
from invenio import TOKEN, Record, Repository, depositing
from microfiche.distribute import deposits
from microfiche.distribute.metadata import ISO_639_3
from microfiche.distribute.publishing import PublishOptions
from microfiche.errors import CannotRun
from microfiche.library import Release, open_archive, open_release, verify
from program import Program
from small import build, outlet, record, write


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """A repository of one test, and the token for it."""
    monkeypatch.setenv("INVENIO_TOKEN", TOKEN)
    with depositing() as made:
        yield made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive without a release."""
    return write(tmp_path / "archive", [record(1), record(2)])


def published(root: Path) -> dict[str, Any]:
    """What raw/releases.toml says."""
    return tomllib.loads((root / "raw" / "releases.toml").read_text())


def unpacked(deposit: Record, name: str, folder: Path) -> Path:
    """The release in a deposit."""
    data = deposit.files[f"{name}.zip"]
    assert data is not None
    zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
    return folder / name


def test_a_reserved_doi_is_in_the_release_that_is_deposited(
    host: Repository, root: Path, run: Run, tmp_path: Path
) -> None:
    """Reserved, built, deposited, confirmed; the next version is one of the same record."""
    reserved = run("publish", root, host.target, "--reserve")
    assert reserved.returncode == 0, reserved.stderr
    doi = published(root)["next"]["full"]["doi"]
    assert doi in reserved.stdout
    assert doi in run("publish", root, host.target, "--reserve").stdout
    assert len(host.records) == 1
    release = build(root)
    assert release.manifest["doi"] == doi
    assert doi in release.read("CITATION.cff").decode()
    said = published(root)
    assert "next" not in said
    assert said["versions"]["1.0.0"]["full"]["doi"] == doi
    assert verify(release.root, rebuild=root)[-1].ok
    draft = run("publish", release.root, host.target)
    assert "deposited as a draft, which --confirm makes public" in draft.stdout, draft.stderr
    assert host.public() == []
    assert "published" not in published(root)["versions"]["1.0.0"]["full"]
    planned = run("publish", release.root, host.target, "--confirm", "--dry-run")
    assert planned.stdout.splitlines() == ["describe datacite.json", "publish the draft"]
    done = run("publish", release.root, host.target, "--confirm")
    assert done.returncode == 0, done.stderr
    (deposit,) = host.public()
    assert deposit.doi == doi
    assert [
        each for each in verify(unpacked(deposit, "press-1.0.0", tmp_path)) if not each.ok
    ] == []
    assert deposit.files["README.md"] == release.read("README.md")
    metadata = deposit.body["metadata"]
    assert (metadata["title"], metadata["version"]) == ("Press captures", "1.0.0")
    assert metadata["publication_date"] == release.manifest["date"]
    where = f"{host.target}/records/{deposit.number}"
    assert published(root)["versions"]["1.0.0"]["full"]["published"] == [where]
    again = run("publish", release.root, host.target, "--confirm")
    assert again.stdout == f"{where}: published already, nothing changed\n"
    write(root, [record(1), record(2), record(3)])
    run("publish", root, host.target, "--reserve")
    later = build(root)
    assert later.manifest["doi"] not in (None, doi)
    assert run("publish", later.root, host.target, "--confirm").returncode == 0
    first, second = host.public()
    assert first.concept == second.concept
    assert second.doi == later.manifest["doi"]
    assert build(root).version == later.version == "1.1.0"


def test_a_release_without_a_doi_is_deposited_too(host: Repository, root: Path, run: Run) -> None:
    """The host gives it one; a second release is a version of the first."""
    first = build(root)
    assert run("publish", first.root, host.target, "--confirm").returncode == 0
    write(root, [record(1), record(2), record(3)])
    assert run("publish", build(root).root, host.target, "--confirm").returncode == 0
    one, two = host.public()
    assert one.concept == two.concept
    assert one.doi != two.doi
    public = build(root, "public")
    assert run("publish", public.root, host.target, "--confirm").returncode == 0
    assert len({each.concept for each in host.public()}) == 2


def test_a_large_release_is_several_zips_and_what_arrived_is_not_sent_again(
    host: Repository, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unpacked into one folder they are the release; progress is told in bytes."""
    monkeypatch.setattr(deposits, "MAX_ZIP", 40_000)
    release = build(root)

    def fail(_number: int, what: str) -> None:
        if "part-02" in what and what.endswith("/content"):
            raise ConnectionResetError("the line broke")

    host.on_request = fail
    with pytest.raises(CannotRun):
        release.publish(host.target)
    host.on_request = lambda _number, _what: None
    host.requests.clear()
    told: list[tuple[int, int]] = []

    def report(stage: str, done: int, total: int) -> None:
        if stage == "uploading":
            told.append((done, total))

    release.publish(host.target, PublishOptions(confirm=True, progress=report))
    (deposit,) = host.public()
    zips = sorted(name for name in deposit.files if name.endswith(".zip"))
    assert len(zips) > 2
    assert zips[0] == f"press-1.0.0.part-01-of-{len(zips):02}.zip"
    assert not any("part-01" in each for each in host.requests)
    assert told[-1] == (total := told[0][1], total)
    assert total == sum(len(deposit.files[name] or b"") for name in zips[1:])
    for name in zips:
        zipfile.ZipFile(io.BytesIO(deposit.files[name] or b"")).extractall(tmp_path / "out")
    assert all(each.ok for each in verify(tmp_path / "out" / "press-1.0.0"))


def test_a_host_is_told_what_datacite_is(host: Repository, root: Path, run: Run) -> None:
    """Language, dates and related works by the words of the host."""
    dataset = root / "raw" / "dataset.toml"
    more = 'base_url = "https://press.example/data"\nfunding = "A fund"\n'
    dataset.write_text(more + dataset.read_text())
    build(root)
    write(root, [record(1), record(2), record(3)])
    dataset.write_text(more + dataset.read_text())
    release = build(root)
    assert run("publish", release.root, host.target, "--confirm").returncode == 0
    metadata = host.public()[0].body["metadata"]
    assert metadata["languages"] == [{"id": "eng"}]
    assert {each["type"]["id"] for each in metadata["dates"]} == {"collected", "other"}
    assert metadata["related_identifiers"] == [
        {
            "identifier": "https://press.example/data/press/1.0.0/",
            "scheme": "url",
            "relation_type": {"id": "isnewversionof"},
            "resource_type": {"id": "dataset"},
        }
    ]
    assert metadata["funding"] == [{"funder": {"name": "A fund"}}]
    assert len(ISO_639_3) == 184


def test_a_restricted_release_has_restricted_files(
    host: Repository, tmp_path: Path, run: Run
) -> None:
    """The record is public, its files are not."""
    release = build(write(tmp_path / "a", [record(1), record(2)], outlet(basis=None)))
    assert run("publish", release.root, host.target, "--confirm").returncode == 3
    done = run("publish", release.root, host.target, "--confirm", "--restricted")
    assert done.returncode == 0, done.stderr
    (deposit,) = host.public()
    assert deposit.body["access"] == {"record": "public", "files": "restricted"}


def test_what_the_host_refuses_is_told(
    host: Repository, root: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token, a wrong one, another's deposit, a release that lies elsewhere: never the token."""
    release = build(root)
    told = []
    for value, code, what in (("", 4, "set INVENIO_TOKEN"), ("wrong-secretsecret", 4, "403")):
        monkeypatch.setenv("INVENIO_TOKEN", value)
        done = run("publish", release.root, host.target)
        told.append(done.stderr + done.stdout)
        assert (done.returncode, what in done.stderr) == (code, True), done.stderr
    monkeypatch.setenv("INVENIO_TOKEN", TOKEN)
    for target in ("zenodo://127.0.0.1:9", f"{host.target}/records/7"):
        done = run("publish", release.root, target)
        told.append(done.stderr)
        assert done.returncode in (2, 4)
        assert "Traceback" not in done.stderr
    run("publish", root, host.target, "--reserve", "--access", "public")
    public = build(root, "public")
    moved = tmp_path / "elsewhere" / "press-public" / "1.0.0"
    moved.parent.mkdir(parents=True)
    public.root.rename(moved)
    lost = run("publish", moved, host.target)
    assert "lies in no archive's dist/" in lost.stderr
    assert not any("secretsecret" in each for each in told)
    assert not any("secretsecret" in f.read_text() for f in (root / "raw").glob("*.toml"))


def test_a_doi_is_given_to_one_version_alone(host: Repository, root: Path, run: Run) -> None:
    """Though the build is killed before it takes note of having used it."""
    run("publish", root, host.target, "--reserve")
    reserved = (root / "raw" / "releases.toml").read_text()
    first = build(root)
    (root / "raw" / "releases.toml").write_text(reserved)
    write(root, [record(1), record(2), record(3)])
    assert build(root).manifest["doi"] is None
    assert first.manifest["doi"] is not None


MOST_REQUESTS = 30


def test_killed_at_each_request_to_a_host_a_second_run_completes(
    root: Path, run: Run, host: Repository
) -> None:
    """From the reservation on; nothing is public that is not whole."""
    reached = []
    for at in moments(1, MOST_REQUESTS):
        host.records.clear()
        host.requests.clear()
        (root / "raw" / "releases.toml").unlink(missing_ok=True)
        for folder in (root / "dist").glob("*/*"):
            subprocess.run(["rm", "-r", folder], check=True)
        killed: list[int] = []
        for step in ("reserve", "publish"):
            arguments = [root, host.target, "--reserve"]
            if step == "publish":
                arguments = [build(root).root, host.target, "--confirm"]
            program = Program("publish", *arguments)

            def kill(number: int, _what: str, at: int = at, program: Program = program) -> None:
                if number == at:
                    program.kill()

            host.on_request = kill
            program.start().done()
            host.on_request = lambda _number, _what: None
            whole = [each.files.keys() == each.finished and each.files for each in host.public()]
            assert all(whole)
            if program.was_killed:
                killed.append(at)
                done = run("publish", *arguments)
                assert done.returncode == 0, done.stderr
        reached.append(bool(killed))
        (deposit,) = host.public()
        release: Release = open_release(root / "dist" / "press" / "1.0.0")
        assert deposit.doi == release.manifest["doi"]
        assert len(host.records) == 1, "no draft is left behind"
        assert open_archive(root).releases["1.0.0"]["full"]["published"]
    assert reached[0]
    assert not reached[-1], "there are more requests than were tried"
