"""The Hugging Face Hub: releases that were published there, by their tags `v<version>`.

`huggingface_hub` speaks to it, with its own login, cache and switches (HF_TOKEN, HF_HOME,
HF_ENDPOINT, HF_HUB_OFFLINE). What it raises becomes one line that names the dataset.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from microfiche.distribute.outside import outside
from microfiche.errors import CannotRun, DataError
from microfiche.release import RELEASE_JSON
from microfiche.release.locating import fitting
from microfiche.release.opening import open_release
from microfiche.release.version import VERSION, version_key

SCHEME = "hf://datasets/"


def download(repository: str, version: str | None, table: str | None = None) -> Path:
    """The folder of a published release in the Hub's cache: all of it, or what one table needs.

    Raises DataError if no published version fits, CannotRun if it cannot be had.
    """
    from huggingface_hub import snapshot_download

    tag = tag_of(repository, version)
    describe(repository, tag)
    with reaching(f"{SCHEME}{repository}@{tag}"):
        wanted = "data/*" if table is None else f"data/{table}/*"
        asked: dict[str, Any] = {"repo_type": "dataset", "revision": tag}
        return Path(snapshot_download(repository, **asked, allow_patterns=wanted))


def describe(repository: str, tag: str) -> Path:
    """The folder of a published release without its rows. Raises as `download`."""
    from huggingface_hub import snapshot_download

    where = f"{SCHEME}{repository}@{tag}"
    asked: dict[str, Any] = {"repo_type": "dataset", "revision": tag}
    with reaching(where):
        root = Path(snapshot_download(repository, **asked, ignore_patterns="data/*"))
        if not (root / RELEASE_JSON).exists():
            raise _foreign(repository, f"{tag} holds no {RELEASE_JSON}")
        check_version(root, tag[1:], where)
        return root


def check_version(root: Path, version: str, what: str) -> None:
    """Raise DataError if a release is not of the version that it is published as."""
    held = open_release(root).version
    if held != version:
        raise DataError(f"{what}: holds version {held}", "whoever moved it must put it back")


def stream(repository: str, table: str, tag: str, **options: Any) -> Any:
    """Rows of a published release as they come over the network. Raises CannotRun."""
    import datasets

    with reaching(f"{SCHEME}{repository}@{tag}"):
        return datasets.load_dataset(repository, table, revision=tag, **options)


def tag_of(repository: str, version: str | None) -> str:
    """The tag of the newest published version that fits. Raises DataError, CannotRun."""
    held = versions(repository)
    if not held:
        raise _foreign(repository, "no tag v<version> is there")
    newest = fitting(held, version)
    if newest is None:
        raise DataError(
            f"{SCHEME}{repository}: no version fits {version}",
            f"published are {', '.join(held)}",
        )
    return f"v{newest}"


def _foreign(repository: str, why: str) -> DataError:
    return DataError(
        f"{SCHEME}{repository}: not a dataset that microfiche published, {why}",
        "load it with datasets.load_dataset",
    )


def versions(repository: str) -> list[str]:
    """The versions published, lowest first; without a network those in the Hub's cache.

    Raises CannotRun.
    """
    from huggingface_hub import HfApi, constants

    if constants.HF_HUB_OFFLINE:
        folder = Path(constants.HF_HUB_CACHE, f"datasets--{repository.replace('/', '--')}", "refs")
        tags = sorted(each.name for each in folder.glob("v*"))
        if not tags:
            raise CannotRun(
                f"{SCHEME}{repository}: not in the Hub's cache, and the Hub is switched off",
                "unset HF_HUB_OFFLINE, or load it once while it is unset",
            )
    else:
        with reaching(f"{SCHEME}{repository}"):
            tags = [
                ref.name for ref in HfApi().list_repo_refs(repository, repo_type="dataset").tags
            ]
    held = (tag[1:] for tag in tags if tag[:1] == "v" and VERSION.fullmatch(tag[1:]))
    return sorted(held, key=version_key)


@contextlib.contextmanager
def reaching(what: str) -> Iterator[None]:
    """Raise what the Hub's client raises as CannotRun, in one line."""
    from huggingface_hub import errors

    with outside(what):
        try:
            yield
        except errors.GatedRepoError as error:
            raise CannotRun(
                f"{what}: access is granted on request", "ask for it on the Hub, and log in"
            ) from error
        except errors.RepositoryNotFoundError as error:
            raise CannotRun(
                f"{what}: no such dataset, or a private one",
                "correct the name, or log in with `hf auth login`",
            ) from error
