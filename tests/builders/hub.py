"""A Hub on loopback: repositories of datasets with commits, tags and large files.

It speaks as much of the Hub's protocol as its own client asks of it: creating, pre-upload, large
files (LFS), commits on a parent, tags, trees, and reading with ranges. `fail_after` makes it drop
every connection after so many requests, as a network that goes away.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

LARGE = 1_000_000  # bytes; a Parquet file is large whatever its size
API = re.compile(r"/api/datasets/(?P<repo>[^/]+/[^/]+)(?:/(?P<rest>.*))?")
LFS = re.compile(r"/datasets/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch")
RESOLVE = re.compile(r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<rev>[^/]+)/(?P<path>.+)")


@dataclass
class Repository:
    """Commits by id, each the files by path; the newest is `head`."""

    name: str
    private: bool = False
    gated: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    head: str = ""

    def commit(self, files: dict[str, bytes]) -> str:
        """Add a commit of these files."""
        said = json.dumps([self.head, *sorted((p, sha(d)) for p, d in files.items())])
        self.head = hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()
        self.commits[self.head] = files
        return self.head

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """(id, files) of a branch, a tag or a commit."""
        name = unquote(revision)
        sha_ = self.head if name == "main" else self.tags.get(name, name)
        return (sha_, self.commits[sha_]) if sha_ in self.commits else None


def sha(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def is_large(path: str, size: int) -> bool:
    """Whether the Hub keeps a file as a large one."""
    return path.endswith(".parquet") or size > LARGE


def git_id(path: str, data: bytes) -> str:
    """The id that git gives to a file: of a large one to its pointer."""
    if is_large(path, len(data)):
        data = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (
            sha(data).encode(),
            len(data),
        )
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


class Hub:
    """The server's state, and its address."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.objects: dict[str, bytes] = {}
        self.lock = threading.RLock()
        self.requests: list[str] = []
        self.on_request: Callable[[int, str], None] = lambda _number, _what: None
        self.tokens: set[str] = set()
        hub = self

        class Bound(Handler):
            state = hub

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes the Hub's clients speak to it."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_TOKEN": "hf_secretsecret",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }


@contextlib.contextmanager
def serving() -> Iterator[Hub]:
    """A Hub that serves until the block ends."""
    hub = Hub()
    thread = threading.Thread(target=hub.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.server.shutdown()
        hub.server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    state: Hub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def handle_one_request(self) -> None:
        """As the base does; a client that went away is none of our business."""
        with contextlib.suppress(ConnectionError):
            super().handle_one_request()

    def body(self) -> bytes:
        """The request's body, whole or in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        length = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length)
        if len(data) < length:
            raise ConnectionResetError("the client went away")
        return data

    def answer(self, status: int, value: Any = None, **headers: str) -> None:
        """An answer: JSON, or bytes as they are."""
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, held in headers.items():
            self.send_header(name.replace("_", "-"), held)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def missing(self, what: str) -> None:
        """There is no such thing."""
        self.answer(404, {"error": what}, X_Error_Code=what, X_Error_Message=what)

    def dispatch(self) -> None:
        """Answer one request after the other."""
        hub, what = self.state, f"{self.command} {urlsplit(self.path).path}"
        with hub.lock:
            hub.requests.append(what)
            number = len(hub.requests)
            if held := self.headers.get("Authorization"):
                hub.tokens.add(held)
        body = self.body()
        hub.on_request(number, what)
        with hub.lock:
            self.route(urlsplit(self.path).path, body)

    do_GET = do_HEAD = do_POST = do_PUT = dispatch  # noqa: N815 - as the base class wants it

    def route(self, path: str, body: bytes) -> None:
        """Find what is asked for."""
        hub = self.state
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        if path == "/api/validate-yaml":
            return self.validate(json.loads(body))
        if path == "/api/whoami-v2":
            return self.answer(200, {"name": "org", "type": "user", "orgs": []})
        if path.startswith("/objects/"):
            hub.objects[path.removeprefix("/objects/")] = body
            return self.answer(200, {})
        if match := LFS.fullmatch(path):
            return self.batch(json.loads(body))
        for pattern, serve in ((API, self.api), (RESOLVE, self.resolve)):
            if match := pattern.fullmatch(path):
                repository = hub.repositories.get(match["repo"])
                if repository is None:
                    return self.missing("RepoNotFound")
                return serve(repository, match, body)
        return self.missing("NotFound")

    def validate(self, asked: dict[str, Any]) -> None:
        """The front matter of a card: YAML, with what a dataset's card has."""
        front = asked["content"].partition("---\n")[2].partition("\n---")[0]
        try:
            data = yaml.safe_load(front)
            wrong = [name for name in ("license", "configs", "dataset_info") if name not in data]
        except (yaml.YAMLError, TypeError) as error:
            wrong = [str(error)]
        errors = [{"message": each} for each in wrong]
        self.answer(400 if errors else 200, {"errors": errors, "warnings": []})

    def create(self, asked: dict[str, Any]) -> None:
        """A repository with one file of the host's."""
        name = f"{asked.get('organization') or 'org'}/{asked['name']}"
        if name in self.state.repositories:
            return self.answer(409, {"error": "exists", "url": f"{self.state.url}/datasets/{name}"})
        private = bool(asked.get("private")) or asked.get("visibility") == "private"
        made = self.state.repositories[name] = Repository(name, private=private)
        made.commit({".gitattributes": b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"})
        return self.answer(200, {"url": f"{self.state.url}/datasets/{name}", "name": name})

    def batch(self, asked: dict[str, Any]) -> None:
        """Where large files go; nothing for those that are there."""
        objects = []
        for each in asked["objects"]:
            entry: dict[str, Any] = {"oid": each["oid"], "size": each["size"]}
            if each["oid"] not in self.state.objects:
                entry["actions"] = {"upload": {"href": f"{self.state.url}/objects/{each['oid']}"}}
            objects.append(entry)
        self.answer(200, {"transfer": "basic", "objects": objects})

    def api(self, repository: Repository, match: re.Match[str], body: bytes) -> None:
        """What is asked of one repository."""
        rest = (match["rest"] or "").split("/")
        if rest == [""]:
            return self.info(repository, match["repo"], "main")
        verb, arguments = rest[0], rest[1:]
        if verb == "revision":
            return self.info(repository, match["repo"], arguments[0])
        if verb == "preupload":
            files = [
                {
                    "path": each["path"],
                    "uploadMode": "lfs" if is_large(each["path"], each["size"]) else "regular",
                    "shouldIgnore": False,
                }
                for each in json.loads(body)["files"]
            ]
            return self.answer(200, {"files": files})
        if verb == "commit":
            return self.commit(repository, body)
        if verb == "tag":
            return self.tag(repository, arguments, json.loads(body))
        if verb == "refs":
            refs = [
                {"name": n, "ref": f"refs/tags/{n}", "targetCommit": c}
                for n, c in repository.tags.items()
            ]
            main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.head}
            return self.answer(200, {"branches": [main], "converts": [], "tags": refs})
        if verb in ("tree", "paths-info"):
            return self.tree(repository, verb, arguments, body)
        return self.missing("NotFound")

    def info(self, repository: Repository, name: str, revision: str) -> None:
        """What a repository is at a revision."""
        found = repository.at(revision)
        if found is None:
            return self.missing("RevisionNotFound")
        commit, files = found
        siblings = [{"rfilename": path} for path in sorted(files)]
        self.answer(
            200,
            {
                "_id": name, "id": name, "sha": commit, "private": repository.private,
                "gated": "manual" if repository.gated else False, "disabled": False,
                "downloads": 0, "likes": 0, "tags": [], "siblings": siblings,
                "lastModified": "2026-01-01T00:00:00.000Z", "createdAt": "2026-01-01T00:00:00.000Z",
            },
        )  # fmt: skip
        return None

    def commit(self, repository: Repository, body: bytes) -> None:
        """A commit, on the parent that it names."""
        files = dict(repository.commits[repository.head])
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "header":
                parent = value.get("parentCommit")
                if parent and parent != repository.head:
                    return self.answer(412, {"error": "the branch has moved"})
            elif entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                if value["oid"] not in self.state.objects:
                    return self.answer(400, {"error": f"{value['oid']} was not uploaded"})
                files[value["path"]] = self.state.objects[value["oid"]]
            elif entry["key"] == "deletedFile":
                files.pop(value["path"])
        made = repository.commit(files)
        url = f"{self.state.url}/datasets/{repository.name}/commit/{made}"
        return self.answer(200, {"success": True, "commitOid": made, "commitUrl": url})

    def tag(self, repository: Repository, arguments: list[str], asked: dict[str, Any]) -> None:
        """A tag, once."""
        found = repository.at(arguments[0])
        if found is None:
            return self.missing("RevisionNotFound")
        if asked["tag"] in repository.tags:
            return self.answer(409, {"error": "the tag exists"})
        repository.tags[asked["tag"]] = found[0]
        return self.answer(200, {})

    def tree(self, repository: Repository, verb: str, arguments: list[str], body: bytes) -> None:
        """Files and folders of a revision, below a folder or of these paths."""
        found = repository.at(arguments[0])
        if found is None:
            return self.missing("RevisionNotFound")
        files = found[1]
        if verb == "paths-info":
            kind = self.headers.get("Content-Type", "")
            asked = json.loads(body) if "json" in kind else parse_qs(body.decode())
            wanted = [each.strip("/") for each in asked["paths"]]
            known = {*files, *(folder for path in files for folder in parents(path))}
            return self.answer(200, [entry(p, files) for p in wanted if p in known])
        under = unquote("/".join(arguments[1:])).strip("/")
        deep = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() in "true1"
        below = [path for path in files if not under or path.startswith(f"{under}/")]
        if under and not below:
            return self.missing("EntryNotFound")
        names = set(below) | {folder for path in below for folder in parents(path)}
        names = {n for n in names if n != under and (not under or n.startswith(f"{under}/"))}
        if not deep:
            start = len(under) + 1 if under else 0
            names = {name for name in names if "/" not in name[start:]}
        return self.answer(200, [entry(name, files) for name in sorted(names)])

    def resolve(self, repository: Repository, match: re.Match[str], _body: bytes) -> None:
        """A file, or the part of it that is asked for."""
        found, path = repository.at(match["rev"]), unquote(match["path"])
        if found is None:
            return self.missing("RevisionNotFound")
        if path not in found[1]:
            return self.missing("EntryNotFound")
        data = found[1][path]
        tag = sha(data) if is_large(path, len(data)) else git_id(path, data)
        said = {"ETag": f'"{tag}"', "X_Repo_Commit": found[0], "Accept_Ranges": "bytes"}
        if is_large(path, len(data)):
            said |= {"X_Linked_Size": str(len(data)), "X_Linked_Etag": f'"{tag}"'}
        if asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            first, last = int(asked[1]), int(asked[2] or len(data) - 1)
            part = data[first : last + 1]
            where = f"bytes {first}-{first + len(part) - 1}/{len(data)}"
            return self.answer(206, part, Content_Range=where, **said)
        return self.answer(200, data, **said)


def parents(path: str) -> list[str]:
    """The folders that a path is in."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def entry(path: str, files: dict[str, bytes]) -> dict[str, Any]:
    """What a tree says of a file or a folder."""
    if path not in files:
        return {"type": "directory", "path": path, "oid": git_id("", path.encode())}
    data = files[path]
    said = {"type": "file", "path": path, "size": len(data), "oid": git_id(path, data)}
    if is_large(path, len(data)):
        said["lfs"] = {"oid": sha(data), "size": len(data), "pointerSize": 130}
    return said
