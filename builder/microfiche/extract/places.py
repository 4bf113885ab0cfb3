"""Where the blocks of a page stand: what its elements show of which of them are the article's.

All blocks are measured at once, by columns, as `shape` measures their letters; every measure is an
integer.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from microfiche.extract.blocks import CASE_BREAK, HEADINGS, MAX_NAMES, VARIANT, Block, hides
from microfiche.extract.elements import names_of
from microfiche.extract.shape import around, measure, shifted, shifts

Column = Any  # numpy.ndarray of int32, a value a block
LEVELS, FAR = 12, 15  # levels above a block that are looked at, and what stands for farther
# What names of classes and ids say of an element: any of the words, as a part of the name.
GROUPS = {
    "article": "article post story entry news blog",
    "content": "content body text main bodytext articlebody richtext prose copy",
    "teaser": "teaser teasers card cards promo recirc related recommend recommended recommendation"
    " recommendations more further also next readmore relacionadas verwandte correlati similar suggest",
    "list": "list listing feed grid archive latest popular trending items river stream loop most",
    "nav": "nav navigation menu breadcrumb breadcrumbs navbar pagination pager toc",
    "header": "header masthead top hero banner head topbar",
    "footer": "footer foot bottom colophon",
    "sidebar": "sidebar aside rail secondary complementary side",
    "share": "share sharing social follow tools toolbar print addthis",
    "comment": "comment comments disqus respond reply replies discussion review reviews",
    "meta": "meta date time timestamp byline author authors info dateline published posted credits",
    "bio": "bio about profile avatar authorbox",
    "caption": "caption captions credit figure image img photo picture media gallery slideshow"
    " thumbnail video player",
    "ad": "ad ads advert advertisement sponsor sponsored outbrain taboola commercial dfp adslot",
    "subscribe": "newsletter subscribe subscription signup paywall piano register login cta modal popup"
    " overlay cookie consent gdpr donate donation",
    "tag": "tag tags topic topics category categories keywords label labels cat",
    "lead": "lead lede standfirst summary subtitle dek intro excerpt description chapo ingress"
    " subheadline abstract perex sapo",
    "title": "title headline heading hed",
    "quote": "quote pullquote blockquote embed tweet twitter instagram facebook",
    "box": "box widget infobox factbox module callout note notice block panel",
    "faq": "faq faqs accordion question answer tab tabs toggle",
    "hidden": "hidden invisible hide noprint",
    "form": "form search input field contact",
    "product": "product products shop price cart rating ratings spec specs table",
    "recipe": "recipe recipes ingredients instructions directions",
}
# Fewer letters go to what is named so when the best holder of paragraphs is looked for, more to these.
AWAY = ("comment", "sidebar", "footer", "teaser", "nav", "ad", "hidden", "subscribe")
TOWARDS = ("article", "content")
HOLDERS = (
    *(
        "article",
        "main",
        "aside",
        "header",
        "footer",
        "form",
        "figure",
        "figcaption",
        "ul",
        "ol",
        "li",
    ),
    *("table", "td", "tr", "section", "blockquote", "dl", "details", "p", "div", "address"),
)
OWN_BODY = frozenset(("articleBody", "text", "reviewBody"))
PARAGRAPHS = ("p", "blockquote", "pre")
SHARES = (90, 66, 50, 33)  # hundredths of the text that an element holds at least
MIN_ARTICLE_SHARE = 66
WORD, NAME = re.compile(r"\w+|[^\w\s]"), re.compile(r"[^a-z0-9]+")
MIN_TITLE, MAX_TITLE, LIKE_TITLE, SHORT_WORD = 8, 300, 60, 2


class Told(NamedTuple):
    """What a page's data say of its article: headline, description, whether they say that it is one."""

    title: str | None
    description: str | None
    is_article: bool


class Elements(NamedTuple):
    """The elements that hold the blocks of a page, parents before their children.

    `own` says of each block its element, `above` has a row a level: the element so many levels above
    the block's, -1 beyond the body. The others have a value an element: number of its parent (-1: the
    body), depth, which of HOLDERS it is (-1: none), groups of its names as bits, number of its kind
    (tag, class and depth), whether the page marks it as the article's text.
    """

    own: Column
    above: Column
    parents: Column
    depths: Column
    tags: Column
    groups: Any
    kinds: Column
    marked: Column

    def over(self, values: Any, level: int, beyond: int = -1) -> Any:
        """The value of the element so many levels above each block."""
        above = self.above[level]
        return np.where(above >= 0, values[above], beyond).astype(np.int32)

    def nearest(self, where: Any) -> Column:
        """How many levels above each block the first element is for which something holds."""
        if not where.any():
            return np.full(len(self.own), FAR, np.int32)
        hit = np.append(where, False)[self.above]  # -1 is the last: beyond the body nothing holds
        return np.where(hit.any(0), hit.argmax(0), FAR).astype(np.int32)

    def sums(self, values: Any) -> Any:
        """What the blocks within each element have together."""
        total = np.bincount(self.own, values, len(self.parents)).astype(np.int64)
        for depth in range(int(self.depths.max()), 0, -1):
            there = np.flatnonzero(self.depths == depth)
            np.add.at(total, self.parents[there], total[there])
        return total


def measure_blocks(blocks: Sequence[Block], told: Told) -> dict[str, Column]:
    """The measures of a page's blocks, by name; there is at least one."""
    texts = [block.text for block in blocks]
    elements = _elements(blocks)
    found = measure(texts)
    found |= around(found, ())
    length = np.array([len(text) for text in texts], np.int64)
    linked = np.array([block.n_linked for block in blocks], np.int64)
    link_share = np.minimum(linked * 100 // length, 100).astype(np.int32)
    levels = np.array([_heading_level(block) for block in blocks], np.int32)
    mass = np.where(link_share < 50, found["mass"], 0).astype(np.int64)
    found |= _by_block(blocks, link_share, levels)
    masses = elements.sums(mass)
    found |= _by_holder(elements, masses, length, linked, levels, link_share, blocks)
    found |= _by_kind(elements, mass, masses, length)
    found |= _by_container(elements, blocks, mass, masses, length, linked)
    found |= _by_headline(elements, texts, levels, mass, told.title or "")
    found |= _by_heading(levels, link_share, found["chrome"], length)
    found |= _by_article(elements, masses)
    opening = (told.description or "")[:40].casefold()
    found["described"] = np.array(
        [bool(opening) and len(text) > 20 and text[:40].casefold() == opening for text in texts],
        np.int32,
    )
    found["is_article"] = _same(told.is_article, len(blocks))
    found["letters"] = _same(min(int(length.sum()), 100_000), len(blocks))
    return found


def _elements(blocks: Sequence[Block]) -> Elements:
    numbers: dict[Any, int] = {}
    kinds: dict[Any, int] = {}
    rows: list[tuple[int, int, int, int, int, int]] = []
    for block in blocks:
        path, known = block.path, len(block.path)
        while known and path[known - 1] not in numbers:
            known -= 1
        for depth in range(known, len(path)):
            element = path[depth]
            numbers[element] = len(rows)
            kind = kinds.setdefault((element.tag, element.get("class"), depth), len(kinds))
            tag = HOLDERS.index(element.tag) if element.tag in HOLDERS else -1
            marked = element.get("itemprop") in OWN_BODY
            above = numbers[path[depth - 1]] if depth else -1
            rows.append((above, depth, tag, _groups_of(element), kind, marked))
    columns = [np.array(column, np.int32) for column in zip(*rows, strict=True)]
    ways = np.empty((LEVELS + 1, len(blocks)), np.int32)
    ways[0] = [numbers[block.path[-1]] for block in blocks]
    for level in range(LEVELS):
        ways[level + 1] = np.where(ways[level] >= 0, columns[0][ways[level]], -1)
    return Elements(ways[0], ways, *columns)


def _groups_of(element: Any) -> int:
    """Groups of an element's names, as bits."""
    hidden = any(hides(key, value) for key, value in element.items())
    return _named_groups(names_of(element)[:MAX_NAMES]) | (hidden << list(GROUPS).index("hidden"))


@functools.cache
def _words() -> dict[str, int]:
    bits: dict[str, int] = {}
    for number, words in enumerate(GROUPS.values()):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << number
    return bits


@functools.lru_cache(maxsize=1 << 14)
def _named_groups(named: str) -> int:
    bits = 0
    for name in CASE_BREAK.sub(r"\1-\2", named).lower().split():
        if not VARIANT.search(name):
            for word in NAME.split(name):
                bits |= _words().get(word, 0)
    return bits


def _heading_level(block: Block) -> int:
    tag = block.path[-1].tag
    return int(tag[1]) if tag in HEADINGS else 0


def _same(value: int, number: int) -> Column:
    return np.full(number, value, np.int32)


def _around(name: str, column: Column, far: int) -> dict[str, Column]:
    """A column, and what it has for the blocks around."""
    offsets = [*range(-far, 0), *range(1, far + 1)]
    return {name: column} | shifts({name: column}, offsets)


def _by_block(blocks: Sequence[Block], link_share: Column, levels: Column) -> dict[str, Column]:
    """Links, heading and tag of the block itself, and of those around."""
    tags = [block.path[-1].tag for block in blocks]
    found = _around("linked", link_share, 3) | _around("level", levels, 2)
    found["links"] = np.array([min(block.n_links, 30) for block in blocks], np.int32)
    for tag in ("p", "li", "div", "td"):
        found |= _around(f"is_{tag}", np.array([each == tag for each in tags], np.int32), 1)
    return found


def _by_holder(
    elements: Elements,
    masses: Any,
    length: Any,
    linked: Any,
    levels: Column,
    link_share: Column,
    blocks: Sequence[Block],
) -> dict[str, Column]:
    """The elements above a block: what they are, what they are called, and what they hold."""
    found = {"depth": np.minimum(elements.depths[elements.own], 40).astype(np.int32)}
    for number, tag in enumerate(HOLDERS):
        found[f"up_{tag}"] = elements.nearest(elements.tags == number)
    for number, group in enumerate(GROUPS):
        found[f"named_{group}"] = elements.nearest((elements.groups >> number) & 1 > 0)
    found["up_marked"] = elements.nearest(elements.marked > 0)
    total = max(int(masses[0]), 1)
    ones = np.ones(len(blocks), np.int64)
    paragraphs = np.array([block.path[-1].tag == "p" for block in blocks], np.int64)
    numbers, letters, links, ps, heads = (
        elements.sums(each)
        for each in (ones, length, linked, paragraphs, (levels > 0) & (link_share > 60))
    )
    for level in range(6):
        found[f"mass{level}"] = elements.over(masses * 1000 // total, level)
        if level:
            found[f"blocks{level}"] = elements.over(np.minimum(numbers, 500), level)
            found[f"linked{level}"] = elements.over(links * 100 // np.maximum(letters, 1), level)
            found[f"dense{level}"] = elements.over(masses * 100 // np.maximum(letters, 1), level)
            found[f"ps{level}"] = elements.over(ps * 100 // np.maximum(numbers, 1), level)
            found[f"heads{level}"] = elements.over(np.minimum(heads, 20), level)
    return found


def _by_kind(elements: Elements, mass: Any, masses: Any, length: Any) -> dict[str, Column]:
    """How often what a block stands in is repeated on the page: teasers are, articles are not."""
    own, kinds = elements.kinds[elements.own], elements.kinds
    number = int(kinds.max()) + 1
    total = max(int(mass.sum()), 1)
    blocks = np.bincount(own, minlength=number)
    found = {
        "kind_mass": np.bincount(own, mass, number)[own] * 1000 // total,
        "kind_blocks": np.minimum(blocks[own], 300),
        "kind_length": np.minimum(np.bincount(own, length, number)[own] // blocks[own], 2000),
    }
    often = np.bincount(kinds, minlength=number)
    together = np.bincount(kinds, masses, number) * 1000 // total
    for level in range(1, 6):
        found[f"repeated{level}"] = elements.over(np.minimum(often[kinds], 60), level)
        found[f"repeated_mass{level}"] = elements.over(together[kinds], level)
    every = [elements.over(often[kinds], level, 0) for level in range(1, LEVELS + 1)]
    found["repeated_most"] = np.minimum(np.max(every, axis=0), 60)
    for offset in (-2, -1, 1, 2):
        found[f"same_kind{offset:+}"] = shifted(own, offset) == own
        found[f"same_parent{offset:+}"] = shifted(elements.above[1], offset) == elements.above[1]
    return {name: column.astype(np.int32) for name, column in found.items()}


def _by_container(
    elements: Elements, blocks: Sequence[Block], mass: Any, masses: Any, length: Any, linked: Any
) -> dict[str, Column]:
    """How a block stands to elements that may be the article's, found in several ways."""
    found: dict[str, Column] = {}
    total = max(int(mass.sum()), 1)
    for share in SHARES:
        able = np.flatnonzero(masses * 100 >= share * total)
        deepest = able[np.argmax(elements.depths[able])] if len(able) else 0
        found |= _standing(elements, f"share{share}", int(deepest))
    article = _heaviest(elements, masses, blocks)
    found |= _standing(elements, "article", article)
    found["article_share"] = _same(int(masses[article]) * 1000 // total, len(blocks))
    readable = np.zeros(len(elements.parents), np.int64)
    for level, weight in ((1, 4), (2, 2), (3, 1)):
        there = elements.above[level] >= 0
        np.add.at(readable, elements.above[level][there], mass[there] * weight)
    letters = np.maximum(elements.sums(length), 1)
    readable = readable * (letters - np.minimum(elements.sums(linked), letters)) // letters
    names = list(GROUPS)
    away, towards = (sum(1 << names.index(each) for each in groups) for groups in (AWAY, TOWARDS))
    readable = np.where(elements.groups & away, readable * 6 // 10, readable)
    readable = np.where(elements.groups & towards, readable * 5 // 4, readable)
    best = int(readable.argmax())
    found |= _standing(elements, "readable", best)
    for level in (1, 2, 3):
        share = readable * 1000 // max(int(readable[best]), 1)
        found[f"readable{level}"] = elements.over(share, level)
    return found


def _heaviest(elements: Elements, masses: Any, blocks: Sequence[Block]) -> int:
    """The deepest element that still holds most of the text of the one above it."""
    tags = dict(zip(elements.own.tolist(), (block.path[-1].tag for block in blocks), strict=True))
    inner: dict[int, int] = {}
    for number in range(1, len(masses)):
        above = int(elements.parents[number])
        if above not in inner or masses[number] > masses[inner[above]]:
            inner[above] = number
    article = 0
    while (best := inner.get(article)) is not None and masses[best]:
        if masses[best] * 100 < MIN_ARTICLE_SHARE * masses[article]:
            break
        if tags.get(best) in PARAGRAPHS:
            break
        article = best
    return article


def _standing(elements: Elements, name: str, container: int) -> dict[str, Column]:
    """How far below a container a block stands, how far up the two meet, which side of it."""
    up = np.full(len(elements.parents), -1, np.int32)
    number, level = container, 0
    while number >= 0:
        up[number], number, level = level, int(elements.parents[number]), level + 1
    joins = np.where(elements.above >= 0, up[elements.above], -1)
    meets = joins >= 0
    first = meets.argmax(0)
    place = np.arange(joins.shape[1])
    join = np.where(meets.any(0), np.minimum(joins[first, place], 30), 30)
    inside = np.flatnonzero(join == 0)
    low, high = (inside[0], inside[-1]) if len(inside) else (0, len(place))
    side = np.where(place < low, -np.minimum(low - place, 50), 0)
    side = np.where(place > high, np.minimum(place - high, 50), side)
    found = {
        f"{name}_join": join,
        f"{name}_in": join == 0,
        f"{name}_below": np.where(meets.any(0), first, LEVELS + 1),
        f"{name}_side": side,
    }
    return {key: column.astype(np.int32) for key, column in found.items()}


def _by_headline(
    elements: Elements, texts: Sequence[str], levels: Column, mass: Any, title: str
) -> dict[str, Column]:
    """How a block stands to the one that is most like the page's title, else to its first `h1`."""
    number = len(texts)
    wanted = _long_words(title)
    like = np.array([_alike(text, wanted) for text in texts], np.int32)
    is_h1 = levels == 1
    found = {
        "like_title": like,
        "h1_before": np.minimum(np.cumsum(is_h1) - is_h1, 5),
        "h1_number": _same(min(int(is_h1.sum()), 6), number),
        "from_title": _same(-99, number),
        "mass_from_title": _same(-2000, number),
        "meets_title": _same(FAR + 5, number),
    }
    able, heads = np.flatnonzero(like >= LIKE_TITLE), np.flatnonzero(is_h1)
    if len(able) or len(heads):
        height = np.where(is_h1, 300, np.where(levels > 0, 150, 0))
        place = int(able[np.argmax((like * 10 + height)[able])]) if len(able) else int(heads[0])
        sums = np.concatenate(([0], np.cumsum(mass)))
        found["from_title"] = np.clip(np.arange(number) - place, -60, 300)
        found["mass_from_title"] = (sums[:-1] - sums[place]) * 1000 // max(int(mass.sum()), 1)
        holders = np.zeros(len(elements.parents), bool)
        holders[elements.above[:, place][elements.above[:, place] >= 0]] = True
        found["meets_title"] = elements.nearest(holders)
    return {name: column.astype(np.int32) for name, column in found.items()}


def _long_words(text: str) -> set[str]:
    return {word for word in WORD.findall(text.casefold()) if len(word) > SHORT_WORD}


def _alike(text: str, wanted: set[str]) -> int:
    """How many of the longer words of a line and of the title are in both, in hundredths."""
    if not wanted or not MIN_TITLE <= len(text) <= MAX_TITLE:
        return 0
    own = _long_words(text)
    return 200 * len(own & wanted) // (len(own) + len(wanted))


def _by_heading(
    levels: Column, link_share: Column, chrome: Column, length: Any
) -> dict[str, Column]:
    """What the last heading above a block is: `Read also` says what follows."""
    place = np.arange(len(levels))
    last = np.maximum.accumulate(np.where(levels > 0, place, -1))
    there, last = last >= 0, np.maximum(last, 0)
    found = {
        "from_heading": np.where(there, np.minimum(place - last, 60), 99),
        "heading_level": np.where(there, levels[last], 0),
        "heading_linked": np.where(there, link_share[last], -1),
        "heading_chrome": np.where(there, chrome[last], -1),
        "heading_length": np.where(there, np.minimum(length[last], 200), -1),
    }
    return {name: column.astype(np.int32) for name, column in found.items()}


def _by_article(elements: Elements, masses: Any) -> dict[str, Column]:
    """Which of the page's `article` elements a block stands in; -1: none."""
    hit = np.where(elements.above >= 0, elements.tags[elements.above] == 0, False)
    place = np.arange(hit.shape[1])
    inner = np.where(hit.any(0), elements.above[hit.argmax(0), place], -1)
    order = {number: n for n, number in enumerate(dict.fromkeys(inner[inner >= 0].tolist()))}
    shares = masses * 1000 // max(int(masses[0]), 1)
    return {
        "article_number": np.array([min(order.get(n, -1), 20) for n in inner.tolist()], np.int32),
        "articles": _same(min(len(order), 30), len(place)),
        "article_mass": np.where(inner >= 0, shares[inner], -1).astype(np.int32),
    }
