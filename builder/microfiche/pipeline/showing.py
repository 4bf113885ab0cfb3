"""What a public release shows of each article, and that it quotes nothing of the rest."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.collation.identity import outlet_of
from microfiche.engine import Engine
from microfiche.errors import DataError
from microfiche.finding import Finding
from microfiche.pipeline.collating import Sheets
from microfiche.pipeline.copies import read_texts, strictest
from microfiche.pipeline.writing import read_once
from microfiche.release import Release
from microfiche.release.quoting import published_runs, quotation, refusal
from microfiche.release.withholding import Shown
from microfiche.tables.sheets import Sheet, read_sheet


def what_is_shown(archive: Archive, sheets: Sheets) -> Shown:
    """What decides how much a public release shows of each article."""
    outlets = archive.outlet_book().by_id.values()
    without: set[str] = set()
    for sheet in sheets["articles"]:
        table = read_sheet(sheet, ["article_id", "rights_basis"])
        without.update(table.filter(pc.is_null(table["rights_basis"]))["article_id"].to_pylist())
    return Shown(
        policies={each.id: each.rights["text"] for each in outlets},
        based=frozenset(each.id for each in outlets if each.rights.get("basis")),
        without=frozenset(without),
        copies={},
    )


def keep_shown(
    engine: Engine, archive: Archive, sheets: Sheets, work: Path
) -> tuple[str, list[Finding]]:
    """(the file in which workers find how much a public release shows, findings)."""
    shown, findings = what_is_shown(archive, sheets), list[Finding]()
    if shown.without or set(shown.policies.values()) != {"full"}:
        copies, findings = strictest(archive, read_texts(engine, sheets), shown)
        shown = shown._replace(copies=copies)
    file = work / "shown.pickle"
    file.write_bytes(pickle.dumps(shown))
    return str(file), findings


def refuse_quotations(
    engine: Engine, release: Release, pages: Mapping[str, bytes], sheets: Sheets, shown: str
) -> None:
    """Refuse a public release that quotes what it withholds. Raises DataError."""
    published = Path(shown).with_name("published.pickle")
    published.write_bytes(pickle.dumps(published_runs(release, pages)))
    tasks = [
        (name, sheet, shown, str(published))
        for name in ("articles", "revisions")
        for sheet in sheets[name]
    ]
    results = engine.run("looking for quotations", _quotations_in, tasks) if tasks else ()
    found = [each for part in results for each in part]
    if found:
        raise refusal(found)


def refuse_withdrawn(
    release: Release, pages: Mapping[str, bytes], texts: Iterable[tuple[str, str]]
) -> None:
    """Refuse a release that quotes what is withdrawn: texts with their ids. Raises DataError."""
    held = list(texts)
    published = published_runs(release, pages) if held else None
    found = sorted(
        {
            f"\n  article {article_id}: {quoted[0]} would publish its withdrawn text"
            for article_id, text in held
            if published and (quoted := quotation(text, published))
        }
    )
    if found:
        raise DataError(
            f"nothing was built: a text that is withdrawn is quoted{''.join(found)}",
            "take the quotation out, or shorten it to less than 12 words: in the capture's record, "
            "or in the archive's own files",
        )


def _quotations_in(task: tuple[str, Sheet, str, str]) -> list[tuple[str, str, str]]:
    """(article, where, words) of a quotation of each hidden text of a sheet that has one."""
    name, sheet, shown_path, published_path = task
    shown, published = read_once(shown_path), read_once(published_path)
    quoted = []
    for row in read_sheet(sheet, ["article_id", "text"]).to_pylist() if published.where else ():
        article_id = row["article_id"]
        names = (article_id, outlet_of(article_id))
        visible = shown.shows_revisions(*names)
        if name == "articles":
            visible = shown.access(*names) == "full"
        if row["text"] and not visible:
            found = quotation(row["text"], published)
            if found:
                quoted.append((article_id, *found))
    return quoted
