"""Releases that are right, and releases that are each wrong in one way, by the code to expect.

    python tests/builders/conformance.py FOLDER

writes FOLDER/right/<name>/<version>/, FOLDER/wrong/<code>/<version>/ and FOLDER/index.json, which
says of each what `verify` is to find, and with what options. Another checker of releases can be
held to it. Everything but the fault is made to fit: digests, roots, manifests, descriptions.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq

from microfiche.fixity import file_digest
from microfiche.release.bag import manifest_lines, read_manifest
from microfiche.tables import shards
from microfiche.tables.roots import Leaves
from small import build, outlet, prose, record, write
from tampering import (
    ARTICLES,
    Rows,
    column,
    described,
    edited,
    elsewhere,
    first,
    resealed,
    says,
    stated,
    stored,
    table_of,
    told,
)

DAY = "2025-12-01"
LATER = {"retrieved_at": "2025-06-01T00:00:00Z", "method": "crawler", "retrieved_by": "desk"}


class Wrong(NamedTuple):
    """A release to begin with, the fault that is made, and what `verify` is asked beside."""

    base: str
    make: Callable[[Path], None]
    asked: Mapping[str, Any] = {}


def right(folder: Path) -> dict[str, Path]:
    """Releases that hold: of every kind of table, the one after it, a public one, shards."""
    root = folder / "archive"
    near = prose(5).split()
    near[40] = "otherwise"
    records = [
        record(1),
        record(1, text=prose(7), retrieval=LATER),
        record(2, captions=["A lamp."]),
        record(3, annotations=[{"name": "label", "value": "reliable", "by": "desk"}]),
        record(4, host="herald.example"),
        record(5),
        record(7, host="post.example"),
        record(6, text=" ".join(near)),
        record(8),
        *({"url": f"https://nowhere.example/{n}", "text": "Of no outlet."} for n in range(4)),
    ]
    write(
        root, records, outlet(), outlet("herald", "withheld", None), outlet("post", "masked", None)
    )
    lines = {
        "corrections": {
            "field": "published",
            "value": "2024-02-11",
            "reason": "misread",
            "by": "desk",
        }
        | {"article_id": "courier:n-2", "date": DAY},
        "withdrawals": {
            "article_id": "courier:n-8",
            "reason": "copyright",
            "date": DAY,
            "authority": "The Courier",
        },
    }
    for name, line in lines.items():
        (root / "raw" / f"{name}.jsonl").write_text(json.dumps(line) + "\n")
    made = {"first": build(root).root, "public": build(root, "public").root}
    write(
        root,
        [*records, record(9)],
        outlet(),
        outlet("herald", "withheld", None),
        outlet("post", "masked", None),
    )
    made["second"] = build(root).root
    with mock.patch.object(shards, "MAX_SHARD_ROWS", 3):
        many = write(
            folder / "many", [record(n, url=f"https://courier.example/{n}") for n in range(1, 40)]
        )
        made["shards"] = build(many).root
    return made


def swap(table: pa.Table) -> pa.Table:
    """The first two rows of a table in the other order."""
    return pa.concat_tables([table.slice(1, 1), table.slice(0, 1), table.slice(2)])


def bare(root: Path) -> None:
    """A report that is gone from a release of another builder, though it is listed."""
    elsewhere(root)
    (root / "report.html").unlink()


def noisy(root: Path) -> None:
    """A report with other bytes than are listed, in a release of another builder."""
    elsewhere(root)
    (root / "report.html").write_text("Another page.")


def misplaced(root: Path) -> None:
    """Data that is listed among the descriptions as well."""
    file = root / "tagmanifest-sha256.txt"
    listed = read_manifest(file.read_bytes())
    file.write_bytes(manifest_lines(listed | {ARTICLES: file_digest(root / ARTICLES)[1]}))


def unsorted(root: Path) -> None:
    """A manifest whose lines are in another order."""
    file = root / "tagmanifest-sha256.txt"
    file.write_bytes(b"".join(reversed(file.read_bytes().splitlines(keepends=True))))


def piped(root: Path) -> None:
    """A pipe in place of a file."""
    (root / "report.html").unlink()
    os.mkfifo(root / "report.html")


def uncovered(root: Path) -> None:
    """A schema that takes a column out of the digests, in a release of another builder."""
    elsewhere(root)
    file = root / "schema" / "link.json"
    schema = json.loads(file.read_text("utf-8"))
    schema["properties"]["similarity"]["x-withhold"] = "digest"
    file.write_text(json.dumps(schema), "utf-8")
    told(lambda rows: rows["outlets"].reverse())(root)


def repeated(root: Path) -> None:
    """A row that is there twice."""
    with mock.patch.object(Leaves, "repeat", new=False):
        told(lambda rows: rows.update(annotations=rows["annotations"] * 2))(root)


def renamed(rows: Rows) -> None:
    """A revision with an id that is not its digest, wherever it is named."""
    article = next(row for row in rows["articles"] if row["n_revisions"] == 1)
    for row in (article, *rows["revisions"]):
        if row["revision_id"] == article["revision_id"] and row is not article:
            row["revision_id"] = "0" * 20
    article["revision_id"] = "0" * 20


def shown(rows: Rows, name: str) -> dict[str, Any]:
    """The article of a number."""
    return next(row for row in rows["articles"] if row["article_id"] == name)


def reworded(rows: Rows) -> None:
    """A text of as many words that is not the one of its digest."""
    row = shown(rows, "courier:n-2")
    row["text"] = row["text"].swapcase()


def put_back(rows: Rows) -> None:
    """An earlier state with its text, of an outlet whose texts are withheld."""
    of_herald = [row for row in rows["revisions"] if row["article_id"].startswith("herald:")]
    of_herald[0]["text"] = prose(4)


def unmasked(rows: Rows) -> None:
    """A text that is said to be masked, and is not."""
    shown(rows, "post:n-7")["text"] = prose(7)


def beyond(rows: Rows) -> None:
    """The text of an outlet that withholds them."""
    shown(rows, "herald:n-4").update(text=prose(4), text_access="full")


def explained(root: Path) -> None:
    """A schema that tells otherwise of a column, and descriptions that follow from it."""
    edited("schema/article.json", '"Headline.', '"Head line.')(root)
    described(root, json.loads((root / "release.json").read_bytes()))


def dated(rows: Rows) -> None:
    """A day that its date does not mean."""
    rows["articles"][0].update(published_earliest="2024-01-11", published_latest="2024-01-11")


def strayed(rows: Rows) -> None:
    """What somebody judges of an article that is not there."""
    rows["annotations"][0]["article_id"] = "courier:n-99"


def counted(rows: Rows) -> None:
    """A month that is said to have more articles than it has."""
    next(row for row in rows["coverage"] if row["n_articles"])["n_articles"] = 9


def renumbered(root: Path) -> None:
    """A release with more articles that calls itself a correction of its descriptions."""
    stated(root, lambda manifest: manifest.update(version="1.0.1"))


def unlisted(root: Path) -> None:
    """A file of somebody's."""
    elsewhere(root)
    (root / "notes.txt").write_text("Mine.")


def foreign(root: Path) -> None:
    """A file of somebody's that is listed."""
    (root / "load.py").write_text("import os")
    resealed(root)


def swollen(root: Path) -> None:
    """Many rows of one long value, which takes next to nothing in the file."""
    table = pq.read_table(root / ARTICLES)
    many = table.take(pa.array([0] * 400))
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 400, pa.int32()), ["x" * 3_000_000])
    many = many.set_column(table.schema.get_field_index("dateline"), "dateline", values)
    pq.write_table(many, root / ARTICLES, dictionary_pagesize_limit=1 << 30, write_statistics=False)
    resealed(root)


def hollow(root: Path) -> None:
    """A folder without files."""
    (root / "data" / "empty").mkdir()


def untouched(_root: Path) -> None:
    """The release is right; what is asked of it is not."""


def signed(root: Path) -> None:
    """Something in place of a signature."""
    (root / "tagmanifest-sha256.txt.sig").write_text("By the desk.")


WRONG = {
    "R100": Wrong("first", edited("croissant.json", "{", "", by_another=True)),
    "R101": Wrong("first", unlisted),
    "R102": Wrong("first", misplaced),
    "R103": Wrong("first", bare),
    "R104": Wrong("first", noisy),
    "R105": Wrong("first", unsorted),
    "R106": Wrong("first", hollow),
    "R107": Wrong("first", piped),
    "R108": Wrong("first", edited("release.json", '"articles"', '"article"')),
    "R109": Wrong("first", swollen),
    "R110": Wrong("first", foreign),
    "R201": Wrong("first", stored(lambda table: table.select(table.column_names[::-1]))),
    "R202": Wrong("first", uncovered),
    "R203": Wrong("public", stored(lambda table: table, write_statistics=True)),
    "R204": Wrong("first", says(lambda m: table_of(m)["files"][0].update(n_rows=99))),
    "R205": Wrong("first", says(lambda m: table_of(m)["files"][0].update(size_bytes=99))),
    "R206": Wrong("first", stored(swap)),
    "R301": Wrong("first", first("articles", language="no language")),
    "R302": Wrong("first", stored(lambda t: column(t, "record_sha256", ["0" * 64] * len(t)))),
    "R303": Wrong("first", repeated),
    "R304": Wrong("first", says(lambda m: table_of(m).update(root="0" * 64))),
    "R305": Wrong("first", says(lambda m: m.update(fingerprint=f"mf1:{'a' * 52}"))),
    "R306": Wrong("first", told(renamed)),
    "R307": Wrong("first", told(dated)),
    "R308": Wrong("first", first("articles", domain="other.example")),
    "R309": Wrong("first", first("articles", n_words=99)),
    "R310": Wrong("first", told(reworded)),
    "R311": Wrong("public", told(unmasked)),
    "R312": Wrong("public", first("captures", retrieved_by="desk")),
    "R401": Wrong("first", told(strayed)),
    "R402": Wrong("first", first("links", relation="reprint")),
    "R403": Wrong("public", told(put_back)),
    "R404": Wrong("first", first("articles", n_revisions=9)),
    "R405": Wrong("first", told(counted)),
    "R406": Wrong("first", told(lambda rows: rows["corrections"].clear())),
    "R407": Wrong("first", first("articles", aliases=["courier:n-8"])),
    "R501": Wrong("first", edited("DATASHEET.md", "Datasheet", "Data sheet")),
    "R502": Wrong("first", explained),
    "R503": Wrong("first", edited("croissant.json", '"1.0.0"', '"1.0.1"', by_another=True)),
    "R504": Wrong("first", first("outlets", name="Another")),
    "R505": Wrong(
        "first", edited("README.md", "license: cc0-1.0", "license: mit", by_another=True)
    ),
    "R601": Wrong("first", says(lambda m: m.update(draft=True))),
    "R602": Wrong("public", told(beyond)),
    "R701": Wrong("second", says(lambda m: m["previous"].update(release_sha256="0" * 64))),
    "R702": Wrong("second", renumbered),
    "R703": Wrong("second", told(lambda rows: rows["changes"].clear())),
    "R801": Wrong("first", signed),
    "R802": Wrong("first", untouched, {"cited": ("language == 'en'", "0" * 64)}),
    "R804": Wrong("first", untouched, {"rebuild": "others"}),
}
# What only the loader could break: no release is known that it reads otherwise, and all else holds.
UNBROKEN = {"R803"}


def laid_out(code: str, bases: Mapping[str, Path], folder: Path) -> Path:
    """A copy of a right release, made wrong in the way of a rule; beside it the one before."""
    wrong, base = WRONG[code], bases[WRONG[code].base]
    root = folder / code / base.name
    shutil.copytree(base, root)
    if wrong.base == "second":
        shutil.copytree(bases["first"], root.with_name(bases["first"].name))
    wrong.make(root)
    return root


def lay_out(folder: Path) -> None:
    """Write all of them, and the index."""
    bases = right(folder / "work")
    index: list[dict[str, Any]] = []
    for name, base in bases.items():
        place = folder / "right" / name / base.name
        shutil.copytree(base, place)
        index.append({"path": place.relative_to(folder).as_posix(), "codes": []})
    others = folder / "others"
    shutil.copytree(folder / "work" / "many" / "raw", others / "raw")
    for code, wrong in WRONG.items():
        place = laid_out(code, bases, folder / "wrong")
        asked = {"asked": wrong.asked} if wrong.asked else {}
        index.append({"path": place.relative_to(folder).as_posix(), "codes": [code], **asked})
    shutil.rmtree(folder / "work")
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
