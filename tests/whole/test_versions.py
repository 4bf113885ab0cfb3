"""The builder's version rises with what it makes."""

from __future__ import annotations

import tomllib

import versions
from microfiche.about import VERSION

HOW = f"""schemas, descriptions or readings are not those noted for version {VERSION}.
If that version has landed, on main or elsewhere that others build with: copy dist/gazette as it was to tests/releases/{VERSION}/, raise the
version in about.py, pyproject.toml and CITATION.cff, and run `make gazette`. Then put the line that
`python tests/builders/versions.py` prints into tests/releases/versions.toml."""


def test_the_version_is_noted_with_what_it_makes() -> None:
    """Schemas, descriptions and readings of the Gazette are those noted for this version."""
    noted = tomllib.loads(versions.NOTED.read_text("utf-8"))
    assert noted.get(VERSION) == versions.digest(), HOW
    assert max(noted, key=lambda each: tuple(map(int, each.split(".")))) == VERSION


def test_earlier_versions_are_kept() -> None:
    """Every version that is noted but for this one has its example releases kept."""
    noted = tomllib.loads(versions.NOTED.read_text("utf-8"))
    kept = {path.name for path in versions.NOTED.parent.iterdir() if path.is_dir()}
    assert kept == noted.keys() - {VERSION}
