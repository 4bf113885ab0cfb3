"""The commands that write, an archive for each to write to, and what must hold when one is stopped."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from microfiche.library import open_archive, open_release
from small import build, prose, record, write

PAGE = f"<html><body><article><h1>Lamps</h1><p>{prose(50)}</p></article></body></html>"
SHARE = "Share this piece with the reading room"


class Site(http.server.BaseHTTPRequestHandler):
    """One page, whatever is asked for."""

    def do_GET(self) -> None:
        """Answer."""
        data = PAGE.encode()
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The address of a page."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/2024/01/50"
    server.shutdown()
    server.server_close()


class Writer(NamedTuple):
    """A command: its words, by the folder that it works in, and what it leaves."""

    words: Callable[[Path, str], tuple[object, ...]]
    timed: bool = False  # what it writes has the time of the run in it


UNFINISHED = ".tmp"  # what a build leaves whose workers have not noticed yet that it was killed
DAY = ("--date", "2026-01-02")
COMMANDS = {
    "add": Writer(
        lambda at, _: (
            "add",
            at / "new.txt",
            at / "more.jsonl",
            "--outlet",
            "courier",
            "--archive",
            at / "a",
        )
    ),
    "capture": Writer(
        lambda at, site: (
            *("capture", site, f"{site}1", "--archive", at / "a", "--outlet", "courier"),
            *("--allow-private", "--pause", "0"),
        ),
        timed=True,
    ),
    "learn": Writer(lambda at, _: ("learn", at / "a")),
    "correct": Writer(
        lambda at, _: (
            *("correct", "courier:n-1", "published", "2024-01-11", "--reason", "misread"),
            *("--by", "desk", *DAY, "--archive", at / "a"),
        )
    ),
    "withdraw": Writer(
        lambda at, _: (
            *("withdraw", "courier:n-2", "--reason", "copyright", "--authority", "x"),
            *(*DAY, "--archive", at / "a"),
        )
    ),
    "build": Writer(lambda at, _: ("build", at / "a", *DAY)),
    "publish": Writer(lambda at, _: ("publish", at / "a/dist/press/1.0.0", f"file://{at}/shelf")),
    "export": Writer(
        lambda at, _: (
            "export",
            at / "a/dist/press/1.0.0",
            "--out",
            at / "t.csv",
            "--format",
            "csv",
        )
    ),
}


def prepare(at: Path) -> Path:
    """An archive with a release and captures that are not in it, and files to add."""
    records = [record(n) for n in range(1, 5)]
    write(at / "a", records)
    for n in range(11, 16):
        text = f"Piece {n}\n\n{prose(n)}\n\n{SHARE}\n"
        (at / f"a/raw/captures/{n}.txt").write_text(text)
        (at / f"a/raw/captures/{n}.txt.toml").write_text(
            f'url = "https://courier.example/2024/01/{n}"\n'
        )
    build(at / "a")
    write(at / "a", [*records, record(8)])
    (at / "new.txt").write_text(f"Lamps\n\n{prose(20)}\n\n{SHARE}\n")
    (at / "more.jsonl").write_text("".join(json.dumps(record(n)) + "\n" for n in (9, 10)))
    return at


def kept(at: Path) -> dict[str, bytes]:
    """What an archive and what was made of it hold, but for what only spares time.

    Unfinished files are not looked at: workers of a program that was killed may still end.
    """
    return {
        str(file.relative_to(at)): file.read_bytes()
        for file in sorted(at.rglob("*"))
        if not {".microfiche", UNFINISHED}
        & {part.partition("-")[0] for part in file.relative_to(at).parts}
        and file.is_file()
    }


def check_nothing_is_lost(at: Path, before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Each file is as it was, or as it is to be; what is new and unfinished has a hidden name."""
    found = kept(at)
    for name, data in before.items():
        assert found.get(name) in (data, after.get(name)), name
    for folder in (at / "a" / "dist").glob("press/*/"):
        assert [v.faults for v in open_release(folder).verify() if not v.ok] == []
    assert not [f for f in open_archive(at / "a").findings if f.severity == "error"]
