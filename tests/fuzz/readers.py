"""Every reader of files that come from elsewhere, as a function that fuzzing and the tests call.

A reader takes a file and reads it to the end. Only errors of this package may leave it: whatever
the octets are, they give captures, rows, findings or an error that names the file.
"""

from __future__ import annotations

import functools
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from microfiche.archive import Archive
from microfiche.archive.opening import open_archive
from microfiche.captures.expected import read_expected
from microfiche.captures.files import FileSpan, captures_in
from microfiche.captures.retrieval import LINES_FILE
from microfiche.captures.spreadsheet import read_table
from microfiche.collation.draft import draft
from microfiche.curation.exports import add_export, export_of
from microfiche.curation.harvest import Harvest, harvest
from microfiche.curation.observing import row_mismatches
from microfiche.errors import MicroficheError
from microfiche.finding import Finding
from microfiche.outlets.lookup import Outlets

LIMIT = 1 << 16
COURIER = {
    "id": "courier",
    "name": "Harbour Courier",
    "languages": ["en"],
    "domains": [{"host": "courier.example", "role": "canonical"}],
    "boilerplate": [{"line": "The Courier, every day", "kind": "promotion", "identifies": True}],
}
OUTLETS = Outlets([COURIER])
BASE = Path(__file__).parents[1] / "cases" / "base"
URL = "https://courier.example/a/1"


class Reader(NamedTuple):
    """How a file is named that a reader reads, and what reads it."""

    name: str
    read: Callable[[Path], object]


def captures(file: Path) -> None:
    """A capture file, each capture drafted: rows, or faults where it gives none."""
    for capture in captures_in(file, FileSpan(file.name, 0, file.stat().st_size), LIMIT):
        found = draft(capture, OUTLETS)
        assert found.kept or found.faults, capture.path


def text(file: Path) -> None:
    """A text of which the outlet is known."""
    file.with_name(f"{file.name}.toml").write_text('outlet_id = "courier"')
    captures(file)


def page(file: Path) -> None:
    """A page of which the address is known."""
    file.with_name(f"{file.name}.toml").write_text(f'url = "{URL}"')
    captures(file)


def sidecar(file: Path) -> None:
    """The retrieval record of a text."""
    file.with_name(file.name.removesuffix(".toml")).write_text("Ferry stops\n\nIt stopped today.\n")
    captures(file.with_name(file.name.removesuffix(".toml")))


@functools.cache
def _archive(folder: Path) -> Archive:
    root = folder / "archive"
    if not root.exists():
        shutil.copytree(BASE, root)
    return open_archive(root)


def table(file: Path) -> None:
    """A table of articles, as far as the rows that would be added."""
    archive = _archive(file.parent)
    for how in (Harvest(), Harvest({"text": "text"}, {"outlet_id": "courier"})):
        _refusing(lambda how=how: harvest(archive, file, how, print, dry_run=True))


def observations(file: Path) -> None:
    """A table of observations."""
    archive = _archive(file.parent)
    _refusing(lambda: [*row_mismatches(archive, read_table(file, {}), {})])


def export(file: Path) -> None:
    """An export of a press database, as far as the articles that would be added."""
    archive = _archive(file.parent)

    def dry() -> None:
        if found := export_of(file):
            add_export(archive, file, found, {}, print, dry_run=True)

    _refusing(dry)


OFFICE = "http://schemas.openxmlformats.org"
TYPES = f'''<?xml version="1.0"?><Types xmlns="{OFFICE}/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/{{part}}" ContentType="application/vnd.openxmlformats-officedocument.{{main}}.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>'''
RELATIONS = f'''<?xml version="1.0"?><Relationships xmlns="{OFFICE}/package/2006/relationships">
<Relationship Id="r1" Type="{OFFICE}/officeDocument/2006/relationships/{{kind}}" Target="{{target}}"/>
</Relationships>'''
WORKBOOK = f'''<?xml version="1.0"?><workbook xmlns="{OFFICE}/spreadsheetml/2006/main"
xmlns:r="{OFFICE}/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>
</workbook>'''


def packed(file: Path, kind: str, part: str, **parts: str | bytes) -> Path:
    """A file of an office, of which one part is what was given: whole, whatever is in that."""
    types = TYPES.format(part=part, main=kind)
    root = RELATIONS.format(kind="officeDocument", target=part)
    with zipfile.ZipFile(file, "w") as out:
        for name, data in {"[Content_Types].xml": types, "_rels/.rels": root, **parts}.items():
            out.writestr(name, data)
    return file


def docx(file: Path) -> None:
    """The text of a Word file."""
    part = "word/document.xml"
    export(packed(file, "wordprocessingml.document", part, **{part: file.read_bytes()}))


def sheet(file: Path) -> None:
    """A sheet of a workbook."""
    relations = RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml")
    parts = {
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": relations,
        "xl/worksheets/sheet1.xml": file.read_bytes(),
    }
    table(packed(file, "spreadsheetml.sheet", "xl/workbook.xml", **parts))


def expected(file: Path) -> None:
    """A list of addresses that were expected."""
    raw = file.parent / "raw"
    (raw / "expected" / "courier").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, raw / "expected" / "courier" / file.name)
    findings: list[Finding] = []
    addresses = [*read_expected(raw, findings)]
    assert all(each.url for each in addresses)


def own(where: str) -> Callable[[Path], None]:
    """A file of the archive itself: what it holds, or findings of it."""

    def read(file: Path) -> None:
        root = file.parent / f"own-{file.name}"
        if not root.exists():
            shutil.copytree(BASE, root)
        (root / where).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, root / where)
        outlets = open_archive(root).outlet_book()
        good = "captures/good.txt"
        for capture in captures_in(root / "raw" / good, FileSpan(good, 0, 1 << 16), LIMIT):
            draft(capture, outlets)

    return read


def _refusing(run: Callable[[], object]) -> None:
    """Run what may refuse its input."""
    try:
        run()
    except MicroficheError as error:
        print(error)


READERS = {
    "text": Reader("a.txt", text),
    "page": Reader("a.html", page),
    "jsonl": Reader("a.jsonl", captures),
    "warc": Reader("a.warc", captures),
    "gzip": Reader("a.warc.gz", captures),
    "zstd": Reader("a.warc.zst", captures),
    "wacz": Reader("a.wacz", captures),
    "arc": Reader("a.arc", captures),
    "mhtml": Reader("a.mhtml", captures),
    "har": Reader("a.har", captures),
    "webarchive": Reader("a.webarchive", captures),
    "pdf": Reader("a.pdf", page),
    "retrievals": Reader(LINES_FILE, captures),
    "sidecar": Reader("a.txt.toml", sidecar),
    "csv": Reader("a.csv", table),
    "json": Reader("a.json", table),
    "xlsx": Reader("a.xlsx", table),
    "sheet": Reader("b.xlsx", sheet),
    "parquet": Reader("a.parquet", table),
    "observations": Reader("a.csv", observations),
    "export-text": Reader("a.txt", export),
    "export-html": Reader("a.html", export),
    "export-docx": Reader("a.docx", docx),
    "export-xml": Reader("a.xml", export),
    "sitemap": Reader("a.xml", expected),
    "cdx": Reader("a.cdxj", expected),
    "outlet": Reader("courier.toml", own("raw/outlets/courier.toml")),
    "dataset": Reader("dataset.toml", own("raw/dataset.toml")),
    "releases": Reader("releases.toml", own("raw/releases.toml")),
    "withdrawals": Reader("withdrawals.jsonl", own("raw/withdrawals.jsonl")),
    "corrections": Reader("corrections.jsonl", own("raw/corrections.jsonl")),
}
