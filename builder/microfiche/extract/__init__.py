"""A capture's bytes, or its ready record, as the fields of an article, each with its source.

Owns the shape `Description` that every kind of capture ends in. `record` reads ready records,
`text` reads plain text with the help of `layout` (lines to paragraphs), `bounds` (an outlet's own
rules of lines), `head` (what stands around a headline), `byline` (who is named as author) and
`boilerplate` (lines to take out). `page` reads HTML with `metadata`, `blocks`, `article` (which of
them are the article), `places` (what their elements say of that), `days` (which of a page's days is
its own) and an outlet's own `selectors`; `notice`, with its `phrases`, and `listing` know what is no
article. `trees` weigh what `shape`, `places`, `days` and `listing` measure. `bodies` counts what
ready records hold. `reading` chooses among them, `alone` reads one capture without an archive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from microfiche.captures import Fault
from microfiche.dates import Stated
from microfiche.extract.notice import Notice
from microfiche.text import Body


class FieldSource(NamedTuple):
    """Where a field's value was read and by which rule."""

    field: str
    source: str
    rule: str


class Description(NamedTuple):
    """What a capture says of its article; every string in normal form, unknown is None or empty.

    `canonical` is the address a page gives itself, `notice` what it shows where an article was.
    `rights` are those a record states of its article, by their
    columns. `access` is how much of the article the capture shows; `faults` what was found on the
    way.
    """

    body: Body
    title: str | None = None
    subtitle: str | None = None
    section_path: list[str] = []  # noqa: RUF012 - never changed in place
    byline: list[str] = []  # noqa: RUF012
    dateline: str | None = None
    stated: Stated | None = None
    modified_at: str | None = None
    language: str | None = None
    captions: list[str] = []  # noqa: RUF012
    keywords: list[str] = []  # noqa: RUF012
    free_access: bool | None = None
    rights: Mapping[str, str | None] | None = None
    sources: tuple[FieldSource, ...] = ()
    removed_lines: list[str] = []  # noqa: RUF012
    mirror_domains_stated: list[str] = []  # noqa: RUF012
    canonical: str | None = None
    notice: Notice | None = None
    access: str = "full"
    faults: tuple[Fault, ...] = ()

    @property
    def text(self) -> str:
        """The article's text."""
        return self.body.text
