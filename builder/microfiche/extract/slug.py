"""The words of an address: many tell the headline of what stands there."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

MIN_SLUG, STEM = 3, 5  # words of an address that tell a headline; letters by which two are one
COVERED, SHARED = 60, 40  # hundredths of the address's words in a line, of a line's in the address
WORD = re.compile(r"[^\W\d_]{2,}|[0-9]+")
ENDING = re.compile(r"\.[a-z]{3,5}$|[-_.~]?[a-z]?[0-9]{4,}.*$")


def slug_of(address: str | None) -> frozenset[str]:
    """Stems of the words in the part of an address that has most; none if it has few."""
    path = unquote((address or "").partition("://")[2].partition("/")[2].partition("?")[0])
    parts = [_stems(ENDING.sub("", part)) for part in path.split("/")]
    longest = max(parts, key=len, default=frozenset())
    return longest if len(longest) >= MIN_SLUG else frozenset()


def is_told(line: str, slug: frozenset[str]) -> bool:
    """Whether an address tells a line: most of its words stand there, and not much more."""
    own = _stems(line)
    both = len(own & slug)
    return 100 * both >= COVERED * len(slug) and 100 * both >= SHARED * len(own)


def _stems(line: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", line.casefold().replace("ı", "i"))
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    return frozenset(word[:STEM] for word in WORD.findall(bare))
