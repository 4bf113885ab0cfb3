"""Whether what is published quotes a text that is withheld, anywhere but in its own headline.

Words are compared, not characters: markup, quotes, case and line breaks hide nothing. Twelve
consecutive words are a quotation; in scripts that set no spaces two characters count as a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import yaml

from microfiche.errors import DataError
from microfiche.release import Release
from microfiche.schema import Spec, kind_of, table_types, toml_data
from microfiche.withholding import UNSPACED

WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
QUOTATION = 12.0
HEADLINES = ("title", "subtitle")
# Columns that may say what a headline or an address says, and the texts themselves.
NOT_LOOKED_AT = (*HEADLINES, "text", "subject")
SCHEMAS = "schema/"


def runs(text: str) -> Iterator[str]:
    """Every run of twelve consecutive words of a text, in one spelling."""
    words = WORD.findall(text.casefold())
    weights = [0.5 if IS_UNSPACED.match(word) else 1.0 for word in words]
    end, weight = 0, 0.0
    for start, own in enumerate(weights):
        while weight < QUOTATION and end < len(words):
            weight += weights[end]
            end += 1
        if weight < QUOTATION:
            return
        yield " ".join(words[start:end])
        weight -= own


def published_runs(release: Release, pages: Mapping[str, bytes]) -> dict[str, str]:
    """Where each run stands that a release publishes in tables or pages: column or file."""
    found: dict[str, str] = {}
    for name, kind in table_types().items():
        columns = [field.name for field in kind.fields if list(_prose(field.name, field.spec))]
        for batch in release.batches(name, columns) if columns and release.files(name) else ():
            for row in batch.to_pylist():
                for field in kind.fields:
                    if field.name in row:
                        strings = _strings(row[field.name], field.name, field.spec)
                        for path, value in strings:
                            found |= dict.fromkeys(runs(value), f"{name}.{path}")
    for path, data in pages.items():
        if not path.startswith(SCHEMAS):
            for value in _page_strings(path, data):
                found |= dict.fromkeys(runs(value), path)
    return found


def _prose(name: str, spec: Spec) -> Iterator[str]:
    """Paths of the strings in a column that can hold prose: not withheld, of no set form."""
    kind = kind_of(spec)
    if name in NOT_LOOKED_AT or spec.get("x-withhold"):
        return
    if kind == "array":
        yield from _prose(name, spec["items"])
    elif kind == "object":
        for part, inner in spec["properties"].items():
            yield from _prose(part, inner)
    elif kind == "string" and not {"pattern", "enum", "format"} & spec.keys():
        yield name


def _strings(value: Any, name: str, spec: Spec) -> Iterator[tuple[str, str]]:
    """(path, string) of the prose in a value."""
    if value is None or name.rpartition(".")[2] in NOT_LOOKED_AT or spec.get("x-withhold"):
        return
    kind = kind_of(spec)
    if kind == "array":
        for each in value:
            yield from _strings(each, name, spec["items"])
    elif kind == "object":
        for part, inner in spec["properties"].items():
            yield from _strings(value.get(part), f"{name}.{part}", inner)
    elif kind == "string" and not {"pattern", "enum", "format"} & spec.keys():
        yield name, value


def _page_strings(path: str, data: bytes) -> Iterator[str]:
    """The strings of a page as it stands, and as a program reads it."""
    text = data.decode("utf-8", "replace")
    yield text
    if path.endswith(".json"):
        yield from _leaves(orjson.loads(data))
    elif path.endswith(".jsonl"):
        for line in filter(None, data.splitlines()):
            yield from _leaves(orjson.loads(line))
    elif path.endswith(".toml"):
        yield from _leaves(toml_data(text))
    elif path.endswith(".cff"):
        yield from _leaves(yaml.safe_load(text))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)


def quotation(
    text: str, headlines: Iterable[str | None], published: Mapping[str, str]
) -> tuple[str, str] | None:
    """(where, words) of the first quotation of a withheld text; None if there is none.

    What stands in the article's own headlines may stand elsewhere too.
    """
    allowed: set[str] | None = None
    for run in runs(text):
        if run in published:
            if allowed is None:
                allowed = {each for line in headlines if line for each in runs(line)}
            if run not in allowed:
                return published[run], run
    return None


def refuse(article_id: str, where: str, run: str) -> DataError:
    """The error for a quotation."""
    return DataError(
        f"article {article_id}: {where} would publish its withheld text: {run[:60]!r} …",
        "shorten the quotation to less than 12 words, in the capture's record or the archive's "
        "own files",
    )
