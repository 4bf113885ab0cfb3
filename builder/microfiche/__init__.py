"""microfiche turns captured news articles into dataset releases to load, verify and cite.

The way of the data, one direction only::

    raw bytes -> Capture -> fields -> draft -> findings (keep or reject) -> collation
              -> tables -> describe -> release folder -> verify

`open_archive(folder)` gives an archive to validate and build, `open_release(folder)` a release to
verify, show and cite, `load_dataset(name_or_folder)` its rows. Importing the package is cheap:
each of these loads what it needs when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from microfiche.archive import open_archive
    from microfiche.load import load_dataset, path
    from microfiche.release import open_release

__version__ = "0.1.0"
__all__ = ["__version__", "load_dataset", "open_archive", "open_release", "path"]

HOMES = {
    "open_archive": "microfiche.archive",
    "open_release": "microfiche.release",
    "load_dataset": "microfiche.load",
    "path": "microfiche.load",
}


def __getattr__(name: str) -> Any:
    """The public function `name`, imported when first asked for."""
    if name not in HOMES:
        raise AttributeError(f"module 'microfiche' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(HOMES[name]), name)
