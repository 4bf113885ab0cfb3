"""From rows of somebody's table to records: what each cell says, or why a row does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from microfiche.archive import Archive
from microfiche.captures.cells import (
    UNZONED,
    as_flag,
    as_language,
    as_line,
    as_list,
    as_text,
    as_when,
    in_paragraphs,
    is_ambiguous,
    is_no_day,
    is_nothing,
    is_sectioned,
    order_of,
)
from microfiche.captures.delimited import Cells
from microfiche.captures.fragment import (
    fragment_lines,
    is_fragment,
    is_whole_page,
    plain_paragraphs,
)
from microfiche.captures.mapping import Mapped
from microfiche.captures.spreadsheet import Mismatch, read_zone
from microfiche.captures.tabular import Tabular
from microfiche.curation.plans import Plan
from microfiche.dates import Order
from microfiche.errors import CONTROL, in_words, printable
from microfiche.extract.boilerplate import removed_as
from microfiche.extract.byline import clean_names
from microfiche.fixity import canonical_json
from microfiche.outlets.naming import is_host
from microfiche.outlets.outlet import Outlet
from microfiche.outlets.registry import known_outlets
from microfiche.schema import record_type
from microfiche.text import loosely
from microfiche.url import read_address, why_unread

LINES, LISTS = ("title", "subtitle", "dateline"), ("captions", "section_path")
TURNED = re.compile(r"([^\W\d_][\w'’-]+),\s*([^\W\d_][\w'’-]*\.?)")
FLAGS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}
STATED_RETRIEVAL = ("retrieved_by", "method", "memento_url")
MAX_STAMP = 60
BARE = Outlet({"id": "bare", "name": ""})


@dataclass(frozen=True)
class Harvest:
    """How to read a table of articles.

    `stated` are columns by key; `defaults` the retrieval that holds for every row, with
    `outlet_id`; `order` which number of a day in numbers is the day; `by` who judged what the
    annotations say.
    """

    stated: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    preset: str | None = None
    zone: str | None = None
    order: Order = None
    by: str | None = None


class RowReader:
    """Reads rows into records, and keeps the plan."""

    def __init__(self, archive: Archive, table: Tabular, mapped: Mapped, how: Harvest) -> None:
        self.table, self.mapped, self.how = table, mapped, how
        self.plan = Plan(table.path, mapped, unread=table.unread)
        self.zone = read_zone(how.zone)
        self.books = (archive.outlet_book(), known_outlets())
        self.orders = self._survey()
        self.defaults = {key: value for key, value in how.defaults.items() if value is not None}
        self.is_valid = record_type("record").is_valid

    def _survey(self) -> dict[str, Order]:
        """Which number is the day, in columns of days that can be read two ways."""
        asked = {
            key: self.mapped.columns[key]
            for key in ("published", "modified_at", "retrieved_at")
            if key in self.mapped.columns
        }
        if self.how.order or not asked:
            return dict.fromkeys(asked, self.how.order)
        seen: dict[str, set[Order]] = {key: set() for key in asked}
        for _, cells in self.table.rows():
            for key, column in asked.items():
                cell = cells.get(column)
                if isinstance(cell, str) and len(cell) < 40:
                    seen[key] |= {order_of(cell)} - {None}
        orders = {
            key: next(iter(found)) if len(found) == 1 else None for key, found in seen.items()
        }
        self.plan.orders = {asked[key]: f"{order} first" for key, order in orders.items() if order}
        return orders

    def records(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(outlet, record) of every row that fits."""
        for number, cells in self.table.rows():
            self.plan.n_rows += 1
            row = _Row(number, cells, self.mapped)
            try:
                record = self._record(row)
                canonical_json(record)
            except (RecursionError, ValueError, OverflowError, TypeError, ArithmeticError) as error:
                told = printable(in_words(error))
                row.faults.append(Mismatch(number, "a cell", f"cannot be read: {told}"))
            if row.faults:
                self.plan.refuse(row.faults)
                continue
            self.plan.n_unzoned += row.unzoned
            self.plan.n_untimed += any(each.endswith(UNZONED) for each in row.untimed)
            self.plan.n_odd += row.odd or not all(each.endswith(UNZONED) for each in row.untimed)
            yield self.plan.take(record, self.books), record

    def _record(self, row: _Row) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for key, column in row.columns.items():
            if isinstance(cell := row.cells.get(column), str) and "\0" in cell:
                row.refuse(key, "NUL characters: a damaged cell, or another encoding")
        self._whose(row, record)
        page = self._body(row, record)
        if not page:
            self._fields(row, record)
            self._open(record)
        retrieval = self._retrieval(row)
        if annotations := self._annotations(row):
            record["annotations"] = annotations
        if retrieval:
            record["retrieval"] = retrieval
        if not row.faults and not self.is_valid(record):
            for pointer, message in record_type("record").explain(record):
                row.refuse(pointer.strip("/").partition("/")[0], message[:300])
        return record

    def _whose(self, row: _Row, record: dict[str, Any]) -> None:
        """The address and the publication of a row."""
        stated = row.line("url")
        if stated and read_address(stated) is None:
            row.refuse("url", f"{stated[:200]!r}: {why_unread(stated)}")
        elif stated:
            record["url"] = stated
        if outlet_id := row.line("outlet_id") or self.defaults.get("outlet_id"):
            record["outlet_id"] = outlet_id
        elif (name := row.line("publication")) and not (stated and is_host(name)):
            record["publication"] = CONTROL.sub("", name)[:300]
        if not stated and not record and not row.faults:
            row.refuse(
                "url", "no address and no publication: nothing says whose it is; give --outlet"
            )

    def _body(self, row: _Row, record: dict[str, Any]) -> bool:
        """The text of a row; whether it is a whole page, from which all else is read."""
        cell = row.cell("html")
        if is_nothing(cell):
            cell = row.cell("text")
        if is_sectioned(cell):
            cell = in_paragraphs(cell)
        if not is_nothing(cell) and not _is_text(cell):
            row.refuse(
                "text", f"{type(cell).__name__} where a text or a list of lines is asked for"
            )
            cell = None
        text = as_text(cell) if isinstance(cell, list) else "" if is_nothing(cell) else str(cell)
        if is_whole_page(text):
            record["html"] = text
            self.plan.pages += 1
            return True
        apart = is_fragment(text)
        lines = fragment_lines(text) if apart else plain_paragraphs(as_text(text))
        kept = [each for each in lines if removed_as(each, BARE) is None]
        body = "\n\n".join(kept)
        if not body:
            row.refuse("text", "no text")
        record["text"] = body
        return False

    def _fields(self, row: _Row, record: dict[str, Any]) -> None:
        for key in LINES:
            if line := row.line(key):
                record[key] = " ".join(fragment_lines(line)) if is_fragment(line) else line
        if stated := row.line("language"):
            if language := as_language(stated):
                record["language"] = language
            else:
                self.plan.left_out["language", stated[:80]] += 1
        for key in LISTS:
            if not is_nothing(row.cell(key)) and (items := as_list(row.cell(key), commas=False)):
                record[key] = items
        if not is_nothing(row.cell("keywords")):
            record["keywords"] = as_list(row.cell("keywords"), commas=True)
        if not is_nothing(row.cell("byline")):
            names = [_turned(each) for each in as_list(row.cell("byline"), commas=False)]
            record["byline"] = list(clean_names(names)) or names
        if not is_nothing(row.cell("free_access")):
            record["free_access"] = as_flag(row.cell("free_access"))
        for key in ("published", "modified_at"):
            self._day(row, key, record)

    def _open(self, record: dict[str, Any]) -> None:
        """Take headline and day off the top of the text, where a tool left them there too."""
        paragraphs = record["text"].split("\n\n")
        while len(paragraphs) > 1 and self._is_told(paragraphs[0], record):
            del paragraphs[0]
        record["text"] = "\n\n".join(paragraphs)

    def _is_told(self, paragraph: str, record: Mapping[str, Any]) -> bool:
        """Whether a paragraph is what other cells say: the headline, or the day."""
        if loosely(paragraph) == loosely(record.get("title", "")):
            return True
        day = str(record.get("published", ""))[:10]
        if not day or len(paragraph) > MAX_STAMP:
            return False
        when = as_when(paragraph, self.zone, self.orders.get("published"))
        return when is not None and day in (when.day, (when.at or "")[:10])

    def _day(self, row: _Row, key: str, record: dict[str, Any]) -> None:
        cell = row.cell(key)
        if is_nothing(cell) or is_no_day(cell):
            return
        when = as_when(cell, self.zone, self.orders.get(key))
        if when is None:
            row.refuse(key, self._unread(cell))
        else:
            record[key] = when.at or when.day
            if not when.zoned:
                row.untimed.append(f"{key} {as_line(cell)}, {when.why}")

    def _unread(self, cell: Any) -> str:
        if is_ambiguous(cell):
            return f"{str(cell)[:80]!r} can be read two ways; give --day-first or --month-first"
        return (
            f"{str(cell)[:80]!r} is no date that can be read, or no day there is; write YYYY-MM-DD"
        )

    def _retrieval(self, row: _Row) -> dict[str, Any]:
        """What is known of how a row was captured; a time without a zone goes to the notes."""
        known = {key: self.defaults[key] for key in self.defaults if key != "outlet_id"}
        notes = [known.pop("notes")] if "notes" in known else []
        for key in STATED_RETRIEVAL:
            if line := row.line(key):
                known[key] = line
        if note := row.line("notes"):
            notes.insert(0, note)
        notes += row.untimed
        status = row.line("http_status")
        if status and status.isdecimal() and len(status) < 5:
            known["http_status"] = int(status)
        elif status:
            self.plan.left_out["http_status", status[:80]] += 1
        cell = row.cell("retrieved_at")
        if not is_nothing(cell) and not is_no_day(cell):
            when = as_when(cell, self.zone, self.orders.get("retrieved_at"))
            if when is None:
                row.refuse("retrieved_at", self._unread(cell))
            else:
                known["retrieved_at"] = when.at or when.day
                if not (when.at or when.zoned):
                    row.unzoned = when.why == UNZONED
                    row.odd |= not row.unzoned
                    notes.append(f"retrieved {as_line(cell)}, {when.why}")
        if notes:
            known["notes"] = "; ".join(notes)
        return known

    def _annotations(self, row: _Row) -> list[dict[str, str]]:
        """What somebody judges of the article."""
        found = []
        for name, column in self.mapped.annotations.items():
            cell = row.cells.get(column)
            if is_nothing(cell):
                continue
            listed = isinstance(cell, list)
            values = as_list(cell, commas=False) if listed else [as_line(cell)]
            values = [FLAGS.get(each, each) for each in values if each]
            if not values:
                continue
            stated = {"name": name, "value": "; ".join(values)[:2000]}
            found.append(stated | ({"by": self.how.by} if self.how.by else {}))
        return found


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str) or (
        isinstance(cell, list) and all(isinstance(each, str) for each in cell)
    )


def _turned(name: str) -> str:
    """`Quill, Ada`, one word before a comma and one behind, as the name is said."""
    match = TURNED.fullmatch(name)
    return f"{match[2]} {match[1]}" if match else name


@dataclass
class _Row:
    """A row by key, with what does not fit in it."""

    number: int
    cells: Cells
    mapped: Mapped
    faults: list[Mismatch] = field(default_factory=list)
    unzoned: bool = False
    untimed: list[str] = field(default_factory=list)
    odd: bool = False

    @property
    def columns(self) -> Mapping[str, str]:
        return self.mapped.columns

    def cell(self, key: str) -> Any:
        """The cell of a key; None without one."""
        column = self.columns.get(key)
        return None if column is None else self.cells.get(column)

    def line(self, key: str) -> str | None:
        """The cell of a key as a line; None if it says nothing."""
        cell = self.cell(key)
        return None if is_nothing(cell) else as_line(cell)

    def refuse(self, key: str, message: str) -> None:
        """Say what does not fit."""
        self.faults.append(Mismatch(self.number, self.columns.get(key, key), message))
