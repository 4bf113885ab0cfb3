"""A release is judged by the contract that it carries, whatever this builder has come to know."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY
from microfiche.errors import DataError
from microfiche.fixity import record_digest
from microfiche.library import open_release, verify
from microfiche.release.contract import own_types, uncovered
from microfiche.schema import RecordType, table_types
from microfiche.verify.rows import FileTask, _row_faults, _withheld

KEPT = sorted((REPOSITORY / "tests" / "releases").glob("*/gazette/*"))
VERSIONS = ("1.0.0", "1.1.0", "2.0.0")


@pytest.mark.parametrize("root", KEPT, ids=lambda path: f"{path.parents[1].name}-{path.name}")
def test_releases_of_earlier_builders_hold(root: Path) -> None:
    """They verify, load, are cited, proved and compared, each by its own schemas."""
    verdicts = verify(root, load=True)
    assert [each for each in verdicts if not each.ok] == []
    release = open_release(root)
    row = release.article("gazette:g-101")
    assert release.prove("gazette:g-101")["fingerprint"] == release.fingerprint
    assert row["title"] in release.cite("apa", article="gazette:g-101")
    here = open_release(REPOSITORY / "dist" / "gazette" / root.name)
    found = release.diff(here)
    if "coverage" in release.types:
        assert here.fingerprint == release.fingerprint
        assert found.tables == {}
    else:  # it was called gaps, which is told, and every row is there but for the name of its key
        assert found.tables.keys() == {"coverage"}
        assert found.version_after("1.0.0") == ("2.0.0", ["table gaps is called coverage now"])
        was, now = (each.rows("coverage") for each in (release, here))
        for row, other in zip(was, now, strict=True):
            assert {**row, "coverage_id": row.pop("gap_id")}.items() >= {
                name: value for name, value in other.items() if name != "record_sha256"
            }.items()


def test_releases_are_kept_of_every_builder_before() -> None:
    """Three of each: the first, one with changes, one with a withdrawal."""
    builders = {path.parents[1].name for path in KEPT}
    assert "0.1.0" in builders
    assert len(KEPT) == len(builders) * len(VERSIONS)


def grown(folder: Path) -> Path:
    """A copy of the program of a later version that knows more columns, and a table more."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "builder", folder / "builder", ignore=ignored)
    shutil.copytree(REPOSITORY / "schema", folder / "schema")
    shutil.copytree(REPOSITORY / "dist", folder / "dist")
    for name in ("article", "outlet-row", "capture"):
        file = folder / "schema" / f"{name}.json"
        document = json.loads(file.read_text("utf-8"))
        add(document, "mood", {"type": ["string", "null"]})
        if name == "article":
            add(document["properties"]["provenance"], "moods", LIST)
        file.write_text(json.dumps(document), "utf-8")
    table = json.loads((folder / "schema" / "link.json").read_text("utf-8"))
    table["x-table"]["name"] = "moods"
    (folder / "schema" / "mood.json").write_text(json.dumps(table), "utf-8")
    about = folder / "builder" / "microfiche" / "about.py"
    text = about.read_text("utf-8")
    about.write_text(text.replace('VERSION = "', 'VERSION = "9'), "utf-8")
    return folder


LIST = {"type": "array", "items": {"type": "string"}}


def add(document: dict[str, Any], name: str, spec: dict[str, Any]) -> None:
    """A required field more."""
    document["properties"][name] = {"description": "How it reads.", **spec}
    document["required"].append(name)


def run_grown(root: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command of the grown copy."""
    command = [sys.executable, "-m", "microfiche.cli", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(root / "builder"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_later_builder_with_more_columns_and_tables_holds_them(tmp_path: Path) -> None:
    """The Gazette's three releases verify, load, are compared, shown, cited and proved by it."""
    root = grown(tmp_path / "grown")
    assert "microfiche 9" in run_grown(root, "--version").stdout
    places = [root / "dist" / "gazette" / version for version in VERSIONS]
    for place in places:
        load = ("--load",) if place == places[-1] else ()
        done = run_grown(root, "verify", place, *load)
        assert done.returncode == 0, done.stdout
        assert "in what they state" in done.stdout
    for command in ("show", "cite", "prove"):
        article = ("--article", "gazette:g-101") if command == "cite" else ("gazette:g-101",)
        shown = run_grown(root, command, places[-1], *article)
        assert shown.returncode == 0, shown.stderr
        assert "g-101" in shown.stdout
    for old, new in pairwise(places):
        done = run_grown(root, "diff", old, new)
        assert done.returncode == 0, done.stderr
        assert "mood" not in done.stdout
        own = open_release(old).diff(open_release(new)).version_after(old.name)[0]
        assert f"would be {own}" in done.stdout
    done = run_grown(root, "cite", places[0], "--where", "mood == 'glad'")
    assert done.returncode == 2
    assert "articles have no column 'mood'" in done.stderr


def test_what_only_the_builder_knows_is_unknown_of_a_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its columns are null or empty, also within structs, and its tables have no rows."""
    code = (
        "from microfiche import open_release, path\n"
        "release = open_release(path('gazette'))\n"
        "row = release.article('gazette:g-101')\n"
        "print(row['mood'], row['provenance']['moods'])\n"
        "print(set(release.table('articles', ['mood', 'article_id'])['mood'].to_pylist()))\n"
        "print(len(release.table('moods')), 'moods' in release.types)\n"
    )
    root = grown(tmp_path / "grown")
    env = {**os.environ, "PYTHONPATH": str(root / "builder")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n") == ["None []", "{None}", "0 False", ""]


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("article.json", "{", "article.json"),
        ("article.json", '{"x-table": 1}', "article.json"),
        ("article.json", '{"x-table": {"name": "articles"}, "properties": {}}', "has no column"),
        ("other.json", None, "another schema of table articles"),
        ("other.json", '{"x-table": {"name": 5}}', "no name of lower-case letters"),
        (
            "other.json",
            '{"x-table": {"name": "notes", "key": [], "order": []}}',
            "lists of columns",
        ),
    ],
)
def test_schemas_that_are_none_are_named(
    tmp_path: Path, file: str, text: str | None, fault: str
) -> None:
    """An error with the file, whatever is wrong with it."""
    root = tmp_path / "2.0.0"
    shutil.copytree(REPOSITORY / "dist" / "gazette" / "2.0.0", root)
    if text is None:
        text = (root / "schema" / "article.json").read_text("utf-8")
    (root / "schema" / file).write_text(text)
    with pytest.raises(DataError, match=fault):
        own_types(root)
    assert any(not each.ok for each in verify(root))


def test_a_release_without_schemas_is_named(tmp_path: Path) -> None:
    """None, or more than any builder writes."""
    root = tmp_path / "2.0.0"
    shutil.copytree(REPOSITORY / "dist" / "gazette" / "2.0.0", root)
    shutil.rmtree(root / "schema")
    with pytest.raises(DataError, match="0 schema files"):
        open_release(root).table("articles")


def test_a_schema_that_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe among the schemas is named, not opened."""
    root = tmp_path / "release"
    shutil.copytree(REPOSITORY / "dist" / "gazette" / "1.0.0", root)
    os.mkfifo(root / "schema" / "zz.json")
    with pytest.raises(DataError, match=r"zz\.json: no regular file"):
        own_types(root)


def test_a_column_that_no_digest_covers_is_named(tmp_path: Path) -> None:
    """Who marks a column as left out of the digests could put anything into it."""
    root = tmp_path / "release"
    shutil.copytree(REPOSITORY / "dist" / "gazette" / "1.0.0", root)
    file = root / "schema" / "article.json"
    document = json.loads(file.read_text("utf-8"))
    document["properties"]["modified_at"]["x-withhold"] = "omit"
    file.write_text(json.dumps(document), "utf-8")
    tables = next(each for each in verify(root) if each.check == "tables")
    assert any("no digest covers modified_at" in fault for fault in tables.faults)


def test_what_an_earlier_contract_did_not_withhold_may_be_shown() -> None:
    """Of a public release only its own schema says what is withheld, but for words."""
    kind = table_types()["rejected"]
    document = json.loads(json.dumps(kind.document))
    del document["properties"]["line"]["x-withhold"]
    earlier = RecordType(kind.name, document)
    assert uncovered(earlier) == []
    task = FileTask("", "rejected", "", earlier, "public")
    row: dict[str, Any] = dict.fromkeys(document["properties"])
    row |= {"rejected_id": "0" * 20, "line": 3, "codes": [], "messages": []}
    row["record_sha256"] = record_digest(row, earlier).hex()
    faults = list(_row_faults(row, record_digest(row, earlier), earlier, task))
    assert not [each for each in faults if "is shown" in each]
    task = task._replace(kind=kind)
    assert any("line is shown" in each for each in _row_faults(row, b"", kind, task))


def test_words_are_withheld_whatever_a_schema_says() -> None:
    """A public release whose own schema marks no words is told that it shows them."""
    kind = table_types()["articles"]
    document = json.loads(json.dumps(kind.document))
    for name in ("text", "captions"):
        del document["properties"][name]["x-withhold"]
    earlier = RecordType(kind.name, document)
    release = open_release(REPOSITORY / "dist" / "gazette" / "1.0.0")
    row = {**release.article("gazette:g-101"), "captions": ["Words."]}
    task = FileTask("", "articles", "", earlier, "public")
    faults = list(_row_faults(row, record_digest(row, earlier), earlier, task))
    assert any("captions is shown" in each for each in faults)
    assert {"text", "captions", "provenance.removed_lines"} <= _withheld(earlier, kind)
