"""Write a seeded archive of invented articles, about 3 KB of JSON each, for timing.

The words are drawn from a small vocabulary of print and preservation terms, so the text
compresses about as prose does not; compare tools on the same file, not with real news.

    python benchmarks/generate.py DIR --records 200000 [--seed 1] [--as jsonl|paragraphs|text]
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
from collections.abc import Iterator
from pathlib import Path

WORDS = """
the of and to in a is that for on with as by it was at from archive paper press reel film scan
page issue edition column copy print record library deposit reader editor market council river
harbour bridge school season minister report figure budget weather railway museum catalogue index
signal volume letter office village morning evening answer question water signal engine garden
winter summer station chapter ledger method custody checksum mirror address domain notice capture
""".split()
OUTLET = """id = "bench"
name = "The Bench Courier"
languages = ["en"]

[[domains]]
host = "bench.example"
role = "canonical"
source = "benchmarks/generate.py"

[[urls]]
pattern = "^/(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<id>[0-9]+)/"
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
FIRST_DAY = datetime.date(2010, 1, 1)


def sentence(rng: random.Random) -> str:
    """One sentence of 9 to 24 invented words."""
    words = rng.choices(WORDS, k=rng.randint(9, 24))
    return " ".join(words).capitalize() + rng.choice((".", ".", ".", "?", "’s turn."))


def articles(count: int, seed: int) -> Iterator[dict[str, object]]:
    """`count` invented article records; the same for the same seed."""
    rng = random.Random(seed)
    for number in range(count):
        day = FIRST_DAY + datetime.timedelta(days=rng.randrange(5500))
        paragraphs = [
            " ".join(sentence(rng) for _ in range(rng.randint(2, 4)))
            for _ in range(rng.randint(6, 12))
        ]
        title = sentence(rng)[:90].rstrip(" .?")
        path = f"{day:%Y/%m/%d}/{100000 + number}/{'-'.join(title.lower().split()[:6])}"
        yield {
            "url": f"https://bench.example/{path}",
            "outlet_id": "bench",
            "title": f"{title} {number}",
            "text": "\n\n".join(paragraphs),
            "published": day.isoformat(),
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


def write_jsonl(folder: Path, count: int, seed: int) -> None:
    """One JSONL file of records with `text`."""
    with (folder / "articles.jsonl").open("w", encoding="utf-8") as out:
        for record in articles(count, seed):
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_paragraphs(folder: Path, count: int, seed: int) -> None:
    """One JSONL file of the same records with `paragraphs`."""
    with (folder / "articles.jsonl").open("w", encoding="utf-8") as out:
        for record in articles(count, seed):
            record["paragraphs"] = str(record.pop("text")).split("\n\n")
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_texts(folder: Path, count: int, seed: int) -> None:
    """One text file a capture, with a retrievals.jsonl beside each thousand."""
    for number, record in enumerate(articles(count, seed)):
        part = folder / f"{number // 1000:04}"
        part.mkdir(exist_ok=True)
        name = f"{number:07}.txt"
        (part / name).write_text(f"{record['title']}\n\n{record['text']}\n", encoding="utf-8")
        line = {"path": name, "url": record["url"], "outlet_id": "bench"}
        line |= record["retrieval"]  # type: ignore[operator]
        with (part / "retrievals.jsonl").open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")


FORMS = {"jsonl": write_jsonl, "paragraphs": write_paragraphs, "text": write_texts}


def write_archive(root: Path, count: int, seed: int, form: str) -> None:
    """An archive at `root` with `count` captures, as JSONL records or as text files.

    `form` is one of FORMS.
    """
    captures = root / "raw" / "captures" / "bench"
    captures.mkdir(parents=True)
    (root / "raw" / "outlets").mkdir()
    (root / "raw" / "outlets" / "bench.toml").write_text(OUTLET, encoding="utf-8")
    (root / "raw" / "dataset.toml").write_text(DATASET, encoding="utf-8")
    (root / "DATASHEET.md").write_text("# Datasheet\n", encoding="utf-8")
    FORMS[form](captures, count, seed)


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
