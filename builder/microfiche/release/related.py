"""What a release holds of one article beside its row."""

from __future__ import annotations

from typing import NamedTuple

from microfiche.release import Release, Row


class Related(NamedTuple):
    """An article's row with the rows of other tables that are of it.

    captures   every capture, in the order of retrieval
    revisions  every state that was seen, in order, each with its text if that is shown
    outlet     who published it
    links      articles whose texts are like it, from either side
    annotations  what somebody judges of it
    """

    article: Row
    captures: list[Row]
    revisions: list[Row]
    outlet: Row
    links: list[Row]
    annotations: list[Row]
    corrections: list[Row]

    def __repr__(self) -> str:
        """Short, for a notebook."""
        counts = (
            f"{name}: {len(getattr(self, name))}" for name in ("captures", "revisions", "links")
        )
        return f"<{self.article['article_id']}, {', '.join(counts)}>"


def related(release: Release, article_id: str) -> Related:
    """What belongs to an article, by its id or an alias. Raises DataError if it is not there."""
    article = release.article(article_id)
    own = [article["article_id"]]
    links = [row for end in ("from_id", "to_id") for row in release.select("links", end, own)]
    return Related(
        article,
        release.select("captures", "article_id", own),
        release.revisions(own[0]),
        release.select("outlets", "outlet_id", [article["outlet_id"]])[0],
        links,
        release.select("annotations", "article_id", own),
        release.select("corrections", "article_id", own),
    )
