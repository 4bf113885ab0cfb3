"""Write a seeded archive of invented captures, about 3 KB each, for timing.

Eight outlets of unequal size, each with a mirror. Words are made of syllables and drawn as often as
Zipf's law has it, so that texts compress about as prose does. Of the captures some are of an
article that was captured before, on the mirror (5 %) or rewritten (3 %); some need repair of their
characters (5 %), have something to be found (2 %: no date), or are refused (0.5 %).

    python benchmarks/generate.py DIR --records 200000 [--seed 1] [--as FORM]

FORM is jsonl, paragraphs, short (records of one sentence), text or warc.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import html
import json
import random
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

OUTLETS = ("courier", "ledger", "signal", "gazelle", "harbour", "meridian", "lantern", "quarry")
SHARES = [1 / (rank + 1) for rank in range(len(OUTLETS))]
OUTLET = """id = "{id}"
name = "The {name}"
languages = ["en"]

[[domains]]
host = "{id}.example"
role = "canonical"
source = "benchmarks/generate.py"

[[domains]]
host = "{id}-mirror.example"
role = "mirror"
source = "benchmarks/generate.py"

[[urls]]
pattern = "^/(?P<year>[0-9]{{4}})/(?P<month>[0-9]{{2}})/(?P<day>[0-9]{{2}})/(?P<id>[0-9]+)/"
prefix = "d"

[[urls]]
pattern = "^/undated/(?P<id>[0-9]+)/"
prefix = "d"

[rights]
license = "CC0-1.0"
statement = "http://creativecommons.org/publicdomain/zero/1.0/"
basis = "license"
text = "full"
"""
DATASET = """name = "bench"
title = "Benchmark articles"
license = "CC0-1.0"

[[creators]]
name = "benchmarks/generate.py"
"""
PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title} - The {name}</title>
<meta property="og:title" content="{title}"><meta name="author" content="{byline}">
<meta property="article:published_time" content="{published}T08:00:00Z">
<link rel="canonical" href="{url}"></head><body>
<header><nav><ul>{menu}</ul></nav></header>
<main><article><h1>{title}</h1><p class="byline">By {byline}</p>
{paragraphs}
</article><aside><h2>Most read</h2><ul>{teasers}</ul></aside></main>
<footer><p>All rights reserved. The {name}</p></footer></body></html>
"""
FIRST_DAY, DAYS = datetime.date(2010, 1, 1), 5500
AGAIN, MIRRORED, REPAIRED, UNDATED, REFUSED = 0.08, 0.05, 0.05, 0.02, 0.005
REMEMBERED = 1000
Record = dict[str, Any]


def vocabulary(rng: random.Random, size: int = 20_000) -> tuple[list[str], Any]:
    """(invented words, the probability that a word is one of these up to each)."""
    syllables = [c + v + e for c in "bcdfghlmnprstvw" for v in "aeiou" for e in ("", "n", "r", "s")]
    words = dict.fromkeys("".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(size))
    weights = 1 / np.arange(1, len(words) + 1)
    return list(words), np.cumsum(weights) / weights.sum()


class Writer:
    """Writes sentences; the same for the same seed. Articles that are `short` have but one."""

    def __init__(self, seed: int, *, short: bool = False) -> None:
        self.short = short
        self.rng, self.draws = random.Random(seed), np.random.default_rng(seed)
        self.words, self.ranks = vocabulary(self.rng)

    def sentences(self, count: int) -> list[str]:
        """So many sentences of 9 to 24 words."""
        lengths = self.draws.integers(9, 25, count)
        drawn = np.searchsorted(self.ranks, self.draws.random(int(lengths.sum()))).tolist()
        words, made, at = self.words, [], 0
        for length in lengths.tolist():
            said = " ".join([words[each] for each in drawn[at : at + length]])
            made.append(f"{said[0].upper()}{said[1:]}{self.rng.choice(('.', '.', '.', '?'))}")
            at += length
        return made

    def paragraphs(self) -> list[str]:
        """The paragraphs of one article."""
        if self.short:
            return self.sentences(1)
        return [
            " ".join(self.sentences(self.rng.randint(2, 4))) for _ in range(self.rng.randint(6, 12))
        ]


def records(count: int, seed: int, *, short: bool = False) -> Iterator[Record]:
    """`count` invented captures with `paragraphs`; the same for the same seed."""
    writer = Writer(seed, short=short)
    rng, known = writer.rng, list[Record]()
    for number in range(count):
        if known and rng.random() < AGAIN:
            yield _again(writer, rng.choice(known), mirrored=rng.random() < MIRRORED / AGAIN)
            continue
        record = _article(writer, number, rng.choices(OUTLETS, SHARES)[0])
        known[number % REMEMBERED : number % REMEMBERED + 1] = [record]
        yield record


def _article(writer: Writer, number: int, outlet: str) -> Record:
    rng = writer.rng
    day = FIRST_DAY + datetime.timedelta(days=rng.randrange(DAYS))
    title = writer.sentences(1)[0][:90].rstrip(" .?")
    undated = rng.random() < UNDATED
    folder = "undated" if undated else f"{day:%Y/%m/%d}"
    path = f"{folder}/{100_000 + number}/{'-'.join(title.lower().split()[:6])}"
    paragraphs = writer.paragraphs()
    if rng.random() < REPAIRED:
        paragraphs[0] = unicodedata.normalize("NFD", f"Caf\u00e9\u00a0 {paragraphs[0]}")
    record = {
        "url": f"https://{outlet}.example/{path}",
        "outlet_id": outlet,
        "title": f"{title} {number}",
        "paragraphs": paragraphs,
        "language": "en",
        "byline": [f"Writer {rng.randrange(400)}"],
        "section_path": ["News", rng.choice(("Town", "Trade", "River"))],
        "retrieval": {
            "retrieved_at": f"{day + datetime.timedelta(days=1)}T06:{number % 60:02}:00Z",
            "retrieved_by": "benchmark",
            "method": "generated",
            "http_status": 200,
        },
    }
    if not undated:
        record["published"] = day.isoformat()
    if rng.random() < REFUSED:
        record["retrieval"]["http_status"] = 7
    return record


def _again(writer: Writer, record: Record, *, mirrored: bool) -> Record:
    """Another capture of an article: on the mirror, or with one paragraph written anew."""
    when = datetime.datetime.fromisoformat(record["retrieval"]["retrieved_at"])
    when += datetime.timedelta(days=writer.rng.randint(1, 60))
    retrieval = {**record["retrieval"], "retrieved_at": f"{when:%Y-%m-%dT%H:%M:%SZ}"}
    if mirrored:
        url = record["url"].replace(".example/", "-mirror.example/", 1)
        return {**record, "url": url, "retrieval": retrieval}
    paragraphs = list(record["paragraphs"])
    paragraphs[-1] = " ".join(writer.sentences(3))
    return {**record, "paragraphs": paragraphs, "retrieval": retrieval}


def _lines(folder: Path, made: Iterable[Record]) -> None:
    """A JSONL file an outlet."""
    files = {}
    for record in made:
        outlet = record["outlet_id"]
        if outlet not in files:
            (folder / outlet).mkdir(exist_ok=True)
            files[outlet] = (folder / outlet / "articles.jsonl").open("a", encoding="utf-8")
        files[outlet].write(json.dumps(record, ensure_ascii=False) + "\n")
    for file in files.values():
        file.close()


def write_paragraphs(folder: Path, made: Iterable[Record]) -> None:
    """JSONL files of records with `paragraphs`."""
    _lines(folder, made)


def write_jsonl(folder: Path, made: Iterable[Record]) -> None:
    """JSONL files of the same records with `text`."""

    def joined(record: Record) -> Record:
        text = "\n\n".join(record["paragraphs"])
        return {("text" if name == "paragraphs" else name): text if name == "paragraphs" else value
                for name, value in record.items()}  # fmt: skip

    _lines(folder, map(joined, made))


def write_texts(folder: Path, made: Iterable[Record]) -> None:
    """One text file a capture, with a retrievals.jsonl beside each thousand."""
    for number, record in enumerate(made):
        part = folder / record["outlet_id"] / f"{number // 1000:04}"
        part.mkdir(exist_ok=True, parents=True)
        name, text = f"{number:07}.txt", "\n\n".join(record["paragraphs"])
        (part / name).write_text(f"{record['title']}\n\n{text}\n", encoding="utf-8")
        line = {"path": name, "url": record["url"], "outlet_id": record["outlet_id"]}
        with (part / "retrievals.jsonl").open("a", encoding="utf-8") as out:
            out.write(json.dumps(line | record["retrieval"]) + "\n")


def page_of(record: Record) -> str:
    """A page that shows a record's article."""
    shown = {name: html.escape(str(record[name])) for name in ("title", "url")}
    menu = "".join(f"<li><a href='/{each}'>{each.title()}</a></li>" for each in OUTLETS)
    return PAGE.format(
        **shown,
        name=record["outlet_id"].title(),
        byline=record["byline"][0],
        published=record.get("published", "2020-01-01"),
        menu=menu,
        teasers="".join(
            f"<li><a href='/t{n}'>{shown['title'][:40]} {n}</a></li>" for n in range(8)
        ),
        paragraphs="\n".join(f"<p>{html.escape(each)}</p>" for each in record["paragraphs"]),
    )


def write_warc(folder: Path, made: Iterable[Record]) -> None:
    """One compressed WARC file of pages, a gzip member a record."""
    place = folder / "crawl"
    place.mkdir()
    with (place / "crawl.warc.gz").open("wb") as out:
        for number, record in enumerate(made):
            body = page_of(record).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n" \
                   f"Content-Length: {len(body)}\r\n\r\n"  # fmt: skip
            block = head.encode() + body
            fields = {
                "WARC-Type": "response",
                "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
                "WARC-Date": record["retrieval"]["retrieved_at"],
                "WARC-Target-URI": record["url"],
                "Content-Type": "application/http; msgtype=response",
                "Content-Length": str(len(block)),
            }
            header = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            octets = f"WARC/1.0\r\n{header}\r\n".encode() + block + b"\r\n\r\n"
            out.write(gzip.compress(octets, 6, mtime=0))


FORMS = {
    "jsonl": write_jsonl,
    "paragraphs": write_paragraphs,
    "short": write_jsonl,
    "text": write_texts,
    "warc": write_warc,
}


def write_archive(root: Path, count: int, seed: int, form: str) -> None:
    """An archive at `root` with `count` captures; `form` is one of FORMS."""
    captures, outlets = root / "raw" / "captures", root / "raw" / "outlets"
    captures.mkdir(parents=True)
    outlets.mkdir()
    for each in OUTLETS:
        described = OUTLET.format(id=each, name=each.title())
        (outlets / f"{each}.toml").write_text(described, encoding="utf-8")
    (root / "raw" / "dataset.toml").write_text(DATASET, encoding="utf-8")
    (root / "DATASHEET.md").write_text("# Datasheet\n", encoding="utf-8")
    FORMS[form](captures, records(count, seed, short=form == "short"))


def main() -> None:
    """Read the command line and write the archive."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as", dest="form", choices=tuple(FORMS), default="jsonl")
    given = parser.parse_args()
    write_archive(given.root, given.records, given.seed, given.form)


if __name__ == "__main__":
    main()
