"""Learn the weights by which lines of texts are told apart, and say how well they do unseen.

    uv run --with catboost python benchmarks/train.py PAGES=DUMPS[@SHARE] ... [--folds 3] [--write]

PAGES is a folder with expected.jsonl ({"id", "title", "text"}), DUMPS the same pages as texts in
folders `inscriptis`, `soup` and `lynx`, as benchmarks/dumps.py makes them; SHARE is how much its
lines weigh. Each page is also cut down to its article with a few lines around, as scraped texts
are. Pages are held out whole: no page is in the training that judges it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from microfiche.extract import trees
from microfiche.extract.layout import unwrapped
from microfiche.extract.region import HEADLINE_WITHIN, INTERRUPTED, article_lines
from microfiche.extract.shape import around, heading, measure
from score import WORD, Overlap, plain, shingles

WEIGHTS = Path(trees.__file__).parent / "weights"
WAYS = ("inscriptis", "soup", "lynx")
CUTS = 3  # cut-down texts of each page
MANY = 500  # of a larger set every second page is enough


class Text(NamedTuple):
    """A text with what its lines show and which of them are the article's."""

    name: str  # of its page
    kind: str
    share: float
    lines: list[str]
    columns: Mapping[str, Any]
    wanted: Any
    gold: Mapping[str, Any]


def texts_of(pages: Path, dumps: Path, share: float) -> Iterable[Text]:
    """The texts of a set of pages, whole and cut down."""
    gold = {each["id"]: each for each in map(json.loads, _lines(pages / "expected.jsonl"))}
    for way in WAYS:
        for file in sorted((dumps / way).glob("*.txt")):
            if len(gold) > MANY and digest(file.stem) % 2 == 0:
                continue
            known = gold[file.stem]
            lines = [line for line in unwrapped(file.read_text("utf-8")) if line]
            if not lines:
                continue
            wanted = labels(lines, known["text"])
            kind = f"{pages.name} {way}"
            yield text(lines, wanted, known, kind, share)
            yield from cut(lines, wanted, known, kind, share, 1 if len(gold) > MANY else CUTS)


def text(lines: list[str], wanted: Any, gold: Mapping[str, Any], kind: str, share: float) -> Text:
    """A text with its measures."""
    seen = measure(lines)
    seen |= around(seen)
    return Text(gold["id"], kind, share, lines, seen, wanted, gold)


def cut(
    lines: list[str], wanted: Any, gold: Mapping[str, Any], kind: str, share: float, cuts: int
) -> Iterable[Text]:
    """The article with a few lines around it, as somebody would have scraped it."""
    body = np.flatnonzero(wanted)
    if len(body) < 3:
        return
    chance = random.Random(gold["id"] + kind)
    title = plain(gold.get("title") or "").casefold()
    heads = [n for n in range(max(0, body[0] - 12), body[0]) if title and same(lines[n], title)]
    for _ in range(cuts):
        above = chance.choice([0, 0, 1, 1, 2, 3, 4, 6])
        top = heads[-1] if heads and chance.random() < 0.8 else body[0]
        start = max(0, top - above)
        end = body[-1] + 1 + chance.choice([0, 0, 0, 1, 2, 3, 4, 6, 9])
        kept, marks = lines[start:end], wanted[start:end]
        if chance.random() < 0.3 and len(body) > 8:
            last, closing = body[chance.randrange(3, 8)] - start, body[-1] - start
            places = [n for n in range(len(kept)) if n <= last or n > closing]
            kept, marks = [kept[n] for n in places], marks[places]
        yield text(kept, marks, gold, f"{kind}-cut", share)


def labels(lines: Sequence[str], gold: str) -> Any:
    """Which lines are the article's: half of their runs of four words stand in its text."""
    words = WORD.findall(plain(gold))
    runs = {tuple(words[n : n + 4]) for n in range(len(words) - 3)}
    whole = f" {' '.join(words)} "
    found = np.full(len(lines), -1)
    for number, line in enumerate(lines):
        own = WORD.findall(plain(line))
        if len(own) >= 6:
            many = len(own) - 3
            held = sum(tuple(own[n : n + 4]) in runs for n in range(many))
            found[number] = held * 2 >= many
    body = np.flatnonzero(found == 1)
    for number in np.flatnonzero(found < 0):
        near = len(body) and body[0] - 2 <= number <= body[-1] + 2
        own = " ".join(WORD.findall(plain(lines[number])))
        found[number] = bool(near) and f" {own} " in whole
    return found


def same(line: str, title: str) -> bool:
    """Whether a line is the headline."""
    return plain(line).casefold() == title


def digest(name: str) -> int:
    """A number that a name always has."""
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16)


def fit(texts: Sequence[Text]) -> Any:
    """Trees that tell lines of the article from others."""
    rows = np.concatenate([_rows(each.columns) for each in texts])
    wanted = np.concatenate([each.wanted for each in texts])
    weights = np.concatenate([each.share * _weights(each) for each in texts])
    return _trees(250, 6, rows, wanted, weights)


def _weights(each: Text) -> Any:
    """How much a line counts: by its length in a whole page, all alike in a short text."""
    if each.kind.endswith("-cut"):
        return np.full(len(each.lines), 0.6)
    return np.sqrt(np.clip([len(line) for line in each.lines], 10, 600)) / 10


class Head(NamedTuple):
    """The lines up to the article of a text that has a known headline, and which it is."""

    text: Text
    columns: Mapping[str, Any]
    wanted: Any


def heads_of(texts: Iterable[Text], found: trees.Trees) -> Iterable[Head]:
    """The heads of texts, by where trees find their articles."""
    for each in texts:
        title = plain(each.gold.get("title") or "").casefold()
        article = article_lines(found.score(each.columns).tolist(), INTERRUPTED)
        if title and article:
            last = min(article[0] + HEADLINE_WITHIN, len(each.lines))
            told = heading(each.lines, each.columns, article[0], last)
            yield Head(each, told, np.array([same(x, title) for x in each.lines[:last]], int))


def fit_heads(heads: Sequence[Head]) -> Any:
    """Trees that find the headline."""
    rows = np.concatenate([_rows(each.columns) for each in heads])
    wanted = np.concatenate([each.wanted for each in heads])
    return _trees(200, 5, rows, wanted, np.where(wanted > 0, 3.0, 1.0))


def _rows(columns: Mapping[str, Any]) -> Any:
    return np.stack(list(columns.values()), 1)


def _trees(number: int, depth: int, rows: Any, wanted: Any, weights: Any) -> Any:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        iterations=number,
        depth=depth,
        learning_rate=0.08,
        border_count=64,
        l2_leaf_reg=5,
        random_seed=1,
        thread_count=2,
        verbose=0,
        allow_writing_files=False,
    )
    return model.fit(rows, wanted, sample_weight=weights)


def exported(model: Any, names: Sequence[str], about: str) -> dict[str, Any]:
    """The trees as a weights' file holds them: whole numbers, thousandths of log odds.

    Where they look for several kinds, each leaf has a number a kind, and so has the bias.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.json"
        model.save_model(str(file), format="json")
        held = json.loads(file.read_text())
    scale, told = held["scale_and_bias"]
    bias = told if isinstance(told, list) else [told]
    grown = held["oblivious_trees"]
    depth = max(len(tree["splits"]) for tree in grown)
    used = sorted({names[s["float_feature_index"]] for tree in grown for s in tree["splits"]})
    made: dict[str, Any] = {
        "about": about,
        "names": used,
        "bias": [round(value * 1000) for value in bias] if len(bias) > 1 else round(bias[0] * 1000),
        "measures": [],
        "thresholds": [],
        "leaves": [],
    }
    for tree in grown:
        asked = [used.index(names[split["float_feature_index"]]) for split in tree["splits"]]
        least = [math.floor(split["border"]) + 1 for split in tree["splits"]]
        leaves = [round(value * scale * 1000) for value in tree["leaf_values"]]
        for _ in range(depth - len(asked)):
            asked, least, leaves = [*asked, asked[0]], [*least, least[0]], [*leaves, *leaves]
        made["measures"].append(asked)
        made["thresholds"].append(least)
        made["leaves"].append(leaves)
    return made


def write(made: Mapping[str, Any], name: str) -> None:
    """Write a weights' file, a line a member."""
    members = (f'"{k}": {json.dumps(v, separators=(",", ":"))}' for k, v in made.items())
    WEIGHTS.mkdir(exist_ok=True)
    (WEIGHTS / f"{name}.json").write_text("{\n" + ",\n".join(members) + "\n}\n")


def cross_validate(texts: Sequence[Text], folds: int) -> None:
    """Print how well lines and headlines of pages are found by weights that have not seen them."""
    scores: dict[str, Overlap] = {}
    hits: dict[str, list[int]] = {}
    for fold in range(folds):
        seen = [each for each in texts if digest(each.name) % folds != fold]
        unseen = [each for each in texts if digest(each.name) % folds == fold]
        model = _loaded(fit(seen), seen[0].columns)
        head = _loaded(fit_heads(seen_heads := list(heads_of(seen, model))), seen_heads[0].columns)
        for each in unseen:
            key = each.kind
            kept = article_lines(model.score(each.columns).tolist(), INTERRUPTED)
            found = "\n".join(each.lines[n] for n in kept)
            scores.setdefault(key, Overlap()).add(shingles(found), shingles(each.gold["text"]))
        for each in heads_of(unseen, model):
            key = each.text.kind
            right = bool(each.wanted[int(head.score(each.columns).argmax())])
            held = any(
                same(line, plain(each.text.gold["title"]).casefold()) for line in each.text.lines
            )
            told = hits.setdefault(key, [0, 0])
            told[0] += right
            told[1] += held
    for key, overlap in sorted(scores.items()):
        right, held = hits.get(key, (0, 0))
        print(f"{key:30} text F1 {overlap.f1:.4f}  headline {right} of {held}")


def _loaded(model: Any, columns: Mapping[str, Any]) -> trees.Trees:
    return trees.read_trees(exported(model, list(columns), ""))


def main() -> None:
    """Read the command line, judge, and write the weights if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sets", nargs="+", metavar="PAGES=DUMPS[@SHARE]")
    parser.add_argument("--folds", type=int, default=3, help="0: do not judge")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    texts: list[Text] = []
    inputs = hashlib.sha256()
    for each in given.sets:
        pages, _, rest = each.partition("=")
        dumps, _, share = rest.partition("@")
        for file in (Path(pages) / "expected.jsonl", *sorted(Path(dumps).rglob("*.txt"))):
            inputs.update(file.read_bytes())
        texts += texts_of(Path(pages), Path(dumps), float(share or 1))
    if given.folds:
        cross_validate(texts, given.folds)
    if given.write:
        script = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        about = f"benchmarks/train.py {script[:16]}; inputs {inputs.hexdigest()[:16]}"
        write(exported(fit(texts), list(texts[0].columns), f"{about}; lines"), "lines")
        heads = list(heads_of(texts, trees.trees("lines")))
        made = exported(fit_heads(heads), list(heads[0].columns), f"{about}; headlines")
        write(made, "headlines")


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()


if __name__ == "__main__":
    main()
