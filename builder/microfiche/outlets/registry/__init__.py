"""The known outlets that ship with the package, one file each beside this one."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping

from microfiche.documents import toml_data
from microfiche.outlets.lookup import Outlets


@functools.cache
def registry() -> Mapping[str, str]:
    """The known outlets that ship with the package: outlet file text by id."""
    folder = importlib.resources.files("microfiche.outlets.registry")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".toml")
    }


@functools.cache
def known_outlets() -> Outlets:
    """The registry, parsed."""
    return Outlets(toml_data(text) for text in registry().values())
