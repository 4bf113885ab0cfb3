"""Learn the weights by which blocks of pages are told apart, and say how well they do unseen.

    uv run --with catboost python benchmarks/train_pages.py PAGES[:standfirst][:captions] ...
        [--folds 5] [--write]

PAGES is a folder with html/ and either expected.jsonl ({"id", "url", "text"}) or passages.jsonl
({"id", "url", "with", "without"}, passages that must or must not be there). `:standfirst` and
`:captions` say what its texts hold beside the article's own. Sites are held out whole: no page of a
site is in the training that judges it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from microfiche.captures.textfile import decode, stated_charset
from microfiche.extract.article import chosen, measured, told_of
from microfiche.extract.blocks import Block, parse_page, read_blocks
from microfiche.extract.metadata import read_metadata
from microfiche.extract.trees import read_trees
from score import WORD, Overlap, plain, shingles
from train import digest, exported, write

PASSAGE = "passages"
NEAR = 5  # blocks that may stand between a short one and the next that is the article's
TREES, DEPTH, RATE = 500, 7, 0.07
PASSAGE_WEIGHT, LIGHT, LIGHT_SHARE = 2.0, 0.5, 0.35


class Shown(NamedTuple):
    """A page with what its blocks show, which are the article's, and how much each counts."""

    kind: str
    site: str
    blocks: list[Block]
    columns: Mapping[str, Any]
    wanted: Any
    weights: Any
    gold: Mapping[str, Any]


def pages_of(argument: str) -> Iterable[Shown]:
    """The pages of a folder."""
    name, *held = argument.split(":")
    folder = Path(name)
    file = folder / "expected.jsonl"
    rows = file if file.is_file() else folder / "passages.jsonl"
    for gold in map(json.loads, rows.read_text("utf-8").splitlines()):
        html = html_of(folder / "html", gold["id"])
        root, _ = parse_page(html)
        if root is None:
            continue
        said = read_metadata(root)
        if not (blocks := read_blocks(root)):
            continue
        columns = measured(blocks, told_of(said), held)
        texts = [block.text for block in blocks]
        if "text" in gold:
            wanted, shares = labels(texts, gold["text"])
            weights = _weights(texts, shares)
        else:
            wanted, weights = passages(texts, gold)
        yield Shown(folder.name, site_of(gold), blocks, columns, wanted, weights, gold)


def html_of(folder: Path, name: str) -> str:
    """A page of a folder, packed or not."""
    packed = folder / f"{name}.html.gz"
    bare = folder / f"{name}.html"
    data = gzip.decompress(packed.read_bytes()) if packed.is_file() else bare.read_bytes()
    return decode(data, stated_charset(data))[0]


def site_of(gold: Mapping[str, Any]) -> str:
    """What folds are made by: the last two labels of the host."""
    host = urlsplit(gold.get("url") or "").hostname or gold["id"]
    return ".".join(host.split(".")[-2:])


def labels(texts: Sequence[str], gold: str) -> tuple[Any, Any]:
    """Which blocks are the article's, and which share of their runs of four words is.

    Half of the runs must stand in the gold text; of a text that is on the page more often than
    in the gold text the first ones count; a block of fewer than five words counts beside one that
    is the article's, if the two stand so in the gold text.
    """
    words = WORD.findall(plain(gold))
    runs = set(zip(*(words[at:] for at in range(4)), strict=False))
    whole = f" {' '.join(words)} "
    own = [WORD.findall(plain(text)) for text in texts]
    shares = np.array([_share(each, runs) for each in own])
    wanted = shares >= 0.5
    left = Counter(
        {text: whole.count(f" {' '.join(w)} ") for text, w in zip(texts, own, strict=True)}
    )
    for number in np.flatnonzero(wanted):
        left[texts[number]] -= 1
        wanted[number] = left[texts[number]] >= 0 or texts.count(texts[number]) == 1
    for _ in range(2):
        for number in np.flatnonzero((shares < 0) & ~wanted):
            wanted[number] = bool(own[number]) and _beside(number, own, wanted, whole)
    return wanted.astype(int), np.where(shares < 0, wanted, shares)


def _share(words: Sequence[str], runs: set[Any]) -> float:
    number = len(words) - 3
    if number < 2:
        return -1
    return sum(map(runs.__contains__, zip(*(words[at:] for at in range(4)), strict=False))) / number


def _beside(number: int, own: Sequence[list[str]], wanted: Any, whole: str) -> bool:
    """Whether a short block stands in the gold text as it does on the page, above or below."""
    text = " ".join(own[number])
    above = next((n for n in range(number - 1, max(number - NEAR, 0) - 1, -1) if wanted[n]), None)
    below = next((n for n in range(number + 1, min(number + NEAR, len(own))) if wanted[n]), None)
    return (above is not None and f" {' '.join(own[above][-2:])} {text} " in whole) or (
        below is not None and f" {text} {' '.join(own[below][:2])} " in whole
    )


def _weights(texts: Sequence[str], shares: Any) -> Any:
    """How much a block counts: by its words, less if half of it is the article's, by page."""
    words = np.array([len(WORD.findall(text)) for text in texts])
    weights = np.minimum(words, 200) + 6.0
    return weights * 30 / np.sqrt(weights.sum()) * np.maximum(np.abs(2 * shares - 1), 0.1)


def passages(texts: Sequence[str], gold: Mapping[str, Any]) -> tuple[Any, Any]:
    """Blocks that hold passages which must or must not be there; all others count for nothing."""
    bare = [plain(text) for text in texts]
    wanted, weights = np.zeros(len(texts), int), np.zeros(len(texts))
    for name, value in (("without", 0), ("with", 1)):
        for passage in map(plain, gold[name]):
            for number, text in enumerate(bare):
                if passage and passage in text:
                    wanted[number], weights[number] = value, PASSAGE_WEIGHT
    return wanted, weights


def fit(pages: Sequence[Shown]) -> Any:
    """Trees that tell the article's blocks from others."""
    from catboost import CatBoostClassifier

    rows = np.concatenate([np.stack(list(each.columns.values()), 1) for each in pages])
    wanted = np.concatenate([each.wanted for each in pages])
    weights = np.concatenate([each.weights for each in pages])
    # Most blocks are menus, and count little each: a third of them, thrice the weight, is as good.
    chance = np.random.default_rng(1)
    kept = (weights > LIGHT) | ((weights > 0) & (chance.random(len(weights)) < LIGHT_SHARE))
    weights = np.where(weights > LIGHT, weights, weights / LIGHT_SHARE)
    model = CatBoostClassifier(
        iterations=TREES,
        depth=DEPTH,
        learning_rate=RATE,
        border_count=48,
        l2_leaf_reg=5,
        rsm=0.3,
        random_seed=1,
        thread_count=2,
        verbose=0,
        allow_writing_files=False,
    )
    return model.fit(rows[kept], wanted[kept], sample_weight=weights[kept])


def judge(pages: Sequence[Shown], model: Any) -> Iterable[tuple[str, list[str], Mapping[str, Any]]]:
    """Each page's kind, the texts that trees take for its article's, and what is known of it."""
    names = list(pages[0].columns)
    found = read_trees(exported(model, names, ""))
    for each in pages:
        kept = chosen(each.blocks, found.score(each.columns).tolist())
        yield each.kind, [block.text for block in kept], each.gold


def cross_validate(pages: Sequence[Shown], folds: int) -> None:
    """Print how well articles are found by weights that have not seen their sites."""
    overlaps: dict[str, Overlap] = {}
    told: Counter[tuple[str, str, bool]] = Counter()
    low: Counter[str] = Counter()
    for fold in range(folds):
        model = fit([each for each in pages if digest(each.site) % folds != fold])
        unseen = [each for each in pages if digest(each.site) % folds == fold]
        for kind, texts, gold in judge(unseen, model):
            text = "\n".join(texts)
            if "text" in gold:
                ours, theirs = shingles(text), shingles(gold["text"])
                overlaps.setdefault(kind, Overlap()).add(ours, theirs)
                alone = Overlap()
                alone.add(ours, theirs)
                low[kind] += alone.f1 < 0.3
                continue
            for name in ("with", "without"):
                for passage in gold[name]:
                    told[kind, name, plain(passage) in plain(text)] += 1
    for kind, overlap in sorted(overlaps.items()):
        print(f"{kind:16} text F1 {overlap.f1:.4f}  pages under .3: {low[kind]}")
    for kind in sorted({kind for kind, _, _ in told}):
        hit, extra = told[kind, "with", True], told[kind, "without", True]
        print(
            f"{kind:16} passages F1 {2 * hit / (2 * hit + extra + told[kind, 'with', False]):.4f}"
        )


def main() -> None:
    """Read the command line, judge, and write the weights if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sets", nargs="+", metavar="PAGES[:standfirst][:captions]")
    parser.add_argument("--folds", type=int, default=5, help="0: do not judge")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    pages = [page for argument in given.sets for page in pages_of(argument)]
    if given.folds:
        cross_validate(pages, given.folds)
    if given.write:
        script = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        inputs = hashlib.sha256()
        for each in pages:
            inputs.update(
                json.dumps(
                    [[block.text for block in each.blocks], each.gold], sort_keys=True
                ).encode()
            )
        about = f"benchmarks/train_pages.py {script[:16]}; inputs {inputs.hexdigest()[:16]}; blocks"
        write(exported(fit(pages), list(pages[0].columns), about), "blocks")


if __name__ == "__main__":
    main()
