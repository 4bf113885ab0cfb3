"""The article of a page among its blocks: by weights learned from pages, or by rules alone.

The classifier (`trees`) scores each block by what it shows (`places`); the rules are faster, and go from
the body down, always into the one child that holds most of the sentences.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from microfiche.extract.blocks import (
    HEADINGS,
    MAX_DEPTH,
    MIN_SENTENCE,
    SENTENCE_TAGS,
    Block,
    class_words,
    furniture_names,
    read_blocks,
    says,
)
from microfiche.extract.elements import names_of
from microfiche.extract.metadata import Metadata
from microfiche.extract.places import Column, Told, measure_blocks
from microfiche.extract.trees import trees
from microfiche.text import normal_line

# Thousandths of log odds from which a block is the article's, and one in an aside or among comments.
CHOSEN, BEYOND_DOUBT = 100, 2500
PARTS = ("standfirst", "captions")  # what a text may be asked to hold beside the article's own
MIN_WEIGHED = 40  # blocks
REPEATED = 3
# Tables: levels within which a block is in one, least cells, letters of a middling one, words of the
# longest, and by how much a table is likelier text than its cells are one by one.
TABLE_LEVELS, MIN_CELLS, CELL, MAX_CELL_WORDS, IN_TABLE = 7, 6, 60, 80, 2200
# The article's element holds at least this share of the sentences of the one above it.
MIN_ARTICLE_SHARE = 0.66
MAX_LOST_SHARE = 0.2
STANDFIRST_LENGTH = (20, 900)
NEAR_HEADLINE = 12
SAME_START = 40
PULL_QUOTE_LENGTH = (MIN_SENTENCE, 300)
MAX_COMPARED = 400
QUOTES = "\"'“”„‟«»‘’‚‹›「」『』 \u00a0"
STANDFIRST = class_words(
    "lead lede standfirst stand-first summary sub-?title sub-?headline sub-?heading subhead dek",
    "deck intro introduction excerpt chapo chapeau sapo ingress vorspann einleitung description",
    "abstract perex entradilla bajada sommario preamble opener strapline synopsis spot lid",
)
COMMENTS = class_words(
    "comments? commenter disqus respond replies comentarios? commentaires? kommentare?"
)
CAPTION = class_words("caption captions image-?description legende bildunterschrift didascalia")


class Article(NamedTuple):
    """What a page shows of its article: blocks in order, the standfirst, captions, the headline.

    `between` are the texts of what stands between headline and article, `shown` all blocks of the
    page.
    """

    blocks: list[Block]
    standfirst: str | None
    captions: list[str]
    headline: str | None
    between: list[str]
    shown: list[Block]


def read_article(root: Any, description: str | None, told: Told | None = None) -> Article:
    """The article of a page, by the weights; by rules alone if nothing is told of it.

    `description` is the page's own. Takes out of the tree what holds no text of it.
    """
    shown = read_blocks(root)
    kept = blocks_by_rules(shown) if told is None else _by_weights(shown, told)
    return _with_head(shown, kept, description)


def told_of(said: Metadata) -> Told:
    """What a page's data say of its article."""
    return Told(said.title, said.description, said.is_article)


def measured(blocks: Sequence[Block], told: Told, parts: Sequence[str] = ()) -> dict[str, Column]:
    """The measures of a page's blocks; `parts` of PARTS are asked for beside the article's own."""
    asked = {part: np.full(len(blocks), part in parts, np.int32) for part in PARTS}
    return measure_blocks(blocks, told) | asked


def chosen(blocks: Sequence[Block], scores: Sequence[int]) -> list[Block]:
    """The blocks of which enough says that they are the article's, tables whole, without copies."""
    scores = _tables_whole(blocks, scores)
    kept = [
        block
        for block, score in zip(blocks, scores, strict=True)
        if score > CHOSEN and (score > BEYOND_DOUBT or not _is_aside(block))
    ]
    counts = Counter(block.text for block in kept)
    seen: set[str] = set()
    found = []
    for block in kept:
        copied = block.text in seen or counts[block.text] >= REPEATED
        if len(block.text) < MIN_SENTENCE or not copied:
            found.append(block)
        seen.add(block.text)
    return found


def _is_aside(block: Block) -> bool:
    """Whether a block stands in an aside, or among what readers write."""
    return any(
        element.tag == "aside" or says(COMMENTS, names_of(element)) for element in block.path[1:]
    )


def _tables_whole(blocks: Sequence[Block], scores: Sequence[int]) -> list[int]:
    """The scores, those of the cells of a table of short ones by what all of them have.

    One cell alone says little; a table of long ones is a layout, not a table.
    """
    tables: dict[Any, list[int]] = {}
    for place, block in enumerate(blocks):
        near = (each for each in block.path[: -TABLE_LEVELS - 1 : -1] if each.tag == "table")
        if (table := next(near, None)) is not None:
            tables.setdefault(table, []).append(place)
    found = list(scores)
    for cells in tables.values():
        lengths = sorted(len(blocks[place].text) for place in cells)
        longest = max(len(blocks[place].text.split()) for place in cells)
        if len(cells) < MIN_CELLS or lengths[len(cells) // 2] > CELL or longest > MAX_CELL_WORDS:
            continue
        mean = sum(found[place] for place in cells) // len(cells) + IN_TABLE
        for place in cells:
            found[place] = mean
    return found


def _by_weights(shown: list[Block], told: Told) -> list[Block]:
    """The article's blocks by weights; of a few blocks, or of nests without end, rules say more."""
    if not is_weighed(shown):
        return blocks_by_rules(shown)
    return chosen(shown, trees("blocks").score(measured(shown, told)).tolist())


def is_weighed(shown: Sequence[Block]) -> bool:
    """Whether blocks are chosen by weights."""
    enough = len(shown) >= MIN_WEIGHED
    return enough and max(len(block.path) for block in shown) < MAX_DEPTH


def blocks_by_rules(shown: list[Block]) -> list[Block]:
    """The blocks of the element that holds most sentences, but for furniture and lists of links."""
    blocks = _unrepeated(shown)
    if not blocks:
        return []
    furniture = furniture_names(blocks)
    plain = [block for block in blocks if furniture.isdisjoint(block.names)]
    article = article_element(blocks[0].path[0], plain)
    return [block for block in plain if article in block.path and not block.is_links]


def _with_head(shown: list[Block], kept: list[Block], description: str | None) -> Article:
    """The article of some blocks, with what stands around it."""
    kept = _without_pull_quotes(list(itertools.dropwhile(lambda block: block.tag == "h1", kept)))
    while kept and kept[-1].tag in HEADINGS:
        kept.pop()
    if not kept:
        return Article([], None, [], None, [], shown)
    first, last = shown.index(kept[0]), shown.index(kept[-1])
    top = _headline_place(shown, first)
    captions = (normal_line(b.text) for b in shown[top + 1 : last] if _is_caption(b))
    return Article(
        kept,
        _standfirst(shown[top + 1 : first], furniture_names(shown), description),
        list(dict.fromkeys(caption for caption in captions if caption)),
        normal_line(shown[top].text) or None if top >= 0 and shown[top].tag == "h1" else None,
        [block.text for block in shown[top + 1 : first]],
        shown,
    )


def _unrepeated(blocks: Sequence[Block]) -> list[Block]:
    """The blocks but for sentences that stand on the page again and again."""
    counts = Counter(block.text for block in blocks)
    return [b for b in blocks if counts[b.text] < REPEATED or len(b.text) < MIN_SENTENCE]


def _without_pull_quotes(blocks: list[Block]) -> list[Block]:
    """The blocks but for those that only say again what a paragraph of the article says."""
    if len(blocks) > MAX_COMPARED:
        return blocks
    whole = "\n".join(block.text for block in blocks)
    copies = Counter(block.text for block in blocks)
    return [block for block in blocks if not _is_pull_quote(block.text, whole, copies)]


def _is_pull_quote(text: str, whole: str, copies: Counter[str]) -> bool:
    """Whether a text stands inside a longer block too; its own copies do not count."""
    words = text.strip(QUOTES)
    shortest, longest = PULL_QUOTE_LENGTH
    return shortest <= len(words) <= longest and whole.count(words) > copies[text]


def article_element(body: Any, plain: Sequence[Block]) -> Any:
    """The deepest element that still holds most sentences of the one above it."""
    weights: dict[Any, float] = {}
    for block in plain:
        weight = block.weight
        for element in block.path if weight else ():
            weights[element] = weights.get(element, 0) + weight
    article, run, lost = body, None, 0.0
    while True:
        inner = [child for child in article.iterchildren() if child in weights]
        largest = max(inner, key=weights.__getitem__, default=None)
        if largest is None or largest.tag in SENTENCE_TAGS:
            break
        if weights[largest] < MIN_ARTICLE_SHARE * weights[article]:
            break
        # Where paragraphs open elements that nobody closes, every step down loses one: a run of
        # such steps is taken back.
        left = sum(weights[child] for child in inner if child.tag in SENTENCE_TAGS)
        if left:
            run, lost = (article if run is None else run), lost + left
        elif lost <= MAX_LOST_SHARE * weights[body]:
            run, lost = None, 0.0
        article = largest
    return article if run is None or lost <= MAX_LOST_SHARE * weights[body] else run


def _headline_place(blocks: Sequence[Block], first: int) -> int:
    """Place of the last headline before the article, else of a block some way before it."""
    places = (n for n in range(first, -1, -1) if blocks[n].tag == "h1")
    return next(places, max(-1, first - NEAR_HEADLINE))


def _standfirst(
    blocks: Sequence[Block], furniture: frozenset[str], description: str | None
) -> str | None:
    """The block between headline and article that the page describes itself by, or names so."""
    shortest, longest = STANDFIRST_LENGTH
    found = None
    for block in blocks:
        if not shortest <= len(block.text) <= longest or block.n_linked * 2 > len(block.text):
            continue
        if description and _starts_alike(block.text, description):
            return block.text
        named = " ".join(element.get("class") or "" for element in block.path[-2:])
        plain = furniture.isdisjoint(block.names) and len(block.text) >= MIN_SENTENCE
        if plain and says(STANDFIRST, named):
            found = block.text
    return found


def _starts_alike(one: str, other: str) -> bool:
    return one[:SAME_START].casefold() == other[:SAME_START].casefold()


def _is_caption(block: Block) -> bool:
    if any(element.tag == "figcaption" for element in block.path[-3:]):
        return True
    return any(says(CAPTION, name) for name in block.names[-2:])
