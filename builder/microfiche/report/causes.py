"""Findings by what caused them: each cause once, with how often it was met, where, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from microfiche.finding import CODES, SEVERITIES, Finding, Rule

FIRST_OF_CAPTURES = "MF300"  # codes below are of the archive's own files, by which others follow
MESSAGES, PLACES, LINES = 10, 20, 60  # of one code, of one message, of one capture


class Look(NamedTuple):
    """Where a finding stands: its file, the line of it, the address of its capture if one is known.

    `lines` are (kind, line) of the capture's text, as it was read.
    """

    path: str
    line: int | None
    url: str | None = None
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Met:
    """One message, how often it was met, the first places, and the first of them looked at."""

    message: str
    count: int
    places: Sequence[str]
    first: Look


@dataclass(frozen=True)
class Cause:
    """A code with all that was found of it; the first messages, those met most first."""

    code: str
    rule: Rule
    count: int
    met: Sequence[Met]
    n_more: int


def ranked_codes(counts: Iterable[tuple[str, int]]) -> list[str]:
    """Codes in the order to mend them in: errors, what others follow from, what is met most."""

    def rank(each: tuple[str, int]) -> tuple[int, bool, int, str]:
        code, count = each
        return SEVERITIES.index(CODES[code].severity), code >= FIRST_OF_CAPTURES, -count, code

    return [code for code, _ in sorted(counts, key=rank)]


def by_message(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one message each, those met most first."""
    held = _by(findings, lambda finding: finding.message)
    return sorted(held.values(), key=lambda each: (-len(each), each[0]))


def by_code(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings of each code, in their order."""
    return _by(findings, lambda finding: finding.code)


def _by(findings: Iterable[Finding], key: Callable[[Finding], str]) -> dict[str, list[Finding]]:
    held: dict[str, list[Finding]] = {}
    for finding in findings:
        held.setdefault(key(finding), []).append(finding)
    return held


def causes_of(findings: Sequence[Finding], look: Callable[[Finding], Look]) -> list[Cause]:
    """Every code that was found, each with its first messages looked at."""
    codes = by_code(findings)
    return [
        _cause(code, codes[code], look)
        for code in ranked_codes((code, len(held)) for code, held in codes.items())
    ]


def _cause(code: str, findings: Sequence[Finding], look: Callable[[Finding], Look]) -> Cause:
    messages = by_message(findings)
    met = [
        Met(
            held[0].message,
            len(held),
            [each.at for each in held[:PLACES]],
            _first(held, look),
        )
        for held in messages[:MESSAGES]
    ]
    n_more = sum(map(len, messages[MESSAGES:]))
    return Cause(code, CODES[code], len(findings), met, n_more)


def _first(held: Sequence[Finding], look: Callable[[Finding], Look]) -> Look:
    found = look(held[0])
    return found._replace(lines=found.lines[:LINES])
