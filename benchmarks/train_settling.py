"""Learn what lines of texts are in the end, and say how well weights unseen read whole texts.

    uv run --with catboost,scikit-learn python train_settling.py TEXTS [PAGES=DUMPS@SHARE ...]

TEXTS is a folder of captures with what is right of each, such as tests/texts: *.jsonl, a line a
text {"outlet", "url", "title", "subtitle", "captions", "captions_bare", "text", "held_out",
"capture"}. Those that are held out train nothing. PAGES and DUMPS are as in benchmarks/train.py:
whole pages, of which only the text is known. Outlets are held out whole, and so are pages.
Nothing is written without --write, and nothing judged with --folds 0.
"""

from __future__ import annotations

import argparse
import base64
import copy
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from microfiche.extract import evidence as evidence_module
from microfiche.extract import settling, trees, wording
from microfiche.extract.evidence import beside, evidence
from microfiche.extract.paragraphs import paragraphs_of
from microfiche.extract.saved import Page
from microfiche.extract.text import marked
from microfiche.outlets.outlet import Outlet
from score import Overlap, shingles
from train import WAYS, digest, exported, labels, write

TEXT, CAPTION, STANDFIRST, BYLINE, NONE, UNSURE = range(6)
KINDS = (TEXT, CAPTION, STANDFIRST, BYLINE)
# What is told from what by its wording.
AGAINST = {
    "text": (TEXT, [NONE]), "caption": (CAPTION, [TEXT, NONE]), "standfirst": (STANDFIRST, [TEXT]),
}  # fmt: skip
STRENGTH, STEP, PARTS = 3.0, 4, 5
TREES, DEPTH, RATE, BARE = 500, 6, 0.1, 0.5
LONGEST = 120  # letters of a line that names who wrote
ALIKE, PIECE, BRIEF = (
    0.6,
    30,
    12,
)  # share of a line, letters of a piece of a paragraph, of a paragraph


class Text(NamedTuple):
    """A text whose lines the rules have marked, what is known of them, and what they are."""

    group: str  # its outlet, or its page
    kind: str
    share: float
    page: Page
    lines: Sequence[str]
    columns: Mapping[str, Any]
    told: Any
    gold: Mapping[str, Any]


def text_of(capture: str, gold: Mapping[str, Any], group: str, kind: str, share: float) -> Text:
    """A capture with its answers."""
    page, _ = marked(capture, Outlet({"id": "o", "name": gold["outlet"]}), gold["url"])
    numbers, columns = evidence(page)
    lines = [page.lines[number] for number in numbers]
    if "captions" in gold:
        told = np.array([*answers(lines, gold)], int)
    else:
        told = np.where(labels(lines, gold["text"]) > 0, TEXT, NONE) if lines else np.array([])
    return Text(group, kind, share, page, lines, columns, told, gold)


def bare(gold: Mapping[str, Any], share: float) -> Text:
    """The same article as somebody keeps it who takes nothing else along, or but its first part."""
    chance = random.Random(gold["id"])
    shown = [each for each in gold["captions"] if chance.random() < 0.5]
    many = chance.choice([1, 2, 3, 4, len(gold["text"])])
    parts = [gold["title"], gold["subtitle"] if chance.random() < 0.3 else None, *shown[:1]]
    capture = chance.choice(["\n\n", "\n"]).join(filter(None, [*parts, *gold["text"][:many]]))
    return text_of(capture, gold, gold["outlet"], "bare", share)


def broken(gold: Mapping[str, Any], share: float) -> Text | None:
    """The same capture, broken off within a paragraph; None if it has none for that."""
    chance = random.Random(gold["id"] + "broken")
    places = [gold["capture"].find(each[:PIECE]) for each in gold["text"]]
    able = [n for n, each in enumerate(gold["text"]) if places[n] > 0 and len(each) > 2 * PIECE]
    if not able:
        return None
    number = chance.choice(able)
    end = places[number] + chance.randrange(PIECE, len(gold["text"][number]))
    rest = {**gold, "text": [*gold["text"][:number], gold["text"][number]]}
    return text_of(gold["capture"][:end], rest, gold["outlet"], "broken", share)


def answers(lines: Sequence[str], gold: Mapping[str, Any]) -> Iterable[int]:
    """What each line is; of short pieces of paragraphs nobody can say."""
    paragraphs = [letters(each) for each in gold["text"]]
    captions = {letters(each) for each in gold["captions"] + gold["captions_bare"]} - {""}
    subtitle = letters(gold["subtitle"] or "")
    authors = letters((gold["byline"] or [""])[0])
    for line in map(letters, lines):
        if not line:
            yield NONE
        elif line in paragraphs:
            yield TEXT
        elif any(alike(line, caption) for caption in captions):
            yield CAPTION
        elif line == subtitle:
            yield STANDFIRST
        elif any(len(each) > BRIEF and each in line and alike(line, each) for each in paragraphs):
            yield TEXT
        elif any(line in each for each in paragraphs):
            yield TEXT if len(line) > PIECE else UNSURE
        else:
            yield BYLINE if authors and len(line) <= LONGEST and authors in line else NONE


def letters(line: str) -> str:
    """A line without spaces and signs, folded."""
    return re.sub(r"[\W_]+", "", line.casefold())


def alike(line: str, other: str) -> bool:
    """Whether one of two lines has the other in it, and little more."""
    short, long = sorted((line, other), key=len)
    return short in long and len(short) > ALIKE * len(long)


def fit_wording(texts: Sequence[Text]) -> wording.Wording:
    """What pieces of lines speak for, each kind against those that it is taken for."""
    return wording.read_wording(worded(texts, ""))


def worded(texts: Sequence[Text], about: str) -> dict[str, Any]:
    """The same as its weights' file holds it: an octet a piece and kind."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    texts = [each for each in texts if "captions" in each.gold]
    lines = [line for each in texts for line in each.lines]
    told = np.concatenate([each.told for each in texts])
    shares = np.concatenate([np.full(len(each.lines), each.share) for each in texts])
    keys = wording.pieces(lines)
    places = keys >> wording.BITS, keys & ((1 << wording.BITS) - 1)
    rows = csr_matrix((np.full(len(keys), 0.1), places), shape=(len(lines), 1 << wording.BITS))
    held: dict[str, Any] = {"about": about, "kinds": [*AGAINST], "step": STEP, "bias": []}
    held["weights"] = {}
    for name, (kind, others) in AGAINST.items():
        use = np.flatnonzero((told == kind) | np.isin(told, others))
        model = LogisticRegression(
            C=STRENGTH, max_iter=300, class_weight="balanced", solver="liblinear"
        ).fit(rows[use], told[use] == kind, sample_weight=shares[use])
        steps = np.clip(np.rint(model.coef_[0] * 0.1 * 1000 / STEP), -127, 127).astype(np.int8)
        held["bias"].append(round(float(model.intercept_[0]) * 1000))
        held["weights"][name] = base64.b85encode(steps.tobytes()).decode()
    return held


def unseen_wording(texts: Sequence[Text]) -> list[Text]:
    """The texts, each with wording as those see it that have not seen its outlet."""
    found = []
    for part in range(PARTS):
        others = [each for each in texts if digest(f"worded {each.group}") % PARTS != part]
        model = fit_wording(others)
        here = (each for each in texts if digest(f"worded {each.group}") % PARTS == part)
        found += [reworded(each, model) for each in here]
    return found


def reworded(text: Text, model: wording.Wording) -> Text:
    """A text with what a wording says of it."""
    if not text.columns:
        return text
    return text._replace(columns={**text.columns, **beside(model.score(text.lines))})


def fit(texts: Sequence[Text], about: str = "") -> dict[str, Any]:
    """Trees that tell text, captions, standfirsts and bylines from all else, as their file."""
    from catboost import CatBoostClassifier

    known = [each.told != UNSURE for each in texts]
    rows = np.concatenate(
        [_rows(t.columns)[k] for t, k in zip(texts, known, strict=True) if len(k)]
    )
    told = np.concatenate([t.told[k] for t, k in zip(texts, known, strict=True) if len(k)])
    weights = np.concatenate(
        [np.full(k.sum(), t.share) for t, k in zip(texts, known, strict=True) if len(k)]
    )
    model = CatBoostClassifier(
        loss_function="MultiLogloss", iterations=TREES, depth=DEPTH, learning_rate=RATE,
        border_count=64, l2_leaf_reg=5, random_seed=1, thread_count=2, verbose=0,
        allow_writing_files=False,
    )  # fmt: skip
    kinds = np.stack([told == kind for kind in KINDS], axis=1).astype(int)
    names = [*next(each.columns for each in texts if each.columns)]
    return exported(model.fit(rows, kinds, sample_weight=weights), names, about)


def _rows(columns: Mapping[str, Any]) -> Any:
    return np.stack(list(columns.values()), 1)


def cross_validate(texts: Sequence[Text], folds: int, told: bool) -> None:
    """Print how many texts are read rightly by weights that have not seen their outlets."""
    right: dict[str, Counter[str]] = {}
    scores: dict[str, Overlap] = {}
    for fold in range(folds):
        seen = [each for each in texts if digest(each.group) % folds != fold]
        worded = fit_wording(seen)
        LOADED["settling"] = trees.read_trees(fit(unseen_wording(seen)))
        evidence_module.wording = lambda worded=worded: worded
        for each in (each for each in texts if digest(each.group) % folds == fold):
            if each.kind in {make.__name__ for make in COPIES}:
                continue
            page = copy.deepcopy(each.page)
            settling.settle(page)
            text = paragraphs_of(page)
            if "captions" not in each.gold:
                overlap = scores.setdefault(each.kind, Overlap())
                overlap.add(shingles("\n".join(text)), shingles(each.gold["text"]))
                continue
            here = right.setdefault(each.kind, Counter())
            here["all"] += 1
            here.update(judged := [*_right(page, text, each.gold)])
            if told and "exact" not in judged:
                print(each.kind, each.gold["id"])
    for kind, counts in sorted(right.items()):
        print(f"{kind:32}", dict(counts))
    for kind, overlap in sorted(scores.items()):
        print(f"{kind:32} text F1 {overlap.f1:.4f}")


COPIES = (bare, broken)
LOADED: dict[str, trees.Trees] = {}


def _right(page: Page, text: Sequence[str], gold: Mapping[str, Any]) -> Iterable[str]:
    """Which fields are right."""
    ours = [" ".join(each.split()) for each in text]
    wanted = [" ".join(each.split()) for each in gold["text"]]
    captions = [" ".join(each.split()) for each in page.captions]
    if ours == wanted:
        yield "exact"
    if ours in (wanted, [" ".join((gold["subtitle"] or "").split()), *wanted]):
        yield "whole"
    if set(ours) <= {*wanted, " ".join((gold["subtitle"] or "").split())}:
        yield "clean"
    if any(
        captions == [" ".join(c.split()) for c in gold[n]] for n in ("captions", "captions_bare")
    ):
        yield "captions"
    if list(map(str.casefold, page.names)) == list(map(str.casefold, gold["byline"])):
        yield "byline"
    if (page.subtitle or "").split() == (gold["subtitle"] or "").split():
        yield "subtitle"


def main() -> None:
    """Read the command line, judge, and write the weights if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("texts", type=Path)
    parser.add_argument("sets", nargs="*", metavar="PAGES=DUMPS@SHARE")
    parser.add_argument("--folds", type=int, default=4, help="0: do not judge")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--told", action="store_true", help="name the texts that are not exact")
    given = parser.parse_args()
    texts: list[Text] = []
    inputs = hashlib.sha256()
    for file in sorted(given.texts.glob("*.jsonl")):
        inputs.update(file.read_bytes())
        for gold in map(json.loads, file.read_text("utf-8").splitlines()):
            if not gold["held_out"]:
                texts.append(text_of(gold["capture"], gold, gold["outlet"], file.stem, 1.0))
                texts += filter(None, (make(gold, BARE) for make in COPIES))
    for each in given.sets:
        pages, _, rest = each.partition("=")
        dumps, _, share = rest.partition("@")
        lines = (Path(pages) / "expected.jsonl").read_text("utf-8").splitlines()
        for gold in map(json.loads, lines):
            known = {"id": gold["id"], "text": gold["text"], "url": None}
            known["outlet"] = gold.get("publisher") or "Unknown"
            for way in WAYS:
                file = Path(dumps) / way / f"{gold['id']}.txt"
                if file.exists():
                    capture = file.read_text("utf-8")
                    inputs.update(capture.encode())
                    kind = f"{Path(pages).name} {way}"
                    texts.append(text_of(capture, known, gold["id"], kind, float(share or 1)))
    if given.folds:
        whole = settling.trees
        settling.trees = LOADED.__getitem__
        cross_validate(texts, given.folds, given.told)
        settling.trees = whole
    if given.write:
        script = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        about = f"benchmarks/train_settling.py {script[:16]}; inputs {inputs.hexdigest()[:16]}"
        write(worded(texts, f"{about}; wording"), "wording")
        write(fit(unseen_wording(texts), f"{about}; settling"), "settling")


if __name__ == "__main__":
    main()
