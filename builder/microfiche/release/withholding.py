"""What a public release shows: text as far as rights allow, nothing else that may be withheld.

The schema says what may be (`x-withhold`). Digests and counts stay, so the records keep their
digests, and public and full releases one fingerprint.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.schema import Field, RecordType

# Letters of scripts that set no spaces between words: Thai, Lao, Tibetan, Burmese, Khmer, kana and
# Chinese characters. Each is a token by itself.
UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u3400-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U000323af"
)
ACCESS = ("withheld", "masked", "full")  # how much of a text is shown, the strictest first
MASK = "@"
TOKEN = re.compile(rf"[{MASK}{UNSPACED}]|[^\s{MASK}{UNSPACED}]+")
# Of a text of more than 200 tokens 7 consecutive ones of each 100 are masked, of a shorter one 5
# of each 20 (the rule of NELA-GT: Gruppi, Horne, Adalı, 2020).
LONG_TEXT, LONG_BLOCK, SHORT_BLOCK = 200, (100, 7), (20, 5)


class Shown(NamedTuple):
    """What decides how much of an article a public release shows.

    policies   text policy by outlet: full, masked, withheld
    based      outlets whose own file records a basis
    without    ids of articles without a basis for republishing
    copies     how much is shown of articles that are copies of others that are shown less
    """

    policies: Mapping[str, str]
    based: frozenset[str]
    without: frozenset[str]
    copies: Mapping[str, str]

    def access(self, article_id: str, outlet_id: str) -> str:
        """full, masked or withheld."""
        basis = None if article_id in self.without else "recorded"
        own = access_of(self.policies.get(outlet_id), basis)
        return min(own, self.copies.get(article_id, own), key=ACCESS.index)

    def shows_revisions(self, article_id: str, outlet_id: str) -> bool:
        """Whether earlier revisions are shown: a basis of one capture says nothing of others."""
        return outlet_id in self.based and self.access(article_id, outlet_id) == "full"


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


def withhold(kind: RecordType, table: pa.Table, shown: Shown) -> pa.Table:
    """Rows of a table as a public release has them."""
    name = kind.table.name
    if name == "articles":
        table = _articles(table, shown)
    elif name == "revisions":
        outlets = pc.list_element(pc.split_pattern(table["article_id"], ":", max_splits=1), 0)
        ids = zip(table["article_id"].to_pylist(), outlets.to_pylist(), strict=True)
        table = _with(table, "text", _texts(table, [shown.shows_revisions(*each) for each in ids]))
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
    table = _with(table, "text", pa.array(texts, pa.string()))
    return _with(table, "text_access", pa.array(access, pa.string()))
