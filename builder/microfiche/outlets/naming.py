"""Ids for outlets that have no file yet: by the host they publish on, or by their name."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from typing import Any

MAX_SLUG = 56
NUMBERS = re.compile(r"[0-9.]+|\[.*")
HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,18}", re.IGNORECASE)
UNLIKE = re.compile(r"[^a-z0-9]+")


@functools.cache
def _suffixes() -> Any:
    """The public suffixes that come with tldextract; nothing is fetched, nothing is written."""
    import tldextract

    return tldextract.TLDExtract(
        cache_dir=None,
        suffix_list_urls=(),
        fallback_to_snapshot=True,
        include_psl_private_domains=True,
    )


@functools.lru_cache(maxsize=65536)
def registered_host(host: str) -> str:
    """The part of a host that somebody registered: news.example.co.uk is of example.co.uk.

    Under a suffix that nobody lists the last two labels; an IP address as a whole.
    """
    if host.startswith("["):
        return host
    name = host.partition(":")[0]
    found = _suffixes()(name)
    if found.top_domain_under_public_suffix or found.suffix or NUMBERS.fullmatch(name):
        return found.top_domain_under_public_suffix or name
    return ".".join(name.split(".")[-2:])


def is_host(name: str) -> bool:
    """Whether a name is written as a host is."""
    return bool(HOST.fullmatch(name))


def host_slug(host: str) -> str:
    """The id of an outlet by its host: the registered part, with hyphens for dots."""
    return _slug(registered_host(host)) or f"outlet-{_digest(host)}"


def name_slug(name: str) -> str:
    """The id of an outlet by its name; by the name's digest if no letter of it is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _slug(plain) if UNLIKE.sub("", plain.casefold()) else f"outlet-{_digest(name)}"


def _slug(name: str) -> str:
    slug = UNLIKE.sub("-", name.casefold()).strip("-")
    return slug if len(slug) <= MAX_SLUG else f"{slug[: MAX_SLUG - 9].strip('-')}-{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]
