"""Captures to articles and revisions.

Owns what one capture alone gives, a `Draft`: `draft` makes it, `correcting` puts in what a curator
knows better, `identity` names it, `plausibility` doubts it, `rows` lays it out as rows. `linking`
finds which captures have company, `works` tells apart what is not one article (`edits` compares two
states), `merging` makes one of the rest, `revisions` tells its texts apart, `similarity` compares
texts.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from microfiche.captures import Capture, Fault
from microfiche.captures.observation import Observation
from microfiche.dates import Stated, edtf_span
from microfiche.extract import Description, FieldSource
from microfiche.outlets.origin import Origin
from microfiche.outlets.outlet import Outlet


class Published(NamedTuple):
    """When an article was published, as the columns of these names say."""

    published: str | None = None
    published_at: str | None = None
    published_earliest: str | None = None
    published_latest: str | None = None
    published_stated: str | None = None
    published_zone: str | None = None

    @staticmethod
    @functools.lru_cache(maxsize=65536)
    def of(stated: Stated, own_zone: str | None) -> Published:
        """The columns of a date as it is stated; `own_zone` is how its zone is known else."""
        span = edtf_span(stated.published)
        if span is None:
            return UNDATED
        return Published(
            stated.published,
            stated.at,
            span.earliest,
            span.latest,
            stated.stated,
            None if stated.zone == "unknown" else stated.zone or own_zone,
        )


UNDATED = Published()


class Article(NamedTuple):
    """The article that one capture shows, read to its end.

    work      where it is published: at the address captured, or where its canonical link leads
    sources   where its fields were read, sorted
    """

    revision_id: str
    work: Origin
    outlet: Outlet
    described: Description
    published: Published
    language: str | None
    rights: Mapping[str, str | None]
    text_sha256: str
    captions_sha256: str | None
    sources: tuple[FieldSource, ...]


class Kept(NamedTuple):
    """A capture that is kept: what it found, and the article that it shows.

    sha256    of its bytes; None without
    own_id    the article id that it alone gives, also where it found no article; None if it gives
              none
    also_id   the one that its address gives, which is another where a canonical link leads on; None
              without an article
    article   None for other outcomes
    """

    capture: Capture
    seen: Observation
    origin: Origin
    sha256: str | None
    capture_id: str
    charset: str | None
    own_id: str | None
    also_id: str | None = None
    article: Article | None = None

    @property
    def access(self) -> str:
        """How much of the article is shown: as stated, else as it was read."""
        read = self.article.described.access if self.article else "unknown"
        return self.capture.retrieval.get("access") or read

    @property
    def other_id(self) -> str | None:
        """The id that its address gives, if that is another; else None."""
        return self.also_id if self.also_id != self.own_id else None


class Draft(NamedTuple):
    """What one capture gives, and all that was found on the way; without `kept` it is rejected."""

    capture: Capture
    faults: tuple[Fault, ...]
    kept: Kept | None = None
