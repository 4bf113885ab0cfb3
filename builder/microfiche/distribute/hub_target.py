"""Publishing to the Hugging Face Hub: one commit a release, and a tag that is never moved.

A release is visible by its tag `v<version>`, which is set last. What was edited there since the tag
before is shown, and replaced only if that is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from microfiche.describe.facts import measure
from microfiche.distribute.hub import SCHEME, reaching, versions
from microfiche.distribute.target import (
    Change,
    Plan,
    difference,
    digests_of,
    refuse_older,
    refuse_other,
)
from microfiche.engine import Progress
from microfiche.errors import CannotRun, DataError
from microfiche.release import RELEASE_JSON, TAG_MANIFEST, Release
from microfiche.verify.files import HOST_FILES

CARD = "README.md"
BLOCK = 1 << 20


class HubTarget:
    """A dataset on the Hub as a target.

    `replace_card` says that what was edited there may be replaced.
    """

    def __init__(self, repository: str, *, replace_card: bool = False) -> None:
        from huggingface_hub import HfApi

        self.repository, self.replace_card = repository, replace_card
        self.url, self.api = f"{SCHEME}{repository}", HfApi()
        self.asked: dict[str, Any] = {"repo_id": repository, "repo_type": "dataset"}

    def plan(self, release: Release) -> Plan:
        """What the commit changes, and the tag. Raises DataError, CannotRun."""
        where, _ = self.address(release)
        tag = Change("tag", f"v{release.version}")
        with reaching(self.url):
            known = self._known()
            if known is None:
                adds = (Change("add", path, _size(release, path)) for path in digests_of(release))
                return Plan(where, (Change("create", self.repository), *adds, tag))
            self._refuse_exposure(release, known)
            published = versions(self.repository)
            if release.version in published:
                if self._read(TAG_MANIFEST, f"v{release.version}") != release.read(TAG_MANIFEST):
                    raise refuse_other(self.url, release.version)
                return Plan(where)
            newest = f"v{published[-1]}" if published else None
            self._refuse_other_line(release, known, newest)
            if newest:
                refuse_older(self.url, release.version, newest[1:])
            head = self._tree(known.sha)
            if self._is_committed(release, head):
                return Plan(where, (tag,), known.sha)
            self._refuse_unfinished(known.sha, head, (*published, release.version))
            self._refuse_edited(release, known.sha, head, newest)
            return Plan(where, (*_changes(release, head), tag), known.sha)

    def publish(self, release: Release, plan: Plan, progress: Progress) -> None:
        """Make the commit on the state that was planned for, then the tag. Raises CannotRun."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        if plan.state is None and not plan.done:
            private = bool(measure(release).beyond_rights)
            with reaching(self.url):
                self.api.create_repo(**self.asked, private=private, exist_ok=True)
            plan = self.plan(release)
        operations: list[Any] = [
            CommitOperationAdd(each.path, str(release.root / each.path))
            if each.action == "add"
            else CommitOperationDelete(each.path)
            for each in plan.changes
            if each.action in ("add", "remove")
        ]
        progress("committing files", 0, len(operations))
        revision = plan.state
        if operations:
            revision = self._commit(release, operations, plan.state)
        progress("committing files", len(operations), len(operations))
        if not plan.done:
            self._tag(release, revision)

    def _commit(self, release: Release, operations: list[Any], parent: str | None) -> str:
        from huggingface_hub.errors import HfHubHTTPError

        with reaching(self.url):
            try:
                made = self.api.create_commit(
                    **self.asked,
                    operations=operations,
                    parent_commit=parent,
                    commit_message=f"{release.name} {release.version}",
                    commit_description=f"Fingerprint {release.fingerprint}",
                )
            except HfHubHTTPError as error:
                if error.response is not None and error.response.status_code in (409, 412):
                    raise CannotRun(
                        f"{self.url}: somebody else changed it meanwhile", "publish again"
                    ) from error
                raise
        return str(made.oid)

    def _tag(self, release: Release, revision: str | None) -> None:
        from huggingface_hub.errors import HfHubHTTPError

        tag = f"v{release.version}"
        with reaching(self.url):
            try:
                message = f"Fingerprint {release.fingerprint}"
                self.api.create_tag(**self.asked, tag=tag, revision=revision, tag_message=message)
            except HfHubHTTPError as error:
                if error.response is None or error.response.status_code != 409:
                    raise
                if self._read(TAG_MANIFEST, tag) != release.read(TAG_MANIFEST):
                    raise refuse_other(self.url, release.version) from error

    def close(self) -> None:
        """Nothing was made."""

    def check(self, release: Release) -> list[str]:
        """The files that the Hub has at the tag, by the digests that it states."""
        with reaching(self.url):
            held = self._tree(f"v{release.version}")
        digests = digests_of(release)
        faults = [f"{path}: is not there" for path in sorted(digests.keys() - held.keys())]
        unknown = sorted(held.keys() - digests.keys() - HOST_FILES)
        faults += [f"{path}: is no file of the release" for path in unknown]
        both = sorted(digests.keys() & held.keys())
        others = (path for path in both if not _same(release, held[path], digests))
        return [*faults, *(f"{path}: is another" for path in others)]

    def address(self, release: Release) -> tuple[str, bool]:
        """The dataset at the release's tag."""
        return f"{self.url}@v{release.version}", True

    def _known(self) -> Any:
        """What the Hub says of the dataset; None if it is not there."""
        from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

        try:
            return self.api.repo_info(**self.asked)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            return None

    def _tree(self, revision: str) -> dict[str, Any]:
        """The files of a revision by path."""
        entries = self.api.list_repo_tree(**self.asked, revision=revision, recursive=True)
        return {each.path: each for each in entries if hasattr(each, "blob_id")}

    def _read(self, path: str, revision: str) -> bytes | None:
        """A small file of a revision; None if it is not there."""
        from huggingface_hub.errors import EntryNotFoundError

        try:
            file = self.api.hf_hub_download(**self.asked, filename=path, revision=revision)
        except EntryNotFoundError:
            return None
        return Path(file).read_bytes()

    def _parsed(self, told: bytes) -> dict[str, Any]:
        """A release.json as the Hub has it. Raises DataError if it is none."""
        try:
            value = orjson.loads(told)
        except ValueError:
            value = None
        if not isinstance(value, dict) or not {"name", "access", "version"} <= value.keys():
            raise DataError(f"{self.url}: {RELEASE_JSON} there is not a release's", "mend it there")
        return value

    def _refuse_exposure(self, release: Release, known: Any) -> None:
        """A restricted release goes only where it is private or gated. Raises DataError."""
        beyond = sorted(measure(release).beyond_rights)
        if beyond and not (known.private or known.gated):
            raise DataError(
                f"{self.url}: is public, and the release is restricted ({', '.join(beyond)})",
                "make the dataset private or gated there, or build with --access public",
            )

    def _refuse_other_line(self, release: Release, known: Any, newest: str | None) -> None:
        """One repository has the releases of one dataset, of one access unless it is private."""
        told = self._read(RELEASE_JSON, newest) if newest else None
        if told is None:
            return
        manifest = self._parsed(told)
        if manifest["name"] != release.name:
            raise DataError(
                f"{self.url}: holds releases of {manifest['name']}", "give a repository of its own"
            )
        if manifest["access"] != release.access and not known.private:
            raise DataError(
                f"{self.url}: holds the {manifest['access']} releases, and is not private",
                f"give the {release.access} ones a repository of their own",
            )

    def _is_committed(self, release: Release, head: Mapping[str, Any]) -> bool:
        return TAG_MANIFEST in head and not _changes(release, head)

    def _refuse_unfinished(
        self, head_sha: str, head: Mapping[str, Any], published: Sequence[str]
    ) -> None:
        """A version that was committed there and not tagged comes first. Raises DataError."""
        told = self._read(RELEASE_JSON, head_sha) if RELEASE_JSON in head else None
        version = self._parsed(told)["version"] if told else None
        if version is not None and version not in published:
            raise DataError(
                f"{self.url}: version {version} was begun there, and has no tag yet",
                f"publish {version} again first",
            )

    def _refuse_edited(
        self, release: Release, head_sha: str, head: Mapping[str, Any], newest: str | None
    ) -> None:
        """What was edited since the tag before stays, unless it may be replaced."""
        before = self._tree(newest) if newest else {}
        old, new = ({path: each.blob_id for path, each in tree.items()} for tree in (before, head))
        digests = digests_of(release)
        edited = sorted(
            path
            for path in (old.keys() | new.keys()) - HOST_FILES
            if old.get(path) != new.get(path)
            and not (path in head and _same(release, head[path], digests))
        )
        if not edited or self.replace_card:
            return
        shown = ""
        if CARD in edited:
            card = (self._read(CARD, newest) if newest else None) or release.read(CARD)
            names = (f"{CARD} of {newest or release.version}", f"{CARD} on the Hub")
            shown = "\n" + difference(card, self._read(CARD, head_sha) or b"", names)
        raise DataError(
            f"{self.url}: edited there since {newest or 'it was made'}: {', '.join(edited)}{shown}",
            "take it over into raw/CARD.md or take it back there; --replace-card replaces it",
        )


def _size(release: Release, path: str) -> int:
    return (release.root / path).stat().st_size


def _same(release: Release, entry: Any, digests: Mapping[str, str]) -> bool:
    """Whether a file of the Hub is the release's, by the digest that the Hub states of it."""
    if entry.path not in digests:
        return False
    if entry.lfs is not None:
        return bool(entry.lfs.sha256 == digests[entry.path])
    return bool(entry.blob_id == _blob_id(release.root / entry.path))


def _blob_id(file: Path) -> str:
    """The id that git gives to a file's bytes."""
    digest = hashlib.sha1(b"blob %d\0" % file.stat().st_size, usedforsecurity=False)
    with file.open("rb") as held:
        while block := held.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _changes(release: Release, head: Mapping[str, Any]) -> tuple[Change, ...]:
    """What a commit on some files adds and removes."""
    return tuple(_each_change(release, head))


def _each_change(release: Release, head: Mapping[str, Any]) -> Iterator[Change]:
    digests = digests_of(release)
    for path in digests:
        if path not in head or not _same(release, head[path], digests):
            yield Change("add", path, _size(release, path))
    for path in sorted(head.keys() - digests.keys() - HOST_FILES):
        yield Change("remove", path)
