"""Case folders laid out as archives, and a page on which every code of findings stands."""

from __future__ import annotations

import shutil
from pathlib import Path

from microfiche.finding import CODES, Finding
from microfiche.report.causes import Look, causes_of
from microfiche.report.page import archive_page

CASES = Path(__file__).parents[1] / "cases"
FOLDERS = sorted(path for path in CASES.glob("*/*") if path.parent.name != "base")
MADE_IN_TESTS = {
    "MF113",
    "MF114",
    "MF206",
    "MF312",
    "MF318",
    "MF319",
    "MF601",
    "MF602",
    "MF604",
    "MF607",
    "MF608",
    "MF609",
    "MF610",
}


def laid_out(case: Path, root: Path) -> Path:
    """The base archive with a case laid over it."""
    shutil.copytree(CASES / "base", root)
    shutil.copytree(case, root, symlinks=True, dirs_exist_ok=True)
    removed = case / "removed.txt"
    for name in removed.read_text("utf-8").split() if removed.is_file() else ():
        (root / name).unlink()
    return root


def of_every_code() -> bytes:
    """The page of an archive in which every code was met three times, in one file and another."""
    findings = [
        Finding(f"raw/captures/{code}-{name}.txt", f"line {line}", code, f"what {code} says")
        for code in CODES
        for name, line in (("a", 2), ("a", 10), ("b", 1))
    ]
    url = "https://courier.example/news/1"
    lines = (("title", "A headline"), ("text", "A paragraph of the article."))
    causes = causes_of(findings, lambda each: Look(each.where, 2, url, lines))
    return archive_page("Every code", causes, len(findings), refusal="nothing was built")
