"""A work as it is cited, and who made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Author:
    """Who made what is cited. `family` and `given` are the names of a person, as far as stated."""

    name: str
    family: str | None = None
    given: str | None = None
    orcid: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What is cited. Unknown is None.

    date       day it is of, if known to the day; `year` its year, if known at all
    edition    version and access of the release
    accessed   day on which it was retrieved, of an article or a capture
    archived   address of the capture in a web archive
    issued     day of the release, whatever the date of what is cited
    """

    kind: str
    key: str
    title: str
    authors: Sequence[Author]
    date: str | None
    year: str | None
    version: str
    edition: str
    publisher: str | None
    url: str | None
    doi: str | None
    note: str
    fingerprint: str
    dataset: Mapping[str, Any]
    issued: str
    accessed: str | None = None
    archived: str | None = None
