"""Capturing from a server on this machine: what is sent, what is kept, what is refused."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from warcio.archiveiterator import ArchiveIterator

from conftest import Run
from microfiche import open_archive
from microfiche.captures import fetching
from microfiche.captures.fetching import Fetcher, FetchError, Manners
from microfiche.curation.capturing import capture

PAGE = (
    b"<!doctype html><html><head><title>Clock strikes again</title>"
    b'<meta property="article:published_time" content="2026-10-03T09:30:00Z"></head><body>'
    b"<h1>Clock strikes again</h1><p>The clock on the harbour office, silent since the spring, is to "
    b"strike again from Monday, the council said.</p><p>Visitors may climb the tower on the first "
    b"weekend of every month, in groups of six, if the weather allows it.</p></body></html>"
)


class Site(BaseHTTPRequestHandler):
    """A small outlet with every trouble a fetcher meets."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send one response."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Transfer_Encoding" not in headers and "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:  # noqa: C901 - a route a line; the name the library calls
        """Answer by path."""
        Site.seen.append((self.path, dict(self.headers)))
        html = {"Content_Type": "text/html; charset=utf-8"}
        if self.path == "/robots.txt":
            self.answer(200, b"User-agent: *\nDisallow: /secret\n", Content_Type="text/plain")
        elif self.path == "/gzip":
            self.answer(200, gzip.compress(PAGE), Content_Encoding="gzip", **html)
        elif self.path == "/chunked":
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)
            self.answer(200, body, Transfer_Encoding="chunked", Set_Cookie="id=secret", **html)
        elif self.path == "/moved":
            self.answer(301, Location="/page")
        elif self.path == "/inward":
            self.answer(302, Location="http://10.1.2.3/admin")
        elif self.path == "/round":
            self.answer(302, Location="/round")
        elif self.path == "/nowhere":
            self.answer(302, Location="http://[::1")
        elif self.path == "/big":
            self.answer(200, b"x" * 300_000, **html)
        elif self.path == "/lying":
            self.answer(200, PAGE, Content_Length="999999", **html)
            self.close_connection = True
        elif self.path == "/slow":
            time.sleep(3)
        elif self.path == "/gone":
            self.answer(410, b"<p>Gone</p>", **html)
        elif self.path.startswith("/web/20241003120000id_/"):
            when = "Wed, 02 Oct 2024 08:09:10 GMT"
            self.answer(200, PAGE, Memento_Datetime=when, **html)
        elif self.path.startswith("/web/"):
            self.answer(404)
        else:
            self.answer(200, PAGE, TDM_Reservation="1", X_Robots_Tag="noarchive", **html)


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a running site."""
    Site.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def press(archive: Path, site: str) -> Path:
    """An archive whose outlet publishes on the site."""
    entry = archive / "raw" / "outlets" / "site.toml"
    host = site.removeprefix("http://")
    entry.write_text(
        f'id = "site"\nname = "Site"\n[[domains]]\nhost = "{host}"\nrole = "canonical"\n'
    )
    return archive


def polite(**changes: Any) -> Manners:
    """Manners for tests: no pause, loopback allowed."""
    return Manners("test/1", **{"pause": 0, "allow_private": True, "seconds": 5, **changes})


def only(archive: Path, url: str, **manners: Any) -> Any:
    """What became of one address."""
    (done,) = capture(open_archive(archive), [url], polite(**manners))
    return done


def records(place: Path) -> list[tuple[str, str, bytes, Any]]:
    """(type, address, content, HTTP headers) of every record, as warcio reads them."""
    with place.open("rb") as file:
        return [
            (
                each.rec_type,
                each.rec_headers["WARC-Target-URI"],
                each.content_stream().read(),
                each.http_headers,
            )
            for each in ArchiveIterator(file, check_digests="raise")
        ]


@pytest.mark.parametrize("path", ["/page", "/gzip", "/chunked"])
def test_a_page_is_kept_with_its_request_and_no_cookie(press: Path, site: str, path: str) -> None:
    """Full records that another tool reads and whose digests hold; the build gives its article."""
    done = only(press, f"{site}{path}")
    kinds = [kind for kind, *_ in records(done.place)]
    assert kinds == ["warcinfo", "request", "response"]
    _, url, content, headers = records(done.place)[2]
    assert (url, content) == (f"{site}{path}", PAGE)
    assert headers.get_header("Set-Cookie") is None
    assert b"secret" not in gzip.decompress(done.place.read_bytes())
    note = done.place.with_name(done.place.name + ".toml").read_text()
    assert "robots.txt: allowed" in note
    assert ("tdm-reservation: 1" in note) == (path == "/page")
    rows = open_archive(press).build().release.rows("captures")
    (row,) = [row for row in rows if row["url"] == f"{site}{path}"]
    assert (row["outcome"], row["http_status"], row["method"]) == (
        "article",
        200,
        "microfiche capture",
    )
    assert row["access"] == "full"


def test_redirects_are_kept_hop_by_hop(press: Path, site: str) -> None:
    """The redirect is an observation, what it leads to an article."""
    done = only(press, f"{site}/moved")
    assert [kind for kind, *_ in records(done.place)] == ["warcinfo", *["request", "response"] * 2]
    rows = open_archive(press).build().release.rows("captures")
    seen = {row["url"]: row for row in rows}
    assert seen[f"{site}/moved"]["redirected_to"] == f"{site}/page"
    assert seen[f"{site}/page"]["outcome"] == "article"


def test_private_networks_are_refused_also_behind_a_redirect(
    press: Path, site: str, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """Nothing is asked of an address that is not public, whatever leads there."""
    done = run("capture", f"{site}/page", "--archive", press)
    assert done.returncode == 4
    assert "not a public address" in done.stderr
    assert Site.seen == []
    public = fetching._is_public
    monkeypatch.setattr(fetching, "_is_public", lambda ip: ip == "127.0.0.1" or public(ip))
    refused = only(press, f"{site}/inward", allow_private=False)
    assert refused.place is None
    assert "10.1.2.3, which is not a public address" in refused.fault


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "172.16.0.1", "0.0.0.1", "::1", "fc00::1",
     "fe80::1", "::ffff:10.0.0.1", "100.64.0.1", "224.0.0.1", "2002:0a00:0001::1"],
)  # fmt: skip
def test_addresses_that_are_not_public(ip: str) -> None:
    """Loopback, private, link-local, shared, multicast, and these inside IPv6."""
    assert not fetching._is_public(ip)


def test_robots_txt_is_obeyed_unless_told_otherwise(press: Path, site: str) -> None:
    """What it does not allow is not asked for; ignoring it stands in the notes."""
    assert "robots.txt" in only(press, f"{site}/secret/1").fault
    assert [path for path, _ in Site.seen] == ["/robots.txt"]
    done = only(press, f"{site}/secret/1", obey_robots=False)
    assert "robots.txt: disallowed" in done.place.with_name(done.place.name + ".toml").read_text()


def test_requests_to_a_host_keep_their_distance(press: Path, site: str) -> None:
    """A pause before each request but the first, robots.txt counted."""
    slept: list[float] = []
    manners = polite(pause=2.0, sleep=slept.append, clock=lambda: 100.0)
    list(capture(open_archive(press), [f"{site}/page", f"{site}/gzip"], manners))
    assert slept == [2.0, 2.0]


def test_limits_cut_a_response_and_say_so(press: Path, site: str) -> None:
    """Too long, or shorter than it claims: kept as far as it came, marked as truncated."""
    for path, reason in (("/big", "length"), ("/lying", "disconnect")):
        done = only(press, f"{site}{path}", max_bytes=100_000)
        assert done.fault == f"cut short: {reason}"
        assert f"WARC-Truncated: {reason}".encode() in gzip.decompress(done.place.read_bytes())
    rows = {row["url"]: row for row in open_archive(press).build().release.rows("captures")}
    assert rows[f"{site}/lying"]["access"] == "cut"


def test_what_does_not_answer_is_an_observation(press: Path, site: str) -> None:
    """No answer in time is an error at that address and that moment; a status of 410 is its own."""
    assert "no answer in time" in only(press, f"{site}/slow", seconds=0.5).fault
    assert only(press, f"{site}/gone").status == 410
    rows = open_archive(press).build().release.rows("captures")
    seen = {row["url"]: row["outcome"] for row in rows}
    assert (seen[f"{site}/slow"], seen[f"{site}/gone"]) == ("error", "gone")


@pytest.mark.parametrize("path", ["/round", "/nowhere"])
def test_redirects_that_lead_nowhere_end(site: str, path: str) -> None:
    """In a circle, or to no address."""
    with pytest.raises(FetchError):
        Fetcher(polite()).fetch(f"{site}{path}")


def test_a_memento_is_kept_as_the_page_it_was(press: Path, site: str) -> None:
    """Its bytes, the moment it was first captured, and where it was found."""
    url = f"{site}/old/7"
    (done,) = capture(
        open_archive(press), [url], polite(), wayback="2024-10-03", endpoint=f"{site}/web"
    )
    assert done.place.read_bytes() == PAGE
    (row,) = [r for r in open_archive(press).build().release.rows("captures") if r["url"] == url]
    assert row["retrieved_at"] == "2024-10-02T08:09:10.000000Z"
    assert row["memento_url"] == f"{site}/web/20241003120000id_/{url}"
    assert row["method"] == "memento"
    (none,) = capture(
        open_archive(press), [url], polite(), wayback="2001-01-01", endpoint=f"{site}/web"
    )
    assert "no memento" in none.fault


def test_the_command_line_captures(press: Path, site: str, run: Run) -> None:
    """From the address to a release; an address of nobody is an error before anything is asked."""
    options = ("--archive", press, "--allow-private", "--pause", "0")
    done = run("capture", f"{site}/page", f"{site}/secret/2", *options)
    assert done.returncode == 4
    assert "captured: " in done.stdout
    assert "robots.txt" in done.stderr
    nobody = run("capture", "https://nobody.example/a", *options)
    assert nobody.returncode == 3
    assert "--outlet" in nobody.stderr
    for bad in ("ftp://a.example/x", "http://[::1", "notes.txt"):
        assert run("capture", bad, *options).returncode == 2
