"""PDF files: paragraphs by where their lines stand, in one column or two; what gives no text."""

from __future__ import annotations

import builtins
import shutil
from pathlib import Path
from typing import Any

import pytest

import microfiche
from conftest import Run
from microfiche.captures.pdf import pdf_text
from small import build, outlet, write

PRINTED = Path(__file__).parents[1] / "containers" / "chromium.pdf"
URL = "http://courier.example/2024/05/17/14-ferry-timetable"
Placed = tuple[int, int, int, str]  # size in points, left, foot, text


def pdf(*pages: list[Placed]) -> bytes:
    """A PDF of lines in Helvetica, each where it is put."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for lines in pages:
        text = "".join(
            f"BT /F1 {size} Tf {left} {foot} Td ({said}) Tj ET\n"
            for size, left, foot, said in lines
        )
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}endstream")
        resources = "<< /Font << /F1 3 0 R >> >>"
        kids.append(len(objects) + 1)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {len(objects)} 0 R "
            f"/Resources {resources} >>"
        )
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>"
    body, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    tail = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    return (body + head + table + tail).encode("latin-1")


LONG = "The harbour board closed the north pier for repairs, and boats"
REST = "lie in Selby until the spring. Nobody knew what it would cost."


def test_lines_of_one_column_are_paragraphs() -> None:
    """By the gap between them; a headline in larger letters and short lines stand for themselves."""
    page = [
        (24, 50, 740, "The north pier is closed"),
        (11, 50, 700, "By Ada Quill"),
        (11, 50, 686, "3 May 2024"),
        (11, 50, 660, LONG),
        (11, 50, 646, REST),
        (11, 50, 620, LONG),
        (11, 50, 606, "lie in Selby."),
    ]
    text, faults = pdf_text(pdf(page))
    assert faults == ()
    assert text.split("\n\n") == [
        "The north pier is closed", "By Ada Quill", "3 May 2024", f"{LONG} {REST}",
        f"{LONG} lie in Selby.",
    ]  # fmt: skip


def test_a_paragraph_goes_on_over_columns_and_pages() -> None:
    """Where the sentence does; without a gap an indent begins one. A soft hyphen goes."""
    words = ["the pier was closed for", "repairs that no one had", "foreseen, and boats lie"]
    left = [(11, 50, 700 - 14 * n, each) for n, each in enumerate(words)]
    right = [(11, 320, 700, "in Selby until spring."), (11, 332, 686, "Nobody said what it")]
    text, _ = pdf_text(pdf(left + right, [(11, 50, 700, "would cost to mend it.")]))
    assert text.split("\n\n") == [
        " ".join(words) + " in Selby until spring.",
        "Nobody said what it would cost to mend it.",
    ]


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b"%PDF-1.4\nnothing", "PDFium does not open it"),
        (pdf([]), "it holds no text"),
        (pdf(*[[]] * 401), "401 pages, the limit is 400"),
    ],
)
def test_what_gives_no_text_is_a_finding(
    tmp_path: Path, run: Run, octets: bytes, told: str
) -> None:
    """That names the file and what to do; the others are built."""
    root = write(tmp_path / "a", [], outlet())
    (root / "raw" / "captures" / "records.jsonl").unlink()
    for name, body in (("bad.pdf", octets), ("good.pdf", PRINTED.read_bytes())):
        (root / "raw" / "captures" / name).write_bytes(body)
        record = f'url = "{URL}{name}"\nretrieved_at = 2026-01-01T00:00:00Z\n'
        (root / "raw" / "captures" / f"{name}.toml").write_text(record)
    found = run("validate", root, "--verbose")
    assert f"raw/captures/bad.pdf: error MF319: {told}" in found.stdout
    assert len(build(root).rows("articles")) == 1


def test_a_printed_page_is_added_and_read(tmp_path: Path, run: Run) -> None:
    """As Chromium prints it: headline, byline, time and paragraphs as on the page."""
    root = write(tmp_path / "a", [], outlet())
    (root / "raw" / "captures" / "records.jsonl").unlink()
    shutil.copyfile(PRINTED, tmp_path / "printed.pdf")
    assert run("add", tmp_path / "printed.pdf", "--url", URL, "--archive", root).returncode == 0
    release = build(root)
    (row,) = release.rows("articles")
    page = microfiche.read(PRINTED.with_name("page.html").read_bytes(), url=URL)
    assert (row["title"], row["byline"]) == (page.title, ["Ada Quill"])
    assert row["published"] == "2024-05-17"
    paragraphs = row["text"].split("\n\n")
    assert [each for each in paragraphs if each not in page.captions] == page.text.split("\n\n")
    (capture,) = release.rows("captures")
    assert (capture["media_type"], capture["charset"]) == ("application/pdf", None)


def test_without_the_library_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a traceback."""
    load = builtins.__import__

    def missing(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "pypdfium2":
            raise ImportError(name)
        return load(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    text, (fault,) = pdf_text(b"%PDF-1.4")
    assert (text, fault.code) == ("", "MF319")
    assert "pip install 'microfiche[pdf]'" in fault.message


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("a.zip", "unpack it"), ("a.rtf", "save its text as .txt"), ("a.png", "text recognised")],
)
def test_other_kinds_say_what_to_do_instead(
    tmp_path: Path, run: Run, name: str, remedy: str
) -> None:
    """Each by its ending."""
    root = write(tmp_path / "a", [], outlet())
    (tmp_path / name).write_bytes(b"x")
    refused = run("add", tmp_path / name, "--archive", root)
    assert (refused.returncode, remedy in refused.stderr) == (3, True)
