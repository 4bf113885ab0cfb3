"""Taking what is withdrawn out of a build's sheets, and what is left of it: tombstones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.archive.files import DATASHEET
from microfiche.archive.withdrawals import PRIVATE_REASONS, REASONS
from microfiche.collation.copies import copies, shingled
from microfiche.collation.identity import later_rejected_id, outlet_of
from microfiche.collation.similarity import is_long, is_template
from microfiche.describe.source import FOLDER, archive_source
from microfiche.engine import Engine
from microfiche.finding import Finding
from microfiche.fixity import sha256_hex
from microfiche.outlets.lookup import Outlets
from microfiche.pipeline.collating import COLLATED, Gone, Sheets
from microfiche.pipeline.copies import Copy, Texts, own_rights, read_texts
from microfiche.pipeline.gather import address_id
from microfiche.pipeline.takedowns import Takedowns
from microfiche.release import Release
from microfiche.release.quoting import read_strings
from microfiche.release.sharing import unshared
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import Sheet, SheetWriter, read_sheet

ADDRESS = re.compile(r"^https?://")
LEAST_TOLD = 12  # characters; a shorter headline is words that anybody may use
Row = dict[str, Any]
Line = Mapping[str, Any]


class Taken(NamedTuple):
    """A build without what is withdrawn: its sheets, all that is gone from them, and why.

    Of `unsaid`, files of rejected captures with the bytes of something private, nothing is told.
    `rejected` are ids of rejected captures with that of the article at their address, if known.
    """

    sheets: Sheets
    gone: list[Gone]
    takedowns: Takedowns
    findings: list[Finding]
    rejected: Sequence[tuple[str, str]]
    unsaid: frozenset[str] = frozenset()

    def may_tell(self, finding: Finding) -> bool:
        """Whether a finding may be told."""
        return finding.where not in self.unsaid


def take_down_copies(
    engine: Engine, archive: Archive, taken: Taken, earlier: Sequence[Release], work: Path
) -> Taken:
    """Take out of the sheets what copies a withdrawn text, and bytes of anything withdrawn."""
    sheets, gone, takedowns, findings, rejected, _ = taken
    if not takedowns.roots:
        return taken
    takedowns = takedowns.with_more(_roots(gone, takedowns))
    takedowns = takedowns.with_more(_roots(gone, _private_copies(gone, takedowns)))
    texts = read_texts(engine, sheets)
    asked = withdrawn_texts(takedowns, gone, earlier)
    aliases = _aliases(sheets["articles"])
    found = list(_copies(archive, texts, asked, takedowns, aliases))
    if found:
        sheets, more = without_articles(sheets, frozenset(each.article_id for each in found))
        of = {each.article_id: takedowns.roots[each.of] for each in found}
        takedowns = takedowns.with_more(of)
        takedowns = takedowns.with_more(_roots(more, takedowns))
        gone = [*gone, *more]
    sheets, files = _without_rejected(sheets, takedowns, gone, rejected)
    if private := takedowns.private():
        sheets = _without_targets(sheets, archive.outlet_book(), private, work)
    return Taken(sheets, gone, takedowns, [*findings, *_told(found)], rejected, files)


def _roots(gone: Iterable[Gone], takedowns: Takedowns) -> dict[str, str]:
    """For every id of articles the strongest root that one of their ids has."""
    return {each: takedowns.root_of(held.ids) for held in gone for each in held.ids}


def _private_copies(gone: Sequence[Gone], takedowns: Takedowns) -> Takedowns:
    """Takedowns in which what is withdrawn by itself, and copies something private, is too."""
    private = takedowns.private()
    held = [(min(each.ids), text) for each in gone for text in each.texts]
    told = [(each, text) for each, text in held if each in private]
    others = [(each, text) for each, text in held if each not in private]
    if not told or not others:
        return takedowns
    left, right = (shingled([text for _, text in side]) for side in (told, others))
    pairs = sorted((others[o][0], takedowns.roots[told[t][0]]) for t, o, _ in copies(left, right))
    return takedowns.with_more(dict(pairs))


def withdrawn_texts(
    takedowns: Takedowns, gone: Sequence[Gone], earlier: Iterable[Release]
) -> list[tuple[str, str]]:
    """(id, text) of what is withdrawn: as it is captured, and as earlier releases have it."""
    found = {(min(each.ids & takedowns.ids), text) for each in gone for text in each.texts}
    ids = sorted(takedowns.ids)
    for _, release in unshared(earlier):
        for table in ("articles", "revisions"):
            for row in release.select(table, "article_id", ids):
                if row["text"] and row.get("text_access", "full") == "full":
                    found.add((row["article_id"], row["text"]))
    return sorted(found)


def _aliases(articles: Sequence[Sheet]) -> dict[str, Sequence[str]]:
    """The other ids of articles that have some."""
    found: dict[str, Sequence[str]] = {}
    for sheet in articles:
        table = read_sheet(sheet, ["article_id", "aliases"])
        having = table.filter(pc.greater(pc.list_value_length(table["aliases"]), 0))
        found |= {row["article_id"]: row["aliases"] for row in having.to_pylist()}
    return found


def _copies(
    archive: Archive,
    texts: Texts,
    asked: Sequence[tuple[str, str]],
    takedowns: Takedowns,
    aliases: Mapping[str, Sequence[str]],
) -> Iterator[Copy]:
    """Articles that copy a withdrawn text, given these with their roots; copies of copies too.

    A copy of a copy is as like it as it is whole: what only stands in it beside the withdrawn text
    is not withdrawn. Not those whose withdrawal is lifted by a line of their own, nor, unless it
    is for privacy or safety, those of another outlet that shows reprints by its own rights.
    """
    own, walls, known, contained = own_rights(archive), texts.walls(), set[str](), True
    asked = [each for each in asked if (outlet_of(each[0]), _sha256(each[1])) not in walls]
    while asked := [each for each in asked if is_long(len(each[1].split()), len(each[1].encode()))]:
        fresh: dict[str, tuple[Any, Copy]] = {}
        left = shingled([text for _, text in asked])
        for place, number, similarity in copies(left, texts.shingles, contained=contained):
            withdrawn, text = asked[place]
            article_id, root = str(texts.article[number]), takedowns.roots[withdrawn]
            reason, outlet_id = takedowns.reason(withdrawn), outlet_of(article_id)
            foreign = outlet_id != outlet_of(withdrawn)
            if (
                article_id in known
                or takedowns.is_free((article_id, *aliases.get(article_id, ())), root)
                or (foreign and outlet_id in own and reason not in PRIVATE_REASONS)
                or (not foreign and is_template(text, texts.read(number)))
            ):
                continue
            place_of = (REASONS.index(reason), -similarity, withdrawn)
            ranked = (place_of, Copy(article_id, withdrawn, similarity))
            fresh[article_id] = min(ranked, fresh.get(article_id, ranked))
        yield from sorted(copy for _, copy in fresh.values())
        known |= fresh.keys()
        numbers = [n for n, each in enumerate(texts.article) if each in fresh]
        asked = [(fresh[texts.article[n]][1].of, texts.read(n)) for n in numbers]
        contained = False


def _sha256(text: str) -> str:
    return sha256_hex(text.encode())


def _told(found: Iterable[Copy]) -> Iterator[Finding]:
    """MF606 for each article that is withdrawn with another."""
    for each in found:
        message = f"{each.article_id} shares {each.similarity} thousandths with {each.of}"
        yield Finding("raw/withdrawals.jsonl", "", "MF606", message)


def without_articles(sheets: Sheets, ids: frozenset[str]) -> tuple[Sheets, list[Gone]]:
    """(sheets without some articles, what these were)."""
    kept: Sheets = {**sheets, **{name: [] for name in COLLATED}}
    rows: list[Row] = []
    digests: dict[str, set[str]] = {each: set() for each in ids}
    for name in COLLATED:
        for sheet in sheets[name]:
            column = read_sheet(sheet, ["article_id"])["article_id"]
            out = pc.fill_null(pc.is_in(column, pa.array(sorted(ids))), False).to_numpy()
            kept[name].append(sheet.without(out))
            taken = sheet.without(~out)
            if name == "articles" and out.any():
                rows += to_rows(table_types()[name], read_sheet(taken))
            elif name == "captures" and out.any():
                for row in read_sheet(taken, ["article_id", "sha256"]).to_pylist():
                    digests[row["article_id"]].add(row["sha256"])
    rows.sort(key=lambda row: str(row["article_id"]))
    return kept, [Gone(row, (), frozenset(digests[row["article_id"]]) - {None}) for row in rows]


def _without_rejected(
    sheets: Sheets,
    takedowns: Takedowns,
    gone: Sequence[Gone],
    rejected: Sequence[tuple[str, str]],
) -> tuple[Sheets, frozenset[str]]:
    """(sheets without rejected captures of what is withdrawn, their files if it is private).

    These are captures of its addresses, and of bytes that are its captures' elsewhere.
    """
    reasons = {each: takedowns.reason(of) for each, of in takedowns.sha256s.items()}
    for held in gone:
        reasons |= dict.fromkeys(held.sha256s, takedowns.reason(held.article["article_id"]))
    seen: Counter[str] = Counter()
    for first, article_id in rejected:
        if article_id in takedowns.roots:
            reasons[later_rejected_id(first, seen[first])] = takedowns.reason(article_id)
            seen[first] += 1
    kept, files = [], set()
    for sheet in sheets["rejected"]:
        table = read_sheet(sheet, ["rejected_id", "sha256", "source_file"])
        why = [
            reasons.get(row["sha256"]) or reasons.get(row["rejected_id"])
            for row in table.to_pylist()
        ]
        out = np.array([each is not None for each in why], bool)
        kept.append(sheet.without(out))
        hidden = pa.array([each in PRIVATE_REASONS for each in why], pa.bool_())
        files |= {f"raw/{each}" for each in table["source_file"].filter(hidden).to_pylist()}
    return {**sheets, "rejected": kept}, frozenset(files)


def _without_targets(
    sheets: Sheets, outlets: Outlets, private: frozenset[str], work: Path
) -> Sheets:
    """Sheets in which no article's capture tells that it was redirected to a private address."""
    kind, kept = table_types()["captures"], []
    writer = SheetWriter(kind, work / "captures-without-targets.arrow")
    for sheet in sheets["captures"]:
        table = read_sheet(sheet, ["article_id", "redirected_to"])
        shown = pc.and_(pc.is_valid(table["article_id"]), pc.is_valid(table["redirected_to"]))
        places = np.flatnonzero(shown.to_numpy())
        targets = table["redirected_to"].take(pa.array(places)).to_pylist()
        out = np.zeros(len(table), bool)
        out[places] = [address_id(outlets, each) in private for each in targets]
        kept.append(sheet.without(out))
        if out.any():
            for row in to_rows(kind, read_sheet(sheet.without(~out))):
                writer.add({**row, "redirected_to": None})
    if written := writer.close():
        kept.append(written)
    return {**sheets, "captures": kept}


def tombstones(
    archive: Archive, gone: Sequence[Gone], takedowns: Takedowns, earlier: Sequence[Release]
) -> tuple[list[Row], list[Finding]]:
    """(rows of the withdrawn table, one for each id that is withdrawn, findings).

    What captures no longer show is taken from the first of the `earlier` releases that has it, so
    that a tombstone stays as it was. MF608 is what the archive's own files tell of what is private.
    """
    withdrawn = sorted(takedowns.ids)
    # A tombstone stays as it was; what else is known of an article comes after it.
    articles: dict[str, Mapping[str, Any]] = {row["article_id"]: row for row in archive.tombstones}
    for _, release in unshared(earlier):
        for row in release.select("withdrawn", "article_id", withdrawn):
            if row["title"] or row["url"]:
                articles.setdefault(row["article_id"], row)
    for row in (each.article for each in gone):
        for each in (row["article_id"], *row["aliases"]):
            articles.setdefault(each, row)
    missing = [each for each in withdrawn if each not in articles]
    for _, release in unshared(earlier) if missing else ():
        for row in release.select("articles", "article_id", missing):
            articles.setdefault(row["article_id"], row)
    names: dict[str, set[str]] = {}
    for held in gone:
        names.setdefault(held.article["article_id"], set()).update(held.names)
    for article_id, article in articles.items():
        told = {article["title"], article["url"]} - {None}
        names.setdefault(article_id, set()).update(map(str, told))
    found = [
        finding
        for each in sorted(takedowns.private() & names.keys())
        for finding in _telling(archive, each, names[each])
    ]
    return [
        _tombstone(each, takedowns.lines[takedowns.roots[each]], articles.get(each, {}))
        for each in withdrawn
    ], found


def _telling(archive: Archive, article_id: str, names: Iterable[str]) -> Iterator[Finding]:
    """MF608 for each of the archive's own files that has an article's headline or address."""
    plain = [_plain(ADDRESS.sub("", each)) for each in names]
    told = [each for each in plain if len(each) >= LEAST_TOLD]
    for path, octets in archive_source(archive).files.items() if told else ():
        name = path.removeprefix(FOLDER)
        lines = octets.decode("utf-8").splitlines()
        if any(each in _plain("\n".join([*lines, *read_strings(name, octets)])) for each in told):
            at = (n for n, line in enumerate(lines, 1) if any(t in _plain(line) for t in told))
            place = next((f"line {number}" for number in at), "")
            where = name if name == DATASHEET else f"raw/{name}"
            yield Finding(where, place, "MF608", f"headline or address of {article_id}")


def _plain(text: str) -> str:
    """A text without regard to case and white space."""
    return " ".join(text.casefold().split())


def _tombstone(article_id: str, line: Line, article: Mapping[str, Any]) -> Row:
    """The row of one id, by the line that counts for it; nothing of the article if private."""
    shown = {} if line["reason"] in PRIVATE_REASONS else article
    stated = {name: line.get(name) for name in ("reason", "date", "authority", "note")}
    root = line["article_id"]
    return {
        "article_id": article_id,
        **stated,
        "withdrawn_with": None if root == article_id else root,
        "outlet_id": outlet_of(article_id),
        **{name: shown.get(name) for name in ("title", "url", "text_sha256")},
    }
