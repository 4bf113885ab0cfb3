"""Checking and loading a release with nothing but the release."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import REPOSITORY, Run
from microfiche.library import path, verify
from microfiche.release.bag import manifest_lines, read_manifest
from microfiche.verify import Verdict
from microfiche.verify.files import check_files
from small import build, record, write
from tampering import resealed

GAZETTE = path("gazette")
TAG_MANIFEST = "tagmanifest-sha256.txt"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the Gazette's release that may be broken."""
    root = tmp_path / GAZETTE.name
    shutil.copytree(GAZETTE, root)
    return root


def faults(root: Path) -> str:
    """Everything that verify finds wrong."""
    return "\n".join(fault for verdict in verify(root) for fault in verdict.faults)


def test_the_gazette_holds() -> None:
    """Every check of the committed release is good, loading included."""
    verdicts = verify(GAZETTE, load=True)
    assert [verdict.check for verdict in verdicts if not verdict.ok] == []
    assert verdicts[-1].check == "load_dataset"


def test_many_workers_find_what_one_finds(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same order, of a release that holds and of one that does not."""
    monkeypatch.setattr("microfiche.verify.FEW_ROWS", 0)
    assert verify(copy, workers=2) == verify(copy)
    for name in ("articles", "captures"):
        file = copy / "data" / name / "all.parquet"
        table = pq.read_table(file)
        twice = pa.concat_tables([table.slice(1, 2), table.slice(0, 2)])
        pq.write_table(twice, file)
    (copy / "data" / "outlets" / "all.parquet").write_bytes(b"PAR1")
    broken = verify(copy, workers=2)
    assert broken == verify(copy)
    told = {verdict.check: verdict.faults for verdict in broken}
    assert "R303 articles: two rows have one primary key" in told["records"]
    assert any("outlets/all.parquet: cannot be read" in fault for fault in told["tables"])


FILES = sorted(
    file.relative_to(GAZETTE).as_posix()
    for file in GAZETTE.rglob("*")
    if file.is_file() and file.stat().st_size
)


FLIPS = 5
ONE_OF_A_KIND = set({Path(name).suffix: name for name in FILES}.values())


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_is_found_and_named(copy: Path, name: str) -> None:
    """Whatever file it is in, more than 200 in all: verify fails and names the file."""
    assert len(FILES) * FLIPS > 200
    rng = random.Random(name)
    data = (copy / name).read_bytes()
    for number in range(FLIPS):
        place = rng.randrange(len(data))
        broken = bytearray(data)
        broken[place] ^= 1 << rng.randrange(8)
        (copy / name).write_bytes(broken)
        # All of verify for some files; the check of files alone, which it begins with, for all.
        whole = number == 0 and name in ONE_OF_A_KIND
        faults = list(verify(copy)[0].faults) if whole else check_files(copy)[1]
        # An entry of the manifest that no other is over is named beside the file that it is of.
        named = name if name == TAG_MANIFEST else f" {name}: "
        assert any(named in fault for fault in faults)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_the_committed_releases_are_rebuilt_from_captures(version: str) -> None:
    """From source/ and the captures that raw/ holds today, found by digest: identical bytes."""
    root = GAZETTE.parent / version
    verdicts = {verdict.check: verdict for verdict in verify(root, rebuild=REPOSITORY)}
    assert [v.faults for v in verdicts.values() if not v.ok] == []
    assert verdicts["rebuild"].covered == "identical bytes"


def test_rebuilding_names_a_missing_capture_of_a_later_release(tmp_path: Path) -> None:
    """Though with one less it could have no version after the one before."""
    root = write(tmp_path / "a", [record(1), record(2)])
    build(root)
    write(root, [record(number) for number in range(1, 4)])
    later = build(root)
    assert later.version == "1.1.0"
    write(root, [record(number) for number in range(1, 3)])
    verdicts = {verdict.check: verdict for verdict in verify(later.root, rebuild=root)}
    assert any("is not in the archive" in fault for fault in verdicts["rebuild"].faults)
    assert [name for name, verdict in verdicts.items() if not verdict.ok] == ["rebuild"]


def test_rebuilding_says_what_is_otherwise(tmp_path: Path) -> None:
    """Captures moved, a release by another builder, captures gone, a capture's note edited."""
    holder = tmp_path / "holder"
    shutil.copytree(REPOSITORY / "raw", holder / "raw")
    folder = holder / "raw" / "captures" / "gazette"
    (folder / "2026").rename(folder / "moved")

    def rebuilt(root: Path = GAZETTE) -> Verdict:
        return {verdict.check: verdict for verdict in verify(root, rebuild=holder)}["rebuild"]

    moved = rebuilt()
    assert moved.ok
    assert moved.covered.startswith("identical records, other encoding")
    assert "data/captures/all.parquet" in moved.covered
    other = tmp_path / "2.0.0"
    shutil.copytree(GAZETTE, other)
    text = (other / "release.json").read_text("utf-8").replace("microfiche 0.", "microfiche 99.")
    (other / "release.json").write_text(text, "utf-8")
    assert "built by microfiche 99." in rebuilt(other).covered
    assert "is not at hand" in rebuilt(other).covered
    lines = (folder / "2024" / "retrievals.jsonl").read_text("utf-8")
    edited = lines.replace("captured from the mirror", "captured from a mirror")
    assert edited != lines
    (folder / "2024" / "retrievals.jsonl").write_text(edited, "utf-8")
    found = rebuilt()
    assert any("articles gazette:g-108: enriched provenance" in f for f in found.faults)
    (folder / "2024" / "retrievals.jsonl").write_text(lines, "utf-8")
    (folder / "moved" / "124-what-the-coordinates-remember.txt").unlink()
    assert not rebuilt().ok


def test_missing_extra_and_leaving_files_are_named(copy: Path) -> None:
    """A missing file, an unlisted one, and a path that leaves the release."""
    (copy / "CITATION.cff").unlink()
    (copy / "data" / "notes.txt").write_text("mine")
    manifest = read_manifest((copy / "manifest-sha256.txt").read_bytes())
    manifest["../secret"] = "0" * 64
    (copy / "manifest-sha256.txt").write_bytes(manifest_lines(manifest))
    found = faults(copy)
    assert "CITATION.cff: the file is missing" in found
    assert "data/notes.txt: not listed" in found
    assert "../secret: the path, listed in manifest-sha256.txt, leaves the release" in found


def test_what_hosts_add_is_left_alone(copy: Path) -> None:
    """A .gitattributes file and a cache folder are the host's."""
    (copy / ".gitattributes").write_text("*.parquet filter=lfs\n")
    (copy / ".cache" / "huggingface").mkdir(parents=True)
    (copy / ".cache" / "huggingface" / "x").write_text("x")
    assert faults(copy) == ""


def test_a_snapshot_of_links_verifies_and_loads(copy: Path, tmp_path: Path) -> None:
    """The Hub's client keeps files as links into a blobs folder."""
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "abc"
    blobs.mkdir()
    everything = [file.relative_to(copy) for file in sorted(copy.rglob("*")) if file.is_file()]
    for number, name in enumerate(everything):
        (copy / name).rename(blobs / str(number))
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(blobs / str(number))
    assert [v.faults for v in verify(snapshot, load=True) if not v.ok] == []


def test_an_edited_record_is_found_even_with_good_checksums(copy: Path) -> None:
    """Whoever edits a row and mends the manifests is still caught by record digest and root."""
    import pyarrow.parquet as pq

    file = copy / "data" / "articles" / "all.parquet"
    table = pq.read_table(file)
    titles = table["title"].to_pylist()
    titles[3] = "Another headline"
    place = table.schema.get_field_index("title")
    pq.write_table(table.set_column(place, table.schema.field(place), [titles]), file)
    found = faults(copy)
    article = table["article_id"][3].as_py()
    assert f"articles {article}: record_sha256 is not the record's digest" in found
    assert "Merkle root" in found


@pytest.mark.parametrize(
    "name", ["release.json", "manifest-sha256.txt", "README.md", "data/articles/all.parquet"]
)
def test_broken_files_give_verdicts_not_tracebacks(copy: Path, name: str, run: Run) -> None:
    """Emptied, truncated or replaced by noise: exit 3 and the file's name."""
    data = (copy / name).read_bytes()
    for broken in (b"", data[: len(data) // 2], b"\xff\xfe noise \x00", b"{}", b"[" * 9999):
        (copy / name).write_bytes(broken)
        assert name in faults(copy)
    done = run("verify", copy)
    assert done.returncode == 3
    assert name in done.stdout + done.stderr


def test_verify_as_json(run: Run) -> None:
    """One object with every check."""
    report = json.loads(run("verify", GAZETTE, "--format", "json").stdout)
    assert report["ok"]
    assert {check["check"] for check in report["checks"]} >= {"files", "records", "card"}


def test_gazette_is_what_the_design_promises() -> None:
    """Two dozen articles; mirrored, revised, withdrawn, undated, approximate, right to left."""
    from microfiche.library import open_release

    release = open_release(GAZETTE)
    articles = release.rows("articles")
    assert len(articles) >= 24
    assert any(len(row["provenance"]["captured_from"]) == 2 for row in articles)
    assert any(row["n_revisions"] == 2 for row in articles)
    assert any(row["published"] is None for row in articles)
    assert any((row["published"] or "").endswith("~") for row in articles)
    assert {"en", "fa"} <= {row["language"] for row in articles}
    assert len(release.rows("withdrawn")) == 1
    assert "not_found" in {row["outcome"] for row in release.rows("captures")}
    assert not release.manifest["draft"]
    assert not release.manifest["restricted"]
    assert "(filled in by the build)" not in (GAZETTE / "DATASHEET.md").read_text("utf-8")
    assert (REPOSITORY / "dist" / "gazette").is_dir()


FORGERIES = [
    ("README.md", "10,591 words", "10,592 words"),
    ("README.md", "version: 2.0.0", "version: 2.0.1"),
    ("DATASHEET.md", "No funding was received.", "Funding was received."),
    ("CITATION.cff", "version: 2.0.0", "version: 2.0.1"),
    ("CHANGES.md", "gazette:g-112", "gazette:g-111"),
    ("croissant.json", '"version": "2.0.0"', '"version": "2.0.1"'),
    ("croissant.json", "CC0-1.0.html", "MIT.html"),
    ("datacite.json", '"publicationYear": "2026"', '"publicationYear": "2025"'),
    ("ro-crate-metadata.json", '"contentSize": "', '"contentSize": "1'),
    ("bag-info.txt", "gazette-2.0.0", "gazette-2.0.1"),
    ("release.json", '"restricted": false', '"restricted": true'),
    ("release.json", '"access": "full"', '"access": "public"'),
    ("release.json", '"draft": false', '"draft": true'),
    ("release.json", '"date": "2026-11-24"', '"date": "2026-11-25"'),
    ("source/dataset.toml", 'license = "CC0-1.0"', 'license = "MIT"'),
    ("source/outlets/gazette.toml", 'text = "full"', 'text = "withheld"'),
    ("schema/article.json", '"Headline.', '"Head line.'),
]


@pytest.mark.parametrize(("name", "old", "new"), FORGERIES, ids=lambda value: str(value)[:24])
def test_forged_descriptions_are_found_though_the_checksums_fit(
    copy: Path, name: str, old: str, new: str
) -> None:
    """Each description is held against the rows and against every other."""
    text = (copy / name).read_text("utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1), "utf-8")
    resealed(copy)
    found = faults(copy)
    assert "SHA-256" not in found
    assert found, name


def test_other_builders_descriptions_are_held_to_what_they_state(copy: Path) -> None:
    """Made by another version they need not be the same bytes, but must say the same."""
    text = (copy / "release.json").read_text("utf-8").replace("microfiche 0.", "microfiche 99.")
    (copy / "release.json").write_text(text, "utf-8")
    info = (copy / "bag-info.txt").read_text().replace("microfiche 0.", "microfiche 99.")
    (copy / "bag-info.txt").write_text(info)
    page = (copy / "DATASHEET.md").read_text("utf-8")
    (copy / "DATASHEET.md").write_text(page + "\nMore.\n", "utf-8")
    resealed(copy)
    assert faults(copy) == ""
    for name in (
        "croissant.json",
        "datacite.json",
        "ro-crate-metadata.json",
        "CITATION.cff",
        "README.md",
    ):
        good = (copy / name).read_text("utf-8")
        (copy / name).write_text(good.replace("2.0.0", "2.0.9"), "utf-8")
        resealed(copy)
        assert f"{name}: " in faults(copy)
        (copy / name).write_text(good, "utf-8")
    for name, old, new in (
        ("CITATION.cff", "license: CC0-1.0", "license: MIT"),
        ("CITATION.cff", "title:", "doi: 10.5555/evil\ntitle:"),
        ("croissant.json", "licenses/CC0-1.0.html", "licenses/MIT.html"),
        ("datacite.json", '"rightsIdentifier": "CC0-1.0"', '"rightsIdentifier": "MIT"'),
    ):
        good = (copy / name).read_text("utf-8")
        assert old in good
        (copy / name).write_text(good.replace(old, new, 1), "utf-8")
        resealed(copy)
        assert f"R503 {name}: " in faults(copy)
        (copy / name).write_text(good, "utf-8")


ODD = {
    "compound licence": 'license = "CC-BY-4.0 OR CC0-1.0"\n[[creators]]\nname = "A"\n',
    "licence of its own": 'license = "LicenseRef-ours"\n[[creators]]\nname = "A"\n',
    "draft": "",
    "markup": 'description = "a | b <script> `x` [y](z) ${w} \\\\ \\" --- # \\n- {{c}}"\ncontact = "<a@b.example>, \\"c\\""\nkeywords = ["a: b", "- c", "d", "d"]\nlicense = "MIT"\n[[creators]]\nname = "O\'Brien, \\"Al\\" & {Co} <x@y.example>"\n',
    "everything": 'homepage = "https://press.example/"\nbase_url = "https://press.example/r/"\nfunding = "The Fund"\npublisher = "P"\npublisher_ror = "https://ror.org/03f0f6041"\nlanguages = ["en"]\nlicense = "MIT"\n[[creators]]\nname = "A"\norcid = "0000-0002-1825-0097"\naffiliation = "U"\n',
}  # fmt: skip


@pytest.mark.parametrize("dataset", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("access", ["full", "public"])
def test_releases_of_odd_archives_hold(tmp_path: Path, dataset: str, access: str) -> None:
    """Whatever dataset file, card and datasheet say; a first release and a second."""
    from small import build, outlet, record, write

    root = write(tmp_path / "a", [record(1)], outlet(), outlet("herald", "masked", None))
    (root / "raw" / "dataset.toml").write_text(f'name = "odd"\ntitle = "Odd: #1 | <b>"\n{dataset}')
    (root / "raw" / "CARD.md").write_text("")
    first = build(root, access)
    more = [
        record(1),
        record(2, title="<b>x</b> | `y` [z](w) \\ --- $a$"),
        record(3, host="herald.example"),
    ]
    del more[1]["published"]
    write(root, more, outlet(), outlet("herald", "masked", None))
    (root / "raw" / "dataset.toml").write_text(f'name = "odd"\ntitle = "Odd: #1 | <b>"\n{dataset}')
    (root / "raw" / "CARD.md").write_text(f"# A title\n\nQuoted: {first.fingerprint}\n")
    second = build(root, access)
    assert second.version == "1.1.0"
    for release in (first, second):
        load = release is second and "homepage" in dataset
        assert [v.faults for v in verify(release.root, load=load) if not v.ok] == []
        for style in ("bibtex", "apa", "ris", "csl", "cff", "datacite"):
            assert release.cite(style)
            assert release.cite(style, article="courier:n-1")


def test_what_systems_leave_is_no_part_of_a_release(tmp_path: Path, run: Run) -> None:
    """A folder that somebody has opened holds still, says what was left there, and is handed on without."""
    copy = shutil.copytree(GAZETTE, tmp_path / GAZETTE.name)
    for name in (
        ".DS_Store",
        "data/Thumbs.db",
        "data/articles/._all.json",
        "source/outlets/x.toml~",
    ):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_bytes(b"left")
    done = run("verify", copy)
    assert done.returncode == 0, done.stdout
    assert (
        "left there by systems and editors: .DS_Store, data/Thumbs.db, data/articles/"
        in done.stdout
    )
    (copy / "data/articles/._all.parquet").write_bytes(b"left")  # a reader would take it for rows
    assert "data/articles/._all.parquet: not listed" in run("verify", copy).stdout
