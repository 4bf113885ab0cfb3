"""Which revision an earlier release's is here: `changes` pairs those that a reader reads anew."""

from __future__ import annotations

from collections.abc import Iterator

from microfiche.errors import DataError
from microfiche.release import Release, Row
from microfiche.release.opening import open_release, previous_folder


def revision_of(release: Release, article: Row, wanted: str | None = None) -> Row:
    """As `Release.revision`; a revision of an earlier release too, if a pair leads from it here.

    Raises DataError, which names the release before that has it, if one at hand has.
    """
    ids = {article["article_id"], *article["aliases"]}
    known = {row["revision_id"] for row in release.revisions(article["article_id"])}
    if wanted is None or wanted in known or wanted.isdigit():
        return release.revision(article, wanted)
    pairs: list[dict[str, str]] = []
    for each in line_of(release):
        rows = each.select("changes", "change", ["reread"])
        own = (row for row in rows if {row["article_id"], row["new_id"]} & ids)
        pairs.append({row["revision_id_before"]: row["revision_id"] for row in own})
        if wanted in pairs[-1]:
            now = wanted
            for step in reversed(pairs):
                now = step.get(now, now)
            if now in known:
                return release.revision(article, now)
    for each in line_of(release):
        if any(
            row["article_id"] in ids for row in each.select("revisions", "revision_id", [wanted])
        ):
            raise DataError(
                f"version {release.version} has no revision {wanted} of {article['article_id']}, "
                f"but version {each.version} has",
                f"name that release: {each.root}",
            )
    return release.revision(article, wanted)


def stated_revision(release: Release, article: Row, wanted: str) -> Row:
    """A revision as the release, or the newest before it at hand, has it by its own id.

    Raises DataError, as `revision_of`.
    """
    ids = {article["article_id"], *article["aliases"]}
    for each in line_of(release):
        for row in each.select("revisions", "revision_id", [wanted]):
            if row["article_id"] in ids:
                return each.revision(each.article(row["article_id"]), wanted)
    return revision_of(release, article, wanted)


def line_of(release: Release) -> Iterator[Release]:
    """A release, the one before, and so on as far as they lie beside it."""
    at: Release | None = release
    while at is not None:
        yield at
        place = previous_folder(at)
        at = None if place is None else open_release(place)
