"""Findings for other programs: SARIF, JUnit, GitHub's commands, with the lines at fault."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conftest import CASES, Run
from microfiche.captures.lines import locate, toml_line
from microfiche.finding import Finding
from microfiche.library import open_archive

FAULTY = (
    "invalid/MF309_unknown_key",
    "invalid/MF201_unknown_role",
    "invalid/MF307_broken_line",
    "invalid/MF301_empty_file",
    "invalid/MF303_nul_characters",
    "warning/MF108_expected_nowhere",
)
# Where each of these stands, counted by hand.
PLACES = {
    ("MF309", "raw/captures/a.txt.toml"): 2,
    ("MF201", "raw/outlets/other.toml"): 6,
    ("MF307", "raw/captures/r.jsonl"): 2,
    ("MF108", "raw/expected/list.txt"): 3,
    ("MF108", "raw/expected/table.csv"): 4,
}


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """An archive with faults in TOML, in JSONL, in a text, and in the datasheet."""
    root = tmp_path / "faulty"
    shutil.copytree(CASES / "base", root)
    for name in FAULTY:
        shutil.copytree(CASES / name, root, dirs_exist_ok=True)
    table = 'url,note\nhttps://courier.example/9,"two\nlines"\nftp://x.example/1,\n'
    (root / "raw" / "expected" / "table.csv").write_text(table)
    with (root / "DATASHEET.md").open("a") as sheet:
        sheet.write("\nFigures: {{nothing}}\n")
    return root


def test_github_shows_each_on_its_line(faulty: Path, run: Run, tmp_path: Path) -> None:
    """From the working folder; what a finding says can forge no command."""
    done = run("validate", faulty, "--format", "github", cwd=tmp_path)
    assert done.returncode == 3
    for (code, path), line in PLACES.items():
        assert f" file=faulty/{path},line={line},title={code}::" in done.stdout
    assert all(each.startswith("::") for each in done.stdout.splitlines())


def test_sarif_has_rules_and_regions(faulty: Path, run: Run, tmp_path: Path) -> None:
    """One result a finding, each with its rule; lines where there are any."""
    done = run("validate", faulty, "--format", "sarif", cwd=tmp_path)
    log = json.loads(done.stdout)
    (held,) = log["runs"]
    rules = [rule["id"] for rule in held["tool"]["driver"]["rules"]]
    found = {}
    for result in held["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        (place,) = result["locations"]
        physical = place["physicalLocation"]
        line = physical.get("region", {}).get("startLine")
        found[result["ruleId"], physical["artifactLocation"]["uri"]] = line
    for (code, path), line in PLACES.items():
        assert found[code, f"faulty/{path}"] == line
    assert len(held["results"]) == len(open_archive(faulty).validate().findings)


def suite_of(report: str) -> ET.Element:
    """The one suite of a report."""
    (suite,) = ET.fromstring(report)  # noqa: S314 - our own
    return suite


def test_junit_counts_what_failed(faulty: Path, run: Run) -> None:
    """A test a finding; a good archive has one that passes."""
    suite = suite_of(run("validate", faulty, "--format", "junit").stdout)
    findings = open_archive(faulty).validate().findings
    assert int(suite.get("tests", "")) == len(suite) == len(findings)
    assert len(suite.findall("testcase/failure")) == int(suite.get("failures", ""))
    good = suite_of(run("validate", CASES / "base", "--format", "junit").stdout)
    assert good.findall("testcase/failure") == []
    assert len(good) >= 1


@pytest.mark.parametrize(
    ("case", "options", "code"),
    [
        ("warning/MF104_draft", (), 0),
        ("warning/MF104_draft", ("--strict",), 3),
        ("warning/MF104_draft", ("--fail-on", "warning"), 3),
        ("warning/MF104_draft", ("--fail-on", "MF104"), 3),
        ("warning/MF104_draft", ("--fail-on", "MF301"), 0),
        ("warning/MF104_draft", ("--fail-on", "soon"), 2),
        ("invalid/MF301_empty_file", ("--fail-on", "MF104"), 3),
    ],
)
def test_what_fails(
    tmp_path: Path, run: Run, case: str, options: tuple[str, ...], code: int
) -> None:
    """Errors always; levels and codes that are asked for too."""
    root = tmp_path / "a"
    shutil.copytree(CASES / "base", root)
    shutil.copytree(CASES / case, root, dirs_exist_ok=True)
    assert run("validate", root, *options).returncode == code


def test_a_build_tells_its_findings_so_too(faulty: Path, run: Run) -> None:
    """Those of the captures it rejects, while it builds the others."""
    (faulty / "raw" / "outlets" / "other.toml").unlink()
    done = run("build", faulty, "--format", "github")
    assert done.returncode == 0, done.stderr
    assert "raw/captures/r.jsonl,line=2,title=MF307" in done.stdout


TABLE = """id = "x" # line 1
[rights]
text = "full"
[[domains]]
host = "a.example"
[[domains]]
"host" = "b.example"
role = 'odd'
[selectors.title]
css = "h1"
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/id", 1), ("/rights/text", 3), ("/domains/0/host", 5), ("/domains/1/host", 7),
        ("/domains/1/role", 8), ("/domains/1/site", 6), ("/selectors/title/css", 10),
        ("/nothing", None), ("/domains/7", None),
    ],
)  # fmt: skip
def test_members_of_toml_have_lines(pointer: str, line: int | None) -> None:
    """That of the member, else of the table that would hold it."""
    assert toml_line(TABLE, pointer) == line


@pytest.mark.parametrize(
    ("name", "text", "place", "message", "line"),
    [
        ("a.txt", "one\ntwo\nthree", "character 6", "", 2),
        ("a.txt", "öne\ntwo\nthree", "byte 6", "", 2),
        ("a.warc", "x\0y\nz", "byte 4", "", None),
        ("DATASHEET.md", "# A\n\n## Uses\n\ntext", "Uses", "", 3),
        ("o.toml", "a = 1\nb = =", "", "no TOML: Invalid value (at line 2, column 5)", 2),
        ("gone.txt", None, "byte 3", "", None),
    ],
)
def test_other_places_have_lines(
    tmp_path: Path, name: str, text: str | None, place: str, message: str, line: int | None
) -> None:
    """Where the file is text, and there."""
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    assert locate(tmp_path, Finding(name, place, "MF301", message)).line == line
