"""Addresses of places: which are ones, and the folder at one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from microfiche.distribute.outside import one_line, outside, told
from microfiche.errors import CannotRun, UsageError, printable

SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
# Schemes of fsspec that stand for no place of their own: this process, a cache, another's pages.
NO_PLACES = frozenset(
    ("arrow_hdfs", "blockcache", "cached", "data", "dbfs", "dir", "file", "filecache", "generic",
     "gist", "git", "github", "http", "https", "jlab", "jupyter", "libarchive", "local", "memory",
     "reference", "root", "simplecache", "tar", "zip")
)  # fmt: skip
WRITTEN = "give hf://datasets/ORG/NAME, s3://BUCKET/PREFIX, file:///FOLDER or zenodo://"


def check_address(url: str) -> tuple[str, str]:
    """(scheme, the rest) of an address.

    Raises UsageError for one that is none, or that has a password in it.
    """
    scheme, colon, rest = url.partition("://")
    if not colon or not SCHEME.fullmatch(scheme) or not rest.strip("/"):
        raise UsageError(f"{one_line(url)}: no address", WRITTEN)
    place = rest.partition("/")[0]
    if "@" in place and scheme != "hf":
        raise UsageError(
            f"{scheme}://…: the address has a user or a password in it",
            "give these by the environment, or the login of the store's own tools",
        )
    if not printable(url).isprintable() or printable(url) != url:
        raise UsageError(f"{one_line(url)}: control characters in an address", WRITTEN)
    return scheme, rest


def remote(url: str) -> Path:
    """A folder at an address that fsspec knows, with the ways of a path.

    Raises UsageError for an address that is no place of its own, CannotRun.
    """
    from upath import UPath

    scheme, rest = check_address(url)
    if scheme in NO_PLACES:
        raise UsageError(
            f"{one_line(url)}: {scheme}:// is no place to publish to or read from", WRITTEN
        )
    if any(part in ("", ".", "..") for part in rest.rstrip("/").split("/")):
        raise UsageError(f"{one_line(url)}: an empty step or dots in an address", WRITTEN)
    try:
        with outside(one_line(url)):
            found: Any = UPath(url)
            found.fs  # noqa: B018 - the file system is made when first asked for
    except CannotRun as error:
        cause = error.__cause__
        if isinstance(cause, ImportError):
            extra = "install microfiche with its extra `s3`, or s3fs"
            remedy = extra if scheme == "s3" else "install the package that fsspec has for it"
            raise CannotRun(f"{one_line(url)}: {told(cause)}", remedy) from cause
        if isinstance(cause, ValueError):
            raise UsageError(f"{one_line(url)}: {told(cause)}", WRITTEN) from cause
        raise
    return found  # type: ignore[no-any-return]
