"""What there is and what is missing, as `coverage` tells it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from conftest import Run
from microfiche.cli.rendering import print_csv
from microfiche.library import open_archive, open_release
from microfiche.report.coverage import few_of
from microfiche.report.survey import Period
from small import add_lines, build, record, write


def archive_with_gaps(root: Path) -> Path:
    """Eight articles in January, one in February, eight in March; more in three ways not there."""
    numbers = [12 * n + month for month, count in ((1, 8), (2, 1), (3, 8)) for n in range(count)]
    root = write(root, [record(number or 1) for number in numbers])
    notice = {"retrieved_at": "2025-03-01T00:00:00Z", "method": "crawler", "outcome": "gone"}
    gone = {
        "url": "https://courier.example/2024/05/77",
        "html": "<p>Gone.</p>",
        "retrieval": notice,
    }
    add_lines(root, "more.jsonl", gone, "{broken\n")
    expected = root / "raw" / "expected"
    expected.mkdir()
    (expected / "list.txt").write_text("https://courier.example/2024/06/88\n")
    return root


def test_months_addresses_and_refusals(tmp_path: Path, run: Run) -> None:
    """Of a release and of the archive that would give it: the same, as text, CSV and JSON."""
    root = archive_with_gaps(tmp_path / "a")
    of_archive = open_archive(root).coverage()
    release = build(root)
    places = release.coverage()
    assert places == of_archive
    states = {each.subject: each.state for each in places}
    assert states["2024-01"] == states["2024-03"] == "captured"
    assert states["2024-02"] == "few"
    assert states["2024-04"] == "missing"
    assert states["https://courier.example/2024/05/77"] == "failed"
    assert states["https://courier.example/2024/06/88"] == "missing"
    assert states["captures/more.jsonl, line 2"] == "rejected"
    for source in (root, release.root):
        text = run("coverage", source).stdout
        assert "courier: 2024-01 to 2024-06, 3 of 6 with articles" in text
        assert "  2024  8 1 8 - x -" in text
        assert (
            "months with far fewer articles than those around them: 1\n  courier 2024-02 (1)"
            in text
        )
        assert "expected, and never captured: 1\n  https://courier.example/2024/06/88" in text
        assert "no article was found: 1\n  https://courier.example/2024/05/77 (gone)" in text
        assert "captured, and refused: 1\n  captures/more.jsonl, line 2 (MF307)" in text
        rows = list(csv.DictReader(io.StringIO(run("coverage", source, "--format", "csv").stdout)))
        held = json.loads(run("coverage", source, "--format", "json").stdout)
        assert held == [each.as_json() for each in places]
        assert [row["subject"] for row in rows] == [each.subject for each in places]
    page = (release.root / "report.html").read_text("utf-8")
    assert "far fewer than in the months around: 2024-02" in page


def test_few_is_far_fewer_than_around() -> None:
    """A quarter of the middle one around, where that is four or more; ends count what they have."""

    def months(*counts: int) -> list[Period]:
        return [
            Period(f"2024-{n:02}", "captured", count, 0, 0) for n, count in enumerate(counts, 1)
        ]

    assert few_of(months(8, 2, 8)) == {"2024-02"}
    assert few_of(months(8, 3, 8)) == set()
    assert few_of(months(3, 0, 3)) == set()
    assert few_of(months(1, 9, 9, 9)) == {"2024-01"}
    assert few_of(months(1)) == set()
    assert few_of([]) == set()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x"])
def test_a_cell_is_never_a_formula(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a spreadsheet would run stands behind an apostrophe; all else as it is."""
    print_csv([{"a": cell, "b": "x, y", "c": None}], ["a", "b", "c"])
    assert capsys.readouterr().out == f'a,b,c\n\'{cell},"x, y",\n'


def test_what_has_no_coverage(tmp_path: Path, run: Run) -> None:
    """A form that is none, and a path that leads nowhere."""
    release = build(write(tmp_path / "a", [record(1)]))
    assert run("coverage", release.root, "--format", "odd").returncode == 2
    assert run("coverage", tmp_path / "none").returncode == 2
    assert open_release("gazette").coverage()
