"""The main job: same bytes, unchanged, versions, identity over releases, withdrawals."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import REPOSITORY, Run
from gazette import build_gazette
from microfiche.curation.adding import add
from microfiche.errors import CannotRun, DataError, UsageError
from microfiche.library import Archive, init, open_archive
from microfiche.pipeline import BuildOptions, Built
from small import build, prose, record, write

URL = "https://presstv.com/Detail/2021/05/31/658951/ledger-room"
PARAGRAPHS = [
    "The harbour office opened its ledger room to readers on Monday, after two winters of work.",
    "Nobody had counted the volumes before, and the list now names four hundred and twelve.",
    "Readers need no appointment, but they are asked to bring a pencil and leave their coats.",
    "The lamp above the door was mended too, and it will be lit on each evening of the week.",
]
PAGE = "\n\n".join(
    [
        "Harbour / Rooms", "Ledger room opens to readers", *PARAGRAPHS,
        "Press TV’s website can also be accessed at the following alternate addresses:",
        "www.presstv.co.uk", "SHARE THIS ARTICLE", "Press TV News Roku",
    ]
)  # fmt: skip


OTHER = PAGE.replace("Ledger", "Chart").replace(
    "\n\n".join(PARAGRAPHS), "\n\n".join(f"{prose(n, 40)}." for n in range(1, 4))
)


def differences(left: Path, right: Path) -> list[str]:
    """What `diff -r` says of two folders."""
    done = subprocess.run(["diff", "-r", left, right], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def built(archive: Archive, **options: object) -> Built:
    """Build with a fixed day and one worker, unless told otherwise."""
    given = {"date": "2026-01-02", "workers": 1} | options
    return open_archive(archive.root).build(BuildOptions(**given))  # type: ignore[arg-type]


def test_golden_releases_are_what_the_repository_holds(tmp_path: Path) -> None:
    """The committed Gazette is, byte for byte, what its archive gave, release after release."""
    releases = build_gazette(tmp_path)
    assert [each.version for each in releases] == ["1.0.0", "1.1.0", "2.0.0"]
    assert differences(tmp_path / "gazette", REPOSITORY / "dist" / "gazette") == []


@pytest.mark.parametrize("workers", [1, 2])
def test_same_bytes_whatever_the_machine_says(tmp_path: Path, run: Run, workers: int) -> None:
    """Path, hash seed, workers, zone and locale change no byte; a second build changes nothing."""
    outs = []
    for seed, zone, locale in (("0", "Asia/Tehran", "C"), ("1", "UTC", "C.UTF-8")):
        root = tmp_path / f"copy-{seed}" / "deeper"[: int(seed) + 3]
        for name in ("raw", "DATASHEET.md"):
            source = REPOSITORY / name
            root.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
        env = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        out = tmp_path / f"out-{seed}"
        count = workers if seed == "0" else 3 - workers
        first = run("build", root, "--out", out, "--workers", count, env=env)
        assert first.returncode == 0, first.stderr
        before = {path: path.stat().st_mtime_ns for path in sorted(out.rglob("*"))}
        second = run("build", root, "--out", out, "--workers", count, env=env)
        assert "unchanged" in second.stdout
        assert before == {path: path.stat().st_mtime_ns for path in sorted(out.rglob("*"))}
        outs.append(out)
    assert differences(*outs) == []


@pytest.fixture
def press(tmp_path: Path) -> Archive:
    """An archive with one capture without an address, recognised by its boilerplate."""
    archive = init(tmp_path / "t", "press", "Press captures")
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    add(
        archive, tmp_path / "page.txt", {"notes": "received as a text file; retrieval date unknown"}
    )
    return archive


def test_what_add_recognises_is_not_stated(tmp_path: Path, run: Run) -> None:
    """By host or canonical link: the release says so, as it does for what nobody added."""
    root = write(tmp_path / "a", [record(1)])
    link = record(3)["url"]
    (tmp_path / "host.txt").write_text(f"A headline\n\n{prose(2)}\n")
    page = f"<html><head><link rel=canonical href='{link}'><title>A page</title></head>"
    (tmp_path / "link.html").write_text(f"{page}<body><h1>A page</h1><p>{prose(3)}</p></body>")
    (tmp_path / "said.txt").write_text(f"A third headline\n\n{prose(4)}\n")
    for name, *options in (
        ("host.txt", "--url", record(2)["url"]),
        ("link.html",),
        ("said.txt", "--outlet", "courier"),
    ):
        assert run("add", tmp_path / name, "--archive", root, *options).returncode == 0
    rows = {row["original_name"]: row for row in build(root).rows("captures")}
    sources = {name: row["outlet_source"] for name, row in rows.items() if name}
    assert sources == {"host.txt": "host", "link.html": "canonical", "said.txt": "stated"}


def test_options_are_checked_though_nothing_changed(tmp_path: Path) -> None:
    """A version that is none or too low, a date that is none; a higher version is not needed."""
    root = write(tmp_path / "a", [record(1)])
    first = build(root, version="2.0.0")
    for wrong in ({"version": "abc"}, {"version": "1.0.0"}, {"date": "yesterday"}):
        with pytest.raises(UsageError):
            build(root, **wrong)
    assert build(root, version="9.0.0").root == first.root


def test_a_capture_without_address_or_date(press: Archive) -> None:
    """Recognised by boilerplate; draft and restricted; everything unknown is null."""
    done = built(press)
    (article,) = done.release.rows("articles")
    (capture,) = done.release.rows("captures")
    assert capture["outlet_source"] == "boilerplate"
    assert article["article_id"].startswith("presstv:t-")
    assert article["section_path"] == ["Harbour", "Rooms"]
    assert article["text"].split("\n\n") == PARAGRAPHS
    assert article["published"] is None
    assert article["url"] is None
    assert article["byline"] == []
    assert article["provenance"]["mirror_domains_stated"] == ["www.presstv.co.uk"]
    assert article["provenance"]["retrieval_notes"] == [
        "received as a text file; retrieval date unknown"
    ]
    assert done.release.manifest["draft"]
    assert done.release.manifest["restricted_outlets"] == ["presstv"]
    assert "MF501" in done.counts
    card = (done.release.root / "README.md").read_text("utf-8")
    assert "**Draft.**" in card
    assert "**Restricted.**" in card


def test_an_id_once_published_never_dies(press: Archive, tmp_path: Path, run: Run) -> None:
    """Without an address, then with one, then on another canonical host: one article throughout."""
    first = built(press).release
    cited = first.rows("articles")[0]["article_id"]
    again = press.raw / "captures" / "presstv" / "page-again.txt"
    again.write_bytes((tmp_path / "page.txt").read_bytes())
    again.with_name("page-again.txt.toml").write_text(f'url = "{URL}"\n', "utf-8")
    assert add(open_archive(press.root), tmp_path / "page.txt", {"url": URL}).already_there
    second = built(press).release
    outlet = press.raw / "outlets" / "presstv.toml"
    text = outlet.read_text("utf-8").replace('"presstv.ir"', '"x"').replace('"presstv.com"', '"y"')
    outlet.write_text(text.replace('"x"', '"presstv.com"').replace('"y"', '"presstv.ir"'), "utf-8")
    third = built(press).release
    assert [first.version, second.version, third.version] == ["1.0.0", "1.1.0", "1.2.0"]
    for release in (second, third):
        (article,) = release.rows("articles")
        assert article["article_id"] == "presstv:detail-658951"
        assert article["aliases"] == [cited]
        assert article["published"] == "2021-05-31"
        assert article["provenance"]["n_captures"] == 2
        assert release.manifest["previous"]["version"]
        assert {row["merge_rule"] for row in release.rows("captures")} == {
            "native-id",
            "equal-text",
        }
    assert second.rows("articles")[0]["url"] == URL.replace("presstv.com", "presstv.ir")
    assert third.rows("articles")[0]["url"] == URL
    for release in (first, second, third):
        assert run("show", release.root, cited).returncode == 0
        citation = run("cite", release.root, "--article", cited)
        assert "Ledger room opens" in citation.stdout
        assert run("verify", release.root).returncode == 0


def test_a_published_id_that_is_gone_is_an_error(press: Archive, tmp_path: Path) -> None:
    """MF601 and MF602: a release that would break a promise is not written; an alias mends it."""
    release = built(press).release
    old = release.rows("articles")[0]["article_id"]
    for file in (press.raw / "captures" / "presstv").iterdir():
        file.unlink()
    (tmp_path / "page.txt").write_text(PAGE.replace("Monday", "Tuesday"), encoding="utf-8")
    add(press, tmp_path / "page.txt", {})
    codes = {finding.code for finding in open_archive(press.root).validate().findings}
    assert {"MF601", "MF602"} <= codes
    with pytest.raises(DataError, match="MF601"):
        built(press)
    new = built(press, out=tmp_path / "elsewhere").release.rows("articles")[0]["article_id"]
    line = {"old_id": old, "new_id": new, "reason": "the page was captured anew"}
    (press.raw / "aliases.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    with pytest.raises(DataError, match="MF602") as refused:
        built(press)
    assert "MF601" not in str(refused.value)


def test_a_withdrawn_article_leaves_every_table(press: Archive) -> None:
    """It stands in `withdrawn`, the next version is major, and its captures may go."""
    old = built(press).release.rows("articles")[0]["article_id"]
    folder = press.raw / "captures" / "presstv"
    (folder / "other.txt").write_text(OTHER)
    (folder / "other.txt.toml").write_text('outlet_id = "presstv"\n')
    line = {"article_id": old, "reason": "copyright", "date": "2026-01-01", "authority": "desk"}
    (press.raw / "withdrawals.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    for number in range(2):
        release = built(press).release
        assert release.version == "2.0.0" if number == 0 else release.version != "1.0.0"
        assert old not in {row["article_id"] for row in release.rows("articles")}
        assert old not in {row["article_id"] for row in release.rows("captures")}
        (tombstone,) = release.rows("withdrawn")
        assert (tombstone["article_id"], tombstone["reason"]) == (old, "copyright")
        assert tombstone["title"] == "Ledger room opens to readers"
        with pytest.raises(DataError, match="withdrawn"):
            release.article(old)
        for file in folder.glob("page.txt*"):
            file.unlink()


def test_privacy_leaves_nothing_but_the_id(press: Archive) -> None:
    """For privacy and safety a tombstone tells no title, address or digest."""
    line = {"reason": "privacy", "date": "2026-01-01", "authority": "desk"}
    old = built(press).release.rows("articles")[0]["article_id"]
    folder = press.raw / "captures" / "presstv"
    (folder / "other.txt").write_text(OTHER)
    (folder / "other.txt.toml").write_text('outlet_id = "presstv"\n')
    (press.raw / "withdrawals.jsonl").write_text(json.dumps({"article_id": old, **line}) + "\n")
    (tombstone,) = built(press).release.rows("withdrawn")
    assert tombstone["title"] is tombstone["url"] is tombstone["text_sha256"] is None


def test_versions_and_dates(press: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too low a version is refused, descriptions alone are a patch, the day comes from one place."""
    day = datetime.date(2026, 3, 4)
    first = built(press, date=None, today=lambda: day).release
    assert first.manifest["date"] == "2026-03-04"
    assert "2026-03-04" in (press.raw / "releases.toml").read_text("utf-8")
    (press.raw / "CARD.md").write_text("## What this is\n\nWritten for a test.\n")
    with pytest.raises(UsageError, match="too low"):
        built(press, version="1.0.0")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    patch = built(press, date=None).release
    assert (patch.version, patch.manifest["date"]) == ("1.0.1", "1970-01-02")
    assert patch.fingerprint == first.fingerprint
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    with pytest.raises(UsageError, match="no day"):
        built(press, date="2026-02-30", version="3.0.0", previous=first.root)
    assert not (press.root / "dist" / "press" / "3.0.0").exists()


def test_a_taken_version_is_never_overwritten(press: Archive, tmp_path: Path) -> None:
    """Other content under the same number is refused; what stands there stays."""
    first = built(press).release
    kept = (first.root / "release.json").read_bytes()
    (press.raw / "CARD.md").write_text("## Other\n")
    (press.root / "dist" / "press" / "1.0.1").mkdir()
    with pytest.raises(CannotRun, match="exists"):
        built(press)
    assert (first.root / "release.json").read_bytes() == kept
    assert not list((press.root / "dist").glob(".tmp-*"))


SEED = Path(os.environ.get("MICROFICHE_SEED", REPOSITORY.parent / "shared" / "seed"))


@pytest.mark.skipif(not SEED.is_dir(), reason="the real capture is not part of the repository")
def test_the_first_real_capture_becomes_a_release(tmp_path: Path, run: Run) -> None:
    """init, add and build on the real capture, as a user would type them."""
    (file,) = SEED.glob("*.txt")
    run("init", "t", "--name", "press", "--title", "Press captures")
    note = "received as a text file; retrieval date unknown"
    added = run("add", file, "--archive", "t", "--note", note)
    assert "outlet presstv, recognised by its boilerplate" in added.stdout
    done = run("build", "t", "--out", "t/dist", "--format", "json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["tables"]["articles"] == 1
    assert "MF501" in {finding["code"] for finding in report["findings"]}
    from microfiche.library import open_release

    release = open_release(tmp_path / report["release"])
    (article,) = release.rows("articles")
    assert article["section_path"] == ["News", "Iraq", "Military"]
    assert article["n_paragraphs"] == 22
    assert article["published"] is None
    assert article["provenance"]["retrieval_notes"] == [note]
    assert release.manifest["draft"]
    assert release.manifest["restricted"]
    line = "SHARE THIS ARTICLE"
    assert line in article["provenance"]["removed_lines"]
    rest = article | {"provenance": {**article["provenance"], "removed_lines": []}}
    assert line not in json.dumps(rest, ensure_ascii=False)


def test_a_withdrawal_of_nothing_is_refused(press: Archive) -> None:
    """MF603: validate names the line, build writes nothing."""
    line = {
        "article_id": "presstv:detail-1",
        "reason": "privacy",
        "date": "2026-01-01",
        "authority": "d",
    }
    (press.raw / "withdrawals.jsonl").write_text(json.dumps(line) + "\n")
    assert "MF603" in {finding.code for finding in open_archive(press.root).validate().findings}
    with pytest.raises(DataError, match="line 1: error MF603"):
        built(press)
    assert not (press.root / "dist" / "press").exists()


def test_a_corrected_retrieval_record_breaks_no_promise(press: Archive) -> None:
    """Another capture id, but the bytes are still there; who retrieved it is released too."""
    built(press)
    (sidecar,) = (press.raw / "captures" / "presstv").glob("*.toml")
    sidecar.write_text(sidecar.read_text("utf-8") + 'method = "received by post"\n', "utf-8")
    second = built(press).release
    assert second.version == "1.1.0"
    assert second.rows("captures")[0]["method"] == "received by post"
    sidecar.write_text(sidecar.read_text("utf-8") + 'retrieved_by = "the desk"\n', "utf-8")
    third = built(press).release
    assert (third.version, third.fingerprint) == ("1.1.1", second.fingerprint)
    assert third.rows("captures")[0]["retrieved_by"] == "the desk"
    assert built(press).unchanged


def test_provenance_alone_is_a_minor_change(press: Archive) -> None:
    """A line that the outlet file now calls boilerplate changes provenance, with a reason given."""
    built(press)
    outlet = press.raw / "outlets" / "presstv.toml"
    outlet.write_text(outlet.read_text("utf-8").replace('name = "Press TV"', 'name = "PressTV"', 1))
    release = built(press).release
    assert release.version == "1.1.0"
    assert "outlet_name changed" in release.manifest["version_reasons"]


def test_adding_records_with_options_is_refused(press: Archive, tmp_path: Path) -> None:
    """A JSONL file's records state their own retrieval; nothing given is dropped silently."""
    (tmp_path / "r.jsonl").write_text('{"outlet_id": "presstv", "text": "A text."}\n')
    with pytest.raises(UsageError, match="notes"):
        add(open_archive(press.root), tmp_path / "r.jsonl", {"notes": "lost?"})
    added = add(open_archive(press.root), tmp_path / "r.jsonl", {})
    assert (added.outlet_id, added.outlet_source) == ("presstv", "as stated in its records")


def test_a_lost_observation_is_missed_even_without_bytes(press: Archive) -> None:
    """MF602: one observation without bytes does not stand for another."""
    lines = [
        {"url": f"https://presstv.ir/Detail/2021/05/31/{n}/x", "http_status": 404} for n in (1, 2)
    ]
    file = press.raw / "captures" / "retrievals.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    built(press)
    file.write_text(json.dumps(lines[0]) + "\n")
    assert "MF602" in {finding.code for finding in open_archive(press.root).validate().findings}
    with pytest.raises(DataError, match="MF602"):
        built(press)
