"""The releases before one, and what its table of changes says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from microfiche.about import BUILDER
from microfiche.errors import MicroficheError
from microfiche.release import RELEASE_JSON, TAG_MANIFEST, Release, Row
from microfiche.release.diff import Diff, diff
from microfiche.release.opening import open_release, previous_folder
from microfiche.release.version import version_key
from microfiche.verify.rules import BEFORE, CHANGES, VERSION


def check_chain(release: Release) -> tuple[str, list[str]]:
    """The releases before, as far as they lie beside this one, and the table of changes."""
    faults: list[str] = []
    at, versions = release, []
    while before := at.manifest["previous"]:
        place = previous_folder(at)
        if place is None:
            faults += _in_the_way(at, before)
            break
        older = open_release(place)
        found = diff(older, at)
        faults += _link_of_chain(at, older, found)
        if at is release:
            faults += _change_faults(release, older, found)
        versions.append(older.version)
        at = older
    before = at.manifest["previous"]
    missing = f"{before['version']} is not at hand, so neither it nor any before" if before else ""
    told = ", ".join([*versions, missing] if missing else versions) or "none"
    return f"releases before: {told}", faults


def _in_the_way(release: Release, before: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the release that lies where the one before should, if one does."""
    version, place = before["version"], release.root.resolve().parent / before["version"]
    if not any((place / name).is_file() for name in (RELEASE_JSON, TAG_MANIFEST)):
        return
    try:
        beside = open_release(place)
        digest = beside.sha256
    except MicroficheError as error:
        told = error.message.replace(str(place), version)
        yield BEFORE(f"{RELEASE_JSON}: the release before cannot be read: {told}")
        return
    if (beside.name, beside.access) == (release.name, release.access):
        yield BEFORE(
            f"{RELEASE_JSON}: the release before, {version}, has another digest than "
            f"{before['release_sha256']}: {digest}"
        )


def _link_of_chain(release: Release, older: Release, found: Diff) -> Iterator[str]:
    before = release.manifest["previous"]
    lowest = found.version_after(older.version)[0]
    if version_key(release.version) < version_key(lowest):
        yield VERSION(
            f"{RELEASE_JSON}: version {release.version}, but what changed makes it {lowest}"
        )
    for key, value in (("version", older.version), ("fingerprint", older.fingerprint)):
        if before[key] != value:
            yield BEFORE(
                f"{RELEASE_JSON}: previous {key} is {before[key]}, that release says {value}"
            )
    if version_key(older.version) >= version_key(release.version):
        yield VERSION(f"{RELEASE_JSON}: version {release.version} is not above {older.version}")
    if older.name != release.name or older.access != release.access:
        yield BEFORE(f"{RELEASE_JSON}: the release before is of {older.name}, {older.access}")


def _change_faults(release: Release, older: Release, found: Diff) -> Iterator[str]:
    """The table of changes against the two releases.

    What another builder says of a change in its columns is its own to say, which changes there
    are is not.
    """
    own = release.manifest["builder"] == BUILDER
    pairs = "reread" in _kinds_of_change(release)
    stated = {_key(row): row for row in release.rows("changes")}
    differing = {_key(row): row for row in found.changes if pairs or row["change"] != "reread"}
    for key in sorted(stated.keys() | differing.keys()):
        row, other = stated.get(key), differing.get(key)
        if row is not None and other is not None and not own:
            continue
        if row is not None and other is not None:
            row, other = dict(row, record_sha256=""), dict(other, record_sha256="")
        if row != other:
            yield CHANGES(
                f"changes {' '.join(key).rstrip()}: not what differs from {older.version}"
            )


def _key(row: Row) -> tuple[str, str]:
    """The article of a row of `changes`, and the revision before if that is read anew."""
    return row["article_id"], row["revision_id_before"] if row["change"] == "reread" else ""


def _kinds_of_change(release: Release) -> Sequence[str]:
    """The values that a release's own schema has for a change."""
    fields = release.kind("changes").fields
    return next((each.spec.get("enum", ()) for each in fields if each.name == "change"), ())
