"""Finding one article of a release by what somebody knows of it: id, address, headline."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from microfiche.errors import DataError
from microfiche.release import Release
from microfiche.url import Address, read_address

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 10
SCHEMES = ("https", "http")


def find(release: Release, wanted: str) -> str:
    """The id of the one article that is meant.

    `wanted` is an id or an alias; an address that it is or was captured from, on any host of its
    outlet, with http or https; the beginning of an id, with or without the outlet, or the outlet's
    own number; or words of a headline, of an earlier one if none has them now. Raises DataError if
    there is none, or several, which it names.
    """
    known = release.table("articles", ["article_id", "aliases", "title", "published", "url"])
    ids = known["article_id"].to_pylist()
    if not wanted.strip():
        raise DataError("no article: its name is empty", "give its id, its address or its headline")
    if wanted in ids or _is_alias(known, wanted):
        return wanted
    if release.select("withdrawn", "article_id", [wanted]):
        return wanted
    address = read_address(wanted if "://" in wanted else f"https://{wanted}")
    if address and ("://" in wanted or "/" in wanted):
        found = _at_address(release, address)
        if found or "://" in wanted:
            return _one(known, sorted(found), wanted)
    whole = ":" in wanted
    fitting = [each for each in ids if _begins(each if whole else _own(each), wanted)]
    words = wanted.casefold().split()
    titles = zip(ids, known["title"].to_pylist(), strict=True)
    fitting += [each for each, title in titles if title and _has_words(title, words)]
    if not fitting:  # a headline that it had before
        held = release.table("revisions", ["article_id", "title"]).to_pylist()
        fitting = [row["article_id"] for row in held if _has_words(row["title"] or "", words)]
    return _one(known, list(dict.fromkeys(fitting)), wanted)


def _is_alias(known: pa.Table, wanted: str) -> bool:
    return any(wanted in aliases for aliases in known["aliases"].to_pylist() if aliases)


def _begins(own: str, wanted: str) -> bool:
    """Whether an id begins so, or is the outlet's number that is wanted behind its prefix."""
    return own.startswith(wanted) or own.rpartition(":")[2].partition("-")[2] == wanted


def _own(article_id: str) -> str:
    """An id without its outlet."""
    return article_id.partition(":")[2]


def _has_words(title: str, words: Iterable[str]) -> bool:
    """Whether each word begins one of the headline's, in any order."""
    own = title.casefold().split()
    return all(any(each.lstrip("“”\"'‘’(«„").startswith(word) for each in own) for word in words)


def _at_address(release: Release, address: Address) -> set[str]:
    """Ids of articles that have an address, or were captured from it, on a host of its site."""
    spelled = {
        str(each._replace(scheme=scheme, path=path))
        for host in {address.host, *_sisters(release, address.host)}
        for scheme in SCHEMES
        for each in (address.on(host),)
        for path in _paths(address.path)
    }
    asked = sorted(spelled)
    tables = ("articles", "captures", "withdrawn")
    rows = [row for name in tables for row in release.select(name, "url", asked)]
    return {row["article_id"] for row in rows if row["article_id"]}


def _paths(path: str) -> tuple[str, ...]:
    """A path with and without its closing slash."""
    bare = path.rstrip("/")
    return (bare or "/", f"{bare}/")


def _sisters(release: Release, host: str) -> set[str]:
    """The other hosts of the outlet that a host is of, as its file names them."""
    for row in release.rows("outlets"):
        hosts = {domain["host"] for domain in row["domains"]}
        if host in hosts or host.removeprefix("www.") in hosts:
            return hosts
    return set()


def _one(known: pa.Table, found: list[str], wanted: str) -> str:
    """The only one of some articles. Raises DataError."""
    if len(found) == 1:
        return found[0]
    if not found:
        like = difflib.get_close_matches(wanted, known["article_id"].to_pylist(), 1, 0.8)
        raise DataError(
            f"no article {wanted}: neither an id, nor an address, nor words of a headline",
            f"did you mean {like[0]}?" if like else "list the ids with `microfiche show RELEASE`",
        )
    rows = {row["article_id"]: row for row in known.to_pylist()}
    shown = (rows[each] for each in found[:SHOWN] if each in rows)
    told = "".join(
        f"\n  {row['article_id']} {row['published'] or 'undated'} {row['title'] or '[no headline]'}"
        for row in shown
    )
    more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise DataError(f"{len(found)} articles are meant by {wanted}, give an id:{told}{more}")
