"""What captures show of outlets that have no file yet: hosts, names, languages, days, addresses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.captures import Capture
from microfiche.captures.files import captures_in, list_files
from microfiche.captures.observation import Observation, observe
from microfiche.engine import Progress
from microfiche.errors import unusable
from microfiche.extract.alone import outlet_named, read_alone
from microfiche.extract.blocks import parse_page
from microfiche.extract.metadata import read_metadata
from microfiche.extract.reading import decoded
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.naming import host_slug, name_slug, registered_host
from microfiche.text import loosely, normal_line
from microfiche.url import read_address

READ_WHOLE = 40  # captures of an outlet that are read; of the others only the addresses count
ENDING = re.compile(r"\s+[|–—·»:-]\s+")
UNZONED = re.compile(r"T[0-9:.]+$")
MAX_NAME, MAX_TITLE = 60, 1000
DIRECTED = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LEAST_ENDINGS, ENDING_SHARE = 3, 0.6


@dataclass
class Shown:
    """What is known of an outlet without a file.

    `names` and `languages` are counted over what was read, with where they stand; `hosts` and
    `paths` over all captures; `linked` are hosts that pages name as their canonical ones,
    `n_apart` how many captures are pages or texts, not records, `n_pages` how many pages were read,
    `n_unzoned` how many state a time of publication and no zone. `named` tells that it is asked for
    by its name, `endings` what the titles of pages end in, behind a sign.
    """

    outlet_id: str
    asked: str
    hosts: Counter[str] = field(default_factory=Counter)
    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    languages: Counter[tuple[str, str]] = field(default_factory=Counter)
    linked: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    dated: Counter[str] = field(default_factory=Counter)
    paths: dict[str, None] = field(default_factory=dict)
    n_captures: int = 0
    n_read: int = 0
    n_pages: int = 0
    n_apart: int = 0
    n_unzoned: int = 0
    named: bool = False

    @property
    def told(self) -> str | None:
        """What the titles of most pages end in: the outlet's name; None where they do not agree."""
        ranked = sorted(self.endings.items(), key=lambda each: (-each[1], each[0]))[:1]
        return next(
            (
                name
                for name, count in ranked
                if count >= LEAST_ENDINGS and count >= ENDING_SHARE * self.n_pages
            ),
            None,
        )


def survey(
    archive: Archive, outlets: Outlets, wanted: str | None, progress: Progress
) -> dict[str, Shown]:
    """What captures show of outlets that have no file, by registered host or by name."""
    found: dict[str, Shown] = {}
    spans = list(list_files(archive.holdings))
    for number, span in enumerate(spans):
        progress("reading captures", number, len(spans))
        file = archive.holdings / span.path
        try:
            for capture in captures_in(file, span, DEFAULT_CAPTURE_LIMIT):
                _look(capture, outlets, wanted, found)
        except OSError as error:
            raise unusable(file, error) from error
    return _joined(found)


def _joined(found: dict[str, Shown]) -> dict[str, Shown]:
    """Outlets of captures without a host joined with the one that publishes under their name."""
    named: dict[str, set[str]] = {}
    for key, shown in found.items():
        if shown.hosts:
            names = {name for name, _ in shown.names} | set(filter(None, [shown.told]))
            for name in names:
                named.setdefault(_folded(name), set()).add(key)
    kept = {}
    for key, shown in found.items():
        owners = named.get(_folded(shown.asked), set()) if not shown.hosts else set()
        if len(owners) == 1:
            owner = found[next(iter(owners))]
            owner.n_captures += shown.n_captures
            owner.names += shown.names
        else:
            kept[key] = shown
    return kept


def _folded(name: str) -> str:
    """A name as it is told from others: without case, signs and the article before it."""
    return loosely(name).removeprefix("the ").removeprefix("die ").strip(" .")


def _look(capture: Capture, outlets: Outlets, wanted: str | None, found: dict[str, Shown]) -> None:
    if not capture.media_type or (capture.record is None and capture.body is None):
        return
    seen = observe(capture)
    if seen.outlet_id in outlets.by_id or (seen.address and outlets.at(seen.address.host, None)):
        return
    if seen.publication and not seen.address and outlets.named(seen.publication):
        return
    key, slug = _key(seen)
    if key is None or slug is None or (wanted is not None and key != wanted):
        return
    by_name = not (seen.outlet_id or seen.address)
    shown = found.setdefault(key, Shown(slug, key, named=by_name))
    shown.n_captures += 1
    shown.n_apart += capture.record is None
    if seen.address:
        shown.hosts[seen.address.host] += 1
        shown.paths[seen.address.target] = None
    if seen.publication:
        shown.names[seen.publication, "as its table or database spells it"] += 1
    if shown.n_read < READ_WHOLE and seen.outcome == "article":
        shown.n_read += 1
        _read(capture, shown)


def _key(seen: Observation) -> tuple[str | None, str | None]:
    """(what captures of one outlet have in common, the id that it would have)."""
    if seen.outlet_id:
        return seen.outlet_id, seen.outlet_id
    if seen.address:
        return registered_host(seen.address.host), host_slug(seen.address.host)
    if seen.publication:
        return seen.publication.casefold(), name_slug(seen.publication)
    return None, None


def _read(capture: Capture, shown: Shown) -> None:
    """Take what a capture says of its outlet."""
    record = capture.record
    if record is not None:
        if language := record.get("language"):
            shown.languages[language, "as its table states"] += 1
        else:
            body = str(record.get("text") or " ".join(record.get("paragraphs", ())))
            shown.languages[_detected(body), "detected in texts"] += 1
        shown.dated["stated in its record" if "published" in record else "undated"] += 1
        return
    held = decoded(capture)
    reading = read_alone(capture, outlet_named(None))
    source = reading.field_sources.get("published")
    shown.dated[": ".join(source) if source else "undated"] += 1
    shown.n_unzoned += bool(UNZONED.search(reading.published or ""))
    stated = "language" in reading.field_sources and reading.language
    language = reading.language or _detected(reading.text)
    shown.languages[language, "as its pages state" if stated else "detected in texts"] += 1
    if held.is_page:
        root, _ = parse_page(held.text)
        said = None if root is None else read_metadata(root)
        for name in said.site_names[:1] if said else ():
            shown.names[normal_line(DIRECTED.sub("", name))[:200], "as its pages state"] += 1
        link = read_address(said.canonical) if said and said.canonical else None
        if link:
            shown.linked[link.host] += 1
        title = None if root is None else root.findtext(".//head/title")
        parts = ENDING.split(normal_line(DIRECTED.sub("", (title or "")[:MAX_TITLE])))
        shown.n_pages += 1
        if len(parts) > 1 and len(parts[-1]) <= MAX_NAME:
            shown.endings[parts[-1]] += 1


def _detected(text: str) -> str:
    from resiliparse.parse.lang import detect_fast

    language, _ = detect_fast(text[:3000]) if len(text) > 100 else ("unknown", 0)
    return str(language)
