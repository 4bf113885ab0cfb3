"""How a build of the same ended: what it is a function of, as one digest, and what it found.

Where nothing that bears on a build has changed since one that changed nothing, there is nothing
to be done again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from microfiche.archive import Archive
from microfiche.captures.expected import FOLDER
from microfiche.finding import CODES, Finding
from microfiche.fixity import file_digest, sha256_hex
from microfiche.pipeline import BuildOptions
from microfiche.pipeline.cache import Cache, digest_of
from microfiche.pipeline.recognising import Holdings
from microfiche.release import Release

PROMISES = "MF6"  # codes of findings that speak of the release before


def end_key(
    cache: Cache,
    archive: Archive,
    options: BuildOptions,
    earlier: Sequence[Release],
    held: Holdings,
) -> str | None:
    """Digest of all that a build is a function of; None if that is not known.

    None too for a build that is to give a version or a signature. `earlier` are the release before
    and all others at hand.
    """
    if options.version is not None or options.sign is not None or held.digest is None:
        return None
    files = {path: sha256_hex(octets) for path, octets in sorted(archive.files.items())}
    try:
        lists = _lists(archive.raw / FOLDER)
        releases = [[str(each.root.resolve()), *_stamps(each.root)] for each in earlier]
    except OSError:
        return None
    reading = [options.access, options.extract, options.max_capture_bytes, options.reread]
    found = [list(_parts(each)) for each in archive.findings]
    return digest_of(cache.reader, reading, files, found, lists, releases, held.digest)


def _lists(folder: Path) -> list[list[Any]]:
    """Everything under a folder, files with their digests. Raises OSError."""
    found: list[list[Any]] = []
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            file = Path(place) / name
            digest = file_digest(file)[1] if file.is_file() else ""
            found.append([str(file.relative_to(folder)), os.path.realpath(file), digest])
    return found


def _stamps(release: Path) -> list[tuple[str, int, int]]:
    """Path, size and time of each file of a release. Raises OSError."""
    files = sorted(each for each in release.rglob("*") if each.is_file())
    stats = [(str(each.relative_to(release)), each.stat()) for each in files]
    return [(path, at.st_size, at.st_mtime_ns) for path, at in stats]


def _parts(finding: Finding) -> tuple[str, str, str, str]:
    return finding.where, finding.place, finding.code, finding.message


def as_json(findings: Sequence[Finding], counts: Mapping[str, int]) -> dict[str, Any]:
    """What a build found, to be kept."""
    return {"findings": [_parts(each) for each in findings], "counts": dict(counts)}


def from_json(held: Mapping[str, Any]) -> tuple[tuple[Finding, ...], dict[str, int]]:
    """(findings, counts by code) of what was kept. Raises one of `BROKEN` if it is broken."""
    findings = tuple(Finding(*each) for each in held["findings"])
    counts = {str(code): int(count) for code, count in held["counts"].items()}
    if not counts.keys() <= CODES.keys() or any(each.code not in counts for each in findings):
        raise ValueError("findings that there are not")
    return findings, counts


def told_of_promises(counts: Mapping[str, int]) -> bool:
    """Whether findings speak of what an earlier release promised: after this one they would not."""
    return any(code.startswith(PROMISES) for code in counts)
