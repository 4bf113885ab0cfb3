"""Which outlet a host, or a text, is of: the outlets of an archive or of the registry."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson

from microfiche.fixity import sha256_hex
from microfiche.outlets.outlet import Domain, Outlet
from microfiche.text import loosely


@dataclass
class Asked:
    """What was asked of a book of outlets: hosts, names, ids; whether lines were to be recognised.

    Whoever asked would have been told the same by another book with the same `answers`.
    """

    hosts: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    lines: bool = False

    def as_json(self) -> dict[str, Any]:
        """For `Asked(**…)`, in order."""
        held = {"hosts": self.hosts, "names": self.names, "ids": self.ids}
        return {name: sorted(each) for name, each in held.items()} | {"lines": self.lines}


class Outlets:
    """All outlets of an archive, by id and by host."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self.by_id = {entry["id"]: Outlet(entry) for entry in entries}
        self._asked = threading.local()
        self._by_host: dict[str, list[tuple[Outlet, Domain]]] = {}
        self._by_name: dict[str, set[str]] = {}
        for outlet in self.by_id.values():
            for name in (outlet.entry["name"], *outlet.entry.get("other_names", ())):
                self._by_name.setdefault(loosely(name), set()).add(outlet.id)
            for domain in outlet.domains:
                self._by_host.setdefault(domain.host, []).append((outlet, domain))

    @property
    def asked(self) -> Asked:
        """What this thread has asked since it last set it."""
        held: Asked | None = getattr(self._asked, "held", None)
        if held is None:
            held = self._asked.held = Asked()
        return held

    @asked.setter
    def asked(self, held: Asked) -> None:
        self._asked.held = held

    def known(self, outlet_id: str) -> Outlet | None:
        """The outlet with an id; None if there is none."""
        self.asked.ids.add(outlet_id)
        return self.by_id.get(outlet_id)

    def at(self, host: str, day: str | None) -> tuple[Outlet, Domain] | None:
        """Outlet and domain of a host on a day (YYYY-MM-DD); `www.` is looked through.

        A host that one outlet claims is that outlet's on every day: validity decides only
        between several claims.
        """
        self.asked.hosts.add(host)
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
        self.asked.names.add(name)
        found = self._by_name.get(loosely(name), set())
        return self.by_id[next(iter(found))] if len(found) == 1 else None

    def called(self, name: str) -> list[str]:
        """The ids of all outlets that are called so."""
        self.asked.names.add(name)
        return sorted(self._by_name.get(loosely(name), ()))

    def recognise(self, lines: Iterable[str]) -> Outlet | None:
        """The one outlet whose identifying boilerplate stands in the lines; None if no one's.

        Most different rules matched wins; two outlets with equally many are no recognition.
        """
        self.asked.lines = True
        folded = [(line, loosely(line)) for line in lines if line]
        scores = sorted(
            (_identifying_matches(outlet, folded), outlet_id)
            for outlet_id, outlet in self.by_id.items()
        )
        best = [score for score in scores if score[0] and score[0] == scores[-1][0]]
        if len(best) != 1:
            return None
        return self.known(best[0][1])

    def answers(self, asked: Asked) -> dict[str, Any]:
        """What decides how all that is answered: whose it is, and the files of these outlets."""
        hosts = {host: [outlet.id for outlet, _ in self._claims(host)] for host in asked.hosts}
        names = {name: sorted(self._by_name.get(loosely(name), ())) for name in asked.names}
        ids = {*asked.ids, *chain(*hosts.values()), *chain(*names.values())}
        files = {each: self._digests[each] for each in ids if each in self.by_id}
        rules = self._identifying if asked.lines else ""
        return {"hosts": hosts, "names": names, "files": files, "identifying": rules}

    @functools.cached_property
    def _digests(self) -> dict[str, str]:
        return {own: sha256_hex(orjson.dumps(each.entry)) for own, each in self.by_id.items()}

    @functools.cached_property
    def _identifying(self) -> str:
        """Digest of all that texts are recognised by."""
        rules = [
            (own, [rule for rule in each.entry.get("boilerplate", ()) if rule.get("identifies")])
            for own, each in self.by_id.items()
        ]
        return sha256_hex(orjson.dumps([each for each in rules if each[1]]))

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
