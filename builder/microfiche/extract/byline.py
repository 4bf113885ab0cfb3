"""Authors of a page: where it shows them, and their names without what is around them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from microfiche.dates.printed import find_dates, without
from microfiche.extract import persons
from microfiche.extract.blocks import class_words, says
from microfiche.extract.elements import names_of, short_pieces
from microfiche.extract.metadata import Metadata
from microfiche.text import loosely, normal_line

MAX_NAMES = 12
MAX_AUTHORS, MAX_PIECES, MAX_ABOVE = 400, 40, 30
MAX_BYLINE = 120
VISIBLE = "page"
# What a login is called, not a person; agencies may be in small letters.
ACCOUNT = re.compile(r"[a-z]+[0-9._-][a-z0-9._-]*|.*\b[Aa]dmin\b.*")
BREAKS = " ,;|·•●–—-:"
BESIDE = re.compile(r"\s+[|·•●–—-]\s+")
# One word after an explicit label: what agencies, teams and some bloggers are called.
ONE_WORD = re.compile(
    r"(?:(?:posted|written|reported) )?by:? (?P<name>[^\W\d_]\w{2,30})(?: (?:on|in|at|from)\b.*)?",
    re.IGNORECASE,
)
MAX_ELEMENTS = 200
MAX_INITIALS = 3
OPENING_PIECES = 3  # of an author's card, labels among them


# An author's element, by the microformats and by the names that sites give it.
AUTHOR = class_words("by-?line author authors author-?names? autor autoren auteur writer")
AUTHOR_ADDRESS = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|redakteure?|writers?)/", re.IGNORECASE
)
ELSEWHERE = class_words(
    "comments? commenter disqus related teasers? recommend[a-z]* sidebar side-bar most-?read popular",
    "trending more-on comentarios? commentaires? kommentare?",
)
# What opens a byline and is no part of a name. Names may begin with Von, Di or Da: only a colon,
# or a capital after `By`, tells.
BYLINE_START = re.compile(
    r"^(?:written |reported |posted |story |text |words |erstellt |veröffentlicht |eingestellt |"
    r"verfasst |geschrieben |publié |écrit |escrito |publicado )?(?:by|von|par|por|di|da|av|af|door|autor(?:in)?|"
    r"author|от|автор|text|foto|fotos)[:\s]\s*",
    re.IGNORECASE,
)
NAME_BREAK = re.compile(r"\s*(?:,|;|\||•|·|/|&|、)\s*")
# Degrees and the like, without dots: after a comma they are part of the name before it.
CREDENTIALS = frozenset(
    (
        *("ba", "bs", "bsc", "ma", "ms", "msc", "mba", "mph", "msw", "mfa", "med", "phd", "psyd"),
        *("pharmd", "edd", "drph", "md", "do", "dds", "dmd", "dvm", "vmd", "jd", "od", "dpt", "dc"),
        *("llb", "llm", "esq", "rd", "rdn", "rn", "rph", "ldn", "np", "pa", "pa-c", "fnp", "aprn"),
        *("lcsw", "lmft", "lpc", "lvt", "vts", "pe", "cpa", "cfa", "cfp", "cepf", "cpp", "psp"),
        *("pmp", "cpt", "cscs", "cdces", "cissp", "facp", "facs", "faclm", "faap", "dacvb", "foma"),
        *("dabom", "jr", "sr", "ii", "iii", "mbe", "obe", "cbe", "qc", "kc", "mp", "mep"),
    )
)
IN_SMALL = frozenset(("jr", "sr", "esq"))  # of these, those that are written like names
NAME_JOINT = re.compile(r"\s+(?:and|und|et|og|och|y|e|i|en)\s+")
INVERTED = re.compile(r"\s*(?:[a-zß-ÿ]\S*\s+)*[^\s,]+,[^,]+")  # `van den Quill, Ada`
QUOTED = re.compile(r"^[\"“„]([^\"“”„]*)[\"”“]$")
IN_BRACKETS = re.compile(r"\s*[(\[（][^()\[\]（）]*[)\]）]")
STATED_START = re.compile(
    r"^(?:(?:[Ww]ritten |[Rr]eported )?(?:[Bb]y|BY|[Vv]on|[Pp]ar|[Pp]or):?\s+"
    r"(?=[^\W\d_a-zß-ÿ]\S*\s+[^\W\d_a-zß-ÿ])|(?:von|par|por|di|da|text|foto)\s*:\s*)"
)
# What stands where a name would, and is the name of nobody.
NOBODY = frozenset(
    (
        "admin", "administrator", "undefined", "webmaster", "null", "none", "guest", "root", "author",
        "the author", "last updated", "updated", "published", "written by", "posted by", "share",
        "share article", "follow", "follow author", "authors", "all posts", "read more", "about the author",
        "sponsored", "staff", "posts", "unknown", "unbekannt", "anonymous",
        "category", "topic", "region", "date", "email", "sport", "sports", "politics", "desk",
    )
)  # fmt: skip
# What stands before `by` in a byline.
KINDS = frozenset(("guide", "review", "feature", "news", "opinion", "analysis", "interview"))
POST = re.compile(
    r"(?:^|\s)(?:[\w-]+ )?(?:director|consultant|writer|editor|reporter|correspondent|contributor|"
    r"specialist|manager|founder|journalist|grader|coordinator|officer|analyst|columnist)"
    r"(?: (?:of|at|for|in) .*)?$",
    re.IGNORECASE,
)
NO_NAME = re.compile(
    r"https?:|www\.|@|[0-9]|\bgetty\b|\bimages?\b|\bphotos?\b|shutterstock"
    r"|\b(?:facebook|twitter|instagram|linkedin|youtube|whatsapp)\b",
    re.IGNORECASE,
)


def is_elsewhere(element: Any) -> bool:
    """Whether an element stands among what readers write, or what is told of other articles."""
    around = itertools.islice(element.iterancestors(), MAX_ABOVE)
    # What a site calls the whole page, `has-sidebar` say, tells nothing of what stands in it.
    parts = itertools.takewhile(lambda each: each.tag not in ("body", "html"), (element, *around))
    named = map(names_of, parts)
    return any(name != " " and says(ELSEWHERE, name) for name in named)


class Shown(NamedTuple):
    """Names in elements that a page marks as its author's, not a reader's.

    `whole` are those of elements that hold nothing else, in their order, `opening` those with which
    cards begin that tell of them.
    """

    whole: list[list[str]]
    opening: list[list[str]]


def shown_names(root: Any) -> Shown:
    """Names in a page's elements, before its blocks are read, which takes some out."""
    marked = root.iter("a", "span", "p", "div", "address", "ul", "li")
    held = (each for each in marked if _is_authors(each) and not is_elsewhere(each))
    elements = list(itertools.islice(held, MAX_ELEMENTS))
    whole = [
        names for way in (_names_in, _single_name) for each in elements if (names := way(each))
    ]
    return Shown(whole, [names for each in elements if (names := _opening_name(each))])


def add_authors(
    said: Metadata, shown: Shown, between: Sequence[str], opening: Sequence[str], sites: set[str]
) -> None:
    """The authors that a page shows, where its data name nobody but the site, or an account.

    `between` are the lines between headline and text, `opening` the names of a byline that opens
    the text, `sites` what the site is called, loosely.
    """
    ways = [
        *(("element of the author", names) for names in shown.whole),
        ("byline above the text", opening or _names_above(between)),
        *(("card of the author", names) for names in shown.opening),
    ]
    found = [(rule, names) for rule, names in ways if names]
    people = [each for each in found if _is_somebody(each[1], sites)]
    for rule, names in people or found:
        said.authors = [] if people else said.authors
        said.take("authors", list(names[:MAX_NAMES]), VISIBLE, rule)
        return


def without_site(authors: Iterable[str], sites: set[str]) -> list[str]:
    """Names, without the site's own beside those of others in one string: a blog may be a person's."""
    stated = list(authors)
    names, alone = list(clean_names(stated))[:MAX_NAMES], set(map(loosely, stated))
    own = {loosely(name) for name in names if loosely(name) in sites} - alone
    return [name for name in names if loosely(name) not in own] or names


def is_signed(said: Metadata, sites: set[str]) -> bool:
    """Whether a page's authors are known: by a selector, or as somebody else than the site."""
    selected = said.sources.get("authors", ("",))[0] == VISIBLE
    return selected or _is_somebody(said.authors, sites)


def _is_somebody(authors: Iterable[str], sites: set[str]) -> bool:
    """Whether a person or an agency is named, not only the site, an address or an account."""
    names = clean_names(authors)
    return any(loosely(name) not in sites and not ACCOUNT.fullmatch(name) for name in names)


def _names_in(element: Any) -> list[str]:
    """The names in an element that holds nothing else."""
    pieces = [piece for piece in _short_texts(element) if not _is_label(piece)]
    apart = len(pieces) > 1 and all(" " in piece.strip() for piece in pieces)
    for stated in (pieces,) if apart else ([" ".join(pieces)], pieces):
        names = list(clean_names(stated, BYLINE_START))
        if names and all(map(persons.is_name, names)):
            return names
    return []


def _single_name(element: Any) -> list[str]:
    """The one word that a link to its author's own page has, if the address has it too."""
    slug = AUTHOR_ADDRESS.split(element.get("href") or "")[1:]
    word = normal_line(" ".join(_short_texts(element)))
    if not slug or not word.isalpha() or not word[0].isupper() or _is_label(word):
        return []
    return [word] if loosely(word) in loosely(slug[0]) else []


def _opening_name(element: Any) -> list[str]:
    """The name with which a card of the author begins, and of which it tells something after it."""
    pieces = itertools.islice(element.itertext(), MAX_PIECES)
    shown = list(filter(None, (normal_line(piece[:MAX_AUTHORS]) for piece in pieces)))
    for number, line in enumerate(shown[:OPENING_PIECES], start=1):
        if _is_label(line) or len(line) > persons.MAX_NAME:
            continue
        names = list(clean_names([line], BYLINE_START))
        people = names and all(map(persons.is_name, names))
        told = people and any(names[0].split()[0] in each.split() for each in shown[number:])
        return names if told else []
    return []


def _is_label(piece: str) -> bool:
    """Whether a piece says only that a name follows, or what somebody is."""
    text = normal_line(piece)
    plain = text.casefold()
    known = plain in NOBODY or plain in KINDS or persons.BYLINE_LABEL.fullmatch(text)
    initials = len(text) <= MAX_INITIALS and text.isupper()  # in place of a picture
    return bool(known or initials or POST.search(text))


def _short_texts(element: Any) -> list[str]:
    """The texts in an element, if they are no more than names can be; else none."""
    pieces, size = [], 0
    for piece in itertools.islice(short_pieces(element), MAX_PIECES):
        size += len(piece)
        if size > MAX_AUTHORS:
            return []
        if piece.strip():
            pieces.append(piece)
    return pieces


def _is_authors(element: Any) -> bool:
    """Whether an element is marked as the author's: by rel, itemprop, address or class."""
    if "author" in (element.get("rel"), element.get("itemprop")):
        return True
    address = element.get("href")
    if address and AUTHOR_ADDRESS.search(address):
        return True
    named = names_of(element)
    return named != " " and says(AUTHOR, named)


def clean_names(stated: Iterable[str], start: re.Pattern[str] = STATED_START) -> Iterator[str]:
    """Names out of bylines: without `By`, addresses, roles in brackets, each once.

    `start` is what may open a byline. Several values of one word, a comma and more are names whose
    surnames come first.
    """
    seen: set[str] = set()
    values = [value for value in stated if "://" not in value]
    inverted = len(values) > 1 and all(map(_is_inverted, values))
    for value in values:
        line = start.sub("", IN_BRACKETS.sub("", normal_line(value)))
        for number, part in enumerate([line] if inverted else _name_parts(line)):
            name = part.strip(" ,:|-–—").lstrip(".")
            name = QUOTED.sub(r"\1", name)
            name = name if persons.LAST_DOT.search(name) else name.rstrip(" .")
            if not name or len(name) > persons.MAX_NAME or NO_NAME.search(name):
                continue
            if number and POST.search(name):
                continue
            if name.casefold() in seen or name.casefold() in NOBODY:
                continue
            seen.add(name.casefold())
            yield name


def _names_above(lines: Iterable[str]) -> list[str]:
    """The names of a byline between headline and text, in one line or below its label."""
    labelled = False
    for line in map(normal_line, lines):
        if len(line) > MAX_BYLINE:
            labelled = False
            continue
        for piece in BESIDE.split(without(line, find_dates(line)).strip(BREAKS)):
            bare = piece.strip(BREAKS)
            names = persons.byline(bare) or (persons.names_in(bare) if labelled else None) or []
            # What follows names that are none says what the last of them does.
            if people := list(itertools.takewhile(persons.is_name, names)):
                return people
            word = ONE_WORD.fullmatch(bare)
            if word and word["name"].casefold() not in NOBODY:
                return [word["name"]]
        labelled = bool(persons.BYLINE_LABEL.fullmatch(line))
    return []


def _is_inverted(value: str) -> bool:
    """Whether a name has its surname first, in a script that has capitals."""
    return value.upper() != value.lower() and bool(INVERTED.fullmatch(value))


def _name_parts(line: str) -> Iterator[str]:
    """The names in a line that may list several.

    `José Ortega y Gasset` and `King, Martin Luther` are one: what a word joins has two words on
    either side, and what a comma or such joins has them before the first, or spaces nowhere.
    """
    joined = [part.strip() for part in NAME_JOINT.split(line)]
    for part in joined if all(" " in each for each in joined) else [line]:
        names = _with_credentials(name for name in NAME_BREAK.split(part) if name.strip(" ."))
        apart = names and (" " in names[0] or not any(" " in name for name in names))
        yield from names if apart else [part]


def _is_credential(word: str) -> bool:
    """Whether a word is a degree and the like: MA is, Ma is a name."""
    known = word.casefold()
    return known in IN_SMALL or (known in CREDENTIALS and not word.istitle())


def _with_credentials(parts: Iterable[str]) -> list[str]:
    """Parts of a line, what follows a name as its degree joined to it again."""
    names: list[str] = []
    for part in parts:
        words = part.replace(".", "").replace("®", "").replace("™", "").split()
        if names and words and all(map(_is_credential, words)):
            joined = f"{names[-1]}, {part.strip()}"
            names[-1] = joined if len(joined) <= persons.MAX_NAME else names[-1]
        else:
            names.append(part.strip())
    return names
