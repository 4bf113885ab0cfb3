"""Which outlet a host, or a text, is of: the outlets of an archive or of the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from microfiche.outlets.outlet import Domain, Outlet
from microfiche.text import loosely


class Outlets:
    """All outlets of an archive, by id and by host."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self.by_id = {entry["id"]: Outlet(entry) for entry in entries}
        self._by_host: dict[str, list[tuple[Outlet, Domain]]] = {}
        self._by_name: dict[str, set[str]] = {}
        for outlet in self.by_id.values():
            for name in (outlet.entry["name"], *outlet.entry.get("other_names", ())):
                self._by_name.setdefault(loosely(name), set()).add(outlet.id)
            for domain in outlet.domains:
                self._by_host.setdefault(domain.host, []).append((outlet, domain))

    def at(self, host: str, day: str | None) -> tuple[Outlet, Domain] | None:
        """Outlet and domain of a host on a day (YYYY-MM-DD); `www.` is looked through.

        A host that one outlet claims is that outlet's on every day: validity decides only
        between several claims.
        """
        claims = self._claims(host)
        if len(claims) == 1:
            return claims[0]
        if day:
            claims = [claim for claim in claims if claim[1].span.holds(day)] or claims
        owners = {outlet.id for outlet, _ in claims}
        return claims[-1] if len(owners) == 1 else None

    def _claims(self, host: str) -> list[tuple[Outlet, Domain]]:
        return self._by_host.get(host) or self._by_host.get(host.removeprefix("www."), [])

    def named(self, name: str) -> Outlet | None:
        """The one outlet that is called so, by its own name or another; None if none or several."""
        found = self._by_name.get(loosely(name), set())
        return self.by_id[next(iter(found))] if len(found) == 1 else None

    def called(self, name: str) -> list[str]:
        """The ids of all outlets that are called so."""
        return sorted(self._by_name.get(loosely(name), ()))

    def recognise(self, lines: Iterable[str]) -> Outlet | None:
        """The one outlet whose identifying boilerplate stands in the lines; None if no one's.

        Most different rules matched wins; two outlets with equally many are no recognition.
        """
        folded = [(line, loosely(line)) for line in lines if line]
        scores = sorted(
            (_identifying_matches(outlet, folded), outlet_id)
            for outlet_id, outlet in self.by_id.items()
        )
        best = [score for score in scores if score[0] and score[0] == scores[-1][0]]
        return self.by_id[best[0][1]] if len(best) == 1 else None

    def conflicts(self) -> list[tuple[str, str, str]]:
        """(host, outlet id, outlet id) for every host that two outlets claim at one time."""
        return [
            (host, first.id, second.id)
            for host, claims in sorted(self._by_host.items())
            for index, (first, one) in enumerate(claims)
            for second, other in claims[index + 1 :]
            if first.id != second.id and one.span.overlaps(other.span)
        ]


def _identifying_matches(outlet: Outlet, lines: list[tuple[str, str]]) -> int:
    return sum(
        any(rule.matches(*line) for line in lines) for rule in outlet.boilerplate if rule.identifies
    )
