"""Publishing to a Hub on loopback, and reading from it with the Hub's own clients."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Run, moments
from hub import Hub, serving
from microfiche.library import Release, open_release
from program import Program
from small import build, outlet, record, write

REPO = "hf://datasets/org/press"
ROWS = """
import datasets, json, sys
loaded = datasets.load_dataset("org/press", revision=sys.argv[1], split="train")
streamed = datasets.load_dataset("org/press", revision=sys.argv[1], split="train", streaming=True)
captures = datasets.load_dataset("org/press", "captures", revision=sys.argv[1], split="train")
rows = [sorted(row["record_sha256"] for row in each) for each in (loaded, streamed, captures)]
import microfiche
found = microfiche.load_dataset("org/press", split="train", version=sys.argv[1])
rows.append(sorted(found["record_sha256"]))
rows.append(str(microfiche.path("org/press", sys.argv[1])))
print(json.dumps(rows))
"""


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A Hub of one test."""
    with serving() as made:
        yield made


@pytest.fixture
def environment(hub: Hub, tmp_path: Path) -> dict[str, str]:
    """What clients are started with."""
    return {**os.environ, **hub.environment, "HF_HOME": str(tmp_path / "hub-home")}


@pytest.fixture
def releases(tmp_path: Path) -> list[Release]:
    """Two releases of an archive."""
    root = tmp_path / "archive"
    return [build(write(root, [record(each) for each in range(1, n + 1)])) for n in (2, 3)]


def digests(release: Release, table: str = "articles") -> list[str]:
    """Digests of a table's rows, sorted."""
    return sorted(row["record_sha256"] for row in release.rows(table))


def changing(hub: Hub) -> list[str]:
    """Requests that changed something."""
    return [each for each in hub.requests if each.partition(" ")[0] in ("POST", "PUT")]


def python(script: str, *arguments: str, env: dict[str, str]) -> str:
    """What a fresh process prints."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_what_is_published_is_what_every_client_reads(
    hub: Hub, environment: dict[str, str], releases: list[Release], run: Run, tmp_path: Path
) -> None:
    """`datasets`, streaming too, microfiche, and the `hf` command; `verify` accepts a snapshot."""
    for release in releases:
        done = run("publish", release.root, REPO, env=environment)
        assert done.returncode == 0, done.stderr
        assert f"published {REPO}@v{release.version}" in done.stdout
    for release in releases:
        rows = json.loads(python(ROWS, f"v{release.version}", env=environment))
        assert rows[:2] == [digests(release)] * 2
        assert rows[2:4] == [digests(release, "captures"), digests(release)]
        checked = run("verify", rows[4])
        assert checked.returncode == 0, checked.stdout
        assert "left alone, as hosts add them: .gitattributes" in checked.stdout
    there = run("verify", f"{REPO}@v1.0.0", env=environment)
    assert there.returncode == 0, there.stdout + there.stderr
    assert "the release holds" in there.stdout
    fetched = tmp_path / "fetched"
    hf = Path(sys.executable).parent / "hf"
    command = [hf, "download", "org/press", "--repo-type", "dataset", "--revision", "v1.1.0"]
    subprocess.run(
        [*command, "--local-dir", fetched], env=environment, check=True, capture_output=True
    )
    assert run("verify", fetched).returncode == 0
    assert (fetched / "README.md").read_bytes() == releases[1].read("README.md")


CARD = """
import sys
from datasets import DatasetInfo
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCard
card = DatasetCard.load(sys.argv[1])
card.validate(repo_type="dataset")
infos = DatasetInfosDict.from_dataset_card_data(card.data)
print(sorted(infos), card.data.license, infos["articles"].splits["train"].num_examples)
"""


def test_the_card_is_one_by_the_hubs_own_validator(
    environment: dict[str, str], releases: list[Release]
) -> None:
    """And `datasets` reads every config's columns and counts from it."""
    told = python(CARD, str(releases[1].root / "README.md"), env=environment)
    assert "['articles', 'captures', 'changes'" in told
    assert told.split()[-1] == "3"
    card = releases[1].read("README.md").decode()
    for table in ("articles", "captures", "revisions", "outlets", "coverage"):
        part = card.partition(f"### Columns of `{table}`")[2].partition("###")[0]
        for name, _, _, text in releases[1].kind(table).field_rows():
            assert f"| `{name}` |" in part
            assert text
    assert 'load_dataset("ORG/NAME", revision="v1.1.0"' in card
    assert "Of the texts it shows 3 whole, 0 masked, and none of 0." in card


def test_nothing_is_published_twice(
    hub: Hub, environment: dict[str, str], releases: list[Release], run: Run, tmp_path: Path
) -> None:
    """The same changes nothing; other content, an older version, another dataset are refused."""
    first, second = releases
    planned = run("publish", first.root, REPO, "--dry-run", env=environment)
    assert planned.stdout.splitlines()[0] == "create org/press"
    assert planned.stdout.splitlines()[-1] == "tag v1.0.0"
    assert changing(hub) == []
    run("publish", second.root, REPO, env=environment)
    hub.requests.clear()
    again = run("publish", second.root, REPO, env=environment)
    assert again.stdout == f"{REPO}@v1.1.0: published already, nothing changed\n"
    assert changing(hub) == []
    older = run("publish", first.root, REPO, env=environment)
    assert (older.returncode, "1.0.0 is older than 1.1.0" in older.stderr) == (3, True)
    other = write(tmp_path / "other", [record(9), record(10)])
    build(other)
    forged = build(write(other, [record(9), record(10), record(11)]))
    refused = run("publish", forged.root, REPO, env=environment)
    assert refused.returncode == 4
    assert "version 1.1.0 is published with other content" in refused.stderr
    gazette = run("publish", "gazette@2.0.0", REPO, env=environment)
    assert gazette.returncode == 3
    assert "holds releases of press" in gazette.stderr
    assert hub.repositories["org/press"].tags.keys() == {"v1.1.0"}
    assert (tmp_path / "archive" / "raw" / "releases.toml").read_text().count(REPO) == 1


def test_a_card_that_was_edited_there_is_not_lost(
    hub: Hub, environment: dict[str, str], releases: list[Release], run: Run
) -> None:
    """It is shown, and replaced only if that is asked for; other files too."""
    first, second = releases
    run("publish", first.root, REPO, env=environment)
    repository = hub.repositories["org/press"]
    files = dict(repository.commits[repository.head])
    files["README.md"] += b"\nA note of the community.\n"
    files["thumbnail.png"] = b"png"
    repository.commit(files)
    refused = run("publish", second.root, REPO, env=environment)
    assert refused.returncode == 3
    assert "edited there since v1.0.0: README.md, thumbnail.png" in refused.stderr
    assert "+A note of the community." in refused.stderr
    assert run("publish", second.root, REPO, "--replace-card", env=environment).returncode == 0
    assert run("verify", f"{REPO}@v1.1.0", env=environment).returncode == 0


def test_restricted_and_public_releases_stay_apart(
    hub: Hub, environment: dict[str, str], run: Run, tmp_path: Path
) -> None:
    """A restricted release goes where it is private or gated; both accesses only where private."""
    root = write(tmp_path / "a", [record(1), record(2)], outlet(basis=None))
    full, public = build(root), build(root, "public")
    assert run("publish", full.root, REPO, env=environment).returncode == 3
    assert run("publish", full.root, REPO, "--restricted", env=environment).returncode == 0
    repository = hub.repositories["org/press"]
    assert repository.private
    repository.private = False
    write(root, [record(1), record(2), record(3)], outlet(basis=None))
    full, public = build(root), build(root, "public")
    exposed = run("publish", full.root, REPO, "--restricted", env=environment)
    assert exposed.returncode == 3
    assert "is public, and the release is restricted (courier)" in exposed.stderr
    mixed = run("publish", public.root, REPO, env=environment)
    assert mixed.returncode == 3
    assert "holds the full releases, and is not private" in mixed.stderr
    repository.gated = True
    assert run("publish", full.root, REPO, "--restricted", env=environment).returncode == 0


def test_no_secret_is_told(
    hub: Hub, environment: dict[str, str], releases: list[Release], run: Run, tmp_path: Path
) -> None:
    """The token goes to the Hub and nowhere else."""
    done = run("publish", releases[0].root, REPO, env=environment)
    assert hub.tokens == {"Bearer hf_secretsecret"}
    told = [done.stdout, done.stderr]
    told += [f.read_text("utf-8") for f in (tmp_path / "archive" / "raw").rglob("*.toml")]
    assert not any("secretsecret" in each for each in told)


def test_what_is_not_there_is_told(hub: Hub, environment: dict[str, str], run: Run) -> None:
    """No dataset, none of ours, none that fits, no network: a line with the remedy."""
    for name, env, told in (
        ("org/none", environment, "no such dataset, or a private one"),
        ("org/none", {**environment, "HF_HUB_OFFLINE": "1"}, "the Hub is switched off"),
        ("org/none", {**environment, "HF_ENDPOINT": "http://127.0.0.1:9"}, "check the network"),
    ):
        done = run("verify", f"hf://datasets/{name}@v1.0.0", env=env)
        assert done.returncode == 4, done
        assert told in done.stderr
        assert done.stderr.count("\n") == 1
    from hub import Repository

    hub.repositories["org/foreign"] = foreign = Repository("org/foreign")
    foreign.commit({"data.csv": b"a\n1\n"})
    done = run("verify", "hf://datasets/org/foreign", env=environment)
    assert "not a dataset that microfiche published" in done.stderr
    for wrong in ("hf://models/org/x", "nowhere", "s3://", "hf://datasets/org"):
        assert run("publish", "gazette", wrong, env=environment).returncode == 2, wrong


def killing(hub: Hub, program: Program, at: int) -> None:
    """Have a program killed as its request number `at` arrives."""

    def kill(number: int, _what: str) -> None:
        if number == at:
            program.kill()

    hub.on_request = kill


def published(hub: Hub) -> dict[str, dict[str, bytes]]:
    """The files of each tag, but for the host's own."""
    repository = hub.repositories.get("org/press")
    if repository is None:
        return {}
    found = {tag: dict(repository.commits[at]) for tag, at in repository.tags.items()}
    for files in found.values():
        files.pop(".gitattributes")
    return found


def files_of(release: Release) -> dict[str, bytes]:
    """The files of a release."""
    held = (file for file in release.root.rglob("*") if file.is_file())
    return {file.relative_to(release.root).as_posix(): file.read_bytes() for file in held}


MOST_REQUESTS = 26


@pytest.mark.parametrize("there", range(2))
def test_killed_at_each_request_a_second_run_completes(
    environment: dict[str, str], releases: list[Release], run: Run, there: int
) -> None:
    """The first release, which makes the dataset, or the second: no reader sees half of it."""
    release = releases[there]
    expected = {f"v{each.version}": files_of(each) for each in releases[: there + 1]}
    with serving() as hub:
        env = {**environment, **hub.environment}
        for each in releases[:there]:
            assert run("publish", each.root, REPO, env=env).returncode == 0
        before = copy.deepcopy((hub.repositories, hub.objects))
        reached = []
        for at in moments(1 + there, MOST_REQUESTS):
            hub.repositories, hub.objects = copy.deepcopy(before)
            hub.requests.clear()
            program = Program("publish", release.root, REPO, env=env)
            killing(hub, program, at)
            program.start().done()
            reached.append(program.was_killed)
            hub.on_request = lambda _number, _what: None
            seen = published(hub)
            assert seen == {tag: expected[tag] for tag in seen}
            again = run("publish", release.root, REPO, env=env)
            assert again.returncode == 0, again.stderr
            assert published(hub) == expected
    assert reached[0]
    assert not reached[-1], "there are more requests than were tried"


def test_of_two_who_publish_at_once_one_wins(
    hub: Hub, environment: dict[str, str], releases: list[Release], run: Run, tmp_path: Path
) -> None:
    """The other says so, and nothing of it is there."""
    first, second = releases
    run("publish", first.root, REPO, env=environment)
    other = write(tmp_path / "other", [record(1), record(2)])
    build(other)
    rival = build(write(other, [record(1), record(2), record(5)]))
    assert rival.version == second.version
    entered, free = threading.Event(), threading.Event()

    def hold(_number: int, what: str) -> None:
        if "/commit/" in what and not entered.is_set():
            entered.set()
            free.wait(60)

    hub.on_request = hold
    program = Program("publish", second.root, REPO, env=environment).start()
    assert entered.wait(60)
    won = run("publish", rival.root, REPO, env=environment)
    assert won.returncode == 0, won.stderr
    free.set()
    slow = program.done(60)
    assert slow.returncode == 4
    assert "somebody else changed it meanwhile" in slow.stderr
    lost = run("publish", second.root, REPO, env=environment)
    assert "version 1.1.0 is published with other content" in lost.stderr
    assert run("verify", f"{REPO}@v1.1.0", env=environment).returncode == 0
    assert open_release(rival.root).version == "1.1.0"
