"""The headline of a page: what its data state, what it shows, and which of the two it is."""

from __future__ import annotations

import re

from microfiche.extract.article import Article
from microfiche.extract.metadata import Metadata, plain_line
from microfiche.outlets.outlet import Outlet
from microfiche.text import loosely

TITLE_BREAK = re.compile(r"\s+(?:[|–—•·-]|::)\s+|\s*[|»：]\s*")
WORD = re.compile(r"\w+")
STEM = 6  # letters by which two words are one
# Of the words of the shorter one, this share (of 100) stands in both where two lines speak of one
# thing, and at least so many.
SHARED, MIN_SHARED = 30, 2
PERMALINK = "\u00b6"  # what programs for manuals put behind a headline
SHOWN, HEAD = ("page", "h1"), "html-head"
MAX_TITLE = 20_000  # letters of a title element that are looked at
MIN_NAME, MIN_REST, MAX_TAIL = 4, 2, 5  # letters of a host; words of a headline, of a site's name


def names_of_site(said: Metadata, outlet: Outlet) -> set[str]:
    """What the site is called, loosely: by its outlet's file, and by the page."""
    names = {loosely(name) for name in (outlet.name, *outlet.entry.get("other_names", ()))}
    names |= {loosely(name) for name in said.site_names}
    names |= {name.removeprefix("die ").removeprefix("the ") for name in names}
    return names | {domain.host.removeprefix("www.") for domain in outlet.domains}


def own_labels(said: Metadata, host: str | None) -> set[str]:
    """What else a site may call itself as an author: its initials, a label of its host."""
    initials = {"".join(word[0] for word in name.split()) for name in said.site_names}
    return {loosely(each) for each in (*initials, *(host or "").split("."))}


def read_headline(
    said: Metadata, article: Article, page_title: str | None, sites: set[str], host: str | None
) -> str | None:
    """The headline: as stated, without the site's name; as shown, where that is another.

    News state their headline; of other pages the data tell what search engines shall show. `sites`
    is what the site is called, loosely, `host` that of the page.
    """
    page_title = plain_line((page_title or "")[:MAX_TITLE]) or ""
    names, headline = sites, (article.headline or "").removesuffix(PERMALINK)
    if headline and (name := _name_of_site(headline, said.title or "", page_title)):
        names, headline = names | {loosely(name)}, ""
    if headline and not said.title:
        told = _without_site(page_title, names, loosely(headline), host)
        if not _is_site(loosely(told), names) and _is_label(headline, told, article):
            headline = ""
    said.take("title", headline, *SHOWN)
    said.take("title", page_title, HEAD, "title")
    if not said.title:
        return None
    title = _without_site(said.title, names, loosely(headline), host)
    if headline and not said.is_news and _is_headline(headline, title, page_title):
        said.sources["title"] = SHOWN
        return headline
    return title


def _name_of_site(shown: str, stated: str, page_title: str) -> str | None:
    """What of a page's title is the site's name, if the page shows this for its headline.

    It closes the title, or opens it, and more stands beside it than it has; it may be told in other
    words at the end of the title. None if it is not.
    """
    own, whole, title = loosely(shown), loosely(stated), loosely(page_title)
    if whole.startswith(own):
        return None
    parts = TITLE_BREAK.split(page_title)
    if own == loosely(parts[-1]) and len(parts[0]) > len(own):
        return shown
    if len(whole) > len(own) and title.startswith(own) and title.endswith(whole):
        return shown if own not in whole else None
    before, last = _stems(" ".join(parts[:-1])), _stems(parts[-1])
    told = not whole and len(before) > len(last) and _stems(shown) & last
    return parts[-1] if told and not _stems(shown) & before else None


def _is_label(shown: str, told: str, article: Article) -> bool:
    """Whether what a page shows is no headline, since its title element tells another.

    They have next to nothing in common, and the text speaks as much of the title.
    """
    own, title = _stems(shown), _stems(told)
    if len(title) < 2 or _in_common(own, title):
        return False
    text = _stems(" ".join(block.text for block in article.blocks))
    return len(own) < 2 or (bool(title & text) and _told(own, text) <= _told(title, text))


def _told(words: set[str], text: set[str]) -> tuple[float, int]:
    """How much of a line a text speaks of: the share of its words; how many it has."""
    return len(words & text) / len(words), len(words)


def _is_headline(shown: str, title: str, page_title: str) -> bool:
    """Whether what a page shows is its headline rather than what its data state.

    They speak of one thing, in other words: not only in capitals, and not only longer.
    """
    own, stated, head = _stems(shown), _stems(title), _stems(page_title)
    if len(own) < 2 or stated < own or loosely(shown) == loosely(title):
        return False
    return _in_common(own, stated) or _in_common(own, head)


def _stems(line: str) -> set[str]:
    return {word[:STEM] for word in WORD.findall(line.casefold())}


def _in_common(one: set[str], other: set[str]) -> bool:
    """Whether two lines, given by their words, speak of one thing."""
    least, both = min(len(one), len(other)), len(one & other)
    return both > 0 and both >= min(MIN_SHARED, least) and 100 * both >= SHARED * least


def _without_site(title: str, names: set[str], shown: str, host: str | None) -> str:
    """A title without what follows its last break, if that is the site or the headline ends there.

    Where the site's name opens the title, what follows the last break is the headline.
    """
    breaks = list(TITLE_BREAK.finditer(title))
    if not breaks:
        return title
    before, after = title[: breaks[-1].start()], title[breaks[-1].end() :]
    if before and (_is_site(loosely(after), names) or loosely(before) == shown):
        return before
    if len(before.split()) >= MIN_REST and _is_host(after, host):
        return before
    if after and loosely(after) == shown:
        return after
    if not _is_site(loosely(title[: breaks[0].start()]), names):
        return title
    signs = {each[0].strip() for each in breaks}  # `Site :: Section :: Headline` has one
    return (after if len(signs) == 1 else title[breaks[0].end() :]) or title


def _is_site(part: str, names: set[str]) -> bool:
    """Whether a part of a title is the site's name, perhaps with a word or two beside it."""
    return part in names or any(
        name in part and len(name) * 2 >= len(part) for name in names if len(name) > 5
    )


def _is_host(part: str, host: str | None) -> bool:
    """Whether a part of a title is how a host is called: the words of one of its labels."""
    letters = "".join(WORD.findall(part.casefold()))
    if host is None or len(letters) < MIN_NAME or len(part.split()) > MAX_TAIL:
        return False
    labels = [each.replace("-", "") for each in host.split(".")[:-1] if each != "www"]
    joined = host.removeprefix("www.").replace(".", "").replace("-", "")
    return letters == joined or any(
        letters == label
        or (len(label) >= MIN_NAME and label in letters and 2 * len(label) > len(letters))
        for label in labels
    )
