"""Identifiers: what a capture, an article and a revision are called, and why.

Every one is a function of content, never of where a file lies.
"""

from __future__ import annotations

import functools
import hashlib
import re

from microfiche.fixity import short_id
from microfiche.outlets.origin import Origin

APART = "~"  # between an id that several articles have and what tells all but the first
TOLD_APART = re.compile(rf"{APART}[0-9a-f]{{8}}$")
# Native id, address, number of a press database, bytes: the best one names the article.
ID_KINDS = ("n", "u", "x", "t")


def article_id(origin: Origin, sha256: str | None, accession: str | None = None) -> str:
    """Identifier that a capture alone gives its article.

    By the native id an address pattern yields, else by site, path and significant query (never
    the host), else by the number of a press database, else by the captured bytes.
    """
    assert origin.outlet is not None  # noqa: S101 - callers have checked
    if origin.address is None and accession:
        return f"{origin.outlet.id}:x-{accession.replace(':', '-', 1)}"
    if origin.address is None:
        assert sha256 is not None  # noqa: S101 - what has neither address nor bytes is not asked for
        return f"{origin.outlet.id}:t-{sha256[:20]}"
    native = origin.outlet.native_id(origin.address, origin.site)
    own = native or f"u-{short_id([origin.site, origin.address.resource])}"
    return f"{origin.outlet.id}:{own}"


def apart_id(article_id: str, sha256: str) -> str:
    """Identifier of another article that captures give an id, by the bytes of one of its own."""
    return f"{article_id}{APART}{sha256[:8]}"


def outlet_of(article_id: str) -> str:
    """The outlet that an article's identifier names."""
    return article_id.partition(":")[0]


def base_id(article_id: str) -> str:
    """The identifier that captures alone give an article: another's too if it was told apart."""
    return TOLD_APART.sub("", article_id)


def id_order(article_id: str) -> tuple[int, str]:
    """Sort key of article ids: the one that names an article best comes first."""
    own = article_id.partition(":")[2]
    kind = own[0] if own[:2] in ("u-", "x-", "t-") else "n"
    return ID_KINDS.index(kind), article_id


def capture_id(
    sha256: str | None,
    url: str | None,
    retrieved_at: str | None,
    method: str | None,
    outcome: str | None = None,
) -> str:
    """Identifier of a capture; without bytes only `outcome` tells two observations apart."""
    identity = {"sha256": sha256, "url": url, "retrieved_at": retrieved_at, "method": method}
    if sha256 is None:
        identity["outcome"] = outcome
    return short_id(identity)


def revision_id(
    title: str | None, subtitle: str | None, text_sha256: str, captions_sha256: str | None
) -> str:
    """Identifier of the state of an article with these contents."""
    return short_id([title, subtitle, text_sha256, captions_sha256])


def rejected_id(
    sha256: str | None, url: str | None, retrieved_at: str | None, otherwise: object
) -> str:
    """Identifier of a rejected capture, the first of those with these bytes, address and time.

    Where there are no bytes, by what else is known of it, `otherwise`.
    """
    known = {"sha256": sha256, "url": url, "retrieved_at": retrieved_at}
    return short_id(known if sha256 else {**known, "otherwise": otherwise})


def later_rejected_id(first: str, n_before: int) -> str:
    """Identifier of a rejected capture with equal ones before it, given that of the first."""
    return short_id({"rejected_id": first, "n_before": n_before}) if n_before else first


def id_digest(article_id: str) -> bytes:
    """The 16 octets by which an article id is told from others while captures are linked."""
    return hashlib.sha256(article_id.encode()).digest()[:16]


@functools.lru_cache(maxsize=1024)
def outlet_digest(outlet_id: str) -> bytes:
    """The 8 octets by which an outlet is told from others while captures are linked."""
    return hashlib.sha256(outlet_id.encode()).digest()[:8]
