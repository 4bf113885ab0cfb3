"""Pages that list many things rather than being an article: indexes, categories, shops, digests.

What a page shows as a whole is weighed by trees (`weights/listings.json`, made by
benchmarks/train_listings.py); nothing but the page's own bytes is asked.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import re2

from microfiche.extract.article import Article, blocks_by_rules
from microfiche.extract.blocks import Block
from microfiche.extract.metadata import Metadata
from microfiche.extract.trees import trees
from microfiche.url import read_address

# Thousandths of log odds from which a page is a listing. It costs fewer articles than it seems: those
# that are taken for listings are mostly landing pages.
MIN_LISTING = -800
MIN_LINK, LONG = 15, 200  # characters of a link that counts, and of a long paragraph
MAX_PRICES = 50
PRICE = re2.compile(r"[$€£¥₹] ?[0-9]|[0-9] ?[€£₽₺]|\b(?:EUR|USD|CHF|Rs\.?) ?[0-9]")


def is_listing(said: Metadata, article: Article) -> bool:
    """Whether enough says that a page lists things, rather than being an article."""
    measures = measure(said, article)
    if not (measures["linked"] or measures["prices"]):
        return False
    columns = {name: np.array([value], np.int32) for name, value in measures.items()}
    return bool(trees("listings").score(columns)[0] >= MIN_LISTING)


def measure(said: Metadata, article: Article) -> dict[str, int]:
    """What a page shows as a whole, by name. Shares are in hundredths."""
    shown, kept = article.shown, blocks_by_rules(article.shown)
    letters, n_kept = _letters(shown), _letters(kept)
    canonical = read_address(said.canonical) if said.canonical else None
    address = canonical.path if canonical else ""
    last = address.strip("/").rpartition("/")[2]
    measures = {
        "blocks": len(shown),
        "linked": _share(sum(block.n_linked for block in shown), letters),
        "links_alike": _links_alike(shown),
        "mass": int(sum(block.weight for block in shown)),
        "text_blocks": len(kept),
        "text": _share(n_kept, letters),
        "text_together": _share(_most_together(kept), n_kept),
        "long": sum(len(block.text) > LONG for block in kept),
        "prices": min(len(PRICE.findall("\n".join(block.text for block in shown))), MAX_PRICES),
        "headline_words": len((article.headline or "").split()),
        "title_words": len((said.title or "").split()),
        "is_article": int(said.is_article),
        "dated": int(bool(said.published)),
        "address_digits": sum(map(str.isdigit, address)),
        "address_words": last.count("-") + last.count("_") if address else -1,
        "address_length": len(last) if address else -1,
    }
    return {name: min(value, 1 << 30) for name, value in measures.items()}


def _letters(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _share(part: int, whole: int) -> int:
    return part * 100 // max(whole, 1)


def _links_alike(blocks: list[Block]) -> int:
    """How many blocks that are links look alike: the most of one element and class."""
    alike = Counter(
        (block.path[-1].tag, block.path[-1].get("class"))
        for block in blocks
        if len(block.text) > MIN_LINK and block.n_linked * 2 >= len(block.text)
    )
    return max(alike.values(), default=0)


def _most_together(blocks: list[Block]) -> int:
    """The most letters of text in one element."""
    together: Counter[int] = Counter()
    for block in blocks:
        together[id(block.path[-2:][0])] += len(block.text)
    return max(together.values(), default=0)
