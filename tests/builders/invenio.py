"""A repository of deposits on loopback, by InvenioRDM's REST interface: drafts, files, records.

What it refuses the real one refuses too: a record without creators, date or files is not published,
one that is published has fixed files, and nobody else sees a draft.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "token-secretsecret"  # noqa: S105 - of this server alone
DEMANDED = ("title", "resource_type", "creators", "publication_date")
RECORD = re.compile(r"/api/records/(?P<id>\d+)(?P<rest>/.*)?")


@dataclass
class Record:
    """A record or the draft of one; `concept` is what all its versions share."""

    number: str
    concept: str
    body: dict[str, Any]
    files: dict[str, bytes | None] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    doi: str | None = None
    public: bool = False


class Repository:
    """The server's state, and its address."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.lock = threading.RLock()
        self.requests: list[str] = []
        self.spoils: set[str] = set()  # "files": they arrive broken; "access": it is left open
        self.on_request: Callable[[int, str], None] = lambda _number, _what: None
        repository = self

        class Bound(Handler):
            state = repository

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self.server.daemon_threads = True
        self.target = f"zenodo://127.0.0.1:{self.server.server_port}"

    def public(self) -> list[Record]:
        """The records that everybody sees."""
        return [each for each in self.records.values() if each.public]

    def make(self, body: dict[str, Any], concept: str | None = None) -> Record:
        """A draft."""
        number = str(1000 + len(self.records))
        made = self.records[number] = Record(number, concept or f"c{number}", body)
        return made


@contextlib.contextmanager
def depositing() -> Iterator[Repository]:
    """A repository that serves until the block ends."""
    repository = Repository()
    thread = threading.Thread(target=repository.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield repository
    finally:
        repository.server.shutdown()
        repository.server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    state: Repository
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def handle_one_request(self) -> None:
        """As the base does; a client that went away is none of our business."""
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def answer(self, status: int, value: Any = None) -> None:
        """An answer in JSON, or none."""
        data = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status: int, message: str) -> None:
        """What is wrong, as the real one says it."""
        self.answer(status, {"status": status, "message": message})

    def dispatch(self) -> None:
        """Answer one request after the other."""
        state, what = self.state, f"{self.command} {urlsplit(self.path).path}"
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionResetError("the client went away")
        with state.lock:
            state.requests.append(what)
            number = len(state.requests)
        state.on_request(number, what)
        with state.lock:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.refuse(403, "Permission denied.")
            return self.route(urlsplit(self.path).path, body)

    do_GET = do_POST = do_PUT = do_DELETE = dispatch  # noqa: N815 - as the base class wants it

    def route(self, path: str, body: bytes) -> None:
        """Find what is asked for."""
        state = self.state
        if path == "/api/user/records":
            drafts = [shown(each) for each in state.records.values() if not each.public]
            return self.answer(200, {"hits": {"hits": drafts, "total": len(drafts)}})
        if (self.command, path) == ("POST", "/api/records"):
            return self.answer(201, shown(state.make(json.loads(body))))
        match = RECORD.fullmatch(path)
        record = state.records.get(match["id"]) if match else None
        if match is None or record is None:
            return self.refuse(404, "The persistent identifier does not exist.")
        rest = match["rest"] or ""
        if rest == "/versions":
            return self.version(record)
        draft = rest.startswith("/draft")
        if draft == record.public:
            return self.refuse(404, "The persistent identifier does not exist.")
        return self.of_record(record, rest.removeprefix("/draft"), body)

    def version(self, record: Record) -> None:
        """The draft of the next version: the one that is there, else a new one."""
        if not record.public:
            return self.refuse(404, "The persistent identifier does not exist.")
        for each in self.state.records.values():
            if each.concept == record.concept and not each.public:
                return self.answer(201, shown(each))
        kept = {k: v for k, v in record.body["metadata"].items() if k not in ("version",)}
        made = self.state.make({**record.body, "metadata": kept}, record.concept)
        return self.answer(201, shown(made))

    def of_record(self, record: Record, rest: str, body: bytes) -> None:
        """What is asked of a draft or a record."""
        if self.command == "GET" and rest == "":
            return self.answer(200, shown(record))
        if self.command == "GET" and rest == "/files":
            return self.answer(200, {"enabled": True, "entries": entries(record)})
        if record.public:
            return self.refuse(405, "A published record is not changed.")
        if self.command == "PUT" and rest == "":
            record.body = json.loads(body)
            if "access" in self.state.spoils:
                record.body["access"] = {"record": "public", "files": "public"}
            return self.answer(200, shown(record))
        if rest == "/pids/doi":
            if record.doi:
                return self.refuse(400, "A PID already exists for type doi")
            record.doi = f"10.5281/invenio.{record.number}"
            return self.answer(201, shown(record))
        if rest == "/actions/publish":
            return self.publish(record)
        if rest.startswith("/files"):
            return self.file(record, unquote(rest.removeprefix("/files").strip("/")), body)
        return self.refuse(404, "Not found.")

    def file(self, record: Record, rest: str, body: bytes) -> None:
        """A file of a draft: announced, sent, finished; or taken out."""
        name, _, step = rest.partition("/")
        if self.command == "POST" and not name:
            for each in json.loads(body):
                if each["key"] in record.files:
                    return self.refuse(400, f"File with key {each['key']} already exists.")
                record.files[each["key"]] = None
            return self.answer(201, {"entries": entries(record)})
        if name not in record.files:
            return self.refuse(404, f"No file {name}.")
        if self.command == "DELETE":
            record.files.pop(name)
            record.finished.discard(name)
            return self.answer(204)
        if step == "content":
            record.files[name] = body[:-1] if "files" in self.state.spoils else body
            return self.answer(200, {"key": name, "status": "pending"})
        if step == "commit" and record.files[name] is not None:
            record.finished.add(name)
            return self.answer(200, {"key": name, "status": "completed"})
        return self.refuse(400, "File upload transfer is not completed.")

    def publish(self, record: Record) -> None:
        """Make a draft public, if it may be."""
        metadata = record.body.get("metadata", {})
        lacking = [name for name in DEMANDED if not metadata.get(name)]
        if lacking or not record.files or record.files.keys() != record.finished:
            return self.refuse(
                400, f"A validation error occurred. {lacking} {sorted(record.files)}"
            )
        record.doi = record.doi or f"10.5281/invenio.{record.number}"
        record.public = True
        return self.answer(202, shown(record))


def shown(record: Record) -> dict[str, Any]:
    """A record or draft as the server tells it."""
    pids = {"doi": {"identifier": record.doi, "provider": "datacite"}} if record.doi else {}
    return {
        **record.body,
        "id": record.number,
        "parent": {"id": record.concept},
        "pids": pids,
        "is_published": record.public,
        "is_draft": not record.public,
    }


def entries(record: Record) -> list[dict[str, Any]]:
    """The files of a record."""
    found = []
    for name, data in record.files.items():
        done = name in record.finished and data is not None
        entry: dict[str, Any] = {"key": name, "status": "completed" if done else "pending"}
        if done and data is not None:
            entry["checksum"] = f"md5:{hashlib.md5(data, usedforsecurity=False).hexdigest()}"
            entry["size"] = len(data)
        found.append(entry)
    return found
