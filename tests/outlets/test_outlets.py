"""Outlet files: patterns, selectors, hosts, and the registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Run
from microfiche.library import open_archive
from microfiche.outlets.outlet import Outlet
from microfiche.outlets.registry import known_outlets
from microfiche.url import Address


def test_native_ids_in_addresses() -> None:
    """With named groups and without, optional ids, several patterns, and patterns of one site."""
    urls = [
        {"pattern": "^/(?P<year>[0-9]{4})/(?P<id>[0-9]+)?", "prefix": "d"},
        {"pattern": "^/(news|sport)/(?P<id>[a-z]+)"},
        {"pattern": "^/[0-9]{4}/[^/]*/(?P<id>[a-z0-9]+)$", "prefix": "late"},
        {"pattern": "(?P<id>[0-9]+)$", "site": "fr"},
        {"pattern": "^/(?P<year>[0-9]{4})"},
    ]
    held = Outlet({"id": "courier", "name": "The Courier", "urls": urls})
    paths = ["/2024/7", "/2024/x/a7", "/news/fire/7", "/sport/7", "/7", "/", "/2024//8b"]
    addresses = [Address("https", "courier.example", path, "") for path in paths]
    found = {site: [held.native_id(each, site) for each in addresses] for site in ("main", "fr")}
    assert found["main"] == ["d-7", "late-a7", "n-fire", None, None, None, "late-8b"]
    assert found["fr"] == ["d-7", "late-a7", "n-fire", "n-7", "n-7", None, "late-8b"]


@pytest.mark.parametrize(
    "css", ["svg|p", "p[foo|bar]", "p ~ p", "p + p", "p:nth-child(2)", "p:last-child", "p:has("]
)
def test_selectors_that_cannot_be_read_or_bounded_are_findings(archive: Path, css: str) -> None:
    """Neither a traceback nor an hour: MF205 names the selector."""
    entry = f'id = "other"\nname = "Other"\n[[selectors]]\nfield = "text"\ncss = "{css}"\n'
    (archive / "raw" / "outlets" / "other.toml").write_text(entry)
    assert [finding.code for finding in open_archive(archive).findings] == ["MF205"]


def test_registry_states_a_source_for_every_fact() -> None:
    """Each domain and event has its source, and each other fact one in `sources`."""
    facts = {"other_names", "languages", "parent_organisation", "country", "time_zone"}
    for outlet in known_outlets().by_id.values():
        entry = outlet.entry
        sourced = {item["field"] for item in entry.get("sources", ())}
        assert facts & entry.keys() <= sourced, outlet.id
        assert all(domain["source"] for domain in entry.get("domains", ()))
        assert all(event["source"] for event in entry.get("events", ()))
        assert "wikidata_qid" not in entry


def test_outlet_faults_write_nothing(archive: Path, run: Run) -> None:
    """Exit 3, the file and place named, no release and no temporary folder."""
    other = archive / "raw" / "outlets" / "other.toml"
    other.write_text(
        'id = "other"\nname = "O"\n[[domains]]\nhost = "courier.example"\nrole = "mirror"\n'
    )
    done = run("build", archive)
    assert done.returncode == 3
    assert "raw/outlets/other.toml: /domains: error MF202" in done.stderr
    assert not (archive / "dist").exists()
