"""Inputs that once broke something: each stands for a fault that was mended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from microfiche.dates.printed import read_date_line
from microfiche.extract.boilerplate import is_hosts
from microfiche.library import open_archive, open_release, verify
from microfiche.pipeline import BuildOptions
from microfiche.pipeline.validation import resolvable
from test_collation import A, capture, released


def built(root: Path, **options: Any) -> Any:
    """The release of an archive, with one worker and a fixed day."""
    given = {"workers": 1, "date": "2026-01-01"} | options
    return open_archive(root).build(BuildOptions(**given)).release


def add_lines(root: Path, name: str, *lines: object) -> None:
    """Lines of JSON in a file of raw/captures/."""
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    (root / "raw" / "captures" / name).write_text(text)


def everything(root: Path) -> str:
    """All a release says: its pages, and its tables decoded."""
    release = open_release(root)
    rows = [release.rows(entry["name"]) for entry in release.manifest["tables"]]
    pages = [
        file.read_text("utf-8")
        for file in root.rglob("*")
        if file.suffix in (".md", ".json", ".jsonl", ".cff")
    ]
    return json.dumps(rows, ensure_ascii=False) + "".join(pages)


def test_privacy_takes_observations_along(tmp_path: Path) -> None:
    """Nothing of a withdrawn article stays, even when only an observation of its address is left."""
    first = released(tmp_path, capture(1, url=A, at="2020-01-01T00:00:00Z"), capture(2))
    article = next(row for row in first.rows("articles") if row["url"])
    add_lines(tmp_path, "r.jsonl", capture(2))
    add_lines(tmp_path, "retrievals.jsonl", {"url": A, "http_status": 410, "notes": "Jane Doe"})
    line = {
        "article_id": article["article_id"],
        "reason": "privacy",
        "date": "2026-01-01",
        "authority": "d",
    }
    (tmp_path / "raw" / "withdrawals.jsonl").write_text(json.dumps(line) + "\n")
    release = built(tmp_path)
    assert release.version == "2.0.0"
    assert "Jane Doe" not in everything(release.root)
    assert A not in everything(release.root)


def test_rejected_rows_hold_nothing_of_the_capture(tmp_path: Path) -> None:
    """Codes and places, never the text or the password that a finding quotes on the screen."""
    release = released(
        tmp_path,
        capture(1),
        capture(2, paragraphs=["JANE DOE"]),
        capture(3, url="http://user:SECRET@host:99999/"),
    )
    assert len(release.rows("rejected")) == 2
    assert "JANE DOE" not in json.dumps(release.rows("rejected"))
    assert "SECRET" not in everything(release.root)


@pytest.mark.parametrize("date", ["2024-01/..", "2001/2002?", "2024-01-XX", "2024", "", "20240101"])
def test_a_day_of_issue_is_one_day(archive: Path, run: Run, date: str) -> None:
    """Anything else is a usage error, and nothing is put in place."""
    done = run("build", archive, "--date", date)
    assert done.returncode == 2
    assert "YYYY-MM-DD" in done.stderr
    assert not list((archive / "dist").glob("*"))


def test_numbers_that_are_integers_to_json_schema(tmp_path: Path) -> None:
    """200.0 is an integer to a validator and a float to everybody else: the release verifies."""
    release = released(tmp_path, capture(1, url=A, retrieval={"http_status": 200.0}))
    assert [verdict.faults for verdict in verify(release.root) if not verdict.ok] == []


@pytest.mark.parametrize("title", ["News ---", "A\n---\nB: c", "--- x", "%YAML", "# no"])
def test_titles_that_look_like_yaml(archive: Path, title: str) -> None:
    """The card's front matter ends where it ends."""
    text = (archive / "raw" / "dataset.toml").read_text("utf-8")
    (archive / "raw" / "dataset.toml").write_text(text.replace('"A case"', json.dumps(title)))
    release = built(archive)
    assert [
        verdict.faults
        for verdict in verify(release.root, load=title == "News ---")
        if not verdict.ok
    ] == []


def test_queries_in_other_encodings_stay_apart(tmp_path: Path) -> None:
    """Escapes that are no UTF-8 are kept, not read as the same damage."""
    urls = [f"https://courier.example/?q=%{code}" for code in ("E8", "E9")]
    release = released(tmp_path, *(capture(n, url=url) for n, url in enumerate(urls)))
    assert sorted(row["url"] for row in release.rows("articles")) == urls


def test_every_observation_counts(tmp_path: Path) -> None:
    """Two outcomes without a time are two rows; a name too long loses only its own line."""
    released(tmp_path, capture(1, url=A))
    url = "https://courier.example/x"
    lines = [{"url": url, "outcome": outcome} for outcome in ("gone", "blocked")]
    add_lines(
        tmp_path,
        "retrievals.jsonl",
        {"path": "a" * 300},
        *lines,
        {"url": "https://[::1]/", "outcome": "gone"},
    )
    release = built(tmp_path)
    outcomes = [row["outcome"] for row in release.rows("captures") if row["url"] == url]
    assert sorted(outcomes) == ["blocked", "gone"]
    codes = sorted(code for row in release.rows("rejected") for code in row["codes"])
    assert codes == ["MF310", "MF405"]


def test_values_are_never_dropped_silently(tmp_path: Path) -> None:
    """A time that UTC cannot state rejects the capture; an address in an address stays whole."""
    memento = "https://web.archive.example/web/2024/https://courier.example/a"
    release = released(
        tmp_path,
        capture(1, url=A, retrieval={"memento_url": memento}),
        capture(2, at="0999-01-01T00:00:00Z"),
        capture(3, at="2024-01-01 00:00:00Z"),
    )
    assert release.rows("captures")[0]["memento_url"] == memento
    assert sorted(row["codes"][0] for row in release.rows("rejected")) == ["MF309", "MF401"]


def test_chains_of_aliases_resolve() -> None:
    """A to b to c to an article, in any order of lines."""
    links = [("a", "b"), ("b", "c"), ("c", "x")]
    for order in (links, links[::-1]):
        aliases = [{"old_id": old, "new_id": new} for old, new in order]
        assert resolvable(["x"], aliases) == {"a", "b", "c", "x"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("raw/outlets/courier.toml", 'id = "courier"\nname = "C"\ntime_zone = "Nowhere/Bad"\n'),
        ("raw/outlets/courier.toml", 'id = "courier"\nname = 2024-01-01\n'),
        ("raw/dataset.toml", 'name = "c"\ntitle = 10:00:00\ncreators = 2024-01-01\n'),
        ("raw/releases.toml", "versions = {}\n"),
        ("raw/releases.toml", '[versions."1.0.0"]\nissued = "garbage"\n'),
        ("raw/captures/good.txt.toml", 'outlet_id = "courier"\nretrieved_at = 2024-01-01\n'),
        ("raw/captures/x.jsonl", '{"title": ' + "[" * 990 + "]" * 990 + "}\n"),
        ("raw/aliases.jsonl", "[" * 990 + "]" * 990 + "\n"),
        ("raw/captures/x.txt", "Aprıl 3, 2020\n\n3 Auguſt 2020\n"),
        ("raw/captures/blank.jsonl", "\n\n  \n"),
        ("raw/captures/bom.txt", "\ufeff"),
    ],
)
def test_no_file_of_an_archive_brings_it_down(
    archive: Path, run: Run, file: str, text: str
) -> None:
    """Findings or an error that names the file; never a traceback."""
    (archive / file).write_text(text, "utf-8")
    checked, done = run("validate", archive), run("build", archive)
    assert checked.returncode in (0, 3)
    assert done.returncode in (0, 3)
    if "releases" not in file or "garbage" in text:
        assert Path(file).name.removesuffix(".toml") in checked.stdout


def test_links_and_pipes(archive: Path, run: Run) -> None:
    """A loop, a pipe among the outlets, a sidecar that is a link: found, not followed, not waited for."""
    captures = archive / "raw" / "captures"
    (captures / "loop.txt").symlink_to("loop.txt")
    (captures / "x.txt").write_text("Text.")
    (captures / "x.txt.toml").symlink_to("/etc/passwd")
    os.mkfifo(archive / "raw" / "outlets" / "pipe.toml")
    (archive / "raw" / "aliases.jsonl").symlink_to("nowhere")
    done = run("validate", archive, timeout=60)
    assert done.returncode == 3
    for name in ("loop.txt", "x.txt", "pipe.toml", "aliases.jsonl"):
        assert name in done.stdout
    assert (
        run(
            "add", archive / "raw" / "outlets" / "pipe.toml", "--archive", archive, timeout=60
        ).returncode
        == 3
    )


def test_names_that_print_alike_are_two_files(archive: Path, run: Run) -> None:
    """Bytes that are no UTF-8 are shown escaped, without two names becoming one."""
    folder = os.fsencode(archive / "raw" / "captures")
    for name in (b"bad\xff.txt", b"bad\\udcff.txt", b"\x1b[31m.txt"):
        Path(os.fsdecode(folder + b"/" + name)).write_text("")
    done = run("build", archive, "--date", "2026-01-01")
    assert done.returncode == 0
    assert "\x1b" not in done.stderr
    release = open_release(archive / "dist" / "case" / "1.0.0")
    assert len(release.rows("rejected")) == 3


def test_lines_made_to_take_forever() -> None:
    """A line of a thousand dots is looked at in no time."""
    begun = time.monotonic()
    assert not is_hosts("aaaaaaaaaa." * 26 + "!")
    assert read_date_line("1" * 119) is None
    assert time.monotonic() - begun < 5


def test_standard_output_that_is_closed_or_ascii(archive: Path, run: Run) -> None:
    """Closed: exit 4. ASCII only: characters are escaped."""
    command = f"{sys.executable} -m microfiche.cli validate {archive} >&-"
    closed = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert closed.returncode == 4
    assert "standard output" in closed.stderr
    shown = run("show", "gazette", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert shown.returncode == 0


def test_arguments_that_are_no_utf_8(archive: Path, run: Run) -> None:
    """A usage error, before anything is read."""
    assert run("build", archive, "--out", os.fsdecode(b"o\xff")).returncode == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_twice(archive: Path, workers: int) -> None:
    """A build ends soon after Ctrl-C, however often it is pressed, without a traceback."""
    add_lines(archive, "many.jsonl", *(capture(n, outlet_id="courier") for n in range(60_000)))
    command = [sys.executable, "-m", "microfiche.cli", "build", archive, "--workers", str(workers)]
    build = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while not list((archive / "dist").glob(".tmp-*/work")) and build.poll() is None:
        time.sleep(0.01)
    time.sleep(0.5)
    for _ in range(2):
        os.killpg(build.pid, signal.SIGINT)
        time.sleep(0.2)
    _, errors = build.communicate(timeout=30)
    assert build.returncode == 130
    assert b"Traceback" not in errors


def test_to_withdraw_an_alias_withdraws_its_article(archive: Path) -> None:
    """By the id of a captured address whose canonical link leads on, and by an alias by hand."""
    link = '<link rel="canonical" href="https://courier.example/story/b">'
    body = "<p>The ledger room of the harbour office was opened to readers on Monday.</p>"
    html = f"<html><head>{link}</head><body><h1>Ledger room</h1>{body}</body></html>"
    line = {"url": "https://courier.example/story/a", "html": html, "retrieval": {"notes": "n"}}
    (archive / "raw" / "captures" / "n.jsonl").write_text(json.dumps(line) + "\n")
    first = open_archive(archive).build().release
    (row,) = [row for row in first.rows("articles") if row["title"] == "Ledger room"]
    (alias,) = row["aliases"]
    withdrawal = {"article_id": alias, "reason": "privacy", "date": "2026-01-01", "authority": "A"}
    (archive / "raw" / "withdrawals.jsonl").write_text(json.dumps(withdrawal) + "\n")
    release = open_archive(archive).build().release
    assert row["article_id"] not in {each["article_id"] for each in release.rows("articles")}
    assert [each["article_id"] for each in release.rows("withdrawn")] == [alias]
    assert all("Ledger room" not in json.dumps(each) for each in release.rows("captures"))
    assert all(verdict.ok for verdict in release.verify())


@pytest.mark.parametrize(
    "css", ["svg|p", "p[foo|bar]", "p ~ p", "p + p", "p:nth-child(2)", "p:last-child", "p:has("]
)
def test_selectors_that_cannot_be_read_or_bounded_are_findings(archive: Path, css: str) -> None:
    """Neither a traceback nor an hour: MF205 names the selector."""
    entry = f'id = "other"\nname = "Other"\n[[selectors]]\nfield = "text"\ncss = "{css}"\n'
    (archive / "raw" / "outlets" / "other.toml").write_text(entry)
    assert [finding.code for finding in open_archive(archive).findings] == ["MF205"]


def test_a_table_writes_nowhere_but_into_the_archive(
    archive: Path, tmp_path: Path, run: Run
) -> None:
    """An outlet that is a path, a time that is none, a link out of the table's folder."""
    (tmp_path / "secret.txt").write_text("Secret.\n")
    folder = tmp_path / "table"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    table = folder / "t.csv"
    for rows, options in (
        ("url,http_status\nhttps://courier.example/a,404\n", ["--outlet", "../../../../pwned"]),
        ("url,http_status\nhttps://courier.example/a,404\n", ["--retrieved-at", "yesterday"]),
        ("file\nlink.txt\n", ["--outlet", "courier"]),
        ("url,http_status\nhttps://nobody.example/a,404\n", []),
        ("file\nt.csv\n", ["--outlet", "courier"]),
    ):
        table.write_text(rows)
        before = sorted(tmp_path.rglob("*"))
        for dry in (["--dry-run"], []):
            done = run("add", "--records", table, "--archive", archive, *options, *dry)
            assert done.returncode == 3, rows
            assert "line 2" in done.stdout + done.stderr
        assert sorted(tmp_path.rglob("*")) == before
