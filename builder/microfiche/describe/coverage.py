"""What is there and what is not, in words: from the table of coverage and the captures."""

from __future__ import annotations

from collections.abc import Sequence

from microfiche.describe import counted, plain, table
from microfiche.describe.facts import Facts, ranked

LISTED = 24


def coverage(facts: Facts) -> str:
    """Periods, addresses and captures as a card and a datasheet state them."""
    parts = [_periods(facts), _addresses(facts), _captures(facts)]
    note = "The table `coverage` has a row for each period and each address."
    return "\n\n".join([*(part for part in parts if part), note])


def _periods(facts: Facts) -> str:
    rows = []
    for outlet_id, states in sorted(facts.periods.items()):
        every = sorted(subject for subjects in states.values() for subject in subjects)
        empty = sorted({*states.get("missing", ()), *states.get("failed", ())})
        have = f"{len(every) - len(empty):,} of {len(every):,}"
        rows.append((f"`{outlet_id}`", f"{every[0]} to {every[-1]}", have, listed(empty) or "none"))
    if not rows:
        return "No article and no expected address is dated, so nothing is said of periods."
    return table(("Outlet", "Period", "With articles", "Without"), rows)


def listed(periods: Sequence[str]) -> str:
    """Periods as words, at most two dozen of them."""
    more = f" and {len(periods) - LISTED:,} more" if len(periods) > LISTED else ""
    return ", ".join(periods[:LISTED]) + more


def _addresses(facts: Facts) -> str:
    total = sum(facts.addresses.values())
    if not total:
        return "No list of expected addresses was given, so nothing is said of what was not tried."
    states = {"captured": 0, "failed": 0, "missing": 0}
    causes: dict[str, int] = {}
    for (state, cause), count in facts.addresses.items():
        states[state] += count
        if state == "failed":
            causes[str(cause)] = causes.get(str(cause), 0) + count
    why = ", ".join(f"{plain(cause)} {count:,}" for cause, count in ranked(causes))
    return (
        f"Addresses that were expected or tried in vain: {total:,}. With an article: "
        f"{states['captured']:,}; never captured: {states['missing']:,}; captured in vain: "
        f"{states['failed']:,}{f' ({why})' if why else ''}."
    )


def _captures(facts: Facts) -> str:
    outcomes = ", ".join(f"{plain(name)} {count:,}" for name, count in ranked(facts.outcomes))
    total = counted(sum(facts.outcomes.values()), "capture")
    return f"{total}, made {gathered(facts)}, found: {outcomes}."


def gathered(facts: Facts) -> str:
    """When the captures were made, in words."""
    if facts.first_retrieved and facts.last_retrieved:
        first, last = facts.first_retrieved[:10], facts.last_retrieved[:10]
        return f"from {first} to {last}, as far as their times are known"
    return "at unknown times"
