"""Copies of texts that a public release withholds or masks, found exactly.

No more is shown of an article than of the strictest of the texts that it is alike to.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.collation.copies import Shingled, copies, joined, shingled
from microfiche.collation.identity import outlet_of
from microfiche.engine import Engine
from microfiche.finding import Finding
from microfiche.pipeline.collating import Sheets
from microfiche.release.withholding import ACCESS, Shown
from microfiche.tables.sheets import Sheet, read_sheet

Row = dict[str, Any]
COLUMNS = ["article_id", "title", "text", "text_sha256"]
# A text under so many headlines of one outlet is a wall or a notice, no article's.
WALL_HEADLINES = 3


class Copy(NamedTuple):
    """An article that is alike to another, in thousandths."""

    article_id: str
    of: str
    similarity: int


class Texts(NamedTuple):
    """Every text of some articles, of all their revisions: whose it is, its digest, its shingles.

    `current` says whether it is the one that stands in articles; `sheet` and `row` where it lies.
    """

    article: Any
    sha256: Any
    title: Any
    current: Any
    sheet: Any
    row: Any
    shingles: Shingled
    sheets: tuple[Sheet, ...]

    @property
    def outlet(self) -> Any:
        """The outlet of each text's article."""
        return np.array([outlet_of(each) for each in self.article], object)

    def read(self, number: int) -> str:
        """One of the texts."""
        sheet = self.sheets[int(self.sheet[number])]
        place = np.array([self.row[number]])
        text: str = read_sheet(sheet._replace(kept=place), ["text"])["text"][0].as_py()
        return text

    def walls(self) -> frozenset[tuple[str, str]]:
        """Outlets and digests of texts that several of their articles have, under own headlines."""
        titles: dict[tuple[str, str], dict[str, str]] = {}
        keys = zip(self.outlet, self.sha256, self.article, self.title, strict=True)
        for outlet, sha256, article_id, title in keys:
            titles.setdefault((outlet, sha256), {}).setdefault(article_id, title or article_id)
        return frozenset(
            key for key, held in titles.items() if len(set(held.values())) >= WALL_HEADLINES
        )


def read_texts(engine: Engine, sheets: Sheets) -> Texts:
    """The texts of every article and revision in the sheets of a build."""
    held = tuple(sheet for name in ("articles", "revisions") for sheet in sheets[name])
    columns: list[list[Any]] = [[] for _ in range(6)]
    parts = []
    for number, (table, rows, shingles) in enumerate(engine.run("comparing texts", _read, held)):
        n, first = len(rows), number < len(sheets["articles"])
        facts = (table["article_id"], table["text_sha256"], table["title"])
        each = (*(fact.to_pylist() for fact in facts), [first] * n, [number] * n, rows.tolist())
        for column, values in zip(columns, each, strict=True):
            column += values
        parts.append(shingles)
    article, sha256, title = (np.array(values, object) for values in columns[:3])
    current = np.array(columns[3], bool)
    sheet, row = (np.array(values, np.int32) for values in columns[4:])
    return Texts(article, sha256, title, current, sheet, row, joined(parts), held)


def _read(sheet: Sheet) -> tuple[pa.Table, Any, Shingled]:
    """(facts of the rows of a sheet that have a text, the rows, the shingles of their texts)."""
    table = read_sheet(sheet, COLUMNS)
    there = np.flatnonzero(pc.is_valid(table["text"]).to_numpy())
    rows = there if sheet.kept is None else np.asarray(sheet.kept)[there]
    table = table.take(pa.array(there))
    return table.drop_columns(["text"]), rows, shingled(table["text"].to_pylist())


def own_rights(archive: Archive) -> frozenset[str]:
    """Outlets whose file says, with a basis, that their reprints are shown by their own rights."""
    stated = ((entry["id"], entry.get("rights", {})) for entry in archive.outlets)
    return frozenset(
        own for own, each in stated if each.get("reprints") == "own" and each.get("basis")
    )


def strictest(archive: Archive, texts: Texts, shown: Shown) -> tuple[dict[str, str], list[Finding]]:
    """(how much is shown of articles that are copies of others shown less, findings).

    Two masked copies that are not equal, each masked elsewhere, would tell the whole text between
    them: one of the two is withheld.
    """
    own, walls, outlets = own_rights(archive), texts.walls(), texts.outlet
    is_wall = np.array([each in walls for each in zip(outlets, texts.sha256, strict=True)], bool)
    pairs = zip(texts.article, outlets, strict=True)
    access = np.array([ACCESS.index(shown.access(*each)) for each in pairs], np.int8)
    told, findings = dict[str, str](), []
    # What others must keep to: a text that is withheld beside a masked one binds them no more.
    bound = access.copy()
    protected, contained = np.flatnonzero((access < FULL) & ~is_wall), True
    while len(protected):
        open_to_all = np.flatnonzero(access > WITHHELD)
        fresh: dict[str, tuple[int, int, Copy]] = {}
        left, right = texts.shingles.select(protected), texts.shingles.select(open_to_all)
        for one, other, similarity in copies(left, right, contained=contained):
            theirs, mine = int(protected[one]), int(open_to_all[other])
            article_id, of = str(texts.article[mine]), str(texts.article[theirs])
            foreign = outlets[theirs] != outlets[mine]
            both_masked = access[mine] == bound[theirs] == MASKED
            if article_id == of or (foreign and outlets[mine] in own and not both_masked):
                continue
            level = _level(texts, bound, theirs, mine)
            if level < access[mine]:
                copy = Copy(article_id, of, similarity)
                told_before = fresh.get(article_id, (FULL, FULL, copy))
                fresh[article_id] = min((int(bound[theirs]), level, copy), told_before)
        numbers = np.flatnonzero([each in fresh for each in texts.article])
        for number in numbers.tolist():
            bound[number], access[number], _ = fresh[texts.article[number]]
        for _, level, copy in sorted(fresh.values()):
            told[copy.article_id] = ACCESS[level]
            findings.append(_shown_less(copy, ACCESS[level]))
        protected, contained = numbers[~is_wall[numbers]], False
    return told, findings


WITHHELD, MASKED, FULL = range(3)


def _level(texts: Texts, bound: Any, theirs: int, mine: int) -> int:
    """How much may be shown of a text that is a copy of one shown less."""
    if bound[theirs] == WITHHELD:
        return WITHHELD
    same = texts.sha256[theirs] == texts.sha256[mine]
    if same and texts.current[theirs] and texts.current[mine]:
        return MASKED  # equal texts are masked in the same places
    first = bound[mine] == MASKED and texts.article[mine] < texts.article[theirs]
    return MASKED if first else WITHHELD


def _shown_less(copy: Copy, access: str) -> Finding:
    outlet = outlet_of(copy.article_id)
    message = (
        f"{copy.article_id} is {access}: it shares {copy.similarity} thousandths with {copy.of}"
    )
    return Finding(f"raw/outlets/{outlet}.toml", "/rights", "MF607", message)
