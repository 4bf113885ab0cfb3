"""What a public release shows: text as far as rights allow, nothing else that may be withheld.

The schema says what may be (`x-withhold`). Digests and counts stay, so the records keep their
digests, and public and full releases one fingerprint.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.errors import DataError
from microfiche.schema import Field, RecordType

TOKEN = re.compile(r"\S+")
MASK = "@"
# Of a text of more than 200 tokens 7 consecutive ones of each 100 are masked, of a shorter one 5
# of each 20 (the rule of NELA-GT: Gruppi, Horne, Adalı, 2020).
LONG_TEXT, LONG_BLOCK, SHORT_BLOCK = 200, (100, 7), (20, 5)
QUOTED_TOKENS = 12
SHOWN_ANYWAY = ("title", "subtitle", "text")


class Shown(NamedTuple):
    """What decides how much of an article a public release shows.

    policies   text policy by outlet: full, masked, withheld
    without    ids of articles without a basis for republishing, of outlets whose policy is full
    written    runs of 12 tokens that stand in the archive's own describing pages
    """

    policies: Mapping[str, str]
    without: frozenset[str]
    written: frozenset[str]

    def access(self, article_id: str, outlet_id: str) -> str:
        """full, masked or withheld."""
        basis = None if article_id in self.without else "recorded"
        return access_of(self.policies.get(outlet_id), basis)


def access_of(policy: str | None, basis: str | None) -> str:
    """How much of a text a public release shows, by its outlet's policy and the article's basis.

    Without a recorded basis a text is nobody's to republish whole.
    """
    return "withheld" if policy is None or (policy == "full" and basis is None) else policy


def mask(text: str, seed: str) -> str:
    """`text` with some tokens replaced by @; which ones follows from `seed`, white space stays.

    In each block of tokens the place of the masked run is SHA-256(`seed:number of the block`),
    its first 8 bytes as a number, modulo the places there are. A last, shorter block has its
    share, rounded up.
    """
    tokens = [match.span() for match in TOKEN.finditer(text)]
    size, hidden = LONG_BLOCK if len(tokens) > LONG_TEXT else SHORT_BLOCK
    parts, at = [], 0
    for number, first in enumerate(range(0, len(tokens), size)):
        block = tokens[first : first + size]
        count = -(-len(block) * hidden // size)
        digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") % (len(block) - count + 1)
        for start, end in block[place : place + count]:
            parts += [text[at:start], MASK]
            at = end
    return "".join([*parts, text[at:]])


def masked_enough(text: str) -> bool:
    """Whether a masked text keeps the rule's bound: in each block its share of tokens is @."""
    tokens = TOKEN.findall(text)
    size, hidden = LONG_BLOCK if len(tokens) > LONG_TEXT else SHORT_BLOCK
    blocks = (tokens[first : first + size] for first in range(0, len(tokens), size))
    return all(block.count(MASK) >= -(-len(block) * hidden // size) for block in blocks)


def runs(text: str) -> Iterator[str]:
    """Every run of 12 consecutive tokens of a text, joined by one space."""
    tokens = text.split()
    for first in range(len(tokens) - QUOTED_TOKENS + 1):
        yield " ".join(tokens[first : first + QUOTED_TOKENS])


def withhold(kind: RecordType, table: pa.Table, shown: Shown) -> pa.Table:
    """Rows of a table as a public release has them. Raises DataError (see _refuse_quotes)."""
    name = kind.table.name
    if name == "articles":
        table = _articles(table, shown)
    elif name == "revisions":
        outlets = pc.list_element(pc.split_pattern(table["article_id"], ":", max_splits=1), 0)
        ids = zip(table["article_id"].to_pylist(), outlets.to_pylist(), strict=True)
        access = [shown.access(*each) for each in ids]
        table = _with(table, "text", _texts(table, [each == "full" for each in access]))
    for place, field in enumerate(kind.fields):
        column = table.column(place)
        if field.withheld_as and not (field.name == "text" and field.withheld_as == "digest"):
            table = _with(table, field.name, _emptied(column.type, len(table)))
        elif field.kind == "object":
            table = _with(table, field.name, _struct(field, column.combine_chunks()))
    return table


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), values)


def _emptied(kind: pa.DataType, length: int) -> pa.Array:
    if pa.types.is_list(kind):
        return pa.array([[]] * length, kind)
    return pa.nulls(length, kind)


def _struct(field: Field, array: pa.StructArray) -> pa.StructArray:
    """A struct column without its withheld members."""
    parts = [
        _emptied(part.type, len(array))
        if field.spec["properties"][part.name].get("x-withhold")
        else array.field(part.name)
        for part in array.type
    ]
    return pa.StructArray.from_arrays(parts, fields=list(array.type))


def _texts(table: pa.Table, kept: Sequence[bool]) -> pa.Array:
    texts = table["text"].combine_chunks()
    return pc.if_else(pa.array(kept), texts, pa.nulls(len(texts), texts.type))


def _articles(table: pa.Table, shown: Shown) -> pa.Table:
    ids, outlets = table["article_id"].to_pylist(), table["outlet_id"].to_pylist()
    access = [shown.access(*each) for each in zip(ids, outlets, strict=True)]
    texts = list(_texts(table, [each == "full" for each in access]).to_pylist())
    for place, each in enumerate(access):
        if each == "masked":
            text = table["text"][place].as_py()
            texts[place] = mask(text, table["text_sha256"][place].as_py())
        elif each == "withheld":
            _refuse_quotes(table.slice(place, 1).to_pylist()[0], shown)
    table = _with(table, "text", pa.array(texts, pa.string()))
    return _with(table, "text_access", pa.array(access, pa.string()))


def _refuse_quotes(row: Mapping[str, Any], shown: Shown) -> None:
    """Raise DataError if a withheld text stands, in part, in another place that is published."""
    elsewhere = {
        run: name
        for name, value in _strings(row)
        if name not in SHOWN_ANYWAY and not name.endswith(("captions", "removed_lines"))
        for run in runs(value)
    }
    if not elsewhere and not shown.written:
        return
    for run in runs(row["text"]):
        name = elsewhere.get(run)
        if name is None and run not in shown.written:
            continue
        where = f"its {name}" if name else "the archive's own pages (CARD.md, DATASHEET.md, ...)"
        raise DataError(
            f"article {row['article_id']}: {where} would publish its withheld text: {run[:40]!r} …",
            "shorten the quotation to less than 12 words",
        )


def _strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, name)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _strings(each, f"{name}.{key}" if name else key)


def written_runs(pages: Iterable[str]) -> frozenset[str]:
    """Runs of 12 tokens of some pages."""
    return frozenset(run for page in pages for run in runs(page))
