"""Finding a release by the name of its dataset: a folder, a data wheel, the package, `dist/`.

Nothing is imported and nothing is run: a data wheel registers a name, and where its files lie
follows from that name alone.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from microfiche.errors import (
    DataError,
    MicroficheError,
    NotFound,
    UsageError,
    nearest,
    printable,
)
from microfiche.release import MANIFEST, RELEASE_JSON, TAG_MANIFEST, Release, folder_name
from microfiche.release.opening import open_release, releases_of
from microfiche.release.version import version_key

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

# Data wheels: the group that they register their dataset in, and the folder of all datasets.
WHEEL_GROUP, WHEEL_FOLDER = "microfiche.datasets", "microfiche_data"
EMBEDDED = {"gazette": "_gazette"}
HUB = re.compile(r"(?:hf://datasets/)?([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})")
# Folders of releases that are made of others.
DERIVED = re.compile(r"-(public|rehydrated)$")
MAX_NAME, MAX_RANGE = 1000, 200
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,80}")


class Place(NamedTuple):
    """Where a release is: in words how it was found, its version, its folder."""

    found: str
    version: str
    root: Path


def locate(name: str | Path, version: str | None = None) -> Path:
    """The folder of the newest release of a dataset that fits; of the release in a folder itself.

    `version` is a version, or a range such as `>=1.1,<2`; `NAME@VERSION` says both. A folder of
    releases is looked in first, and alone; an archive's folder last. Raises DataError that says
    what was looked for and where, UsageError for a range that is none.
    """
    name, version = split_version(str(name), version)
    wanted, folder = _range(version), Path(name)
    if len(name) > MAX_NAME or not name.isprintable():
        shown = " ".join(printable(name).split())[:80]
        raise NotFound(f"{shown}: no name of a dataset, nor a folder", _remedy())
    if (folder / RELEASE_JSON).exists():
        if wanted is None:
            return folder
        here = Place("folder", open_release(folder).version, folder)
        return _newest(name, [here], version, wanted)
    places = _in_folder("folder", folder)
    if not places and NAME.fullmatch(name):
        places = _known(name)
    places = places or _in_archive(folder)
    if not places and not NAME.fullmatch(name):
        told = "no release in this folder" if folder.is_dir() else "no such folder"
        remedy = _remedy() if folder.is_dir() else nearest(folder, _remedy())
        raise NotFound(f"{name}: {told}, nor the name of a dataset", remedy)
    return _newest(name, places, version, wanted)


def folder_of(name: str) -> Path:
    """As `locate`; a folder that is named, if anything in it is a release's. Raises as `locate`."""
    try:
        return locate(name)
    except DataError:
        if any((Path(name) / each).exists() for each in (MANIFEST, TAG_MANIFEST, "data")):
            return Path(name)
        raise


def split_version(name: str, version: str | None) -> tuple[str, str | None]:
    """(name, version) of `NAME@VERSION`, unless there is a folder of that name.

    Raises UsageError if a version is given beside it.
    """
    before, at, after = name.rpartition("@")
    if not at or not before or "/" in after or len(name) > MAX_NAME or Path(name).exists():
        return name, version
    if version is not None:
        raise UsageError(f"{name} and {version}: the version is given twice", "give it once")
    return before, after


def hub_repository(name: str) -> str | None:
    """ORG/NAME if a name is that of a dataset on the Hub, and of no folder here; else None."""
    match = HUB.fullmatch(name)
    return match[1] if match and not Path(name).exists() else None


def _newest(
    name: str, places: list[Place], version: str | None, wanted: SpecifierSet | None
) -> Path:
    """The newest of some places, the first of equal ones. Raises DataError if none fits."""
    held = [each for each in places if wanted is None or each.version in wanted]
    if held:
        return max(held, key=lambda each: version_key(each.version)).root
    if places:
        there = ", ".join(f"{each.version} ({each.found} {each.root})" for each in places)
        raise DataError(f"{name}: no release fits {version}; there are {there}", "ask for another")
    looked = f"no data wheel {name!r} is installed"
    near = f"there is no release in dist/{name}, here or in a folder here"
    raise NotFound(f"{name}: {looked}, and {near}", _remedy(name))


def _remedy(name: str = "") -> str:
    """What to name instead: the name most like the one given, or every one that is here."""
    files = (
        each for near in ("dist", "*/dist") for each in Path().glob(f"{near}/*/*/{RELEASE_JSON}")
    )
    built = (each.parents[1].name for each in files)
    names = sorted({*EMBEDDED, *(name for name, _ in _registered()), *built})
    if like := difflib.get_close_matches(name, names, 1):
        return f"did you mean {like[0]}?"
    return (
        "give a release's folder, ORG/NAME of a dataset on the Hub, or a name that is here: "
        f"{', '.join(names)}"
    )


def _range(version: str | None) -> SpecifierSet | None:
    """A range of versions; a plain version is that one. Raises UsageError."""
    if version is None:
        return None
    if not isinstance(version, str) or not 0 < len(version.strip()) <= MAX_RANGE:
        raise UsageError(f"{version!r:.80} is no range of versions", "write '1.1.0', or '>=1.1,<2'")
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    stated = version.strip().removeprefix("v")
    try:
        if not stated:
            raise ValueError("nothing is stated")
        return SpecifierSet(f"=={stated}" if stated[:1].isdigit() else stated)
    except (InvalidSpecifier, ValueError) as error:
        raise UsageError(
            f"{version!r} is no range of versions", "write 1.1.0, or >=1.1,<2"
        ) from error


def fitting(versions: list[str], version: str | None) -> str | None:
    """The newest of some versions that is in a range; None if none is. Raises UsageError."""
    wanted = _range(version)
    held = [each for each in versions if wanted is None or each in wanted]
    return max(held, key=version_key, default=None)


def _known(name: str) -> list[Place]:
    """Where a dataset's releases are: first of equal versions counts.

    Raises DataError for a data wheel that is broken, if there is nothing else.
    """
    places: list[Place] = []
    broken: MicroficheError | None = None
    for root in wheel_folders(name):
        try:
            places.append(Place("data wheel", _of_line(name, open_release(root)).version, root))
        except MicroficheError as error:
            broken = error
    if name in EMBEDDED:
        places += _in_folder("comes with microfiche,", _embedded_folder(name))
    for folder in _folders(name):
        places += _in_folder("folder", folder, name)
    if broken and not places:
        raise broken
    return places


def _of_line(name: str, release: Release) -> Release:
    """A release that is to be of the line that a name means. Raises DataError if it is not."""
    own = folder_name(release.name, release.access)
    if own != name and not release.manifest["rehydrated"]:
        raise DataError(f"{release.root}: a release of {own}, not of {name}", "call it by its name")
    return release


def _folders(name: str) -> list[Path]:
    """Folders that may hold releases of a dataset: in dist/ here, and in that of archives here."""
    return [Path("dist", name), *sorted(Path().glob(f"*/dist/{name}"))]


def _in_archive(folder: Path) -> list[Place]:
    """Releases in the dist/ of an archive, the full ones before the public ones of the same.

    Raises DataError if it has those of several datasets.
    """
    held = sorted(each for each in folder.glob("dist/*") if _in_folder("", each))
    own = [each for each in held if not DERIVED.search(each.name)] or held
    if len(own) > 1:
        names = ", ".join(map(str, own))
        raise DataError(f"{folder}: releases of several datasets", f"give one of {names}")
    return _in_folder("folder", own[0]) if own else []


def _in_folder(found: str, folder: Path, name: str | None = None) -> list[Place]:
    """Releases in a folder; one without a tag manifest is still on its way there.

    Raises DataError for one that is not what its folder says, or not of the line of `name`.
    """
    held = [each for each in releases_of(folder) if (each / TAG_MANIFEST).exists()]
    for each in held:
        release = open_release(each)
        if release.version != each.name:
            raise DataError(f"{each}: holds version {release.version}", "call it by that")
        if name is not None:
            _of_line(name, release)
    return [Place(found, each.name, each) for each in held]


def _registered() -> Iterator[tuple[str, Path]]:
    """(name, folder) of what data wheels register; another's broken package is passed over."""
    for package in importlib.metadata.distributions():
        try:
            names = [each.name for each in package.entry_points if each.group == WHEEL_GROUP]
        except Exception:  # noqa: BLE001, S112 - whatever is in somebody's entry_points.txt
            continue
        for name in names:
            if NAME.fullmatch(name):
                yield name, Path(str(package.locate_file(f"{WHEEL_FOLDER}/{name}")))


def wheel_folders(name: str) -> list[Path]:
    """Folders of the releases that installed data wheels register under a name."""
    return [folder for registered, folder in _registered() if registered == name]


def _embedded_folder(name: str) -> Path:
    package = Path(__file__).parents[1]
    installed = package / EMBEDDED[name]
    return installed if installed.is_dir() else package.parents[1] / "dist" / name
