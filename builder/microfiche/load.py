"""Loading releases: by folder, or by the name of one that ships inside an installed package."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Any

from microfiche.errors import DataError
from microfiche.release import open_release, releases_of

EMBEDDED = {"gazette": "_gazette"}


def path(name: str = "gazette") -> Path:
    """Folder of the newest release of an embedded dataset, or of the release in folder `name`.

    Raises DataError if there is neither.
    """
    if name in EMBEDDED:
        found = releases_of(_embedded_folder(name))
        if found:
            return found[-1]
    folder = Path(name)
    if folder.is_dir():
        return open_release(folder).root
    known = ", ".join(EMBEDDED)
    raise DataError(f"{name}: neither a release folder nor an embedded dataset", f"have {known}")


def _embedded_folder(name: str) -> Path:
    package = Path(str(importlib.resources.files("microfiche")))
    installed = package / EMBEDDED[name]
    return installed if installed.is_dir() else package.parents[1] / "dist" / name


def load_dataset(name: str | Path, config: str = "articles", **options: Any) -> Any:
    """Rows of one table of a release, as `datasets.load_dataset` gives them.

    `name` is an embedded dataset ("gazette") or a release folder, `config` a table with rows.
    Options go to `datasets.load_dataset`: `split`, `streaming`, `columns`, `filters`, `cache_dir`.
    Works without a network. Raises DataError.
    """
    release = open_release(path(str(name)))
    loadable = [entry["name"] for entry in release.manifest["tables"] if entry["n_rows"]]
    if config not in loadable:
        raise DataError(f"{release.root}: no rows in {config!r}", f"have {', '.join(loadable)}")
    return load_folder(release.root, config, **options)


def load_folder(root: Path, config: str, **options: Any) -> Any:
    """`datasets.load_dataset` on a release folder, which wants a string and no bare dot."""
    import datasets

    return datasets.load_dataset(str(root.resolve()), config, **options)
