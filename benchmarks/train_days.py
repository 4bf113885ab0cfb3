"""Learn the weights by which the day of publication is told among a page's, and judge them unseen.

    uv run --with catboost python benchmarks/train_days.py FILE ... [--folds 5] [--write]

FILE has a page a line, {"id", "url", "published"}; its pages are html/<id>.html, packed or not,
beside it. Sites are held out whole: no page of a site is in the training that judges it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from microfiche.extract.article import read_article, told_of
from microfiche.extract.blocks import parse_page
from microfiche.extract.days import MIN_DAY, Day, add_shown, days_of_data, likely_days, measure_days
from microfiche.extract.metadata import read_metadata
from microfiche.extract.trees import Trees, read_trees
from train import digest, exported, write
from train_pages import html_of, site_of

TREES, DEPTH, RATE = 250, 5, 0.07
JUDGED = (-9000, MIN_DAY, 0)  # scores from which a day is taken


class Dated(NamedTuple):
    """A page with the days that it shows, and the one on which it was published."""

    kind: str
    site: str
    days: dict[str, Day]
    published: str


def pages_of(file: Path) -> Iterable[Dated]:
    """The pages that a file names, those without a known day left out."""
    for each in map(json.loads, file.read_text("utf-8").splitlines()):
        if not each.get("published"):
            continue
        root, _ = parse_page(html_of(file.parent / "html", each["id"]))
        if root is None:
            continue
        said = read_metadata(root)
        days = days_of_data(root, said)
        add_shown(days, read_article(root, said.description, told_of(said)), said)
        found = likely_days(days, None)
        yield Dated(file.parent.name, site_of(each), found, each["published"][:10])


def fit(pages: Sequence[Dated]) -> Any:
    """Trees that tell the day of publication from others."""
    from catboost import CatBoostClassifier

    rows, wanted, weights = [], [], []
    for each in pages:
        if each.days:
            rows.append(np.stack(list(measure_days(each.days).values()), 1))
            wanted += [day == each.published for day in each.days]
            weights += [min(1, 3 / len(each.days) + 0.2)] * len(each.days)
    model = CatBoostClassifier(
        iterations=TREES,
        depth=DEPTH,
        learning_rate=RATE,
        border_count=64,
        l2_leaf_reg=6,
        rsm=0.6,
        random_seed=1,
        thread_count=2,
        verbose=0,
        allow_writing_files=False,
    )
    return model.fit(np.concatenate(rows), np.array(wanted, int), sample_weight=np.array(weights))


def loaded(model: Any) -> Trees:
    """The trees as they are read from a weights' file."""
    names = list(measure_days({"2000-01-01": Day()}))
    return read_trees(exported(model, names, ""))


def cross_validate(pages: Sequence[Dated], folds: int) -> None:
    """Print how often the day is found, and a wrong one, by weights that have not seen it."""
    told: Counter[tuple[str, str]] = Counter()
    for fold in range(folds):
        model = loaded(fit([each for each in pages if digest(each.site) % folds != fold]))
        for each in pages:
            if digest(each.site) % folds != fold:
                continue
            scores = model.score(measure_days(each.days)).tolist() if each.days else []
            best = max(zip(scores, each.days, strict=True), default=(0, None))
            for least in JUDGED:
                day = best[1] if best[0] > least else None
                what = "right" if day == each.published else "wrong" if day else "none"
                told[each.kind, f"{least} {what}"] += 1
            told[each.kind, "pages"] += 1
            told[each.kind, "shown"] += each.published in each.days
    for kind in dict.fromkeys(each.kind for each in pages):
        number = told[kind, "pages"]
        print(f"{kind}: {number} pages, the day is shown on {told[kind, 'shown'] / number:.3f}")
        for least in JUDGED:
            right, wrong = told[kind, f"{least} right"], told[kind, f"{least} wrong"]
            print(f"   from {least:6}: right {right / number:.3f} wrong {wrong / number:.3f}")


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
        inputs = hashlib.sha256()
        for each in pages:
            inputs.update(json.dumps([each.published, sorted(each.days)]).encode())
        about = f"benchmarks/train_days.py {script[:16]}; inputs {inputs.hexdigest()[:16]}; days"
        names = list(measure_days({"2000-01-01": Day()}))
        write(exported(fit(pages), names, about), "days")


if __name__ == "__main__":
    main()
