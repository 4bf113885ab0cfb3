"""What the rows of a table or the articles of an export would give: told before they are added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from microfiche.captures.mapping import Mapped
from microfiche.captures.spreadsheet import Mismatch
from microfiche.curation.replacing import Replacement
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.naming import host_slug, name_slug, registered_host
from microfiche.url import Address, read_address

KEPT_REFUSALS = 1000


@dataclass
class Plan:
    """What a table or an export gives, before any of it is in the archive.

    columns      what each column says, and what was guessed
    database     press database that the file was exported from; None for a table
    from_registry   ids of outlets whose files the archive takes from the registry
    n_rows       rows of the table; `n_fit` of them become captures
    outlets      captures by outlet; `unclaimed` those of hosts and names that no outlet claims
    hosts, months   captures by host, and by month of publication
    n_undated, n_unretrieved   captures without a day of publication, without a time of retrieval
    n_unzoned, n_untimed   captures whose time of retrieval, of publication or change states no zone
    n_odd        captures with a time that is none, on its clock or in its zone
    unread       parts of the table that are not read, such as further sheets
    orders       which number of days in numbers is taken for the day, by column
    refused      rows that do not fit, with the cell, the fault and the remedy: the first 1,000
    n_refused    all of them
    n_twice      captures whose record is that of one before
    pages        rows whose cell holds a whole page, which is read instead of the other cells
    left_out     cells that say nothing that could be used, by key and cell, in rows that fit
    known        files of captures that lie in the archive already
    earlier      what a table of this name is called that was added before, with other content
    replaces     what it changes of that, if it is to stand in its place
    """

    source: Path
    columns: Mapped
    n_rows: int = 0
    n_fit: int = 0
    outlets: Counter[str] = field(default_factory=Counter)
    unclaimed: Counter[str] = field(default_factory=Counter)
    hosts: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    n_undated: int = 0
    n_unretrieved: int = 0
    n_unzoned: int = 0
    n_untimed: int = 0
    n_odd: int = 0
    n_twice: int = 0
    orders: dict[str, str] = field(default_factory=dict)
    refused: list[Mismatch] = field(default_factory=list)
    n_refused: int = 0
    pages: int = 0
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    known: list[Path] = field(default_factory=list)
    database: str | None = None
    unread: tuple[str, ...] = ()
    from_registry: set[str] = field(default_factory=set)
    earlier: str | None = None
    replaces: Replacement | None = None

    def take(self, record: Mapping[str, Any], books: Sequence[Outlets]) -> str:
        """Count a record that fits; the outlet that it is of, or the id that one would have.

        `books` are the archive's outlets and the registry's.
        """
        self.n_fit += 1
        address = read_address(record["url"]) if "url" in record else None
        if address:
            self.hosts[address.host] += 1
        if "html" not in record:
            self.months[str(record.get("published", ""))[:7] or "undated"] += 1
            self.n_undated += "published" not in record
        self.n_unretrieved += "retrieved_at" not in record.get("retrieval", {})
        for outlets, new in zip(books, (False, True), strict=True):
            if outlet_id := claimed_by(outlets, record, address):
                if new:
                    self.from_registry.add(outlet_id)
                self.outlets[outlet_id] += 1
                return outlet_id
        if "outlet_id" in record:
            self.unclaimed[record["outlet_id"]] += 1
            return str(record["outlet_id"])
        self.unclaimed[registered_host(address.host) if address else record["publication"]] += 1
        return host_slug(address.host) if address else name_slug(record["publication"])

    def refuse(self, found: list[Mismatch]) -> None:
        """Take down a row that does not fit."""
        self.n_refused += 1
        if len(self.refused) < KEPT_REFUSALS:
            self.refused += found


def claimed_by(outlets: Outlets, record: Mapping[str, Any], address: Address | None) -> str | None:
    """The outlet that a record is of: as stated, by its host, by the publication's name."""
    if "outlet_id" in record:
        return record["outlet_id"] if record["outlet_id"] in outlets.by_id else None
    if address and (claim := outlets.at(address.host, None)):
        return claim[0].id
    named = outlets.named(record["publication"]) if "publication" in record else None
    return named.id if named else None
