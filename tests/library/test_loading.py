"""Loading releases, by name and by folder, with our reader and with others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

import microfiche
from microfiche.errors import DataError, UsageError
from microfiche.fixity import file_digest, sha256_hex
from microfiche.library import open_release, path, verify
from microfiche.release.bag import manifest_lines
from small import build, record, write

GAZETTE = path("gazette")


LOAD = "import sys, microfiche\nfor p in sys.argv[1:]:\n print(len(microfiche.load_dataset(p)['train']))"


def small_release(root: Path, count: int) -> Path:
    """A release of `count` articles in root/x/1.0.0."""
    from hosts import capture, released

    return released(
        root, *(capture(n, url=f"https://courier.example/{n}") for n in range(count))
    ).root


def test_two_releases_of_one_name_load_their_own_rows(tmp_path: Path) -> None:
    """Equal folder names in different places: in one process, and in two with one cache."""
    left, right = small_release(tmp_path / "left", 2), small_release(tmp_path / "right", 5)
    assert left.name == right.name
    together = subprocess.run(
        [sys.executable, "-c", LOAD, left, right, left], capture_output=True, text=True, check=True
    )
    assert together.stdout.split() == ["2", "5", "2"]
    for folder, count in ((left, "2"), (right, "5")):
        alone = subprocess.run(
            [sys.executable, "-c", LOAD, folder], capture_output=True, text=True, check=True
        )
        assert alone.stdout.split() == [count]
    from datasets import load_dataset

    assert len(load_dataset(str(left), split="train")) == 2
    assert len(load_dataset(str(right), split="train")) == 5


def test_load_dataset_by_name_and_config() -> None:
    """The embedded Gazette by its name; other tables by theirs; a clear error otherwise."""
    row = microfiche.load_dataset("gazette")["train"][0]
    assert row["article_id"] == "gazette:g-101"
    captures = microfiche.load_dataset("gazette", "captures", split="train")
    assert "not_found" in captures["outcome"]
    with pytest.raises(DataError, match="have articles"):
        microfiche.load_dataset("gazette", "rejected")
    with pytest.raises(DataError, match="no data wheel"):
        microfiche.load_dataset("no-such-thing")


def versions(root: Path) -> Path:
    """An archive with releases 1.0.0, 1.1.0 and 2.0.0 under dist/."""
    for n in (1, 2):
        build(write(root, [record(each) for each in range(1, n + 1)]))
    line = {"article_id": "courier:n-1", "reason": "copyright", "date": "2026-01-01"}
    file = root / "raw" / "withdrawals.jsonl"
    file.write_text(json.dumps({**line, "authority": "desk"}) + "\n")
    build(root)
    return root


def test_a_name_and_a_range_of_versions_find_a_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In dist/ here, in an archive's, in a folder of releases; the newest that fits."""
    root = versions(tmp_path / "press")
    for here, name in ((root, "press"), (tmp_path, "press"), (tmp_path, "press/dist/press")):
        monkeypatch.chdir(here)
        assert path(name).name == "2.0.0"
        assert path(name, ">=1.1,<2").name == path(f"{name}@1.1.0").name == "1.1.0"
        assert path(name, "v1.0.0").name == path(name, "<1.1").name == "1.0.0"
    rows = microfiche.load_dataset("press", version=">=1.1,<2", split="train")
    assert len(rows) == 2
    assert len(microfiche.load_dataset("press", "captures", version="1.0.0")["train"]) == 1
    streamed = microfiche.load_dataset("press", split="train", streaming=True, columns=["title"])
    assert list(streamed) == [{"title": "Piece 2"}]
    for wrong in (">=3", "==1.0.7", "1.2"):
        with pytest.raises(DataError, match=r"no release fits .* there are 1.0.0 \(folder"):
            path("press", wrong)
    with pytest.raises(DataError, match=r"no release fits >=2; there are 1.1.0 \(folder"):
        path(root / "dist" / "press" / "1.1.0", ">=2")
    with pytest.raises(UsageError, match="no range of versions"):
        path("press", "newest")


def test_what_is_not_found_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked for, where, and what there is instead."""
    monkeypatch.chdir(tmp_path)
    looked = (
        r"no data wheel 'nothing' is installed, and there is no release in dist/nothing, here or"
    )
    with pytest.raises(DataError, match=rf"{looked}.*gazette"):
        microfiche.load_dataset("nothing")
    (tmp_path / "Empty Folder").mkdir()
    with pytest.raises(DataError, match="no release in this folder"):
        path("Empty Folder")
    with pytest.raises(DataError, match="no such folder"):
        path("No Such")


def test_names_that_a_reader_would_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive's folder whatever it is called, its public line by name, a version said twice."""
    root = versions(tmp_path / "house")
    build(root, "public")
    monkeypatch.chdir(tmp_path)
    assert path("./house") == path(Path("house")) == path("press")
    assert path("press-public").parent.name == "press-public"
    with pytest.raises(UsageError, match="the version is given twice"):
        path("press@1.0.0", ">=1")
    with pytest.raises(DataError, match="a name that is here: gazette, press, press-public"):
        path("nothing")
    shutil.copytree(root / "dist" / "press", root / "dist" / "other")
    with pytest.raises(DataError, match=r"several datasets; give one of house/dist/other, "):
        path("house")


def test_what_was_published_is_loaded_by_its_address(tmp_path: Path) -> None:
    """Of a folder as of a store: a release, or the newest of a dataset that fits."""
    root, target = versions(tmp_path / "a"), f"file://{tmp_path}/shelf"
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        open_release(root / "dist" / "press" / version).publish(target)
    assert len(microfiche.load_dataset(f"{target}/press", version="<2")["train"]) == 2
    assert open_release(f"{target}/press@1.0.0").version == "1.0.0"
    assert path(f"{target}/press/1.1.0").name == "1.1.0"
    for wrong, told in (
        (f"{target}/press/9.0.0", "no release here; give the folder of one"),
        (f"{target}/press@9.0.0", "no release that fits 9.0.0; there are 1.0.0"),
    ):
        for ask in (path, open_release, verify):
            with pytest.raises(DataError, match=told):
                ask(wrong)


def unpacked(wheels: Iterable[Path], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay wheels where imports look, as an installer does."""
    for wheel in wheels:
        zipfile.ZipFile(wheel).extractall(place)
    monkeypatch.syspath_prepend(str(place))


def test_a_data_wheel_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without importing anything of it; the release in it verifies; dist/ may hold a newer one."""
    root = versions(tmp_path / "press")
    (wheel,) = open_release(root / "dist/press/1.1.0").wheel(tmp_path)
    monkeypatch.chdir(tmp_path / "press" / "raw")
    with pytest.raises(DataError):
        path("press")
    unpacked([wheel.file], tmp_path / "site", monkeypatch)
    found = path("press", ">=1.1,<2")
    assert found == tmp_path / "site/microfiche_data/press"
    assert len(microfiche.load_dataset("press")["train"]) == 2
    assert [verdict for verdict in verify(found) if not verdict.ok] == []
    assert not any(name.startswith("microfiche_data") for name in sys.modules)
    monkeypatch.chdir(root)
    assert path("press").name == "2.0.0"
    assert path("press", "1.1.0") == found


def test_a_wheel_without_its_other_parts_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which file is missing, and that a wheel may be."""
    release = build(write(tmp_path / "a", [record(n) for n in range(1, 40)]))
    biggest = max(each.stat().st_size for each in release.root.rglob("*") if each.is_file())
    first, *others = release.wheel(tmp_path, max_bytes=biggest + 40_000)
    unpacked([first.file], tmp_path / "site", monkeypatch)
    with pytest.raises(
        DataError, match="the file is missing; install every part of its data wheel"
    ):
        path("press")
    unpacked([each.file for each in others], tmp_path / "site", monkeypatch)
    assert len(microfiche.load_dataset("press")["train"]) == 39


def test_fixity_is_checked_before_rows_are_read(tmp_path: Path) -> None:
    """A changed file is named, though its size and its time are those of before."""
    root = small_release(tmp_path, 3)
    assert len(microfiche.load_dataset(root)["train"]) == 3
    (shard,) = root.glob("data/articles/*.parquet")
    octets, at = bytearray(shard.read_bytes()), shard.stat()
    octets[40] ^= 1
    shard.write_bytes(octets)
    os.utime(shard, ns=(at.st_atime_ns, at.st_mtime_ns))
    for load in (microfiche.load_dataset, path):
        with pytest.raises(DataError, match=f"{shard.name}: SHA-256 is"):
            load(root)
    assert len(microfiche.load_dataset(root, "captures")["train"]) == 3


def test_a_card_that_names_other_files_is_not_loaded(tmp_path: Path) -> None:
    """A card drives what `datasets` reads: it may name the release's own files only."""
    root = small_release(tmp_path, 3)
    (shard,) = root.glob("data/articles/*.parquet")
    name = shard.relative_to(root).as_posix()
    card = (root / "README.md").read_text("utf-8")
    (root / "README.md").write_text(card.replace(f"- {name}", f"- ../{name}", 1), "utf-8")
    others = {
        file.relative_to(root).as_posix(): sha256_hex(file.read_bytes())
        for file in root.rglob("*")
        if file.is_file() and "data/" not in str(file.relative_to(root))
    }
    others.pop("tagmanifest-sha256.txt")
    (root / "tagmanifest-sha256.txt").write_bytes(manifest_lines(others))
    with pytest.raises(DataError, match="does not list the files of its table"):
        microfiche.load_dataset(root)


def test_fixity_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is hashed once, then only when it is another; a lost cache costs a hash."""
    root, hashed = small_release(tmp_path, 3), []

    def counted(file: Path) -> tuple[int, str]:
        hashed.append(file.relative_to(root).as_posix())
        return file_digest(file)

    monkeypatch.setattr("microfiche.verify.remembered.file_digest", counted)
    path(root)
    assert len(hashed) == len(set(hashed)) > 10
    hashed.clear()
    path(root)
    assert hashed == []
    (root / "README.md").write_bytes((root / "README.md").read_bytes())
    path(root)
    assert hashed == ["README.md"]
    for file in (tmp_path / "cache" / "fixity").iterdir():
        file.write_text('{"README.md": 7}')
    path(root)
    assert len(hashed) > 10
    monkeypatch.setenv("MICROFICHE_CACHE", "/dev/null/none")
    hashed.clear()
    path(root)
    path(root)
    assert hashed.count("README.md") == 2


def test_what_belongs_to_an_article_in_one_call() -> None:
    """From a row or an id: captures, revisions with texts, the outlet."""
    gazette = open_release("gazette", "1.1.0")
    row = next(each for each in gazette.rows("articles") if each["n_revisions"] > 1)
    for asked in (row, row["article_id"]):
        found = gazette.related(asked)
        assert found.article == row
        assert {each["article_id"] for each in found.captures} == {row["article_id"]}
        assert len(found.revisions) == row["n_revisions"]
        assert found.revisions[-1]["text"] == row["text"]
        assert found.outlet["outlet_id"] == row["outlet_id"]
    with pytest.raises(DataError, match="no article"):
        gazette.related("gazette:none")


def test_other_readers_read_the_shards() -> None:
    """DuckDB sees the same rows."""
    import duckdb

    rows = duckdb.read_parquet(f"{GAZETTE}/data/articles/*.parquet").select("title").fetchall()
    assert len(rows) == len(microfiche.load_dataset("gazette")["train"])
