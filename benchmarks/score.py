"""Score the reading of pages against what their articles are known to say, beside trafilatura.

PAGES holds expected.jsonl, one object a line {"id", "url", "publisher", "title", "authors",
"published", "text"}, and html/<id>.html or html/<id>.html.gz in UTF-8. A standfirst counts as the
first paragraph of the text, unless the set counts it as none; captions count where the set counts
them.

    python benchmarks/score.py PAGES [--rounds 1] [--without-standfirst] [--with-captions]
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import microfiche

WORD = re.compile(r"\w+|[^\w\s]")
SHINGLE = 4
MODES = ("fast", "balanced")
Read = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


class Page(NamedTuple):
    """One page and what is known of its article."""

    html: str
    expected: Mapping[str, Any]


class Score(NamedTuple):
    """How well a way of reading does over all pages; shares from 0 to 1, `low` are ids.

    Text is compared by shingles of four words, counted over all pages together; `low` are the
    pages whose own F1 is below one half. `same_day` is of the pages with a known date.
    """

    f1: float
    precision: float
    recall: float
    exact: float
    title: float
    authors: float
    same_day: float
    low: list[str]


def load_pages(folder: Path) -> list[Page]:
    """The pages of a folder, in the order of expected.jsonl."""
    lines = (folder / "expected.jsonl").read_text("utf-8").splitlines()
    return [Page(_html(folder / "html", each["id"]), each) for each in map(json.loads, lines)]


def _html(folder: Path, name: str) -> str:
    packed = folder / f"{name}.html.gz"
    data = gzip.decompress(packed.read_bytes()) if packed.is_file() else None
    return (data or (folder / f"{name}.html").read_bytes()).decode("utf-8")


def read_by_mode(mode: str, *, standfirst: bool = True, captions: bool = False) -> Read:
    """Our own reading in a mode; what counts as text beside the text itself."""

    def read(html: str, expected: Mapping[str, Any]) -> Mapping[str, Any]:
        found = microfiche.read(html, name=expected.get("publisher"), mode=mode)
        shown = (*found.captions,) if captions else ()
        return {
            "title": found.title,
            "authors": found.byline,
            "published": found.published,
            "text": "\n".join(filter(None, (standfirst and found.subtitle, found.text, *shown))),
        }

    return read


def read_by_trafilatura(html: str, _expected: Mapping[str, Any]) -> Mapping[str, Any]:
    """What trafilatura reads by default."""
    import trafilatura

    found = trafilatura.bare_extraction(
        html, include_comments=False, include_tables=False, with_metadata=True
    )
    known = found.as_dict() if found else {}
    return {
        "title": known.get("title"),
        "authors": [name for name in (known.get("author") or "").split("; ") if name],
        "published": known.get("date"),
        "text": known.get("text"),
    }


def text_by_trafilatura(html: str, _expected: Mapping[str, Any]) -> Mapping[str, Any]:
    """The text alone, without metadata: the least that trafilatura can be asked for."""
    import trafilatura

    return {"text": trafilatura.extract(html, include_comments=False, include_tables=False)}


def score(pages: Iterable[Page], read: Read) -> Score:
    """Read every page and compare."""
    texts, names, exact, titles, days, low = Overlap(), Overlap(), [], [], [], []
    for page in pages:
        found = read(page.html, page.expected)
        ours, theirs = shingles(found["text"]), shingles(page.expected["text"])
        texts.add(ours, theirs)
        exact.append(ours == theirs)
        alone = Overlap()
        alone.add(ours, theirs)
        if alone.f1 < 0.5:
            low.append(page.expected["id"])
        titles.append(plain(found.get("title")) == plain(page.expected.get("title")))
        names.add(_names(found.get("authors")), _names(page.expected.get("authors")))
        if page.expected.get("published"):
            days.append((found.get("published") or "")[:10] == page.expected["published"][:10])
    means = (statistics.mean(map(float, each or [0])) for each in (exact, titles, days))
    share_exact, share_titles, share_days = means
    return Score(
        texts.f1,
        texts.precision,
        texts.recall,
        share_exact,
        share_titles,
        names.f1,
        share_days,
        low,
    )


class Overlap:
    """Counts what two multisets have in common, over many pairs."""

    def __init__(self) -> None:
        self.both = self.found = self.wanted = 0

    def add(self, found: Counter[Any], wanted: Counter[Any]) -> None:
        """Count one pair."""
        self.both += (found & wanted).total()
        self.found += found.total()
        self.wanted += wanted.total()

    @property
    def precision(self) -> float:
        """Share of what was found that was wanted."""
        return self.both / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of what was wanted that was found."""
        return self.both / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two; 1 if nothing was wanted and nothing found."""
        total = self.found + self.wanted
        return 2 * self.both / total if total else 1.0


# Quotation marks, apostrophes and dashes that sets write as they like, and marks of list items.
SIGNS = str.maketrans(
    dict.fromkeys("’‘‛′", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("–—‐‑−", "-")
)
MARK = re.compile(r"(?m)^\s*(?:[-•*·▪◦‣●|]\s+)+")


def plain(text: str | None) -> str:
    """Text for comparing: NFKC, single spaces, plain signs, list items without their marks."""
    bare = MARK.sub("", (text or "").translate(SIGNS))
    return " ".join(unicodedata.normalize("NFKC", bare).split())


def shingles(text: str | None) -> Counter[tuple[str, ...]]:
    """Runs of four words and signs; a shorter text is one run."""
    words = WORD.findall(plain(text))
    last = max(1, len(words) - SHINGLE + 1)
    return Counter(tuple(words[at : at + SHINGLE]) for at in range(last)) if words else Counter()


# Some sets have all authors of a page in one string.
NAME_BREAK = re.compile(r"\s*(?:[,;|&]|\band\b)\s*")


def _names(names: Iterable[str] | None) -> Counter[str]:
    parts = (part for name in names or () for part in NAME_BREAK.split(plain(name).casefold()))
    return Counter({part for part in parts if part})


def cpu_seconds(pages: Iterable[Page], read: Read) -> float:
    """Processor time of reading every page once."""
    start = time.process_time()
    for page in pages:
        read(page.html, page.expected)
    return time.process_time() - start


def report(pages: list[Page], rounds: int, *, standfirst: bool, captions: bool) -> None:
    """Print scores of each way, and its speed beside trafilatura's in the same rounds."""
    ways: dict[str, Read] = {
        "trafilatura": read_by_trafilatura,
        "  text alone": text_by_trafilatura,
    }
    ways |= {mode: read_by_mode(mode, standfirst=standfirst, captions=captions) for mode in MODES}
    for read in ways.values():
        read(pages[0].html, pages[0].expected)  # imports and caches are no part of a page's cost
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, read in ways.items():
            costs[name].append(cpu_seconds(pages, read))
    least = {name: min(seconds) for name, seconds in costs.items()}
    print(f"{len(pages)} pages; speed is against trafilatura's text alone, best of {rounds} rounds")
    print("way            text F1  precision  recall  exact   title  authors  same day  speed")
    for name, read in ways.items():
        found, speed = score(pages, read), least["  text alone"] / least[name]
        shown = found._replace(title=0, authors=0, same_day=0) if "alone" in name else found
        print(
            f"{name:14} {shown.f1:.4f}   {shown.precision:.4f}     {shown.recall:.4f}  "
            f"{shown.exact:.3f}   {shown.title:.3f}  {shown.authors:.3f}    "
            f"{shown.same_day:.3f}     {speed:.2f}"
        )
        for page in found.low:
            print(f"  below one half: {page}")


def main() -> None:
    """Read the command line, score and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-standfirst", action="store_true")
    parser.add_argument("--with-captions", action="store_true")
    given = parser.parse_args()
    standfirst = not given.without_standfirst
    pages = load_pages(given.pages)
    report(pages, given.rounds, standfirst=standfirst, captions=given.with_captions)


if __name__ == "__main__":
    main()
