"""Pages as blocks of text, and what the names of elements say of these.

A block is what stands between two block-level tags. What is named or tagged as furniture (shares,
teasers, captions, ...) is known as such, unless its name covers so much of the sentences that it can't
be furniture.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import lxml.etree

from microfiche.text import single_spaced

UNREAD = (
    *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "video"),
    *("audio", "canvas", "picture", "button", "select", "textarea", "input", "nav", "noframes"),
    *("dialog", "menu", "head"),
)
INLINE = (
    *("span", "b", "strong", "em", "i", "u", "s", "font", "sup", "sub", "small", "big", "mark"),
    *("abbr", "cite", "q", "code", "time", "label", "ins", "del", "bdi", "bdo", "wbr", "tt"),
    *("nobr", "data", "var", "kbd", "samp", "dfn", "img", "acronym", "strike", "meta", "link"),
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
SENTENCE_TAGS = frozenset(("p", "blockquote", "pre"))
LOOSE_TAGS = frozenset(("div", "section", "article", "td", "li", "main", "body"))
KNOWN_TAGS = HEADINGS | SENTENCE_TAGS | LOOSE_TAGS
FURNITURE_TAGS = frozenset(("aside", "figure", "figcaption", "footer", "address", "form"))
MIN_SENTENCE, MIN_LOOSE_SENTENCE = 40, 80
LOOSE_WEIGHT = 0.5
# A name that covers this share of a page's sentences is no furniture, whatever it says.
MAX_FURNITURE_SHARE = 0.33
MAX_LINK_SHARE, MIN_LINKED_PARAGRAPH = 0.6, 200
SWALLOWING, MIN_SWALLOWED = ("nav", "button", "dialog", "menu", "object", "select"), 3
# How deep the elements of a page are told apart, and how much of its class names is looked at.
MAX_DEPTH, MAX_NAMES = 120, 500
# Of a page, of a tag. No page of news has a hundredth of these tags; reading ten times as many takes
# a minute, and attributes are each compared with all others.
MAX_TAGS, MAX_ATTRIBUTES = 500_000, 2_000
QUOTED = re.compile(r"\"[^\"<]*\"|'[^'<]*'")
SCRIPTS = tuple(
    (re.compile(f"<{name}", re.IGNORECASE), re.compile(f"</{name}", re.IGNORECASE))
    for name in ("script", "style")
)
OPENING = re.compile(r"[A-Za-z][\w:-]*[\s/]")


def class_words(*groups: str) -> re.Pattern[str]:
    """A pattern for class names that have one of the words, not as a part of a longer word."""
    return re.compile(rf"(?<![a-z])(?:{'|'.join('|'.join(g.split()) for g in groups)})(?![a-z])")


FURNITURE = class_words(
    "related recommend recommendation recommendations recirc promo newsletter subscri subscribe",
    "subscription signup sign-up paywall piano comment comments disqus share sharing social",
    "sidebar side-bar footer footnote nav navi navigation breadcrumb breadcrumbs menu advert",
    "advertisement ad ads adslot banner sponsor sponsored outbrain taboola teaser teasers widget",
    "caption credit copyright byline author authors bio tag tags taglist topic topics keywords",
    "toolbar tools print cookie consent gdpr overlay modal popup popover tooltip skip login register",
    "more-on readmore read-more also most-?read popular trending latest further infobox factbox",
    "fact-box embed tweet twitter instagram facebook video player podcast gallery slideshow",
    "carousel image img photo picture figure media lightbox meta metadata date time timestamp",
    "published pubdate reading-?time readtime rating poll quiz survey vote donat[a-z]* support-us",
    "contribute feedback corrections? disclaimer hidden invisible visually-?hidden sr-only",
    "screen-reader[a-z]* noprint no-print print-only mobile-only cookies cmp pull-?quote",
    "publi publicidad publicite pubblicita anzeige werbung reklame boletin suscripcion suscribete",
    "abonnement inscription inscription-lettre infolettre comentarios? commentaires? kommentare?",
    "commenti relacionad[oa]s? correlati verwandte? teilen partage compartir condividi etiquetas",
    "exergue kanren lire-aussi a-lire leer-mas mehr-zum-thema",
)
CASE_BREAK = re.compile(r"([a-z0-9])([A-Z])")
VARIANT = re.compile(r"[:\[\]()]")


class Block(NamedTuple):
    """One block: its text on one line, the characters in links, what it stands in, its links.

    `path` are the elements from the body down; `names` are the furniture names among them.
    """

    tag: str
    text: str
    n_linked: int
    path: tuple[Any, ...]
    names: tuple[str, ...]
    n_links: int = 0

    @property
    def weight(self) -> float:
        """Characters of sentences, fewer where the tag does not say that it is a paragraph."""
        length = len(self.text)
        if self.n_linked * 2 >= length:
            return 0
        if self.tag in SENTENCE_TAGS:
            return length if length >= MIN_SENTENCE else 0
        loose = self.tag in LOOSE_TAGS and length >= MIN_LOOSE_SENTENCE
        return length * LOOSE_WEIGHT if loose else 0

    @property
    def is_links(self) -> bool:
        """Whether it is a list of links rather than text with links in it."""
        if self.n_linked <= MAX_LINK_SHARE * len(self.text):
            return False
        return self.tag != "p" or len(self.text) < MIN_LINKED_PARAGRAPH


class Tree(NamedTuple):
    """A parsed page: its root element, None if it has none.

    `too_deep` tells that the parser gave up on elements nested deeper than it goes.
    """

    root: Any
    too_deep: bool


def crowded(html: str) -> str | None:
    """Why a page is not parsed, if it has so many tags, or attributes, that it would not end."""
    if html.count("<") > MAX_TAGS:
        return f"{html.count('<'):,} tags, the limit is {MAX_TAGS:,}"
    count = _most_attributes(html)
    if count > MAX_ATTRIBUTES:  # as it looks: a script may compare, a value may hold anything
        count = _most_attributes(QUOTED.sub("", _without_scripts(html)))
    if count > MAX_ATTRIBUTES:
        return f"a tag of {count:,} attributes, the limit is {MAX_ATTRIBUTES:,}"
    return None


def _most_attributes(html: str) -> int:
    """How many attributes the tag with most of them may have."""
    tags = (
        part.partition(">")[0]
        for part in html.split("<")
        if len(part) > 2 * MAX_ATTRIBUTES and OPENING.match(part)
    )
    return max((max(tag.count("="), len(tag.split())) for tag in tags), default=0)


def _without_scripts(html: str) -> str:
    """A page without what is between the tags of its scripts and styles."""
    for begins, ends in SCRIPTS:
        kept, at = list[str](), 0
        while (start := begins.search(html, at)) and (end := ends.search(html, start.end())):
            kept.append(html[at : start.start()])
            at = end.start()
        html = "".join([*kept, html[at:]])
    return html


def parse_page(html: str) -> Tree:
    """The element tree of a page."""
    parser = lxml.etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = lxml.etree.fromstring(html.encode("utf-8"), parser)
    except lxml.etree.XMLSyntaxError:
        root = None
    too_deep = any("depth" in entry.message for entry in parser.error_log.filter_from_fatals())
    return Tree(root, too_deep)


def visible_texts(root: Any) -> list[str]:
    """The text of every block of a page, in order. Takes out of the tree what holds no text."""
    return [block.text for block in read_blocks(root)]


def read_blocks(root: Any) -> list[Block]:
    """The blocks of a page, in order. Takes out of the tree what holds no text."""
    return _blocks_of(_stripped(root))


def _stripped(root: Any) -> Any:
    """The body without what is not read and without inline tags."""
    _free_swallowed(root)
    lxml.etree.strip_elements(root, *UNREAD, with_tail=False)
    lxml.etree.strip_tags(root, *INLINE)
    body = root.find("body")
    return root if body is None else body


def _free_swallowed(root: Any) -> None:
    """Make plain what is not read but holds most paragraphs: it was opened, and never closed."""
    most = sum(1 for _ in root.iter("p")) // 2
    if most <= MIN_SWALLOWED:
        return
    paragraphs, before, swallowing = 0, [], []
    for event, element in lxml.etree.iterwalk(root, ("start", "end"), ("p", *SWALLOWING)):
        if element.tag == "p":
            paragraphs += event == "start"
        elif event == "start":
            before.append(paragraphs)
        elif paragraphs - before.pop() > most:
            swallowing.append(element)
    for element in swallowing:
        element.tag = "div"


class _Place(NamedTuple):
    """An open element as the blocks in it see it."""

    tag: str
    path: tuple[Any, ...]
    names: tuple[str, ...]


def _blocks_of(body: Any) -> list[Block]:
    """Blocks in the order of the page."""
    blocks: list[Block] = []
    places = [_Place("body", (body,), ())]
    parts: list[str] = []
    n_linked = n_open = n_links = 0
    walk = lxml.etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag, starts = element.tag, event == "start"
        if tag == "a":
            n_open += 1 if starts else -1
            n_links += starts
            ends = False
        elif tag == "br":
            parts.append(" ")
            ends = starts and _is_double(element)
        else:
            ends = True
        if ends and parts:
            text = single_spaced("".join(parts))
            if text:
                blocks.append(Block(places[-1].tag, text, n_linked, *places[-1][1:], n_links))
            parts, n_linked, n_links = [], 0, 0
        if ends and tag != "br" and element is not body:
            if starts:
                places.append(_opened(element, places[-1]))
            else:
                places.pop()
        piece = element.text if starts else element.tail
        if piece:
            parts.append(piece)
            n_linked += len(piece.strip()) if n_open else 0
    return blocks


def _is_double(line_break: Any) -> bool:
    """Whether a second break follows at once: then the two end a paragraph."""
    after = line_break.getnext()
    return after is not None and after.tag == "br" and not (line_break.tail or "").strip()


def _opened(element: Any, above: _Place) -> _Place:
    tag = element.tag
    # What a heading is called says how it looks; the article's own may be `widget-title`.
    name = _furniture_name(tag, element) if tag not in HEADINGS else None
    shown = tag if tag in KNOWN_TAGS else above.tag
    if shown in ("div", "p") and above.tag in ("li", "blockquote"):
        shown = above.tag
    names = (*above.names, name) if name else above.names
    path = (*above.path, element) if len(above.path) < MAX_DEPTH else above.path
    return _Place(shown, path, names[-MAX_DEPTH:])


def _furniture_name(tag: str, element: Any) -> str | None:
    """The name by which an element looks like furniture."""
    if tag in FURNITURE_TAGS:
        return tag
    name = ""
    for key, value in element.items():
        if key in ("class", "id"):
            name += f"{value} "
        elif hides(key, value):
            return "hidden"
    return name if name and says(FURNITURE, name) else None


def hides(key: str, value: str) -> bool:
    """Whether an attribute keeps an element from being shown."""
    if key == "style":
        return "display:none" in value.replace(" ", "")
    return key == "hidden" or (key == "aria-hidden" and value == "true")


def says(pattern: re.Pattern[str], names: str) -> bool:
    """Whether class names have a word of the pattern; variants such as `md:hidden` do not count."""
    return _says(pattern, names[:MAX_NAMES])


@functools.lru_cache(maxsize=1 << 14)
def _says(pattern: re.Pattern[str], names: str) -> bool:
    if VARIANT.search(names):
        plain = (word for word in names.split() if not VARIANT.search(word))
        names = " ".join(word for word in plain if word != "hidden")
    folded = names.lower()
    if folded != names:
        folded = CASE_BREAK.sub(r"\1-\2", names).lower()
    return bool(pattern.search(folded))


def furniture_names(blocks: Sequence[Block]) -> frozenset[str]:
    """The names that cover too little of the sentences to be the article's."""
    shares: Counter[str] = Counter()
    total = 0.0
    for block in blocks:
        weight = block.weight
        total += weight
        for name in set(block.names) if weight else ():
            shares[name] += weight  # type: ignore[assignment]
    names = {name for block in blocks for name in block.names}
    return frozenset(name for name in names if shares[name] < MAX_FURNITURE_SHARE * total)
