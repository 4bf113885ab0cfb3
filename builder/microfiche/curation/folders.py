"""Many files at once: what they would give is told first, then each is added.

The plan is made from records and addresses; no text is read for it but where nothing else tells the
outlet. A run that was killed is run again: what is there already is left alone.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.archive.files import is_left
from microfiche.captures import NO_CAPTURE
from microfiche.captures.files import FileSpan, captures_in
from microfiche.captures.observation import Observation, observe
from microfiche.captures.page import is_page_folder
from microfiche.captures.retrieval import LINES_FILE, SIDECAR, retrieval_of
from microfiche.curation.adding import Added, Candidate, candidate, store
from microfiche.engine import Progress, silent
from microfiche.errors import DataError, MicroficheError, unusable
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.naming import registered_host
from microfiche.outlets.registry import known_outlets

# A file, and what is known of its retrieval, or why that cannot be read.
Held = tuple[Path, "Mapping[str, Any] | MicroficheError"]


class Refused(NamedTuple):
    """A file that is not added, and why."""

    file: Path
    reason: str


@dataclass
class FilePlan:
    """What files would give.

    candidates   those that can be added, in their order
    refused      those that can't
    n_captures   captures in them; `kinds` by media type, or by what was found and is no article
    outlets      captures by outlet; `unclaimed` by registered host where no outlet claims it
    hosts, months   captures by host, and by month of retrieval
    n_unretrieved   captures without a time of retrieval
    n_faulty     captures that a build will reject for what their bytes or records are
    n_known      files that lie in the archive already
    """

    candidates: list[Candidate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    n_captures: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    outlets: Counter[str] = field(default_factory=Counter)
    unclaimed: Counter[str] = field(default_factory=Counter)
    hosts: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    n_unretrieved: int = 0
    n_faulty: int = 0
    n_known: int = 0
    n_restated: int = 0


def add_files(
    archive: Archive,
    files: Iterable[Held],
    told: Callable[[FilePlan], None],
    *,
    dry_run: bool = False,
    replace: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> Iterator[Added | Refused]:
    """Add files, each with what is known of its retrieval; `told` gets the plan before.

    `replace` as of `add`.

    What can't be added when it comes to it is refused, and the others are added. Raises DataError
    if none can be.
    """
    plan = plan_files(archive, list(files), progress, replaces=replace is not None)
    told(plan)
    if not plan.candidates:
        raise DataError("nothing was added: no file could be", "see the reasons above")
    for number, each in enumerate(() if dry_run else plan.candidates):
        progress("adding files", number, len(plan.candidates))
        try:
            yield store(archive, each, replace)
        except MicroficheError as error:
            yield refused(each.file, error)


def refused(file: Path, error: MicroficheError) -> Refused:
    """A file that an error keeps from being added; its name stands once."""
    return Refused(file, str(error).removeprefix(f"{file}: "))


def plan_files(
    archive: Archive, files: list[Held], progress: Progress = silent, *, replaces: bool = False
) -> FilePlan:
    """What files would give."""
    plan, books = FilePlan(), (archive.outlet_book(), known_outlets())
    for number, (file, record) in enumerate(files):
        progress("looking at files", number, len(files))
        if isinstance(record, MicroficheError):
            plan.refused.append(refused(file, record))
            continue
        try:
            found = candidate(archive, file, record, replaces=replaces)
            _count(plan, found, books)
        except MicroficheError as error:
            plan.refused.append(refused(file, error))
            continue
        except OSError as error:
            plan.refused.append(refused(file, unusable(file, error)))
            continue
        plan.candidates.append(found)
        plan.n_known += found.there
        plan.n_restated += found.stated is not None
    return plan


def _count(plan: FilePlan, found: Candidate, books: tuple[Outlets, ...]) -> None:
    """Count the captures of a file."""
    span = FileSpan(found.file.name, 0, found.file.stat().st_size)
    for capture in captures_in(found.file, span, DEFAULT_CAPTURE_LIMIT):
        if capture.media_type == NO_CAPTURE:
            continue
        plan.n_captures += 1
        if capture.body is None and capture.record is None:
            plan.n_faulty += 1
            continue
        seen = observe(capture._replace(retrieval={**capture.retrieval, **found.record}))
        kind = capture.media_type or "" if seen.outcome == "article" else seen.outcome
        plan.kinds["record" if capture.record is not None else kind] += 1
        plan.months[(seen.retrieved or "")[:7] or "unknown"] += 1
        plan.n_unretrieved += seen.retrieved is None
        if seen.address:
            plan.hosts[seen.address.host] += 1
        outlet_id = _claimed(seen, books)
        if outlet_id is None and seen.address:
            plan.unclaimed[registered_host(seen.address.host)] += 1
        else:
            plan.outlets[outlet_id or found.outlet_id] += 1


def _claimed(seen: Observation, books: tuple[Outlets, ...]) -> str | None:
    """The outlet that is stated, or that the host is of."""
    for outlets in books:
        if seen.outlet_id in outlets.by_id:
            return seen.outlet_id
        if seen.address and (claim := outlets.at(seen.address.host, None)):
            return claim[0].id
    return None


def files_in(folder: Path, apart: Path | None = None) -> list[Held]:
    """The files of a folder that may be captures, each with what its sidecar states.

    In the order of their paths. What systems and editors leave there, sidecars and what a browser
    saved beside a page are passed over, and so is what lies in the folder `apart`. With what cannot
    be read comes the error instead.
    """
    kept: list[Held] = []

    def unread(error: OSError) -> None:
        place = Path(error.filename or folder)
        kept.append((place, unusable(place, error)))

    for here, folders, names in os.walk(folder, onerror=unread):
        place = Path(here)
        folders[:] = [
            each
            for each in sorted(folders)
            if not _is_passed(each)
            and not is_page_folder(str(place / each))
            and (apart is None or (place / each).resolve() != apart)
        ]
        for name in sorted(names):
            file = place / name
            beside = name.endswith(SIDECAR) and (place / name.removesuffix(SIDECAR)).is_file()
            if _is_passed(name) or beside:
                continue
            if not file.is_file():
                kept.append((file, DataError("no regular file", "add files alone")))
                continue
            try:
                kept.append((file, record_beside(file)))
            except MicroficheError as error:
                kept.append((file, error))
    return sorted(kept, key=lambda each: each[0])


def _is_passed(name: str) -> bool:
    return name.startswith(".") or is_left(name) or name == LINES_FILE


def record_beside(file: Path) -> Mapping[str, Any]:
    """What is stated beside a file: in its sidecar, or a line of its folder. Raises DataError."""
    try:
        record, faults = retrieval_of(file)
    except (OSError, RecursionError) as error:
        raise DataError(f"{file}: its record cannot be read", "correct its sidecar") from error
    if wrong := [each for each in faults if each.code != "MF308"]:
        told = ": ".join(filter(None, (wrong[0].place, wrong[0].message)))
        raise DataError(f"{file}: {told}", "correct its record")
    return record
