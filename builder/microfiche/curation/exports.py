"""From an export of a press database to captures: each article a line of JSON, as a row is.

The outlet is told by the publication's name. What the database says beside the text (edition, page,
words, day of loading) goes to the notes, the copyright line to the evidence of rights: nobody has
stated a basis, so a public release withholds the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from microfiche.archive import Archive
from microfiche.captures.cells import as_language
from microfiche.captures.mapping import Mapped
from microfiche.captures.press import PressArticle
from microfiche.captures.press.reading import Export, read_export
from microfiche.captures.spreadsheet import Mismatch
from microfiche.curation.adding import refuse_broken
from microfiche.curation.harvest import Settling, settle
from microfiche.curation.plans import Plan
from microfiche.curation.rows import BARE
from microfiche.engine import Progress, silent
from microfiche.errors import CONTROL
from microfiche.extract.boilerplate import removed_as
from microfiche.extract.byline import clean_names
from microfiche.outlets.registry import known_outlets
from microfiche.schema import record_type
from microfiche.text import normal_line

NAMES = {"nexis": "Nexis", "factiva": "Factiva", "europresse": "Europresse", "integrum": "Integrum"}
IN_COPYRIGHT = "http://rightsstatements.org/vocab/InC/1.0/"
SITE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,12}", re.IGNORECASE)
ADDED = re.compile(r"\s*\((?:now|earlier|then)\)", re.IGNORECASE)
MAX_BYLINE = 500
IN_PLACE = re.compile(r"\s+in\s+[A-Z][\w.-]+(?:\s+[A-Z][\w.-]+)?$")
POST = re.compile(
    r"\b(?:correspondent|editor|reporter|writer|columnist|staff|bureau|desk|redaktion|agenc[ey])\b",
    re.IGNORECASE,
)
NOTED = (("edition", "edition"), ("page", "page"), ("n_words", "length"), ("loaded", "loaded"))


def add_export(
    archive: Archive,
    file: Path,
    export: Export,
    defaults: Mapping[str, Any],
    told: Callable[[Plan], None],
    *,
    dry_run: bool = False,
    replace: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> list[Path]:
    """Add every article of an export; the files that lie in the archive then.

    `defaults` are what holds for the retrieval of all, with `outlet_id` of those that are of one
    outlet; `replace` as of `harvest`. Raises DataError if none can be used, or the file was added
    otherwise before; CannotRun.
    """
    refuse_broken(archive)
    known = {key: value for key, value in defaults.items() if value is not None}
    plan = Plan(file, Mapped({}, {}, (), ()), database=export.database)

    def reading(digest: str) -> str:
        stated = {"original_name": file.name, "sha256": digest, "database": export.database}
        return tomlkit.dumps({**stated, **({"defaults": known} if known else {})})

    records = _records(archive, export, known, plan)
    return settle(archive, plan, records, Settling(reading, told, dry_run, replace, progress))


def export_of(file: Path) -> Export | None:
    """The articles of a file, if it is an export; None if not. Raises DataError, CannotRun."""
    export = read_export(file)
    known = export and any(each.publication and each.published for each in export.articles)
    return export if known else None


def _records(
    archive: Archive, export: Export, known: Mapping[str, Any], plan: Plan
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(outlet, record) of every article that can be used."""
    books, kind = (archive.outlet_book(), known_outlets()), record_type("record")
    for number, article in enumerate(export.articles, start=1):
        plan.n_rows += 1
        record = _record(export.database, article, known)
        faults = list(_faults(record))
        if not faults and not kind.is_valid(record):
            faults = [f"{pointer}: {message}" for pointer, message in kind.explain(record)]
        if faults:
            plan.refuse([Mismatch(number, article.place, each[:300]) for each in faults])
        else:
            yield plan.take(record, books), record


def _faults(record: Mapping[str, Any]) -> Iterator[str]:
    if not record.get("text"):
        yield "no text was found below its headline"
    if "publication" not in record and "outlet_id" not in record:
        yield "no name of a publication was found; give --outlet"


def _record(database: str, article: PressArticle, known: Mapping[str, Any]) -> dict[str, Any]:
    """The record of an article: what it states under the names of fields, all else in its place."""
    kept = [each for each in article.paragraphs if removed_as(each, BARE) is None]
    bylines = [normal_line(each)[:MAX_BYLINE] for each in article.byline]
    names = clean_names(IN_PLACE.sub("", ADDED.sub("", each)) for each in bylines)
    stated: dict[str, Any] = {
        "publication": CONTROL.sub("", article.publication)[:300] if article.publication else None,
        "title": article.title,
        "subtitle": article.subtitle,
        "byline": [each for each in names if not SITE.fullmatch(each) and not POST.search(each)],
        "section_path": [article.section] if article.section else [],
        "dateline": article.dateline,
        "published": article.published,
        "language": article.language and as_language(article.language.partition(";")[0]),
        "captions": list(article.captions),
        "text": "\n\n".join(kept),
        "accession": f"{database}:{article.accession}" if article.accession else None,
        "rights_statement": IN_COPYRIGHT if article.copyright else None,
        "rights_evidence": article.copyright,
    }
    notes = [f"{name} {value}" for key, name in NOTED if (value := getattr(article, key))]
    retrieval = {key: value for key, value in known.items() if key != "outlet_id"}
    retrieval.setdefault("method", f"export of {NAMES[database]}")
    if notes or "notes" in retrieval:
        retrieval["notes"] = "; ".join([*notes, *filter(None, [retrieval.get("notes")])])
    record = {key: value for key, value in stated.items() if value not in (None, [], "")}
    if "outlet_id" in known:
        record["outlet_id"] = known["outlet_id"]
    return {**record, "retrieval": retrieval}
