"""One address over HTTP, politely and safely: what was sent and received, octet by octet.

Owns the network: which addresses may be reached, robots.txt, the pause between requests, limits on
time and size. Names are resolved once and that address is connected to, so that a name cannot
change its mind between the check and the request. Nothing else in the package opens a connection.
"""

from __future__ import annotations

import datetime
import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from protego import Protego

from microfiche.errors import MicroficheError
from microfiche.url import Address, read_address, why_unread

MAX_HOPS, MAX_ROBOTS, MAX_PAUSE = 10, 512 << 10, 60.0
STEP = 1 << 16
REDIRECTS = frozenset((301, 302, 303, 307, 308))
ACCEPT = "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1"


@dataclass(frozen=True)
class Manners:
    """How to behave: who asks, how long to pause between requests to a host, and the limits.

    seconds        for a whole exchange
    max_bytes      of a response as sent
    allow_private  whether addresses that are not public may be reached
    obey_robots    whether robots.txt is obeyed; it is read and noted in any case
    """

    user_agent: str
    pause: float = 1.0
    seconds: float = 30.0
    max_bytes: int = 64 << 20
    allow_private: bool = False
    obey_robots: bool = True
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC)


@dataclass(eq=False)
class FetchError(MicroficheError):
    """An address could not be fetched: `message` says why. `refused` by us, not by the network."""

    refused: bool = False


class Exchange(NamedTuple):
    """One request and its response, as octets. `truncated`: why the response is cut, if it is.

    `robots` is what robots.txt says of the address: allowed, disallowed, or that there is none.
    """

    url: str
    at: datetime.datetime
    ip: str
    request: bytes
    response: bytes
    status: int
    headers: http.client.HTTPMessage
    truncated: str | None
    robots: str

    @property
    def redirect(self) -> str | None:
        """Where the response leads on to; None if it does not."""
        location = self.headers.get("Location")
        return location if self.status in REDIRECTS else None


@dataclass
class Fetcher:
    """Fetches addresses one after the other, with one set of manners."""

    manners: Manners
    robots: dict[str, Protego | None] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)

    def fetch(self, url: str) -> list[Exchange]:
        """The exchanges of an address: its redirects, then what they lead to. Raises FetchError."""
        hops: list[Exchange] = []
        seen: set[str] = set()
        while True:
            address = read_address(url)
            if address is None:
                raise FetchError(f"{url[:200]}: {why_unread(url)}", refused=True)
            if str(address) in seen or len(hops) == MAX_HOPS:
                raise FetchError(f"{url}: redirects go round, or on after {MAX_HOPS}")
            seen.add(str(address))
            hops.append(self._one(address))
            target = hops[-1].redirect
            if target is None:
                return hops
            try:
                url = urljoin(str(address), target)
            except ValueError as error:
                raise FetchError(f"{url}: it redirects to {target[:200]!r}, no address") from error

    def _one(self, address: Address) -> Exchange:
        robots = self._robots(address)
        allowed = robots is None or robots.can_fetch(str(address), self.manners.user_agent)
        if not allowed and self.manners.obey_robots:
            raise FetchError(
                f"{address}: robots.txt of {address.host} does not allow it; "
                "ask the site, or give --ignore-robots",
                refused=True,
            )
        delay = robots.crawl_delay(self.manners.user_agent) if robots else None
        self._wait(address.host, min(max(self.manners.pause, delay or 0), MAX_PAUSE))
        said = "none" if robots is None else "allowed" if allowed else "disallowed"
        return self._exchange(address, self.manners.max_bytes, said)

    def _robots(self, address: Address) -> Protego | None:
        """Rules of the host; None if it has none. As RFC 9309 says, 5xx allows nothing."""
        site = f"{address.scheme}://{address.host}"
        if site not in self.robots:
            self.robots[site] = self._read_robots(
                Address(address.scheme, address.host, "/robots.txt", "")
            )
        return self.robots[site]

    def _read_robots(self, address: Address) -> Protego | None:
        for _ in range(MAX_HOPS):
            self._wait(address.host, self.manners.pause)
            found = self._exchange(address, MAX_ROBOTS, "none")
            onward = read_address(urljoin(str(address), found.redirect)) if found.redirect else None
            if onward is None:
                break
            address = onward
        if found.status >= 500:
            return Protego.parse("User-agent: *\nDisallow: /\n")
        if found.status != 200:
            return None
        return Protego.parse(_body(found).decode("utf-8", "replace"))

    def _wait(self, host: str, pause: float) -> None:
        now = self.manners.clock()
        due = self.last.get(host, now - pause) + pause
        if due > now:
            self.manners.sleep(due - now)
        self.last[host] = self.manners.clock()

    def _exchange(self, address: Address, limit: int, robots: str) -> Exchange:
        """Send one request and read one response. Raises FetchError."""
        deadline = self.manners.clock() + self.manners.seconds
        host, port = _host_port(address)
        ip = self._resolve(address, host, port)
        request = self._request(address)
        at = self.manners.now()
        try:
            with self._connected(address, ip, port) as connection:
                connection.sendall(request)
                heard = _Heard(connection, deadline, self.manners.clock, limit)
                response = http.client.HTTPResponse(heard, method="GET")  # type: ignore[arg-type]
                truncated = _read(response, heard)
        except (OSError, http.client.HTTPException) as error:
            raise FetchError(f"{address}: {_reason(error)}") from error
        octets = bytes(heard.octets[:limit])
        return Exchange(
            str(address),
            at,
            ip,
            request,
            octets,
            response.status,
            response.headers,
            truncated,
            robots,
        )

    def _resolve(self, address: Address, host: str, port: int) -> str:
        """The IP address to connect to. Raises FetchError for one that may not be reached."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchError(f"{address}: {host} has no address: {_reason(error)}") from error
        ips = [str(entry[4][0]).partition("%")[0] for entry in found]
        private = [ip for ip in ips if not _is_public(ip)]
        if private and not self.manners.allow_private:
            raise FetchError(
                f"{address}: {host} is {private[0]}, which is not a public address",
                "give --allow-private if you mean it",
                refused=True,
            )
        return ips[0]

    def _request(self, address: Address) -> bytes:
        resource = address._replace(route="")  # a route is the page's own affair
        lines = (
            f"GET {resource.target} HTTP/1.1",
            f"Host: {address.host}",
            f"User-Agent: {self.manners.user_agent}",
            f"Accept: {ACCEPT}",
            "Accept-Encoding: gzip",
            "Connection: close",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace")

    def _connected(self, address: Address, ip: str, port: int) -> Any:
        plain = socket.create_connection((ip, port), timeout=self.manners.seconds)
        if address.scheme == "http":
            return plain
        try:
            context = ssl.create_default_context()
            return context.wrap_socket(plain, server_hostname=address.host.partition(":")[0])
        except BaseException:
            plain.close()
            raise


def _host_port(address: Address) -> tuple[str, int]:
    parts = urlsplit(str(address))
    return parts.hostname or "", parts.port or (443 if address.scheme == "https" else 80)


def _is_public(ip: str) -> bool:
    address = ipaddress.ip_address(ip)
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (mapped is None or mapped.is_global)


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


class _Heard(io.RawIOBase):
    """A connection as http.client reads it, which keeps every octet and ends at the limits."""

    def __init__(
        self, connection: Any, deadline: float, clock: Callable[[], float], limit: int
    ) -> None:
        super().__init__()
        self.connection, self.deadline, self.clock, self.limit = connection, deadline, clock, limit
        self.octets = bytearray()

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        """What http.client asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some octets. Raises TimeoutError when the time is up."""
        left = self.deadline - self.clock()
        if left <= 0:
            raise TimeoutError
        if len(self.octets) > self.limit:
            return 0
        self.connection.settimeout(left)
        size = int(self.connection.recv_into(buffer))
        self.octets += memoryview(buffer)[:size]
        return size


def _read(response: http.client.HTTPResponse, heard: _Heard) -> str | None:
    """Read a response to its end or to a limit; the reason if it is cut (ISO 28500, 5.13)."""
    response.begin()
    try:
        while response.read(STEP):
            pass
    except TimeoutError:
        return "time"
    except http.client.IncompleteRead:
        return "length" if len(heard.octets) > heard.limit else "disconnect"
    except OSError:
        return "disconnect"
    if len(heard.octets) > heard.limit:
        return "length"
    return "disconnect" if response.length else None


def _body(exchange: Exchange) -> bytes:
    from microfiche.captures.http import BadMessageError, read_message

    try:
        return read_message(exchange.response, MAX_ROBOTS, cut=True).body
    except BadMessageError:
        return b""
