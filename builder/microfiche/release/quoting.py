"""Whether what is published quotes a text that is withheld, anywhere but in its own headline.

Words are compared, not characters: markup, quotes, case and line breaks hide nothing. Twelve
consecutive words are a quotation; in scripts that set no spaces two characters count as a word.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

import orjson
import yaml

from microfiche.documents import toml_data
from microfiche.errors import DataError
from microfiche.release import REPORT, Release
from microfiche.release.withholding import UNSPACED
from microfiche.schema import Spec, kind_of
from microfiche.text import INVISIBLE

WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
HIDDEN = re.compile("[" + "".join(map(chr, INVISIBLE)) + "]")
IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
QUOTATION = 12.0
OUTLETS, LINES = "source/outlets/", ("boilerplate", "lines")
HEADLINES = ("title", "subtitle")
# Columns that may say what a headline or an address says, and the texts themselves.
NOT_LOOKED_AT = (*HEADLINES, "text", "subject")
SCHEMAS = "schema/"
LONGEST_HEADLINE = 60  # words; what is longer is prose in a headline's place
SET_FORM = {"pattern", "enum", "format"}  # what marks a string that cannot be prose
SHOWN = 20
SHORT = 23  # characters, too few for twelve words
TAG = re.compile(r"<[^>]{0,500}>")
COMMENT = re.compile(r"^\s*#", re.MULTILINE)
LINK = re.compile(r"\]\([^)\s]{0,2000}\)")


class Published(NamedTuple):
    """The runs that a release publishes: where each stands, and the first two words of each."""

    where: Mapping[str, str]
    starts: frozenset[tuple[str, str]]


def runs(text: str, starts: Container[tuple[str, str]] | None = None) -> Iterator[str]:
    """Every run of twelve consecutive words of a text, in one spelling.

    With `starts` only those whose first two words are in it: few, for a look into few runs.
    """
    if HIDDEN.search(text):
        text = text.translate(INVISIBLE)
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = WORD.findall(folded)
    weights: Sequence[float] = range(len(words) + 1)
    if IS_UNSPACED.search(folded):
        each = (0.5 if IS_UNSPACED.match(word) else 1.0 for word in words)
        weights = list(accumulate(each, initial=0.0))
    for start, pair in enumerate(pairwise(words)):
        if starts is None or pair in starts:
            end = bisect_left(weights, weights[start] + QUOTATION)
            if end > len(words):
                return
            yield " ".join(words[start:end])


def published_runs(release: Release, pages: Mapping[str, bytes]) -> Published:
    """The runs that a release publishes in tables or pages, each with its column or file.

    What headlines say may be said anywhere, unless a headline is as long as a text.
    """
    found: dict[str, str] = {}
    for where, value in chain(_table_prose(release), _page_prose(pages)):
        found |= dict.fromkeys(runs(value), where)
    for where, line in _headlines(release):
        if len(line.split()) > LONGEST_HEADLINE:
            found |= dict.fromkeys(runs(line), where)
        else:
            for run in runs(line):
                found.pop(run, None)
    starts = (run.split(" ", 2)[:2] for run in found)
    return Published(found, frozenset((one, other) for one, other in starts))


def _table_prose(release: Release) -> Iterator[tuple[str, str]]:
    """(column, string) of all prose in the tables, as it stands and as a reader sees it."""
    for name, kind in release.types.items():
        prose = {field.name: list(_prose(field.name, field.spec)) for field in kind.fields}
        columns = [column for column, paths in prose.items() if paths]
        for batch in release.batches(name, columns) if columns else ():
            for column in columns:
                for value in batch[column].to_pylist():
                    for path in prose[column]:
                        where = ".".join((name, column, *path))
                        for each in _strings(value, path):
                            yield where, each
                            yield where, _as_read(each)


def _page_prose(pages: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """(file, string) of all prose in the describing files."""
    for path, data in pages.items():
        if path != REPORT and not path.startswith(SCHEMAS):  # a report shows what tables publish
            for value in _page_strings(path, data):
                yield path, value


def _headlines(release: Release) -> Iterator[tuple[str, str]]:
    """(column, headline) of every headline that is published, the longest first."""
    found: set[tuple[str, str]] = set()
    for name in ("articles", "revisions", "withdrawn"):
        columns = [each for each in HEADLINES if each in release.columns(name)]
        for batch in release.batches(name, columns) if columns else ():
            for column in columns:
                values = filter(None, batch[column].to_pylist())
                found.update((f"{name}.{column}", each) for each in values if len(each) > SHORT)
    return iter(sorted(found, key=lambda each: (-len(each[1]), each)))


def _prose(name: str, spec: Spec) -> Iterator[tuple[str, ...]]:
    """Where a column's strings can hold prose: not withheld, of no set form. As members' names."""
    kind = kind_of(spec)
    if name in NOT_LOOKED_AT or spec.get("x-withhold"):
        return
    if kind == "array":
        yield from _prose(name, spec["items"])
    elif kind == "object":
        for part, inner in spec["properties"].items():
            yield from ((part, *path) for path in _prose(part, inner))
    elif kind == "string" and not SET_FORM & spec.keys():
        yield ()


def _strings(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """The strings of a value at a path that are long enough to quote anything."""
    if isinstance(value, list):
        for each in value:
            yield from _strings(each, path)
    elif isinstance(value, dict):
        yield from _strings(value[path[0]], path[1:])
    elif value is not None and len(value) > SHORT:
        yield value


def _as_read(text: str) -> str:
    """A text without its markup and escapes."""
    return TAG.sub("", LINK.sub("]", html.unescape(text)))


def _page_strings(path: str, data: bytes) -> Iterator[str]:
    """The strings of a page as it stands, and as a program reads it."""
    text = data.decode("utf-8", "replace")
    if path.startswith(OUTLETS):
        # Lines that are taken out of pages are the outlet's, not an article's.
        entry = toml_data(text)
        yield from _leaves({k: v for k, v in entry.items() if k not in LINES})
        for line in _leaves([entry.get(name) for name in LINES]):
            text = text.replace(line, " ") if len(line) > SHORT else text
        yield text  # and with it its comments
        yield COMMENT.sub(" ", text)
        return
    yield text
    yield _as_read(text)
    yield from read_strings(path, data)


def read_strings(path: str, data: bytes) -> Iterator[str]:
    """The strings of a page as a program reads it; none of one that is no data."""
    if path.endswith(".json"):
        yield from _leaves(orjson.loads(data))
    elif path.endswith(".jsonl"):
        for line in filter(None, data.splitlines()):
            yield from _leaves(orjson.loads(line))
    elif path.endswith(".toml"):
        yield from _leaves(toml_data(data.decode("utf-8")))
    elif path.endswith(".cff"):
        yield from _leaves(yaml.safe_load(data))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)


def quotation(text: str, published: Published) -> tuple[str, str] | None:
    """(where, words) of the first quotation of a text; None if there is none."""
    where = published.where
    found = (run for run in runs(text, published.starts) if run in where)
    return next(((where[run], run) for run in found), None)


def refusal(found: list[tuple[str, str, str]]) -> DataError:
    """The error for quotations, each an article, a place and the words."""
    lines = "".join(
        f"\n  article {article_id}: {where} would publish its withheld text: {run[:60]!r} …"
        for article_id, where, run in found[:SHOWN]
    )
    more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return DataError(
        f"nothing was built: a text that is withheld is quoted{lines}{more}",
        "shorten the quotation to less than 12 words where it stands: in the capture's record, "
        "the archive's own files, or by the outlet's selectors",
    )
