"""Depositing in a repository: Zenodo and every other host of InvenioRDM, by its REST interface.

A draft is made, or taken up again; the release goes into it as one zip with its card beside it, the
metadata from datacite.json; nothing is public before it is published, which takes `--confirm`. A
DOI can be reserved before the build, so that the release carries it. Later versions are versions of
the record before, under one concept DOI.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import orjson

from microfiche.archive import Archive
from microfiche.archive.opening import open_archive
from microfiche.archive.publications import change, table
from microfiche.describe.facts import measure
from microfiche.distribute.packing import members, write_member
from microfiche.distribute.target import Change, Plan, outside, refuse_other
from microfiche.engine import Progress
from microfiche.errors import CannotRun, DataError, UsageError, printable
from microfiche.release import Release, folder_name
from microfiche.release.version import version_key

SCHEME, HOST = "zenodo://", "zenodo.org"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
TOKENS = {"zenodo.org": "ZENODO_TOKEN", "sandbox.zenodo.org": "ZENODO_SANDBOX_TOKEN"}
TOKEN = "INVENIO_TOKEN"  # noqa: S105 - the name of a variable
TIMEOUT = 120  # seconds without an answer
MAX_ANSWER = 16 << 20
BLOCK = 1 << 20
RESERVED = "reserved"
CARD, DATACITE = "README.md", "datacite.json"


class File(NamedTuple):
    """A file of a deposit, with the digest that hosts state of it."""

    file: Path
    size_bytes: int
    md5: str


class Reserved(NamedTuple):
    """A DOI that is reserved, and the draft that it is for."""

    doi: str
    deposit: str


def reserve(archive: Archive, target: str, access: str) -> Reserved:
    """Reserve the DOI of the archive's next release of one access, in raw/releases.toml.

    One that is reserved already is given again. Raises UsageError, DataError, CannotRun.
    """
    known = archive.reserved.get(access)
    if known and "doi" in known and "deposit" in known:
        return Reserved(known["doi"], known["deposit"])
    host = Host(target)
    named = {"title": archive.dataset["title"], "version": f"{RESERVED} {archive.name} {access}"}
    before = _deposit_before(archive, access, None)
    draft = host.version_after(before) if before else host.draft_named(named)
    doi = draft.get("pids", {}).get("doi", {}).get("identifier")
    if not doi:
        draft = host.ask("POST", f"/records/{draft['id']}/draft/pids/doi")
        doi = draft["pids"]["doi"]["identifier"]
    made = Reserved(doi, host.address(draft["id"]))

    def edit(document: Any) -> None:
        entry = table(document, "next", access)
        entry["doi"], entry["deposit"] = made

    change(archive.raw, "the reserved DOI", edit)
    return made


def _deposit_before(archive: Archive, access: str, version: str | None) -> str | None:
    """The deposit of the newest version of one access below `version`, of any if that is None."""
    held = {
        each: entry.get(access, {}).get("deposit")
        for each, entry in archive.releases.items()
        if version is None or version_key(each) < version_key(version)
    }
    known = [each for each, deposit in held.items() if deposit]
    return held[max(known, key=version_key)] if known else None


class Deposit:
    """A host of deposits as a target; `confirm` makes what is deposited public."""

    def __init__(self, target: str, *, confirm: bool) -> None:
        self.host, self.confirm = Host(target), confirm
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        self.packed: dict[str, File] = {}

    def plan(self, release: Release) -> Plan:
        """What is still to be done. Raises DataError, CannotRun."""
        number, is_public = self._known(release)
        if number is None:
            return Plan(self.host.url, self._changes(release, {}, create=True))
        held = self._held(number, is_public=is_public)
        where = self.host.address(number)
        changes = self._changes(release, held, create=False)
        if not is_public:
            return Plan(where, changes, number)
        if any(each.action == "add" for each in changes):
            raise refuse_other(where, release.version)
        return Plan(where, (), number)

    def _changes(
        self, release: Release, held: Mapping[str, Any], *, create: bool
    ) -> tuple[Change, ...]:
        adds = [
            Change("add", name, each.size_bytes)
            for name, each in self._files(release).items()
            if held.get(name) != each.md5
        ]
        first = [Change("create", "a draft")] if create else []
        last = [Change("publish", "the draft")] if self.confirm else []
        return (*first, *adds, Change("describe", DATACITE), *last)

    def publish(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Fill the draft, and make it public if that is confirmed. Raises CannotRun."""
        number = plan.state or self._create(release)
        draft = self.host.ask("GET", f"/records/{number}/draft")
        body = {**_record(release), "pids": draft.get("pids", {})}
        self.host.ask("PUT", f"/records/{number}/draft", body)
        held, files = self._held(number, is_public=False), self._files(release)
        wanted = [name for name, each in files.items() if held.get(name) != each.md5]
        for name in sorted(held.keys() - (files.keys() - set(wanted))):
            self.host.ask("DELETE", f"/records/{number}/draft/files/{quote(name)}")
        for place, name in enumerate(wanted):
            progress("uploading files", place, len(wanted))
            self._upload(number, name, files[name].file)
        progress("uploading files", len(wanted), len(wanted))
        if self.confirm:
            self.host.ask("POST", f"/records/{number}/draft/actions/publish")

    def _create(self, release: Release) -> str:
        """A draft for a release, of which the archive takes note. Raises CannotRun."""
        archive = archive_of(release)
        before = _deposit_before(archive, release.access, release.version) if archive else None
        dataset = release.dataset()
        named = {
            "title": dataset["title"],
            "version": f"{RESERVED} {release.name} {release.access} {release.version}",
        }
        draft = self.host.version_after(before) if before else self.host.draft_named(named)
        number = str(draft["id"])
        if archive:
            _note(archive, release, self.host.address(number))
        return number

    def _upload(self, number: str, name: str, file: Path) -> None:
        files = f"/records/{number}/draft/files"
        self.host.ask("POST", files, [{"key": name}])
        with file.open("rb") as content:
            self.host.ask("PUT", f"{files}/{quote(name)}/content", content)
        self.host.ask("POST", f"{files}/{quote(name)}/commit")

    def check(self, release: Release) -> list[str]:
        """The files as the host lists them, by its own digests, and the DOI."""
        number, is_public = self._known(release)
        if number is None:
            return ["the host knows no deposit of this release"]
        held = self._held(number, is_public=is_public)
        files = self._files(release)
        faults = [
            f"{name}: is another, or missing"
            for name, each in files.items()
            if held.get(name) != each.md5
        ]
        unknown = sorted(held.keys() - files.keys())
        faults += [f"{name}: is no file of the deposit" for name in unknown]
        record = self.host.ask("GET", f"/records/{number}{'' if is_public else '/draft'}")
        doi = record.get("pids", {}).get("doi", {}).get("identifier")
        if release.manifest["doi"] not in (None, doi):
            faults.append(f"its DOI is {doi}, the release says {release.manifest['doi']}")
        return faults

    def address(self, release: Release) -> tuple[str, bool]:
        """The record, or the draft that it is until somebody confirms it. Raises CannotRun."""
        number, is_public = self._known(release)
        return (self.host.url if number is None else self.host.address(number)), is_public

    def _files(self, release: Release) -> dict[str, File]:
        """What a deposit holds, by name: the release as one zip, packed once, and its card."""
        if not self.packed:
            self.folder = tempfile.TemporaryDirectory(prefix="microfiche-")
            stem = f"{folder_name(release.name, release.access)}-{release.version}"
            package = Path(self.folder.name) / f"{stem}.zip"
            with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as target:
                for member in members(release, f"{stem}/"):
                    write_member(target, member)
            held = [package, release.root / CARD, release.root / DATACITE]
            self.packed = {each.name: File(each, each.stat().st_size, _md5(each)) for each in held}
        return self.packed

    def _known(self, release: Release) -> tuple[str | None, bool]:
        """(number of the release's deposit, whether it is public); None if there is none."""
        archive = archive_of(release)
        entry = archive.releases.get(release.version, {}) if archive else {}
        deposit = entry.get(release.access, {}).get("deposit")
        if deposit is None and archive:
            reserved = archive.reserved.get(release.access, {})
            if release.manifest["doi"] and reserved.get("doi") == release.manifest["doi"]:
                deposit = reserved.get("deposit")
        if deposit is None:
            if release.manifest["doi"]:
                raise DataError(
                    f"{release.root}: its DOI {release.manifest['doi']} is of no deposit that "
                    "raw/releases.toml knows",
                    "publish it from its archive's dist/, where the DOI was reserved",
                )
            return None, False
        number = self.host.number(deposit)
        if self.host.find(f"/records/{number}"):
            return number, True
        if self.host.find(f"/records/{number}/draft"):
            return number, False
        raise CannotRun(
            f"{deposit}: the host has no such deposit, or it is somebody else's",
            "check the token; if the draft was deleted, take its lines out of raw/releases.toml",
        )

    def _held(self, number: str, *, is_public: bool) -> dict[str, str | None]:
        """MD5 of the files that a deposit has, None for one that was not finished."""
        draft = "" if is_public else "/draft"
        found = self.host.ask("GET", f"/records/{number}{draft}/files")
        return {
            each["key"]: (each.get("checksum") or "").removeprefix("md5:") or None
            if each.get("status", "completed") == "completed"
            else None
            for each in found.get("entries", [])
        }


def archive_of(release: Release) -> Archive | None:
    """The archive in whose dist/ a release lies; None if it lies elsewhere."""
    root = release.root.resolve().parents[2]
    return open_archive(root) if (root / "raw" / "dataset.toml").is_file() else None


def _note(archive: Archive, release: Release, deposit: str) -> None:
    def edit(document: Any) -> None:
        table(document, "versions", release.version, release.access)["deposit"] = deposit

    change(archive.raw, f"the deposit of version {release.version}", edit)


def _md5(file: Path) -> str:
    """The digest that hosts state of a file."""
    digest = hashlib.md5(usedforsecurity=False)
    with file.open("rb") as held:
        while block := held.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _record(release: Release) -> dict[str, Any]:
    """A record as InvenioRDM has it, from the release's datacite.json."""
    said = orjson.loads(release.read(DATACITE))
    restricted = bool(measure(release).beyond_rights)
    abstract = [
        d["description"] for d in said["descriptions"] if d["descriptionType"] == "Abstract"
    ]
    metadata = {
        "resource_type": {"id": "dataset"},
        "title": said["titles"][0]["title"],
        "publication_date": release.manifest["date"],
        "version": release.version,
        "publisher": said["publisher"]["name"],
        "creators": [_creator(each) for each in said["creators"]],
        "description": "\n".join(abstract) or said["titles"][0]["title"],
        "subjects": [{"subject": each["subject"]} for each in said.get("subjects", ())],
        "rights": [
            {"id": each["rightsIdentifier"].lower()}
            for each in said.get("rightsList", ())
            if each.get("rightsIdentifierScheme") == "SPDX"
        ],
        "additional_descriptions": [
            {"description": f"Fingerprint {release.fingerprint}", "type": {"id": "technical-info"}}
        ],
    }
    return {
        "metadata": {key: value for key, value in metadata.items() if value},
        "access": {"record": "public", "files": "restricted" if restricted else "public"},
        "files": {"enabled": True},
    }


def _creator(said: Mapping[str, Any]) -> dict[str, Any]:
    """A person with given and family name where these are stated, else an organisation."""
    if "familyName" in said:
        person: dict[str, Any] = {
            "type": "personal",
            "given_name": said.get("givenName", ""),
            "family_name": said["familyName"],
        }
    else:
        person = {"type": "organizational", "name": said["name"]}
    known = [
        {"scheme": each["nameIdentifierScheme"].lower(), "identifier": each["nameIdentifier"]}
        for each in said.get("nameIdentifiers", ())
    ]
    held = {"person_or_org": {**person, **({"identifiers": known} if known else {})}}
    affiliations = [{"name": each["name"]} for each in said.get("affiliation", ())]
    return {**held, **({"affiliations": affiliations} if affiliations else {})}


class Host:
    """A host by its REST interface. Secrets come from the environment and are never told."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target if "://" in target else f"{SCHEME}{target}")
        if parts.scheme != SCHEME.removesuffix("://") or parts.path.strip("/") or parts.query:
            raise UsageError(f"{target}: no host of deposits", f"write {SCHEME} or {SCHEME}HOST")
        self.name = parts.netloc or HOST
        self.plain = parts.hostname in LOOPBACK
        self.url = f"{SCHEME}{self.name}"
        variable = TOKENS.get(self.name, TOKEN)
        self.token = os.environ.get(variable, "")
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
        if before != self.url or not number:
            raise UsageError(f"{self.url}: the deposit is {deposit}", f"publish to {before}")
        return number

    def draft_named(self, metadata: Mapping[str, str]) -> dict[str, Any]:
        """The draft of that title and version, which an earlier run may have made."""
        query = "/user/records?is_published=false&size=100&sort=newest"
        for each in self.ask("GET", query)["hits"]["hits"]:
            stated = each.get("metadata", {})
            if all(stated.get(name) == value for name, value in metadata.items()):
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

    def _good(self, status: int, answer: bytes, path: str) -> dict[str, Any]:
        try:
            value = orjson.loads(answer) if answer.strip() else {}
        except ValueError:
            value = {}
        if 200 <= status < 300 and isinstance(value, dict):
            return value
        told = value.get("message") if isinstance(value, dict) else None
        faults = value.get("errors") if isinstance(value, dict) else None
        said = f": {told}" if isinstance(told, str) else ""
        more = f" {orjson.dumps(faults).decode()[:500]}" if faults else ""
        raise CannotRun(
            printable(f"{self.url}{path.partition('?')[0]}: HTTP status {status}{said}{more}"),
            "check the token's rights" if status in (401, 403) else "see what the host asks for",
        )

    def _exchange(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        """(status, answer) of one request; a file is sent as it is read. Raises CannotRun."""
        kind = http.client.HTTPConnection if self.plain else http.client.HTTPSConnection
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if isinstance(body, io.BufferedReader):
            headers["Content-Type"] = "application/octet-stream"
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        elif body is not None:
            headers["Content-Type"] = "application/json"
            body = orjson.dumps(body)
        connection = kind(self.name, timeout=TIMEOUT)
        with outside(self.url):
            try:
                connection.request(method, f"/api{path}", body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read(MAX_ANSWER)
            except http.client.HTTPException as error:
                raise OSError(type(error).__name__) from error
            finally:
                connection.close()
