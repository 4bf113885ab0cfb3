"""microfiche turns captured news articles into dataset releases to load, verify and cite.

The way of the data, one direction only::

    raw bytes -> Capture -> fields -> draft -> findings (keep or reject) -> collation
              -> tables -> describe -> release folder -> verify

`open_archive(folder)` gives an archive to validate and build, `open_release(folder)` a release to
verify, show and cite, `load_dataset(name_or_folder)` its rows. Importing the package is cheap:
each of these loads what it needs when it is first used. The rooms, and what each owns, are told in
docs/architecture.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from microfiche import about

if TYPE_CHECKING:
    from microfiche.library import load_dataset, open_archive, open_release, path, read
    from microfiche.pipeline import BuildOptions

__version__ = about.VERSION
__all__ = [
    "BuildOptions",
    "__version__",
    "load_dataset",
    "open_archive",
    "open_release",
    "path",
    "read",
]

HOMES = {
    "BuildOptions": "microfiche.pipeline",
    "load_dataset": "microfiche.library",
    "open_archive": "microfiche.library",
    "open_release": "microfiche.library",
    "path": "microfiche.library",
    "read": "microfiche.library",
}


def __dir__() -> list[str]:
    """The public names, for whoever asks by the tab key."""
    return [*__all__, "__doc__"]


def __getattr__(name: str) -> Any:
    """The public name `name`, imported when first asked for."""
    if name not in HOMES:
        raise AttributeError(f"module 'microfiche' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(HOMES[name]), name)
