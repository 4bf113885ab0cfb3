"""Learn the weights by which pages that are no articles are told, and say how well they do unseen.

    uv run --with catboost python benchmarks/train_listings.py FILE ... [--folds 5] [--write]

FILE has a page a line, {"id", "url"}; its pages are html/<id>.html, packed or not, beside it. Those
of a file named indexes.jsonl are listings, all others are taken for articles; where their texts are
known, small pages of these are shown too. Sites are held out whole: no page of a site is in the
training that judges it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from microfiche.extract.article import read_article, told_of
from microfiche.extract.blocks import parse_page
from microfiche.extract.listing import MIN_LISTING, measure
from microfiche.extract.metadata import read_metadata
from microfiche.extract.trees import read_trees
from train import digest, exported, write
from train_pages import html_of, site_of

LISTINGS = "indexes.jsonl"
TREES, DEPTH, RATE, LISTING_WEIGHT = 200, 4, 0.08, 2


class Seen(NamedTuple):
    """A page as it is measured; `site` is what folds are made by."""

    kind: str
    site: str
    is_listing: bool
    measures: dict[str, int]


def pages_of(file: Path) -> Iterable[Seen]:
    """The pages that a file names."""
    for each in map(json.loads, file.read_text("utf-8").splitlines()):
        html = html_of(file.parent / "html", each["id"])
        root, _ = parse_page(html)
        if root is None:
            continue
        kind, site = f"{file.parent.name}/{file.name}", site_of(each)
        yield Seen(kind, site, file.name == LISTINGS, measured(root))
        if each.get("text") and each.get("title"):
            yield Seen(f"{kind} bare", site, False, measured(parse_page(bare(each)).root))


def measured(root: Any) -> dict[str, int]:
    """What a page shows as a whole."""
    said = read_metadata(root)
    return measure(said, read_article(root, said.description, told_of(said)))


def bare(gold: Mapping[str, Any]) -> str:
    """A small page of an article's first paragraphs under a menu, without metadata."""
    chance = random.Random(gold["id"])
    words = gold["title"].split()
    menu = "".join(
        f"<li><a href='/{n}'>{escape(words[n % len(words)])}</a></li>"
        for n in range(chance.randrange(12))
    )
    lines = [line for line in gold["text"].splitlines() if line.strip()]
    shown = "".join(f"<p>{escape(line)}</p>" for line in lines[: chance.randrange(1, 7)])
    return f"<body><ul>{menu}</ul><h1>{escape(gold['title'])}</h1>{shown}</body>"


def fit(pages: Sequence[Seen]) -> Any:
    """Trees that tell listings from articles."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        iterations=TREES,
        depth=DEPTH,
        learning_rate=RATE,
        l2_leaf_reg=6,
        rsm=0.5,
        border_count=64,
        random_seed=1,
        thread_count=2,
        verbose=0,
        allow_writing_files=False,
    )
    rows = np.array([list(each.measures.values()) for each in pages])
    wanted = np.array([each.is_listing for each in pages], int)
    return model.fit(rows, wanted, sample_weight=np.where(wanted, LISTING_WEIGHT, 1))


def cross_validate(pages: Sequence[Seen], folds: int) -> None:
    """Print how many pages of each file are taken for listings by weights that have not seen it."""
    names = list(pages[0].measures)
    taken: Counter[str] = Counter()
    for fold in range(folds):
        seen = [each for each in pages if digest(each.site) % folds != fold]
        unseen = [each for each in pages if digest(each.site) % folds == fold]
        model = read_trees(exported(fit(seen), names, ""))
        rows = {name: np.array([each.measures[name] for each in unseen]) for name in names}
        scores = model.score(rows).tolist()
        taken.update(
            each.kind for each, one in zip(unseen, scores, strict=True) if one >= MIN_LISTING
        )
    for kind, number in Counter(each.kind for each in pages).items():
        print(f"{kind:40} {taken[kind]:4} of {number} taken for listings")


def main() -> None:
    """Read the command line, judge, and write the weights if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--folds", type=int, default=5, help="0: do not judge")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    pages = [page for file in given.files for page in pages_of(file)]
    if given.folds:
        cross_validate(pages, given.folds)
    if given.write:
        script = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        inputs = hashlib.sha256(json.dumps(pages).encode()).hexdigest()
        about = f"benchmarks/train_listings.py {script[:16]}; inputs {inputs[:16]}; listings"
        write(exported(fit(pages), list(pages[0].measures), about), "listings")


if __name__ == "__main__":
    main()
