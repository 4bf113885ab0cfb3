"""A host of InvenioRDM by its REST interface; Zenodo is one.

Secrets come from the environment and are never told. Whatever a host answers that is not the
interface's is an error that names the host.
"""

from __future__ import annotations

import http.client
import io
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from microfiche.archive.publications import DOI
from microfiche.distribute.outside import MAX_TOLD, one_line, outside
from microfiche.errors import CannotRun, UsageError

SCHEME, HOST = "zenodo://", "zenodo.org"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
TOKENS = {"zenodo.org": "ZENODO_TOKEN", "sandbox.zenodo.org": "ZENODO_SANDBOX_TOKEN"}
TOKEN = "INVENIO_TOKEN"  # noqa: S105 - the name of a variable
TIMEOUT = 120  # seconds without an answer
MAX_ANSWER = 16 << 20
BLOCK = 1 << 20
LONGEST = 300  # seconds for one answer
NO_CONTENT = 204
HOST_NAME = re.compile(r"(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::[0-9]{1,5})?")
NUMBER = re.compile(r"[A-Za-z0-9-]{1,64}")
NO_INVENIO = "name a host of InvenioRDM, or try again later"


def listed(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects in a list of an answer; none if there is no such list."""
    found = value.get(name) if isinstance(value, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _host(target: str) -> str:
    """Host, and port if it is not the usual, of zenodo:// or zenodo://HOST. Raises UsageError."""
    name = target.removeprefix(SCHEME).rstrip("/").lower().removesuffix(":443") or HOST
    if not target.startswith(SCHEME) or not HOST_NAME.fullmatch(name):
        shown = target if "@" not in target else f"{SCHEME}…"
        raise UsageError(
            f"{one_line(shown)}: no host of deposits", f"write {SCHEME} or {SCHEME}HOST"
        )
    return name


def _read(answer: http.client.HTTPResponse) -> bytes:
    """An answer, as far as it comes in time. Raises OSError."""
    data, until = b"", time.monotonic() + LONGEST
    while part := answer.read1(BLOCK):
        data += part
        if len(data) > MAX_ANSWER or time.monotonic() > until:
            raise OSError("the answer does not end")
    return data


class Sent:
    """A file that is sent, and what is told how many of its bytes went."""

    def __init__(self, content: io.BufferedReader, report: Callable[[int], None]) -> None:
        self.content, self.report, self.done = content, report, 0
        self.size_bytes = os.fstat(content.fileno()).st_size

    def read(self, size: int) -> bytes:
        """The next bytes. Raises OSError."""
        block = self.content.read(size)
        self.done += len(block)
        self.report(self.done)
        return block


class Host:
    """A host by its REST interface. Secrets come from the environment and are never told."""

    def __init__(self, target: str) -> None:
        self.name = _host(target)
        self.plain = self.name.partition(":")[0] in LOOPBACK
        self.url = f"{SCHEME}{self.name}"
        variable = TOKENS.get(self.name, TOKEN)
        self.token = os.environ.get(variable, "")
        if not self.token.isascii() or not self.token.isprintable():
            raise CannotRun(f"{self.url}: {variable} is no token", "copy it anew from the host")
        if not self.token:
            raise CannotRun(
                f"{self.url}: no token to deposit with",
                f"make one on the host, with the rights to write and publish, and set {variable}",
            )

    def address(self, number: str) -> str:
        """Address of a deposit."""
        return f"{self.url}/records/{number}"

    def number(self, deposit: str) -> str:
        """The deposit's number on this host. Raises UsageError if it is on another."""
        before, _, number = deposit.rpartition("/records/")
        if before != self.url or not NUMBER.fullmatch(number):
            raise UsageError(f"{self.url}: the deposit is {deposit}", f"publish to {before}")
        return number

    def draft_named(self, metadata: Mapping[str, str]) -> dict[str, Any]:
        """The draft of that title and version, which an earlier run may have made."""
        query = "/user/records?is_published=false&size=100&sort=newest"
        hits = self.ask("GET", query).get("hits")
        for each in listed(hits, "hits"):
            stated = each.get("metadata")
            if isinstance(stated, dict) and all(
                stated.get(name) == value for name, value in metadata.items()
            ):
                return dict(each)
        body = {
            "metadata": {**metadata, "resource_type": {"id": "dataset"}},
            "files": {"enabled": True},
        }
        return self.ask("POST", "/records", body)

    def version_after(self, deposit: str) -> dict[str, Any]:
        """The draft of the version after a deposit; the same one until it is published."""
        return self.ask("POST", f"/records/{self.number(deposit)}/versions")

    def find(self, path: str) -> dict[str, Any] | None:
        """What is at a path; None if nothing is. Raises CannotRun."""
        status, answer = self._exchange("GET", path, None)
        return None if status in (403, 404, 410) else self._good(status, answer, path)

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """What the host answers. Raises CannotRun for whatever is no success."""
        status, answer = self._exchange(method, path, body)
        return self._good(status, answer, path)

    def send(self, path: str, file: Path, report: Callable[[int], None]) -> None:
        """Put a file; `report` is told how many of its bytes went. Raises CannotRun, OSError."""
        with file.open("rb") as content:
            self.ask("PUT", path, Sent(content, report))

    def id_of(self, record: Mapping[str, Any]) -> str:
        """The number of a record or draft. Raises CannotRun if the host states none."""
        number = str(record.get("id"))
        if not NUMBER.fullmatch(number):
            raise CannotRun(f"{self.url}: an answer without a record's number", NO_INVENIO)
        return number

    def doi_of(self, record: Mapping[str, Any]) -> str | None:
        """The DOI of a record or draft, None if it has none. Raises CannotRun for what is none."""
        pids = record.get("pids")
        stated = pids.get("doi") if isinstance(pids, dict) else None
        doi = stated.get("identifier") if isinstance(stated, dict) else None
        if not doi:
            return None
        if not isinstance(doi, str) or not DOI.fullmatch(doi):
            raise CannotRun(f"{self.url}: {one_line(str(doi))[:100]} is no DOI", NO_INVENIO)
        return doi

    def _good(self, status: int, answer: bytes, path: str) -> dict[str, Any]:
        place = f"{self.url}{path.partition('?')[0]}"
        try:
            value = orjson.loads(answer) if answer.strip() else {} if status == NO_CONTENT else None
        except ValueError:
            value = None
        if 200 <= status < 300 and isinstance(value, dict):
            return value
        if 200 <= status < 300:
            raise CannotRun(f"{place}: an answer that is not the interface's", NO_INVENIO)
        told = value.get("message") if isinstance(value, dict) else None
        faults = value.get("errors") if isinstance(value, dict) else None
        said = f": {told}" if isinstance(told, str) else ""
        more = f" {orjson.dumps(faults).decode()}" if faults else ""
        raise CannotRun(
            one_line(f"{place}: HTTP status {status}{said}{more}")[:MAX_TOLD],
            "check the token's rights" if status in (401, 403) else "see what the host asks for",
        )

    def _exchange(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        """(status, answer) of one request; what is `Sent` goes as it is read. Raises CannotRun."""
        kind = http.client.HTTPConnection if self.plain else http.client.HTTPSConnection
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if isinstance(body, Sent):
            headers["Content-Type"] = "application/octet-stream"
            headers["Content-Length"] = str(body.size_bytes)
        elif body is not None:
            headers["Content-Type"] = "application/json"
            body = orjson.dumps(body)
        connection = kind(self.name, timeout=TIMEOUT, blocksize=BLOCK)
        with outside(self.url):
            try:
                connection.request(method, f"/api{path}", body, headers)
                answer = connection.getresponse()
                return answer.status, _read(answer)
            except http.client.HTTPException as error:
                raise OSError(type(error).__name__) from error
            finally:
                connection.close()
