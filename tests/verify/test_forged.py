"""Releases made to deceive or to harm: `verify` finds the lie, and neither hangs nor looks outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import Run
from microfiche.errors import DataError, WorkerLost
from microfiche.library import Release, open_release, path, verify
from microfiche.release.diff import diff
from small import build, outlet, prose, record, write
from tampering import Rows, elsewhere, resealed, told

GAZETTE = path("gazette")
SECONDS = 30


def forged(release: Release, folder: Path, lie: Callable[[Rows], None]) -> Path:
    """A release with a lie in its rows, and everything else made to fit it."""
    target = folder / "forged" / release.version
    shutil.copytree(release.root, target)
    told(lie)(target)
    return target


def found(root: Path) -> str:
    """Everything that verify finds wrong, in a bounded time."""
    start = time.monotonic()
    faults = "\n".join(fault for verdict in verify(root) for fault in verdict.faults)
    assert time.monotonic() - start < SECONDS
    return faults


def first(rows: Rows, table: str, **values: Any) -> None:
    """Change the first row of a table."""
    rows[table][0] |= values


LIES: dict[str, tuple[Callable[[Rows], None], str]] = {
    "words": (lambda r: first(r, "articles", n_words=99999), "n_words and n_paragraphs"),
    "revision": (lambda r: first(r, "articles", revision_id="0" * 20), "revision_id"),
    "revisions": (lambda r: first(r, "articles", n_revisions=9), "n_revisions"),
    "captures": (lambda r: r["articles"][0]["provenance"].update(n_captures=50), "n_captures"),
    "days": (lambda r: first(r, "articles", published_earliest="1999-01-01"), "published_earliest"),
    "domain": (lambda r: first(r, "articles", domain="x.example"), "domain is not the host"),
    "outlet": (lambda r: first(r, "outlets", name="Another"), "not what its file in source/ says"),
    "policy": (lambda r: first(r, "outlets", text_policy="masked"), "not what its file in source/"),
    "tombstone": (lambda r: first(r, "withdrawn", reason="privacy"), "not what source/withdrawals"),
    "periods": (lambda r: r["coverage"].clear(), "there are articles, and no row"),
    "gap": (lambda r: next(g for g in r["coverage"] if g["kind"] == "period").update(n_articles=5), "the articles give 1"),
    "text": (lambda r: first(r, "articles", text="Another text."), "text_sha256"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_rows_that_contradict_each_other_are_found(tmp_path: Path, lie: str) -> None:
    """All digests, roots, manifests and descriptions fit; the rows do not."""
    tell, words = LIES[lie]
    assert words in found(forged(open_release(GAZETTE), tmp_path, tell))


PUBLIC_LIES: dict[str, Callable[[Rows, Rows], None]] = {
    "a text": lambda rows, full: rows["articles"][0].update(
        text=full["articles"][0]["text"], text_access="full"
    ),
    "a basis": lambda rows, full: rows["articles"][0].update(
        text=full["articles"][0]["text"], text_access="full", rights_basis="license"
    ),
    "an earlier revision": lambda rows, full: rows["revisions"][0].update(
        text=full["revisions"][0]["text"]
    ),
    "lines taken out": lambda rows, _: rows["articles"][0]["provenance"].update(
        removed_lines=["SHARE"]
    ),
    "a caption": lambda rows, _: rows["articles"][0].update(captions=["A lamp."]),
    "who retrieved it": lambda rows, _: rows["captures"][0].update(retrieved_by="desk"),
}


@pytest.mark.parametrize("lie", PUBLIC_LIES)
def test_public_releases_that_show_what_they_may_not_are_found(tmp_path: Path, lie: str) -> None:
    """Texts, earlier revisions, captions, lines and names, each with digests that fit."""
    later = {"retrieved_at": "2025-06-01T00:00:00Z", "method": "crawler"}
    records = [record(1), record(1, text=prose(7), retrieval=later)]
    root = write(tmp_path / "a", records, outlet("courier", "withheld", None))
    full, public = build(root), build(root, "public")
    rows = {name: full.rows(name) for name in ("articles", "revisions")}
    assert found(public.root) == ""
    assert found(forged(public, tmp_path, lambda r: PUBLIC_LIES[lie](r, rows)))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the newest Gazette."""
    return Path(shutil.copytree(GAZETTE, tmp_path / "2.0.0"))


@pytest.mark.parametrize(
    "name",
    ["x", "README.md", "release.json", "data/articles/all.parquet", "tagmanifest-sha256.txt"],
)
def test_pipes_and_devices_are_not_read(copy: Path, name: str) -> None:
    """A pipe would never end, and /dev/zero neither."""
    for make in (os.mkfifo, lambda file: Path(file).symlink_to("/dev/zero")):
        (copy / name).unlink(missing_ok=True)
        make(copy / name)
        assert name in found(copy)


def test_links_to_folders_and_empty_folders_are_named(copy: Path) -> None:
    """Nothing lists them, and nothing follows them."""
    (copy / "data" / "articles" / "extra").symlink_to("/etc")
    (copy / "data" / "evil").mkdir()
    faults = found(copy)
    assert "data/articles/extra: a link to a folder" in faults
    assert "data/evil: an empty folder" in faults


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize("name", ["CITATION.cff", "README.md"])
def test_yaml_is_not_expanded(copy: Path, name: str) -> None:
    """Anchors that stand for billions of strings are refused."""
    page = f"---\n{BOMB}title: *j\nversion: *j\n---\n"
    (copy / name).write_text(page if name == "README.md" else BOMB + "title: *j\nversion: *j\n")
    resealed(copy)
    assert "YAML aliases" in found(copy)


def test_schemas_of_a_release_are_this_builders_or_only_asked(copy: Path) -> None:
    """A pattern made to run for ever, a schema made lax, a reference out of the release."""
    file = copy / "schema" / "article.json"
    good = json.loads(file.read_text("utf-8"))
    lax = json.loads(file.read_text("utf-8"))
    del lax["properties"]["title"]["maxLength"]
    slow = json.loads(file.read_text("utf-8"))
    slow["properties"]["title"]["pattern"] = "^(?:[ab]|a|aa?)+(?=!)$"
    away = json.loads(file.read_text("utf-8"))
    away["properties"]["title"] = {"$ref": "../../../../etc/passwd#"}
    for document in (lax, slow, away):
        file.write_text(json.dumps(document), "utf-8")
        resealed(copy)
        faults = found(copy)
        assert (
            "schema/article.json: not this builder's" in faults or "no schema beside it" in faults
        )
    file.write_text(json.dumps(good), "utf-8")


@pytest.mark.parametrize(
    "place", ["data/../../out.parquet", "/etc/passwd", "data/articles/../x.parquet"]
)
def test_files_outside_are_not_opened(copy: Path, place: str) -> None:
    """release.json can name files under data/ alone."""
    text = (copy / "release.json").read_text("utf-8")
    (copy / "release.json").write_text(text.replace("data/articles/all.parquet", place), "utf-8")
    resealed(copy)
    verdicts = {verdict.check: verdict for verdict in verify(copy)}
    assert "release.json" in verdicts
    assert "path" in verdicts["release.json"].faults[0]


def test_a_small_file_that_decodes_to_much_is_not_decoded(copy: Path) -> None:
    """A row group that states more bytes than any builder writes is refused unread."""
    file = copy / "data" / "articles" / "all.parquet"
    table = pq.read_table(file)
    huge = pa.array(["x" * (600 << 20)] + [None] * (len(table) - 1), pa.large_string())
    place = table.schema.get_field_index("text")
    pq.write_table(table.set_column(place, "text", huge), file, compression="zstd")
    del huge
    resealed(copy)
    assert file.stat().st_size < 1 << 20
    verdicts = verify(copy)
    assert [verdict.check for verdict in verdicts] == ["files", "tables"]
    assert "a row group larger than any builder writes" in verdicts[1].faults[0]


def dictionary(values: list[str], places: list[int]) -> pa.Array:
    """A column of few values, each many times."""
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(values))


@pytest.mark.parametrize("column", ["dateline", "keywords"])
def test_a_dictionary_that_decodes_to_much_is_not_decoded(copy: Path, column: str) -> None:
    """One long value that every row has takes next to nothing in the file; in a list as well."""
    file = copy / "data" / "articles" / "all.parquet"
    table = pq.read_table(file)
    for letters, refused in ((3_000_000, True), (1_000, False)):
        rows = 400
        values: Any = dictionary(["x" * letters], [0] * rows)
        if column == "keywords":
            values = pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), values)
        many = table.take(pa.array([0] * rows))
        many = many.set_column(many.schema.get_field_index(column), column, values)
        pq.write_table(many, file, dictionary_pagesize_limit=1 << 30, write_statistics=False)
        resealed(copy)
        faults = [fault for verdict in verify(copy) for fault in verdict.faults]
        assert any("larger than any builder writes" in each for each in faults) == refused


def swapped(copy: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """What verify says of a release whose release.json was changed."""
    manifest = json.loads((copy / "release.json").read_text("utf-8"))
    change(manifest)
    (copy / "release.json").write_text(json.dumps(manifest), "utf-8")
    resealed(copy)
    return found(copy)


def test_no_table_and_no_file_is_listed_twice(copy: Path) -> None:
    """Nor a file of one table as another's: the faults of one would hide the other's."""
    kept = (copy / "release.json").read_bytes()

    def articles(manifest: dict[str, Any]) -> dict[str, Any]:
        return next(each for each in manifest["tables"] if each["name"] == "articles")

    def twice(manifest: dict[str, Any]) -> None:
        manifest["tables"].append({**articles(manifest), "files": []})

    def again(manifest: dict[str, Any]) -> None:
        articles(manifest)["files"] *= 2

    def alias(manifest: dict[str, Any]) -> None:
        gone = ("articles", "rejected")
        manifest["tables"] = [
            {**articles(manifest), "name": "rejected"},
            *(each for each in manifest["tables"] if each["name"] not in gone),
        ]

    for change, fault in (
        (twice, "articles is listed twice"),
        (again, "data/articles/all.parquet is listed twice"),
        (alias, "data/articles/all.parquet is listed as a file of another table"),
    ):
        assert fault in swapped(copy, change)
        (copy / "release.json").write_bytes(kept)


def test_schemas_without_end_are_not_followed(copy: Path) -> None:
    """References that multiply, or lead back, are refused; what is not asked for is not fetched."""
    schema = copy / "schema" / "article.json"
    article = json.loads(schema.read_text("utf-8"))
    names = [f"bomb{letter}" for letter in "abcdefgh"]
    for name, after in zip(names, [*names[1:], "bombi"], strict=True):
        parts = [{"$ref": f"{after}.json"}] * 12
        (copy / "schema" / f"{name}.json").write_text(json.dumps({"anyOf": parts}))
    (copy / "schema" / "bombi.json").write_text('{"type": "string"}')
    article["properties"]["text"] = {"anyOf": [{"$ref": "bomba.json"}]}
    schema.write_text(json.dumps(article))
    resealed(copy)
    assert "more than 50,000 parts" in found(copy)
    with pytest.raises(DataError, match="no schema"):
        diff(open_release(GAZETTE), open_release(copy))


def test_the_dialect_of_a_schema_is_not_looked_up(copy: Path) -> None:
    """Its address may lead anywhere, and wait."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        schema = copy / "schema" / "article.json"
        article = json.loads(schema.read_text("utf-8"))
        article["$schema"] = f"http://127.0.0.1:{listener.getsockname()[1]}/meta.json"
        schema.write_text(json.dumps(article))
        resealed(copy)
        assert "schema/article.json" in found(copy)
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize(
    "name", ["CITATION.cff", "croissant.json", "datacite.json", "ro-crate-metadata.json"]
)
def test_authors_are_those_of_the_dataset_file(copy: Path, name: str) -> None:
    """Whoever built the release: who made it is no builder's to say."""
    elsewhere(copy)
    assert "authors" not in found(copy)
    text = (copy / name).read_text("utf-8")
    (copy / name).write_text(text.replace("microfiche contributors", "Somebody Else", 1), "utf-8")
    resealed(copy)
    assert f"{name}: authors are 'Somebody Else'" in found(copy)


PEOPLE = """name = "Ada-Maria M. van der Quill"
given_name = "Ada-Maria M."
family_name = "van der Quill"
[[creators]]
name = "Holm Press Library"
"""


def test_names_are_the_same_in_every_form(tmp_path: Path) -> None:
    """Turned around, or in parts, as each format has them."""
    root = write(tmp_path / "a", [record(1)])
    dataset = root / "raw" / "dataset.toml"
    dataset.write_text(dataset.read_text().replace('name = "A. Archivist"\n', PEOPLE))
    release = build(root)
    assert found(release.root) == ""
    elsewhere(release.root)
    assert "authors" not in found(release.root)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("| Version | 2.0.0 of ", "| Version | 1.0.1 of ", "summary's version is '1.0.1'"),
        ("2.0.0 of 2026-11-24 |", "2.0.0 of 2020-11-24 |", "date is '2020-11-24'"),
        ("| Articles | 26 (", "| Articles | 96 (", "articles is 96"),
    ],
)
def test_the_summary_of_a_card_says_what_the_manifest_does(
    copy: Path, old: str, new: str, told: str
) -> None:
    """In a release of another builder too."""
    elsewhere(copy)
    card = (copy / "README.md").read_text("utf-8")
    assert old in card
    (copy / "README.md").write_text(card.replace(old, new, 1), "utf-8")
    resealed(copy)
    assert f"README.md: {told}" in found(copy)


def test_a_table_is_what_this_builder_holds_it_to_be(tmp_path: Path) -> None:
    """A release by another builder whose schema calls its articles captures is still of articles."""
    release = open_release(path("gazette"))
    root = forged(release, tmp_path, lambda rows: first(rows, "articles", n_words=99999))
    manifest = json.loads((root / "release.json").read_text("utf-8"))
    manifest["builder"] = "microfiche 99.0"
    (root / "release.json").write_text(json.dumps(manifest), "utf-8")
    schema = root / "schema" / "article.json"
    schema.write_text(schema.read_text("utf-8").replace('"name": "articles"', '"name": "captures"'))
    resealed(root)
    assert "n_words and n_paragraphs are not those of the text" in found(root)


COLUMNS: dict[str, Callable[[pa.Table], pa.Table]] = {
    "not there": lambda table: table.drop_columns(["aliases"]),
    "of another type": lambda table: table.set_column(0, "article_id", pa.array([1] * len(table))),
    "null": lambda table: table.set_column(
        table.schema.get_field_index("aliases"),
        "aliases",
        pa.nulls(len(table), table.schema.field("aliases").type),
    ),
    "beyond the calendar": lambda table: table.set_column(
        table.schema.get_field_index("published_earliest"),
        "published_earliest",
        pa.array([2**31 - 1] * len(table), pa.int32()).cast(pa.date32()),
    ),
}


@pytest.mark.parametrize("fault", COLUMNS)
def test_broken_columns_stop_every_command_in_a_line(copy: Path, fault: str, run: Run) -> None:
    """Whatever asks for them: an error that names the file and the column, or a verdict."""
    file = copy / "data" / "articles" / "all.parquet"
    table = pq.read_table(file)
    assert table.schema.names[0] == "article_id"
    pq.write_table(COLUMNS[fault](table), file)
    resealed(copy)
    assert "articles/all.parquet" in found(copy)
    for command in (
        ("show", copy, "gazette:g-103"),
        ("show", copy),
        ("prove", copy, "gazette:g-103"),
        ("cite", copy, "--where", "'x' in aliases"),
        ("cite", copy, "--article", "gazette:g-103"),
        ("diff", copy, copy),
        ("verify", copy),
    ):
        done = run(*command)
        assert done.returncode in (0, 3)
        assert len(done.stderr.splitlines()) <= 4
    assert run("show", copy, "gazette:g-103").returncode == 3


def test_a_lost_worker_is_no_fault_of_a_release(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In either of the two stages that have workers."""
    monkeypatch.setattr("microfiche.verify.FEW_ROWS", 0)
    for place in ("microfiche.verify.rows._row_faults", "microfiche.tables.roots.bucket_roots"):
        with monkeypatch.context() as patch:
            patch.setattr(place, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            with pytest.raises(WorkerLost):
                verify(copy, workers=2)
