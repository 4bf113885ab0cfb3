"""The files of a release that describe it: each a pure function of one manifest and the facts.

Owns the card, the datasheet, the changes and the citations, and what machines read of a release
(`croissant`, `rocrate`, `datacite`). `facts` measures the rows, `claims` has the sentences that are
said of them, `view` shows one article, `pages` lists every file. Plain YAML, JSON and Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
BLOCK = re.compile(
    r"^<!-- microfiche:begin (?P<name>[a-z-]+) -->\n.*?^<!-- microfiche:end (?P=name) -->$",
    re.MULTILINE | re.DOTALL,
)
# Marks that make a reader see characters in another order than they stand in.
OVERRIDES = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


def block(name: str, body: str) -> str:
    """A generated part of a hand-written page, between its markers."""
    return f"<!-- microfiche:begin {name} -->\n{body.rstrip()}\n<!-- microfiche:end {name} -->"


def fill_blocks(page: str, blocks: Mapping[str, str]) -> tuple[str, set[str]]:
    """(page with its known blocks filled in, names of those it had)."""
    seen: set[str] = set()

    def filled(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in blocks:
            return ""  # no block of this name is generated; validation says so
        seen.add(name)
        return block(name, blocks[name])

    return BLOCK.sub(filled, page.replace("\r\n", "\n")), seen


class _NoAliases(yaml.SafeDumper):
    """Writes every value out: a reader may refuse aliases, which can expand without bound."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - yaml's signature
        """Never an alias."""
        return True


def yaml_page(value: Mapping[str, object], width: int) -> str:
    """A YAML document in the order of its keys."""
    page = yaml.dump(value, Dumper=_NoAliases, sort_keys=False, allow_unicode=True, width=width)
    return str(page)


def read_yaml(text: str) -> Any:
    """A YAML document that has no aliases. Raises ValueError for one that has, yaml.YAMLError."""
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, LOADER)):
        raise ValueError("YAML aliases, which no release has")
    return yaml.load(text, LOADER)  # noqa: S506 - a safe loader, in C where there is one


def counted(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def plain(value: object) -> str:
    """A value from data as Markdown text: one line, no markup of its own, no HTML."""
    flat = " ".join(OVERRIDES.sub("", str(value)).split())
    return MARKUP.sub(r"\\\1", flat).replace("\\<", "&lt;").replace("\\>", "&gt;")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
