"""What an outlet's own rules say of lines: where its articles begin and end, how it writes days."""

from __future__ import annotations

from collections.abc import Sequence

from microfiche.dates import Stated
from microfiche.dates.printed import read_date_lines
from microfiche.outlets.outlet import Outlet

FORM = "the outlet's form of dates"
LONGEST = 500  # letters of a line that is asked


def article_span(lines: Sequence[str], outlet: Outlet) -> tuple[int, int]:
    """(place of the first line that may be the article's, place behind the last)."""
    first = 0
    for place, line in enumerate(lines) if outlet.begins_after else ():
        if any(each.fullmatch(line[:LONGEST]) for each in outlet.begins_after):
            first = place + 1
            break
    for place in range(first, len(lines)) if outlet.ends_before else ():
        if any(each.fullmatch(lines[place][:LONGEST]) for each in outlet.ends_before):
            return first, place
    return first, len(lines)


def dated_by_form(line: str, outlet: Outlet) -> Stated | None:
    """The day of publication that a line states in a form of the outlet's; None without one."""
    for form in outlet.date_forms:
        match = form.search(line[:LONGEST])
        if match is None:
            continue
        groups = {name: value for name, value in match.groupdict().items() if value}
        written = groups.get("date") or _written(groups)
        found = read_date_lines(written, outlet.zone, order=outlet.order) if written else []
        if found:
            return found[0].stated._replace(stated=match.group(0))
    return None


def _written(groups: dict[str, str]) -> str | None:
    """A date of its parts, as one that is read everywhere; None if a part is missing."""
    year, month, day = (groups.get(name, "").strip() for name in ("year", "month", "day"))
    if not (year and month and day):
        return None
    date = f"{year}-{month:0>2}-{day:0>2}" if month.isdecimal() else f"{day} {month} {year}"
    clock = (groups.get("hour"), groups.get("minute"))
    return f"{date} {clock[0]:0>2}:{clock[1]:0>2}" if all(clock) else date
