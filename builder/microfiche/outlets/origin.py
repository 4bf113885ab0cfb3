"""Where an address or a capture comes from: its outlet, and how that is known."""

from __future__ import annotations

from typing import NamedTuple

from microfiche.outlets.lookup import Outlets
from microfiche.outlets.outlet import Domain, Outlet
from microfiche.url import Address, read_address


class Origin(NamedTuple):
    """Where a capture comes from, as far as it is known.

    `outlet_source` is how the outlet is known: stated, host, publication, canonical or boilerplate.
    """

    address: Address | None
    outlet: Outlet | None
    outlet_source: str | None
    domain: Domain | None

    @property
    def site(self) -> str:
        """Site of the host; a host the outlet file does not name is a site of its own."""
        if self.domain:
            return self.domain.site
        return self.address.host if self.address else "main"

    @property
    def url(self) -> str | None:
        """The address on the canonical host of its site; None without address or outlet."""
        if self.address is None or self.outlet is None:
            return None
        host = self.outlet.canonical_host(self.domain.site) if self.domain else None
        return str(self.address.on(host) if host else self.address)


def read_origin(
    outlets: Outlets,
    address: Address | None,
    day: str | None,
    stated: str | None,
    publication: str | None = None,
) -> Origin:
    """The origin by what is stated: the outlet with the id `stated`, else the host's on a day.

    Else the one that is called as the `publication` is.

    Without an outlet, none of that id is known, or nothing is stated and the host is nobody's.
    """
    claim = outlets.at(address.host, day) if address else None
    if stated:
        outlet = outlets.known(stated)
        if outlet is None:
            return Origin(address, None, None, None)
        return Origin(address, outlet, "stated", claim[1] if claim and claim[0] is outlet else None)
    if claim:
        return Origin(address, claim[0], "host", claim[1])
    named = outlets.named(publication) if publication else None
    return Origin(address, named, "publication" if named else None, None)


def address_origin(outlets: Outlets, url: str, outlet_id: str | None = None) -> Origin | None:
    """Where an address leads, by its host or, failing that, by the outlet stated; None if none."""
    address = read_address(url)
    if address is None:
        return None
    claim = outlets.at(address.host, None)
    if claim and outlet_id in (None, claim[0].id):
        return Origin(address, claim[0], "host", claim[1])
    return Origin(address, outlets.known(outlet_id or ""), None, None)
