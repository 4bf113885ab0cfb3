"""CHANGES.md: what a reader of the release before should know. Of withdrawn articles only ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from microfiche.describe import plain, table
from microfiche.describe.facts import Facts

MEANINGS = {
    "added": "new in this release",
    "revised": "other revisions than before",
    "enriched": "same revisions, other columns differ",
    "withdrawn": "taken out; the reason stands in `withdrawn`",
    "replaced": "another identifier stands for it now",
    "removed": "gone without a withdrawal",
}


def changes_page(manifest: Mapping[str, Any], facts: Facts) -> str:
    """The whole page, for a release that has one before it."""
    before = manifest["previous"]
    reasons = "\n".join(f"- {plain(reason)}" for reason in manifest["version_reasons"])
    counted = [
        (change, plain(cause), f"{count:,}", MEANINGS[change])
        for (change, cause), count in sorted(facts.changes.items())
    ]
    parts = [
        f"# Changes of {plain(manifest['title'])} in version {manifest['version']}",
        f"Since version {before['version']} (fingerprint `{before['fingerprint']}`, "
        f"release digest `{before['release_sha256']}`). Version {manifest['version']}, "
        f"fingerprint `{manifest['fingerprint']}`, is of {manifest['date']}.",
        f"## Why this version\n\n{reasons}",
        "## Articles\n\n" + _articles(counted, facts),
        *([_reread(facts.n_reread)] if facts.n_reread else []),
        "What changed before stands in the CHANGES.md of earlier releases.",
    ]
    return "\n\n".join(parts) + "\n"


def _reread(count: int) -> str:
    """What became of revisions that are read otherwise."""
    told = "revision is" if count == 1 else "revisions are"
    return (
        f"## Revisions read anew\n\nThe captures of {count:,} {told} read otherwise than before, "
        "so that another identifier stands for each. Rows of `changes` with the change `reread` "
        "pair the two, and `microfiche cite --revision` takes either."
    )


def _articles(counted: list[tuple[str, str, str, str]], facts: Facts) -> str:
    if not counted:
        return "No record of an article was added, changed or taken out."
    rows = [
        (
            *(change, plain(cause), f"`{article_id}`"),
            f"`{new_id}`" if new_id else plain(title or ""),
        )
        for change, cause, article_id, title, new_id in facts.listed
    ]
    more = sum(facts.changes.values()) - len(rows)
    rest = f"\n\nand {more:,} more; the table `changes` has them all." if more else ""
    return (
        table(("Change", "Cause", "Articles", "Meaning"), counted)
        + "\n\n"
        + table(("Change", "Cause", "Article", "Title now, or identifier"), rows)
        + rest
    )
