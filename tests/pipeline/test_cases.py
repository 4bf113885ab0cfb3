"""Case folders: an input and what must be found in it, nothing else. Add a folder to add a case.

A case is laid over tests/cases/base. Its expected.txt has one line a finding: where, place and
code as `validate` prints them. removed.txt names files of the base to leave out.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cases import FOLDERS, MADE_IN_TESTS, laid_out
from conftest import CASES, Run
from microfiche.errors import DataError
from microfiche.finding import CODES
from microfiche.library import open_archive
from microfiche.pipeline import BuildOptions

LIMIT = 8192


@pytest.mark.parametrize("case", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_case_gives_its_findings_and_no_others(case: Path, tmp_path: Path) -> None:
    """A case triggers exactly the findings it names, and valid ones none."""
    root = laid_out(case, tmp_path / "archive")
    found = open_archive(root).validate(max_capture_bytes=LIMIT).findings
    seen = [str(finding).partition(finding.code)[0] + finding.code for finding in found]
    assert seen == (case / "expected.txt").read_text("utf-8").splitlines()
    for finding in found:
        assert finding.message
        assert CODES[finding.code].remedy in str(finding)


@pytest.mark.parametrize(
    "case", [path for path in FOLDERS if path.parent.name == "invalid"], ids=lambda path: path.name
)
def test_bad_capture_is_rejected_beside_a_good_one(case: Path, tmp_path: Path) -> None:
    """Faults of captures go to `rejected`, faults of the archive's own files stop the build."""
    root = laid_out(case, tmp_path / "archive")
    archive = open_archive(root)
    options = BuildOptions(workers=1, max_capture_bytes=LIMIT)
    expected = (case / "expected.txt").read_text("utf-8").splitlines()
    errors = [line for line in expected if ": error " in line]
    own_files = not all(line.startswith("raw/captures/") for line in errors)
    if own_files:
        with pytest.raises(DataError, match=case.name[:5]):
            archive.build(options)
        assert not list(root.glob("dist/*"))
        return
    built = archive.build(options)
    rejected = built.release.rows("rejected")
    assert len(built.release.rows("articles")) >= 1
    assert case.name[:5] in {code for row in rejected for code in row["codes"]}
    assert all(len(row["codes"]) == len(row["messages"]) for row in rejected)


def test_every_code_has_a_case() -> None:
    """No code is without a case folder or a test that makes it."""
    named = {path.name[:5] for path in FOLDERS if path.parent.name != "valid"}
    assert named | MADE_IN_TESTS == set(CODES)


def test_validate_exits_3_for_errors_and_0_for_warnings(tmp_path: Path, run: Run) -> None:
    """Exit codes follow the worst finding; --strict counts warnings too."""
    bad = laid_out(CASES / "invalid" / "MF301_empty_file", tmp_path / "bad")
    odd = laid_out(CASES / "warning" / "MF104_draft", tmp_path / "odd")
    assert run("validate", bad).returncode == 3
    assert run("validate", odd).returncode == 0
    assert run("validate", odd, "--strict").returncode == 3


@pytest.mark.parametrize("text", [None, "id = \"courier\"\nhost = 'courier.example'\nb = =\n"])
def test_captures_wait_for_a_broken_outlet_file(tmp_path: Path, text: str | None) -> None:
    """The file at fault is named, with how many captures wait; none of them is blamed itself."""
    root = tmp_path / "a"
    shutil.copytree(CASES / "base", root)
    file = root / "raw" / "outlets" / "courier.toml"
    if text is None:
        text = file.read_text("utf-8").replace('role = "canonical"', 'role = "kanonical"')
    file.write_text(text)
    stated = root / "raw" / "captures" / "other.txt"
    stated.write_text((root / "raw" / "captures" / "good.txt").read_text("utf-8"))
    stated.with_name("other.txt.toml").write_text('outlet_id = "courier"\n')
    (root / "raw" / "captures" / "lost.txt").write_text("Of nobody.")
    findings = open_archive(root).validate().findings
    codes = {each.code for each in findings}
    assert {"MF201", "MF103"} & codes
    assert "MF403" not in codes
    assert {each.where for each in findings if each.code == "MF402"} == {"raw/captures/lost.txt"}
    (waiting,) = (each for each in findings if each.code == "MF206")
    assert (waiting.where, waiting.message) == ("raw/outlets/courier.toml", "2 of them")
