"""Addresses in normal form, so that two spellings of one address compare equal.

Follows RFC 3986 section 6 (case, dot segments, percent-encoding, default ports) and leaves out
what never selects a document: the fragment, credentials, and parameters for tracking and sessions.
A fragment that is a route of a page's own program (`#!/article/77`, `#/article/77`) does select.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|yclid|msclkid|mc_cid|mc_eid|igshid|_ga|cmpid|ref_src|spm|at_\w+"
    r"|phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken"
)
SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
ROUTE = re.compile(r"!.+|/.+")
# An address that needs no work: ASCII, lower-case host, no port, query, fragment, escape or dot
# segment. Nearly every address of a tidy archive is one.
PLAIN = re.compile(r"(https?)://([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)(/[A-Za-z0-9_~!$'()*,=:@/-]*)")
SAFE = "/!$&'()*+,;=:@~"
ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
DEVIATIONS = re.compile("[\u00df\u1e9e\u03c2\u200c\u200d]")
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
MAX_LENGTH = 8192
FRONT = re.compile(r"/(?:(?:index|default|home)(?:\.(?:s?html?|php|aspx?|jsp))?/?)?", re.IGNORECASE)
PAGE = re.compile(
    r"(?:^|&)(?:page|paged|pageno|pg|seite|pagina)=([0-9]{1,3})(?:&|$)", re.IGNORECASE
)


# The address of a copy in a web archive ends in a time and the address of the original.
MEMENTO = re.compile(
    r"https?://[^/]{1,253}/(?:[\w-]{1,60}/){0,2}(?P<stamp>[12][0-9]{13})(?:[a-z]{2}_)?/"
    r"(?P<original>https?:/.{1,4000})",
    re.IGNORECASE,
)


class Address(NamedTuple):
    """An absolute http(s) address in normal form.

    `query` is without its question mark, `route` a fragment that selects a document, without #.
    """

    scheme: str
    host: str
    path: str
    query: str
    route: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"

    @property
    def target(self) -> str:
        """Path, query and route: what selects a document of the host."""
        return self.path + self._tail

    @property
    def resource(self) -> str:
        """The target without a closing slash: what the hosts of one site have in common."""
        return (self.path.rstrip("/") or "/") + self._tail

    @property
    def _tail(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"{query}#{self.route}" if self.route else query

    @property
    def is_front(self) -> bool:
        """Whether it is a site's front page; with parameters or a route it may be an article."""
        return not self.query and not self.route and bool(FRONT.fullmatch(self.path))

    @property
    def page(self) -> int:
        """Which page of an article in several it is, as its query says; 1 if it says nothing."""
        match = PAGE.search(self.query)
        return int(match[1]) if match else 1

    def on(self, host: str) -> Address:
        """The same resource on another host."""
        return self if host == self.host else self._replace(host=host)


def memento_of(url: str) -> tuple[str, str] | None:
    """(address of the original, time in 14 digits) of a web archive's copy; None if it is none."""
    if url.find(":/", 8) < 0:  # as in nearly every address: no other stands in it
        return None
    match = MEMENTO.fullmatch(url)
    if not match:
        return None
    scheme, _, rest = match["original"].partition(":")
    return f"{scheme}://{rest.lstrip('/')}", match["stamp"]


def read_address(url: str) -> Address | None:
    """`url` in normal form; None if it is no absolute http(s) address. Idempotent."""
    return _read(url) if len(url) <= MAX_LENGTH else None  # nothing longer is kept in mind


@functools.lru_cache(maxsize=1024)
def _read(url: str) -> Address | None:
    plain = PLAIN.fullmatch(url)
    if plain:
        return Address(plain[1], plain[2], plain[3], "")
    try:
        parts = urlsplit(url.strip())
        host = _host(parts.hostname or "", parts.port, parts.scheme)
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in DEFAULT_PORTS or not host:
        return None
    path = _path(SESSION.sub("", parts.path))
    fragment = parts.fragment.rstrip("/")
    route = _escaped(fragment, f"{SAFE}?") if ROUTE.fullmatch(fragment) else ""
    return Address(parts.scheme, host, path, _query(parts.query), route)


def why_unread(url: str) -> str:
    """Why `read_address` gives nothing for an address."""
    if len(url) > MAX_LENGTH:
        return f"an address of {len(url):,} characters, the limit is {MAX_LENGTH:,}"
    try:
        parts = urlsplit(url.strip())
        scheme, name, _ = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "no absolute http or https address"
    if scheme not in DEFAULT_PORTS or not name:
        return "no absolute http or https address"
    if ":" in name:
        return f"its host [{name}] is an IPv6 address; give the name of the host"
    if not re.search(r"[.\u3002\uff0e\uff61]", name):
        return f"its host {name!r} is known in one network alone"
    return f"its host {name!r} is written as no name of a host may be"


def _host(name: str, port: int | None, scheme: str) -> str:
    if DEVIATIONS.search(name):  # letters that older rules of IDNA take for others, or for none
        import idna

        name = idna.encode(name, uts46=True).decode("ascii")
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    name = name.lower().rstrip(".")
    if not HOST.fullmatch(name):
        return ""
    return name if port in (None, DEFAULT_PORTS.get(scheme)) else f"{name}:{port}"


def _path(path: str) -> str:
    """Percent-encoding made uniform, dot segments resolved (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = _escaped(path, SAFE).split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _escaped(part: str, safe: str) -> str:
    """Escapes upper-case, unreserved characters unescaped, everything else not safe escaped."""
    plain = ESCAPE.sub(_unescape_unreserved, part)
    pieces = re.split(r"(%[0-9A-F]{2})", plain)
    return "".join(
        piece if index % 2 else quote(piece, safe=safe) for index, piece in enumerate(pieces)
    )


def _unescape_unreserved(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else match[0].upper()


def _query(query: str) -> str:
    """Parameters without those for tracking, sorted, so that their order does not matter.

    Escapes are made uniform but not decoded: they may be of any encoding.
    """
    pairs = (_escaped(pair, f"{SAFE}?") for pair in query.split("&") if pair)
    return "&".join(sorted(pair for pair in pairs if not _is_tracking(pair)))


def _is_tracking(pair: str) -> bool:
    return bool(TRACKING.fullmatch(pair.partition("=")[0].lower()))
