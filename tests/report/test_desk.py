"""The page of an archive: what to mend, and what its next release would be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from browser import HOSTILE, SCHEMES, SIZES, Opened, browser
from conftest import CASES, Run
from microfiche.finding import CODES
from microfiche.library import open_archive
from microfiche.report.causes import causes_of, ranked_codes
from small import add_lines, build, outlet, prose, record, write

# Cases whose faults stop nothing but their own captures, so that they can lie side by side.
FAULTS = (
    "invalid/MF301_empty_file",
    "invalid/MF303_nul_characters",
    "invalid/MF307_broken_line",
    "invalid/MF309_unknown_key",
    "invalid/MF402_host_of_nobody",
    "warning/MF104_draft",
    "warning/MF108_expected_nowhere",
    "warning/MF111_placeholder",
    "warning/MF306_damaged_bytes",
    "warning/MF501_no_date",
    "warning/MF705_stub",
)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """An archive with one fault of each of these kinds."""
    root = tmp_path / "faulty"
    shutil.copytree(CASES / "base", root)
    for case in FAULTS:  # their captures have the same names
        code = case.partition("/")[2].partition("_")[0]
        aside = shutil.copytree(CASES / case, tmp_path / code)
        if (aside / "raw" / "captures").is_dir():
            (aside / "raw" / "captures").rename(root / "raw" / "captures" / code)
        shutil.copytree(aside, root, dirs_exist_ok=True)
    return root


def page_of(root: Path) -> str:
    """The page of an archive."""
    return open_archive(root).report().decode()


def test_every_cause_is_there_once(faulty: Path, run: Run) -> None:
    """With how often it was met, its first place by file and line, and what to do."""
    findings = open_archive(faulty).validate().findings
    done = run("report", faulty)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{faulty}/report.html\n"
    page = (faulty / "report.html").read_text("utf-8")
    for code in {each.code for each in findings}:
        assert page.count(f'<section class="cause" id="{code}">') == 1
        assert CODES[code].summary in page
    assert "<code>raw/captures/MF307/r.jsonl</code>, line 2" in page
    assert "<code>raw/captures/MF309/a.txt.toml</code>, line 2" in page
    places = [page.index(f'id="{code}"') for code in ("MF402", "MF104", "MF501")]
    assert places == sorted(places), "errors, then warnings, those of own files first"


def test_a_capture_is_shown_as_it_was_read(faulty: Path) -> None:
    """Beside a finding, line by line, with what each line was taken for, and its address."""
    page = page_of(faulty)
    section = page.partition('id="MF402"')[2].partition("</section>")[0]
    assert "https://" in section
    assert '<th scope="row" class="day">title<td class="long" dir="auto">' in section


def test_what_the_next_release_would_be(tmp_path: Path) -> None:
    """Nothing, the first, or the version with its reasons; nothing is written for it."""
    root = write(tmp_path / "a", [record(1)])
    assert "Its next release would be version 1.0.0, the first" in page_of(root)
    build(root)
    noted = (
        (root / "raw" / "releases.toml").read_bytes()
        if (root / "raw" / "releases.toml").exists()
        else b""
    )
    assert "Nothing changes: version 1.0.0 stays." in page_of(root)
    add_lines(root, "more.jsonl", record(2), record(3, url="https://courier.example/odd"))
    page = page_of(root)
    assert "Its next release would be version 1.1.0" in page
    assert "Changes since version 1.0.0" in page
    assert [each.name for each in (root / "dist" / "press").iterdir()] == ["1.0.0"]
    after = (
        (root / "raw" / "releases.toml").read_bytes()
        if (root / "raw" / "releases.toml").exists()
        else b""
    )
    assert after == noted


def test_an_archive_without_a_release_has_a_page(archive: Path) -> None:
    """It says why, and what was found."""
    shutil.copytree(CASES / "invalid" / "MF201_unknown_role", archive, dirs_exist_ok=True)
    page = page_of(archive)
    assert "No release can be built: nothing was built" in page
    assert 'id="MF201"' in page
    assert "raw/outlets/other.toml</code>, line 6" in page
    for file in (archive / "raw" / "captures").iterdir():
        file.unlink()
    (archive / "raw" / "outlets" / "other.toml").unlink()
    assert "no capture gave an article" in page_of(archive)


def test_codes_are_ranked_by_what_to_mend_first() -> None:
    """Errors before warnings before notes; own files before captures; then by count."""
    counts = {"MF501": 90, "MF104": 1, "MF402": 3, "MF201": 1, "MF307": 7, "MF315": 9}
    order = ["MF201", "MF307", "MF402", "MF104", "MF501", "MF315"]
    assert ranked_codes(counts.items()) == order
    assert causes_of([], lambda _: pytest.fail("nothing to look at")) == []


def test_the_page_of_an_archive_in_a_browser(tmp_path: Path, faulty: Path) -> None:
    """At a desk and on a phone: it asks for nothing, says nothing, runs nothing of the data."""
    hostile = record(
        5, url="https://hostile.example/1", title=HOSTILE, text=f"{HOSTILE} {prose(4)}"
    )
    add_lines(faulty, "hostile.jsonl", hostile)
    (faulty / "report.html").write_bytes(open_archive(faulty).report())
    with browser() as chromium:
        for width, height in SIZES:
            for scheme in SCHEMES:
                page = chromium.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                opened = Opened(page, faulty / "report.html")
                for each in page.locator("details").all():
                    each.evaluate("each => { each.open = true }")
                assert not opened.said
                assert len(opened.asked) == 1
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert page.evaluate("window.hit") is None
                assert page.get_by_text(HOSTILE).count() >= 1
                page.close()


def test_nothing_private_is_told(tmp_path: Path) -> None:
    """A page of an archive is silent about what was withdrawn for privacy."""
    root = write(
        tmp_path / "a", [record(1), record(2, title="Of Quilla Zander", published=None)], outlet()
    )
    build(root)
    line = '{"article_id": "courier:n-2", "reason": "privacy", "date": "2026-01-02", "authority": "desk"}\n'
    (root / "raw" / "withdrawals.jsonl").write_text(line)
    page = page_of(root)
    assert "Zander" not in page
    assert "courier:n-2" in page
