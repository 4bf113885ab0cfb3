"""Depositing in a repository: Zenodo and every other host of InvenioRDM, by its REST interface.

A draft is made, or taken up again. The release goes into it as a zip, a large one as several that
unpack into one folder, of which those that arrived are not sent again; its card lies beside, the
metadata is from datacite.json. Nothing is public before it is published, which takes `--confirm`. A
DOI can be reserved before the build, so that the release carries it. Later versions are versions of
the record before, under one concept DOI.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from microfiche.archive import Archive
from microfiche.archive.publications import change, places_of, table
from microfiche.describe.facts import measure
from microfiche.distribute.invenio import Host, listed
from microfiche.distribute.metadata import DATACITE, record_of
from microfiche.distribute.packing import members, parts, write_member
from microfiche.distribute.target import Change, Plan, archive_of, refuse_older, refuse_other
from microfiche.engine import Progress
from microfiche.errors import CannotRun, DataError
from microfiche.release import Release, folder_name
from microfiche.release.version import version_key

RESERVED = "reserved"
CARD = "README.md"
BLOCK = 1 << 20
MAX_ZIP = 1_000_000_000  # bytes of a release's files in one zip


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
    wrong = [each for each in archive.findings if each.severity == "error"]
    if wrong:
        raise DataError(f"the archive's own files have errors: {wrong[0]}", "mend them first")
    known = archive.reserved.get(access)
    if known and "doi" in known:
        if "deposit" not in known:
            raise DataError(
                f"raw/releases.toml: the DOI {known['doi']} stands in [next.{access}] already",
                "build with it, or take it out",
            )
        return Reserved(known["doi"], known["deposit"])
    host = Host(target)
    named = {"title": archive.dataset["title"], "version": f"{RESERVED} {archive.name} {access}"}
    before = _deposit_before(archive, access, None)
    draft = host.version_after(before) if before else host.draft_named(named)
    number, doi = host.id_of(draft), host.doi_of(draft)
    doi = doi or host.doi_of(host.ask("POST", f"/records/{number}/draft/pids/doi"))
    if doi is None:
        raise CannotRun(f"{host.url}: the host reserved no DOI", "reserve it on the host")
    made = Reserved(doi, host.address(number))

    def edit(document: Any) -> None:
        entry = table(document, "next", access)
        entry["doi"], entry["deposit"] = made

    change(archive.raw, "the reserved DOI", edit)
    return made


def _deposit_before(archive: Archive, access: str, version: str | None) -> str | None:
    """The record of the newest version of one access below `version`, of any if that is None.

    Raises DataError if it is a draft still.
    """
    newest = _newest_deposited(archive, access, version)
    if newest is None:
        return None
    entry = archive.releases[newest]
    deposit = str(entry[access]["deposit"])
    if deposit not in places_of(entry, access):
        raise DataError(
            f"{deposit}: version {newest} is a draft there still",
            "publish that with --confirm first, or take its deposit out of raw/releases.toml",
        )
    return deposit


def _newest_deposited(archive: Archive, access: str, below: str | None = None) -> str | None:
    """The newest version of one access that has a deposit, of those below another."""
    known = [
        each
        for each, entry in archive.releases.items()
        if entry.get(access, {}).get("deposit")
        if below is None or version_key(each) < version_key(below)
    ]
    return max(known, key=version_key, default=None)


class Deposit:
    """A host of deposits as a target; `confirm` makes what is deposited public."""

    def __init__(self, target: str, *, confirm: bool) -> None:
        self.host, self.confirm = Host(target), confirm
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        self.packed: dict[str, File] = {}

    def plan(self, release: Release) -> Plan:
        """What is still to be done. Raises DataError, CannotRun."""
        archive = self._archive(release)
        number, is_public = self._known(release)
        if number is None:
            if newest := _newest_deposited(archive, release.access):
                refuse_older(self.host.url, release.version, newest)
            _deposit_before(archive, release.access, release.version)
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
        body = {**record_of(release), "pids": draft.get("pids", {})}
        self.host.ask("PUT", f"/records/{number}/draft", body)
        held, files = self._held(number, is_public=False), self._files(release)
        wanted = [name for name, each in files.items() if held.get(name) != each.md5]
        for name in sorted(held.keys() - (files.keys() - set(wanted))):
            self.host.ask("DELETE", f"/records/{number}/draft/files/{quote(name)}")
        total, sent = sum(files[name].size_bytes for name in wanted), 0
        progress("uploading", 0, total)
        for name in wanted:
            before = sent

            def report(done: int, before: int = before) -> None:
                progress("uploading", before + done, total)

            self._upload(number, name, files[name].file, report)
            sent += files[name].size_bytes
        if self.confirm:
            if faults := self._faults(release, number, is_public=False):
                raise CannotRun(
                    f"{self.host.address(number)}: not made public: {'; '.join(faults)}",
                    "see to the draft on the host, or publish again",
                )
            self.host.ask("POST", f"/records/{number}/draft/actions/publish")

    def _create(self, release: Release) -> str:
        """A draft for a release, of which the archive takes note. Raises CannotRun."""
        archive = self._archive(release)
        before = _deposit_before(archive, release.access, release.version)
        dataset = release.dataset()
        named = {
            "title": dataset["title"],
            "version": f"{RESERVED} {release.name} {release.access} {release.version}",
        }
        draft = self.host.version_after(before) if before else self.host.draft_named(named)
        number = self.host.id_of(draft)
        address = self.host.address(number)
        if archive.reserved.get(release.access, {}).get("deposit") == address:
            raise DataError(
                f"{address}: the draft after the last record is reserved for the next release",
                "deposit that one instead, or discard the reservation on the host and in "
                "raw/releases.toml",
            )
        _note(archive, release, address)
        return number

    def _archive(self, release: Release) -> Archive:
        """The archive that keeps the deposits of a release. Raises DataError if there is none."""
        archive = archive_of(release)
        if archive is None:
            raise DataError(
                f"{release.root}: lies in no archive's dist/, where its deposit is kept",
                "publish it from there",
            )
        return archive

    def _upload(self, number: str, name: str, file: Path, report: Callable[[int], None]) -> None:
        files = f"/records/{number}/draft/files"
        self.host.ask("POST", files, [{"key": name}])
        self.host.send(f"{files}/{quote(name)}/content", file, report)
        self.host.ask("POST", f"{files}/{quote(name)}/commit")

    def close(self) -> None:
        """Take away the zips."""
        if self.folder:
            self.folder.cleanup()

    def check(self, release: Release) -> list[str]:
        """The files as the host lists them, by its own digests, and the DOI."""
        number, is_public = self._known(release)
        if number is None:
            return ["the host knows no deposit of this release"]
        return self._faults(release, number, is_public=is_public)

    def _faults(self, release: Release, number: str, *, is_public: bool) -> list[str]:
        """What a draft or record is not as it should be: files, DOI, access."""
        held, files = self._held(number, is_public=is_public), self._files(release)
        faults = [
            f"{name}: is another, or missing"
            for name, each in files.items()
            if held.get(name) != each.md5
        ]
        unknown = sorted(held.keys() - files.keys())
        faults += [f"{name}: is no file of the deposit" for name in unknown]
        record = self.host.ask("GET", f"/records/{number}{'' if is_public else '/draft'}")
        doi = self.host.doi_of(record)
        if release.manifest["doi"] not in (None, doi):
            faults.append(f"its DOI is {doi}, the release says {release.manifest['doi']}")
        access = record.get("access", {})
        if measure(release).beyond_rights and access.get("files") != "restricted":
            faults.append("its files are not restricted, and the release is")
        return faults

    def address(self, release: Release) -> tuple[str, bool]:
        """The record, or the draft that it is until somebody confirms it. Raises CannotRun."""
        number, is_public = self._known(release)
        return (self.host.url if number is None else self.host.address(number)), is_public

    def _files(self, release: Release) -> dict[str, File]:
        """What a deposit holds, by name: the release in zips, packed once, card and metadata."""
        if not self.packed:
            self.folder = tempfile.TemporaryDirectory(prefix="microfiche-")
            stem = f"{folder_name(release.name, release.access)}-{release.version}"
            held_by = parts(members(release, f"{stem}/"), MAX_ZIP, lambda member: member.size)
            held = [release.root / CARD, release.root / DATACITE]
            for number, part in enumerate(held_by, start=1):
                of = f".part-{number:02}-of-{len(held_by):02}" if len(held_by) > 1 else ""
                held.append(Path(self.folder.name) / f"{stem}{of}.zip")
                with zipfile.ZipFile(held[-1], "w", zipfile.ZIP_STORED) as package:
                    for member in part:
                        write_member(package, member)
            self.packed = {each.name: File(each, each.stat().st_size, _md5(each)) for each in held}
        return self.packed

    def _known(self, release: Release) -> tuple[str | None, bool]:
        """(number of the release's deposit, whether it is public); None if there is none."""
        archive = self._archive(release)
        entry = archive.releases.get(release.version, {})
        deposit = entry.get(release.access, {}).get("deposit")
        if deposit is None:
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
        entries = [each for each in listed(found, "entries") if isinstance(each.get("key"), str)]
        return {
            each["key"]: str(each.get("checksum") or "").removeprefix("md5:") or None
            if each.get("status", "completed") == "completed"
            else None
            for each in entries
        }


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
