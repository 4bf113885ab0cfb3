"""Data wheels: the same bytes anywhere, files and no code, split where an index takes no more."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from conftest import Run
from microfiche.errors import CannotRun, DataError
from microfiche.library import open_release
from small import build, outlet, prose, record, write


def bytes_of(wheel: Path) -> bytes:
    return wheel.read_bytes()


def page(wheel: Path, name: str) -> str:
    """A file of a wheel's dist-info."""
    with zipfile.ZipFile(wheel) as package:
        (path,) = (each for each in package.namelist() if each.endswith(f".dist-info/{name}"))
        return package.read(path).decode()


def released(root: Path, n: int = 3, *outlets: str) -> Path:
    """A release of `n` articles, which may leave."""
    return build(write(root, [record(number + 1) for number in range(n)], *outlets)).root


def test_a_wheel_is_the_same_bytes_wherever_the_release_lies(tmp_path: Path) -> None:
    """Two copies of one archive, two folders; a second time nothing is written."""
    wheels = []
    for name in ("one", "two"):
        release = open_release(released(tmp_path / name))
        (wheel,) = release.wheel(tmp_path / name / "wheels")
        wheels.append(wheel)
        assert release.wheel(tmp_path / name / "wheels") == [wheel]
    assert bytes_of(wheels[0].file) == bytes_of(wheels[1].file)
    assert wheels[0].sha256 == hashlib.sha256(bytes_of(wheels[0].file)).hexdigest()
    assert wheels[0].requirement == (
        f"microfiche-data-press==1.0.0 --hash=sha256:{wheels[0].sha256}"
    )


def test_record_and_metadata_are_what_the_specification_says(tmp_path: Path) -> None:
    """Each file with its digest and size, the wheel's own name; no code, no compression."""
    (wheel,) = open_release(released(tmp_path / "a")).wheel(tmp_path)
    listed = {row[0]: row[1:] for row in csv.reader(io.StringIO(page(wheel.file, "RECORD")))}
    with zipfile.ZipFile(wheel.file) as package:
        assert package.testzip() is None
        entries = package.infolist()
        assert listed.keys() == {each.filename for each in entries}
        assert {each.date_time for each in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert {each.external_attr >> 16 for each in entries} == {0o100644}
        assert not any(each.filename.endswith((".py", ".pth", ".so")) for each in entries)
        for each in entries[:-1]:
            digest = hashlib.sha256(package.read(each)).digest()
            said = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            assert listed[each.filename] == [f"sha256={said}", str(each.file_size)]
    said = Parser().parsestr(page(wheel.file, "METADATA"))
    assert (said["Name"], said["Version"]) == ("microfiche-data-press", "1.0.0")
    assert page(wheel.file, "entry_points.txt") == (
        "[microfiche.datasets]\npress = microfiche_data.press\n"
    )


def test_a_title_writes_no_field_of_its_own(tmp_path: Path) -> None:
    """A newline in a title or a name begins no line of METADATA."""
    root = write(tmp_path / "a", [record(1)])
    file = root / "raw" / "dataset.toml"
    file.write_text(
        file.read_text().replace('"Press captures"', '"Press\\nRequires-Dist: evil\\n\\ncode"')
    )
    (wheel,) = build(root).wheel(tmp_path)
    said = Parser().parsestr(page(wheel.file, "METADATA"))
    assert said["Summary"] == "Press Requires-Dist: evil code, full release"
    assert said.get_all("Requires-Dist") is None


def test_a_release_above_the_limit_is_split(tmp_path: Path) -> None:
    """Each wheel is below it, together they hold each file once, the first requires the others."""
    release = open_release(released(tmp_path / "a", 40))
    (whole,) = release.wheel(tmp_path / "whole")
    biggest = max(each.stat().st_size for each in release.root.rglob("*") if each.is_file())
    limit = biggest + 40_000
    assert whole.size_bytes > limit
    wheels = release.wheel(tmp_path / "parts", max_bytes=limit)
    assert len(wheels) > 1
    assert all(each.size_bytes <= limit for each in wheels)
    held = [
        name
        for each in wheels
        for name in zipfile.ZipFile(each.file).namelist()
        if ".dist-info/" not in name
    ]
    want = [n for n in zipfile.ZipFile(whole.file).namelist() if ".dist-info/" not in n]
    assert sorted(held) == sorted(want)
    said = Parser().parsestr(page(wheels[0].file, "METADATA"))
    others = [f"{each.name} (==1.0.0)" for each in wheels[1:]]
    assert said.get_all("Requires-Dist") == others


def test_a_file_that_no_wheel_holds_is_refused_with_the_way_out(tmp_path: Path) -> None:
    """Nothing is left behind."""
    release = released(tmp_path / "a")
    with pytest.raises(DataError, match=r"alone has .* more than a wheel of 9,000 bytes holds"):
        open_release(release).wheel(tmp_path / "out", max_bytes=9_000)
    assert list((tmp_path / "out").glob("*")) == []


def test_what_may_not_leave_makes_no_wheel(tmp_path: Path, run: Run) -> None:
    """A draft never; a restricted release only where it stays private, and marked so."""
    bare = outlet(basis=None)
    release = released(tmp_path / "a", 2, bare)
    refused = run("wheel", release, "--out", tmp_path / "out")
    assert refused.returncode == 3
    assert "is restricted" in refused.stderr
    done = run("wheel", release, "--out", tmp_path / "out", "--restricted")
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "out").glob("*.whl")
    said = Parser().parsestr(page(wheel, "METADATA"))
    assert "Private :: Do Not Upload" in said.get_all("Classifier", [])
    draft = write(tmp_path / "b", [record(1, text=prose(1))])
    (draft / "raw" / "dataset.toml").write_text('name = "press"\ntitle = "Press"\n')
    refused = run("wheel", build(draft).root, "--out", tmp_path / "out2", "--restricted")
    assert refused.returncode == 3
    assert "is a draft" in refused.stderr


def test_a_broken_release_makes_no_wheel(tmp_path: Path) -> None:
    """Each file is hashed on the way in; a wheel of that version that is there stays."""
    root = released(tmp_path / "a")
    (wheel,) = open_release(root).wheel(tmp_path)
    (root / "DATASHEET.md").write_text("forged\n")
    with pytest.raises(DataError, match=r"DATASHEET.md: not what the manifest says"):
        open_release(root).wheel(tmp_path / "other")
    other = open_release(released(tmp_path / "b", 4))
    with pytest.raises(CannotRun, match="is there with other content"):
        other.wheel(tmp_path)
    assert hashlib.sha256(bytes_of(wheel.file)).hexdigest() == wheel.sha256


def test_the_command_prints_what_requirements_txt_needs(tmp_path: Path, run: Run) -> None:
    """And JSON for programs."""
    release = released(tmp_path / "a")
    done = run("wheel", release, "--out", tmp_path)
    *_, line = done.stdout.splitlines()
    assert line.startswith("microfiche-data-press==1.0.0 --hash=sha256:")
    assert (
        '"name": "microfiche-data-press"'
        in run("wheel", release, "--out", tmp_path, "--format", "json").stdout
    )
